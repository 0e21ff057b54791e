"""The opportunities page: its figures on the demo company, on a CRM that keeps much less, and on next to nothing."""

import re
from itertools import pairwise
from pathlib import Path

import nbformat
import pandas as pd
import pytest

import kpilib
from kpilib import language
from kpilib.compute import forecast
from kpilib.errors import CannotAnswer
from kpilib.figures import opportunities
from kpilib.figures.opportunities import deal_actions
from kpilib.model.dimensions import DIMENSIONS
from kpilib.model.tables import TABLES
from kpilib.show import Page, View, charts, offered, tables

TOP = Path(__file__).resolve().parents[1]
NOTEBOOK = TOP / "notebooks" / "01_opportunities.ipynb"
SINCE, UNTIL = "2025-07", "2026-06"
DRAWS = {
    "by_dimension": {"by": ["owner", "industry"]},
    "main_deals": None,
    "win_rate": {"by": ["owner", "industry"]},
    "win_trend": None,
    "funnel": None,
    "moments": None,
    "loss_stage": None,
    "reasons": {"outcome": ["lost", "won"]},
    "action_effect": None,
    "honesty": None,
    "expected": None,
}


@pytest.fixture(scope="module")
def book(demo):
    return demo


@pytest.fixture(scope="module")
def view(book):
    return View(book, {}, SINCE, UNTIL)


def figures(page):
    return {name: page.figure(name, getattr(opportunities, name), choices=how) for name, how in DRAWS.items()}


# --- the numbers are the book's -----------------------------------------------------------------------------------


@pytest.mark.parametrize("by", opportunities.BY)
def test_the_open_pipeline_by_a_dimension_is_what_the_book_answers(view, book, by):
    table = opportunities.by_dimension(view, by).table
    table = table.set_index(table.columns[0])
    for name, key in (
        ("Open deals", "open_opportunities"),
        ("Amount", "open_pipeline"),
        ("Mean probability", "mean_probability"),
        ("Weighted amount", "weighted_pipeline"),
    ):
        answer = book.kpi(key, by=by, since=SINCE, until=UNTIL).set_index("group")["value"].dropna()
        assert table[name].dropna().to_dict() == pytest.approx(answer.to_dict()), name


def test_a_narrower_choice_and_an_earlier_month_give_the_books_numbers_of_that_slice(book):
    how = {"where": {"segment": ["SMB"], "category": ["Alarms", "Lighting"]}, "since": "2025-01", "until": "2025-12"}
    view = View(book, how["where"], how["since"], how["until"])
    stock, rate = opportunities.by_dimension(view, "source").table, opportunities.win_rate(view, "source").table
    assert stock["Open deals"].sum() == book.kpi("open_opportunities", **how)["value"].item()
    assert stock["Weighted amount"].sum() == pytest.approx(book.kpi("weighted_pipeline", **how)["value"].item())
    assert opportunities.main_deals(view).rows == stock["Open deals"].sum()
    assert rate["Closed"].sum() == book.kpi("win_rate", **how)["denominator"].item()
    deals = view.panel("deals", when="created_on")
    assert opportunities.moments(view).rows == opportunities.action_effect(view).rows == len(deals)
    closed = view.panel("deals", when="closed_on")
    assert opportunities.honesty(view).rows == len(closed)
    assert opportunities.loss_stage(view).rows == (closed["status"] == "lost").sum()
    assert opportunities.win_trend(view).rows == len(closed)


@pytest.mark.parametrize("by", opportunities.BY)
def test_the_win_rates_are_what_the_book_answers(view, book, by):
    drawn = opportunities.win_rate(view, by)
    answer = book.kpi("win_rate", by=by, since=SINCE, until=UNTIL).set_index("group")
    table = drawn.table.set_index(drawn.table.columns[0])
    assert table["Win rate"].to_dict() == pytest.approx(answer["value"].dropna().to_dict())
    assert table["Closed"].sum() == drawn.rows == answer["rows"].sum()


def test_the_funnel_is_what_the_book_answers_and_what_pandas_counts(view, book):
    drawn = opportunities.funnel(view)
    answer = book.kpi("stage_conversion", by="stage", since=SINCE, until=UNTIL).set_index("group")
    assert drawn.table.set_index("Stage")["Went on"].to_dict() == pytest.approx(answer["value"].to_dict())
    steps = view.panel("stage_steps")
    first = steps[steps["first_visit"].astype(bool)]
    known = first[first["fate_known"] == True]  # noqa: E712 – it holds None as well
    went = (known["went_on"] == True).groupby(known["stage"]).mean()  # noqa: E712
    assert drawn.table.set_index("Stage")["Went on"].to_dict() == pytest.approx(went.to_dict())
    assert drawn.table["Entered"].tolist() == first.groupby("stage").size()[drawn.table["Stage"]].tolist()


def test_the_funnel_goes_from_the_first_stage_to_the_last(view):
    assert opportunities.funnel(view).table["Stage"].tolist() == [
        "Qualification", "Discovery", "Proposal", "Negotiation",
    ]  # fmt: skip


def test_the_stages_of_the_losses_stand_in_the_order_of_the_stages(view):
    drawn = opportunities.loss_stage(view)
    assert [row["group"] for row in drawn.chart.data["rows"]] == drawn.table["Stage at the loss"].tolist()
    assert drawn.table["Stage at the loss"].tolist() == ["Qualification", "Discovery", "Proposal", "Negotiation"]


def test_what_is_declared_promises_the_weighted_pipeline(view, book):
    drawn = opportunities.expected(view)
    assert drawn.table["Expected"].iloc[0] == pytest.approx(book.kpi("weighted_pipeline", until=UNTIL)["value"].item())
    assert (drawn.table["From"] < drawn.table["Expected"]).all()


def test_the_demo_company_is_too_hopeful_as_it_was_made_to_be(view):
    drawn = opportunities.honesty(view)
    assert "too high" in drawn.finding
    assert drawn.rows == forecast.honesty(view.panel("deals", when="closed_on")).rows


def test_demos_and_visits_go_with_winning_in_the_demo_company_as_they_were_made_to(book):
    table = opportunities.action_effect(View(book)).table.set_index("Action")
    assert table.loc[["demo", "site visit"], "Differs"].tolist() == ["higher", "higher"]
    assert table.loc["meeting", "Differs"] == ""


def test_what_goes_with_winning_is_never_said_to_be_a_cause(view):
    drawn = opportunities.action_effect(view)
    assert "neither need cause the other" in drawn.finding
    assert "association, not a cause" in drawn.note


def test_the_main_deals_are_open_ones_with_their_age_and_their_last_touch(view, book):
    drawn = opportunities.main_deals(view)
    assert len(drawn.table) == 15
    assert drawn.rows == book.kpi("open_opportunities", until=UNTIL)["value"].item()
    assert drawn.table["Weighted"].is_monotonic_decreasing
    assert (drawn.table["Last touch, days ago"] <= drawn.table["Age, days"]).all()


def test_won_lost_and_still_open_make_up_the_whole(view):
    table = opportunities.moments(view).table
    before = [1.0, *table["Still open after, of all"].iloc[:-1]]
    left = [
        start * (1 - won - lost)
        for start, won, lost in zip(before, table["Won in it"], table["Lost in it"], strict=True)
    ]
    assert left == pytest.approx(table["Still open after, of all"].tolist())


def test_the_reasons_of_wins_and_losses_are_of_other_deals(view):
    lost, won = opportunities.reasons(view, "lost"), opportunities.reasons(view, "won")
    closed = view.kpi("win_rate")["denominator"].item()
    assert lost.rows + won.rows == closed
    assert "lost deals" in lost.finding
    assert "won deals" in won.finding


# --- the page -----------------------------------------------------------------------------------------------------


def test_every_figure_of_the_demo_has_an_answer_a_slice_and_its_rows(book):
    for name, figure in figures(Page(book)).items():
        assert figure.error is None, name
        assert figure.finding, name
        assert re.search(r"2026-06.* · [\d,]+ rows$", figure.plain.splitlines()[-1]), name


@pytest.mark.slow
def test_every_filter_narrows_every_figure(book):
    page = Page(book)
    made = figures(page)
    whole = {name: figure.plain for name, figure in made.items()}
    page.choose(segment=["SMB"], region=["Île-de-France"])
    for name, figure in made.items():
        assert figure.plain != whole[name], name
        assert "Customer family SMB; region Île-de-France" in figure.plain, name
        assert figure.error is None, name


def test_a_slice_of_a_few_deals_ranks_nobody(book):
    page = Page(book)
    made = figures(page)
    page.choose(region=["Corse"], segment=["Enterprise"], period="This month")
    for name, figure in made.items():
        assert figure.plain, name
        assert "Something went wrong" not in figure.html, name
    assert "stands out (" not in made["win_rate"].plain


def test_a_list_of_a_figure_changes_that_figure_and_what_was_found(book):
    page = Page(book)
    one, other = (
        page.figure(q, opportunities.win_rate, choices={"by": ["owner", "source"]}) for q in ("One?", "Other?")
    )
    found = page.found()
    before = other.plain, found.plain
    one.choose(by="source")
    assert "by source" in one.plain
    assert other.plain == before[0]
    assert found.plain != before[1]


def test_a_dimension_that_the_data_do_not_fill_is_not_offered(book, maven):
    assert offered(book, opportunities.BY) == list(opportunities.BY)
    assert offered(maven, opportunities.BY) == ["owner", "industry", "category", "region"]


# --- the records behind a mark ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DRAWS)
def test_every_figure_says_where_its_records_are(view, name):
    drill = getattr(opportunities, name)(view).drill
    assert ("kpi" in drill) != ("panel" in drill)
    assert drill["field"] in (None, "period", *DIMENSIONS)


@pytest.mark.parametrize(("draw", "counted"), [("by_dimension", "Open deals"), ("win_rate", "Closed")])
def test_behind_each_group_stand_as_many_records_as_it_counts(view, draw, counted):
    drawn = getattr(opportunities, draw)(view, "segment")
    for group, count in drawn.table.set_index("Customer family")[counted].items():
        inside = view.but(where={drawn.drill["field"]: [group]})
        assert inside.kpi(drawn.drill["kpi"])["rows"].item() == count


def test_behind_a_stage_stand_its_entries_and_behind_a_reason_the_deals_that_were_lost_for_it(view):
    drawn = opportunities.funnel(view)
    steps = view.but(where={drawn.drill["field"]: ["Proposal"]}).panel(drawn.drill["panel"], when=drawn.drill["when"])
    assert steps["first_visit"].sum() == drawn.table.set_index("Stage").loc["Proposal", "Entered"]
    drawn = opportunities.reasons(view)
    first = drawn.table.iloc[0]
    deals = view.but(where={drawn.drill["field"]: [first["Reason"]]}).panel("deals", when=drawn.drill["when"])
    assert (deals["status"] == drawn.drill["status"]).sum() == first["Lost"]


# --- the reader's language ----------------------------------------------------------------------------------------


def unsaid(text: str) -> str:
    """What of a text is no message: the letters outside the brackets, without those of units and periods."""
    while text != (text := re.sub(r"⟦[^⟦⟧]*⟧", "", text)):
        pass
    return re.sub(r"\b(to|days?|points?)\b|Q(?=\d)|\W|\d|_", "", text)


@pytest.fixture(scope="module")
def members(book, maven):
    """What the data call things; it is not translated."""
    names = {*book.panel("activities")["kind"].dropna(), *TABLES, *(n for t in TABLES.values() for n in t.names)}
    for one in (book, maven):
        names |= {
            str(name) for field in (*opportunities.BY, "stage", "reason") for name in one.members(field)["member"]
        }
    return names


@pytest.fixture
def bracketed(monkeypatch, members):
    """Each message stands in brackets; what is filled in without being a message, a number or a member is listed."""
    filled, loose = language._filled, []

    def fill(message, values):
        loose.extend(value for value in values.values() if str(value) not in members and unsaid(str(value)))
        return f"⟦{filled(message, values)}⟧"

    monkeypatch.setattr(language, "_filled", fill)
    return loose


@pytest.fixture
def titles(monkeypatch):
    """What charts are given to call their axes; the charts themselves are not drawn."""
    said = []

    def chart(*_, measure="", names=None, **__):
        said.extend([measure] if names is None else names.values())

    for module, names in (
        (charts, ("bars", "pairs", "line", "funnel", "incidence", "reliability")),
        (deal_actions, ("versus",)),
    ):
        for name in names:
            monkeypatch.setattr(module, name, chart)
    return said


VIEWS = {
    "year": ({}, SINCE, UNTIL),
    "two segments": ({"segment": ["SMB", "Enterprise"]}, SINCE, UNTIL),
    "few deals": ({"region": ["Corse"]}, "2026-05", UNTIL),
    "long ago": ({"region": ["Corse"], "segment": ["Enterprise"]}, None, "2024-08"),
    "all": ({}, None, None),
}


@pytest.mark.parametrize("where", VIEWS)
@pytest.mark.parametrize("name", DRAWS)
def test_every_text_of_a_figure_is_a_message(book, members, name, where, bracketed, titles):
    view, lists = View(book, *VIEWS[where]), DRAWS[name] or {"": [None]}
    for key, values in lists.items():
        for value in values:
            drawn = getattr(opportunities, name)(view, **({key: value} if key else {}))
            if drawn.table is None:
                continue
            shown = tables.cells(drawn.table, view.words)
            for text in (drawn.finding, drawn.note, drawn.slice, *shown.names, *titles):
                assert unsaid(text) == "", text
            for first, *others in shown.rows if name != "main_deals" else []:
                assert first in members or unsaid(first) == ""
                assert [cell for cell in others if cell not in members and unsaid(cell)] == []
    assert bracketed == []


@pytest.mark.parametrize("name", DRAWS)
def test_what_a_crm_lacks_is_told_in_messages_too(maven, members, name, bracketed, titles):
    view = View(maven)
    try:
        drawn = getattr(opportunities, name)(view)
        said = [drawn.finding, drawn.note, drawn.slice]
    except CannotAnswer as error:
        said = [str(error)]
    assert "".join(map(unsaid, said)) == ""
    assert bracketed == []


def test_a_member_that_is_not_given_is_called_so_in_the_readers_language(maven, bracketed):
    families = opportunities.win_rate(View(maven), "segment").table["Customer family"].tolist()
    assert families == ["⟦(not given)⟧"]


def test_french_numbers_stand_in_a_finding_as_french_writes_them(book):
    said = opportunities.honesty(View(book, {}, SINCE, UNTIL, "fr"))
    assert re.search(r"\d\d,\d\s%", said.finding)
    assert re.search(r"0,\d{3}\b", said.note)


# --- less data ----------------------------------------------------------------------------------------------------


def test_a_crm_without_history_says_which_table_or_column_each_figure_lacks(maven):
    made = figures(Page(maven))
    missing = {
        "funnel": "'stage_changes'",
        "loss_stage": "'stage_changes'",
        "reasons": "column 'reason' of the table 'opportunities'",
        "action_effect": "'activities'",
        "honesty": "'probability' between 0 and 1 in the table 'opportunities'",
        "expected": "'amount' and 'probability' of open deals in the table 'opportunities'",
    }
    for name, figure in made.items():
        said = figure.plain
        assert "Something went wrong" not in said, name
        if name in missing:
            assert missing[name] in said, name
            assert re.search(r"It would (say|show)", said), name
            assert figure.finding == "", name
        else:
            assert figure.finding, name


def test_open_deals_without_amounts_are_counted_and_listed_by_age(maven):
    view = View(maven)
    drawn = opportunities.by_dimension(view, "region")
    assert list(drawn.table) == ["Region", "Open deals"]
    assert drawn.table["Open deals"].sum() == drawn.rows == 2089
    listed = opportunities.main_deals(view).table
    assert "Amount" not in listed
    assert listed["Age, days"].is_monotonic_decreasing


def test_the_win_rate_of_the_sample_company_is_the_published_one(maven):
    drawn = opportunities.win_rate(View(maven), "owner")
    assert drawn.finding.startswith("The win rate is 63.2% of 6,711 closed deals")
    table = drawn.table.set_index("Salesperson")
    assert table.loc["Hayden Neloms", ["Won", "Closed"]].tolist() == [107, 152]


def test_a_company_of_one_open_deal_has_a_page():
    deal = {"opportunity_id": ["1"], "created_on": ["2026-01-05"], "status": ["open"], "amount": [10.0]}
    book = kpilib.open({"opportunities": pd.DataFrame(deal)}, as_of="2026-02-28")
    for name, figure in figures(Page(book, period="All")).items():
        assert "Something went wrong" not in figure.html, name


# --- the notebook -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def notebook():
    return nbformat.read(NOTEBOOK, 4)


def test_the_notebook_was_run_once_from_its_first_cell_to_its_last(notebook):
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert all(cell.outputs for cell in code)


def test_the_notebook_talks_before_each_figure_and_its_code_is_short(notebook):
    for before, cell in pairwise(notebook.cells):
        if cell.cell_type == "code":
            assert before.cell_type == "markdown"
            assert len(cell.source.splitlines()) <= 6


def test_the_notebook_shows_no_error_no_warning_and_no_place_on_a_machine(notebook):
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert all(output.output_type != "error" and output.get("name") != "stderr" for output in outputs)
    text = NOTEBOOK.read_text(encoding="utf-8")
    assert not re.search(r"/(?:home|root|tmp)/|[A-Z]:\\\\Users|Warning|Something went wrong", text)
    assert len(text) < 1_500_000


def test_no_cell_of_the_page_needs_what_a_laboratory_cell_made(notebook):
    kept = [cell for cell in notebook.cells if "lab" not in cell.metadata.get("tags", [])]
    assert len(kept) < len(notebook.cells)
    scope: dict = {}
    for cell in kept:
        if cell.cell_type == "code":
            exec(compile(cell.source, NOTEBOOK.name, "exec"), scope)
    assert isinstance(scope["page"], Page)
