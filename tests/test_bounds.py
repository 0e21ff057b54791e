"""What a figure can be, given what is missing: by hand, by trying every completion, from cubes and on real data."""

import math
from itertools import product

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kpilib
from kpilib.catalogue import CATALOGUE
from kpilib.show import View
from kpilib.show.doubt import found_of, said
from kpilib.show.tiles import tile
from kpilib.stats.bounds import bounds


def deals(won=0, lost=0, still=0, fresh=0, amount=10.0):
    """So many deals of each fate; the open ones were touched last on the day of their creation."""
    day = {"created_on": "2026-01-05", "amount": amount, "currency": "EUR", "owner_id": "s1"}
    rows = [{**day, "status": "won", "closed_on": "2026-03-01"}] * won
    rows += [{**day, "status": "lost", "closed_on": "2026-03-02"}] * lost
    rows += [{**day, "status": "open"}] * still + [{**day, "created_on": "2026-06-20", "status": "open"}] * fresh
    return pd.DataFrame([{"opportunity_id": f"o{at}", **row} for at, row in enumerate(rows)])


def firm(**counts):
    calls = pd.DataFrame(
        {"activity_id": ["a1"], "opportunity_id": ["o0"], "owner_id": ["s1"], "done_on": ["2026-01-06"]}
    )
    people = pd.DataFrame({"owner_id": ["s1"], "owner": ["Ada"], "team": ["A"]})
    return kpilib.open(
        {"opportunities": deals(**counts), "activities": calls, "salespeople": people}, as_of="2026-06-30"
    )


@pytest.fixture(scope="module")
def worked():
    """120 won, 180 lost, 100 that nobody has touched for months, 7 of last week."""
    return firm(won=120, lost=180, still=100, fresh=7)


# --- the formula ------------------------------------------------------------------------------------------------


@given(
    st.lists(st.sampled_from([(0, 1), (1, 1)]), max_size=8),
    st.integers(0, 6),
)
def test_the_ends_are_the_least_and_the_most_of_all_completions(known, gone):
    n, d = sum(one for one, _ in known), len(known)
    if not d + gone:
        return
    every = [(n + sum(rest)) / (d + gone) for rest in product((0, 1), repeat=gone)]
    low, high = bounds(n, d, gone, 0, gone)
    assert (float(low), float(high)) == pytest.approx((min(every), max(every)))


def test_rows_counted_below_already_are_not_counted_twice():
    low, high = bounds(3, 10, 2, 0, 2, inside=True)
    assert (float(low), float(high)) == pytest.approx((0.3, 0.5))


def test_a_total_lies_between_its_known_part_and_that_with_the_most_of_the_rest():
    assert [float(end) for end in bounds(100, None, 40, 0, 40)] == [100, 140]
    assert [float(end) for end in bounds(100, None, 4, 0, math.inf)] == [100, math.inf]


def test_nothing_below_the_line_gives_no_range():
    assert all(math.isnan(end) for end in bounds(0, 0, 0, 0, 0))


# --- a book's figures -------------------------------------------------------------------------------------------


def test_a_win_rate_of_forty_per_cent_is_really_thirty_to_fifty_five(worked):
    line = worked.bounds("win_rate").iloc[0]
    assert line[["value", "lowest", "highest", "undecided", "rows"]].tolist() == [0.4, 0.3, 0.55, 100, 300]
    by_value = worked.bounds("win_rate", variant="by_value").iloc[0]
    assert by_value[["lowest", "highest"]].tolist() == pytest.approx([0.3, 0.55])  # all deals are worth the same


def test_the_badge_says_so_and_the_fold_says_why(worked):
    made = tile(View(worked, {}, "2026-01", "2026-06"), "win_rate")
    assert "Could be 30.0% to 55.0%: 100 deals undecided" in made.html
    assert "kpi-doubt" in made.html
    assert "What is not known" in made.html


def test_where_nothing_is_missing_there_is_no_badge_and_no_range():
    sure = firm(won=12, lost=18, fresh=5)
    assert "kpi-doubt" not in tile(View(sure, {}, "2026-01", "2026-06"), "win_rate").html
    line = sure.bounds("win_rate").iloc[0]
    assert (line["lowest"], line["highest"], line["undecided"]) == (0.4, 0.4, 0)


def test_a_deal_counts_as_still_from_the_thirtieth_day_without_a_touch(worked):
    rows = worked.panel("deals", columns=["opportunity_id", "status", "stale_on"])
    still = rows[rows["stale_on"].notna()]
    assert set(still["status"]) == {"open"}
    assert {str(day)[:10] for day in still["stale_on"]} == {"2026-02-04"}  # 5 January and thirty days
    # One that stood still in February is not missing from March on.
    assert worked.bounds("win_rate", since="2026-03").iloc[0]["undecided"] == 0


def test_where_nobody_logs_activities_a_deal_is_still_after_ninety_days():
    book = kpilib.open({"opportunities": deals(won=1, lost=1, still=2, fresh=1)}, as_of="2026-06-30")
    days = book.panel("deals", columns=["stale_on"])["stale_on"].dropna()
    assert {str(day)[:10] for day in days} == {"2026-04-05"}


def test_a_group_of_missing_rows_alone_has_a_range_and_no_value():
    frame = deals(won=1, lost=1, still=1)
    frame.loc[2, "owner_id"] = "s2"
    people = pd.DataFrame({"owner_id": ["s1", "s2"], "owner": ["Ada", "Bob"], "team": ["A", "B"]})
    book = kpilib.open({"opportunities": frame, "salespeople": people}, as_of="2026-06-30")
    lines = book.bounds("win_rate", by="owner").set_index("group")
    assert math.isnan(lines.loc["Bob", "value"])
    assert lines.loc["Bob", ["lowest", "highest", "undecided"]].tolist() == [0, 1, 1]
    assert lines.loc["Ada", ["lowest", "highest", "undecided"]].tolist() == [0.5, 0.5, 0]


def test_unpaid_invoices_make_a_delay_at_least_what_is_said():
    rows = [("2026-05-01", "2026-05-11"), ("2026-05-01", None)]  # ten days late; sixty so far
    frame = pd.DataFrame(
        [{"invoice_id": f"i{at}", "customer_id": "c1", "issued_on": "2026-04-01", "due_on": due, "paid_on": paid,
          "amount": 1.0, "currency": "EUR"} for at, (due, paid) in enumerate(rows)]
    )  # fmt: skip
    book = kpilib.open({"invoices": frame, "customers": pd.DataFrame({"customer_id": ["c1"]})}, as_of="2026-06-30")
    line = book.bounds("payment_delay").iloc[0]
    assert (line["value"], line["lowest"], line["highest"]) == (10, 35, math.inf)
    view = View(book, {}, "2026-05", "2026-06")
    kpi, row = book.kpis["payment_delay"], view.lines("payment_delay")[0]
    found = found_of(view, kpi, row)
    assert said(found, kpi, view.words, row["value"]) == "At least 35.0 days: 1 invoice not paid yet"


def test_silence_bounds_an_nps_as_every_answer_tried_does():
    scores = [9, 10, 3, None, None]
    frame = pd.DataFrame(
        [{"response_id": f"r{at}", "customer_id": "c1", "metric": "nps", "sent_on": "2026-05-01",
          "answered_on": "2026-05-02" if score is not None else None, "score": score}
         for at, score in enumerate(scores)]
    )  # fmt: skip
    book = kpilib.open({"surveys": frame, "customers": pd.DataFrame({"customer_id": ["c1"]})}, as_of="2026-06-30")
    every = [100 * (1 + a + b) / 5 for a, b in product((-1, 0, 1), repeat=2)]
    line = book.bounds("nps").iloc[0]
    assert (line["lowest"], line["highest"]) == pytest.approx((min(every), max(every)))


# --- everything that declares something -------------------------------------------------------------------------

DECLARED = [
    (key, v.key if v.of else None) for key, kpi in CATALOGUE.items() for v in (kpi, *kpi.variants) if v.undecided
]


@pytest.mark.parametrize(("key", "variant"), DECLARED)
def test_a_range_holds_what_is_known_of_it_and_its_cube_agrees_with_the_tables(demo, key, variant):
    kpi = CATALOGUE[key].variant(variant)
    for where in (None, {"segment": ["SMB"]}):
        line = demo.bounds(key, variant=variant, where=where, since="2025-07").iloc[0]
        assert line["lowest"] <= line["highest"]
        if kpi.undecided.high < math.inf:
            assert line["lowest"] - 1e-9 <= line["value"] <= line["highest"] + 1e-9
        cut = demo._cut(kpi.unknown, None, None, where, "2025-07", None)
        cube, sql = demo.cubes.answer(kpi.unknown, cut), demo.ask_engine(kpi.unknown, cut)
        assert cube is not None
        assert [cube.rows.sum(), cube.d.sum()] == pytest.approx([sql.rows.sum(), sql.d.sum()])


def test_the_real_pipeline_of_a_vendor_is_far_less_sure_than_its_win_rate_says(shared_data):
    """4,238 won, 2,473 lost; no activity is logged, so that an open deal is still 90 days after its creation."""
    book = kpilib.open(shared_data / "maven_crm")
    line = book.bounds("win_rate").iloc[0]
    rows = book.panel("deals", columns=["status", "created_on"])
    age = (pd.Timestamp(book.as_of) - pd.to_datetime(rows["created_on"])).dt.days
    still = int(((rows["status"] == "open") & (age >= 90)).sum())
    assert line["undecided"] == still > 1000
    assert line["lowest"] == pytest.approx(4238 / (4238 + 2473 + still))
    assert line["highest"] == pytest.approx((4238 + still) / (4238 + 2473 + still))
