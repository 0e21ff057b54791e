"""Millions of order lines for benchmarks, made by DuckDB itself in bounded memory.

Volume, not truth: nothing is planted here. Each value is a whole-number hash of the row's number and the seed, so the
same rows come out on every machine and however many threads make them.
"""

from pathlib import Path
from typing import Literal

import duckdb
import numpy as np
import pandas as pd

from kpilib.demo import words
from kpilib.demo.accounts import accounts
from kpilib.demo.company import AS_OF
from kpilib.demo.days import FAR, window
from kpilib.demo.draws import Streams
from kpilib.demo.tables import Keys, customers_table, products_table, salespeople_table
from kpilib.demo.truths import Truths
from kpilib.errors import BadInput
from kpilib.model.tables import table

Form = Literal["parquet", "csv", "duckdb"]

#: Lines of an order.
_PER_ORDER = 2
_MONTHS = 36

# A 32-bit mixer (xor, shift, multiply twice), written out so that no engine's own hash is relied on.
_MACROS = (
    "CREATE TEMP MACRO stir(x) AS (xor(x, x >> 16) * 73244475::UBIGINT) % 4294967296::UBIGINT",
    "CREATE TEMP MACRO draw(i, salt) AS stir(stir(stir("
    "(i::UBIGINT * 2654435769::UBIGINT + salt::UBIGINT * 2246822519::UBIGINT) % 4294967296::UBIGINT)))",
    "CREATE TEMP MACRO share(i, salt) AS draw(i, salt) / 4294967296.0::DOUBLE",
)


def order_lines(
    rows: int, seed: int = 1, *, into: str | Path, form: Form = "parquet", customers: int = 20_000
) -> dict[str, int]:
    """Write `rows` order lines over three years, with their customers, salespeople and products.

    Parameters
    ----------
    rows : int
        Order lines, two an order.
    seed : int
        Zero or more.
    into : str or pathlib.Path
        A folder for Parquet or CSV files named as the tables; a file that does not exist yet for DuckDB.
    form : {"parquet", "csv", "duckdb"}
        What to write.
    customers : int
        Each has one segment, industry, region and owner. Some buy far more often than others.

    Returns
    -------
    dict of str to int
        The rows of each table written.

    Raises
    ------
    BadInput
        When the rows, customers or seed are out of bounds, the form is unknown, or the DuckDB file exists.
    """
    if rows < 1 or not 12 <= customers < 10**5 or not 0 <= seed < 2**20:
        raise BadInput(
            f"rows={rows}, customers={customers}, seed={seed}: give 1 row or more, 12 to {10**5 - 1} customers, "
            f"and a seed from 0 to {2**20 - 1}."
        )
    small = {
        "customers": _customers(customers, seed),
        "salespeople": salespeople_table(),
        "products": products_table(),
    }
    with _opened(Path(into), form) as connection:
        for statement in _MACROS:
            connection.execute(statement)
        for name, frame in small.items():
            connection.register("given", frame)
            connection.execute(f"CREATE TEMP TABLE small_{name} AS SELECT {_cast(name)} FROM given")
            connection.unregister("given")
            _store(connection, name, f"FROM small_{name}", Path(into), form)
        _store(connection, "order_lines", _query(rows, seed, customers), Path(into), form)
    return {**{name: len(frame) for name, frame in small.items()}, "order_lines": rows}


def _customers(size: int, seed: int) -> pd.DataFrame:
    """Accounts that were all customers before the first order and still are."""
    span = window(_MONTHS, AS_OF)
    them = accounts(size, span, Truths(), Streams(seed))
    begun = np.minimum(them.contact, span.first - 1)
    return customers_table(them, them.owner, begun, np.full(size, FAR), span, Keys())


def _opened(into: Path, form: Form) -> duckdb.DuckDBPyConnection:
    """A connection to the new file, or one in memory that will copy into the folder."""
    if form not in ("parquet", "csv", "duckdb"):
        raise BadInput(f"No form is called {form!r}. There is: parquet, csv, duckdb.")
    if form != "duckdb":
        into.mkdir(parents=True, exist_ok=True)
        return duckdb.connect()
    if into.exists():
        raise BadInput(f"{into} exists already; give a name that is free, or delete it first.")
    return duckdb.connect(str(into))


def _cast(name: str) -> str:
    """The columns of a model table with their types."""
    return ", ".join(f"CAST({c.name} AS {c.sql_type}) AS {c.name}" for c in table(name).columns)


def _store(connection: duckdb.DuckDBPyConnection, name: str, query: str, into: Path, form: Form) -> None:
    """Stream the rows of the query into a table or a file."""
    if form == "duckdb":
        connection.execute(f"CREATE TABLE {name} AS {query}")
        return
    options = "FORMAT parquet, COMPRESSION zstd" if form == "parquet" else "FORMAT csv, HEADER"
    target = str(into / f"{name}.{form}").replace("'", "''")
    connection.execute(f"COPY ({query}) TO '{target}' ({options})")


def _query(rows: int, seed: int, customers: int) -> str:
    """The order lines: customer and day by the order's number, product and units by the line's."""
    first = window(_MONTHS, AS_OF).first
    days = window(_MONTHS, AS_OF).last - first + 1
    salt = seed * 16
    return f"""
        WITH numbers AS (
            SELECT
                range AS line,
                range // {_PER_ORDER} AS "order",
                -- squared, so that a few customers buy much and many little
                CAST(floor({customers} * share("order", {salt}) * share("order", {salt})) AS BIGINT) + 1 AS customer,
                -- the later of two days for a third of the orders: the firm grows
                CAST(floor({days} * CASE WHEN draw("order", {salt + 1}) % 3 = 0
                    THEN greatest(share("order", {salt + 2}), share("order", {salt + 3}))
                    ELSE share("order", {salt + 2}) END) AS INTEGER) AS day,
                CAST(draw(range, {salt + 4}) % {len(words.PRODUCTS)} AS BIGINT) + 1 AS product,
                CAST(draw(range, {salt + 5}) % 20 AS BIGINT) + 1 AS units,
                CAST(draw(range, {salt + 6}) % 15 AS BIGINT) AS discount
            FROM range({rows})
        )
        SELECT
            'L' || lpad(CAST(line + 1 AS VARCHAR), 9, '0') AS line_id,
            'N' || lpad(CAST("order" + 1 AS VARCHAR), 9, '0') AS order_id,
            c.customer_id,
            p.product_id,
            c.owner_id,
            DATE '1970-01-01' + (day + {first}) AS ordered_on,
            CAST(units AS DOUBLE) AS quantity,
            units * CAST(round(p.list_price * 100) AS BIGINT) * (100 - discount) // 100 / 100.0::DOUBLE AS revenue,
            units * CAST(round(p.unit_cost * 100) AS BIGINT) / 100.0::DOUBLE AS cost,
            'EUR' AS currency,
            CAST(NULL AS VARCHAR) AS kind,
            CAST(NULL AS TIMESTAMP) AS promised_on,
            CAST(NULL AS TIMESTAMP) AS delivered_on
        FROM numbers
        JOIN small_customers AS c ON c.customer_id = 'C' || lpad(CAST(numbers.customer AS VARCHAR), 5, '0')
        JOIN small_products AS p ON p.product_id = 'P' || lpad(CAST(numbers.product AS VARCHAR), 5, '0')"""
