"""How a system's files, columns and words become the model's: read from TOML, checked, never guessed.

The format is described at the top of `dialects/model.toml`. Nothing here opens a data file or a database.
"""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from kpilib.errors import BadInput, UnknownName, unknown
from kpilib.model.tables import TABLES, table
from kpilib.sources.parts import TAKES, Choice, Condition, Dialect, Lookup, Source

__all__ = ["Choice", "Condition", "Dialect", "Lookup", "Source", "load", "names", "parse", "rates"]

FOLDER = Path(__file__).parent / "dialects"
ORDERS = ("dmy", "mdy")
_TOP = {"title", "about", "extends", "dates", "decimal", "stages", "currency"}
_SOURCE = {"files", "without", "columns", "values", "keep", "skip", "lookup", "dates", "decimal", "gather", "having"}
_CHOICE = {"column", "joined", "value", "row", "when", "unless", "scale", "dates", "months_before", "take"}
_LOOKUP = {"files", "key", "by", "keep", "take"}


def names() -> list[str]:
    """The names of the dialects that come with kpilib, sorted."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load(which: "str | Path | Dialect") -> Dialect:
    """A dialect by its name, or read from a TOML file of your own.

    Raises
    ------
    UnknownName
        Where no dialect has that name, with the closest one.
    BadInput
        Where the file is not there or is not a dialect; the file, the table and the key are named.

    Examples
    --------
    >>> load("maven").stages
    ('Prospecting', 'Engaging', 'Won', 'Lost')
    """
    if isinstance(which, Dialect):
        return which
    if isinstance(which, Path) or which.lower().endswith(".toml"):
        return _read(Path(which))
    if which not in names():
        raise unknown("dialect", which, names())
    return _built_in(which)


@cache
def _built_in(name: str) -> Dialect:
    return _read(FOLDER / f"{name}.toml")


def _read(path: Path) -> Dialect:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"The dialect {str(path)!r} cannot be read: {error}.") from error
    return parse(text, path.stem, str(path.name))


def parse(text: str, name: str, place: str) -> Dialect:
    """The dialect written in `text`; `place` is how errors call it.

    Raises
    ------
    BadInput, UnknownName
        For what is not TOML, a key nobody knows, a table or column that is not in the model.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{place} is not TOML: {error}.") from error
    if "extends" in raw:
        raw = _merge(load(str(raw.pop("extends"))).raw, raw)
    return _dialect(raw, name, place)


def _merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`over` laid on `base`, key by key; lists and single values are replaced whole."""
    out = dict(base)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(out.get(key), dict)
        out[key] = _merge(out[key], value) if both else value
    return out


def _dialect(raw: dict[str, Any], name: str, place: str) -> Dialect:
    for key in raw:
        if key not in _TOP and key not in TABLES:
            raise unknown(f"key or table of {place}", key, _TOP | set(TABLES))
    sources = []
    for table_name in (t for t in TABLES if t in raw):
        parts = raw[table_name] if isinstance(raw[table_name], list) else [raw[table_name]]
        sources += [_source(table_name, part, f"{place}, [{table_name}]") for part in parts]
    if not sources:
        raise BadInput(f"{place} maps no table of the model. Add one, e.g. [customers] with files and columns.")
    money = _table(raw.get("currency", {}), f"{place}, [currency]", {"reporting", "rates"})
    return Dialect(
        name=name,
        title=str(raw.get("title", name)),
        about=str(raw.get("about", "")),
        sources=tuple(sources),
        dates=_order(raw.get("dates", ""), place),
        decimal=_decimal(raw.get("decimal", ""), place),
        stages=_texts(raw.get("stages", []), f"{place}, stages"),
        currency=str(money.get("reporting", "")).upper(),
        rates=rates(money.get("rates", {}), f"{place}, [currency]"),
        raw=raw,
    )


def _source(table_name: str, raw: Any, place: str) -> Source:
    raw = _table(raw, place, _SOURCE)
    columns = {}
    for column, choices in _table(raw.get("columns", {}), f"{place} columns").items():
        _column(table_name, column, place)
        listed = choices if isinstance(choices, list) else [choices]
        columns[column] = tuple(_choice(c, f"{place} columns.{column}") for c in listed)
        if any(c.months_before for c in columns[column]) and table(table_name).column(column).type != "date":
            raise BadInput(f"{place} columns.{column}: months_before gives a day, and {column!r} holds none.")
    words = {}
    for column, mapping in _table(raw.get("values", {}), f"{place} values").items():
        _column(table_name, column, place)
        words[column] = {str(k): str(v) for k, v in _table(mapping, f"{place} values.{column}").items()}
    files = _texts(raw.get("files", []), f"{place} files")
    if not files or not columns:
        raise BadInput(f"{place} needs both 'files' (names without ending) and 'columns'.")
    return Source(
        table=table_name,
        files=files,
        columns=columns,
        values=words,
        keep=_conditions(raw.get("keep", {}), f"{place} keep"),
        skip=_conditions(raw.get("skip", {}), f"{place} skip"),
        without=_texts(raw.get("without", []), f"{place} without"),
        lookups=_lookups(raw.get("lookup", {}), place),
        having=_texts(raw.get("having", []), f"{place} having"),
        gather=_gather(table_name, raw.get("gather", []), columns, place),
        dates=_order(raw.get("dates", ""), place),
        decimal=_decimal(raw.get("decimal", ""), place),
    )


def _column(table_name: str, column: str, place: str) -> None:
    try:
        table(table_name).column(column)
    except UnknownName as error:
        raise UnknownName(f"{place}: {error}") from None


def _lookups(raw: Any, place: str) -> tuple[Lookup, ...]:
    """The lookups in the order in which they are written: one may start from a column of another above it."""
    out: list[Lookup] = []
    for name, part in _table(raw, f"{place} lookup").items():
        found = _lookup(name, part, place)
        head, dot, _ = found.by.partition(".")
        if dot and head in raw and head not in {above.name for above in out}:
            raise BadInput(f"{place} lookup.{name}: by = {found.by!r} needs the lookup {head!r}; write that above it.")
        out.append(found)
    return tuple(out)


def _lookup(name: str, raw: Any, place: str) -> Lookup:
    place = f"{place} lookup.{name}"
    raw = _table(raw, place, _LOOKUP)
    if missing := {"files", "key", "by"} - set(raw):
        raise BadInput(f"{place} lacks {', '.join(sorted(missing))}.")
    files, keep = _texts(raw["files"], f"{place} files"), _conditions(raw.get("keep", {}), f"{place} keep")
    return Lookup(name, files, str(raw["key"]), str(raw["by"]), keep, _take(raw, place))


def _gather(table_name: str, raw: Any, columns: Mapping[str, Sequence[Choice]], place: str) -> tuple[str, ...]:
    """The model columns in which rows must agree to become one; each must be mapped."""
    names = _texts(raw, f"{place} gather")
    for name in names:
        _column(table_name, name, f"{place} gather")
        if name not in columns:
            raise BadInput(f"{place} gather: the column {name!r} is not mapped. Add it to columns.")
    taken = [name for name, choices in columns.items() if any(c.take != "first" for c in choices)]
    if taken and not names:
        raise BadInput(f"{place} columns.{taken[0]}: take needs rows to take from. Say which are one: gather = [...].")
    return names


def _take(raw: Mapping[str, Any], place: str) -> str:
    if (take := raw.get("take", "first")) not in TAKES:
        raise unknown(f"take of {place}", str(take), TAKES)
    return str(take)


def _choice(raw: Any, place: str) -> Choice:
    if isinstance(raw, str):
        return Choice(column=raw)
    raw = _table(raw, place, _CHOICE)
    if sum(key in raw for key in ("column", "joined", "value", "row")) != 1:
        raise BadInput(f"{place}: say exactly one of column, joined, value or row = true, not {raw}.")
    return Choice(
        column=str(raw.get("column", "")),
        joined=_texts(raw.get("joined", []), f"{place} joined"),
        value=None if "value" not in raw else str(raw["value"]),
        row=bool(raw.get("row", False)),
        when=_conditions(raw.get("when", {}), f"{place} when"),
        unless=_conditions(raw.get("unless", {}), f"{place} unless"),
        scale=float(raw.get("scale", 1.0)),
        dates=_order(raw.get("dates", ""), place),
        months_before=_day(raw["months_before"], place) if "months_before" in raw else None,
        take=_take(raw, place),
    )


def _day(raw: Any, place: str) -> date:
    try:
        return raw if type(raw) is date else date.fromisoformat(raw)
    except (TypeError, ValueError):
        raise BadInput(f"{place}: months_before = {raw!r} is not a day. Write it as 2026-06-30.") from None


def _conditions(raw: Any, place: str) -> tuple[Condition, ...]:
    return tuple(Condition(k, _texts(v, f"{place}.{k}")) for k, v in _table(raw, place).items())


def _table(raw: Any, place: str, known: set[str] | None = None) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise BadInput(f"{place} must be a table (key = value), not {raw!r}.")
    for key in raw:
        if known is not None and key not in known:
            raise unknown(f"key of {place}", key, known)
    return raw


def _texts(raw: Any, place: str) -> tuple[str, ...]:
    listed = raw if isinstance(raw, list) else [raw]
    if not all(isinstance(item, str | int | float) for item in listed):
        raise BadInput(f"{place} must be a text or a list of texts, not {raw!r}.")
    return tuple(str(item).lower() if isinstance(item, bool) else str(item) for item in listed)


def _order(raw: Any, place: str) -> str:
    if raw not in ("", *ORDERS):
        raise BadInput(f"{place}: dates = {raw!r} is not an order. Say one of {', '.join(ORDERS)}.")
    return str(raw)


def _decimal(raw: Any, place: str) -> str:
    if raw not in ("", ".", ","):
        raise BadInput(f"{place}: decimal = {raw!r} is not a decimal mark. Say '.' or ','.")
    return str(raw)


def rates(raw: Any, place: str) -> dict[str, float]:
    """Exchange rates by currency code: one unit of it is so many of the reporting currency.

    Raises
    ------
    BadInput
        For a rate that is not a positive number.
    """
    out = {}
    for code, rate in _table(raw, f"{place} rates").items():
        good = isinstance(rate, int | float) and not isinstance(rate, bool) and 0 < rate < float("inf")
        if not good:
            raise BadInput(f"{place}: the rate of {code} is {rate!r}; it must be a number above 0.")
        out[str(code).strip().upper()] = float(rate)
    return out
