"""The day of the figures, where nobody gave one: the latest day on which something happened."""

from collections.abc import Collection

import duckdb

from kpilib.sources.checks import FACTS

#: Above this share of all dates a single one is looked at twice.
RARE = 0.999
#: With fewer dates than this before the latest, nothing is usual yet.
FEW = 10


def latest(con: duckdb.DuckDBPyConnection, have: Collection[str]) -> tuple[str, list[str]]:
    """The latest past fact of the imported tables, and a warning where it looks like a typing error.

    Dates of what is only expected (closing, due dates, targets) do not count.

    Returns
    -------
    tuple of (str, list of str)
        The day as ISO text ('' where the data hold no date), and notes: a day more than a year after the 99.9th
        percentile of all the dates before it is named with its row.
    """
    columns = [(t, c) for t in FACTS if t in have for c in FACTS[t]]
    if not columns:
        return "", []
    each = " UNION ALL ".join(
        f"SELECT CAST({c} AS DATE) AS day, count(*) AS n, '{t}' AS tab, '{c}' AS col FROM made.{t} "
        f"WHERE {c} IS NOT NULL GROUP BY 1" for t, c in columns
    )  # fmt: skip
    con.execute(f"CREATE OR REPLACE TEMP TABLE days AS {each}")
    top = con.execute("SELECT CAST(day AS VARCHAR), tab, col FROM days ORDER BY day DESC, tab, col LIMIT 1").fetchone()
    if top is None:
        return "", []
    usual = con.execute(
        f"WITH others AS (SELECT day, sum(n) OVER (ORDER BY day) AS upto, sum(n) OVER () AS total FROM days "
        f"WHERE day < DATE '{top[0]}') "
        f"SELECT CAST(min(day) AS VARCHAR), DATE '{top[0]}' > min(day) + INTERVAL 1 YEAR "
        f"FROM others WHERE upto >= {RARE} * total AND total >= {FEW}"
    ).fetchone()
    con.execute("DROP TABLE days")
    if usual is None or not usual[1]:
        return top[0], []
    return top[0], [_warning(con, top[0], top[1], top[2], usual[0])]


def _warning(con: duckdb.DuckDBPyConnection, day: str, table: str, column: str, usual: str) -> str:
    key = con.execute(f"SELECT * FROM made.{table} WHERE CAST({column} AS DATE) = DATE '{day}' LIMIT 1").fetchone()
    first = key[0] if key else "?"
    return (
        f"the latest date, {day} ({table}.{column} of {first!r}), is more than a year after nearly all others "
        f"(to {usual}): "
        f"if it is a typing error, give the day of the figures, e.g. --as-of {usual}"
    )
