"""An import: a folder of exports, or frames, becomes one checked database file.

    import_folder("exports/", "crm.duckdb")

stages every file, picks or takes the dialect, and reads, checks and writes each table of the model. The file is put in
its place at the very end; the same files imported again in the same way change nothing.
"""

import datetime as dt
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from kpilib.errors import BadInput, unknown
from kpilib.model.tables import TABLES
from kpilib.sources import files, matching, proposing, rows
from kpilib.sources.dialects import Dialect
from kpilib.sources.filling import Progress, fill
from kpilib.sources.options import Options, file_print, frame_print, options, whole_print
from kpilib.sources.report import Report, report_of, setting
from kpilib.sources.shaping import word
from kpilib.sources.staging import Staged, disk_is_full
from kpilib.sources.target import replacing

__all__ = ["import_folder", "import_frames", "propose", "report_of"]

#: What the engine may hold in memory for each thread before it moves to disk; an import of any size stays near it.
MEGABYTES, THREADS = 128, 4

Failures = dict[str, BadInput]
Stage = Callable[[duckdb.DuckDBPyConnection], tuple[list[Staged], Failures]]


def import_folder(
    folder: str | Path,
    into: str | Path,
    *,
    dialect: str | Path | Dialect | None = None,
    as_of: str | dt.date | None = None,
    currency: str | None = None,
    rates: Mapping[str, float] | None = None,
    dates: str | None = None,
    decimal: str | None = None,
    progress: Progress | None = None,
) -> Report:
    """Import a folder of exports into a DuckDB file.

    Parameters
    ----------
    folder : path
        Holds CSV, Excel, OpenDocument or Parquet files; one or more feed each table of the model.
    into : path
        The DuckDB file to write. It is replaced whole at the end, or stays as it was.
    dialect : str, path or Dialect, optional
        Whose names the files use; by default the one that fits best, if it is clear.
    as_of : str or date, optional
        The day of the figures; by default the latest day on which something happened.
    currency : str, optional
        The currency to report in; by default the most frequent.
    rates : mapping, optional
        By currency code, what one unit is worth in the reporting currency. Rows without a rate are refused.
    dates : {"dmy", "mdy"}, optional
        How 03/04/2026 is read where no row of the file proves it.
    decimal : {".", ","}, optional
        How 1.234 is read where no row of the file proves it.
    progress : callable, optional
        Called with (table, rows done, rows in all).

    Returns
    -------
    Report
        With `unchanged` true where the same files had been imported in the same way; then nothing is written.

    Raises
    ------
    BadInput
        Nothing to import, no clear dialect, a key column missing, dates in no provable order, nowhere to write.
    UnknownName
        A dialect that does not exist, or one that names a table or column that does not.
    """
    said = options(dialect, as_of, currency, rates, dates, decimal)
    paths = files.find(Path(folder))
    prints = {path.name: file_print(path) for path in paths}
    return _import(lambda con: _stage_all(con, paths), Path(into), said, prints, progress or _silent)


def import_frames(
    frames: Mapping[str, Any],
    into: str | Path,
    *,
    dialect: str | Path | Dialect | None = None,
    as_of: str | dt.date | None = None,
    currency: str | None = None,
    rates: Mapping[str, float] | None = None,
    dates: str | None = None,
    decimal: str | None = None,
    progress: Progress | None = None,
) -> Report:
    """Import frames (pandas, Polars, Arrow) by name into a DuckDB file; everything else as in `import_folder`.

    Parameters
    ----------
    frames : mapping of str to frame
        By table of the model; with a `dialect`, by the name that the system gives the file.

    Raises
    ------
    UnknownName
        For a name that is neither.
    """
    said = options(dialect or "model", as_of, currency, rates, dates, decimal)
    if not frames:
        raise BadInput("No frame was given. Give at least one, e.g. {'customers': frame}.")
    for key in frames:
        if dialect is None and key not in TABLES:
            raise unknown("table of the model", key, TABLES)

    def stage(con: duckdb.DuckDBPyConnection) -> tuple[list[Staged], Failures]:
        return [files.stage_frame(con, frame, f"s{i}", key) for i, (key, frame) in enumerate(frames.items())], {}

    with _scratch() as con:
        prints = {s.file: frame_print(con, s) for s in stage(con)[0]}
    return _import(stage, Path(into), said, prints, progress or _silent)


def propose(folder: str | Path) -> proposing.Proposal:
    """Which dialects fit a folder, best first, and what each would map and leave. Nothing is written.

    Raises
    ------
    BadInput
        Where there is no such folder, or no file in it can be read.
    """
    with _scratch() as con:
        staged, failures = _stage_all(con, files.find(Path(folder)))
        if not staged:
            raise next(iter(failures.values()))
        return proposing.propose(staged)


def _stage_all(con: duckdb.DuckDBPyConnection, paths: Sequence[Path]) -> tuple[list[Staged], Failures]:
    """Load every file and sheet. A file that cannot be read matters only if the dialect wants it."""
    staged: list[Staged] = []
    failures: Failures = {}
    for i, path in enumerate(paths):
        try:
            for j, sheet in enumerate(files.sheets(path) or [""]):
                staged.append(files.stage(con, path, f"s{i}_{j}", sheet=sheet or None))
        except BadInput as error:
            if isinstance(error.__cause__, duckdb.Error | MemoryError) and disk_is_full(error.__cause__):
                raise
            failures[path.name] = error
    return staged, failures


def _import(stage: Stage, into: Path, said: Options, prints: Mapping[str, str], progress: Progress) -> Report:
    whole = whole_print(said.text, *(f"{name} {print_}" for name, print_ in sorted(prints.items())))
    held = setting(into, "fingerprint")
    if held == whole:
        return replace(report_of(into), unchanged=True)
    if held is None and into.is_file() and into.stat().st_size:
        raise BadInput(f"{str(into)!r} was not written by an import and is left as it is. Name another file to write.")
    with replacing(into) as new, _engine(new) as con:
        staged, failures = stage(con)
        if not staged:
            raise next(iter(failures.values()))
        dialect, notes = _dialect(said, staged)
        notes += _unread(dialect, failures)
        report = fill(con, dialect, staged, said, prints, progress)
        left = (*report.left_files, *failures)
        report = replace(report, path=str(into), notes=(*notes, *report.notes), left_files=left)
        _settle(con, report, dialect, whole)
    return report


def _dialect(said: Options, staged: Sequence[Staged]) -> tuple[Dialect, list[str]]:
    if said.dialect is not None:
        return said.dialect, []
    best = proposing.propose(staged).best
    title = f"{best.dialect.name!r} ({best.dialect.title})"
    return best.dialect, [f"no dialect was named; {title} fits best: it reads {len(best.maps)} columns"]


def _unread(dialect: Dialect, failures: Failures) -> list[str]:
    """Notes for the files that could not be read; the error itself for one that the dialect needs."""
    for name, error in failures.items():
        if matching.wanted(dialect, name):
            raise error
    return [f"not read: {error}" for error in failures.values()]


def _scratch() -> duckdb.DuckDBPyConnection:
    """A database in memory that prints nothing: the engine's own bar would go to whatever reads the standard output."""
    con = duckdb.connect()
    con.execute("SET enable_progress_bar = false")
    return con


@contextmanager
def _engine(new: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that works in bounded memory, with the new file attached as `made`; its errors in plain words."""
    con = _scratch()
    try:
        threads = min(THREADS, os.cpu_count() or 1)
        con.execute(f"SET threads = {threads}; SET memory_limit = '{threads * MEGABYTES}MB'")
        con.execute(f"SET temp_directory = {word(str(new.parent / 'spill'))}")
        con.execute(f"ATTACH {word(str(new))} AS made")
        con.execute(rows.LEDGERS)
        yield con
        con.execute("DETACH made")
    except duckdb.Error as error:
        if disk_is_full(error):
            raise BadInput(
                f"The disk is full ({new.parent.parent}): nothing was kept, the old file stays. "
                "Free some space and import again."
            ) from error
        what = str(error).strip().splitlines()[0]
        raise BadInput(f"The import stopped, nothing was kept, the old file stays: {what}") from error
    finally:
        con.close()


def _settle(con: duckdb.DuckDBPyConnection, report: Report, dialect: Dialect, whole: str) -> None:
    """Write what is known of the import into the new file."""
    lines = [(f.table, f.file, f.rows, f.accepted, f.refused, f.fingerprint) for f in report.files]
    con.executemany("INSERT INTO made.imports VALUES (?, ?, ?, ?, ?, ?)", lines)
    said = {"dialect": report.dialect, "as_of": report.as_of, "currency": report.currency, "fingerprint": whole}
    stages = _stages(con, report, dialect)
    said |= {"stages": json.dumps(stages, ensure_ascii=False)} if stages else {}
    con.executemany("INSERT INTO made.settings VALUES (?, ?)", list({**said, "report": report.to_json()}.items()))


def _stages(con: duckdb.DuckDBPyConnection, report: Report, dialect: Dialect) -> list[str]:
    """The dialect's stages that the data have, in its order."""
    having = [t for t in ("opportunities", "stage_changes") if t in report.tables]
    if not having or not dialect.stages:
        return []
    met = con.execute(" UNION ".join(f"SELECT stage FROM made.{t} WHERE stage IS NOT NULL" for t in having)).fetchall()
    return [stage for stage in dialect.stages if (stage,) in met]


def _silent(table: str, done: int, total: int) -> None:
    """The progress of an import that nobody watches."""
