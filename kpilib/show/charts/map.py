"""A map of France: regions or departments shaded by a value, with points on them; a data frame in, a `Plot` out."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from kpilib.model.places import Level, areas
from kpilib.show.words import MINIMUM, Words

from .map_skeletons import KEY, SHADES, TALL, france, plane
from .plot import Nothing, Plot, Record, checked, records, tip

#: The smallest and the largest circle, in square units.
_LEAST, _MOST = 12.0, 420.0


def area_map(
    frame: pd.DataFrame,
    title: str = "",
    subtitle: str = "",
    *,
    level: Level,
    unit: str,
    words: Words = Words(),
    measure: str = "",
    colour: str = "value",
    minimum: int = MINIMUM,
    dots: pd.DataFrame | None = None,
    sized: bool = False,
) -> Plot:
    """Areas shaded by their value: the darker, the higher; those of too few rows are hollow.

    Parameters
    ----------
    frame : DataFrame
        Columns `code` (INSEE's), `group` (the member a click stands for), `value`, `low`, `high`, `rows`; and `shown`,
        what the area is shaded by where that is not `value` (a rate drawn to the whole).
    level : {"region", "department"}
        Whose outlines are drawn.
    colour : str
        What a dark area means: a key of `COLOURS`.
    minimum : int
        An area of fewer rows is not shaded.
    dots : DataFrame, optional
        Columns `longitude`, `latitude`, `name`, `said` (name → text, shown where one points at it), and with `sized`
        `weight`.
    sized : bool
        Whether the dots are circles as large as their weight.

    Raises
    ------
    Nothing
        No area has a value.
    """
    given = records(checked(frame, "code", "group", "value", "low", "high", "rows", also=("shown",)))
    told = {row["code"]: row for row in given if row["value"] is not None}
    if not told:
        raise Nothing("No row matches.")
    enough = {code for code, row in told.items() if (row["rows"] or 0) >= minimum}
    bounds = classes([_shown(told[code]) for code in sorted(enough)])
    rows = [_area(area.code, area.name, told, enough, bounds, words, unit, measure) for area in areas(level)]
    key = [
        {"at": at, "shade": _shade(at, len(bounds)), "said": words.short(bound, unit)}
        for at, bound in enumerate(bounds)
    ]
    form = france(level, colour, sized, (title, subtitle))
    data = {"rows": rows, "dots": _dots(dots, sized), "key": key}
    return Plot(form, data, {"classes": max(1, len(bounds))}, TALL + KEY + 12)


def classes(values: Sequence[float], most: int = len(SHADES)) -> list[float]:
    """Where each class begins: as many areas in each as can be, equal values together.

    Examples
    --------
    >>> classes([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    [1.0, 3.0, 5.0, 7.0, 9.0]
    >>> classes([4, 4, 4]), classes([])
    ([4.0], [])
    """
    ordered = np.sort(np.asarray(values, float))
    starts = [ordered[at * len(ordered) // most] for at in range(most)] if len(ordered) else []
    return [float(one) for one in dict.fromkeys(starts)]


def _shown(row: Record) -> float:
    return float(row["value"] if row.get("shown") is None else row["shown"])


def _shade(at: int, among: int) -> float:
    """The shades are spread over as many classes as there are."""
    return SHADES[-1] if among == 1 else SHADES[round(at * (len(SHADES) - 1) / (among - 1))]


def _area(
    code: str, name: str, told: dict[str, Record], enough: set[str], bounds: list[float], words: Words, unit: str,
    measure: str,
) -> Record:  # fmt: skip
    """What an outline is told: its member, its shade, what it says when it is pointed at."""
    row = told.get(code)
    if row is None:
        said = {"title": name, words.say("Rows"): words.count(0)}
        return {"code": code, "group": None, "shade": None, "enough": False, "tip": said}
    said = tip(name, words, unit, measure, row)
    if row.get("shown") is not None:
        said[words.say("Drawn to the whole")] = words.text(row["shown"], unit)
    if code not in enough:
        said[words.say("Hollow")] = words.say("too few rows to rank")
        return {"code": code, "group": row["group"], "shade": None, "enough": False, "tip": said}
    at = int(np.searchsorted(bounds, _shown(row), side="right")) - 1
    return {"code": code, "group": row["group"], "shade": _shade(at, len(bounds)), "enough": True, "tip": said}


def _dots(dots: pd.DataFrame | None, sized: bool) -> list[Record]:
    """The points on the plane of the map, the largest first so that none hides another."""
    if dots is None or dots.empty:
        return []
    listed = records(checked(dots, "longitude", "latitude", "name", "said", also=("weight",)))
    if not sized:
        return [_dot(one) for one in listed]
    largest = max(float(one["weight"]) for one in listed)
    ordered = sorted(listed, key=lambda one: -float(one["weight"]))
    return [{**_dot(one), "size": _LEAST + (_MOST - _LEAST) * float(one["weight"]) / largest} for one in ordered]


def _dot(one: Record) -> dict[str, Any]:
    x, y = plane(float(one["longitude"]), float(one["latitude"]))
    return {"x": x, "y": y, "tip": {"title": str(one["name"]), **one["said"]}}
