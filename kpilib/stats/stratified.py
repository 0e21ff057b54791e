"""Logistic regression of counts with an intercept for each stratum and one slope, many such fits at once.

For rows that fall into a handful of cells (a stratum and a score) only the counts matter; a thousand fits then take as
long as one fit of the rows would. One covariate, no more: statsmodels' GLM is for the rest, and the tests compare.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from kpilib.errors import BadInput
from kpilib.stats.intervals import Band, Floats, normal_quantile

#: A slope (times the covariate's range) or an intercept beyond this is as good as infinite: one in a hundred million.
FAR = 20.0
_STEPS = 40
_NEAR = 1e-9


@dataclass(frozen=True, eq=False)
class Fit:
    """Fits of logit p = intercept of the stratum + slope · x.

    Attributes
    ----------
    slope : ndarray, shape (…)
        Change of the log-odds for one unit of x; at ± FAR / range of x where the data would have it infinite.
    intercept : ndarray, shape (…, strata)
        Log-odds at x = 0.
    loglik : ndarray, shape (…)
        Log-likelihood, without the constant of the counts.
    """

    slope: Floats
    intercept: Floats
    loglik: Floats


def checked(left: ArrayLike, rows: ArrayLike) -> tuple[Floats, Floats]:
    """Counts of the same shape (…, strata, cells), each of those that left at most the rows; else BadInput."""
    d, n = np.broadcast_arrays(np.asarray(left, float), np.asarray(rows, float))
    if d.ndim < 2:
        raise BadInput(f"Counts need a row for each stratum and a column for each cell; the shape {d.shape} was given.")
    wrong = ~((d >= 0) & (d <= n))
    if wrong.any():
        raise BadInput(
            f"Counts of those that left must lie between 0 and the rows of their cell; {wrong.sum()} do not."
        )
    return d, n


def fit(left: ArrayLike, rows: ArrayLike, x: ArrayLike) -> Fit:
    """The likeliest slope and intercepts, by Newton's method.

    Parameters
    ----------
    left, rows : array_like, shape (…, strata, cells)
        Of the rows of each cell, how many had the outcome. Leading axes are separate fits.
    x : array_like, shape (…, cells)
        The covariate of each cell; its leading axes broadcast with those of the counts.

    Returns
    -------
    Fit
        A slope that the data do not determine (x alike wherever there are rows) is 0.

    Raises
    ------
    BadInput
        More with the outcome than rows, or counts without strata.

    Notes
    -----
    Source: McCullagh and Nelder (1989), Generalized Linear Models, ch. 4. An intercept a stratum biases the slope
    outwards where strata hold a few rows each (Breslow and Day 1980, § 7.1): use strata of dozens.

    Examples
    --------
    >>> float(fit([[30, 10]], [[100, 100]], [1, 0]).slope.round(4))  # log of the odds ratio (30·90)/(10·70)
    1.3499
    """
    d, n = checked(left, rows)
    covariate = np.asarray(x, float)[..., None, :]
    shape = np.broadcast_shapes(d.shape, (*covariate.shape[:-2], *d.shape[-2:]))
    d, n = np.broadcast_to(d, shape), np.broadcast_to(n, shape)
    bound = _bound(covariate)
    slope, intercept = np.zeros(shape[:-2]), _start(d, n)
    for _ in range(_STEPS):
        by, moved = _newton(d, n, covariate, slope, intercept, bound)
        slope, intercept = slope + by, np.clip(intercept + moved, -2 * FAR, 2 * FAR)
        change = np.abs(by).max(initial=0) * FAR / bound
        if max(change, np.abs(moved * (np.abs(intercept) < 2 * FAR)).max(initial=0)) < _NEAR:
            break
    return Fit(slope, intercept, _loglik(d, n, _eta(covariate, slope, intercept)))


def _bound(x: Floats) -> float:
    """The largest slope that is told from an infinite one."""
    return FAR / (float(np.ptp(x)) if x.size and np.ptp(x) > 0 else 1.0)


def _start(d: Floats, n: Floats) -> Floats:
    total, rows = d.sum(-1), n.sum(-1)
    start: Floats = np.log((total + 0.5) / (rows - total + 0.5))
    # Strata of none or all are at their end from the start; Newton's steps towards it would be one unit each.
    return np.where(total == 0, -2 * FAR, np.where(total == rows, 2 * FAR, start))


def _eta(x: Floats, slope: Floats, intercept: Floats) -> Floats:
    eta: Floats = intercept[..., None] + slope[..., None, None] * x
    return eta


def _newton(d: Floats, n: Floats, x: Floats, slope: Floats, intercept: Floats, bound: float) -> tuple[Floats, Floats]:
    """One step, cut at two units of log-odds and at the bound; the matrix is an arrow, so no matrix is built."""
    p = 1 / (1 + np.exp(-_eta(x, slope, intercept)))
    weight, residual = n * p * (1 - p), d - n * p
    a = np.maximum(weight.sum(-1), 1e-300)
    b = (weight * x).sum(-1)
    pull, lift = residual.sum(-1), (residual * x).sum(-1)
    room = ((weight * x * x).sum(-1) - b * b / a).sum(-1)
    known = room > 1e-12
    step = np.where(known, (lift - b * pull / a).sum(-1) / np.where(known, room, 1), 0.0)
    reach = 2 * bound / FAR
    step = np.clip(slope + np.clip(step, -reach, reach), -bound, bound) - slope
    return step, np.clip((pull - b * step[..., None]) / a, -2, 2)


def _loglik(d: Floats, n: Floats, eta: Floats) -> Floats:
    soft = np.maximum(eta, 0) + np.log1p(np.exp(-np.abs(eta)))
    total: Floats = (d * eta - n * soft).sum((-2, -1))
    return total


def loglik_without(left: ArrayLike, rows: ArrayLike) -> Floats:
    """Log-likelihood of the strata's own shares alone, slope 0; shape (…) from counts of shape (…, strata, cells)."""
    d, n = checked(left, rows)
    total, size = d.sum(-1), n.sum(-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = total * np.log(total / size) + (size - total) * np.log1p(-total / size)
    # All or none of a stratum: the likelihood is 1.
    alone: Floats = np.where((total > 0) & (total < size), parts, 0.0).sum(-1)
    return alone


def slope_interval(left: ArrayLike, rows: ArrayLike, x: ArrayLike, confidence: float = 0.95) -> Band:
    """Interval of the slope of one fit, from the profile likelihood; an end is infinite where the data bound it not.

    Parameters
    ----------
    left, rows : array_like, shape (strata, cells)
        As for `fit`, which also says what it raises.
    x : array_like, shape (cells,)
        The covariate.
    confidence : float
        Share of such intervals that hold the true slope.

    Returns
    -------
    low, high : ndarray, shape ()
        (−inf, inf) where nothing is known of the slope.
    """
    from scipy.optimize import brentq

    d, n = checked(left, rows)
    best, drop = fit(d, n, x), normal_quantile(confidence) ** 2 / 2
    bound = _bound(np.asarray(x, float))

    def short(slope: float) -> float:
        return float(best.loglik - _profile(d, n, np.asarray(x, float), slope)) - drop

    ends = []
    for far in (-bound, bound):
        at = float(best.slope)
        known = short(far) > 0
        ends.append(np.asarray(brentq(short, at, far, xtol=1e-8) if known else np.copysign(np.inf, far)))
    return ends[0], ends[1]


def _profile(d: Floats, n: Floats, x: Floats, slope: float) -> Floats:
    """The log-likelihood at a slope, with the intercepts that are likeliest beside it."""
    intercept = _start(d, n)
    offset = slope * x
    for _ in range(200):
        p = 1 / (1 + np.exp(-np.clip(intercept[..., None] + offset, -2 * FAR, 2 * FAR)))
        step = np.clip((d - n * p).sum(-1) / np.maximum((n * p * (1 - p)).sum(-1), 1e-300), -1, 1)
        intercept = np.clip(intercept + step, -2 * FAR, 2 * FAR)
        if np.abs(step * (np.abs(intercept) < 2 * FAR)).max(initial=0) < _NEAR:
            break
    return _loglik(d, n, intercept[..., None] + offset)
