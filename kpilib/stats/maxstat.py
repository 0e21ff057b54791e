"""How surprising the best of many cuts is, when the cut was chosen because it was the best."""

import numpy as np
from numpy.typing import ArrayLike

from kpilib.errors import BadInput
from kpilib.stats.intervals import Floats


def lausen_schumacher(statistic: ArrayLike, low: float = 0.1, high: float = 0.9) -> Floats:
    """p-value of the largest standardised difference over all cuts of an ordered variable.

    Parameters
    ----------
    statistic : array_like
        The largest absolute standardised statistic over the cuts; 1.96 would be the limit had the cut been fixed.
    low, high : float
        Shares of the cases at the lowest and the highest cut that was tried.

    Returns
    -------
    ndarray
        0 to 1, of the shape of `statistic`; 1 for statistics under about 1, where the formula does not hold.

    Raises
    ------
    BadInput
        Shares that are not 0 < low < high < 1.

    Notes
    -----
    Source: Lausen and Schumacher (1992), Biometrics 48:73, eq. 4 (Miller and Siegmund 1982). Misleads, too large, with
    few distinct values: it counts on a cut between any two cases. The permutation p-value does not.

    Examples
    --------
    >>> lausen_schumacher([3.5691, 3.171]).round(5)
    array([0.01065, 0.03611])
    """
    if not 0 < low < high < 1:
        raise BadInput(
            f"Cuts lie between two shares of the cases, 0 < low < high < 1; {low!r} and {high!r} were given."
        )
    b = np.maximum(np.asarray(statistic, float), 1e-12)
    density = np.exp(-b * b / 2) / np.sqrt(2 * np.pi)
    spread = np.log(high * (1 - low) / ((1 - high) * low))
    p = density * (4 / b + (b - 1 / b) * spread)
    return np.where(b < 1, 1.0, np.clip(p, 0, 1))
