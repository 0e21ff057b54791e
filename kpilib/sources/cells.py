"""A cell of a staged column as SQL: its text, its trimmed text, and when it is blank."""

from dataclasses import dataclass, field

import duckdb

from kpilib.errors import unknown
from kpilib.sources.staging import quote

#: Blanks that software writes: no-break space, narrow no-break space, thin space, as well as the plain ones.
GAPS = " \u00a0\u202f\u2009"
_TRIMMED = "' \u00a0\u202f\u2009\t' || chr(10) || chr(13)"
_NOTHING = ("", "NULL", "N/A", "NAN", "-", "#N/A")


@dataclass(frozen=True)
class Cell:
    """One staged column: the table, the quoted name, and DuckDB's type of it."""

    table: str
    column: str
    type: str

    @property
    def name(self) -> str:
        return quote(self.column)

    @property
    def is_text(self) -> bool:
        return self.type == "VARCHAR"

    @property
    def is_number(self) -> bool:
        integers = "TINYINT SMALLINT INTEGER BIGINT HUGEINT UTINYINT USMALLINT UINTEGER UBIGINT UHUGEINT BOOLEAN"
        return self.type in (*integers.split(), "FLOAT", "DOUBLE") or self.type.startswith("DECIMAL")

    @property
    def text(self) -> str:
        return self.name if self.is_text else f"CAST({self.name} AS VARCHAR)"

    @property
    def trimmed(self) -> str:
        return f"trim({self.text}, {_TRIMMED})"

    def holds(self, con: duckdb.DuckDBPyConnection, condition: str) -> bool:
        """Whether any row meets a condition; stops at the first one."""
        return con.execute(f"SELECT 1 FROM {self.table} WHERE {condition} LIMIT 1").fetchone() is not None

    def one(self, con: duckdb.DuckDBPyConnection, columns: str, source: str = "") -> tuple:
        """One row of aggregates over the column."""
        row = con.execute(f"SELECT {columns} FROM {source or self.table}").fetchone()
        assert row is not None
        return row


@dataclass(frozen=True)
class Reading:
    """What a reader of one kind of value found: the expression, the words for it, the open question."""

    sql: str
    format: list[str] = field(default_factory=list)
    question: str = ""


def cell_of(con: duckdb.DuckDBPyConnection, table: str, column: str) -> Cell:
    """The staged column, with its type; `UnknownName` where the table has none of that name."""
    described = con.execute(f"SELECT * FROM {table} LIMIT 0").description or []
    types = {d[0]: str(d[1]) for d in described}
    if column not in types:
        raise unknown(f"column of {table!r}", column, types)
    return Cell(table, column, types[column])


def blank_sql(cell: Cell) -> str:
    """The predicate of an empty cell."""
    if cell.type in ("DOUBLE", "FLOAT"):
        return f"({cell.name} IS NULL OR isnan({cell.name}))"
    if cell.is_number:
        return f"({cell.name} IS NULL)"
    listed = ", ".join(f"'{word}'" for word in _NOTHING)
    return f"({cell.name} IS NULL OR upper({cell.trimmed}) IN ({listed}))"
