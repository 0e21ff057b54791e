"""The panel of the customers' months: one row a customer and calendar month of its life within the data.

What a row says beside its own month (last scores, revenue of the year before) is known before the month begins.
"""

from __future__ import annotations

from dataclasses import replace

from kpilib.model.living import life_dimensions, lives
from kpilib.model.scope import Scope, select

#: Columns that are worked out only where they are asked for.
MONTH_COLUMNS = (
    "revenue", "margin", "orders", "tickets", "last_nps", "last_csat", "revenue_12", "revenue_24", "tenure",
)  # fmt: skip
_SOLD = ("revenue", "margin", "orders", "revenue_12", "revenue_24")


def month_number(day: str) -> str:
    """Months since the year 0 of a day, as SQL: what months are subtracted by."""
    return f"CAST(EXTRACT(YEAR FROM {day}) * 12 + EXTRACT(MONTH FROM {day}) AS INTEGER)"


def customer_months(scope: Scope, need: frozenset[str]) -> str:
    """One row a customer and month; months before a slice are read for the trailing years, whatever its span."""
    dimensions, joins = life_dimensions(scope, need)
    asked = [name for name in MONTH_COLUMNS if name in need]
    trailing = {"revenue_12", "revenue_24"} & need
    calendar = replace(scope, span=None) if trailing else scope
    columns = [f"l.{name}" for name in _PLAIN]
    rows = f"{_lived(calendar)} AS l{_joined(scope, need)}"
    inner = f"(SELECT {', '.join([*columns, *(_COLUMNS[name] for name in asked)])}\n  FROM {rows}) AS l"
    return select([*(f"l.{n}" for n in (*_PLAIN, *asked)), *dimensions], f"  FROM {inner}{joins}")


_PLAIN = ("customer_id", "month", "month_end", "opening", "acquired", "lost")


def _lived(scope: Scope) -> str:
    """The months of every life, each with whether the customer was there at its start, came or left in it."""
    before = "k.acquired_on IS NULL OR k.acquired_on < month"
    return (
        f"(SELECT k.customer_id, k.acquired_on, month, month_end, CASE WHEN {before} THEN 1 ELSE 0 END AS opening, "
        f"CASE WHEN {before} THEN 0 ELSE 1 END AS acquired, "
        "CASE WHEN k.churned_on <= month_end THEN 1 ELSE 0 END AS lost "
        f"FROM {lives(scope)} AS k JOIN {scope.months()} "
        "ON (k.acquired_on IS NULL OR k.acquired_on <= month_end) "
        "AND (k.churned_on IS NULL OR k.churned_on >= month))"
    )


def _trailing(rows: str) -> str:
    return f"COALESCE(SUM(sold.revenue) OVER (PARTITION BY l.customer_id ORDER BY l.month ROWS BETWEEN {rows}), 0)"


_COLUMNS = {
    "revenue": "COALESCE(sold.revenue, 0) AS revenue",
    # Where something was sold and no cost is known, neither is the margin.
    "margin": "CASE WHEN sold.customer_id IS NULL THEN 0 ELSE sold.margin END AS margin",
    "orders": "COALESCE(sold.orders, 0) AS orders",
    "tickets": "COALESCE(asked.tickets, 0) AS tickets",
    "last_nps": "nps.score AS last_nps",
    "last_csat": "csat.score AS last_csat",
    "revenue_12": f"{_trailing('12 PRECEDING AND 1 PRECEDING')} AS revenue_12",
    "revenue_24": f"{_trailing('24 PRECEDING AND 13 PRECEDING')} AS revenue_24",
    "tenure": f"{month_number('l.month')} - {month_number('l.acquired_on')} AS tenure",
}


def _joined(scope: Scope, need: frozenset[str]) -> str:
    """The joins of what is asked for; each has one row a customer and month, so that none multiplies."""
    joins = ""
    if need & set(_SOLD):
        joins += f"\n  LEFT JOIN {_sold(scope)} AS sold ON sold.customer_id = l.customer_id AND sold.month = l.month"
    if "tickets" in need:
        joins += (
            f"\n  LEFT JOIN {_asked(scope)} AS asked ON asked.customer_id = l.customer_id AND asked.month = l.month"
        )
    for metric in ("nps", "csat"):
        if f"last_{metric}" in need:
            joins += (
                f"\n  LEFT JOIN {_scores(scope, metric)} AS {metric} ON {metric}.customer_id = l.customer_id "
                f"AND {metric}.answered_on < l.month AND ({metric}.next_on IS NULL OR {metric}.next_on >= l.month)"
            )
    return joins


def _sold(scope: Scope) -> str:
    return (
        "(SELECT customer_id, CAST(date_trunc('month', ordered_on) AS DATE) AS month, SUM(revenue) AS revenue, "
        "SUM(revenue - cost) AS margin, COUNT(DISTINCT order_id) AS orders "
        f"FROM {scope.source('order_lines')} AS order_lines WHERE ordered_on <= {scope.today()} "
        "GROUP BY customer_id, CAST(date_trunc('month', ordered_on) AS DATE))"
    )


def _asked(scope: Scope) -> str:
    return (
        "(SELECT customer_id, CAST(date_trunc('month', opened_at) AS DATE) AS month, COUNT(*) AS tickets "
        f"FROM {scope.source('tickets')} AS tickets WHERE CAST(opened_at AS DATE) <= {scope.today()} "
        "GROUP BY customer_id, CAST(date_trunc('month', opened_at) AS DATE))"
    )


def _scores(scope: Scope, metric: str) -> str:
    """Each customer's answers to a question, with the day of the next one; of one day the last by its key."""
    day = "COALESCE(answered_on, sent_on)"
    return (
        f"(SELECT customer_id, score, {day} AS answered_on, LEAD({day}) OVER (PARTITION BY customer_id "
        f"ORDER BY {day}, response_id) AS next_on FROM {scope.source('surveys')} AS surveys "
        f"WHERE metric = '{metric}' AND score IS NOT NULL AND customer_id IS NOT NULL AND {day} <= {scope.today()})"
    )
