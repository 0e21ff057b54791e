"""How to import: what the caller said, checked, and the fingerprint by which the same import is known again."""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from kpilib.errors import BadInput
from kpilib.model.tables import TABLES
from kpilib.sources import checks, dialects
from kpilib.sources.dialects import Dialect
from kpilib.sources.staging import Staged

#: Raised whenever an import would write something else from the same files.
RULES = 1


@dataclass(frozen=True)
class Options:
    """What the caller said. Empty texts stand for what was left open."""

    dialect: Dialect | None
    as_of: str
    currency: str
    rates: Mapping[str, float]
    dates: str
    decimal: str

    @property
    def text(self) -> str:
        """All of it as one text, with the rules that hold in this version."""
        named = [self.dialect] if self.dialect else [dialects.load(n) for n in dialects.names()]
        said = [self.dialect is None, self.as_of, self.currency, dict(self.rates), self.dates, self.decimal]
        rules = [RULES, repr(TABLES), repr(checks.all_checks()), [d.raw for d in named]]
        return json.dumps([*rules, *said], sort_keys=True, default=str)


def options(
    dialect: str | Path | Dialect | None,
    as_of: str | dt.date | None,
    currency: str | None,
    rates: Mapping[str, float] | None,
    dates: str | None,
    decimal: str | None,
) -> Options:
    """The options of an import, checked.

    Raises
    ------
    BadInput, UnknownName
        For what cannot be taken; says what could be.
    """
    if dates and dates not in dialects.ORDERS:
        raise BadInput(f"dates = {dates!r} is not an order. Say one of {', '.join(dialects.ORDERS)}.")
    if decimal and decimal not in (".", ","):
        raise BadInput(f"decimal = {decimal!r} is not a decimal mark. Say '.' or ','.")
    return Options(
        dialect=dialects.load(dialect) if dialect is not None else None,
        as_of=_day(as_of),
        currency=_code(currency),
        rates=dialects.rates(dict(rates or {}), "the import"),
        dates=dates or "",
        decimal=decimal or "",
    )


def _day(as_of: str | dt.date | None) -> str:
    if as_of is None:
        return ""
    if isinstance(as_of, dt.date):
        return as_of.isoformat()[:10]
    try:
        return dt.date.fromisoformat(as_of).isoformat()
    except ValueError:
        raise BadInput(f"as_of = {as_of!r} is not a date. Write it as 2026-06-30.") from None


def _code(currency: str | None) -> str:
    code = (currency or "").strip().upper()
    if code and not (len(code) == 3 and code.isalpha() and code.isascii()):
        raise BadInput(f"currency = {currency!r} is not an ISO 4217 code. Write it as EUR or USD.")
    return code


def file_print(path: Path) -> str:
    """A short text that changes with the file's content."""
    try:
        with path.open("rb") as handle:
            return hashlib.file_digest(handle, "blake2b").hexdigest()[:32]
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read: {(error.strerror or str(error)).lower()}.") from error


def frame_print(con: duckdb.DuckDBPyConnection, staged: Staged) -> str:
    """The same for a staged frame: its rows hashed in the engine."""
    found: Any = con.execute(f"SELECT count(*), bit_xor(hash(s)), sum(hash(s) % 1000003) FROM {staged.table} AS s")
    return whole_print(str(found.fetchone()), duckdb.__version__, *staged.columns)


def whole_print(*texts: str) -> str:
    """One fingerprint of several texts."""
    return hashlib.blake2b("\n".join(texts).encode(), digest_size=16).hexdigest()
