"""How good the data are that a report speaks of: rows kept and refused, newest row, faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from kpilib.compute.arrivals import arrivals_of
from kpilib.compute.frames import rows
from kpilib.errors import KpilibError
from kpilib.model.tables import TABLES

#: So many kinds of fault are told, those of most rows first.
MOST = 12


@dataclass(frozen=True)
class TableFacts:
    """A table of the data.

    Parameters
    ----------
    table : str
        Its name in the model.
    rows : int
        Rows kept.
    newest : datetime.date, optional
        The day of its newest row; None for a table without days.
    empty : tuple of str
        The columns of the model in which nothing stands.
    read, refused : int, optional
        Rows that its import was given and refused; None where there was no import.
    """

    table: str
    rows: int
    newest: date | None = None
    empty: tuple[str, ...] = ()
    read: int | None = None
    refused: int | None = None

    @property
    def refused_share(self) -> float | None:
        """The share of the rows read that was refused; None where nothing was read."""
        return self.refused / self.read if self.read and self.refused is not None else None


@dataclass(frozen=True)
class Fault:
    """What an import found wrong with rows of a table, and what it did: refused, emptied or kept."""

    table: str
    reason: str
    column: str
    rows: int
    action: str


@dataclass(frozen=True)
class Quality:
    """The tables of the data, in the order of the model, and the faults that an import found, most rows first."""

    tables: tuple[TableFacts, ...]
    faults: tuple[Fault, ...] = ()

    @property
    def refused_share(self) -> float | None:
        """The share of all rows read that was refused; None where nobody knows."""
        read = sum(one.read or 0 for one in self.tables)
        return sum(one.refused or 0 for one in self.tables) / read if read else None


def quality(book: Any) -> Quality:
    """What is known of the quality of a book's data; of a database that was not imported, its rows alone."""
    imported, arrived = _imported(book), arrivals_of(book)["tables"]
    tables = [name for name in TABLES if name in book.tables]
    return Quality(tuple(_facts(book, name, arrived.get(name), imported.get(name)) for name in tables), _faults(book))


def _facts(book: Any, name: str, arrived: Mapping[str, Any] | None, counted: tuple[int, int] | None) -> TableFacts:
    newest = date.fromisoformat(arrived["newest"]) if arrived else None
    filled = book.about.filled
    empty = tuple(column.name for column in TABLES[name].columns if filled.get(f"{name}.{column.name}") == 0)
    return TableFacts(name, book.about.rows[name], newest, empty, *(counted or (None, None)))


def _imported(book: Any) -> dict[str, tuple[int, int]]:
    """Rows read and refused by table, as the KPI `refused_rate` counts them."""
    try:
        answer = book.kpi("refused_rate", by="table_name")
    except KpilibError:
        return {}
    return {str(row["group"]): (int(row["denominator"]), int(row["numerator"])) for row in rows(answer)}


def _faults(book: Any) -> tuple[Fault, ...]:
    """The ledger of an import, which sums itself up: nothing is counted here."""
    if not book.about.rows.get("findings"):
        return ()
    sql = 'SELECT table_name, reason, column_name, "rows" AS n, action FROM findings'
    found = book.engine.arrow(sql).to_pylist()
    faults = [Fault(r["table_name"], r["reason"], r["column_name"] or "", int(r["n"]), r["action"]) for r in found]
    return tuple(sorted(faults, key=lambda one: (-one.rows, one.table, one.reason, one.column))[:MOST])
