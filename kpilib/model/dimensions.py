"""The dimensions: by what a KPI may be filtered and broken down, each declared once.

A dimension is either a column of the row itself (`status` of an opportunity) or a column of the customer, salesperson
or product that the row points to. Those joins are many-to-one, so they can never multiply a row.
"""

from dataclasses import dataclass

#: The member that stands for an empty cell or a key that points nowhere.
NOT_GIVEN = "(not given)"


@dataclass(frozen=True)
class Dimension:
    """`via` is the table the row points to ("" for the row's own column); `column` its column there."""

    name: str
    label: str
    via: str
    column: str


_ALL = (
    Dimension("segment", "Customer family", "customers", "segment"),
    Dimension("industry", "Sector", "customers", "industry"),
    Dimension("country", "Country", "customers", "country"),
    Dimension("region", "Region", "customers", "region"),
    Dimension("city", "City", "customers", "city"),
    Dimension("customer", "Customer", "customers", "label"),
    Dimension("owner", "Salesperson", "salespeople", "label"),
    Dimension("team", "Team", "salespeople", "team"),
    Dimension("sales_region", "Sales region", "salespeople", "region"),
    Dimension("product", "Product", "products", "label"),
    Dimension("category", "Product type", "products", "category"),
    Dimension("tier", "Range", "products", "tier"),
    Dimension("source", "Source", "", "source"),
    Dimension("stage", "Stage", "", "stage"),
    Dimension("status", "Fate", "", "status"),
    Dimension("reason", "Reason", "", "reason"),
    Dimension("competitor", "Competitor", "", "competitor"),
    Dimension("kind", "Kind", "", "kind"),
    Dimension("metric", "Question asked", "", "metric"),
    Dimension("touchpoint", "Touchpoint", "", "touchpoint"),
    Dimension("service", "Service in contact", "", "service"),
    Dimension("channel", "Channel", "", "channel"),
    Dimension("severity", "Severity", "", "severity"),
    Dimension("site", "Review site", "", "site"),
    Dimension("currency", "Currency", "", "currency"),
    Dimension("table_name", "Table", "", "table_name"),
)

#: Every dimension by name, in the order in which a filter bar shows them.
DIMENSIONS: dict[str, Dimension] = {dimension.name: dimension for dimension in _ALL}

#: Dimensions whose members follow from another's: a customer has one segment, a salesperson one team.
FOLLOWS: dict[str, tuple[str, ...]] = {
    "customer": ("segment", "industry", "country", "region", "city"),
    "owner": ("team", "sales_region"),
    "product": ("category", "tier"),
}
