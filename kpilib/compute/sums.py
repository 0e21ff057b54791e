"""The aggregates that a cube keeps: every KPI's six sums, each distinct one computed once."""

from __future__ import annotations

from dataclasses import dataclass, field

from kpilib.catalogue.kpi import Distinct, Kpi, is_condition
from kpilib.compute.query import over_entity, side


@dataclass
class Sums:
    """The distinct aggregates that a fact's KPIs need, and which of them each KPI reads (rows, n, d, nn, nd, dd).

    `certain` holds the row expressions that are never NULL in these data: they need no guard, so more KPIs share sums.
    """

    certain: frozenset[str] = frozenset()
    inner: dict[str, str] = field(default_factory=dict)  # expression over rows → its column
    outer: dict[str, int] = field(default_factory=dict)  # aggregate → its place
    kpis: dict[str, list[int]] = field(default_factory=dict)

    def column(self, part: str | Distinct | None, entity: bool) -> tuple[str, bool, bool]:
        """The inner column of one side, whether it is known to be 0 or 1, and whether it may be NULL."""
        text = side(part)
        inner = over_entity(part, text) if entity else text
        name = self.inner.setdefault(inner, f"x{len(self.inner)}")
        flag = isinstance(part, Distinct) or part is None or part == "1" or is_condition(part)
        return name, flag, not flag and text not in self.certain

    def place(self, aggregate: str) -> int:
        return self.outer.setdefault(aggregate, len(self.outer))

    def add(self, kpi: Kpi) -> None:
        """Register a KPI's six sums."""
        entity = bool(kpi.entity)
        n, n_flag, n_null = self.column(kpi.numerator, entity)
        if kpi.total:
            rows = f"SUM({n})" if n_flag else f"COUNT({n})" if n_null else "COUNT(*)"
            squares = f"SUM({n})" if n_flag else f"SUM({n} * {n})"
            ones, sums = self.place(rows), self.place(f"SUM({n})")
            self.kpis[kpi.path] = [ones, sums, ones, self.place(squares), sums, ones]
            return
        d, d_flag, d_null = self.column(kpi.denominator, entity)
        known = " AND ".join(f"{side} IS NOT NULL" for side, null in ((n, n_null), (d, d_null)) if null)
        always = kpi.denominator == "1" or (isinstance(kpi.denominator, Distinct) and not kpi.denominator.where)
        some = [] if always else [f"({d} <> 0)" if n == d else f"({n} <> 0 OR {d} <> 0)"]
        counted = " AND ".join([*some, *([known] if known else [])])

        def total(expression: str) -> str:
            return f"SUM(CASE WHEN {known} THEN {expression} END)" if known else f"SUM({expression})"

        self.kpis[kpi.path] = [
            self.place(f"SUM(CASE WHEN {counted} THEN 1 ELSE 0 END)" if counted else "COUNT(*)"),
            self.place(total(n)),
            self.place(total(d)),
            self.place(total(n if n_flag else f"{n} * {n}")),
            self.place(total(n if always else f"{n} * {d}")),
            self.place(total(d if d_flag else f"{d} * {d}")),
        ]
