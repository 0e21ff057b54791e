"""The net promoter score and how sure one can be of it: counts in, numbers out.

A score here is a difference of two shares, −1 to 1; pages show it times 100.
"""

import numpy as np
from numpy.typing import ArrayLike

from kpilib.errors import BadInput
from kpilib.stats.intervals import Band, Floats, normal_quantile

#: Answers added to detractors, passives and promoters before the interval is taken (adjusted Wald).
ADDED = (0.75, 1.5, 0.75)


def nps(detractors: ArrayLike, passives: ArrayLike, promoters: ArrayLike) -> Floats:
    """The net promoter score: the share of promoters less the share of detractors.

    Parameters
    ----------
    detractors, passives, promoters : array_like
        Counts of answers 0–6, 7–8 and 9–10.

    Returns
    -------
    ndarray
        −1 to 1, of the broadcast shape; NaN where nobody answered. Empty in, empty out.

    Raises
    ------
    BadInput
        A count below 0.

    Notes
    -----
    Source: Reichheld (2003), Harvard Business Review 81(12):46. Misleads when read as a probability: 30 is not "30 %".
    """
    d, passive, p = _counts(detractors, passives, promoters)
    n = d + passive + p
    return np.divide(p - d, n, out=np.full(n.shape, np.nan), where=n > 0)


def nps_error(detractors: ArrayLike, passives: ArrayLike, promoters: ArrayLike) -> Floats:
    """The standard error of a net promoter score, √((p + d − (p − d)²) / n).

    Parameters, shape and what it raises are those of `nps`. Misleads with few answers: all alike, it is 0.

    Examples
    --------
    >>> nps_error([1, 1], [2, 1], [3, 1]).round(3)
    array([0.304, 0.471])
    """
    d, passive, p = _counts(detractors, passives, promoters)
    n = np.where(d + passive + p > 0, d + passive + p, np.nan)
    return np.sqrt(np.maximum((p + d) / n - ((p - d) / n) ** 2, 0) / n)


def nps_interval(detractors: ArrayLike, passives: ArrayLike, promoters: ArrayLike, confidence: float = 0.95) -> Band:
    """Interval of a net promoter score, fit for few answers (adjusted Wald).

    Parameters
    ----------
    detractors, passives, promoters
        As for `nps`, which also says what it raises.
    confidence : float
        Share of such intervals that hold the true score, 0.95 by default.

    Returns
    -------
    low, high : ndarray
        −1 to 1; NaN where nobody answered. Empty in, empty out.

    Notes
    -----
    ¾, 1½ and ¾ answers are added to detractors, passives and promoters; the interval of the result is cut at −1 and 1.
    Source: Rocks (2016), "Interval estimation for the 'net promoter score'", The American Statistician 70:365. Misleads
    when a customer answers several times: answers are taken as independent.

    Examples
    --------
    >>> np.round(nps_interval(20, 30, 50), 4)
    array([0.1405, 0.442 ])
    """
    counts = _counts(detractors, passives, promoters)
    more = [count + added for count, added in zip(counts, ADDED, strict=True)]
    middle, half = nps(*more), normal_quantile(confidence) * nps_error(*more)
    nobody = sum(counts) == 0
    low, high = np.maximum(middle - half, -1.0), np.minimum(middle + half, 1.0)
    return np.where(nobody, np.nan, low), np.where(nobody, np.nan, high)


def _counts(*given: ArrayLike) -> list[Floats]:
    counts = list(np.broadcast_arrays(*(np.asarray(count, float) for count in given)))
    if any((count < 0).any() for count in counts):
        raise BadInput("A number of detractors, passives or promoters is below 0; give counts of answers.")
    return counts
