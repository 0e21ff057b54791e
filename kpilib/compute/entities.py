"""Counting entities over any months and any members: each is brought together first, then counted once. NumPy alone.

What cubes cannot add (customers of five months, orders of two product types) is counted here from one row an entity
and month. A dimension of which an entity has one member is looked up by entity; only what cuts across it is read row by
row.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from kpilib.catalogue.kpi import Kpi
from kpilib.compute.cells import Cells
from kpilib.compute.slices import Slice, period_of, periods
from kpilib.recent import Recent

if TYPE_CHECKING:
    from kpilib.compute.cube import Cubes

#: Where entities times groups times periods are more than this, the engine is asked.
MOST_PLACES = 8_000_000
#: So many choices of rows are remembered, of so many rows at most: KPIs of one kind are asked one after the other.
REMEMBERED, FEW_ROWS = 16, 50_000


class Entities:
    """The kept rows of one kind of entity."""

    def __init__(self, cubes: Cubes, header: dict[str, Any]) -> None:
        self.cubes, self.header, self.get = cubes, header, cubes.reader.get
        self.adds: bool = header["adds"]
        self._known: Recent[tuple[int, Slice], _Rows] = Recent(REMEMBERED)

    def counts(self, kpi: Kpi) -> bool:
        """Whether these are the entities that a KPI counts."""
        kind = self.header["panel"], self.header["when"], self.header["entity"]
        return kind == (kpi.table, kpi.when, kpi.entity) and kpi.path in self.header["tops"]

    def answer(self, kpi: Kpi, cut: Slice) -> Cells | None:
        """The cells of a slice, or None where these rows do not hold the answer."""
        if kpi.at != "flow" or cut.grain == "ttm":
            return None
        crossing, table = self._table(cut.dimensions)
        if table is None:
            return None
        alike = id(table), cut
        rows = self._known.get(alike)
        if rows is None:
            rows = self._rows(table, cut, crossing)
            if len(rows.entity) <= FEW_ROWS:
                self._known[alike] = rows
        return self._counted(kpi, cut, table, rows) if rows.places <= MOST_PLACES else None

    def rows(self, dimensions: Collection[str]) -> int:
        """How many rows an answer by these dimensions is read from where they cut across entities; else 0."""
        crossing, table = self._table(dimensions)
        return int(table["month"]["size"]) if crossing and table is not None else 0

    def _table(self, dimensions: Collection[str]) -> tuple[list[str], dict[str, Any] | None]:
        """The dimensions that cut across entities, and a table whose rows tell them; None where none does."""
        crossing = [name for name in dimensions if not self.cubes.base(self.header["own"], name)]
        for table in reversed(self.header["tables"]):
            if all(self.cubes.base(table["across"], name) for name in crossing):
                return crossing, table
        return crossing, None

    def _rows(self, table: dict[str, Any], cut: Slice, crossing: list[str]) -> _Rows:
        """The rows of the slice, each with its place: its entity, and the period and members that it may share."""
        months = self.get(table["month"])
        window = slice(*np.searchsorted(months, [cut.first, cut.last + 1]))
        entity, month = self.get(table["entity"])[window], months[window]
        keep = self._kept(table, cut, crossing, window, entity)
        if keep is not None:
            entity, month = entity[keep], month[keep]
        first, count = int(entity.min(initial=0)) if self.adds else 0, self.header["entities"]
        count = int(entity.max(initial=-1)) + 1 - first if self.adds else count
        listed = periods(cut, self.cubes.start)
        of_row: list[tuple[np.ndarray, int]] = [self._period(cut, listed, month)] if len(listed) > 1 else []
        for name in cut.by:
            if name in crossing:
                codes = self.cubes.codes(table["across"], name, window)
                of_row.append((codes if keep is None else codes[keep], len(self.cubes.labels[name])))
        return _Rows(entity, first, count, listed, of_row, window, keep)

    def _kept(
        self, table: dict[str, Any], cut: Slice, crossing: list[str], window: slice, entity: np.ndarray
    ) -> np.ndarray | None:
        """Which rows of the window the slice keeps; None for all."""
        chosen, masks = [], []
        for name, members in cut.where:
            if name in crossing:
                masks.append(self.cubes.wanted(table["across"], name, members, window))
            else:
                chosen.append(self.cubes.wanted(self.header["own"], name, members))
        if chosen:
            masks.append(np.logical_and.reduce(chosen)[entity])
        return np.flatnonzero(np.logical_and.reduce(masks)) if masks else None

    def _period(self, cut: Slice, listed: list[int], month: np.ndarray) -> tuple[np.ndarray, int]:
        place = {period: i for i, period in enumerate(listed)}
        of = np.array([place[period_of(m, cut.grain, cut.first)] for m in range(cut.first, cut.last + 1)], np.int64)
        return of[month - cut.first], len(listed)

    def _counted(self, kpi: Kpi, cut: Slice, table: dict[str, Any], rows: _Rows) -> Cells:
        """Bring each entity together within its place, then add the places of each group and period."""
        column, flag = self.header["tops"][kpi.path]
        _, shared = rows.numbered
        values = self.get(table["columns"][column])[rows.window]
        values = values if rows.keep is None else values[rows.keep]
        # Rows are by month and entity: those of one entity stand together where nothing else tells places apart.
        adjacent = cut.grain == "month" and len(rows.of_row) == (len(rows.listed) > 1)
        at, top = rows.together(values, adjacent)
        top = (top > 0).astype(float) if flag else top
        if kpi.path in self.header["totals"]:
            at, top = at[top > 0], top[top > 0]
        n, share, who = top, at // rows.count, at % rows.count + rows.first
        key, size = share, shared
        for name in cut.by:
            if self.cubes.base(self.header["own"], name):
                key = key + size * self.cubes.codes(self.header["own"], name)[who].astype(np.int64)
                size *= len(self.cubes.labels[name])
        d = np.bincount(key, minlength=size).astype(float)
        some = np.flatnonzero(d)
        sums = [d, np.bincount(key, n, size), d, np.bincount(key, n * n, size)]
        d, n, _, nn = (array[some] for array in sums)
        groups, periods_ = self._names(some, cut, rows)
        return Cells(groups, periods_, d, n, d, nn, n, d)

    def _names(self, keys: np.ndarray, cut: Slice, rows: _Rows) -> tuple[list[tuple[str, ...]], list[int]]:
        """Groups and periods of keys: the period first, then what is read by row, then what is looked up by entity."""
        many = max(len(rows.listed), 1)
        rest, period = np.divmod(keys, many)
        own = [name for name in cut.by if self.cubes.base(self.header["own"], name)]
        named = {}
        for name in (*(n for n in cut.by if n not in own), *own):
            labels = self.cubes.labels[name]
            rest, code = np.divmod(rest, len(labels))
            named[name] = [labels[i] for i in code]
        groups: list[tuple[str, ...]] = (
            list(zip(*(named[name] for name in cut.by), strict=True)) if cut.by else [()] * len(keys)
        )
        return groups, [rows.listed[i] for i in period]


@dataclass
class _Rows:
    """Rows of a slice: their entities (`count` of them, from `first` on) and what else tells their places apart."""

    entity: np.ndarray
    first: int
    count: int
    listed: list[int]
    of_row: list[tuple[np.ndarray, int]]
    window: slice
    keep: np.ndarray | None

    @property
    def places(self) -> int:
        return self.count * int(np.prod([size for _, size in self.of_row], dtype=np.int64))

    @cached_property
    def numbered(self) -> tuple[np.ndarray, int]:
        """Each row's place, and how many places one entity has."""
        place, size = self.entity.astype(np.int64), 1
        place -= self.first
        for codes, many in self.of_row:
            place += codes.astype(np.int64) * (size * self.count)
            size *= many
        return place, size

    def together(self, values: np.ndarray, adjacent: bool) -> tuple[np.ndarray, np.ndarray]:
        """The places that have rows, and the sum of their values; rows of one place may stand side by side."""
        place, shared = self.numbered
        if adjacent and len(place):
            starts = np.flatnonzero(np.r_[True, place[1:] != place[:-1]])
            return place[starts], np.add.reduceat(values, starts, dtype=float)
        return self._present, np.bincount(place, values, shared * self.count)[self._present]

    @cached_property
    def _present(self) -> np.ndarray:
        place, shared = self.numbered
        return np.flatnonzero(np.bincount(place, minlength=shared * self.count))
