"""Cells for several product types at once, where there are too many entities to keep a row for each.

An order of two product types must count once when both are chosen. So its types are kept as a set, and orders of the
same set together: an order counts where its set meets the chosen types. What it adds (its revenue in the chosen types)
is a sum over types, and its square a sum over pairs of types: those are kept under the set of one type or of two, and
count where all of the set is chosen. The cells do not grow with the orders.
"""

from __future__ import annotations

from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Any

import numpy as np

from kpilib.catalogue.kpi import Distinct
from kpilib.compute import plan
from kpilib.compute.cube import Fact
from kpilib.compute.plan import crossing, own
from kpilib.compute.rollup import Cuboid, rollups, without
from kpilib.compute.store import smallest
from kpilib.model.panels import panel
from kpilib.model.scope import quote

if TYPE_CHECKING:
    from kpilib.compute.build import Builder
    from kpilib.compute.keep_entities import Plain

#: The dimension that cuts across entities, and the one under which cells name the sets of its members.
ACROSS, SETS = "category", "several"
#: With more members than this there are too many pairs.
MOST_MEMBERS = 10


def keep_several(builder: Builder, fact: Fact, plain: Plain) -> dict[str, Any]:
    """Write the cells of a fact whose entities have one date each; empty where none are worth it."""
    look, have = builder.looks[fact.panel], panel(fact.panel).dimensions
    alone = own(fact.entity, have, look)
    members = sorted(int(code) for code in builder.counts[fact.panel].get(ACROSS, ()))
    fits = 1 < len(members) <= MOST_MEMBERS and look.rows > plan.SMALL and look.cells((*alone, ACROSS)) <= plan.MOST
    if not (fits and plain.tops and ACROSS in crossing(fact.entity, have, look)):
        return {}
    return _Several(builder, fact, plain, alone, members).write()


class _Several:
    """One build: every entity's set and sums from the engine, then cells from those."""

    def __init__(self, builder: Builder, fact: Fact, plain: Plain, alone: tuple[str, ...], members: list[int]) -> None:
        self.builder, self.fact, self.plain, self.alone, self.members = builder, fact, plain, alone, members
        self.touched = plain.sums.column(Distinct(fact.entity), True)[0]
        self.flags = list(dict.fromkeys([self.touched, *(name for name, flag in plain.columns.items() if flag)]))
        self.sums = [name for name, flag in plain.columns.items() if not flag]
        self.width = len(self.flags) + 2 * len(self.sums)

    def write(self) -> dict[str, Any]:
        held = self._held()
        parts = [part for flag in self.flags for part in [self._sets(held, flag)]]
        parts += [part for name in self.sums for part in self._pairs(held, name)]
        masks, whole = self._together(parts)
        labels = {**self.builder.labels, SETS: [str(mask) for mask in masks]}
        cells = without(whole, [*self.alone, SETS], labels)
        cuboids = [Cuboid(cells.month, cells.codes, cells.columns, (SETS,))]
        stored = self.builder.writer.put(masks)
        made = [self._stored(one, stored, len(masks)) for one in (*cuboids, *rollups(cuboids[0], labels))]
        kpis = {path: self._six(path) for path in self.plain.tops}
        made = [{**one, "kpis": kpis} for one in made]
        return {"adds": True, "entity": self.fact.entity, "grain": "month", "kpis": list(kpis), "cuboids": made}

    def _held(self) -> str:
        """One row an entity: for each yes or no the set of members that say yes, for each sum its part in each."""
        part = self.builder.monthly(self.fact, self.plain.sums, (*self.alone, ACROSS), (ACROSS,))
        names = {code: quote(self.builder.labels[ACROSS][code]) for code in self.members}
        bits = " ".join(f"WHEN {ACROSS} = {name} THEN {1 << i}" for i, name in enumerate(names.values()))
        sets = [f"CAST(SUM(CASE {bits} END * {flag}) AS BIGINT) AS {flag}" for flag in self.flags]
        sums = [
            f"SUM(CASE WHEN {ACROSS} = {name} THEN {column} ELSE 0 END) AS {column}_{i}"
            for column in self.sums for i, name in enumerate(names.values())
        ]  # fmt: skip
        listed = "".join(f"MIN({name}) AS {name}, " for name in self.alone)
        columns, key = ", ".join([*sets, *sums]), self.fact.entity
        sql = f"SELECT {listed}month, {columns} FROM (\n{part}\n) AS p GROUP BY {key}, month"
        name = f"sets_{self.fact.panel}_{self.fact.entity}"
        return name if self.builder.engine.keep(name, sql) else f"(\n{sql}\n) AS e"

    def _sets(self, held: str, flag: str) -> tuple[np.ndarray, Cuboid]:
        """How many entities say yes in each set of members: the sets, and cells with their counts."""
        keys = ", ".join([*self.alone, "month"])
        counted = f"SELECT {keys}, {flag} AS bits, COUNT(*) AS s FROM {held} WHERE {flag} > 0 GROUP BY {keys}, {flag}"
        table = self.builder.engine.arrow(counted)
        bits = table["bits"].to_numpy(zero_copy_only=False).astype(np.int64)
        return bits, self._cells(table, {self.flags.index(flag): table["s"].to_numpy(zero_copy_only=False)})

    def _pairs(self, held: str, name: str) -> list[tuple[np.ndarray, Cuboid]]:
        """Sums of one column in each member, and of its products in each pair of members."""
        pairs = list(combinations_with_replacement(range(len(self.members)), 2))
        listed = [f"SUM({name}_{i}) AS s{i}" for i in range(len(self.members))]
        listed += [f"SUM({name}_{i} * {name}_{j}) AS p{i}_{j}" for i, j in pairs]
        keys = ", ".join([*self.alone, "month"])
        table = self.builder.engine.arrow(f"SELECT {keys}, {', '.join(listed)} FROM {held} GROUP BY {keys}")
        at = len(self.flags) + 2 * self.sums.index(name)
        parts = []
        for i, j in pairs:
            products = _floats(table[f"p{i}_{j}"]) * (1 if i == j else 2)
            columns = {at + 1: products} | ({at: _floats(table[f"s{i}"])} if i == j else {})
            parts.append((np.full(len(products), 1 << i | 1 << j, np.int64), self._cells(table, columns)))
        return parts

    def _cells(self, table: Any, columns: dict[int, np.ndarray]) -> Cuboid:
        month = table["month"].to_numpy(zero_copy_only=False).astype("datetime64[M]").astype(np.int64) + 1970 * 12
        codes = {name: self.builder.codes(name, table[name]) for name in self.alone}
        zero = np.zeros(len(month))
        return Cuboid(month, codes, [np.asarray(columns.get(i, zero), float) for i in range(self.width)])

    def _together(self, parts: list[tuple[np.ndarray, Cuboid]]) -> tuple[np.ndarray, Cuboid]:
        """All parts below each other with their sets numbered; the sets as bits of the members' numbers."""
        masks, codes = np.unique(np.concatenate([bits for bits, _ in parts]), return_inverse=True)
        cells = [cell for _, cell in parts]
        some = np.logical_or.reduce([np.concatenate([c.columns[i] for c in cells]) != 0 for i in range(self.width)])
        named = {name: np.concatenate([c.codes[name] for c in cells])[some] for name in self.alone}
        columns = [np.concatenate([c.columns[i] for c in cells])[some] for i in range(self.width)]
        month = np.concatenate([c.month for c in cells])[some]
        whole = Cuboid(month, {**named, SETS: codes[some].astype(np.int32)}, columns)
        ours = sum((masks >> i & 1) << code for i, code in enumerate(self.members))
        return np.asarray(ours, np.int64), whole

    def _stored(self, cuboid: Cuboid, masks: dict[str, Any], many: int) -> dict[str, Any]:
        put, labels = self.builder.writer.put, self.builder.labels
        return {
            "month": put(cuboid.month),
            "dims": {n: put(smallest(c, len(labels[n]))) for n, c in cuboid.codes.items() if n != SETS},
            "columns": [put(column) for column in cuboid.columns],
            "pins": [],
            "several": {
                "dimension": ACROSS, "sets": put(smallest(cuboid.codes[SETS], many)), "masks": masks,
                "whole": list(range(len(self.flags), self.width)),
            },
        }  # fmt: skip

    def _six(self, path: str) -> list[int]:
        """Where a KPI's six sums are."""
        name, flag = self.plain.tops[path]
        if flag:
            top = square = self.flags.index(name)
        else:
            top = len(self.flags) + 2 * self.sums.index(name)
            square = top + 1
        rows = top if path in self.plain.totals else self.flags.index(self.touched)
        return [rows, top, rows, square, top, rows]


def _floats(values: Any) -> np.ndarray:
    return np.nan_to_num(values.to_numpy(zero_copy_only=False).astype(float), nan=0.0)
