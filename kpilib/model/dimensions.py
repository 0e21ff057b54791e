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
    Dimension("department", "Department", "customers", "department"),
    Dimension("city", "City", "customers", "city"),
    Dimension("customer", "Customer", "customers", "label"),
    Dimension("owner", "Salesperson", "salespeople", "label"),
    Dimension("team", "Team", "salespeople", "team"),
    Dimension("sales_region", "Sales region", "salespeople", "region"),
    Dimension("product", "Product", "products", "label"),
    Dimension("category", "Product type", "products", "category"),
    Dimension("tier", "Range", "products", "tier"),
    Dimension("source", "Source", "", "source"),
    Dimension("campaign", "Campaign", "", "campaign"),
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
    Dimension("weekday", "Day of the week", "", "weekday"),
    Dimension("hour", "Hour of the day", "", "hour"),
    Dimension("site", "Review site", "", "site"),
    Dimension("currency", "Currency", "", "currency"),
    Dimension("table_name", "Table", "", "table_name"),
)

#: Every dimension by name, in the order in which a filter bar shows them.
DIMENSIONS: dict[str, Dimension] = {dimension.name: dimension for dimension in _ALL}

#: The days of the week as the panel of tickets has them.
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_FATES = {"open": "Open", "won": "Won", "lost": "Lost"}
_KINDS = {
    "new": "First purchase", "repeat": "Repeat", "cross_sell": "Cross-sell", "up_sell": "Up-sell", "call": "Call",
    "meeting": "Meeting", "demo": "Demonstration", "quote": "Quote", "site visit": "Site visit",
}  # fmt: skip
_GRAVE = {
    "low": "Low",
    "medium": "Medium",
    "normal": "Normal",
    "high": "High",
    "urgent": "Urgent",
    "critical": "Critical",
}
#: What members are called whose words are the model's own, or the same in every system: messages, by the member in
#: lower case. All other members are names that the data give.
CALLED: dict[str, dict[str, str]] = {
    "status": _FATES, "kind": _KINDS, "metric": {"nps": "NPS", "csat": "CSAT", "ces": "CES"}, "severity": _GRAVE,
    "weekday": {day.lower(): day for day in WEEKDAYS},
}  # fmt: skip


def called(dimension: str, member: str) -> str:
    """The message that a member is called by; "" where its own name is all there is.

    Examples
    --------
    >>> called("kind", "up_sell"), called("segment", NOT_GIVEN), called("segment", "SMB")
    ('Up-sell', '(not given)', '')
    """
    return NOT_GIVEN if member == NOT_GIVEN else CALLED.get(dimension, {}).get(member.lower(), "")


#: Dimensions whose members follow from another's: a customer has one segment, a salesperson one team.
FOLLOWS: dict[str, tuple[str, ...]] = {
    "customer": ("segment", "industry", "country", "region", "department", "city"),
    "owner": ("team", "sales_region"),
    "product": ("category", "tier"),
}
