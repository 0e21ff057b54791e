"""What customers are worth where order lines are all there is."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

import kpilib
from kpilib.figures import churn
from kpilib.show import View


def lines() -> pd.DataFrame:
    """150 customers who buy at a rate and of a size of their own until they stop for good."""
    draw, rows = np.random.default_rng(4), []
    for number in range(150):
        day, rate = date(2024, 1, 1) + timedelta(days=int(draw.integers(0, 300))), draw.gamma(2, 0.012)
        spends = 60 / draw.gamma(4, 0.3)
        while day <= date(2026, 6, 30):
            at = len(rows)
            rows.append(
                {"line_id": f"l{at}", "order_id": f"o{at}", "customer_id": f"c{number}", "ordered_on": day,
                 "quantity": 1, "revenue": float(draw.gamma(3, spends / 3)), "currency": "EUR"}
            )  # fmt: skip
            if draw.random() < 0.04:
                break
            day += timedelta(days=1 + int(draw.exponential(1 / rate)))
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def books():
    bought = lines()
    ids = sorted(bought["customer_id"].unique())
    known = pd.DataFrame({"customer_id": ids, "segment": ["Key", "SMB"] * (len(ids) // 2) + ["SMB"] * (len(ids) % 2)})
    alone = kpilib.open({"order_lines": bought}, as_of="2026-06-30")
    return alone, kpilib.open({"order_lines": bought, "customers": known}, as_of="2026-06-30")


def test_the_orders_alone_give_the_value_that_a_table_of_the_same_customers_does(books):
    one, other = (book.finding("lifetime")["purchases"]["groups"].set_index("segment") for book in books)
    assert list(one.index) == [""]
    for column in ("customers", "orders", "value", "low", "high", "total", "alive"):
        assert one.loc["", column] == pytest.approx(other.loc["", column], rel=1e-6), column


def test_the_figure_shows_it_and_says_what_is_missing(books):
    drawn = churn.lifetime_value(View(books[0]))
    assert drawn.finding.startswith("A customer is worth €")
    assert "customers" in drawn.note


def test_lines_of_nobody_give_no_value():
    bare = lines().drop(columns="customer_id").assign(customer_id=None).head(40)
    found = kpilib.open({"order_lines": bare}, as_of="2026-06-30").finding("lifetime")
    assert found["purchases"]["cannot"] == "no_orders"
