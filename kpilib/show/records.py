"""The records behind a number: which rows, under which names, how many of them.

Rows come from the database behind the book; a page that nobody drills into never opens it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

import pandas as pd
from pandas.api import types

from kpilib.errors import CannotAnswer, UnknownName
from kpilib.language import N_
from kpilib.model.dimensions import DIMENSIONS, NOT_GIVEN
from kpilib.model.panels import PANELS
from kpilib.model.tables import TABLES

from .view import View
from .words import NOTHING, Words, missing

if TYPE_CHECKING:
    from .live import Live

#: So many records are shown on a page; a file holds them all.
MOST = 1000
PERIOD = "period"
#: The names of what a KPI's rows carry beside the panel's columns.
_ADDED = {
    "n": N_("Adds above"), "d": N_("Adds below"), "month": N_("Month end"), "age": N_("Age, days"),
    "idle": N_("Last touch, days ago"), "overdue": N_("Past due, days"),
    "opens": N_("Period's first day"), "closes": N_("Day after the period"), "opening": N_("Customer at the start"),
    "closing": N_("Customer at the end"), "acquired": N_("Came in the period"), "lost": N_("Lost in the period"),
    "seen": N_("Customer in the period"), "year_before": N_("Customer a year before the end"),
    "revenue_before": N_("Revenue of the 12 months before"), "revenue_12": N_("Revenue of the last 12 months"),
    "revenue_24": N_("Revenue of the 12 months before those"), "period_start": N_("Period"),
    "fell_due": N_("Has fallen due"), "on_time": N_("Paid on time"), "days_late": N_("Days late"),
    "days_from_due": N_("Days from due to paid"), "days_so_far": N_("Days late so far"),
}  # fmt: skip


#: Keys that a page leaves out where the name they stand for is there; a file has both.
_SAID_BY = {"customer_id": "customer", "owner_id": "owner", "product_id": "product"}


@dataclass(frozen=True)
class Records:
    """The rows behind a piece: what they are of, the slice, the rows, and how many there are in all."""

    title: str
    slice: str
    frame: pd.DataFrame
    total: int
    base: str = ""

    def names(self, words: Words) -> list[str]:
        """What each column is called."""
        return [named(column, self.base, words) for column in self.frame.columns]

    def as_json(self, words: Words) -> dict[str, Any]:
        """Title, slice, columns, rows as text with the number to sort by, and what was left out."""
        kept = [column for column in self.frame.columns if _SAID_BY.get(column) not in self.frame.columns]
        columns = [
            {"name": str(c), "title": named(c, self.base, words), "number": _is_number(self.frame[c])} for c in kept
        ]
        shown = [[_cell(value, words) for value in self.frame[column]] for column in kept]
        said = words.plural(self.total, "{n} record", "{n} records", n=words.count(self.total))
        if self.total > len(self.frame):
            said = words.say(
                "The first {shown} of {all} records", shown=words.count(len(self.frame)), all=words.count(self.total)
            )
        rows = [list(row) for row in zip(*shown, strict=True)]
        told = {"title": words.say(self.title), "slice": self.slice, "said": said, "total": self.total}
        return {**told, "columns": columns, "rows": rows}


def behind(
    piece: "Live", view: View, chosen: Mapping[str, str], mark: Mapping[str, str], most: int | None = MOST
) -> Records:
    """The records behind a piece for a view, or behind one mark of its chart.

    Parameters
    ----------
    piece : Live
        A figure, or tiles with ``mark={"kpi": "win_rate"}``.
    view : View
        The slice.
    chosen : mapping of str to str
        The piece's own lists.
    mark : mapping of str to str
        The member that was clicked, by the field of the chart: ``{"owner": "Ada"}`` or ``{"period": "2026Q1"}``.
    most : int or None
        How many rows at most; None: all.

    Raises
    ------
    CannotAnswer
        Nothing stands behind the piece, or these data lack it.
    UnknownName
        A member or a KPI that these data do not have.
    """
    drill = dict(piece.shown(view, chosen).drawn.drill or {}) if _drillable(piece, view, chosen) else {}
    if "kpi" in mark:
        drill = {"kpi": mark["kpi"]}
    if not drill:
        raise CannotAnswer(view.words.say("There are no single records behind this."))
    field = drill.get("field")
    value = mark.get(field or "") if field else None
    fixed = {name: [str(one)] for name, one in drill.items() if name in DIMENSIONS and one}
    narrowed = _narrowed(view.but(where={**view.where, **fixed}) if fixed else view, field, value)
    title = str(getattr(piece, "question", ""))
    if drill.get("kpi"):
        return _of_kpi(narrowed, str(drill["kpi"]), title, field, value, most)
    return _of_panel(narrowed, str(drill["panel"]), drill.get("when"), title, field, value, most)


def named(column: str, base: str, words: Words) -> str:
    """What a column of a panel is called: a dimension's label, the model's label, else its own name."""
    if column in DIMENSIONS:
        return words.dimension(column)
    label = _ADDED.get(column) or _labels(base).get(column)
    return words.say(label) if label else column.replace("_", " ").capitalize()


@lru_cache(maxsize=64)
def _labels(base: str) -> dict[str, str]:
    """The labels of the model's columns; those of the panel's own table before others."""
    first = [table for table in TABLES.values() if table.name == base]
    rest = [table for table in TABLES.values() if table.name != base]
    return {column.name: column.label for table in (*rest, *first) for column in table.columns}


def _drillable(piece: "Live", view: View, chosen: Mapping[str, str]) -> bool:
    return getattr(piece.shown(view, chosen).drawn, "drill", None) is not None


def _narrowed(view: View, field: str | None, value: str | None) -> View:
    """The slice of one mark; a field that is no dimension narrows the rows afterwards."""
    if not field or value is None:
        return view
    if field == PERIOD:
        return view.but(since=value, until=value)
    return view.but(where={**view.where, field: [value]}) if field in DIMENSIONS else view


def _of_kpi(view: View, key: str, title: str, field: str | None, value: str | None, most: int | None) -> Records:
    if key not in view.book.kpis:
        raise UnknownName(f"No KPI is called {key!r}.")
    kpi = view.book.kpis[key]
    frame = view.rows(key, limit=None if field and field not in (*DIMENSIONS, PERIOD) else most)
    base = PANELS[kpi.table].base if kpi.table in PANELS else kpi.table
    counted = _counted(view, kpi) if most is not None and len(frame) == most else len(frame)
    return _cut(frame, counted, title or view.words.say(kpi.name), view, base, field, value, most)


def _counted(view: View, kpi: Any) -> int:
    """How many records stand behind a KPI; one that counts entities counts several records as one."""
    return len(view.rows(kpi.key, limit=None)) if kpi.entity else int(view.kpi(kpi.key)["rows"].sum())


def _of_panel(
    view: View, name: str, when: str | None, title: str, field: str | None, value: str | None, most: int | None
) -> Records:
    frame = view.panel(name, **({"when": when} if when else {}))
    return _cut(frame, len(frame), title or name, view, PANELS[name].base, field, value, most)


def _cut(
    frame: pd.DataFrame, total: int, title: str, view: View, base: str, field: str | None, value: str | None,
    most: int | None,
) -> Records:  # fmt: skip
    if field and value is not None and field not in (*DIMENSIONS, PERIOD) and field in frame:
        frame = frame[frame[field].astype(str) == value]
        total = len(frame)
    frame = frame.dropna(axis="columns", how="all") if len(frame) else frame
    said = view.text if value is None or field in (*DIMENSIONS, PERIOD) else f"{view.text}; {value}"
    return Records(title, said, frame.head(most) if most is not None else frame, max(total, len(frame)), base)


def _is_number(column: pd.Series) -> bool:
    return types.is_numeric_dtype(column) and not types.is_bool_dtype(column)


def _cell(value: Any, words: Words) -> Any:
    """What stands in a cell: text; a number as the number and its text, so that it sorts as one."""
    if missing(value):
        return NOTHING
    if types.is_bool(value):
        return words.say("yes") if value else words.say("no")
    if types.is_number(value):
        number = float(cast(float, value))
        return [number, words.text(number, "count" if number == round(number) else "ratio")]
    if hasattr(value, "strftime"):
        midnight = getattr(value, "hour", 0) == getattr(value, "minute", 0) == 0
        return f"{value:%Y-%m-%d}" if midnight else f"{value:%Y-%m-%d %H:%M}"
    return words.say(NOT_GIVEN) if value == NOT_GIVEN else str(value)
