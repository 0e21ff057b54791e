"""The panels of the acquisition: leads, campaigns, and the ledgers that set what they cost against whom they brought.

A ledger lays rows of several kinds one below the other, each adding to one side only, so that the cost of a new
customer is a sum over rows divided by a sum over rows and no join counts a cost twice. What a campaign cost is not
known by family or region, so the ledger of costs is cut by source alone.

A lead's family and region are those that the lead itself gave. Those of the customer it became are not taken in their
place: they are known of nobody who did not convert, and every family would seem to convert always.
"""

from __future__ import annotations

from kpilib.model.dimensions import NOT_GIVEN
from kpilib.model.living import lives
from kpilib.model.scope import Scope, dimension_columns, select

LEAD_DIMENSIONS = ("segment", "region", "source", "campaign")
CAMPAIGN_DIMENSIONS = ("source", "campaign")
ARRIVAL_DIMENSIONS = ("segment", "region", "source")
COST_DIMENSIONS = ("source",)
#: Worked out only where they are asked for: each looks for the orders of all customers that a campaign brought.
CAMPAIGN_EXTRA = ("brought", "margin")
#: Days of a customer's first twelve months.
FIRST_YEAR = 365


def leads(scope: Scope, need: frozenset[str]) -> str:
    """One row a lead: the days it took to convert (empty: it has not), and for how many days it has been seen.

    A conversion dated before the lead counts as one; its days are below 0.
    """
    own = {"segment": "l.segment", "region": "l.region", "source": "l.source", "campaign": "m.campaign"}
    dimensions, _ = dimension_columns(scope, need, LEAD_DIMENSIONS, {}, own)
    joins = f"\n  LEFT JOIN {_campaigns(scope)} ON m.campaign_id = l.campaign_id" if "campaign" in need else ""
    known = f"CASE WHEN l.converted_on <= {scope.today()} THEN l.converted_on END"
    columns = [
        "l.lead_id", "l.customer_id", "l.campaign_id", "l.created_on", f"{known} AS converted_on",
        f"CASE WHEN l.converted_on <= {scope.today()} "
        "THEN date_diff('day', l.created_on, l.converted_on) END AS days",
        f"date_diff('day', l.created_on, {scope.today()}) AS age",
    ]  # fmt: skip
    return select([*columns, *dimensions], f"  FROM {_known(scope)} AS l{joins}")


def campaigns(scope: Scope, need: frozenset[str]) -> str:
    """One row a campaign and month begun by `as_of`; cost without a source (salaries, tools) is no campaign's.

    `brought` are the customers whose first lead it sent, `margin` what they left in their first twelve months.
    """
    own = {"source": "m.source", "campaign": "m.campaign"}
    dimensions, _ = dimension_columns(scope, need, CAMPAIGN_DIMENSIONS, {}, own)
    names = ("campaign_id", "month", "cost", "sent", "delivered", "opened", "clicked", "unsubscribed")
    columns = [*(f"m.{name}" for name in names), f"date_diff('day', m.month, {scope.today()}) AS age"]
    joins = ""
    if need & set(CAMPAIGN_EXTRA):
        columns += ["COALESCE(b.brought, 0) AS brought", "COALESCE(b.margin, 0) AS margin"]
        joins = f"\n  LEFT JOIN {_brought(scope)} AS b ON b.campaign_id = m.campaign_id"
    begun = f"\n  WHERE m.month <= {scope.today()} AND (m.source IS NOT NULL OR m.sourced = 0)"
    return select([*columns, *dimensions], f"  FROM {_campaigns(scope)}{joins}{begun}")


def arrivals(scope: Scope, need: frozenset[str]) -> str:
    """One row a lead or a new customer, each on its own day: sales and prospects of one period."""
    asked = [name for name in ARRIVAL_DIMENSIONS if name in need]
    came, became = (_named(row, asked) for row in ("l", "c"))
    return (
        f"SELECT 'lead ' || l.lead_id AS entry_id, l.created_on AS happened_on, 0 AS customers, 1 AS leads{came}\n"
        f"  FROM {_known(scope)} AS l\nUNION ALL\n"
        "SELECT 'customer ' || k.customer_id AS entry_id, k.acquired_on AS happened_on, 1 AS customers, "
        f"0 AS leads{became}\n  FROM {lives(scope)} AS k\n"
        f"  JOIN {scope.source('customers')} AS c ON c.customer_id = k.customer_id\n  WHERE k.acquired_on IS NOT NULL"
    )


def acquisition(scope: Scope, need: frozenset[str]) -> str:
    """One row a cost, a lead or a new customer.

    `cost` is what a source was paid for, `full_cost` with what belongs to none (salaries, tools). `paid` says whether
    the row's source had campaigns that cost something. `lagged_on` is the day of a customer or a lead, and of a cost
    that of `lag` months later: by then half of those whom it brings have bought.
    """
    asked = frozenset(name for name in COST_DIMENSIONS if name in need) | {"source"}
    listed = ", source" if "source" in need or not need else ""
    later = f"CAST(m.month + {_lag(scope)} * INTERVAL '1' MONTH AS DATE)"
    own = "CASE WHEN m.source IS NOT NULL OR m.sourced = 0 THEN m.cost ELSE 0 END"
    paid = f"(SELECT DISTINCT source FROM {scope.source('campaigns')} AS bought WHERE cost > 0 AND source IS NOT NULL)"
    return (
        "SELECT entry_id, happened_on, lagged_on, cost, full_cost, customers, leads, "
        f"CASE WHEN p.paid_source IS NULL THEN 0 ELSE 1 END AS paid{listed}\n  FROM (\n"
        "SELECT 'cost ' || m.campaign_id AS entry_id, m.month AS happened_on, "
        f"CASE WHEN {later} <= {scope.today()} THEN {later} END AS lagged_on, "
        f"{own} AS cost, m.cost AS full_cost, 0 AS customers, 0 AS leads, {_or(NOT_GIVEN, 'm.source')} AS source\n"
        f"  FROM {_campaigns(scope)} WHERE m.month <= {scope.today()}\nUNION ALL\n"
        "SELECT entry_id, happened_on, happened_on AS lagged_on, 0 AS cost, 0 AS full_cost, customers, leads, source\n"
        f"  FROM (\n{arrivals(scope, asked)}\n) AS came\n) AS entries\n"
        f"  LEFT JOIN (SELECT source AS paid_source FROM {paid} AS sources) AS p ON p.paid_source = entries.source"
    )


def _or(nothing: str, column: str) -> str:
    return f"COALESCE({column}, '{nothing}')"


def _named(row: str, dimensions: list[str]) -> str:
    """The row's own dimensions, at the end of a SELECT's list."""
    return "".join(f", {_or(NOT_GIVEN, f'{row}.{name}')} AS {name}" for name in dimensions)


def _known(scope: Scope) -> str:
    return f"(SELECT * FROM {scope.source('leads')} AS leads WHERE created_on <= {scope.today()})"


def _campaigns(scope: Scope) -> str:
    """The campaigns as `m`; `sourced` says of how many the source is known: of none, it tells no cost from another."""
    return f"(SELECT *, COUNT(source) OVER () AS sourced FROM {scope.source('campaigns')} AS campaigns) AS m"


def _lag(scope: Scope) -> str:
    """Whole months from a lead to its first purchase, of half of those who bought; 0 where none is known."""
    return (
        "COALESCE((SELECT CAST(ROUND(MEDIAN(date_diff('day', l.created_on, k.acquired_on)) / 30.4375) AS INTEGER) "
        f"FROM {_known(scope)} AS l JOIN {lives(scope)} AS k ON k.customer_id = l.customer_id "
        "WHERE k.acquired_on >= l.created_on), 0)"
    )


def _brought(scope: Scope) -> str:
    """Each campaign's customers, counted once, with the campaign of their first lead, and their first year's margin."""
    first = (
        "(SELECT customer_id, campaign_id FROM (SELECT customer_id, campaign_id, ROW_NUMBER() OVER "
        f"(PARTITION BY customer_id ORDER BY created_on, lead_id) AS place FROM {_known(scope)} AS l "
        f"WHERE customer_id IS NOT NULL AND converted_on <= {scope.today()}) AS placed "
        "WHERE place = 1 AND campaign_id IS NOT NULL)"
    )
    sold = (
        f"(SELECT o.customer_id, SUM(o.revenue - o.cost) AS margin FROM {scope.source('order_lines')} AS o "
        f"JOIN {lives(scope)} AS k ON k.customer_id = o.customer_id WHERE o.ordered_on <= {scope.today()} "
        f"AND date_diff('day', k.acquired_on, o.ordered_on) BETWEEN 0 AND {FIRST_YEAR - 1} GROUP BY o.customer_id)"
    )
    return (
        "(SELECT f.campaign_id, COUNT(*) AS brought, SUM(s.margin) AS margin "
        f"FROM {first} AS f JOIN {lives(scope)} AS k ON k.customer_id = f.customer_id "
        f"LEFT JOIN {sold} AS s ON s.customer_id = f.customer_id WHERE k.acquired_on IS NOT NULL "
        "GROUP BY f.campaign_id)"
    )
