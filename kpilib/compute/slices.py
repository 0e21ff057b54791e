"""A slice: which rows, which months, grouped by what. What a question asks, without saying how it is answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from kpilib.errors import BadInput, unknown
from kpilib.periods import month_start, parse, range_label

GRAINS = ("month", "quarter", "year", "ttm")

#: Months in a period of each grain.
LENGTH: dict[str, int] = {"month": 1, "quarter": 3, "year": 12, "ttm": 12}

#: The grain of cubes that count entities over all months of the data.
ALL_MONTHS = "all"


@dataclass(frozen=True)
class Slice:
    """`first` and `last` are month numbers (year × 12 + month − 1), both included; `where` keeps the given members.

    `days` narrows the months to the days between two, both included: only an engine answers that, and without `grain`.
    """

    first: int
    last: int
    by: tuple[str, ...] = ()
    grain: str | None = None
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    days: tuple[date, date] | None = None

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Every dimension that the slice touches, without repeats."""
        return tuple(dict.fromkeys((*self.by, *(name for name, _ in self.where))))

    @property
    def begin(self) -> int:
        """The first month whose rows count: a trailing window reaches back before the range."""
        return self.first - 11 if self.grain == "ttm" else self.first


def make(
    first: int,
    last: int,
    by: str | Iterable[str] | None = None,
    grain: str | None = None,
    where: Mapping[str, object] | None = None,
    offered: Iterable[str] = (),
    place: str = "this KPI",
) -> Slice:
    """A checked slice.

    Parameters
    ----------
    first, last : int
        Month numbers, both included.
    by : str or iterable of str, optional
        Dimension or dimensions to group by.
    grain : {"month", "quarter", "year", "ttm"}, optional
        The periods; without one, the whole range is one period.
    where : mapping, optional
        Dimension → member or list of members to keep. An empty list keeps all.
    offered : iterable of str
        The dimensions that the question's panel has.
    place : str
        Named in errors.

    Raises
    ------
    UnknownName
        A dimension or grain that does not exist, with a did-you-mean.
    BadInput
        A range that ends before it starts, or members that are no text.
    """
    groups = (by,) if isinstance(by, str) else tuple(by or ())
    known = tuple(offered)
    for name in (*groups, *(where or {})):
        if name not in known:
            raise unknown(f"dimension of {place}", name, known)
    if grain is not None and grain not in GRAINS:
        raise unknown("period", grain, GRAINS)
    if last < first:
        raise BadInput(f"The range ends ({month_start(last):%Y-%m}) before it starts ({month_start(first):%Y-%m}).")
    kept = tuple((name, _members(name, members)) for name, members in (where or {}).items() if _asked(members))
    return Slice(first, last, groups, grain, kept)


def _asked(members: object) -> bool:
    return members is not None and not (isinstance(members, (list, tuple, set, frozenset)) and not members)


def _members(name: str, members: object) -> tuple[str, ...]:
    listed = [members] if isinstance(members, (str, int)) else members
    if not isinstance(listed, (list, tuple, set, frozenset)) or not all(isinstance(m, (str, int)) for m in listed):
        raise BadInput(f"where={{{name!r}: {members!r}}} must hold a member or a list of members, as text.")
    return tuple(dict.fromkeys(str(member) for member in listed))


def between(
    since: str | date | None, until: str | date | None, start_of_data: int, end_of_data: int
) -> tuple[int, int]:
    """The first and last month that a reader asked for; the data's own where a side is open or lies beyond them."""
    first = parse(since)[0] if since is not None else min(start_of_data, parse(until)[0] if until else start_of_data)
    last = parse(until)[1] if until is not None else max(end_of_data, first)
    return first, min(last, end_of_data) if first <= end_of_data else last


def period_of(month: int, grain: str | None, first: int) -> int:
    """The first month of the period that a month falls in (its window's last month for `ttm`)."""
    if grain is None:
        return first
    return month if grain == "ttm" else month - month % LENGTH[grain]


def periods(cut: Slice, start_of_data: int) -> list[int]:
    """The periods of a slice in order, each by its first month (its last month for `ttm`).

    A trailing window that reaches back before the data is left out: it would be a sum of fewer months.
    """
    if cut.grain == "ttm":
        return [m for m in range(cut.first, cut.last + 1) if m - 11 >= start_of_data]
    return list(dict.fromkeys(period_of(m, cut.grain, cut.first) for m in range(cut.first, cut.last + 1)))


def stock_months(cut: Slice, at: str, start_of_data: int) -> dict[int, int]:
    """For a stock, the month at which each period is taken: its first or last one within the range."""
    chosen: dict[int, int] = {}
    for month in range(max(cut.first, start_of_data), cut.last + 1):
        period = period_of(month, cut.grain, cut.first)
        chosen[period] = chosen.get(period, month) if at == "start" else month
    return chosen


def spans(cut: Slice, start_of_data: int, end_of_data: int) -> tuple[tuple[int, int, int], ...]:
    """The periods of a slice as far as there are data: each one's number, its first month, the month after its last."""
    found = []
    for period in periods(cut, start_of_data):
        opens = period - 11 if cut.grain == "ttm" else max(period, cut.first)
        opens, closes = max(opens, start_of_data), min(last_month(period, cut), cut.last, end_of_data) + 1
        found += [(period, opens, closes)] if opens < closes else []
    return tuple(found)


def last_month(period: int, cut: Slice) -> int:
    """The last month of a period (not cut to the range, so that an unfinished quarter is known as one)."""
    if cut.grain is None:
        return cut.last
    return period if cut.grain == "ttm" else period + LENGTH[cut.grain] - 1


def label(period: int, cut: Slice) -> str:
    """How a period is written: 2026-05, 2026Q2, 2026, or the range it spans."""
    year, month = divmod(period, 12)
    if cut.grain == "month":
        return f"{year}-{month + 1:02d}"
    if cut.grain == "quarter":
        return f"{year}Q{month // 3 + 1}"
    if cut.grain == "year":
        return str(year)
    return range_label(*((period - 11, period) if cut.grain == "ttm" else (cut.first, cut.last)))
