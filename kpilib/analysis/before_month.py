"""What was known of each customer before each month: counts, last answers, delays, as arrays of months × customers.

A value at month m is made of what had happened by the day before m began. The last line of each array is the month to
come. Arrays in, arrays out; where the rows come from is not known here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kpilib.model.severity import SLOW_HOURS

Floats = NDArray[np.float32]
Whole = NDArray[np.int64]
Days = NDArray[np.datetime64]

#: Days past due beyond which a delay counts no more.
LATEST = 60.0
#: Months before the first one, for a day that is not known.
LONG_AGO = 10_000


@dataclass(frozen=True)
class Grid:
    """Months × customers: the first month (months since 1970), how many months, how many customers."""

    first: int
    months: int
    customers: int

    def place(self, days: Days) -> Whole:
        """The month of each day, 0 the first of the grid; a day that is not known lies far before it."""
        month: Whole = days.astype("datetime64[M]").astype(np.int64)
        return np.where(np.isnat(days), -LONG_AGO, month - self.first)

    def begins(self, place: int) -> np.datetime64:
        """The first day of a month."""
        return np.datetime64(self.first + place, "M").astype("datetime64[D]")

    def add(self, month: Whole, customer: Whole, weights: NDArray | None = None) -> Floats:
        """Rows added up by month and customer; those outside the grid are left out. Shape (months, customers)."""
        inside = (month >= 0) & (month < self.months) & (customer >= 0)
        cell = month[inside] * self.customers + customer[inside]
        given = None if weights is None else weights[inside]
        summed = np.bincount(cell, weights=given, minlength=self.months * self.customers)
        return summed.reshape(self.months, self.customers).astype(np.float32)


def before(monthly: Floats, months: int) -> Floats:
    """The sum over the k months before each month; shape (months + 1, customers), the month to come last."""
    total = np.zeros((len(monthly) + 1, monthly.shape[1]), np.float64)
    np.cumsum(monthly, axis=0, out=total[1:])
    found = total.copy()
    found[months:] -= total[:-months]
    return found.astype(np.float32)


def slow_replies(grid: Grid, customer: Whole, opened: Days, replied: Days, months: int) -> Floats:
    """Requests of the k months before that had waited more than `SLOW_HOURS` for a first reply by then."""
    wait = np.timedelta64(SLOW_HOURS, "h")
    slow = np.isnat(replied) | (replied - opened > wait)
    month, due = grid.place(opened), grid.place(opened + wait)
    in_month, over_its_end = slow & (due == month), slow & (due > month)
    found = before(grid.add(month[in_month], customer[in_month]), months)
    # Opened in the last hours of its month: slow is known a month later only.
    late = grid.add(month[over_its_end], customer[over_its_end])
    return found + before(late, months) - before(late, 1)


def delays(grid: Grid, customer: Whole, due: Days, paid: Days, months: int) -> Floats:
    """Mean days past due, as known by then, of the invoices due in the k months before; 0 where none was."""
    total = np.zeros((grid.months + 1, grid.customers), np.float32)
    place = grid.place(due)
    for later in range(1, months + 1):
        seen = (place + later >= 0) & (place >= 0) & (place + later <= grid.months) & (customer >= 0)
        month = place[seen] + later
        starts = (month + grid.first).astype("datetime64[M]").astype("datetime64[D]")
        until = np.where(np.isnat(paid[seen]), starts, np.minimum(paid[seen], starts))
        days = np.clip((until - due[seen]).astype(np.int64), 0, LATEST)
        cells = month * grid.customers + customer[seen]
        total += np.bincount(cells, weights=days, minlength=total.size).reshape(total.shape).astype(np.float32)
    count = before(grid.add(place, customer), months)
    return np.divide(total, count, out=np.zeros_like(total), where=count > 0)


def last_answers(grid: Grid, customer: Whole, answered: Days, score: NDArray) -> tuple[Floats, Floats]:
    """The last score that each customer had given, and the one before it; NaN where there was none.

    Of answers of one day the later row counts. Answers before the grid count from its first month on.
    """
    order = np.lexsort((np.arange(len(score)), answered, customer))
    who, value = customer[order], score[order].astype(np.float32)
    month = np.clip(grid.place(answered[order]), -1, grid.months) + 1
    earlier = np.full(len(value), np.nan, np.float32)
    same = who[1:] == who[:-1]
    earlier[1:][same] = value[:-1][same]
    kept = (who >= 0) & (month <= grid.months)
    last = np.full((grid.months + 1, grid.customers), np.nan, np.float32)
    previous = last.copy()
    last[month[kept], who[kept]] = value[kept]  # of several in a month the last one stays
    previous[month[kept], who[kept]] = earlier[kept]
    filled = _held(last)
    return np.take_along_axis(last, filled, 0), np.take_along_axis(previous, filled, 0)


def _held(values: Floats) -> Whole:
    """For each cell, the line of the last known value above or at it."""
    known = np.where(np.isnan(values), 0, np.arange(len(values))[:, None])
    return np.maximum.accumulate(known, axis=0)


def since(monthly: Floats, most: int) -> Floats:
    """Months since the last month in which something happened: 1 for the month before; `most` for that or longer."""
    happened = np.full((len(monthly) + 1, monthly.shape[1]), np.nan, np.float32)
    happened[1:] = np.where(monthly > 0, np.arange(1, len(monthly) + 1)[:, None], np.nan)
    last = np.take_along_axis(happened, _held(happened), 0)
    gap = np.arange(len(happened), dtype=np.float32)[:, None] - last + 1
    return np.where(np.isnan(gap), most, np.minimum(gap, most)).astype(np.float32)


def turned(monthly: Floats, months: int) -> Floats:
    """The last k months against the k before them: (a − b) / (|a| + |b|), from −1 (stopped) to 1 (began)."""
    near = before(monthly, months)
    far = before(monthly, 2 * months) - near
    size = np.abs(near) + np.abs(far)
    return np.divide(near - far, size, out=np.zeros_like(near), where=size > 1e-6)
