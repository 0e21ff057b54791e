"""What each KPI of a report means: question, formula, SQL, caveat. So that the number can be made again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kpilib.errors import KpilibError
from kpilib.show.view import View


@dataclass(frozen=True)
class Definition:
    """A KPI as the glossary has it, in the reader's language; `sql` is "" where the data cannot answer it."""

    key: str
    name: str
    question: str
    formula: str
    table: str
    unit: str
    better: str
    caveat: str
    source: str
    sql: str


def definitions(view: View, keys: Sequence[str]) -> tuple[Definition, ...]:
    """The definitions of these KPIs, with the SQL that answers them for the view."""
    return tuple(_definition(view, key) for key in keys)


def _definition(view: View, key: str) -> Definition:
    kpi, say = view.book.kpis[key], view.words.say
    try:
        sql = view.book.sql(key, since=view.since, until=view.until)
    except KpilibError:
        sql = ""
    caveat = say(kpi.caveat) if kpi.caveat else ""
    told = (say(kpi.name), say(kpi.question), kpi.formula, kpi.table, kpi.unit, kpi.better, caveat, kpi.source)
    return Definition(key, *told, sql)
