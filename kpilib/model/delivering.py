"""The panel of the deliveries: orders with a promised day, and whether they came by then."""

from __future__ import annotations

from kpilib.model.scope import Scope, select
from kpilib.model.selling import ORDER_DIMENSIONS, by_order, sales

DELIVERY_DIMENSIONS = ORDER_DIMENSIONS


def deliveries(scope: Scope, need: frozenset[str]) -> str:
    """One row an order that was promised by some moment; what came after `as_of` has not come yet.

    An order of several lines was promised when the first of them was, and is delivered when the last is. `on_time` and
    `on_the_day` are empty until it is delivered. `fell_due` says that the promised day is over; an order that has not
    come by then has not kept its promise.
    """
    asked = [name for name in ORDER_DIMENSIONS if name in need]
    today = scope.today()
    promised = "(SELECT order_id, MIN(promised_on) AS promised_at, MAX(delivered_on) AS last_at, "
    promised += "COUNT(*) - COUNT(delivered_on) AS missing "
    promised += f"FROM {scope.source('order_lines')} AS order_lines WHERE ordered_on <= {today} GROUP BY order_id "
    promised += "HAVING MIN(promised_on) IS NOT NULL)"
    arrived = f"CASE WHEN d.missing = 0 AND CAST(d.last_at AS DATE) <= {today} THEN d.last_at END"
    orders = f"SELECT d.order_id, d.promised_at, {arrived} AS delivered_at FROM {promised} AS d"
    due = f"CAST(a.promised_at AS DATE) < {today}"
    lines = by_order(sales(scope, frozenset(asked)), ["MIN(ordered_on) AS ordered_on"], asked)
    columns = [
        "a.order_id", "CAST(a.promised_at AS DATE) AS promised_on", "CAST(a.delivered_at AS DATE) AS delivered_on",
        "o.ordered_on", "a.delivered_at <= a.promised_at AS on_time",
        "CAST(a.delivered_at AS DATE) <= CAST(a.promised_at AS DATE) AS on_the_day",
        f"{due} AS fell_due", f"({due} AND COALESCE(a.delivered_at <= a.promised_at, FALSE)) AS kept_promise",
        "date_diff('day', CAST(a.promised_at AS DATE), CAST(a.delivered_at AS DATE)) AS days_from_promise",
        *(f"o.{name}" for name in asked),
    ]  # fmt: skip
    return select(columns, f"  FROM ({orders}) AS a\n  JOIN ({lines}) AS o ON o.order_id = a.order_id")
