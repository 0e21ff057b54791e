"""The figures on where and why deals end: how far the lost ones had come, which reasons were given."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from kpilib.compute import pipeline
from kpilib.compute.frames import rows as lines_of
from kpilib.errors import CannotAnswer
from kpilib.figures.parts import intervals
from kpilib.language import N_
from kpilib.show import charts
from kpilib.show.figure import Drawn
from kpilib.show.view import View

from .deal_parts import STEPS, interval, member, needs

_INTERVAL, _SHARE, _AMOUNT = N_("95% interval"), N_("Share"), N_("Amount")
_REACHED, _LOST, _MEDIAN = N_("Stage at the loss"), N_("Lost"), N_("Days to the loss, median")
# Of deals by their fate: their name, a table's head, a chart's axis, that none has a reason, that some have none.
_FATES = {
    "lost": (
        N_("lost deals"),
        _LOST,
        N_("Share of the lost deals with a reason"),
        N_(
            "Why deals are lost needs the column 'reason' of the table 'opportunities', which is empty for the {n} "
            "lost deals of this choice. It would show how often each is given."
        ),
        N_("Left out: {n} lost deals without a reason."),
    ),
    "won": (
        N_("won deals"),
        N_("Won"),
        N_("Share of the won deals with a reason"),
        N_(
            "Why deals are won needs the column 'reason' of the table 'opportunities', which is empty for the {n} "
            "won deals of this choice. It would show how often each is given."
        ),
        N_("Left out: {n} won deals without a reason."),
    ),
}
# Who leads, alone, by chance or by more.
_LOSSES = {
    "alone": N_("{first} takes the largest share of the losses: {share} of {n} ({interval})."),
    "chance": N_(
        "{first} takes the largest share of the losses: {share} of {n} ({interval}); {second} follows with {part}, and "
        "chance may have put them in this order."
    ),
    "gap": N_(
        "{first} takes the largest share of the losses: {share} of {n} ({interval}); {second} follows with {part}, a "
        "gap that chance does not explain."
    ),
}
_REASONS = {
    "alone": N_("{first} is the reason given most often: {share} of {n} {deals} with a reason ({interval})."),
    "chance": N_(
        "{first} is the reason given most often: {share} of {n} {deals} with a reason ({interval}); {second} follows "
        "with {part}, and chance may have put them in this order."
    ),
    "gap": N_(
        "{first} is the reason given most often: {share} of {n} {deals} with a reason ({interval}); {second} follows "
        "with {part}, a gap that chance does not explain."
    ),
}


def loss_stage(view: View) -> Drawn:
    """How far the lost deals had come."""
    say = view.words.say
    needs(
        view,
        say("Where deals are lost"),
        say("At which stage do we lose deals, and after how many days?"),
        "stage_changes",
    )
    deals = view.panel("deals", when="closed_on", columns=["opportunity_id", "status", "amount", "days"])
    lost = deals[(deals["status"] == "lost").to_numpy(bool)]
    if lost.empty:
        return Drawn("", rows=0)
    frame = pipeline.lost_at(lost, view.panel("stage_steps", since=None, until=None, columns=STEPS))
    table = _fates_table(view, frame, _REACHED, _LOST)
    table[_MEDIAN] = frame["days"]
    table.attrs["units"] = {**table.attrs["units"], _MEDIAN: "days"}
    measure = say("Share of the lost deals")
    chart = charts.bars(frame, unit="share", words=view.words, measure=measure, colour="lost", ranked=False)
    found, dated = _loss_said(view, lines_of(frame), frame), say("{slice}, by closing date", slice=view.text)
    drill = {"panel": "deals", "when": "closed_on", "field": None, "status": "lost"}
    return Drawn(found, chart, table, len(lost), "", dated, drill)


def reasons(view: View, outcome: str = "lost") -> Drawn:
    """The reasons given for the deals that were lost, or won."""
    words, (called, head, measure, none_has, left_out) = view.words, _FATES[outcome]
    deals = view.panel("deals", when="closed_on", columns=["status", "reason", "amount"])
    ended = deals[(deals["status"] == outcome).to_numpy(bool)]
    if ended.empty:
        return Drawn("", rows=0)
    frame = pipeline.reasons(ended)
    if frame.empty:
        raise CannotAnswer(words.say(none_has, n=words.count(len(ended))))
    table = _fates_table(view, frame, N_("Reason"), head)
    chart = charts.bars(frame, unit="share", words=words, measure=words.say(measure), colour=outcome)
    known = int(frame["rows"].sum())
    notes = [words.say("What a salesperson wrote down, not what the customer said.")]
    if len(ended) > known:
        notes.append(words.say(left_out, n=words.count(len(ended) - known)))
    found = _led(view, _REASONS, lines_of(frame), frame, known, deals=words.say(called))
    dated = words.say("{slice}, by closing date", slice=view.text)
    drill = {"panel": "deals", "when": "closed_on", "field": "reason", "status": outcome}
    return Drawn(found, chart, table, known, " ".join(notes), dated, drill)


def _fates_table(view: View, frame: pd.DataFrame, group: str, outcome: str) -> pd.DataFrame:
    table = {
        group: [member(view, name) for name in frame["group"]],
        outcome: frame["rows"],
        _SHARE: frame["value"],
        _INTERVAL: intervals(frame, view.words),
    }
    if frame["amount"].notna().any():
        table[_AMOUNT] = frame["amount"]
    made = pd.DataFrame(table)
    units = {outcome: "count", _SHARE: "share", _AMOUNT: "money"}
    made.attrs["units"] = {name: unit for name, unit in units.items() if name in made}
    return made


def _loss_said(view: View, stages: list[dict[str, Any]], frame: pd.DataFrame) -> str:
    ranked = sorted(range(len(stages)), key=lambda at: (-stages[at]["rows"], stages[at]["group"]))
    found = _led(view, _LOSSES, [stages[at] for at in ranked], frame.iloc[ranked], int(frame["rows"].sum()))
    if len(stages) == 1:
        return found
    half = len(stages) // 2
    part = view.words.text(sum(stage["value"] for stage in stages[:half]), "share")
    said = N_("Up to and with {stage}, {part} of the losses have come.")
    return f"{found} {view.words.say(said, stage=member(view, stages[half - 1]['group']), part=part)}"


def _led(
    view: View, said: Mapping[str, str], groups: list[dict[str, Any]], frame: pd.DataFrame, total: int, **given: str
) -> str:
    """Which group leads the others, the most frequent first, and whether by more than chance."""
    words, first = view.words, groups[0]
    given |= {
        "first": member(view, first["group"]),
        "share": words.text(first["value"], "share"),
        "n": words.count(total),
    }
    given["interval"] = interval(view, first)
    if len(groups) == 1:
        return words.say(said["alone"], **given)
    given |= {"second": member(view, groups[1]["group"]), "part": words.text(groups[1]["value"], "share")}
    return words.say(said["chance" if pipeline.leads_by_chance(frame) else "gap"], **given)
