"""Months, quarters, years and fiscal years, without a clock.

A month is one whole number, year × 12 + month − 1, so that months are added and compared as numbers. A range of months
is (first, last), both inclusive. A fiscal year is named after the year in which it ends. Today is always an argument.
"""

import re
from calendar import monthrange
from datetime import date, datetime
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kpilib.errors import BadInput, unknown

Grain = Literal["month", "quarter", "year"]
Months = tuple[int, int]

_SIZE: dict[str, int] = {"month": 1, "quarter": 3, "year": 12}
_ACCEPTED = "a date, '2026-05', '2026-05-31', '2026Q2', '2026', 'FY2026', 'FY2026Q2' or '2025-07 – 2026-06'"
_TEXT = re.compile(
    r"(?P<fiscal>FY)?(?P<year>\d{4})(?:-?Q(?P<quarter>[1-4])|-(?P<month>\d\d)(?:-(?P<day>\d\d))?)?", re.I
)


def month_of(day: date) -> int:
    """Month that holds a day (a date, a datetime or a pandas Timestamp).

    Examples
    --------
    >>> month_of(date(2026, 5, 31))
    24316
    """
    return day.year * 12 + day.month - 1


def month_start(month: int) -> date:
    """First day of a month.

    Examples
    --------
    >>> month_start(24316)
    datetime.date(2026, 5, 1)
    """
    return date(int(month) // 12, int(month) % 12 + 1, 1)


def month_end(month: int) -> date:
    """Last day of a month.

    Examples
    --------
    >>> month_end(month_of(date(2024, 2, 1)))
    datetime.date(2024, 2, 29)
    """
    first = month_start(month)
    return first.replace(day=monthrange(first.year, first.month)[1])


def _known(grain: str, fiscal_start: int) -> int:
    """Check both and return the months in a period of the grain."""
    if grain not in _SIZE:
        raise unknown("grain that splits the months", grain, get_args(Grain))
    if fiscal_start not in range(1, 13):
        raise BadInput(f"A fiscal year starts in a month 1 to 12, {fiscal_start!r} was given; 1 is the calendar year.")
    return _SIZE[grain]


def _bad(given: object, why: str = "is no period") -> BadInput:
    return BadInput(f"{given!r} {why}. Accepted: {_ACCEPTED}.")


def _parse_one(text: str, given: object, fiscal_start: int) -> Months:
    found = _TEXT.fullmatch(text)
    if not found or (found["fiscal"] and found["month"]) or found["year"] == "0000":
        raise _bad(given)
    if found["month"]:
        try:
            month = month_of(date(int(found["year"]), int(found["month"]), int(found["day"] or 1)))
        except ValueError as error:
            raise _bad(given, "is not in the calendar") from error
        return month, month
    start = fiscal_start if found["fiscal"] else 1
    first = (int(found["year"]) - (start > 1)) * 12 + start - 1
    if not found["quarter"]:
        return first, first + 11
    first += (int(found["quarter"]) - 1) * 3
    return first, first + 2


def parse(given: object, fiscal_start: int = 1) -> Months:
    """Range of months that a text or a date names.

    Parameters
    ----------
    given : str, datetime.date, pandas.Timestamp or numpy.datetime64
        "2026-05", "2026Q2" (or "2026-Q2"), "2026", "FY2026", "FY2026Q2", "2025-07 – 2026-06" (any two of these with
        spaced dashes, or "/" between); a day, as text or as a date, stands for its whole month.
    fiscal_start : int
        First month (1 to 12) of the fiscal year; it matters to "FY…" only.

    Returns
    -------
    tuple of int
        (first month, last month), inclusive.

    Raises
    ------
    BadInput
        Anything else, a day that is not in the calendar, a range that ends before it begins.

    Examples
    --------
    >>> [month_start(m).isoformat() for m in parse("2026Q2")]
    ['2026-04-01', '2026-06-01']
    >>> [month_start(m).isoformat() for m in parse("FY2026", fiscal_start=7)]
    ['2025-07-01', '2026-06-01']
    """
    _known("year", fiscal_start)
    if isinstance(given, np.datetime64):
        given = given.astype("datetime64[D]").item()
    if isinstance(given, date) and given == given:  # NaT is a date that is not equal to itself
        return month_of(given), month_of(given)
    if not isinstance(given, str):
        raise _bad(given)
    parts = re.split(r"\s+[–—-]\s+|\s*[–/]\s*", given.strip())
    ranges = [_parse_one(part, given, fiscal_start) for part in parts]
    if len(ranges) > 2:
        raise _bad(given)
    first, last = ranges[0][0], ranges[-1][1]
    if last < first:
        raise _bad(given, "ends before it begins")
    return first, last


def label(period: int, grain: Grain, fiscal_start: int = 1) -> str:
    """Text of the period that `group` numbers so: "2026-05", "2026Q2", "2026", "FY2026Q2", "FY2026".

    Parameters
    ----------
    period : int
        Period number, as `group` gives it.
    grain : {"month", "quarter", "year"}
        How long a period is.
    fiscal_start : int
        First month of the fiscal year; from 2 on, quarters and years are fiscal.

    Returns
    -------
    str
        `parse` reads it back, given the same `fiscal_start`.

    Raises
    ------
    UnknownName, BadInput
        A grain that is not one of the three, a start that is not a month.

    Examples
    --------
    >>> label(24316, "month"), label(8105, "quarter"), label(2025, "year", fiscal_start=7)
    ('2026-05', '2026Q2', 'FY2026')
    """
    first, _ = bounds(period, grain, fiscal_start)
    if grain == "month":
        return f"{first // 12:04d}-{first % 12 + 1:02d}"
    into = (first - fiscal_start + 1) % 12
    begun = (first - into) // 12
    name = f"FY{begun + 1:04d}" if fiscal_start > 1 else f"{begun:04d}"
    return name if grain == "year" else f"{name}Q{into // 3 + 1}"


def bounds(period: int, grain: Grain, fiscal_start: int = 1) -> Months:
    """First and last month of a numbered period; arguments and errors as `label`.

    Examples
    --------
    >>> bounds(8105, "quarter")
    (24315, 24317)
    """
    size = _known(grain, fiscal_start)
    first = int(period) * size + (0 if grain == "month" else fiscal_start - 1)
    return first, first + size - 1


def group(months: ArrayLike, grain: Grain, fiscal_start: int = 1) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """Number and name the period that each month belongs to.

    Trailing twelve months overlap, so they are no grouping: see `trailing`.

    Parameters
    ----------
    months : array_like of int, shape (n,)
        Months.
    grain, fiscal_start
        As in `label`.

    Returns
    -------
    periods : ndarray of int, shape (n,)
        Consecutive periods have consecutive numbers.
    labels : ndarray of str objects, shape (n,)
        Their texts. Empty in, empty out.

    Raises
    ------
    UnknownName, BadInput
        As `label`.

    Examples
    --------
    >>> group([24314, 24315, 24316], "quarter")[1].tolist()
    ['2026Q1', '2026Q2', '2026Q2']
    """
    size = _known(grain, fiscal_start)
    periods = (np.asarray(months, np.int64) - (0 if grain == "month" else fiscal_start - 1)) // size
    distinct, place = np.unique(periods, return_inverse=True)
    names = np.array([label(p, grain, fiscal_start) for p in distinct], object)
    return periods, names[place]


def range_label(first: int, last: int) -> str:
    """Text of a range of months, which `parse` reads back; one month is named alone.

    Examples
    --------
    >>> range_label(24306, 24317)
    '2025-07 – 2026-06'
    """
    return label(first, "month") if first == last else f"{label(first, 'month')} – {label(last, 'month')}"


def trailing(last: int, months: int = 12) -> Months:
    """Range of the months up to and with `last`; twelve of them span every season once.

    Examples
    --------
    >>> range_label(*trailing(24317))
    '2025-07 – 2026-06'
    """
    return last - months + 1, last


def previous(first: int, last: int) -> Months:
    """Range of the same number of months just before; it compares unlike seasons, see `last_year`.

    Examples
    --------
    >>> range_label(*previous(*parse("2026Q1")))
    '2025-10 – 2025-12'
    """
    return 2 * first - last - 1, first - 1


def last_year(first: int, last: int) -> Months:
    """Range of the same months one year before. February may have a day less or more.

    Examples
    --------
    >>> range_label(*last_year(*parse("2026Q1")))
    '2025-01 – 2025-03'
    """
    return first - 12, last - 12


def is_complete(period_end: date | int, as_of: date) -> bool:
    """Whether a period is over on a day; on its own last day it is.

    Parameters
    ----------
    period_end : datetime.date or int
        Last day of the period, or its last month.
    as_of : datetime.date
        The day up to which, and with which, the data are known.

    Returns
    -------
    bool

    Notes
    -----
    Misleads when records arrive late: a month that is over may still grow.

    Examples
    --------
    >>> is_complete(month_of(date(2026, 6, 1)), date(2026, 6, 30)), is_complete(date(2026, 6, 30), date(2026, 6, 29))
    (True, False)
    """
    end = month_end(period_end) if isinstance(period_end, int | np.integer) else period_end
    return _day(as_of) >= _day(end)


def _day(moment: date) -> date:
    # A datetime is a date in Python, yet the two do not compare.
    return moment.date() if isinstance(moment, datetime) else moment
