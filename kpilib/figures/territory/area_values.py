"""A KPI by region or department as a map needs it: one row an area, observed and expected, and who has no area."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
import pandas as pd

from kpilib.catalogue import Kpi
from kpilib.compute.frames import rows, taken
from kpilib.errors import CannotAnswer
from kpilib.language import N_
from kpilib.model import places
from kpilib.model.dimensions import NOT_GIVEN
from kpilib.show.sentences import some
from kpilib.show.view import View
from kpilib.show.words import Words
from kpilib.stats.intervals import wilson
from kpilib.stats.ranking import Shrunk, shrink, shrink_means
from kpilib.stats.small_areas import shrink_rates

#: By what the page is broken down, the first at the start.
BY = ("region", "department")
_Z = 1.959963984540054
_NEEDS = {
    "region": N_("The map needs the column 'region' of 'customers', which is empty in these data."),
    "department": N_(
        "Departments need 'department', a French 'postal_code', or 'latitude' and 'longitude' of 'customers', which "
        "these data do not have."
    ),
}
_OFF = N_("Not on the map: {names}.")
_ONE_OFF = N_("{name} ({n})")
_NO_OUTLINES = N_(
    "Bars stand in for the map: it holds the regions and departments of metropolitan France, and none of these "
    "({names}) is one."
)
_MAINLAND = N_("The map holds metropolitan France; the overseas departments are in the table alone.")
_AREAS = {"region": N_("regions"), "department": N_("departments")}


@dataclass(frozen=True, eq=False)
class Areas:
    """A KPI by area.

    `frame` has one row an area or, without outlines, a member: code ("" without outline), name, group (the member that
    a click stands for), value, low, high, rows, numerator, denominator. `off` are the members without an area, with
    their rows. `shrunk` are the figures drawn to the whole, in the order of the frame; None for a total.
    """

    frame: pd.DataFrame
    off: tuple[tuple[str, int], ...]
    shrunk: Shrunk | None

    @property
    def mapped(self) -> bool:
        """Whether any of the areas has an outline."""
        return any(self.frame["code"].tolist())


def measured(view: View, key: str, by: str, variant: str | None = None) -> Areas:
    """A KPI by area: members that name one area are one ("IDF", "Île-de-France"); small ones are drawn to the whole.

    Raises
    ------
    CannotAnswer
        No row says which area it is in.
    """
    kpi = view.book.kpis[key].variant(variant)
    lines = [line for line in view.lines(key, by=by, variant=variant) if line["rows"]]
    if lines and all(line["group"] == NOT_GIVEN for line in lines):
        raise CannotAnswer(view.words.say(_NEEDS[by]))
    told = {line["group"]: _counted(line, kpi) for line in lines}
    known = places.matched(by, list(told))  # type: ignore[arg-type]
    if known:
        frame = pd.DataFrame([_area(code, [told[one] for one in known[code]], kpi) for code in sorted(known)])
        named = {member for members in known.values() for member in members}
        off = tuple((name, int(one["rows"])) for name, one in told.items() if name not in named)
    else:
        whole = [_area("", [one], kpi) for one in told.values() if one["group"] != NOT_GIVEN]
        off = tuple((name, int(one["rows"])) for name, one in told.items() if name == NOT_GIVEN)
        frame = pd.DataFrame(whole)
    if not frame.empty:
        frame["name"] = [_name(row, by) for row in rows(frame)]
    return Areas(frame, off, _shrunk(frame, kpi))


def ordered(areas: Areas, lower: bool = False) -> pd.DataFrame:
    """The rows by value, the best known first: those with `expected` in a column of that name."""
    frame = areas.frame
    expected = np.full(len(frame), np.nan) if areas.shrunk is None else areas.shrunk.expected
    order = np.argsort((1 if lower else -1) * frame["value"].to_numpy(float), kind="stable")
    return taken(frame.assign(expected=expected), order)


def beside_the_map(areas: Areas, by: str, words: Words) -> list[str]:
    """What the reader must know of those that are not drawn."""
    if not areas.mapped:
        listed = some([str(one) for one in areas.frame["group"].tolist()], words, 3)
        return [words.say(_NO_OUTLINES, names=listed)]
    return [*off_the_map(areas, words), words.say(_MAINLAND)]


def off_the_map(areas: Areas, words: Words) -> list[str]:
    """The members that name no area, in a sentence."""
    off = [
        words.say(_ONE_OFF, name=words.say(name) if name == NOT_GIVEN else name, n=words.count(count))
        for name, count in sorted(areas.off, key=lambda one: -one[1])
    ]
    return [words.say(_OFF, names=some(off, words, 4))] if off else []


def called(by: str, words: Words) -> str:
    """What the areas are called together."""
    return words.say(_AREAS[by])


def _counted(line: dict[str, Any], kpi: Kpi) -> dict[str, Any]:
    """The line with the cases that its share is of as its rows: a row of a cube may hold none."""
    return {**line, "rows": line["denominator"] if kpi.binary else line["rows"]}


def _area(code: str, lines: list[dict[str, Any]], kpi: Kpi) -> dict[str, Any]:
    """One row of the members that name an area, sums over sums."""
    first = max(lines, key=lambda line: line["rows"])
    row = {name: first[name] for name in ("group", "value", "low", "high", "rows", "numerator", "denominator")}
    if len(lines) > 1:
        row |= {name: sum(line[name] for line in lines) for name in ("rows", "numerator", "denominator")}
        row |= _together(lines, row, kpi)
    return {"code": code, **row}


def _together(lines: list[dict[str, Any]], row: dict[str, Any], kpi: Kpi) -> dict[str, float]:
    """The value of several members and its interval; of shares Wilson's, else by the members' own errors."""
    if kpi.total:
        return {"value": sum(line["value"] for line in lines), "low": np.nan, "high": np.nan}
    if not row["denominator"]:
        return dict.fromkeys(("value", "low", "high"), np.nan)
    value = row["numerator"] / row["denominator"]
    if kpi.binary:
        low, high = wilson(row["numerator"], row["denominator"])
        return {"value": value, "low": float(low), "high": float(high)}
    parts = [(line["denominator"] / row["denominator"], (line["high"] - line["low"]) / 2) for line in lines]
    half = sqrt(sum((weight * wide) ** 2 for weight, wide in parts))
    return {"value": value, "low": value - half, "high": value + half}


def _name(row: dict[str, Any], by: str) -> str:
    """The area's own name; of a department with its code."""
    if not row["code"]:
        return str(row["group"])
    if by == "department":
        return places.label(row["code"])
    return next(area.name for area in places.areas("region") if area.code == row["code"])


def _shrunk(frame: pd.DataFrame, kpi: Kpi) -> Shrunk | None:
    """The figures drawn to the whole, by what they are: shares, counts for so many, means; None for a total."""
    if frame.empty or kpi.total or kpi.at != "flow":
        return None
    top, bottom, value = (frame[name].to_numpy(float) for name in ("numerator", "denominator", "value"))
    if kpi.binary:
        return shrink(top, bottom)
    if kpi.table == "demand":
        told = shrink_rates(top / 100, bottom)
        return Shrunk(
            100 * told.overall * told.observed, 100 * told.overall * told.expected, 100 * told.overall, np.nan
        )
    half = (frame["high"] - frame["low"]).to_numpy(float) / 2
    known = ~np.isnan(half) & (frame["rows"].to_numpy(float) > 1)
    size = np.where(known, frame["rows"].to_numpy(float), 0)
    return shrink_means(value, np.where(known, (half / _Z) ** 2 * size, np.nan), size)
