"""The page "Satisfaction": its numbers against the book's and those counted by hand, and what it cannot say."""

import ast
import json
import re
import subprocess
import sys
from functools import partial

import numpy as np
import pandas as pd
import pytest
from speaking import unsaid

import kpilib
from kpilib.change import deeds
from kpilib.errors import CannotAnswer, UnknownName
from kpilib.figures import events, satisfaction, why
from kpilib.figures.satisfaction.questions import QUESTIONS, question
from kpilib.model.dimensions import NOT_GIVEN
from kpilib.show import Page, Slide, View, charts, offered, tables
from kpilib.show.charts.plot import Nothing
from kpilib.show.charts.render import svg
from kpilib.show.words import Words
from kpilib.stats import control
from kpilib.stats.intervals import wilson

NOTEBOOK = "notebooks/03_satisfaction.ipynb"
#: What the page draws of the slice in force, and what it draws of findings of the whole company.
COUNTED = {
    "score": satisfaction.score,
    "distribution": satisfaction.distribution,
    "split": satisfaction.split,
    "trend": satisfaction.trend,
    "responses": satisfaction.responses,
    "silent": satisfaction.silent,
    "care": satisfaction.care,
}
FOUND = {
    "reviews": satisfaction.reviews,
    "months": partial(satisfaction.reviews, shown="Months"),
    "payments": satisfaction.payments,
    "delay": partial(satisfaction.payments, measure="Mean delay"),
    "incidents": satisfaction.incidents,
    "after": satisfaction.after_a_ticket,
    "drivers": satisfaction.drivers,
    "importance": satisfaction.importance,
    "threshold": satisfaction.threshold,
    "below": satisfaction.below_now,
    "what_if": satisfaction.what_if,
    "customers": partial(satisfaction.what_if, moved=0.5, measure="Customers"),
}
FIGURES = COUNTED | FOUND


def frame(columns: str, *rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=columns.split())


def answers(name: str, customer: str, metric: str, scores, sent: str, product=None, service="Support", point="Help"):
    """One invitation a score; None is one who kept silent."""
    return [
        (f"{name}{i}", customer, product, metric, point, service, sent, None if s is None else sent, s)
        for i, s in enumerate(scores)
    ]


SURVEYS = frame(
    "response_id customer_id product_id metric touchpoint service sent_on answered_on score",
    *answers("a", "c1", "nps", (10, 9, 9, 8, 7, 6, 3, None, None, None, None, None), "2026-03-05", service="Billing"),
    *answers("b", "c2", "nps", (10, 10, 10, 9, 9, 9, 9, 9, 8, 8, None, None), "2026-04-05", service="Sales"),
    *answers("d", "c2", "csat", (5, 5, 4, 3, 1, None), "2026-04-06", product="p1"),
    *answers("e", "c3", "ces", (7, 6, 4, 2), "2026-05-06"),
)
COMPANY = {
    "customers": frame(
        "customer_id name segment region owner_id",
        ("c1", "<img src=x onerror=alert(1)>", "SMB", "North", "s1"),
        ("c2", "Beta", "SMB", "South", "s2"),
        ("c3", "Gamma", "Key", "South", "s2"),
    ),
    "salespeople": frame("owner_id owner team", ("s1", "Ann", "East"), ("s2", "Bob", "West")),
    "products": frame("product_id product category tier", ("p1", '=HYPERLINK("x")', "Door", 1)),
    "surveys": SURVEYS,
    "events": frame(
        "event_id happened_on event dimension member",
        ("e1", "2026-04-01", "Merger", "region", "North"),
        ("e2", "2026-04-01", "Merger", "region", "South"),
        ("e3", "2026-03-09", "Price rise", None, None),
    ),
}


@pytest.fixture(scope="module")
def book():
    return kpilib.open(COMPANY, as_of="2026-05-31")


@pytest.fixture(scope="module")
def view(book):
    return View(book)


@pytest.fixture
def found(book, monkeypatch):
    """A function that says what the book's findings are."""

    def say(**findings):
        monkeypatch.setattr(book, "finding", lambda name: findings.get(name, {"cannot": "no_surveys"}), raising=False)
        return View(book)

    return say


# --- counted by hand ----------------------------------------------------------------------------------------------


def test_the_score_of_each_group_is_that_of_its_answers(view):
    drawn = satisfaction.score(view)
    table = drawn.table.set_index("Service in contact")
    assert table["NPS"].to_dict() == {"Sales": pytest.approx(80), "Billing": pytest.approx(100 * (3 - 2) / 7)}
    assert (drawn.rows, drawn.drill) == (17, {"kpi": "nps", "field": "service"})
    assert drawn.finding.startswith("The NPS is 52.9 over 17 answers")
    assert "Only Sales has 10 answers or more: 80.0 over 10 answers" in drawn.finding


def test_the_spread_counts_every_score_of_the_scale(view):
    drawn = satisfaction.distribution(view)
    assert drawn.table["Answers"].tolist() == [0, 0, 0, 1, 0, 0, 1, 1, 3, 7, 4]
    assert drawn.table["Share"].sum() == pytest.approx(1)
    low, high = wilson(7, 17)
    assert drawn.table["95% interval"].tolist()[9] == f"{100 * low:.1f}% to {100 * high:.1f}%"
    assert (
        drawn.finding == "Of 17 answers 11.8% are detractors and 64.7% promoters. Most often they give 9 (41.2%); "
        "half of them give 9 or more."
    )


def test_the_parts_of_a_group_are_its_classes_and_make_up_the_whole(view):
    drawn = satisfaction.split(view)
    table = drawn.table.set_index("Service in contact")
    # Billing has fewer than ten answers: it stands last, and takes no part in the sentence.
    assert list(table.index) == ["Sales", "Billing"]
    assert table.loc["Billing"].tolist() == pytest.approx([2 / 7, 2 / 7, 3 / 7, 7])
    assert drawn.finding == "Only Sales has 10 answers or more: 0.0% of 10 answers (0.0% to 27.8%)."
    assert "drawn fainter" in drawn.note


def test_few_answers_tell_no_group_apart_by_its_unhappy():
    rows = [
        *answers("a", "c1", "nps", [2] * 4 + [9] * 6, "2026-03-05", service="Billing"),
        *answers("b", "c1", "nps", [2] + [9] * 9, "2026-03-05", service="Sales"),
    ]
    view = View(kpilib.open({"surveys": frame(" ".join(SURVEYS.columns), *rows)}, as_of="2026-03-31"))
    said = satisfaction.split(view).finding
    assert said.startswith("Billing has the highest share of detractors: 40.0% of 10 answers (16.8% to 68.7%)")
    assert said.endswith("the gap to Sales, the lowest (10.0%) is not distinguishable from chance.")


def test_a_share_of_the_unhappy_is_told_apart_where_chance_does_not_explain_it():
    rows = [
        *answers("a", "c1", "nps", [2] * 60 + [9] * 40, "2026-03-05", service="Billing"),
        *answers("b", "c1", "nps", [2] * 10 + [9] * 90, "2026-03-05", service="Sales"),
    ]
    view = View(kpilib.open({"surveys": frame(" ".join(SURVEYS.columns), *rows)}, as_of="2026-03-31"))
    assert "The gap of 50.0 points is more than chance explains" in satisfaction.split(view).finding


@pytest.mark.parametrize(("measure", "shares"), [("NPS", [2, 4, 11]), ("CSAT", [1, 1, 3]), ("CES", [1, 1, 2])])
def test_each_question_has_classes_of_its_own(view, measure, shares):
    drawn = satisfaction.split(view, measure, "metric")
    assert (drawn.table.iloc[0, 1:4] * sum(shares)).tolist() == pytest.approx(shares)


def test_classes_cover_their_scale_without_a_gap():
    for one in QUESTIONS.values():
        low, high = one.scale
        each = np.arange(low, high + 1)
        held = [one.classes[at] for at in one.class_of(each.astype(float))]
        assert [(held_.low <= score <= held_.high) for held_, score in zip(held, each, strict=True)] == [True] * len(
            each
        )


def test_what_the_silent_could_change_is_manskis_range_and_the_least_happy_cell(view):
    drawn = satisfaction.silent(view)
    table = drawn.table.set_index("If…")
    # 17 of 24 answered, promoters less detractors 11 − 2; the 7 silent all at one end, then at the other.
    assert table.loc["Whatever the silent say", "From, to"] == f"{100 * (9 - 7) / 24:.1f} to {100 * (9 + 7) / 24:.1f}"
    assert table.loc["The answers as they are", "Score"] == pytest.approx(100 * 9 / 17)
    assert drawn.finding.startswith("17 of 24 who were asked answered (70.8%). Their NPS is 52.9 (")
    # Billing has fewer than ten answers: no cell is the least happy of two.
    assert drawn.finding.endswith("it lies between 8.3 and 66.7; no two groups have answers enough to say more.")


def test_where_all_answered_nobody_is_silent(view):
    assert "All 4 who were asked answered" in satisfaction.silent(view, "CES").finding


def test_the_share_who_answer_is_the_books_own(view):
    drawn = satisfaction.responses(view, "service")
    table = drawn.table.set_index("Service in contact")["Response rate"]
    assert table.to_dict() == {"Sales": 10 / 12, "Billing": 7 / 12, "Support": 9 / 10}
    assert drawn.finding.startswith("The response rate is 76.5% of 34 invitations")


def test_few_months_have_no_limits_and_events_are_told_once_each(view):
    drawn = satisfaction.trend(view)
    assert drawn.finding == "NPS has 2 whole months here; limits need 12 or more."
    assert drawn.note == ("What happened meanwhile: 1: Price rise (2026-03-09); 2: Merger, North, South (2026-04-01).")
    assert drawn.chart.data["marks"] == [{"period": "2026-03", "said": "1"}, {"period": "2026-04", "said": "2"}]
    assert {point["lower"] for point in drawn.chart.data["points"]} == {None}


def test_an_event_of_members_that_the_filters_leave_out_is_not_shown(book):
    assert events.told(View(book, {"region": ["South"]}), ["2026-04"]) == (
        "What happened meanwhile: 1: Merger, South (2026-04-01)."
    )
    assert events.marks(View(book), ["2025-01"]) == []


def months(levels) -> dict[str, pd.DataFrame]:
    """Ten NPS answers a month: so many promoters, the rest detractors."""
    rows = []
    for at, promoters in enumerate(levels):
        day = f"{2024 + at // 12}-{at % 12 + 1:02d}-10"
        rows += answers(f"m{at}-", "c1", "nps", [9] * promoters + [2] * (10 - promoters), day)
    return {"surveys": frame(" ".join(SURVEYS.columns), *rows)}


def test_a_month_beyond_the_limits_is_a_diamond_and_named():
    levels = [5, 6, 5, 4, 5, 6, 5, 4, 5, 6, 5, 4, 5, 0]
    drawn = satisfaction.trend(View(kpilib.open(months(levels), as_of="2025-02-28")))
    limits = control.mean_chart([10] * 14, [2 * n - 10 for n in levels], [10] * 14)
    assert np.flatnonzero(limits.outside).tolist() == [13]
    assert [point["out"] for point in drawn.chart.data["points"]] == [False] * 13 + [True]
    assert drawn.finding == "About its level of −7.1, NPS went beyond the limits of chance in 2025-02."
    assert drawn.table["Signal"].tolist()[-1] == "beyond the limits"
    assert drawn.chart.data["points"][0]["upper"] == pytest.approx(100 * limits.high[0])


def test_noise_is_said_to_be_noise_and_an_unfinished_month_takes_no_part():
    levels = [5, 6, 5, 4, 5, 6, 5, 4, 5, 6, 5, 4, 0]
    drawn = satisfaction.trend(View(kpilib.open(months(levels), as_of="2025-01-20")))
    assert drawn.finding.startswith("In 12 months NPS stayed within what chance does about its level of 0.0")
    last = drawn.chart.data["points"][-1]
    assert (last["complete"], last["out"], last["whole"]) == (False, False, None)
    assert drawn.table["Period"].tolist()[-1] == "2025-01 (not over)"


def test_a_long_run_on_one_side_is_said():
    drawn = satisfaction.trend(View(kpilib.open(months([6, 5] * 5 + [4, 5, 4] * 3), as_of="2025-07-31")))
    assert drawn.finding.startswith("NPS never went beyond the limits of chance")
    assert re.search(r"From 2024-\d\d to 202\d-\d\d it stayed (above|below) its level", drawn.finding)


def test_a_question_that_no_survey_asks_is_answered_with_the_closest_one(view):
    with pytest.raises(UnknownName, match="Did you mean 'CSAT'"):
        question("CSATT")


# --- against the book ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["service", "segment", "region"])
@pytest.mark.parametrize("measure", QUESTIONS)
def test_scores_are_the_books_own(year, measure, by):
    drawn = satisfaction.score(year, measure, by)
    answer = year.kpi(QUESTIONS[measure].key, by=by).set_index("group")["value"].dropna()
    pd.testing.assert_series_equal(
        drawn.table.iloc[:, [0, 1]].set_index(drawn.table.columns[0]).iloc[:, 0].sort_index(),
        answer.sort_index(),
        check_names=False,
    )


@pytest.mark.parametrize("measure", QUESTIONS)
def test_the_spread_gives_the_score_again(year, measure):
    one, table = QUESTIONS[measure], satisfaction.distribution(year, measure).table
    scores = np.array([float(score) for score in table["Score"]])
    value = one.times * (one.adds(scores) * table["Share"]).sum()
    assert value == pytest.approx(year.kpi(one.key)["value"].item())
    drawn = satisfaction.silent(year.but(since=None), measure).table.set_index("If…")
    everything = year.but(since=None).kpi(one.key)["value"].item()
    # By the day of the invitation here, of the answer there: the same answers but for those of the last days.
    assert drawn.loc["The answers as they are", "Score"] == pytest.approx(everything, rel=0.02, abs=0.3)


@pytest.mark.parametrize("measure", QUESTIONS)
def test_the_months_of_the_trend_are_the_books_own(year, measure):
    drawn = satisfaction.trend(year, measure)
    answer = year.but(since=None, until=None).kpi(QUESTIONS[measure].key, period="month")
    known = answer[answer["rows"] > 0]
    points = [point for point in drawn.chart.data["points"] if point["rows"]]
    assert [point["period"] for point in points] == known["period"].tolist()
    assert [point["value"] for point in points] == pytest.approx(known["value"].tolist())


@pytest.mark.parametrize("name", COUNTED)
def test_what_is_counted_follows_the_filters_and_says_its_slice(demo, name):
    page = Page(demo, when="answered_on")
    figure = page.figure("A question?", COUNTED[name])
    before = figure.html
    page.choose(region=["Bretagne", "Normandie"])
    assert figure.html != before
    assert figure.error is None
    foot = re.search(r'kpi-foot">([^<]*)', figure.html).group(1)
    assert foot.startswith("Region Bretagne or Normandie; 20")
    assert re.search(r"· [\d,]+ rows?$", foot)


@pytest.mark.parametrize("name", COUNTED)
def test_a_slice_without_rows_says_so(book, name):
    page = Page(book, when="answered_on")
    figure = page.figure("A question?", COUNTED[name])
    page.choose(since="2026-03", until="2026-03", segment=["Key"])
    if name == "trend":  # it takes all months, whatever the period: Key was never asked for an NPS
        assert "Nothing to show: no row matches" in figure.html
    else:
        assert "Nothing to show: no row matches" in figure.html or "needs the table" in figure.html


def test_hostile_names_are_shown_as_text(book):
    page = Page(book, period="All", when="answered_on")
    for by in ("customer", "product"):
        for draw in (satisfaction.score, satisfaction.split, satisfaction.responses):
            html = page.figure(f"{draw.__name__} {by}", partial(draw, by=by)).html
            assert "<img" not in html
            assert ("&lt;img src=x" in html) == (by == "customer")


@pytest.mark.parametrize("name", COUNTED)
def test_the_records_behind_a_mark_are_those_of_its_group(year, name):
    drawn = COUNTED[name](year)
    field, key = drawn.drill["field"], drawn.drill["kpi"]
    if field in (None, "period"):
        assert key in year.book.kpis
        return
    assert len(year.but(where={field: [drawn.table.iloc[0, 0]]}).rows(key)) > 0


# --- findings in words: literal ones ------------------------------------------------------------------------------

BARS = pd.DataFrame(
    {
        "score": range(11),
        "rows": [0, 40, 900, 900, 900, 900, 900, 900, 900, 900, 900],
        "left": [0, 4, 30, 30, 30, 30, 9, 9, 9, 9, 9],
        "year": [np.nan, 0.7, *[0.33] * 4, *[0.11] * 5],
        "year_low": [0.0, 0.3, *[0.25] * 4, *[0.06] * 5],
        "year_high": [1.0, 0.95, *[0.43] * 4, *[0.2] * 5],
        "isotonic": [np.nan, 0.7, *[0.33] * 4, *[0.11] * 5],
        "step": [*[0.34] * 6, *[0.11] * 5],
        "hinge": [0.4, 0.4, 0.36, 0.33, 0.3, 0.27, *[0.11] * 5],
        "customers_now": [0, 0, 1, 1, 0, 1, 5, 5, 5, 5, 5],
    }
)
LIST = pd.DataFrame(
    {
        "customer_id": ["c1", "c2", "c3"],
        "customer": ["<b>One</b>", "Beta", "Gamma"],
        "segment": ["SMB", "SMB", None],
        "industry": None,
        "region": ["North", "South", "South"],
        "city": None,
        "source": None,
        "owner": ["Ann", "Bob", "Bob"],
        "team": ["East", "West", "West"],
        "score": [5, 3, 2],
        "answered_on": ["2026-03-05"] * 3,
        "revenue": [9000.0, 4000.0, 1000.0],
        "risk": [0.3] * 3,
        "loss": [1800.0, 800.0, 200.0],
    }
)
RISK = {"yearly": 0.33, "yearly_low": 0.28, "yearly_high": 0.38}
THERE = {
    "metric": "nps",
    "scale": [0, 10],
    "exists": True,
    "verdict": "found",
    "p": 0.001,
    "few": False,
    "cut": 5,
    "set": [4, 5],
    "shape": "step",
    "shape_clear": True,
    "hinge": None,
    "customers": 2400,
    "rows": 8140,
    "left": 169,
    "bars": BARS,
    "without_score": {"rows": 500, "left": 9},
    "list": LIST,
    "risk": {"below": RISK, "alike": {"yearly": 0.12, "yearly_low": 0.1, "yearly_high": 0.14}},
    "now": {"as_of": "2026-05-31", "customers": 40, "scored": 28, "below": 3, "revenue": 9e5, "revenue_below": 14000.0},
    "at_stake": {
        "customers": {"value": 2.0, "low": 1.0, "high": 3.0},
        "revenue": {"value": 2800.0, "low": 900.0, "high": 5000.0},
    },
}
NONE = {**THERE, "exists": False, "verdict": "none", "p": 0.42, "cut": None, "set": [], "risk": None}


def test_a_threshold_is_told_with_its_risks_its_place_and_its_form(found):
    drawn = satisfaction.threshold(found(threshold=THERE))
    assert drawn.finding == (
        "There is one (p = 0.001): customers whose last answer was 5 or less leave at 33.0% a year (28.0% to 38.0%), "
        "those like them above it at 12.0% (10.0% to 14.0%), measured on customers who took no part in "
        "placing the cut. "
        "The data leave the cut between 4 and 6 (95%). Its form is a cliff: the risk drops at the cut and is flat on "
        "both sides."
    )
    data = drawn.chart.data
    assert data["cut"] == [{"x": 5.5, "said": "threshold"}]
    assert (data["set"][0]["from"], data["set"][0]["to"]) == (4.25, 5.75)
    assert {bar["part"] for bar in data["bars"]} == {0, 1, 2}
    # The line steps over all scores of which enough is known; the one that has no form is dotted.
    assert [point["x"] for point in data["steps"] if point["line"] == 0] == list(range(2, 11))
    assert "Line: a cliff at the cut. Dotted: a risk that never rises" in drawn.note


def test_a_bar_of_which_little_is_known_bears_its_count_and_does_not_stretch_the_axis(found):
    drawn = satisfaction.threshold(found(threshold=THERE))
    bar = drawn.chart.data["bars"][1]
    assert (bar["said"], bar["low"], bar["value"]) == ("n 40", None, pytest.approx(drawn.chart.signals["y_end"]))
    assert drawn.chart.signals["y_end"] == pytest.approx(0.43)


def test_no_threshold_is_an_answer(found):
    view = found(threshold=NONE)
    drawn = satisfaction.threshold(view)
    assert drawn.finding.startswith(
        "No threshold found (p = 0.420): the risk of leaving differs along the scores no more"
    )
    assert (drawn.chart.data["cut"], drawn.chart.data["set"]) == ([], [])
    assert [point["line"] for point in drawn.chart.data["steps"]] == [0] * 9
    for draw in (satisfaction.below_now, satisfaction.what_if):
        with pytest.raises(CannotAnswer, match="No threshold was found, so that nobody stands below one"):
            draw(view)


def test_few_customers_are_said_to_be_few_whether_there_is_one_or_not(found):
    for finding in (THERE, NONE):
        said = satisfaction.threshold(found(threshold={**finding, "few": True, "customers": 300})).finding
        assert "With fewer than 1,000 customers (300) a weak threshold can be neither placed nor ruled out." in said


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"set": [5]}, "The data leave no other place for the cut"),
        ({"shape_clear": False}, "Which form fits best is not clear"),
        ({"shape": "hinge", "hinge": {"knot": 6.5}}, "an elbow: the risk falls up to 6.5"),
        ({"shape": "slope"}, "a steady slope"),
    ],
)
def test_where_the_cut_may_lie_and_what_form_it_has_is_said(found, change, said):
    assert said in satisfaction.threshold(found(threshold={**THERE, **change})).finding


def test_an_elbow_is_drawn_bent(found):
    drawn = satisfaction.threshold(found(threshold={**THERE, "shape": "hinge", "hinge": {"knot": 6.0}}))
    assert [point["x"] for point in drawn.chart.data["curves"]] == list(range(2, 11))


def test_the_list_of_those_below_follows_the_filters(found, book):
    found(threshold=THERE)
    whole = satisfaction.below_now(View(book))
    assert whole.finding == (
        "3 of 28 customers with an answer stand at 5 or below, with 14.0K of revenue in the last 12 months. "
        "Their higher "
        "risk puts 2,800 of it at stake in a year."
    )
    assert whole.table["Customer"].tolist() == ["<b>One</b>", "Beta", "Gamma"]
    assert whole.table["Customer family"].tolist() == ["SMB", "SMB", NOT_GIVEN]
    assert whole.slice == "The whole company, as of 2026-05-31"
    south = satisfaction.below_now(View(book, {"region": ["South"]}, since="2026-03", until="2026-03"))
    assert south.table["Customer"].tolist() == ["Beta", "Gamma"]
    assert south.finding.startswith(
        "In this slice 2 customers stand at 5 or below (3 in the whole company), with 5,000"
    )
    assert south.slice == "Region South, as of 2026-05-31"
    typed = satisfaction.below_now(View(book, {"category": ["Door"]}))
    assert (len(typed.table), typed.slice) == (3, "The whole company, as of 2026-05-31")
    assert "Customers have no product type: that filter does not narrow the list." in typed.note
    nobody = satisfaction.below_now(View(book, {"owner": ["Ann"], "region": ["South"]}))
    assert (nobody.table, nobody.finding) == (
        None,
        "In this slice no customer stands at 5 or below; in the whole company 3 do.",
    )


def test_the_slider_multiplies_what_is_at_stake(found):
    view = found(threshold=THERE)
    drawn = satisfaction.what_if(view, moved=0.5)
    assert drawn.chart.data["here"][0]["value"] == pytest.approx(1400)
    assert drawn.finding.startswith("If 2 of the customers below (50.0%) rose above the threshold")
    assert drawn.finding.endswith("1,400 of yearly revenue (450 to 2,500).")
    assert drawn.table.iloc[:, 1].tolist() == pytest.approx([280 * step for step in range(11)])
    assert satisfaction.what_if(view, 0.0).finding.startswith(
        "If nobody is moved, 3 customers stay below the threshold"
    )
    assert satisfaction.what_if(view, 1.0, "Customers").chart.data["here"][0]["value"] == pytest.approx(2)


AROUND = pd.DataFrame(
    {
        "month": [-2, -1, 0, 1],
        "rows": 50,
        "customers": 40,
        "mean": [8.0, 8.0, 6.0, 7.0],
        "control_mean": 8.0,
        "effect": [0.1, -0.1, -2.0, -1.0],
        "low": [-0.3, -0.5, -2.4, -1.4],
        "high": [0.5, 0.3, -1.6, -0.6],
    }
)


def effect(value, low, high, flat=True):
    return {
        "months": AROUND,
        "effect": {"value": value, "low": low, "high": high, "p": 0.0001},
        "treated": 80,
        "controls": 90,
        "pre_trend": {"p": 0.6 if flat else 0.01, "flat": flat},
        "rows": 200,
        "scale": [0, 10],
    }


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            (-1.5, -1.8, -1.2),
            "answers 1.50 points lower than it would have, going by customers without one (−1.80 to −1.20; "
            "p < 0.001): 80 customers with, 90 without. Before it the two groups moved alike (p = 0.600)",
        ),
        ((0.5, 0.2, 0.8), "answers 0.50 points higher than it would have"),
        ((-0.1, -0.3, 0.1), "scores move no more than chance explains, going by customers without one (−0.10 points"),
        ((-1.5, -1.8, -1.2, False), "did not move alike (p = 0.010): part of the gap may have been there already"),
    ],
)
def test_what_an_incident_costs_is_told_with_what_came_before_it(found, given, said):
    drawn = satisfaction.incidents(found(incident_effect={"metrics": {"nps": effect(*given)}}))
    assert said in drawn.finding
    assert [point["value"] for point in drawn.chart.data["points"]] == [0.1, -0.1, -2.0, -1.0]
    assert drawn.chart.data["event"] == [{"x": -0.5, "said": "incident"}]


def test_a_question_without_answers_around_incidents_says_so(found):
    view = found(incident_effect={"metrics": {"nps": {"cannot": "too_few_customers", "n": 7, "need": 20}}})
    with pytest.raises(CannotAnswer, match=r"It needs 20 customers or more; these data have 7\."):
        satisfaction.incidents(view)
    with pytest.raises(CannotAnswer, match="Nobody has answered such a question"):
        satisfaction.incidents(view, "CSAT")


def ticket(value, low, high):
    one = {"value": 3.0, "low": 2.9, "high": 3.1, "rows": 100}
    gap = {"value": value, "low": low, "high": high, "p": 0.2 if low < 0 < high else 0.0001}
    return {"ticket": one, "delivery": one | {"value": 4.0}, "difference": gap, "adjusted": gap}


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        (
            (-1.0, -1.2, -0.8),
            "give 1.00 points less than after a delivery (−1.20 to −0.80; p < 0.001); of the same product",
        ),
        (
            (0.0, -0.2, 0.2),
            "as satisfied as after a delivery, as far as chance lets one see (0.00 points, −0.20 to 0.20; p = 0.200)",
        ),
        ((0.4, 0.2, 0.6), "give 0.40 points more than after a delivery"),
    ],
)
def test_after_a_ticket_beside_after_a_delivery(found, gap, said):
    assert said in satisfaction.after_a_ticket(found(incident_effect={"after_a_ticket": ticket(*gap)})).finding


BANDS = pd.DataFrame(
    {
        "band": ["detractor", "passive", "promoter"],
        "invoices": [100, 200, 300],
        "customers": [10, 20, 30],
        "late_share": [0.5, 0.4, 0.3],
        "low": [0.4, 0.3, 0.2],
        "high": [0.6, 0.5, 0.4],
        "mean_delay": [8.0, 6.0, 4.0],
        "delay_low": [7.0, 5.0, 3.0],
        "delay_high": [9.0, 7.0, 5.0],
        "unpaid": [1, 2, 3],
    }
)
PAID = {
    "bands": BANDS,
    "verdict": "associated",
    "invoices": 600,
    "customers": 60,
    "without_score": 400,
    "unpaid": 6,
    "within": {
        "late_share": {"value": 0.2, "low": 0.1, "high": 0.3, "p": 0.0002},
        "mean_delay": {"value": 4.0, "low": 3.0, "high": 5.0, "p": 0.0002},
    },
}


def test_a_hypothesis_that_holds_is_an_association_and_one_that_does_not_is_said_so(found):
    drawn = satisfaction.payments(found(payment_hypothesis=PAID))
    assert (
        "unhappy before pay 20.0 points more of their invoices late than the happy ones (+10.0 points to +30.0 points; "
        "p < 0.001), and 4.0 days later (3.0 days to 5.0 days)" in drawn.finding
    )
    assert drawn.note.startswith("They go together; which comes first is not known")
    assert [bar["value"] for bar in drawn.chart.data["rows"]] == [0.5, 0.4, 0.3]
    none = {
        **PAID,
        "verdict": "none",
        "within": {**PAID["within"], "late_share": {"value": 0.01, "low": -0.1, "high": 0.12, "p": 0.8}},
    }
    drawn = satisfaction.payments(found(payment_hypothesis=none), "Mean delay")
    assert drawn.finding.startswith("The hypothesis finds no support")
    assert [bar["value"] for bar in drawn.chart.data["rows"]] == [8, 6, 4]


def reviewed(r, low, high, gap=(0.3, 0.1, 0.5)):
    named = {
        "reviews": 40,
        "review_mean": 4.0,
        "review_low": 3.8,
        "review_high": 4.2,
        "answers": 50,
        "survey_mean": 3.7,
        "survey_low": 3.5,
        "survey_high": 3.9,
    }
    linked = {"r": r, "low": low, "high": high, "p": 0.01, "n": 12}
    return {
        "metric": "csat",
        "months": pd.DataFrame([{"month": "2026-03-01", **named}, {"month": "2026-04-01", **named}]),
        "products": pd.DataFrame([{"product": '=HYPERLINK("x")', **named}]),
        "by_product": linked,
        "by_month": {"cannot": "too_few_months"},
        "gap": dict(zip(("value", "low", "high"), gap, strict=True)),
    }


def test_reviews_beside_surveys_by_product_and_by_month(found):
    view = found(reviews_against_surveys=reviewed(0.8, 0.5, 0.95))
    drawn = satisfaction.reviews(view)
    assert drawn.finding == (
        "Product by product the two go together (correlation 0.80, 0.50 to 0.95; 12 products). Reviews stand "
        "0.30 above "
        "what the same company is told in surveys (0.10 to 0.50)."
    )
    assert drawn.rows == 90
    drawn = satisfaction.reviews(view, "Months")
    assert drawn.finding.startswith("It needs more months with both reviews and answers than these data have.")
    assert drawn.table["Month"].tolist() == ["2026-03", "2026-04"]


def test_a_link_that_chance_explains_is_none(found):
    drawn = satisfaction.reviews(found(reviews_against_surveys=reviewed(0.2, -0.4, 0.6, (-0.05, -0.2, 0.1))))
    assert drawn.finding.startswith("Product by product nothing says that the two go together")
    assert "reviews and surveys give the same mark" in drawn.finding


EFFECTS = pd.DataFrame(
    {
        "term": ["incidents", "service", "service", "region", "region"],
        "level": ["", "Billing", "Sales", "North", NOT_GIVEN],
        "kind": ["number", *["level"] * 4],
        "effect": [-0.6, -0.5, 0.5, 0.1, -0.1],
        "low": [-0.7, -0.6, 0.4, -0.1, -0.3],
        "high": [-0.5, -0.4, 0.6, 0.3, 0.1],
        "q": [0.001, 0.0001, 0.0001, 0.7, 0.7],
        "found": [True, True, True, False, False],
        "rows": [90, 80, 70, 60, 5],
        "customers": 50,
        "against": ["", "", "", "", ""],
    }
)
TERMS = pd.DataFrame(
    {
        "term": ["region", "service", "incidents"],
        "importance": [0.01, 0.05, 0.08],
        "levels": [2, 2, 1],
        "q": [0.7, 0.0001, 0.001],
        "found": [False, True, True],
        "inflation": 1.0,
    }
)
DRIVERS = {
    "answers": 300,
    "customers": 100,
    "r2": 0.14,
    "r2_by_chance": 0.01,
    "effects": EFFECTS,
    "terms": TERMS,
    "found": ["service", "incidents"],
    "dropped": [{"term": "product", "reason": "one_level"}, {"term": "late_days", "reason": "absent"}],
    "pooled": [],
}


def test_drivers_are_told_strongest_first_and_what_shows_nothing_is_left_to_the_table(found):
    drawn = satisfaction.drivers(found(key_drivers={"models": {"nps": DRIVERS}}))
    assert drawn.finding == (
        "Of 3 things known of an answer, 2 go with its score beyond chance, false alarms held to one in twenty. "
        "Strongest: serious incident before (−0.60 points, −0.70 to −0.50); service in contact: Billing (−0.50 points, "
        "−0.60 to −0.40); service in contact: Sales (+0.50 points, 0.40 to 0.60). All together explain 14.0% of how "
        "scores differ (chance alone: 1.0%); the rest is not in these data."
    )
    assert "Left out, for these data cannot tell it apart: Product." in drawn.note
    assert "In the table alone, for they show nothing beyond chance: Region." in drawn.note
    assert len(drawn.table) == 5
    shown = {row["group"] for row in drawn.chart.data["rows"] if "group" in row}
    assert not {"North", NOT_GIVEN} & shown


def test_importance_ranks_what_is_known(found):
    drawn = satisfaction.importance(found(key_drivers={"models": {"nps": DRIVERS}}))
    assert drawn.finding == (
        "Serious incident before explains most: 8.0% of how scores differ. Then service in contact (5.0%)."
    )
    assert drawn.table["Share of the spread"].tolist() == [0.08, 0.05, 0.01]


def test_nothing_found_is_said_to_be_nothing(found):
    none = {**DRIVERS, "found": [], "effects": EFFECTS.assign(found=False), "terms": TERMS.assign(found=False)}
    view = found(key_drivers={"models": {"nps": none}})
    assert satisfaction.drivers(view).finding.startswith("Of 3 things known of an answer, none goes with its score")
    assert (
        satisfaction.importance(view).finding == "Nothing that is known explains more of the score than chance would."
    )


# --- what cannot be said ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", why.REASONS)
def test_every_reason_is_a_sentence_with_its_facts(code):
    said = why.said({"cannot": code, "n": 7, "need": 1000, "left": 3, "events": 5, "found": 4})
    assert re.search(r"[^.]\.$", said)
    assert "{" not in said
    assert "–" not in said


def test_a_reason_that_is_a_sentence_stays_one_and_an_unknown_code_is_not_shown():
    assert why.said({"cannot": "Too few of them."}) == "Too few of them."
    assert why.said({"cannot": "strange_code"}) == "These data do not allow it."
    assert why.said({"value": 1}) == ""


@pytest.mark.parametrize("name", FOUND)
def test_a_finding_that_cannot_be_made_says_why_in_its_figures_place(found, book, name):
    found()
    page = Page(book, when="answered_on")
    figure = page.figure("A question?", FOUND[name])
    assert "It needs the table &#x27;surveys&#x27;, which these data do not have." in figure.html
    assert figure.why == "It needs the table 'surveys', which these data do not have."


LITERAL = {
    "threshold": THERE, "key_drivers": {"models": {"nps": DRIVERS}}, "payment_hypothesis": PAID,
    "reviews_against_surveys": reviewed(0.8, 0.5, 0.95),
    "incident_effect": {"metrics": {"nps": effect(-1.5, -1.8, -1.2)}, "after_a_ticket": ticket(-1.0, -1.2, -0.8)},
}  # fmt: skip


@pytest.mark.parametrize("name", [name for name in FIGURES if name != "care"])
def test_every_chart_is_drawn_without_a_number_that_is_none(found, name):
    drawn = FIGURES[name](found(**LITERAL))
    shown = svg(drawn.chart)
    assert not re.search(r"NaN|Infinity|undefined|null", shown)
    assert drawn.table is not None
    assert len(drawn.finding) > 40


@pytest.mark.slow
@pytest.mark.parametrize("name", FOUND)
def test_three_customers_are_too_few_for_every_estimate_and_it_is_said(book, name):
    with pytest.raises(CannotAnswer, match=r"\.$") as said:
        FOUND[name](View(book))
    assert not re.search(r"\{|nan|None|Error", str(said.value))


# --- the reader's language ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def members(demo):
    fields = (*satisfaction.BY, "customer", "industry", "channel", "metric")
    named = {
        str(member)
        for field in fields
        for member in demo.members(field, "answers" if field != "channel" else "tickets")["member"]
    }
    said = {event.said for event in events.happened(View(demo))}
    said |= {mark.said for mark in deeds.marks(demo)}
    return named | said | set(demo.finding("threshold")["list"]["customer"])


def left(text: str, members) -> str:
    """The letters that are no message: the signs p and n, days, and the letter of an action's rule on the chart."""
    return unsaid(re.sub(r"\b([pn]|days?|[a-z](?=: ))\b", "", text), members)


def texts_in(spec) -> list[str]:
    """The titles and the legends' names of a chart."""
    if isinstance(spec, list):
        return [text for part in spec for text in texts_in(part)]
    if not isinstance(spec, dict):
        return []
    own = [spec["title"]] if isinstance(spec.get("title"), str) else []
    names = re.match(r"\((\[.*\])\)", str(spec.get("labelExpr", "")))
    own += json.loads(names.group(1)) if names else []
    return own + [text for part in spec.values() for text in texts_in(part)]


def letters_of(chart) -> list[str]:
    """What a chart says: axis titles and legends, and the texts of its marks, units left aside."""
    marks = [str(row.get("said", "")) for rows in chart.data.values() for row in rows]
    return [text.replace("(EUR)", "") for text in (*texts_in(chart.skeleton), *marks)]


@pytest.mark.slow
@pytest.mark.parametrize("where", [{}, {"region": ["Bretagne", "Normandie"]}], ids=["all", "narrowed"])
@pytest.mark.parametrize("name", FIGURES)
def test_every_text_of_a_figure_is_a_message(demo, members, name, where, masked):
    view = View(demo, where, since="2025-07", until="2026-06")
    drawn = FIGURES[name](view)
    shown = tables.cells(drawn.table, view.words)
    signs = {row["said"] for row in drawn.chart.data.get("marks", []) if len(row["said"]) == 1}  # at an action's rule
    letters = [text for text in letters_of(drawn.chart) if text not in signs]
    for text in (drawn.finding, drawn.note, drawn.slice or view.text, *shown.names, *letters):
        assert left(text, members) == "", text
    for first, *others in shown.rows:
        assert first in members or left(first, members) == ""
        assert "".join(left(other, members) for other in others) == ""


@pytest.mark.parametrize("name", COUNTED)
def test_what_cannot_be_told_is_a_message_too(book, name, masked):
    members = {
        *COMPANY["customers"]["name"],
        '=HYPERLINK("x")',
        "Door",
        NOT_GIVEN,
        "SMB",
        "Key",
        "Ann",
        "Bob",
        "Billing",
        "Sales",
        "Support",
        "Help",
        "North",
        "South",
        "Merger",
        "Price rise",
        "surveys",
        "tickets",
        "order_lines",
    }
    for span in ((None, None), ("2026-03", "2026-03"), ("2026-05", "2026-05")):
        try:
            drawn = COUNTED[name](View(book, {}, *span))
        except (Nothing, CannotAnswer):
            continue
        assert unsaid(drawn.finding, members) == unsaid(drawn.note, members) == "", drawn


# --- the notebook -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def notebook(top):
    return json.loads((top / NOTEBOOK).read_text())


def test_prose_is_short_and_the_question_comes_first(notebook):
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
    assert cells[0].split("\n\n")[1].endswith("?**")
    counted = {text[:40]: len(text.split()) for text in cells[1:-1]}
    assert {name: words for name, words in counted.items() if not 17 <= words <= 80} == {}


def run_as_a_viewer(notebook) -> list:
    """What the cells show that are not the lab's, in order."""
    space, shown = {}, []
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code" or "lab" in cell["metadata"].get("tags", []):
            continue
        tree = ast.parse("".join(cell["source"]))
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, NOTEBOOK, "exec"), space)
        if last is not None:
            shown.append(eval(compile(ast.Expression(last.value), NOTEBOOK, "eval"), space))
    return shown


def test_a_viewer_of_a_company_without_surveys_reads_a_page_of_reasons(notebook, shared_data, monkeypatch):
    monkeypatch.setenv("KPILIB_DATA", str(shared_data / "maven_crm"))
    texts = [piece._repr_mimebundle_()["text/plain"] for piece in run_as_a_viewer(notebook)]
    assert len(texts) == 22
    assert sum("needs the table" in text for text in texts) >= 17
    assert not any("Something went wrong" in text for text in texts)


@pytest.mark.slow
def test_a_viewer_of_the_demo_sees_no_figure_that_fails(notebook, top, monkeypatch):
    monkeypatch.setenv("KPILIB_DATA", str(top / "data" / "demo"))
    for piece in run_as_a_viewer(notebook):
        piece._repr_mimebundle_()
        assert getattr(piece, "error", None) is None


@pytest.mark.slow
def test_the_page_reads_what_is_kept_without_a_model_or_a_database(demo, top):
    for name in (
        "threshold",
        "key_drivers",
        "incident_effect",
        "payment_hypothesis",
        "reviews_against_surveys",
        "nonresponse",
    ):
        demo.finding(name)
    code = (
        "import sys, kpilib; from kpilib.figures import satisfaction as s; from kpilib.show import Page;"
        "page = Page(kpilib.open('data/demo'));"
        "draw = [getattr(s, name) for name in s.__all__ if name.islower() and name not in ('asked_of',)];"
        "made = [page.figure(one.__name__, one) for one in draw if one.__name__ != 'question']; "
        "page.tiles(s.TILES).html;"
        "assert not [one.error for one in made if one.html and one.error], [one.error for one in made];"
        "heavy = {'duckdb', 'ibis', 'statsmodels', 'sklearn', 'scipy.stats', 'scipy.optimize', 'polars'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, cwd=top, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_the_lists_of_the_page_offer_what_the_answers_have(book):
    assert offered(book, satisfaction.BY, "answers") == ["service", "segment", "region", "owner"]
    assert satisfaction.asked_of(book) == ["NPS", "CSAT", "CES"]
    only = kpilib.open({"surveys": SURVEYS[SURVEYS["metric"] == "csat"]})
    assert satisfaction.asked_of(only) == ["CSAT"]
    assert satisfaction.asked_of(kpilib.open({"customers": COMPANY["customers"]})) == ["NPS"]


def test_a_slider_of_the_page_counts_in_shares():
    assert Slide([share / 20 for share in range(21)], start=0.2, unit="share").said(Words())[4] == "20%"
    assert isinstance(charts.Nothing("x"), CannotAnswer)
