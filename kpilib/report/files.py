"""A report as a file: its suffix says which form. It is there whole, or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from kpilib.errors import BadInput, unknown

if TYPE_CHECKING:
    from .content import Report

FORMS = (".html", ".pdf", ".xlsx")
"""The suffixes that a report may have."""


def checked(out: str | Path) -> Path:
    """The path of a file to write; asked before anything is computed.

    Raises
    ------
    BadInput
        Its folder is not there or may not be written to, or it is a folder itself.
    UnknownName
        A suffix that is not one of `FORMS`.
    """
    path = Path(out).expanduser()
    if path.suffix.lower() not in FORMS:
        raise unknown("form of a report", path.suffix or path.name, FORMS)
    if path.is_dir():
        raise BadInput(f"'{path}' is a folder; name the file to write in it.")
    if not path.parent.is_dir():
        raise BadInput(f"There is no folder '{path.parent}' to write '{path.name}' in. Make it first.")
    if not os.access(path.parent, os.W_OK):
        raise BadInput(f"The folder '{path.parent}' may not be written to. Choose another, or give yourself the right.")
    return path


def written(report: Report, suffix: str) -> bytes:
    """The report in the form of a suffix, ".html", ".pdf" or ".xlsx"; `UnknownName` for another."""
    if suffix not in FORMS:
        raise unknown("form of a report", suffix, FORMS)
    if suffix == ".xlsx":
        from .sheets import workbook

        return workbook(report)
    from .html import page

    html = page(report)
    if suffix == ".html":
        return html.encode()
    from .pdf import printed

    return printed(html)


def write(report: Report, out: str | Path) -> Path:
    """Write a report, and return where it is; errors as `checked`, and as the form's own.

    What was there is replaced in one step once the new file is whole: who reads meanwhile reads the old one.
    """
    path = checked(out)
    whole = written(report, path.suffix.lower())
    try:
        handle, scratch = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise BadInput(f"'{path}' cannot be written: {error.strerror}.") from error
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(whole)
        os.chmod(scratch, 0o666 & ~_mask())
        os.replace(scratch, path)
    except OSError as error:
        Path(scratch).unlink(missing_ok=True)
        raise BadInput(f"'{path}' cannot be written: {error.strerror}.") from error
    return path


def _mask() -> int:
    """What the system takes away from a new file's rights: a temporary file has fewer."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
