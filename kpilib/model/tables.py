"""The CRM tables, declared once: columns, types, units, keys, what may be empty.

A table here is a promise: whatever the source was, after an import its columns have these names, types and units.
Nothing here reads a file or touches a database.
"""

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


def _text(
    name: str, label: str, *, empty: bool = False, refers: str = "", values: tuple[str, ...] = (), default: str = ""
) -> Column:
    return Column(name, "text", label, empty, refers, values, default=default)


def _key(name: str, label: str, default: str = "") -> Column:
    return Column(name, "text", label, default=default)


def _date(name: str, label: str, *, empty: bool = False) -> Column:
    return Column(name, "date", label, empty)


def _time(name: str, label: str, *, empty: bool = False) -> Column:
    return Column(name, "time", label, empty)


def _money(name: str, label: str, *, empty: bool = False, low: float | None = None) -> Column:
    return Column(name, "money", label, empty, low=low, unit="in the row's currency")


def _whole(
    name: str, label: str, *, empty: bool = False, low: float | None = 0, high: float | None = None, unit: str = ""
) -> Column:
    return Column(name, "whole", label, empty, low=low, high=high, unit=unit)


def _number(
    name: str, label: str, *, empty: bool = False, low: float | None = None, high: float | None = None, unit: str = ""
) -> Column:
    return Column(name, "number", label, empty, low=low, high=high, unit=unit)


CUSTOMER = _text("customer_id", "Customer", refers="customers")
CUSTOMER_MAYBE = _text("customer_id", "Customer", empty=True, refers="customers")
OWNER = _text("owner_id", "Salesperson", refers="salespeople")
OWNER_MAYBE = _text("owner_id", "Salesperson", empty=True, refers="salespeople")
PRODUCT = _text("product_id", "Product", refers="products")
PRODUCT_MAYBE = _text("product_id", "Product", empty=True, refers="products")
#: ISO 4217's own code for "no currency was said".
NO_CURRENCY = "XXX"
CURRENCY = _text("currency", "Currency (ISO 4217)", default=f"'{NO_CURRENCY}'")

_ALL = (
    Table(
        "customers",
        "One row a customer",
        (
            _key("customer_id", "Customer key"),
            _text("name", "Name", default="customer_id"),
            _text("segment", "Customer family", empty=True),
            _text("industry", "Sector of activity", empty=True),
            _text("country", "Country", empty=True),
            _text("region", "Region", empty=True),
            _text("city", "City", empty=True),
            _number("latitude", "Latitude", empty=True, low=-90, high=90, unit="degrees"),
            _number("longitude", "Longitude", empty=True, low=-180, high=180, unit="degrees"),
            _date("acquired_on", "Became a customer on", empty=True),
            _date("churned_on", "Ceased to be a customer on", empty=True),
            _text("source", "Where the customer came from", empty=True),
            OWNER_MAYBE,
        ),
    ),
    Table(
        "salespeople",
        "One row a salesperson",
        (
            _key("owner_id", "Salesperson key"),
            _text("owner", "Name", default="owner_id"),
            _text("team", "Team", empty=True),
            _text("region", "Region covered", empty=True),
        ),
    ),
    Table(
        "products",
        "One row a product",
        (
            _key("product_id", "Product key"),
            _text("product", "Name", default="product_id"),
            _text("category", "Product type", empty=True),
            _whole("tier", "Place in the range, 1 = entry", empty=True, low=1),
            _money("list_price", "List price", empty=True, low=0),
            _money("unit_cost", "Cost of a unit", empty=True, low=0),
        ),
    ),
    Table(
        "opportunities",
        "One row an opportunity",
        (
            _key("opportunity_id", "Opportunity key"),
            CUSTOMER_MAYBE,
            OWNER_MAYBE,
            PRODUCT_MAYBE,
            _text("name", "What the deal is called", empty=True),
            _text("source", "Where it came from", empty=True),
            _date("created_on", "Created on", empty=True),
            _date("expected_close_on", "Expected to close on", empty=True),
            _date("closed_on", "Closed on", empty=True),
            _text("stage", "Stage now", empty=True),
            _text("status", "Fate", values=("open", "won", "lost")),
            _money("amount", "Amount", empty=True, low=0),
            CURRENCY,
            Column("probability", "share", "Declared probability of winning", True, low=0, high=1, unit="fraction"),
            _text("reason", "Reason of the win or loss", empty=True),
            _text("competitor", "Competitor met", empty=True),
            _date("updated_on", "Last changed on", empty=True),
        ),
    ),
    Table(
        "stage_changes",
        "One row an entry of an opportunity into a stage",
        (
            _key("stage_change_id", "Key of the change", "opportunity_id || '|' || stage || '|' || entered_on"),
            _text("opportunity_id", "Opportunity", refers="opportunities"),
            _text("stage", "Stage entered"),
            _time("entered_on", "Entered on"),
        ),
    ),
    Table(
        "activities",
        "One row a call, meeting, demo, quote, visit",
        (
            _key("activity_id", "Activity key"),
            _text("opportunity_id", "Opportunity", empty=True, refers="opportunities"),
            CUSTOMER_MAYBE,
            OWNER_MAYBE,
            _text("kind", "Kind of action", empty=True),
            _date("done_on", "Done on"),
        ),
    ),
    Table(
        "order_lines",
        "One row a line of an order; a return has a negative quantity and a negative revenue",
        (
            _key("line_id", "Line key"),
            _text("order_id", "Order", default="line_id"),
            CUSTOMER,
            PRODUCT_MAYBE,
            OWNER_MAYBE,
            _date("ordered_on", "Ordered on"),
            _number("quantity", "Quantity", unit="units"),
            _money("revenue", "Revenue"),
            _money("cost", "Cost of what was sold", empty=True),
            CURRENCY,
            _text(
                "kind",
                "Kind of sale (derived where empty)",
                empty=True,
                values=("new", "repeat", "cross_sell", "up_sell"),
            ),
        ),
    ),
    Table(
        "invoices",
        "One row an invoice",
        (
            _key("invoice_id", "Invoice key"),
            CUSTOMER,
            _date("issued_on", "Issued on"),
            _date("due_on", "Due on"),
            _date("paid_on", "Paid on", empty=True),
            _money("amount", "Amount"),
            CURRENCY,
        ),
    ),
    Table(
        "surveys",
        "One row an invitation to answer one question",
        (
            _key("response_id", "Invitation key"),
            CUSTOMER_MAYBE,
            PRODUCT_MAYBE,
            _text("metric", "Question asked", values=("nps", "csat", "ces")),
            _text("touchpoint", "Moment of the relation", empty=True),
            _date("sent_on", "Sent on"),
            _date("answered_on", "Answered on", empty=True),
            _number("score", "Answer: nps 0–10, csat 1–5, ces 1–7", empty=True, low=0, high=10, unit="points"),
        ),
    ),
    Table(
        "tickets",
        "One row a request or incident",
        (
            _key("ticket_id", "Ticket key"),
            CUSTOMER_MAYBE,
            PRODUCT_MAYBE,
            _text("channel", "Channel", empty=True),
            _text("severity", "Severity", empty=True),
            _time("opened_at", "Opened at"),
            _time("first_reply_at", "First answered at", empty=True),
            _time("resolved_at", "Resolved at", empty=True),
            _whole("contacts", "Contacts it took to resolve", empty=True, low=0, unit="contacts"),
            _number("handling_minutes", "Time spent on it", empty=True, low=0, unit="minutes"),
        ),
    ),
    Table(
        "reviews",
        "One row a public review",
        (
            _key("review_id", "Review key"),
            PRODUCT_MAYBE,
            _text("site", "Site", empty=True),
            _date("published_on", "Published on"),
            _number("rating", "Stars", low=1, high=5, unit="stars"),
        ),
    ),
    Table(
        "leads",
        "One row a lead",
        (
            _key("lead_id", "Lead key"),
            _text("source", "Source", empty=True),
            _text("campaign_id", "Campaign", empty=True, refers="campaigns"),
            _date("created_on", "Created on"),
            _date("converted_on", "Converted on", empty=True),
            CUSTOMER_MAYBE,
        ),
    ),
    Table(
        "campaigns",
        "One row a campaign and month",
        (
            _key("campaign_id", "Campaign key"),
            _text("campaign", "Name", default="campaign_id"),
            _text("source", "Source", empty=True),
            _date("month", "Month (its first day)"),
            _money("cost", "Cost", empty=True, low=0),
            _whole("sent", "Messages sent", empty=True, unit="messages"),
            _whole("delivered", "Delivered", empty=True, unit="messages"),
            _whole("opened", "Opened", empty=True, unit="messages"),
            _whole("clicked", "Clicked", empty=True, unit="messages"),
            _whole("unsubscribed", "Unsubscribed", empty=True, unit="messages"),
        ),
    ),
    Table(
        "targets",
        "One row a KPI, month and at most one member of one dimension",
        (
            _key(
                "target_id",
                "Key of the target",
                "kpi || '|' || month || '|' || coalesce(dimension || '=' || member, '')",
            ),
            _text("kpi", "KPI"),
            _date("month", "Month (its first day)"),
            _number("value", "Value aimed at", unit="the KPI's own"),
            _text("dimension", "Dimension", empty=True),
            _text("member", "Member of the dimension", empty=True),
        ),
    ),
    Table(
        "competitor_sites",
        "One row a competitor's site",
        (
            _key("site_id", "Site key"),
            _text("competitor", "Competitor"),
            _number("latitude", "Latitude", low=-90, high=90, unit="degrees"),
            _number("longitude", "Longitude", low=-180, high=180, unit="degrees"),
            _text("region", "Region", empty=True),
        ),
    ),
)

#: Every table of the model by name, in the order in which they are imported (what is referred to comes first).
TABLES: dict[str, Table] = {table.name: table for table in _ALL}

#: The only scores that each survey question may have (lowest, highest).
SCALES: dict[str, tuple[int, int]] = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}


def table(name: str) -> Table:
    """The declaration of a model table; `UnknownName` with a did-you-mean where there is none."""
    from kpilib.errors import unknown

    if name not in TABLES:
        raise unknown("table of the model", name, TABLES)
    return TABLES[name]
