"""Rows counted by score: how many there are, how many left, stratum by stratum; the raw picture before any model.

A score is any ordered number with few values: 0–10, 1–10, stars 1–5. Lower is meant to be worse.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from kpilib.errors import BadInput
from kpilib.stats.intervals import Floats, wilson

#: More distinct scores than this are no scale of answers; they are to be put into groups first.
MOST_SCORES = 101
#: Parts into which customers are divided, so that a cut is judged on customers that did not choose it.
FOLDS = 5


@dataclass(frozen=True, eq=False)
class Grouped:
    """Rows counted by part of the customers, stratum and score.

    Attributes
    ----------
    scores : ndarray, shape (s,)
        Distinct scores, ascending.
    rows, left : ndarray, shape (folds, strata, s)
        Rows, and those of them with the outcome.
    customers : int
        Distinct customers behind the rows.
    """

    scores: Floats
    rows: Floats
    left: Floats
    customers: int

    @property
    def by_stratum(self) -> tuple[Floats, Floats]:
        """Those that left, and rows, shape (strata, s)."""
        return self.left.sum(0), self.rows.sum(0)

    @property
    def by_score(self) -> tuple[Floats, Floats]:
        """Those that left, and rows, shape (s,)."""
        return self.left.sum((0, 1)), self.rows.sum((0, 1))


def grouped(
    score: ArrayLike,
    left: ArrayLike,
    strata: ArrayLike | None = None,
    customer: ArrayLike | None = None,
    seed: int = 0,
) -> Grouped:
    """Count rows by score, by stratum and by part of the customers.

    Parameters
    ----------
    score : array_like, shape (n,)
        The score known before the outcome; NaN (no score) is left out.
    left : array_like, shape (n,)
        1 if the customer then left, else 0.
    strata : array_like, shape (n,), optional
        Rows are compared only within a stratum (segment, month, …); one for all by default.
    customer : array_like, shape (n,), optional
        Whose row it is: all rows of a customer go into one part. Each row its own customer by default.
    seed : int
        Of the division of the customers into parts.

    Returns
    -------
    Grouped
        Without rows, of shape (FOLDS, 1, 0).

    Raises
    ------
    BadInput
        Columns of different lengths, an outcome that is not 0 or 1, more than 101 distinct scores.
    """
    s, y = np.asarray(score, float), np.asarray(left, float)
    k = np.zeros(s.shape, int) if strata is None else _codes(strata)
    c = np.arange(s.size) if customer is None else _codes(customer)
    _check(s, y, k, c)
    seen = ~np.isnan(s)
    s, y, k, c = s[seen], y[seen], k[seen], c[seen]
    scores, place = np.unique(s, return_inverse=True)
    if len(scores) > MOST_SCORES:
        raise BadInput(f"{len(scores)} distinct scores were given; put them into at most {MOST_SCORES} groups first.")
    strata_left, k = np.unique(k, return_inverse=True)
    fold = _parts(c, seed)
    shape = (FOLDS, max(len(strata_left), 1), len(scores))
    cell = (fold * shape[1] + k) * shape[2] + place
    size = int(np.prod(shape))
    rows = np.bincount(cell, minlength=size)[:size].reshape(shape).astype(np.float64)
    lost = np.bincount(cell, weights=y, minlength=size)[:size].reshape(shape).astype(np.float64)
    return Grouped(scores, rows, lost, len(np.unique(c)))


def _codes(labels: ArrayLike) -> NDArray[np.int64]:
    given = np.asarray(labels)
    if given.dtype.kind in "iu":
        return given.astype(np.int64)
    return pd.factorize(given)[0].astype(np.int64)


def _check(s: Floats, y: Floats, k: NDArray[np.int64], c: NDArray[np.int64]) -> None:
    if s.ndim != 1 or not s.shape == y.shape == k.shape == c.shape:
        shapes = ", ".join(str(one.shape) for one in (s, y, k, c))
        raise BadInput(f"Scores, outcomes, strata and customers must be columns of one length; shapes {shapes} came.")
    wrong = ~((y == 0) | (y == 1))
    if wrong.any():
        raise BadInput(f"Outcomes must be 0 or 1; {wrong.sum()} are not, the first at row {wrong.argmax()}.")


def _parts(customer: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """The part of each row, the same for all rows of a customer; parts of about one size."""
    known, place = np.unique(customer, return_inverse=True)
    order = np.random.default_rng(seed).permutation(len(known))
    part: NDArray[np.int64] = (order % FOLDS)[place]
    return part


def bars(counts: Grouped, confidence: float = 0.95) -> pd.DataFrame:
    """The raw share that left at each score, with its interval and the isotonic fit.

    Parameters
    ----------
    counts : Grouped
        What `grouped` counted.
    confidence : float
        Confidence of the intervals.

    Returns
    -------
    DataFrame
        One row a score, ascending: `score`, `rows`, `left`, `share`, `low`, `high` (Wilson), `isotonic`.

    Notes
    -----
    Misleads where strata differ in both score and risk: the bars are not adjusted, the cut is.
    """
    left, rows = counts.by_score
    low, high = wilson(left, rows, confidence)
    isotonic = falling(left / rows, rows)
    return pd.DataFrame(
        {
            "score": counts.scores,
            "rows": rows.astype(int),
            "left": left.astype(int),
            "share": left / rows,
            "low": low,
            "high": high,
            "isotonic": isotonic,
        }
    )


def falling(share: ArrayLike, weights: ArrayLike) -> Floats:
    """The shares nearest to those given that never rise from one score to the next (isotonic regression).

    Parameters
    ----------
    share, weights : array_like, shape (s,)
        Shares by ascending score, and their rows (more than 0).

    Returns
    -------
    ndarray, shape (s,)
        Empty in, empty out.

    Notes
    -----
    Source: Barlow et al. (1972), Statistical Inference under Order Restrictions. Misleads at the ends, which it
    overfits, and where the risk does rise again.

    Examples
    --------
    >>> falling([0.4, 0.2, 0.3], [1, 1, 1])
    array([0.4 , 0.25, 0.25])
    """
    from scipy.optimize import isotonic_regression

    given = np.asarray(share, float)
    if not given.size:
        return given
    fitted: Floats = isotonic_regression(given, weights=np.asarray(weights, float), increasing=False).x
    return fitted
