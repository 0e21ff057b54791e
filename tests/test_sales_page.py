"""The page "Sales": its numbers against the book's and those of a company counted by hand, and what it cannot say."""

import ast
import json
import math
import re
from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from speaking import unsaid

import kpilib
from kpilib.compute import selling
from kpilib.errors import BadInput, CannotAnswer, KpilibError, UnknownName
from kpilib.figures import sales
from kpilib.figures.parts import stock_text
from kpilib.model.dimensions import NOT_GIVEN
from kpilib.show import Page, View, charts, tables
from kpilib.show.charts.plot import Nothing
from kpilib.stats.scores import nps, nps_error, nps_interval

NOTEBOOK = "notebooks/02_sales.ipynb"
FIGURES = {
    "breakdown": sales.breakdown,
    "margin_rate": sales.margin_rate,
    "pareto": sales.pareto,
    "customers": partial(sales.pareto, by="customer"),
    "trend": sales.trend,
    "quarters": sales.quarters,
    "baskets": sales.baskets,
    "kinds": sales.kinds,
    "cross_sell": partial(sales.rate, key="cross_sell_rate"),
    "up_sell": partial(sales.rate, key="up_sell_rate"),
    "repeat": partial(sales.rate, key="repeat_rate"),
    "aftersales": sales.aftersales,
    "satisfaction": sales.satisfaction,
}


def frame(columns: str, *rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=columns.split())


CUSTOMERS = frame("customer_id name segment owner_id", ("c1", "<img src=x onerror=alert(1)>", "SMB", "s1"),
                  ("c2", "Beta", "SMB", "s2"), ("c3", "Gamma", "Key", "s2"))  # fmt: skip
PRODUCTS = frame("product_id product category tier", ("p1", '=HYPERLINK("x")', "Door", 1), ("p2", "Gate", "Door", 2),
                 ("p3", "Lamp", "Light", 1), ("p4", "Bulb", "Light", 2), ("p5", "Old", None, None))  # fmt: skip
LINES = frame(
    "line_id order_id customer_id product_id owner_id ordered_on quantity revenue cost",
    ("1", "A", "c1", "p1", "s1", "2025-05-10", 100, 500.0, 200.0),
    ("2", "A", "c1", "p2", "s1", "2025-05-10", 50, 300.0, 150.0),
    ("3", "B", "c2", "p1", "s2", "2026-02-10", 100, 300.0, 200.0),
    ("4", "C", "c3", "p2", "s2", "2026-03-10", 50, 300.0, None),
    ("5", "C", "c3", "p3", "s2", "2026-03-10", 20, 150.0, 100.0),
    ("6", "D", "c2", "p4", "s2", "2026-05-10", 10, 50.0, 30.0),
    ("7", "D", "c2", "p5", "s2", "2026-05-10", -1, -40.0, -20.0),
).assign(currency="EUR")
TICKETS = frame(
    "ticket_id customer_id product_id opened_at resolved_at handling_minutes contacts",
    ("t1", "c1", "p1", "2026-02-11T09:00:00", "2026-02-11T12:00:00", 60.0, 1),
    ("t2", "c2", "p1", "2026-03-11T09:00:00", "2026-03-13T12:00:00", 120.0, 2),
    ("t3", "c2", "p1", "2026-05-15T09:00:00", None, None, None),
    ("t4", "c3", "p2", "2026-04-11T09:00:00", "2026-05-20T12:00:00", 30.0, 1),
)
SURVEYS = frame(
    "response_id customer_id product_id metric sent_on answered_on score",
    *((f"a{i}", "c1", "p1", "csat", "2026-03-01", "2026-03-05", score) for i, score in enumerate((5, 4, 3, 2))),
    *((f"b{i}", "c2", "p2", "nps", "2026-03-01", "2026-03-05", score) for i, score in enumerate((2, 7, 8, 9, 9, 10))),
    ("r1", "c3", None, "nps", "2026-03-01", "2026-05-25", 10),
    ("r2", "c3", None, "nps", "2026-03-01", None, None),
)
COMPANY = {
    "customers": CUSTOMERS,
    "salespeople": frame("owner_id owner team", ("s1", "Ann", "East"), ("s2", "Bob", "West")),
    "products": PRODUCTS, "order_lines": LINES, "tickets": TICKETS, "surveys": SURVEYS,
}  # fmt: skip


@pytest.fixture(scope="module")
def book():
    return kpilib.open(COMPANY, as_of="2026-05-31")


@pytest.fixture(scope="module")
def view(book):
    return View(book)


# --- against the book -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", sales.BY)
def test_revenue_margin_and_rate_are_the_books_own(year, by):
    drawn = sales.breakdown(year, by)
    table = drawn.table.set_index(drawn.table.columns[0])
    for column, key in (("Revenue", "revenue"), ("Margin", "margin"), ("Margin rate", "margin_rate")):
        answer = year.book.kpi(key, by=by, since="2025-07", until="2026-06").set_index("group")["value"]
        pd.testing.assert_series_equal(table[column].sort_index(), answer.sort_index(), check_names=False)
    assert table["Share"].sum() == pytest.approx(1)
    assert drawn.rows == len(year.panel("sales"))


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_follows_the_filters_and_says_its_slice_and_its_rows(demo, name):
    page = Page(demo, when="ordered_on")
    figure = page.figure("A question?", FIGURES[name])
    before = figure.html
    page.choose(region=["Bretagne", "Normandie"], category=["Alarms", "Lighting", "Maintenance"])
    assert figure.html != before
    assert figure.error is None
    foot = re.search(r'kpi-foot">([^<]*)', figure.html).group(1)
    assert foot.startswith("Region Bretagne or Normandie; product type Alarms, Lighting or Maintenance; 20")
    assert re.search(r"· [\d,]+ rows?$", foot)


@pytest.mark.parametrize("key", ["cross_sell_rate", "up_sell_rate", "repeat_rate"])
def test_the_rates_of_the_buyers_are_the_books_own(year, key):
    drawn = sales.rate(year, key, "region")
    answer = year.kpi(key, by="region").set_index("group")["value"]
    shown = drawn.table.set_index("Region").iloc[:, 0]
    pd.testing.assert_series_equal(shown.sort_index(), answer.sort_index(), check_names=False)


def test_a_share_of_money_is_not_said_to_be_one_of_lines(year):
    cross, repeat = (year.kpi(key).iloc[0] for key in ("cross_sell_rate", "repeat_rate"))
    said = f"The cross-sell rate is {cross['value']:.1%} over {cross['rows']:,} order lines"
    assert said in sales.rate(year, "cross_sell_rate").finding
    said = f"The repeat rate is {repeat['value']:.1%} of {repeat['rows']:,} orders"
    assert said in sales.rate(year, "repeat_rate").finding


def test_the_kinds_of_sale_make_up_the_revenue(year):
    table = sales.kinds(year).table
    assert table["Revenue"].sum() == pytest.approx(year.kpi("revenue")["value"].item())
    assert set(table["Kind of sale"]) == {"First purchase", "Repeat", "Cross-sell", "Up-sell"}


def test_effort_by_product_type_is_hours_over_units_summed_apart(year):
    table = sales.aftersales(year, "category").table.set_index("Product type")
    hours = year.panel("tickets").groupby("category")["handling_hours"].sum()
    units = year.kpi("units", by="category").set_index("group")["value"]
    expected = (100 * hours / units).sort_index()
    pd.testing.assert_series_equal(table["Hours for 100 units"].sort_index(), expected, check_names=False)


def test_the_planted_worst_products_of_the_demo_ask_for_more_work_than_its_best(demo):
    table = sales.aftersales(View(demo)).table.set_index("Product")["Hours for 100 units"]
    assert table['=HYPERLINK("http://example.invalid")'] > table["Luciole Pilotée"]
    assert table["Cerbère Volume"] > table["Cerbère Centrale"]


# --- counted by hand --------------------------------------------------------------------------------------------


def test_shares_and_what_is_left(view):
    # Revenue: p1 800, p2 600, p3 150, p4 50, p5 −40: with a negative part there are no shares.
    drawn = sales.breakdown(view)
    assert drawn.table["Revenue"].tolist() == [800, 600, 150, 50, -40]
    assert drawn.table["Share"].isna().all()
    # Margins: 400 (of 800), 150 (of 300: a line without its cost is left out), 50, 20, −20.
    assert drawn.table["Margin"].tolist() == [400, 150, 50, 20, -20]
    assert drawn.table["Margin rate"].tolist() == pytest.approx([400 / 800, 150 / 300, 50 / 150, 20 / 50, 20 / 40])
    assert "leaves out 1 line whose cost is not known" in drawn.note
    # Of types: Door 1400, Light 200, and 40 given back of no type.
    assert "We sold €1,560 in 7 order lines, which left €600" in drawn.finding


def test_shares_of_what_was_sold_in_a_slice_without_returns(view):
    drawn = sales.breakdown(view.but(until="2026-03"))
    assert drawn.table["Share"].tolist() == pytest.approx([800 / 1550, 600 / 1550, 150 / 1550])
    assert '=HYPERLINK("x") brings 51.6% of it.' in drawn.finding


def test_a_pareto_adds_up_what_was_sold_and_says_apart_what_came_back(view):
    drawn = sales.pareto(view)
    assert drawn.table["Together"].tolist() == pytest.approx([0.5, 0.875, 0.96875, 1])
    assert drawn.finding == '2 of 4 products (50.0%) make up 80% of the revenue; the largest, =HYPERLINK("x"), 50.0%.'
    assert drawn.note == "Left out: 1 of the products, where no more was bought than came back (€40)."


def test_eighty_percent_that_is_reached_exactly_needs_no_further_group():
    adding, taking = selling.concentration(pd.DataFrame({"group": list("abcd"), "value": [0.3, 0.1, 0.5, 0.1]}))
    assert adding["group"].tolist() == ["c", "a", "b", "d"]
    assert (selling.needed(adding), len(taking)) == (2, 0)
    assert selling.needed(adding.head(0)) == 0


def test_a_product_nobody_sold_in_the_slice_has_no_pareto(view):
    with pytest.raises(Nothing):
        sales.pareto(view.but(since="2025-06", until="2025-07"))


def test_effort_is_the_hours_of_tickets_for_100_units_sold(view):
    drawn = sales.aftersales(view)
    table = drawn.table.set_index("Product")
    # p1: 1 + 2 hours, the open ticket not counted, over 200 units; p2: half an hour over 100; p5: more back than sold.
    assert table.loc['=HYPERLINK("x")', ["Hours for 100 units", "Tickets", "Units"]].tolist() == [1.5, 2, 200]
    assert table.loc["Gate", "Hours for 100 units"] == 0.5
    assert table.loc["Lamp", ["Hours for 100 units", "95% interval "]].tolist() == [0, "–"]
    assert math.isnan(table.loc["Old", "Hours for 100 units"])
    assert drawn.rows == 3
    # 3.5 hours over 329 units.
    assert drawn.finding.startswith("100 units sold take 1.06 hours of after-sales work")


def test_the_interval_of_the_effort_is_the_t_interval_of_the_ledgers_residuals(view):
    one = selling.effort(view.kpi("service_effort"), view.kpi("support_hours")).iloc[0]
    hours = np.r_[np.zeros(7), 1, 2, 0.5]
    units = np.r_[view.panel("sales")["quantity"], 0, 0, 0]
    rest = hours - hours.sum() / units.sum() * units
    low, high = stats.t.interval(0.95, 9, 0, stats.sem(rest) / units.mean())
    assert (one["value"], one["high"]) == (pytest.approx(350 / 329), pytest.approx(350 / 329 + 100 * high))
    assert one["low"] == max(0, 350 / 329 + 100 * low)
    assert (one["rows"], one["hours"], one["units"]) == (3, 3.5, 329)


def test_a_group_of_tickets_and_no_units_has_no_effort_and_one_without_tickets_no_interval():
    asked = frame("group value low high numerator denominator",
                  ("sold no more", math.nan, math.nan, math.nan, 5.0, 0.0), ("no trouble", 0.0, -0.1, 0.1, 0.0, 9.0),
                  ("returned", -0.5, -1.0, 0.0, 2.0, -4.0))  # fmt: skip
    made = selling.effort(asked, frame("group rows", ("sold no more", 3), ("returned", 2))).set_index("group")
    assert made["value"].isna().tolist() == [True, False, True]
    assert made[["low", "high"]].isna().all(axis=None)
    assert made["rows"].tolist() == [3, 0, 2]


ANSWERS = st.lists(
    st.tuples(
        st.sampled_from(["B", "A", "é", "(not given)"]), st.sampled_from(["csat", "nps", "ces"]),
        st.none() | st.integers(0, 10),
    )
)  # fmt: skip


@given(ANSWERS)
def test_the_scores_of_groups_are_those_of_their_answers_taken_one_by_one(given_):
    answers = frame("by metric score", *given_) if given_ else pd.DataFrame(columns=["by", "metric", "score"])
    for metric, draw in (("csat", selling.csat), ("nps", selling.nps)):
        known = {}
        for group, asked, score in given_:
            if asked == metric and score is not None:
                known.setdefault(group, []).append(score)
        made = draw(answers.astype({"score": float}), "by").set_index("group")
        assert list(made.index) == sorted(known)
        assert made["rows"].tolist() == [len(known[group]) for group in sorted(known)]
        for group, each in known.items():
            value = sum(one >= 4 for one in each) / len(each) if metric == "csat" else (
                100 * (sum(one >= 9 for one in each) - sum(one <= 6 for one in each)) / len(each))  # fmt: skip
            assert made.loc[group, "value"] == pytest.approx(value)


def test_satisfaction_about_a_product_and_about_none_are_kept_apart(view):
    drawn = sales.satisfaction(view)
    table = drawn.table.set_index("Product")
    assert table.loc['=HYPERLINK("x")', ["CSAT", "CSAT answers", "Margin rate"]].tolist() == [0.5, 4, 0.5]
    assert table.loc['=HYPERLINK("x")', "CSAT, 95% interval"] == "15.0% to 85.0%"  # Wilson, 2 of 4
    assert table.loc["Gate", "NPS"] == pytest.approx(100 * (3 - 1) / 6)
    assert drawn.rows == 10
    assert "customers give an NPS of 100.0" in drawn.note


def test_few_answers_are_not_ranked(view):
    assert sales.satisfaction(view).finding == "No group has 10 answers or more; none is ranked. 4 answers in all: " \
        "choose a longer period."  # fmt: skip


def test_a_basket_is_of_an_order_or_of_a_customer():
    rows = [(str(i), str(i), f"c{i % 100}", "2026-01-05", 1, 80.0) for i in range(250)]
    lines = frame("line_id order_id customer_id ordered_on quantity revenue", *rows).assign(currency="EUR")
    said = sales.baskets(View(kpilib.open({"order_lines": lines}))).finding
    assert "An order is worth €80" in said
    assert "250 orders" in said
    assert "spends €200 in the period" in said
    assert "in 2.50 orders" in said


def test_a_month_is_compared_with_the_same_month_a_year_before(view):
    drawn = sales.trend(view.but(since="2026-02", until="2026-05"))
    assert drawn.table["Revenue"].tolist()[:2] == [300, 450]
    assert drawn.table["A year before"].tolist()[3] == 800
    assert drawn.finding == "Revenue was €10 in 2026-05, after 2025-05 (€800): too few lines to compare."


def test_the_change_of_a_total_is_told_where_both_periods_have_rows_enough():
    rows = [(f"{year}{i}", f"{year}{i}", "c1", f"{year}-03-05", 1, each)
            for year, each in ((2025, 100.0), (2026, 80.0)) for i in range(10)]  # fmt: skip
    lines = frame("line_id order_id customer_id ordered_on quantity revenue", *rows).assign(currency="EUR")
    march = View(kpilib.open({"order_lines": lines}, as_of="2026-03-31"), since="2026-03")
    assert sales.trend(march).finding == "Revenue was €800 in 2026-03, 20.0% less than in 2025-03 (€1,000)."


def test_the_quarters_reach_back_beyond_the_slice_and_the_unfinished_one_is_marked(view):
    drawn = sales.quarters(view.but(since="2026-04", until="2026-04"))
    # The data begin in May: their first quarter is not whole, and left out.
    assert drawn.slice == "All regions, 2025-07 to 2026-05"
    assert drawn.table["Period"].tolist()[-2:] == ["2026Q1", "2026Q2 (not over)"]
    assert drawn.finding == "Revenue was €750 in 2026Q1; the data do not reach a year further back."


def test_a_measure_that_no_trend_has_is_answered_with_the_closest_one(view):
    with pytest.raises(UnknownName, match="Did you mean 'Margin rate'"):
        sales.trend(view, "Margin rates")


@pytest.mark.parametrize("name", FIGURES)
def test_no_figure_reads_order_lines_one_by_one(year, name, monkeypatch):
    panel = View.panel
    asked = []
    monkeypatch.setattr(View, "panel", lambda self, table, **how: asked.append(table) or panel(self, table, **how))
    monkeypatch.setattr(View, "rows", None)
    assert FIGURES[name](year).rows
    assert set(asked) <= {"answers"}


@pytest.mark.parametrize("name", FIGURES)
def test_the_records_behind_a_mark_are_those_of_its_group(year, name):
    drawn = FIGURES[name](year)
    field, key = drawn.drill["field"], drawn.drill.get("kpi")
    if field in (None, "period"):
        assert key in year.book.kpis
        return
    first = drawn.table.iloc[0, 0]
    inside = year.but(where={field: [first]})
    behind = inside.rows(key) if key else inside.panel(drawn.drill["panel"], when=drawn.drill["when"])
    assert len(behind) > 0


# --- the reader's language ----------------------------------------------------------------------------------------


@pytest.fixture
def titles(monkeypatch):
    """What charts are given to call their axes; the charts themselves are not drawn."""
    said = []

    def chart(_, *, measure="", names=None, **__):
        said.extend([measure] if names is None else names.values())

    for name in ("bars", "pairs", "pareto", "line"):
        monkeypatch.setattr(charts, name, chart)
    return said


@pytest.fixture(scope="module")
def members(demo):
    return {str(member) for field in (*sales.BY, *sales.WHOSE, "customer") for member in demo.members(field)["member"]}


@pytest.mark.parametrize("where", [{}, {"region": ["Bretagne", "Normandie"]}], ids=["all", "narrowed"])
@pytest.mark.parametrize("name", FIGURES)
def test_every_text_of_a_figure_is_a_message(demo, members, name, where, masked, titles):
    view = View(demo, where, since="2025-07", until="2026-06")
    drawn = FIGURES[name](view)
    shown = tables.cells(drawn.table, view.words)
    assert titles
    for text in (drawn.finding, drawn.note, drawn.slice or view.text, stock_text(view), *shown.names, *titles):
        assert unsaid(text, members) == "", text
    for first, *others in shown.rows:
        assert first in members or unsaid(first) == ""
        assert "".join(map(unsaid, others)) == ""


@pytest.fixture(scope="module")
def costless():
    return kpilib.open({**COMPANY, "order_lines": LINES.assign(cost=None)}, as_of="2026-05-31")


@pytest.mark.parametrize("name", FIGURES)
def test_what_cannot_be_told_is_a_message_too(book, costless, name, masked, titles):
    members = {*CUSTOMERS["name"], *PRODUCTS["product"], "Door", "Light", NOT_GIVEN, "SMB", "Key", "Ann", "Bob"}
    for one in (book, costless) if name in ("breakdown", "aftersales") else (book,):
        for months in ((None, None), ("2026-02", "2026-03"), ("2026-05", "2026-05"), (None, "2026-03")):
            try:
                drawn = FIGURES[name](View(one, {}, *months))
            except Nothing:
                continue
            assert unsaid(drawn.finding, members) == unsaid(drawn.note, members) == "", drawn


@pytest.mark.parametrize("draw", [sales.aftersales, sales.satisfaction])
def test_a_missing_table_is_told_in_the_readers_language(draw, masked):
    book = kpilib.open({"order_lines": LINES})
    with pytest.raises(CannotAnswer, match=r"^[^a-z]*tickets[^a-z]*$|^[^a-z]*surveys[^a-z]*$"):
        draw(View(book))


def test_what_is_not_given_is_called_so_in_the_readers_language(view, masked):
    by_type = sales.breakdown(view, "category").table["Product type"].tolist()
    assert sorted(by_type) == ["(··· ·····)", "Door", "Light"]
    assert sales.margin_rate(view, "category").table["Margin rate"].isna().sum() == 0
    assert view.but(where={"category": [NOT_GIVEN, "Door"]}).text.startswith("······· ···· (··· ·····) ·· Door")


def test_french_numbers_stand_in_a_finding_as_french_writes_them(demo):
    said = sales.margin_rate(View(demo, locale="fr")).finding.replace("\u202f", " ").replace("\xa0", " ")
    assert re.search(r"\(\d\d,\d % à \d\d,\d %\)", said)
    assert re.search(r"\d,\d points?", said)


# --- the panels of what customers say ---------------------------------------------------------------------------


def test_what_was_answered_or_resolved_later_is_not_known_yet():
    earlier = kpilib.open(COMPANY, as_of="2026-05-01")
    answers = earlier.panel("answers").set_index("response_id")
    assert answers["score"].notna().sum() == 10
    assert pd.isna(answers.loc["r1", "answered_on"])
    tickets = earlier.panel("tickets").set_index("ticket_id")
    assert list(tickets.index) == ["t1", "t2", "t4"]
    assert tickets["handling_hours"].tolist()[:2] == [1, 2]
    assert pd.isna(tickets.loc["t4", "handling_hours"])


def test_the_salesperson_of_a_ticket_is_the_customers(book):
    assert sorted(book.panel("tickets", where={"owner": ["Bob"]})["ticket_id"]) == ["t2", "t3", "t4"]
    assert "the filter takes the customer's" in sales.aftersales(View(book, {"owner": ["Bob"]})).note


def test_a_row_of_a_panel_stays_one_row(book):
    assert len(book.panel("answers")) == len(SURVEYS)
    assert len(book.panel("tickets", since="2026-03", until="2026-04")) == 2


# --- the net promoter score -------------------------------------------------------------------------------------


def test_the_standard_error_of_an_nps():
    assert nps(1, 2, 3) == pytest.approx(1 / 3)
    assert nps_error(1, 2, 3) ** 2 * 6 == pytest.approx(5 / 9)
    assert nps_error([1, 1], [2, 1], [3, 1]).round(3).tolist() == [0.304, 0.471]


def test_the_interval_of_an_nps_is_the_adjusted_wald_one():
    low, high = nps_interval(20, 30, 50)
    assert (low.round(4), high.round(4)) == (0.1405, 0.4420)


def test_an_nps_of_nobody_is_missing_and_one_of_few_stays_within_its_scale():
    assert np.isnan(nps(0, 0, 0))
    assert np.isnan(nps_interval(0, 0, 0)).all()
    low, high = nps_interval([0, 2], [0, 0], [2, 0])
    assert high[0] == 1
    assert low[1] == -1
    assert low[0] == pytest.approx(-high[1])
    with pytest.raises(BadInput, match="below 0"):
        nps(-1, 2, 3)


# --- what it says where it cannot -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FIGURES)
def test_without_order_lines_each_figure_says_which_table_is_missing(maven, name):
    page = Page(maven, when="ordered_on")
    figure = page.figure("A question?", FIGURES[name])
    assert re.search(r"needs the table &#x27;(order_lines|tickets|surveys)&#x27;.*It would say", figure.html)
    assert isinstance(figure.error, KpilibError)


@pytest.mark.parametrize(("absent", "draw"), [("tickets", sales.aftersales), ("surveys", sales.satisfaction)])
def test_a_company_without_tickets_or_surveys_says_so(absent, draw):
    book = kpilib.open({name: rows for name, rows in COMPANY.items() if name != absent})
    with pytest.raises(CannotAnswer, match=f"needs the table '{absent}'.*It would say"):
        draw(View(book))
    assert sales.breakdown(View(book)).rows == 7


def test_a_company_that_keeps_no_costs_still_sees_its_revenue_and_its_effort():
    book = kpilib.open({**COMPANY, "order_lines": LINES.assign(cost=None)}, as_of="2026-05-31")
    drawn = sales.breakdown(View(book, until="2026-03"))
    assert drawn.finding.startswith("We sold €1,550 in 5 order lines; their cost is not known.")
    assert list(drawn.table) == ["Product", "Revenue", "Share", "Lines"]
    effort = sales.aftersales(View(book))
    assert effort.table.set_index("Product")["Hours for 100 units"].head(2).tolist() == [1.5, 0.5]
    assert "Margin rate" not in effort.table
    with pytest.raises(CannotAnswer, match="needs the column 'cost' of 'order_lines'"):
        sales.margin_rate(View(book))


# The quarters are not asked: they reach beyond the slice.
@pytest.mark.parametrize("name", [name for name in FIGURES if name != "quarters"])
def test_a_slice_without_rows_says_so(book, name):
    page = Page(book, when="ordered_on")
    figure = page.figure("A question?", FIGURES[name])
    page.choose(since="2025-07", until="2025-07")
    assert "Nothing to show: no row matches" in figure.html


def test_hostile_names_are_shown_as_text(book):
    page = Page(book, period="All", when="ordered_on")
    for name, draw in FIGURES.items():
        html = page.figure(name, draw).html
        assert "<img" not in html
    assert "=HYPERLINK(&quot;x&quot;)" in page.figure("products", sales.breakdown).html
    assert "&lt;img src=x onerror=alert(1)&gt;" in page.figure("customers", FIGURES["customers"]).html


# --- the notebook -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def notebook(top):
    return json.loads((top / NOTEBOOK).read_text())


def test_the_notebook_is_saved_after_one_clean_run(notebook, top):
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    outputs = json.dumps([cell["outputs"] for cell in cells])
    assert '"stderr"' not in outputs
    assert not re.search(r"/(?:work|root|home|tmp|usr)/|Warning", outputs)
    assert (top / NOTEBOOK).stat().st_size < 1_500_000


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


def test_a_viewer_of_a_company_without_orders_reads_a_page_of_reasons(notebook, shared_data, monkeypatch):
    monkeypatch.setenv("KPILIB_DATA", str(shared_data / "maven_crm"))
    shown = run_as_a_viewer(notebook)
    texts = [piece._repr_mimebundle_()["text/plain"] for piece in shown]
    assert len(texts) > 12
    assert sum("needs the table" in text for text in texts) >= 13
    assert not any("Something went wrong" in text for text in texts)


@pytest.mark.slow
def test_a_viewer_of_the_demo_sees_no_figure_that_fails(notebook, top, monkeypatch):
    monkeypatch.setenv("KPILIB_DATA", str(top / "data" / "demo"))
    for piece in run_as_a_viewer(notebook):
        piece._repr_mimebundle_()
        assert getattr(piece, "error", None) is None
