"""A KPI and a slice as SQL: the answer straight from the tables, as a reader can check it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta

from kpilib.catalogue.kpi import Distinct, Kpi, is_condition
from kpilib.compute.slices import Slice, periods, spans, stock_months
from kpilib.model.panels import panel
from kpilib.model.scope import Scope, quote
from kpilib.periods import month_of, month_start

_WORD = re.compile(r"[a-z_][a-z_0-9]*")


def words(expression: str) -> frozenset[str]:
    """The names in an SQL expression, its texts left out."""
    return frozenset(_WORD.findall(re.sub(r"'[^']*'", "", expression)))


def side(part: str | Distinct | None) -> str:
    """What a row adds to one side, as SQL: a condition counts 1 or 0."""
    if part is None:
        return "1"
    if isinstance(part, Distinct):
        return f"CASE WHEN {part.where} THEN 1 ELSE 0 END" if part.where else "1"
    return f"CASE WHEN {part} THEN 1 ELSE 0 END" if is_condition(part) else part


def over_entity(part: str | Distinct | None, column: str) -> str:
    """How the rows of one entity become one: counted once, or summed."""
    return f"MAX({column})" if isinstance(part, Distinct) or part is None else f"SUM({column})"


def needed(kpi: Kpi, cut: Slice) -> frozenset[str]:
    """The panel's columns that an answer reads beyond its own grain's."""
    texts = [side(kpi.numerator), side(kpi.denominator)]
    return frozenset(cut.dimensions).union(*(words(text) for text in texts)) | {"-"}


def condition(kpi_when: str, cut: Slice, at: str = "flow", start: int = 0) -> str:
    """The WHERE clause of a slice ("" where everything is kept)."""
    kept = [f"{name} IN ({', '.join(quote(m) for m in members)})" for name, members in cut.where]
    if kpi_when and at != "flow":
        months = ", ".join(f"DATE '{month_start(m)}'" for m in sorted(stock_months(cut, at, start).values()))
        kept.append(f"{kpi_when} IN ({months})" if months else "1 = 0")
    elif kpi_when:
        since, until = month_start(cut.begin), month_start(cut.last + 1)
        if cut.days is not None:
            since, until = cut.days[0], cut.days[1] + timedelta(days=1)
        kept.append(f"{kpi_when} >= DATE '{since}' AND {kpi_when} < DATE '{until}'")
    return "\n  WHERE " + "\n    AND ".join(kept) if kept else ""


def indent(sql: str) -> str:
    return "\n".join("  " + line for line in sql.splitlines())


@dataclass(frozen=True)
class Query:
    """A KPI asked of a slice, with the pieces that its SQL is made of."""

    kpi: Kpi
    cut: Slice
    scope: Scope
    start: int  # the data's first month

    def sql(self) -> str:
        """The SELECT that answers it: one row a group and period that has rows.

        Columns: the dimensions of `by`, `period_start` (with a grain), numerator, denominator, value, rows, and the
        second moments nn, nd, dd that the interval is made of.
        """
        kpi = self.kpi
        groups = [*self.cut.by, *(["period_start"] if self.period else [])]
        listed = "".join(f"{name}, " for name in groups)
        bottom = "" if kpi.total else "SUM(d) AS denominator, SUM(n) * 1.0 / NULLIF(SUM(d), 0) AS value, "
        if kpi.total:
            bottom = "CAST(NULL AS DOUBLE) AS denominator, SUM(n) AS value, "
        moments = "SUM(n * n) AS nn, SUM(n * d) AS nd, SUM(d * d) AS dd"
        grouped = f"\nGROUP BY {', '.join(groups)}\nORDER BY {', '.join(groups)}" if groups else ""
        return (
            f"WITH {kpi.table} AS (\n{indent(panel(kpi.table).sql(self.narrowed, needed(kpi, self.cut)))}\n),\n"
            f"part AS (\n{indent(self.parts())}\n)\n"
            f"SELECT {listed}SUM(n) AS numerator, {bottom}COUNT(*) AS rows, {moments}\n"
            f"FROM part\nWHERE {self.counted()}{grouped}"
        )

    def behind(self) -> str:
        """The SELECT of the panel's rows behind the answer; n and d are what each adds above and below.

        An estimator takes all rows of the slice.
        """
        kpi, where = self.kpi, condition(self.dated, self.cut, self.kpi.at, self.start)
        sides = () if kpi.estimator else (side(kpi.numerator), side(kpi.denominator))
        need = frozenset(panel(kpi.table).dimensions).union(*(words(text) for text in sides))
        source = panel(kpi.table).sql(self.narrowed, need)
        if not sides:
            return f"SELECT * FROM (\n{indent(source)}\n) AS {kpi.table}{where}"
        return (
            f"SELECT * FROM (\n  SELECT {kpi.table}.*, {sides[0]} AS n, {sides[1]} AS d\n"
            f"  FROM (\n{indent(indent(source))}\n  ) AS {kpi.table}{where}\n) AS behind\nWHERE {self.counted()}"
        )

    @property
    def narrowed(self) -> Scope:
        """The scope with no more months than the slice has, and its periods where the rows are made for them."""
        made = spans(self.cut, self.start, month_of(self.scope.as_of)) if self.spanned else None
        return replace(self.scope, span=(self.cut.begin, self.cut.last), spans=made)

    @property
    def spanned(self) -> bool:
        """Whether the panel's rows are made for the periods of the slice."""
        return panel(self.kpi.table).spanned

    @property
    def dated(self) -> str:
        """The date column that the slice bounds: none where the rows are those of its periods already."""
        return "" if self.spanned else self.kpi.when

    @property
    def period(self) -> str:
        """The SQL of a row's period ("" without a grain)."""
        grain, when = self.cut.grain, self.kpi.when
        if grain is None or not when:
            return ""
        if self.spanned:
            return when
        if grain == "ttm":
            return "span.period_start" if self.kpi.at == "flow" else when
        return f"CAST(date_trunc('{grain}', {when}) AS DATE)"

    def counted(self) -> str:
        """Which rows count: known on both sides, and adding something to one of them."""
        if not self.kpi.total:
            return "n IS NOT NULL AND d IS NOT NULL AND (n <> 0 OR d <> 0)"
        yes_or_no = isinstance(self.kpi.numerator, Distinct) or is_condition(self.kpi.numerator)
        return "n <> 0" if yes_or_no else "n IS NOT NULL"

    def parts(self) -> str:
        """The SELECT of what each row (or each entity) adds to the top (n) and to the bottom (d)."""
        kpi = self.kpi
        columns = [*self.cut.by, *([f"{self.period} AS period_start"] if self.period else [])]
        listed = "".join(f"{name}, " for name in columns)
        entity = f"{kpi.entity}, " if kpi.entity else ""
        rows = (
            f"SELECT {listed}{entity}{side(kpi.numerator)} AS n, {side(kpi.denominator)} AS d\n"
            f"  FROM {kpi.table}{self._trailing()}{condition(self.dated, self.cut, kpi.at, self.start)}"
        )
        if not kpi.entity:
            return rows
        groups = [*self.cut.by, *(["period_start"] if self.period else []), kpi.entity]
        top, bottom = over_entity(kpi.numerator, "n"), over_entity(kpi.denominator, "d")
        return (
            f"SELECT {', '.join(groups)}, {top} AS n, {bottom} AS d\nFROM (\n{indent(rows)}\n) AS line\n"
            f"GROUP BY {', '.join(groups)}"
        )

    def _trailing(self) -> str:
        """For trailing twelve months, a row belongs to each window that holds it."""
        if self.cut.grain != "ttm" or self.kpi.at != "flow" or not self.dated:
            return ""
        ends = periods(self.cut, self.start)
        rows = ", ".join(
            f"(DATE '{month_start(m)}', DATE '{month_start(m - 11)}', DATE '{month_start(m + 1)}')" for m in ends
        )
        rows = rows or "(DATE '1900-01-01', DATE '1900-01-01', DATE '1900-01-01')"
        return (
            f"\n  JOIN (VALUES {rows}) AS span(period_start, opens, closes)"
            f" ON {self.kpi.when} >= opens AND {self.kpi.when} < closes"
        )
