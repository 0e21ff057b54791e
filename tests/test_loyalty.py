"""Who stayed and who left, from the period's own start: by hand, by a walk in plain Python, and by the engine."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from companies import COLUMNS, company
from hypothesis import given, settings
from hypothesis import strategies as st

import kpilib
from kpilib import BadInput, CannotAnswer, UnknownName
from kpilib.catalogue import CATALOGUE
from kpilib.catalogue.loyalty import DISCOUNT
from kpilib.compute import lives, measure
from kpilib.model.panels import panel
from kpilib.periods import month_of

SPANNED = [
    (key, variant)
    for key, kpi in CATALOGUE.items()
    if kpi.table and panel(kpi.table).spanned
    for variant in (None, *(one.key for one in kpi.variants))
]


def one(frame: pd.DataFrame) -> pd.Series:
    assert len(frame) == 1
    return frame.iloc[0]


def sums(frame: pd.DataFrame) -> list:
    return frame[["numerator", "denominator"]].to_numpy().tolist()


def customers(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["customer_id", "acquired_on", "churned_on"]).assign(name=lambda f: f.customer_id)


def orders(*rows: tuple) -> pd.DataFrame:
    """(customer, day, revenue): a line each; its cost is six tenths."""
    frame = pd.DataFrame(rows, columns=["customer_id", "ordered_on", "revenue"])
    keys = [str(i) for i in range(len(frame))]
    return frame.assign(line_id=keys, order_id=keys, quantity=1, cost=frame["revenue"] * 0.6, currency="EUR")


# --- the definitions that fool people ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def thousand():
    """KPIS.md: 1,000 customers at the start, 500 acquired; 120 of the old and 100 of the new are lost."""
    rows = [(f"o{i}", "2024-05-05", "2025-06-10" if i < 120 else None) for i in range(1000)]
    rows += [(f"n{i}", "2025-03-03", "2025-09-10" if i < 100 else None) for i in range(500)]
    return kpilib.open({"customers": customers(*rows), "order_lines": orders(("o999", "2024-12-01", 1.0))},
                       as_of="2025-12-31")  # fmt: skip


def test_four_definitions_of_churn_give_four_figures_of_one_company(thousand):
    year = {"since": "2025", "until": "2025"}
    shares = {v: one(thousand.kpi("churn_rate", variant=v, **year))["value"] for v in
              ("main", "all_lost_over_opening", "over_average", "of_all_seen")}  # fmt: skip
    assert shares == {
        "main": 120 / 1000, "all_lost_over_opening": 220 / 1000, "over_average": 220 / ((1000 + 1280) / 2),
        "of_all_seen": 220 / 1500,
    }  # fmt: skip
    assert [f"{share:.1%}" for share in shares.values()] == ["12.0%", "22.0%", "19.3%", "14.7%"]


def test_retention_is_what_churn_leaves_and_the_share_still_active_is_another_question(thousand):
    year = {"since": "2025", "until": "2025"}
    assert one(thousand.kpi("retention_rate", **year))["value"] == 0.88
    assert sums(thousand.kpi("retention_rate", variant="active_share", **year)) == [[1280, 1500]]


def test_customers_gained_lost_and_served_add_up(thousand):
    year = {"since": "2025", "until": "2025"}
    figures = [
        one(thousand.kpi(key, **year))["value"] for key in ("new_customers", "lost_customers", "active_customers")
    ]
    assert figures == [500, 220, 1280]


# --- a company of seven lives -----------------------------------------------------------------------------------

LIVES = customers(
    ("stays", "2024-01-15", None),
    ("leaves", "2024-01-15", "2025-02-10"),
    ("comes", "2025-02-01", None),
    ("passes", "2025-02-03", "2025-03-31"),
    ("old", None, "2025-01-01"),  # a customer from before the data, lost on a first of the month
    ("never", None, None),  # a prospect
    ("odd", "2025-03-01", "2025-02-01"),  # lost before it was acquired
    ("first order", None, None),
)
BOUGHT = orders(
    ("stays", "2024-01-20", 100.0), ("stays", "2025-01-20", 150.0), ("leaves", "2024-02-20", 60.0),
    ("first order", "2025-03-05", 10.0), ("comes", "2025-03-06", 40.0),
)  # fmt: skip


@pytest.fixture(scope="module")
def seven():
    return kpilib.open({"customers": LIVES, "order_lines": BOUGHT}, as_of="2025-03-31")


def test_a_life_begins_with_the_first_order_where_no_day_was_given_and_prospects_have_none(seven):
    rows = seven.panel("customer_lives").set_index("customer_id")
    days = {key: [str(day) if pd.notna(day) else None for day in row] for key, row in
            zip(rows.index, rows[["acquired_on", "churned_on"]].to_numpy(), strict=True)}  # fmt: skip
    assert days == {
        "stays": ["2024-01-15", None], "leaves": ["2024-01-15", "2025-02-10"], "comes": ["2025-02-01", None],
        "passes": ["2025-02-03", "2025-03-31"], "old": [None, "2025-01-01"], "first order": ["2025-03-05", None],
    }  # fmt: skip


def test_a_customer_lost_on_the_first_was_one_at_the_start_of_the_month_and_one_who_came_on_it_was_not(seven):
    assert sums(seven.kpi("churn_rate", period="month", since="2025")) == [[1, 3], [1, 2], [1, 3]]
    rows = seven.rows("churn_rate", since="2025-02", until="2025-02")
    assert rows.set_index("customer_id")[["n", "d"]].to_numpy().tolist() == [[1, 1], [0, 1]]
    assert rows["customer_id"].tolist() == ["leaves", "stays"]  # the lost ones first


def test_churn_of_a_quarter_is_not_the_sum_of_its_months(seven):
    # At the start of 2025: stays, leaves, old. Two of them left; who came in February is not asked about.
    assert sums(seven.kpi("churn_rate", period="quarter", since="2025")) == [[2, 3]]
    assert sums(seven.kpi("churn_rate", since="2025-01", until="2025-03")) == [[2, 3]]
    assert sums(seven.kpi("churn_rate", variant="all_lost_over_opening", since="2025")) == [[3, 3]]
    assert sums(seven.kpi("churn_rate", variant="of_all_seen", since="2025")) == [[3, 6]]
    by_month = seven.kpi("churn_rate", variant="of_all_seen", period="month", since="2025")
    assert sums(by_month) == [[1, 3], [1, 4], [1, 4]]  # who comes next month is not seen yet
    assert sums(seven.kpi("churn_rate", variant="over_average", since="2025")) == [[3, (3 + 3) / 2]]


def test_trailing_years_are_asked_from_their_own_first_month(seven):
    answer = seven.kpi("churn_rate", period="ttm", since="2025")
    assert answer["period"].tolist() == ["2024-02 – 2025-01", "2024-03 – 2025-02", "2024-04 – 2025-03"]
    assert sums(answer) == [[1, 3], [2, 3], [2, 3]]


def test_revenue_churn_weighs_the_lost_by_what_they_had_brought_in_the_year_before(seven):
    # The year before 2025: stays 100, leaves 60, old nothing.
    assert sums(seven.kpi("revenue_churn", since="2025")) == [[60, 160]]


def test_a_year_of_revenue_that_the_data_do_not_hold_is_no_figure(seven):
    answer = one(seven.kpi("revenue_churn", since="2024-12"))
    assert (answer["rows"], np.isnan(answer["value"])) == (0, True)
    assert one(seven.kpi("net_revenue_retention"))["rows"] == 0


def test_net_retention_is_of_those_who_were_customers_a_year_before_the_end_lost_ones_included():
    bought = orders(
        ("stays", "2023-06-01", 100.0), ("stays", "2024-06-01", 130.0), ("leaves", "2023-07-01", 100.0),
        ("comes", "2024-08-01", 999.0), ("stays", "2022-12-01", 7.0),
    )  # fmt: skip
    three = customers(("stays", "2023-01-01", None), ("leaves", "2023-01-01", "2024-01-10"),
                      ("comes", "2024-07-01", None))  # fmt: skip
    book = kpilib.open({"customers": three, "order_lines": bought}, as_of="2024-12-31")
    assert sums(book.kpi("net_revenue_retention", since="2024")) == [[130, 200]]
    assert sums(book.kpi("net_revenue_retention", since="2024-11")) == [[130, 200]]  # the period's end decides


def test_before_the_data_and_after_the_day_nobody_is_asked_about(seven):
    for how in ({"since": "2020", "until": "2023"}, {"since": "2026", "until": "2026"}):
        for key, variant in SPANNED:
            answer = one(seven.kpi(key, variant=variant, **how))
            assert (answer["rows"], np.isnan(answer["value"])) == (0, True), (key, variant)
            assert seven.engine.arrow(seven.sql(key, variant=variant, **how))["rows"].to_pylist() == [0]


def test_what_was_lost_after_the_day_is_still_there_on_it():
    book = kpilib.open({"customers": LIVES, "order_lines": BOUGHT}, as_of="2025-02-05")
    assert sums(book.kpi("churn_rate", since="2025")) == [[1, 3]]
    assert one(book.kpi("active_customers"))["value"] == 4  # stays, leaves, comes, passes


def test_a_customer_month_tells_what_was_known_before_it():
    asked = pd.DataFrame(
        [("1", "nps", "2024-02-01", "2024-02-03", 4), ("2", "nps", "2024-03-01", "2024-03-03", 9),
         ("3", "csat", "2024-03-01", "2024-03-03", 2), ("4", "nps", "2024-04-01", "2024-04-01", 1)],
        columns=["response_id", "metric", "sent_on", "answered_on", "score"],
    ).assign(customer_id="a")  # fmt: skip
    tickets = pd.DataFrame({"ticket_id": ["1", "2"], "customer_id": "a", "opened_at": "2024-02-07 10:00"})
    bought = orders(("a", "2024-01-01", 10.0), ("a", "2024-02-09", 5.0), ("a", "2024-02-10", 5.0))
    book = kpilib.open({"customers": customers(("a", "2023-11-20", "2024-04-30")), "order_lines": bought,
                        "surveys": asked, "tickets": tickets}, as_of="2024-06-30")  # fmt: skip
    rows = book.panel("customer_months")
    assert rows["month"].astype(str).tolist() == ["2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01"]
    assert rows[["opening", "acquired", "lost"]].to_numpy().tolist() == [[1, 0, 0]] * 3 + [[1, 0, 1]]
    assert rows["tenure"].tolist() == [2, 3, 4, 5]
    assert rows["revenue"].tolist() == [10, 10, 0, 0]
    assert rows["margin"].tolist() == pytest.approx([4, 4, 0, 0])
    assert rows["orders"].tolist() == [1, 2, 0, 0]
    assert rows["tickets"].tolist() == [0, 2, 0, 0]
    assert rows["revenue_12"].tolist() == [0, 10, 20, 20]
    assert rows["last_nps"].fillna(-1).tolist() == [-1, -1, 4, 9]
    assert rows["last_csat"].fillna(-1).tolist() == [-1, -1, -1, 2]


def test_the_year_before_last_is_the_twelve_months_before_the_trailing_ones():
    bought = orders(*[("a", f"{2022 + m // 12}-{m % 12 + 1:02d}-15", 2.0**m) for m in range(26)])
    rows = kpilib.open({"customers": customers(("a", "2021-01-01", None)), "order_lines": bought}).panel(
        "customer_months", since="2024-02", until="2024-02"
    )
    assert one(rows)["revenue_12"] == sum(2.0**m for m in range(13, 25))
    assert one(rows)["revenue_24"] == sum(2.0**m for m in range(1, 13))


# --- what a customer is worth -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def worth():
    """Ten customers over a year, of whom one leaves in its last month; each brings 25 a month, of which 10 are left."""
    rows = [(f"c{i}", "2023-05-01", "2024-12-15" if i == 0 else None) for i in range(10)]
    bought = [(f"c{i}", f"2024-{m:02d}-02", 25.0) for i in range(10) for m in range(1, 13)]
    return kpilib.open({"customers": customers(*rows), "order_lines": orders(*bought)}, as_of="2024-12-31")


def test_a_customers_worth_is_its_margin_for_as_long_as_it_stays_in_todays_money(worth):
    assert one(worth.kpi("customer_margin"))["value"] == pytest.approx(10)
    assert sums(worth.kpi("monthly_churn")) == [[1, 120]]
    assert one(worth.kpi("arpu"))["value"] == 25
    month, leaving = (1 + DISCOUNT) ** (1 / 12) - 1, 1 / 120
    told = sum(10 * ((1 - leaving) / (1 + month)) ** t for t in range(5000))
    assert one(worth.kpi("clv"))["value"] == pytest.approx(told)


def test_the_formula_is_that_of_the_books():
    # METHODS.md: margin 100, retention .8, discount .1 a period, the first margin now: 366.667.
    parts = {
        "customer_margin": {"value": [100.0], "low": [90.0], "high": [110.0], "denominator": [1.0]},
        "monthly_churn": {"value": [0.2], "low": [0.1], "high": [0.3], "denominator": [1.0]},
    }
    said = {"group": ["all"], "period": ["x"], "complete": [True], "rows": np.array([9.0]), "numerator": np.ones(1)}
    frames = {key: {**said, **{k: np.array(v) for k, v in part.items()}} for key, part in parts.items()}
    answer = measure.derived(replace(CATALOGUE["clv"], discount=1.1**12 - 1), frames)
    assert answer["value"][0] == pytest.approx(366.667, abs=5e-4)
    assert answer["low"][0] < 300 < 450 < answer["high"][0]


def test_where_nobody_left_a_worth_is_refused_and_said_why(worth):
    with pytest.raises(CannotAnswer, match=r"cannot be given: in none of the 110 customer-months did a customer leave"):
        worth.kpi("clv", until="2024-11")
    groups = worth.kpi("clv", by="customer").set_index("group")["value"]
    assert groups.notna().to_dict() == {f"c{i}": i == 0 for i in range(10)}


# --- companies at the edge --------------------------------------------------------------------------------------


def test_without_a_single_loss_recorded_churn_is_not_zero_but_unknown():
    book = kpilib.open({"customers": customers(("a", "2024-01-01", None)), "order_lines": BOUGHT})
    for key in ("churn_rate", "retention_rate", "revenue_churn", "lost_customers", "clv"):
        with pytest.raises(CannotAnswer, match="needs the column 'churned_on' of 'customers', which is empty"):
            book.kpi(key)
    assert book.kpi("active_customers")["rows"].iloc[0] == 1


def test_a_period_without_a_loss_has_an_interval_that_ends_above_zero(seven):
    answer = one(seven.kpi("churn_rate", since="2024-12", until="2024-12"))
    assert (answer["value"], answer["low"]) == (0, 0)
    assert answer["high"] > 0.5


def test_where_all_left_churn_is_whole_and_nobody_is_left_to_ask_about():
    rows = [(f"c{i}", "2023-01-01", "2024-02-10") for i in range(10)]
    book = kpilib.open({"customers": customers(*rows), "order_lines": orders(("c1", "2024-01-01", 1.0))},
                       as_of="2024-04-30")  # fmt: skip
    months = book.kpi("churn_rate", period="month")
    assert months["rows"].tolist() == [10, 10, 0, 0]
    assert months["value"].fillna(-1).tolist() == [0, 1, -1, -1]
    assert one(book.kpi("active_customers", until="2024-02"))["rows"] == 0
    assert one(book.kpi("retention_rate"))["value"] == 0


def test_data_of_customers_alone_have_their_churn():
    book = kpilib.open({"customers": customers(("a", "2023-01-01", "2024-02-10"), ("b", "2023-01-01", None))},
                       as_of="2024-02-29")  # fmt: skip
    assert sums(book.kpi("churn_rate")) == [[1, 2]]
    with pytest.raises(CannotAnswer, match="Revenue churn needs the table 'order_lines'"):
        book.kpi("revenue_churn")


def test_customers_are_not_cut_by_what_they_bought(seven):
    with pytest.raises(UnknownName, match="No dimension of 'churn_rate' is called 'product'"):
        seven.kpi("churn_rate", by="product")
    with pytest.raises(BadInput, match="before it starts"):
        seven.kpi("churn_rate", since="2025-03", until="2025-01")


# --- two methods, one answer ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def aged():
    """A random company whose orders go back three years, so that a year of revenue lies before most periods.

    Six customers never ordered; of some of them only the end is known.
    """
    frames = company(11)
    lines = frames["order_lines"]
    back = [timedelta(500 * (i % 3 > 0)) for i in range(len(lines))]
    days = [day - gap for day, gap in zip(lines["ordered_on"], back, strict=True)]
    buyers = lines["customer_id"].replace({f"c{i}x0": f"c{i + 6}x0" for i in range(6)})
    frames["order_lines"] = lines.assign(ordered_on=days, customer_id=buyers)
    ends = [date(2025, 1, 15), date(2024, 12, 1), None]
    unknown = {"acquired_on": [None] * 3, "churned_on": ends}
    frames["customers"].loc[:2, list(unknown)] = pd.DataFrame(unknown, dtype=object)
    return kpilib.open(frames)


@st.composite
def questions(draw):
    """A KPI of whole periods with a random slice of it."""
    key, variant = draw(st.sampled_from(SPANNED))
    by = draw(st.lists(st.sampled_from(["segment", "industry", "region", "owner", "team", "customer"]), max_size=2,
                       unique=True))  # fmt: skip
    members = {"segment": ["SMB", "(not given)"], "region": ["North", "O'West"], "owner": ["Seller 1", "(not given)"]}
    filtered = draw(st.lists(st.sampled_from(list(members)), max_size=2, unique=True))
    where = {name: draw(st.lists(st.sampled_from(members[name]), min_size=1, unique=True)) for name in filtered}
    begin = 2022 * 12 + draw(st.integers(0, 45))
    end = begin + draw(st.integers(0, 30))
    return key, {
        "variant": variant, "by": by or None, "where": where or None,
        "period": draw(st.sampled_from([None, "month", "quarter", "year", "ttm"])),
        "since": f"{begin // 12}-{begin % 12 + 1:02d}", "until": f"{end // 12}-{end % 12 + 1:02d}",
    }  # fmt: skip


def by_sql(book, key: str, how: dict) -> pd.DataFrame:
    kpi = book._find(key, how["variant"])
    cut = book._cut(kpi, how["by"], how["period"], how["where"], how["since"], how["until"])
    return measure.frame(kpi, cut, book.ask_engine(kpi, cut), book._start, book.as_of)


@settings(max_examples=settings.default.max_examples * 2)
@given(questions())
def test_kept_lives_answer_as_sql_on_the_tables_does(aged, question):
    key, how = question
    answer = aged.kpi(key, **how)
    assert answer.attrs["from"] == "cube"
    names = ["group", "period"]
    left, right = (f.set_index(names)[COLUMNS].astype(float) for f in (answer, by_sql(aged, key, how)))
    pd.testing.assert_frame_equal(left, right, rtol=1e-9, atol=1e-9)


def test_a_definition_that_kept_lives_cannot_tell_is_asked_of_the_engine(aged, monkeypatch):
    monkeypatch.setattr(lives, "KNOWN", lives.KNOWN - {"lost"})
    answer = aged.kpi("churn_rate", period="year")
    assert answer.attrs["from"] == "engine"
    monkeypatch.undo()
    pd.testing.assert_frame_equal(answer, aged.kpi("churn_rate", period="year"))


@pytest.mark.parametrize("months", [1, 3, 7, 12])
def test_a_walk_through_the_customers_finds_the_same_churn(aged, months):
    """In plain Python, one customer and one period at a time."""
    rows = aged.panel("customer_lives")
    assert rows["acquired_on"].isna().any()
    first = month_of(date(2024, 10, 1))
    opens, closes = first, first + months
    had = lost = 0
    for came, left in zip(rows["acquired_on"], rows["churned_on"], strict=True):
        came = -1 if pd.isna(came) else month_of(came)
        left = 10**9 if pd.isna(left) else month_of(left)
        had += came < opens <= left
        lost += came < opens <= left < closes
    end = closes - 1
    answer = aged.kpi("churn_rate", since="2024-10", until=f"{end // 12}-{end % 12 + 1:02d}")
    assert sums(answer) == [[lost, had]]
    assert lost or months == 1


def test_customers_served_are_those_of_the_month_before_with_the_new_and_without_the_lost(aged):
    served, new, lost = (
        aged.kpi(key, period="month").set_index("period")["value"].fillna(0)
        for key in ("active_customers", "new_customers", "lost_customers")
    )
    assert new.sum() > 5 < lost.sum()
    pd.testing.assert_series_equal(served.diff().iloc[1:], (new - lost).iloc[1:], check_names=False)


def test_the_panel_of_periods_by_month_tells_what_the_panel_of_months_tells(aged):
    months, periods = aged.panel("customer_months"), aged.panel("customer_periods")
    there = periods[(periods["seen"] == 1)].reset_index(drop=True)
    assert len(there) == len(months) > 500
    for name in ("customer_id", "opening", "acquired", "lost", "revenue"):
        left = there.sort_values(["period_start", "customer_id"], ignore_index=True)[name]
        right = months.sort_values(["month", "customer_id"], ignore_index=True)[name]
        pd.testing.assert_series_equal(left, right, check_dtype=False)


def test_the_sql_that_is_printed_gives_the_answer(aged):
    for key, variant in SPANNED:
        how = {"variant": variant, "by": "segment", "since": "2025"}
        table = aged.engine.arrow(aged.sql(key, **how)).to_pandas().set_index("segment")["value"]
        answer = aged.kpi(key, **how).set_index("group")["value"]
        pd.testing.assert_series_equal(table, answer, check_names=False, check_index_type=False)
