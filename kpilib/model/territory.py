"""The panels of the territory: how far customers are from competitors' sites, and demand beside the customers served.

The ledger lays customers' months, lost deals and leads one below the other: demand for a customer is then a sum over
rows divided by a sum over rows, and no join counts either of them twice. A lead has the region that it gave itself.
"""

from __future__ import annotations

from kpilib.model import acquisition, months, pipeline
from kpilib.model.dimensions import NOT_GIVEN
from kpilib.model.living import LIFE_DIMENSIONS
from kpilib.model.scope import Scope

#: Not the customer itself: a lead is of none, and its region would be taken from there.
DEMAND_DIMENSIONS = ("segment", "industry", "country", "region", "department", "owner", "source")
#: The mean radius of the Earth in kilometres, as in `stats.geography`.
RADIUS = 6371.0088


def demand(scope: Scope, need: frozenset[str]) -> str:
    """One row a customer's month, a lost deal, or a lead that has not become a customer by `as_of`."""
    asked = tuple(name for name in DEMAND_DIMENSIONS if name in need)
    dims = "".join(f", {name}" for name in asked)
    own = frozenset(asked) | {"-"}
    of_lead = "".join(f", {_of_lead(name)} AS {name}" for name in asked)
    return (
        "SELECT customer_id AS entry_id, month AS happened_on, 0 AS lost_deals, 0 AS leads, 0 AS unserved, "
        f"1 AS customers{dims}\n  FROM (\n{months.customer_months(scope, own)}\n) AS lived\n"
        "UNION ALL\n"
        "SELECT opportunity_id AS entry_id, closed_on AS happened_on, 1 AS lost_deals, 0 AS leads, 1 AS unserved, "
        f"0 AS customers{dims}\n  FROM (\n{pipeline.deals(scope, own | {'status'})}\n) AS lost\n"
        "  WHERE status = 'lost' AND closed_on IS NOT NULL\n"
        "UNION ALL\n"
        "SELECT lead_id AS entry_id, created_on AS happened_on, 0 AS lost_deals, 1 AS leads, 1 AS unserved, "
        f"0 AS customers{of_lead}\n  FROM (\n{acquisition.leads(scope, own)}\n) AS came\n"
        "  WHERE converted_on IS NULL"
    )


def _of_lead(name: str) -> str:
    """A dimension of a lead; what only customers have is not given."""
    return name if name in acquisition.LEAD_DIMENSIONS else f"'{NOT_GIVEN}'"


def customer_places(scope: Scope, need: frozenset[str]) -> str:
    """One row a customer and month of its life, with its place and the kilometres to the nearest competitor's site."""
    sites, customers = scope.source("competitor_sites"), scope.source("customers")
    far = (
        f"(SELECT c.customer_id, MIN({_kilometres()}) AS distance_km FROM {customers} AS c CROSS JOIN {sites} AS s "
        "WHERE c.latitude IS NOT NULL AND c.longitude IS NOT NULL AND s.latitude IS NOT NULL "
        "AND s.longitude IS NOT NULL GROUP BY c.customer_id)"
    )
    lived = months.customer_months(scope, frozenset(name for name in LIFE_DIMENSIONS if name in need) | {"-"})
    return (
        f"SELECT lived.*, c.latitude, c.longitude, far.distance_km\n  FROM (\n{lived}\n) AS lived\n"
        f"  LEFT JOIN {customers} AS c ON c.customer_id = lived.customer_id\n"
        f"  LEFT JOIN {far} AS far ON far.customer_id = lived.customer_id"
    )


def competitor_sites(scope: Scope, need: frozenset[str]) -> str:
    """One row a competitor's site, with its place."""
    return f"SELECT site_id, competitor, latitude, longitude\n  FROM {scope.source('competitor_sites')} AS sites"


def _kilometres() -> str:
    """The haversine of `stats.geography`, of a customer `c` and a site `s`, as SQL."""
    up = "POWER(SIN(RADIANS(s.latitude - c.latitude) / 2), 2)"
    across = "POWER(SIN(RADIANS(s.longitude - c.longitude) / 2), 2)"
    half = f"{up} + COS(RADIANS(c.latitude)) * COS(RADIANS(s.latitude)) * {across}"
    return f"2 * {RADIUS} * ASIN(SQRT(LEAST(1, {half})))"
