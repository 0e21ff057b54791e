"""What is shown, as a file: CSV or Excel of a figure's table, of the tiles, or of the records behind them.

A cell of text that a spreadsheet would run as a formula (it begins with ``= + - @``, a tab or a line break) is defused:
in CSV by a leading apostrophe, in Excel by being written as text.
"""

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from kpilib.errors import BadInput, CannotAnswer, unknown

from . import records
from .live import Live
from .view import View
from .words import missing

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

CSV, EXCEL = "text/csv; charset=utf-8", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMS = {"csv": CSV, "xlsx": EXCEL}
#: How a cell begins that a spreadsheet may run.
ACTIVE = ("=", "+", "-", "@", "\t", "\r", "\n")
#: Rows of a sheet, less its header.
MOST = 1_048_575


def export(
    piece: Live, view: View, chosen: Mapping[str, str], form: str, mark: Mapping[str, str], of: str = "table"
) -> tuple[str, str, bytes]:
    """A piece as a file: its name, media type and bytes.

    Parameters
    ----------
    piece : Live
        A figure or tiles.
    view, chosen
        The slice and the piece's own lists.
    form : {"csv", "xlsx"}
        CSV in UTF-8 with a byte order mark, so that a spreadsheet reads its accents; or an Excel workbook with a second
        sheet that says what the numbers are of.
    mark : mapping of str to str
        For records: the mark of the chart they stand behind.
    of : {"table", "records"}
        The numbers shown, or the records behind them (all of them, not only those on the page).

    Raises
    ------
    BadInput
        No such form.
    CannotAnswer
        The piece has no numbers to give.
    """
    if form not in FORMS:
        raise unknown("form of a file", form, FORMS)
    if of not in ("table", "records"):
        raise BadInput(f"A file holds the 'table' or the 'records'; {of!r} was asked.")
    if of == "records":
        found = records.behind(piece, view, chosen, mark, most=None)
        frame, title, said = found.frame.set_axis(found.names(view.words), axis="columns"), found.title, found.slice
    else:
        frame, title, said = _table(piece, view, chosen), str(getattr(piece, "question", piece.name)), view.text
    name = f"{piece.name}{'-records' if of == 'records' else ''}.{form}"
    about = _about(view, view.words.say(title), said)
    return name, FORMS[form], as_bytes(frame, form, about)


def as_bytes(frame: pd.DataFrame, form: str, about: list[tuple[str, str]]) -> bytes:
    """A frame as the bytes of a file, its cells defused; `about` is what the second sheet of a workbook says."""
    return _csv(frame) if form == "csv" else _excel(frame, about)


def _table(piece: Live, view: View, chosen: Mapping[str, str]) -> pd.DataFrame:
    shown = piece.shown(view, chosen)
    frame = shown.drawn if isinstance(shown.drawn, pd.DataFrame) else getattr(shown.drawn, "table", None)
    if frame is None and shown.chart is not None:
        records_ = (
            {name: value for name, value in record.items() if not isinstance(value, dict | list)}  # not the tooltips
            for rows in shown.chart.data.values()
            for record in rows
        )
        frame = pd.DataFrame(list(records_))
    if frame is None:
        raise CannotAnswer(view.words.say("There is no table here to save."))
    return frame


def _about(view: View, title: str, said: str) -> list[tuple[str, str]]:
    words = view.words
    return [
        (words.say("Question"), title),
        (words.say("Slice"), said),
        (words.say("As of"), str(view.book.as_of)),
        (words.say("Fingerprint of the data"), str(getattr(view.book, "fingerprint", ""))[:12]),
    ]


def _csv(frame: pd.DataFrame) -> bytes:
    safe = frame.copy()
    safe.columns = [_defused(str(name)) for name in frame.columns]
    for at in range(safe.shape[1]):
        column = safe.iloc[:, at]
        if not pd.api.types.is_numeric_dtype(column):
            safe.isetitem(at, [_defused(_text(value)) for value in column])
    return safe.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")


def _defused(text: str) -> str:
    return f"'{text}" if text.startswith(ACTIVE) else text


def _text(value: Any) -> str:
    return "" if missing(value) else f"{value:%Y-%m-%d}" if hasattr(value, "strftime") else str(value)


def _excel(frame: pd.DataFrame, about: list[tuple[str, str]]) -> bytes:
    import xlsxwriter

    buffer = io.BytesIO()
    # Text stays text: a name that looks like a formula, a number or an address is none of them.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet = book.add_worksheet("Data")
        for at, name in enumerate(frame.columns):
            sheet.write_string(0, at, str(name), bold)
            for row, value in enumerate(frame.iloc[:MOST, at], start=1):
                _write(sheet, row, at, value, day)
        sheet.freeze_panes(1, 0)
        sheet.autofit()
        told = book.add_worksheet("About")
        lines = about
        if len(frame) > MOST:
            lines = [*about, ("Rows left out", str(len(frame) - MOST))]
        for row, (name, value) in enumerate(lines):
            told.write_string(row, 0, name, bold)
            told.write_string(row, 1, value)
        told.autofit()
    return buffer.getvalue()


def _write(sheet: "Worksheet", row: int, at: int, value: Any, day: Any) -> None:
    if missing(value):
        return
    if pd.api.types.is_bool(value):
        sheet.write_boolean(row, at, bool(value))
    elif pd.api.types.is_number(value):
        sheet.write_number(row, at, float(cast(float, value)))
    elif hasattr(value, "strftime"):
        sheet.write_datetime(row, at, pd.Timestamp(value).tz_localize(None).to_pydatetime(), day)
    else:
        sheet.write_string(row, at, str(value))
