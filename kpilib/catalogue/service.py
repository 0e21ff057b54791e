"""The KPIs of the service: the work that customers ask for once they have bought."""

from kpilib.catalogue.kpi import Kpi

SUPPORT_HOURS = Kpi(
    key="support_hours",
    name="Hours of handling",
    question="How much time did requests and incidents take us?",
    table="tickets",
    when="opened_at",
    numerator="handling_hours",
    unit="hours",
    better="lower",
    fields=("tickets.handling_minutes",),
    caveat="By the day on which a request was opened; of those not closed yet the hours are not known and left out.",
)

SUPPORT_EFFORT = Kpi(
    key="support_effort",
    name="After-sales effort",
    question="How many hours of handling does a unit sold ask for?",
    table="support",
    when="happened_on",
    numerator="hours",
    denominator="units",
    unit="hours",
    better="lower",
    needs=("order_lines",),
    fields=("tickets.handling_minutes",),
    caveat="Requests opened in the period over units sold in it: what is sold no more has requests and no units.",
)

KPIS = (SUPPORT_HOURS, SUPPORT_EFFORT)
