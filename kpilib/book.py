"""What an analyst holds: a book of figures over one company's data.

Ask it a KPI and get a frame; ask it the SQL, the records or the glossary of the same. Numbers come from cubes where a
cube is exact, else from the engine; the answer is the same and says where it came from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from kpilib import lacking
from kpilib.about import About
from kpilib.catalogue import CATALOGUE, Kpi, get
from kpilib.compute import measure
from kpilib.compute.asking import Asking, By, Where
from kpilib.compute.cube import Cubes
from kpilib.errors import CannotAnswer
from kpilib.model.panels import panel
from kpilib.model.tables import TABLES
from kpilib.periods import month_of, month_start
from kpilib.sources.engine import Engine, frame

if TYPE_CHECKING:
    from kpilib.change.explain import Explanation
    from kpilib.change.looks import Looks
    from kpilib.compute.comparing import Targets


class Book(Asking):
    """The KPIs of one company's data. `kpilib.open` makes one."""

    def __init__(self, about: About, connect: Callable[[], Engine], cubes: Cubes | None = None) -> None:
        self.about, self._connect, self.cubes = about, connect, cubes
        self.kpis: dict[str, Kpi] = dict(CATALOGUE)
        self._listed: dict[tuple[str, tuple[str, ...]], pd.DataFrame] = {}

    def __repr__(self) -> str:
        return f"Book({self.name!r}, as of {self.as_of}, {', '.join(sorted(self.tables))})"

    # --- what it is about ---------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        return self.about.name

    @property
    def fingerprint(self) -> str:
        return self.about.fingerprint

    @property
    def currency(self) -> str:
        return self.about.currency

    @property
    def tables(self) -> set[str]:
        """The model's tables that have rows."""
        return {name for name, rows in self.about.rows.items() if rows and name in TABLES}

    @property
    def last_month(self) -> date:
        return month_start(month_of(self.as_of))

    def close(self) -> None:
        """Give the database back; the book opens it again when it needs it."""
        if "engine" in self.__dict__:
            self.engine.close()
            del self.__dict__["engine"]

    # --- questions ----------------------------------------------------------------------------------------------

    def kpi(
        self, key: str, by: By = None, period: str | None = None, where: Where = None,
        since: str | date | None = None, until: str | date | None = None, variant: str | None = None,
    ) -> pd.DataFrame:  # fmt: skip
        """A KPI over a slice, with its interval and counts.

        Parameters
        ----------
        key : str
            A key of the catalogue: "win_rate".
        by : str or list of str, optional
            Dimension or dimensions to group by.
        period : {"month", "quarter", "year", "ttm"}, optional
            One line a period ("ttm" is the trailing twelve months at each month); without it, one for the whole range.
        where : mapping, optional
            Dimension → member or members to keep.
        since, until : str or date, optional
            Both included: "2025-01", "2025Q1", "2025"; by default all months of the data, to that of `as_of`.
        variant : str, optional
            Another definition: "by_value".

        Returns
        -------
        pandas.DataFrame
            Columns group, period, value, numerator, denominator, rows, low, high (95 %), complete (is the period over
            at `as_of`); with several dimensions in `by`, one column each too. Shares are fractions, money is in
            `book.currency`. A group and period without rows has NaN and 0 rows. `frame.attrs` says the question, the
            slice and where the answer came from ("cube" or "engine").

        Raises
        ------
        UnknownName
            A KPI, variant, dimension, member or period that does not exist, with a did-you-mean.
        CannotAnswer
            The tables that the KPI needs are missing: says which.
        """
        kpi, columns, origin = self.columns(key, by, period, where, since, until, variant)
        answer = measure.framed(columns)
        answer.attrs = {"question": kpi.question, "kpi": kpi.path, "unit": kpi.unit, "from": origin}
        return answer

    def columns(
        self, key: str, by: By = None, period: str | None = None, where: Where = None,
        since: str | date | None = None, until: str | date | None = None, variant: str | None = None,
    ) -> tuple[Kpi, measure.Columns, str]:  # fmt: skip
        """The same as `kpi`, without pandas: the definition, the columns by name, where the answer came from."""
        kpi = self._find(key, variant)
        if not kpi.derived:
            return kpi, *self._answer(kpi, self._cut(kpi, by, period, where, since, until))
        answers = {part: self.columns(part, by, period, where, since, until)[1] for part, _ in kpi.powers}
        columns = measure.derived(kpi, answers)
        if kpi.discount and period is None:
            lacking.refuse_stayers(kpi, answers[kpi.powers[1][0]], columns)
        return kpi, columns, "derived"

    def sql(
        self, key: str, by: By = None, period: str | None = None, where: Where = None,
        since: str | date | None = None, until: str | date | None = None, variant: str | None = None,
    ) -> str:  # fmt: skip
        """The SQL (DuckDB dialect) that answers `kpi` with the same arguments, straight from the tables."""
        kpi = self._find(key, variant)
        if kpi.derived:
            parts = (f"-- {part}\n{self.sql(part, by, period, where, since, until)}" for part, _ in kpi.powers)
            return f"-- {kpi.key} = {kpi.formula}\n" + ";\n\n".join(parts)
        cut = self._cut(kpi, by, period, where, since, until)
        if kpi.estimator:
            return f"-- {kpi.formula} of these rows\n{self._query(kpi, cut).behind()}"
        return self._query(kpi, cut).sql()

    def rows(
        self, key: str, by: By = None, period: str | None = None, where: Where = None,
        since: str | date | None = None, until: str | date | None = None, variant: str | None = None,
        limit: int | None = 1000,
    ) -> pd.DataFrame:  # fmt: skip
        """The records behind a number, latest first: every column of the panel, what each adds above (n) and below (d).

        For a KPI that counts entities (orders, customers), the rows from which they are counted. A derived KPI has the
        rows of its parts: ask for one of them.
        """
        kpi = self._find(key, variant)
        if kpi.derived:
            parts = ", ".join(part for part, _ in kpi.powers)
            raise CannotAnswer(f"{key!r} is made of other KPIs; ask for the rows of one of them: {parts}.")
        cut = self._cut(kpi, by, period, where, since, until)
        latest = [f"{kpi.when} DESC"] if kpi.when else []
        latest += ["n DESC"] if panel(kpi.table).spanned else []  # the lost before those who stayed
        order = f"\nORDER BY {', '.join([*latest, *panel(kpi.table).key])}"
        cap = "" if limit is None else f"\nLIMIT {int(limit)}"
        return frame(self.engine, self._query(kpi, cut).behind() + order + cap)

    def variants(
        self, key: str, by: By = None, period: str | None = None, where: Where = None,
        since: str | date | None = None, until: str | date | None = None,
    ) -> pd.DataFrame:  # fmt: skip
        """A KPI under all its definitions, and on what they disagree.

        Parameters
        ----------
        key, by, period, where, since, until
            As for `kpi`.

        Returns
        -------
        pandas.DataFrame
            One row a definition, group and period: key, variant ("main" first), name, and the columns of `kpi`;
            `before`, the value of the period before (without `period`, of the window before), and `change` against it
            ("better", "worse", "same", "" where there is none or the period is not over); `best`, whether no group of
            its definition and period is better (groups of few rows are not ranked); unit, better, formula, source, and
            `missing`, what keeps these data from answering the definition ("" where nothing does). In
            ``attrs["flips"]`` the conclusions that depend on the definition: see `compute.sensitivity.flips`.

        Raises
        ------
        UnknownName, CannotAnswer
            As `kpi`, for the main definition.
        """
        from kpilib.compute.definitions import under_all

        self._find(key, None)
        return under_all(self, key, by, period, where, since, until)

    def bounds(
        self, key: str, by: By = None, period: str | None = None, where: Where = None,
        since: str | date | None = None, until: str | date | None = None, variant: str | None = None,
    ) -> pd.DataFrame:  # fmt: skip
        """The range that a KPI can take, given what is missing: see `compute.bounded.bounded`."""
        from kpilib.compute.bounded import bounded

        return bounded(self, key, variant, by=by, period=period, where=where, since=since, until=until)

    def catalogue(self) -> pd.DataFrame:
        """The glossary: one line a definition, variants after their main one.

        `missing` says what keeps a KPI from being answered on these data ("" where nothing does).
        """
        return lacking.glossary(self.kpis, self.about)

    def why_not(self, key: str, locale: str = "en", variant: str | None = None) -> str:
        """Why a KPI cannot be answered on these data: which table or column is missing; "" where it can.

        A variant needs what the main definition needs, and what it needs beside that.
        """
        return lacking.why_not(get(key, among=self.kpis), self.kpis, self.about, locale, variant)

    def panel(
        self, name: str, where: Where = None, since: str | date | None = None, until: str | date | None = None,
        when: str | None = None, columns: Iterable[str] | None = None,
    ) -> pd.DataFrame:  # fmt: skip
        """The rows of a panel by date and key: one line at its grain, with its dimensions.

        `when` is the date column that `since` and `until` bound (the panel's first one by default); without either, no
        row is left out for its date. Members that `where` names must exist.
        """
        one = panel(name)
        dated = when or (one.dates[0] if one.dates and (since or until) else "")
        cut = self._slice(one.dimensions, f"panel {name!r}", None, None, where, since, until)
        wanted = tuple(columns or ())
        kept = self._kept(name, wanted, dated)
        if kept is not None:
            return kept.frame(wanted, cut.where, dated, cut.first, cut.last)
        return frame(self.engine, self._panel_sql(one, cut, wanted, dated))

    def finding(self, name: str) -> dict[str, Any]:
        """What was estimated of the whole company, whatever the slice: numbers, lists, frames by name.

        Estimated once for these data and kept (`kpilib.analysis.kept.ESTIMATED` has the names); where the data cannot
        give it, `{"cannot": sentence}`. `UnknownName` with a did-you-mean for a name that is none.
        """
        from kpilib.analysis.kept import kept

        return kept(self, name)

    # --- from a number to a decision ----------------------------------------------------------------------------

    def compare(
        self, key: str, period: Any = None, to: Any = "previous", by: By = None, where: Where = None,
        against: Where = None, variant: str | None = None, calendar: str | None = None,
    ) -> pd.DataFrame:  # fmt: skip
        """Two figures of a KPI beside each other, with their difference and a verdict: see `change.compare.compare`."""
        from kpilib.change.compare import compare

        return compare(self, key, period, to, by, where, against, variant, calendar)

    def explain(
        self, key: str, before: Any, now: Any, by: str | None = None, where: Where = None, variant: str | None = None
    ) -> Explanation:
        """Why a KPI changed between two periods, part by part: see `change.explain.explained`."""
        from kpilib.change.explain import explained

        return explained(self, key, before, now, by, where, variant)

    def pipeline_change(self, since: Any, until: Any, where: Where = None, due: Any = None) -> pd.DataFrame:
        """How the open pipeline of one day became that of another, a row a step: see `change.pipeline`."""
        from kpilib.change.pipeline import pipeline_change

        return pipeline_change(self, since, until, where, due).frame()

    @cached_property
    def looks(self) -> Looks:
        """The comparisons that were looked at through this book, and which stand when all of them are counted."""
        from kpilib.change.looks import Looks

        return Looks()

    @cached_property
    def aims(self) -> Targets:
        """The targets of the team's own `workbook.toml`, from the data's first month to a year after `as_of`."""
        from kpilib.workbook import settings

        return settings().targets(self._start, month_of(self.as_of) + 12)

    # --- how they are answered ----------------------------------------------------------------------------------

    def _find(self, key: str, variant: str | None) -> Kpi:
        kpi = get(key, variant, self.kpis)
        reason = self.why_not(key, variant=variant)
        if reason:
            raise CannotAnswer(reason, key)
        return kpi
