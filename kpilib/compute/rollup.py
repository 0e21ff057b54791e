"""Cuboids, and the smaller ones that add up from them. NumPy alone; sizes are numbers of cells."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

#: Roll-ups are made of cuboids with more cells than this: smaller ones are read whole in a millisecond anyway.
ROLL = 20_000


@dataclass
class Cuboid:
    """Cells sorted by month: codes per dimension, one array of sums per column."""

    month: np.ndarray
    codes: dict[str, np.ndarray]
    columns: list[np.ndarray]
    pins: tuple[str, ...] = ()


def rollups(cuboid: Cuboid, labels: dict[str, list[str]]) -> list[Cuboid]:
    """Every smaller set of a cuboid's dimensions that halves its cells; dimensions that are pinned stay."""
    made: list[Cuboid] = []
    free = [name for name in cuboid.codes if name not in cuboid.pins]
    for many in range(len(free) - 1, -1, -1):
        for kept in combinations(free, many):
            dims = {*kept, *cuboid.pins}
            parent = min((c for c in [cuboid, *made] if dims <= set(c.codes)), key=lambda c: len(c.month))
            if len(parent.month) > ROLL:
                smaller = without(parent, [name for name in cuboid.codes if name in dims], labels)
                if len(smaller.month) <= len(parent.month) / 2:
                    made.append(smaller)
    return made


def without(parent: Cuboid, dims: list[str], labels: dict[str, list[str]]) -> Cuboid:
    """The cuboid of those dimensions alone: cells that differ only in the others are added."""
    first = int(parent.month.min(initial=0))
    key = parent.month.astype(np.int64) - first
    sizes = [len(labels[name]) for name in dims]
    for name, size in zip(dims, sizes, strict=True):
        key = key * size + parent.codes[name]
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    rest, codes = ordered[starts], {}
    for name, size in zip(reversed(dims), reversed(sizes), strict=True):
        rest, codes[name] = rest // size, (rest % size).astype(np.int32)
    columns = [np.add.reduceat(column[order], starts) for column in parent.columns]
    month = (rest + first).astype(np.int32)
    return Cuboid(month, codes, columns, parent.pins)
