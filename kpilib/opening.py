"""From what a reader has (a folder, a DuckDB file, frames, a database) to a book, in one call.

A folder is imported once into the reader's cache and its cubes are built once; as long as neither the data nor the
definitions change, opening it again reads a header and maps a file. `KPILIB_CACHE` moves the cache.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
import weakref
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import platformdirs

from kpilib.book import About, Book
from kpilib.catalogue import CATALOGUE, Kpi
from kpilib.compute.cube import Cubes
from kpilib.compute.store import published
from kpilib.errors import BadInput
from kpilib.model.panels import panel
from kpilib.model.scope import Scope
from kpilib.model.tables import TABLES
from kpilib.periods import month_of
from kpilib.sources.engine import DuckDB, Engine, Ibis

#: Dates of the past that say where the data begin.
BEGINNINGS = {
    "opportunities": ("created_on", "closed_on"),
    "order_lines": ("ordered_on",),
    "stage_changes": ("entered_on",),
    "activities": ("done_on",),
}
PACKAGE = Path(__file__).parent
#: The modules of `compute` that decide what a cube holds.
BUILDERS = ("build", "plan", "query", "rollup", "slices", "store", "sums")
#: Seconds that a second opener waits for the first one to import the same folder.
WAIT = 900


def open(source: Any = None, as_of: str | date | None = None) -> Book:
    """Open a company's data as a book of KPIs.

    Parameters
    ----------
    source : path, str, mapping or None
        A folder of exports (CSV, TSV, Excel, Parquet), a DuckDB file, an Ibis URL ("postgres://…") of a database that
        holds the model's tables, or a frame a table ({"opportunities": frame}). None: what `KPILIB_DATA` names, else
        the demo company.
    as_of : date or "YYYY-MM-DD", optional
        The day to speak of: what happened later is left out, and deals closed later are open. By default the last day
        on which something happened.

    Returns
    -------
    Book

    Raises
    ------
    BadInput
        What was given cannot be opened or imported: says why, and what to do.

    Examples
    --------
    ::

        book = kpilib.open("data/demo")
        book.kpi("win_rate", by="region", period="quarter", since="2025-01")
    """
    day = _day(as_of)
    if source is None:
        source = os.environ.get("KPILIB_DATA") or demo_folder()
    if isinstance(source, Mapping):
        return _open_frames(source, day)
    text = str(source).removeprefix("duckdb://")  # a DuckDB file needs no Ibis between
    if "://" in text:
        return _open_url(text, day)
    path = Path(text).expanduser().resolve()
    if not path.exists():
        raise BadInput(f"There is no file or folder {text!r}. Give a folder of exports, a DuckDB file or an Ibis URL.")
    if path.suffix in (".duckdb", ".db", ".ddb") and path.is_file():
        return _open_file(path, day, path.stem)
    return _open_folder(path, day)


def demo_folder() -> Path:
    """Where the demo company's files are: beside the package in a checkout."""
    return PACKAGE.parent / "data" / "demo"


def cache_folder() -> Path:
    """Where imports and cubes are kept: `KPILIB_CACHE`, else the user's cache folder."""
    return Path(os.environ.get("KPILIB_CACHE") or platformdirs.user_cache_path("kpilib"))


def definitions() -> str:
    """A fingerprint of everything that decides what a cube holds: change a definition and cubes are built anew."""
    digest = hashlib.sha256(repr(list(CATALOGUE.values())).encode())
    for file in (*sorted((PACKAGE / "model").glob("*.py")), *(PACKAGE / "compute" / f"{name}.py" for name in BUILDERS)):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _open_folder(path: Path, day: date | None) -> Book:
    stamp = _stamp(str(path), *_contents(path))
    into = cache_folder() / "books" / f"{path.name}-{_stamp(str(path))}.duckdb"
    note = into.with_suffix(".stamp")
    if not (into.exists() and note.exists() and note.read_text() == stamp):
        into.parent.mkdir(parents=True, exist_ok=True)
        _import(path, into)
        note.write_text(stamp)
    return _open_file(into, day, path.name)


def _import(path: Path, into: Path) -> None:
    """Import a folder into the cache; where another process does so already, wait for it and take what it made."""
    from kpilib.sources.importing import import_folder
    from kpilib.sources.target import Busy

    patience = time.monotonic() + WAIT
    while True:
        try:
            import_folder(path, into)
            return
        except Busy:
            if time.monotonic() > patience:
                raise
            time.sleep(0.2)


def _contents(path: Path) -> list[str]:
    """Name, size and time of every file of a folder: what tells whether it must be imported again."""
    try:
        found = sorted(path.iterdir()) if path.is_dir() else [path]
        known = [(f.name, f.stat()) for f in found if f.is_file()]
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}. Give yourself the right to read it.") from error
    return [f"{name}|{status.st_size}|{status.st_mtime_ns}" for name, status in known]


def _open_file(path: Path, day: date | None, name: str) -> Book:
    status = path.stat()
    return _book(name, _stamp(str(path), str(status.st_size), str(status.st_mtime_ns)), lambda: DuckDB(path), day)


def _open_frames(frames: Mapping[str, Any], day: date | None) -> Book:
    from kpilib.sources.importing import import_frames

    folder = tempfile.TemporaryDirectory(prefix="kpilib-")
    path = Path(folder.name) / "frames.duckdb"
    import_frames(frames, path)
    book = _open_file(path, day, "frames")
    weakref.finalize(book, folder.cleanup)
    return book


def _open_url(url: str, day: date | None) -> Book:
    engine = Ibis(url)
    try:
        digest = _stamp(engine.name, *(line for name in sorted(engine.tables()) for line in _checksum(engine, name)))
    finally:
        engine.close()
    return _book(engine.name, digest, lambda: Ibis(url), day)


def _checksum(engine: Engine, table: str) -> list[str]:
    """Count, filled cells, extremes and sums of a table's columns: what a change would change."""
    if table not in TABLES:
        return []
    have = engine.tables()[table]
    parts = ["COUNT(*) AS n"]
    for column in TABLES[table].columns:
        if column.name in have:
            parts += [f"COUNT({column.name}) AS c_{column.name}", f"MIN({column.name}) AS l_{column.name}"]
            parts += [f"MAX({column.name}) AS h_{column.name}"]
            parts += [f"SUM({column.name}) AS s_{column.name}"] if column.sql_type in ("DOUBLE", "BIGINT") else []
    return [table, repr(engine.arrow(f"SELECT {', '.join(parts)} FROM {table}").to_pylist())]


def _book(name: str, data: str, connect: Callable[[], Engine], day: date | None) -> Book:
    """The book over an engine, its cubes built if they are not there yet."""
    fingerprint = _stamp(data, definitions(), str(day or ""))
    folder = cache_folder() / "cubes" / fingerprint
    if not published(folder):
        engine = connect()
        try:
            _build(engine, _look(engine, name, fingerprint, day), folder)
        finally:
            engine.close()
    cubes = Cubes(folder)
    return Book(_about(cubes.reader.header["book"]), connect, cubes)


def _build(engine: Engine, about: About, folder: Path) -> None:
    from kpilib.compute.build import build

    kpis = [one for kpi in CATALOGUE.values() if _rows(about, kpi) for one in (kpi, *kpi.variants)]
    first, last = month_of(about.scope.first), month_of(about.scope.as_of)
    build(engine, about.scope, kpis, folder, first, last, _described(about))


def _rows(about: About, kpi: Kpi) -> int:
    return 0 if kpi.derived else about.rows.get(panel(kpi.table).base, 0)


def _look(engine: Engine, name: str, fingerprint: str, day: date | None) -> About:
    """What an engine's tables say of themselves."""
    tables = engine.tables()
    if not any(table in TABLES for table in tables):
        known = ", ".join(list(TABLES)[:6])
        raise BadInput(f"{name} has none of the model's tables ({known}, …). Import it first: kpi import FOLDER.")
    settings = _settings(engine) if "settings" in tables else {}
    rows, filled = _counts(engine, tables)
    first, last = _extent(engine, tables)
    stored = _day(settings.get("as_of"))
    as_of = day or stored or last
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
        counts = engine.arrow(f"SELECT COUNT(*) AS rows_{counted} FROM {table}").to_pylist()[0]
        rows[table] = counts.pop("rows_")
        filled |= {f"{table}.{column}": count for column, count in counts.items()}
    return rows, filled


def _settings(engine: Engine) -> dict[str, str]:
    return {row["key"]: row["value"] for row in engine.arrow("SELECT key, value FROM settings").to_pylist()}


def _extent(engine: Engine, tables: dict[str, frozenset[str]]) -> tuple[date, date]:
    """The first and last day on which something is known to have happened."""
    days = [
        day
        for table, columns in BEGINNINGS.items()
        for column in columns
        if column in tables.get(table, ())
        for day in engine.arrow(
            f"SELECT CAST(MIN({column}) AS DATE) AS low, CAST(MAX({column}) AS DATE) AS high FROM {table}"
        ).to_pylist()[0].values()
        if day is not None
    ]  # fmt: skip
    return (min(days), max(days)) if days else (date(2000, 1, 1), date(2000, 1, 1))


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
    return "XXX"


def _described(about: About) -> dict[str, Any]:
    scope = about.scope
    return {
        "name": about.name, "fingerprint": about.fingerprint, "currency": about.currency, "rows": about.rows,
        "filled": about.filled, "as_of": str(scope.as_of), "first": str(scope.first), "region_via": scope.region_via,
        "stages": list(scope.stages), "tables": {name: sorted(columns) for name, columns in scope.tables.items()},
    }  # fmt: skip


def _about(said: dict[str, Any]) -> About:
    tables = {name: frozenset(columns) for name, columns in said["tables"].items()}
    days = date.fromisoformat(said["as_of"]), date.fromisoformat(said["first"])
    scope = Scope(tables, *days, said["region_via"], tuple(said["stages"]))
    return About(said["name"], said["fingerprint"], scope, said["currency"], said["rows"], said["filled"])


def _day(given: str | date | None) -> date | None:
    if given is None or given == "":
        return None
    try:
        return date.fromisoformat(str(given)[:10])
    except ValueError:
        raise BadInput(f"as_of={given!r} is not a day; write it as 2026-06-30.") from None


def _stamp(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]
