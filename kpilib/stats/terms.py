"""From named numbers and levels to the columns of a regression: what is left out, and why; what is taken together.

Levels are held against the mean over all rows, not against one of them; the one of two against the other.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kpilib.stats.importance import MOST_TERMS
from kpilib.stats.linear import TINY, Floats

Whole = NDArray[np.int64]

#: Customers for each column: with fewer, effects are luck (Harrell 2015, Regression Modeling Strategies, §4.4).
PER_COLUMN = 10
#: A dimension of more members has no room on a page, nor each member answers enough.
MOST_LEVELS = 40
#: Rows and customers that a level needs to stand for itself; those below are taken together as `OTHER`.
FEWEST_ROWS, FEWEST_CUSTOMERS = 30, 20
OTHER = "(other)"


@dataclass(frozen=True, eq=False)
class Term:
    """One thing that may move the score.

    Attributes
    ----------
    name, kind : str
        "number" or "level".
    columns : ndarray, shape (n, j)
        Centred.
    levels : tuple of str
        The levels shown; ("",) for a number.
    combinations : ndarray, shape (len(levels), j)
        What the term's coefficients weigh in the effect of each level shown.
    rows, customers : tuple of int
        Of each level shown; for a number, where it is not 0.
    spread : float
        Standard deviation of a number; 1 for levels.
    against : str
        The level of two that the other is held against; "" for the mean over rows.
    within : str
        The earlier term among whose levels these are compared; "" for all rows.
    place : ndarray of int, shape (n,), or None
        The level of each row, before any were taken together.
    crossed : dict
        Cross products with the columns of other terms by name, as they were needed.
    """

    name: str
    kind: str
    columns: Floats
    levels: tuple[str, ...]
    combinations: Floats
    rows: tuple[int, ...]
    customers: tuple[int, ...]
    spread: float
    against: str = ""
    within: str = ""
    place: Whole | None = None
    crossed: dict[str, Floats] = field(default_factory=dict, repr=False)


@dataclass(eq=False)
class Terms:
    """The terms that can be told apart, and what became of the others."""

    kept: list[Term] = field(default_factory=list)
    dropped: list[dict[str, str]] = field(default_factory=list)
    pooled: list[dict[str, Any]] = field(default_factory=list)

    @property
    def slices(self) -> list[slice]:
        """The columns of each term among all of them."""
        ends = np.cumsum([0, *(term.columns.shape[1] for term in self.kept)]).tolist()
        return [slice(a, b) for a, b in itertools.pairwise(ends)]

    def matrix(self) -> Floats:
        """All columns side by side, shape (n, k)."""
        return np.concatenate([term.columns for term in self.kept], axis=1)


def terms(numbers: Mapping[str, ArrayLike], levels: Mapping[str, ArrayLike], customer: ArrayLike) -> Terms:
    """The columns of a regression on these numbers and levels, in their order: what says the same twice is left out.

    Parameters
    ----------
    numbers : mapping of str to array_like, shape (n,)
        NaN where not known: filled with the mean, the number left out where half or more is missing.
    levels : mapping of str to array_like of str, shape (n,)
        Members of a dimension. Where they go with the members of an earlier one (services that only touch some
        moments), they are compared within those alone.
    customer : array_like of int, shape (n,)
        Whose each row is.

    Returns
    -------
    Terms
        `dropped` has term, reason and same_as. Reasons: "empty" (not known for half), "one_level" (alike everywhere),
        "too_few" (other than the rest in too few rows, or of too few customers), "same_as" (told by the terms before
        it; `same_as` names one that tells it alone, else "others"), "too_many" (more than `MOST_LEVELS` members),
        "no_room" (fewer than `PER_COLUMN` customers for each column of it and those before, or `MOST_TERMS` before it).
    """
    made, whose = Terms(), np.asarray(customer, int)
    room = len(np.unique(whose)) // PER_COLUMN
    for name, given in (*numbers.items(), *levels.items()):
        if name in levels:
            one = _level(name, np.asarray(given, object).astype(str), whose, made)
        else:
            one = _number(name, np.asarray(given, float), whose)
        width = 0 if isinstance(one, str) else one.columns.shape[1]
        if isinstance(one, str):
            made.dropped.append({"term": name, "reason": one, "same_as": ""})
        elif told := _told_by(one, made.kept):
            made.dropped.append({"term": name, "reason": "same_as", "same_as": told})
        elif width > room or len(made.kept) == MOST_TERMS:
            made.dropped.append({"term": name, "reason": "no_room", "same_as": ""})
        else:
            made.kept.append(one)
            room -= width
    return made


def _number(name: str, x: Floats, whose: Whole) -> Term | str:
    known = np.isfinite(x)
    if 2 * known.sum() <= len(x):
        return "empty"
    x = np.where(known, x, x[known].mean())
    spread = float(x.std())
    if spread <= TINY * max(float(np.abs(x).max()), 1.0):
        return "one_level"
    values, counts = np.unique(x, return_counts=True)
    rare = x != values[counts.argmax()]
    if not _enough(rare, whose):
        return "too_few"
    rows, customers = int((x != 0).sum()), len(np.unique(whose[x != 0]))
    return Term(name, "number", (x - x.mean())[:, None], ("",), np.eye(1), (rows,), (customers,), spread)


def _level(name: str, x: NDArray[Any], whose: Whole, made: Terms) -> Term | str:
    names, place, counts = np.unique(_together(name, x, whose, made), return_inverse=True, return_counts=True)
    if not 1 < len(names) <= MOST_LEVELS:
        return "one_level" if len(names) < 2 else "too_many"
    able = np.array([_enough(place == at, whose) for at in range(len(names))])
    if able.sum() < 2:
        return "too_few"
    part, within = _parts(place, len(names), made.kept)
    # The largest level of each part has no column; the others are what they are beyond it.
    largest = [max(np.flatnonzero(part == one), key=lambda at: counts[at]) for one in np.unique(part)]
    rest = np.setdiff1d(np.arange(len(names)), largest)
    together = part[:, None] == part
    effect = np.eye(len(names)) - together * counts / (together * counts).sum(axis=1, keepdims=True)
    shown = np.flatnonzero(able & (together.sum(axis=1) > 1))
    against = ""
    if len(names) == 2 and not within:
        against, shown, effect = str(names[largest[0]]), rest, np.eye(2)
    columns = (place[:, None] == rest).astype(float)
    return Term(
        name, "level", columns - columns.mean(axis=0), tuple(str(names[at]) for at in shown),
        effect[np.ix_(shown, rest)], tuple(int(counts[at]) for at in shown),
        tuple(len(np.unique(whose[place == at])) for at in shown), 1.0, against, within,
        np.unique(x, return_inverse=True)[1],
    )  # fmt: skip


def _parts(place: Whole, size: int, kept: list[Term]) -> tuple[Whole, str]:
    """Which levels can be compared with each other beside an earlier term: a part for each level, and that term.

    Two levels are of one part if a chain of rows links them through the earlier term's levels; levels of two parts
    never meet alike rows. All are of one part where no earlier term splits them.
    """
    for term in kept:
        if term.place is None:
            continue
        meets = np.zeros((size, int(term.place.max()) + 1), bool)
        meets[place, term.place] = True
        linked = meets @ meets.T
        for _ in range(size):
            linked = linked @ linked
        part = linked.argmax(axis=1)
        if part.any():
            return np.asarray(part, np.int64), term.name
    return np.zeros(size, np.int64), ""


def _together(name: str, x: NDArray[Any], whose: Whole, made: Terms) -> NDArray[Any]:
    """The levels with those of too few rows or customers as one."""
    few = [str(level) for level in np.unique(x) if not _enough(x == level, whose)]
    if len(few) < 2:
        return x
    made.pooled.append({"term": name, "levels": few})
    return np.where(np.isin(x, few), OTHER, x)


def _enough(rows: NDArray[np.bool_], whose: Whole) -> bool:
    return int(rows.sum()) >= FEWEST_ROWS and len(np.unique(whose[rows])) >= FEWEST_CUSTOMERS


def _told_by(one: Term, kept: list[Term]) -> str:
    """Which term already tells (a part of) this one: the first that does so alone, else "others"; "" where none."""
    if one.columns.shape[1] == 0:
        return one.within
    if not kept or not _part_told(one, kept):
        return ""
    return next((term.name for term in kept if _part_told(one, [term])), "others")


def _part_told(one: Term, kept: list[Term]) -> bool:
    """Whether some sum of the term's columns is a sum of the columns of others."""
    columns = [*kept, one]
    cross = np.block([[_cross(a, b) for b in columns] for a in columns])
    scale = np.sqrt(np.diag(cross))
    cross = cross / np.outer(scale, scale)
    before = len(cross) - one.columns.shape[1]
    told, across = cross[:before, :before], cross[:before, before:]
    left = cross[before:, before:] - across.T @ np.linalg.pinv(told, hermitian=True) @ across
    # Of full rank within itself, a term of which something is told has a direction with nothing left.
    return bool(np.linalg.eigvalsh(left)[0] < 1e-7)


def _cross(a: Term, b: Term) -> Floats:
    """The cross products of two terms' columns, each pair multiplied once."""
    if b.name not in a.crossed:
        a.crossed[b.name] = a.columns.T @ b.columns
        b.crossed[a.name] = a.crossed[b.name].T
    return a.crossed[b.name]
