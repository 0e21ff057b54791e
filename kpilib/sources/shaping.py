"""The SELECT that turns a staged file into rows of a model table: typed, checked, with a mark for each failed check.

Everything here writes SQL; what runs it is `rows.py`. A row is read, typed and checked in one pass: `_marks` is a bit
field in which bit i says that the row failed check i.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import duckdb

from kpilib.errors import BadInput
from kpilib.model.columns import SQL_TYPES, Column
from kpilib.model.tables import TABLES
from kpilib.sources import values
from kpilib.sources.cells import _NOTHING as NOTHING_WORDS
from kpilib.sources.cells import Cell, cell_of
from kpilib.sources.checks import Check
from kpilib.sources.gathering import gathered, take
from kpilib.sources.joining import Beside
from kpilib.sources.matching import Match, Place
from kpilib.sources.orders import Orders, read_as
from kpilib.sources.parts import Choice, Condition
from kpilib.sources.phrases import NOTHING, Value, compared, holds, name, word
from kpilib.sources.values import Decision

_SIGNS = "WHEN '€' THEN 'EUR' WHEN 'EURO' THEN 'EUR' WHEN '$' THEN 'USD' WHEN 'US$' THEN 'USD' WHEN '£' THEN 'GBP'"


@dataclass
class Shape:
    """One match, ready to be selected: an expression for each model column, and what it is selected from."""

    match: Match
    values: dict[str, Value] = field(default_factory=dict)
    beside: Beside = field(init=False)

    def __post_init__(self) -> None:
        self.beside = Beside(self.match)

    @property
    def origin(self) -> str:
        """The FROM clause: the staged table, and the looked-up rows beside it."""
        return name(self.match.staged.table) + self.beside.sql

    @property
    def wanted(self) -> str:
        """The condition of the rows that the dialect keeps ('' where it keeps all)."""
        source = self.match.source
        parts = [self.condition((c,)) for c in source.keep]
        parts += [f"NOT {self.condition((c,))}" for c in source.skip if self.match.place(c.column)]
        return " AND ".join(parts)

    def condition(self, conditions: Sequence[Condition]) -> str:
        """The SQL of a dialect's condition; a column that the file does not have counts as empty."""
        return " AND ".join(holds(self._text(self.match.place(c.column)), c) for c in conditions) or "TRUE"

    def _text(self, place: Place | None) -> str:
        if place is None:
            return "''"
        return compared(self.beside.text(place) if place.lookup else f"CAST({name(place.column)} AS VARCHAR)")


def shape(con: duckdb.DuckDBPyConnection, match: Match, orders: Orders) -> Shape:
    """Decide how each column of a matched file is read, from what is written in it.

    Raises
    ------
    BadInput
        Where nothing tells in which order dates are written.
    """
    out = Shape(match)
    for column in TABLES[match.source.table].columns:
        parts = [_choice(con, out, column, choice, place, orders) for choice, place in match.choices(column.name)]
        out.values[column.name] = _worded(match, column, _first(parts)) if parts else NOTHING
    if out.values.get("currency") is NOTHING:
        out.values["currency"] = _signed(con, match)
    return out


def _signed(con: duckdb.DuckDBPyConnection, match: Match) -> Value:
    """The currency that the amounts themselves are written with, where no column says it."""
    for column in (c for c in TABLES[match.source.table].columns if c.type == "money"):
        for _, place in match.choices(column.name):
            code = values.currency(con, match.staged.table, place.column) if place and not place.lookup else None
            if code == "mixed":
                raise BadInput(
                    f"{match.label}, column {place.column!r}: its amounts are written in several currencies. "  # type: ignore[union-attr]
                    "Write the currency in a column of its own (ISO code, as EUR) and import again."
                )
            if code:
                return Value(word(code), "TRUE", word(code))
    return NOTHING


def _first(parts: Sequence[tuple[str, Value]]) -> Value:
    """The first choice that is filled, row by row."""
    if len(parts) == 1 and parts[0][0] == "TRUE":
        return parts[0][1]
    read = " ".join(f"WHEN {cond} AND {v.given} THEN {v.read}" for cond, v in parts)
    raw = " ".join(f"WHEN {cond} AND {v.given} THEN {v.raw}" for cond, v in parts)
    given = " OR ".join(f"({cond} AND {v.given})" for cond, v in parts)
    return Value(f"CASE {read} END", f"({given})", f"CASE {raw} END")


def _choice(
    con: duckdb.DuckDBPyConnection, out: Shape, column: Column, choice: Choice, place: Place | None, orders: Orders
) -> tuple[str, Value]:
    cond = out.condition(choice.when)
    if choice.unless:
        cond = f"{cond} AND NOT ({out.condition(choice.unless)})"
    if place is None:
        return cond, _fixed(out.match, column, choice)
    if choice.joined:
        return cond, _joined(
            [_read(con, out, column, choice, p, orders) for p in map(out.match.place, choice.joined) if p]
        )
    return cond, _read(con, out, column, choice, place, orders)


def _joined(parts: Sequence[Value]) -> Value:
    """Several texts as one, with blanks between those that are filled."""
    read = f"nullif(concat_ws(' ', {', '.join(v.read for v in parts)}), '')"
    given = f"({' OR '.join(v.given for v in parts)})"
    return Value(read, given, f"concat_ws(' ', {', '.join(v.raw for v in parts)})")


def _read(
    con: duckdb.DuckDBPyConnection, out: Shape, column: Column, choice: Choice, place: Place, orders: Orders
) -> Value:
    """What a choice's column says, typed, in the file itself or beside it."""
    staged = out.match.lookups[place.lookup][1] if place.lookup else out.match.staged
    kind = read_as(column.type, choice, place, out.match)
    decided = orders.decide(con, staged, place.column, kind, choice, out.match)
    value = _quick(cell_of(con, staged.table, place.column), kind, decided)
    if choice.scale != 1:
        value = replace(value, read=f"({value.read}) * {choice.scale!r}")
    if choice.months_before:
        months = f"to_months(CAST(round({value.read}) AS INTEGER))"
        value = replace(value, read=f"CAST(DATE '{choice.months_before}' - {months} AS DATE)")
    return out.beside.value(place.lookup, value) if place.lookup else value


def _quick(cell: Cell, kind: str, decided: Decision) -> Value:
    """The decided value, with a test before it that spares most cells the slow look at blanks and white space.

    A CASE computes its ELSE only for the rows that reach it; a million plain texts take a fifth of the time. The words
    for "blank" are compared one by one, since an IN of six constants becomes a join, which is computed for every row.
    """
    c = cell.name
    blank = decided.blank if cell.is_number else f"({c} IS NULL OR NOT ({_no_blank(cell.trimmed)}))"
    if not cell.is_text or kind != "text":
        given = f"CASE WHEN ({decided.sql}) IS NOT NULL THEN TRUE ELSE NOT {blank} END"
        return Value(decided.sql, given, f"CAST({c} AS VARCHAR)")
    neat = f"{c} BETWEEN '!' AND '~~~' AND right({c}, 1) BETWEEN '!' AND '~' AND {_no_blank(c)}"
    read = f"CASE WHEN {neat} THEN {c} WHEN NOT {blank} THEN {cell.trimmed} END"
    return Value(read, f"({read}) IS NOT NULL", c)


def _no_blank(text: str) -> str:
    return " AND ".join(f"upper({text}) <> {word(blank)}" for blank in NOTHING_WORDS)


def _fixed(match: Match, column: Column, choice: Choice) -> Value:
    if choice.row:
        text = f"{word(match.label)} || ':' || _row"
        return Value(f"({text})", "TRUE", f"({text})")
    text = word(choice.value or "")
    return Value(f"CAST({text} AS {column.sql_type})", "TRUE", text)


def _worded(match: Match, column: Column, value: Value) -> Value:
    """The value with the dialect's words replaced, in the model's own case, a month by its first day."""
    read = value.read
    if column.values:
        read = f"lower(trim({read}))"
    if column.name == "month":
        read = f"CAST(date_trunc('month', {read}) AS DATE)"
    if column.name == "currency":
        read = f"CASE upper({read}) {_SIGNS} ELSE upper({read}) END"
    if mapping := match.source.values.get(column.name):
        pairs = " ".join(
            f"WHEN {word(k.lower())} THEN CAST({word(v)} AS {column.sql_type})" for k, v in mapping.items()
        )
        read = f"CASE lower(trim({value.raw})) {pairs} ELSE {read} END"
    return Value(read, value.given, value.raw)


def select(
    out: Shape, file: int, found: Sequence[Check], currency: str, rates: Mapping[str, float], default_currency: bool
) -> str:
    """The SELECT of the typed rows: `_file`, `_row`, the table's columns in order, `_marks`.

    Parameters
    ----------
    file : int
        The number that stands for the file in `_file`.
    found : sequence of Check
        The table's row checks; check i marks bit i.
    currency, rates :
        The reporting currency, and what one unit of another is worth in it.
    default_currency : bool
        Whether a row without a currency deserves a flag (some rows of the source have one).
    """
    table = TABLES[out.match.source.table]
    inner = ["_row"]
    for column in table.columns:
        value = out.values[column.name]
        counted = take(out.match.source, column.name) == "count"  # texts until they are counted
        read = value.read if counted else f"CAST({value.read} AS {column.sql_type})"
        inner += [f"{read} AS {column.name}_read", f"({value.given}) AS {column.name}_given"]
    where = f" WHERE {out.wanted}" if out.wanted else ""
    picked = gathered(out.match.source, table, f"SELECT {', '.join(inner)} FROM {out.origin}{where}")
    rated = f"SELECT *, {_rate(currency, rates) if 'currency' in table.names else '1.0'} AS rate, "
    rated += f"{str(default_currency).upper()} AS currency_wanted FROM ({picked})"
    emptied = ", ".join(f"{_emptied(c, found, bool(rates), currency)} AS {c.name}" for c in table.columns)
    clean = f"SELECT *, {emptied} FROM ({rated})"
    defaults = [f"coalesce({c.name}, CAST({c.default} AS {c.sql_type})) AS {c.name}" for c in table.columns
                if c.default and c.name != "currency"]  # fmt: skip
    full = f"SELECT * REPLACE ({', '.join(defaults)}) FROM ({clean})" if defaults else clean
    marks = " | ".join(f"CASE WHEN {c.bad} THEN {1 << i} ELSE 0 END" for i, c in enumerate(found)) or "0"
    columns = ", ".join(table.names)
    return f"SELECT {file}::SMALLINT AS _file, _row, {columns}, CAST({marks} AS BIGINT) AS _marks FROM ({full})"


def _rate(currency: str, rates: Mapping[str, float]) -> str:
    cases = " ".join(f"WHEN {word(code)} THEN {rate!r}" for code, rate in rates.items() if code != currency)
    return f"CASE coalesce(currency_read, {word(currency)}) WHEN {word(currency)} THEN 1.0 {cases} END"


def _emptied(column: Column, found: Sequence[Check], rated: bool, currency: str) -> str:
    """The value after the checks: empty where it is out of bounds, money in the reporting currency."""
    if column.name == "currency":
        return word(currency)
    read = f"{column.name}_read"
    if rated and column.type == "money":
        read = f"{read} * rate"
    bad = [c.bad for c in found if c.column == column.name and c.name in ("out_of_bounds", "not_in_list")]
    return f"CASE WHEN {' OR '.join(bad)} THEN NULL ELSE {read} END" if bad and column.empty else read


def empty(table: str) -> str:
    """A SELECT of no rows with the columns of `select`."""
    columns = ", ".join(f"NULL::{SQL_TYPES[c.type]} AS {c.name}" for c in TABLES[table].columns)
    return f"SELECT 0::SMALLINT AS _file, 0::BIGINT AS _row, {columns}, 0::BIGINT AS _marks LIMIT 0"


def details(out: Shape, columns: Sequence[str]) -> str:
    """A SELECT of what the source wrote: `_row`, one text a column asked for (`… raw`), and the whole row as JSON."""
    raws = "".join(f", {out.values[c].raw} AS {name(c + ' raw')}" for c in columns)
    packed = ", ".join(f"{word(c)}: {name(c)}" for c in out.match.staged.columns)
    return f"SELECT _row, to_json({{{packed}}}) AS record{raws} FROM {out.origin}"
