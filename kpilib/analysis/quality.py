"""What is wrong with the data, field by field and check by check: empty, pointing nowhere, refused or flagged."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kpilib.model.quality import MATTERS, known_keys, looked_at, orphaned, pointing, rule_of
from kpilib.model.scope import Scope

#: So many refused rows are listed: the first of each reason.
LISTED, OF_EACH = 300, 5
_FIELDS = ["table", "field", "wanted", "filled", "pointing", "orphans"]
_CHECKS = ["table", "field", "reason", "action", "rows", "read", "share"]


def data_faults(book: Any) -> dict[str, Any]:
    """The finding "data_faults": every field that matters and every check of the import, with counts.

    Parameters
    ----------
    book : Book
        What `kpilib.open` returned.

    Returns
    -------
    dict
        `fields`: frame of table, field, wanted (records that should have it), filled, pointing (records with a key),
        orphans (keys that point to no record). `checks`: frame of table, field, reason, action ("refused", "emptied",
        "kept"), rows, read (rows of the table that the import was given), share; the most rows first. `imports`: frame
        of table, read, accepted, refused. `refused`: frame of table, file, row, field, reason, value: the first of each
        reason. Frames without rows for data that no import wrote.
    """
    scope = book.about.scope
    fields = [line for name in looked_at(scope) for line in _fields(book, scope, name)]
    imports = _imports(book)
    return {
        "fields": pd.DataFrame(fields, columns=_FIELDS), "imports": imports, "checks": _checks(book, imports),
        "refused": _refused(book),
    }  # fmt: skip


def _fields(book: Any, scope: Scope, name: str) -> list[tuple[Any, ...]]:
    """A table's fields: one question to the engine."""
    rules, keys = MATTERS.get(name, {}), pointing(name, scope)
    asked = []
    for field in rules:
        where = rule_of(name, field)
        asked += [f"SUM(CASE WHEN {where} THEN 1 ELSE 0 END) AS w_{field}"]
        asked += [f"SUM(CASE WHEN {where} AND x.{field} IS NOT NULL THEN 1 ELSE 0 END) AS f_{field}"]
    for field in keys:
        asked += [f"COUNT(x.{field}) AS p_{field}"]
        asked += [f"SUM(CASE WHEN {orphaned(field)} THEN 1 ELSE 0 END) AS o_{field}"]
    sql = f"SELECT {', '.join(asked)} FROM {scope.source(name)} AS x{known_keys(scope, name)}"
    told = book.engine.arrow(sql).to_pylist()[0]
    every = dict.fromkeys([*rules, *keys])
    return [(name, field, *(int(told.get(f"{part}_{field}") or 0) for part in "wfpo")) for field in every]


def _imports(book: Any) -> pd.DataFrame:
    columns = ["table", "read", "accepted", "refused"]
    if not book.about.rows.get("imports"):
        return pd.DataFrame(columns=columns)
    sql = (
        "SELECT table_name, SUM(rows_read) AS r, SUM(accepted) AS a, SUM(refused) AS f FROM imports GROUP BY table_name"
    )
    lines = [
        (one["table_name"], int(one["r"]), int(one["a"]), int(one["f"])) for one in book.engine.arrow(sql).to_pylist()
    ]
    return pd.DataFrame(sorted(lines), columns=columns)


def _checks(book: Any, imports: pd.DataFrame) -> pd.DataFrame:
    """The ledger of the import, which has summed itself up, beside the rows that it was given."""
    if not book.about.rows.get("findings"):
        return pd.DataFrame(columns=_CHECKS)
    read = dict(zip(imports["table"], imports["read"], strict=True))
    sql = 'SELECT table_name, reason, column_name, "rows" AS n, action FROM findings'
    lines = []
    for one in book.engine.arrow(sql).to_pylist():
        table, n = one["table_name"], int(one["n"])
        whole = int(read.get(table, 0))
        share = n / whole if whole else float("nan")
        lines.append((table, one["column_name"] or "", one["reason"], one["action"], n, whole, share))
    lines.sort(key=lambda line: (-line[4], *line[:3]))
    return pd.DataFrame(lines, columns=_CHECKS)


def _refused(book: Any) -> pd.DataFrame:
    columns = ["table", "file", "row", "field", "reason", "value"]
    if not book.about.rows.get("refused"):
        return pd.DataFrame(columns=columns)
    inner = (
        'SELECT table_name, file, "row" AS line, column_name, reason, value, ROW_NUMBER() OVER '
        '(PARTITION BY table_name, reason, column_name ORDER BY file, "row") AS place FROM refused'
    )
    sql = (
        f"SELECT * FROM ({inner}) AS r WHERE place <= {OF_EACH} ORDER BY table_name, reason, column_name, place "
        f"LIMIT {LISTED}"
    )
    names = ("table_name", "file", "line", "column_name", "reason", "value")
    lines = [
        tuple("" if one[name] is None else one[name] for name in names) for one in book.engine.arrow(sql).to_pylist()
    ]
    return pd.DataFrame(lines, columns=columns)
