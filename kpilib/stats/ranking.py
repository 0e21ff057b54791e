"""Fair comparison of groups of different sizes: what each showed, and what to expect of it.

A small group reaches the top and the bottom of a table by luck. Shrinking moves each group towards the overall rate by
as much as its size leaves in doubt; the observed figure is always given beside it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from kpilib.errors import BadInput
from kpilib.stats.intervals import Floats, checked_shares

#: Groups of fewer records than this are shown greyed with their count, not ranked, not coloured good or bad. Below ten,
#: one record moves a share by ten points or more and the 95 % interval of an even share is over fifty points wide
#: (Wilson, 5 of 10: 24 % to 76 %): order among such groups says nothing. It is also the size below which a group's
#: figure may point to persons.
MINIMUM_COUNT = 10


@dataclass(frozen=True, eq=False)
class Shrunk:
    """Groups as observed and as expected.

    Attributes
    ----------
    observed, expected : ndarray, shape (k,)
        Each group's own figure, and the same drawn to the overall one. NaN for a group without records.
    overall : float
        The total: sums over sums, never the mean of the groups' figures.
    prior : float
        How many records the overall figure weighs against a group's own: a group of that size goes half way. inf if
        the groups differ no more than chance would make them (all expected alike), 0 if chance explains nothing.
    """

    observed: Floats
    expected: Floats
    overall: float
    prior: float


def _towards(observed: Floats, n: Floats, overall: float, prior: float) -> Shrunk:
    own = np.ones_like(n) if prior == 0 else n / (n + prior)
    return Shrunk(observed, own * observed + (1 - own) * overall, overall, prior)


def shrink(successes: ArrayLike, trials: ArrayLike) -> Shrunk:
    """Expected share of each group, given its own share, its size and how much groups differ (empirical Bayes).

    Parameters
    ----------
    successes, trials : array_like, shape (k,)
        Counts of each group.

    Returns
    -------
    Shrunk
        Shares 0 to 1. Without a group that has trials, all NaN; groups of one trial each tell nothing of how groups
        differ and are all expected alike.

    Raises
    ------
    BadInput
        A group with fewer successes than 0 or more than its trials.

    Notes
    -----
    Source: beta-binomial moments of Kleinman (1973), JASA 68:46, weights = trials. Misleads when groups differ for a
    known reason (region, segment): shrink within it, to its own rate.

    Examples
    --------
    >>> shrunk = shrink([5, 30, 80], [5, 100, 400])
    >>> shrunk.observed.round(2), shrunk.expected.round(2), round(shrunk.overall, 3)
    (array([1. , 0.3, 0.2]), array([0.54, 0.29, 0.2 ]), 0.228)
    """
    x, n, share = (np.atleast_1d(a) for a in checked_shares(successes, trials))
    seen = n > 0
    if not seen.any():
        return Shrunk(share, share.copy(), float("nan"), float("nan"))
    size, total = n[seen], float(n[seen].sum())
    overall = float(x[seen].sum() / total)
    by_chance = overall * (1 - overall)
    between = float(size @ (share[seen] - overall) ** 2) - by_chance * (len(size) - 1)
    room = by_chance * (total - float(size @ size) / total - (len(size) - 1))
    # The intraclass correlation: 0 when groups differ as binomial draws would, 1 when each is all or nothing.
    alike = min(between / room, 1.0) if room > 1e-12 and between > 0 else 0.0
    return _towards(share, n, overall, (1 - alike) / alike if alike else float("inf"))


def shrink_means(mean: ArrayLike, var: ArrayLike, n: ArrayLike) -> Shrunk:
    """Expected mean of each group, given its own mean, its size and how much groups differ (empirical Bayes).

    Parameters
    ----------
    mean, var : array_like, shape (k,)
        Mean and sample variance (n − 1) of the records of each group, in the figure's unit and its square. The variance
        of a single record may be NaN: spread within groups is pooled.
    n : array_like, shape (k,)
        Records of each group.

    Returns
    -------
    Shrunk
        In the unit of the means. Groups without records are NaN; without a group of two records the spread within
        groups is unknown, and `expected` and `prior` are NaN.

    Raises
    ------
    BadInput
        A negative variance, or one missing where a group has two records or more.

    Notes
    -----
    Source: credibility of Bühlmann and Straub (1970), with the moments of the one-way analysis of variance. Misleads on
    heavy tails (order values): a single large order makes its group look different, and pooling hides how unsure it is.
    """
    m, v, size = np.broadcast_arrays(*(np.atleast_1d(np.asarray(a, float)) for a in (mean, var, n)))
    if (wrong := (size >= 2) & ~(v >= 0)).any():
        raise BadInput(
            f"A variance must be 0 or more where a group has two records; {wrong.sum()} are not, "
            f"the first at position {wrong.argmax()}."
        )
    size = np.where((size > 0) & ~np.isnan(m), size, np.nan)
    m = np.where(size > 0, m, np.nan)
    g, x = size[size > 0], m[size > 0]
    total = float(g.sum())
    overall = float(g @ x / total) if total else float("nan")
    spare = total - len(g)
    if spare <= 0:
        return Shrunk(m, np.full(m.shape, np.nan), overall, float("nan"))
    several = size >= 2
    within = float((size[several] - 1) @ v[several]) / spare
    room = total - float(g @ g) / total
    between = (float(g @ (x - overall) ** 2) - (len(g) - 1) * within) / room if room > 0 else 0.0
    return _towards(m, size, overall, within / between if between > 0 else float("inf"))
