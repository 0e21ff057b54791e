"""What the open deals of a past month read then: amount, expected day, probability, as their history has it."""

from datetime import date, datetime

import pandas as pd
import pytest

import kpilib

DEALS = pd.DataFrame(
    [
        # Grew from 100 to 150 in February, to 120 in April; won in May at 130, with a probability of 1.
        {"opportunity_id": "grew", "created_on": date(2026, 1, 10), "closed_on": date(2026, 5, 20), "status": "won",
         "amount": 130.0, "expected_close_on": date(2026, 5, 20), "probability": 1.0},
        # Put off in March, from the end of February to the end of June; its amount was never changed.
        {"opportunity_id": "late", "created_on": date(2026, 1, 5), "closed_on": None, "status": "open",
         "amount": 40.0, "expected_close_on": date(2026, 6, 30), "probability": 0.5},
        {"opportunity_id": "calm", "created_on": date(2026, 2, 1), "closed_on": None, "status": "open",
         "amount": 10.0, "expected_close_on": date(2026, 7, 31), "probability": 0.2},
    ]
)  # fmt: skip
CHANGES = pd.DataFrame(
    [
        ("grew", datetime(2026, 1, 10, 9), 100.0, date(2026, 4, 30), 0.3),
        ("grew", datetime(2026, 2, 3, 9), 110.0, None, None),
        ("grew", datetime(2026, 2, 3, 17), 150.0, None, 0.6),
        ("grew", datetime(2026, 4, 30, 12), 120.0, None, None),
        ("grew", datetime(2026, 5, 20, 8), 130.0, date(2026, 5, 20), 1.0),
        ("late", datetime(2026, 3, 15, 9), None, date(2026, 6, 30), None),
        ("late", datetime(2026, 1, 5, 9), None, date(2026, 2, 28), 0.4),
    ],
    columns=["opportunity_id", "changed_on", "amount", "expected_close_on", "probability"],
)
CUSTOMERS = pd.DataFrame({"customer_id": ["c"], "segment": ["SMB"]})


def opened(as_of="2026-06-15", **more):
    deals = DEALS.assign(customer_id="c", owner_id="o", stage="Talk", currency="EUR")
    return kpilib.open({"opportunities": deals, "customers": CUSTOMERS, **more}, as_of=as_of)


@pytest.fixture(scope="module")
def kept():
    return opened(opportunity_changes=CHANGES)


def read(book, deal, column):
    months = book.panel("opportunity_months")
    own = months[months["opportunity_id"] == deal].sort_values("month_end")
    return [None if pd.isna(value) else value for value in own[column].tolist()]


def test_an_amount_of_a_past_month_is_the_last_one_told_until_then(kept):
    assert read(kept, "grew", "amount") == [100, 150, 150, 120]
    assert read(kept, "late", "amount") == [40] * 6
    assert read(opened(), "grew", "amount") == [130] * 4


def test_a_probability_is_that_of_then_and_not_the_one_set_by_closing(kept):
    assert read(kept, "grew", "probability") == [0.3, 0.6, 0.6, 0.6]
    assert read(opened(), "grew", "probability") == [None] * 4
    # Between its changes 0.4; today what its record says.
    assert read(kept, "late", "probability") == [0.4] * 5 + [0.5]


def test_a_deal_that_was_put_off_was_overdue_until_then(kept):
    assert [days > 0 for days in read(kept, "late", "overdue")] == [False, False, False, False, False, False]
    assert read(kept, "late", "overdue")[:3] == [-28, 0, -91]
    assert read(kept, "grew", "overdue") == [-89, -61, -30, 0]


def test_past_open_and_weighted_pipeline_are_those_of_then(kept):
    amounts = kept.kpi("open_pipeline", period="month").set_index("period")["value"]
    assert amounts.tolist() == [140, 200, 200, 170, 50, 50]
    weighted = kept.kpi("weighted_pipeline", period="month").set_index("period")["value"]
    assert weighted["2026-02"] == pytest.approx(150 * 0.6 + 40 * 0.4 + 10 * 0.2)
    assert weighted["2026-06"] == pytest.approx(40 * 0.5 + 10 * 0.2)


def test_of_an_earlier_day_nothing_is_known_that_came_later():
    march = opened("2026-03-31", opportunity_changes=CHANGES)
    assert read(march, "grew", "amount") == [100, 150, 150]
    assert read(march, "late", "expected_close_on")[-1] == date(2026, 6, 30)
    february = opened("2026-02-28", opportunity_changes=CHANGES)
    assert february.kpi("open_pipeline", until="2026-02")["value"].tolist() == [200]
    # Its record already says June; on that day it said the end of February.
    assert read(february, "late", "expected_close_on")[-1] == date(2026, 2, 28)


def test_the_levels_are_what_the_movements_add_up_to(demo):
    """A second way: what the open pipeline of a month is, the ledger of its movements says too."""
    levels = demo.kpi("open_pipeline", period="month").set_index("period")["value"]
    for since, until in (("2024-03-31", "2024-12-31"), ("2025-06-30", "2025-11-30"), ("2025-12-31", "2026-06-30")):
        change = demo.pipeline_change(since, until).set_index("step")["amount"]
        for name, day in (("start", since), ("end", until)):
            assert change[name] == pytest.approx(levels[day[:7]], rel=1e-9), day
