"""What somebody must put right: every record with a fault, the field, the problem, whose it is and since when."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from kpilib.analysis.kept import kept
from kpilib.model.dimensions import NOT_GIVEN
from kpilib.model.panels import panel
from kpilib.model.quality import MATTERS, RECORDED, known_keys, looked_at, orphaned, pointing, rule_of
from kpilib.model.scope import Scope, quote
from kpilib.model.tables import TABLES
from kpilib.sources.checks import DECLARED

#: The problems, those first that keep a figure from being right.
PROBLEMS = ("orphan", "contradiction", "missing", "still", "overdue", "duplicate", "refused")
COLUMNS = ["owner", "team", "problem", "table", "record", "name", "customer", "field", "detail", "since"]
#: Of each problem of a field so many records are kept with the finding: the newest.
OF_EACH = 40
#: What a record of a table is called.
_NAMES = {
    "customers": "x.name", "opportunities": "x.name", "salespeople": "x.owner", "products": "x.product",
    "campaigns": "x.campaign",
}  # fmt: skip


def worklist(book: Any) -> dict[str, Any]:
    """The finding "worklist": how much there is to put right and for whom, and the newest of each problem.

    Parameters
    ----------
    book : Book
        What `kpilib.open` returned.

    Returns
    -------
    dict
        `counts`: frame of owner, team, problem, table, field, records. `rows`: frame with `COLUMNS`, at most `OF_EACH`
        of each problem of a field. `all`: how many there are.
    """
    counts = _frame(book, _counted(book.about.scope), [*COLUMNS[:4], "field", "records"])
    pairs = _pairs(book)
    told = (
        pairs.groupby(["owner", "team", "problem", "table", "field"], sort=True).size().rename("records").reset_index()
    )
    counts = pd.concat([counts, told], ignore_index=True) if len(told) else counts
    refused = _refused(book)
    if refused:
        none = {"owner": NOT_GIVEN, "team": NOT_GIVEN, "problem": "refused", "field": ""}
        lines = pd.DataFrame([{**none, "table": table, "records": n} for table, n in refused.items()])
        counts = pd.concat([counts, lines], ignore_index=True)
    listed = pd.concat([_listed(book, OF_EACH), pairs[:OF_EACH]], ignore_index=True)
    return {"counts": counts, "rows": _ordered(listed), "all": int(counts["records"].sum())}


def whole(book: Any, owner: str | None = None) -> pd.DataFrame:
    """All there is to put right, for a file: the columns `COLUMNS`, by salesperson, the worst problems first.

    Parameters
    ----------
    book : Book
        What `kpilib.open` returned.
    owner : str, optional
        One salesperson's alone.
    """
    frame = pd.concat([_listed(book, None), _pairs(book), _rejects(book)], ignore_index=True)
    own = frame if owner is None else frame[frame["owner"] == owner]
    return _ordered(own)


def _ordered(frame: pd.DataFrame) -> pd.DataFrame:
    place = frame["problem"].map({name: at for at, name in enumerate(PROBLEMS)})
    order = frame.assign(_place=place).sort_values(
        ["owner", "_place", "table", "field", "since", "record"], kind="stable", ignore_index=True
    )
    return order[COLUMNS]


def _frame(book: Any, sql: str, columns: list[str]) -> pd.DataFrame:
    """The engine's answer with texts in place of what is empty."""
    if not sql:
        return pd.DataFrame(columns=columns)
    table = book.engine.arrow(sql).to_pylist()
    return pd.DataFrame([[_plain(row[name]) for name in columns] for row in table], columns=columns)


def _plain(value: Any) -> Any:
    return "" if value is None else value if isinstance(value, int) else str(value)


def _counted(scope: Scope) -> str:
    parts = "\nUNION ALL ".join(_parts(scope))
    keys = 'owner, team, problem, "table", field'
    asked = f'SELECT owner, team, problem, tab AS "table", field FROM ({parts}) AS p'
    return f"SELECT {keys}, COUNT(*) AS records FROM ({asked}) AS w GROUP BY {keys} ORDER BY {keys}" if parts else ""


def _listed(book: Any, most: int | None) -> pd.DataFrame:
    parts = "\nUNION ALL ".join(_parts(book.about.scope))
    if not parts:
        return pd.DataFrame(columns=COLUMNS)
    inner = (
        "SELECT p.*, ROW_NUMBER() OVER (PARTITION BY problem, tab, field ORDER BY since DESC, record) AS place "
        f"FROM ({parts}) AS p"
    )
    first = f" WHERE place <= {most}" if most is not None else ""
    columns = ", ".join('tab AS "table"' if name == "table" else name for name in COLUMNS)
    return _frame(book, f"SELECT {columns} FROM ({inner}) AS w{first}", COLUMNS)


def _parts(scope: Scope) -> Iterator[str]:
    """One SELECT a problem of a field: the same columns in each."""
    for name in looked_at(scope):
        joined = f"FROM {scope.source(name)} AS x{_whose(scope, name)}"
        for field in MATTERS.get(name, {}):
            yield _part(name, "missing", field, "", f"{joined} WHERE {rule_of(name, field)} AND x.{field} IS NULL")
        for field, other in pointing(name, scope).items():
            yield _part(
                name, "orphan", field, f"x.{field}", f"{joined}{known_keys(scope, name)} WHERE {orphaned(field)}", other
            )
    for check in DECLARED:
        if check.action == "kept" and check.table in scope.tables:
            source = f"FROM (SELECT * FROM {scope.source(check.table)} AS y WHERE {check.bad}) AS x"
            yield _part(
                check.table,
                "contradiction",
                check.column,
                quote(check.sentence),
                f"{source}{_whose(scope, check.table)}",
            )
    if "opportunities" in scope.tables:
        yield from _deals(scope)


def _whose(scope: Scope, name: str) -> str:
    """The joins that say whose a record is: its own salesperson's, else its customer's."""
    columns = TABLES[name].names
    customer = "x.customer_id" if "customer_id" in columns else "NULL"
    owner = "x.owner_id" if "owner_id" in columns else "NULL"
    return (
        f" LEFT JOIN {scope.source('customers')} AS c ON c.customer_id = {customer} "
        f"LEFT JOIN {scope.source('salespeople')} AS s ON s.owner_id = COALESCE({owner}, c.owner_id)"
    )


def _part(name: str, problem: str, field: str, detail: str, body: str, other: str = "") -> str:
    """A record's line; `detail` is the key that points nowhere, or what is contradicted."""
    day = f"CAST(x.{RECORDED[name]} AS DATE)" if name in RECORDED else "CAST(NULL AS DATE)"
    told = f"{detail} || {quote(f' → {other}')}" if other else detail or "''"
    return (
        f"SELECT COALESCE(s.owner, '{NOT_GIVEN}') AS owner, COALESCE(s.team, '{NOT_GIVEN}') AS team, "
        f"'{problem}' AS problem, "
        f"'{name}' AS tab, CAST(x.{TABLES[name].key} AS VARCHAR) AS record, {_NAMES.get(name, 'c.name')} AS name, "
        f"c.name AS customer, '{field}' AS field, {told} AS detail, {day} AS since {body}"
    )


def _deals(scope: Scope) -> Iterator[str]:
    """Open deals that stand still, and those past the day on which they were to close."""
    need = frozenset({"owner", "team", "customer", "status", "stale_on", "-"})
    source = f"({panel('deals').sql(scope, need)}) AS d"
    for problem, field, since, rule in (
        ("still", "", "stale_on", "stale_on IS NOT NULL"),
        ("overdue", "expected_close_on", "expected_close_on", f"expected_close_on < {scope.today()}"),
    ):
        yield (
            f"SELECT owner, team, '{problem}' AS problem, 'opportunities' AS tab, opportunity_id AS record, name, "
            f"customer, '{field}' AS field, '' AS detail, {since} AS since FROM {source} "
            f"WHERE status = 'open' AND {rule}"
        )


def _pairs(book: Any) -> pd.DataFrame:
    """The accounts that look like another, a line a pair."""
    found = kept(book, "duplicates")
    if found.get("cannot"):
        return pd.DataFrame(columns=COLUMNS)
    pairs = found["pairs"]
    people = book.panel("accounts", columns=["owner", "team"]).drop_duplicates("owner")
    team = dict(zip(people["owner"].astype(str), people["team"].astype(str), strict=True))
    told = {
        "owner": pairs["owner"], "team": pairs["owner"].map(team), "problem": "duplicate", "table": "customers",
        "record": pairs["one"], "name": pairs["name"], "customer": pairs["name"], "field": "name",
        "detail": pairs["other"].astype(str) + " " + pairs["other_name"].astype(str), "since": "",
    }  # fmt: skip
    return pd.DataFrame(told, columns=COLUMNS)


def _refused(book: Any) -> dict[str, int]:
    if not book.about.rows.get("refused"):
        return {}
    told = book.engine.arrow("SELECT table_name, COUNT(*) AS n FROM refused GROUP BY table_name ORDER BY table_name")
    return {row["table_name"]: int(row["n"]) for row in told.to_pylist()}


def _rejects(book: Any) -> pd.DataFrame:
    """The rows that the import refused, by file and line."""
    if not book.about.rows.get("refused"):
        return pd.DataFrame(columns=COLUMNS)
    sql = (
        f"SELECT '{NOT_GIVEN}' AS owner, '{NOT_GIVEN}' AS team, 'refused' AS problem, table_name AS \"table\", "
        "file || ':' || CAST(\"row\" AS VARCHAR) AS record, '' AS name, '' AS customer, column_name AS field, "
        "CASE WHEN value IS NULL OR value = '' THEN reason ELSE reason || ': ' || value END AS detail, "
        "'' AS since FROM refused"
    )
    return _frame(book, sql, COLUMNS)
