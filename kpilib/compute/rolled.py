"""A large cuboid added up by what its members belong to: cities instead of customers, kept for the next question.

What a customer belongs to is looked up, not stored in a cuboid of its own, so that asking by city reads every
customer's cells. Here they are added up once a process, column by column as they are first needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kpilib.compute.rollup import ROLL
from kpilib.compute.slices import Slice

if TYPE_CHECKING:
    from kpilib.compute.cube import Cubes

#: Cells (months × members) of what is kept, at most.
MOST = 100_000


def rolled(cubes: Cubes, cuboid: dict[str, Any], cut: Slice) -> dict[str, Any]:
    """The cuboid of a slice's own dimensions, where all of them follow from larger ones; else the cuboid as it is."""
    names = cut.dimensions
    if len(cubes.reader.get(cuboid["month"])) <= ROLL or not names or cuboid["pins"] or "several" in cuboid:
        return cuboid
    if any(cubes.base(cuboid["dims"], name) in ("", name) for name in names):
        return cuboid
    made = cubes.rolled.get((id(cuboid), names))
    if made is None:
        made = cubes.rolled[id(cuboid), names] = _made(cubes, cuboid, names)
    return made


def _made(cubes: Cubes, cuboid: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Every month and combination of members, in order, whether or not it has rows."""
    months = cubes.reader.get(cuboid["month"])
    first, sizes = int(months.min()), [len(cubes.labels[name]) for name in names]
    span = int(months.max()) - first + 1
    cells = span * int(np.prod(sizes))
    if cells > MOST:
        return cuboid
    place = months.astype(np.int64) - first
    for name, size in zip(names, sizes, strict=True):
        place = place * size + cubes.codes(cuboid["dims"], name)
    grid = np.indices((span, *sizes)).reshape(len(sizes) + 1, -1)
    columns = _Columns(cubes, cuboid["columns"], place, cells)
    dims = {name: grid[at].astype(np.int32) for at, name in enumerate(names, 1)}
    return {**cuboid, "month": (grid[0] + first).astype(np.int32), "dims": dims, "columns": columns}


class _Columns:
    """The columns of a cuboid, each added up when it is first asked for."""

    def __init__(self, cubes: Cubes, columns: list[Any], place: np.ndarray, cells: int) -> None:
        self._cubes, self._columns, self._place, self._cells = cubes, columns, place, cells
        self._kept: dict[int, np.ndarray] = {}

    def __getitem__(self, column: int) -> np.ndarray:
        if column not in self._kept:
            values = self._cubes.reader.get(self._columns[column])
            self._kept[column] = np.bincount(self._place, values, self._cells)
        return self._kept[column]
