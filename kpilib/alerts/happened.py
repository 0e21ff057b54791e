"""What the company's calendar (the table `events`) says happened about the time that an alert began."""

from __future__ import annotations

from datetime import date
from typing import Any

from kpilib.compute.frames import rows
from kpilib.errors import KpilibError
from kpilib.periods import month_of, parse

from .alert import Alert

#: An event of so many months before or after an alert's first month is named with it.
ABOUT = 1


def named(book: Any, alert: Alert) -> tuple[str, ...]:
    """The events about the alert's first month that concern what it is about.

    An event of a member of the alert's own dimension concerns that member alone. An event is a fact of the calendar,
    not a cause. Empty without the table, and for alerts of the data.
    """
    if alert.table or "events" not in book.tables:
        return ()
    begun = parse(alert.since)[0]
    said: dict[str, None] = {}
    for row in _events(book):
        month = month_of(date.fromisoformat(str(row["happened_on"])[:10]))
        dimension, member = _text(row.get("dimension")), _text(row.get("member"))
        elsewhere = bool(alert.dimension) and dimension == alert.dimension and member not in ("", alert.member)
        if abs(month - begun) <= ABOUT and not elsewhere:
            what = str(row["event"])
            said[what if not member or member in what or member == alert.member else f"{what} ({member})"] = None
    return tuple(said)


def _events(book: Any) -> list[dict[str, Any]]:
    try:
        return rows(book.panel("events"))
    except KpilibError:
        return []


def _text(value: Any) -> str:
    return "" if value is None or value != value else str(value)
