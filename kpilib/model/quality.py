"""The panels of the data's own quality: every record with what it lacks, every account with those that look like it.

Which fields matter, and of which records, is declared here: those that a figure reads or is cut by.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from kpilib.model.scope import CUSTOMER, OWNER, Scope, dimension_columns, select
from kpilib.model.tables import TABLES

#: The fields that matter by table, and of which rows (SQL; "" for all of them).
MATTERS: Mapping[str, Mapping[str, str]] = {
    "customers": {
        "segment": "", "industry": "", "region": "", "city": "", "owner_id": "",
        "acquired_on": "churned_on IS NOT NULL",
    },
    "salespeople": {"team": ""},
    "products": {"category": "", "tier": ""},
    "opportunities": {
        "customer_id": "", "owner_id": "", "source": "", "created_on": "", "amount": "",
        "stage": "status = 'open'", "expected_close_on": "status = 'open'", "probability": "status = 'open'",
        "closed_on": "status IN ('won', 'lost')", "reason": "status = 'lost'",
    },
    "activities": {"customer_id": "opportunity_id IS NULL", "owner_id": "", "kind": ""},
    "order_lines": {"product_id": "", "cost": ""},
    "surveys": {"customer_id": "", "touchpoint": "", "answered_on": "score IS NOT NULL"},
    "tickets": {
        "customer_id": "", "channel": "", "severity": "", "first_reply_at": "resolved_at IS NOT NULL",
        "contacts": "resolved_at IS NOT NULL", "handling_minutes": "resolved_at IS NOT NULL",
    },
    "reviews": {"product_id": "", "site": ""},
    "leads": {"source": "", "customer_id": "converted_on IS NOT NULL"},
    "campaigns": {"cost": ""},
    "competitor_sites": {"region": ""},
}  # fmt: skip
#: Columns that figures read and that may be empty for a good reason, with the reason.
MAY_BE_EMPTY: Mapping[str, str] = {
    "customers.churned_on": "is still a customer",
    "customers.source": "came before anybody asked",
    "invoices.paid_on": "is not paid yet",
    "surveys.score": "did not answer: the response rate says how many",
    "tickets.resolved_at": "is still open",
    "leads.converted_on": "has not bought",
    "order_lines.promised_on": "was promised for no day",
    "order_lines.delivered_on": "has not come yet",
    "order_lines.kind": "is derived where it is empty",
    "order_lines.owner_id": "is then the customer's own",
    "opportunities.product_id": "may concern several products",
    "opportunities.competitor": "met none",
}
#: The date on which a record of a table came to be; tables without one stand at the start of the data.
RECORDED: Mapping[str, str] = {
    "customers": "acquired_on", "opportunities": "created_on", "stage_changes": "entered_on",
    "opportunity_changes": "changed_on", "customer_changes": "changed_on", "activities": "done_on",
    "order_lines": "ordered_on", "invoices": "issued_on", "surveys": "sent_on", "tickets": "opened_at",
    "reviews": "published_on", "leads": "created_on", "campaigns": "month",
}  # fmt: skip
# Every table has a row for every record here: what is cut finer than this would outgrow the cubes of all figures.
RECORD_DIMENSIONS = ("segment", "industry", "region", *OWNER, "table_name")
ACCOUNT_DIMENSIONS = (*CUSTOMER, *OWNER, "source")
_ACCENTED = "àâäáãåçéèêëíìîïñóòôöõúùûüýÿ"
_PLAIN = "aaaaaaceeeeiiiinooooouuuuyy"
# What `translate` has no other sign for is taken out.
_SIGNS = " .,;:'’&()-_/\\+*"


def pointing(table: str, scope: Scope) -> dict[str, str]:
    """The columns of a table that hold keys of another one that these data have, each with that table."""
    return {c.name: c.refers for c in TABLES[table].columns if c.refers in scope.tables and c.refers != table}


def looked_at(scope: Scope) -> list[str]:
    """The tables of these data that have a field that matters, or a key that points somewhere."""
    return [name for name in TABLES if name in scope.tables and (name in MATTERS or pointing(name, scope))]


def records(scope: Scope, need: frozenset[str]) -> str:
    """One row a record of any table: how many fields that matter it should have and has, how many keys point nowhere.

    A record without a date, or of before the data, stands at the start of the data; what is later than `as_of` is left
    out.
    """
    keys = {"customers": "r.customer_id", "salespeople": "COALESCE(r.owner_id, c.owner_id)"}
    asked = need | {"+customers"} if need & {*OWNER} else need
    own = {"table_name": "r.table_name"}
    dimensions, joins = dimension_columns(scope, asked, RECORD_DIMENSIONS, keys, own)
    parts = "\nUNION ALL ".join(_table(scope, name) for name in looked_at(scope)) or _NOTHING
    columns = ["r.table_name AS table_", "r.record", "r.recorded_on", "r.wanted", "r.filled", "r.pointing", "r.orphans"]
    return select([*columns, *dimensions], f"  FROM ({parts}) AS r{joins}")


_NOTHING = (
    "SELECT '' AS table_name, '' AS record, '' AS customer_id, '' AS owner_id, DATE '1970-01-01' AS recorded_on, "
    "0 AS wanted, 0 AS filled, 0 AS pointing, 0 AS orphans WHERE 1 = 0"
)


def _table(scope: Scope, name: str) -> str:
    """The records of one table."""
    table, points = TABLES[name], pointing(name, scope)
    rules = {column: rule_of(name, column) for column in MATTERS.get(name, {})}
    wanted = [f"CASE WHEN {rule} THEN 1 ELSE 0 END" for rule in rules.values()]
    filled = [f"CASE WHEN {rule} AND x.{column} IS NOT NULL THEN 1 ELSE 0 END" for column, rule in rules.items()]
    given = [f"CASE WHEN x.{column} IS NOT NULL THEN 1 ELSE 0 END" for column in points]
    lost = [f"CASE WHEN {orphaned(column)} THEN 1 ELSE 0 END" for column in points]
    whose = [f"x.{k}" if k in table.names else f"CAST(NULL AS VARCHAR) AS {k}" for k in ("customer_id", "owner_id")]
    sums = (f"{' + '.join(part) or '0'} AS {called}" for part, called in
            ((wanted, "wanted"), (filled, "filled"), (given, "pointing"), (lost, "orphans")))  # fmt: skip
    day, rows = _day(scope, name)
    return (
        f"SELECT '{name}' AS table_name, x.{table.key} AS record, {', '.join(whose)}, {day} AS recorded_on, "
        f"{', '.join(sums)} FROM {scope.source(name)} AS x{known_keys(scope, name)}{rows}"
    )


def rule_of(name: str, column: str) -> str:
    """The condition that a row `x` of a table should have a field; "1 = 1" where every row should."""
    rule = MATTERS[name][column]
    return re.sub(rf"\b({'|'.join(TABLES[name].names)})\b", r"x.\1", rule) or "1 = 1"


def orphaned(column: str) -> str:
    """The condition that a key of a row `x` points to no record; with the joins of `known_keys`."""
    return f"x.{column} IS NOT NULL AND k_{column}.known_{column} IS NULL"


def known_keys(scope: Scope, name: str) -> str:
    """The joins that tell which of a row's keys are known: each to distinct keys, so that none multiplies a row."""
    return "".join(
        f" LEFT JOIN (SELECT DISTINCT {TABLES[other].key} AS known_{column} FROM {scope.source(other)} AS o) "
        f"AS k_{column} ON k_{column}.known_{column} = x.{column}"
        for column, other in pointing(name, scope).items()
    )


def _day(scope: Scope, name: str) -> tuple[str, str]:
    """The day on which a record stands, and the condition that it is not of the future."""
    first = f"DATE '{scope.first}'"
    if name not in RECORDED:
        return first, ""
    day = f"CAST(x.{RECORDED[name]} AS DATE)"
    clamped = f"CASE WHEN {day} >= {first} THEN {day} ELSE {first} END"
    return clamped, f" WHERE x.{RECORDED[name]} IS NULL OR {day} <= {scope.today()}"


def normal(text: str) -> str:
    """SQL that brings a name to what tells it from others: small letters without accents, blanks and signs.

    The legal form stays: a SARL is another firm than an SA of its name.
    """
    signs = _SIGNS.replace("'", "''")
    return f"translate(lower({text}), '{_ACCENTED}{signs}', '{_PLAIN}')"


def accounts(scope: Scope, need: frozenset[str]) -> str:
    """One row an account known at `as_of`: `twins` says how many accounts, itself included, bear its name in its city.

    An account without a name has no twin, nor has one whose name is its key.
    """
    keys = {"customers": "a.customer_id", "salespeople": "c.owner_id"}
    dimensions, joins = dimension_columns(
        scope, need | {"+customers"}, ACCOUNT_DIMENSIONS, keys, {"source": "a.source"}
    )
    first = f"DATE '{scope.first}'"
    alike = (
        f"CASE WHEN name IS NULL OR name = customer_id OR same = '' THEN customer_id ELSE same || '|' || {_CITY} END"
    )
    rows = (
        "(SELECT customer_id, source, known_on, COUNT(*) OVER (PARTITION BY alike) AS twins FROM ("
        f"SELECT customer_id, source, {alike} AS alike, "
        f"CASE WHEN acquired_on >= {first} THEN acquired_on ELSE {first} END AS known_on FROM ("
        f"SELECT customer_id, source, name, city, acquired_on, {normal('name')} AS same "
        f"FROM {scope.source('customers')} AS customers "
        f"WHERE acquired_on IS NULL OR acquired_on <= {scope.today()}) AS named) AS told) AS a"
    )
    return select(["a.customer_id", "a.known_on", "a.twins", *dimensions], f"  FROM {rows}{joins}")


_CITY = f"COALESCE({normal('city')}, '')"
