"""By when leads convert: cohort by cohort, group by group, and how long it takes. Reached as ``acquisition.…``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kpilib.analysis import acquisition as leads_of
from kpilib.compute.frames import rows
from kpilib.errors import CannotAnswer
from kpilib.figures.parts import told as named
from kpilib.language import N_
from kpilib.model.dimensions import DIMENSIONS
from kpilib.show import charts
from kpilib.show.charts.heat import triangle
from kpilib.show.charts.lasting import lasting
from kpilib.show.figure import Drawn
from kpilib.show.measures import p_value
from kpilib.show.tables import INTERVAL, between
from kpilib.show.view import View
from kpilib.show.words import MINIMUM, NOTHING, Words, missing

from .fitting import fitted, told

_COHORT, _LEADS, _CONVERTED = N_("Cohort"), N_("Leads"), N_("Converted")
_BY_90, _BY_YEAR, _HALF, _HALF_INTERVAL = (
    N_("Converted by 90 days"), N_("By a year"), N_("Half of them by day"), N_("95% interval of that day"),
)  # fmt: skip
_AGES = N_("Days since the lead came (% converted)")
_SINCE = N_("Days since the lead came")
# More curves than this cannot be told apart.
_CURVES = 5
# So many bars at most show how long it takes.
_BINS = 24


def cohorts(view: View) -> Drawn:
    """Of the leads of each quarter, what share had converted by each age; all quarters since the data begin."""
    kept, note = fitted(view.but(since=None), "leads")
    words, leads = view.words, _followed(kept)
    cells = leads_of.cohorts(leads)
    if cells.empty:
        raise charts.Nothing("No row matches.")
    frame = cells.rename(columns={"cohort": "group", "leads": "rows"})
    chart = triangle(
        frame[["group", "age", "value", "rows", "complete"]], words=words, ages=words.say(_AGES),
        names=(N_("Converted"), N_("Leads of the quarter")), top=float(cells["value"].max()) or 1.0,
    )  # fmt: skip
    notes = words.say(
        "A line is what became of one quarter's leads; read along it. Read down a column to compare quarters at the "
        "same age: that is fair to young ones. Dashed: not all leads of the quarter have come of that age, and only "
        "those that have count."
    )
    drill = {"kpi": "leads", "field": None}
    return Drawn(
        _later_ones(rows(cells), words), chart, _cohort_table(cells, words), len(leads), told(notes, note), kept.text,
        drill,
    )  # fmt: skip


def _later_ones(cells: list[dict[str, Any]], words: Words) -> str:
    """The first quarter and the last one that is wholly 90 days old, at that age."""
    known = [cell for cell in cells if cell["age"] == 90 and cell["complete"]]
    if not known:
        return words.say("No quarter's leads are all 90 days old within these data; read the first days only.")
    first, last = known[0], known[-1]
    given = {"first": first["cohort"], **_said(first, words)}
    if first is last:
        return words.say("Of the {n} leads of {first}, {share} had converted by their 90th day ({interval}).", **given)
    given |= {"last": last["cohort"], **{f"last_{name}": text for name, text in _said(last, words).items()}}
    if last["low"] > first["high"] or last["high"] < first["low"]:
        return words.say(
            "By their 90th day {share} of the {n} leads of {first} had converted ({interval}), and {last_share} of the "
            "{last_n} of {last} ({last_interval}): more apart than chance explains.",
            **given,
        )
    return words.say(
        "By their 90th day {share} of the {n} leads of {first} had converted ({interval}), and {last_share} of the "
        "{last_n} of {last} ({last_interval}): no difference beyond chance.",
        **given,
    )


def _said(cell: dict[str, Any], words: Words) -> dict[str, str]:
    interval = words.interval(cell["low"], cell["high"], "share")
    return {"n": words.count(cell["leads"]), "share": words.text(cell["value"], "share"), "interval": interval}


def _cohort_table(cells: pd.DataFrame, words: Words) -> pd.DataFrame:
    by_cohort: dict[str, dict[int, dict[str, Any]]] = {}
    for cell in rows(cells):
        by_cohort.setdefault(cell["cohort"], {})[cell["age"]] = cell
    made: dict[str, list[Any]] = {
        _COHORT: list(by_cohort),
        _LEADS: [words.count(next(iter(known.values()))["leads"]) for known in by_cohort.values()],
    }
    for age in leads_of.AGES:
        made[words.say("By day {n}", n=age)] = [_shared(known.get(age), words) for known in by_cohort.values()]
    return pd.DataFrame(made)


def _shared(cell: dict[str, Any] | None, words: Words) -> str:
    if cell is None:
        return NOTHING
    share = words.text(cell["value"], "share")
    return share if cell["complete"] else words.say("{share} (not all)", share=share)


def curves(view: View, by: str = "source") -> Drawn:
    """What share has converted by the days since the lead came, group by group, young leads as far as they go."""
    kept, note = fitted(view, "leads")
    words, leads = view.words, _followed(kept, by)
    groups = leads_of.compared(leads, by)
    shown = [row for row in rows(groups) if row["leads"] >= MINIMUM][:_CURVES] if len(groups) else []
    if not shown:
        raise _too_few(leads, words)
    drawn = _curves(leads, by, [row["group"] for row in shown])
    chart = lasting(
        named(drawn, view), words=words, measure=N_("Converted"), times=_SINCE, after=_days, rising=True, most=_CURVES
    )
    left_out = len(groups) - len(shown)
    more = words.plural(
        left_out, "{n} smaller group is in the table only.", "{n} smaller groups are in the table only.", n=left_out
    )
    notes = words.say(
        "A lead that has not converted counts for as long as it has been seen, so young leads do not lower the share. "
        "Bands hold 95%; a curve ends where fewer than {n} leads are still followed.",
        n=MINIMUM,
    )
    drill = {"kpi": "conversion_rate", "field": None}
    return Drawn(
        _fastest(shown, leads_of.differ(leads, by), words), chart, _groups_table(named(groups, view), by, words),
        len(leads), told(notes, more if left_out else "", note), kept.text, drill,
    )  # fmt: skip


def _curves(leads: pd.DataFrame, by: str, names: list[str]) -> pd.DataFrame:
    """The curve of each group at every third day, one below the other."""
    found = [leads_of.curve(leads[(leads[by] == name).to_numpy(bool)]).iloc[::3].assign(group=name) for name in names]
    return pd.concat(found, ignore_index=True)[["group", "time", "value", "low", "high"]]


def _fastest(shown: list[dict[str, Any]], test: dict[str, float], words: Words) -> str:
    """Who converts most and least by day 90, and whether the curves differ."""
    known = sorted((row for row in shown if not missing(row["value"])), key=lambda row: row["value"])
    said = []
    if len(known) > 1:
        given = {}
        for name, row in (("best", known[-1]), ("worst", known[0])):
            given[name] = row["group"]
            given[f"{name}_share"] = words.text(row["value"], "share")
            given[f"{name}_interval"] = words.interval(row["low"], row["high"], "share")
        said.append(
            words.say(
                "By day 90, {best_share} of the leads of {best} have converted ({best_interval}), {worst_share} of "
                "those of {worst} ({worst_interval}).",
                **given,
            )
        )
    elif known:
        given = {"group": known[0]["group"], "share": words.text(known[0]["value"], "share")}
        given["interval"] = words.interval(known[0]["low"], known[0]["high"], "share")
        said.append(words.say("By day 90, {share} of the leads of {group} have converted ({interval}).", **given))
    if not missing(test["p"]):
        message = N_("The curves of the {groups} groups differ by more than chance (log-rank test, {p}).")
        if test["p"] >= 0.05:
            message = N_("Chance explains how the curves of the {groups} groups differ (log-rank test, {p}).")
        said.append(words.say(message, groups=test["groups"], p=p_value(test["p"], words)))
    return " ".join(said) or words.say("No lead has been followed for 90 days yet.")


def _groups_table(groups: pd.DataFrame, by: str, words: Words) -> pd.DataFrame:
    ends = zip(groups["half_low"], groups["half_high"], strict=True)
    table = pd.DataFrame(
        {
            DIMENSIONS[by].label: groups["group"],
            _LEADS: groups["leads"],
            _CONVERTED: groups["converted"],
            _BY_90: groups["value"],
            INTERVAL: between(groups["low"].tolist(), groups["high"].tolist(), words),
            _BY_YEAR: groups["late"],
            _HALF: groups["half"],
            _HALF_INTERVAL: [_days_between(low_, high, words) for low_, high in ends],
        }
    )
    counts = dict.fromkeys((_LEADS, _CONVERTED, _HALF), "count")
    table.attrs["units"] = {**counts, _BY_90: "share", _BY_YEAR: "share"}
    return table


def _days_between(first: float, last: float, words: Words) -> str:
    """An interval of days, in whole ones: a bootstrap's ends may lie between two."""
    return NOTHING if missing(first) else words.interval(round(first), round(last), "count")


def days_to_convert(view: View) -> Drawn:
    """How many days leads took to convert, and the day by which half of them had, open leads counted."""
    kept, note = fitted(view, "leads")
    words, leads = view.words, _followed(kept)
    done = leads["time"].to_numpy(float)[leads["converted"].to_numpy(int) == 1]
    if not len(done):
        raise CannotAnswer(words.say("None of the {n} leads of this slice has converted yet.", n=len(leads)))
    middle, first, last = leads_of.half(leads)
    chart = charts.histogram(
        _bins(done), unit="days", words=words, measure=words.say("From lead to conversion"), counted=N_("Leads"),
        mark=(words.say("half"), middle),
    )  # fmt: skip
    late = float((done > 90).mean())
    said = words.say(
        "Half of the conversions come by day {day} ({first} to {last}), leads that are still open counted as far as "
        "they go; {late} of those seen took longer than 90 days.",
        day=words.count(round(middle)), first=words.count(round(first)), last=words.count(round(last)),
        late=words.text(late, "share"),
    )  # fmt: skip
    notes = words.say(
        "Of {n} conversions among {all} leads. The mean of finished ones alone would be too short: the slow ones of "
        "the last months are still to come.",
        n=words.count(len(done)), all=words.count(len(leads)),
    )  # fmt: skip
    drill = {"panel": "leads", "when": "created_on", "field": None}
    return Drawn(said, chart, _days_table(done, words), len(leads), told(notes, note), kept.text, drill)


def _bins(done: np.ndarray[Any, Any]) -> pd.DataFrame:
    """The conversions by weeks, or by more days where there would be too many bars."""
    width = 7 * max(1, -(-int(done.max() + 1) // (7 * _BINS)))
    edges = np.arange(0, int(done.max()) + width + 1, width)
    counts = np.histogram(done, edges)[0]
    return pd.DataFrame({"low": edges[:-1].astype(float), "high": edges[1:].astype(float), "rows": counts})


def _days_table(done: np.ndarray[Any, Any], words: Words) -> pd.DataFrame:
    """By which day so many in a hundred of the conversions seen had come."""
    shares = (0.1, 0.25, 0.5, 0.75, 0.9)
    days = np.quantile(done, shares, method="inverted_cdf")
    share, day = words.say("Share of the conversions seen"), words.say("By day")
    table = pd.DataFrame({share: shares, day: days})
    table.attrs["units"] = {share: "share", day: "count"}
    return table


def _followed(view: View, *more: str) -> pd.DataFrame:
    """The leads of the slice by the day on which they came; says what is missing where it cannot be told."""
    why = view.book.why_not("conversion_rate", view.locale)
    if why:
        raise CannotAnswer(why, "conversion_rate")
    leads = leads_of.followed(view.panel("leads", when="created_on", columns=(*leads_of.READ, *more)))
    if leads.empty:
        raise charts.Nothing("No row matches.")
    return leads


def _too_few(leads: pd.DataFrame, words: Words) -> CannotAnswer:
    return CannotAnswer(
        words.say(
            "No group has {need} leads or more; the slice has {n} in all.", need=MINIMUM, n=words.count(len(leads))
        )
    )


def _days(time: float, words: Words) -> str:
    return words.plural(time, "After {n} day", "After {n} days", n=words.count(time))
