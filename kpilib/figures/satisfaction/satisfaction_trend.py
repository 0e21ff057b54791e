"""Is satisfaction moving, or is it noise? Month by month within control limits. Reached as ``satisfaction.…``."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpilib.figures import events
from kpilib.language import N_
from kpilib.periods import is_complete, label, month_end, month_of
from kpilib.show import tables
from kpilib.show.charts.control_chart import control as drawn_within
from kpilib.show.figure import Drawn
from kpilib.show.sentences import some
from kpilib.show.tables import ROWS, between
from kpilib.show.view import View
from kpilib.show.words import Words, low
from kpilib.stats import control
from kpilib.stats.control import Limits

from .questions import Question, answers, question

_LIMITS, _SIGNAL = N_("Limits of chance"), N_("Signal")
_OUTSIDE, _RUN = N_("beyond the limits"), N_("one of a long run")
_FEW = N_("{measure} has {n} whole months here; limits need {need} or more.")
_QUIET = N_(
    "In {n} months {measure} stayed within what chance does about its level of {centre}: no month calls for an "
    "explanation."
)
_LEFT = N_("About its level of {centre}, {measure} went beyond the limits of chance in {months}.")
_KEPT_ABOVE = N_("From {first} to {last} it stayed above its level, longer than chance keeps it.")
_KEPT_BELOW = N_("From {first} to {last} it stayed below its level, longer than chance keeps it.")
_ONLY_RUN = N_("{measure} never went beyond the limits of chance about its level of {centre}.")
_BEWARE = N_(
    "The limits take all months together, whatever the period chosen. Where nothing changes, {rate} of such charts "
    "give a signal all the same; a season or a slow drift gives more."
)


def trend(view: View, measure: str = "NPS") -> Drawn:
    """A score month by month since the data begin, with the limits of chance and what happened meanwhile."""
    asked, shown, words = question(measure), view.but(since=None, until=None), view.words
    frame, limits = _within_limits(shown, asked)
    kpi = view.book.kpis[asked.key]
    periods = frame["period"].tolist()
    chart = drawn_within(
        frame, unit=kpi.unit, words=words, measure=words.say(asked.axis), marks=events.marks(shown, periods, asked.key)
    )  # fmt: skip
    note = [events.told(shown, periods, asked.key)]
    if limits.enough:
        note.insert(0, words.say(_BEWARE, rate=words.text(control.false_alarm_rate(limits.points), "share")))
    said = _said(frame, limits, asked, words.say(kpi.name), kpi.unit, words)
    drill = {"kpi": asked.key, "field": "period"}
    counted = int(frame["rows"].sum())
    return Drawn(
        said, chart, _table(frame, limits, kpi, words), counted, " ".join(filter(None, note)), shown.text, drill
    )


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
    counted, sums, squares = (np.where(whole, part, 0.0) for part in (n, total, square))
    limits = control.mean_chart(counted, sums, squares)
    value = np.divide(total, n, out=np.full(n.shape, np.nan), where=n > 0)
    frame = pd.DataFrame(
        {
            "period": [label(one, "month") for one in range(first, last + 1)],
            "value": asked.times * value,
            "lower": asked.times * np.maximum(limits.low, asked.least),
            "upper": asked.times * np.minimum(limits.high, asked.most),
            "centre": np.where(np.isnan(limits.low), np.nan, asked.times * limits.center),
            "out": limits.outside | limits.run,
            "complete": whole,
            "rows": n.astype(int),
        }
    )
    return frame, limits


def _said(frame: pd.DataFrame, limits: Limits, asked: Question, name: str, unit: str, words: Words) -> str:
    given = {"measure": low(name), "centre": words.text(asked.times * limits.center, unit)}
    if not limits.enough:
        few = {"n": words.count(limits.points), "need": words.count(control.MINIMUM_POINTS)}
        return words.say(_FEW, measure=name, **few)
    found, periods = control.signals(limits), frame["period"].tolist()
    if not found:
        return words.say(_QUIET, n=words.count(limits.points), **given)
    outside = [periods[one["first"]] for one in found if one["rule"] == "outside"]
    said = [words.say(_LEFT, months=some(outside, words, 6), **given)] if outside else []
    said = said or [words.say(_ONLY_RUN, measure=name, centre=given["centre"])]
    runs = [one for one in found if one["rule"] == "run"]
    for run in runs:
        message = _KEPT_ABOVE if run["side"] == "above" else _KEPT_BELOW
        said.append(words.say(message, first=periods[run["first"]], last=periods[run["last"]]))
    return " ".join(said)


def _table(frame: pd.DataFrame, limits: Limits, kpi: object, words: Words) -> pd.DataFrame:
    unit, name = str(getattr(kpi, "unit", "ratio")), str(getattr(kpi, "name", "Value"))
    over = zip(frame["period"].tolist(), frame["complete"].tolist(), strict=True)
    signals = [
        words.say(_OUTSIDE) if outside else words.say(_RUN) if run else ""
        for outside, run in zip(limits.outside.tolist(), limits.run.tolist(), strict=True)
    ]
    made = {
        tables.PERIOD: [str(one) if whole else words.say("{period} (not over)", period=one) for one, whole in over],
        name: frame["value"].to_numpy(),
        _LIMITS: between(frame["lower"].tolist(), frame["upper"].tolist(), words, unit),
        _SIGNAL: signals,
        ROWS: frame["rows"].to_numpy(),
    }
    table = pd.DataFrame(made)
    table.attrs["units"] = {name: unit, ROWS: "count"}
    return table
