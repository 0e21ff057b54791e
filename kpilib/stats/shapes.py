"""Shapes of a risk that falls as the score rises: a step (cliff), a hinge (elbow), a steady slope.

Each is a logistic regression of counts by stratum and score; a shape that would rise is taken as flat.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kpilib.stats.intervals import Floats
from kpilib.stats.stratified import fit, loglik_without

#: 95 % of chi-squared with one degree of freedom: the limit for the knot of a hinge, which is a regular parameter.
HINGE_LIMIT = 3.841459


@dataclass(frozen=True, eq=False)
class Hinge:
    """An elbow: the risk falls with the score up to `knot` and no further.

    `low` and `high` bound the knot; `gain` is 2(ℓ − ℓ0); `expected` is the share expected to leave at each score.
    """

    knot: float
    low: float
    high: float
    gain: float
    expected: Floats


def shares(left: ArrayLike, rows: ArrayLike, x: ArrayLike) -> Floats:
    """The share expected to leave in each stratum and score, in proportion to x in log-odds.

    Parameters
    ----------
    left, rows : array_like, shape (strata, s)
        Counts.
    x : array_like, shape (s,)
        The shape: more is worse. Where the data say the contrary, it is taken as flat.

    Returns
    -------
    ndarray, shape (strata, s)
    """
    shape = np.asarray(x, float)
    found = fit(left, rows, shape)
    if float(found.slope) < 0:
        found = fit(left, rows, np.zeros_like(shape))
    p: Floats = 1 / (1 + np.exp(-(found.intercept[:, None] + found.slope * shape)))
    return p


def expected(left: Floats, rows: Floats, x: Floats) -> Floats:
    """The share expected to leave at each score, over the strata as they are; shape (s,). Arguments as `shares`."""
    share: Floats = (shares(left, rows, x) * rows).sum(0) / rows.sum(0)
    return share


def hinge(left: Floats, rows: Floats, scores: Floats, places: NDArray[np.int64]) -> Hinge:
    """The likeliest elbow, its knot among values a quarter of a step apart.

    Parameters
    ----------
    left, rows : ndarray, shape (strata, s)
        Counts.
    scores : ndarray, shape (s,)
        The scores, ascending.
    places : ndarray of int
        Candidate cuts: knots are tried from the first to just above the last.

    Returns
    -------
    Hinge

    Notes
    -----
    Source: Muggeo (2003), Statistics in Medicine 22:3055 (segmented regression).
    """
    corners = scores[places[0] : places[-1] + 2]
    knots = np.unique(np.concatenate([np.linspace(a, b, 5) for a, b in pairwise(corners)]))
    knots = knots[knots > scores[0]]
    x = np.maximum(knots[:, None] - scores, 0)
    found = fit(left, rows, x)
    gain = np.where(found.slope > 0, 2 * (found.loglik - loglik_without(left, rows)), 0)
    best = int(gain.argmax())
    within = knots[gain.max() - gain <= HINGE_LIMIT]
    return Hinge(
        float(knots[best]), float(within[0]), float(within[-1]), float(gain[best]), expected(left, rows, x[best])
    )


def slope_gain(left: Floats, rows: Floats, scores: Floats) -> float:
    """2(ℓ − ℓ0) of a steady slope of the log-odds with the score; 0 where risk rises. Arguments as `hinge`."""
    found = fit(left, rows, scores[-1] - scores)
    gain = 2 * float(found.loglik - loglik_without(left, rows))
    return max(gain, 0.0) if float(found.slope) > 0 else 0.0
