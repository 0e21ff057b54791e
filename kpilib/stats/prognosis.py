"""How likely each row's outcome was by what is known beside the factor in question, and strata of like risk.

Rows of like prognosis are compared with one another: a handful of strata by predicted risk then balance many factors at
once, as a matched group would.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kpilib.errors import BadInput
from kpilib.stats.intervals import Floats

Whole = NDArray[np.int64]
#: One row's worth of doubt about each level: keeps a level where nobody left from counting as certain.
_RIDGE = 1.0
_STEPS = 50


@dataclass(frozen=True, eq=False)
class Prognosis:
    """A logistic regression on the levels of factors.

    `levels` holds the codes of each factor, `effects` what each adds to the log-odds, `base` the log-odds without any.
    """

    base: float
    levels: dict[str, Whole]
    effects: dict[str, Floats]

    def risk(self, factors: Mapping[str, ArrayLike]) -> Floats:
        """The predicted probability of rows with these levels; a level never seen adds nothing. Shape (n,)."""
        eta: Floats | float = self.base
        for name, known in self.levels.items():
            code = np.asarray(factors[name], np.int64)
            place = np.minimum(np.searchsorted(known, code), len(known) - 1)
            eta = eta + np.where(known[place] == code, self.effects[name][place], 0.0)
        risk: Floats = 1 / (1 + np.exp(-np.asarray(eta, float)))
        return risk


def fit(factors: Mapping[str, ArrayLike], left: ArrayLike) -> Prognosis:
    """Predict an outcome from the levels of factors (main effects).

    Parameters
    ----------
    factors : mapping of str to array_like of int, shape (n,)
        The level of each row, as a whole number.
    left : array_like, shape (n,)
        0 or 1.

    Returns
    -------
    Prognosis
        Without factors, the overall share.

    Raises
    ------
    BadInput
        No rows, or columns of different lengths.

    Notes
    -----
    Source: Hansen (2008), "The prognostic analogue of the propensity score", Biometrika 95:481; with a ridge of one
    (le Cessie and van Houwelingen 1992, Applied Statistics 41:191), so that a level without the outcome keeps a finite
    effect. Misleads where two factors work together in a way that neither shows alone.
    """
    y = np.asarray(left, float)
    codes = {name: np.asarray(column, np.int64) for name, column in factors.items()}
    if not len(y) or any(column.shape != y.shape for column in codes.values()):
        raise BadInput("A prognosis needs rows, and a level of each factor for every row.")
    places = {name: np.unique(column, return_inverse=True) for name, column in codes.items()}
    cell, rows, lost = _patterns([place for _, place in places.values()], [len(k) for k, _ in places.values()], y)
    blocks, at = [np.ones((len(rows), 1))], cell
    for known, _ in reversed(places.values()):
        blocks.insert(1, np.eye(len(known))[at % len(known)])
        at = at // len(known)
    effects = _solve(np.hstack(blocks), rows, lost)
    ends = np.cumsum([1, *(len(known) for known, _ in places.values())])
    return Prognosis(
        float(effects[0]),
        {name: known for name, (known, _) in places.items()},
        {name: effects[ends[i] : ends[i + 1]] for i, name in enumerate(places)},
    )


def _patterns(places: list[Whole], sizes: list[int], y: Floats) -> tuple[Whole, Floats, Floats]:
    """Distinct combinations of levels as one number, with their rows and those that left."""
    code = np.zeros(len(y), np.int64)
    for place, size in zip(places, sizes, strict=True):
        code = code * size + place
    cell, where, rows = np.unique(code, return_inverse=True, return_counts=True)
    return cell, rows.astype(np.float64), np.bincount(where, weights=y).astype(np.float64)


def _solve(design: Floats, rows: Floats, lost: Floats) -> Floats:
    """Penalised maximum likelihood by Newton's method; the first column is not penalised."""
    penalty = np.full(design.shape[1], _RIDGE)
    penalty[0] = 0
    start = (lost.sum() + 0.5) / (rows.sum() + 1)
    beta = np.zeros(design.shape[1])
    beta[0] = np.log(start / (1 - start))
    for _ in range(_STEPS):
        p = 1 / (1 + np.exp(-np.clip(design @ beta, -30, 30)))
        slope = design.T @ (lost - rows * p) - penalty * beta
        matrix = (design * (rows * p * (1 - p))[:, None]).T @ design + np.diag(penalty + 1e-9)
        step = np.clip(np.linalg.solve(matrix, slope), -2, 2)
        beta = beta + step
        if np.abs(step).max() < 1e-8:
            break
    return beta


@dataclass(frozen=True, eq=False)
class Strata:
    """Groups of like risk within classes: `edges` has one line of inner edges a class."""

    edges: Floats

    def place(self, within: ArrayLike, risk: ArrayLike) -> Whole:
        """The stratum of each row, 0, 1, …; `within` is the row's class, 0, 1, …"""
        of, p = np.asarray(within, np.int64), np.asarray(risk, float)
        place: Whole = of * (self.edges.shape[1] + 1)
        for one, edges in enumerate(self.edges):
            place[of == one] += np.searchsorted(edges, p[of == one])
        return place


def strata(within: ArrayLike, risk: ArrayLike, parts: int) -> Strata:
    """Divide rows into parts of about one size by their risk, within classes.

    Parameters
    ----------
    within : array_like of int, shape (n,)
        The class of each row, 0, 1, …: classes are never mixed.
    risk : array_like, shape (n,)
        Predicted risks.
    parts : int
        Strata a class; five remove about nine tenths of the bias, eight 95 %.

    Returns
    -------
    Strata
        Equal risks are never divided, so that there may be fewer.

    Raises
    ------
    BadInput
        Fewer than one part.

    Notes
    -----
    Source: Cochran (1968), Biometrics 24:295.

    Examples
    --------
    >>> made = strata([0, 0, 0, 0], [0.1, 0.2, 0.3, 0.4], 2)
    >>> made.place([0, 0, 0, 0], [0.1, 0.2, 0.3, 0.4]).tolist()
    [0, 0, 1, 1]
    """
    if parts < 1:
        raise BadInput(f"Rows are divided into one part at least; {parts} were asked for.")
    of, p = np.asarray(within, np.int64), np.asarray(risk, float)
    at = np.arange(1, parts) / parts
    lines = [
        np.quantile(p[of == one], at, method="inverted_cdf") if (of == one).any() else np.full(parts - 1, np.inf)
        for one in range(int(of.max(initial=0)) + 1)
    ]
    return Strata(np.array(lines, float).reshape(len(lines), parts - 1))
