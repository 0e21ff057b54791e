"""Where the tables live and who answers SQL: an embedded DuckDB file, or any other engine by its Ibis URL.

Everything above speaks SQL in DuckDB's dialect; an Ibis engine translates it (sqlglot) to its own. Nothing is written.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from kpilib.errors import BadInput, CannotAnswer
from kpilib.model.tables import TABLES

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

#: Beside the model's tables, what an import leaves in its file.
LEDGERS = ("refused", "flagged", "findings", "imports", "settings")


class Engine(Protocol):
    """What kpilib asks of a database: which tables it has, and an answer to a SELECT."""

    name: str

    def tables(self) -> dict[str, frozenset[str]]:
        """Names of the model's tables that exist, each with its column names."""

    def arrow(self, sql: str) -> pa.Table:
        """The answer to a SELECT in DuckDB's dialect, as an Arrow table."""

    def keep(self, name: str, sql: str) -> bool:
        """Hold the answer to a SELECT under a name until the connection closes; False where that cannot be."""

    def close(self) -> None:
        """Give the connection back."""


def frame(engine: Engine, sql: str) -> pd.DataFrame:
    """The answer to a SELECT as a pandas frame."""
    return engine.arrow(sql).to_pandas()


class DuckDB:
    """A DuckDB file, opened read-only so that many viewers can share it."""

    def __init__(self, path: Path) -> None:
        import duckdb

        self.name, self.lock = path.name, threading.Lock()
        try:
            self.connection = duckdb.connect(str(path), read_only=True)
            self.connection.execute("SET enable_progress_bar = false")
        except duckdb.Error as error:
            raise BadInput(f"{path} cannot be opened as a DuckDB file: {error}") from error

    def tables(self) -> dict[str, frozenset[str]]:
        sql = "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal"
        return _known(self.connection.execute(sql).fetchall())

    def arrow(self, sql: str) -> pa.Table:
        import duckdb

        try:
            with self.lock:
                return self.connection.sql(sql).to_arrow_table()
        except duckdb.Error as error:
            raise CannotAnswer(f"The database could not answer: {error}\n{sql}") from error

    def keep(self, name: str, sql: str) -> bool:
        """The file is read-only; what is kept stands beside it in memory, or on disk where memory is short."""
        with self.lock:
            self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {sql}")
        return True

    def close(self) -> None:
        self.connection.close()


class Ibis:
    """Any engine that Ibis can reach, by its URL (`postgres://…`, `trino://…`, `duckdb://…`)."""

    def __init__(self, url: str) -> None:
        import ibis

        self.name = url.split("@")[-1]  # never the password
        try:
            self.connection: Any = ibis.connect(url)
        except Exception as error:
            raise BadInput(f"{self.name} cannot be reached: {_without_secret(str(error), url)}") from error

    def tables(self) -> dict[str, frozenset[str]]:
        wanted = {*TABLES, *LEDGERS}
        found = [name for name in self.connection.list_tables() if name in wanted]
        rows = [(name, column) for name in found for column in self.connection.table(name).columns]
        return _known(rows)

    def arrow(self, sql: str) -> pa.Table:
        try:
            return self.connection.sql(sql, dialect="duckdb").to_pyarrow()
        except Exception as error:  # each engine has its own family of errors
            raise CannotAnswer(f"{self.name} could not answer: {error}\n{sql}") from error

    def keep(self, name: str, sql: str) -> bool:
        """Nothing is written into somebody else's database."""
        return False

    def close(self) -> None:
        self.connection.disconnect()


def _known(rows: list[tuple[str, str]]) -> dict[str, frozenset[str]]:
    wanted = {*TABLES, *LEDGERS}
    tables: dict[str, set[str]] = {}
    for table, column in rows:
        if table in wanted:
            tables.setdefault(table, set()).add(column)
    return {name: frozenset(columns) for name, columns in tables.items()}


def _without_secret(message: str, url: str) -> str:
    user = url.split("//", 1)[-1].rsplit("@", 1)[0]
    secret = user.split(":", 1)[1] if ":" in user and "@" in url else ""
    return message.replace(secret, "…") if secret else message
