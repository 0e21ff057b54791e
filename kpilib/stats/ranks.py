"""Do two measures go up and down together? Ranks, so that one extreme group does not decide; NumPy alone."""

from math import atanh, sqrt, tanh

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kpilib.errors import BadInput
from kpilib.stats.intervals import normal_quantile


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
    x, y = np.asarray(one, float), np.asarray(other, float)
    if x.shape != y.shape or x.ndim != 1:
        raise BadInput(f"A correlation takes two columns of one length; shapes {x.shape} and {y.shape} were given.")
    known = ~(np.isnan(x) | np.isnan(y))
    a, b = ranks(x[known]), ranks(y[known])
    if len(a) < 4 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return float("nan"), float("nan"), float("nan")
    r = float(np.clip(np.corrcoef(a, b)[0, 1], -1, 1))
    if abs(r) > 1 - 1e-12:
        return r, r, r
    half = normal_quantile(confidence) * sqrt((1 + r**2 / 2) / (len(a) - 3))
    return r, tanh(atanh(r) - half), tanh(atanh(r) + half)


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
