"""Keeping, for each panel that counts entities, one row an entity and month: what any range of months is counted from.

Customers of five months are neither the sum of the months' nor in any cuboid. One row a customer and month (and one a
product type, salesperson or product, where an entity may have several) is little beside the order lines, and does not
grow with them. `entities` counts from what is written here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from kpilib.catalogue.kpi import Distinct, Kpi
from kpilib.compute.cube import Fact
from kpilib.compute.plan import bases, crossing, own
from kpilib.compute.store import smallest
from kpilib.compute.sums import Sums
from kpilib.model.panels import panel

if TYPE_CHECKING:
    from kpilib.compute.build import Builder

#: More rows than this are not kept: counting them would take longer than a page may.
MOST_ROWS = 4_000_000
#: The same for entities that have one date each, of which there may be as many as lines.
MOST_DATED = 300_000


@dataclass
class Plain:
    """The KPIs that count each entity once, and what it adds above: `tops` has (column, is it yes or no) by path.

    `totals` names those with nothing below: they count the entities for which the column holds.
    """

    sums: Sums
    tops: dict[str, tuple[str, bool]] = field(default_factory=dict)
    totals: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, kpis: list[Kpi], certain: frozenset[str]) -> Plain:
        plain = cls(Sums(certain))
        for kpi in kpis:
            plain.sums.add(kpi)  # all of them: cuboids read the same rows, by the same names of columns
        for kpi in kpis:
            below = kpi.denominator
            if below is not None and not (isinstance(below, Distinct) and not below.where):
                continue
            name, flag, unsure = plain.sums.column(kpi.numerator, True)
            if not unsure and (below is not None or flag):
                plain.tops[kpi.path] = name, flag and isinstance(kpi.numerator, Distinct)
                plain.totals += [kpi.path] if below is None else []
        return plain

    @property
    def columns(self) -> dict[str, bool]:
        """The columns that are read, and whether each is yes or no."""
        return dict(self.tops.values())


def keep_entities(builder: Builder, fact: Fact, plain: Plain, adds: bool) -> dict[str, Any]:
    """Write the rows of one kind of entity; empty where there are too many of them, or no KPI needs them."""
    look, have = builder.looks[fact.panel], panel(fact.panel).dimensions
    alone, across = own(fact.entity, have, look), bases(crossing(fact.entity, have, look))
    if not plain.tops or (adds and look.entities[fact.entity] > MOST_DATED):
        return {}
    part = builder.monthly(fact, plain.sums, (*alone, *across), across)
    if _count(builder, part) > MOST_ROWS:
        return {}
    rows = _Rows.read(builder, fact, part, alone, across, plain.columns)
    tables = [rows.write(builder)] + ([rows.without().write(builder)] if across else [])
    own_codes = {name: _each(rows.entity, codes) for name, codes in rows.own.items()}
    return {
        "panel": fact.panel, "when": fact.when, "entity": fact.entity, "adds": adds, "tables": tables,
        "own": {n: builder.writer.put(smallest(c, len(builder.labels[n]))) for n, c in own_codes.items()},
        "entities": int(rows.entity.max(initial=-1)) + 1, "tops": plain.tops, "totals": plain.totals,
    }  # fmt: skip


def _count(builder: Builder, part: str) -> int:
    return int(builder.engine.arrow(f"SELECT COUNT(*) AS n FROM (\n{part}\n) AS p")["n"][0].as_py())


def _each(entity: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """One code an entity, of codes one a row."""
    made = np.zeros(int(entity.max(initial=-1)) + 1, codes.dtype)
    made[entity] = codes
    return made


@dataclass
class _Rows:
    """One row an entity, month and member of what cuts across it, by month and entity."""

    month: np.ndarray
    entity: np.ndarray
    own: dict[str, np.ndarray]
    across: dict[str, np.ndarray]
    columns: dict[str, np.ndarray]

    @classmethod
    def read(
        cls, builder: Builder, fact: Fact, part: str, alone: tuple[str, ...], across: tuple[str, ...],
        columns: dict[str, bool],
    ) -> _Rows:  # fmt: skip
        table = builder.engine.arrow(f"SELECT * FROM (\n{part}\n) AS p")
        month = table["month"].to_numpy(zero_copy_only=False).astype("datetime64[M]").astype(np.int64) + 1970 * 12
        named = table[fact.entity].combine_chunks().dictionary_encode().indices.to_numpy(zero_copy_only=False)
        order = np.lexsort((named, month))
        month, named = month[order], named[order]
        first = np.full(int(named.max(initial=-1)) + 1, -1, np.int64)
        first[named[::-1]] = np.arange(len(named))[::-1]
        place = np.empty(len(first), np.int32)
        place[np.argsort(first, kind="stable")] = np.arange(len(first))  # numbered as they are met
        codes = {name: builder.codes(name, table[name])[order] for name in (*alone, *across)}
        kept = {}
        for name, flag in columns.items():
            values = table[name].to_numpy(zero_copy_only=False)[order]
            kept[name] = values.astype(np.uint8) if flag else values.astype(float)
        own_, across_ = {n: codes[n] for n in alone}, {n: codes[n] for n in across}
        return cls(month.astype(np.int32), place[named], own_, across_, kept)

    def without(self) -> _Rows:
        """One row an entity and month: what cuts across it left aside."""
        key = self.month.astype(np.int64) * (int(self.entity.max(initial=0)) + 1) + self.entity
        starts = np.flatnonzero(np.r_[True, key[1:] != key[:-1]]) if len(key) else np.zeros(0, np.int64)
        columns = {
            name: (np.maximum if values.dtype == np.uint8 else np.add).reduceat(values, starts) if len(key) else values
            for name, values in self.columns.items()
        }
        own_ = {name: codes[starts] for name, codes in self.own.items()}
        return _Rows(self.month[starts], self.entity[starts], own_, {}, columns)

    def write(self, builder: Builder) -> dict[str, Any]:
        put = builder.writer.put
        return {
            "month": put(self.month),
            "entity": put(self.entity),
            "across": {n: put(smallest(c, len(builder.labels[n]))) for n, c in self.across.items()},
            "columns": {name: put(values) for name, values in self.columns.items()},
        }
