"""The risk below and above a cut, judged on customers that did not choose it, and what is at stake below.

A cut chosen because it separates best overstates the risk below it. Here each part of the customers is divided by the
cut that the other parts chose.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from kpilib.errors import BadInput
from kpilib.stats.by_score import FOLDS, Grouped
from kpilib.stats.intervals import Floats, wilson
from kpilib.stats.stratified import fit, slope_interval
from kpilib.stats.threshold import candidates, gains


class Estimate(NamedTuple):
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Crossed:
    """Counts below and above a cut that other customers chose.

    Attributes
    ----------
    cuts : ndarray, shape (FOLDS,)
        The cut with which each part was divided.
    left, rows : ndarray, shape (strata, 2)
        Counts below and above, all parts together.
    """

    cuts: Floats
    left: Floats
    rows: Floats

    def odds_ratio(self) -> Estimate:
        """Odds of leaving below against above, within strata (profile likelihood); inf where nobody left above."""
        below = np.array([1.0, 0.0])
        slope = fit(self.left, self.rows, below).slope
        low, high = slope_interval(self.left, self.rows, below)
        value = float(np.exp(slope)) if np.isfinite(high) else float("inf")
        return Estimate(value, float(np.exp(low)), float(np.exp(high)))


def crossed(counts: Grouped) -> Crossed:
    """Divide each part of the customers by the best cut of all the others.

    Parameters
    ----------
    counts : Grouped
        For which `threshold.why_not` has no reason.

    Returns
    -------
    Crossed

    Notes
    -----
    Source: Faraggi and Simon (1996), Statistics in Medicine 15:2203 (cross-validated cut points). The parts choose cuts
    of their own: where these differ, the risks are those of the rule, not of one cut.
    """
    places = candidates(counts.by_score[1])
    left, rows = counts.by_stratum
    others = gains(left - counts.left, rows - counts.rows, places).argmax(-1)
    sides = np.zeros((2, len(rows), 2))
    for part in range(FOLDS):
        place = places[others[part]] + 1
        for total, one in zip(sides, (counts.left[part], counts.rows[part]), strict=True):
            total += np.stack([one[:, :place].sum(-1), one[:, place:].sum(-1)], axis=-1)
    return Crossed(counts.scores[places[others]], sides[0], sides[1])


def over(share: ArrayLike, periods: int) -> Floats:
    """The share that leaves within so many periods when that share of those left leaves in each."""
    lost: Floats = 1 - (1 - np.asarray(share, float)) ** periods
    return lost


def weighted_risk(left: ArrayLike, rows: ArrayLike, weights: ArrayLike, periods: int = 1) -> Estimate:
    """The risk of a mix of strata over some periods, from the counts of one.

    Parameters
    ----------
    left, rows : array_like, shape (strata,)
        Counts of one period.
    weights : array_like, shape (strata,)
        What each stratum weighs: rows, customers, revenue. Strata without rows are taken as the others are.
    periods : int
        Over how many periods the risk is said.

    Returns
    -------
    Estimate
        A share and its 95 % interval; all NaN where there are no rows or no weight.

    Raises
    ------
    BadInput
        A weight below 0.

    Notes
    -----
    Direct standardisation; the interval is Wilson's on the number of independent rows that would be as sure (Korn and
    Graubard 1998, Survey Methodology 24:193). Misleads where one stratum holds most of the weight and few rows.

    Examples
    --------
    >>> [round(end, 4) for end in weighted_risk([81], [263], [1])]
    [0.308, 0.2553, 0.3662]
    """
    d, n, w = (np.asarray(one, float) for one in (left, rows, weights))
    if (w < 0).any():
        raise BadInput("A stratum weighs 0 or more; a weight below 0 was given.")
    w = np.where(n > 0, w, 0)
    if w.sum() == 0:
        return Estimate(np.nan, np.nan, np.nan)
    w, n = w / w.sum(), np.maximum(n, 1)
    p = d / n
    value = float(w @ over(p, periods))
    spread = float((w * periods * (1 - p) ** (periods - 1)) ** 2 @ (p * (1 - p) / n))
    if spread > 0 and 0 < value < 1:
        size = value * (1 - value) / spread
        low, high = wilson(value * size, size)
    else:
        size = 1 / float(w**2 @ (1 / n))
        low, high = (over(end, periods) for end in wilson(min(float(w @ p), 1.0) * size, size))
    return Estimate(value, float(low), float(high))


def difference(one: Estimate, other: Estimate) -> Estimate:
    """The first less the second of two independent estimates, with its interval.

    Square-and-add of the distances to the ends. Source: Zou and Donner (2008), Statistics in Medicine 27:1693.
    """
    value = one.value - other.value
    low = value - np.hypot(one.value - one.low, other.high - other.value)
    high = value + np.hypot(one.high - one.value, other.value - other.low)
    return Estimate(value, float(low), float(high))


def scaled(estimate: Estimate, factor: float) -> Estimate:
    """An estimate times a known number of 0 or more."""
    return Estimate(*(end * factor for end in estimate))
