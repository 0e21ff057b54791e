"""Which days are compared with which: the window asked for, and the one that it is held against.

A window that is not over is compared with as many days of the other, counted from its start; where a KPI is not known
by days, with the months that are over; or not at all. Each cut is marked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from kpilib.calendars import Period, latest, parse
from kpilib.compute.comparing import told_until, windows
from kpilib.errors import BadInput
from kpilib.periods import Months, is_complete, month_of


@dataclass(frozen=True)
class Window:
    """Days that are compared, both ends included.

    Parameters
    ----------
    first, last : datetime.date
        First and last day.
    label : str
        "2026Q2", "2026-W07", "2026-06-01 – 2026-06-14".
    whole : bool
        Whether it is over and not cut.
    months : tuple of int, optional
        Its first and last month where it is made of whole months: then cubes can answer.
    """

    first: date
    last: date
    label: str
    whole: bool = True
    months: Months | None = None

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1


def window(period: Any, calendar: str | None = None, as_of: date | None = None, fiscal_start: int = 1) -> Window:
    """The window that a text names; what it accepts and raises, as `kpilib.calendars.parse`.

    Examples
    --------
    >>> window("2026Q2", as_of=date(2026, 6, 30))  # doctest: +ELLIPSIS
    Window(first=datetime.date(2026, 4, 1), last=datetime.date(2026, 6, 30), label='2026Q2', whole=True, months=(...))
    """
    return of_period(parse(period, calendar, fiscal_start), as_of or date.max)


def of_period(period: Period, as_of: date) -> Window:
    """The window of a whole period."""
    months = (period.first, period.last) if period.unit == "month" else None
    return Window(period.first_day, period.last_day, period.label, period.last_day <= as_of, months)


def of_months(months: Months, as_of: date) -> Window:
    """The window of whole months, named as a reader names them."""
    return of_period(Period("month", *months), as_of)


def of_days(first: date, days: int) -> Window:
    """So many days from a first one on: a window that was cut."""
    last = first + timedelta(days=days - 1)
    return Window(first, last, Period("day", first.toordinal(), last.toordinal()).label, whole=False)


@dataclass(frozen=True)
class Facing:
    """Two windows that face each other.

    Parameters
    ----------
    now, before : Window
        What is compared with what.
    mark : {"", "days", "months", "not_over", "not_begun", "not_reached"}
        What was done about a window that is not over: "days", both have as many days; "months", months that are not
        over are left out of both; "not_over", nothing of it can be compared yet; "not_begun", it lies ahead.
        "not_reached": the data do not reach back to `before`.
    left_out : Window, optional
        The part of the window asked for that is known of and left out, where months were.
    """

    now: Window
    before: Window
    mark: str = ""
    left_out: Window | None = None

    @property
    def comparable(self) -> bool:
        return self.mark in ("", "days", "months")


def asked(period: Any, calendar: str | None, as_of: date, fiscal_start: int) -> Period:
    """The period that a reader asked for; without one, the latest of the calendar that is over."""
    if period is None:
        return latest(calendar, as_of, fiscal_start)
    return parse(period, calendar, fiscal_start)


def facing(
    now: Period, to: str, known: date, start: date, stock: str = "flow", by_days: bool = True, matures: int = 0
) -> Facing:
    """What a period is compared with.

    Parameters
    ----------
    now : Period
        The period asked for.
    to : {"previous", "last_year"}
        The period just before, or the same one a year before. A year to date is compared with the same months of the
        year before, as `compute.comparing.windows` has it.
    known : datetime.date
        The last day of which enough is known.
    start : datetime.date
        The first day of the data.
    stock : {"flow", "start", "end"}
        A stock is a level, and that of today is one too: nothing is cut.
    by_days : bool
        Whether the KPI can be counted by days, and a reader will wait for that.
    matures : int
        How many days before that of the data `known` lies: what is later is too young to tell.

    Returns
    -------
    Facing
    """
    today = known + timedelta(days=matures)
    if now.first_day > known:
        return _only(now, "not_begun", known)
    if now.unit == "month" and (stock != "flow" or not by_days or now.last_day <= known):
        return _months(now, to, today, start, stock, matures)
    other = _begun(now, today) if to == "previous" else now.last_year()
    return against(now, other, known, start)


def _begun(now: Period, today: date) -> Period:
    """The period before one that goes on: of a year to date, the same months of the year before."""
    if now.unit == "month" and windows(now.first, now.last, today, 0).apart == 12 and now.first % 12 == 0:
        return now.last_year()
    return now.previous()


def against(now: Period, other: Period, known: date, start: date, stock: str = "flow", by_days: bool = True) -> Facing:
    """A period and another one that a reader chose; where one is not over, so many days (or months) of each.

    Arguments as of `facing`. `BadInput` where the two share days.
    """
    if now.first_day <= other.last_day and other.first_day <= now.last_day:
        raise BadInput(
            f"{now.label} and {other.label} share days: compare periods that do not overlap, for a day on both sides "
            "is no difference."
        )
    if max(now.first_day, other.first_day) > known:
        return _only(now if now.first_day > known else other, "not_begun", known, other)
    if stock != "flow":
        return _reached(Facing(_level(now, known, stock), _level(other, known, stock)), start)
    pair = of_period(now, known), of_period(other, known)
    if all(one.whole for one in pair):
        return _reached(Facing(*pair), start)
    months = now.unit == other.unit == "month"
    if not by_days or (months and is_complete(month_of(known), known)):  # whole months, which cubes can answer
        return _reached(_so_many_months(now, other, known), start)
    days = min((min(one.last, known) - one.first).days + 1 for one in pair)
    cut = tuple(of_days(one.first, days) for one in pair)
    return _reached(Facing(cut[0], cut[1], "days"), start)


def _level(one: Period, known: date, stock: str) -> Window:
    """The month at which a stock is taken."""
    month = one.first if stock == "start" else min(one.last, month_of(known))
    return of_months((month, month), known)


def _so_many_months(now: Period, other: Period, known: date) -> Facing:
    """The months of two periods of months that are over, as many on each side."""
    over = told_until(known) + 1
    each = min(min(one.last + 1, over) - one.first for one in (now, other))
    if each < 1:
        return _only(now, "not_over", known, other)
    first, second = (of_months((one.first, one.first + each - 1), known) for one in (now, other))
    longer = now if now.last_day > known else other
    rest = replace(longer, first=longer.first + each)
    return Facing(replace(first, whole=False), replace(second, whole=False), "months", of_period(rest, known))


def _months(now: Period, to: str, today: date, start: date, stock: str, matures: int) -> Facing:
    """Whole months, compared as the pages compare them."""
    known = today - timedelta(days=matures)
    if to == "last_year" and stock == "flow":
        return against(now, now.last_year(), known, start, by_days=False)
    made = windows(now.first, now.last, today, 0, stock, matures)
    if made.now is None or made.before is None:
        return _only(now, "not_over", known)
    if stock != "flow":
        back = 12 if to == "last_year" else made.apart
        level, earlier = (of_months((m, m), known) for m in (made.now[0], made.now[0] - back))
        return _reached(Facing(level, earlier), start)
    named = of_period(now, known)
    if made.left_out is None and made.now == named.months:
        return _reached(Facing(named, of_period(_named(now, made.before), known)), start)
    first, second = (replace(of_months(months, known), whole=False) for months in (made.now, made.before))
    left = None if made.left_out is None else of_months((made.left_out, made.left_out), known)
    return _reached(Facing(first, second, "months", left), start)


def _named(now: Period, months: Months) -> Period:
    """Months under names of the same calendar."""
    return replace(now, first=months[0], last=months[1])


def _only(now: Period, mark: str, known: date, other: Period | None = None) -> Facing:
    return Facing(of_period(now, known), of_period(other or now.previous(), known), mark)


def _reached(found: Facing, start: date) -> Facing:
    return replace(found, mark="not_reached") if found.comparable and found.before.first < start else found
