"""The KPIs of the loyalty: who stays, who leaves, what leaves with them, what a customer is worth.

What is said of a period is said from the period's own start: a year's churn is not the sum of its months'.
"""

from typing import Any

from kpilib.catalogue.kpi import Kpi

_LEFT = ("customers.churned_on",)
_FARRIS = "Farris, Bendle, Pfeifer and Reibstein (2010), Marketing Metrics, ch. 5"
_PERIODS: dict[str, Any] = {"table": "customer_periods", "when": "period_start"}
_LONGER = "Grows with the length of the period: compare periods of the same length only."

CHURN_RATE = Kpi(
    key="churn_rate",
    name="Churn rate",
    question="What share of the customers we had did we lose?",
    **_PERIODS,
    numerator="opening = 1 AND lost = 1",
    denominator="opening = 1",
    unit="share",
    better="lower",
    fields=_LEFT,
    caveat="Of the customers at the period's start, those who left before its end; who came and left in between is not "
    f"in it. {_LONGER}",
    source=_FARRIS,
    variants=(
        Kpi(
            key="over_average",
            name="Churn over the average stock",
            question="How many did we lose for each customer that we had on average?",
            **_PERIODS,
            numerator="lost = 1",
            denominator="(opening + closing) / 2.0",
            unit="share",
            better="lower",
            signed=True,
            fields=_LEFT,
            caveat="Losses of new customers are above the line; fast growth makes it look small.",
        ),
        Kpi(
            key="of_all_seen",
            name="Churn of all seen",
            question="Of all who were customers at any time in the period, what share left?",
            **_PERIODS,
            numerator="lost = 1",
            denominator="seen = 1",
            unit="share",
            better="lower",
            fields=_LEFT,
            caveat="The more new customers, the lower it reads, though nobody stays longer.",
        ),
        Kpi(
            key="all_lost_over_opening",
            name="All lost over the opening stock",
            question="How many did we lose, the new ones counted, for each customer at the start?",
            **_PERIODS,
            numerator="lost = 1",
            denominator="opening",
            unit="share",
            better="lower",
            signed=True,
            fields=_LEFT,
            caveat="Counts above the line customers who are not below it: it may pass 100 %.",
        ),
    ),
)

MONTHLY_CHURN = Kpi(
    key="monthly_churn",
    name="Monthly churn",
    question="In a month, what share of customers leaves?",
    table="customer_months",
    when="month",
    numerator="opening = 1 AND lost = 1",
    denominator="opening = 1",
    unit="share",
    better="lower",
    fields=_LEFT,
    caveat="The mean of the months, each customer counted once a month: comparable between periods of any length. "
    "Months of one customer are taken as independent.",
    source="Fader and Hardie (2007), Journal of Interactive Marketing 21(1):76",
)

RETENTION_RATE = Kpi(
    key="retention_rate",
    name="Retention rate",
    question="What share of the customers we had stayed?",
    **_PERIODS,
    numerator="opening = 1 AND lost = 0",
    denominator="opening = 1",
    unit="share",
    fields=_LEFT,
    caveat="1 less the churn rate of the same customers. It shrinks with the length of the period.",
    source=_FARRIS,
    variants=(
        Kpi(
            key="active_share",
            name="Share still active",
            question="Of all customers we ever had, what share is one at the period's end?",
            **_PERIODS,
            numerator="closing = 1",
            denominator="1",
            unit="share",
            fields=_LEFT,
            caveat="As old as the data: it falls with the years, even if nobody leaves faster.",
        ),
    ),
)

REVENUE_CHURN = Kpi(
    key="revenue_churn",
    name="Revenue churn",
    question="What share of revenue did the lost customers carry?",
    **_PERIODS,
    numerator="CASE WHEN opening = 1 THEN CASE WHEN lost = 1 THEN revenue_before ELSE 0 END END",
    denominator="CASE WHEN opening = 1 THEN revenue_before END",
    unit="share",
    better="lower",
    needs=("order_lines",),
    fields=_LEFT,
    caveat="By what each customer at the period's start had brought in the twelve months before it; what those who "
    f"stay buy less is not in it. {_LONGER}",
    source="RetentionLens, SaaS Metrics Glossary (revenue churn), retentionlens.com/saas-metrics",
)

NET_REVENUE_RETENTION = Kpi(
    key="net_revenue_retention",
    name="Net revenue retention",
    question="Do the customers of a year ago bring as much as then?",
    **_PERIODS,
    numerator="CASE WHEN year_before = 1 THEN revenue_12 END",
    denominator="CASE WHEN year_before = 1 THEN revenue_24 END",
    unit="share",
    signed=True,
    needs=("order_lines",),
    fields=_LEFT,
    caveat="Those who were customers twelve months before the period's end, lost ones included: their revenue of these "
    "twelve months over that of the twelve before. A few large customers carry it.",
    source="Baremetrics, Net Revenue Retention, changelog.baremetrics.com",
)

ACTIVE_CUSTOMERS = Kpi(
    key="active_customers",
    name="Active customers",
    question="How many customers do we serve?",
    table="customer_months",
    when="month",
    numerator="lost = 0",
    at="end",
    caveat="Acquired and not marked as lost: who stopped buying without a word is still counted.",
    source=_FARRIS,
)

NEW_CUSTOMERS = Kpi(
    key="new_customers",
    name="New customers",
    question="How many customers did we gain?",
    table="customer_lives",
    when="acquired_on",
    numerator="1",
    caveat="By the day of acquisition; without one, by that of the first order.",
    source=_FARRIS,
)

LOST_CUSTOMERS = Kpi(
    key="lost_customers",
    name="Lost customers",
    question="How many customers did we lose?",
    table="customer_lives",
    when="churned_on",
    numerator="1",
    better="lower",
    fields=_LEFT,
    caveat="By the day on which they were recorded as lost, often later than that of the decision.",
    source=_FARRIS,
)

CUSTOMER_MARGIN = Kpi(
    key="customer_margin",
    name="Margin per customer and month",
    question="What does a customer leave us a month, buying or not?",
    table="customer_months",
    when="month",
    numerator="margin",
    denominator="1",
    unit="money",
    needs=("order_lines",),
    fields=("order_lines.cost",),
    caveat="Months in which a customer bought and no cost is known are left out.",
    source=_FARRIS,
)

#: A euro of next year is worth so much less today.
DISCOUNT = 0.10

CLV = Kpi(
    key="clv",
    name="Customer lifetime value",
    question="What is a customer worth to us from now on?",
    unit="money",
    powers=(("customer_margin", 1), ("monthly_churn", -1)),
    discount=DISCOUNT,
    caveat="Margin a month over the chance of leaving in it, at 10 % discount a year, this month's margin included; "
    "margin and churn are taken to stay as they are. Not given where nobody left: then nothing says how long they do.",
    source="Gupta and Lehmann (2003), Journal of Interactive Marketing 17(1):9",
)

KPIS = (
    CHURN_RATE, MONTHLY_CHURN, RETENTION_RATE, REVENUE_CHURN, NET_REVENUE_RETENTION, ACTIVE_CUSTOMERS, NEW_CUSTOMERS,
    LOST_CUSTOMERS, CUSTOMER_MARGIN, CLV,
)  # fmt: skip
