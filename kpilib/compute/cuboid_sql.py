"""The SQL of one cuboid: its GROUP BY, and the rows that an entity's months and periods are made of first."""

from __future__ import annotations

from datetime import date

from kpilib.compute.cube import Fact
from kpilib.compute.plan import Look
from kpilib.compute.query import condition, indent
from kpilib.compute.slices import ALL_MONTHS, Slice, periods
from kpilib.compute.sums import Sums
from kpilib.periods import month_start
from kpilib.sources.engine import Engine


class CuboidSql:
    """How a builder asks its engine: from which rows, by which dimensions, over which months.

    Attributes
    ----------
    engine : Engine
        Where the tables are.
    start, end : int
        The first and the last month.
    kept : dict of str to str
        What stands for a panel's rows in a FROM clause: the engine may hold them.
    looks : dict of str to Look
        What was seen of each panel.
    """

    engine: Engine
    start: int
    end: int
    kept: dict[str, str]
    looks: dict[str, Look]

    def sql(self, fact: Fact, sums: Sums, dims: tuple[str, ...], pins: tuple[str, ...]) -> str:
        """The GROUP BY of one cuboid; for entities, their rows are made one first."""
        keys = ", ".join([*dims, "month"])
        part = self.monthly(fact, sums, dims, pins) if fact.entity else self._rows(fact, sums, dims)
        if fact.grain != "month":
            part = self._whole_periods(fact, sums, dims, pins, part)
        aggregates = "".join(f", {text} AS s{i}" for text, i in sums.outer.items())
        return f"SELECT {keys}{aggregates}\nFROM (\n{indent(part)}\n) AS part\nGROUP BY {keys}"

    def _rows(self, fact: Fact, sums: Sums, dims: tuple[str, ...]) -> str:
        expressions = "".join(f", {text} AS {name}" for text, name in sums.inner.items())
        listed = "".join(f"{name}, " for name in dims)
        month = f"CAST(date_trunc('month', {fact.when}) AS DATE) AS month"
        within = condition(fact.when, Slice(self.start, self.end))
        return f"SELECT {listed}{month}{expressions}\nFROM {self.kept[fact.panel]} AS {fact.panel}{within}"

    def monthly(self, fact: Fact, sums: Sums, dims: tuple[str, ...], pins: tuple[str, ...]) -> str:
        """An entity's rows of a month made one; held by the engine, where several grains are made of it."""
        month = f"CAST(date_trunc('month', {fact.when}) AS DATE)"
        expressions = "".join(f", {text} AS {name}" for text, name in sums.inner.items())
        within = condition(fact.when, Slice(self.start, self.end))
        listed, pinned = _single(dims, pins)
        sql = (
            f"SELECT {listed}{fact.entity}, {month} AS month{expressions}\n"
            f"FROM {self.kept[fact.panel]} AS {fact.panel}{within}\nGROUP BY {pinned}{fact.entity}, {month}"
        )
        if self._adds_alone(fact):
            return sql
        name = "_".join(("months", fact.panel, fact.entity, *dims))
        if name not in self.kept:
            self.kept[name] = f"SELECT * FROM {name}" if self.engine.keep(name, sql) else sql
        return self.kept[name]

    def _adds_alone(self, fact: Fact) -> bool:
        return fact.when in self.looks[fact.panel].single.get(fact.entity, ())

    def _whole_periods(self, fact: Fact, sums: Sums, dims: tuple[str, ...], pins: tuple[str, ...], monthly: str) -> str:
        """An entity's months made one per quarter, year, trailing year or all of the data."""
        joined = ""
        if fact.grain == "ttm":
            ends = periods(Slice(self.start, self.end, grain="ttm"), self.start)
            spans = [(month_start(m), month_start(m - 11)) for m in ends] or [(date(1, 1, 1), date(1, 1, 1))]
            rows = ", ".join(f"(DATE '{end}', DATE '{begin}')" for end, begin in spans)
            joined = f"\nJOIN (VALUES {rows}) AS span(closes, opens) ON month >= opens AND month <= closes"
            period = "closes"
        elif fact.grain == ALL_MONTHS:
            period = f"DATE '{month_start(self.start)}'"
        else:
            period = f"CAST(date_trunc('{fact.grain}', month) AS DATE)"
        again = "".join(f", {text[:3]}({name}) AS {name}" for text, name in sums.inner.items())  # SUM or MAX
        listed, pinned = _single(dims, pins)
        return (
            f"SELECT {listed}{period} AS month{again}\n"
            f"FROM (\n{indent(monthly)}\n) AS monthly{joined}\nGROUP BY {pinned}{fact.entity}, {period}"
        )


def _single(dims: tuple[str, ...], pins: tuple[str, ...]) -> tuple[str, str]:
    """The dimensions of one entity's row: those it has one of need no place in the key. (SELECT list, GROUP BY list)"""
    listed = "".join(f"{name}, " if name in pins else f"MIN({name}) AS {name}, " for name in dims)
    return listed, "".join(f"{name}, " for name in pins)
