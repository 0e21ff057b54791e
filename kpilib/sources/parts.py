"""What a dialect is made of, once read: conditions, choices, lookups, sources. Data only; `dialects` reads them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

#: How several rows become one value: the first filled one, the least, the greatest, their sum or mean, how many
#: different ones there are, or the one that all of them have (empty where they differ).
TAKES = ("first", "min", "max", "sum", "mean", "count", "same")


@dataclass(frozen=True)
class Condition:
    """True of a row whose `column` holds one of `words`: `*` is any text, `006*` a beginning, the empty text: empty."""

    column: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Choice:
    """One place a model column may come from: a source column, several in a row, a fixed value, the row's own number.

    `months_before` is a day: the column then says how many months earlier something happened. `take` says how rows that
    are gathered into one become one value.
    """

    column: str = ""
    joined: tuple[str, ...] = ()
    value: str | None = None
    row: bool = False
    when: tuple[Condition, ...] = ()
    unless: tuple[Condition, ...] = ()
    scale: float = 1.0
    dates: str = ""
    months_before: date | None = None
    take: str = "first"

    @property
    def names(self) -> tuple[str, ...]:
        """The columns it reads."""
        return self.joined or ((self.column,) if self.column else ())


@dataclass(frozen=True)
class Lookup:
    """Another file's rows, found by their key: `by` of this file (or of a lookup above) equals `key` there.

    Of several rows that `keep` leaves, `take` makes one.
    """

    name: str
    files: tuple[str, ...]
    key: str
    by: str
    keep: tuple[Condition, ...] = ()
    take: str = "first"


@dataclass(frozen=True)
class Source:
    """One shape of file that feeds one table of the model.

    A file is of this shape if it has the columns `having`. Rows that agree in the model columns `gather` become one.
    """

    table: str
    files: tuple[str, ...]
    columns: Mapping[str, tuple[Choice, ...]]
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    keep: tuple[Condition, ...] = ()
    skip: tuple[Condition, ...] = ()
    without: tuple[str, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    gather: tuple[str, ...] = ()
    having: tuple[str, ...] = ()
    dates: str = ""
    decimal: str = ""


@dataclass(frozen=True)
class Dialect:
    """A whole system: its sources, the order of its stages, its way to write dates and numbers.

    `raw` is what was read, extensions applied; the fingerprint of an import is made of it.
    """

    name: str
    title: str
    sources: tuple[Source, ...]
    about: str = ""
    dates: str = ""
    decimal: str = ""
    stages: tuple[str, ...] = ()
    currency: str = ""
    rates: Mapping[str, float] = field(default_factory=dict)
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)
