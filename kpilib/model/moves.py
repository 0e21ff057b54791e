"""The ledger of the pipeline: one row each time an opportunity enters it, leaves it, or changes within it.

What was open on a day is the sum of the movements until then: what each left, less what each found. A deal is opened on
its creation and leaves on its closing day; it changes where its history says so. A deal that the stage changes show
closed and open again leaves and comes back. Of several changes on one day all are told; a change on the day of creation
belongs to the opening. What the history does not account for is booked on the closing day, or at `as_of`.

Deals that nobody dated are in no movement: when they were open is not known.
"""

from __future__ import annotations

from kpilib.model.pipeline import DEAL_DIMENSIONS, DEAL_KEYS, DEAL_OWN, opportunities
from kpilib.model.scope import Scope, dimension_columns, select
from kpilib.model.then import later

#: The words of the column `move`, in the order of a deal's life.
MOVES = ("opened", "changed", "won", "lost", "reopened")
#: The condition that a row of the panel "deals" is in the ledger.
DATED = "created_on IS NOT NULL AND (status = 'open' OR closed_on >= created_on)"
_PLAIN = ("opportunity_id", "step", "move", "moved_on", "amount_before", "amount", "due_before", "due")


def pipeline_moves(scope: Scope, need: frozenset[str]) -> str:
    """One row a movement: what was at stake before it and after it, and when it was expected; empty: not open."""
    dimensions, joins = dimension_columns(scope, need, DEAL_DIMENSIONS, DEAL_KEYS, DEAL_OWN)
    told = ", ".join(f"m.{name}" for name in _PLAIN)
    joined = f"{_moves(scope)} AS m\n  JOIN {_dated(scope)} AS o ON o.opportunity_id = m.opportunity_id"
    rows = f"(SELECT {told}, {_DEAL}\n  FROM {joined}) AS o"
    return select([*(f"o.{name}" for name in _PLAIN), *dimensions], f"  FROM {rows}{joins}")


_DEAL = ", ".join(
    f"o.{name}"
    for name in (
        "customer_id", "owner_id", "product_id", "source", "stage", "status", "reason", "competitor", "currency",
    )
)  # fmt: skip


def _dated(scope: Scope) -> str:
    """The deals that the ledger can tell."""
    return f"(SELECT * FROM {opportunities(scope)} WHERE {DATED})"


def _history(scope: Scope) -> str:
    """The changes known at `as_of`, each with its day."""
    return (
        "(SELECT opportunity_id, change_id, changed_on, CAST(changed_on AS DATE) AS day, amount, expected_close_on "
        f"FROM {scope.source('opportunity_changes')} AS changes WHERE CAST(changed_on AS DATE) <= {scope.today()})"
    )


def _turns(scope: Scope) -> str:
    """Closings that did not last, each with the day on which the deal was opened again."""
    endings = (
        "(SELECT stage, SUM(CASE WHEN status = 'won' THEN 1 ELSE 0 END) * 2 > COUNT(*) AS won "
        f"FROM {opportunities(scope)} WHERE stage IS NOT NULL GROUP BY stage "
        "HAVING SUM(CASE WHEN status = 'open' THEN 1 ELSE 0 END) = 0) AS ending"
    )
    entries = (
        "(SELECT h.opportunity_id, CAST(h.entered_on AS DATE) AS day, ending.stage IS NOT NULL AS ended, ending.won, "
        "LEAD(CAST(h.entered_on AS DATE)) OVER w AS next_day, LEAD(h.stage) OVER w AS next_stage "
        f"FROM {scope.source('stage_changes')} AS h LEFT JOIN {endings} ON ending.stage = h.stage "
        f"WHERE CAST(h.entered_on AS DATE) <= {scope.today()} "
        "WINDOW w AS (PARTITION BY h.opportunity_id ORDER BY h.entered_on, h.stage_change_id)) AS e"
    )
    return (
        f"(SELECT e.opportunity_id, e.day, e.won, e.next_day FROM {entries} LEFT JOIN {endings} "
        "ON ending.stage = e.next_stage WHERE e.ended AND e.next_stage IS NOT NULL AND ending.stage IS NULL "
        "AND e.next_day > e.day)"
    )


def _states(scope: Scope) -> str:
    """All that may move a deal, in the order of its life: place 1 what it was created with, 2 opened, 3 a change …"""
    nothing = "CAST(NULL AS DOUBLE)", "CAST(NULL AS DATE)"
    of = _dated(scope)
    turns = f"{_turns(scope)} AS t JOIN {of} AS o ON o.opportunity_id = t.opportunity_id"
    kept = "t.day >= o.created_on AND (o.closed_on IS NULL OR t.next_day <= o.closed_on)"
    parts = [
        # A day set when a deal closes is when it closed, not when it was expected to.
        "SELECT h.opportunity_id, CASE WHEN h.day <= o.created_on THEN 1 ELSE 3 END AS place, 'changed' AS move, "
        "CASE WHEN h.day < o.created_on THEN o.created_on ELSE h.day END AS day, h.amount, "
        "CASE WHEN h.day = o.closed_on THEN NULL ELSE h.expected_close_on END AS due, "
        f"h.changed_on AS moment, h.change_id AS tie FROM {_history(scope)} AS h "
        f"JOIN {of} AS o ON o.opportunity_id = h.opportunity_id WHERE o.closed_on IS NULL OR h.day <= o.closed_on",
        _event("o.opportunity_id", 2, "'opened'", "o.created_on", *nothing) + f" FROM {of} AS o",
        _event("t.opportunity_id", 4, "CASE WHEN t.won THEN 'won' ELSE 'lost' END", "t.day", *nothing)
        + f" FROM {turns} WHERE {kept}",
        _event("t.opportunity_id", 2, "'reopened'", "t.next_day", *nothing) + f" FROM {turns} WHERE {kept}",
        # As the deal reads now, or read when it closed.
        _event("o.opportunity_id", 5, "'changed'", f"COALESCE(o.closed_on, {scope.today()})", "o.amount",
               "o.expected_close_on")
        + f" FROM {of} AS o LEFT JOIN {later(scope)} AS l ON l.opportunity_id = o.opportunity_id "
        "WHERE o.closed_on IS NOT NULL OR l.opportunity_id IS NULL",
        _event("o.opportunity_id", 6, "o.status", "o.closed_on", *nothing)
        + f" FROM {of} AS o WHERE o.status <> 'open'",
    ]  # fmt: skip
    return "(\n" + "\n  UNION ALL ".join(parts) + "\n)"


def _event(deal: str, place: int, move: str, day: str, amount: str, due: str) -> str:
    return (
        f"SELECT {deal}, {place} AS place, {move} AS move, {day} AS day, {amount} AS amount, {due} AS due, "
        f"CAST({day} AS TIMESTAMP) AS moment, '' AS tie"
    )


def _moves(scope: Scope) -> str:
    """The states with what was known at each, less those that moved nothing."""
    order = "PARTITION BY opportunity_id ORDER BY day, place, moment, tie"
    # What is not said is as it was before: each known value has a number, and its followers bear it too.
    numbered = (
        f"(SELECT *, COUNT(amount) OVER ({order}) AS amounts, COUNT(due) OVER ({order}) AS dues, "
        f"SUM(CASE WHEN move IN ('opened', 'reopened') THEN 1 WHEN move IN ('won', 'lost') THEN -1 ELSE 0 END) "
        f"OVER ({order}) AS is_open, "
        f"ROW_NUMBER() OVER ({order}) AS step FROM {_states(scope)} AS states) AS numbered"
    )
    # Before its first known value a deal had that value, as far as anybody can tell.
    filled = (
        "(SELECT *, MAX(amount) OVER (PARTITION BY opportunity_id, CASE WHEN amounts = 0 THEN 1 ELSE amounts END) "
        "AS amount_then, MAX(due) OVER (PARTITION BY opportunity_id, CASE WHEN dues = 0 THEN 1 ELSE dues END) "
        f"AS due_then FROM {numbered}) AS filled"
    )
    told = (
        "(SELECT *, LAG(amount_then) OVER (PARTITION BY opportunity_id ORDER BY step) AS amount_was, "
        f"LAG(due_then) OVER (PARTITION BY opportunity_id ORDER BY step) AS due_was FROM {filled}) AS told"
    )
    entering, leaving = "move IN ('opened', 'reopened')", "move IN ('won', 'lost')"
    return (
        "(SELECT opportunity_id, step, move, day AS moved_on, "
        f"CASE WHEN {entering} THEN NULL ELSE amount_was END AS amount_before, "
        f"CASE WHEN {leaving} THEN NULL ELSE amount_then END AS amount, "
        f"CASE WHEN {entering} THEN NULL ELSE due_was END AS due_before, "
        f"CASE WHEN {leaving} THEN NULL ELSE due_then END AS due FROM {told} "
        "WHERE move <> 'changed' OR (is_open = 1 AND "
        "(amount_then IS DISTINCT FROM amount_was OR due_then IS DISTINCT FROM due_was)))"
    )
