"""Deliveries promised and kept, counted on fingers."""

import pandas as pd
import pytest

import kpilib
from kpilib import CannotAnswer

#: Orders as of 10 March: on time, on the promised day at noon, a line late, overdue, not due yet, half of it there,
#: never promised.
LINES = pd.DataFrame(
    [
        ("a1", "a", "2026-02-01", "2026-02-10 00:00", "2026-02-08 09:00"),
        ("b1", "b", "2026-02-01", "2026-02-10 00:00", "2026-02-10 12:00"),
        ("c1", "c", "2026-02-02", "2026-02-12 00:00", "2026-02-11 08:00"),
        ("c2", "c", "2026-02-02", "2026-02-12 00:00", "2026-02-20 08:00"),
        ("d1", "d", "2026-02-20", "2026-03-01 00:00", None),
        ("e1", "e", "2026-03-05", "2026-03-20 00:00", None),
        ("g1", "g", "2026-02-03", "2026-02-15 00:00", "2026-02-14 08:00"),
        ("g2", "g", "2026-02-03", "2026-02-15 00:00", None),
        ("f1", "f", "2026-03-05", None, "2026-03-06 08:00"),
    ],
    columns=["line_id", "order_id", "ordered_on", "promised_on", "delivered_on"],
).assign(customer_id="x", quantity=1, revenue=10.0, currency="EUR")


@pytest.fixture(scope="module")
def book():
    customers = pd.DataFrame({"customer_id": ["x"], "region": ["North"]})
    return kpilib.open({"customers": customers, "order_lines": LINES}, as_of="2026-03-10")


@pytest.mark.parametrize(
    ("variant", "kept", "of"),
    [
        (None, 1, 3),  # a; b came after the first minute of its day, c waited for its second line
        ("by_day", 2, 3),  # a and b
        ("of_due", 1, 5),  # d is overdue and half of g too: they count as late
    ],
)
def test_deliveries_on_time_are_those_counted_by_hand(book, variant: str | None, kept: int, of: int) -> None:
    answer = book.kpi("on_time_delivery", variant=variant).iloc[0]
    assert (answer["numerator"], answer["denominator"]) == (kept, of)


def test_an_order_is_in_the_month_it_was_delivered_and_in_its_customers_region(book) -> None:
    answer = book.kpi("on_time_delivery", by="region", period="month", since="2026-02", until="2026-02")
    assert answer[["group", "period", "denominator"]].to_numpy().tolist() == [["North", "2026-02", 3]]
    assert book.panel("deliveries").set_index("order_id")["days_from_promise"].dropna().to_dict() == {
        "a": -2, "b": 0, "c": 8,
    }  # fmt: skip


def test_a_delivery_after_the_day_of_the_figures_has_not_come_yet() -> None:
    early = kpilib.open({"order_lines": LINES}, as_of="2026-02-15")
    answer = early.kpi("on_time_delivery", variant="of_due").iloc[0]
    assert (answer["numerator"], answer["denominator"]) == (1, 3)


def test_without_promises_the_kpi_names_the_column_it_lacks() -> None:
    lines = LINES.drop(columns=["promised_on", "delivered_on"])
    with pytest.raises(CannotAnswer, match="needs the column 'promised_on' of 'order_lines'"):
        kpilib.open({"order_lines": lines}, as_of="2026-03-10").kpi("on_time_delivery")


@pytest.mark.parametrize("panel", ["orders", "deliveries"])
def test_an_order_of_two_salespeople_is_of_the_first_line_s_and_of_that_salesperson_s_team(panel: str) -> None:
    """By name Ann comes first and by team "East": neither stands on the first line."""
    people = pd.DataFrame(
        [("s1", "Zoe", "West"), ("s2", "Ann", "North"), ("s3", "Max", "East")],
        columns=["owner_id", "owner", "team"],
    )
    sold = LINES[LINES["order_id"] == "c"]
    sold = pd.concat([sold, sold.tail(1).assign(line_id="c3")]).assign(owner_id=["s1", "s2", "s3"])
    made = kpilib.open({"order_lines": sold, "salespeople": people}, as_of="2026-03-10").panel(panel)
    assert made[["owner", "team"]].to_numpy().tolist() == [["Zoe", "West"]]
