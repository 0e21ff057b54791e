"""What the cells of a staged column mean: one SQL expression for the whole column, decided from all of its rows.

The decision is made by counting in the engine, never by looping over rows. A clean column costs about one cast.
"""

from dataclasses import dataclass

import duckdb

from kpilib.errors import BadInput
from kpilib.model.columns import Type
from kpilib.sources import dates, numerals
from kpilib.sources.cells import Cell, blank_sql, cell_of

__all__ = ["Decision", "currency", "decide", "why"]


@dataclass(frozen=True)
class Decision:
    """How to read one column.

    `sql` is an expression over the staged column that yields the typed value, NULL where a cell does not parse;
    `blank` is the predicate of an empty cell; `format` says in words what was found ("day first"); `question` is not
    empty where people must say what is meant, and names the argument that answers it.
    """

    sql: str
    blank: str
    format: str = ""
    question: str = ""


def decide(
    con: duckdb.DuckDBPyConnection,
    table: str,
    column: str,
    type: Type,
    *,
    order: str | None = None,
    decimal: str | None = None,
) -> Decision:
    """How to read a staged column as one of the model's types.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        Where the staged table is.
    table : str
        Its name, as SQL takes it ("staging.s1").
    column : str
        The column's name, as the file has it.
    type : {"text", "date", "time", "whole", "number", "money", "share"}
        What the model wants. Shares become fractions; times with an offset become UTC.
    order : {"dmy", "mdy"}, optional
        Answers how to read 03/04/2026; by default the column's own rows must prove it.
    decimal : {",", "."}, optional
        Answers which is the decimal sign; by default the column's own rows must prove it.

    Returns
    -------
    Decision
        While a question is open, the cells it is about are NULL in `sql`. A column of blanks only asks nothing.

    Raises
    ------
    UnknownName
        The table has no such column.
    BadInput
        `order` or `decimal` is none of the words above.

    Notes
    -----
    Blank are NULL, the empty text, white space, NULL, N/A, #N/A, NaN and a lone hyphen. It misleads where every
    day of a column is below 13: then it asks, and never guesses.
    """
    _known("order", order, ("dmy", "mdy"))
    _known("decimal", decimal, (",", "."))
    cell = cell_of(con, table, column)
    if type == "text":
        return Decision(_as_text(con, cell), blank_sql(cell))
    if type in ("date", "time"):
        found = dates.read(con, cell, type, order)
    else:
        found = numerals.read(con, cell, type, decimal)
    return Decision(found.sql, blank_sql(cell), "; ".join(found.format), found.question)


def _known(argument: str, given: str | None, allowed: tuple[str, str]) -> None:
    if given is not None and given not in allowed:
        raise BadInput(f"{argument}={given!r} is unknown. Say {argument}={allowed[0]!r} or {argument}={allowed[1]!r}.")


def _as_text(con: duckdb.DuckDBPyConnection, cell: Cell) -> str:
    """Text without white space around it; keys that came as floating numbers lose their `.0`."""
    text = cell.text
    if cell.type in ("DOUBLE", "FLOAT") and cell.holds(con, f"{cell.name} <> trunc({cell.name})") is False:
        text = f"CAST(TRY_CAST({cell.name} AS HUGEINT) AS VARCHAR)"
    elif cell.is_text:
        text = cell.trimmed
    return f"CASE WHEN NOT {blank_sql(cell)} THEN {text} END"


def currency(con: duckdb.DuckDBPyConnection, table: str, column: str) -> str | None:
    """The ISO 4217 code that the amounts of a column are written with.

    Returns
    -------
    str or None
        The code where all signs and codes agree ("$" is taken as USD), "mixed" where they do not, None where there
        are none.
    """
    return numerals.currency(con, cell_of(con, table, column))


def why(text: str, type: Type) -> str:
    """Why a cell's text did not become a value of that type, in a few words.

    Examples
    --------
    >>> why("=A1*2", "money"), why("12.5", "whole"), why("03/04/2026", "date")
    ('a formula, not a value', 'not a whole number', 'ambiguous date')
    """
    if text.strip().startswith("="):
        return "a formula, not a value"
    return dates.why(text) if type in ("date", "time") else numerals.why(text, type)
