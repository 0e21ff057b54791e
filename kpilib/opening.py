"""From what a reader has (a folder, a DuckDB file, frames, a database) to a book, in one call.

A folder is imported once into the reader's cache and its cubes are built once; as long as neither the data nor the
definitions change, opening it again reads a header and maps a file. `KPILIB_CACHE` moves the cache.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
import weakref
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import platformdirs

from kpilib import about
from kpilib.about import About
from kpilib.book import Book
from kpilib.catalogue import CATALOGUE, Kpi
from kpilib.compute import arrivals
from kpilib.compute.comparing import stored
from kpilib.compute.cube import Cubes
from kpilib.compute.store import published
from kpilib.errors import BadInput, unknown
from kpilib.model.panels import panel
from kpilib.model.tables import TABLES
from kpilib.periods import month_of
from kpilib.sources.engine import DuckDB, Engine, Ibis

PACKAGE = Path(__file__).parent
#: Endings of DuckDB files.
DATABASES = (".duckdb", ".db", ".ddb")
#: What may be said of how files are read.
READING = ("dialect", "currency", "rates", "dates", "decimal")
#: The modules of `compute` that decide what a cube holds.
BUILDERS = (
    "arrivals",
    "build",
    "entities",
    "keep",
    "keep_entities",
    "keep_lives",
    "kept",
    "lives",
    "plan",
    "query",
    "rollup",
    "rowwise",
    "several",
    "slices",
    "store",
    "sums",
)
#: Seconds that a second opener waits for the first one to import the same folder.
WAIT = 900


def open(source: Any = None, as_of: str | date | None = None, **reading: Any) -> Book:
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
    **reading
        How a folder or frames are to be read, as in `kpilib.sources.importing.import_folder`: `dialect` (a name or a
        TOML file), `currency`, `rates`, `dates` ("dmy" or "mdy"), `decimal`.

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
    day, reading = about.day(as_of), _checked(reading)
    if source is None:
        source = os.environ.get("KPILIB_DATA") or demo_folder()
    if isinstance(source, Mapping):
        return _open_frames(source, day, reading)
    text = str(source).removeprefix("duckdb://")  # a DuckDB file needs no Ibis between
    if reading and ("://" in text or text.endswith(DATABASES)):
        raise BadInput(f"{text!r} is a database: {', '.join(reading)} says how to read files, and is for them alone.")
    if "://" in text:
        return _open_url(text, day)
    path = Path(text).expanduser().resolve()
    if not path.exists():
        raise BadInput(f"There is no file or folder {text!r}. Give a folder of exports, a DuckDB file or an Ibis URL.")
    if path.suffix in DATABASES and path.is_file():
        return _open_file(path, day, path.stem)
    return _open_folder(path, day, reading)


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


def _open_folder(path: Path, day: date | None, reading: dict[str, Any]) -> Book:
    how = [f"{name}={value}" for name, value in sorted(reading.items())]
    stamp = _stamp(str(path), *_contents(path), *how)
    into = cache_folder() / "books" / f"{path.name}-{_stamp(str(path), *how)}.duckdb"
    note = into.with_suffix(".stamp")
    if not (into.exists() and note.exists() and note.read_text() == stamp):
        into.parent.mkdir(parents=True, exist_ok=True)
        _import(path, into, reading)
        note.write_text(stamp)
    return _open_file(into, day, path.name)


def _import(path: Path, into: Path, reading: dict[str, Any]) -> None:
    """Import a folder into the cache; where another process does so already, wait for it and take what it made."""
    from kpilib.sources.importing import import_folder
    from kpilib.sources.target import Busy

    patience = time.monotonic() + WAIT
    while True:
        try:
            import_folder(path, into, **reading)
            return
        except Busy:
            if time.monotonic() > patience:
                raise
            time.sleep(0.2)


def _checked(reading: dict[str, Any]) -> dict[str, Any]:
    """What is said of the reading; `UnknownName` with a did-you-mean for a word that says nothing."""
    for name in reading:
        if name not in READING:
            raise unknown("option of kpilib.open", name, READING)
    return reading


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


def _open_frames(frames: Mapping[str, Any], day: date | None, reading: dict[str, Any]) -> Book:
    from kpilib.sources.importing import import_frames

    folder = tempfile.TemporaryDirectory(prefix="kpilib-")
    path = Path(folder.name) / "frames.duckdb"
    try:
        import_frames(frames, path, **reading)
        book = _open_file(path, day, "frames")
    except BaseException:
        folder.cleanup()
        raise
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
            _build(engine, about.look(engine, name, fingerprint, day), folder)
        finally:
            engine.close()
    cubes = Cubes(folder)
    return Book(about.parsed(cubes.reader.header["book"]), connect, cubes)


def _build(engine: Engine, said: About, folder: Path) -> None:
    from kpilib.compute.build import build

    kpis = [one for kpi in CATALOGUE.values() if _rows(said, kpi) for one in kpi.definitions if _rows(said, one)]
    first, last = month_of(said.scope.first), month_of(said.scope.as_of)
    kept = {"targets": stored(engine), "arrivals": arrivals.stored(engine, said.scope.as_of)}
    build(engine, said.scope, kpis, folder, first, last, {**said.described(), **kept})


def _rows(said: About, kpi: Kpi) -> int:
    if kpi.derived:
        return 0
    base = panel(kpi.table).base
    return said.rows.get(base, 0) if base else sum(said.rows.values())


def _stamp(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]
