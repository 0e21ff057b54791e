"""Where demand comes to nothing: leads and lost deals for the customers served, area by area, luck not believed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kpilib.errors import CannotAnswer, unknown
from kpilib.language import N_
from kpilib.model.dimensions import DIMENSIONS
from kpilib.periods import month_of, parse
from kpilib.show import charts, tables
from kpilib.show.charts.map import area_map
from kpilib.show.figure import Drawn
from kpilib.show.tables import between
from kpilib.show.view import View
from kpilib.show.words import MINIMUM, Words
from kpilib.stats.small_areas import Rates, shrink_rates

from . import dots
from .area_values import Areas, beside_the_map, measured
from .standing_out import FIRST, INTERVAL, RATIO, Saying, stands_out

#: What counts as demand: the name that a reader chooses, and the variant of the KPI.
DEMAND = {N_("Leads and lost deals"): None, N_("Leads"): "leads", N_("Lost deals"): "lost_deals"}
_GAP, _LIKELY = N_("For 100 customers a month"), N_("Among the first 3")
_CAME, _SERVED, _SITES = N_("Came to nothing"), N_("Customers"), N_("Competitors' sites")
_WHOLE = N_("For 100 customers served, {value} pieces of demand come to nothing in a month ({n} in all).")
_ALIKE = N_(
    "The {areas} differ no more than chance would make them ({p}): no gap in coverage is found, wherever the largest "
    "figure may stand."
)
_WORST = N_(
    "{name} stands out: {ratio} times the whole is to be expected there ({low} to {high}), and it is among the first "
    "{first} with {likely}."
)
_OTHERS = N_("Beyond chance above the whole are also {names}.")
_UNSURE = N_(
    "The {areas} differ beyond chance, but none is sure to stand above the whole; {name} comes first ({ratio} times, "
    "{low} to {high})."
)
_SAYING = Saying(_ALIKE, _UNSURE, _WORST, _OTHERS, above=True)
_HOW = N_(
    "Score: demand that came to nothing for each customer served, over the same of the whole, drawn to 1 by as much as "
    "the area's size leaves in doubt. 1 is like everywhere; the interval is where the area's true score lies with 95%."
)
_NOWHERE = N_("None of the {n} pieces of demand names a {area}: without it nobody can say where customers are lacking.")
_NOT_PLACED = N_("{n} pieces of demand name no {area} and are left out.")
_DARK = N_("The darker, the larger the gap. Dashed: fewer than {n} customers, not shaded.")


def coverage_gaps(
    view: View, measure: str = "Leads and lost deals", by: str = "region", dots: str = "No dots"
) -> Drawn:
    """Areas by how much demand comes to nothing for each customer served, with how sure their order is."""
    if measure not in DEMAND:
        raise unknown("demand", measure, DEMAND)
    words, kpi = view.words, view.book.kpis["coverage_gap"].variant(DEMAND[measure])
    areas = measured(view, "coverage_gap", by, DEMAND[measure])
    frame, months = _served(areas, view)
    if frame.empty or not frame["numerator"].sum():
        raise _nothing(areas, by, words)
    told = shrink_rates(frame["numerator"] / 100, frame["denominator"], FIRST)
    frame = _scored(frame, told, months)
    notes = [words.say(_HOW), *_unplaced(areas, by, words), *beside_the_map(_named_only(areas), by, words)]
    chart = _chart(view, frame, areas, kpi, by, dots)
    if areas.mapped:
        notes.insert(1, words.say(_DARK, n=MINIMUM))
    said = f"{_all(frame, told, words)} {stands_out(frame, told, by, words, _SAYING)}"
    drill = {"kpi": "coverage_gap", "field": by}
    return Drawn(said, chart, _table(frame, view, by), int(frame["came"].sum()), " ".join(notes), drill=drill)


def _nothing(areas: Areas, by: str, words: Words) -> CannotAnswer:
    """Why no area has a gap: no demand at all, or none that says where it comes from."""
    lost = sum(count for _, count in areas.off)
    if not lost:
        return charts.Nothing("No row matches.")
    return CannotAnswer(words.say(_NOWHERE, n=words.count(lost), area=words.dimension(by).lower()))


def _served(areas: Areas, view: View) -> tuple[pd.DataFrame, int]:
    """The areas with customers, and how many months the slice has."""
    frame = areas.frame
    if not frame.empty:
        frame = frame[frame["denominator"] > 0].reset_index(drop=True)
    first = month_of(view.book.first_month) if view.since is None else parse(str(view.since))[0]
    last = month_of(view.book.last_month) if view.until is None else parse(str(view.until))[1]
    return frame, max(1, min(last, month_of(view.book.last_month)) - max(first, month_of(view.book.first_month)) + 1)


def _scored(frame: pd.DataFrame, told: Rates, months: int) -> pd.DataFrame:
    """The areas with their score, the largest first."""
    made = frame.assign(
        came=frame["numerator"] / 100, customers=frame["denominator"] / months, score=told.expected,
        score_low=told.low, score_high=told.high, likely=told.among_first, shown=100 * told.overall * told.expected,
    )  # fmt: skip
    order = np.lexsort((made["name"].to_numpy(str), -made["score"].to_numpy(float)))
    return made.iloc[order].reset_index(drop=True)


def _chart(view: View, frame: pd.DataFrame, areas: Areas, kpi: Any, by: str, shown: str) -> Any:
    words, named = view.words, view.words.say(kpi.name)
    drawn = frame.assign(rows=frame["customers"])
    if not areas.mapped:
        return charts.bars(drawn.assign(group=frame["name"]), unit="ratio", words=words, measure=named, colour="lost")
    return area_map(
        drawn, level=by, unit="ratio", words=words, measure=words.say(_GAP), colour="lost",  # type: ignore[arg-type]
        **dots.drawn(view, shown),
    )  # fmt: skip


def _all(frame: pd.DataFrame, told: Rates, words: Words) -> str:
    value = words.text(100 * told.overall, "ratio")
    return words.say(_WHOLE, value=value, n=words.count(frame["came"].sum()))


def _unplaced(areas: Areas, by: str, words: Words) -> list[str]:
    """Demand without an area: a lead of which no department is known."""
    lost = sum(count for _, count in areas.off)
    area = words.dimension(by).lower()
    return [words.say(_NOT_PLACED, n=words.count(lost), area=area)] if lost else []


def _named_only(areas: Areas) -> Areas:
    """Without those that have no area: they were said already."""
    return Areas(areas.frame, (), areas.shrunk)


def _table(frame: pd.DataFrame, view: View, by: str) -> pd.DataFrame:
    words = view.words
    told = frame.assign(
        between=between(frame["score_low"].tolist(), frame["score_high"].tolist(), words, "ratio"),
        sites=_sites(view, frame, by),
    )
    named = {
        "name": DIMENSIONS[by].label, "score": RATIO, "between": INTERVAL, "likely": _LIKELY, "value": _GAP,
        "came": _CAME, "customers": _SERVED, "sites": _SITES,
    }  # fmt: skip
    units = {RATIO: "ratio", _LIKELY: "share", _GAP: "ratio", _CAME: "count", _SERVED: "count", _SITES: "count"}
    return tables.shown(told, named, units)


def _sites(view: View, frame: pd.DataFrame, by: str) -> list[float]:
    """How many competitors' sites stand in each area; missing where none is known at all."""
    found = view.book.finding("territory")
    if found.get("cannot") or not len(found["sites"]):
        return [float("nan")] * len(frame)
    counts = found["sites"][by].value_counts()
    return [float(counts.get(code, 0)) if code else float("nan") for code in frame["code"].tolist()]
