"""Is the service moving, or is it noise? Month by month within the limits of chance. Reached as ``service.…``."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpilib.errors import CannotAnswer, unknown
from kpilib.figures import events, limits
from kpilib.language import N_
from kpilib.periods import parse
from kpilib.show import charts
from kpilib.show.charts.control_chart import control as drawn_within
from kpilib.show.figure import Drawn
from kpilib.show.view import View
from kpilib.stats import control
from kpilib.stats.control import Limits

#: What the page may follow: the name that a reader chooses, and the KPI.
MEASURES = {
    N_("Monthly ticket rate per 100 customers"): "ticket_rate",
    N_("First-contact resolution"): "fcr",
    N_("Time to first reply"): "first_reply_time",
    N_("Time to resolution"): "resolution_time",
    N_("Number of contacts per ticket"): "contacts_per_ticket",
    N_("On-time delivery"): "on_time_delivery",
}


def trend(view: View, measure: str = "Monthly ticket rate per 100 customers") -> Drawn:
    """A measure of the service month by month since the data begin, with limits and what happened meanwhile."""
    if measure not in MEASURES:
        raise unknown("measure of the service", measure, MEASURES)
    shown, words, key = view.but(since=None, until=None), view.words, MEASURES[measure]
    if reason := view.book.why_not(key, view.locale):
        raise CannotAnswer(reason, key)
    kpi = view.book.kpis[key]
    frame, within = _within_limits(shown.kpi(key, period="month"), kpi.unit == "share")
    periods = frame["period"].tolist()
    chart = drawn_within(
        frame, unit=kpi.unit, words=words, measure=words.say(kpi.name), marks=events.marks(shown, periods, key)
    )  # fmt: skip
    note = [words.say(kpi.caveat), limits.beware(within, words), events.told(shown, periods, key)]
    said = limits.said(frame, within, words.say(kpi.name), kpi.unit, words)
    table, drill = limits.table(frame, within, kpi.name, kpi.unit, words), {"kpi": key, "field": "period"}
    counted = int(frame["rows"].sum())
    return Drawn(said, chart, table, counted, " ".join(filter(None, note)), shown.text, drill)


def _within_limits(months: pd.DataFrame, share: bool) -> tuple[pd.DataFrame, Limits]:
    """Every month with its figure and its limits; a month that is not over takes no part in them.

    Laney's limits take their width from how months differ for their size; what varies within a month cancels out, so
    that any sum of squares will do: here that of months whose rows are all alike, and one more.
    """
    total, n = months["numerator"].to_numpy(float), months["denominator"].to_numpy(float)
    seen = np.flatnonzero(n > 0)
    if not len(seen):
        raise charts.Nothing("No row matches.")
    part = slice(int(seen[0]), int(seen[-1]) + 1)
    total, n = np.nan_to_num(total[part]), np.nan_to_num(n[part])
    whole = months["complete"].to_numpy(bool)[part]
    counted, sums = np.where(whole, n, 0.0), np.where(whole, total, 0.0)
    squares = np.divide(sums**2, counted, out=np.zeros(sums.shape), where=counted > 0) + (counted > 0)
    within = control.mean_chart(counted, sums, squares)
    value = np.divide(total, n, out=np.full(n.shape, np.nan), where=n > 0)
    first = parse(str(months["period"].iloc[part.start]))[0]
    rows = months["rows"].to_numpy(int)[part]
    frame = limits.months_of(within, first, value, whole, rows, least=0.0, most=1.0 if share else np.inf)
    return frame, within
