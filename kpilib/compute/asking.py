"""How a book's questions are answered: cut into a slice, from a cube where one is exact, else by the engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

from kpilib.catalogue.kpi import Kpi
from kpilib.compute import measure, slices
from kpilib.compute.membership import Membership
from kpilib.compute.slices import Slice
from kpilib.errors import BadInput
from kpilib.model.panels import Panel, panel
from kpilib.periods import month_of
from kpilib.sources.engine import frame

if TYPE_CHECKING:
    from kpilib.compute.kept import Kept
    from kpilib.compute.query import Query

Where = Mapping[str, Any] | None
By = str | Iterable[str] | None


class Asking(Membership):
    """The part of a book that answers slices; which KPIs there are is not its business."""

    @property
    def as_of(self) -> date:
        """The day the figures speak of: a period that ends later is not complete."""
        return self.about.scope.as_of

    @property
    def first_month(self) -> date:
        return self.about.scope.first

    @property
    def _start(self) -> int:
        return month_of(self.first_month)

    def _cut(
        self, kpi: Kpi, by: By, period: str | None, where: Where, since: str | date | None, until: str | date | None
    ) -> Slice:
        if period and not kpi.when:
            raise BadInput(f"{kpi.key!r} has no time: ask it without a period.")
        return self._slice(panel(kpi.table).dimensions, f"{kpi.key!r}", by, period, where, since, until)

    def _slice(
        self, offered: tuple[str, ...], place: str, by: By, period: str | None, where: Where,
        since: str | date | None, until: str | date | None,
    ) -> Slice:  # fmt: skip
        first, last = slices.between(since, until, self._start, month_of(self.as_of))
        cut = slices.make(first, last, by, period, where, offered, place)
        for name, members in cut.where:
            self._known(name, members)
        return cut

    def _answer(self, kpi: Kpi, cut: Slice) -> tuple[measure.Columns, str]:
        if kpi.estimator:
            from kpilib.compute import estimate

            rows, origin = self._behind(kpi, cut, estimate.needed(kpi, cut))
            return estimate.answer(kpi, cut, rows, self._start, self.as_of), origin
        cells = self.cubes.answer(kpi, cut) if self.cubes is not None else None
        origin = "cube" if cells is not None else "engine"
        if cells is None:
            cells = self.ask_engine(kpi, cut)
        return measure.columns(kpi, cut, cells, self._start, self.as_of), origin

    def _behind(self, kpi: Kpi, cut: Slice, wanted: tuple[str, ...]) -> tuple[pd.DataFrame, str]:
        """The rows that an estimate is made of, and whether they were kept ("cube") or asked of the engine."""
        dated = kpi.at == "flow" and cut.days is None  # kept rows are found by their month
        kept = self._kept(kpi.table, wanted, kpi.when) if dated else None
        if kept is None:
            return frame(self.engine, self._query(kpi, cut).behind()), "engine"
        return kept.frame(wanted, cut.where, kpi.when, cut.begin, cut.last), "cube"

    def ask_engine(self, kpi: Kpi, cut: Slice) -> measure.Cells:
        """The sums of a slice by SQL on the tables, cubes left aside."""
        return measure.from_sql(frame(self.engine, self._query(kpi, cut).sql()), cut)

    def _kept(self, name: str, wanted: tuple[str, ...], dated: str) -> Kept | None:
        """The kept rows of a panel, where they can give these columns; else None."""
        kept = self.cubes.panel(name) if self.cubes is not None else None
        if kept is None or (dated and not kept.dated(dated)):
            return None
        return kept if len({*wanted} & {*kept.columns}) == len(wanted) else None

    def _panel_sql(self, one: Panel, cut: Slice, wanted: tuple[str, ...], dated: str) -> str:
        from kpilib.compute.query import condition

        need = {*cut.dimensions, *wanted} | {"-"} if wanted else one.everything
        listed = ", ".join(wanted) or "*"
        source = one.sql(self.about.scope, need)
        return f"SELECT {listed} FROM (\n{source}\n) AS {one.name}{condition(dated, cut)}\nORDER BY {one.order}"

    def _query(self, kpi: Kpi, cut: Slice) -> Query:
        """The question as SQL; loaded when it is first needed, for cubes answer most without."""
        from kpilib.compute.query import Query

        return Query(kpi, cut, self.about.scope, self._start)
