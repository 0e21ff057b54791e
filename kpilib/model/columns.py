"""What a table of the model is made of: columns with type, unit and bounds; the makers of each kind."""

from dataclasses import dataclass
from typing import Literal

Type = Literal["text", "date", "time", "whole", "number", "money", "share"]

#: The SQL type (DuckDB dialect) that each model type is stored as.
SQL_TYPES: dict[Type, str] = {
    "text": "VARCHAR",
    "date": "DATE",
    "time": "TIMESTAMP",
    "whole": "BIGINT",
    "number": "DOUBLE",
    "money": "DOUBLE",
    "share": "DOUBLE",
}


@dataclass(frozen=True)
class Column:
    """One column of a model table.

    `empty` says whether a row may lack it; `refers` names the table whose key it holds; `values` lists the only words
    allowed (lower case); `low` and `high` bound a number; `unit` is said in the data dictionary (shares are fractions
    0 to 1, money is in the row's currency); `default` is the SQL expression over the row's other columns that stands in
    where the source has no value.
    """

    name: str
    type: Type
    label: str
    empty: bool = False
    refers: str = ""
    values: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    unit: str = ""
    default: str = ""

    @property
    def sql_type(self) -> str:
        return SQL_TYPES[self.type]


@dataclass(frozen=True)
class Table:
    """One table of the model: its name, its key column (always the first) and its columns."""

    name: str
    label: str
    columns: tuple[Column, ...]

    @property
    def key(self) -> str:
        return self.columns[0].name

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.columns)

    def column(self, name: str) -> Column:
        """The column of that name; `UnknownName` with a did-you-mean where there is none."""
        from kpilib.errors import unknown

        for column in self.columns:
            if column.name == name:
                return column
        raise unknown(f"column of {self.name!r}", name, self.names)


def text(
    name: str, label: str, *, empty: bool = False, refers: str = "", values: tuple[str, ...] = (), default: str = ""
) -> Column:
    return Column(name, "text", label, empty, refers, values, default=default)


def key(name: str, label: str, default: str = "") -> Column:
    return Column(name, "text", label, default=default)


def date(name: str, label: str, *, empty: bool = False) -> Column:
    return Column(name, "date", label, empty)


def time(name: str, label: str, *, empty: bool = False) -> Column:
    return Column(name, "time", label, empty)


def money(name: str, label: str, *, empty: bool = False, low: float | None = None) -> Column:
    return Column(name, "money", label, empty, low=low, unit="in the row's currency")


def whole(
    name: str, label: str, *, empty: bool = False, low: float | None = 0, high: float | None = None, unit: str = ""
) -> Column:
    return Column(name, "whole", label, empty, low=low, high=high, unit=unit)


def number(
    name: str, label: str, *, empty: bool = False, low: float | None = None, high: float | None = None, unit: str = ""
) -> Column:
    return Column(name, "number", label, empty, low=low, high=high, unit=unit)
