"""The panels of the service: requests, requests open month by month, and the ledgers that set them against the rest.

A ledger lays two kinds of rows one below the other, each adding to one side only: hours for a unit sold, or requests
for a customer, are then a sum over rows divided by a sum over rows, and no join counts either of them twice. A request
has no salesperson of its own: `owner`, `team` and `sales_region` are those of its customer.
"""

from __future__ import annotations

from kpilib.model import months, selling, voice
from kpilib.model.dimensions import WEEKDAYS
from kpilib.model.living import LIFE_DIMENSIONS
from kpilib.model.scope import Scope, select

#: A request that was solved counts as repeated where the same customer asks about the same product type again within
#: so many days. A week is what contact centres mostly use; a shorter one misses those who wait, a longer one takes new
#: matters for old ones.
REPEAT_DAYS = 7
ABOUT_DIMENSIONS = (*voice.VOICE_DIMENSIONS, "channel", "severity")
TICKET_DIMENSIONS = (*ABOUT_DIMENSIONS, "weekday", "hour")
SUPPORT_DIMENSIONS = voice.VOICE_DIMENSIONS
#: Worked out only where it is asked for: each request looks for the next ones of its customer.
TICKET_EXTRA = ("solved_for_good",)

_MONDAY = "DATE '1900-01-01'"
_NUMBERED = " ".join(f"WHEN {place} THEN '{name}'" for place, name in enumerate(WEEKDAYS))
_WEEKDAY = f"CASE date_diff('day', {_MONDAY}, CAST(t.opened_at AS DATE)) % 7 {_NUMBERED} END"
_HOUR = "LPAD(CAST(EXTRACT(HOUR FROM t.opened_at) AS VARCHAR), 2, '0') || ':00'"


def _hours(until: str) -> str:
    """The hours from the opening until a moment; a moment before the opening tells no duration."""
    return f"CASE WHEN {until} >= t.opened_at THEN date_diff('second', t.opened_at, {until}) / 3600.0 END"


def _known(scope: Scope) -> str:
    """The requests opened by `as_of`; of what came later neither the answer, nor the end, nor the effort is known."""
    later = f"CAST(resolved_at AS DATE) > {scope.today()}"
    return (
        "(SELECT ticket_id, customer_id, product_id, channel, severity, opened_at, "
        f"CASE WHEN CAST(first_reply_at AS DATE) <= {scope.today()} THEN first_reply_at END AS first_reply_at, "
        f"CASE WHEN {later} THEN NULL ELSE resolved_at END AS resolved_at, "
        f"CASE WHEN {later} THEN NULL ELSE contacts END AS contacts, "
        f"CASE WHEN {later} THEN NULL ELSE handling_minutes / 60.0 END AS handling_hours "
        f"FROM {scope.source('tickets')} AS tickets WHERE CAST(opened_at AS DATE) <= {scope.today()})"
    )


def _again(scope: Scope) -> str:
    """The requests that their customer repeated: another one, about the same product type, soon after the solution."""
    kind = f"LEFT JOIN {scope.source('products')} AS k ON k.product_id = x.product_id"
    about = f"(SELECT x.*, COALESCE(k.category, '') AS about FROM {_known(scope)} AS x {kind})"
    return (
        f"(SELECT DISTINCT done.ticket_id FROM {about} AS done JOIN {about} AS next "
        "ON next.customer_id = done.customer_id AND next.about = done.about AND next.ticket_id <> done.ticket_id "
        f"AND next.opened_at >= done.resolved_at AND next.opened_at <= done.resolved_at + INTERVAL '{REPEAT_DAYS}' DAY)"
    )


def _for_good(scope: Scope) -> tuple[str, str]:
    """Whether a request was solved at the first contact and not repeated; empty while a repeat may still come."""
    early = f"date_diff('day', CAST(t.resolved_at AS DATE), {scope.today()}) > {REPEAT_DAYS}"
    known = f"t.resolved_at IS NOT NULL AND t.contacts IS NOT NULL AND t.customer_id IS NOT NULL AND {early}"
    column = f"CASE WHEN {known} THEN t.contacts = 1 AND again.ticket_id IS NULL END AS solved_for_good"
    return column, f"\n  LEFT JOIN {_again(scope)} AS again ON again.ticket_id = t.ticket_id"


def tickets(scope: Scope, need: frozenset[str]) -> str:
    """One row a request, with the hours until its first answer and until its solution."""
    own = {"channel": "t.channel", "severity": "t.severity", "weekday": _WEEKDAY, "hour": _HOUR}
    dimensions, joins = voice.dimensions(scope, need, "t", TICKET_DIMENSIONS, own)
    columns = [
        "t.ticket_id", "t.customer_id", "t.product_id", "t.opened_at", "t.first_reply_at", "t.resolved_at",
        "t.contacts", "t.handling_hours",
        "CASE WHEN t.resolved_at IS NOT NULL THEN t.contacts = 1 END AS solved_at_once",
        f"{_hours('t.first_reply_at')} AS reply_hours", f"{_hours('t.resolved_at')} AS solve_hours",
    ]  # fmt: skip
    if "solved_for_good" in need:
        column, joined = _for_good(scope)
        columns, joins = [*columns, column], joined + joins
    return select([*columns, *dimensions], f"  FROM {_known(scope)} AS t{joins}")


def ticket_months(scope: Scope, need: frozenset[str]) -> str:
    """One row a request and month-end at which it was open, with its age in days then."""
    own = {"channel": "t.channel", "severity": "t.severity"}
    dimensions, joins = voice.dimensions(scope, need, "t", ABOUT_DIMENSIONS, own)
    rows = (
        "(SELECT x.*, month, month_end, date_diff('day', CAST(x.opened_at AS DATE), month_end) AS age "
        f"FROM {_known(scope)} AS x JOIN {scope.months()} ON CAST(x.opened_at AS DATE) <= month_end "
        "AND (x.resolved_at IS NULL OR CAST(x.resolved_at AS DATE) > month_end))"
    )
    columns = [f"t.{n}" for n in ("ticket_id", "customer_id", "product_id", "month", "month_end", "opened_at", "age")]
    return select([*columns, *dimensions], f"  FROM {rows} AS t{joins}")


def support(scope: Scope, need: frozenset[str]) -> str:
    """One row an order line or a request; the salesperson of a line is its own, of a request the customer's."""
    asked, dimensions = _asked(SUPPORT_DIMENSIONS, need)
    return (
        "SELECT line_id AS entry_id, ordered_on AS happened_on, CAST(0 AS DOUBLE) AS hours, "
        f"CAST(0 AS DOUBLE) AS tickets, quantity AS units{dimensions}\n"
        f"  FROM (\n{selling.sales(scope, asked)}\n) AS sold\n"
        "UNION ALL\n"
        "SELECT ticket_id AS entry_id, CAST(opened_at AS DATE) AS happened_on, handling_hours AS hours, "
        f"CAST(1 AS DOUBLE) AS tickets, CAST(0 AS DOUBLE) AS units{dimensions}\n"
        f"  FROM (\n{tickets(scope, asked)}\n) AS opened"
    )


def service(scope: Scope, need: frozenset[str]) -> str:
    """One row a request or a customer's month: requests count above, months of customers below."""
    asked, dimensions = _asked(LIFE_DIMENSIONS, need)
    return (
        "SELECT ticket_id AS entry_id, CAST(opened_at AS DATE) AS happened_on, CAST(1 AS DOUBLE) AS tickets, "
        f"CAST(0 AS DOUBLE) AS customers{dimensions}\n  FROM (\n{tickets(scope, asked)}\n) AS opened\n"
        "UNION ALL\n"
        "SELECT customer_id AS entry_id, month AS happened_on, CAST(0 AS DOUBLE) AS tickets, "
        f"CAST(1 AS DOUBLE) AS customers{dimensions}\n  FROM (\n{months.customer_months(scope, asked)}\n) AS lived"
    )


def _asked(offered: tuple[str, ...], need: frozenset[str]) -> tuple[frozenset[str], str]:
    """The dimensions that both halves of a ledger are asked for, and their list."""
    asked = tuple(name for name in offered if name in need)
    return frozenset(asked) | {"-"}, "".join(f", {name}" for name in asked)
