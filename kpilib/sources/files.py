"""Files and frames into staging tables of DuckDB, as they were written.

What a cell means (a number, a date) is decided later, by `kpilib.sources.values`. Formulas are never run.
"""

import glob
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from kpilib.errors import BadInput
from kpilib.sources.delimited import stage_text
from kpilib.sources.guards import READABLE, WORKBOOKS
from kpilib.sources.staging import Staged, clean_headers, disk_and_memory, disk_is_full, finish, make_rejects, quote
from kpilib.sources.workbooks import sheet_names, stage_sheet

__all__ = ["Staged", "find", "sheets", "stage", "stage_frame"]

#: Texts that lie beside data and are none.
_PROSE = ("license", "licence", "readme", "notice", "changelog")


def find(folder: Path) -> list[Path]:
    """The data files of a folder, sorted by name; of a single file, that file.

    Hidden files and the lock files of open workbooks (`~$…`) are left out, and so are texts
    called licence, readme, notice or changelog; folders inside are not entered.

    Raises
    ------
    BadInput
        There is no such folder, it may not be read, it holds no data file, or the single file is of another kind.
    """
    folder = Path(folder)
    with disk_and_memory(str(folder)):
        if folder.is_dir():
            return _inside(folder)
        if not folder.exists():
            raise BadInput(f"There is no file or folder {str(folder)!r}. Check the path, or create the folder.")
    if folder.suffix.lower() not in READABLE:
        raise BadInput(f"{folder.name}: is not a kind of file that can be read. {_kinds()}")
    return [folder]


def _inside(folder: Path) -> list[Path]:
    found = sorted(p for p in folder.iterdir() if _is_data(p))
    if not found:
        raise BadInput(f"The folder {str(folder)!r} holds no data file. {_kinds()}")
    return found


def _is_data(path: Path) -> bool:
    if path.suffix.lower() == ".txt" and path.stem.lower() in _PROSE:
        return False
    return path.suffix.lower() in READABLE and not path.name.startswith((".", "~$")) and path.is_file()


def _kinds() -> str:
    return f"Put files there that end in {', '.join(READABLE[:-1])} or {READABLE[-1]}."


def sheets(path: Path) -> list[str]:
    """The sheets of a workbook that hold anything, in order; empty for a file that is no workbook.

    Raises
    ------
    BadInput
        The workbook is locked, broken, or may not be read.
    """
    with disk_and_memory(Path(path).name):
        return sheet_names(Path(path)) if Path(path).suffix.lower() in WORKBOOKS else []


def stage(con: duckdb.DuckDBPyConnection, path: Path, name: str, *, sheet: str | None = None) -> Staged:
    """Load one file, or one sheet of a workbook, into the table `name` as it was written.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        Where the table goes; a table of that name is replaced.
    path : Path
        A file that `find` lists.
    name : str
        A safe and unique table name, such as "staging.s1"; it goes into SQL as it is.
    sheet : str, optional
        The sheet of a workbook; by default the first that holds anything.

    Returns
    -------
    Staged
        The table has `_row` BIGINT and the file's columns: VARCHAR with NULL for an empty cell; Parquet keeps its
        types. `_row` is the row that a spreadsheet shows: the header of a plain file is 1, its first record 2. A cell
        of several lines is one row, so in a text editor the line may lie further down. In Parquet the first record
        is 1. Headers without rows give 0 rows and a note.

    Raises
    ------
    BadInput
        The file is empty, binary, locked, broken, not readable, holds a line over 2 MB, or the disk is full.
    UnknownName
        The workbook has no such sheet.
    """
    path = Path(path)
    with disk_and_memory(path.name), _nothing_half_done(con, name):
        if path.suffix.lower() == ".parquet":
            return _stage_parquet(con, path, name)
        if path.suffix.lower() in WORKBOOKS:
            return stage_sheet(con, path, name, sheet)
        return stage_text(con, path, name)


@contextmanager
def _nothing_half_done(con: duckdb.DuckDBPyConnection, name: str) -> Iterator[None]:
    """Where staging fails, take away the tables it had begun."""
    try:
        yield
    except Exception:
        with suppress(duckdb.Error):
            con.execute(f"DROP TABLE IF EXISTS {name}")
            con.execute(f"DROP TABLE IF EXISTS {name}_rejects")
        raise


def _stage_parquet(con: duckdb.DuckDBPyConnection, path: Path, name: str) -> Staged:
    with path.open("rb") as handle:
        handle.read(1)
    if not path.stat().st_size:
        raise BadInput(f"{path.name}: is empty. Export it again, or take it out of the folder.")
    try:
        described = (
            con.execute(
                "SELECT * FROM read_parquet(?, hive_partitioning=false) LIMIT 0", [glob.escape(str(path.resolve()))]
            ).description
            or []
        )
        columns, notes = clean_headers([d[0] for d in described])
        renamed = ", ".join(f"{quote(d[0])} AS {quote(c)}" for d, c in zip(described, columns, strict=True))
        con.execute(
            f"CREATE OR REPLACE TABLE {name} AS SELECT row_number() OVER () AS _row, {renamed} "
            "FROM read_parquet(?, hive_partitioning=false)",
            [glob.escape(str(path.resolve()))],
        )
    except duckdb.Error as error:
        if disk_is_full(error) or isinstance(error, duckdb.OutOfMemoryException):
            raise
        raise BadInput(
            f"{path.name}: is not a whole Parquet file ({str(error).splitlines()[0]}). Export it again."
        ) from error
    make_rejects(con, name)
    return finish(con, {"file": path.name, "sheet": "", "columns": columns, "notes": notes}, name)


def stage_frame(con: duckdb.DuckDBPyConnection, frame: Any, name: str, label: str) -> Staged:
    """Load a pandas, Polars or Arrow frame into the table `name`; its columns keep their types.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        Where the table goes; a table of that name is replaced.
    frame : pandas.DataFrame, polars.DataFrame, pyarrow.Table or anything that offers Arrow's C stream
        The rows; an index of pandas is left out. A pandas column of mixed types becomes text.
    name : str
        A safe and unique table name; it goes into SQL as it is.
    label : str
        What to call the frame to people.

    Returns
    -------
    Staged
        `_row` counts the records from 1.

    Raises
    ------
    BadInput
        The object is no frame, has no columns, or the disk is full.
    """
    table = _arrow(frame, label)
    columns, notes = clean_headers([str(c) for c in table.column_names])
    con.register("_frame", table.rename_columns(list(columns)))
    try:
        with disk_and_memory(label):
            con.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT row_number() OVER () AS _row, * FROM _frame")
    finally:
        con.unregister("_frame")
    make_rejects(con, name)
    return finish(con, {"file": label, "sheet": "", "columns": columns, "notes": notes}, name)


def _arrow(frame: Any, label: str) -> pa.Table:
    if type(frame).__module__.startswith("pandas") and hasattr(frame, "columns"):
        table = _from_pandas(frame)
    elif hasattr(frame, "__arrow_c_stream__"):
        table = pa.table(frame)
    else:
        raise BadInput(f"{label}: a {type(frame).__name__} is no frame. Give a pandas, Polars or Arrow table.")
    if not table.num_columns:
        raise BadInput(f"{label}: the frame has no columns. Give one with a column for each field.")
    return table


def _from_pandas(frame: Any) -> pa.Table:
    arrays = []
    for place in range(frame.shape[1]):
        column = frame.iloc[:, place]
        try:
            arrays.append(pa.Array.from_pandas(column))
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            arrays.append(pa.array([None if v is None or v != v else str(v) for v in column], pa.string()))
    return pa.Table.from_arrays(arrays, names=[str(c) for c in frame.columns])
