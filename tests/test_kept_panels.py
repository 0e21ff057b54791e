"""What is kept beside the cubes gives exactly what the engine gives: rows of panels, medians, entities counted once."""

import subprocess
import sys
from unittest import mock

import numpy as np
import pandas as pd
import pytest
from companies import as_for_millions, company
from hypothesis import given, settings
from hypothesis import strategies as st

import kpilib
from kpilib.compute import keep, measure
from kpilib.model.panels import PANELS, panel

pytestmark = pytest.mark.slow

KEPT = [
    "deals", "opportunity_months", "stage_steps", "pipeline_moves", "activities", "answers", "tickets", "reviews",
    "invoices", "customer_lives", "customer_months", "customer_changes", "events", "actions",
]  # fmt: skip
FILTERED = ["segment", "industry", "region", "owner", "team", "category", "status", "stage", "customer"]
MONTHS = [None, "2024-03", "2024-09", "2025-01", "2025-05"]


@pytest.fixture(scope="module")
def random_company():
    return kpilib.open(company(3))


@pytest.fixture(scope="module")
def salesforce(shared_data):
    return kpilib.open(shared_data / "salesforce_sdo")


@pytest.fixture(scope="module")
def large():
    """The same company with entities counted the way they are for millions of order lines."""
    with as_for_millions("entities as of millions of lines"):
        one_owner = company(3)
        one_owner["order_lines"] = one_owner["order_lines"].assign(owner_id=None)
        return kpilib.open(one_owner)


def by_engine(book, name: str, **how) -> pd.DataFrame:
    """What `Book.panel` answers with no panel kept."""
    with mock.patch.object(book.cubes, "panel", return_value=None):
        return book.panel(name, **how)


@st.composite
def slices_of_panels(draw, book):
    """A panel with a random slice of it and some of its columns."""
    name = draw(st.sampled_from(KEPT))
    one = panel(name)
    where = {}
    for dimension in draw(st.lists(st.sampled_from(FILTERED), max_size=2, unique=True)):
        members = sorted(book.cubes.index.get(dimension, ()))
        if dimension in one.dimensions and members:
            where[dimension] = draw(st.lists(st.sampled_from(members), min_size=1, max_size=3, unique=True))
    first, last = draw(st.sampled_from(MONTHS)), draw(st.sampled_from(MONTHS))
    if first and last and first > last:
        first, last = last, first
    columns = list(book.cubes.panel(name).columns)
    when = draw(st.sampled_from([None, *one.dates]))
    wanted = draw(st.one_of(st.none(), st.lists(st.sampled_from(columns), min_size=1, max_size=5, unique=True)))
    return name, {"where": where, "since": first, "until": last, "when": when, "columns": wanted}


@given(st.data())
@pytest.mark.parametrize("which", ["random_company", "demo", "salesforce"])
@settings(max_examples=settings.default.max_examples // 2)
def test_a_kept_panel_is_the_frame_that_the_engine_gives(request, which, data):
    book = request.getfixturevalue(which)
    name, how = data.draw(slices_of_panels(book))
    kept, asked = book.panel(name, **how), by_engine(book, name, **how)
    by = list(kept.columns)
    if name == "stage_steps":  # entries of one day are ties: neither says which comes first
        kept, asked = (f.sort_values(by, ignore_index=True, key=lambda c: c.astype(str)) for f in (kept, asked))
    pd.testing.assert_frame_equal(kept, asked)


def test_every_small_panel_is_kept_and_order_lines_are_not(demo):
    kept = [name for name in PANELS if demo.cubes.panel(name)]
    assert {*KEPT, "import_log", "leads", "campaigns", "ticket_months"} <= {*kept}
    assert not {"sales", "orders"} & {*kept}


def test_a_kept_panel_opens_no_database(demo, monkeypatch):
    book = kpilib.book.Book(demo.about, lambda: pytest.fail("the database was opened"), demo.cubes)
    assert len(book.panel("deals", where={"segment": ["SMB"]}, since="2025", columns=["amount"])) > 100
    assert book.kpi("sales_cycle", variant="median", by="segment").attrs["from"] == "cube"
    for dimension in ("segment", "industry", "region", "owner", "category"):
        assert book.members(dimension)["rows"].sum() > 10_000


def test_members_are_counted_in_kept_rows_as_the_engine_counts_them(random_company):
    for dimension in ("owner", "stage", "customer"):
        kept = random_company.members(dimension, "activities")
        with mock.patch.object(random_company.cubes, "members", return_value=None):
            asked = kpilib.book.Book(random_company.about, random_company._connect, random_company.cubes)
            pd.testing.assert_frame_equal(kept, asked.members(dimension, "activities"))
            asked.close()


def test_the_order_of_the_columns_asked_is_kept_and_a_column_nobody_has_is_refused(demo):
    assert list(demo.panel("deals", columns=["status", "amount", "created_on"])) == ["status", "amount", "created_on"]
    with pytest.raises(kpilib.CannotAnswer, match="amuont"):
        demo.panel("deals", columns=["amuont"])


def test_a_frame_of_kept_rows_may_be_written_to(demo):
    rows = demo.panel("deals")
    rows.loc[0, "amount"] = 1.5
    assert rows["amount"].iloc[0] == 1.5
    assert demo.panel("deals")["amount"].iloc[0] != 1.5


def test_whole_numbers_and_flags_have_the_type_of_their_slice():
    frames = company(3)
    frames["tickets"] = frames["tickets"].assign(contacts=[None, *[2] * (len(frames["tickets"]) - 1)])
    book = kpilib.open(frames)
    rows = book.panel("tickets")
    assert rows["contacts"].dtype == float
    empty = rows.loc[rows["contacts"].isna(), "ticket_id"]
    months = pd.to_datetime(rows["opened_at"]).dt.strftime("%Y-%m")
    other = sorted(set(months) - set(months[rows["ticket_id"].isin(empty)]) - set(months[rows["contacts"].isna()]))
    assert other, "a month in which every request has its contacts"
    assert book.panel("tickets", since=other[0], until=other[0])["contacts"].dtype == np.int64
    steps = book.panel("stage_steps")
    assert steps["first_visit"].dtype == bool


def test_a_panel_that_is_too_large_to_keep_is_asked_of_the_engine(monkeypatch):
    monkeypatch.setattr(keep, "MOST", 10)
    monkeypatch.setattr("kpilib.opening.definitions", lambda: "hardly anything is kept")
    book = kpilib.open(company(3))
    assert book.cubes.panel("deals") is None
    assert len(book.panel("deals")) > 10
    assert book.kpi("sales_cycle", variant="median").attrs["from"] == "engine"


def test_a_median_from_kept_rows_is_the_median_from_the_tables(demo, monkeypatch):
    where = {"region": demo.members("region")["member"].tolist()[:3]}
    how = {"variant": "median", "by": "segment", "period": "quarter", "since": "2025", "where": where}
    kept = demo.kpi("sales_cycle", **how)
    monkeypatch.setattr(demo.cubes, "panel", lambda _: None)
    asked = demo.kpi("sales_cycle", **how)
    assert (kept.attrs["from"], asked.attrs["from"]) == ("cube", "engine")
    pd.testing.assert_frame_equal(kept, asked)


# --- entities over any months and members -----------------------------------------------------------------------

COUNTING = [("average_order", None), ("average_basket", None), ("repeat_rate", None), ("cross_sell_rate", "by_order"),
            ("cross_sell_rate", "by_customer"), ("up_sell_rate", "by_customer")]  # fmt: skip
OFFERED = ["segment", "industry", "region", "category", "owner"]


@st.composite
def odd_questions(draw):
    """A KPI that counts entities, over months that make no period and members that share entities."""
    key, variant = draw(st.sampled_from(COUNTING))
    first, length = draw(st.integers(0, 20)), draw(st.integers(0, 23))
    begin, end = 2024 * 12 + 2 + first, 2024 * 12 + 2 + first + length
    members = {"category": ["Door", "Light", "(not given)"], "segment": ["SMB", "Key", "(not given)"],
               "region": ["North", "South", "O'West"], "owner": ["Seller 1", "Seller 2", "(not given)"]}  # fmt: skip
    filtered = draw(st.lists(st.sampled_from(list(members)), max_size=3, unique=True))
    where = {name: draw(st.lists(st.sampled_from(members[name]), min_size=1, unique=True)) for name in filtered}
    by = draw(st.lists(st.sampled_from(OFFERED), max_size=2, unique=True))
    period = draw(st.sampled_from([None, "month", "quarter", "year"]))
    span = {"since": f"{begin // 12}-{begin % 12 + 1:02d}", "until": f"{end // 12}-{end % 12 + 1:02d}"}
    return key, {"variant": variant, "by": by or None, "where": where, "period": period, **span}


def by_sql(book, key: str, how: dict) -> pd.DataFrame:
    kpi = book._find(key, how["variant"])
    cut = book._cut(kpi, how["by"], how["period"], how["where"], how["since"], how["until"])
    return measure.frame(kpi, cut, book.ask_engine(kpi, cut), book._start, book.as_of)


@given(odd_questions())
def test_entities_of_any_months_and_members_are_counted_as_sql_counts_them(random_company, question):
    key, how = question
    answer = random_company.kpi(key, **how)
    assert answer.attrs["from"] == "cube"
    pd.testing.assert_frame_equal(answer, by_sql(random_company, key, how), rtol=1e-9, atol=1e-9)


@given(odd_questions())
def test_entities_of_millions_of_lines_are_counted_as_sql_counts_them(large, question):
    key, how = question
    answer = large.kpi(key, **how)
    if "category" not in (how["by"] or ()):  # by type, with several chosen: one type at a time is asked of the engine
        assert answer.attrs["from"] == "cube"
    pd.testing.assert_frame_equal(answer, by_sql(large, key, how), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("key", "variant"), COUNTING)
@pytest.mark.parametrize("category", [["Door", "Light"], ["Light", "(not given)"]])
def test_two_product_types_over_eleven_months_give_every_sum_that_sql_gives(
    random_company, large, key, variant, category
):
    how = {"variant": variant, "by": None, "period": None, "where": {"category": category}}
    how = {**how, "since": "2024-04", "until": "2025-02"}
    for book in (random_company, large):
        for by in (None, "region"):
            asked = {**how, "by": by}
            pd.testing.assert_frame_equal(book.kpi(key, **asked), by_sql(book, key, asked), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("by", ["category", "owner", None])
def test_customers_of_one_month_whom_two_salespeople_sold_the_same_type_count_once(random_company, by):
    where = {"category": ["Door", "Light"], "owner": ["Seller 1", "Seller 2", "(not given)"]}
    for month in ("2024-05", "2024-11", "2025-03"):
        asked = {"variant": None, "by": by, "period": "month", "where": where, "since": month, "until": month}
        answer = random_company.kpi("average_basket", **asked)
        pd.testing.assert_frame_equal(answer, by_sql(random_company, "average_basket", asked), rtol=1e-9, atol=1e-9)


def test_the_customers_of_five_months_are_those_who_bought_in_any_of_them(random_company, large):
    lines = random_company.panel("sales", since="2024-06", until="2024-10", where={"category": ["Door", "Light"]})
    how = {"since": "2024-06", "until": "2024-10", "where": {"category": ["Door", "Light"]}}
    for book in (random_company, large):
        assert book.kpi("average_basket", **how)["denominator"].iloc[0] == lines["customer_id"].nunique()
        assert book.kpi("average_order", **how)["denominator"].iloc[0] == lines["order_id"].nunique()
        assert book.kpi("average_order", **how)["numerator"].iloc[0] == pytest.approx(lines["revenue"].sum())


# --- the ledger of lines and requests ---------------------------------------------------------------------------


def test_hours_of_handling_for_a_hundred_units_are_hours_over_units_and_no_row_is_counted_twice():
    tickets = pd.DataFrame(
        [("t1", "p1", "2026-01-03 09:00", "2026-01-03 10:00", 30), ("t2", "p1", "2026-01-04 09:00", None, None),
         ("t3", "p2", "2026-02-01 09:00", "2026-02-02 09:00", 90)],
        columns=["ticket_id", "product_id", "opened_at", "resolved_at", "handling_minutes"],
    )  # fmt: skip
    lines = pd.DataFrame(
        [("1", "p1", "2026-01-01", 2), ("2", "p1", "2026-01-02", 3), ("3", "p2", "2026-02-28", 4)],
        columns=["line_id", "product_id", "ordered_on", "quantity"],
    ).assign(order_id="A", customer_id="c1", revenue=1.0, currency="EUR")
    products = pd.DataFrame({"product_id": ["p1", "p2"], "product": ["Lock", "Lamp"], "category": ["Door", "Light"]})
    book = kpilib.open({"tickets": tickets, "order_lines": lines, "products": products})
    hours = book.kpi("support_hours", by="product").set_index("group")
    assert hours[["value", "rows"]].to_dict("index") == {
        "Lamp": {"value": 1.5, "rows": 1},
        "Lock": {"value": 0.5, "rows": 1},
    }
    effort = book.kpi("service_effort", by="category").set_index("group")
    assert effort["value"].to_dict() == {"Door": 50 / 5, "Light": 150 / 4}
    assert book.kpi("service_effort")["value"].iloc[0] == 200 / 9


def test_effort_needs_both_requests_and_order_lines():
    tickets = pd.DataFrame({"ticket_id": ["1"], "opened_at": ["2026-01-01 09:00"], "handling_minutes": [5]})
    with pytest.raises(kpilib.CannotAnswer, match="After-sales effort for 100 units needs the table 'order_lines'"):
        kpilib.open({"tickets": tickets}).kpi("service_effort")


# --- a warm parent and its children -----------------------------------------------------------------------------

PARENT = """
import os, sys, threading
import numpy, pandas, scipy.special  # what they start is theirs
before = len(os.listdir("/proc/self/task"))
import kpilib
book = kpilib.open("data/demo")
book.kpi("average_basket", since="2026-01", until="2026-05", by="segment", period="quarter")
book.kpi("sales_velocity", by="owner")
book.members("owner"), book.members("category")
book.kpi("sales_cycle", variant="median")
for name in ("deals", "opportunity_months", "stage_steps", "activities", "answers", "tickets"):
    book.panel(name, since="2025-01", until="2025-08")
    book.panel(name)
assert threading.active_count() == 1, threading.enumerate()
assert len(os.listdir("/proc/self/task")) == before, "a thread was started"
assert "duckdb" not in sys.modules and "engine" not in book.__dict__
child = os.fork()
if not child:
    os._exit(0 if len(book.rows("revenue", limit=3)) == 3 else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), "engine" in book.__dict__)
"""


@pytest.mark.slow
def test_a_parent_answers_without_a_thread_or_a_connection_and_its_child_opens_its_own(demo, top):
    done = subprocess.run(
        [sys.executable, "-c", PARENT], cwd=top, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["0", "False"]
