"""Cells of a cuboid that a slice is made of, and their sums by group and period."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from kpilib.compute.slices import Slice

if TYPE_CHECKING:
    from kpilib.compute.cube import Cubes
    from kpilib.compute.rolled import Grid

#: A slice's periods, and each stored month's place among them.
Listed = tuple[list[int], dict[int, int]]


@dataclass(frozen=True)
class Chosen:
    """The cells of a slice within a window of months, each with the number of its group and period.

    `whole` says for some columns which of the cells count in them. `present` are the numbers that may occur, of which
    `key` tells each cell's place; `binned` are the columns that were added up already.
    """

    window: slice
    chosen: np.ndarray | slice
    key: np.ndarray
    present: np.ndarray
    listed: list[int]
    whole: dict[int, np.ndarray]
    binned: dict[int, np.ndarray] = field(default_factory=dict)

    def sums(self, cubes: Cubes, cuboid: dict[str, Any], path: str) -> list[np.ndarray]:
        """The sums of a KPI by group and period, in the order of `cells.SUMS`."""
        columns, zero = cuboid["columns"], np.zeros(len(self.present))
        return [zero if at < 0 else self._column(at, cubes, columns) for at in cuboid["kpis"][path]]

    def _column(self, number: int, cubes: Cubes, columns: Any) -> np.ndarray:
        if number not in self.binned:
            taken = cubes.reader.get(columns[number])[self.window][self.chosen]
            taken = taken * self.whole[number] if number in self.whole else taken
            self.binned[number] = np.bincount(self.key, taken, len(self.present))
        return self.binned[number]


def choose(cubes: Cubes, cuboid: dict[str, Any], cut: Slice, listed: Listed) -> Chosen:
    """The cells of a slice; the members of `cut.by` and the places of `listed` number them."""
    if "grid" in cuboid:
        return _of_grid(cubes, cuboid["grid"], cut, *listed)
    periods, place = listed
    months = cubes.reader.get(cuboid["month"])
    lowest, highest = min(place, default=0), max(place, default=-1)
    window = slice(*np.searchsorted(months, [lowest, highest + 1]))
    lookup = np.full(highest - lowest + 1, -1, np.int64)
    lookup[[month - lowest for month in place]] = list(place.values())
    period = lookup[months[window] - lowest]
    keep = period >= 0
    sets, inside = cuboid.get("several"), None
    for name, members in cut.where:
        if sets and name == sets["dimension"]:
            meets, inside = _meeting(cubes, sets, members, window)
            keep &= meets
        else:
            keep &= cubes.wanted(cuboid["dims"], name, members, window)
    chosen = slice(None) if keep.all() else np.flatnonzero(keep)  # to take all needs no copy
    codes = [cubes.codes(cuboid["dims"], name, window)[chosen].astype(np.int64) for name in cut.by]
    whole = dict.fromkeys(sets["whole"], inside[chosen]) if sets and inside is not None else {}
    return Chosen(window, chosen, *_numbered(cubes, cut, periods, period[chosen], codes), periods, whole)


def _of_grid(cubes: Cubes, grid: Grid, cut: Slice, periods: list[int], place: dict[int, int]) -> Chosen:
    """The same where each cell's place is known: nothing is looked through."""
    months = [month for month in place if grid.first <= month < grid.first + grid.span]
    asked = {name: [cubes.index[name][m] for m in members if m in cubes.index[name]] for name, members in cut.where}
    chosen, at, codes = grid.places(months, asked)
    period = np.array([place[month] for month in months], np.int64)[at]
    of = dict(zip(grid.sizes, codes, strict=True))
    key, present = _numbered(cubes, cut, periods, period, [of[name] for name in cut.by])
    return Chosen(slice(None), chosen, key, present, periods, {})


def _numbered(
    cubes: Cubes, cut: Slice, periods: list[int], period: np.ndarray, codes: list[np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Each cell's group and period as a place among those that may occur, and their numbers."""
    key, size = period, max(len(periods), 1)
    for name, code in zip(cut.by, codes, strict=True):
        key = key + size * code
        size *= len(cubes.labels[name])
    if size > 4 * max(len(key), 1000):  # many possible groups, few cells: number only those that occur
        present, key = np.unique(key, return_inverse=True)
        return key, present
    return key, np.arange(size)


def _meeting(
    cubes: Cubes, sets: dict[str, Any], members: tuple[str, ...], window: slice
) -> tuple[np.ndarray, np.ndarray]:
    """Which cells' sets meet the members, and which lie within them."""
    index = cubes.index[sets["dimension"]]
    masks, codes = cubes.reader.get(sets["masks"]), cubes.reader.get(sets["sets"])
    asked = sum({1 << index[member] for member in members if member in index})
    return (masks & asked != 0)[codes[window]], (masks & ~asked == 0)[codes[window]]
