"""From a fitted model of leaving to the probability that a customer leaves within the next months.

A model overrates what it saw in its own data, and what is so today fades in the months to come: coefficients are shrunk
for foretelling, and the level is taken from what happened of late.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kpilib.errors import BadInput
from kpilib.stats.discrete import cloglog
from kpilib.stats.hazard import Hazards, along
from kpilib.stats.intervals import Floats, normal_quantile


@dataclass(frozen=True, eq=False)
class Risk:
    """What foretells leaving: a linear predictor around the mean row.

    Attributes
    ----------
    weights : ndarray, shape (p,)
        Shrunk coefficients: what a covariate adds to the log hazard, β(x − x̄), is exact.
    centre : ndarray, shape (p,)
        The mean covariates, x̄.
    level, level_error : float
        Log of the hazard summed over the months ahead, at the mean covariates, and its standard error.
    covariance : ndarray, shape (p, p)
        Of `weights`.
    shrinkage, fading : float
        What the coefficients were multiplied by, each 0 to 1: for what the model overrates, and for what fades.
    """

    weights: Floats
    centre: Floats
    level: float
    level_error: float
    covariance: Floats
    shrinkage: float
    fading: float

    def pushes(self, x: NDArray, centre: Floats | None = None) -> Floats:
        """What each covariate adds to each row's log hazard against the mean row, shape (n, p)."""
        return (np.asarray(x, float) - (self.centre if centre is None else centre)) * self.weights

    def probability(self, x: NDArray, confidence: float = 0.95) -> tuple[Floats, Floats, Floats]:
        """Probability of leaving within the months ahead.

        Parameters
        ----------
        x : ndarray, shape (n, p)
            Covariates as they are known now.
        confidence : float
            Of the interval. It tells how well the risk of such customers is known, not what one of them will do; the
            errors of shrinkage and fading are not in it.

        Returns
        -------
        value, low, high : ndarray, shape (n,)
        """
        away = np.asarray(x, float) - self.centre
        variance = self.level_error**2 + np.einsum("ij,ij->i", away @ self.covariance, away)
        half = normal_quantile(confidence) * np.sqrt(np.maximum(variance, 0))
        predictor = self.level + along(away, self.weights)
        with np.errstate(over="ignore"):
            value, low, high = (-np.expm1(-np.exp(predictor + by)) for by in (0.0, -half, half))
        return value, low, high


def shrinkage(fit: Hazards) -> float:
    """What coefficients must be multiplied by so that they foretell rather than retell: (χ² − p) / χ², at least 0.

    Notes
    -----
    Source: van Houwelingen and le Cessie (1990), Statistics in Medicine 9:1303, with χ² the likelihood ratio against no
    covariates. 0 where the covariates tell no more than chance would.
    """
    chi2, df, _ = fit.against_null()
    return max((chi2 - df) / chi2, 0.0) if chi2 > 0 else 0.0


def risk(fit: Hazards, x: NDArray, left: ArrayLike, recent: ArrayLike, overlap: int = 1) -> Risk:
    """What foretells leaving within some months, from a fit and what came of earlier rows within as many months.

    Parameters
    ----------
    fit : Hazards
        A settled fit of `kpilib.stats.discrete.cloglog`.
    x : ndarray, shape (n, p)
        Covariates of rows that were followed so far.
    left : array_like, shape (n,)
        Whether each row's customer left within the months.
    recent : array_like of bool, shape (n,)
        The rows that the level is taken from.
    overlap : int
        Rows in which one loss may stand: as many as there are months ahead, where each month has its row.

    Returns
    -------
    Risk
        Its level makes as many of the recent rows leave as did.

    Raises
    ------
    BadInput
        None of the recent rows left, or all did: no level can be found.
    """
    wide, gone, late = np.asarray(x, float), np.asarray(left).astype(bool), np.asarray(recent).astype(bool)
    if gone[late].all() or not gone[late].any():
        raise BadInput("The level of a risk needs rows that left and rows that stayed; take more months.")
    part, centre = shrinkage(fit), wide[late].mean(0)
    lasts = _fading(along(wide - centre, fit.coefficients), gone)
    weights = part * lasts * fit.coefficients
    level, error = _level(along(wide[late] - centre, weights), gone[late])
    covariance = (part * lasts) ** 2 * fit.covariance
    return Risk(weights, centre, level, error * overlap**0.5, covariance, part, lasts)


def _fading(predictor: Floats, left: NDArray[np.bool_]) -> float:
    """How much of what a predictor tells of the first month it tells of all months ahead, 0 to 1."""
    fit = cloglog(np.zeros(len(left), np.int64), left, predictor[:, None])
    return float(np.clip(fit.coefficients[0], 0, 1)) if fit.settled else 0.0


def _level(offset: Floats, left: NDArray[np.bool_]) -> tuple[float, float]:
    """The intercept at which a log-log model with this offset is likeliest, and its standard error."""
    level = float(np.log(-np.log1p(-left.mean())))
    information = 1.0
    for _ in range(50):
        hazard = np.exp(level + offset)
        slope = (hazard[left] / np.expm1(hazard[left])).sum() - hazard[~left].sum()
        information = float((hazard * hazard / np.expm1(hazard)).sum())
        level += float(np.clip(slope / information, -2, 2))
        if abs(slope) < 1e-9 * len(offset):
            break
    return level, information**-0.5
