"""What a book answers, against numbers counted by hand."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

import kpilib
from kpilib import BadInput, CannotAnswer, UnknownName
from kpilib.compute import measure


def deals(*rows: tuple) -> pd.DataFrame:
    columns = [
        "opportunity_id",
        "customer_id",
        "owner_id",
        "created_on",
        "closed_on",
        "status",
        "amount",
        "probability",
    ]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(currency="EUR", stage=[{"open": "Quote"}.get(s, "Closed") for s in frame["status"]])


FRAMES = {
    "customers": pd.DataFrame(
        [("c1", "Alpha", "SMB", "North"), ("c2", "Beta", "SMB", "South"), ("c3", "Beta", "Key", "South")],
        columns=["customer_id", "name", "segment", "region"],
    ),
    "salespeople": pd.DataFrame([("s1", "Ann", "East"), ("s2", "Bob", "West")], columns=["owner_id", "owner", "team"]),
    "opportunities": deals(
        ("o1", "c1", "s1", "2026-01-01", "2026-01-11", "won", 100.0, 1.0),
        ("o2", "c1", "s1", "2026-01-05", "2026-02-04", "lost", 300.0, 0.0),
        ("o3", "c2", "s2", "2026-01-10", "2026-02-09", "won", 200.0, 1.0),
        ("o4", "c3", "s2", "2026-02-01", "2026-04-02", "lost", None, 0.0),
        ("o5", "c3", "s2", "2026-03-01", None, "open", 400.0, 0.25),
        ("o6", None, "s1", "2026-05-20", None, "open", 600.0, 0.5),
        ("o7", "c2", None, "2026-03-10", "2026-03-01", "won", 50.0, 1.0),  # closed before it was created
    ),
}


@pytest.fixture(scope="module")
def book():
    return kpilib.open(FRAMES, as_of="2026-05-31")


def value(answer: pd.DataFrame) -> float:
    assert len(answer) == 1
    return float(answer["value"].iloc[0])


def test_the_answer_has_the_columns_that_were_promised(book):
    answer = book.kpi("win_rate", by="segment", period="quarter")
    assert list(answer.columns) == [
        "group", "period", "value", "numerator", "denominator", "rows", "low", "high", "complete",
    ]  # fmt: skip
    assert book.kpi("win_rate", by=["segment", "region"]).columns[:3].tolist() == ["group", "segment", "region"]


def test_win_rate_counts_won_over_closed(book):
    answer = book.kpi("win_rate").iloc[0]
    assert (answer["numerator"], answer["denominator"], answer["rows"]) == (3, 5, 5)
    assert answer["value"] == 0.6
    assert (round(answer["low"], 4), round(answer["high"], 4)) == (0.2307, 0.8824)  # Wilson, 3 of 5


def test_win_rate_by_value_leaves_out_deals_without_an_amount(book):
    assert value(book.kpi("win_rate", variant="by_value")) == pytest.approx(350 / 650)


def test_win_rate_of_the_created_counts_open_deals_below_the_line(book):
    assert value(book.kpi("win_rate", variant="cohort")) == pytest.approx(3 / 7)


def test_the_sales_cycle_leaves_out_a_deal_closed_before_its_creation(book):
    answer = book.kpi("sales_cycle").iloc[0]
    assert (answer["value"], answer["rows"]) == (20, 2)  # 10 and 30 days; o7 is impossible
    assert value(book.kpi("sales_cycle", variant="all_closed")) == pytest.approx((10 + 30 + 30 + 60) / 4)


def test_won_amount_and_average_deal(book):
    assert value(book.kpi("won_amount")) == 350
    assert value(book.kpi("average_deal")) == pytest.approx(350 / 3)


def test_a_stock_is_taken_at_the_end_of_each_period(book):
    months = book.kpi("open_opportunities", period="month").set_index("period")["value"]
    # January: o1 closed on the 11th, o2 and o3 still open. March: o4, o5. May: o5, o6.
    assert months.to_dict() == {"2026-01": 2, "2026-02": 1, "2026-03": 2, "2026-04": 1, "2026-05": 2}
    quarters = book.kpi("open_opportunities", period="quarter").set_index("period")["value"]
    assert quarters.to_dict() == {"2026Q1": 2, "2026Q2": 2}
    assert value(book.kpi("open_opportunities", until="2026-04")) == 1


def test_a_deal_without_a_date_of_creation_is_open_today_and_unknown_before():
    frames = {"opportunities": deals(("o1", None, None, None, None, "open", 1.0, 0.5),
                                     ("o2", None, None, "2026-01-01", "2026-03-01", "won", 1.0, 1.0))}  # fmt: skip
    months = kpilib.open(frames).kpi("open_opportunities", period="month")["value"]
    assert months.tolist() == [1, 1, 1]  # o2, o2, then o1 on the day itself


def test_the_pipeline_and_its_weight(book):
    assert value(book.kpi("open_pipeline")) == 1000
    assert value(book.kpi("weighted_pipeline")) == 400 * 0.25 + 600 * 0.5
    assert value(book.kpi("mean_probability")) == pytest.approx(0.4)
    assert value(book.kpi("mean_probability", variant="per_deal")) == pytest.approx(0.375)


def test_a_probability_set_by_closing_is_not_taken_for_the_one_declared_before(book):
    january = book.kpi("weighted_pipeline", until="2026-01").iloc[0]
    assert np.isnan(january["value"])  # o2 and o3 were open; their 0 and 1 were set when they closed


def test_velocity_is_the_product_of_its_four_parts(book):
    answer = book.kpi("sales_velocity").iloc[0]
    assert answer["value"] == pytest.approx(2 * 0.6 * (350 / 3) / 20)
    assert answer["low"] < answer["value"] < answer["high"]


def test_velocity_from_one_win_has_a_value_and_no_interval(book):
    # Ann's: o1 won, 100 in 10 days; o2 lost; o6 open.
    answer = book.kpi("sales_velocity", where={"team": "East"}).iloc[0]
    assert answer["value"] == pytest.approx(1 * 0.5 * 100 / 10)
    assert np.isnan(answer["low"])
    assert np.isnan(answer["high"])


def test_two_customers_of_one_name_stay_two_groups(book):
    groups = book.kpi("won_amount", by="customer").set_index("group")["value"].dropna()
    assert groups.to_dict() == {"Alpha": 100, "Beta (c2)": 250}


def test_what_is_not_given_is_a_group_of_its_own(book):
    groups = book.kpi("open_pipeline", by="region").set_index("group")["value"]
    assert groups.to_dict() == {"(not given)": 600, "South": 400}


def test_an_empty_slice_is_nan_with_no_rows_and_never_zero(book):
    answer = book.kpi("won_amount", where={"segment": "Key"}).iloc[0]
    assert np.isnan(answer["value"])
    assert answer["rows"] == 0
    april = book.kpi("won_amount", period="month").set_index("period").loc["2026-04"]
    assert np.isnan(april["value"])
    assert april["rows"] == 0


def test_before_the_data_begin_a_stock_is_nan_in_each_period_and_never_missing(book):
    before = book.kpi("open_opportunities", period="quarter", since="2025Q3", until="2025Q4")
    assert before[["period", "rows"]].to_numpy().tolist() == [["2025Q3", 0], ["2025Q4", 0]]
    assert before["value"].isna().all()
    across = book.kpi("open_opportunities", period="quarter", since="2025Q4", until="2026Q1")
    assert across["rows"].tolist() == [0, 2]


def test_a_kpi_without_time_is_not_asked_by_period(book):
    assert book.kpi("refused_rate")["value"].iloc[0] == 0
    with pytest.raises(BadInput, match="'refused_rate' has no time"):
        book.kpi("refused_rate", period="month")


def test_a_period_that_is_not_over_is_marked(book):
    assert book.kpi("win_rate", period="quarter")["complete"].tolist() == [True, False]
    assert book.kpi("win_rate", period="month")["complete"].tolist() == [True] * 5


def test_as_of_an_earlier_day_knows_nothing_of_what_came_later():
    book = kpilib.open(FRAMES, as_of=date(2026, 1, 31))
    assert book.as_of == date(2026, 1, 31)
    assert book.kpi("win_rate").iloc[0][["numerator", "denominator"]].tolist() == [1, 1]
    assert value(book.kpi("open_opportunities")) == 2


def test_names_that_do_not_exist_are_answered_with_the_closest_one(book):
    with pytest.raises(UnknownName, match=r"No KPI is called 'win_rat'. Did you mean 'win_rate'\?"):
        book.kpi("win_rat")
    with pytest.raises(UnknownName, match=r"No dimension of 'win_rate' is called 'regoin'. Did you mean 'region'\?"):
        book.kpi("win_rate", by="regoin")
    with pytest.raises(UnknownName, match=r"No member of 'segment' is called 'SMBs'. Did you mean 'SMB'\?"):
        book.kpi("win_rate", where={"segment": ["SMBs"]})
    with pytest.raises(UnknownName, match=r"No period is called 'quater'. Did you mean 'quarter'\?"):
        book.kpi("win_rate", period="quater")
    with pytest.raises(UnknownName, match=r"No variant of 'win_rate' is called 'cohorts'. Did you mean 'cohort'\?"):
        book.kpi("win_rate", variant="cohorts")
    with pytest.raises(UnknownName, match=r"No panel is called 'deal'. Did you mean 'deals'\?"):
        book.panel("deal")


def test_a_range_that_ends_before_it_starts_is_refused(book):
    with pytest.raises(BadInput, match=r"ends \(2026-01\) before it starts \(2026-03\)"):
        book.kpi("win_rate", since="2026-03", until="2026-01")


def test_a_member_that_is_hostile_sql_is_only_an_unknown_member(book):
    with pytest.raises(UnknownName, match="No member of 'region'"):
        book.kpi("win_rate", where={"region": ["x'); DROP TABLE customers; --"]})


def test_a_kpi_without_its_table_says_which_and_what_it_would_show(book):
    with pytest.raises(CannotAnswer, match=r"Revenue needs the table 'order_lines'.*What did we sell"):
        book.kpi("revenue")
    with pytest.raises(CannotAnswer, match="Stalled share needs the table 'activities' or 'stage_changes'"):
        book.kpi("stalled_share")


def test_a_kpi_whose_column_is_empty_says_which():
    plain = {"opportunities": FRAMES["opportunities"].assign(probability=None)}
    with pytest.raises(
        CannotAnswer, match=r"Weighted pipeline needs the column 'probability' of 'opportunities', which is"
    ):
        kpilib.open(plain).kpi("weighted_pipeline")


def test_members_are_counted_in_the_panel_that_is_asked(book):
    assert book.members("segment", "deals").set_index("member")["rows"].to_dict() == {
        "Key": 2,
        "SMB": 4,
        "(not given)": 1,
    }
    assert book.members("segment", "sales").empty
    with pytest.raises(UnknownName, match=r"No dimension is called 'regoin'. Did you mean 'region'\?"):
        book.members("regoin")


def test_what_an_engine_leaves_in_the_last_bits_is_no_figure():
    sums = np.array([1506930.4999999998, 0.1 + 0.2, 0.0, -12345678.910000002, 3e15 / 7])
    settled = measure.settled(sums)
    assert settled[:4].tolist() == [1506930.5, 0.3, 0.0, -12345678.91]
    assert settled[4] == pytest.approx(3e15 / 7, rel=1e-11)


def test_the_records_behind_a_number_add_up_to_it(book):
    rows = book.rows("win_rate")
    assert (rows["n"].sum(), rows["d"].sum()) == (3, 5)
    assert set(rows["opportunity_id"]) == {"o1", "o2", "o3", "o4", "o7"}
    with pytest.raises(CannotAnswer, match="made of other KPIs"):
        book.rows("sales_velocity")


def test_the_sql_that_is_printed_gives_the_answer(book):
    for key in ("win_rate", "open_pipeline", "sales_cycle"):
        table = book.engine.arrow(book.sql(key, by="segment")).to_pandas().set_index("segment")["value"]
        answer = book.kpi(key, by="segment").set_index("group")["value"].dropna()
        pd.testing.assert_series_equal(table.dropna(), answer, check_names=False, check_index_type=False)


def test_the_sql_of_a_stock_names_the_months_of_the_slice_alone(book):
    sql = book.sql("open_pipeline", since="2026-02", until="2026-03")
    assert "VALUES (DATE '2026-02-01', DATE '2026-02-28'), (DATE '2026-03-01', DATE '2026-03-31'))" in sql
    assert book.engine.arrow(sql)["value"].to_pylist() == [400.0]  # at the end of March o4, without an amount, and o5
    assert value(book.kpi("open_pipeline", since="2026-02", until="2026-03")) == 400


def test_the_catalogue_lists_every_definition_and_what_is_missing(book):
    glossary = book.catalogue()
    assert (glossary["question"].str.endswith("?")).all()
    assert (
        glossary.set_index(["key", "variant"]).loc[("win_rate", "cohort"), "formula"] == "SUM(status = 'won') / SUM(1)"
    )
    assert "order_lines" in glossary.set_index(["key", "variant"]).loc[("revenue", ""), "missing"]


def test_the_median_cycle_counts_open_deals_as_long_as_they_were_open(book):
    # Created to end: won 10, 30; lost 30, 60; open 91, 11. o7 is impossible. Of six deals the CIF of winning is 1/6 at
    # day 10, then 4 at risk at day 30 (o6 censored at 11): 1/6 + 5/6 · 1/4 = 3/8; half of that is reached at day 30.
    answer = book.kpi("sales_cycle", variant="median").iloc[0]
    assert answer["value"] == 30
    assert answer["low"] <= 30 <= answer["high"]


def test_a_median_by_group_and_quarter_is_the_median_of_that_slice(top):
    demo = kpilib.open(top / "data" / "demo")
    how = {"variant": "median", "since": "2025", "until": "2025"}
    table = demo.kpi("sales_cycle", by="segment", period="quarter", **how).set_index(["group", "period"])
    assert len(table) == 12
    alone = demo.kpi("sales_cycle", where={"segment": "SMB"}, **{**how, "since": "2025Q2", "until": "2025Q2"}).iloc[0]
    columns = ["value", "low", "high", "rows"]
    assert table.loc[("SMB", "2025Q2"), columns].tolist() == alone[columns].tolist()
    whole = demo.kpi("sales_cycle", **how).iloc[0]
    assert table["rows"].sum() == whole["rows"]


# --- sales ------------------------------------------------------------------------------------------------------


def lines(*rows: tuple) -> pd.DataFrame:
    columns = ["line_id", "order_id", "customer_id", "product_id", "ordered_on", "quantity", "revenue", "cost"]
    return pd.DataFrame(rows, columns=columns).assign(currency="EUR")


PRODUCTS = pd.DataFrame(
    [("p1", "Lock", "Door", 1), ("p2", "Gate", "Door", 2), ("p3", "Lamp", "Light", 1), ("p4", "Misc", None, None)],
    columns=["product_id", "product", "category", "tier"],
)
SALES = {
    "customers": FRAMES["customers"],
    "products": PRODUCTS,
    "order_lines": lines(
        ("1", "A", "c1", "p1", "2026-01-05", 2, 100.0, 60.0),
        ("2", "A", "c1", "p3", "2026-01-05", 1, 40.0, None),
        ("3", "B", "c1", "p2", "2026-02-05", 1, 80.0, 50.0),  # a higher tier of a category bought before
        ("4", "C", "c2", "p1", "2026-02-10", 1, 50.0, 30.0),
        ("5", "D", "c2", "p3", "2026-03-10", 1, 40.0, 20.0),  # a category never bought before
        ("6", "D", "c2", "p1", "2026-03-10", -1, -50.0, -30.0),  # a return
        ("7", "E", "c1", "p1", "2026-04-05", 1, 50.0, 30.0),  # a lower tier again
        ("8", "F", "c2", "p2", "2026-05-05", 1, 80.0, 50.0),
        ("9", "G", "c2", "p2", "2026-05-06", 1, 80.0, 50.0),
    ),
}


@pytest.fixture(scope="module")
def shop():
    return kpilib.open(SALES)


def test_the_kind_of_a_line_is_derived_where_the_source_has_none(shop):
    kinds = shop.panel("sales").set_index("line_id")["kind"].to_dict()
    assert kinds == {
        "1": "new", "2": "new", "3": "up_sell", "4": "new", "5": "cross_sell", "6": "repeat", "7": "repeat",
        "8": "up_sell", "9": "repeat",
    }  # fmt: skip


def test_a_kind_that_the_source_gives_is_kept():
    given = SALES["order_lines"].assign(kind=["repeat", *[None] * 8])
    kinds = kpilib.open({**SALES, "order_lines": given}).panel("sales").set_index("line_id")["kind"]
    assert (kinds["1"], kinds["2"]) == ("repeat", "new")


def test_margin_leaves_out_lines_whose_cost_is_not_known(shop):
    assert value(shop.kpi("revenue")) == 470
    assert value(shop.kpi("margin")) == 430 - 260
    rate = shop.kpi("margin_rate").iloc[0]
    assert (rate["value"], rate["rows"]) == (pytest.approx(170 / 430), 8)


def test_cross_sell_and_up_sell_by_money_orders_and_customers(shop):
    assert value(shop.kpi("cross_sell_rate")) == pytest.approx(40 / 470)
    assert value(shop.kpi("cross_sell_rate", variant="by_order")) == pytest.approx(1 / 7)
    assert value(shop.kpi("cross_sell_rate", variant="by_customer")) == pytest.approx(1 / 2)
    assert value(shop.kpi("up_sell_rate")) == pytest.approx(160 / 470)
    assert value(shop.kpi("up_sell_rate", variant="by_order")) == pytest.approx(2 / 7)
    assert value(shop.kpi("up_sell_rate", variant="by_customer")) == 1


def test_repeat_orders_are_those_of_customers_who_bought_on_an_earlier_day(shop):
    answer = shop.kpi("repeat_rate").iloc[0]
    assert (answer["numerator"], answer["denominator"]) == (5, 7)


def test_an_order_of_two_categories_is_one_order(shop):
    groups = shop.kpi("average_order", by="category").set_index("group")["denominator"].to_dict()
    assert groups == {"Door": 7, "Light": 2}
    assert shop.kpi("average_order").iloc[0]["denominator"] == 7


def test_an_order_of_two_chosen_categories_counts_once(shop):
    both = shop.kpi("average_order", where={"category": ["Door", "Light"]})
    assert (both.attrs["from"], both["denominator"].iloc[0]) == ("cube", 7)
    one = shop.kpi("average_order", where={"category": ["Light"]})
    assert (one.attrs["from"], one["denominator"].iloc[0]) == ("cube", 2)


def test_what_no_cube_adds_up_is_asked_of_the_engine(shop):
    years = shop.kpi("average_basket", by="kind", since="2026-01", until="2026-05")
    assert years.attrs["from"] == "engine"
    assert years.set_index("group")["denominator"].to_dict() == {"cross_sell": 1, "new": 2, "repeat": 2, "up_sell": 2}


def test_customers_of_a_quarter_are_not_the_sum_of_its_months(shop):
    months = shop.kpi("average_basket", period="month")["denominator"].tolist()
    quarters = shop.kpi("average_basket", period="quarter")["denominator"].tolist()
    assert (months, quarters) == ([1, 2, 1, 1, 1], [2, 2])


def test_trailing_twelve_months_begin_when_there_are_twelve():
    rows = [(str(m), str(m), "c1", "p1", f"{2025 + m // 12}-{m % 12 + 1:02d}-03", 1, 10.0 + m, 1.0) for m in range(14)]
    answer = kpilib.open({"order_lines": lines(*rows)}).kpi("revenue", period="ttm")
    assert answer["period"].tolist() == ["2025-01 – 2025-12", "2025-02 – 2026-01", "2025-03 – 2026-02"]
    assert answer["value"].tolist() == [sum(10 + m for m in range(k, k + 12)) for k in range(3)]


def test_a_basket_per_order_is_not_a_basket_per_customer():
    # KPIS.md: 100 customers, 250 orders, 20,000 euros: 80 an order, 200 a customer.
    rows = [(str(i), str(i), f"c{i % 100}", None, "2026-01-05", 1, 80.0, 1.0) for i in range(250)]
    book = kpilib.open({"order_lines": lines(*rows)})
    assert (value(book.kpi("average_order")), value(book.kpi("average_basket"))) == (80, 200)


def test_cohort_and_closed_win_rates_are_different_questions():
    # KPIS.md: 200 created, 30 won, 50 lost, 120 open: 37.5 % of the closed, 15 % of the created.
    fates = ["won"] * 30 + ["lost"] * 50 + ["open"] * 120
    rows = [
        (str(i), None, None, "2026-01-01", None if f == "open" else "2026-01-20", f, 1.0, 0.5)
        for i, f in enumerate(fates)
    ]
    book = kpilib.open({"opportunities": deals(*rows)})
    assert value(book.kpi("win_rate")) == 0.375
    assert value(book.kpi("win_rate", variant="cohort")) == 0.15
