"""Days as whole numbers since 1970-01-01: the window of the demo, working days, the season."""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from kpilib.demo.draws import Draws, Real, Whole
from kpilib.errors import BadInput

#: Stands for "no day"; numpy reads it as NaT.
NEVER = int(np.iinfo(np.int64).min)
#: Stands for "later than anything": the year 4707.
FAR = 10**6

#: How busy each month is, January first: quiet in August, a rush before the year ends.
SEASON = (95, 98, 108, 100, 96, 112, 88, 55, 112, 110, 108, 118)

#: Deals that were open when the window begins had begun up to so many days before it.
WARM_UP = 181

_EPOCH = dt.date(1970, 1, 1)
_MARGIN = 400


@dataclass(frozen=True)
class Window:
    """The days from `first` to `last`, both included, as day numbers."""

    first: int
    last: int
    ends: Whole

    @property
    def opening(self) -> int:
        """The first working day."""
        days = np.arange(self.first, self.first + 3)
        return int(days[weekday(days) < 5][0])

    @property
    def months(self) -> int:
        """How many calendar months it has; the last may be cut short."""
        return int(self.month(np.array([self.last]))[0]) + 1

    def month(self, days: Whole) -> Whole:
        """The month of each day: 0 for the first of the window, below 0 before it."""
        return _month_number(days) - _month_number(np.array([self.first]))

    def starts(self, month: int) -> int:
        """The first day of a month, counted as `month` counts."""
        return int((np.datetime64(self.first, "D").astype("datetime64[M]") + month).astype("datetime64[D]").astype(int))

    def busy_days(self, low: Whole, high: Whole, draws: Draws, shares: Real | None = None) -> Whole:
        """One working day from `low` to `high` for each pair, busy months oftener; `low` where the pair has none.

        `shares` says how far along the pair each day is, from 0 up to 1; drawn evenly where not given.
        """
        start = self.first - _MARGIN
        before, after = self.ends[low - start], self.ends[high - start + 1]
        along = draws.shares(len(low)) if shares is None else shares
        aim = before + np.floor(along * (after - before)).astype(np.int64)
        day = np.searchsorted(self.ends, aim, side="right") - 1 + start
        return np.where(after > before, day, low)


def window(months: int, until: dt.date) -> Window:
    """The window of `months` calendar months that ends with the day `until`.

    Raises
    ------
    BadInput
        When `months` is below 1 or the window would begin before 1980.
    """
    index = until.year * 12 + until.month - months
    if months < 1 or index < 1980 * 12:
        raise BadInput(f"months={months} until {until} is not a window; give 1 or more months that begin after 1980.")
    first = number(dt.date(index // 12, index % 12 + 1, 1))
    last = number(until)
    days = np.arange(first - _MARGIN, last + 1)
    month = _month_number(days) % 12
    weights = np.where(weekday(days) < 5, np.array(SEASON)[month], 0)
    return Window(first, last, np.concatenate([[0], np.cumsum(weights)]))


def number(day: dt.date) -> int:
    """The number of a day."""
    return (day - _EPOCH).days


def weekday(days: Whole) -> Whole:
    """0 for Monday … 6 for Sunday."""
    return (days + 3) % 7


def working(days: Whole) -> Whole:
    """The day itself, or the Friday before where it falls in a weekend."""
    return days - np.maximum(weekday(days) - 4, 0)


def _month_number(days: Whole) -> Whole:
    """Months since 1970."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
