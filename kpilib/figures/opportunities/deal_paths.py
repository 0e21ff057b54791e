"""The figures on how deals move and when they end: stages, moments.

Where and why they are lost stands in `deal_losses`, what goes with winning in `deal_actions`.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from kpilib.compute import columns, endings
from kpilib.compute.frames import column
from kpilib.compute.frames import rows as lines_of
from kpilib.figures.parts import intervals
from kpilib.language import N_
from kpilib.show import charts, sentences
from kpilib.show.figure import Drawn
from kpilib.show.view import View

from .deal_parts import ENDS, interval, needs

_INTERVAL = N_("95% interval")
_STAGE, _ENTERED, _UNKNOWN, _WENT_ON, _DAYS = (
    N_("Stage"), N_("Entered"), N_("Not yet known"), N_("Went on"), N_("Days in it, mean"),
)  # fmt: skip
_SINCE, _OPEN, _WON_IN, _LOST_IN, _STILL = (
    N_("Days since creation"), N_("Open at the start"), N_("Won in it"), N_("Lost in it"),
    N_("Still open after, of all"),
)  # fmt: skip
_BY_DAY = {
    ("won",): N_("By day {day} after creation, {won} won ({won_interval})."),
    ("lost",): N_("By day {day} after creation, {lost} lost ({lost_interval})."),
    ("won", "lost"): N_("By day {day} after creation, {won} won ({won_interval}) and {lost} lost ({lost_interval})."),
}
_HALVES = {
    ("won",): N_("Of those seen, half of the wins by day {won} ({won_low} to {won_high})."),
    ("lost",): N_("Of those seen, half of the losses by day {lost} ({lost_low} to {lost_high})."),
    ("won", "lost"): N_(
        "Of those seen, half of the wins by day {won} ({won_low} to {won_high}) and half of the losses by day {lost} "
        "({lost_low} to {lost_high})."
    ),
}


def funnel(view: View) -> Drawn:
    """Stages from first to last: deals that entered, the share that went on, the days they stayed."""
    words, kpi = view.words, view.book.kpis["stage_conversion"]
    needs(view, words.say(kpi.name), words.say(kpi.question), "stage_changes")
    frame = _entered(view)
    if frame.empty:
        return Drawn("", rows=0)
    chart = charts.funnel(frame.assign(denominator=frame["entered"]), words=words)
    table = pd.DataFrame(
        {
            _STAGE: frame["group"],
            _ENTERED: frame["entered"],
            _UNKNOWN: frame["entered"] - frame["denominator"].fillna(0),
            _WENT_ON: frame["value"],
            _INTERVAL: intervals(frame, words),
            _DAYS: frame["days"],
        }
    )
    table.attrs["units"] = {_ENTERED: "count", _UNKNOWN: "count", _WENT_ON: "share", _DAYS: "days"}
    measure = sentences.Measure(N_("share that goes on"), "share", N_("deals"), words=words)
    found = [sentences.best_and_worst(frame.assign(rows=frame["denominator"]), measure)]
    if frame["days"].notna().any():
        longest = frame.iloc[frame["days"].argmax()]
        given = {"stage": longest["group"], "days": words.text(longest["days"], "days")}
        found.append(words.say("Deals stay longest in {stage}: {days} on average.", **given))
    note = words.say(
        "Of the last stage, those that went on were won. Shares are of the deals whose fate is known; days are of "
        "stays that are over."
    )
    dated = words.say("{slice}, by the day a stage was entered", slice=view.text)
    drill = {"panel": "stage_steps", "when": "entered_on", "field": "stage"}
    return Drawn(" ".join(found), chart, table, int(frame["entered"].sum()), note, dated, drill)


def moments(view: View) -> Drawn:
    """When deals are won and when they are lost, counted from their creation, with open deals as far as they are."""
    words, deals = view.words, view.panel("deals", when="created_on", columns=ENDS[1:])
    timed = endings.ends(deals, view.book.as_of)
    curves = endings.curves(timed)
    curve = endings.incidence(timed, curves)
    if curve.empty:
        none = words.say("No deal of the slice has ended yet.")
        return Drawn("", rows=0) if timed.empty else Drawn(none, rows=len(timed))
    rows = endings.windows(timed, of=curves)
    table = pd.DataFrame(
        {
            _SINCE: [f"{a:.0f}–{b - 1:.0f}" for a, b in zip(rows["since"], rows["until"], strict=True)],
            _OPEN: rows["open"],
            _WON_IN: rows["won_share"],
            _LOST_IN: rows["lost_share"],
            _STILL: rows["open_share"],
        }
    )
    table.attrs["units"] = dict.fromkeys((_WON_IN, _LOST_IN, _STILL), "share") | {_OPEN: "count"}
    notes = [
        words.say(
            "Open deals count for as long as they have been open (Aalen–Johansen); quick deals do not stand for all. "
            "The curves end where fewer than {n} deals are left open.",
            n=sentences.MINIMUM,
        )
    ]
    if left := len(deals) - len(timed):
        said = N_("Left out: {n} deals closed before their creation, or without a date.")
        notes.append(words.say(said, n=words.count(left)))
    found = _moments_said(view, curve, endings.halves(timed, curves), lines_of(rows), int((timed["cause"] == 2).sum()))
    dated = words.say("{slice}, by creation date", slice=view.text)
    drill = {"panel": "deals", "when": "created_on", "field": None}
    return Drawn(found, charts.incidence(curve, words=words), table, len(timed), " ".join(notes), dated, drill)


def _entered(view: View) -> pd.DataFrame:
    """The stages in the order of the cycle, with what became of those that entered; no row where nobody did."""
    steps = view.panel("stage_steps", columns=["stage", "place", "first_visit"], when="entered_on")
    first = steps["first_visit"].to_numpy(bool)
    stage, names = columns.codes(steps["stage"])
    entered = np.bincount(stage[first], minlength=len(names))
    place = np.full(len(names), np.inf)
    np.minimum.at(place, stage[first], steps["place"].to_numpy(float)[first])
    order = sorted(np.flatnonzero(entered).tolist(), key=lambda at: (place[at], names[at]))
    groups = [names[at] for at in order]
    shares, days = (
        {one["group"]: one for one in view.lines(key, by="stage")} for key in ("stage_conversion", "stage_days")
    )
    made = {name: column(groups, shares, name) for name in ("value", "low", "high", "denominator")}
    return pd.DataFrame({"group": groups, **made, "entered": entered[order], "days": column(groups, days, "value")})


def _moments_said(
    view: View,
    curve: pd.DataFrame,
    halves: Mapping[str, tuple[float, float, float]],
    rows: list[dict[str, Any]],
    losses: int,
) -> str:
    words, last = view.words, {row["outcome"]: row for row in lines_of(curve)}
    given = {"day": f"{curve['day'].max():.0f}"}
    for name, row in last.items():
        given |= {name: words.text(row["value"], "share"), f"{name}_interval": interval(view, row)}
    said = [words.say(_BY_DAY[tuple(last)], **given)]
    half: dict[str, str] = {}
    for name, ends in halves.items():
        half |= dict(zip((name, f"{name}_low", f"{name}_high"), (f"{day:.0f}" for day in ends), strict=True))
    said.append(words.say(_HALVES[tuple(halves)], **half))
    worst = max(rows, key=lambda row: row["lost"], default={"lost": 0})
    if worst["lost"]:
        window = {"since": f"{worst['since']:.0f}", "until": f"{worst['until'] - 1:.0f}"}
        part = words.text(worst["lost"] / losses, "share")
        said.append(
            words.say("The days {since} to {until} take the largest part of the losses: {part}.", **window, part=part)
        )
    return " ".join(said)
