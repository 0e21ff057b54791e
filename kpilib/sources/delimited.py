"""Delimited text (CSV, TSV, TXT): encoding and delimiter found out, then read at the engine's own speed.

A file that the engine refuses, because rows are ragged or quotes do not close, is read again row by row in bounded
memory: short rows are padded, and what cannot be cut into cells is kept apart with its reason.
"""

import csv
import glob
import io
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from kpilib.errors import BadInput
from kpilib.sources.encodings import as_utf8
from kpilib.sources.staging import (
    Record,
    Staged,
    clean_headers,
    disk_is_full,
    finish,
    header_place,
    load_records,
    make_rejects,
    plural,
    quote,
    tidy_rows,
    were,
)

SAMPLE = 256 * 1024
#: The longest line that is read, in bytes: DuckDB's own limit for one line.
LONGEST = 2_097_152
_BLOCK = 1 << 20
_DELIMITERS = ",;\t|"
_BLANK_LINE = re.compile(rb"\n\r?\n[\r\n]*[^\r\n]")

# One cell may be as long as one line; csv's own limit (128 KB) is shorter than what Salesforce lets a field hold.
csv.field_size_limit(max(csv.field_size_limit(), LONGEST))


@dataclass(frozen=True)
class _Shape:
    """How a text is cut: its delimiter, its escape, and where the header is (records and lines before it)."""

    delimiter: str
    escape: str
    header: tuple[str, ...]
    records_before: int
    lines_before: int


def stage_text(con: duckdb.DuckDBPyConnection, path: Path, name: str) -> Staged:
    """Load a delimited text into the table `name`; see `kpilib.sources.files.stage`."""
    with path.open("rb") as handle:
        head = handle.read(SAMPLE)
    if not head.strip():
        raise BadInput(f"{path.name}: is empty. Export it again, or take it out of the folder.")
    with as_utf8(path, head) as (text, encoding, notes):
        blank_lines = _scan(text, path.name)
        shape = _shape(text, path.name)
        columns, said = clean_headers(shape.header)
        notes += ([_titles(shape)] if shape.records_before else []) + said
        make_rejects(con, name)
        if blank_lines or not _read_fast(con, text, name, columns, shape):
            notes += _read_carefully(con, text, name, columns, shape)
    notes += tidy_rows(con, name, columns, shape.header)
    facts = {"file": path.name, "sheet": "", "columns": columns, "encoding": encoding, "delimiter": shape.delimiter}
    return finish(con, {**facts, "notes": notes}, name)


def _titles(shape: _Shape) -> str:
    return f"{plural(shape.records_before, 'line')} above the header {were(shape.records_before)} skipped"


# --- a first look


def _scan(path: Path, file: str) -> bool:
    """Refuse binary data and overlong lines before anything is held; say whether blank lines stand between rows."""
    run, line, blank, before = 0, 1, False, b""
    with path.open("rb") as handle:
        while block := handle.read(_BLOCK):
            if b"\0" in block:
                raise BadInput(_binary(file, line + block[: block.index(0)].count(b"\n")))
            ends = b"\n" if b"\n" in block else b"\r"
            first = block.find(ends)
            if run + (len(block) if first < 0 else first) > LONGEST:
                raise BadInput(_too_long(file, line))
            run = run + len(block) if first < 0 else len(block) - block.rfind(ends) - 1
            line += block.count(ends)
            joined = before + block
            if not blank and (b"\n\n" in joined or b"\n\r\n" in joined):
                blank = bool(_BLANK_LINE.search(joined))
            before = joined[-4:]
    return blank


def _binary(file: str, line: int) -> str:
    return f"{file}: holds NUL bytes at line {line:,}, so it is not text. Export it again as CSV (UTF-8)."


def _too_long(file: str, line: int) -> str:
    return (
        f"{file}: line {line:,} is longer than {LONGEST:,} bytes, the most a line may hold. "
        "Export it again with one record a line."
    )


def _shape(path: Path, file: str) -> _Shape:
    with path.open("rb") as handle:
        raw = handle.read(SAMPLE)
        cut = bool(handle.read(1))
    sample = raw.decode("utf-8-sig", errors="ignore")
    delimiter, escape = _dialect(sample, cut)
    records = list(_records(io.StringIO(sample, newline=""), delimiter, escape))[:50]
    rows = [cells for cells, _, _, _ in records]
    try:
        place = header_place(rows)
    except ValueError:
        raise BadInput(f"{file}: is empty. Export it again, or take it out of the folder.") from None
    if len(rows[place]) == 1:
        _refuse_blank_separated(sample, file)
    lines = sum(r[3] for r in records[:place])
    return _Shape(delimiter, escape, tuple(rows[place]), place, lines)


def _dialect(sample: str, cut: bool) -> tuple[str, str]:
    """The delimiter under which most rows have the same number of cells, and whether quotes are escaped by \\."""
    said = re.match(r"sep=(.)\r?\n", sample)
    marks = said[1] if said else _DELIMITERS
    escapes = ('"', "\\") if '\\"' in sample else ('"',)
    best, choice = (0.0, 1), (marks[0], '"')
    for delimiter in marks:
        for escape in escapes:
            score = _agreement(sample, delimiter, escape, cut)
            if score[1] > 1 and score > best:
                best, choice = score, (delimiter, escape)
    return choice


def _agreement(sample: str, delimiter: str, escape: str, cut: bool) -> tuple[float, int]:
    rows = list(_records(io.StringIO(sample, newline=""), delimiter, escape))
    widths = [0 if problem else len(cells) for cells, problem, _, _ in (rows[:-1] if cut and len(rows) > 1 else rows)]
    widths = [w for w in widths if w != 0] + [0] * widths.count(0)
    if not widths:
        return 0.0, 1
    counted = Counter(widths)
    width, count = max(counted.items(), key=lambda item: (item[1], item[0]))
    return round(count / len(widths), 1), width


def _refuse_blank_separated(sample: str, file: str) -> None:
    """A file without headers whose columns are set apart by blanks would be read as one column of nonsense."""
    lines = [line.split() for line in sample.splitlines()[:50] if line.strip()]
    if len(lines) >= 5 and len(lines[0]) >= 3 and len({len(line) for line in lines}) == 1:
        raise BadInput(
            f"{file}: its {len(lines[0])} columns seem to be set apart by blanks. "
            "Save it with commas, tabs or semicolons between the columns, and with a line of headers."
        )


# --- the two readers


def _read_fast(con: duckdb.DuckDBPyConnection, path: Path, name: str, columns: tuple[str, ...], shape: _Shape) -> bool:
    """Let the engine read the file; False where it finds the file ragged, so that nothing was loaded."""
    declared = ", ".join(f"'{c.replace(chr(39), chr(39) * 2)}': 'VARCHAR'" for c in columns)
    first = shape.records_before + 1
    try:
        con.execute(
            f"CREATE OR REPLACE TABLE {name} AS SELECT row_number() OVER () + {first} AS _row, "
            f"{', '.join(quote(c) for c in columns)} FROM read_csv(?, auto_detect=false, header=true, quote='\"', "
            f"delim=?, escape=?, skip={shape.lines_before}, max_line_size={LONGEST}, columns={{{declared}}})",
            [glob.escape(str(path.resolve())), shape.delimiter, shape.escape],
        )
    except duckdb.Error as error:
        if disk_is_full(error) or isinstance(error, duckdb.OutOfMemoryException):
            raise
        return False
    return True


@dataclass
class _Lines:
    """Lines of a text that can be given back: a record that fails gives back all but its first line."""

    handle: Iterable[str]
    back: deque[str] = field(default_factory=deque)
    taken: list[str] = field(default_factory=list)
    size: int = 0

    def __post_init__(self) -> None:
        self.source = iter(self.handle)

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if self.size > LONGEST:
            raise csv.Error("a quote is not closed")
        line = self.back.popleft() if self.back else next(self.source)
        self.taken.append(line)
        self.size += len(line)
        return line

    def give_back(self) -> None:
        self.back.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]


def _records(handle: Iterable[str], delimiter: str, escape: str) -> Iterator[tuple[list[str], str, str, int]]:
    """Each record as (cells, problem, text, lines); on a problem one line is given up and reading goes on after it."""
    lines = _Lines(handle)
    options = {"escapechar": "\\", "doublequote": False} if escape == "\\" else {}
    reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=delimiter != "\t", **options)  # type: ignore[arg-type]
    while True:
        lines.taken, lines.size, problem = [], 0, ""
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            lines.give_back()
            cells, problem = [], _quote_problem(error)
            reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=delimiter != "\t", **options)  # type: ignore[arg-type]
        yield cells, problem, "".join(lines.taken).rstrip("\r\n"), len(lines.taken)


def _quote_problem(error: csv.Error) -> str:
    return "text after a closing quote" if "expected after" in str(error) else "a quote that is not closed"


def _read_carefully(
    con: duckdb.DuckDBPyConnection, path: Path, name: str, columns: tuple[str, ...], shape: _Shape
) -> list[str]:
    """Read row by row: short rows padded, empty cells beyond the header dropped, anything else kept apart."""
    mended: Counter[str] = Counter()
    with path.open(encoding="utf-8-sig", errors="kpilib_cp1252", newline="") as handle:
        load_records(con, name, columns, _fitted(_records(handle, shape.delimiter, shape.escape), shape, mended))
    notes = []
    if short := mended["short"]:
        notes.append(f"{plural(short, 'row')} had fewer cells than the header and {were(short)} padded")
    if wide := mended["wide"]:
        notes.append(f"{plural(wide, 'row')} had empty cells beyond the header, which were dropped")
    return notes


def _fitted(
    records: Iterable[tuple[list[str], str, str, int]], shape: _Shape, mended: Counter[str]
) -> Iterator[Record]:
    width = len(shape.header)
    for row, (cells, problem, text, _) in enumerate(records, 1):
        if row <= shape.records_before + 1:
            continue
        if problem:
            yield row, (), problem, text
        elif any(cell.strip() for cell in cells[width:]):
            yield row, (), f"{len(cells)} cells where the header has {width}", text
        else:
            if len(cells) > width:
                mended["wide"] += 1
            elif len(cells) < width and any(cell.strip() for cell in cells):
                mended["short"] += 1
            yield row, cells[:width] + [""] * (width - len(cells)), "", ""
