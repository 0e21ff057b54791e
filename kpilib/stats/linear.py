"""Least squares where rows of one customer are not independent: effects, their errors, tests of several at once.

The errors are those of leaving out one customer after the other, which stays honest when a few customers weigh much.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kpilib.errors import BadInput

Floats = NDArray[np.float64]
#: A part of a column below this share is rounding, not information.
TINY = 1e-9


class Effects(NamedTuple):
    """Combinations of coefficients, one position each; `p` two-sided against 0."""

    value: Floats
    low: Floats
    high: Floats
    p: Floats


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted regression.

    Attributes
    ----------
    coefficients : ndarray, shape (k,)
        In units of y for a unit of the column.
    covariance : ndarray, shape (k, k)
        Of the coefficients, by leaving out one customer after the other.
    r2 : float
        Share of the spread of y (about its mean) that the columns explain; NaN where y has none.
    rows, customers : int
        What it rests on.
    size : float
        Of the values of y (root mean square): errors far below it are rounding.
    """

    coefficients: Floats
    covariance: Floats
    r2: float
    rows: int
    customers: int
    size: float

    def effects(self, combinations: ArrayLike, confidence: float = 0.95) -> Effects:
        """Sums of coefficients, each with its t interval (customers − 1 degrees of freedom).

        Parameters
        ----------
        combinations : array_like, shape (m, k) or (k,)
            What each coefficient weighs in each sum.
        confidence : float
            Of the intervals.

        Returns
        -------
        Effects
            Of shape (m,). Where customers do not differ at all, nothing is known of how they might: low, high and p are
            NaN, never an interval without width.
        """
        from scipy.special import stdtr, stdtrit

        c = np.atleast_2d(np.asarray(combinations, float))
        value = c @ self.coefficients
        degrees, error = self.customers - 1, self._errors(c)
        half = stdtrit(degrees, (1 + confidence) / 2) * error
        return Effects(value, value - half, value + half, 2 * stdtr(degrees, -np.abs(value / error)))

    def _errors(self, c: Floats) -> Floats:
        error = np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", c, self.covariance, c), 0))
        return np.where(error > TINY * self.size, error, np.nan)

    def together(self, combinations: ArrayLike) -> float:
        """p-value that all these sums of coefficients are 0 at once (Wald, with Hotelling's degrees of freedom).

        Parameters
        ----------
        combinations : array_like, shape (m, k)
            Linearly independent.

        Returns
        -------
        float
            NaN without a combination, with as many as customers, or where customers do not differ at all.
        """
        from scipy.special import fdtrc

        c = np.atleast_2d(np.asarray(combinations, float))
        m, spare = len(c), self.customers - len(c)
        if c.size == 0 or spare < 1 or np.isnan(self._errors(c)).all():
            return float("nan")
        value = c @ self.coefficients
        statistic = float(value @ np.linalg.pinv(c @ self.covariance @ c.T, hermitian=True) @ value)
        return float(fdtrc(m, spare, statistic * spare / (m * (self.customers - 1))))


def fit(x: ArrayLike, y: ArrayLike, customer: ArrayLike | None = None, absorbed: int = 0) -> Fit:
    """Least squares of y on the columns of x, errors robust to rows of one customer.

    Parameters
    ----------
    x : array_like, shape (n, k)
        Columns, the constant among them where one is wanted; of full rank.
    y : array_like, shape (n,)
        What is to be explained.
    customer : array_like, shape (n,), optional
        Whose each row is; each row a customer of its own by default.
    absorbed : int
        How many means were taken out of x and y beforehand (see `without_means`).

    Returns
    -------
    Fit
        Coefficients in the order of the columns.

    Raises
    ------
    BadInput
        Columns that are sums of others, no more rows than columns, fewer than two customers, a value missing.

    Notes
    -----
    The covariance is the jackknife by cluster, (G − 1)/G Σ (β₍g₎ − β)(β₍g₎ − β)ᵀ: Bell and McCaffrey (2002), Survey
    Methodology 28:169; MacKinnon, Nielsen and Webb (2023), Journal of Econometrics 232:272. It is a little too wide
    where the usual sandwich is too narrow. Misleads when whole groups of customers move together.
    """
    design, target = np.asarray(x, float), np.asarray(y, float)
    n, k = _checked(design, target, absorbed)
    whose = np.arange(n) if customer is None else np.unique(np.asarray(customer), return_inverse=True)[1]
    sizes = np.bincount(whose)
    if len(sizes) < 2:
        raise BadInput(f"Errors by customer need two customers, {len(sizes)} came.")
    scale = np.sqrt((design**2).sum(axis=0))
    if rank(design.T @ design) < k:
        raise BadInput("A column is a sum of others; leave out those that say the same twice.")
    design = design / scale  # columns of one length: days and thousands of euros alike
    cross = design.T @ design
    inverse = np.linalg.inv(cross)
    beta = inverse @ (design.T @ target)
    left = target - design @ beta
    moved = _without_each(design, left, inverse, cross, whose, sizes) / scale
    groups = len(sizes)
    spread = float(((target - target.mean()) ** 2).sum())
    squares = float(target @ target)
    r2 = 1 - float(left @ left) / spread if spread > TINY * squares else float("nan")
    return Fit(beta / scale, (groups - 1) / groups * moved.T @ moved, r2, n, groups, float(np.sqrt(squares / n)))


def without_means(values: ArrayLike, cell: ArrayLike) -> Floats:
    """Columns less their mean within each cell: what is left once all that a cell's rows share is taken out.

    Parameters
    ----------
    values : array_like, shape (n,) or (n, k)
        Numbers.
    cell : array_like of int, shape (n,)
        Numbers of the cells, from 0.

    Returns
    -------
    ndarray
        Of the shape of `values`. A row alone in its cell becomes 0 and says nothing.

    Notes
    -----
    A regression of what is left gives the coefficients that a column for each cell would give (Frisch and Waugh 1933,
    Econometrica 1:387).
    """
    x, place = np.asarray(values, float), np.asarray(cell, int)
    columns = x.reshape(len(x), -1).T
    counts = np.maximum(np.bincount(place), 1)
    out = np.stack([c - (np.bincount(place, weights=c) / counts)[place] for c in columns], axis=-1)
    return out.reshape(x.shape)


def rank(cross: Floats) -> int:
    """How many of the columns of a cross-product matrix XᵀX are no sum of others."""
    scale = np.sqrt(np.maximum(np.diag(cross), 0))
    alive = scale > 0
    unit = cross[np.ix_(alive, alive)] / np.outer(scale[alive], scale[alive])
    return int((np.linalg.eigvalsh(unit) > TINY).sum()) if alive.any() else 0


def _checked(x: Floats, y: Floats, absorbed: int) -> tuple[int, int]:
    if x.ndim != 2 or y.shape != x.shape[:1]:
        raise BadInput(f"Columns of shape (n, k) and n values are needed; shapes {x.shape} and {y.shape} came.")
    n, k = x.shape
    if n <= k + absorbed:
        raise BadInput(f"{n} rows cannot tell {k + absorbed} columns apart; take fewer columns.")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise BadInput("A value is missing; leave out its row, or fill it in.")
    return n, k


def _without_each(
    x: Floats, left: Floats, inverse: Floats, cross: Floats, whose: NDArray[np.int64], sizes: NDArray[np.int64]
) -> Floats:
    """How far the coefficients move when each customer is left out, shape (G, k): customers of one size at a time."""
    order = np.argsort(whose, kind="stable")
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    moved = np.empty((len(sizes), x.shape[1]))
    for size in np.unique(sizes):
        which = np.flatnonzero(sizes == size)
        rows = order[starts[which][:, None] + np.arange(size)]
        moved[which] = _moved(x[rows], left[rows], inverse, cross)
    return moved


def _moved(x: Floats, left: Floats, inverse: Floats, cross: Floats) -> Floats:
    """The same for a stack of customers of one size, x of shape (g, size, k): by rows, or by columns where fewer."""
    _, size, k = x.shape
    turned = np.swapaxes(x, 1, 2)
    if size <= k:
        inner = np.eye(size) - x @ inverse @ turned
        pull = np.linalg.pinv(inner, rcond=TINY, hermitian=True) @ left[..., None]
        return -(inverse @ turned @ pull)[..., 0]
    rest = cross - turned @ x
    return -(np.linalg.pinv(rest, rcond=TINY, hermitian=True) @ (turned @ left[..., None]))[..., 0]
