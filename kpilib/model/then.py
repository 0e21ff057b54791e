"""What an opportunity read on an earlier day: its amount, its expected closing, its declared probability.

A record keeps what it says now; `opportunity_changes` keeps what it said then. Between two changes the earlier one
holds; before its first known value a deal had that value, as far as anybody can tell; what no change tells is as the
record has it. At `as_of` the record itself holds, unless the deal is changed later. `moves` tells the same day by day.
"""

from __future__ import annotations

from collections.abc import Callable

from kpilib.model.scope import Scope

#: What a change tells, each with the alias of its join.
TOLD = {"amount": "then_amount", "expected_close_on": "then_due", "probability": "then_probability"}


def later(scope: Scope) -> str:
    """Deals that change after `as_of`: what they read in the table is not what they read then."""
    return (
        f"(SELECT DISTINCT opportunity_id FROM {scope.source('opportunity_changes')} AS changes "
        f"WHERE CAST(changed_on AS DATE) > {scope.today()})"
    )


def joined(scope: Scope, deals: str) -> str:
    """The joins that bring what each deal `o` read at `month_end`; "" where no history is kept."""
    if "opportunity_changes" not in scope.tables:
        return ""
    held = "".join(
        f" LEFT JOIN {_spans(scope, deals, column)} AS {name} ON {name}.opportunity_id = o.opportunity_id "
        f"AND (month_end >= {name}.since OR {name}.since IS NULL) "
        f"AND (month_end < {name}.until OR {name}.until IS NULL)"
        for column, name in TOLD.items()
    )
    return f"{held} LEFT JOIN {later(scope)} AS then_later ON then_later.opportunity_id = o.opportunity_id"


def reader(scope: Scope) -> Callable[[str, str], str]:
    """How a column read at `month_end`: a function of the column and of what the record has."""
    if "opportunity_changes" not in scope.tables:
        return lambda column, record: record
    now = f"month_end = {scope.today()} AND then_later.opportunity_id IS NULL"
    return lambda column, record: f"CASE WHEN {now} THEN {record} ELSE COALESCE({TOLD[column]}.{column}, {record}) END"


def _spans(scope: Scope, deals: str, column: str) -> str:
    """The days for which a value held: from `since` (empty: from the beginning) to the day before `until`."""
    # A probability or a day that is set when a deal closes is how it ended, not what was expected.
    before = "<=" if column == "amount" else "<"
    known = (
        "(SELECT changes.opportunity_id, CAST(changed_on AS DATE) AS day, "
        f"changes.{column} AS {column}, ROW_NUMBER() OVER (PARTITION BY changes.opportunity_id, "
        "CAST(changed_on AS DATE) ORDER BY changed_on DESC, change_id DESC) AS place "
        f"FROM {scope.source('opportunity_changes')} AS changes "
        f"JOIN {deals} ON o.opportunity_id = changes.opportunity_id "
        f"WHERE changes.{column} IS NOT NULL AND CAST(changed_on AS DATE) <= {scope.today()} "
        f"AND (o.closed_on IS NULL OR CAST(changed_on AS DATE) {before} o.closed_on))"
    )
    return (
        f"(SELECT opportunity_id, {column}, CASE WHEN LAG(day) OVER w IS NULL THEN NULL ELSE day END AS since, "
        f"LEAD(day) OVER w AS until FROM {known} AS known WHERE place = 1 "
        "WINDOW w AS (PARTITION BY opportunity_id ORDER BY day))"
    )
