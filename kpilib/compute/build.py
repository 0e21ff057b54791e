"""Building cubes: one GROUP BY a cuboid where the data are, smaller ones rolled up from larger ones here.

Small panels are kept in one cuboid with all their dimensions. Large ones get a cuboid for the filter dimensions, with
each breakdown dimension in turn, and their roll-ups, so that a slice reads no more cells than it has to and the number
of cells does not grow with the number of rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from kpilib.catalogue.kpi import Kpi
from kpilib.compute.cube import Fact
from kpilib.compute.cuboid_sql import CuboidSql
from kpilib.compute.keep import keep
from kpilib.compute.keep_entities import Plain, keep_entities
from kpilib.compute.keep_lives import keep_lives
from kpilib.compute.plan import FILTERS, Look, plan
from kpilib.compute.query import indent, side, words
from kpilib.compute.rollup import Cuboid, rollups
from kpilib.compute.several import keep_several
from kpilib.compute.slices import ALL_MONTHS, GRAINS
from kpilib.compute.store import Writer, smallest
from kpilib.compute.sums import Sums
from kpilib.model.dimensions import DIMENSIONS, FOLLOWS, NOT_GIVEN
from kpilib.model.panels import panel
from kpilib.model.scope import Scope, members, quote
from kpilib.sources.engine import DuckDB, Engine

#: A dimension with more members than this is kept as text while cubes are built.
MOST_CODED = 5_000
#: The rows of each member are counted ahead in a dimension of no more members than these, and in the filters'.
MOST_COUNTED = 500


def build(
    engine: Engine,
    scope: Scope,
    kpis: Iterable[Kpi],
    folder: Path,
    start: int,
    end: int,
    book: dict[str, Any] | None = None,
) -> None:
    """Make the cubes of all KPIs that the data can answer and publish them in `folder`.

    Parameters
    ----------
    engine : Engine
        Where the tables are.
    scope : Scope
        Which tables exist, and the day.
    kpis : iterable of Kpi
        Those to keep; variants included, derived and estimated ones left out.
    folder : Path
        Published whole or not at all.
    start, end : int
        Month numbers of the data's first month and of `as_of`.
    book : dict, optional
        What the header says of the book they belong to.
    """
    builder = Builder(engine, scope, Writer(folder), start, end)
    try:
        header = builder.run(list(kpis))
    except BaseException:
        builder.writer.discard()
        raise
    builder.writer.publish({**header, "book": book or {}})


class Builder(CuboidSql):
    """One build: labels are numbered as they are met, cuboids written as they are made."""

    def __init__(self, engine: Engine, scope: Scope, writer: Writer, start: int, end: int) -> None:
        self.engine, self.scope, self.writer, self.start, self.end = engine, scope, writer, start, end
        self.labels: dict[str, list[str]] = {}
        self.kept: dict[str, str] = {}
        self.looks: dict[str, Look] = {}
        self.counts: dict[str, dict[str, dict[str, int]]] = {}

    def run(self, kpis: list[Kpi]) -> dict[str, Any]:
        follows = self._follow()
        self._of_leads()
        # Other engines have no type made up on the way; they give text.
        coded = self._coded if isinstance(self.engine, DuckDB) else str
        panels = keep(self.engine, self.scope, self.writer, coded)
        summed = [kpi for kpi in kpis if kpi.table and kpi.when and not kpi.estimator and not panel(kpi.table).spanned]
        lives = keep_lives(self) if any(kpi.table and panel(kpi.table).spanned for kpi in kpis) else {}
        for name in dict.fromkeys(kpi.table for kpi in summed):
            self._keep(name, [kpi for kpi in summed if kpi.table == name])
        entities, several = self._entities(summed)
        made = {fact.name: self._fact(fact, of_fact) for fact, of_fact in self._facts(summed).items()}
        for name, counts in self.counts.items():  # last: a row's own dimensions get their numbers as they are met
            more = (d for d in panel(name).dimensions if d not in counts and self._few(d))
            counts |= {d: self._count(name, d) for d in more}
        return {
            "start": self.start, "end": self.end, "labels": self.labels, "follows": follows, "counts": self.counts,
            "panels": panels, "entities": entities, "lives": lives,
            "facts": {name: fact for name, fact in (made | several).items() if fact["cuboids"]},
        }  # fmt: skip

    def _follow(self) -> dict[str, dict[str, Any]]:
        """For each entity dimension (customer, owner, product) the members of the dimensions that follow from it."""
        follows: dict[str, dict[str, Any]] = {}
        for base, names in FOLLOWS.items():
            kept = [n for n in names if n != "region" or self.scope.region_via == "customers"]
            if base == "owner" and self.scope.region_via == "salespeople":
                kept.append("region")
            table = self.engine.arrow(members(self.scope, base, kept))
            rows = {name: [value or NOT_GIVEN for value in table[name].to_pylist()] for name in table.column_names}
            codes = self._encode(base, [NOT_GIVEN, *rows[base]])
            for name in kept:
                of = np.zeros(len(self.labels[base]), np.int32)
                of[codes] = self._encode(name, [NOT_GIVEN, *rows[name]])
                follows.setdefault(base, {})[name] = self.writer.put(of)
        return follows

    def _of_leads(self) -> None:
        """Number the members that only leads name: their family and region are their own, not a customer's."""
        for name in ("segment", "region"):
            if name in self.scope.tables.get("leads", ()):
                asked = f"SELECT DISTINCT {name} AS m FROM leads WHERE {name} IS NOT NULL ORDER BY 1"
                self._encode(name, [str(member) for member in self.engine.arrow(asked)["m"].to_pylist()])

    def _encode(self, dimension: str, values: Iterable[str]) -> np.ndarray:
        """Number the members; a number stays what it is once given."""
        labels = self.labels.setdefault(dimension, [NOT_GIVEN])
        index = {label: i for i, label in enumerate(labels)}
        for value in values:
            if value not in index:
                index[value] = len(labels)
                labels.append(value)
        return np.array([index[value] for value in values], np.int32)

    # --- the rows, read once ------------------------------------------------------------------------------------

    def _keep(self, name: str, kpis: list[Kpi]) -> None:
        """Have the engine hold the panel's rows, its dimensions as small numbers: every cuboid is made of them."""
        texts = [side(part) for kpi in kpis for part in (kpi.numerator, kpi.denominator)]
        dims = set(panel(name).dimensions)
        used = dims.union(*(words(text) for text in texts), *({kpi.when, kpi.entity} for kpi in kpis))
        source = panel(name).sql(self.scope, used)
        columns = self.engine.arrow(f"SELECT * FROM (\n{source}\n) AS p LIMIT 0").column_names
        listed = ", ".join(self._coded(c) if c in dims else c for c in columns if c in used)
        held = self.engine.keep(f"kept_{name}", f"SELECT {listed} FROM (\n{source}\n) AS p")
        self.kept[name] = f"kept_{name}" if held else f"(\n{indent(source)}\n)"
        self.looks[name] = self._look(name, kpis)
        self.counts[name] = {d: self._count(name, d) for d in panel(name).dimensions if d in FILTERS}

    def _few(self, dimension: str) -> bool:
        return 0 < len(self.labels.get(dimension, ())) <= MOST_COUNTED

    def _coded(self, dimension: str) -> str:
        labels = self.labels.get(dimension, [])
        # A row's own column may hold a member that no panel before has met.
        if not DIMENSIONS[dimension].via or not 1 < len(labels) <= MOST_CODED:
            return dimension
        return f"CAST({dimension} AS ENUM({', '.join(quote(label) for label in labels)})) AS {dimension}"

    def _count(self, name: str, dimension: str) -> dict[str, int]:
        """Rows of each member, by its number; rows without a date count too, which no cuboid holds."""
        counted = self.engine.arrow(f"SELECT {dimension} AS m, COUNT(*) AS n FROM {self.kept[name]} AS p GROUP BY 1")
        codes = self.codes(dimension, counted["m"])
        rows = counted["n"].to_numpy(zero_copy_only=False)
        return {str(code): int(n) for code, n in zip(codes, rows, strict=True)}

    def _look(self, name: str, kpis: list[Kpi]) -> Look:
        """What decides which cuboids a panel gets: its size, its members, what its entities are one of."""
        rows, have = self.kept[name], panel(name).dimensions
        own = [dimension for dimension in have if dimension not in self.labels]
        counts = "".join(f", COUNT(DISTINCT {dimension}) AS {dimension}" for dimension in own)
        texts = sorted({side(part) for kpi in kpis for part in (kpi.numerator, kpi.denominator)})
        filled = "".join(f", COUNT({text}) AS c{i}" for i, text in enumerate(texts))
        size = self.engine.arrow(f"SELECT COUNT(*) AS n{counts}{filled} FROM {rows} AS p").to_pylist()[0]
        certain = frozenset(text for i, text in enumerate(texts) if size[f"c{i}"] == size["n"])
        members_ = {dimension: size.get(dimension) or len(self.labels.get(dimension, ())) for dimension in have}
        single: dict[str, frozenset[str]] = {}
        entities: dict[str, int] = {}
        for entity in {kpi.entity for kpi in kpis if kpi.entity} if size["n"] else ():
            when = next(kpi.when for kpi in kpis if kpi.entity == entity)
            asked = {"customer": "customer_id", "owner": "owner", when: when}
            each = ", ".join(f"MIN({c}) AS l_{k}, MAX({c}) AS h_{k}" for k, c in asked.items())
            differ = ", ".join(f"MAX(CASE WHEN l_{k} <> h_{k} THEN 1 ELSE 0 END) AS {k}" for k in asked)
            inner = f"SELECT {entity}, {each} FROM {rows} AS p GROUP BY {entity}"
            found = self.engine.arrow(f"SELECT COUNT(*) AS n_, {differ} FROM ({inner}) AS e").to_pylist()[0]
            entities[entity] = found.pop("n_")
            single[entity] = frozenset(k for k, differs in found.items() if not differs)
        months = self.end - self.start + 1
        look = Look(size["n"], members_, single, months, certain=certain, entities=entities)
        together = ", ".join(name for name in look.of_accounts if name in have) or "1"
        sql = f"SELECT COUNT(*) AS n FROM (SELECT DISTINCT {together} FROM {rows} AS p) AS a"
        return replace(look, accounts=self.engine.arrow(sql)["n"][0].as_py())

    def _facts(self, kpis: list[Kpi]) -> dict[Fact, list[Kpi]]:
        """The KPIs by what their rows are; entities that a month may share with the next, once a grain."""
        facts: dict[Fact, list[Kpi]] = {}
        for kpi in kpis:
            for grain in ("month",) if self._adds(kpi) else (*GRAINS, ALL_MONTHS):
                facts.setdefault(Fact(kpi.table, kpi.when, kpi.entity, grain), []).append(kpi)
        return facts

    def _entities(self, kpis: list[Kpi]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """What counts entities over any months and members: a row for each where they are few, else cells of sets."""
        kinds: dict[Fact, list[Kpi]] = {}
        for kpi in kpis:
            if kpi.entity and self.looks[kpi.table].rows:
                kinds.setdefault(Fact(kpi.table, kpi.when, kpi.entity), []).append(kpi)
        rows: list[dict[str, Any]] = []
        cells: dict[str, Any] = {}
        for fact, of_fact in kinds.items():
            adds, plain = self._adds(of_fact[0]), Plain.of(of_fact, self.looks[fact.panel].certain)
            kept = keep_entities(self, fact, plain, adds)
            sets = keep_several(self, fact, plain) if adds and not kept else {}
            rows += [kept] if kept else []
            cells |= {f"{fact.name}.several": sets} if sets else {}
        return rows, cells

    def _adds(self, kpi: Kpi) -> bool:
        """Whether the KPI's months add up: rows do, and entities that have one date each."""
        return not kpi.entity or kpi.when in self.looks[kpi.table].single.get(kpi.entity, ())

    # --- asking the engine --------------------------------------------------------------------------------------

    def _fact(self, fact: Fact, kpis: list[Kpi]) -> dict[str, Any]:
        sums = Sums(self.looks[fact.panel].certain)
        for kpi in kpis:
            sums.add(kpi)
        made = []
        for dims, pins in plan(fact, panel(fact.panel).dimensions, self.looks[fact.panel]):
            cuboid = self._query(fact, sums, dims, pins)
            made += [self._write(one, sums) for one in (cuboid, *rollups(cuboid, self.labels))]
        adds = self._adds(kpis[0])
        return {"adds": adds, "entity": fact.entity, "grain": fact.grain, "kpis": list(sums.kpis), "cuboids": made}

    def _query(self, fact: Fact, sums: Sums, dims: tuple[str, ...], pins: tuple[str, ...]) -> Cuboid:
        table = self.engine.arrow(self.sql(fact, sums, dims, pins))
        month = table["month"].to_numpy(zero_copy_only=False).astype("datetime64[M]").astype(np.int64) + 1970 * 12
        order = np.argsort(month, kind="stable")
        codes = {name: self.codes(name, table[name])[order] for name in dims}
        columns = [_floats(table[f"s{i}"])[order] for i in range(len(sums.outer))]
        return Cuboid(month[order].astype(np.int32), codes, columns, pins)

    def codes(self, dimension: str, values: pa.ChunkedArray) -> np.ndarray:
        chunks = values.unify_dictionaries().chunks or [pa.array([], pa.string())]
        coded: Any = pa.concat_arrays(chunks)
        if not pa.types.is_dictionary(coded.type):
            coded = coded.dictionary_encode()
        ours = self._encode(dimension, [str(value) for value in coded.dictionary.to_pylist()])
        return ours[coded.indices.to_numpy(zero_copy_only=False)] if len(ours) else np.zeros(0, np.int32)

    def _write(self, cuboid: Cuboid, sums: Sums) -> dict[str, Any]:
        put = self.writer.put
        return {
            "month": put(cuboid.month),
            "dims": {name: put(smallest(codes, len(self.labels[name]))) for name, codes in cuboid.codes.items()},
            "columns": [put(column) for column in cuboid.columns],
            "kpis": sums.kpis,
            "pins": list(cuboid.pins),
        }


def _floats(values: pa.ChunkedArray) -> np.ndarray:
    return np.nan_to_num(values.cast(pa.float64()).to_numpy(zero_copy_only=False).astype(float), nan=0.0)
