"""A KPI under all its definitions, on any page: what is compared, what is warned of, what cannot be compared."""

import nbformat
import pandas as pd
import pytest
from speaking import mask, unsaid

import kpilib
from kpilib.errors import CannotAnswer
from kpilib.figures import variants
from kpilib.show import Page, View, tables
from kpilib.show.charts.plot import Nothing

#: Of Ada's deals 6 of 10 are won, small ones; of Bob's 3 of 10, among them a large one.
DEALS = pd.DataFrame(
    [
        (owner, f"{owner}{at}", won, 100 if owner == "ada" else (5000 if at == 0 else 100))
        for owner, wins in (("ada", 6), ("bob", 3))
        for at, won in enumerate([True] * wins + [False] * (10 - wins))
    ],
    columns=["owner_id", "opportunity_id", "won", "amount"],
)
#: KPIs of every page that have other definitions, and by what they are compared.
KEYS = {
    "win_rate": "owner", "cross_sell_rate": "segment", "churn_rate": "segment", "csat": "segment",
    "payment_delay": "region",
}  # fmt: skip


def company(**changes):
    deals = DEALS.assign(
        status=DEALS["won"].map({True: "won", False: "lost"}), stage="Closed", currency="EUR", created_on="2026-02-01",
        closed_on="2026-03-01",
    ).drop(columns="won")  # fmt: skip
    people = pd.DataFrame({"owner_id": ["ada", "bob"], "owner": ["Ada", "Bob"]})
    return kpilib.open({"opportunities": deals.assign(**changes), "salespeople": people}, as_of="2026-06-30")


@pytest.fixture(scope="module")
def view():
    return View(company())


@pytest.fixture(scope="module")
def demo(top):
    return View(kpilib.open(top / "data" / "demo"), {}, "2025-07", "2026-06")


def test_each_definition_stands_in_its_own_line_with_what_it_asks_and_its_two_sums(view):
    drawn = variants.definitions(view, "win_rate")
    table = drawn.table.set_index("Definition")
    assert table.loc["Win rate", ["Its value", "Above", "Below"]].tolist() == ["45.0%", "9", "20"]
    # Won: 6 × 100 by Ada; 5,000 and 2 × 100 by Bob; of 6,900 in all.
    assert table.loc["Win rate by value", ["Its value", "Above", "Below"]].tolist() == ["84.1%", "5,800", "6,900"]
    assert table.loc["Win rate", "What it says"] == "Of the deals we closed, what share did we win?"
    assert drawn.finding.startswith("By its main definition the win rate is 45.0%; its 3 definitions go from 45.0%")


def test_who_is_best_may_depend_on_the_definition_and_the_page_warns(view):
    drawn = variants.best(view, "win_rate", "owner")
    assert drawn.finding == (
        "Beware: who stands first depends on the definition of the win rate: Ada by win rate and win rate of the "
        "created; Bob by win rate by value."
    )
    assert drawn.table.set_index("Definition").loc["Win rate by value", ["Best", "Worst"]].tolist() == ["Bob", "Ada"]
    assert drawn.drill == {"kpi": "win_rate", "field": "owner"}


def test_where_lower_is_better_the_lowest_stands_first(demo):
    table = variants.best(demo, "payment_delay", "segment").table
    answer = demo.kpi("payment_delay", by="segment").sort_values("value")["group"].tolist()
    assert table.iloc[0][["Best", "Worst"]].tolist() == [answer[0], answer[-1]]


@pytest.mark.parametrize("key", KEYS)
def test_every_value_is_what_the_book_answers_under_that_definition(demo, key):
    table = variants.definitions(demo, key).table.set_index("Definition")
    kpi = demo.book.kpis[key]
    for one in (kpi, *kpi.variants):
        row = demo.kpi(key, variant=one.key if one.of else None).iloc[0]
        assert table.loc[one.name, "Its value"] == demo.words.text(row["value"], one.unit)
        assert table.loc[one.name, "95% interval"] == (demo.words.interval(row["low"], row["high"], one.unit) or "–")


@pytest.mark.parametrize("key", KEYS)
def test_the_chart_holds_the_definitions_of_one_unit_about_the_main_one(demo, key):
    drawn, kpi = variants.definitions(demo, key), demo.book.kpis[key]
    alike = [one.name for one in (kpi, *kpi.variants) if one.unit == kpi.unit]
    if len(alike) < 2:
        assert drawn.chart is None
        assert "in other units" in drawn.finding
        return
    assert drawn.chart.signals["terms"] == alike
    assert drawn.chart.data["at"] == [{"value": demo.kpi(key)["value"].item()}]


def test_small_groups_are_not_ranked(view):
    few = View(company(owner_id=["ada"] * 11 + ["bob"] * 9))
    with pytest.raises(CannotAnswer, match="No two groups have 10 rows or more"):
        variants.best(few, "win_rate", "owner")


def test_a_kpi_with_one_definition_has_nothing_to_compare(view):
    with pytest.raises(CannotAnswer, match="Won amount has one definition only"):
        variants.definitions(view, "won_amount")


def test_a_kpi_that_cannot_be_answered_says_what_is_missing(view):
    with pytest.raises(CannotAnswer, match="needs the table 'order_lines'"):
        variants.definitions(view, "cross_sell_rate")


def test_a_slice_without_rows_says_so(view):
    with pytest.raises(Nothing):
        variants.definitions(view.but(since="2026-05", until="2026-06"), "win_rate")


@pytest.mark.parametrize("key", KEYS)
def test_every_text_is_a_message(demo, key, monkeypatch):
    members = {str(one) for name in ("owner", "segment", "region") for one in demo.book.members(name)["member"]}
    mask(monkeypatch)
    for drawn in (variants.definitions(demo, key), variants.best(demo, key, KEYS[key])):
        shown = tables.cells(drawn.table, demo.words)
        # A language writes days and points itself.
        for text in (drawn.finding, drawn.note, *shown.names, *(cell for row in shown.rows for cell in row)):
            assert unsaid(text, members).replace("days", "") == "", text


@pytest.mark.parametrize(("stem", "key"), [("01_opportunities", "win_rate"), ("02_sales", "cross_sell_rate")])
def test_the_strip_stands_in_the_notebooks_where_it_teaches(top, stem, key):
    notebook = nbformat.read(top / "notebooks" / f"{stem}.ipynb", 4)
    shown = [
        cell.source for cell in notebook.cells if cell.cell_type == "code" and "variants.definitions" in cell.source
    ]
    assert len(shown) == 1
    assert key in shown[0]


def test_the_strip_follows_the_filters(demo):
    page = Page(demo.book)
    figure = page.figure("Does it depend on the definition?", lambda view: variants.definitions(view, "win_rate"))
    before = figure.finding
    page.choose(segment=["SMB"])
    assert figure.finding != before
    assert "Customer family SMB" in figure.plain
