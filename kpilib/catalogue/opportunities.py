"""The KPIs of the opportunities: what is open, what is won, how fast, and what stands still."""

from kpilib.catalogue.kpi import Kpi

OPEN_OPPORTUNITIES = Kpi(
    key="open_opportunities",
    name="Open opportunities",
    question="How many opportunities are open?",
    table="opportunity_months",
    when="month",
    numerator="1",
    at="end",
    caveat="A deal nobody closed stays open for ever: look at the stalled and overdue shares beside it.",
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
    fields=("opportunities.amount",),
    caveat="A CRM keeps today's amount only: past months show what today's record says of them. Deals without an "
    "amount add nothing.",
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
    caveat="As honest as the declared probabilities. A closed deal's earlier probability is not kept by the CRM, so "
    "past months leave it out and read low.",
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
    fields=("opportunities.amount",),
    caveat="Signed, not yet delivered or invoiced.",
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
)

STAGE_CONVERSION = Kpi(
    key="stage_conversion",
    name="Stage conversion",
    question="Of the deals that entered a stage, what share went on?",
    table="stage_steps",
    when="entered_on",
    numerator="first_visit AND fate_known AND went_on",
    denominator="first_visit AND fate_known",
    unit="share",
    caveat="Deals still in the stage are left out until their fate is known, so recent periods rest on quick deals.",
)

STAGE_DAYS = Kpi(
    key="stage_days",
    name="Days per stage",
    question="How long does a deal stay in a stage?",
    table="stage_steps",
    when="entered_on",
    numerator="days",
    denominator="1",
    unit="days",
    better="lower",
    caveat="Completed stays only: a deal that still sits in the stage is not in the mean yet.",
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
    fields=("opportunities.expected_close_on",),
    caveat="A CRM keeps the latest expected date only: pushing it forward hides the slip. A deal without a date counts "
    "as not overdue.",
)

KPIS = (
    OPEN_OPPORTUNITIES, OPEN_PIPELINE, WEIGHTED_PIPELINE, MEAN_PROBABILITY, WIN_RATE, WON_AMOUNT, AVERAGE_DEAL,
    SALES_CYCLE, SALES_VELOCITY, STAGE_CONVERSION, STAGE_DAYS, STALLED_SHARE, OVERDUE_SHARE,
)  # fmt: skip
