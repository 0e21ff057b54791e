"""What an analyst holds: a book of figures over one company's data.

Ask it a KPI and get a frame; ask it the SQL, the records or the glossary of the same. Numbers come from cubes where a
cube is exact, else from the engine; the answer is the same and says where it came from.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kpilib import lacking
from kpilib.about import About
from kpilib.catalogue import CATALOGUE, Kpi, get
from kpilib.compute import measure, slices
from kpilib.compute.cube import Cubes
from kpilib.compute.slices import Slice
from kpilib.errors import BadInput, CannotAnswer, unknown
from kpilib.language import N_, say
from kpilib.model.dimensions import DIMENSIONS, NOT_GIVEN
from kpilib.model.panels import Panel, panel
from kpilib.model.tables import TABLES
from kpilib.periods import month_of, month_start
from kpilib.sources.engine import Engine, frame

if TYPE_CHECKING:
    from kpilib.compute.kept import Kept
    from kpilib.compute.query import Query

Where = Mapping[str, Any] | None
By = str | Iterable[str] | None

_STAY = N_(
    "{kpi} cannot be given: in none of the {rows} customer-months did a customer leave, so they may stay for good. "
    "Take a longer period or more customers."
)


def _stays(kpi: Kpi, rows: str, locale: str) -> str:
    return say(_STAY, locale, kpi=say(kpi.name, locale), rows=rows)


class Book:
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
    def as_of(self) -> date:
        """The day the figures speak of: a period that ends later is not complete."""
        return self.about.scope.as_of

    @property
    def currency(self) -> str:
        return self.about.currency

    @property
    def tables(self) -> set[str]:
        """The model's tables that have rows."""
        return {name for name, rows in self.about.rows.items() if rows and name in TABLES}

    @property
    def first_month(self) -> date:
        return self.about.scope.first

    @property
    def last_month(self) -> date:
        return month_start(month_of(self.as_of))

    @cached_property
    def engine(self) -> Engine:
        """The database behind the book, opened when it is first needed."""
        return self._connect()

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
        kpi = self._find(key, variant)
        if kpi.derived:
            parts = {part: self._find(part, None) for part, _ in kpi.powers}
            cuts = {part: self._cut(one, by, period, where, since, until) for part, one in parts.items()}
            answers = {part: self._answer(one, cuts[part])[0] for part, one in parts.items()}
            columns, origin = measure.derived(kpi, answers), "derived"
            if kpi.discount and period is None:
                self._refuse(kpi, answers[kpi.powers[1][0]], columns)
        else:
            columns, origin = self._answer(kpi, self._cut(kpi, by, period, where, since, until))
        answer = measure.framed(columns)
        answer.attrs = {"question": kpi.question, "kpi": kpi.path, "unit": kpi.unit, "from": origin}
        return answer

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

    def catalogue(self) -> pd.DataFrame:
        """The glossary: one line a definition, variants after their main one.

        `missing` says what keeps a KPI from being answered on these data ("" where nothing does).
        """
        lines = []
        for key, main in self.kpis.items():
            for kpi in (main, *main.variants):
                lines.append(
                    {
                        "key": key, "variant": kpi.key if kpi.of else "", "name": kpi.name, "question": kpi.question,
                        "formula": kpi.formula, "table": kpi.table, "when": kpi.when, "unit": kpi.unit,
                        "better": kpi.better, "caveat": kpi.caveat, "axis": kpi.axis, "missing": self.why_not(key),
                    }
                )  # fmt: skip
        return pd.DataFrame(lines)

    def why_not(self, key: str, locale: str = "en", variant: str | None = None) -> str:
        """Why a KPI cannot be answered on these data: which table or column is missing; "" where it can.

        A variant needs what the main definition needs, and what it needs beside that.
        """
        return lacking.why_not(get(key, among=self.kpis), self.kpis, self.about, locale, variant)

    def members(self, dimension: str, panel_name: str | None = None) -> pd.DataFrame:
        """The members of a dimension, each with its rows; columns member, rows.

        The rows are those of one panel, or of deals, order lines and activities together; where these have none, of
        answers, requests and customers. In alphabetical order, "(not given)" last. Empty where the data have no rows.
        """
        if dimension not in DIMENSIONS:
            raise unknown("dimension", dimension, DIMENSIONS)
        names = (panel(panel_name).name,) if panel_name else ("deals", "sales", "activities")
        if (dimension, names) not in self._listed:
            counts = self._rows_of(dimension, names)
            if not counts and not panel_name:
                counts = self._rows_of(dimension, ("answers", "tickets", "customer_lives"))
            ordered = sorted(counts, key=lambda m: (m == NOT_GIVEN, m))
            self._listed[dimension, names] = pd.DataFrame({"member": ordered, "rows": [counts[m] for m in ordered]})
        return self._listed[dimension, names].copy()

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

    def _refuse(self, kpi: Kpi, leaving: measure.Columns, answer: measure.Columns) -> None:
        """A value over a lifetime is none where nobody left: say so where it is none of any group."""
        rows = int(np.nansum(leaving["rows"]))
        if rows and np.isnan(answer["value"]).all() and not np.nansum(leaving["numerator"]):
            counted = f"{rows:,}"
            raise CannotAnswer(_stays(kpi, counted, "en"), kpi.key, partial(_stays, kpi, counted))

    # --- how they are answered ----------------------------------------------------------------------------------

    @property
    def _start(self) -> int:
        return month_of(self.first_month)

    def _find(self, key: str, variant: str | None) -> Kpi:
        kpi = get(key, variant, self.kpis)
        reason = self.why_not(key, variant=variant)
        if reason:
            raise CannotAnswer(reason, key)
        return kpi

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

    def _known(self, dimension: str, members: Iterable[str]) -> None:
        known = self._member_names(dimension)
        for member in members:
            if member not in known:
                raise unknown(f"member of {dimension!r}", member, known)

    def _member_names(self, dimension: str) -> Collection[str]:
        if self.cubes is not None and dimension in self.cubes.index:
            return self.cubes.index[dimension]
        return {NOT_GIVEN, *(str(member) for member in self.members(dimension)["member"])}

    def _rows_of(self, dimension: str, names: Iterable[str]) -> dict[str, int]:
        """The rows of each member in these panels together."""
        counts: dict[str, int] = {}
        for name in names:
            for member, rows in self._members_of(name, dimension).items():
                counts[member] = counts.get(member, 0) + rows
        return counts

    def _members_of(self, name: str, dimension: str) -> dict[str, int]:
        one = panel(name)
        if dimension not in one.dimensions or not self.about.rows.get(one.base):
            return {}
        counted = self.cubes.members(name, dimension) if self.cubes is not None else None
        if counted is not None:
            return counted
        source = one.sql(self.about.scope, {dimension})
        table = frame(self.engine, f"SELECT {dimension} AS member, COUNT(*) AS n FROM ({source}) AS p GROUP BY 1")
        return {str(m): int(n) for m, n in zip(table["member"], table["n"], strict=True)}

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
        kept = self._kept(kpi.table, wanted, kpi.when) if kpi.at == "flow" else None
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
