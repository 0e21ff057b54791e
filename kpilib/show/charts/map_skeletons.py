"""The skeleton of a map of France: its outlines, which go to a browser once, waiting for what they are coloured by.

The outlines are drawn on a cone that touches the globe along 44° and 49° north, as French maps are (Lambert-93), and
laid on a square from 0 to 100; how large that is on the page is known only there. No tile server, no picture.
"""

from functools import lru_cache
from math import cos, log, pi, radians, sin, tan
from typing import Any

import altair as alt

from kpilib.model.places import Level, areas

from .plot import Skeleton
from .skeletons import Head, built
from .theme import COLOURS, INK

#: How wide the map is at most, how tall it then is, and what its key takes below it.
SIDE, TALL, KEY = 430, 410, 46
#: How dark the classes are, from the lowest value to the highest; the lightest differs from the page in both themes.
SHADES = (0.10, 0.28, 0.46, 0.66, 0.90)
_EAST, _SOUTHERN, _NORTHERN = 3.0, radians(44), radians(49)
_N = log(cos(_SOUTHERN) / cos(_NORTHERN)) / log(tan(pi / 4 + _NORTHERN / 2) / tan(pi / 4 + _SOUTHERN / 2))
# The corners of France on the cone: west, north, and how wide it is.
_WEST, _TOP, _WIDE = -0.0908, -0.8670, 0.1764


def plane(longitude: float, latitude: float) -> tuple[float, float]:
    """Where a point lies on the map: 0 to 100 from west to east, 0 to 100 from north to south.

    Source: Snyder (1987), Map Projections: A Working Manual, USGS 1395, eq. 15-1 to 15-3, on a ball.
    """
    away = cos(_SOUTHERN) * tan(pi / 4 + _SOUTHERN / 2) ** _N / _N / tan(pi / 4 + radians(latitude) / 2) ** _N
    angle = _N * radians(longitude - _EAST)
    x, y = away * sin(angle), -away * cos(angle)
    return round(100 * (x - _WEST) / _WIDE, 3), round(-100 * (y - _TOP) / _WIDE, 3)


@lru_cache(maxsize=4)
def _features(level: Level) -> list[dict[str, Any]]:
    """The outlines as GeoJSON on the plane; each knows its code."""
    return [
        {
            "type": "Feature",
            "code": area.code,
            "geometry": {"type": "MultiPolygon", "coordinates": [_flat(polygon) for polygon in area.polygons]},
        }
        for area in areas(level)
    ]


def _flat(polygon: list[list[list[float]]]) -> list[list[tuple[float, float]]]:
    return [[plane(*point) for point in ring] for ring in polygon]


@lru_cache(maxsize=32)
def france(level: Level, colour: str, sized: bool, head: Head = ("", "")) -> Skeleton:
    """Areas shaded by class, hollow where too few, dots on them, and a key below.

    Parameters
    ----------
    colour : str
        What a dark area means: a key of `COLOURS`.
    sized : bool
        Whether the dots are sized by what they stand for, rather than all alike and pointed.
    """
    shapes = alt.Data(values=_features(level))
    known = ["group", "shade", "enough", "tip"]
    filled = alt.Chart(shapes).transform_lookup("code", from_=alt.LookupData(alt.NamedData("rows"), "code", known))
    land = filled.mark_geoshape(
        fill=COLOURS[colour],
        fillOpacity=alt.expr("isValid(datum.shade) ? datum.shade : 0"),
        stroke=INK,
        strokeWidth=alt.expr("datum.enough ? 0.7 : 0.5"),
        strokeOpacity=alt.expr("datum.enough ? 0.75 : 0.45"),
        strokeDash=alt.expr("datum.enough ? [1, 0] : [3, 2]"),
        tooltip=alt.expr("datum.tip"),
    )
    layers = [land, _dots(sized), *_key(colour)]
    skeleton = built(layers, ["classes"], height=TALL + KEY, head=head)
    for layer in skeleton.spec["layer"][:2]:
        layer["projection"] = {
            "type": "identity",
            "scale": {"expr": f"min(width, {SIDE}) / 100"},
            "translate": {"expr": f"[max(0, (width - {SIDE}) / 2), 0]"},
        }
    return skeleton


def _dots(sized: bool) -> alt.Chart:
    """Points on the map: circles as large as they weigh, or diamonds."""
    base = alt.Chart(alt.NamedData("dots")).encode(longitude="x:Q", latitude="y:Q")
    how: dict[str, Any] = {"tooltip": alt.expr("datum.tip"), "stroke": INK, "strokeWidth": 0.8, "opacity": 1}
    if sized:
        return base.mark_point(
            shape="circle", filled=True, fill=COLOURS["third"], fillOpacity=0.55, size=alt.expr("datum.size"), **how
        )
    return base.mark_point(shape="diamond", filled=True, fill=COLOURS["second"], size=75, **how)


def _key(colour: str) -> list[alt.Chart]:
    """One box a class with the value that it begins at."""
    base = alt.Chart(alt.NamedData("key"))
    wide = f"min(width, {SIDE}) / max(1, classes)"
    left = f"max(0, (width - {SIDE}) / 2)"
    start, end = alt.expr(f"{left} + datum.at * {wide}"), alt.expr(f"{left} + (datum.at + 1) * {wide} - 2")
    boxes = base.mark_rect(
        fill=COLOURS[colour], fillOpacity=alt.expr("datum.shade"), stroke=INK, strokeWidth=0.5, x=start, x2=end,
        y=TALL + 12, y2=TALL + 24,
    )  # fmt: skip
    texts = base.mark_text(align="left", baseline="top", fontSize=12, x=start, y=TALL + 29).encode(text="said:N")
    return [boxes, texts]
