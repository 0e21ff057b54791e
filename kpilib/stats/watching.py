"""Many figures watched month by month: which are off their limits or have moved for good, at a stated false-alarm rate.

One chart with limits at three sigma cries wolf in some months of a hundred; three hundred charts do so every month. So
each month's signals (a point outside, a run of eight) are taken for an event only where they stand after
Benjamini–Hochberg over all series watched: where nothing changes, a month has an alarm no more often than the rate
says. Arrays in, numbers out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kpilib.errors import BadInput
from kpilib.stats.control import MINIMUM_POINTS, RUN
from kpilib.stats.discovery import false_discovery
from kpilib.stats.sheet import SIGMAS, Flags, Floats, Ints, Levels, Sheet, levels_of, point, run

#: The chance of a point beyond three sigma: an event that is open stays so while its signal is rarer than this.
PLAIN = 0.0027
OUTSIDE, RUNNING = 1, 2


@dataclass(frozen=True, eq=False)
class Verdicts:
    """The state of each series in the last month, shape (s,) each.

    Attributes
    ----------
    open : ndarray of bool
        An event is open.
    new : ndarray of bool
        It opened in this month.
    rule : ndarray of int
        What the last month says: `OUTSIDE`, or `RUNNING` where it is within its limits; 0 without an event.
    side : ndarray of int
        1 above the centre, −1 below, 0 without an event.
    since : ndarray of int
        The column of the event's first month; −1 without one.
    center, low, high : ndarray
        Level and three-sigma limits of the last month, from the months before; NaN where there are too few.
    p : ndarray
        Chance of the signal where nothing changed (two-sided), the smaller of the two rules'.
    judged : ndarray of bool
        Whether the last month could be judged.
    alarms : list of int
        How many events opened in each of the months walked, the last one last.
    """

    open: Flags
    new: Flags
    rule: Ints
    side: Ints
    since: Ints
    center: Floats
    low: Floats
    high: Floats
    p: Floats
    judged: Flags
    alarms: list[int]


def watch(sheet: Sheet, families: Ints, rates: Floats, baseline: int = 24, months: int = 24) -> Verdicts:
    """Walk the months in order and say what is open in the last one.

    Every month is judged by the months before it alone, so that another month never changes what was said of the
    earlier ones. An event opens where a point is beyond three sigma, or the last eight months are on one side of the
    months before them, and the signal stands after correction. It stays open while its signal is beyond `PLAIN` on the
    same side; its months take no part in the limits. After a year it is over: its level is the new level, and limits
    begin with it.

    Parameters
    ----------
    sheet : Sheet
        The series.
    families : ndarray of int, shape (s,)
        Series of one family are corrected together.
    rates : ndarray, shape (f,)
        The false-alarm rate of each family: where nothing changes, an alarm in no more than this share of months.
    baseline : int
        Limits come from so many months at most, the latest ones; from 12 at least.
    months : int
        So many months are walked at most.

    Returns
    -------
    Verdicts
        Empty in, empty out.

    Raises
    ------
    BadInput
        Arrays of different shapes, or a baseline below 12.

    Notes
    -----
    The chance of a point is that of a t of (n − 1) · 0.605 degrees (the spread comes from moving ranges), and at least
    the exact binomial chance where counts are given. Benjamini & Hochberg (1995), JRSS B 57:289, whose false-discovery
    rate is the chance of any alarm where nothing changes. Misleads where months resemble their neighbours.
    """
    _check(sheet, baseline)
    walk = _Walk(sheet, families, rates, baseline)
    rows, columns = sheet.values.shape
    alarms = [walk.step(at) for at in range(max(columns - months, 0), columns)]
    if not columns or not rows:
        nothing = np.zeros(rows)
        walk.last = (Levels(nothing * np.nan, nothing, nothing, nothing.astype(int)), nothing + 1, nothing > 0)
    levels, p, judged = walk.last
    spread = sheet.spread[:, -1] if columns else np.zeros(rows)
    half = np.where(levels.points >= MINIMUM_POINTS, SIGMAS * levels.sigma * spread, np.nan)
    center = np.where(np.isnan(half), np.nan, levels.center)
    return Verdicts(
        walk.side != 0, walk.new, walk.said, walk.side, walk.since, center, center - half, center + half, p, judged,
        alarms,
    )  # fmt: skip


def stands(p: Floats, families: Ints, rates: Floats) -> Flags:
    """Which p-values stand after Benjamini–Hochberg, each family at its own rate; NaN never does.

    Examples
    --------
    >>> stands(np.array([0.001, 0.04, np.nan, 0.04]), np.array([0, 0, 0, 1]), np.array([0.05, 0.05])).tolist()
    [True, True, False, True]
    """
    kept = np.zeros(len(p), bool)
    for family, rate in enumerate(rates):
        places = np.flatnonzero(families == family)
        kept[places] = false_discovery(p[places], float(rate))[1]
    return kept


class _Walk:
    """What is open while the months go by."""

    def __init__(self, sheet: Sheet, families: Ints, rates: Floats, baseline: int) -> None:
        self.sheet, self.rates, self.baseline = sheet, rates, baseline
        self.families = np.concatenate([families, families])
        rows = len(sheet.values)
        self.usable = ~np.isnan(sheet.values)
        self.side, self.rule, self.said, self.start = (np.zeros(rows, np.int64) for _ in range(4))
        self.since = np.full(rows, -1, np.int64)
        self.new = np.zeros(rows, bool)
        self.odd = np.zeros(sheet.values.shape, bool)
        self.last: tuple[Levels, Floats, Flags] = ()  # type: ignore[assignment]

    def step(self, at: int) -> int:
        """Judge one month; how many events it opened."""
        self._settle(at)
        usable = self._baseline(at)
        levels = levels_of(self.sheet, usable, at, self.baseline)
        p_point, side, beyond = point(self.sheet, levels, at)
        p_point = np.where(self._echoes(at), np.nan, p_point)
        p_run, run_side, whole = run(self.sheet, usable, at, self.baseline)
        kept = stands(np.concatenate([p_point, p_run]), self.families, self.rates).reshape(2, -1)
        odd, long = kept[0] & beyond, kept[1] & whole
        stays = (beyond & (p_point < PLAIN) & (side == self.side)) | (whole & (p_run < PLAIN) & (run_side == self.side))
        self._turn(at, odd, long, stays, side, run_side)
        now = np.where(beyond & (side == self.side), OUTSIDE, RUNNING)
        self.said = np.where(self.side != 0, now, 0)
        p = np.fmin(p_point, np.where(whole, p_run, np.nan))
        self.last = levels, np.where(np.isnan(p), 1.0, p), ~np.isnan(p_point)
        return int(self.new.sum())

    def _settle(self, at: int) -> None:
        """An event that has lasted a year is the new level: limits begin with it, once it has points enough."""
        lasted = (self.since >= 0) & (at - self.since >= MINIMUM_POINTS)
        self.start[lasted] = self.since[lasted]
        self.odd[lasted] = False
        self.side[lasted], self.rule[lasted], self.since[lasted] = 0, 0, -1

    def _baseline(self, at: int) -> Flags:
        """The months that limits may come from: none before the level of now, none of an event."""
        columns = np.arange(self.usable.shape[1])
        until = np.where(self.since >= 0, self.since, at)
        return self.usable & ~self.odd & (columns >= self.start[:, None]) & (columns < until[:, None])

    def _echoes(self, at: int) -> Flags:
        back = np.maximum(at - self.sheet.echo, 0)
        happened: Flags = self.odd[np.arange(len(back)), back] & (self.sheet.echo > 0)
        return happened

    def _turn(self, at: int, odd: Flags, long: Flags, stays: Flags, side: Ints, run_side: Ints) -> None:
        """Close what is over, open what is new; an odd month takes no part in later limits."""
        was = self.side != 0
        ends = was & ~stays
        opens = (odd | long) & (~was | ends)
        self.side[ends], self.rule[ends], self.since[ends] = 0, 0, -1
        self.side = np.where(opens, np.where(odd, side, run_side), self.side)
        self.rule = np.where(opens, np.where(odd, OUTSIDE, RUNNING), self.rule)
        self.since = np.where(opens, np.where(odd, at, at - RUN + 1), self.since)
        self.new = opens
        self.odd[:, at] = odd | (stays & (self.rule == OUTSIDE))


def _check(sheet: Sheet, baseline: int) -> None:
    shape = sheet.values.shape
    if len(shape) != 2 or any(one.shape != shape for one in (sheet.spread, sheet.successes, sheet.trials)):
        raise BadInput(f"Values, spread, successes and trials must be four tables of one shape; values has {shape}.")
    if baseline < MINIMUM_POINTS:
        raise BadInput(f"Limits need {MINIMUM_POINTS} months or more; a baseline of {baseline} was given.")
