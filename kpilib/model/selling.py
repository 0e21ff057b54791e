"""The panels of the sales: order lines with the kind of sale derived, and orders."""

from __future__ import annotations

from kpilib.model.dimensions import NOT_GIVEN
from kpilib.model.scope import CUSTOMER, OWNER, PRODUCT, Scope, dimension_columns, select

_SALE_KEYS = {
    "customers": "l.customer_id",
    "salespeople": "COALESCE(l.owner_id, c.owner_id)",  # the line's own, else the customer's
    "products": "l.product_id",
}
SALE_DIMENSIONS = (*CUSTOMER, *OWNER, *PRODUCT, "source", "kind", "currency")


def _lines(scope: Scope) -> str:
    return f"(SELECT * FROM {scope.source('order_lines')} AS order_lines WHERE ordered_on <= {scope.today()})"


def _first_orders(scope: Scope) -> str:
    """Joins that say when a customer bought first: at all, in the category, in the category at this tier or higher.

    Orders of one day are one occasion: a date alone cannot say which came first.
    """
    lines, products = _lines(scope), scope.source("products")
    by_category = f"FROM {lines} AS b LEFT JOIN {products} AS bp ON bp.product_id = b.product_id"
    category = f"COALESCE(bp.category, '{NOT_GIVEN}')"
    return (
        f"\n  LEFT JOIN (SELECT customer_id, {category} AS category, MIN(ordered_on) AS first_on {by_category} "
        "GROUP BY 1, 2) AS fc "
        f"ON fc.customer_id = l.customer_id AND fc.category = COALESCE(p.category, '{NOT_GIVEN}')"
        "\n  LEFT JOIN (SELECT customer_id, category, tier, MIN(first_on) OVER (PARTITION BY customer_id, category "
        f"ORDER BY tier DESC) AS first_on FROM (SELECT customer_id, {category} AS category, tier, "
        f"MIN(ordered_on) AS first_on {by_category} WHERE tier IS NOT NULL GROUP BY 1, 2, 3) AS tiers) AS ft "
        "ON ft.customer_id = l.customer_id AND ft.tier = p.tier "
        f"AND ft.category = COALESCE(p.category, '{NOT_GIVEN}')"
    )


_KIND = (
    "COALESCE(l.kind, CASE WHEN l.ordered_on = f.first_on THEN 'new' WHEN l.ordered_on = fc.first_on THEN 'cross_sell' "
    "WHEN l.ordered_on = ft.first_on THEN 'up_sell' ELSE 'repeat' END)"
)


def sales(scope: Scope, need: frozenset[str]) -> str:
    keys = _SALE_KEYS
    needs_kind = "kind" in need
    needs_first = needs_kind or "bought_before" in need
    asked = need | {"+products"} if needs_kind else need
    if "source" in need:
        asked |= {"+customers"}
    own = {"source": "c.source", "kind": _KIND, "currency": "l.currency"}
    dimensions, joins = dimension_columns(scope, asked, SALE_DIMENSIONS, keys, own)
    columns = [
        f"l.{name}"
        for name in ["line_id", "order_id", "customer_id", "product_id", "ordered_on", "quantity", "revenue", "cost"]
    ]
    if needs_first:
        joins += (
            f"\n  LEFT JOIN (SELECT customer_id, MIN(ordered_on) AS first_on FROM {_lines(scope)} AS b GROUP BY 1) "
            "AS f ON f.customer_id = l.customer_id"
        )
        columns.append("l.ordered_on > f.first_on AS bought_before")
    if needs_kind:
        joins += _first_orders(scope)
    return select([*columns, *dimensions], f"  FROM {_lines(scope)} AS l{joins}")


ORDER_DIMENSIONS = (*CUSTOMER, *OWNER, "source", "currency")


def by_order(lines: str, columns: list[str], asked: list[str]) -> str:
    """Order lines as one row an order: its key, the `columns`, and its member of each dimension that is asked for.

    Those are its first line's, so that a team is always that of the salesperson.
    """
    if asked:
        place = "ROW_NUMBER() OVER (PARTITION BY order_id ORDER BY line_id) AS place"
        lines = f"SELECT *, {place} FROM ({lines}) AS sold"
    first = [f"MAX(CASE WHEN place = 1 THEN {name} END) AS {name}" for name in asked]
    return select(["order_id", *columns, *first], f"  FROM ({lines}) AS sold\n  GROUP BY order_id")


def orders(scope: Scope, need: frozenset[str]) -> str:
    asked = [name for name in ORDER_DIMENSIONS if name in need]
    columns = [
        "MIN(customer_id) AS customer_id", "MIN(ordered_on) AS ordered_on", "COUNT(*) AS lines",
        "SUM(quantity) AS quantity", "SUM(revenue) AS revenue", "SUM(cost) AS cost",
        "MAX(CASE WHEN bought_before THEN 1 ELSE 0 END) = 1 AS bought_before",
    ]  # fmt: skip
    return by_order(sales(scope, frozenset({*asked, "bought_before"})), columns, asked)
