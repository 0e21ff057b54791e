"""Many comparisons at once: which still stand when only so many of those named may be chance. NumPy alone.

SciPy has the same arithmetic (`false_discovery_control`), but takes half a second to import: a page would wait for it.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kpilib.errors import BadInput
from kpilib.stats.intervals import Floats


def false_discovery(p: ArrayLike, level: float = 0.05) -> tuple[Floats, NDArray[np.bool_]]:
    """Which of many comparisons stand out when at most `level` of those named may be chance (Benjamini–Hochberg).

    Parameters
    ----------
    p : array_like
        One p-value a comparison in view; NaN (nothing to compare) is left out of the family and stays NaN.
    level : float
        Expected share of false findings among the findings.

    Returns
    -------
    adjusted : ndarray
        p-values to be compared with any level, of the shape of `p`.
    flags : ndarray of bool
        True where adjusted ≤ level. Empty in, empty out.

    Raises
    ------
    BadInput
        A p-value outside 0 to 1.

    Notes
    -----
    Source: Benjamini and Hochberg (1995), JRSS B 57:289. Misleads when the family is chosen after looking.
    """
    adjusted = np.array(p, float)
    known = ~np.isnan(adjusted)
    if ((adjusted[known] < 0) | (adjusted[known] > 1)).any():
        raise BadInput("A p-value lies between 0 and 1; one outside was given. Pass p-values, not test statistics.")
    adjusted[known] = _adjusted(adjusted[known])
    return adjusted, adjusted <= level


def _adjusted(p: Floats) -> Floats:
    """Each p-value, from the largest down, times all over its rank; never more than that of a larger one."""
    order = np.argsort(p)[::-1]
    ranks = np.arange(len(p), 0, -1)
    made = np.empty(len(p))
    made[order] = np.minimum.accumulate(np.minimum(p[order] * len(p) / ranks, 1.0))
    return made
