"""The panels: what KPIs read. SQL views (DuckDB dialect) at one grain each, with their dimensions joined on.

A panel is built for a `Scope` (what tables exist, what day it is) and for the columns that are needed, so that a slice
by region joins the customers and nothing else. Nothing here runs SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from kpilib.errors import unknown
from kpilib.model import (
    acquisition,
    delivering,
    living,
    months,
    moves,
    paying,
    pipeline,
    quality,
    selling,
    service,
    spells,
    territory,
    voice,
)
from kpilib.model.scope import Scope


@dataclass(frozen=True)
class Panel:
    """One view: what a row is, the table it stands on, what tells rows apart, its dates and dimensions.

    `base` is empty for rows of all tables. `extra` are columns that are worked out only where they are asked for.
    `spanned` says that the rows are made for the periods of the question (`Scope.spans`), so that they are never summed
    from one period to another.
    """

    name: str
    grain: str
    base: str
    key: tuple[str, ...]
    dates: tuple[str, ...]
    dimensions: tuple[str, ...]
    build: Callable[[Scope, frozenset[str]], str] = field(repr=False)
    extra: tuple[str, ...] = ("bought_before",)
    spanned: bool = False

    @property
    def everything(self) -> frozenset[str]:
        """What `sql` is asked for where all columns are wanted."""
        return frozenset(self.dimensions) | {*self.extra}

    @property
    def order(self) -> str:
        """The order in which rows are given, as SQL: by their first date, then by what tells them apart."""
        return ", ".join((*self.dates[:1], *self.key))

    def sql(self, scope: Scope, need: Iterable[str] = ()) -> str:
        """The SELECT that gives the panel's rows with the dimensions in `need` (all of them when `need` is empty)."""
        wanted = frozenset(need) or frozenset(self.dimensions) | {"kind"}
        return self.build(scope, wanted)


def _import_log(scope: Scope, need: frozenset[str]) -> str:
    return "SELECT table_name, file, rows_read, accepted, refused\n  FROM imports"


_ALL = (
    Panel(
        "deals", "opportunity", "opportunities", ("opportunity_id",), ("closed_on", "created_on"),
        pipeline.DEAL_DIMENSIONS, pipeline.deals, ("stale_on",),
    ),
    Panel(
        "opportunity_months", "opportunity and month-end at which it was open", "opportunities",
        ("opportunity_id",), ("month",), pipeline.DEAL_DIMENSIONS, pipeline.opportunity_months,
    ),
    Panel(
        "stage_steps", "entry of an opportunity into a stage", "stage_changes",
        ("opportunity_id", "place", "left_on"), ("entered_on",), pipeline.DEAL_DIMENSIONS, pipeline.stage_steps,
    ),
    Panel(
        "pipeline_moves", "movement of an opportunity", "opportunities", ("opportunity_id", "step"), ("moved_on",),
        pipeline.DEAL_DIMENSIONS, moves.pipeline_moves,
    ),
    Panel("sales", "order line", "order_lines", ("line_id",), ("ordered_on",), selling.SALE_DIMENSIONS, selling.sales),
    Panel("orders", "order", "order_lines", ("order_id",), ("ordered_on",), selling.ORDER_DIMENSIONS, selling.orders),
    Panel(
        "deliveries", "order with a promised day", "order_lines", ("order_id",),
        ("delivered_on", "promised_on", "ordered_on"), delivering.DELIVERY_DIMENSIONS, delivering.deliveries,
    ),
    Panel(
        "activities", "activity", "activities", ("activity_id",), ("done_on",),
        pipeline.ACTIVITY_DIMENSIONS, pipeline.activities,
    ),
    Panel(
        "answers", "invitation to a survey", "surveys", ("response_id",), ("answered_on", "sent_on"),
        voice.ANSWER_DIMENSIONS, voice.answers,
    ),
    Panel(
        "tickets", "request", "tickets", ("ticket_id",), ("opened_at", "first_reply_at", "resolved_at"),
        service.TICKET_DIMENSIONS, service.tickets, service.TICKET_EXTRA,
    ),
    Panel(
        "ticket_months", "request and month-end at which it was open", "tickets", ("ticket_id",), ("month",),
        service.ABOUT_DIMENSIONS, service.ticket_months,
    ),
    Panel(
        "service", "request or customer's month", "tickets", ("entry_id",), ("happened_on",),
        living.LIFE_DIMENSIONS, service.service,
    ),
    Panel(
        "reviews", "public review", "reviews", ("review_id",), ("published_on",),
        voice.REVIEW_DIMENSIONS, voice.reviews,
    ),
    Panel(
        "invoices", "invoice", "invoices", ("invoice_id",), ("due_on", "issued_on", "paid_on"),
        paying.INVOICE_DIMENSIONS, paying.invoices,
    ),
    Panel(
        "support", "order line or request", "tickets", ("entry_id",), ("happened_on",),
        service.SUPPORT_DIMENSIONS, service.support,
    ),
    Panel(
        "customer_lives", "customer", "customers", ("customer_id",), ("acquired_on", "churned_on"),
        living.LIFE_DIMENSIONS, living.customer_lives,
    ),
    Panel(
        "customer_months", "customer and month of its life", "customers", ("customer_id",), ("month",),
        living.LIFE_DIMENSIONS, months.customer_months, months.MONTH_COLUMNS,
    ),
    Panel(
        "customer_periods", "customer and period", "customers", ("customer_id",), ("period_start",),
        living.LIFE_DIMENSIONS, spells.customer_periods, spells.PERIOD_COLUMNS, spanned=True,
    ),
    Panel(
        "customer_changes", "change in a customer's life", "customer_changes", ("change_id",), ("changed_on",),
        living.CHANGE_DIMENSIONS, living.customer_changes,
    ),
    Panel(
        "leads", "lead", "leads", ("lead_id",), ("created_on", "converted_on"),
        acquisition.LEAD_DIMENSIONS, acquisition.leads, (),
    ),
    Panel(
        "campaigns", "campaign and month", "campaigns", ("campaign_id",), ("month",),
        acquisition.CAMPAIGN_DIMENSIONS, acquisition.campaigns, acquisition.CAMPAIGN_EXTRA,
    ),
    Panel(
        "arrivals", "lead or new customer", "leads", ("entry_id",), ("happened_on",),
        acquisition.ARRIVAL_DIMENSIONS, acquisition.arrivals, (),
    ),
    Panel(
        "acquisition", "cost, lead or new customer", "campaigns", ("entry_id",), ("happened_on", "lagged_on"),
        acquisition.COST_DIMENSIONS, acquisition.acquisition, (),
    ),
    Panel(
        "demand", "customer's month, lost deal or lead that came to nothing", "customers",
        ("entry_id",), ("happened_on",),
        territory.DEMAND_DIMENSIONS, territory.demand, (),
    ),
    Panel(
        "customer_places", "customer and month of its life", "competitor_sites", ("customer_id",), ("month",),
        living.LIFE_DIMENSIONS, territory.customer_places, (),
    ),
    Panel(
        "competitor_sites", "competitor's site", "competitor_sites", ("site_id",), (), (),
        territory.competitor_sites, (),
    ),
    Panel("events", "event", "events", ("event_id",), ("happened_on",), (), living.events),
    Panel("actions", "action", "actions", ("action_id",), ("done_on",), (), living.actions),
    Panel(
        "records", "record of any table", "", ("table_name", "record"), ("recorded_on",),
        quality.RECORD_DIMENSIONS, quality.records, (),
    ),
    Panel(
        "accounts", "account", "customers", ("customer_id",), ("known_on",),
        quality.ACCOUNT_DIMENSIONS, quality.accounts, (),
    ),
    Panel(
        "import_log", "table and file of an import", "imports", ("table_name", "file"), (), ("table_name",), _import_log
    ),
)  # fmt: skip

#: Every panel by name.
PANELS: dict[str, Panel] = {panel.name: panel for panel in _ALL}


def panel(name: str) -> Panel:
    """The panel of that name; `UnknownName` with a did-you-mean where there is none."""
    if name not in PANELS:
        raise unknown("panel", name, PANELS)
    return PANELS[name]
