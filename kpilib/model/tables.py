"""The CRM tables, declared once: columns, types, units, keys, what may be empty.

A table here is a promise: whatever the source was, after an import its columns have these names, types and units.
Nothing here reads a file or touches a database.
"""

from kpilib.model.columns import Table, date, key, money, number, text, time, whole
from kpilib.model.shared import (
    CONCERNS,
    CURRENCY,
    CUSTOMER,
    CUSTOMER_MAYBE,
    MEMBER,
    OWNER_MAYBE,
    PROBABILITY,
    PRODUCT_MAYBE,
    SALES,
)

_ALL = (
    Table(
        "customers",
        "One row a customer",
        (
            key("customer_id", "Customer key"),
            text("name", "Name", default="customer_id"),
            text("segment", "Customer family", empty=True),
            text("industry", "Sector of activity", empty=True),
            text("country", "Country", empty=True),
            text("region", "Region", empty=True),
            text("department", "Department (of France; found by postal code or place where empty)", empty=True),
            text("city", "City", empty=True),
            text("postal_code", "Postal code", empty=True),
            number("latitude", "Latitude", empty=True, low=-90, high=90, unit="degrees"),
            number("longitude", "Longitude", empty=True, low=-180, high=180, unit="degrees"),
            date("acquired_on", "Became a customer on", empty=True),
            date("churned_on", "Ceased to be a customer on", empty=True),
            text("source", "Where the customer came from", empty=True),
            OWNER_MAYBE,
        ),
    ),
    Table(
        "customer_changes",
        "One row a change in a customer's life: a first renewal, another owner of the firm, another salesperson",
        (
            key("change_id", "Key of the change", "customer_id || '|' || kind || '|' || changed_on"),
            CUSTOMER,
            date("changed_on", "Changed on"),
            text("kind", "What changed: first_renewal, new_owner, new_salesperson, …"),
        ),
    ),
    Table(
        "salespeople",
        "One row a salesperson",
        (
            key("owner_id", "Salesperson key"),
            text("owner", "Name", default="owner_id"),
            text("team", "Team", empty=True),
            text("region", "Region covered", empty=True),
        ),
    ),
    Table(
        "products",
        "One row a product",
        (
            key("product_id", "Product key"),
            text("product", "Name", default="product_id"),
            text("category", "Product type", empty=True),
            whole("tier", "Place in the range, 1 = entry", empty=True, low=1),
            money("list_price", "List price", empty=True, low=0),
            money("unit_cost", "Cost of a unit", empty=True, low=0),
        ),
    ),
    Table(
        "opportunities",
        "One row an opportunity",
        (
            key("opportunity_id", "Opportunity key"),
            CUSTOMER_MAYBE,
            OWNER_MAYBE,
            PRODUCT_MAYBE,
            text("name", "What the deal is called", empty=True),
            text("source", "Where it came from", empty=True),
            date("created_on", "Created on", empty=True),
            date("expected_close_on", "Expected to close on", empty=True),
            date("closed_on", "Closed on", empty=True),
            text("stage", "Stage now", empty=True),
            text("status", "Fate", values=("open", "won", "lost")),
            money("amount", "Amount", empty=True, low=0),
            CURRENCY,
            PROBABILITY,
            text("reason", "Reason of the win or loss", empty=True),
            text("competitor", "Competitor met", empty=True),
            date("updated_on", "Last changed on", empty=True),
        ),
    ),
    Table(
        "stage_changes",
        "One row an entry of an opportunity into a stage",
        (
            key("stage_change_id", "Key of the change", "opportunity_id || '|' || stage || '|' || entered_on"),
            text("opportunity_id", "Opportunity", refers="opportunities"),
            text("stage", "Stage entered"),
            time("entered_on", "Entered on"),
        ),
    ),
    Table(
        "opportunity_changes",
        "One row an opportunity as it was created and after each change; an empty cell is as it was before",
        (
            key("change_id", "Key of the change", "opportunity_id || '|' || changed_on"),
            text("opportunity_id", "Opportunity", refers="opportunities"),
            time("changed_on", "Changed on"),
            money("amount", "Amount from then on", empty=True, low=0),
            date("expected_close_on", "Expected from then on to close on", empty=True),
            PROBABILITY,
        ),
    ),
    Table(
        "activities",
        "One row a call, meeting, demo, quote, visit",
        (
            key("activity_id", "Activity key"),
            text("opportunity_id", "Opportunity", empty=True, refers="opportunities"),
            CUSTOMER_MAYBE,
            OWNER_MAYBE,
            text("kind", "Kind of action", empty=True),
            date("done_on", "Done on"),
        ),
    ),
    Table(
        "order_lines",
        "One row a line of an order; a return has a negative quantity and a negative revenue",
        (
            key("line_id", "Line key"),
            text("order_id", "Order", default="line_id"),
            CUSTOMER,
            PRODUCT_MAYBE,
            OWNER_MAYBE,
            date("ordered_on", "Ordered on"),
            number("quantity", "Quantity", unit="units"),
            money("revenue", "Revenue"),
            money("cost", "Cost of what was sold", empty=True),
            CURRENCY,
            text("kind", "Kind of sale (derived where empty)", empty=True, values=SALES),
            time("promised_on", "Delivery promised by", empty=True),
            time("delivered_on", "Delivered on", empty=True),
        ),
    ),
    Table(
        "invoices",
        "One row an invoice",
        (
            key("invoice_id", "Invoice key"),
            CUSTOMER,
            date("issued_on", "Issued on"),
            date("due_on", "Due on"),
            date("paid_on", "Paid on", empty=True),
            money("amount", "Amount"),
            CURRENCY,
        ),
    ),
    Table(
        "surveys",
        "One row an invitation to answer one question",
        (
            key("response_id", "Invitation key"),
            CUSTOMER_MAYBE,
            PRODUCT_MAYBE,
            text("metric", "Question asked", values=("nps", "csat", "ces")),
            text("touchpoint", "Moment of the relation", empty=True),
            text("service", "Service in contact", empty=True),
            date("sent_on", "Sent on"),
            date("answered_on", "Answered on", empty=True),
            number("score", "Answer: nps 0–10, csat 1–5, ces 1–7", empty=True, low=0, high=10, unit="points"),
        ),
    ),
    Table(
        "tickets",
        "One row a request or incident",
        (
            key("ticket_id", "Ticket key"),
            CUSTOMER_MAYBE,
            PRODUCT_MAYBE,
            text("channel", "Channel", empty=True),
            text("severity", "Severity", empty=True),
            time("opened_at", "Opened at"),
            time("first_reply_at", "First answered at", empty=True),
            time("resolved_at", "Resolved at", empty=True),
            whole("contacts", "Contacts it took to resolve", empty=True, low=0, unit="contacts"),
            number("handling_minutes", "Time spent on it", empty=True, low=0, unit="minutes"),
        ),
    ),
    Table(
        "reviews",
        "One row a public review",
        (
            key("review_id", "Review key"),
            PRODUCT_MAYBE,
            text("site", "Site", empty=True),
            date("published_on", "Published on"),
            number("rating", "Stars", low=1, high=5, unit="stars"),
        ),
    ),
    Table(
        "leads",
        "One row a lead",
        (
            key("lead_id", "Lead key"),
            text("source", "Source", empty=True),
            text("campaign_id", "Campaign", empty=True, refers="campaigns"),
            date("created_on", "Created on"),
            date("converted_on", "Converted on", empty=True),
            CUSTOMER_MAYBE,
            text("segment", "Family that the lead itself gave", empty=True),
            text("region", "Region that the lead itself gave", empty=True),
        ),
    ),
    Table(
        "campaigns",
        "One row a campaign and month",
        (
            key("campaign_id", "Campaign key"),
            text("campaign", "Name", default="campaign_id"),
            text("source", "Source; empty for a cost that belongs to none (salaries, tools)", empty=True),
            date("month", "Month (its first day)"),
            money("cost", "Cost", empty=True, low=0),
            whole("sent", "Messages sent", empty=True, unit="messages"),
            whole("delivered", "Delivered", empty=True, unit="messages"),
            whole("opened", "Opened", empty=True, unit="messages"),
            whole("clicked", "Clicked", empty=True, unit="messages"),
            whole("unsubscribed", "Unsubscribed", empty=True, unit="messages"),
        ),
    ),
    Table(
        "targets",
        "One row a KPI, month and at most one member of one dimension",
        (
            key(
                "target_id",
                "Key of the target",
                "kpi || '|' || month || '|' || coalesce(dimension || '=' || member, '')",
            ),
            text("kpi", "KPI"),
            date("month", "Month (its first day)"),
            number("value", "Value aimed at", unit="the KPI's own"),
            text("dimension", "Dimension", empty=True),
            MEMBER,
        ),
    ),
    Table(
        "events",
        "One row something that happened to the company: a price rise, a launch, a merger of territories",
        (
            key("event_id", "Key of the event", "event || '|' || happened_on"),
            date("happened_on", "Happened on"),
            text("event", "What happened"),
            CONCERNS,
            MEMBER,
        ),
    ),
    Table(
        "actions",
        "One row something that was done to move a KPI: what, when, by whom",
        (
            key("action_id", "Key of the action", "action || '|' || done_on || '|' || coalesce(kpi, '')"),
            date("done_on", "Done on, or begun on"),
            date("until", "Went on until; empty: to this day, or for good", empty=True),
            text("action", "What was done"),
            text("who", "By whom", empty=True),
            text("kpi", "KPI it was to move", empty=True),
            CONCERNS,
            MEMBER,
        ),
    ),
    Table(
        "competitor_sites",
        "One row a competitor's site",
        (
            key("site_id", "Site key"),
            text("competitor", "Competitor"),
            number("latitude", "Latitude", low=-90, high=90, unit="degrees"),
            number("longitude", "Longitude", low=-180, high=180, unit="degrees"),
            text("region", "Region", empty=True),
        ),
    ),
)

#: Every table of the model by name, in the order in which they are imported (what is referred to comes first).
TABLES: dict[str, Table] = {table.name: table for table in _ALL}


def table(name: str) -> Table:
    """The declaration of a model table; `UnknownName` with a did-you-mean where there is none."""
    from kpilib.errors import unknown

    if name not in TABLES:
        raise unknown("table of the model", name, TABLES)
    return TABLES[name]
