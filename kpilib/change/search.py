"""Which way of parting the whole explains a change most, and how sure one can be of it after trying all of them.

A dimension explains a change where its mix moved the whole, or where its members moved unlike each other. Both are
tested (a total has the second only); the smaller p counts twice, and once more for every dimension that was tried
(Bonferroni, which for the smallest p is Holm's step).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from math import isnan

import numpy as np

from kpilib.catalogue.kpi import Kpi
from kpilib.change.members import Asked, Members, add_up, members
from kpilib.model.panels import panel
from kpilib.stats import uneven
from kpilib.stats.decomposition import Split, Sums, kitagawa
from kpilib.stats.intervals import Floats

#: The level at which a dimension is proposed as the one that explains.
LEVEL = 0.05
#: A dimension with more members explains nothing that a reader could keep in mind.
MOST = 60
#: What is not searched: single customers, what only labels the data, and what is known of a deal once it is closed.
_NEVER = {"customer", "currency", "table_name", "reason"}
_OUTCOMES = {"deals": {"status", "stage", "competitor"}, "stage_steps": {"status", "competitor"}}


@dataclass(frozen=True)
class Tried:
    """A dimension with its members, their split (None for a total), and how often chance would show as much.

    `p` is that of this dimension alone; NaN where it could not be tested. `weight` orders those of equal p.
    """

    dimension: str
    members: Members
    split: Split | None
    p: float
    weight: float = 0.0


def dimensions(kpi: Kpi, where: tuple[str, ...] = ()) -> list[str]:
    """The dimensions that may explain a KPI: not those it is defined by, nor those held at a member."""
    words = set(re.findall(r"\w+", f"{kpi.numerator} {kpi.denominator}"))
    left_out = _NEVER | _OUTCOMES.get(kpi.table, set()) | words | set(where)
    return [name for name in panel(kpi.table).dimensions if name not in left_out]


def held(asked: Asked) -> tuple[str, ...]:
    """The dimensions that a slice holds at one member, or in which the two slices differ."""
    names = {name for where in (asked.where, asked.against) for name, kept in (where or {}).items() if kept}
    single = {name for name in names if not asked.one_slice or _one(asked.where, name)}
    return tuple(sorted(single))


def _one(where: object, name: str) -> bool:
    kept = where[name] if isinstance(where, Mapping) else None
    return isinstance(kept, str) or (isinstance(kept, (list, tuple, set, frozenset)) and len(kept) == 1)


def search(asked: Asked) -> list[Tried]:
    """Every dimension of the KPI's panel with 2 to `MOST` members, the one that explains most first.

    Only cubes are asked where the book has cubes. Empty where no dimension can be tried.
    """
    found = []
    for name in dimensions(asked.kpi, held(asked)):
        parts = members(asked, name, engine=False)
        if parts is not None and 2 <= len(parts) <= MOST and add_up(asked, parts, engine=False):
            found.append(tried(asked.kpi, name, parts))
    return sorted(found, key=lambda one: (isnan(one.p), one.p if one.p == one.p else 1.0, -one.weight))


def corrected(found: list[Tried]) -> float:
    """The p of the first of those tried, corrected for having tried them all; NaN where none could be tested."""
    tests = [one.p for one in found if one.p == one.p]
    return min(1.0, min(tests) * len(tests)) if tests else float("nan")


def tried(kpi: Kpi, dimension: str, parts: Members) -> Tried:
    """A dimension's split and test."""
    sums = (parts.before, parts.now, parts.rows_before, parts.rows_now)
    if kpi.total:
        test = _settled(partial(uneven.of_growth, *sums), partial(_spread_of_shares, parts, 0))
        return Tried(dimension, parts, None, test.p, test.weight)
    split = kitagawa(parts.before, parts.now)
    tests = [
        _settled(partial(uneven.of_mix, split), partial(_spread_of_shares, parts, 1)),
        _settled(partial(uneven.of_rates, *sums), partial(_spread_of_rates, parts)),
    ]
    known = sorted((test for test in tests if test.p == test.p), key=lambda test: (test.p, -test.weight))
    if not known:
        return Tried(dimension, parts, split, float("nan"))
    return Tried(dimension, parts, split, min(1.0, len(known) * known[0].p), known[0].weight)


def _settled(test: Callable[[float], uneven.Unlike], spread: Callable[[], float]) -> uneven.Unlike:
    """A test with the spread of months; what independent rows explain by chance needs no wider ones."""
    alone = test(1.0)
    return test(spread()) if alone.p < LEVEL else alone


def _spread_of_rates(parts: Members) -> float:
    """How many times more the members' rates vary from month to month than independent rows would."""
    if parts.by_month is None:
        return 1.0
    tables = []
    sides = zip(parts.by_month, (parts.before, parts.now), (parts.rows_before, parts.rows_now), strict=True)
    for (rows, n, d, *_), sums, many in sides:
        below = np.where(d != 0, d, np.nan)
        tables.append((n / below, np.nan_to_num(uneven.spread_of_a_row(sums, many) * rows / below**2)))
    return uneven.dispersion(tables)


def _spread_of_shares(parts: Members, side: int) -> float:
    """How many times more the members' shares of the whole (of Σn: 0, of Σd: 1) vary from month to month."""
    if parts.by_month is None:
        return 1.0
    tables = []
    for by_month, sums in zip(parts.by_month, (parts.before, parts.now), strict=True):
        squares = sums.dd if side else sums.nn
        tables.append(_shares(by_month[1 + side], squares, sums))
    return uneven.dispersion(tables)


def _shares(values: Floats, squares: Floats, sums: Sums) -> tuple[Floats, Floats]:
    """Shares of each month's whole, and their variance if rows were independent, spread over months by the whole."""
    month = values.sum(axis=1, keepdims=True)
    whole = values.sum()
    usable = month > 0
    safe = np.where(usable, month, 1.0)
    variance = np.where(usable, squares / whole / safe, 0.0) if whole > 0 else np.zeros_like(values)
    return values / safe, variance
