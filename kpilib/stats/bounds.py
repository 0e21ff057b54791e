"""What a ratio or a total can be, given what is missing: the least and the most, with nothing assumed of it.

Sums in, numbers out. This is no interval of chance: more rows make it no narrower, only answers to what is missing do.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def bounds(
    n: ArrayLike,
    d: ArrayLike | None,
    weight: ArrayLike,
    least: ArrayLike,
    most: ArrayLike,
    inside: bool = False,
) -> tuple[Floats, Floats]:
    """The range of Σn ÷ Σd once the missing rows are counted, whatever they hold.

    Parameters
    ----------
    n, d : array_like
        The sums of what is known; `d` None for a total.
    weight : array_like
        What the missing rows add below the line.
    least, most : array_like
        What they add above it at least and at most; infinite where nothing bounds it.
    inside : bool
        Whether `d` holds them already, as rows that add nothing above.

    Returns
    -------
    lowest, highest : ndarray
        With nothing missing, both are the value. NaN where nothing stands below the line.

    Notes
    -----
    Sharp where the missing rows are alike in weight: each end is reached by some data, so nothing narrower can be said
    without an assumption. With `d` fixed by `weight`, the two ends are those of the numerator.

    Source: Manski (2003), Partial Identification of Probability Distributions, ch. 1 (missing outcomes).

    Examples
    --------
    120 won, 180 lost, 100 deals that nobody has closed: 40 % is really 30 to 55 %.

    >>> low, high = bounds(120, 300, 100, 0, 100)
    >>> float(low), float(high)
    (0.3, 0.55)
    """
    given = np.broadcast_arrays(*(np.asarray(part, float) for part in (n, weight, least, most)))
    known, added, few, many = given
    if d is None:
        return known + few, known + many
    below = np.asarray(d, float) + (0 if inside else added)
    with np.errstate(divide="ignore", invalid="ignore"):
        lowest, highest = (np.where(below > 0, (known + part) / below, np.nan) for part in (few, many))
    return lowest, highest
