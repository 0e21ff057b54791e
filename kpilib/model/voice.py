"""The panels of what customers say and ask: answers to surveys, tickets.

Neither has a salesperson of its own: the dimensions `owner`, `team` and `sales_region` are those of the customer's.
"""

from __future__ import annotations

from kpilib.model.scope import CUSTOMER, OWNER, PRODUCT, Scope, dimension_columns, select

VOICE_DIMENSIONS = (*CUSTOMER, *OWNER, *PRODUCT, "source")


def _dimensions(scope: Scope, need: frozenset[str], row: str) -> tuple[list[str], str]:
    """The dimension columns and joins of a table whose rows point to a customer and a product."""
    keys = {"customers": f"{row}.customer_id", "salespeople": "c.owner_id", "products": f"{row}.product_id"}
    asked = need | {"+customers"} if "source" in need else need
    return dimension_columns(scope, asked, VOICE_DIMENSIONS, keys, {"source": "c.source"})


def answers(scope: Scope, need: frozenset[str]) -> str:
    """One row an invitation; what was answered after `as_of` is not known yet."""
    dimensions, joins = _dimensions(scope, need, "q")
    early = f"q.answered_on <= {scope.today()}"
    columns = [
        "q.response_id", "q.customer_id", "q.product_id", "q.metric", "q.touchpoint", "q.sent_on",
        f"CASE WHEN {early} THEN q.answered_on END AS answered_on",
        # An answer without its day is one all the same.
        f"CASE WHEN {early} OR q.answered_on IS NULL THEN q.score END AS score",
    ]  # fmt: skip
    rows = f"(SELECT * FROM {scope.source('surveys')} AS surveys WHERE sent_on <= {scope.today()}) AS q"
    return select([*columns, *dimensions], f"  FROM {rows}{joins}")


def tickets(scope: Scope, need: frozenset[str]) -> str:
    """One row a request; of what was resolved after `as_of`, neither the end nor the effort is known yet."""
    dimensions, joins = _dimensions(scope, need, "t")
    later = f"CAST(t.resolved_at AS DATE) > {scope.today()}"
    columns = [
        "t.ticket_id", "t.customer_id", "t.product_id", "t.channel", "t.severity", "t.opened_at",
        f"CASE WHEN CAST(t.first_reply_at AS DATE) <= {scope.today()} THEN t.first_reply_at END AS first_reply_at",
        f"CASE WHEN {later} THEN NULL ELSE t.resolved_at END AS resolved_at",
        f"CASE WHEN {later} THEN NULL ELSE t.contacts END AS contacts",
        f"CASE WHEN {later} THEN NULL ELSE t.handling_minutes / 60.0 END AS handling_hours",
    ]  # fmt: skip
    opened = f"WHERE CAST(opened_at AS DATE) <= {scope.today()}"
    rows = f"(SELECT * FROM {scope.source('tickets')} AS tickets {opened}) AS t"
    return select([*columns, *dimensions], f"  FROM {rows}{joins}")
