"""The page "Churn drivers": its numbers against the book's, findings small enough to be read, and what it lacks."""

import json
import re
import subprocess
import sys
from functools import partial
from math import log

import pandas as pd
import pytest
from findings_of_churn import CHECK, COHORTS, FINDINGS, LIFETIME, LIST, RISK, drivers, risk, term
from speaking import unsaid

import kpilib
from kpilib.errors import CannotAnswer, UnknownName
from kpilib.figures import churn
from kpilib.model.dimensions import DIMENSIONS
from kpilib.show import Page, View, offered, tables
from kpilib.show.charts.plot import Nothing

FIGURES = {
    "definitions": churn.definitions,
    "rankings": partial(churn.rankings, by="segment"),
    "trend": partial(churn.trend, grain="quarter"),
    "quarters": churn.quarters,
    "breakdown": churn.breakdown,
    "cohorts": churn.cohorts,
    "curves": churn.curves,
    "drivers": churn.drivers,
    "checks": churn.checks,
    "at_risk": churn.at_risk,
    "lifetime_value": churn.lifetime_value,
}
KEPT = {
    "cohorts": "cohorts", "curves": "retention_curves", "drivers": "churn_drivers", "checks": "churn_check",
    "at_risk": "churn_risk", "lifetime_value": "lifetime",
}  # fmt: skip
#: The four definitions of one company: at the start, acquired, lost of the old, lost of the new.
WORKED = (1000, 500, 120, 100)


def lives(segment, opening, acquired, lost, gone, since="2024-03-10"):
    """So many customers of a segment there when 2026 begins, so many acquired in February; some of each leave in it."""
    day = {"name": None, "segment": segment, "region": "Corse", "owner_id": "s1"}
    rows = [(since, "2026-01-20")] * lost + [(since, None)] * (opening - lost)
    rows += [("2026-02-05", "2026-05-10")] * gone + [("2026-02-05", None)] * (acquired - gone)
    return [
        {**day, "customer_id": f"{segment}{at}", "name": f"{segment} {at}", "acquired_on": a, "churned_on": b}
        for at, (a, b) in enumerate(rows)
    ]


def firm(*rows, **tables):
    people = pd.DataFrame({"owner_id": ["s1"], "owner": ["Ada"], "team": ["A"]})
    given = {"customers": pd.DataFrame([one for part in rows for one in part]), "salespeople": people, **tables}
    return kpilib.open(given, as_of="2026-06-30")


@pytest.fixture(scope="module")
def worked():
    return firm(lives("SMB", *WORKED))


@pytest.fixture(scope="module")
def book():
    """Two families; SMB grows so fast that it looks better than Key by one definition and worse by another."""
    made = firm(lives("SMB", 100, 200, 12, 10), lives("Key", 100, 0, 11, 0))
    made.__dict__["_findings"] = dict(FINDINGS)
    return made


@pytest.fixture(scope="module")
def view(book):
    return View(book, {}, "2026-01", "2026-06")


def told(book, view, **findings):
    """The same view of a book with other findings."""
    other = kpilib.book.Book(book.about, book._connect, book.cubes)
    other.__dict__["_findings"] = {**FINDINGS, **findings}
    return View(other, dict(view.where), view.since, view.until)


# --- the four definitions ---------------------------------------------------------------------------------------


def test_one_company_has_four_churn_rates(worked):
    drawn = churn.definitions(View(worked, {}, "2026-01", "2026-06"))
    table = drawn.table.set_index("Definition")
    assert table["Its value"].to_dict() == {
        "Churn rate": "12.0%", "Churn over the average stock": "19.3%", "Churn of all seen": "14.7%",
        "All lost over the opening stock": "22.0%",
    }  # fmt: skip
    assert table[["Above", "Below"]].to_numpy().tolist() == [
        ["120", "1,000"], ["220", "1,140"], ["220", "1,500"], ["220", "1,000"],
    ]  # fmt: skip
    assert drawn.finding.startswith(
        "By its main definition the churn rate is 12.0%; its 4 definitions go from 12.0% (churn rate) to 22.0% (all "
        "lost over the opening stock)."
    )


def test_the_dashed_line_of_the_definitions_is_the_main_one(worked):
    chart = churn.definitions(View(worked, {}, "2026-01", "2026-06")).chart
    assert chart.data["at"] == [{"value": pytest.approx(0.12)}]
    assert len(chart.signals["terms"]) == 4


def test_where_definitions_disagree_on_the_change_the_page_warns():
    # A half-year and that of the year before: 10 of 110 lost, then 11 of 100. Of all seen, 10 of 110, then 11 of 300.
    gone = ["2024-12-10", *["2025-03-10"] * 10]
    early = [{**lives("SMB", 1, 0, 0, 0)[0], "customer_id": f"e{at}", "churned_on": day} for at, day in enumerate(gone)]
    drawn = churn.definitions(View(firm(lives("SMB", 100, 200, 11, 0), early), {}, "2026-01", "2026-06"))
    assert "Beware: whether it got better depends on the definition" in drawn.finding
    table = drawn.table.set_index("Definition")
    assert table.loc["Churn rate", ["Its value", "The window before", "Against it"]].tolist() == [
        "11.0%",
        "9.1%",
        "worse",
    ]
    assert table.loc["Churn of all seen", "Against it"] == "better"


def test_where_definitions_disagree_on_who_is_best_the_page_warns(view):
    # Of those at the start SMB lost 12%, Key 11%; of all seen SMB 22 of 300, Key 11 of 100.
    drawn = churn.rankings(view)
    assert drawn.finding.startswith(
        "Beware: who stands first depends on the definition of the churn rate: Key by churn"
    )
    best = drawn.table.set_index("Definition")["Best"]
    assert (best["Churn rate"], best["Churn of all seen"]) == ("Key", "SMB")


def test_where_definitions_agree_on_who_is_best_the_page_says_so():
    same = firm(lives("SMB", 100, 0, 30, 0), lives("Key", 100, 0, 5, 0))
    said = churn.rankings(View(same, {}, "2026-01", "2026-06")).finding
    assert said == "Key stands first by each of the 4 definitions of the churn rate."


# --- against the book -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", churn.BY)
def test_the_rate_of_each_group_is_the_books_own(demo, by):
    year = View(demo, {}, "2025-07", "2026-06")
    drawn = churn.breakdown(year, by)
    table = drawn.table.set_index(drawn.table.columns[0])
    answer = demo.kpi("churn_rate", by=by, since="2025-07", until="2026-06").set_index("group")
    assert table["Churn rate"].dropna().to_dict() == pytest.approx(answer["value"].dropna().to_dict())
    assert drawn.rows == answer["denominator"].sum()


@pytest.mark.parametrize("measure", churn.MEASURES)
def test_the_trend_is_the_books_own_month_by_month(demo, measure):
    drawn = churn.trend(View(demo, {}, "2025-07", "2026-06"), measure)
    key = churn.MEASURES[measure]
    answer = demo.kpi(key, period="month", since="2025-07", until="2026-06")
    assert drawn.table.iloc[:, 1].tolist() == pytest.approx(answer["value"].tolist())
    assert drawn.drill == {"kpi": key, "field": "period"}


def test_the_quarters_go_back_to_the_first_of_the_data(demo):
    table = churn.quarters(View(demo, {}, "2026-05", "2026-06")).table
    assert (table["Period"].iloc[0], len(table)) == ("2023Q3", 12)


def test_a_chart_through_time_marks_what_happened(demo):
    drawn = churn.quarters(View(demo))
    assert {mark["period"] for mark in drawn.chart.data["marks"]} <= set(drawn.table["Period"])
    assert drawn.chart.data["marks"]
    assert "Price rise" in drawn.note


def test_a_measure_that_does_not_exist_is_answered_with_the_closest_one(view):
    with pytest.raises(UnknownName, match="Did you mean 'Churn rate'"):
        churn.trend(view, "Churn rates")
    with pytest.raises(UnknownName, match="Did you mean 'Risk of leaving'"):
        churn.at_risk(view, "Risk of leavin")


def test_the_page_offers_no_filter_that_its_figures_do_not_know(demo):
    page = Page(demo, when="churned_on")
    assert set(page.filters.members) == {"segment", "industry", "region", "owner"}
    assert offered(demo, churn.BY, "customer_lives") == list(churn.BY)


# --- what goes with leaving -------------------------------------------------------------------------------------


def test_what_is_in_our_hands_is_told_before_what_is_not_and_only_what_is_beyond_chance(view):
    said = churn.drivers(view).finding
    assert said.startswith(
        "2 things in our hands go with leaving beyond chance in both models: last score 5 or less ×3.00 (2.70 to "
        "3.30) and serious incident, each ×1.40 (1.26 to 1.54). Beyond our hands: "
    )
    assert "Enterprise against SMB ×0.50 (0.45 to 0.55)" in said
    assert "slow answer" not in said


def test_both_models_stand_side_by_side_under_what_can_and_what_cannot_be_changed(view):
    chart = churn.drivers(view).chart
    assert chart.signals["terms"] == [
        "What we can act on", "Last score 5 or less", "Serious incident, each", "Slow answer",
        "What we cannot change", "New owner of the firm", "Enterprise against SMB",
    ]  # fmt: skip
    first = [row for row in chart.data["rows"] if row["line"] == 1]
    assert [row["series"] for row in first] == [0, 1]
    assert first[0]["value"] == pytest.approx(log(3))


def test_levels_of_long_lists_are_in_the_table_only(view):
    drawn = churn.drivers(view)
    assert "Bretagne against Corse" in drawn.table["Driver"].tolist()
    assert "Bretagne against Corse" not in drawn.chart.signals["terms"]


def test_a_driver_is_never_said_to_be_a_cause(view):
    note = churn.drivers(view).note
    assert "These are associations: none is proved to cause leaving" in note
    assert "The effect changes in time for Bretagne against Corse" in note
    assert "Left out: ticket, each: these data lack the table that it needs; paid 30 days later: tells those" in note


def test_all_levels_of_a_dimension_are_judged_together(view):
    said = churn.drivers(view).finding
    assert "The risk also differs by customer family." in said
    assert "Chance explains how it differs by region, the rest alike." in said
    # One level of a dimension that does not differ as a whole is not told as a discovery.
    assert "Bretagne" not in said


def test_where_nothing_goes_with_leaving_the_page_says_nothing_more(book, view):
    none = drivers(term("below", True, 1.2, False), term("new_owner", False, 0.9, False), warnings=["few_events"])
    drawn = churn.drivers(told(book, view, churn_drivers=none))
    assert drawn.finding.startswith("None of the 2 drivers goes with leaving beyond chance in both models")
    assert "fewer than ten departures" in drawn.note


def test_a_model_that_beats_the_base_rate_says_by_how_much(view):
    drawn = churn.checks(view)
    assert "beats the base rate" in drawn.finding
    assert "64.5% of the cases (61.2% to 67.9%)" in drawn.finding
    assert "Brier score: 0.0295, against 0.0298" in drawn.note
    assert drawn.table["Left"].tolist() == [0.011, 0.07]


def test_a_model_that_does_not_beat_the_base_rate_says_so_and_warns_at_the_list(book, view):
    poor = told(book, view, churn_check={**CHECK, "beats_base": False})
    assert "does not beat the base rate" in churn.checks(poor).finding
    assert "Do not rank customers by it" in churn.checks(poor).finding
    assert "Beware: on held-out months" in churn.at_risk(poor).note
    assert "Beware" not in churn.at_risk(told(book, view)).note


# --- whom to call -----------------------------------------------------------------------------------------------


def test_the_list_puts_first_what_is_at_stake_or_the_risk(view):
    assert churn.at_risk(view).table["Customer"].tolist() == ["Beta", "Alpha", "Gamma"]
    assert churn.at_risk(view, "Risk of leaving").table["Customer"].tolist() == ["Alpha", "Beta", "Gamma"]


def test_what_is_at_stake_is_the_risk_times_the_revenue(view):
    drawn = churn.at_risk(view)
    assert drawn.table["At stake"].tolist() == pytest.approx([900, 200, 5])
    assert drawn.finding == (
        "Of 3 active customers about 0 are expected to leave within 3 months; of their yearly revenue of 10.5K, 1,105 "
        "is at stake."
    )


def test_a_reason_says_its_value_and_its_exact_factor_and_one_that_chance_explains_is_left_out(view):
    reasons = churn.at_risk(view).table.set_index("Customer")["Reasons"]
    assert reasons["Alpha"] == "last score 5 or less (×2.40)"  # exp(0.875…); the region is not beyond chance
    assert reasons["Beta"] == "serious incidents: 2 (×2.00)"  # nor is the slow answer
    assert reasons["Gamma"] == "none beyond chance"


def test_without_a_model_to_judge_them_all_reasons_are_given(book, view):
    alone = told(book, view, churn_drivers={"cannot": "too_few_events", "events": 3})
    reasons = churn.at_risk(alone).table.set_index("Customer")["Reasons"]
    assert reasons["Alpha"] == "last score 5 or less (×2.40); region Bretagne (×1.22)"


def test_the_filters_narrow_the_list_and_the_sentence(view):
    key = churn.at_risk(view.but(where={"segment": ["Key"]}))
    assert key.table["Customer"].tolist() == ["Beta", "Gamma"]
    assert key.rows == 2
    assert "Of 2 active customers" in key.finding
    assert key.slice.startswith("Customer family Key")
    with pytest.raises(Nothing):
        churn.at_risk(
            told(
                view.book,
                view.but(where={"segment": ["SMB"]}),
                churn_risk={**RISK, "list": LIST.query("segment == 'Key'")},
            )
        )


def test_a_long_list_is_cut_and_says_so(book, view):
    many = pd.DataFrame([risk(f"C{at}", "SMB", 0.1, 100.0 + at) for at in range(40)])
    drawn = churn.at_risk(told(book, view, churn_risk={**RISK, "list": many}))
    assert len(drawn.table) == 15
    assert drawn.rows == 40
    assert "The first 15 are listed" in drawn.note
    assert "The first 10 of the list carry" in drawn.finding


# --- how long they stay, what they are worth ----------------------------------------------------------------------


def test_cohorts_are_compared_after_a_year_with_their_intervals(view):
    drawn = churn.cohorts(view)
    assert drawn.finding == (
        "Of the 40 customers who came in 2024Q1, 95.0% were still there after a year (90.0% to 100.0%); of the 30 of "
        "2024Q2, 70.0% (65.0% to 75.0%): more apart than chance explains."
    )
    assert drawn.rows == 70
    table = drawn.table.set_index("Cohort")
    assert table.loc["2024Q2"].tolist() == ["30", "80.0%", "70.0%", "75.0% (not all)"]


def test_cohorts_whose_intervals_overlap_are_not_said_to_differ(book, view):
    near = COHORTS["cells"].assign(low=0.5, high=1.0)
    said = churn.cohorts(told(book, view, cohorts={**COHORTS, "cells": near})).finding
    assert said.endswith("70.0% (50.0% to 100.0%): no difference beyond chance.")


def test_cohorts_that_have_not_lived_a_year_are_not_compared(book, view):
    young = {**COHORTS, "cells": COHORTS["cells"].query("months < 12")}
    assert churn.cohorts(told(book, view, cohorts=young)).finding.startswith("No cohort has lived a whole year")


def test_curves_that_differ_are_said_to_and_those_that_do_not_are_not(view):
    said = churn.curves(view).finding
    assert said.startswith("After a year 96.0% of Key are still customers (94.0% to 98.0%), 85.0% of SMB")
    assert "differ by more than chance (log-rank test" in said
    assert "Chance explains how the curves of the 2 groups differ (log-rank test, q = 0.70)." in (
        churn.curves(view, "team").finding
    )


def test_a_group_too_small_for_a_curve_is_in_the_table_only(view):
    drawn = churn.curves(view, "team")
    assert drawn.chart.signals["names"] == ["A", "B"]
    assert drawn.table["Team"].tolist() == ["A", "B", "C"]
    assert "1 smaller group is in the table only." in drawn.note
    assert drawn.table["95% interval"].tolist()[-1] == "–"


def test_half_of_a_group_that_has_not_left_is_no_number(view):
    assert churn.curves(view).table["Half lost after"].tolist() == ["59 months", "not reached"]


def test_a_dimension_without_groups_enough_is_said_to_have_none(view):
    with pytest.raises(CannotAnswer, match="Retention by source needs two groups or more"):
        churn.curves(view, "source")


def test_the_value_of_a_customer_is_told_both_ways_with_its_discount(view):
    drawn = churn.lifetime_value(view)
    assert drawn.finding == (
        "A customer is worth 5,000 on average (4,500 to 5,500), 1.50M in all. Key are worth most, 11,000 each (9,900 "
        "to 12,100); SMB least, 2,000 (1,800 to 2,200)."
    )
    assert drawn.table["By purchases"].isna().tolist() == [False, False, True]
    assert "discounted at 10.0% a year" in drawn.note


def test_one_of_the_two_values_may_be_missing_and_the_reason_is_said(book, view):
    alone = told(book, view, lifetime={**LIFETIME, "purchases": {"cannot": "no_repeat"}})
    drawn = churn.lifetime_value(alone)
    assert "By purchases" not in drawn.table
    assert "No value “By purchases”: Too few customers have bought a second time" in drawn.note
    both = told(
        book, view, lifetime={**LIFETIME, "contractual": {"cannot": "no_churn"}, "purchases": {"cannot": "no_orders"}}
    )
    with pytest.raises(CannotAnswer, match="No customer has left"):
        churn.lifetime_value(both)


# --- what the data do not give ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reason", ["no_customers", "no_churn", "all_churned", "too_few_customers", "separation", "too_short"]
)
@pytest.mark.parametrize("name", KEPT)
def test_a_finding_that_cannot_be_made_is_a_sentence_in_its_figures_place(book, view, name, reason):
    lacking = told(book, view, **{KEPT[name]: {"cannot": reason, "n": 7, "need": 100}})
    figure = Page(lacking.book).figure("Why?", FIGURES[name])
    if name == "lifetime_value":
        assert isinstance(figure.error, CannotAnswer | KeyError)
    assert figure.finding == ""
    assert "Something went wrong" not in figure.html
    assert len(figure.why) > 30


COMPANIES = {
    "ten customers": lambda: firm(lives("SMB", 10, 0, 2, 0)),
    "nobody left": lambda: firm(lives("SMB", 300, 50, 0, 0)),
    "everybody left": lambda: firm(lives("SMB", 300, 0, 300, 0)),
    "one family": lambda: firm(lives("SMB", 300, 0, 30, 0)),
    "nobody yet": lambda: firm(lives("SMB", 0, 5, 0, 0)),
}


@pytest.mark.slow
@pytest.mark.parametrize("company", COMPANIES)
def test_a_company_that_has_too_little_reads_a_sentence_and_no_fault(company):
    page = Page(COMPANIES[company](), when="churned_on")
    for name, draw in FIGURES.items():
        figure = page.figure(name, draw)
        assert "Something went wrong" not in figure.html, name
        assert figure.plain.splitlines()[1], name


@pytest.mark.slow
def test_a_crm_without_departures_says_what_each_tile_and_figure_lacks(shared_data):
    page = Page(kpilib.open(shared_data / "maven_crm"), when="churned_on")
    assert "Something went wrong" not in page.tiles(churn.TILES).html
    for name, draw in FIGURES.items():
        figure = page.figure(name, draw)
        assert "Something went wrong" not in figure.html, name
        assert figure.finding == "", name
        assert figure.why, name


# --- the page -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_says_where_its_records_are(view, name):
    drill = FIGURES[name](view).drill
    assert drill["kpi"] in view.book.kpis
    assert drill["field"] in (None, "period", *DIMENSIONS)


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_of_the_demo_has_an_answer_and_says_what_it_is_of(demo, name):
    page = Page(demo, when="churned_on")
    figure = page.figure("A question?", FIGURES[name])
    page.choose(segment=["SMB", "Enterprise"])
    assert figure.error is None
    assert figure.finding
    narrowed = "Customer family Enterprise or SMB" in figure.plain
    assert narrowed == (name not in KEPT or name == "at_risk")
    assert narrowed or "the filters do not change it" in figure.plain


def test_nothing_is_fitted_and_no_database_opened_when_a_page_is_shown(demo, monkeypatch):
    for finding in KEPT.values():
        demo.finding(finding)
    fresh = kpilib.book.Book(demo.about, lambda: pytest.fail("opened the database"), demo.cubes)
    monkeypatch.setattr("kpilib.analysis.kept._estimate", lambda *_: pytest.fail("fitted a model"))
    for name, draw in FIGURES.items():
        assert draw(View(fresh, {"segment": ["SMB", "Enterprise"]}, "2025-07", "2026-06")).finding, name


@pytest.mark.slow
def test_the_page_imports_no_statistics(top, demo):
    for finding in KEPT.values():
        demo.finding(finding)
    code = (
        "import sys, kpilib; from kpilib.figures import churn;"
        "from kpilib.show import View; book = kpilib.open('data/demo');"
        "view = View(book, {}, '2025-07', '2026-06');"
        "[getattr(churn, name)(view) for name in ('definitions', 'trend', 'cohorts', 'curves', 'drivers', 'checks',"
        " 'at_risk', 'lifetime_value')];"
        "print(sorted({'scipy.stats', 'scipy.optimize', 'statsmodels', 'sklearn', 'duckdb'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, cwd=top, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_names_from_the_data_never_become_markup(book, view):
    hostile = pd.DataFrame([risk("<img src=x onerror=alert(1)>", "SMB", 0.5, 10.0)])
    page = Page(told(book, view, churn_risk={**RISK, "list": hostile}).book, when="churned_on")
    assert "<img" not in page.figure("q", churn.at_risk).html


# --- the reader's language ----------------------------------------------------------------------------------------


@pytest.fixture
def titles(monkeypatch):
    """What charts are given to call their axes; the charts themselves are not drawn."""
    said = []

    def chart(frame, *_, measure="", names=None, ages="", times="", foretold="", happened="", words=None, **__):
        said.extend(one for one in (measure, ages, *(names or {}).values()) if one)
        # These say their axes' messages themselves.
        said.extend(words.say(one) for one in (times, foretold, happened) if one)
        drawn = ("section", "group") if "period" not in frame else ()
        said.extend(str(one) for name in drawn if name in frame for one in frame[name])

    for place in ("show.charts.bars", "show.charts.pairs", "show.charts.line", "show.charts.reliability",
                  "figures.variants.forest", "figures.churn.leaving.forest", "figures.churn.worth.forest",
                  "figures.churn.staying.triangle", "figures.churn.staying.lasting"):  # fmt: skip
        monkeypatch.setattr(f"kpilib.{place}", chart)
    return said


MEMBERS = {
    "SMB", "Key", "Enterprise", "Bretagne", "Corse", "Alpha", "Beta", "Gamma", "Ada", "Bob", "A", "B", "C", "TestA",
    *(f"{year}Q{quarter}" for year in (2024, 2025, 2026) for quarter in range(1, 5)),
}  # fmt: skip


@pytest.mark.parametrize("name", FIGURES)
def test_every_text_of_a_figure_is_a_message(view, name, masked, titles):
    drawn = FIGURES[name](view)
    shown = tables.cells(drawn.table, view.words)
    for text in (drawn.finding, drawn.note, drawn.slice or view.text, *shown.names, *titles):
        assert unsaid(text, MEMBERS) == "", text
    for cell in (cell for row in shown.rows for cell in row):
        assert unsaid(cell, MEMBERS) == "", cell


# --- the notebook -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def notebook(top):
    return json.loads((top / "notebooks" / "04_churn_drivers.ipynb").read_text())


def test_the_notebook_talks_before_each_figure_in_few_words(notebook):
    for before, cell in zip(notebook["cells"], notebook["cells"][1:], strict=False):
        if (
            cell["cell_type"] == "code"
            and "page" in "".join(cell["source"])
            and "import kpilib" not in "".join(cell["source"])
        ):
            words = re.sub(r"^## .*\n+", "", "".join(before["source"])).split()
            assert before["cell_type"] == "markdown"
            assert 25 <= len(words) <= 75, " ".join(words[:8])


def test_no_cell_of_the_page_needs_what_a_laboratory_cell_made(notebook, top, monkeypatch):
    monkeypatch.setenv("KPILIB_DATA", str(top / "data" / "demo"))
    scope: dict = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and "lab" not in cell["metadata"].get("tags", []):
            exec(compile("".join(cell["source"]), "04_churn_drivers", "exec"), scope)
    page = scope["page"]
    assert [piece.error for piece in page.pieces.values() if piece is not page.filters] == [None] * (
        len(page.pieces) - 1
    )
    assert len(page.lists()) == 8
