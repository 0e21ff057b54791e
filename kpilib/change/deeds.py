"""The action log held against the figures: plan, do, check, act.

Somebody planned an action and did it; here is the check: the KPI that it was to move, on the members that it concerns,
in as many whole months after it as before, and the same of the rest of the company (for an action on all of it, the
same months of the year before). What that did too was not the action's doing: a season, a trend, another price. The
difference of the two differences is what may be credited to the action, and no more than *may*: nobody drew lots for
who got it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from math import isnan, nan
from typing import Any
from weakref import WeakKeyDictionary

from kpilib.change.compare import Comparison, compared
from kpilib.change.deed import Deed, Mark
from kpilib.compute.frames import rows
from kpilib.errors import KpilibError
from kpilib.periods import Months, last_year, month_end, month_of, range_label
from kpilib.stats.differences import Figure, difference

__all__ = ["Deed", "Mark", "deeds", "marks", "windows"]

#: Whole months on each side of an action, where the data have them.
MONTHS = 6
_known: WeakKeyDictionary[Any, dict[int, list[Deed]]] = WeakKeyDictionary()


def deeds(book: Any, kpi: str | None = None, months: int = MONTHS) -> list[Deed]:
    """The actions of the log, each with its KPI before and after it.

    Parameters
    ----------
    book : Book
        One without the table `actions` has none.
    kpi : str, optional
        Only the actions that were to move it.
    months : int
        Whole months on each side; fewer where the data begin, the action ended or `as_of` comes sooner.

    Returns
    -------
    list of Deed
        In order of time. Made once a book. An action that cannot be checked says why in `Deed.why`.

    Notes
    -----
    An action that was taken because a figure was bad is followed by better figures on the whole even where it does
    nothing (regression to the mean), against the rest too. Take the months before for what they are.
    """
    if "actions" not in book.tables:
        return []
    kept = _known.setdefault(book, {})
    if months not in kept:
        kept[months] = [_deed(book, row, months) for row in rows(book.panel("actions"))]
    return [deed for deed in kept[months] if kpi is None or deed.kpi == kpi]


def marks(book: Any, kpi: str = "", where: Mapping[str, Any] | None = None) -> list[Mark]:
    """What was done, for charts through time: of one KPI and of those that name none, of what the slice keeps.

    Parameters
    ----------
    book : Book
    kpi : str, optional
        All actions without it.
    where : mapping, optional
        Dimension → members in view; an action on another member of these is left out.

    Returns
    -------
    list of Mark
        In order of time; empty without the table `actions`.
    """
    if "actions" not in book.tables:
        return []
    told = [_log(row) for row in rows(book.panel("actions"))]
    return [
        Mark(deed.done_on.isoformat(), deed.action, (deed.member,) if deed.member else ())
        for deed in told
        if (not kpi or deed.kpi in ("", kpi)) and _kept(deed, where or {})
    ]


def _kept(deed: Deed, where: Mapping[str, Any]) -> bool:
    members = where.get(deed.dimension) if deed.dimension else None
    listed = (members,) if isinstance(members, str) else tuple(members or ())
    return not listed or deed.member in listed


def _log(row: Mapping[str, Any]) -> Deed:
    """An action as it is written in the log; nothing is compared yet."""
    action_id, action, who, kpi, dimension, member = (_text(row[name]) for name in _TEXTS)
    return Deed(action_id, row["done_on"], _day(row["until"]), action, who, kpi, dimension, member)


_TEXTS = ("action_id", "action", "who", "kpi", "dimension", "member")


def _text(cell: Any) -> str:
    return cell if isinstance(cell, str) else ""


def _day(cell: Any) -> date | None:
    return cell if isinstance(cell, date) and cell == cell else None


def _deed(book: Any, row: Mapping[str, Any], months: int) -> Deed:
    """An action with what came of it."""
    deed = _log(row)
    if not deed.kpi or deed.kpi not in book.kpis:
        return deed.without("unknown_kpi" if deed.kpi else "no_kpi")
    before, after = windows(deed.done_on, deed.until, book.as_of, month_of(book.first_month), months)
    if after is None or before is None:
        return deed.without("too_young" if after is None else "no_past")
    try:
        own = _asked(book, deed.kpi, after, before, {deed.dimension: (deed.member,)} if deed.member else None)
        held, rest = _control(book, deed, before, after)
    except KpilibError:
        return deed.without("cannot")
    if isnan(own.difference):
        return deed.without("nothing")
    return deed.compared(after[1] - after[0] + 1, own, held, rest, _beside(own, rest))


def _control(book: Any, deed: Deed, before: Months, after: Months) -> tuple[str, Comparison | None]:
    """What went on without the action: the rest of the company; of all of it, the same months of the year before."""
    if deed.member:
        others = _others(book, deed)
        return ("rest", _asked(book, deed.kpi, after, before, others)) if others[deed.dimension] else ("", None)
    if last_year(*before)[0] < month_of(book.first_month):
        return "", None
    found = _asked(book, deed.kpi, last_year(*after), last_year(*before), None)
    return ("", None) if isnan(found.difference) else ("last_year", found)


def windows(
    done: date, until: date | None, as_of: date, start: int, months: int = MONTHS
) -> tuple[Months | None, Months | None]:
    """The whole months before an action and those after it, as many on either side.

    The month in which it was done is on neither side, unless it was done on the first; nor is a month that is not over,
    or in which the action had ended.

    Parameters
    ----------
    done, until : datetime.date
        First and last day of the action; None for no end.
    as_of : datetime.date
        The day of the figures.
    start : int
        The first month of the data.
    months : int
        The most on each side.

    Returns
    -------
    before, after : (int, int) or None
        First and last month, both included; after is None where no whole month has passed, before where the data begin
        too late. Of the two only one is None.

    Examples
    --------
    Done on 13 February 2025, three whole months later:

    >>> before, after = windows(date(2025, 2, 13), None, date(2025, 5, 31), 24282)
    >>> range_label(*before), range_label(*after)
    ('2024-11 – 2025-01', '2025-03 – 2025-05')
    """
    month = month_of(done)
    first = month if done.day == 1 else month + 1
    last = min(_whole(as_of), _whole(until) if until else first + months)
    length = min(months, last - first + 1)
    if length < 1:
        return (month - 1, month - 1), None
    length = min(length, month - start)
    if length < 1:
        return None, (first, last)
    return (month - length, month - 1), (first, first + length - 1)


def _whole(day: date) -> int:
    """The last month that is over on a day."""
    month = month_of(day)
    return month if day >= month_end(month) else month - 1


def _others(book: Any, deed: Deed) -> dict[str, tuple[str, ...]]:
    """All members but the action's own."""
    listed = book.members(deed.dimension)["member"]
    return {deed.dimension: tuple(str(member) for member in listed if member != deed.member)}


def _asked(book: Any, kpi: str, now: Months, before: Months, where: Any) -> Comparison:
    """The months after against those before, from cubes where they can."""
    return compared(book, kpi, range_label(*now), range_label(*before), where=where, days=False)[0]


def _beside(own: Comparison, rest: Comparison | None) -> tuple[float, float, float]:
    """The difference in differences with its interval (MOVER); NaN without a rest, or where there are no intervals."""
    if rest is None or isnan(own.low) or isnan(rest.low):
        return nan, nan, nan
    one, other = (Figure(side.difference, side.low, side.high) for side in (own, rest))
    return difference(one, other)
