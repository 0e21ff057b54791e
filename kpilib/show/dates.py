"""Months as the filter bar offers them: the list of months, and the preset periods as seen on a given day."""

from datetime import date

from kpilib.language import N_
from kpilib.periods import bounds, group, is_complete, label, month_end, month_of, trailing


def months(first: date, last: date) -> list[str]:
    """Every month from one day's to another's: ["2025-11", "2025-12", "2026-01"]."""
    return [label(month, "month") for month in range(month_of(first), month_of(last) + 1)]


def presets(as_of: date) -> dict[str, tuple[str | None, str | None]]:
    """The preset periods as seen on a day: name → (since, until), months, both inclusive; None is an open side.

    "Last 12 months" are complete ones: the month of `as_of` is among them only where that is its last day.

    Examples
    --------
    >>> presets(date(2026, 6, 29))["Last 12 months"]
    ('2025-06', '2026-05')
    """
    now = month_of(as_of)
    whole = now if is_complete(month_end(now), as_of) else now - 1
    quarter, year = (bounds(int(group([now], grain)[0][0]), grain)[0] for grain in ("quarter", "year"))
    spans = {
        N_("This month"): (now, now),
        N_("This quarter"): (quarter, now),
        N_("Year to date"): (year, now),
        N_("Last 12 months"): trailing(whole),
    }
    named: dict[str, tuple[str | None, str | None]] = {
        name: (label(first, "month"), label(last, "month")) for name, (first, last) in spans.items()
    }
    return {**named, N_("All"): (None, None)}
