"""What is missing, and what it does to the figures: the range that each could take. Reached as ``quality.…``."""

from __future__ import annotations

from math import isinf
from typing import Any

import numpy as np
import pandas as pd

from kpilib.compute.bounded import bounded
from kpilib.errors import CannotAnswer, unknown
from kpilib.language import N_
from kpilib.model.dimensions import DIMENSIONS, NOT_GIVEN
from kpilib.show import charts
from kpilib.show.charts.ranges import ranges
from kpilib.show.figure import Drawn
from kpilib.show.view import View
from kpilib.show.words import NOTHING, Words, low, missing

_KPI, _VALUE, _COULD, _WHAT = N_("KPI"), N_("As it is"), N_("Could be"), N_("For want of")
_SURE = N_("No figure of these data is in doubt for want of a record: each is what it is.")
_WIDEST = N_(
    "{n} figures could be others for want of records. The widest range is that of {name}: {value} as it is, and "
    "anything from {low} to {high} once {what} are known."
)
_ONE = N_("{name} is {value} as it is, and could be anything from {low} to {high}: {what}.")
_OPEN = N_("{name} is {value} as it is, and at least {low}: {what}.")
_CERTAIN = N_("{name} is {value}, and nothing is missing for it here.")
_NO_CHANCE = N_(
    "This is no interval of chance: more rows make it no narrower, only answers do. Nothing is assumed of what is "
    "missing, so the ends are unlikely, and nothing between them can be ruled out."
)
_APART = N_(
    "By group the range is the wider, the more of the group is missing; groups whose ranges overlap may stand in any "
    "order."
)
_NOTHING_DECLARED = N_("None of the figures that these data can answer could be changed by records that are missing.")


def offered_ranges(book: Any) -> list[str]:
    """The names of the KPIs that these data answer and that something may be missing for; the win rate first."""
    return [kpi.name for kpi in _kpis(book)]


def effect(view: View) -> Drawn:
    """Every KPI that could be another one for want of records: as it is, and its range."""
    words, lines = view.words, [line for kpi in _kpis(view.book) for line in _line(view, kpi)]
    if not lines:
        return Drawn(words.say(_SURE), note=words.say(_NO_CHANCE))
    shares = [line for line in lines if line["unit"] == "share"]
    table = pd.DataFrame(
        {
            _KPI: [line["name"] for line in lines],
            _VALUE: [words.text(line["value"], line["unit"]) for line in lines],
            _COULD: [_between(line["low"], line["high"], line["unit"], words) for line in lines],
            _WHAT: [line["what"] for line in lines],
        }
    )
    chart = _chart(shares, "share", words, words.say(N_("Share"))) if shares else None
    return Drawn(_widest(lines, words), chart, table, len(lines), words.say(_NO_CHANCE))


def effect_by(view: View, measure: str = "Win rate", by: str = "owner") -> Drawn:
    """One KPI by group: as it is, and the range it could take in each."""
    words, kpi = view.words, _of_name(view, measure)
    by = by if by in _dimensions(kpi) else "owner"
    how: dict[str, Any] = {"where": dict(view.where) or None, "since": view.since, "until": view.until}
    frame = bounded(view.book, kpi.key, by=by, **how)
    frame = frame[(frame["rows"] > 0) | (frame["undecided"] > 0)]
    if frame.empty:
        raise charts.Nothing("No row matches.")
    whole = bounded(view.book, kpi.key, **how).iloc[0]
    frame = frame.assign(width=frame["highest"] - frame["lowest"])
    frame = frame.sort_values(["width", "group"], ascending=[False, True], kind="stable", ignore_index=True)
    frame["group"] = frame["group"].replace(NOT_GIVEN, words.say(NOT_GIVEN))
    lines = [
        {"name": row["group"], "value": row["value"], "low": row["lowest"], "high": row["highest"]}
        for row in frame.to_dict("records")
    ]
    label, counted = DIMENSIONS[by].label, N_("Records missing")
    table = pd.DataFrame(
        {
            label: frame["group"], _VALUE: [words.text(one, kpi.unit) for one in frame["value"]],
            _COULD: [_between(line["low"], line["high"], kpi.unit, words) for line in lines],
            counted: frame["undecided"].to_numpy(),
        }
    )  # fmt: skip
    table.attrs["units"] = {counted: "count"}
    chart = None if frame["highest"].map(isinf).any() else _chart(lines[:15], kpi.unit, words, words.say(kpi.name))
    note = " ".join((words.say(kpi.undecided.why), words.say(_APART)))
    return Drawn(_one(whole, kpi, words), chart, table, int(whole["rows"]), note)


def _kpis(book: Any) -> list[Any]:
    found = [kpi for kpi in book.kpis.values() if kpi.undecided is not None and not book.why_not(kpi.key)]
    return sorted(found, key=lambda kpi: kpi.key != "win_rate")


def _of_name(view: View, measure: str) -> Any:
    known = {kpi.name: kpi for kpi in _kpis(view.book)}
    if not known:
        raise CannotAnswer(view.words.say(_NOTHING_DECLARED))
    if measure not in known:
        raise unknown("figure with a range", measure, known)
    return known[measure]


def _dimensions(kpi: Any) -> tuple[str, ...]:
    from kpilib.model.panels import panel

    return panel(kpi.table).dimensions


def _line(view: View, kpi: Any) -> list[dict[str, Any]]:
    """What is missing for one KPI in the slice; nothing where nothing is."""
    words = view.words
    row = bounded(view.book, kpi.key, where=dict(view.where) or None, since=view.since, until=view.until).iloc[0]
    if not row["undecided"] or missing(row["value"]):
        return []
    them = kpi.undecided
    what = words.plural(row["undecided"], them.one, them.many, n=words.count(row["undecided"]))
    return [
        {"name": words.say(kpi.name), "value": row["value"], "low": row["lowest"], "high": row["highest"],
         "unit": kpi.unit, "what": what}
    ]  # fmt: skip


def _between(lowest: float, highest: float, unit: str, words: Words) -> str:
    if missing(lowest):
        return NOTHING
    if isinf(highest):
        return words.say(N_("{low} or more"), low=words.text(lowest, unit))
    return words.interval(lowest, highest, unit)


def _chart(lines: list[dict[str, Any]], unit: str, words: Words, measure: str) -> Any:
    """Bars from end to end, the value upon them."""
    frame = pd.DataFrame(
        {
            "group": [line["name"] for line in lines], "value": [line["value"] for line in lines],
            "low": [line["low"] for line in lines], "high": [line["high"] for line in lines],
            "assumed": np.ones(len(lines), bool),
        }
    )  # fmt: skip
    return ranges(frame, unit=unit, words=words, measure=measure)


def _widest(lines: list[dict[str, Any]], words: Words) -> str:
    bounded_ = [line for line in lines if not isinf(line["high"])]
    if not bounded_:
        line = lines[0]
        return words.say(
            _OPEN, name=line["name"], value=words.text(line["value"], line["unit"]),
            low=words.text(line["low"], line["unit"]), what=line["what"],
        )  # fmt: skip
    shares = [line for line in bounded_ if line["unit"] == "share"] or bounded_
    widest = max(shares, key=lambda line: line["high"] - line["low"])
    return words.say(
        _WIDEST, n=words.count(len(lines)), name=low(widest["name"]), value=words.text(widest["value"], widest["unit"]),
        low=words.text(widest["low"], widest["unit"]), high=words.text(widest["high"], widest["unit"]),
        what=widest["what"],
    )  # fmt: skip


def _one(whole: Any, kpi: Any, words: Words) -> str:
    given = {"name": words.say(kpi.name), "value": words.text(whole["value"], kpi.unit)}
    if not whole["undecided"]:
        return words.say(_CERTAIN, **given)
    them = kpi.undecided
    what = words.plural(whole["undecided"], them.one, them.many, n=words.count(whole["undecided"]))
    lowest = words.text(whole["lowest"], kpi.unit)
    if isinf(whole["highest"]):
        return words.say(_OPEN, **given, low=lowest, what=what)
    return words.say(_ONE, **given, low=lowest, high=words.text(whole["highest"], kpi.unit), what=what)
