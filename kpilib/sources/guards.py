"""What a file really is, told by its first bytes, whatever its name says."""

import zipfile
from pathlib import Path

from kpilib.errors import BadInput

WORKBOOKS = (".xlsx", ".xls", ".xlsm", ".ods")
TEXTS = (".csv", ".tsv", ".txt")
READABLE = (*TEXTS, *WORKBOOKS, ".parquet")

_EXCEL_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"PAR1", "a Parquet file", "rename it to .parquet"),
    (b"%PDF", "a PDF document", "export the table behind it as CSV or .xlsx"),
    (b"\x89PNG", "a picture (PNG)", "export the table behind it as CSV or .xlsx"),
    (b"\xff\xd8\xff", "a picture (JPEG)", "export the table behind it as CSV or .xlsx"),
    (b"GIF8", "a picture (GIF)", "export the table behind it as CSV or .xlsx"),
    (b"\x1f\x8b", "a gzip archive", "unpack it first"),
    (b"7z\xbc\xaf", "a 7-Zip archive", "unpack it first"),
    (b"Rar!", "a RAR archive", "unpack it first"),
    (b"SQLite format 3", "a SQLite database", "export its tables as CSV"),
)
_PAGE_STARTS = (b"<!doctype html", b"<html", b"<table", b"<?xml")


def looks_like(path: Path, head: bytes) -> tuple[str, str]:
    """What the first bytes say a file is, and what to do: ("", "") where nothing but text speaks.

    A workbook is told from any other zip by its parts.
    """
    if head.startswith(b"PK\x03\x04"):
        return _zip_kind(path)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _ole_kind(path)
    for start, what, cure in _MAGIC:
        if head.startswith(start):
            return what, cure
    opening = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:20].lower()
    if opening.startswith(_PAGE_STARTS):
        return "a web page or XML", "open it in Excel or LibreOffice and save it as .xlsx or .csv"
    return "", ""


def _zip_kind(path: Path) -> tuple[str, str]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, EOFError):
        return "a broken zip file or workbook", "export or download it again"
    if "xl/workbook.xml" in names:
        return "an Excel workbook", "rename it to .xlsx"
    if "content.xml" in names:
        return "an OpenDocument workbook", "rename it to .ods"
    return "a zip archive", "unpack it first"


def _ole_kind(path: Path) -> tuple[str, str]:
    carry = b""
    with path.open("rb") as handle:
        while block := handle.read(1 << 20):
            if _EXCEL_ENCRYPTED in carry + block:
                return "a password-protected workbook", "remove the password in Excel and save it again"
            carry = block[-len(_EXCEL_ENCRYPTED) :]
    return "an old Excel workbook", "rename it to .xls"


def refuse_if_not_text(path: Path, head: bytes) -> None:
    """Raise `BadInput` where a file named as text is something else.

    Raises
    ------
    BadInput
        Says what the file looks like and what to do.
    """
    what, cure = looks_like(path, head)
    if what:
        raise BadInput(f"{path.name}: is {what} named {path.suffix or 'without an ending'}: {cure}.")


def refuse_if_not_workbook(path: Path, head: bytes) -> None:
    """Raise `BadInput` where a file named as a workbook is none, or is locked.

    Raises
    ------
    BadInput
        Says what the file looks like and what to do.
    """
    what, cure = looks_like(path, head)
    if "workbook" in what and ("Excel" in what or "OpenDocument" in what):
        return
    if not what and b"\0" in head:
        what, cure = "not a workbook but unknown binary data", "export or download it again"
    if not what:
        what, cure = "plain text", "rename it to .csv"
    raise BadInput(f"{path.name}: is {what}, named {path.suffix}: {cure}.")
