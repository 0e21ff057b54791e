"""Whether two figures go up and down together: a correlation, how sure one can be of it, and for how many points."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from kpilib.errors import BadInput
from kpilib.stats.intervals import Floats, normal_quantile

#: Fewer pairs have no interval (its width hangs on n − 3).
FEWEST_PAIRS = 6


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
    a, b = np.asarray(x, float), np.asarray(y, float)
    if a.ndim != 1 or a.shape != b.shape:
        raise BadInput(f"A correlation needs two columns of one length; shapes {a.shape} and {b.shape} came.")
    known = ~(np.isnan(a) | np.isnan(b))
    a, b = a[known], b[known]
    n = len(a)
    if n < FEWEST_PAIRS or min(a.std(), b.std()) <= 1e-12 * max(np.abs(a).max(), np.abs(b).max(), 1.0):
        return Correlation(np.nan, np.nan, np.nan, np.nan, n, float(n))
    r = _r(a, b)
    both = max(_r(a[1:], a[:-1]) * _r(b[1:], b[:-1]), 0.0) if in_time else 0.0
    effective = n * (1 - both) / (1 + both)
    low, high, p = _fisher(r, effective, confidence)
    return Correlation(r, low, high, p, n, effective)


def _r(a: Floats, b: Floats) -> float:
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(np.clip(a @ b / size, -1, 1)) if size > 0 else 0.0


def _fisher(r: float, n: float, confidence: float) -> tuple[float, float, float]:
    from scipy.special import ndtr

    if n <= 3.5:
        return -1.0, 1.0, 1.0
    error = 1 / np.sqrt(n - 3)
    z = np.arctanh(np.clip(r, -1 + 1e-15, 1 - 1e-15))
    half = normal_quantile(confidence) * error
    return float(np.tanh(z - half)), float(np.tanh(z + half)), float(2 * ndtr(-abs(z) / error))
