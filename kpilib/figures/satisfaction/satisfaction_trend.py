"""Is satisfaction moving, or is it noise? Month by month within control limits. Reached as ``satisfaction.…``."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpilib.figures import events, limits
from kpilib.periods import is_complete, month_end, month_of
from kpilib.show.charts.control_chart import control as drawn_within
from kpilib.show.figure import Drawn
from kpilib.show.view import View
from kpilib.stats import control
from kpilib.stats.control import Limits

from .questions import Question, answers, question


def trend(view: View, measure: str = "NPS") -> Drawn:
    """A score month by month since the data begin, with the limits of chance and what happened meanwhile."""
    asked, shown, words = question(measure), view.but(since=None, until=None), view.words
    frame, within = _within_limits(shown, asked)
    kpi = view.book.kpis[asked.key]
    periods = frame["period"].tolist()
    chart = drawn_within(
        frame, unit=kpi.unit, words=words, measure=words.say(asked.axis), marks=events.marks(shown, periods, asked.key)
    )  # fmt: skip
    note = [limits.beware(within, words), events.told(shown, periods, asked.key)]
    said = limits.said(frame, within, words.say(kpi.name), kpi.unit, words, asked.times)
    drill = {"kpi": asked.key, "field": "period"}
    table = limits.table(frame, within, kpi.name, kpi.unit, words)
    return Drawn(said, chart, table, int(frame["rows"].sum()), " ".join(filter(None, note)), shown.text, drill)


def _within_limits(view: View, asked: Question) -> tuple[pd.DataFrame, Limits]:
    """Every month with its figure and its limits; a month that is not over takes no part in them."""
    rows = answers(view, asked, ["answered_on"])
    place, days = pd.factorize(rows["answered_on"].to_numpy(object))
    month = np.array([month_of(day) for day in days])[place]
    adds = asked.adds(rows["score"].to_numpy(float))
    first, last = int(month.min()), int(month.max())
    n, total, square = (np.bincount(month - first, weights=part, minlength=last - first + 1)
                        for part in (np.ones(len(adds)), adds, adds**2))  # fmt: skip
    whole = np.array([is_complete(month_end(one), view.book.as_of) for one in range(first, last + 1)])
    known = np.where(whole, (n, total, square), 0.0)
    within = control.mean_chart(known[0], known[1], known[2])
    value = asked.times * np.divide(total, n, out=np.full(n.shape, np.nan), where=n > 0)
    return limits.months_of(within, first, value, whole, n, asked.times, asked.least, asked.most), within
