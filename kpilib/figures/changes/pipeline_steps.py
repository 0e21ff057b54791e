"""How the pipeline came from what it was to what it is: a waterfall that closes, from the history of deals."""

from datetime import date, timedelta
from typing import Any

import pandas as pd

from kpilib.change.pipeline import PipelineChange, pipeline_change
from kpilib.change.steps import STEP_NAMES, Step
from kpilib.figures.changing import months
from kpilib.language import N_
from kpilib.periods import label, month_end, month_of, month_start
from kpilib.show.charts.waterfall import waterfall
from kpilib.show.figure import Drawn
from kpilib.show.view import View
from kpilib.show.words import Words

#: In the list of what is looked at, all open deals, whenever they are due.
ALL = N_("at any time")
# What is good for a pipeline, what is bad, and what only moves it.
_DIRECTIONS = {"opened": "better", "reopened": "better", "grown": "better", "won": "better", "lost": "worse",
               "shrunk": "worse", "moved_in": "none", "moved_out": "none"}  # fmt: skip
_THERE = ("start", "opened", "reopened", "moved_in")
_STEP, _AMOUNT, _DEALS = N_("Step"), N_("Amount"), N_("Deals")
_OPEN = N_("Open on {day}")
_NOTE = N_(
    "Amounts of the past are those of then. What was won leaves the pipeline, as what was lost does; growth and moves "
    "are those between the two days."
)


def dues(book: Any) -> list[str]:
    """What the figure's list offers: all open deals, then those due in the quarters about the data's end."""
    now = month_of(book.as_of) // 3
    return [ALL, *(label(now + ahead, "quarter") for ahead in range(-1, 3))]


def steps(view: View, due: str = ALL) -> Drawn:
    """The steps from the pipeline at the start of the view's period to the one at its end, which add up exactly.

    Parameters
    ----------
    due : str
        `ALL`, or a period: only what was expected to close within it, and what moved in and out of it.

    Raises
    ------
    CannotAnswer
        These data have no deals.
    """
    words, (since, until) = view.words, days(view)
    found = pipeline_change(view.book, since, until, dict(view.where) or None, **({} if due == ALL else {"due": due}))
    amounts = any(step.amount for step in found.steps)
    drawn = pd.DataFrame([_line(step, found, amounts, words) for step in found.steps])
    measure = words.say("Open pipeline") if amounts else words.say("Open deals")
    chart = waterfall(drawn, unit="money" if amounts else "count", words=words, measure=measure)
    table = pd.DataFrame(
        {
            _STEP: drawn["group"],
            _AMOUNT: [step.amount for step in found.steps],
            _DEALS: [step.deals for step in found.steps],
        }
    )
    table.attrs["units"] = {_AMOUNT: "money", _DEALS: "count"}
    # Those that were there and those that came; what happened to them then is told of the same deals.
    rows = sum(step.deals for step in found.steps if step.name in _THERE)
    drill = {"kpi": "open_opportunities", "field": None}
    return Drawn(found.said(view.locale, view.book.currency), chart, table, rows, words.say(_NOTE), view.text, drill)


def days(view: View) -> tuple[date, date]:
    """The two days between which it changed: the one before the view's first, and its last that the data know."""
    first, last = months(view)
    return month_start(first) - timedelta(days=1), min(month_end(last), view.book.as_of)


def _line(step: Step, found: PipelineChange, amounts: bool, words: Words) -> dict[str, Any]:
    level = step.name in ("start", "end")
    day = found.since if step.name == "start" else found.until
    return {
        "group": words.say(_OPEN, day=f"{day:%Y-%m-%d}") if level else words.say(STEP_NAMES[step.name]),
        "value": step.amount if amounts else _signed(step),
        "kind": "level" if level else "step",
        "low": None, "high": None, "rows": step.deals if amounts else None,
        "direction": _DIRECTIONS.get(step.name, "none"),
    }  # fmt: skip


def _signed(step: Step) -> float:
    """How many deals a step adds: what leaves is taken away, what grows or shrinks stays."""
    if step.name in ("grown", "shrunk"):
        return 0.0
    return -float(step.deals) if step.name in ("won", "lost", "moved_out") else float(step.deals)
