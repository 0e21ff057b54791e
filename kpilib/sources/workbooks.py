"""Workbooks (.xlsx, .xlsm, .xls, .ods): their sheets as text, and the formulas nobody has calculated.

Values are read as saved; no formula is run, and none is changed.
"""

import datetime
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree

import duckdb
from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from kpilib.errors import BadInput, unknown
from kpilib.sources.guards import refuse_if_not_workbook
from kpilib.sources.staging import (
    Record,
    Staged,
    clean_headers,
    finish,
    header_place,
    load_records,
    make_rejects,
    plural,
    tidy_rows,
    were,
)

#: The most that a workbook may unpack to, in bytes: a sheet is read into memory whole.
LARGEST = 4_000_000_000
_BLOCK = 1 << 20
_SHOWN = 5
_RELATIONS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_CELL = rb'<(?:\w+:)?c\b((?:\s+[\w:]+="[^"]*")*)\s*>'
_UNCALCULATED = re.compile(
    _CELL + rb"\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"
    rb"(<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_ERROR = re.compile(_CELL + rb"(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v>(#[^<]+)</(?:\w+:)?v>", re.DOTALL)
_REFERENCE = re.compile(rb'\br="([A-Z]+[0-9]+)"')


def sheet_names(path: Path) -> list[str]:
    """The sheets of a workbook that hold anything, in the workbook's order.

    Raises
    ------
    BadInput
        The workbook is locked, broken or no workbook.
    """
    with _opened(path) as book:
        return [name for name in book.sheet_names if _filled(book, name)]


def stage_sheet(con: duckdb.DuckDBPyConnection, path: Path, name: str, sheet: str | None) -> Staged:
    """Load one sheet (by default the first that holds anything) into `name`; see `kpilib.sources.files.stage`."""
    with _opened(path) as book:
        chosen, notes = _chosen(path, book, sheet)
        rows = book.get_sheet_by_name(chosen).to_python(skip_empty_area=False)
    place = header_place([[_text(cell) for cell in row] for row in rows[:50]])
    raw = [_text(cell) for cell in rows[place]]
    columns, said = clean_headers(raw)
    if place:
        notes.append(f"{plural(place, 'row')} above the header {were(place)} skipped")
    notes += said + _formula_notes(path, chosen)
    make_rejects(con, name)
    load_records(con, name, columns, _records(rows, place))
    notes += tidy_rows(con, name, columns, raw)
    facts = {"file": path.name, "sheet": chosen, "columns": columns, "notes": notes}
    return finish(con, facts, name)


@contextmanager
def _opened(path: Path) -> Iterator[CalamineWorkbook]:
    with path.open("rb") as handle:
        head = handle.read(4096)
    if not head:
        raise BadInput(f"{path.name}: is empty. Export it again, or take it out of the folder.")
    refuse_if_not_workbook(path, head)
    if head.startswith(b"PK"):
        _refuse_if_huge(path)
    try:
        with CalamineWorkbook.from_path(path) as book:
            yield book
    except PasswordError as error:
        raise BadInput(
            f"{path.name}: is password-protected. Remove the password in Excel and save it again."
        ) from error
    except CalamineError as error:
        raise BadInput(
            f"{path.name}: is a broken workbook ({error}). Open it, save it again, or export it as CSV."
        ) from error


def _refuse_if_huge(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        size = sum(part.file_size for part in archive.infolist())
    if size > LARGEST:
        raise BadInput(f"{path.name}: unpacks to {size / 1e9:.1f} GB, more than a workbook may. Export it as CSV.")


def _filled(book: CalamineWorkbook, name: str) -> bool:
    try:
        return book.get_sheet_by_name(name).height > 0
    except CalamineError:  # a chart sheet has no cells
        return False


def _chosen(path: Path, book: CalamineWorkbook, sheet: str | None) -> tuple[str, list[str]]:
    if sheet is not None and sheet not in book.sheet_names:
        raise unknown(f"sheet of {path.name}", sheet, book.sheet_names)
    filled = [name for name in ([sheet] if sheet else book.sheet_names) if _filled(book, name)]
    if not filled:
        where = f"sheet {sheet!r}" if sheet else "none of its sheets"
        raise BadInput(
            f"{path.name}: {where} holds {'nothing' if sheet else 'anything'}. Fill it, or take it out of the folder."
        )
    others = ", ".join(filled[1:])
    return filled[0], [f"only the sheet {filled[0]!r} was read; there is also {others}"] if others else []


def _records(rows: list[list], place: int) -> Iterator[Record]:
    for number, row in enumerate(rows[place + 1 :], place + 2):
        yield number, [_text(cell) for cell in row], "", ""


def _text(cell: object) -> str:
    """A cell as text: ISO dates, whole numbers without `.0`, booleans as Excel shows them."""
    match cell:
        case str():
            return cell
        case bool():
            return "TRUE" if cell else "FALSE"
        case float():
            return str(int(cell)) if cell.is_integer() and abs(cell) < 1e21 else repr(cell)
        case datetime.datetime():
            return cell.isoformat(sep=" ")
        case datetime.timedelta():
            minutes, seconds = divmod(round(cell.total_seconds()), 60)
            return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
        case None:
            return ""
    return str(cell)


# --- what the values alone do not tell


def _formula_notes(path: Path, sheet: str) -> list[str]:
    """Formulas that were never calculated, and cells that hold an error: both come as empty cells."""
    part = _sheet_part(path, sheet)
    if not part:
        return []
    uncalculated, errors = _odd_cells(path, part)
    notes = []
    if uncalculated:
        notes.append(
            f"{plural(len(uncalculated), 'formula')} never calculated, read as empty ({_some(uncalculated)}): "
            "open the workbook in Excel or LibreOffice, save it and import again"
        )
    if errors:
        notes.append(f"{plural(len(errors), 'cell')} with an error such as #DIV/0!, read as empty ({_some(errors)})")
    return notes


def _some(cells: list[str]) -> str:
    return ", ".join(cells[:_SHOWN]) + (", …" if len(cells) > _SHOWN else "")


def _sheet_part(path: Path, sheet: str) -> str:
    """The part of an .xlsx archive that holds a sheet; "" for other kinds of workbook."""
    if not zipfile.is_zipfile(path):
        return ""
    with zipfile.ZipFile(path) as archive:
        if "xl/workbook.xml" not in archive.namelist():
            return ""
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
        relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
        targets = {r.get("Id"): r.get("Target", "") for r in relations}
        for element in book.iter():
            if element.tag.endswith("}sheet") and element.get("name") == sheet:
                target = targets.get(element.get(_RELATIONS), "").lstrip("/")
                part = target if target.startswith("xl/") else f"xl/{target}"
                return part if part in archive.namelist() else ""
    return ""


def _odd_cells(path: Path, part: str) -> tuple[list[str], list[str]]:
    """References of uncalculated formulas and of error cells, from the sheet's XML, a block at a time."""
    uncalculated: list[str] = []
    errors: list[str] = []
    with zipfile.ZipFile(path) as archive, archive.open(part) as handle:
        carry = b""
        while block := handle.read(_BLOCK):
            block = carry + block
            end = block.rfind(b"</row>") + 1 or block.rfind(b"</c>") + 1
            whole, carry = (block[: end + 5], block[end + 5 :]) if end else (block, b"")
            if b"<f" in whole or b":f" in whole:
                uncalculated += [
                    _place(a) for a, value in _UNCALCULATED.findall(whole) if not (value and b't="str"' in a)
                ]
            if b"<v>#" in whole:
                errors += [_place(a) for a, text in _ERROR.findall(whole) if b't="e"' in a and text != b"#N/A"]
    return uncalculated, errors


def _place(attributes: bytes) -> str:
    found = _REFERENCE.search(attributes)
    return found[1].decode() if found else "a cell"
