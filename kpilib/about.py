"""What a company's data say of themselves before any KPI is asked: what they hold, since when, in what currency."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from kpilib.errors import BadInput
from kpilib.model.scope import Scope
from kpilib.model.shared import NO_CURRENCY
from kpilib.model.tables import TABLES
from kpilib.sources.engine import Engine

#: Dates of the past that say where the data begin.
BEGINNINGS = {
    "opportunities": ("created_on", "closed_on"),
    "order_lines": ("ordered_on",),
    "stage_changes": ("entered_on",),
    "activities": ("done_on",),
}
#: Those of data that have none of the above.
FURTHER_BEGINNINGS = {
    "invoices": ("issued_on",),
    "surveys": ("sent_on", "answered_on"),
    "tickets": ("opened_at",),
    "reviews": ("published_on",),
    "customers": ("churned_on",),
    "leads": ("created_on",),
    "campaigns": ("month",),
}


@dataclass(frozen=True)
class About:
    """What a book says of itself: name and fingerprint of its data, the day it speaks of, what they hold.

    `rows` counts each table's rows, `filled` the cells of each of its columns ("opportunities.amount") that are not
    empty, and those that hold each of the words a column may have ("surveys.metric=nps").
    """

    name: str
    fingerprint: str
    scope: Scope
    currency: str
    rows: dict[str, int]
    filled: dict[str, int]

    def described(self) -> dict[str, Any]:
        """All of it as JSON can hold it; `parsed` reads it back."""
        scope = self.scope
        return {
            "name": self.name, "fingerprint": self.fingerprint, "currency": self.currency, "rows": self.rows,
            "filled": self.filled, "as_of": str(scope.as_of), "first": str(scope.first), "region_via": scope.region_via,
            "stages": list(scope.stages), "tables": {name: sorted(columns) for name, columns in scope.tables.items()},
        }  # fmt: skip


def look(engine: Engine, name: str, fingerprint: str, given: date | None) -> About:
    """What an engine's tables say of themselves.

    Parameters
    ----------
    engine : Engine
        Where the tables are.
    name, fingerprint : str
        What the book is called, and what tells its data and definitions from all others.
    given : date or None
        The day to speak of; None for the import's, else the last day on which something happened.

    Raises
    ------
    BadInput
        None of the model's tables is there, or amounts are in several currencies.
    """
    tables = engine.tables()
    if not any(table in TABLES for table in tables):
        known = ", ".join(list(TABLES)[:6])
        raise BadInput(f"{name} has none of the model's tables ({known}, …). Import it first: kpi import FOLDER.")
    settings = _settings(engine) if "settings" in tables else {}
    rows, filled = _counts(engine, tables)
    first, last = _extent(engine, tables)
    stored = day(settings.get("as_of"))
    as_of = given or stored or last
    currency = settings.get("currency") or _currency(engine, tables)
    regions = "SELECT COUNT(region) AS n FROM customers"
    of_customers = "region" in tables.get("customers", ()) and engine.arrow(regions)["n"][0].as_py()
    stages = tuple(json.loads(settings.get("stages") or "[]"))
    via = "customers" if of_customers or "salespeople" not in tables else "salespeople"
    return About(
        name, fingerprint, Scope(tables, as_of, min(first, as_of).replace(day=1), via, stages), currency, rows, filled
    )


def _counts(engine: Engine, tables: dict[str, frozenset[str]]) -> tuple[dict[str, int], dict[str, int]]:
    """Rows of each table, and cells that hold something of each of its columns."""
    rows: dict[str, int] = {}
    filled: dict[str, int] = {}
    for table, columns in tables.items():
        counted = "".join(f", COUNT({column}) AS {column}" for column in sorted(columns) if table in TABLES)
        counted += "".join(f', SUM({said}) AS "{name}"' for name, said in _words(table, columns).items())
        counts = engine.arrow(f"SELECT COUNT(*) AS rows_{counted} FROM {table}").to_pylist()[0]
        rows[table] = counts.pop("rows_")
        filled |= {f"{table}.{column}": int(count or 0) for column, count in counts.items()}
    return rows, filled


def _words(table: str, columns: frozenset[str]) -> dict[str, str]:
    """By "column=word" 1 for a row that has the word: of columns that hold no other words than those listed."""
    listed = [c for c in TABLES[table].columns if c.values and c.name in columns] if table in TABLES else []
    return {f"{c.name}={word}": f"CASE WHEN {c.name} = '{word}' THEN 1 ELSE 0 END" for c in listed for word in c.values}


def _settings(engine: Engine) -> dict[str, str]:
    return {row["key"]: row["value"] for row in engine.arrow("SELECT key, value FROM settings").to_pylist()}


def _extent(engine: Engine, tables: dict[str, frozenset[str]]) -> tuple[date, date]:
    """The first and last day on which something is known to have happened."""
    days = _days(engine, tables, BEGINNINGS) or _days(engine, tables, FURTHER_BEGINNINGS)
    return (min(days), max(days)) if days else (date(2000, 1, 1), date(2000, 1, 1))


def _days(engine: Engine, tables: dict[str, frozenset[str]], beginnings: dict[str, tuple[str, ...]]) -> list[date]:
    """The extremes of these columns, where the data have them."""
    return [
        day
        for table, columns in beginnings.items()
        for column in columns
        if column in tables.get(table, ())
        for day in engine.arrow(
            f"SELECT CAST(MIN({column}) AS DATE) AS low, CAST(MAX({column}) AS DATE) AS high FROM {table}"
        ).to_pylist()[0].values()
        if day is not None
    ]  # fmt: skip


def _currency(engine: Engine, tables: dict[str, frozenset[str]]) -> str:
    for table in ("opportunities", "order_lines"):
        if "currency" in tables.get(table, ()):
            sql = f"SELECT DISTINCT currency FROM {table} WHERE currency IS NOT NULL"
            found = [str(code) for code in engine.arrow(sql)["currency"].to_pylist()]
            if len(found) > 1:
                raise BadInput(
                    f"{table} holds several currencies ({', '.join(sorted(found))}); two currencies are never added. "
                    "Import the data with a rate for each (kpi import --rate USD=0.92), or keep one."
                )
            if found:
                return found[0]
    return NO_CURRENCY


def parsed(said: dict[str, Any]) -> About:
    """The `About` that `About.described` wrote."""
    tables = {name: frozenset(columns) for name, columns in said["tables"].items()}
    days = date.fromisoformat(said["as_of"]), date.fromisoformat(said["first"])
    scope = Scope(tables, *days, said["region_via"], tuple(said["stages"]))
    return About(said["name"], said["fingerprint"], scope, said["currency"], said["rows"], said["filled"])


def day(given: str | date | None) -> date | None:
    """A day as given by a reader or a file; None for nothing, `BadInput` for what is no day."""
    if given is None or given == "":
        return None
    try:
        return date.fromisoformat(str(given)[:10])
    except ValueError:
        raise BadInput(f"as_of={given!r} is not a day; write it as 2026-06-30.") from None
