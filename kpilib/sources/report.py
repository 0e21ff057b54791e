"""What an import did, in words: rows read, accepted and refused, why, and what was left unread."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from io import StringIO
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from kpilib.errors import BadInput
from kpilib.model.shared import NO_CURRENCY
from kpilib.model.tables import TABLES
from kpilib.sources.values import why

#: Examples kept of each reason.
EXAMPLES = 3


@dataclass(frozen=True)
class FileRows:
    """What became of one file's rows in one table."""

    table: str
    file: str
    rows: int
    accepted: int
    refused: int
    fingerprint: str = ""


@dataclass(frozen=True)
class Finding:
    """A reason, how many rows it concerns, what was done, and the first of them."""

    table: str
    reason: str
    column: str
    rows: int
    action: str
    examples: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Report:
    """The report of an import.

    `left_columns` are columns that nothing reads, by file, each with the model column it may have meant ('' for none).
    `unchanged` says that the same files had been imported in the same way: nothing was written.
    """

    path: str
    dialect: str
    as_of: str
    currency: str
    files: tuple[FileRows, ...] = ()
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    left_files: tuple[str, ...] = ()
    left_columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    unchanged: bool = False

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables that were imported, in the order of the model."""
        return tuple(dict.fromkeys(f.table for f in self.files))

    def rows(self, table: str) -> FileRows:
        """One table's rows, all files together; zeros for a table that is not there."""
        mine = [f for f in self.files if f.table == table]
        names = ", ".join(f.file for f in mine)
        return FileRows(table, names, *(sum(getattr(f, k) for f in mine) for k in ("rows", "accepted", "refused")))

    def frame(self) -> pd.DataFrame:
        """The findings as a frame: table, reason, column, rows, action, examples (a text: file, row and value)."""
        rows = [
            (f.table, f.reason, f.column, f.rows, f.action, "; ".join(_example(e) for e in f.examples))
            for f in self.findings
        ]
        return pd.DataFrame(rows, columns=["table", "reason", "column", "rows", "action", "examples"])

    def text(self) -> str:
        """The report for a terminal, in plain text (no colour codes)."""
        parts = [self._head(), _drawn(self._rows_table())]
        parts += [f"  {_said(f)}" for f in self.findings]
        return "\n".join([*parts, *self._rest()]).rstrip() + "\n"

    def _head(self) -> str:
        done = "Nothing has changed since the last import; nothing was written" if self.unchanged else "Imported"
        day = f"figures as of {self.as_of}" if self.as_of else "no date found: give the day of the figures (--as-of)"
        money = "in no known currency" if self.currency == NO_CURRENCY else f"in {self.currency}"
        return f"{done}: {self.path} (dialect {self.dialect}, {day}, amounts {money})"

    def _rows_table(self) -> Any:
        from rich.table import Table

        drawn = Table("table", "files", box=None, pad_edge=False)
        for name in ("rows read", "accepted", "refused"):
            drawn.add_column(name, justify="right")
        for table in self.tables:
            total = self.rows(table)
            drawn.add_row(table, total.file, *(f"{n:,}" for n in (total.rows, total.accepted, total.refused)))
        return drawn

    def _rest(self) -> list[str]:
        lines = [f"Note: {note}" for note in self.notes]
        if self.left_files:
            lines.append(f"Files not read: {', '.join(self.left_files)}")
        for file, columns in self.left_columns.items():
            names = [f"{c} (did you mean {m}?)" if m else c for c, m in columns.items()]
            names.sort(key=lambda name: "(did you mean" not in name)
            more = f", … ({len(names)} in all)" if len(names) > 12 else ""
            lines.append(f"Columns not read in {file}: {', '.join(names[:12])}{more}")
        return lines

    def to_json(self) -> str:
        """The report as JSON text, as it is stored in the database."""
        return json.dumps(asdict(self), ensure_ascii=False, default=str)

    @staticmethod
    def from_json(text: str) -> "Report":
        """The report that `to_json` wrote."""
        raw = json.loads(text)
        raw["files"] = tuple(FileRows(**f) for f in raw["files"])
        raw["findings"] = tuple(Finding(**{**f, "examples": tuple(f["examples"])}) for f in raw["findings"])
        raw["notes"], raw["left_files"] = tuple(raw["notes"]), tuple(raw["left_files"])
        return Report(**raw)


def _example(example: Mapping[str, Any]) -> str:
    value = example.get("value")
    return f"{example['file']} row {example['row']}" + ("" if value in (None, "") else f": {value}")


def _said(finding: Finding) -> str:
    """A finding as a line: how many rows, what was done, why, and the first of them."""
    shown = "; ".join(_example(e) + _why(finding, e) for e in finding.examples)
    where = f"{finding.table}.{finding.column}" if finding.column else finding.table
    return f"{finding.rows:>9,} {finding.action}  {where}: {finding.reason} ({shown})"


def _why(finding: Finding, example: Mapping[str, Any]) -> str:
    if not finding.reason.startswith("not readable") or not example.get("value"):
        return ""
    return f" ({why(str(example['value']), TABLES[finding.table].column(finding.column).type)})"


def _drawn(table: Any) -> str:
    from rich.console import Console

    out = StringIO()
    Console(file=out, width=160, color_system=None).print(table)
    return "\n" + out.getvalue().rstrip() + "\n"


def setting(path: Path, key: str) -> str | None:
    """A setting of an imported database; None where the file or the setting is not there, or it is no import's."""
    if not path.is_file():
        return None
    con = duckdb.connect()
    try:
        con.execute("ATTACH '" + str(path).replace("'", "''") + "' AS held (READ_ONLY)")
        found = con.execute("SELECT value FROM held.settings WHERE key = ?", [key]).fetchone()
    except duckdb.Error:
        return None
    finally:
        con.close()
    return None if found is None else str(found[0])


def report_of(path: str | Path) -> Report:
    """The report that was stored when the database file was imported.

    Raises
    ------
    BadInput
        Where there is no such file, or it was not written by an import.
    """
    held = setting(Path(path), "report")
    if held is None:
        why = "is not a database that an import wrote" if Path(path).is_file() else "is not there"
        raise BadInput(f"{str(path)!r} {why}. Write one: kpi import FOLDER --into {Path(path).name}.")
    return replace(Report.from_json(held), path=str(path))
