"""Which terms a model of leaving can have on these data, and the table of covariates that they make.

A term that these data cannot tell anything of is left out, with the reason: it has one level, nobody (or everybody) who
left had it, it follows from others, or there are too few losses for so many terms.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kpilib.analysis.before_month import Floats, Whole
from kpilib.analysis.covariates import TERMS
from kpilib.analysis.customer_months import CustomerMonths
from kpilib.stats.hazard import blocks, gram

#: What stands for all levels with few losses.
OTHER = "(other)"
#: Losses that a level needs to stand for itself, and that each coefficient needs beside it.
OF_A_LEVEL = 5
PER_TERM = 5
#: Part of a covariate's spread that the others must leave unexplained.
OWN_PART = 1e-6
LEVELS = tuple(term.key for term in TERMS.values() if term.kind == "level")


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of covariates: the numbers by term, the level of each row by term."""

    values: dict[str, Floats]
    levels: dict[str, Whole]

    def __len__(self) -> int:
        columns: list[NDArray[Any]] = [*self.values.values(), *self.levels.values()]
        return len(columns[0]) if columns else 0

    def some(self, keep: NDArray[np.bool_]) -> Rows:
        return Rows({k: v[keep] for k, v in self.values.items()}, {k: v[keep] for k, v in self.levels.items()})


@dataclass(frozen=True, eq=False)
class Design:
    """The columns of the covariates, and how rows become them.

    `columns` are pairs of term and level ("" for a number or a flag); `reference` the level that a term's levels are
    compared with; `pooled` the column of each level, by term; `dropped` what was left out: term, level, reason, rows,
    events.
    """

    columns: list[tuple[str, str]] = field(default_factory=list)
    reference: dict[str, str] = field(default_factory=dict)
    pooled: dict[str, Whole] = field(default_factory=dict)
    centre: float = 0.0
    dropped: list[dict[str, Any]] = field(default_factory=list)

    def table(self, rows: Rows) -> Floats:
        """The covariates of rows, shape (n, p), in 32 bits."""
        made = np.empty((len(rows), len(self.columns)), np.float32)
        for place, (term, level) in enumerate(self.columns):
            made[:, place] = self._level(rows, term, place) if level else self._number(rows, term)
        return made

    def _number(self, rows: Rows, term: str) -> Floats:
        values = rows.values[term]
        # Who never answered stands at the mean; how it differs from it is told by `no_score`.
        return np.nan_to_num(values - np.float32(self.centre)) if term == "last_score" else values

    def _level(self, rows: Rows, term: str, place: int) -> NDArray[np.bool_]:
        first = next(i for i, (of, _) in enumerate(self.columns) if of == term)
        return self.pooled[term][rows.levels[term]] == place - first

    def places(self, term: str) -> list[int]:
        """The columns of a term."""
        return [place for place, (of, _) in enumerate(self.columns) if of == term]

    def without(self, place: int, reason: str, rows: Rows, left: NDArray[np.bool_]) -> Design:
        """The design without the term of a column."""
        term = self.columns[place][0]
        gone = _left_out(term, self.columns[place][1], reason, len(rows), int(left.sum()))
        columns = [column for column in self.columns if column[0] != term]
        return Design(columns, self.reference, self.pooled, self.centre, [*self.dropped, gone])


def _left_out(term: str, level: str, reason: str, rows: int, events: int) -> dict[str, Any]:
    return {"term": term, "level": level, "reason": reason, "rows": rows, "events": events}


def names_of(data: CustomerMonths) -> tuple[dict[str, list[str]], dict[str, Whole]]:
    """The levels of each dimension by name, and the level of each customer."""
    names, codes = {}, {}
    for term in LEVELS:
        listed, place = np.unique(data.lives[term].astype("str").to_numpy(object), return_inverse=True)
        names[term], codes[term] = [str(name) for name in listed], place
    return names, codes


def rows_of(data: CustomerMonths, codes: dict[str, Whole], now: bool = False) -> Rows:
    """The rows of the past months, or those of the month to come."""
    who = data.active if now else data.customer
    return Rows(data.now if now else data.values, {term: code[who] for term, code in codes.items()})


def planned(rows: Rows, left: NDArray[np.bool_], names: dict[str, list[str]]) -> Design:
    """The terms that these rows can tell something of, before any model is fitted.

    Parameters
    ----------
    rows : Rows
        What was known before each month.
    left : ndarray of bool, shape (n,)
        Whether the customer left in it.
    names : dict
        The levels of each dimension.
    """
    scores = rows.values.get("last_score")
    centre = float(np.nanmean(scores)) if scores is not None and not np.isnan(scores).all() else 0.0
    design, room = Design(centre=centre), int(left.sum()) // PER_TERM
    for term, said in TERMS.items():
        if said.kind == "level":
            _add_levels(design, term, rows, left, names.get(term, []), room)
        elif term in rows.values:
            _add_number(design, term, rows.values[term], left, room)
    return design


def _add_number(design: Design, term: str, values: Floats, left: NDArray[np.bool_], room: int) -> None:
    known = values[~np.isnan(values)]
    some = np.nan_to_num(values) != 0
    reason = ""
    if not len(known) or known.min() == known.max():
        reason = "one_level"
    elif TERMS[term].kind == "flag" and (left[some].all() or left[some].sum() in (0, left.sum())):
        reason = "separation"
    elif len(design.columns) >= room:
        reason = "few_events"
    if reason:
        design.dropped.append(_left_out(term, "", reason, int(some.sum()), int(left[some].sum())))
    else:
        design.columns.append((term, ""))


def _add_levels(
    design: Design, term: str, rows: Rows, left: NDArray[np.bool_], names: list[str], room: int
) -> None:  # fmt: skip
    """A column a level but the largest; levels with few losses together, unless nobody of all of them left."""
    level = rows.levels[term]
    size, events = np.bincount(level, minlength=len(names)), np.bincount(level[left], minlength=len(names))
    small = (size > 0) & (events < OF_A_LEVEL)
    large = np.flatnonzero((size > 0) & ~small).tolist()
    silent = bool(small.any() and not events[small].sum())
    count = len(large) + (1 if small.any() and not silent else 0)
    if count < 2 or len(design.columns) + count - 1 > room:
        reason = "one_level" if (size > 0).sum() < 2 else "separation" if silent and count < 2 else "few_events"
        design.dropped.append(_left_out(term, "", reason, len(level), int(left.sum())))
        return
    reference = max(large, key=lambda one: size[one]) if large else -1
    place = np.full(len(names), -1)  # −1: counted with the level compared with
    listed = [one for one in large if one != reference]
    place[listed] = range(len(listed))
    if small.any():
        place[small] = -2 if silent else len(listed)
        for one in np.flatnonzero(small if silent else np.zeros_like(small)).tolist():
            design.dropped.append(_left_out(term, names[one], "separation", int(size[one]), 0))
    design.reference[term], design.pooled[term] = names[reference], place
    pool = [OTHER] if small.any() and not silent else []
    design.columns.extend((term, name) for name in [*(names[one] for one in listed), *pool])


def estimable(design: Design, rows: Rows) -> NDArray[np.bool_]:
    """The rows that belong to no level of which nobody left: such a level's risk has no finite ratio."""
    keep = np.ones(len(rows), bool)
    for term, place in design.pooled.items():
        keep &= place[rows.levels[term]] != -2
    return keep


def independent(sets: Whole, x: Floats) -> list[int]:
    """The columns that do not follow from those before them and the month."""
    spread = np.zeros((x.shape[1], x.shape[1]))
    for rows in blocks(sets):
        block = x[rows].astype(float)
        block -= block.mean(0)
        spread += gram(block)
    own, kept = np.diag(spread).copy(), np.empty(0, int)
    for place in range(len(own)):
        across = spread[kept, place]
        rest = own[place] - across @ np.linalg.solve(spread[np.ix_(kept, kept)], across)
        if own[place] > 0 and rest > OWN_PART * own[place]:
            kept = np.append(kept, place)
    return [int(place) for place in kept]
