"""One table's rows: read, checked, told apart into accepted, refused and flagged, and written. All of it in SQL.

Rows are never touched one by one in Python, and what is kept in memory does not grow with them.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from kpilib.model.columns import Table
from kpilib.model.tables import TABLES
from kpilib.sources import checks
from kpilib.sources.checks import Check
from kpilib.sources.report import EXAMPLES, FileRows
from kpilib.sources.shaping import Shape, details, empty, select, word

LEDGERS = """
CREATE TABLE made.refused (
    table_name VARCHAR, file VARCHAR, "row" BIGINT, reason VARCHAR, column_name VARCHAR, value VARCHAR, record VARCHAR);
CREATE TABLE made.flagged (
    table_name VARCHAR, file VARCHAR, "row" BIGINT, reason VARCHAR, column_name VARCHAR, value VARCHAR, action VARCHAR);
CREATE TABLE made.findings (
    table_name VARCHAR, reason VARCHAR, column_name VARCHAR, "rows" BIGINT, action VARCHAR, examples VARCHAR);
CREATE TABLE made.imports (
    table_name VARCHAR, file VARCHAR, rows_read BIGINT, accepted BIGINT, refused BIGINT, fingerprint VARCHAR);
CREATE TABLE made.settings (key VARCHAR, value VARCHAR);
"""


@dataclass(frozen=True)
class Rules:
    """What holds for all tables of an import: the currency, its rates, the day of the figures ('' for none given)."""

    currency: str
    rates: Mapping[str, float]
    as_of: str


def load(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    shapes: Sequence[Shape],
    rules: Rules,
    have: Collection[str],
    last: Collection[str],
    progress: Callable[[str, int, int], None],
) -> list[FileRows]:
    """Read, check and write one table of the model into the attached database `made`.

    Parameters
    ----------
    shapes : sequence of Shape
        The files that feed it, in order.
    have : collection of str
        Tables already written: a key that refers to another is not checked.
    last : collection of str
        Staged tables that no later table needs; they are dropped on the way.

    Returns
    -------
    list of FileRows
        One a file: rows read, accepted, refused (lines that could not be parsed count as read and refused).
    """
    found = checks.row_checks(table, rules.currency, rules.as_of)
    _read(con, table, shapes, found, rules, progress)
    extra = _across(con, table, found, have)
    everything = [*found, *extra]
    for number, shape in enumerate(shapes):
        _tell(con, table, shape, number, everything)
        _unparsed(con, table, shape)
    for staged in last:
        con.execute(f"DROP TABLE {staged}")
    _write(con, table)
    counts = _counts(con, table, shapes)
    con.execute("DROP TABLE typed; DROP TABLE problems; DROP TABLE out_rows")
    return counts


def _read(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    shapes: Sequence[Shape],
    found: Sequence[Check],
    rules: Rules,
    progress: Callable[[str, int, int], None],
) -> None:
    total, done = sum(s.match.staged.rows for s in shapes), 0
    progress(table.name, 0, total)
    for number, shape in enumerate(shapes):
        sql = select(shape, number, found, rules.currency, rules.rates, _some_currency(con, shape, rules))
        con.execute(f"CREATE TEMP TABLE typed AS {sql}" if number == 0 else f"INSERT INTO typed {sql}")
        done += shape.match.staged.rows
        progress(table.name, done, total)
    if not shapes:
        con.execute(f"CREATE TEMP TABLE typed AS {empty(table.name)}")


def _some_currency(con: duckdb.DuckDBPyConnection, shape: Shape, rules: Rules) -> bool:
    """Whether the file says a currency in some rows, so that a row without one deserves a flag."""
    value = shape.values.get("currency")
    if value is None or value.given in ("TRUE", "FALSE"):
        return False
    return con.execute(f"SELECT 1 FROM {shape.origin} WHERE {value.given} LIMIT 1").fetchone() is not None


def _across(con: duckdb.DuckDBPyConnection, table: Table, found: Sequence[Check], have: Collection[str]) -> list[Check]:
    """Checks that need other rows: the same key twice, a key that no row of another table has.

    Fills `problems(_file, _row, chk)`, one row a row and failed check, and `out_rows(_file, _row, chk)`, the refused.
    """
    refusing = sum(1 << i for i, c in enumerate(found) if c.action == "refused")
    con.execute(
        f"CREATE TEMP TABLE problems AS SELECT _file, _row, chk::INTEGER AS chk FROM (SELECT _file, _row, _marks "
        f"FROM typed WHERE _marks <> 0), range({len(found)}) AS c(chk) WHERE (_marks >> chk::INTEGER) & 1 = 1"
    )
    extra = [Check("duplicate", checks.DUPLICATE, table.name, table.key, "", "refused")]
    kept = f"(_marks & {refusing}) = 0"
    counted = con.execute(f"SELECT count(*), count(DISTINCT {table.key}) FROM typed WHERE {kept}").fetchone()
    if counted is not None and counted[0] > counted[1]:
        con.execute(
            f"INSERT INTO problems SELECT _file, _row, {len(found)} FROM typed WHERE {kept} "
            f"QUALIFY row_number() OVER (PARTITION BY {table.key} ORDER BY _file, _row) > 1"
        )
    con.execute(
        "CREATE TEMP TABLE out_rows AS SELECT _file, _row, min(chk) AS chk FROM problems "
        f"WHERE chk IN ({', '.join(_ids([*found, *extra], 'refused'))}) GROUP BY ALL"
    )
    for column in table.columns:
        if column.refers in have and column.refers != table.name:
            sentence = checks.ORPHAN.format(table=column.refers)
            con.execute(
                f"INSERT INTO problems SELECT _file, _row, {len(found) + len(extra)} FROM typed "
                f"ANTI JOIN made.{column.refers} AS known ON typed.{column.name} = known.{TABLES[column.refers].key} "
                f"WHERE typed.{column.name} IS NOT NULL"
            )
            extra.append(Check("orphan", sentence, table.name, column.name, "", "kept"))
    con.execute(
        "DELETE FROM problems WHERE EXISTS (SELECT 1 FROM out_rows o WHERE o._file = problems._file "
        "AND o._row = problems._row AND o.chk <> problems.chk)"
    )
    return extra


def _ids(found: Sequence[Check], action: str) -> list[str]:
    return [str(i) for i, c in enumerate(found) if c.action == action]


def _write(con: duckdb.DuckDBPyConnection, table: Table) -> None:
    some = con.execute("SELECT 1 FROM out_rows LIMIT 1").fetchone() is not None
    without = " ANTI JOIN out_rows USING (_file, _row)" if some else ""
    con.execute(f"CREATE TABLE made.{table.name} AS SELECT {', '.join(table.names)} FROM typed{without}")


def _tell(con: duckdb.DuckDBPyConnection, table: Table, shape: Shape, number: int, found: Sequence[Check]) -> None:
    """Write the refused and flagged rows of one file, with what the source had written."""
    met = con.execute("SELECT DISTINCT chk FROM problems WHERE _file = ? ORDER BY chk", [number]).fetchall()
    if not met:
        return
    failed = {i: found[i] for (i,) in met}
    columns = sorted({c.column for c in failed.values()})
    about = " ".join(
        f"WHEN {i} THEN {{'reason': {word(c.sentence)}, 'column': {word(c.column)}, 'action': {word(c.action)}, "
        f"'value': \"{c.column} raw\"}}"
        for i, c in failed.items()
    )
    con.execute(
        f"CREATE TEMP TABLE told AS SELECT {word(shape.match.label)} AS file, p._row, p.chk, d.record, "
        f"CASE p.chk {about} END AS a FROM problems p JOIN ({details(shape, columns)}) d USING (_row) "
        f"WHERE p._file = {number}"
    )
    head = f"SELECT {word(table.name)}, file, _row, a.reason, a.column, a.value"
    con.execute(f"INSERT INTO made.refused {head}, record FROM told WHERE a.action = 'refused' ORDER BY _row")
    con.execute(f"INSERT INTO made.flagged {head}, a.action FROM told WHERE a.action <> 'refused' ORDER BY _row, chk")
    con.execute("DROP TABLE told")


def _unparsed(con: duckdb.DuckDBPyConnection, table: Table, shape: Shape) -> None:
    """Lines that were no rows at all are refused too; their text is the record."""
    rejects = f"{shape.match.staged.table}_rejects"
    if con.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = ?", [rejects]).fetchone():
        con.execute(
            f'INSERT INTO made.refused SELECT {word(table.name)}, {word(shape.match.label)}, "row", '
            f'{word(checks.UNPARSED)}, \'\', reason, to_json({{\'text\': "text"}}) FROM "{rejects}" ORDER BY "row"'
        )


def _counts(con: duckdb.DuckDBPyConnection, table: Table, shapes: Sequence[Shape]) -> list[FileRows]:
    read = dict(con.execute("SELECT _file, count(*) FROM typed GROUP BY 1").fetchall())
    left = dict(con.execute("SELECT _file, count(*) FROM out_rows GROUP BY 1").fetchall())
    lost = dict(
        con.execute(
            "SELECT file, count(*) FROM made.refused WHERE table_name = ? AND reason = ? GROUP BY 1",
            [table.name, checks.UNPARSED],
        ).fetchall()
    )
    out = []
    for number, shape in enumerate(shapes):
        rows, gone, torn = read.get(number, 0), left.get(number, 0), lost.get(shape.match.label, 0)
        out.append(FileRows(table.name, shape.match.label, rows + torn, rows - gone, gone + torn))
    return out


def findings_sql() -> str:
    """The statement that sums the refused and flagged rows up: one finding a (table, reason, column, action)."""
    both = (
        "SELECT table_name, file, \"row\", reason, column_name, value, 'refused' AS action FROM made.refused "
        'UNION ALL SELECT table_name, file, "row", reason, column_name, value, action FROM made.flagged'
    )
    return (
        f"INSERT INTO made.findings SELECT table_name, reason, column_name, max(n), action, "
        f"to_json(list({{'file': file, 'row': \"row\", 'value': value}} ORDER BY i)) FROM ("
        "SELECT *, row_number() OVER w AS i, count(*) OVER (PARTITION BY table_name, reason, column_name, action) AS n "
        f'FROM ({both}) WINDOW w AS (PARTITION BY table_name, reason, column_name, action ORDER BY file, "row")) '
        f"WHERE i <= {EXAMPLES} GROUP BY table_name, reason, column_name, action "
        f"ORDER BY table_name, action DESC, max(n) DESC, reason"
    )
