"""What one month says of many series at once: their limits, the chance of its figure, the chance of the last eight.

The parts of `watching`, which walks the months and corrects for the number of series. Arrays in, numbers out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kpilib.stats.control import MINIMUM_POINTS, RUN

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

#: Limits stand so many sigma from the centre.
SIGMAS = 3.0
# The mean moving range of normal noise, in standard deviations (two points: 2/√π).
_RANGE = 1.128
#: The mean moving range tells the spread as well as a standard deviation of 0.605 times as many points would: its
#: squared coefficient of variation is 0.826/(n − 1). Cryer & Ryan (1990), Journal of Quality Technology 22(3):187.
DEGREES = 0.605


@dataclass(frozen=True, eq=False)
class Sheet:
    """What is watched, one row a series, one column a month; the last column is the month judged.

    Parameters
    ----------
    values : ndarray, shape (s, t)
        The figures, NaN where there is none or too little behind it.
    spread : ndarray, shape (s, t)
        How much a month strays beside the others: 1/√n where it is a mean of n rows, 1 where all are alike.
    successes, trials : ndarray, shape (s, t)
        The counts behind a figure, NaN where it has none: chance within a month is reckoned from them exactly.
    share : ndarray, shape (s, 2)
        The share of successes that a centre c stands for is `share[0] + share[1] · c`; (0, 1) where c is the share.
    least : ndarray, shape (s,)
        A sigma (at a spread of 1) is no smaller than this: a count moves by one at least. 0 where nothing is known.
    echo : ndarray of int, shape (s,)
        The figure is a change against so many months before (0: it is none): a month whose base is an event is passed
        over, so that an odd month does not come back as its own echo.
    """

    values: Floats
    spread: Floats
    successes: Floats
    trials: Floats
    share: Floats
    least: Floats
    echo: Ints


@dataclass(frozen=True, eq=False)
class Levels:
    """Center, sigma (of a spread of 1), weight of the baseline (1/variance of the center) and points, shape (s,)."""

    center: Floats
    sigma: Floats
    weight: Floats
    points: Ints


def limits(sheet: Sheet, at: int, baseline: int = 24) -> Levels:
    """The level and the spread of each series over the months before column `at`, as `watch` first has them."""
    return levels_of(sheet, ~np.isnan(sheet.values), at, baseline)


def levels_of(sheet: Sheet, usable: Flags, at: int, baseline: int) -> Levels:
    """Weighted mean and mean moving range of the last `baseline` usable months before `at`."""
    values, spread, begin = sheet.values, sheet.spread, max(at - 2 * baseline, 0)
    seen = usable[:, begin:at]
    later = np.cumsum(seen[:, ::-1], axis=1)[:, ::-1]
    seen = seen & (later <= baseline)
    y = np.where(seen, values[:, begin:at], 0.0)
    inverse = np.where(seen, 1 / np.where(seen, spread[:, begin:at], 1.0), 0.0)
    weight = (inverse**2).sum(axis=1)
    points = seen.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        center = (y * inverse**2).sum(axis=1) / weight
        z = np.where(seen, (y - center[:, None]) * inverse, np.nan)
        sigma = _ranges(z, seen) / np.maximum(points - 1, 1) / _RANGE
    return Levels(center, np.maximum(sigma, sheet.least), weight, points)


def _ranges(z: Floats, seen: Flags) -> Floats:
    """The sum of the moving ranges, from each usable month to the next."""
    if z.shape[1] < 2:
        return np.zeros(len(z))
    place = np.where(seen, np.arange(z.shape[1]), -1)
    before = np.maximum.accumulate(place, axis=1)[:, :-1]
    earlier = np.take_along_axis(z, np.maximum(before, 0), axis=1)
    moved: Floats = np.where(seen[:, 1:] & (before >= 0), np.abs(z[:, 1:] - earlier), 0.0).sum(axis=1)
    return moved


def point(sheet: Sheet, levels: Levels, at: int) -> tuple[Floats, Ints, Flags]:
    """The chance of the month's figure, its side, and whether it is beyond three sigma."""
    off, spread = sheet.values[:, at] - levels.center, sheet.spread[:, at]
    with np.errstate(invalid="ignore", divide="ignore"):
        t = off / _known(levels.sigma * np.sqrt(spread**2 + 1 / levels.weight))
        beyond = np.abs(off) > SIGMAS * levels.sigma * spread + 1e-9 * np.abs(levels.center)
    p = np.fmax(_two_sided(t, levels.points), _binomial(sheet, levels, [at]))
    p = np.where(levels.points < MINIMUM_POINTS, np.nan, p)
    return p, np.nan_to_num(np.sign(off)).astype(np.int64), beyond & ~np.isnan(p)


def run(sheet: Sheet, usable: Flags, at: int, baseline: int) -> tuple[Floats, Ints, Flags]:
    """The chance of the last eight months' mean against those before, its side, and whether all eight are on it."""
    begin, nothing = at - RUN + 1, np.zeros(len(sheet.values))
    if begin < MINIMUM_POINTS:
        return nothing * np.nan, nothing.astype(np.int64), nothing > 0
    levels = levels_of(sheet, usable, begin, baseline)
    last = slice(begin, at + 1)
    inverse = np.where(np.isnan(sheet.values[:, last]), 0.0, 1 / sheet.spread[:, last] ** 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (np.nan_to_num(sheet.values[:, last]) * inverse).sum(axis=1) / inverse.sum(axis=1)
        off = mean - levels.center
        t = off / _known(levels.sigma * np.sqrt(1 / inverse.sum(axis=1) + 1 / levels.weight))
        sides = np.sign(sheet.values[:, last] - levels.center[:, None])
    whole = (np.abs(np.nan_to_num(sides).sum(axis=1)) == RUN) & (levels.points >= MINIMUM_POINTS)
    p = np.fmax(_two_sided(t, levels.points), _binomial(sheet, levels, list(range(begin, at + 1))))
    p = np.where(levels.points < MINIMUM_POINTS, np.nan, p)
    return p, np.nan_to_num(np.sign(off)).astype(np.int64), whole


def _known(error: Floats) -> Floats:
    """An error of nothing tells no chance: months that were all alike do not say how far one may stray."""
    return np.where(error > 0, error, np.nan)


def _two_sided(t: Floats, points: Ints) -> Floats:
    from scipy.special import stdtr

    p: Floats = 2 * stdtr(np.maximum(DEGREES * (points - 1), 1), -np.abs(t))
    return p


def _binomial(sheet: Sheet, levels: Levels, months: list[int]) -> Floats:
    """The two-sided chance of the counts of these months together; NaN where there are none.

    Their share is that of the baseline and of the months themselves: what never happened before is not impossible.
    """
    from scipy.special import bdtr, bdtrc

    trials = np.floor(np.nansum(sheet.trials[:, months], axis=1))
    successes = np.minimum(np.round(np.nansum(sheet.successes[:, months], axis=1)), trials)
    share = np.clip(sheet.share[:, 0] + sheet.share[:, 1] * levels.center, 0, 1)
    given = (trials > 0) & ~np.isnan(share)
    n, k, before = trials[given].astype(np.int64), successes[given], levels.points[given]
    q = (share[given] * before + k / n * len(months)) / (before + len(months))
    high = np.where(k > 0, bdtrc(np.maximum(k - 1, 0), n, q), 1.0)
    p = np.full(len(share), np.nan)
    p[given] = np.minimum(1, 2 * np.minimum(bdtr(k, n, q), high))
    return p
