"""How long it takes, for all and for each group, in percentiles; who still waits is counted, not left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from kpilib.figures import parts
from kpilib.language import N_
from kpilib.model.dimensions import DIMENSIONS
from kpilib.show import charts, tables
from kpilib.show.charts.lasting import lasting
from kpilib.show.figure import Drawn
from kpilib.show.tables import INTERVAL, between
from kpilib.show.view import View
from kpilib.show.words import MINIMUM, Words, missing
from kpilib.stats import waiting as stats
from kpilib.stats.survival import Retention

from .waits import Floats, Wait, wait, waited

_PARTS = (0.25, 0.5, 0.75, 0.9, 0.95)
_TICKETS, _WAITING, _PART, _WITHIN = N_("Tickets"), N_("Still waiting"), N_("Part of all tickets"), N_("Within")
_NAIVE, _MEDIAN, _NINE = N_("Of those over alone"), N_("Half within"), N_("Nine in ten within")
# So many groups have a curve of their own, and a curve is drawn at so many times.
_CURVES, _DRAWN, _BINS = 5, 120, 30
_SPREAD = {
    "first_reply_time": N_("Half of the tickets are answered within {half} ({interval}), nine in ten within {nine}."),
    "resolution_time": N_("Half of the tickets are solved within {half} ({interval}), nine in ten within {nine}."),
}
_NOT_HALF = N_("Fewer than half of these {n} tickets are through: no median can be given yet.")
_CENSORED = N_(
    "Of {n} tickets {waiting} still wait: they count as long as they have waited so far. Left out, as a mean does, "
    "they would make us look faster than we are."
)
_ALL_OVER = N_("None of these {n} tickets still waits.")
_CUT = N_("The chart ends at {hours}; {n} waits are longer.")
_APART = N_("{first} is quickest (half within {half}, {interval}), {last} slowest ({other}, {other_interval}).")
_ALIKE = N_(
    "Between the quickest, {first} (half within {half}, {interval}), and the slowest, {last} ({other}, "
    "{other_interval}), there is no difference beyond chance."
)
_SMALL = N_("No two groups have {n} tickets or more; none is compared.")
_HOW = N_(
    "The share of tickets that still wait, by the hours since they were opened (Kaplan–Meier). The table has all "
    "groups; intervals are at 95%, the sentence allows for the number of groups."
)


def spread(view: View, measure: str = "First reply") -> Drawn:
    """How the waits spread, and within how many hours which part of all tickets is through."""
    asked, words = wait(measure), view.words
    told = waited(view, asked)
    curve = _curve(told)
    value, low, high = stats.percentiles(curve, _PARTS)
    hours = told["hours"].to_numpy(float)[told["over"].to_numpy()]
    if not len(hours):
        raise charts.Nothing("No row matches.")
    end, frame = _bins(hours)
    half = None if np.isnan(value[1]) else (words.say(N_("half within")), float(value[1]))
    chart = charts.histogram(
        frame, unit="hours", words=words, measure=words.say(asked.over), counted=_TICKETS, mark=half
    )
    said = " ".join([_half_said(asked, value, low, high, len(told), words), _censored(told, words)])
    cut = words.say(_CUT, hours=words.text(end, "hours"), n=words.count(int((hours > end).sum())))
    drill = {"kpi": asked.kpi, "field": None}
    return Drawn(said, chart, _percentile_table(value, low, high, hours, words), len(told), cut, drill=drill)


def lasts(view: View, measure: str = "First reply", by: str = "severity") -> Drawn:
    """The share of tickets that still wait after so many hours, group by group, with the median of each."""
    asked, words = wait(measure), view.words
    told = waited(view, asked, [by])
    groups = _groups(told.rename(columns={by: "group"}), view)
    drawn = _drawn([one for one in groups if one["tickets"] >= MINIMUM][:_CURVES] or groups[:_CURVES])
    chart = lasting(
        drawn, words=words, measure=asked.still, times=N_("Hours since the ticket was opened"), after=_after
    )  # fmt: skip
    said = " ".join([_compared(groups, words), _censored(told, words)])
    frame = pd.DataFrame([{name: one[name] for name in one if name != "curve"} for one in groups])
    table = _group_table(frame, by, words)
    return Drawn(said, chart, table, len(told), words.say(_HOW), drill={"kpi": asked.kpi, "field": None})


def _curve(told: pd.DataFrame) -> Retention:
    return stats.still_waiting(told["hours"].to_numpy(float), told["over"].to_numpy(float))


def _bins(hours: Floats) -> tuple[float, pd.DataFrame]:
    """The waits in classes of one width, up to where one in fifty is longer; all of them where they are alike."""
    end = float(np.quantile(hours, 0.98)) or 1.0
    counted, edges = np.histogram(hours[hours <= end], bins=_BINS, range=(0.0, end))
    return end, pd.DataFrame({"low": edges[:-1], "high": edges[1:], "rows": counted})


def _half_said(asked: Wait, value: Floats, low: Floats, high: Floats, n: int, words: Words) -> str:
    if np.isnan(value[1]):
        return words.say(_NOT_HALF, n=words.count(n))
    interval = words.interval(low[1], high[1], "hours")
    nine = words.text(value[3], "hours")
    return words.say(_SPREAD[asked.kpi], half=words.text(value[1], "hours"), interval=interval, nine=nine)


def _censored(told: pd.DataFrame, words: Words) -> str:
    waiting, n = int((~told["over"].to_numpy(bool)).sum()), words.count(len(told))
    return words.say(_CENSORED, n=n, waiting=words.count(waiting)) if waiting else words.say(_ALL_OVER, n=n)


def _percentile_table(value: Floats, low: Floats, high: Floats, hours: Floats, words: Words) -> pd.DataFrame:
    """Each percentile with its interval; beside it what comes out without those who still wait."""
    table = pd.DataFrame(
        {
            _PART: [words.text(part, "share") for part in _PARTS],
            _WITHIN: value,
            INTERVAL: between(low.tolist(), high.tolist(), words, "hours"),
            _NAIVE: np.quantile(hours, _PARTS),
        }
    )
    table.attrs["units"] = {_WITHIN: "hours", _NAIVE: "hours"}
    return table


def _groups(told: pd.DataFrame, view: View) -> list[dict[str, Any]]:
    """Each group's curve, its median and its ninth decile, the largest group first."""
    told = parts.told(told, view)
    made = []
    for group, own in told.groupby("group", sort=True):
        curve = _curve(own)
        (half, nine), (low, nine_low), (high, nine_high) = stats.percentiles(curve, [0.5, 0.9])
        made.append(
            {"group": str(group), "tickets": len(own), "waiting": int((~own["over"].to_numpy(bool)).sum()),
             "half": half, "low": low, "high": high, "nine": nine, "nine_low": nine_low, "nine_high": nine_high,
             "curve": curve}
        )  # fmt: skip
    return sorted(made, key=lambda one: (-one["tickets"], one["group"]))


def _drawn(groups: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """The curves at times alike for all, up to where one in twenty of the slowest group still waits."""
    ends = [stats.percentiles(one["curve"], [0.95])[0][0] for one in groups]
    lasts_ = [one["curve"].times[-1] for one in groups]
    end = max(last if np.isnan(end) else end for end, last in zip(ends, lasts_, strict=True))
    at = np.linspace(0.0, float(end), _DRAWN)
    return pd.concat([_sampled(one, at) for one in groups], ignore_index=True)


def _sampled(one: dict[str, Any], at: Floats) -> pd.DataFrame:
    curve: Retention = one["curve"]
    place = np.searchsorted(curve.times, at, side="right")
    sides = zip(("value", "low", "high"), (curve.retained, *curve.band()), strict=True)
    columns = {name: np.concatenate([[1.0], side])[place] for name, side in sides}
    seen = at <= curve.times[-1]
    return pd.DataFrame({"group": one["group"], "time": np.round(at, 2), **columns})[seen]


def _after(hours: float, words: Words) -> str:
    return words.plural(hours, "After {n} hour", "After {n} hours", n=words.count(round(hours, 1)))


def _compared(groups: list[dict[str, Any]], words: Words) -> str:
    """The quickest and the slowest group; apart where their intervals are, at a level shared among all groups."""
    able = [one for one in groups if one["tickets"] >= MINIMUM and not missing(one["half"])]
    if len(able) < 2:
        return words.say(_SMALL, n=MINIMUM)
    first, *_, last = sorted(able, key=lambda one: (one["half"], one["group"]))
    level = 1 - 0.05 / len(able)
    slowest = stats.percentiles(last["curve"], [0.5], level)[1][0]
    apart = slowest > stats.percentiles(first["curve"], [0.5], level)[2][0]
    given = {"first": first["group"], "last": last["group"]}
    given |= {"half": words.text(first["half"], "hours"), "other": words.text(last["half"], "hours")}
    given["interval"] = words.interval(first["low"], first["high"], "hours")
    given["other_interval"] = words.interval(last["low"], last["high"], "hours")
    return words.say(_APART if apart else _ALIKE, **given)


def _group_table(frame: pd.DataFrame, by: str, words: Words) -> pd.DataFrame:
    told = frame.assign(
        between=between(frame["low"].tolist(), frame["high"].tolist(), words, "hours"),
        nine_between=between(frame["nine_low"].tolist(), frame["nine_high"].tolist(), words, "hours"),
    )
    named = {
        "group": DIMENSIONS[by].label, "tickets": _TICKETS, "waiting": _WAITING, "half": _MEDIAN, "between": INTERVAL,
        "nine": _NINE, "nine_between": f"{INTERVAL} ",
    }  # fmt: skip
    units = {_TICKETS: "count", _WAITING: "count", _MEDIAN: "hours", _NINE: "hours"}
    return tables.shown(told, named, units)
