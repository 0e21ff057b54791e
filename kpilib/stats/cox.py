"""Cox's model of leaving on rows that belong to one risk set each: Efron's ties, errors robust by customer.

Also whether the hazards are proportional: whether a covariate's effect stays the same over time.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kpilib.errors import BadInput
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


@dataclass(frozen=True, eq=False)
class Cox(Hazards):
    """A fitted Cox model; beside what `Hazards` has, what each risk set with a loss adds.

    Attributes
    ----------
    sets : ndarray of int, shape (k,)
        The risk sets in which someone left.
    scores : ndarray, shape (k, p)
        Summed Schoenfeld residuals of each: covariates of who left less those expected.
    informations : ndarray, shape (k, p, p)
        What each adds to the information.
    """

    sets: Whole = None  # type: ignore[assignment]
    scores: Floats = None  # type: ignore[assignment]
    informations: Floats = None  # type: ignore[assignment]


@dataclass(frozen=True, eq=False)
class _Set:
    """One risk set at some coefficients: hazards of its rows, and the means as its ties leave one after the other."""

    x: Floats
    hazard: Floats
    left: Flags
    shares: Floats  # Efron: how much of those who leave has left before each of them, (d,)
    totals: Floats  # summed hazard that is left at each of them, (d,)
    means: Floats  # hazard-weighted covariates at each of them, (d, p)
    loglik: float


def _risk_set(x: Floats, left: Flags, coefficients: Floats) -> _Set:
    predictor = along(x, coefficients)
    top = float(predictor.max())
    hazard = np.exp(predictor - top)
    going, leavers = int(left.sum()), x[left]
    shares = np.arange(going) / going
    totals = hazard.sum() - shares * hazard[left].sum()
    means = (weighed(hazard, x) - np.outer(shares, hazard[left] @ leavers)) / totals[:, None]
    loglik = float(predictor[left].sum() - np.log(totals).sum() - going * top)
    return _Set(x, hazard, left, shares, totals, means, loglik)


def _adds(one: _Set) -> tuple[Floats, Floats]:
    """What a risk set adds to gradient and information."""
    gradient = one.x[one.left].sum(0) - one.means.sum(0)
    weight = np.full(len(one.x), (1 / one.totals).sum())
    weight[one.left] -= (one.shares / one.totals).sum()
    rooted = one.x * np.sqrt(weight * one.hazard)[:, None]
    return gradient, gram(rooted) - gram(one.means)


def _residuals(one: _Set) -> Floats:
    """Score residuals of a risk set's rows, shape (n, p)."""
    inverse_totals = 1 / one.totals
    stay = one.x * inverse_totals.sum() - inverse_totals @ one.means
    found = -one.hazard[:, None] * stay
    partly = (1 - one.shares) / one.totals
    going = one.x[one.left]
    found[one.left] = going - one.means.mean(0)
    found[one.left] -= one.hazard[one.left][:, None] * (going * partly.sum() - partly @ one.means)
    return found


class _Rows:
    """The rows in their risk sets, those sets left out in which nobody left: they say nothing."""

    def __init__(self, sets: Whole, left: Flags, x: NDArray) -> None:
        self.x, self.left = x, left
        self.at = [rows for rows in blocks(sets) if left[rows].any()]
        self.sets = np.array([sets[rows.start] for rows in self.at], np.int64)

    def risk_set(self, rows: slice, coefficients: Floats) -> _Set:
        return _risk_set(self.x[rows].astype(float), self.left[rows], coefficients)

    def height(self, coefficients: Floats) -> Height:
        p = len(coefficients)
        loglik, gradient, information = 0.0, np.zeros(p), np.zeros((p, p))
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            for rows in self.at:
                one = self.risk_set(rows, coefficients)
                slope, curve = _adds(one)
                loglik, gradient, information = loglik + one.loglik, gradient + slope, information + curve
        return loglik, gradient, information

    def null(self) -> float:
        """Log-likelihood without covariates: each who leaves is one of those still there."""
        there = [(rows.stop - rows.start, int(self.left[rows].sum())) for rows in self.at]
        return -float(sum(np.log(n - np.arange(d)).sum() for n, d in there))


def cox(
    sets: ArrayLike, event: ArrayLike, x: ArrayLike, groups: ArrayLike | None = None, start: Floats | None = None
) -> Cox:
    """Hazard ratios of covariates among those at risk together (Cox, Efron's ties).

    Parameters
    ----------
    sets : array_like of int, shape (n,)
        The risk set of each row, ascending: its month, or one number for each month and stratum. From lives with start
        and stop, `kpilib.stats.hazard.risk_rows` makes them.
    event : array_like, shape (n,)
        1 if the row's customer left in that month.
    x : array_like, shape (n, p)
        Covariates; 32-bit floats save memory, the sums are made in 64.
    groups : array_like of int, shape (n,), optional
        The customer of each row, numbered from 0: errors then allow its rows to depend on each other.
    start : ndarray, shape (p,), optional
        A first guess.

    Returns
    -------
    Cox
        `settled` is False where there is no finite maximum. Without rows or without losses, coefficients are NaN.

    Raises
    ------
    BadInput
        Columns that do not fit together, rows not sorted by set, covariates that are missing.

    Notes
    -----
    Source: Cox (1972), JRSS B 34:187; Efron (1977), JASA 72:557; Lin and Wei (1989), JASA 84:1074 for the errors.
    Misleads where a covariate is partly caused by leaving: it must be known before the month. Covariates that are the
    same for all of a set (the month itself) drop out.
    """
    of, left, wide = checked_rows(sets, event, x)
    rows, p = _Rows(of, left, wide), wide.shape[1]
    if not rows.at or not p:
        return _nothing(p, rows.null())
    first = start if start is not None else _guess(of, left, wide)
    coefficients, height, settled = climb(rows.height, first)
    back, far = inverse(height[2]), reach(coefficients, wide)
    if back is None or not settled or (far > ENDLESS).any():
        return _nothing(p, rows.null(), int(far.argmax()))
    steps = [_adds(rows.risk_set(one, coefficients)) for one in rows.at]
    covariance = back if groups is None else sandwich(back, _by_group(rows, coefficients, np.asarray(groups)))
    scores, informations = np.array([s for s, _ in steps]), np.array([i for _, i in steps])
    return Cox(
        coefficients, back, covariance, height[0], rows.null(), True, whole=covariance,
        sets=rows.sets, scores=scores, informations=informations,
    )  # fmt: skip


def _guess(of: Whole, left: Flags, x: NDArray) -> Floats:
    """A first guess: of many rows, the fit to every eighth."""
    if len(x) <= MANY:
        return np.zeros(x.shape[1])
    some = cox(of[::8], left[::8], x[::8])
    return some.coefficients if some.settled else np.zeros(x.shape[1])


def _nothing(p: int, null: float, runaway: int = -1) -> Cox:
    none, square = np.full(p, np.nan), np.full((p, p), np.nan)
    empty = np.empty((0, p)), np.empty((0, p, p))
    return Cox(
        none, square, square, null, null, False, whole=square, runaway=runaway, sets=np.empty(0, np.int64),
        scores=empty[0], informations=empty[1],
    )  # fmt: skip


def _by_group(rows: _Rows, coefficients: Floats, groups: Whole) -> Floats:
    summed = np.zeros((int(groups.max()) + 1, len(coefficients)))
    for one in rows.at:
        add_to_groups(summed, groups[one], _residuals(rows.risk_set(one, coefficients)))
    return summed


def proportional(fit: Cox, time: ArrayLike | None = None) -> tuple[Floats, Floats]:
    """Whether each effect stays the same over time: a test of each covariate's trend in the Schoenfeld residuals.

    Parameters
    ----------
    fit : Cox
        A settled fit.
    time : array_like, shape (k,), optional
        The time of each of `fit.sets`, on the scale on which a trend is looked for; their order by default.

    Returns
    -------
    chi2, p : ndarray, shape (p,)
        Score test of a coefficient that changes linearly with time, one degree of freedom each; a small p says that
        one hazard ratio for all times is too simple. NaN where there are fewer than three risk sets.

    Raises
    ------
    BadInput
        Not one time a risk set.

    Notes
    -----
    Source: Grambsch and Therneau (1994), Biometrika 81:515, as the exact score test. Misleads with few losses (it then
    sees nothing) and with very many (it then sees what does not matter: look at the size).
    """
    from scipy.special import chdtrc

    when = np.arange(len(fit.sets), dtype=float) if time is None else np.asarray(time, float)
    if when.shape != fit.sets.shape:
        raise BadInput(f"{len(fit.sets)} risk sets need one time each; {when.shape} came.")
    p = len(fit.coefficients)
    if len(when) < 3 or not fit.settled:
        return np.full(p, np.nan), np.full(p, np.nan)
    when = when - when.mean()
    trend = when @ fit.scores
    across = np.tensordot(when, fit.informations, axes=1)
    spread = when**2 @ np.diagonal(fit.informations, axis1=1, axis2=2)
    # What the trend would vary by, once the coefficient itself is free.
    variance = spread - np.einsum("kj,jl,lk->k", across, fit.naive, across)
    chi2 = np.divide(trend**2, variance, out=np.full(p, np.nan), where=variance > 1e-9 * spread)
    return chi2, chdtrc(1, chi2)
