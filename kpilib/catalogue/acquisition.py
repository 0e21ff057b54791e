"""The KPIs of the acquisition: who comes, who buys, what it costs to bring a customer, when that pays back."""

from typing import Any

from kpilib.catalogue.kpi import Kpi

_FARRIS_BOOK = "Farris, Bendle, Pfeifer and Reibstein (2010), Marketing Metrics"
_FARRIS = f"{_FARRIS_BOOK}, ch. 5"
_JORDAN = "Jordan, Hariharan, Chen and Kasireddy (2015), 16 Startup Metrics, a16z.com"
_COSTS: dict[str, Any] = {
    "table": "acquisition", "when": "happened_on", "unit": "money", "better": "lower", "over_count": True,
    "fields": ("campaigns.cost",),
}  # fmt: skip
_MAILS: dict[str, Any] = {
    "table": "campaigns", "when": "month", "unit": "share", "fields": ("campaigns.delivered",),
}  # fmt: skip
#: A lead has so many days to convert; who is younger has not told yet.
PATIENCE = 90
#: From the first day of its month a campaign is so old when the first twelve months of its customers are over.
CAMPAIGN_MATURES = 31 + PATIENCE + 365

LEADS = Kpi(
    key="leads",
    name="Number of leads",
    question="How many leads came?",
    table="leads",
    when="created_on",
    numerator="1",
    caveat="As many as are written down: a form that is easy to send brings more of them, and worse ones.",
    source=f"{_FARRIS_BOOK}, ch. 6 (pipeline analysis)",
)

CONVERSION_RATE = Kpi(
    key="conversion_rate",
    name="Conversion rate",
    question="Of the leads that came, what share converted within 90 days?",
    table="leads",
    when="created_on",
    numerator=f"CASE WHEN age >= {PATIENCE} THEN CASE WHEN days <= {PATIENCE} THEN 1 ELSE 0 END END",
    denominator=f"CASE WHEN age >= {PATIENCE} THEN 1 END",
    unit="share",
    counts=True,
    matures=PATIENCE,
    fields=("leads.converted_on",),
    caveat="By the day on which a lead came. Leads younger than 90 days are left out: they have not had their time. A "
    "lead that converts later than that counts as one that did not.",
    source=f"{_FARRIS_BOOK}, ch. 6 (pipeline analysis)",
    variants=(
        Kpi(
            key="same_period",
            name="New customers over leads of the same period",
            question="How many customers did we gain in the period for each lead that came in it?",
            table="arrivals",
            when="happened_on",
            numerator="customers",
            denominator="leads",
            unit="share",
            signed=True,
            needs=("customers",),
            caveat="The customers are not those leads: they mostly came earlier, and some never were a lead. It may "
            "pass 100 %, and a good month for leads makes it look bad.",
        ),
        Kpi(
            key="ever",
            name="Leads converted so far",
            question="Of the leads that came, what share has converted by now?",
            table="leads",
            when="created_on",
            numerator="converted_on IS NOT NULL",
            denominator="1",
            unit="share",
            matures=180,
            caveat="The older the leads, the more time they have had: recent periods always look worse.",
        ),
    ),
)

COST_PER_LEAD = Kpi(
    key="cost_per_lead",
    name="Cost per lead",
    question="What does a lead cost us?",
    **_COSTS,
    numerator="CASE WHEN customers = 0 THEN cost END",
    denominator="leads",
    needs=("leads",),
    caveat="What campaigns cost over all leads, those that cost nothing included. A cheap lead that never buys is "
    "dear.",
    source=f"{_FARRIS_BOOK}, ch. 9 (cost per click, order and customer acquired)",
)

CAC = Kpi(
    key="cac",
    name="Customer acquisition cost",
    question="What does a new customer cost us?",
    **_COSTS,
    numerator="CASE WHEN leads = 0 THEN cost END",
    denominator="customers",
    needs=("customers",),
    source=_FARRIS,
    caveat="What campaigns cost in the period over all customers gained in it, those included that no campaign "
    "brought. Salaries and tools are not in it, and who is gained now was mostly paid for earlier.",
    variants=(
        Kpi(
            key="fully_loaded",
            name="Acquisition cost, fully loaded",
            question="What does a new customer cost us with the people and tools behind the campaigns?",
            **_COSTS,
            numerator="CASE WHEN leads = 0 THEN full_cost END",
            denominator="customers",
            source=_JORDAN,
            caveat="Adds the rows of 'campaigns' that name no source: salaries, tools, agencies, as far as they are "
            "written there. Salespeople's time is in no table.",
        ),
        Kpi(
            key="paid",
            name="Acquisition cost of paid sources",
            question="What does a new customer cost us who came from a source that we pay for?",
            **_COSTS,
            numerator="CASE WHEN leads = 0 AND (customers = 0 OR paid = 1) THEN cost END",
            denominator="customers",
            source=_JORDAN,
            caveat="Customers that came by themselves no longer dilute it. Some of them had seen a campaign all the "
            "same.",
        ),
        Kpi(
            key="lagged",
            name="Acquisition cost, costs moved to when they bear fruit",
            question="What does a new customer cost us if costs count when the customers they bring begin to buy?",
            **{**_COSTS, "when": "lagged_on"},
            numerator="CASE WHEN leads = 0 THEN cost END",
            denominator="customers",
            caveat="Each cost counts as many whole months later as half of the leads take to their first purchase. The "
            "first months of the data then have customers and no cost.",
        ),
    ),
)

LTV_TO_CAC = Kpi(
    key="ltv_to_cac",
    name="Lifetime value to acquisition cost",
    question="How many times over does a customer pay back what it cost to win?",
    unit="ratio",
    powers=(("clv", 1), ("cac", -1)),
    caveat="A lifetime still to come over a cost already paid: it doubles when churn halves. It is of all customers; "
    "a new one may be worth less. The interval takes the two as independent.",
    source="Gupta and Lehmann (2005), Managing Customers as Investments",
)

PAYBACK = Kpi(
    key="payback",
    name="Payback",
    question="After how many months has a customer paid back what it cost to win?",
    unit="months",
    better="lower",
    powers=(("cac", 1), ("customer_margin", -1)),
    caveat="At the margin of an average month of an average customer; nothing is discounted, and those who leave "
    "before do not pay back at all.",
    source="Skok, SaaS Metrics 2.0 (months to recover CAC), forentrepreneurs.com",
)

OPEN_RATE = Kpi(
    key="open_rate",
    name="Open rate",
    question="Of the messages delivered, what share was opened?",
    **_MAILS,
    numerator="opened",
    denominator="delivered",
    caveat="Since 2021 many mail programs load pictures by themselves, which counts as opening: compare it with "
    "itself, and trust clicks more. The interval takes campaigns, not messages, as what varies.",
    source="Twilio, Open Rate, twilio.com/docs/glossary/open-rate",
)

CLICK_RATE = Kpi(
    key="click_rate",
    name="Click rate",
    question="Of the messages delivered, what share was clicked?",
    **_MAILS,
    numerator="clicked",
    denominator="delivered",
    caveat="Of those delivered, not of those opened. Filters that test links click too.",
    source="CNSG, The Quick Guide to Mailchimp Analytics (open rate, click rate), cnsg.com",
)

UNSUBSCRIBE_RATE = Kpi(
    key="unsubscribe_rate",
    name="Unsubscribe rate",
    question="Of the messages delivered, what share made somebody unsubscribe?",
    **_MAILS,
    numerator="unsubscribed",
    denominator="delivered",
    better="lower",
    caveat="Small at each sending; it adds up, and who has left hears of nothing any more.",
    source="Gainsight, Viewing and interpreting email metrics, communities.gainsight.com",
)

CAMPAIGN_ROI = Kpi(
    key="campaign_roi",
    name="Return on campaigns",
    question="For each euro of a campaign, what was left of its customers' first twelve months beyond that euro?",
    table="campaigns",
    when="month",
    numerator=f"CASE WHEN age >= {CAMPAIGN_MATURES} THEN margin - cost END",
    denominator=f"CASE WHEN age >= {CAMPAIGN_MATURES} THEN cost END",
    unit="ratio",
    signed=True,
    matures=CAMPAIGN_MATURES,
    needs=("order_lines",),
    fields=("campaigns.cost", "leads.campaign_id", "order_lines.cost"),
    caveat="0 is break-even after a year, not a good return: customers go on buying. Campaigns younger than sixteen "
    "months are left out. Customers count for the campaign of their first lead; whether they would have come without "
    "it, no table says.",
    source=_FARRIS.replace("ch. 5", "ch. 10"),
)

KPIS = (
    LEADS, CONVERSION_RATE, COST_PER_LEAD, CAC, LTV_TO_CAC, PAYBACK, OPEN_RATE, CLICK_RATE, UNSUBSCRIBE_RATE,
    CAMPAIGN_ROI,
)  # fmt: skip
