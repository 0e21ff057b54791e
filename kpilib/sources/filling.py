"""The staged files under one dialect become the tables of the attached database `made`, and the report of it."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from graphlib import TopologicalSorter

import duckdb

from kpilib.errors import BadInput
from kpilib.model.tables import TABLES
from kpilib.sources import locating, matching, rows, scales, today
from kpilib.sources.dialects import Dialect
from kpilib.sources.matching import Match
from kpilib.sources.money import reporting
from kpilib.sources.options import Options
from kpilib.sources.orders import Orders
from kpilib.sources.report import FileRows, Finding, Report
from kpilib.sources.shaping import Shape, shape
from kpilib.sources.staging import Staged

Progress = Callable[[str, int, int], None]


def fill(
    con: duckdb.DuckDBPyConnection,
    dialect: Dialect,
    staged: Sequence[Staged],
    options: Options,
    prints: Mapping[str, str],
    progress: Progress,
) -> Report:
    """Read, check and write every table that the staged files feed.

    Raises
    ------
    BadInput
        No file is known, a key column is missing, or dates are written in no provable order.
    """
    found, notes = _readable(matching.match(dialect, staged), dialect, staged)
    orders = Orders(options.dates or dialect.dates, options.decimal or dialect.decimal)
    orders.learn(con, found)
    shapes = [shape(con, match, orders) for match in found]
    rates = {**dialect.rates, **options.rates}
    money, said = reporting(con, shapes, options.currency or dialect.currency, rates)
    rules = rows.Rules(money, rates, options.as_of)
    counted: list[FileRows] = []
    have: set[str] = set()
    waiting = _order({s.match.source.table for s in shapes})
    while waiting:
        table = waiting.pop(0)
        mine = [s for s in shapes if s.match.source.table == table]
        last = _read_by(mine) - _read_by([s for s in shapes if s.match.source.table in waiting])
        counted += rows.load(con, TABLES[table], mine, rules, have, last, progress)
        have.add(table)
    placed = locating.departments(con, have)
    day, warned = (options.as_of, []) if options.as_of else today.latest(con, have)
    con.execute(rows.findings_sql())
    used = {m.staged.table for m in found} | {s.table for m in found for _, s in m.lookups.values()}
    hints = [h for s in staged if s.table not in used and (h := matching.looks_like(s, [dialect]))]
    return Report(
        path="",
        dialect=dialect.name,
        as_of=day,
        currency=money,
        files=_counted(counted, prints),
        findings=tuple(_findings(con)),
        notes=(
            *notes,
            *_staging_notes(found),
            *_skipped(shapes, counted),
            *orders.notes,
            *said,
            *scales.notes(con, have),
            *warned,
            *placed,
            *hints,
        ),
        left_files=matching.left_files(found, staged),
        left_columns=_left_columns(found, staged),
    )


def _readable(found: list[Match], dialect: Dialect, staged: Sequence[Staged]) -> tuple[list[Match], list[str]]:
    """The matches that give all a table needs; an error for a missing key, a note for anything else that is missing."""
    if not found:
        names = ", ".join(matching.label(s) for s in staged)
        wanted = ", ".join(dict.fromkeys(f for s in dialect.sources for f in s.files))
        raise BadInput(f"The dialect {dialect.name!r} knows none of the files {names}. It looks for: {wanted}.")
    notes = []
    for match in (m for m in found if m.lacking):
        if TABLES[match.source.table].key in match.lacking:
            raise _no_key(match)
        lacked = ", ".join(match.lacking)
        notes.append(f"{match.label} was left out: {match.source.table} needs {lacked}, and no column gives it")
    good = [m for m in found if not m.lacking]
    if not good:
        columns = "; ".join(f"{m.label} has {', '.join(m.staged.columns)}" for m in found)
        raise BadInput(f"Nothing can be imported. {'. '.join(notes)}. {columns}.")
    return good, notes


def _no_key(match: Match) -> BadInput:
    table = TABLES[match.source.table]
    wanted = [c.column for c in match.source.columns.get(table.key, ()) if c.column]
    close = next((c for c in match.staged.columns if matching.near(c, wanted)), "")
    return BadInput(
        f"{match.label}: no column gives the key {table.key!r} of {table.name!r} "
        f"(looked for {', '.join(wanted) or 'none'})."
        + (f" Did you mean {close!r}? Rename it, or map it in a dialect." if close else "")
        + f" Its columns are: {', '.join(match.staged.columns)}."
    )


def _read_by(shapes: Sequence[Shape]) -> set[str]:
    """The staged tables that these read, themselves or by a lookup."""
    looked_up = {s.table for shape in shapes for _, s in shape.match.lookups.values()}
    return {shape.match.staged.table for shape in shapes} | looked_up


def _order(tables: set[str]) -> list[str]:
    """The tables in an order in which what is referred to comes first."""
    graph = {t: {c.refers for c in TABLES[t].columns if c.refers in tables} for t in TABLES if t in tables}
    return list(TopologicalSorter(graph).static_order())


def _counted(counted: Sequence[FileRows], prints: Mapping[str, str]) -> tuple[FileRows, ...]:
    """The rows of each file in the order of the model, with the fingerprints of the files."""
    ordered = sorted(counted, key=lambda c: list(TABLES).index(c.table))
    return tuple(replace(c, fingerprint=prints.get(c.file.rsplit(" [", 1)[0], "")) for c in ordered)


def _findings(con: duckdb.DuckDBPyConnection) -> list[Finding]:
    found = con.execute(
        'SELECT table_name, reason, column_name, "rows", action, examples FROM made.findings'
    ).fetchall()
    return [Finding(t, r, c, n, a, tuple(json.loads(examples))) for t, r, c, n, a, examples in found]


def _staging_notes(found: Sequence[Match]) -> list[str]:
    """What was skipped or mended in the files that are read."""
    read = {m.staged.table: m.staged for m in found} | {s.table: s for m in found for _, s in m.lookups.values()}
    return [f"{matching.label(s)}: {note}" for s in read.values() for note in s.notes]


def _skipped(shapes: Sequence[Shape], counted: Sequence[FileRows]) -> list[str]:
    """How many rows the dialect itself leaves out, such as deleted ones."""
    read = {(c.table, c.file): c.rows for c in counted}
    notes = []
    for match in (s.match for s in shapes if s.wanted or s.match.source.gather):
        skipped = match.staged.rows + match.staged.rejected - read[match.source.table, match.label]
        if skipped and not match.source.gather:
            notes.append(f"{match.label}: {skipped:,} rows are none of {match.source.table} and were left out")
        elif skipped:
            notes.append(_gathered(match, read[match.source.table, match.label]))
    return notes


def _gathered(match: Match, made: int) -> str:
    alike = " and ".join(match.source.gather)
    rows = f"{match.label}: its {match.staged.rows:,} rows make {made:,} of {match.source.table}"
    return f"{rows}, one for each {alike}; a row without one makes none"


def _left_columns(found: Sequence[Match], staged: Sequence[Staged]) -> dict[str, dict[str, str]]:
    by_file = {m.label: m for m in found}
    left = matching.left_columns(found, staged)
    return {file: {c: matching.meant(c, by_file[file]) for c in columns} for file, columns in left.items() if columns}
