"""What panels are built of: the tables at hand, the day, and the dimensions joined on. Text in, SQL text out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from kpilib.model.dimensions import DIMENSIONS, NOT_GIVEN
from kpilib.model.tables import TABLES
from kpilib.periods import month_end, month_of, month_start


@dataclass(frozen=True)
class Scope:
    """What panels are built for: the tables and columns that exist, the day, the months of the data.

    `region_via` names the table whose region the dimension `region` reads: the customers', or the salespeople's where
    no customer has one. `stages` is the order of the stages where the source told it. `span` narrows
    the months at which stocks are counted (month numbers, both included). `spans` are the periods of a question whose
    rows depend on the period's own start: each one's number, its first month, the month after its last.
    """

    tables: dict[str, frozenset[str]] = field(hash=False)
    as_of: date
    first: date
    region_via: str = "customers"
    stages: tuple[str, ...] = ()
    span: tuple[int, int] | None = None
    spans: tuple[tuple[int, int, int], ...] | None = None

    def source(self, name: str) -> str:
        """A model table for a FROM clause; what does not exist is an empty column or an empty table."""
        have = self.tables.get(name, frozenset())
        if have >= set(TABLES[name].names):
            return name
        columns = ", ".join(
            c.name if c.name in have else f"CAST(NULL AS {c.sql_type}) AS {c.name}" for c in TABLES[name].columns
        )
        return f"(SELECT {columns} FROM {name})" if have else f"(SELECT {columns} WHERE 1 = 0)"

    def today(self) -> str:
        return f"DATE '{self.as_of}'"

    def months(self) -> str:
        """The months to count stocks at, as a VALUES list of (month, month_end); that of `as_of` ends today.

        All months of the data, or those of `span` among them.
        """
        today = month_of(self.as_of)
        first, last = self.span or (month_of(self.first), today)
        listed = range(max(first, month_of(self.first)), min(last, today) + 1) or [today]
        rows = (f"(DATE '{month_start(m)}', DATE '{min(month_end(m), self.as_of)}')" for m in listed)
        return f"(VALUES {', '.join(rows)}) AS calendar(month, month_end)"


CUSTOMER = ("segment", "industry", "country", "region", "department", "city", "customer")
OWNER = ("owner", "team", "sales_region")
PRODUCT = ("product", "category", "tier")

# table → (alias, key, the column that names its rows)
VIA = {
    "customers": ("c", "customer_id", "name"),
    "salespeople": ("s", "owner_id", "owner"),
    "products": ("p", "product_id", "product"),
}


def _related(scope: Scope, table: str, labelled: bool) -> str:
    """The related table; with `label`, its name made unique (two customers may share one), where that is needed."""
    alias, key, name = VIA[table]
    source = scope.source(table)
    if not labelled:
        return f"{source} AS {alias}"
    label = f"CASE WHEN COUNT(*) OVER (PARTITION BY {name}) > 1 THEN {name} || ' (' || {key} || ')' ELSE {name} END"
    return f"(SELECT *, {label} AS label FROM {source} AS named) AS {alias}"


def dimension_columns(
    scope: Scope, need: frozenset[str], offered: tuple[str, ...], keys: dict[str, str], own: dict[str, str]
) -> tuple[list[str], str]:
    """The dimension columns of a SELECT and the joins they take.

    `keys` gives for each related table the expression of the row that points to it; `own` the row's own dimensions.
    """
    columns, joined = [], {table: False for table in keys if f"+{table}" in need}
    for name in offered:
        if name not in need:
            continue
        dimension = DIMENSIONS[name]
        via = scope.region_via if name == "region" else dimension.via
        if name in own:
            expression = own[name]
        else:
            joined[via] = joined.get(via, False) or dimension.column == "label"
            expression = f"{VIA[via][0]}.{dimension.column}"
        text = f"CAST({expression} AS VARCHAR)" if dimension.column == "tier" else expression
        columns.append(f"COALESCE({text}, '{NOT_GIVEN}') AS {name}")
    if any("c." in keys[table] for table in joined):
        joined.setdefault("customers", False)
    order = [table for table in VIA if table in joined]
    joins = "".join(
        f"\n  LEFT JOIN {_related(scope, table, joined[table])} ON {VIA[table][0]}.{VIA[table][1]} = {keys[table]}"
        for table in order
    )
    return columns, joins


def members(scope: Scope, base: str, names: Iterable[str]) -> str:
    """SELECT of a customer, salesperson or product dimension's members with those that follow from them."""
    table = DIMENSIONS[base].via
    alias = VIA[table][0]
    columns = [f"{alias}.label AS {base}"]
    for name in names:
        expression = f"{alias}.{DIMENSIONS[name].column}"
        columns.append(f"{f'CAST({expression} AS VARCHAR)' if name == 'tier' else expression} AS {name}")
    return f"SELECT {', '.join(columns)} FROM {_related(scope, table, True)}"


def select(columns: list[str], body: str) -> str:
    return "SELECT " + ", ".join(columns) + "\n" + body


def quote(text: str) -> str:
    """A text as an SQL literal. The one place where a value from outside becomes SQL."""
    return "'" + text.replace("'", "''") + "'"
