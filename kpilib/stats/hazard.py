"""What goes along with leaving: Cox's model and its discrete-time twin, on rows of one customer and one month each.

With the calendar month as the time scale every row belongs to one risk set, the customers of its month, so that a step
of Newton's method is a few sums over rows; millions of rows fit in memory and seconds. Lives given as start and stop
are first written as such rows (`risk_rows`). What a row of a KPI is, is not known here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kpilib.errors import BadInput
from kpilib.stats.intervals import Band, Floats, normal_quantile

Whole = NDArray[np.int64]
#: Newton's method stops when a step promises less than this in log-likelihood.
SETTLED = 1e-10
STEPS = 40
#: A covariate that moves the hazard e^15-fold between two rows has a coefficient on its way to infinity.
ENDLESS = 15.0
_BLOCK = 256
#: Rows beyond which a first guess is made on every eighth row.
MANY = 400_000


@dataclass(frozen=True, eq=False)
class Hazards:
    """A fitted model of leaving.

    Attributes
    ----------
    coefficients : ndarray, shape (p,)
        Log hazard ratios, one a covariate.
    naive, covariance : ndarray, shape (p, p)
        Their covariance from the information matrix, and the one that allows rows of one customer to depend on each
        other (the same where no customers were given).
    loglik, null_loglik : float
        Log-likelihood of the model and of the model without covariates.
    settled : bool
        False where no finite maximum was found: a covariate tells all who leave from all who stay (separation), or
        follows from others. The numbers then mean nothing.
    baseline : ndarray, shape (k,)
        Of the discrete model, the log hazard of each period for covariates of 0; empty for Cox's.
    whole : ndarray, shape (k + p, k + p)
        Of the discrete model, the covariance of baseline and coefficients together; that of the coefficients for Cox's.
    runaway : int
        Where `settled` is False, the covariate whose coefficient had gone farthest; −1 else.
    """

    coefficients: Floats
    naive: Floats
    covariance: Floats
    loglik: float
    null_loglik: float
    settled: bool
    baseline: Floats = field(default_factory=lambda: np.empty(0))
    whole: Floats = field(default_factory=lambda: np.empty((0, 0)))
    runaway: int = -1

    @property
    def errors(self) -> Floats:
        """Standard errors of the coefficients, from `covariance`."""
        return np.sqrt(np.maximum(np.diag(self.covariance), 0))

    def ratios(self, confidence: float = 0.95) -> tuple[Floats, Floats, Floats]:
        """Hazard ratios with their intervals: value, low, high, each of shape (p,)."""
        reach = normal_quantile(confidence) * self.errors
        with np.errstate(over="ignore"):
            ends: Band = np.exp(self.coefficients - reach), np.exp(self.coefficients + reach)
        return np.exp(self.coefficients), *ends

    @property
    def p(self) -> Floats:
        """Two-sided p-value of each coefficient (Wald), shape (p,)."""
        from scipy.special import ndtr

        z = np.divide(self.coefficients, self.errors, out=np.full_like(self.errors, np.nan), where=self.errors > 0)
        return 2 * ndtr(-np.abs(z))

    def together(self, which: ArrayLike) -> tuple[float, int, float]:
        """Whether some coefficients are all 0, tested at once (Wald): chi2, degrees of freedom, p."""
        from scipy.special import chdtrc

        at = np.atleast_1d(np.asarray(which, int))
        inverse = np.linalg.pinv(self.covariance[np.ix_(at, at)], hermitian=True)
        chi2 = float(self.coefficients[at] @ inverse @ self.coefficients[at])
        return chi2, len(at), float(chdtrc(len(at), chi2))

    def against_null(self) -> tuple[float, int, float]:
        """Likelihood ratio against the model without covariates: chi2, degrees of freedom, p."""
        from scipy.special import chdtrc

        chi2, df = max(2 * (self.loglik - self.null_loglik), 0.0), len(self.coefficients)
        return chi2, df, float(chdtrc(df, chi2)) if df else float("nan")


def checked_rows(sets: ArrayLike, event: ArrayLike, x: ArrayLike) -> tuple[Whole, NDArray[np.bool_], NDArray]:
    """Check that rows fit together and are sorted by set; return sets, events, covariates."""
    of, left, wide = np.asarray(sets, np.int64), np.asarray(event), np.asarray(x)
    if wide.ndim != 2 or of.shape != (len(wide),) or left.shape != of.shape:
        raise BadInput(
            f"Covariates are a table of rows × columns with one set and one event a row; shapes {wide.shape}, "
            f"{of.shape} and {left.shape} came."
        )
    if not np.isfinite(wide.sum(dtype=float)) and not np.isfinite(wide).all():
        row, column = np.argwhere(~np.isfinite(wide))[0]
        raise BadInput(f"Covariates must be known: row {row}, column {column} is {wide[row, column]}. Fill it in.")
    if (np.diff(of) < 0).any():
        raise BadInput("Rows must be sorted by set; sort sets, events, covariates and groups alike first.")
    return of, left.astype(bool), wide


def risk_rows(
    start: ArrayLike, stop: ArrayLike, event: ArrayLike, strata: ArrayLike | None = None
) -> tuple[Whole, Whole, NDArray[np.bool_]]:
    """Lives in start–stop form, written as one row for each risk set that a life belongs to.

    Parameters
    ----------
    start, stop : array_like, shape (n,)
        Each row is at risk after `start` up to and with `stop`; one customer may have several rows.
    event : array_like, shape (n,)
        1 if it left at `stop`.
    strata : array_like, shape (n,), optional
        Groups with a baseline hazard of their own.

    Returns
    -------
    rows, sets, left : ndarray, shape (m,)
        For each new row: the row it comes from, its risk set (sorted), whether it left in that set. At most n × the
        number of distinct times of leaving: for large data give months as sets at once.

    Raises
    ------
    BadInput
        A stop not above its start.
    """
    begin, end, left = np.asarray(start, float), np.asarray(stop, float), np.asarray(event).astype(bool)
    if begin.shape != end.shape or not (begin < end).all():
        raise BadInput("Each row needs a stop above its start; at least one has not.")
    stratum = np.zeros(len(end), int) if strata is None else np.unique(np.asarray(strata), return_inverse=True)[1]
    rows, sets, leaving = [np.empty(0, np.int64)], [np.empty(0, np.int64)], [np.empty(0, bool)]
    for number, (one, time) in enumerate(sorted(set(zip(stratum[left].tolist(), end[left].tolist(), strict=True)))):
        at_risk = np.flatnonzero((stratum == one) & (begin < time) & (end >= time))
        rows.append(at_risk)
        sets.append(np.full(len(at_risk), number))
        leaving.append(left[at_risk] & (end[at_risk] == time))
    return np.concatenate(rows), np.concatenate(sets), np.concatenate(leaving)


def blocks(sets: Whole) -> Iterator[slice]:
    """The rows of each set, one after the other."""
    edges = np.flatnonzero(np.diff(sets, prepend=-1, append=np.iinfo(np.int64).max))
    for begin, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        yield slice(begin, end)


def gram(x: Floats) -> Floats:
    """xᵀx of a long and narrow table, block by block.

    Asked for all of it at once, the linear algebra starts threads that wait for each other: twenty times the work.
    `along` and `weighed` go by blocks for the same reason.
    """
    cut, rest = _cut(x)
    return np.matmul(cut.transpose(0, 2, 1), cut).sum(0) + rest.T @ rest


def along(x: Floats, values: Floats) -> Floats:
    """x·v of each row, shape (n,)."""
    cut, rest = _cut(x)
    return np.concatenate([np.matmul(cut, values).ravel(), rest @ values])


def weighed(weights: Floats, x: Floats) -> Floats:
    """The weighted sum of the rows, shape (p,)."""
    cut, rest = _cut(x)
    whole = len(x) - len(rest)
    return np.matmul(weights[:whole].reshape(len(cut), 1, _BLOCK), cut).sum((0, 1)) + weights[whole:] @ rest


def _cut(x: Floats) -> tuple[Floats, Floats]:
    """A table as whole blocks, shape (blocks, rows, p), and what is left."""
    whole = len(x) // _BLOCK * _BLOCK
    return x[:whole].reshape(-1, _BLOCK, x.shape[1]), x[whole:]


def sandwich(naive: Floats, summed: Floats) -> Floats:
    """Covariance that allows rows of one group to depend on each other: naive · Σ u uᵀ · naive.

    `summed` holds the score residuals added up within each group, shape (groups, p).
    """
    return naive @ gram(summed) @ naive


def add_to_groups(summed: Floats, groups: Whole, scores: Floats) -> None:
    """Add rows' scores, shape (n, p), to their groups' lines of `summed`, in place; a group may come up twice."""
    for column, values in enumerate(scores.T):
        summed[:, column] += np.bincount(groups, weights=values, minlength=len(summed))


def inverse(information: Floats) -> Floats | None:
    """The inverse of an information matrix; None where a covariate follows from the others."""
    scale = np.sqrt(np.maximum(np.diag(information), 0))
    if not (scale > 0).all():
        return None
    even = information / np.outer(scale, scale)
    if not np.isfinite(even).all() or np.linalg.cond(even) > 1e10:
        return None
    return np.linalg.inv(even) / np.outer(scale, scale)


#: Log-likelihood, its gradient and its information at some coefficients.
Height = tuple[float, Floats, Floats]


def climb(at: Callable[[Floats], Height], start: Floats) -> tuple[Floats, Height, bool]:
    """The coefficients where the log-likelihood is highest, by Newton's method with halved steps.

    Parameters
    ----------
    at : callable
        Gives log-likelihood, gradient and information at given coefficients.
    start : ndarray, shape (p,)
        Where to begin.

    Returns
    -------
    coefficients, height, settled
        The last point reached, what `at` gives there, and whether it is a maximum.
    """
    here, height = start, at(start)
    for _ in range(STEPS):
        back = inverse(height[2])
        if back is None:
            return here, height, False
        step = back @ height[1]
        if height[1] @ step < SETTLED:
            return here, height, True
        moved = _uphill(at, here, step, height[0])
        if moved is None:  # what is left to gain is lost in rounding
            return here, height, bool(height[1] @ step < 1e-4)
        here, height = moved
    return here, height, False


def _uphill(at: Callable[[Floats], Height], here: Floats, step: Floats, reached: float) -> tuple[Floats, Height] | None:
    """The first of the step, its half, its quarter … that does not lead down."""
    for share in 0.5 ** np.arange(12):
        height = at(here + share * step)
        if height[0] >= reached:
            return here + share * step, height
    return None


def reach(coefficients: Floats, x: NDArray) -> Floats:
    """How far each covariate moves the log hazard between its lowest and its highest value, shape (p,)."""
    if not x.size:
        return np.zeros(len(coefficients))
    return np.abs(np.nan_to_num(coefficients)) * (x.max(0) - x.min(0))
