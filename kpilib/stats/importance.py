"""How much of the spread of a figure each of several terms explains, when they partly tell the same."""

from collections.abc import Sequence
from math import factorial

import numpy as np

from kpilib.errors import BadInput
from kpilib.stats.linear import Floats

#: More terms than these have too many subsets to go through (two to the power of their number).
MOST_TERMS = 14


def shapley_r2(cross: Floats, terms: Sequence[slice]) -> Floats:
    """Each term's share of the spread of y: what it adds to R², averaged over all orders of entering.

    Parameters
    ----------
    cross : ndarray, shape (k + 1, k + 1)
        Cross products of the k columns and, last, of y; all centred, columns of full rank.
    terms : sequence of slice
        The columns of each term.

    Returns
    -------
    ndarray, shape (len(terms),)
        Sums to R². Without terms, empty; all NaN where y has no spread.

    Raises
    ------
    BadInput
        More than `MOST_TERMS` terms.

    Notes
    -----
    Source: Lindeman, Merenda and Gold (1980); Grömping (2007), The American Statistician 61:139, who calls it LMG. A
    term that only goes along with the cause has a part too: this is no measure of causes.

    Examples
    --------
    >>> shapley_r2(np.array([[1, 0, 0.6], [0, 1, 0.3], [0.6, 0.3, 1]]), [slice(0, 1), slice(1, 2)]).round(2)
    array([0.36, 0.09])
    """
    count = len(terms)
    if count > MOST_TERMS:
        raise BadInput(f"{count} terms have too many subsets; {MOST_TERMS} at most. Leave some out.")
    if cross[-1, -1] <= 0:
        return np.full(count, np.nan)
    explained = np.array([_r2(cross, _columns(terms, subset)) for subset in range(1 << count)])
    subsets = np.arange(1 << count)
    inside = sum((subsets >> term & 1 for term in range(count)), np.zeros(1 << count, int))
    # How many of all orders have just these terms before the next one.
    weight = np.array([factorial(k) * factorial(count - k - 1) / factorial(count) for k in range(count)] + [0.0])
    shares = np.zeros(count)
    for term in range(count):
        without = subsets[subsets >> term & 1 == 0]
        shares[term] = weight[inside[without]] @ (explained[without | 1 << term] - explained[without])
    return shares


def inflation(cross: Floats, terms: Sequence[slice]) -> Floats:
    """How many times wider the variance of each term's effects is because other terms tell the same.

    Parameters
    ----------
    cross : ndarray, shape (k, k)
        Cross products of the centred columns, of full rank.
    terms : sequence of slice
        The columns of each term.

    Returns
    -------
    ndarray, shape (len(terms),)
        1 where a term tells nothing of the others; for a single column the variance inflation factor.

    Notes
    -----
    The generalised factor to the power 1 / columns of the term: Fox and Monette (1992), JASA 87:178.
    """
    scale = np.sqrt(np.diag(cross))
    unit = cross / np.outer(scale, scale)
    whole = np.linalg.slogdet(unit)[1] if len(unit) else 0.0
    made = []
    for term in terms:
        own = np.arange(len(unit))[term]
        rest = np.setdiff1d(np.arange(len(unit)), own)
        parts = sum(np.linalg.slogdet(unit[np.ix_(part, part)])[1] for part in (own, rest) if len(part))
        made.append(float(np.exp((parts - whole) / len(own))))
    return np.array(made)


def _columns(terms: Sequence[slice], subset: int) -> list[int]:
    return [column for at, term in enumerate(terms) if subset >> at & 1 for column in range(term.start, term.stop)]


def _r2(cross: Floats, columns: list[int]) -> float:
    if not columns:
        return 0.0
    with_y = cross[columns, -1]
    solved = np.linalg.solve(cross[np.ix_(columns, columns)], with_y)
    return float(with_y @ solved / cross[-1, -1])
