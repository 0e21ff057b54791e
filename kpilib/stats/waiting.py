"""How long it takes until something happens, where some still wait: percentiles of the time, with their intervals.

The share that still waits is a curve of `survival.retention_curve`; those who wait count as long as they have waited.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kpilib.errors import BadInput
from kpilib.stats.survival import Retention, retention_curve

Floats = NDArray[np.float64]
#: A wait of no time at all is counted as so much of the caller's unit: a curve needs a time above its entry.
AT_ONCE = 1e-6


def still_waiting(waited: ArrayLike, ended: ArrayLike) -> Retention:
    """The share that still waits after each time.

    Parameters
    ----------
    waited : array_like, shape (n,)
        How long each has waited, or waited until the end: 0 or more.
    ended : array_like, shape (n,)
        1 if the wait is over, 0 if it goes on.

    Returns
    -------
    Retention
        `retained` is the share still waiting. Without rows, arrays of length 0.

    Raises
    ------
    BadInput
        A negative wait, or columns of different lengths.

    Examples
    --------
    >>> still_waiting([1, 2, 3, 4], [1, 1, 0, 1]).retained.tolist()
    [0.75, 0.5, 0.5, 0.0]
    """
    time = np.asarray(waited, float)
    if (time < 0).any():
        raise BadInput(f"A wait is 0 or more; {(time < 0).sum()} are less, the first at row {(time < 0).argmax()}.")
    return retention_curve(np.zeros(time.shape), np.maximum(time, AT_ONCE), ended)


def percentiles(curve: Retention, parts: ArrayLike, confidence: float = 0.95) -> tuple[Floats, Floats, Floats]:
    """By which time so large a part of all waits was over.

    Parameters
    ----------
    curve : Retention
        The share that still waits.
    parts : array_like, shape (k,)
        Parts between 0 and 1: 0.5 for the median.
    confidence : float
        Of the interval.

    Returns
    -------
    value, low, high : ndarray, shape (k,)
        In the unit of the curve's times. NaN for a part that was not reached; a high end that is not known is inf.

    Raises
    ------
    BadInput
        A part or a confidence outside 0 to 1.

    Notes
    -----
    Source: Brookmeyer and Crowley (1982), Biometrics 38:29, on the log-log scale: the times at which the curve's band
    holds the share that is left. Misleads where waits that go on differ from those that ended (hard cases parked).

    Examples
    --------
    >>> value, low, high = percentiles(still_waiting([1, 2, 3, 4], [1, 1, 1, 1]), [0.5, 0.75])
    >>> value.tolist()
    [2.0, 3.0]
    """
    left = 1 - np.atleast_1d(np.asarray(parts, float))
    if not ((left > 0) & (left < 1)).all():
        raise BadInput("A part of all lies between 0 and 1, without its ends: 0.5 for the median.")
    low, high = curve.band(confidence)
    value = _first(curve.times, curve.retained, left, np.nan)
    lower = _first(curve.times, np.where(np.isnan(low), 0.0, low), left, np.nan)
    # Once all have ended the upper end of the band is unknown, not 0.
    upper = _first(curve.times, np.where(np.isnan(high), 1.0, high), left, np.inf)
    return value, np.where(np.isnan(value), np.nan, lower), np.where(np.isnan(value), np.nan, upper)


def _first(times: Floats, shares: Floats, left: Floats, never: float) -> Floats:
    """The first time at which no more than each share is left."""
    below = shares[:, None] <= left + 1e-12
    reached = below.any(axis=0) if len(times) else np.zeros(left.shape, bool)
    found: Floats = np.full(left.shape, never)
    if reached.any():
        found[reached] = times[below.argmax(axis=0)[reached]]
    return found
