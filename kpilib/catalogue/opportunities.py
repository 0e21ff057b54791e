"""The KPIs of the opportunities: what is open, what is won, how fast, and what stands still."""

import math
from dataclasses import replace

from kpilib.catalogue.kpi import Kpi, Undecided
from kpilib.catalogue.stages import FUNNEL, STAGE_CONVERSION, STAGE_DAYS

_WEIGHTED = "HubSpot Knowledge Base, What is the deal weighted total?, knowledge.hubspot.com"
_CLOSED = "Salesforce Help, article 000387867, Calculate Win Rate on Closed Opportunities in a Report"

_STILL = Undecided(
    one="{n} deal undecided",
    many="{n} deals undecided",
    why="Open deals that nobody has touched for 30 days (or, where no activity is logged, that are 90 days old) may be "
    "decided in fact and not in the CRM. The range goes from all of them lost to all of them won; they count on the "
    "day from which they stood still.",
    weight="stale_on IS NOT NULL",
    when="stale_on",
)
_NO_AMOUNT = Undecided(
    one="{n} deal without an amount",
    many="{n} deals without an amount",
    why="Deals without an amount add nothing. What they are worth is not known, so that the figure is the least it can "
    "be.",
    weight="status = 'won' AND amount IS NULL",
    high=math.inf,
)

OPEN_OPPORTUNITIES = Kpi(
    key="open_opportunities",
    name="Open opportunities",
    question="How many opportunities are open?",
    table="opportunity_months",
    when="month",
    numerator="1",
    at="end",
    caveat="A deal nobody closed stays open for ever: look at the stalled and overdue shares beside it.",
    source=FUNNEL,
)

OPEN_PIPELINE = Kpi(
    key="open_pipeline",
    name="Open pipeline",
    question="What are the open opportunities worth?",
    table="opportunity_months",
    when="month",
    numerator="amount",
    unit="money",
    at="end",
    undecided=replace(_NO_AMOUNT, weight="amount IS NULL"),
    fields=("opportunities.amount",),
    caveat="Past months show the amounts of then where the history of the deals is kept (opportunity_changes); else "
    "what today's record says of them. Deals without an amount add nothing.",
    source=FUNNEL,
)

WEIGHTED_PIPELINE = Kpi(
    key="weighted_pipeline",
    name="Weighted pipeline",
    question="What may we expect of the open opportunities?",
    table="opportunity_months",
    when="month",
    numerator="amount * probability",
    unit="money",
    at="end",
    fields=("opportunities.amount", "opportunities.probability"),
    caveat="As honest as the declared probabilities. Past months take those of then where the history of the deals is "
    "kept (opportunity_changes); a deal closed since, of which it tells none, is left out, so that they read low.",
    source=_WEIGHTED,
)

MEAN_PROBABILITY = Kpi(
    key="mean_probability",
    name="Mean probability",
    question="How sure are we of an open euro?",
    table="opportunity_months",
    when="month",
    numerator="amount * probability",
    denominator="amount",
    unit="share",
    at="end",
    fields=("opportunities.amount", "opportunities.probability"),
    caveat="Declared by the salespeople, not observed: compare it with the reliability curve.",
    source=f"{_WEIGHTED}; divided by the amount",
    variants=(
        Kpi(
            key="per_deal",
            name="Mean probability, per deal",
            question="How sure are we of an open deal, large or small?",
            table="opportunity_months",
            when="month",
            numerator="probability",
            denominator="1",
            unit="share",
            at="end",
            caveat="A small deal weighs as much as a large one.",
        ),
    ),
)

WIN_RATE = Kpi(
    key="win_rate",
    name="Win rate",
    question="Of the deals we closed, what share did we win?",
    table="deals",
    when="closed_on",
    numerator="status = 'won'",
    denominator="status IN ('won', 'lost')",
    unit="share",
    caveat="Counts deals, not money: a large loss weighs as much as a small one. Unrecorded losses raise it.",
    source=_CLOSED,
    undecided=_STILL,
    variants=(
        Kpi(
            key="by_value",
            name="Win rate by value",
            question="Of the money we competed for, what share did we win?",
            table="deals",
            when="closed_on",
            numerator="CASE WHEN status = 'won' THEN amount WHEN status = 'lost' THEN 0 END",
            denominator="CASE WHEN status IN ('won', 'lost') THEN amount END",
            unit="share",
            undecided=replace(_STILL, weight="CASE WHEN stale_on IS NOT NULL THEN amount END"),
            fields=("opportunities.amount",),
            caveat="Deals without an amount are left out; where losses carry none, it says nothing.",
        ),
        Kpi(
            key="cohort",
            name="Win rate of the created",
            question="Of the deals created in the period, what share have we won so far?",
            table="deals",
            when="created_on",
            numerator="status = 'won'",
            denominator="1",
            unit="share",
            matures=180,
            caveat="Recent periods are low because their deals have not had the time to close.",
            source=f"{_CLOSED}: of all created",
        ),
    ),
)

WON_AMOUNT = Kpi(
    key="won_amount",
    name="Won amount",
    question="What did we win?",
    table="deals",
    when="closed_on",
    numerator="CASE WHEN status = 'won' THEN amount END",
    unit="money",
    undecided=_NO_AMOUNT,
    fields=("opportunities.amount",),
    caveat="Signed, not yet delivered or invoiced.",
    source=FUNNEL,
)

AVERAGE_DEAL = Kpi(
    key="average_deal",
    name="Average won deal",
    question="What is a won deal worth?",
    table="deals",
    when="closed_on",
    numerator="CASE WHEN status = 'won' THEN amount END",
    denominator="status = 'won'",
    unit="money",
    fields=("opportunities.amount",),
    caveat="A mean: a few very large deals carry it.",
    source="ConsultEvo, Sales Velocity Guide, step 3 (average deal size), consultevo.com",
)

_DAYS_TO_WIN = "CASE WHEN status = 'won' THEN days END"

SALES_CYCLE = Kpi(
    key="sales_cycle",
    name="Sales cycle",
    question="How long from creation to a win?",
    table="deals",
    when="closed_on",
    numerator=_DAYS_TO_WIN,
    denominator="status = 'won'",
    unit="days",
    better="lower",
    fields=("opportunities.created_on",),
    caveat="Deals won this period only; slow deals that are still open are not in it. Deals closed before they were "
    "created are left out.",
    source="KPI Tree, Sales Cycle Length, kpitree.co/integrations/hubspot",
    variants=(
        Kpi(
            key="all_closed",
            name="Cycle of all closed deals",
            question="How long from creation to a close, won or lost?",
            table="deals",
            when="closed_on",
            numerator="CASE WHEN status IN ('won', 'lost') THEN days END",
            denominator="status IN ('won', 'lost')",
            unit="days",
            better="lower",
            caveat="Losses are often recorded late, when somebody tidies up.",
        ),
        Kpi(
            key="median",
            name="Median cycle, open deals counted",
            question="By which day after creation had half of the wins come?",
            table="deals",
            when="created_on",
            unit="days",
            better="lower",
            estimator="half_of_wins",
            caveat="Of the deals created in the period; open deals count as long as they have been open, lost deals as "
            "a competing end (Aalen–Johansen). Interval by bootstrap.",
            source="Aalen and Johansen (1978), Scandinavian Journal of Statistics 5:141",
        ),
    ),
)

SALES_VELOCITY = Kpi(
    key="sales_velocity",
    name="Sales velocity",
    question="How much does the pipeline bring in a day?",
    unit="money/day",
    powers=(("open_opportunities", 1), ("win_rate", 1), ("average_deal", 1), ("sales_cycle", -1)),
    caveat="A product of four figures that move together: read it as a speed, not as a forecast. The interval takes "
    "the four as independent.",
    source="KPI Tree, Sales Pipeline Velocity, kpitree.co/integrations/hubspot",
)

STALLED_SHARE = Kpi(
    key="stalled_share",
    name="Stalled share",
    question="What share of the pipeline has stopped moving?",
    table="opportunity_months",
    when="month",
    numerator="idle >= 30",
    denominator="1",
    unit="share",
    better="lower",
    at="end",
    needs=("activities", "stage_changes"),
    caveat="30 days without an activity or a stage change. What is done and not logged counts as nothing done.",
    source="Pipedrive Knowledge Base, The Rotting Feature, support.pipedrive.com",
)

OVERDUE_SHARE = Kpi(
    key="overdue_share",
    name="Overdue share",
    question="What share of the pipeline is past its own closing date?",
    table="opportunity_months",
    when="month",
    numerator="overdue > 0",
    denominator="1",
    unit="share",
    better="lower",
    at="end",
    undecided=Undecided(
        one="{n} deal without a date",
        many="{n} deals without a date",
        why="Open deals without an expected closing date count as not overdue. At worst all of them are.",
        weight="overdue IS NULL",
        inside=True,
    ),
    fields=("opportunities.expected_close_on",),
    caveat="Without a history of the deals (opportunity_changes) the latest expected date alone is known: pushing it "
    "forward hides the slip. A deal without a date counts as not overdue.",
    source="FunnelCake, Sales Pipeline Inspection (red flags: close dates), getfunnelcake.com",
)

KPIS = (
    OPEN_OPPORTUNITIES, OPEN_PIPELINE, WEIGHTED_PIPELINE, MEAN_PROBABILITY, WIN_RATE, WON_AMOUNT, AVERAGE_DEAL,
    SALES_CYCLE, SALES_VELOCITY, STAGE_CONVERSION, STAGE_DAYS, STALLED_SHARE, OVERDUE_SHARE,
)  # fmt: skip
