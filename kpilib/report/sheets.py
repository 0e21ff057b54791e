"""A report as an Excel workbook: figures, changes, alerts, definitions, quality of the data. Numbers are numbers.

Text stays text: a name that looks like a formula or an address is none.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from kpilib.language import N_
from kpilib.model.shared import NO_CURRENCY
from kpilib.show.words import missing

from .content import Report
from .parts import largest, member, unit_of
from .said import ASKED, COLUMNS, of_what, summary, title

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

    from kpilib.change.explain import Explanation

#: How a unit is written in a cell; money carries its currency's sign after the number.
FORMATS = {"share": "0.0%", "count": "#,##0", "days": "#,##0.0", "hours": "#,##0.0", "months": "#,##0.0",
           "score": "0.0", "ratio": "0.00", "points": '0.0" points"'}  # fmt: skip
_TEXT = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_NAMES = (N_("Figures"), N_("Changes"), N_("Alerts"), N_("Definitions"), N_("Data"))
_FACTOR, _NOT_OVER = N_("Factor"), N_("period not over")
_WIDE, _NARROW, _LONG = 28, 14, 60
#: A sheet's name may have so many characters.
_MOST = 31
_FIGURES = (
    N_("Question"), N_("KPI"), N_("Unit"), N_("Figure"), N_("Low (95%)"), N_("High (95%)"), N_("Rows"), N_("Remark"),
)  # fmt: skip
_EACH = (N_("{to}: figure"), N_("{to}: difference"), N_("{to}: verdict"))
_CHANGES = (
    N_("KPI"), N_("Dimension"), N_("Member"), N_("Share before"), N_("Share now"), N_("Figure before"),
    N_("Figure now"), N_("From the mix"), N_("From its figure"), N_("Change without it"),
)  # fmt: skip
_ALERTS = (
    N_("What"), N_("Month"), N_("Figure"), N_("Usual"), N_("Low limit"), N_("High limit"), N_("Since"), N_("Severity"),
    N_("In words"),
)  # fmt: skip
_DEFINITIONS = (N_("KPI"), N_("Key"), N_("Question"), N_("Worked out as"), N_("Over"), N_("Unit"), N_("Beware"),
                N_("Source"), N_("SQL"))  # fmt: skip
_DATA = (N_("Table"), N_("Rows"), N_("Newest row"), N_("Rows read"), N_("Refused"), N_("Share refused"),
         N_("Wholly empty columns"), N_("Fault"))  # fmt: skip
_VERDICTS = {
    "better": N_("better"), "worse": N_("worse"), "same": N_("not distinguishable from chance"),
    "higher": N_("higher"), "lower": N_("lower"),
}  # fmt: skip
_SEVERITY = {"worse": N_("worse"), "better": N_("better"), "data": N_("data")}


@dataclass(frozen=True)
class Figure:
    """A number in a cell, and its unit."""

    value: float | None
    unit: str


def difference(value: float, unit: str) -> Figure:
    """A difference: of shares in percentage points, else in the unit."""
    return Figure(value * 100, "points") if unit == "share" else Figure(value, unit)


Cell = str | int | Figure | None


def workbook(report: Report) -> bytes:
    """The whole workbook; the same report gives the same cells."""
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, **_TEXT}) as book:
        book.set_properties({"title": title(report), "created": datetime.combine(report.as_of, datetime.min.time())})
        sheets = (_figures(report), _changes(report), _alerts(report), _definitions(report), _data(report))
        pen = _Pen(book, report)
        for name, (columns, rows) in zip(_NAMES, sheets, strict=True):
            pen.sheet(report.words.say(name), columns, rows)
    return buffer.getvalue()


Sheet = tuple[Sequence[str], Iterable[Sequence[Cell]]]


def _figures(report: Report) -> Sheet:
    say = report.words.say
    names = [say(name) for name in _FIGURES]
    names += [say(one, to=say(to)) for to in COLUMNS.values() for one in _EACH]
    return names, [_figure(one, report) for one in report.headlines]


def _figure(one: Any, report: Report) -> list[Cell]:
    say, unit = report.words.say, one.kpi.unit
    question = say(ASKED[one.question]) if one.question else ""
    row: list[Cell] = [question, say(one.kpi.name), unit]
    row += [Figure(value, unit) for value in (one.value, one.low, one.high)]
    remark = one.why or one.warning(report.words.locale) or ("" if one.complete else say(_NOT_OVER))
    row += [None if one.why else one.rows, remark]
    for to in COLUMNS:
        found = one.against.get(to)
        by = None if found is None else difference(found.difference, unit)
        verdict = say(_VERDICTS[found.verdict]) if found and found.verdict in _VERDICTS else ""
        row += [Figure(found.before.value, unit) if found else None, by, verdict]
    return row


def _changes(report: Report) -> Sheet:
    say = report.words.say
    rows: list[list[Cell]] = []
    for one in report.moves.moved:
        rows.append([say(one.kpi.name), one.comparison.said(report.words.locale)])
        rows += _parts(one.explanation, report) if one.explanation else []
    return [say(name) for name in _CHANGES], rows


def _parts(found: Explanation, report: Report) -> list[list[Cell]]:
    """What each member adds to a change, the largest first."""
    say, unit = report.words.say, found.kpi.unit
    name = say(_FACTOR) if found.kpi.derived else report.words.dimension(found.dimension)
    rows: list[list[Cell]] = []
    for part in largest(found):
        numbers = [Figure(part.weight_before, "share"), Figure(part.weight_now, "share")]
        numbers += [Figure(value, unit_of(part, found)) for value in (part.rate_before, part.rate_now)]
        numbers += [difference(value, unit) for value in (part.mix, part.rate, part.without)]
        rows.append([say(found.kpi.name), name, member(part, found, report.words), *numbers])
    return rows


def _alerts(report: Report) -> Sheet:
    say, words = report.words.say, report.words
    rows: list[list[Cell]] = []
    for told in report.alerts:
        one = told.alert
        numbers = [Figure(v, told.unit or "ratio") for v in (one.value, one.center, one.low, one.high)]
        severity = say(_SEVERITY.get(one.severity, one.severity))
        said = one.said(words.locale, words.currency)
        rows.append([one.title(words.locale), one.month, *numbers, one.since, severity, said])
    return [say(name) for name in _ALERTS], rows


def _definitions(report: Report) -> Sheet:
    rows = [
        [one.name, one.key, one.question, one.formula, one.table, one.unit, one.caveat, one.source, one.sql]
        for one in report.definitions
    ]
    return [report.words.say(name) for name in _DEFINITIONS], rows


def _data(report: Report) -> Sheet:
    say = report.words.say
    rows: list[list[Cell]] = [
        [
            one.table, one.rows, str(one.newest or ""), one.read, one.refused, Figure(one.refused_share, "share"),
            ", ".join(one.empty),
        ]
        for one in report.quality.tables
    ]  # fmt: skip
    rows += [[f"{one.table}.{one.column}" if one.column else one.table, one.rows, *[None] * 5, one.reason]
             for one in report.quality.faults]  # fmt: skip
    rows += [[], [say("As of"), str(report.as_of)], [say("Period"), report.period.label]]
    rows.append([say("Fingerprint of the data"), report.fingerprint])
    for said in summary(report):
        rows.append([said])
    return [say(name) for name in _DATA], rows


class _Pen:
    """Writes sheets: a title, a header that stays in view, cells in the format of their unit."""

    def __init__(self, book: Workbook, report: Report) -> None:
        self.book, self.report = book, report
        self.bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self.head = book.add_format({"bold": True, "font_size": 14})
        self.wrap = book.add_format({"text_wrap": True, "valign": "top"})
        self.units = {unit: self._format(form) for unit, form in FORMATS.items()}
        currency = report.words.currency
        sign = "" if currency in ("", NO_CURRENCY) else f'" {currency}"'
        self.units |= {unit: self._format(f"#,##0{sign}") for unit in ("money", "money/day")}

    def sheet(self, name: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
        """One sheet: what it is of in its first two rows, its columns in the fourth."""
        sheet = self.book.add_worksheet(name[:_MOST])
        sheet.write_string(0, 0, title(self.report), self.head)
        sheet.write_string(1, 0, of_what(self.report))
        widths = [min(max(len(column) + 2, _NARROW), _WIDE) for column in columns]
        for at, column in enumerate(columns):
            sheet.write_string(3, at, column, self.bold)
        for line, row in enumerate(rows, start=4):
            for at, cell in enumerate(row):
                self._write(sheet, line, at, cell)
                if isinstance(cell, str) and at < len(widths) and len(row) > 2:
                    widths[at] = max(widths[at], min(len(cell) + 2, _LONG))
        for at, width in enumerate(widths):
            sheet.set_column(at, at, width)
        sheet.freeze_panes(4, 1)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)

    def _write(self, sheet: Worksheet, line: int, at: int, cell: Cell) -> None:
        if isinstance(cell, Figure):
            if not missing(cell.value):
                sheet.write_number(line, at, float(cell.value or 0.0), self.units[cell.unit])
        elif isinstance(cell, int):
            sheet.write_number(line, at, cell, self.units["count"])
        elif cell:
            sheet.write_string(line, at, cell[:32_767], self.wrap if len(cell) > _LONG else None)

    def _format(self, form: str) -> Any:
        return self.book.add_format({"num_format": form, "valign": "top"})
