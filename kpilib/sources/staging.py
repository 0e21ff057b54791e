"""What a staged file is, and the steps every kind of file shares: headers, batches, blank rows, full disks."""

import errno
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from kpilib.errors import BadInput

#: Rows and characters after which a batch goes to the engine: what bounds the memory of the row-by-row readers.
_BATCH_ROWS, _BATCH_CHARACTERS = 20_000, 16_000_000
#: How many rejected lines `Staged.rejects` carries; the table of rejects holds all of them.
_SHOWN_REJECTS = 100

Cells = Sequence[str | None]
Record = tuple[int, Cells, str, str]


@dataclass(frozen=True)
class Staged:
    """One file, sheet or frame, loaded as it was written.

    `table` has the file's columns as VARCHAR (Parquet and frames keep their types) after `_row` BIGINT, the row a
    spreadsheet shows. `file` is the name to show people and `notes` are sentences about what was skipped or mended.
    Lines that could not be cut into cells are in the table `table || '_rejects'` (row BIGINT, reason VARCHAR,
    text VARCHAR): `rejected` counts them, `rejects` holds the first 100.
    """

    table: str
    file: str
    sheet: str
    columns: tuple[str, ...]
    rows: int
    encoding: str = ""
    delimiter: str = ""
    notes: tuple[str, ...] = ()
    rejects: tuple[tuple[int, str, str], ...] = ()
    rejected: int = 0


def quote(name: str) -> str:
    """A column's name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def plural(count: int, one: str, many: str = "") -> str:
    """A count with its noun: "1 row", "1,200 rows"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def were(count: int) -> str:
    """The verb to a count: "was" or "were"."""
    return "was" if count == 1 else "were"


def clean_headers(raw: Sequence[str | None]) -> tuple[tuple[str, ...], list[str]]:
    """Headers as column names: white space tidied, blank ones named by position, repeated ones numbered.

    Two headers that differ by case only count as repeated, since SQL does not tell them apart.

    Returns
    -------
    tuple of (tuple of str, list of str)
        The names, as many as were given, and a sentence for each thing that was changed.

    Examples
    --------
    >>> clean_headers(["Name ", "", "name"])
    (('Name', 'column_2', 'name_2'), ['1 blank header was named column_2', '1 repeated header was named name_2'])
    """
    tidy = [" ".join((header or "").replace("\ufeff", "").split()) for header in raw]
    taken, names, blank, repeated = {"_row"} | {t.lower() for t in tidy if t}, [], [], []
    seen = {"_row"}
    for place, header in enumerate(tidy, 1):
        name = header or f"column_{place}"
        if name.lower() in (seen if header else taken):
            name = _numbered(name, taken | seen)
        if not header:
            blank.append(name)
        elif name != header:
            repeated.append(name)
        seen.add(name.lower())
        names.append(name)
    return tuple(names), _said("blank", blank) + _said("repeated", repeated)


def _numbered(name: str, taken: set[str]) -> str:
    number = 2
    while f"{name}_{number}".lower() in taken:
        number += 1
    return f"{name}_{number}"


def _said(what: str, names: list[str]) -> list[str]:
    if not names:
        return []
    listed = ", ".join(names[:10]) + (", …" if len(names) > 10 else "")
    return [f"{plural(len(names), what + ' header')} {were(len(names))} named {listed}"]


def header_place(rows: Sequence[Cells]) -> int:
    """Which of the first rows holds the headers (from 0): titles above a table fill fewer cells than the table does.

    The upper quartile of filled cells stands for the table's width, so that neither a few titles nor one overlong row
    sets it.

    Raises
    ------
    ValueError
        No row holds anything.
    """
    filled = [sum(1 for cell in row if cell and cell.strip()) for row in rows]
    usual = sorted(n for n in filled if n)
    if not usual:
        raise ValueError("no row holds anything")
    width = usual[int(0.75 * (len(usual) - 1))]
    wanted = max(width / 2, min(2, width))
    return next(place for place, n in enumerate(filled) if n >= wanted)


def make_rejects(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """An empty table of rejects beside the staged table, so that an importer may always read it."""
    con.execute(f"CREATE OR REPLACE TABLE {name}_rejects (row BIGINT, reason VARCHAR, text VARCHAR)")


def load_records(
    con: duckdb.DuckDBPyConnection, name: str, columns: tuple[str, ...], records: Iterable[Record]
) -> None:
    """Fill the table `name` (and its rejects) from records of (row, cells, reason, text), a batch at a time.

    A record with a reason goes to the rejects. An empty cell becomes NULL.
    """
    declared = ", ".join(f"{quote(c)} VARCHAR" for c in columns)
    con.execute(f"CREATE OR REPLACE TABLE {name} (_row BIGINT, {declared})")
    for batch in _batches(records):
        _insert(con, name, [(row, *cells) for row, cells, reason, _ in batch if not reason], len(columns))
        _insert(con, f"{name}_rejects", [(row, reason, text) for row, _, reason, text in batch if reason], 2)


def _batches(records: Iterable[Record]) -> Iterator[list[Record]]:
    batch, size = [], 0
    for record in records:
        batch.append(record)
        size += len(record[3]) + sum(len(cell) for cell in record[1] if cell)
        if len(batch) >= _BATCH_ROWS or size >= _BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _insert(con: duckdb.DuckDBPyConnection, table: str, rows: list[tuple], texts: int) -> None:
    if not rows:
        return
    row, *cells = zip(*rows, strict=True)
    arrays: list[pa.Array] = [pa.array(row, pa.int64()), *(pa.array(c, pa.string()) for c in cells)]
    con.register("_batch", pa.table(arrays, names=["_row", *(f"c{i}" for i in range(texts))]))
    try:
        filled = ", ".join(f"nullif(c{i}, '')" for i in range(texts))
        con.execute(f"INSERT INTO {table} SELECT _row, {filled} FROM _batch")
    finally:
        con.unregister("_batch")


def tidy_rows(con: duckdb.DuckDBPyConnection, name: str, columns: tuple[str, ...], raw: Sequence[str]) -> list[str]:
    """Leave out rows without any value and rows that repeat the header (`raw`, as written); a sentence for each."""
    empty = f"coalesce({', '.join(f'nullif(trim({quote(c)}), $$$$)' for c in columns)}) IS NULL"
    same = " AND ".join(
        f"coalesce(trim({quote(c)}), '') = '{text.strip().replace(chr(39), chr(39) * 2)}'"
        for c, text in zip(columns, raw, strict=True)
    )
    found = con.execute(
        f"SELECT count(*) FILTER (WHERE {empty}), count(*) FILTER (WHERE {same}), min(_row) FILTER (WHERE {same}) "
        f"FROM {name}"
    ).fetchone()
    blank, repeated, first = found or (0, 0, None)
    if blank or repeated:
        con.execute(f"DELETE FROM {name} WHERE ({empty}) OR ({same})")
    notes = []
    if blank:
        notes.append(f"{plural(blank, 'wholly blank row')} {were(blank)} left out")
    if repeated == 1:
        notes.append(f"row {first} repeats the header and was left out")
    elif repeated:
        notes.append(f"{repeated:,} rows, the first at {first}, repeat the header and were left out")
    return notes


def finish(con: duckdb.DuckDBPyConnection, staged: dict, name: str) -> Staged:
    """The record of what `name` and its rejects hold now, with the facts given in `staged`."""
    rows = con.execute(f"SELECT count(*) FROM {name}").fetchone()
    rejected = con.execute(f"SELECT count(*) FROM {name}_rejects").fetchone()
    shown = con.execute(f"SELECT row, reason, text FROM {name}_rejects ORDER BY row LIMIT {_SHOWN_REJECTS}").fetchall()
    count, bad = rows[0] if rows else 0, rejected[0] if rejected else 0
    notes = list(staged.pop("notes"))
    if not count and not bad:
        notes.append("there are headers, but no rows")
    if bad:
        notes.append(f"{plural(bad, 'line')} could not be cut into the header's cells and {were(bad)} kept apart")
    return Staged(table=name, rows=count, rejects=tuple(shown), rejected=bad, notes=tuple(notes), **staged)


@contextmanager
def disk_and_memory(file: str) -> Iterator[None]:
    """Errors of the machine (full disk, no memory, no permission, gone) in words that say what to do."""
    try:
        yield
    except PermissionError as error:
        raise BadInput(
            f"{file}: no permission to read it. Give your account read access, or copy it elsewhere."
        ) from error
    except FileNotFoundError as error:
        raise BadInput(f"{file}: there is no such file. Check the name and the folder.") from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
            raise BadInput(_full(file)) from error
        raise BadInput(
            f"{file}: could not be read ({error.strerror or error}). Copy it to a local disk and retry."
        ) from error
    except MemoryError as error:
        raise BadInput(f"{file}: is too large for the memory at hand. Split it, or save it as CSV.") from error
    except duckdb.OutOfMemoryException as error:
        raise BadInput(f"{file}: the engine ran out of memory ({_first_line(error)}). Free memory or disk.") from error
    except duckdb.Error as error:
        if disk_is_full(error):
            raise BadInput(_full(file)) from error
        if isinstance(error, duckdb.IOException):
            raise BadInput(f"{file}: could not be read or stored ({_first_line(error)}). Check the disk.") from error
        raise


def disk_is_full(error: Exception) -> bool:
    """Whether an engine's error says that nothing more can be written."""
    said = str(error).lower()
    return any(words in said for words in ("no space left", "could not write", "disk quota", "file too large"))


def _full(file: str) -> str:
    return f"{file}: the disk is full, so it could not be stored. Free some space and import again; nothing was kept."


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
