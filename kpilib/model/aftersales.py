"""The ledger of what a sale asks for afterwards: order lines and requests one below the other.

A line adds units, a request adds hours, so that hours for a unit is a sum over rows divided by a sum over rows, and no
join counts either of them twice.
"""

from __future__ import annotations

from kpilib.model import selling, voice
from kpilib.model.scope import Scope

SUPPORT_DIMENSIONS = voice.VOICE_DIMENSIONS


def support(scope: Scope, need: frozenset[str]) -> str:
    """One row an order line or a request; the salesperson of a line is its own, of a request the customer's."""
    asked = frozenset(name for name in SUPPORT_DIMENSIONS if name in need) | {"-"}
    dimensions = "".join(f", {name}" for name in SUPPORT_DIMENSIONS if name in asked)
    sold = selling.sales(scope, asked)
    opened = voice.tickets(scope, asked)
    return (
        "SELECT line_id AS entry_id, ordered_on AS happened_on, CAST(0 AS DOUBLE) AS hours, "
        f"quantity AS units{dimensions}\n  FROM (\n{sold}\n) AS sold\n"
        "UNION ALL\n"
        "SELECT ticket_id AS entry_id, CAST(opened_at AS DATE) AS happened_on, handling_hours AS hours, "
        f"CAST(0 AS DOUBLE) AS units{dimensions}\n  FROM (\n{opened}\n) AS opened"
    )
