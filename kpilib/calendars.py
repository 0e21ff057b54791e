"""Periods of four calendars as runs of days: months, fiscal years, thirteen periods of four weeks, ISO weeks.

A period is a run of units (months, weeks, periods of four weeks, days) that follow each other by number, so that the
one before, the one after and the same one a year before are sums. Weeks are ISO 8601's: they begin on Monday, and week
1 is the one with the year's first Thursday. The thirteen periods of a year are four ISO weeks each; in a year of 53
weeks the last has five. A moment counts to its day in UTC, to which times with an offset are turned when they are read.
Nothing here looks at a clock.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

from kpilib import periods
from kpilib.errors import BadInput, unknown
from kpilib.periods import month_end, month_of, month_start, range_label

#: The calendars; "fiscal:7" is a fiscal year that starts in July, "fiscal" alone the one that the caller knows of.
CALENDARS = ("calendar", "fiscal", "13-period", "iso-week")
#: The length of the units of each calendar's names.
_UNIT = {"calendar": "month", "fiscal": "month", "13-period": "four_weeks", "iso-week": "week"}
_NUMBERED = re.compile(r"(?P<year>\d{4})-?(?P<kind>[WP])(?P<number>\d{1,2})", re.I)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_RANGE = re.compile(r"\s+[–—-]\s+|\s+to\s+|\s*[–/]\s*")


@dataclass(frozen=True)
class Period:
    """A run of units, from number `first` to number `last`, both included.

    Parameters
    ----------
    unit : {"month", "week", "four_weeks", "day"}
        A month's number is year × 12 + month − 1, a week's the weeks since 1 January of the year 1 (a Monday), a period
        of four weeks' ISO year × 13 + period − 1, a day's its ordinal.
    first, last : int
        Numbers of the first and the last unit.
    fiscal_start : int
        The month that opens the year by which quarters and years are named; 1 is the calendar year.
    """

    unit: str
    first: int
    last: int
    fiscal_start: int = 1

    @property
    def first_day(self) -> date:
        return _first_day(self.unit, self.first)

    @property
    def last_day(self) -> date:
        if self.unit == "month":
            return month_end(self.last)
        return _first_day(self.unit, self.last + 1) - timedelta(days=1)

    @property
    def label(self) -> str:
        """How it is written; `parse` reads it back."""
        if self.unit == "month":
            return _months_label(self.first, self.last, self.fiscal_start)
        first, last = (_label(self.unit, number) for number in (self.first, self.last))
        return first if first == last else f"{first} – {last}"

    def previous(self) -> Period:
        """The run of as many units just before.

        >>> parse("2026-W01").previous().label, parse("2026P01").previous().label
        ('2025-W52', '2025P13')
        """
        return self._moved(self.first - self.last - 1)

    def next(self) -> Period:
        """The run of as many units just after."""
        return self._moved(self.last - self.first + 1)

    def last_year(self) -> Period:
        """The same units a year before: the months, weeks or periods of the same number.

        A week 53 has the last week of a year of 52 for its like. Days keep their number: from the same date on,
        29 February from the 28th.

        >>> parse("2026-W53").last_year().label, parse("2024-02-29").last_year().label
        ('2025-W52', '2023-02-28')
        """
        if self.unit == "month":
            return self._moved(-12)
        if self.unit == "four_weeks":
            return self._moved(-13)
        if self.unit == "week":
            return replace(self, first=_week_a_year_before(self.first), last=_week_a_year_before(self.last))
        return self._moved(_day_a_year_before(self.first) - self.first)

    def _moved(self, by: int) -> Period:
        return replace(self, first=self.first + by, last=self.last + by)


def _first_day(unit: str, number: int) -> date:
    if unit == "month":
        return month_start(number)
    if unit == "week":
        return date.fromordinal(7 * number + 1)
    if unit == "four_weeks":
        year, place = divmod(number, 13)
        return date.fromisocalendar(year, 4 * place + 1, 1)
    return date.fromordinal(number)


def _week(day: date) -> int:
    return (day.toordinal() - 1) // 7


def _label(unit: str, number: int) -> str:
    day = _first_day(unit, number)
    if unit == "week":
        year, week, _ = day.isocalendar()
        return f"{year:04d}-W{week:02d}"
    return f"{number // 13:04d}P{number % 13 + 1:02d}" if unit == "four_weeks" else day.isoformat()


def _months_label(first: int, last: int, fiscal_start: int) -> str:
    size = last - first + 1
    grain = {1: "month", 3: "quarter", 12: "year"}.get(size)
    if grain == "month":
        return periods.label(first, "month")
    offset = (first - (fiscal_start - 1)) % size if grain else 1
    if not grain or offset:
        return range_label(first, last)
    return periods.label((first - (fiscal_start - 1)) // size, grain, fiscal_start)  # type: ignore[arg-type]


def weeks_of(year: int) -> int:
    """How many ISO weeks a year has: 52, or 53 where it begins or ends on a Thursday.

    >>> weeks_of(2025), weeks_of(2026)
    (52, 53)
    """
    return date(year, 12, 28).isocalendar().week


def _week_a_year_before(number: int) -> int:
    year, week, _ = _first_day("week", number).isocalendar()
    return _week(date.fromisocalendar(year - 1, min(week, weeks_of(year - 1)), 1))


def _day_a_year_before(number: int) -> int:
    day = date.fromordinal(number)
    leap = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if leap else day.day).toordinal()


def parse(given: object, calendar: str | None = None, fiscal_start: int = 1) -> Period:
    """The period that a text or a date names.

    Parameters
    ----------
    given : str, datetime.date
        "2026Q2", "2026-05", "2026", "FY2026Q2" (months); "2026-W07" (an ISO week); "2026P03" (the third of thirteen
        periods); "2026-06-14" or a date (that one day); two of one kind with " – ", " to " or "/" between.
    calendar : {"calendar", "fiscal", "13-period", "iso-week"}, optional
        What a bare year is a year of: with "fiscal" also what "2026Q2" is a quarter of. "fiscal:7" says the month at
        which the fiscal year starts. Without one the text itself tells.
    fiscal_start : int
        The month (1 to 12) at which "fiscal" and "FY…" start.

    Returns
    -------
    Period

    Raises
    ------
    BadInput
        What is no period, is not of that calendar, or ends before it begins.
    UnknownName
        A calendar that does not exist, with a did-you-mean.

    Examples
    --------
    >>> parse("2026P03").first_day.isoformat(), parse("2026-W53").last_day.isoformat()
    ('2026-02-23', '2027-01-03')
    """
    name, start = known(calendar, fiscal_start)
    if isinstance(given, date) and given == given:
        return Period("day", *(date(given.year, given.month, given.day).toordinal(),) * 2)
    ends = [_one(part, given, name, start) for part in _RANGE.split(given.strip())] if isinstance(given, str) else []
    if not 1 <= len(ends) <= 2:
        raise _bad(given)
    first, last = ends[0], ends[-1]
    if first.unit != last.unit:
        raise BadInput(f"{given!r} begins and ends in different calendars; write both ends alike.")
    if last.last < first.first:
        raise BadInput(f"{given!r} ends before it begins.")
    if name and _UNIT[name] not in (first.unit, "month"):
        raise BadInput(f"{given!r} is no period of the calendar {calendar!r}. {_ACCEPTED}")
    return Period(first.unit, first.first, last.last, max(first.fiscal_start, last.fiscal_start))


_ACCEPTED = (
    "Accepted: '2026-05', '2026Q2', '2026', 'FY2026Q2', an ISO week '2026-W07', one of thirteen periods '2026P03', "
    "a day '2026-06-14', or two of a kind with ' – ' between."
)


def known(calendar: str | None, fiscal_start: int = 1) -> tuple[str, int]:
    """A calendar's name ("" for none given) and the month its fiscal year starts in; `UnknownName`, `BadInput`."""
    name, _, start = (calendar or "").partition(":")
    if name and name not in CALENDARS:
        raise unknown("calendar", name, CALENDARS)
    if start and not (name == "fiscal" and start.isdigit() and 1 <= int(start) <= 12):
        raise BadInput(f"{calendar!r}: a fiscal year starts in a month 1 to 12, as in 'fiscal:7'.")
    return name, int(start or fiscal_start)


def _bad(given: object) -> BadInput:
    return BadInput(f"{given!r} is no period. {_ACCEPTED}")


def _one(text: str, given: object, calendar: str, fiscal_start: int) -> Period:
    if found := _NUMBERED.fullmatch(text):
        return _numbered(int(found["year"]), found["kind"].upper(), int(found["number"]), given)
    if text.isdigit() and len(text) == 4 and int(text) and calendar in ("13-period", "iso-week"):
        kind, last = ("P", 13) if calendar == "13-period" else ("W", weeks_of(int(text)))
        opens, closes = (_numbered(int(text), kind, number, given) for number in (1, last))
        return Period(opens.unit, opens.first, closes.last)
    if _DAY.fullmatch(text):
        try:
            return Period("day", *(date.fromisoformat(text).toordinal(),) * 2)
        except ValueError:
            raise BadInput(f"{given!r} is not in the calendar. {_ACCEPTED}") from None
    named = text if calendar != "fiscal" or "-" in text or text[:2].upper() == "FY" else f"FY{text}"
    fiscal = fiscal_start if named[:2].upper() == "FY" else 1
    return Period("month", *periods.parse(named, fiscal_start), fiscal)


def _numbered(year: int, kind: str, number: int, given: object) -> Period:
    most = 13 if kind == "P" else weeks_of(year) if year else 0
    if not 1 <= number <= most or not 1 < year < 9999:
        what = "periods" if kind == "P" else "weeks"
        raise BadInput(f"{given!r} is not in the calendar: {year} has {most} {what}.")
    place = year * 13 + number - 1 if kind == "P" else _week(date.fromisocalendar(year, number, 1))
    return Period("four_weeks" if kind == "P" else "week", place, place)


def latest(calendar: str | None, as_of: date, fiscal_start: int = 1) -> Period:
    """The latest period of a calendar that is over on a day: a quarter, a period of four weeks, a week.

    >>> latest(None, date(2026, 6, 29)).label, latest("iso-week", date(2026, 6, 28)).label
    ('2026Q1', '2026-W26')
    """
    name, start = known(calendar, fiscal_start)
    unit = _UNIT[name or "calendar"]
    if unit == "month":
        offset = (start if name == "fiscal" else 1) - 1
        first = (month_of(as_of) - offset) // 3 * 3 + offset
        found = Period("month", first, first + 2, offset + 1)
    else:
        year, week, _ = as_of.isocalendar()
        number = _week(as_of) if unit == "week" else year * 13 + min((week - 1) // 4, 12)
        found = Period(unit, number, number)
    return found if found.last_day <= as_of else found.previous()
