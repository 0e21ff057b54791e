"""The KPIs of the service: the work that customers ask for once they have bought, and how well it is done."""

from kpilib.catalogue.kpi import Kpi

_FIELD = "The field's usual definition; ISO 18295-1:2017 asks a contact centre to measure it."

TICKET_RATE = Kpi(
    key="ticket_rate",
    name="Monthly ticket rate per 100 customers",
    question="How often do we fail a customer?",
    table="service",
    when="happened_on",
    numerator="100 * tickets",
    denominator="customers",
    unit="count",
    better="lower",
    needs=("customers",),
    source="Rate of events per time under observation, as in epidemiology: Rothman, Modern Epidemiology, ch. 3.",
    caveat="Each month of a customer counts below, those without a ticket too. Easier ways to reach us bring more "
    "tickets without more failures; tickets of nobody known count above only.",
    variants=(
        Kpi(
            key="per_sale",
            name="Ticket rate per 100 units sold",
            question="How many tickets does a hundred units sold bring?",
            table="support",
            when="happened_on",
            numerator="100 * tickets",
            denominator="units",
            unit="count",
            better="lower",
            needs=("order_lines",),
            source="Incidents per unit shipped, a quality ratio of manufacturers.",
            caveat="Tickets opened in the period over units sold in it: a ticket may be about an earlier sale, so that "
            "what has just begun to sell looks too good.",
        ),
    ),
)

FCR = Kpi(
    key="fcr",
    name="First-contact resolution",
    question="Do we solve it the first time?",
    table="tickets",
    when="resolved_at",
    numerator="solved_at_once",
    denominator="solved_at_once IS NOT NULL",
    unit="share",
    fields=("tickets.contacts", "tickets.resolved_at"),
    source=_FIELD,
    caveat="Of the tickets resolved in the period, those that took one contact. It says nothing of those still open, "
    "nor of customers who asked again.",
    variants=(
        Kpi(
            key="of_all",
            name="First-contact resolution, of all opened",
            question="Of all tickets opened, what share was solved at the first contact?",
            table="tickets",
            when="opened_at",
            numerator="solved_at_once",
            denominator="resolved_at IS NULL OR contacts IS NOT NULL",
            unit="share",
            source="Gross first-contact resolution: open tickets count as not solved.",
            caveat="By the day of opening: tickets of the last days are not solved yet and pull it down.",
        ),
        Kpi(
            key="net_of_repeats",
            name="First-contact resolution, net of repeats",
            question="What share was solved at the first contact and not asked again within 7 days?",
            table="tickets",
            when="resolved_at",
            numerator="solved_for_good",
            denominator="solved_for_good IS NOT NULL",
            unit="share",
            fields=("tickets.customer_id",),
            source="Net first-contact resolution, by repeat contacts within a window.",
            caveat="A repeat is another ticket of the same customer about the same product type within 7 days of the "
            "solution. Tickets of nobody known, and those whose 7 days are not over, are left out.",
        ),
    ),
)

FIRST_REPLY_TIME = Kpi(
    key="first_reply_time",
    name="Time to first reply",
    question="How long until someone answers?",
    table="tickets",
    when="first_reply_at",
    numerator="reply_hours",
    denominator="1",
    unit="hours",
    better="lower",
    fields=("tickets.first_reply_at",),
    source=_FIELD,
    caveat="A mean of the tickets answered in the period, nights and weekends counted. A few long waits carry it, and "
    "those who still wait are not in it: look at the percentiles.",
)

RESOLUTION_TIME = Kpi(
    key="resolution_time",
    name="Time to resolution",
    question="How long to solve it?",
    table="tickets",
    when="resolved_at",
    numerator="solve_hours",
    denominator="1",
    unit="hours",
    better="lower",
    fields=("tickets.resolved_at",),
    source=_FIELD,
    caveat="A mean of the tickets resolved in the period, from opening to solution, nights and weekends counted. "
    "Clearing old ones makes it worse for a while; tickets resolved before they were opened are left out.",
)

CONTACTS_PER_TICKET = Kpi(
    key="contacts_per_ticket",
    name="Number of contacts per ticket",
    question="How often must a customer come back to us until it is solved?",
    table="tickets",
    when="resolved_at",
    numerator="contacts",
    denominator="1",
    unit="ratio",
    better="lower",
    fields=("tickets.contacts", "tickets.resolved_at"),
    source="The mean beside first-contact resolution, which says nothing of how many contacts the others took.",
    caveat="Of the tickets resolved in the period. A system that counts each e-mail as a contact counts more than one "
    "that counts conversations.",
)

OPEN_TICKETS = Kpi(
    key="open_tickets",
    name="Open tickets",
    question="How many tickets are waiting for a solution?",
    table="ticket_months",
    when="month",
    numerator="1",
    better="lower",
    at="end",
    fields=("tickets.resolved_at",),
    source="Work in progress at a moment, as queueing theory counts it (Little, Operations Research 9 (1961) 383).",
    caveat="At the end of the month. A ticket that nobody closed stays open for ever: look at the age beside it.",
)

OPEN_TICKET_AGE = Kpi(
    key="open_ticket_age",
    name="Age of open tickets",
    question="How long have the open tickets been waiting?",
    table="ticket_months",
    when="month",
    numerator="age",
    denominator="1",
    unit="days",
    better="lower",
    at="end",
    fields=("tickets.resolved_at",),
    source="Mean age of the work in progress.",
    caveat="The mean at the end of the month: a few forgotten tickets carry it. Solving the easy ones makes it rise.",
)

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
    source="A total of recorded work.",
    caveat="By the day on which a request was opened; of those not closed yet the hours are not known and left out.",
)

SERVICE_EFFORT = Kpi(
    key="service_effort",
    name="After-sales effort for 100 units",
    question="What does it cost us to keep a sale satisfied?",
    table="support",
    when="happened_on",
    numerator="100 * hours",
    denominator="units",
    unit="hours",
    better="lower",
    needs=("order_lines",),
    fields=("tickets.handling_minutes",),
    source="Effort per unit shipped, as quality cost accounting has it (Juran's Quality Handbook, ch. 8).",
    caveat="Hours of handling for 100 units: requests opened in the period over units sold in it. What is sold no more "
    "has requests and no units.",
)

KPIS = (
    TICKET_RATE, FCR, FIRST_REPLY_TIME, RESOLUTION_TIME, CONTACTS_PER_TICKET, OPEN_TICKETS, OPEN_TICKET_AGE,
    SUPPORT_HOURS, SERVICE_EFFORT,
)  # fmt: skip
