"""How the rows of each table arrived: how many a month, what they hold, when the newest came. Asked with the cubes.

A page that says whether data are late or broken reads what is kept here; it opens no database.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from kpilib.model.tables import TABLES
from kpilib.periods import month_of

if TYPE_CHECKING:
    from kpilib.sources.engine import Engine

#: The date on which a row of a table comes to be.
ARRIVES = {
    "opportunities": "created_on",
    "stage_changes": "entered_on",
    "activities": "done_on",
    "order_lines": "ordered_on",
    "invoices": "issued_on",
    "surveys": "sent_on",
    "tickets": "opened_at",
    "reviews": "published_on",
    "leads": "created_on",
}
#: So many days back tell how long a table may be silent.
LOOKED_BACK = 730

#: By table: `newest` (a day), `longest` (days between neighbours among the days with rows, of the last two years),
#: `days` (so many), `first` (number of the first month), `rows` (by month from it), `filled` (column → by month).
Arrivals = Mapping[str, Mapping[str, Any]]

_read: WeakKeyDictionary[Any, dict[str, Any]] = WeakKeyDictionary()


def stored(engine: Engine, as_of: date) -> dict[str, Any]:
    """The arrivals of an engine's tables as JSON can hold them.

    Parameters
    ----------
    engine : Engine
        Where the tables are.
    as_of : datetime.date
        Rows dated later are left out.

    Returns
    -------
    dict
        `tables`: as `Arrivals` says, without tables that have no dated row; `refused`: table → (rows read, refused), of
        what an import wrote down; empty where there is none.
    """
    have = engine.tables()
    found: dict[str, Any] = {}
    for table, when in ARRIVES.items():
        if when in have.get(table, ()):
            one = _of(engine, table, when, have[table], as_of)
            found |= {table: one} if one else {}
    return {"tables": found, "refused": _refused(engine, have)}


def arrivals_of(book: Any) -> dict[str, Any]:
    """The arrivals of a book: from its cubes' header, or asked of its engine once."""
    header = {} if book.cubes is None else book.cubes.reader.header["book"]
    if "arrivals" in header:
        kept: dict[str, Any] = header["arrivals"]
        return kept
    if book not in _read:
        _read[book] = stored(book.engine, book.as_of)
    return _read[book]


def _of(engine: Engine, table: str, when: str, have: frozenset[str], as_of: date) -> dict[str, Any]:
    day, until = f"CAST({when} AS DATE)", f"{when} < DATE '{as_of + timedelta(1)}'"
    since = as_of - timedelta(LOOKED_BACK)
    sql = f"SELECT DISTINCT {day} AS day FROM {table} WHERE {until} AND {when} >= DATE '{since}' ORDER BY day"
    days = [_day(one) for one in engine.arrow(sql)["day"].to_pylist()]
    columns = [c.name for c in TABLES[table].columns if c.empty and c.type not in ("date", "time") and c.name in have]
    counts = "".join(f", COUNT({name}) AS {name}" for name in columns)
    month = f"CAST(date_trunc('month', {when}) AS DATE)"
    sql = f"SELECT {month} AS month_, COUNT(*) AS rows_{counts} FROM {table} WHERE {until} GROUP BY {month}"
    months = {month_of(_day(row.pop("month_"))): row for row in engine.arrow(sql).to_pylist()}
    if not months:
        return {}
    listed = range(min(months), month_of(as_of) + 1)
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    newest = days[-1] if days else _day(engine.arrow(f"SELECT MAX({day}) AS d FROM {table} WHERE {until}")["d"][0])
    return {
        "newest": str(newest), "longest": max(gaps, default=0), "days": len(days), "first": min(months),
        "rows": [int(months.get(m, {}).get("rows_", 0)) for m in listed],
        "filled": {name: [int(months.get(m, {}).get(name, 0)) for m in listed] for name in columns},
    }  # fmt: skip


def _refused(engine: Engine, have: Mapping[str, Any]) -> dict[str, list[int]]:
    if not {"table_name", "rows_read", "refused"} <= set(have.get("imports", ())):
        return {}
    sql = "SELECT table_name, SUM(rows_read) AS rows_read, SUM(refused) AS refused FROM imports GROUP BY table_name"
    read = engine.arrow(sql).to_pylist()
    return {row["table_name"]: [int(row["rows_read"] or 0), int(row["refused"] or 0)] for row in read}


def _day(moment: Any) -> date:
    return date.fromisoformat(str(moment)[:10])
