"""The panels of what customers say: answers to surveys, public reviews.

Neither has a salesperson of its own: the dimensions `owner`, `team` and `sales_region` are those of the customer's.
"""

from __future__ import annotations

from kpilib.model.scope import CUSTOMER, OWNER, PRODUCT, Scope, dimension_columns, select

#: What a customer says about a product may be cut by.
VOICE_DIMENSIONS = (*CUSTOMER, *OWNER, *PRODUCT, "source")
ANSWER_DIMENSIONS = (*VOICE_DIMENSIONS, "metric", "touchpoint", "service")
REVIEW_DIMENSIONS = (*PRODUCT, "site")
#: Where fewer than this gave a 1, a 0 that nobody gave is no news.
_MANY_ONES = 20


def may_begin_at_one(lowest: float, ones: int) -> bool:
    """Whether many an answer of 1 and never one of 0 make one doubt that a scale begins at 0."""
    return lowest == 1 and ones >= _MANY_ONES


def dimensions(
    scope: Scope, need: frozenset[str], row: str, offered: tuple[str, ...], own: dict[str, str]
) -> tuple[list[str], str]:
    """The dimension columns and joins of a table whose rows point to a customer and a product."""
    keys = {"customers": f"{row}.customer_id", "salespeople": "c.owner_id", "products": f"{row}.product_id"}
    asked = need | {"+customers"} if "source" in need else need
    return dimension_columns(scope, asked, offered, keys, {"source": "c.source", **own})


def answers(scope: Scope, need: frozenset[str]) -> str:
    """One row an invitation; what was answered after `as_of` is not known yet."""
    own = {name: f"q.{name}" for name in ("metric", "touchpoint", "service")}
    listed, joins = dimensions(scope, need, "q", ANSWER_DIMENSIONS, own)
    early = f"q.answered_on <= {scope.today()}"
    # An answer without its day is one all the same: it counts on the day on which it was asked for.
    undated = "q.answered_on IS NULL AND q.score IS NOT NULL"
    columns = [
        "q.response_id", "q.customer_id", "q.product_id", "q.sent_on",
        f"CASE WHEN {early} THEN q.answered_on WHEN {undated} THEN q.sent_on END AS answered_on",
        f"CASE WHEN {early} OR q.answered_on IS NULL THEN q.score END AS score",
    ]  # fmt: skip
    rows = f"(SELECT * FROM {scope.source('surveys')} AS surveys WHERE sent_on <= {scope.today()}) AS q"
    return select([*columns, *listed], f"  FROM {rows}{joins}")


def reviews(scope: Scope, need: frozenset[str]) -> str:
    """One row a public review; who wrote it is not known, what it is about may be."""
    keys = {"products": "r.product_id"}
    listed, joins = dimension_columns(scope, need, REVIEW_DIMENSIONS, keys, {"site": "r.site"})
    columns = ["r.review_id", "r.product_id", "r.published_on", "r.rating"]
    rows = f"(SELECT * FROM {scope.source('reviews')} AS reviews WHERE published_on <= {scope.today()}) AS r"
    return select([*columns, *listed], f"  FROM {rows}{joins}")
