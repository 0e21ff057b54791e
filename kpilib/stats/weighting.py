"""Answers weighted by how few of their like answered, so that the silent are spoken for by those like them; rows in."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kpilib.stats.intervals import normal_quantile
from kpilib.stats.ranking import MINIMUM_COUNT


class Estimate(NamedTuple):
    """A figure with its interval."""

    value: float
    low: float
    high: float


NO_ESTIMATE = Estimate(np.nan, np.nan, np.nan)


def weighted(
    score: ArrayLike, cell: ArrayLike, customer: ArrayLike | None = None, confidence: float = 0.95
) -> Estimate:
    """The mean score of all who were invited if the silent are like the answerers of their cell; rows in.

    Parameters
    ----------
    score : array_like, shape (n,)
        One position an invitation; NaN where nobody answered.
    cell, customer : array_like of int, shape (n,)
        Numbers from 0: what was known of the invited, and who they are (several invitations of one customer are not
        independent); each invitation a customer of its own by default.
    confidence : float
        Of the interval.

    Returns
    -------
    Estimate
        In the unit of the score; NaN without answers.

    Notes
    -----
    Cells of fewer than ten answers are taken together. The interval sums, by customer, what each invitation
    contributes: to its cell's mean if answered, to its cell's weight in any case. Source: Hirano, Imbens and Ridder
    (2003), Econometrica 71:1161 (weighting by estimated shares of answers).
    """
    y, place = np.asarray(score, float), np.asarray(cell, int)
    told = ~np.isnan(y)
    if not told.any():
        return NO_ESTIMATE
    place = _few_together(place, told)
    asked = np.bincount(place).astype(float)
    n = np.bincount(place, weights=told)
    means = np.bincount(place[told], weights=y[told], minlength=len(n)) / n
    value = float(asked @ means / asked.sum())
    part = np.where(told, (asked / n)[place] * (np.nan_to_num(y) - means[place]), 0.0) + means[place] - value
    whose = np.arange(len(y)) if customer is None else np.unique(np.asarray(customer), return_inverse=True)[1]
    by = np.bincount(whose, weights=part)
    error = np.sqrt(len(by) / max(len(by) - 1, 1) * (by @ by)) / asked.sum()
    half = normal_quantile(confidence) * float(error)
    return Estimate(value, value - half, value + half)


def _few_together(place: NDArray[np.int64], told: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The cells renumbered, those of too few answers as one."""
    n = np.bincount(place, weights=told)
    order = np.argsort(n, kind="stable")
    small = int((n < MINIMUM_COUNT).sum())
    if small == 0:
        return place
    reached = int(np.searchsorted(np.cumsum(n[order]), MINIMUM_COUNT))
    together = order[: min(max(small, reached + 1), len(order))]
    renamed = np.arange(len(n))
    renamed[together] = together[0]
    return np.unique(renamed[place], return_inverse=True)[1]
