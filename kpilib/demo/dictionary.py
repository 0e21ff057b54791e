"""The data dictionary in Markdown, written from the model itself so that it cannot say anything else."""

import sys
from pathlib import Path

from kpilib.errors import BadInput
from kpilib.model.columns import Column, Table
from kpilib.model.tables import TABLES

BEGIN, END = "<!-- dictionary: begin -->", "<!-- dictionary: end -->"


def dictionary_text() -> str:
    """Every table of the model with its columns: type, meaning, whether it may be empty, what it may hold.

    Returns
    -------
    str
        Markdown; one heading and one table for each table of the model.
    """
    return "\n\n".join(_table_text(table) for table in TABLES.values())


def refresh(path: str | Path) -> None:
    """Write the dictionary anew between its two marks in a Markdown file.

    Raises
    ------
    BadInput
        When the file lacks one of the marks.
    """
    text = Path(path).read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        raise BadInput(f"{path} has no place for the dictionary; put {BEGIN} and {END} on lines of their own.")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    Path(path).write_text(f"{before}{BEGIN}\n{dictionary_text()}\n{END}{after}", encoding="utf-8", newline="\n")


def _table_text(table: Table) -> str:
    rows = [
        f"### {table.name}",
        "",
        f"{table.label}.",
        "",
        "| Column | Type | Meaning | May be empty | Holds |",
        "|---|---|---|---|---|",
        *(_row(table, column) for column in table.columns),
    ]
    return "\n".join(rows)


def _row(table: Table, column: Column) -> str:
    empty = "yes" if column.empty else ("taken from the default" if column.default else "no")
    key = " (key)" if column.name == table.key else ""
    return f"| `{column.name}`{key} | {column.type} | {column.label} | {empty} | {_holds(column)} |"


def _holds(column: Column) -> str:
    """Bounds, unit, words allowed, the table referred to, the default: what there is of them."""
    # A bar would end the Markdown cell, even inside code.
    default = column.default.replace("|", "\\|")
    parts = [
        f"a key of {column.refers}" if column.refers else "",
        ", ".join(column.values),
        _bounds(column.low, column.high),
        column.unit,
        f"default: `{default}`" if default else "",
    ]
    return "; ".join(part for part in parts if part)


def _bounds(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f"{low:g} to {high:g}"
    if low is not None:
        return f"{low:g} or more"
    return f"at most {high:g}" if high is not None else ""


if __name__ == "__main__":
    for name in sys.argv[1:]:
        refresh(name)
