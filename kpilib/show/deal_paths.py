"""The figures on how deals move and end: stages, moments, reasons, and which actions go with winning."""

from typing import Any

import pandas as pd

from kpilib.compute import actions, pipeline
from kpilib.errors import CannotAnswer

from . import charts, sentences
from .figure import Drawn
from .parts import intervals
from .versus import versus
from .view import View

_ENDS = ["opportunity_id", "created_on", "closed_on", "status"]
_STEPS = ["opportunity_id", "stage", "place", "entered_on"]


def funnel(view: View) -> Drawn:
    """Stages from first to last: deals that entered, the share that went on, the days they stayed."""
    shares = view.kpi("stage_conversion", by="stage").set_index("group")
    days = view.kpi("stage_days", by="stage").set_index("group")
    steps = view.panel("stage_steps", columns=["stage", "place", "first_visit", "fate_known"], when="entered_on")
    steps = steps[steps["first_visit"].astype(bool)]
    if steps.empty:
        return Drawn("", rows=0)
    order = steps.groupby("stage")["place"].min().sort_values().index
    entered = steps.groupby("stage").size().reindex(order)
    frame = shares.reindex(order).assign(entered=entered, days=days["value"].reindex(order)).rename_axis("group")
    frame = frame.reset_index()
    chart = charts.funnel(frame.assign(denominator=frame["entered"]), words=view.words)
    table = pd.DataFrame(
        {
            "Stage": frame["group"],
            "Entered": frame["entered"],
            "Not yet known": frame["entered"] - frame["denominator"].fillna(0),
            "Went on": frame["value"],
            "95% interval": intervals(frame, view.words),
            "Days in it, mean": frame["days"],
        }
    )
    table.attrs["units"] = {
        "Entered": "count",
        "Not yet known": "count",
        "Went on": "share",
        "Days in it, mean": "days",
    }
    measure = sentences.Measure("share that goes on", "share", "deals", words=view.words)
    found = sentences.best_and_worst(frame.assign(rows=frame["denominator"]), measure)
    if frame["days"].notna().any():
        longest = frame.iloc[frame["days"].argmax()]
        found += f" Deals stay longest in {longest['group']}: {view.words.text(longest['days'], 'days')} on average."
    note = (
        "Of the last stage, those that went on were won. Shares are of the deals whose fate is known; days are of "
        "stays that are over."
    )
    return Drawn(found, chart, table, len(steps), note, slice=f"{view.text}, by the day a stage was entered")


def moments(view: View) -> Drawn:
    """When deals are won and when they are lost, counted from their creation, with open deals as far as they are."""
    deals = view.panel("deals", when="created_on", columns=_ENDS)
    timed = pipeline.ends(deals, view.book.as_of)
    curve = pipeline.incidence(timed)
    if curve.empty:
        return Drawn("", rows=0) if timed.empty else Drawn("No deal of the slice has ended yet.", rows=len(timed))
    rows = pipeline.windows(timed)
    table = pd.DataFrame(
        {
            "Days since creation": [f"{a:.0f}–{b - 1:.0f}" for a, b in zip(rows["since"], rows["until"], strict=True)],
            "Open at the start": rows["open"],
            "Won in it": rows["won_share"],
            "Lost in it": rows["lost_share"],
            "Still open after, of all": rows["open_share"],
        }
    )
    table.attrs["units"] = dict.fromkeys(table.columns[2:], "share") | {"Open at the start": "count"}
    note = (
        "Open deals count for as long as they have been open (Aalen–Johansen); quick deals do not stand for all. "
        f"The curves end where fewer than {sentences.MINIMUM} deals are left open."
    )
    if left := len(deals) - len(timed):
        note += f" Left out: {view.words.count(left)} deals closed before their creation, or without a date."
    chart = charts.incidence(curve)
    return Drawn(
        _moments_said(view, curve, timed, rows), chart, table, len(timed), note, f"{view.text}, by creation date"
    )


def loss_stage(view: View) -> Drawn:
    """How far the lost deals had come."""
    _needs(view, "Where deals are lost", "At which stage do we lose deals, and after how many days?", "stage_changes")
    deals = view.panel("deals", when="closed_on", columns=["opportunity_id", "status", "amount", "days"])
    lost = deals[deals["status"] == "lost"]
    if lost.empty:
        return Drawn("", rows=0)
    frame = pipeline.lost_at(lost, view.panel("stage_steps", since=None, until=None, columns=_STEPS))
    table = _reasons_table(view, frame, "Stage at the loss", "Lost")
    table["Days to the loss, median"] = frame["days"]
    table.attrs["units"] = {**table.attrs["units"], "Days to the loss, median": "days"}
    chart = charts.bars(
        frame, unit="share", words=view.words, measure="Share of the lost deals", colour="lost", ranked=False
    )
    return Drawn(_loss_said(view, frame), chart, table, len(lost), slice=f"{view.text}, by closing date")


def reasons(view: View, outcome: str = "lost") -> Drawn:
    """The reasons given for the deals that were lost, or won."""
    deals = view.panel("deals", when="closed_on", columns=["status", "reason", "amount"])
    ended = deals[deals["status"] == outcome]
    if ended.empty:
        return Drawn("", rows=0)
    frame = pipeline.reasons(ended)
    if frame.empty:
        raise CannotAnswer(
            f"Why deals are {outcome} needs the column 'reason' of the table 'opportunities', which is empty for "
            f"the {view.words.count(len(ended))} {outcome} deals of this choice. It would show how often each is given."
        )
    table = _reasons_table(view, frame, "Reason", outcome.capitalize())
    chart = charts.bars(
        frame, unit="share", words=view.words, measure=f"Share of the {outcome} deals with a reason", colour=outcome
    )
    known = int(frame["rows"].sum())
    note = "What a salesperson wrote down, not what the customer said."
    if len(ended) > known:
        note += f" Left out: {view.words.count(len(ended) - known)} {outcome} deals without a reason."
    return Drawn(_reasons_said(view, frame, outcome), chart, table, known, note, f"{view.text}, by closing date")


def action_effect(view: View) -> Drawn:
    """Which actions go with winning: deals with and without, among those that got to the stage where it is taken."""
    question = "Are deals with a demo or a visit won more often than those without?"
    _needs(view, "What goes with winning", question, "activities")
    deals = view.panel("deals", when="created_on", columns=_ENDS)
    steps = _steps(view)
    done = view.book.panel("activities", columns=["opportunity_id", "kind", "done_on"])
    frame = actions.actions(deals, steps, done, view.book.as_of)
    if frame.empty:
        return Drawn("", rows=0)
    days, both = frame.attrs["horizon"], frame[frame["outcome"] == "with"].reset_index(drop=True)
    other = frame[frame["outcome"] == "without"].set_index("group").loc[both["group"]].reset_index()
    table = pd.DataFrame(
        {
            "Action": both["group"],
            "Among deals that reached": both["stage"].replace("", "creation"),
            "With it": both["rows"],
            "Won, with": both["value"],
            "Without it": other["rows"],
            "Won, without": other["value"],
            "Difference": [view.words.difference(gap, "share") for gap in both["difference"]],
            "Differs": both["differs"],
        }
    )
    table.attrs["units"] = {"With it": "count", "Won, with": "share", "Without it": "count", "Won, without": "share"}
    note = (
        f"Won within {days} days of reaching the stage; open deals count as far as they have come. An association, not "
        "a cause: nobody drew lots for a visit, good prospects get more of them, and a deal that lives longer leaves "
        "more time for one. Differences are held to a false-discovery rate of 10%."
    )
    if steps.empty:
        note += " Without the table 'stage_changes', all deals are compared, and early losses count as “without”."
    measure = f"Share won within {days} days"
    chart = versus(frame, words=view.words, measure=measure)
    text = f"{view.text}, by creation date"
    return Drawn(_actions_said(view, both, other, days), chart, table, len(deals), note, text)


def _needs(view: View, what: str, question: str, *names: str) -> None:
    """Say which table is missing, as `Book.why_not` does for a KPI."""
    for name in ("opportunities", *names):
        if name not in view.book.tables:
            raise CannotAnswer(
                f"{what} needs the table '{name}', which these data do not have. It would say: {question}"
            )


def _steps(view: View) -> pd.DataFrame:
    if "stage_changes" not in view.book.tables:
        return pd.DataFrame(columns=_STEPS)
    return view.panel("stage_steps", since=None, until=None, columns=_STEPS)


def _interval(view: View, row: Any) -> str:
    return view.words.interval(row["low"], row["high"], "share")


def _reasons_table(view: View, frame: pd.DataFrame, group: str, outcome: str) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            group: frame["group"],
            outcome: frame["rows"],
            "Share": frame["value"],
            "95% interval": intervals(frame, view.words),
            "Amount": frame["amount"],
        }
    ).dropna(axis="columns", how="all")
    units = {outcome: "count", "Share": "share", "Amount": "money"}
    table.attrs["units"] = {name: unit for name, unit in units.items() if name in table}
    return table


def _moments_said(view: View, curve: pd.DataFrame, timed: pd.DataFrame, rows: pd.DataFrame) -> str:
    last = curve.groupby("outcome").last()
    names = [name for name in ("won", "lost") if name in last.index]
    shares = [f"{view.words.text(last.loc[n, 'value'], 'share')} {n} ({_interval(view, last.loc[n])})" for n in names]
    found = f"By day {curve['day'].max():.0f} after creation, {' and '.join(shares)}. "
    called = {"won": "wins", "lost": "losses"}
    said = [
        f"half of the {called[outcome]} by day {day:.0f} ({low:.0f} to {high:.0f})"
        for outcome, (day, low, high) in pipeline.halves(timed).items()
    ]
    found += f"Of those seen, {' and '.join(said)}."
    if rows["lost"].sum() == 0:
        return found
    worst = rows.iloc[rows["lost"].argmax()]
    part = view.words.text(worst["lost"] / (timed["cause"] == pipeline.CAUSES["lost"]).sum(), "share")
    window = f"{worst['since']:.0f} to {worst['until'] - 1:.0f}"
    return f"{found} The days {window} take the largest part of the losses: {part}."


def _loss_said(view: View, frame: pd.DataFrame) -> str:
    ranked = frame.sort_values(["rows", "group"], ascending=[False, True])
    first, total = ranked.iloc[0], view.words.count(frame["rows"].sum())
    said = (
        f"{first['group']} takes the largest share of the losses: {view.words.text(first['value'], 'share')} "
        f"of {total} ({_interval(view, first)})"
    )
    if len(ranked) == 1:
        return f"{said}."
    half = len(frame) // 2
    part = view.words.text(frame["value"].iloc[:half].sum(), "share")
    until = f"Up to and with {frame['group'].iloc[half - 1]}, {part} of the losses have come."
    return f"{said}; {_second(view, ranked)}. {until}"


def _second(view: View, ranked: pd.DataFrame) -> str:
    """Who follows, and whether the lead is more than chance."""
    second = ranked.iloc[1]
    lead = f"{second['group']} follows with {view.words.text(second['value'], 'share')}"
    if pipeline.leads_by_chance(ranked):
        return f"{lead}, and chance may have put them in this order"
    return f"{lead}, a gap that chance does not explain"


def _reasons_said(view: View, frame: pd.DataFrame, outcome: str) -> str:
    first, known = frame.iloc[0], int(frame["rows"].sum())
    said = (
        f"{first['group']} is the reason given most often: {view.words.text(first['value'], 'share')} of "
        f"{view.words.count(known)} {outcome} deals with a reason ({_interval(view, first)})"
    )
    if len(frame) == 1:
        return f"{said}."
    return f"{said}; {_second(view, frame)}."


def _actions_said(view: View, both: pd.DataFrame, other: pd.DataFrame, days: int) -> str:
    flagged = [at for at in range(len(both)) if both["differs"].iloc[at] in ("higher", "lower")]
    if not flagged:
        return f"None of the {len(both)} actions goes with winning more, or less, often than chance explains."
    said = []
    for at in flagged[:3]:
        with_it, without = both.iloc[at], other.iloc[at]
        gap = view.words.interval(with_it["below"] * 100, with_it["above"] * 100, "score")
        said.append(
            f"with “{with_it['group']}” {view.words.text(with_it['value'], 'share')} were won, without "
            f"{view.words.text(without['value'], 'share')} ({gap} points apart)"
        )
    rest = len(both) - len(flagged)
    more = f" For the other {rest}, chance explains the difference." if rest else ""
    found = "; ".join(said)
    return f"{found[0].upper()}{found[1:]}.{more} These go together; neither need cause the other."
