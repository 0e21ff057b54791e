"""Leaving month by month: the discrete-time twin of Cox's model.

One row a customer and month, a log-log link and a baseline of its own for each month: the model that Cox's becomes when
only the month of leaving is known. Risks to come are made of it by `kpilib.stats.risk`.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kpilib.stats.hazard import (
    ENDLESS,
    MANY,
    Hazards,
    Height,
    Whole,
    add_to_groups,
    along,
    blocks,
    checked_rows,
    climb,
    gram,
    inverse,
    reach,
    sandwich,
    weighed,
)
from kpilib.stats.intervals import Floats

Flags = NDArray[np.bool_]


class _Rows:
    """The rows by period; one in which nobody left, or everybody did, says nothing of covariates."""

    def __init__(self, sets: Whole, left: Flags, x: NDArray) -> None:
        self.x, self.left = x, left
        self.at = list(blocks(sets))
        self.rates = np.array([left[rows].mean() for rows in self.at])
        self.kept = np.flatnonzero((self.rates > 0) & (self.rates < 1)).tolist()

    def first(self) -> Floats:
        """Log hazards of the periods without covariates."""
        return np.log(-np.log1p(-self.rates[self.kept]))

    def null(self) -> float:
        n = np.array([rows.stop - rows.start for rows in self.at])[self.kept]
        rates = self.rates[self.kept]
        return float(n * rates @ np.log(rates) + n * (1 - rates) @ np.log1p(-rates))

    def height(self, values: Floats) -> Height:
        k, p = len(self.kept), self.x.shape[1]
        loglik, gradient, information = 0.0, np.zeros(k + p), np.zeros((k + p, k + p))
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            for place, number in enumerate(self.kept):
                rows = self.at[number]
                x, left = self.x[rows].astype(float), self.left[rows]
                hazard = np.exp(values[place] + along(x, values[k:]))
                slope = np.where(left, hazard / np.expm1(hazard), -hazard)
                weight = hazard * hazard / np.expm1(hazard)
                loglik += np.log(-np.expm1(-hazard[left])).sum() - hazard[~left].sum()
                gradient[place], gradient[k:] = slope.sum(), gradient[k:] + weighed(slope, x)
                information[place, place] = weight.sum()
                information[place, k:] = information[k:, place] = weighed(weight, x)
                x *= np.sqrt(weight)[:, None]
                information[k:, k:] += gram(x)
        return float(loglik), gradient, information

    def by_group(self, values: Floats, groups: Whole) -> Floats:
        """Scores summed by customer, shape (customers, k + p)."""
        k = len(self.kept)
        summed = np.zeros((int(groups.max()) + 1, len(values)))
        for place, number in enumerate(self.kept):
            rows = self.at[number]
            x, left = self.x[rows].astype(float), self.left[rows]
            hazard = np.exp(values[place] + along(x, values[k:]))
            slope = np.where(left, hazard / np.expm1(hazard), -hazard)
            add_to_groups(summed[:, place : place + 1], groups[rows], slope[:, None])
            add_to_groups(summed[:, k:], groups[rows], slope[:, None] * x)
        return summed


def cloglog(
    sets: ArrayLike, event: ArrayLike, x: ArrayLike, groups: ArrayLike | None = None, start: Floats | None = None
) -> Hazards:
    """Hazard ratios of covariates and the baseline of each period (binomial model with complementary log-log link).

    Parameters
    ----------
    sets : array_like of int, shape (n,)
        The period of each row, ascending; each has a baseline of its own.
    event, x, groups, start
        As in `kpilib.stats.cox.cox`, which also says what is raised; `start` holds the covariates' coefficients.

    Returns
    -------
    Hazards
        `baseline` has one log hazard for each period of `sets`, −inf where nobody left, inf where everybody did;
        `whole` covers the other periods, then the covariates. Without rows or losses, NaN.

    Notes
    -----
    Source: Prentice and Gloeckler (1978), Biometrics 34:57; Allison (1982), Sociological Methodology 13:61. Its ratios
    come close to Cox's where few leave in a month. Misleads, like Cox's, where a covariate is partly caused by leaving.
    """
    of, left, wide = checked_rows(sets, event, x)
    rows, p = _Rows(of, left, wide), wide.shape[1]
    k = len(rows.kept)
    if not k:
        return _nothing(p, len(rows.at), 0.0)
    first = np.concatenate([rows.first(), start if start is not None else _guess(of, left, wide)])
    values, height, settled = climb(rows.height, first)
    back, far = inverse(height[2]), reach(values[k:], wide)
    if back is None or not settled or (far > ENDLESS).any():
        return _nothing(p, len(rows.at), rows.null(), int(far.argmax()) if p else -1)
    whole = back if groups is None else sandwich(back, rows.by_group(values, np.asarray(groups)))
    baseline = np.where(rows.rates > 0, np.inf, -np.inf)
    baseline[rows.kept] = values[:k]
    return Hazards(values[k:], back[k:, k:], whole[k:, k:], height[0], rows.null(), True, baseline, whole)


def _guess(of: Whole, left: Flags, x: NDArray) -> Floats:
    """A first guess: of many rows, the fit to every eighth."""
    if len(x) <= MANY:
        return np.zeros(x.shape[1])
    some = cloglog(of[::8], left[::8], x[::8])
    return some.coefficients if some.settled else np.zeros(x.shape[1])


def _nothing(p: int, periods: int, null: float, runaway: int = -1) -> Hazards:
    square, none = np.full((p, p), np.nan), np.full(periods, np.nan)
    return Hazards(np.full(p, np.nan), square, square, null, null, False, none, square, runaway)
