"""The KPIs of the territory: how near the competitors are, and where demand comes that nobody of ours serves."""

from kpilib.catalogue.kpi import Kpi

COVERAGE_GAP = Kpi(
    key="coverage_gap",
    name="Coverage gap",
    question="For 100 customers served in a month, how many leads and deals came to nothing?",
    table="demand",
    when="happened_on",
    numerator="100 * unserved",
    denominator="customers",
    better="lower",
    needs=("leads", "opportunities"),
    caveat="Leads that have not become customers, by the day they came, and deals lost, by the day they closed, for "
    "100 customer-months. A lead counts where it said it is; of the last weeks some may still become customers. "
    "Demand that never asked us is not in it.",
    source="A ratio of this workbook; gaps of distribution: Farris et al. (2010), Marketing Metrics, ch. 6",
    variants=(
        Kpi(
            key="leads",
            name="Coverage gap, leads alone",
            question="For 100 customers served in a month, how many leads came to nothing?",
            table="demand",
            when="happened_on",
            numerator="100 * leads",
            denominator="customers",
            better="lower",
            needs=("leads",),
            caveat="Deals that somebody of ours worked on and lost are left out.",
        ),
        Kpi(
            key="lost_deals",
            name="Coverage gap, lost deals alone",
            question="For 100 customers served in a month, how many deals did we lose?",
            table="demand",
            when="happened_on",
            numerator="100 * lost_deals",
            denominator="customers",
            better="lower",
            needs=("opportunities",),
            caveat="Says more of selling than of coverage: whoever is never asked loses no deal.",
        ),
    ),
)

DISTANCE_TO_COMPETITOR = Kpi(
    key="distance_to_competitor",
    name="Distance to the nearest competitor, km",
    question="How far is the nearest competitor's site from a customer?",
    table="customer_places",
    when="month",
    numerator="CASE WHEN lost = 0 THEN distance_km END",
    denominator="lost = 0 AND distance_km IS NOT NULL",
    unit="ratio",
    at="end",
    needs=("customers",),
    fields=("customers.latitude", "customers.longitude"),
    caveat="As the crow flies, of the customers active at the period's end whose place is known; a mean, which a few "
    "far ones draw up. Only the sites in the table count.",
    source="Sinnott (1984), Sky and Telescope 68(2):159, for the distance",
    variants=(
        Kpi(
            key="near_share",
            name="Customers near a competitor",
            question="What share of customers has a competitor's site within 10 kilometres?",
            table="customer_places",
            when="month",
            numerator="lost = 0 AND distance_km < 10",
            denominator="lost = 0 AND distance_km IS NOT NULL",
            unit="share",
            better="lower",
            at="end",
            needs=("customers",),
            fields=("customers.latitude", "customers.longitude"),
            caveat="Ten kilometres are next door in the country and far across in a large town.",
        ),
    ),
)

KPIS = (COVERAGE_GAP, DISTANCE_TO_COMPETITOR)
