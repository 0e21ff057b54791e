"""The figures of the page "Churn drivers": who leaves, how many, since when and where.

Each function takes the view in force and the values of the figure's own lists, and returns what to draw. How long they
stay is in `staying`, what goes with leaving in `leaving`, who is next in `next_to_leave`, what a customer is worth in
`worth`, the other definitions in `variants`; all are reached as ``churn.…``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kpilib.compute.frames import ranking, taken
from kpilib.errors import unknown
from kpilib.figures import events, parts, variants
from kpilib.language import N_
from kpilib.model.dimensions import DIMENSIONS
from kpilib.periods import Grain
from kpilib.show import charts, sentences, tables
from kpilib.show.figure import Drawn
from kpilib.show.view import View

from .leaving import checks, drivers
from .next_to_leave import ORDERS, at_risk
from .staying import cohorts, curves
from .worth import lifetime_value

__all__ = [
    "BY", "CURVES", "MEASURES", "ORDERS", "TILES", "at_risk", "breakdown", "checks", "cohorts", "curves", "definitions",
    "drivers", "lifetime_value", "quarters", "rankings", "trend",
]  # fmt: skip

#: The KPIs of the page's tiles.
TILES = (
    "churn_rate", "retention_rate", "revenue_churn", "net_revenue_retention", "active_customers", "new_customers",
    "lost_customers", "clv",
)  # fmt: skip
#: What a figure may be grouped by, the first at the start.
BY = ("segment", "region", "industry", "owner", "team")
#: The same for retention curves, which need few and large groups.
CURVES = ("segment", "industry", "region", "source", "team")
#: What the page may follow: the name that a reader chooses, and the KPI.
MEASURES = {
    N_("Churn rate"): "churn_rate",
    N_("Revenue churn"): "revenue_churn",
    N_("Retention rate"): "retention_rate",
    N_("Net revenue retention"): "net_revenue_retention",
}
_CUSTOMERS = N_("customers")


def definitions(view: View) -> Drawn:
    """The churn rate under each of its definitions, now and in the window before."""
    return variants.definitions(view, "churn_rate")


def rankings(view: View, by: str = "segment") -> Drawn:
    """Who loses fewest and most under each definition of churn."""
    return variants.best(view, "churn_rate", by)


def trend(view: View, measure: str = "Churn rate", grain: Grain = "month") -> Drawn:
    """A measure of leaving through the slice's periods, with its interval and what happened meanwhile."""
    kpi, words = _measure(view, measure), view.words
    frame = view.kpi(kpi.key, period=grain)
    frame = taken(frame, np.flatnonzero(frame["rows"] > 0))
    if frame["value"].isna().all():
        raise charts.Nothing("No row matches.")
    periods = frame["period"].tolist()
    chart = charts.line(
        frame, unit=kpi.unit, words=words, measure=words.say(kpi.name), zero=kpi.better == "lower",
        marks=events.marks(view, periods, kpi.key),
    )  # fmt: skip
    said = sentences.trend(frame, sentences.Measure.of_kpi(kpi, words, _CUSTOMERS))
    note = " ".join(part for part in (_caveat(kpi, words), events.told(view, periods, kpi.key)) if part)
    table, drill = tables.kpi_table(frame, kpi, words), {"kpi": kpi.key, "field": "period"}
    return Drawn(said, chart, table, int(frame["rows"].max()), note, view.text, drill)


def quarters(view: View, measure: str = "Churn rate") -> Drawn:
    """`trend` quarter by quarter since the data begin: what a slice of a few months cannot show."""
    return trend(view.but(since=None), measure, "quarter")


def breakdown(view: View, by: str = "segment", measure: str = "Churn rate") -> Drawn:
    """A measure of leaving group by group with its interval, and whether the extremes differ beyond chance."""
    kpi, words = _measure(view, measure), view.words
    frame = parts.asked(view, kpi.key, by)
    if frame.empty or frame["value"].isna().all():
        raise charts.Nothing("No row matches.")
    whole, said = view.kpi(kpi.key), sentences.Measure.of_kpi(kpi, words, _CUSTOMERS)
    chart = charts.bars(frame, unit=kpi.unit, words=words, measure=words.say(kpi.name))
    table = tables.kpi_table(taken(frame, ranking(frame)), kpi, words, DIMENSIONS[by].label)
    finding = f"{sentences.one_value(whole, said)} {sentences.best_and_worst(frame, said)}"
    drill = {"kpi": kpi.key, "field": by}
    return Drawn(finding, chart, table, int(whole["rows"].sum()), _caveat(kpi, words), drill=drill)


def _measure(view: View, measure: str) -> Any:
    if measure not in MEASURES:
        raise unknown("measure of leaving", measure, MEASURES)
    return view.book.kpis[MEASURES[measure]]


def _caveat(kpi: Any, words: Any) -> str:
    return str(words.say(kpi.caveat)) if kpi.caveat else ""
