"""Whether two figures go up and down together: a correlation, how sure one can be of it, and for how many points.

Of the figures themselves (`correlation`), or of their ranks, so that one extreme group does not decide.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kpilib.errors import BadInput
from kpilib.stats.intervals import Floats, normal_quantile

#: Fewer pairs have no interval (its width hangs on n − 3).
FEWEST_PAIRS = 6
#: The same for ranks.
FEWEST_RANKED = 4


class Correlation(NamedTuple):
    """`r` with its interval, `p` two-sided against 0, `n` pairs that weigh as `effective_n` independent ones."""

    r: float
    low: float
    high: float
    p: float
    n: int
    effective_n: float


def correlation(x: ArrayLike, y: ArrayLike, in_time: bool = False, confidence: float = 0.95) -> Correlation:
    """How closely two figures go together.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        Pairs; those with a NaN are left out.
    in_time : bool
        The pairs are in order of time: where both figures resemble their neighbours, as trends do, pairs count for
        fewer.
    confidence : float
        Of the interval.

    Returns
    -------
    Correlation
        All NaN with fewer than `FEWEST_PAIRS` pairs or without spread in one of the figures.

    Raises
    ------
    BadInput
        Columns of different lengths.

    Notes
    -----
    Pearson's r with Fisher's z (1921). In time: n(1 − a·b)/(1 + a·b) pairs, a and b each figure's correlation with
    its neighbour (Bartlett 1935, JRSS 98:536), never more than n. Misleads when means rest on few records each: their
    noise draws r towards 0.

    Examples
    --------
    >>> round(correlation([1, 2, 3, 4, 5, 6], [2, 1, 4, 3, 6, 5]).r, 4)
    0.8286
    """
    a, b = _pairs(x, y)
    n = len(a)
    if n < FEWEST_PAIRS or min(a.std(), b.std()) <= 1e-12 * max(np.abs(a).max(), np.abs(b).max(), 1.0):
        return Correlation(np.nan, np.nan, np.nan, np.nan, n, float(n))
    r = _r(a, b)
    both = max(_r(a[1:], a[:-1]) * _r(b[1:], b[:-1]), 0.0) if in_time else 0.0
    effective = n * (1 - both) / (1 + both)
    low, high, p = _fisher(r, effective, confidence)
    return Correlation(r, low, high, p, n, effective)


def rank_correlation(one: ArrayLike, other: ArrayLike, confidence: float = 0.95) -> tuple[float, float, float]:
    """Spearman's rank correlation of two measures of the same groups, with its interval.

    Parameters
    ----------
    one, other : array_like, shape (k,)
        The measures; a group that lacks one of them takes no part. Ties have the mean of their ranks.
    confidence : float
        Share of such intervals that hold the true correlation, 0.95 by default.

    Returns
    -------
    (float, float, float)
        The correlation and its interval, −1 to 1. NaN with fewer than four groups, or where a measure does not vary.

    Raises
    ------
    BadInput
        Columns of different lengths.

    Notes
    -----
    Source: Bonett and Wright (2000), Psychometrika 65:23: Fisher's z with variance (1 + r²/2)/(k − 3). Every group
    weighs alike, however few rows it has; a curve that turns back is not seen. It is no cause.

    Examples
    --------
    >>> [round(x, 3) for x in rank_correlation([1, 2, 3, 4, 5, 6], [2, 1, 4, 3, 6, 5])]
    [0.829, -0.127, 0.986]
    """
    x, y = _pairs(one, other)
    a, b = ranks(x), ranks(y)
    if len(a) < FEWEST_RANKED or np.ptp(a) == 0 or np.ptp(b) == 0:
        return float("nan"), float("nan"), float("nan")
    r = _r(a, b)
    if abs(r) > 1 - 1e-12:
        return r, r, r
    return (r, *_around(r, float(np.sqrt((1 + r**2 / 2) / (len(a) - 3))), confidence))


def ranks(values: ArrayLike) -> NDArray[np.float64]:
    """The rank of each value from 1 up; equal values share the mean of their ranks.

    Examples
    --------
    >>> ranks([10.0, 30.0, 20.0, 20.0]).tolist()
    [1.0, 4.0, 2.5, 2.5]
    """
    x = np.asarray(values, float)
    _, place, count = np.unique(x, return_inverse=True, return_counts=True)
    upto = np.cumsum(count)
    middle: NDArray[np.float64] = (upto - (count - 1) / 2)[place]
    return middle


def _pairs(x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    """Two columns of one length, without the pairs that lack one."""
    a, b = np.asarray(x, float), np.asarray(y, float)
    if a.ndim != 1 or a.shape != b.shape:
        raise BadInput(f"A correlation takes two columns of one length; shapes {a.shape} and {b.shape} were given.")
    known = ~(np.isnan(a) | np.isnan(b))
    return a[known], b[known]


def _r(a: Floats, b: Floats) -> float:
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(np.clip(a @ b / size, -1, 1)) if size > 0 else 0.0


def _fisher(r: float, n: float, confidence: float) -> tuple[float, float, float]:
    from scipy.special import ndtr

    if n <= 3.5:
        return -1.0, 1.0, 1.0
    error = 1 / np.sqrt(n - 3)
    low, high = _around(r, error, confidence)
    return low, high, float(2 * ndtr(-abs(_z(r)) / error))


def _around(r: float, error: float, confidence: float) -> tuple[float, float]:
    """The interval of a correlation whose z has this standard error."""
    half = normal_quantile(confidence) * error
    return float(np.tanh(_z(r) - half)), float(np.tanh(_z(r) + half))


def _z(r: float) -> float:
    return float(np.arctanh(np.clip(r, -1 + 1e-15, 1 - 1e-15)))
