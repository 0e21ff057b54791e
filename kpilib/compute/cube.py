"""Answers from cubes: add the cells of a slice. NumPy alone, so that a viewer's page needs no database.

A cuboid keeps, per month and combination of its dimensions' members, the sums of every KPI of one fact. Sums over rows
add up over everything. Entities do not: an order of two product types is one order, so where a fact counts entities,
a dimension (or a period) that cuts across them must be held at one member (`pins`). What no cuboid can answer exactly
is not answered here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from kpilib.catalogue.kpi import Kpi
from kpilib.compute.cells import SUMS, Cells, roll
from kpilib.compute.chosen import Chosen, Listed, choose
from kpilib.compute.entities import Entities
from kpilib.compute.kept import Kept
from kpilib.compute.lives import Lives
from kpilib.compute.rolled import rolled
from kpilib.compute.slices import ALL_MONTHS, LENGTH, Slice, period_of, periods, stock_months
from kpilib.compute.store import Reader
from kpilib.model.panels import panel
from kpilib.periods import Months
from kpilib.recent import Recent

#: So few members are found faster by comparing than by looking each row up.
FEW = 4
#: So many answers are remembered, of so many groups and periods at most.
REMEMBERED, SHORT = 512, 2_000
#: So many choices of cells are remembered, of so many cells at most: KPIs of one fact are asked one after the other.
CHOICES, FEW_CELLS = 256, 50_000


@dataclass(frozen=True)
class Fact:
    """What cuboids are made of: a panel by one date, its rows or its entities, and the grain of its periods."""

    panel: str
    when: str
    entity: str = ""
    grain: str = "month"

    @property
    def name(self) -> str:
        return ".".join(part for part in (self.panel, self.when, self.entity, self.grain) if part)


def _places(windows: tuple[Months, ...], cut: Slice) -> Listed:
    """Windows of months, as far as they lie in the slice, as the periods of a choice of cells."""
    inside = [range(max(first, cut.first), min(last, cut.last) + 1) for first, last in windows]
    return [*range(len(windows))], {month: at for at, months in enumerate(inside) for month in months}


class Cubes:
    """The published cubes of one fingerprint."""

    def __init__(self, folder: Path) -> None:
        self.reader = Reader(folder)
        header = self.reader.header
        self.start: int = header["start"]
        self.end: int = header["end"]
        self.labels: dict[str, list[str]] = header["labels"]
        self.index = {name: {label: i for i, label in enumerate(labels)} for name, labels in self.labels.items()}
        self.follows: dict[str, dict[str, Any]] = header["follows"]
        self.counts: dict[str, dict[str, dict[str, int]]] = header["counts"]
        self.facts: dict[str, dict[str, Any]] = header["facts"]
        self.entities = [Entities(self, one) for one in header["entities"]]
        self.lives = Lives(self, header["lives"]) if header["lives"] else None
        self._kept: dict[str, Kept] = {}
        self._order: dict[str, np.ndarray] = {}
        self._answers: Recent[tuple[Kpi, Slice], Cells] = Recent(REMEMBERED)
        self._choices: Recent[tuple[Any, ...], Chosen] = Recent(CHOICES)
        self.rolled: dict[tuple[int, tuple[str, ...]], dict[str, Any]] = {}
        self._sizes: Recent[tuple[str, ...], int] = Recent(REMEMBERED)
        self._fitting: dict[tuple[Any, ...], dict[str, Any] | None] = {}

    def answer(self, kpi: Kpi, cut: Slice) -> Cells | None:
        """The cells of a slice, or None where no cuboid holds the exact answer; nobody writes into them.

        Short answers are remembered: the pieces of a page ask for the same cells.
        """
        known = self._answers.get((kpi, cut))
        if known is None:
            known = self._added(kpi, cut)
            if known is not None and len(known.groups) <= SHORT:
                self._answers[kpi, cut] = known
        return known

    def _added(self, kpi: Kpi, cut: Slice) -> Cells | None:
        if cut.days is not None:  # cells are whole months
            return None
        if panel(kpi.table).spanned:
            return self.lives.answer(kpi, cut) if self.lives else None
        for fact in self.facts.values():
            if kpi.path not in fact["kpis"] or not self._periods_fit(fact, cut):
                continue
            cuboid = self._cuboid(fact, cut)
            if cuboid is not None:
                if cut.grain == "ttm" and fact["adds"] and kpi.at == "flow":
                    monthly = replace(cut, first=max(cut.begin, self.start), grain="month")
                    return roll(self._add(kpi, monthly, fact, cuboid), periods(cut, self.start))
                return self._add(kpi, cut, fact, cuboid)
        found = (one.answer(kpi, cut) for one in self.entities if one.counts(kpi))
        return next((cells for cells in found if cells is not None), None)

    def table(self, kpi: Kpi, cut: Slice, windows: tuple[Months, ...]) -> np.ndarray | None:
        """The sums of every member of a dimension in several windows of months, in one go.

        Parameters
        ----------
        kpi : Kpi
            What flows: rows add up over months.
        cut : Slice
            Grouped by one dimension, without a grain; its range holds the windows.
        windows : tuple of (int, int)
            First and last month of each, no month in two.

        Returns
        -------
        numpy.ndarray or None
            Shape (6, windows, members) in the order of `cells.SUMS` and of `labels`; None where no cuboid of sums holds
            the exact answer.
        """
        if kpi.at != "flow" or not kpi.when:
            return None
        for fact in self.facts.values():
            cuboid = self._cuboid(fact, cut) if fact["adds"] and kpi.path in fact["kpis"] else None
            if cuboid is not None:
                cuboid = rolled(self, cuboid, cut)
                cells = self._chosen(cuboid, cut, windows, lambda: _places(windows, cut))
                sums = np.zeros((len(SUMS), len(self.labels[cut.by[0]]) * len(windows)))
                sums[:, cells.present] = cells.sums(self, cuboid, kpi.path)
                return sums.reshape(len(SUMS), -1, len(windows)).swapaxes(1, 2)
        return None

    def cells(self, kpi: Kpi, dimensions: Collection[str]) -> int:
        """How many cells, or rows of what cuts across entities, an answer by these dimensions is added up from.

        0 where it is looked up entity by entity, or cannot be given here.
        """
        asked = kpi.path, *dimensions
        if asked not in self._sizes:
            self._sizes[asked] = self._size(kpi, dimensions)
        return self._sizes[asked]

    def _size(self, kpi: Kpi, dimensions: Collection[str]) -> int:
        for fact in self.facts.values():
            if kpi.path in fact["kpis"] and fact["adds"]:
                held = (c for c in fact["cuboids"] if all(self.base(c["dims"], name) for name in dimensions))
                return min((c["month"]["size"] for c in held), default=0)
        return next((one.rows(dimensions) for one in self.entities if one.counts(kpi)), 0)

    def members(self, panel: str, dimension: str) -> dict[str, int] | None:
        """The members of a dimension in a panel, each with its number of rows; None where that was not counted."""
        counted = self.counts.get(panel, {}).get(dimension)
        if counted is not None:
            return {self.labels[dimension][int(code)]: n for code, n in counted.items()}
        kept = self.panel(panel)
        return None if kept is None else kept.members(dimension)

    def alphabetical(self, dimension: str) -> np.ndarray:
        """The members of a dimension in alphabetical order, as places in `labels`."""
        if dimension not in self._order:
            labels = self.labels[dimension]
            self._order[dimension] = np.array(sorted(range(len(labels)), key=labels.__getitem__))
        return self._order[dimension]

    def panel(self, name: str) -> Kept | None:
        """The rows of a panel; None where they are not kept."""
        if name not in self._kept and name in self.reader.header["panels"]:
            self._kept[name] = Kept(self.reader, self.reader.header["panels"][name])
        return self._kept.get(name)

    def _periods_fit(self, fact: dict[str, Any], cut: Slice) -> bool:
        """Whether the fact's periods make the slice's: sums of months always, entities only period by period."""
        if fact["adds"]:
            return True
        if fact["grain"] == ALL_MONTHS:
            return cut.grain is None and cut.first <= self.start and cut.last >= self.end
        length = LENGTH[fact["grain"]]
        if cut.grain is None:
            inside = cut.first - cut.first % length == cut.last - cut.last % length
            window = cut.last - cut.first + 1 == length and cut.last - 11 >= self.start
            return window if fact["grain"] == "ttm" else inside and self._whole(length, cut)
        return fact["grain"] == cut.grain and (cut.grain == "ttm" or self._whole(length, cut))

    def _whole(self, length: int, cut: Slice) -> bool:
        """Whether the range cuts no period: part of a quarter has other buyers than the quarter."""
        opens = cut.first % length == 0 or cut.first <= self.start
        return opens and ((cut.last + 1) % length == 0 or cut.last >= self.end)

    def _cuboid(self, fact: dict[str, Any], cut: Slice) -> dict[str, Any] | None:
        """The smallest cuboid that holds the slice's dimensions and adds up exactly; found once for slices alike."""
        alike = id(fact), cut.by, tuple((name, len(members) == 1) for name, members in cut.where)
        if alike not in self._fitting:
            fitting = (c for c in fact["cuboids"] if self._fits(c, cut))
            self._fitting[alike] = min(fitting, key=lambda c: c["month"]["size"], default=None)
        return self._fitting[alike]

    def _fits(self, cuboid: dict[str, Any], cut: Slice) -> bool:
        sets = cuboid.get("several", {}).get("dimension")
        if sets and (sets in cut.by or sets not in dict(cut.where)):
            return False
        if not all(name == sets or self.base(cuboid["dims"], name) for name in cut.dimensions):
            return False
        single = {name for name, members in cut.where if len(members) == 1}
        return all(pin in cut.by or pin in single for pin in cuboid["pins"])

    def base(self, kept: Collection[str], dimension: str) -> str:
        """Which kept dimension tells this one's members: itself, or the one that it follows; "" for none."""
        if dimension in kept:
            return dimension
        return next((base for base in kept if dimension in self.follows.get(base, ())), "")

    def codes(self, kept: dict[str, Any], dimension: str, window: slice = slice(None)) -> np.ndarray:
        """The members of a dimension, row by row, from the places of the kept dimensions' arrays."""
        base = self.base(kept, dimension)
        codes = self.reader.get(kept[base])[window]
        return codes if base == dimension else self.reader.get(self.follows[base][dimension])[codes]

    def wanted(
        self, kept: dict[str, Any], name: str, members: tuple[str, ...], window: slice = slice(None)
    ) -> np.ndarray:
        """Which rows of the window belong to one of the members."""
        asked = [self.index[name][m] for m in members if m in self.index[name]]
        base = self.base(kept, name)
        if base == name and 0 < len(asked) <= FEW:
            codes = self.reader.get(kept[base])[window]
            return np.logical_or.reduce([codes == code for code in asked])
        wanted = np.zeros(len(self.labels[name]), bool)
        wanted[asked] = True
        lookup = wanted if base == name else wanted[self.reader.get(self.follows[base][name])]
        return lookup[self.reader.get(kept[base])[window]]

    def _add(self, kpi: Kpi, cut: Slice, fact: dict[str, Any], cuboid: dict[str, Any]) -> Cells:
        """Sum the cells of the slice by group and period."""
        cuboid = rolled(self, cuboid, cut)
        cells = self._chosen(cuboid, cut, (kpi.at, bool(kpi.when)), lambda: self._periods(kpi, cut, fact))
        sums = cells.sums(self, cuboid, kpi.path)
        some = np.flatnonzero(sums[0])  # groups in which nothing counts are not there
        groups, periods_ = self._names(cells.present[some], cut, cells.listed)
        return Cells(groups, periods_, *(array[some] for array in sums))

    def _chosen(self, cuboid: dict[str, Any], cut: Slice, alike: object, listed: Callable[[], Listed]) -> Chosen:
        """The cells of the slice, the same for every KPI of the fact that is taken at the same time."""
        key = id(cuboid), cut, alike
        cells = self._choices.get(key)
        if cells is None:
            cells = choose(self, cuboid, cut, listed())
            if len(cells.key) <= FEW_CELLS:
                self._choices[key] = cells
        return cells

    def _names(self, keys: np.ndarray, cut: Slice, listed: list[int]) -> tuple[list[tuple[str, ...]], list[int]]:
        rest, place = np.divmod(keys, max(len(listed), 1))
        named = []
        for name in cut.by:
            rest, code = np.divmod(rest, len(self.labels[name]))
            labels = self.labels[name]
            named.append([labels[i] for i in code])
        groups: list[tuple[str, ...]] = list(zip(*named, strict=True)) if named else [()] * len(keys)
        return groups, [listed[i] for i in place]

    def _periods(self, kpi: Kpi, cut: Slice, fact: dict[str, Any]) -> tuple[list[int], dict[int, int]]:
        """The slice's periods, and each stored month's place among them."""
        if not kpi.when:
            return [cut.first], {0: 0}
        if kpi.at != "flow":
            chosen = stock_months(cut, kpi.at, self.start)
            return list(chosen), {month: place for place, month in enumerate(chosen.values())}
        listed = periods(cut, self.start)
        if not fact["adds"] and fact["grain"] != "month":
            stored = listed if cut.grain is not None else [self._stored(fact["grain"], cut)]
            return listed, {month: place for place, month in enumerate(stored)}
        places = {period: place for place, period in enumerate(listed)}
        return listed, {m: places[period_of(m, cut.grain, cut.first)] for m in range(cut.first, cut.last + 1)}

    def _stored(self, grain: str, cut: Slice) -> int:
        """The month under which a fact of whole periods keeps the one period of a range."""
        if grain == ALL_MONTHS:
            return self.start
        return cut.last if grain == "ttm" else cut.first - cut.first % LENGTH[grain]
