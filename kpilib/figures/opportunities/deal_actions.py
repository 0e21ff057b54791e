"""The figure on what goes with winning: deals with and without an action, at the stage where it is taken."""

from typing import Any
from weakref import WeakKeyDictionary

import pandas as pd

from kpilib.compute import actions
from kpilib.compute.frames import rows as lines_of
from kpilib.language import N_
from kpilib.show.charts.versus import versus
from kpilib.show.figure import Drawn
from kpilib.show.view import View

from .deal_parts import ENDS, STEPS, member, needs

_ACTION, _AMONG = N_("Action"), N_("Among deals that reached")
_WITH, _WON_WITH, _WITHOUT, _WON_WITHOUT = N_("With it"), N_("Won, with"), N_("Without it"), N_("Won, without")
_DIFFERENCE, _DIFFERS = N_("Difference"), N_("Differs")
_known: WeakKeyDictionary[Any, actions.Paths] = WeakKeyDictionary()
#: How a group stands against the others: the words of `pipeline.stand_out` and `actions.actions`.
STANDS = (N_("higher"), N_("lower"), N_("too few"))


def action_effect(view: View) -> Drawn:
    """Which actions go with winning: deals with and without, among those that got to the stage where it is taken."""
    words = view.words
    question = words.say("Are deals with a demo or a visit won more often than those without?")
    needs(view, words.say("What goes with winning"), question, "activities")
    deals = view.panel("deals", when="created_on", columns=ENDS[:1])
    frame = actions.compared(_paths(view.book), deals["opportunity_id"])
    if frame.empty:
        return Drawn("", rows=0)
    days = frame.attrs["horizon"]
    lines = lines_of(frame)
    both, other = lines[::2], lines[1::2]
    table = _table(view, both, other)
    notes = [
        words.say(
            "Won within {days} days of reaching the stage; open deals count as far as they have come. An association, "
            "not a cause: nobody drew lots for a visit, good prospects get more of them, and a deal that lives longer "
            "leaves more time for one. Differences are held to a false-discovery rate of 10%.",
            days=days,
        )
    ]
    if "stage_changes" not in view.book.tables:
        notes.append(
            words.say("Without the table 'stage_changes', all deals are compared, and early losses count as “without”.")
        )
    chart = versus(frame, words=words, measure=words.say("Share won within {days} days", days=days))
    dated = words.say("{slice}, by creation date", slice=view.text)
    drill = {"panel": "deals", "when": "created_on", "field": None}
    return Drawn(_said(view, both, other), chart, table, len(deals), " ".join(notes), dated, drill)


def _table(view: View, both: list[dict[str, Any]], other: list[dict[str, Any]]) -> pd.DataFrame:
    words = view.words
    table = pd.DataFrame(
        {
            _ACTION: [row["group"] for row in both],
            _AMONG: [member(view, row["stage"]) or words.say("creation") for row in both],
            _WITH: [row["rows"] for row in both],
            _WON_WITH: [row["value"] for row in both],
            _WITHOUT: [row["rows"] for row in other],
            _WON_WITHOUT: [row["value"] for row in other],
            _DIFFERENCE: [words.difference(row["difference"], "share") for row in both],
            _DIFFERS: [words.say(row["differs"]) if row["differs"] else "" for row in both],
        }
    )
    table.attrs["units"] = {_WITH: "count", _WON_WITH: "share", _WITHOUT: "count", _WON_WITHOUT: "share"}
    return table


def _paths(book: Any) -> actions.Paths:
    """What the book's deals went through; it does not depend on the slice, and is worked out once."""
    if book not in _known:
        steps = pd.DataFrame(columns=list(STEPS))
        if "stage_changes" in book.tables:
            steps = book.panel("stage_steps", columns=STEPS)
        done = book.panel("activities", columns=["opportunity_id", "kind", "done_on"])
        _known[book] = actions.Paths(book.panel("deals", columns=ENDS), steps, done, book.as_of)
    return _known[book]


def _said(view: View, both: list[dict[str, Any]], other: list[dict[str, Any]]) -> str:
    words, close = view.words, view.words.say("These go together; neither need cause the other.")
    flagged = [at for at, row in enumerate(both) if row["differs"] in ("higher", "lower")]
    if not flagged:
        return words.say(
            "None of the {n} actions goes with winning more, or less, often than chance explains.", n=len(both)
        )
    found = "; ".join(_pair(view, both[at], other[at]) for at in flagged[:3])
    said = [f"{found[0].upper()}{found[1:]}."]
    if rest := len(both) - len(flagged):
        said.append(words.say("For the other {n}, chance explains the difference.", n=rest))
    return " ".join([*said, close])


def _pair(view: View, done: dict[str, Any], left: dict[str, Any]) -> str:
    words = view.words
    return words.say(
        "with “{action}” {share} were won, without {other} ({gap} points apart)",
        action=done["group"],
        share=words.text(done["value"], "share"),
        other=words.text(left["value"], "share"),
        gap=words.interval(done["below"] * 100, done["above"] * 100, "score"),
    )
