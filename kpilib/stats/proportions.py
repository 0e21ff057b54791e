"""Two shares told apart: how often chance alone would separate them so far."""

import numpy as np
from numpy.typing import ArrayLike

from kpilib.stats.intervals import Floats, checked_shares


def two_proportion_p(x1: ArrayLike, n1: ArrayLike, x2: ArrayLike, n2: ArrayLike) -> Floats:
    """How often chance alone would separate two shares this far: one p-value a pair, two-sided.

    The score test with a pooled share; Fisher's exact test where an expected count is below 5.

    Parameters
    ----------
    x1, n1, x2, n2 : array_like
        Successes and trials of each group and of what it is compared with. A group against the rest: pass the total
        minus the group, since a group is part of its total. It raises what `wilson` raises.

    Returns
    -------
    ndarray
        p-values; NaN where a side has no trials. Empty in, empty out.

    Notes
    -----
    Source: Pearson (1900) for the score test, Cochran (1954), Biometrics 10:417 for the 5. Misleads on many groups at
    once: pass the result to `discovery.false_discovery`.
    """
    from scipy.special import ndtr

    (x1, n1, p1), (x2, n2, p2) = checked_shares(x1, n1), checked_shares(x2, n2)
    x1, n1, p1, x2, n2, p2 = np.broadcast_arrays(x1, n1, p1, x2, n2, p2)
    pooled = (x1 + x2) / (n1 + n2)
    spread = np.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
    z = np.divide(p1 - p2, spread, out=np.zeros_like(spread), where=spread > 0)
    p = np.where(np.isnan(spread), np.nan, 2 * ndtr(-np.abs(z)))
    small = np.minimum(n1, n2) * np.minimum(pooled, 1 - pooled) < 5
    if small.any():
        p[small] = [_fisher_exact(*pair) for pair in zip(*(np.rint(a[small]) for a in (x1, n1, x2, n2)), strict=True)]
    return p


def _fisher_exact(x1: float, n1: float, x2: float, n2: float) -> float:
    """Fisher's exact test, two-sided: all tables with these margins that are no likelier than this one.

    As `scipy.stats.fisher_exact`, whose module takes a page a second to import. Successes and trials of two groups,
    whole numbers, in; a p-value, 0 to 1, out.
    """
    from scipy.special import gammaln

    hits = x1 + x2
    k = np.arange(max(0.0, hits - n2), min(hits, n1) + 1)
    log = -gammaln(k + 1) - gammaln(n1 - k + 1) - gammaln(hits - k + 1) - gammaln(n2 - hits + k + 1)
    chance = np.exp(log - log.max())
    here = chance[int(x1 - k[0])]
    return float(chance[chance <= here * (1 + 1e-7)].sum() / chance.sum())
