"""The period of a report: which months, what they are called, and what of them is not there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from babel.dates import format_date, format_skeleton

from kpilib.errors import CannotAnswer
from kpilib.language import N_, say
from kpilib.periods import Months, is_complete, label, month_end, month_of, month_start, parse, range_label

_AFTER = N_("{period} is after the data, which end on {last}. Ask for a period up to then.")
_BEFORE = N_("{period} is before the data, which begin in {first}. Ask for a period from then on.")
_NOT_OVER = N_("{period} is not over: the data end on {last}.")
_CUT = N_("{period} begins before the data, which begin in {first}.")
_SPAN = N_("{first} to {last}")


@dataclass(frozen=True)
class Period:
    """The months of a report.

    Parameters
    ----------
    first, last : int
        Months, both included, as `kpilib.periods` counts them.
    label : str
        What `book.kpi` reads: "2026-06", "2026-04 – 2026-06".
    name : str
        As a reader says it: "June 2026", "April 2026 to June 2026".
    whole : bool
        Whether it is over on the day that the data speak of.
    beware : tuple of str
        What of it is not there, a sentence each; empty where nothing is missing.
    """

    first: int
    last: int
    label: str
    name: str
    whole: bool
    beware: tuple[str, ...] = ()


def period_of(given: str | None, as_of: date, start: date, locale: str = "en", fiscal_start: int = 1) -> Period:
    """The period that a reader asked for.

    Parameters
    ----------
    given : str or None
        "2026-06", "2026Q2", "2026", "FY2026"; None for the last month that is over (where the data have only one that
        is not, that one).
    as_of, start : datetime.date
        The last and the first day of the data.
    locale : str
        The reader's language.
    fiscal_start : int
        The first month of the fiscal year.

    Raises
    ------
    BadInput
        What is no period.
    CannotAnswer
        A period of which the data have no day.
    """
    first, last = _last_over(as_of, start) if given is None else parse(given, fiscal_start)
    name, began = named(first, last, locale), month_of(start)
    called = name[:1].upper() + name[1:]  # it begins the sentences
    if first > month_of(as_of):
        raise CannotAnswer(say(_AFTER, locale, period=called, last=day(as_of, locale)))
    if last < began:
        raise CannotAnswer(say(_BEFORE, locale, period=called, first=month(began, locale)))
    whole = is_complete(month_end(last), as_of)
    beware = [] if whole else [say(_NOT_OVER, locale, period=called, last=day(as_of, locale))]
    beware += [say(_CUT, locale, period=called, first=month(began, locale))] if first < began else []
    return Period(first, last, range_label(first, last), name, whole, tuple(beware))


def named(first: int, last: int, locale: str = "en") -> str:
    """Months as a reader says them.

    Examples
    --------
    >>> named(24317, 24317), named(24315, 24317), named(24312, 24323)
    ('June 2026', 'April 2026 to June 2026', '2026')
    """
    if first == last:
        return month(first, locale)
    if first % 12 == 0 and last == first + 11:
        return label(first // 12, "year")
    return say(_SPAN, locale, first=month(first, locale), last=month(last, locale))


def month(number: int, locale: str = "en") -> str:
    """A month in words: "June 2026", "juin 2026"."""
    return str(format_skeleton("yMMMM", month_start(number), locale=_babel(locale)))


def day(one: date, locale: str = "en") -> str:
    """A day in words: "June 30, 2026", "30 juin 2026"."""
    return str(format_date(one, "long", locale=_babel(locale)))


def short_day(one: date, locale: str = "en") -> str:
    """A day in a table: "Jun 30, 2026", "30 juin 2026"."""
    return str(format_date(one, "medium", locale=_babel(locale)))


def _last_over(as_of: date, start: date) -> Months:
    last = month_of(as_of)
    if not is_complete(month_end(last), as_of) and last > month_of(start):
        last -= 1
    return last, last


def _babel(locale: str) -> str:
    return locale.replace("-", "_")
