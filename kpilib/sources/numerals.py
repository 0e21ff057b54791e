"""Numbers, money and shares as people write them: `1,234.56`, `1.234,56 €`, `(1 234)`, `$342.09K`, `12.5 %`.

The decimal sign is decided for a whole column from all its rows: some values can be read in one way only.
"""

import re

import duckdb
from babel.numbers import list_currencies

from kpilib.model.columns import Type
from kpilib.sources.cells import GAPS, Cell, Reading, blank_sql
from kpilib.sources.staging import plural

_SIGNS = {
    "US$": "USD", "$US": "USD", "$ US": "USD", "£GB": "GBP",
    "$CA": "CAD", "$AU": "AUD", "CA$": "CAD", "A$": "AUD", "R$": "BRL", "$": "USD", "€": "EUR", "£": "GBP",
    "¥": "JPY", "₹": "INR",
    "₩": "KRW", "₽": "RUB", "₺": "TRY", "₪": "ILS", "zł": "PLN", "Fr.": "CHF", "SFr.": "CHF",
}  # fmt: skip
_CODES = sorted(list_currencies())
_MONEY = "|".join([re.escape(s) for s in sorted(_SIGNS, key=len, reverse=True)] + _CODES)
_POWERS = {"k": 3, "m": 6, "mn": 6, "mio": 6, "b": 9, "bn": 9, "md": 9, "mds": 9, "mrd": 9}
_SHELL = (
    rf"(?i)^(\()?([-+−])?\s*(?:{_MONEY})?[{GAPS}]*([-+−])?[{GAPS}]*"
    rf"((?:\d[\d.,'’{GAPS}]*?|[.,]\d+?)(?:e[-+]?\d+)?)[{GAPS}]*"
    rf"(mio|mds|mrd|mn|md|bn|k|m|b)?[{GAPS}]*(?:{_MONEY})?[{GAPS}]*(%)?[{GAPS}]*(-)?(\))?$"
)
_GROUPS = "['open', 's1', 's2', 'body', 'scale', 'percent', 's3', 'close']"


def _shape(point: str, thousands: str) -> str:
    """A number with that decimal sign and one kind of thousands separator throughout."""
    grouped = "|".join(rf"[1-9]\d{{0,2}}(?:{mark}\d{{3}})+" for mark in (thousands, "['’]", f"[{GAPS}]"))
    return rf"(?i)^(?:(?:{grouped}|\d+)(?:{point}\d*)?|{point}\d+)(?:e[-+]?\d+)?$"


_POINT = _shape(r"\.", ",")
_COMMA = _shape(",", r"\.")


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def read(con: duckdb.DuckDBPyConnection, cell: Cell, type: Type, decimal: str | None) -> Reading:
    """How to read a column of numbers; see `kpilib.sources.values.decide`."""
    reading, unsigned = _plain(con, cell, decimal) or _written(con, cell, type, decimal)
    if type == "share":
        return _share(con, cell, reading, unsigned)
    if type == "whole":
        return Reading(_whole(cell, reading.sql), reading.format, reading.question)
    return reading


def _plain(con: duckdb.DuckDBPyConnection, cell: Cell, decimal: str | None) -> tuple[Reading, str] | None:
    """The cast itself, where it reads every cell that is not blank; None where it does not."""
    cast = f"TRY_CAST({cell.name} AS DOUBLE)"
    sound = f"CASE WHEN isfinite({cast}) THEN {cast} END"
    if cell.is_number:
        return Reading(sound), "true"
    if not cell.is_text or (decimal == "," and cell.holds(con, f"contains({cell.name}, '.')")):
        return None
    if cell.holds(con, f"{cast} IS NULL AND NOT {blank_sql(cell)}"):
        return None
    odd = cell.holds(con, f"NOT isfinite({cast})")
    return Reading(sound if odd else cast, _doubtful_point(con, cell)), "true"


def _doubtful_point(con: duckdb.DuckDBPyConnection, cell: Cell) -> list[str]:
    """A word of warning where every separator is a point before three digits: `1.234` may be meant as thousands."""
    dotted = f"contains({cell.name}, '.')"
    grouped = rf"regexp_full_match({cell.trimmed}, '[-+]?[1-9]\d{{0,2}}(\.\d{{3}})')"
    if cell.holds(con, f"{dotted} AND NOT {grouped}") or not cell.holds(con, dotted):
        return []
    return ["decimal point (every value has three decimals; say decimal=',' where 1.234 means thousands)"]


def _written(con: duckdb.DuckDBPyConnection, cell: Cell, type: Type, decimal: str | None) -> tuple[Reading, str]:
    """Numbers with signs, separators and units around them."""
    parts = f"regexp_extract({cell.trimmed}, {_literal(_SHELL)}, {_GROUPS})"
    sign, words, question = (decimal, [], "") if decimal else _decimal_sign(con, cell, parts)
    point, comma = (_each(parts, _value("p", mark, type)) for mark in (".", ","))
    if question:
        return Reading(f"CASE WHEN {point} = {comma} THEN {point} END", words, question), f"{parts}.percent = ''"
    said = ["decimal comma"] if sign == "," else words
    return Reading(comma if sign == "," else point, said), f"{parts}.percent = ''"


def _decimal_sign(con: duckdb.DuckDBPyConnection, cell: Cell, parts: str) -> tuple[str, list[str], str]:
    """The decimal sign that the rows prove, the words for it, and a question where they prove none or both."""
    both = f"regexp_matches(b, {_literal(_POINT)}) AS p, regexp_matches(b, {_literal(_COMMA)}) AS c"
    inner = f"(SELECT b, {both} FROM (SELECT {parts}.body AS b FROM {cell.table} WHERE {cell.name} IS NOT NULL))"
    points, commas, dotted, commaed = cell.one(
        con,
        "count(*) FILTER (p AND NOT c), count(*) FILTER (c AND NOT p), "
        "count(*) FILTER (p AND c AND contains(b, '.')), count(*) FILTER (p AND c AND contains(b, ','))",
        inner,
    )
    if points and commas:
        counts = f"{plural(points, 'value')} can only have a decimal point and {commas:,} only a decimal comma"
        return ".", [], f"{cell.column!r}: {counts}. Say decimal='.' or decimal=','; the others are then refused."
    if dotted and commaed and not points and not commas:
        counts = f"{plural(dotted, 'value')} such as 1.234 and {commaed:,} such as 1,234"
        return ".", [], f"{cell.column!r}: {counts} may mean thousands or decimals. Say decimal='.' or decimal=','."
    if commas:
        return ",", [], ""
    if dotted and not points:
        return ".", ["decimal point (every value has three decimals; say decimal=',' where 1.234 means thousands)"], ""
    return ".", ["decimal point"] if points else [], ""


def _each(parts: str, value: str) -> str:
    """An expression over the parts of a cell, named p: written once, where inlined it would take 60 KB of SQL."""
    return f"list_extract(list_transform([{parts}], lambda p: {value}), 1)"


def _value(parts: str, sign: str, type: Type) -> str:
    """The number of one reading: separators dropped, sign and power put to it as text, so that it is rounded once."""
    shape, drop = (_POINT, f"[,'’{GAPS}]") if sign == "." else (_COMMA, f"[.'’{GAPS}]")
    digits = f"regexp_replace({parts}.body, {_literal(drop)}, '', 'g')"
    if sign == ",":
        digits = f"replace({digits}, ',', '.')"
    minus = (
        f"(({parts}.open = '(')::INT + "
        + " + ".join(f"({parts}.{s} IN ('-', '−'))::INT" for s in ("s1", "s2", "s3"))
        + ")"
    )
    powers = " ".join(f"WHEN '{word}' THEN 'e{power}'" for word, power in _POWERS.items())
    power = f"CASE WHEN {parts}.percent <> '' THEN 'e-2' ELSE CASE lower({parts}.scale) {powers} ELSE '' END END"
    sound = [
        f"regexp_matches({parts}.body, {_literal(shape)})",
        f"({parts}.open = '') = ({parts}.close = '')",
        f"{minus} <= 1",
    ]
    if type != "share":
        sound.append(f"{parts}.percent = ''")
    cast = f"TRY_CAST(CASE {minus} WHEN 1 THEN '-' ELSE '' END || {digits} || {power} AS DOUBLE)"
    return f"CASE WHEN {' AND '.join(sound)} AND isfinite({cast}) THEN {cast} END"


def _share(con: duckdb.DuckDBPyConnection, cell: Cell, reading: Reading, unsigned: str) -> Reading:
    """Fractions: a column written from 0 to 100 without a sign is divided by 100."""
    low, high = cell.one(con, "min(v), max(v)", f"(SELECT {reading.sql} AS v FROM {cell.table} WHERE {unsigned})")
    if high is None or not (low >= 0 and 1 < high <= 100):
        return reading
    words = [*reading.format, "0 to 100, divided by 100"]
    divided = (
        f"{reading.sql} / 100" if unsigned == "true" else f"{reading.sql} / CASE WHEN {unsigned} THEN 100 ELSE 1 END"
    )
    return Reading(divided, words, reading.question)


def _whole(cell: Cell, value: str) -> str:
    """Whole numbers only; keys of 16 digits and more are cast from the text, since a DOUBLE would round them."""
    exact = f"TRY_CAST({cell.name} AS BIGINT)"
    if cell.is_number or cell.is_text:
        return f"CASE WHEN {value} = trunc({value}) THEN coalesce({exact}, TRY_CAST({value} AS BIGINT)) END"
    return f"CASE WHEN {value} = trunc({value}) THEN TRY_CAST({value} AS BIGINT) END"


def currency(con: duckdb.DuckDBPyConnection, cell: Cell) -> str | None:
    """The ISO code of a column's amounts; see `kpilib.sources.values.currency`."""
    if not cell.is_text:
        return None
    found = con.execute(
        f"SELECT DISTINCT upper(regexp_extract({cell.name}, {_literal(f'(?i)({_MONEY})')}, 1)) FROM {cell.table} "
        f"WHERE TRY_CAST({cell.name} AS DOUBLE) IS NULL AND NOT {blank_sql(cell)} "
        f"AND regexp_matches({cell.trimmed}, {_literal(_SHELL)})"
    ).fetchall()
    by_sign = {sign.upper(): code for sign, code in _SIGNS.items()}
    codes = {by_sign.get(sign, sign) for (sign,) in found if sign}
    return "mixed" if len(codes) > 1 else codes.pop() if codes else None


def why(text: str, type: Type) -> str:
    """Why a cell's text is no number of that type; see `kpilib.sources.values.why`."""
    shell = re.match(_SHELL, text.strip())
    if shell is None:
        return "not a number"
    body = shell[4].strip()
    point, comma = bool(re.match(_POINT, body)), bool(re.match(_COMMA, body))
    if type == "whole" and (point or comma):
        return "not a whole number"
    return "ambiguous number" if point and comma and re.search("[.,]", body) else "not a number"
