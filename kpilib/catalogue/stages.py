"""The KPIs of the stages that an opportunity goes through."""

from kpilib.catalogue.kpi import Kpi

#: Where the funnel's counts and shares are defined.
FUNNEL = "Farris, Bendle, Pfeifer and Reibstein (2010), Marketing Metrics, ch. 6 (pipeline analysis)"
#: Days by which 98 deals in 100 have left a stage; before, only the quick ones are known.
_LEFT = 90

STAGE_CONVERSION = Kpi(
    key="stage_conversion",
    name="Stage conversion",
    question="Of the deals that entered a stage, what share went on?",
    table="stage_steps",
    when="entered_on",
    numerator="first_visit AND fate_known AND went_on",
    denominator="first_visit AND fate_known",
    unit="share",
    matures=_LEFT,
    caveat="Deals still in the stage are left out until their fate is known, so the last three months rest on quick "
    "deals; comparisons leave them out.",
    source=FUNNEL,
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
    matures=_LEFT,
    caveat="Completed stays only: a deal that still sits in the stage is not in the mean yet, so comparisons leave out "
    "the last three months.",
    source="KPI Tree, Sales Cycle Length (time in stage), kpitree.co/integrations/hubspot",
)
