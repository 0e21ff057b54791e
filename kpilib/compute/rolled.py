"""A large cuboid added up by what its members belong to: cities instead of customers, kept for the next question.

What a customer belongs to is looked up, not stored in a cuboid of its own, so that asking by city reads every
customer's cells. Here they are added up once a process, column by column as they are first needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kpilib.compute.rollup import ROLL
from kpilib.compute.slices import Slice

if TYPE_CHECKING:
    from kpilib.compute.cube import Cubes

#: Cells (months × members) of what is kept, at most.
MOST = 100_000


@dataclass(frozen=True)
class Grid:
    """Cells of every month from `first` on and every combination of members, by the `sizes` of the dimensions."""

    first: int
    span: int
    sizes: dict[str, int]

    def places(
        self, months: list[int], members: dict[str, list[int]]
    ) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
        """The cells of some months and members (all of a dimension that is not named).

        Returns
        -------
        numpy.ndarray, numpy.ndarray, list of numpy.ndarray
            Their places; of each, which of the months it is; and its member of each dimension.
        """
        wanted = (members.get(name, range(size)) for name, size in self.sizes.items())
        axes = [np.array(one, np.int64) for one in ([month - self.first for month in months], *wanted)]
        shape = [len(axis) for axis in axes]
        spread = np.ix_(*axes)
        place = spread[0]
        for axis, size in zip(spread[1:], self.sizes.values(), strict=True):
            place = place * size + axis
        month, *codes = np.ix_(np.arange(shape[0]), *axes[1:])
        whole = [np.broadcast_to(axis, shape).ravel() for axis in (month, *codes)]
        return place.ravel(), whole[0], whole[1:]


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
    of = Grid(first, span, dict(zip(names, sizes, strict=True)))
    return {**cuboid, "month": (grid[0] + first).astype(np.int32), "dims": dims, "columns": columns, "grid": of}


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
