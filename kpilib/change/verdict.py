"""What two figures say when they are held against each other: the difference, how sure it is, and a verdict.

What is divided has an interval, and its difference is called better or worse only where the interval of the difference
leaves out zero. A total has none: its change is the plain fact that it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan, nan

from kpilib.catalogue.kpi import Kpi
from kpilib.stats.differences import Figure, chance, difference

from .window import Window

#: The verdicts. "same" is not distinguishable from chance (of a total: equal); "higher" and "lower" are said of what
#: has no good side; "unknown" where a side has nothing, or no interval.
VERDICTS = ("better", "worse", "same", "higher", "lower", "unknown")


@dataclass(frozen=True)
class Side:
    """One of the two things that are compared.

    Parameters
    ----------
    window : Window
        Its days.
    where : mapping of str to tuple of str
        Its slice.
    value, low, high : float
        The figure in the KPI's unit and its 95 % interval; NaN where nothing was observed, or (ends) for totals.
    numerator, denominator : float
        What was divided; NaN where nothing was.
    rows : int
        How many rows count.
    """

    window: Window
    where: Mapping[str, tuple[str, ...]]
    value: float = nan
    low: float = nan
    high: float = nan
    numerator: float = nan
    denominator: float = nan
    rows: int = 0


@dataclass(frozen=True)
class Judged:
    """A difference with the ends of its 95 % interval, its p-value (two-sided) and the verdict on it."""

    difference: float
    low: float
    high: float
    p: float
    verdict: str


def judged(kpi: Kpi, now: Side, before: Side, exact: bool = False) -> Judged:
    """What two sides say; `exact` where the other is a target, known without error.

    Examples
    --------
    >>> from kpilib.catalogue import CATALOGUE
    >>> from kpilib.change.window import window
    >>> may, june = (Side(window(month), {}, value) for month, value in (("2026-05", 80.0), ("2026-06", 100.0)))
    >>> judged(CATALOGUE["revenue"], june, may)
    Judged(difference=20.0, low=nan, high=nan, p=nan, verdict='better')
    """
    if kpi.total:
        by = now.value - before.value
        return Judged(by, nan, nan, nan, verdict(by, nan, nan, kpi))
    one, other = figure(kpi, now), Figure(before.value, kind="exact") if exact else figure(kpi, before)
    by, low, high = difference(one, other)
    return Judged(by, low, high, chance(one, other), verdict(by, low, high, kpi))


def verdict(by: float, low: float, high: float, kpi: Kpi) -> str:
    """The word for a difference and its interval; of a total, without one."""
    if isnan(by):
        return "unknown"
    if kpi.total:
        return _side(by, kpi) if by else "same"
    if isnan(low) or isnan(high):
        return "unknown"
    return "same" if low <= 0 <= high else _side(by, kpi)


def _side(by: float, kpi: Kpi) -> str:
    good = {"higher": 1, "lower": -1}.get(kpi.better, 0) * by
    return ("better" if good > 0 else "worse") if good else "higher" if by > 0 else "lower"


def figure(kpi: Kpi, side: Side) -> Figure:
    """A side as `kpilib.stats.differences` takes it: its interval is that of `compute.measure.interval`."""
    given = (side.value, side.low, side.high)
    if kpi.net:
        return Figure(*given, least=-100, most=100)
    if kpi.binary and side.denominator > 0:
        return Figure(*given, "share", side.denominator)
    if kpi.derived or kpi.over_count:
        return Figure(*given, "log")
    if kpi.estimator or side.rows < 2:
        return Figure(*given)
    if kpi.unit == "share" and not kpi.signed:
        return Figure(*given, "mean", side.rows, 0, 1)
    return Figure(*given, "mean", side.rows)
