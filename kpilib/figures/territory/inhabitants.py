"""Customers beside inhabitants: where few of those who live there buy, area by area, luck not believed.

Who never asked is in no table of leads: people are the demand that everybody has a count of.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from kpilib.compute.frames import rows
from kpilib.errors import CannotAnswer
from kpilib.language import N_
from kpilib.model import places
from kpilib.model.dimensions import DIMENSIONS
from kpilib.show import tables
from kpilib.show.charts.map import area_map
from kpilib.show.figure import Drawn
from kpilib.show.tables import between
from kpilib.show.view import View
from kpilib.show.words import Words
from kpilib.stats.intervals import counted
from kpilib.stats.small_areas import Rates, shrink_rates

from .area_values import Areas, measured, off_the_map
from .standing_out import FIRST, INTERVAL, RATIO, Saying, stands_out

#: Rates are for so many inhabitants.
MANY = 100_000
_RATE, _LIKELY, _MISSING = N_("For 100,000 inhabitants"), N_("Among the last 3"), N_("Lacking to the whole")
_CUSTOMERS, _PEOPLE = N_("Customers"), N_("Inhabitants")
_WHOLE = N_("{value} customers for 100,000 inhabitants: {n} customers, {people} inhabitants.")
_ALIKE = N_("The {areas} differ no more than chance would make them ({p}): nowhere do fewer buy than elsewhere.")
_LEAST = N_(
    "{name} stands out: {ratio} times the whole is to be expected there ({low} to {high}), and it is among the last "
    "{first} with {likely}; as many as elsewhere would be {more} customers more."
)
_OTHERS = N_("Beyond chance below the whole are also {names}.")
_UNSURE = N_(
    "The {areas} differ beyond chance, but none is sure to stand below the whole; {name} comes last ({ratio} times, "
    "{low} to {high})."
)
_SAYING = Saying(_ALIKE, _UNSURE, _LEAST, _OTHERS, above=False)
_HOW = N_(
    "Active customers for each inhabitant, over the same of the whole, drawn to 1 by as much as the number of "
    "customers leaves in doubt. The darker, the more buy. Inhabitants are INSEE's of 1 January 2020."
)
_PROXY = N_(
    "Who sells to companies should read it beside leads and lost deals: people stand for demand where nothing closer "
    "is counted."
)
_NO_PEOPLE = N_(
    "Inhabitants are known of the regions and departments of metropolitan France, and no customer of this slice is in "
    "one."
)


def few_buy(view: View, by: str = "region") -> Drawn:
    """Areas by how many of those who live there are customers, the fewest first, with how sure their order is.

    Raises
    ------
    CannotAnswer
        No customer is known to be in an area whose inhabitants are known.
    """
    words, areas = view.words, measured(view, "active_customers", by)
    frame = _beside(areas, view, by)
    if frame.empty or not frame["customers"].sum():
        raise CannotAnswer(words.say(_NO_PEOPLE))
    told = shrink_rates(frame["customers"], frame["people"], FIRST, lowest=True)
    frame = _scored(frame, told)
    notes = [words.say(_HOW), words.say(_PROXY), *off_the_map(areas, words)]
    chart = area_map(
        frame, level=by, unit="ratio", words=words, measure=words.say(_RATE),  # type: ignore[arg-type]
    )  # fmt: skip
    lacking = words.count(frame["lacking"].iloc[0])
    said = f"{_all(frame, told, words)} {stands_out(frame, told, by, words, _SAYING, more=lacking)}"
    drill = {"kpi": "active_customers", "field": by}
    return Drawn(said, chart, _table(frame, words, by), int(frame["customers"].sum()), " ".join(notes), drill=drill)


def _beside(areas: Areas, view: View, by: str) -> pd.DataFrame:
    """Every area of the slice with its inhabitants and customers: one without customers is the largest gap of all."""
    known = {row["code"]: row for row in rows(areas.frame) if row["code"]}
    people = places.population(by)
    made = [
        {"code": area.code, "group": known.get(area.code, {}).get("group"),
         "name": area.label if by == "department" else area.name,
         "customers": float(known.get(area.code, {}).get("value") or 0), "people": float(people[area.code])}
        for area in places.areas(by) if _asked(area, view, known)
    ]  # fmt: skip
    return pd.DataFrame(made, columns=["code", "group", "name", "customers", "people"])


def _asked(area: places.Area, view: View, known: Mapping[str, Any]) -> bool:
    """Whether the slice has the area: where areas are filtered, nobody elsewhere is counted, and none is lacking."""
    regions, departments = view.where.get("region"), view.where.get("department")
    inside = regions is None or area.region in {places.region_of(one) for one in regions}
    return inside and (departments is None or area.code in known)


def _scored(frame: pd.DataFrame, told: Rates) -> pd.DataFrame:
    """The areas with their rate and what to expect of them, the fewest first."""
    per = MANY / frame["people"]
    fewest, most = counted(frame["customers"].to_numpy(float))
    like_all = told.overall * frame["people"]
    made = frame.assign(
        value=frame["customers"] * per, low=fewest * per, high=most * per, rows=frame["people"],
        shown=MANY * told.overall * told.expected, score=told.expected, score_low=told.low, score_high=told.high,
        likely=told.among_first, lacking=np.maximum(0, np.round(like_all * (1 - told.expected))),
    )  # fmt: skip
    order = np.lexsort((made["name"].to_numpy(str), made["score"].to_numpy(float)))
    return made.iloc[order].reset_index(drop=True)


def _all(frame: pd.DataFrame, told: Rates, words: Words) -> str:
    value = words.text(MANY * told.overall, "ratio")
    n, people = (words.count(frame[name].sum()) for name in ("customers", "people"))
    return words.say(_WHOLE, value=value, n=n, people=people)


def _table(frame: pd.DataFrame, words: Words, by: str) -> pd.DataFrame:
    between_ = between(frame["score_low"].tolist(), frame["score_high"].tolist(), words, "ratio")
    named = {
        "name": DIMENSIONS[by].label, "value": _RATE, "score": RATIO, "between": INTERVAL, "likely": _LIKELY,
        "customers": _CUSTOMERS, "people": _PEOPLE, "lacking": _MISSING,
    }  # fmt: skip
    units = {
        _RATE: "ratio", RATIO: "ratio", _LIKELY: "share", _CUSTOMERS: "count", _PEOPLE: "count", _MISSING: "count",
    }  # fmt: skip
    return tables.shown(frame.assign(between=between_), named, units)
