"""Dates and times as people and systems write them; several styles in one column are read each by its own.

Whether 03/04/2026 is in March or in April is decided for a whole column from all its rows, or asked; never guessed.
"""

import re
import unicodedata
from dataclasses import dataclass

import duckdb
from babel.dates import get_month_names

from kpilib.model.columns import Type
from kpilib.sources.cells import Cell, Reading, blank_sql
from kpilib.sources.staging import plural

#: Two-digit years from here on belong to the 1900s.
PIVOT = 70
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_FIRST_SERIAL, _LAST_SERIAL = 20_000, 80_000
_LANGUAGES = ("en", "fr", "de", "es", "it", "nl", "pt")
_TAIL = (
    r"(?:(?:T|,?\s+)(?:at |à )?(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*([ap]\.?m\.?)?"
    r"\s*(Z|UTC|GMT|[-+]\d{2}(?::?\d{2})?)?)?$"
)
_WORD = r"[a-zà-ÿ]+"
_YEAR = r"(\d{4}|\d{2})"
#: Each style's pattern, and what its first three groups are.
_STYLES: dict[str, tuple[str, str]] = {
    "iso": (r"(?i)^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})" + _TAIL, "ymd"),
    "compact": (r"(?i)^(\d{4})(\d{2})(\d{2})" + _TAIL, "ymd"),
    "slash": (r"(?i)^(\d{1,2})[-/](\d{1,2})[-/]" + _YEAR + _TAIL, "?"),
    "dotted": (r"(?i)^(\d{1,2})\.(\d{1,2})\." + _YEAR + _TAIL, "dmy"),
    "day_name": (
        rf"(?i)^(?:{_WORD}\.?,?\s+)?(\d{{1,2}})(?:er|st|nd|rd|th|\.)?[-\s/]\s*({_WORD})\.?[-\s,/]\s*{_YEAR}{_TAIL}",
        "dmy",
    ),
    "name_day": (
        rf"(?i)^(?:{_WORD}\.?,\s+)?({_WORD})\.?[-\s]\s*(\d{{1,2}})(?:st|nd|rd|th)?[-,\s]\s*{_YEAR}{_TAIL}",
        "mdy",
    ),
}
_SERIAL = r"^\d{5}(?:\.\d+)?$"
_GROUPS = "['a', 'b', 'c', 'h', 'i', 's', 'f', 'p', 'z']"
_CLEAN_TIME = r"^\d{4}-\d{1,2}-\d{1,2}([T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?Z?)?$"
_OFFSET_TIME = r"^\d{4}-\d{1,2}-\d{1,2}[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?([-+]\d{2}(:?\d{2})?|Z)$"
_WORDS = {
    "compact": "dates without separators", "dotted": "day first with points", "day_name": "month names",
    "name_day": "month names", "serial": "Excel day numbers",
}  # fmt: skip


def _plain(word: str) -> str:
    """A month's name without accents, point and capitals."""
    stripped = unicodedata.normalize("NFD", word.lower().rstrip("."))
    return "".join(c for c in stripped if not unicodedata.combining(c))


def _months() -> dict[str, int]:
    """Every name and short name of a month, in the languages read; no word means two months."""
    # Exports also shorten in ways that CLDR does not list.
    names = {"sept": 9, "fev": 2, "fevr": 2, "aug": 8, "jul": 7, "dec": 12, "mrz": 3}
    for language in _LANGUAGES:
        for width in ("wide", "abbreviated"):
            for number, name in get_month_names(width, locale=language).items():
                names[_plain(name)] = number
                names.setdefault(_plain(name)[:3], number) if language == "en" else None
    return names


MONTHS = _months()


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@dataclass(frozen=True)
class _Found:
    """What a column holds: how many cells of each style, which ways of writing, and what proves an order."""

    counts: dict[str, int]
    timed: bool
    shifted: bool
    short_years: bool
    first: int
    second: int
    alike: int


def read(con: duckdb.DuckDBPyConnection, cell: Cell, type: Type, order: str | None) -> Reading:
    """How to read a column of dates or times; see `kpilib.sources.values.decide`."""
    target = "DATE" if type == "date" else "TIMESTAMP"
    if cell.type in ("DATE", "TIMESTAMP") or cell.type.startswith("TIMESTAMP"):
        return Reading(_bounded(_typed(cell, target), target))
    if cell.is_text and (fast := _clean(con, cell, target)):
        return Reading(fast, ["times with an offset, as UTC"] if "TIMESTAMPTZ" in fast else [])
    found = _look(con, cell)
    decided, question = _order(cell, found, order)
    moments = [_branch(cell, style, decided, found) for style in _STYLES if style in found.counts]
    if "serial" in found.counts:
        moments.append(_serial(cell))
    if not moments:
        return Reading(f"CAST(NULL AS {target})")
    moment = f"CASE {' '.join(moments)} END"
    return Reading(_bounded(f"CAST({moment} AS {target})", target), _words(found, decided), question)


def _typed(cell: Cell, target: str) -> str:
    if cell.type == "TIMESTAMP WITH TIME ZONE":
        return f"CAST(timezone('UTC', {cell.name}) AS {target})"
    return f"TRY_CAST({cell.name} AS {target})"


def _bounded(sql: str, target: str) -> str:
    low, high = f"{target} '{_FIRST_YEAR}-01-01'", f"{target} '{_LAST_YEAR + 1}-01-01'"
    return f"CASE WHEN {sql} >= {low} AND {sql} < {high} THEN {sql} END"


def _clean(con: duckdb.DuckDBPyConnection, cell: Cell, target: str) -> str:
    """The cast itself, where all cells are ISO dates or times; "" where some are not.

    A cast to TIMESTAMP drops an offset without a word, so times with one go by way of TIMESTAMPTZ.
    """
    cast = f"TRY_CAST({cell.name} AS {target})"
    long = f"length({cell.name}) > 10"
    odd = (
        f"{cast} IS NULL OR ({long} AND NOT regexp_matches({cell.name}, '{_CLEAN_TIME}')) "
        f"OR (NOT {long} AND {cell.name} NOT LIKE '____-%')"
    )
    if cell.holds(con, f"({odd}) AND NOT {blank_sql(cell)}"):
        zoned = f"TRY_CAST({cell.name} AS TIMESTAMPTZ)"
        cast = f"CAST(make_timestamp(epoch_us({zoned})) AS {target})"
        odd = f"{zoned} IS NULL OR NOT regexp_matches({cell.name}, '{_OFFSET_TIME}')"
        if cell.holds(con, f"({odd}) AND NOT {blank_sql(cell)}"):
            return ""
    low, high = cell.one(con, f"year(min({cast})), year(max({cast}))")
    inside = low is None or (low >= _FIRST_YEAR and high <= _LAST_YEAR)
    return cast if inside else _bounded(cast, target)


def _look(con: duckdb.DuckDBPyConnection, cell: Cell) -> _Found:
    """Count the styles of a column in one pass."""
    whens = " ".join(f"WHEN regexp_matches(t, {_literal(p)}) THEN '{style}'" for style, (p, _) in _STYLES.items())
    day = f"TRY_CAST(t AS DOUBLE) BETWEEN {_FIRST_SERIAL} AND {_LAST_SERIAL}"
    serial = f"WHEN regexp_matches(t, '{_SERIAL}') AND {day} THEN 'serial'"
    styled = (
        f"(SELECT t, CASE {whens} {serial} END AS style FROM "
        f"(SELECT {cell.trimmed} AS t FROM {cell.table} WHERE NOT {blank_sql(cell)}))"
    )
    part = "TRY_CAST(regexp_extract(t, '^(\\d+)[-/](\\d+)', {}) AS INT)"
    first, second = part.format(1), part.format(2)
    short = r"^\D*\d{1,2}[-/.\s]+[^-/.\s]+[-/.\s]+\d{2}([T,\s]|$)"
    rows = con.execute(
        f"SELECT style, count(*), bool_or(contains(t, ':')), bool_or(regexp_matches(t, ':\\d.*[-+]\\d')), "
        f"bool_or(regexp_matches(t, '{short}') AND style <> 'iso'), "
        f"count(*) FILTER ({first} BETWEEN 13 AND 31 AND {second} <= 12), "
        f"count(*) FILTER ({first} <= 12 AND {second} BETWEEN 13 AND 31), "
        f"count(*) FILTER ({first} = {second} OR greatest({first}, {second}) > 12) "
        f"FROM {styled} WHERE style IS NOT NULL GROUP BY style"
    ).fetchall()
    proofs = next((row[5:] for row in rows if row[0] == "slash"), (0, 0, 0))
    timed, shifted, short_years = (any(row[place] for row in rows) for place in (2, 3, 4))
    return _Found({row[0]: row[1] for row in rows}, timed, shifted, short_years, *proofs)


def _order(cell: Cell, found: _Found, order: str | None) -> tuple[str, str]:
    """The order of slash dates ("dmy", "mdy", or "" while it is open) and the question that would settle it."""
    slashed = found.counts.get("slash", 0)
    if order:
        return order, ""
    if found.first and found.second:
        counts = f"{plural(found.first, 'date')} can only be day first and {found.second:,} only month first"
        return "", f"{cell.column!r}: {counts}. Say order='dmy' or order='mdy'; the others are then refused."
    if found.first or found.second:
        return ("dmy" if found.first else "mdy"), ""
    if slashed > found.alike:
        counts = f"{plural(slashed - found.alike, 'date')} such as 03/04/2026 may be day first or month first"
        return "", f"{cell.column!r}: {counts}, and no row shows which. Say order='dmy' or order='mdy'."
    return "", ""


def _branch(cell: Cell, style: str, order: str, found: _Found) -> str:
    """One WHEN of the column's CASE: the cells of one style, and the moment they name."""
    pattern, parts = _STYLES[style]
    got = f"regexp_extract({cell.trimmed}, {_literal(pattern)}, {_GROUPS})"
    matches = f"regexp_matches({cell.trimmed}, {_literal(pattern)})"
    if parts == "?" and not order:
        # Only 03/03/2026 is the same in both orders; with a contradiction in the column not even that is trusted.
        matches += f" AND {got}.a = {got}.b" if not found.first else " AND false"
    named = dict(zip(parts if parts != "?" else order or "dmy", ("a", "b", "c"), strict=True))
    year, month, day = (f"{got}.{named[p]}" for p in "ymd")
    if "name" in style:
        month = _month_number(month)
    if found.short_years:
        century = f"CASE WHEN length({year}) > 2 THEN '' WHEN {year} >= '{PIVOT}' THEN '19' ELSE '20' END"
        year = f"{century} || {year}"
    date = f"TRY_CAST(({year}) || '-' || {month} || '-' || {day} AS DATE)"
    return f"WHEN {matches} THEN {_timed(date, got, found) if found.timed else f'CAST({date} AS TIMESTAMP)'}"


def _month_number(word: str) -> str:
    names = ", ".join(f"'{name}'" for name in MONTHS)
    numbers = ", ".join(f"'{number}'" for number in MONTHS.values())
    return f"list_extract([{numbers}], list_position([{names}], strip_accents(lower({word}))))"


def _timed(date: str, got: str, found: _Found) -> str:
    """A date with its time of day, brought to UTC where an offset is written."""
    hour = (
        f"CASE lower(left({got}.p, 1)) WHEN 'p' THEN CAST(TRY_CAST({got}.h AS INT) % 12 + 12 AS VARCHAR) "
        f"WHEN 'a' THEN CAST(TRY_CAST({got}.h AS INT) % 12 AS VARCHAR) ELSE lpad({got}.h, 2, '0') END"
    )
    fraction = f"CASE WHEN {got}.f = '' THEN '' ELSE '.' || left({got}.f, 6) END"
    seconds = f"CASE WHEN {got}.s = '' THEN '00' ELSE {got}.s END || {fraction}"
    written = f"TRY_CAST(lpad({hour}, 2, '0') || ':' || {got}.i || ':' || {seconds} AS TIME)"
    clock = f"CASE WHEN {got}.h = '' THEN TIME '00:00:00' ELSE {written} END"
    moment = f"({date} + {clock})"
    if not found.shifted:
        return moment
    digits = f"rpad(replace(right({got}.z, -1), ':', ''), 4, '0')"
    minutes = f"coalesce(TRY_CAST(left({digits}, 2) AS INT) * 60 + TRY_CAST(right({digits}, 2) AS INT), 0)"
    offset = f"CASE left({got}.z, 1) WHEN '+' THEN {minutes} WHEN '-' THEN -{minutes} ELSE 0 END"
    return f"({moment} - to_minutes({offset}))"


def _serial(cell: Cell) -> str:
    """Days since 1899-12-30, as Excel for Windows counts; the fraction is the time of day, to the second."""
    days = f"TRY_CAST({cell.trimmed} AS DOUBLE)"
    inside = f"regexp_matches({cell.trimmed}, '{_SERIAL}') AND {days} BETWEEN {_FIRST_SERIAL} AND {_LAST_SERIAL}"
    return f"WHEN {inside} THEN TIMESTAMP '1899-12-30' + to_seconds(round({days} * 86400))"


def _words(found: _Found, order: str) -> list[str]:
    words = [_WORDS[style] for style in (*_STYLES, "serial") if style in found.counts and style in _WORDS]
    if "slash" in found.counts and order:
        words.insert(0, {"dmy": "day first", "mdy": "month first"}[order])
    if found.short_years:
        words.append(f"two-digit years: {PIVOT} to 99 are in the 1900s, the others in the 2000s")
    if found.shifted:
        words.append("times with an offset, as UTC")
    return list(dict.fromkeys(words))


def why(text: str) -> str:
    """Why a cell's text is no date; see `kpilib.sources.values.why`."""
    slash = re.match(_STYLES["slash"][0], text.strip())
    if slash and 1 <= int(slash[1]) <= 12 and 1 <= int(slash[2]) <= 12 and int(slash[1]) != int(slash[2]):
        return "ambiguous date"
    return "not a date"
