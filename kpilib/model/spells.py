"""The panel of the customers' periods: one row a customer and period asked, from the period's own start to its end.

Who was there at the start of a year and left before its end cannot be summed from months: the rows are made for the
periods of the question. `Scope.spans` holds these; without them, the months of the data.
"""

from __future__ import annotations

from kpilib.model.living import life_dimensions, lives
from kpilib.model.scope import Scope, select
from kpilib.periods import month_of, month_start

#: Revenue that is worked out only where it is asked for: from which day of the period until (not with) which.
WINDOWS = {
    "revenue": ("opens", "closes"),
    "revenue_before": ("before", "opens"),
    "revenue_12": ("year_ago", "closes"),
    "revenue_24": ("two_ago", "year_ago"),
}
PERIOD_COLUMNS = tuple(WINDOWS)

#: Months from a period's first month, or from the month after its last, back to the days above.
DAYS = {"opens": ("opens", 0), "closes": ("closes", 0), "before": ("opens", 12), "year_ago": ("closes", 12),
        "two_ago": ("closes", 24)}  # fmt: skip

#: What a row says of a customer and a period, as conditions.
STATES = {
    "opening": "(l.acquired_on IS NULL OR l.acquired_on < span.opens) "
    "AND (l.churned_on IS NULL OR l.churned_on >= span.opens)",
    "closing": "l.churned_on IS NULL OR l.churned_on >= span.closes",
    "acquired": "l.acquired_on >= span.opens",
    "lost": "l.churned_on >= span.opens AND l.churned_on < span.closes",
    "seen": "l.churned_on IS NULL OR l.churned_on >= span.opens",
    "year_before": "(l.acquired_on IS NULL OR l.acquired_on < span.year_ago) "
    "AND (l.churned_on IS NULL OR l.churned_on >= span.year_ago)",
}


def customer_periods(scope: Scope, need: frozenset[str]) -> str:
    """One row a period and customer who had come before it ended, those who had left long before included.

    States are 1 or 0: `opening` (a customer at the period's start), `closing` (at its end), `acquired` and `lost` in
    it, `seen` (at any time in it), `year_before` (a customer twelve months before its end). A revenue that would reach
    back before the data is empty.
    """
    dimensions, joins = life_dimensions(scope, need)
    asked = [name for name in PERIOD_COLUMNS if name in need]
    states = [f"CASE WHEN {said} THEN 1 ELSE 0 END AS {name}" for name, said in STATES.items()]
    columns = [
        "l.customer_id",
        "l.acquired_on",
        "l.churned_on",
        "span.period_start",
        "span.opens",
        "span.closes",
        *states,
    ]
    begin = f"DATE '{scope.first}'"
    money = [f"CASE WHEN span.{WINDOWS[n][0]} >= {begin} THEN COALESCE(m.{n}, 0) END AS {n}" for n in asked]
    if asked:
        joins = (
            f"\n  LEFT JOIN {_money(scope, asked)} AS m "
            f"ON m.customer_id = l.customer_id AND m.period_start = span.period_start{joins}"
        )
    come = "l.acquired_on IS NULL OR l.acquired_on < span.closes"
    body = f"  FROM {lives(scope)} AS l\n  JOIN {_spans(scope)} ON ({come}){joins}"
    if not spans(scope):  # a list of no values is no SQL: that of one value is left out again
        body += "\n  WHERE 1 = 0"
    return select([*columns, *money, *dimensions], body)


def spans(scope: Scope) -> tuple[tuple[int, int, int], ...]:
    """The periods of the panel: each one's number, its first month and the month after its last; all months else."""
    if scope.spans is not None:
        return scope.spans
    first, last = month_of(scope.first), month_of(scope.as_of)
    if scope.span:
        first, last = max(first, scope.span[0]), min(last, scope.span[1])
    return tuple((month, month, month + 1) for month in range(first, last + 1))


def _spans(scope: Scope) -> str:
    """The periods as a VALUES list: the day that names each, and those that its windows begin and end with."""
    edges = list(DAYS.values())
    rows = []
    for period, opens, closes in spans(scope):
        months = [period, *({"opens": opens, "closes": closes}[end] - back for end, back in edges)]
        rows.append("(" + ", ".join(f"DATE '{month_start(month)}'" for month in months) + ")")
    rows = rows or ["(" + ", ".join(["DATE '1900-01-01'"] * (len(edges) + 1)) + ")"]
    return f"(VALUES {', '.join(rows)}) AS span(period_start, {', '.join(DAYS)})"


def _money(scope: Scope, asked: list[str]) -> str:
    """What each customer brought in the windows around each period; one row a customer and period with any."""
    inside = {
        name: f"sold.month >= span.{since} AND sold.month < span.{until}" for name, (since, until) in WINDOWS.items()
    }
    sums = ", ".join(f"SUM(CASE WHEN {inside[name]} THEN sold.revenue END) AS {name}" for name in asked)
    month = "CAST(date_trunc('month', ordered_on) AS DATE)"
    sold = (
        f"(SELECT customer_id, {month} AS month, SUM(revenue) AS revenue FROM {scope.source('order_lines')} "
        f"AS order_lines WHERE ordered_on <= {scope.today()} GROUP BY customer_id, {month}) AS sold"
    )
    return (
        f"(SELECT sold.customer_id, span.period_start, {sums}\n  FROM {sold}\n"
        f"  JOIN {_spans(scope)} ON {' OR '.join(f'({inside[name]})' for name in asked)}\n"
        "  GROUP BY sold.customer_id, span.period_start)"
    )
