"""The panels of the customers' lives: who came and left when, month by month, and over whole periods.

A customer's life begins on `acquired_on` (where that is empty, with its first order) and ends on `churned_on`. What is
known to have ended but not when it began is taken to have begun before the data. A customer without any of the three is
a prospect; a life that ends before it begins is no life: both are left out.
"""

from __future__ import annotations

from kpilib.model.scope import CUSTOMER, OWNER, Scope, dimension_columns, select

LIFE_DIMENSIONS = (*CUSTOMER, *OWNER, "source")
_KEYS = {"customers": "l.customer_id", "salespeople": "c.owner_id"}


def life_dimensions(scope: Scope, need: frozenset[str]) -> tuple[list[str], str]:
    """The dimension columns and joins of rows `l` that point to a customer."""
    asked = need | {"+customers"} if "source" in need else need
    return dimension_columns(scope, asked, LIFE_DIMENSIONS, _KEYS, {"source": "c.source"})


def lives(scope: Scope) -> str:
    """One row a life known at `as_of`: customer_id, acquired_on, churned_on; for a FROM clause."""
    first = (
        "(SELECT customer_id, MIN(ordered_on) AS first_on "
        f"FROM {scope.source('order_lines')} AS order_lines GROUP BY customer_id) AS f"
    )
    known = (
        "(SELECT k.customer_id, COALESCE(k.acquired_on, f.first_on) AS acquired_on, "
        f"CASE WHEN k.churned_on <= {scope.today()} THEN k.churned_on END AS churned_on "
        f"FROM {scope.source('customers')} AS k LEFT JOIN {first} ON f.customer_id = k.customer_id) AS known"
    )
    return (
        f"(SELECT customer_id, acquired_on, churned_on FROM {known} "
        f"WHERE (acquired_on <= {scope.today()} AND (churned_on IS NULL OR churned_on >= acquired_on)) "
        "OR (acquired_on IS NULL AND churned_on IS NOT NULL))"
    )


def customer_lives(scope: Scope, need: frozenset[str]) -> str:
    """One row a customer: when it came (empty: before the data) and when it left (empty: it has not)."""
    dimensions, joins = life_dimensions(scope, need)
    columns = ["l.customer_id", "l.acquired_on", "l.churned_on"]
    return select([*columns, *dimensions], f"  FROM {lives(scope)} AS l{joins}")


CHANGE_DIMENSIONS = (*LIFE_DIMENSIONS, "kind")


def customer_changes(scope: Scope, need: frozenset[str]) -> str:
    """One row a change in a customer's life: a first renewal, another owner of the firm, another salesperson."""
    asked = need | {"+customers"} if "source" in need else need
    own = {"source": "c.source", "kind": "l.kind"}
    dimensions, joins = dimension_columns(scope, asked, CHANGE_DIMENSIONS, _KEYS, own)
    rows = f"(SELECT * FROM {scope.source('customer_changes')} AS changes WHERE changed_on <= {scope.today()}) AS l"
    return select(["l.change_id", "l.customer_id", "l.changed_on", *dimensions], f"  FROM {rows}{joins}")


def events(scope: Scope, need: frozenset[str]) -> str:
    """One row something that happened to the company until `as_of`, and the member that it concerns."""
    return (
        "SELECT event_id, happened_on, event, dimension, member\n"
        f"  FROM {scope.source('events')} AS events\n  WHERE happened_on <= {scope.today()}"
    )


def actions(scope: Scope, need: frozenset[str]) -> str:
    """One row something that was done until `as_of`; an end that lies ahead is planned, not known."""
    return (
        "SELECT action_id, done_on, until, action, who, kpi, dimension, member\n"
        f"  FROM {scope.source('actions')} AS actions\n  WHERE done_on <= {scope.today()}"
    )
