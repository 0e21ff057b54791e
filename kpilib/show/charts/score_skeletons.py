"""The skeletons of charts of scores: whole bars in parts, bars at scores, limits through time; see `skeletons`."""

import json
from functools import lru_cache
from typing import cast

import altair as alt

from .curve_skeletons import happened
from .plot import Skeleton
from .skeletons import AXIS, Head, across, axis, built, catch, groups, more, of_axis, over_time, spread, up
from .theme import COLOURS, INK

#: How tall a plot of upright bars or of a line is.
HEIGHT = 220
# A bar is filled so faintly that text on it reads as on the page; its edge has the full colour.
_FILL = 0.45
_COUNT = 62


@lru_cache(maxsize=64)
def wholes(axis_title: str, names: tuple[str, ...], colours: tuple[str, ...], head: Head = ("", "")) -> Skeleton:
    """Bars of one length, split into named parts, with their texts inside and their counts at the right."""
    base = alt.Chart(alt.NamedData("bars")).encode(y=groups())
    scale = spread("x", "width", f"max(24, width - {_COUNT})")
    x = alt.X("start:Q", scale=scale, axis=axis("x", axis_title))
    faint = alt.when("!datum.enough").then(alt.value(_FILL / 3)).otherwise(alt.value(_FILL))
    bars = base.mark_bar(height=18, strokeWidth=1).encode(
        x=x, x2="end:Q", fillOpacity=faint, **_parts(names, colours)
    )  # fmt: skip
    texts = base.mark_text(fontSize=11).encode(x=alt.X("middle:Q", scale=scale), text="said:N")
    rows = alt.Chart(alt.NamedData("rows")).encode(y=groups())
    counts = rows.mark_text(align="right", fontSize=11, opacity=0.75).encode(x=alt.value("width"), text="n:N")
    return built([bars, texts, counts, more(AXIS + 4), catch(rows)], [*of_axis("x"), "groups"], head=head)


@lru_cache(maxsize=64)
def scores(
    along: str, upwards: str, names: tuple[str, ...], colours: tuple[str, ...], head: Head = ("", "")
) -> Skeleton:
    """One upright bar a score in the colour of its class, with its interval and its text above."""
    layers = [*_pillars(along, upwards, names, colours), _catch(along)]
    return built(layers, [*of_axis("x"), *of_axis("y")], height=HEIGHT, head=head)


@lru_cache(maxsize=64)
def fitted(
    along: str, upwards: str, names: tuple[str, ...], colours: tuple[str, ...], head: Head = ("", "")
) -> Skeleton:
    """`scores` with lines fitted over them, the cut as a rule and, behind all, the stretch in which it may lie."""
    stretch = alt.Chart(alt.NamedData("set")).mark_rect(fill=INK, opacity=0.1)
    behind = stretch.encode(x=across("from", along), x2="to:Q", y=alt.value(0), y2=alt.value("height"))
    dash = alt.StrokeDash("line:O", scale=alt.Scale(domain=[0, 1], range=[[1, 0], [3, 3]]), legend=None)
    steps, curves = (
        alt.Chart(alt.NamedData(name)).encode(x=across("x", along), y=up("value", upwards), strokeDash=dash)
        for name in ("steps", "curves")
    )
    over = [
        steps.mark_line(color=INK, strokeWidth=1.8, opacity=0.9, interpolate="step"),
        curves.mark_line(color=INK, strokeWidth=1.8, opacity=0.9),
    ]
    cut = alt.Chart(alt.NamedData("cut")).encode(x=across("x", along))
    rule = cut.mark_rule(color=INK, strokeWidth=1.5, strokeDash=[6, 3])
    said = cut.mark_text(align="left", dx=6, baseline="top").encode(y=alt.value(2), text="said:N")
    layers = [behind, *_pillars(along, upwards, names, colours), *over, rule, said, _catch(along)]
    return built(layers, [*of_axis("x"), *of_axis("y")], height=HEIGHT, head=head)


@lru_cache(maxsize=64)
def limits(axis_title: str, below: str, colour: str, head: Head = ("", "")) -> Skeleton:
    """A line within its limits: a diamond where it leaves them, a numbered rule where something happened."""
    hue, base = COLOURS[colour], alt.Chart(alt.NamedData("points")).encode(x=over_time(below))
    out = alt.when("datum.out")
    open_ = alt.when("!datum.complete")
    layers = [
        base.mark_area(color=INK, opacity=0.07).encode(y=up("lower", axis_title), y2="upper:Q"),
        base.mark_line(color=INK, strokeWidth=1, opacity=0.75, strokeDash=[5, 4]).encode(y=up("lower", axis_title)),
        base.mark_line(color=INK, strokeWidth=1, opacity=0.75, strokeDash=[5, 4]).encode(y=up("upper", axis_title)),
        base.mark_line(color=INK, strokeWidth=1, opacity=0.75).encode(y=up("centre", axis_title)),
        *happened(below),
        base.mark_line(color=hue, strokeWidth=2).encode(y=up("whole", axis_title)),
        base.mark_point(opacity=1, stroke=hue).encode(
            y=up("value", axis_title),
            fill=open_.then(alt.value("transparent")).otherwise(alt.value(hue)),
            size=out.then(alt.value(130)).otherwise(alt.value(26)),
            shape=out.then(alt.value("diamond")).otherwise(alt.value("circle")),
        ),
        _tall(base, "length(periods)"),
    ]
    return built(layers, [*of_axis("y"), "periods", "labelled"], height=HEIGHT, head=head)


@lru_cache(maxsize=64)
def ranges(axis_title: str, said: int, head: Head = ("", "")) -> Skeleton:
    """One line a group: a broad bar for what may be, a point with its whiskers for what was measured."""
    # What may be is said in more letters than a group has, and there are few of them.
    names = alt.Axis(title=None, grid=False, labelLimit=alt.expr("min(220, room * 0.5)"))
    y = alt.Y("group:N", scale=alt.Scale(domain=alt.expr("groups")), axis=names)
    base = alt.Chart(alt.NamedData("rows")).encode(y=y)
    # On a telephone what the points say is left to the table.
    room_left = f"max(24, width - (room < 420 ? 0 : {said}))"
    x = alt.X("low:Q", scale=spread("x", "width", room_left), axis=axis("x", axis_title))
    hue = COLOURS["value"]
    may_be = alt.when("datum.assumed")
    layers = [
        base.mark_bar(height=14, color=COLOURS["open"], stroke=COLOURS["open"], strokeWidth=1).encode(
            x=x, x2="high:Q", opacity=may_be.then(alt.value(_FILL)).otherwise(alt.value(0))
        ),
        base.mark_rule(strokeWidth=2, color=hue).encode(
            x=x, x2="high:Q", opacity=may_be.then(alt.value(0)).otherwise(alt.value(1))
        ),
        base.mark_point(filled=True, size=70, opacity=1, color=hue).encode(x=alt.X("value:Q")),
        base.mark_text(align="right", fontSize=12, opacity=alt.expr("room < 420 ? 0 : 1")).encode(
            x=alt.value("width"), text="said:N"
        ),
        catch(base),
    ]
    return built(layers, [*of_axis("x"), "groups"], head=head)


@lru_cache(maxsize=64)
def around(
    along: str, upwards: str, names: tuple[str, ...], colours: tuple[str, ...], head: Head = ("", "")
) -> Skeleton:
    """Points with their whiskers before and after the rule at zero, one line a group."""
    order = list(range(len(names)))
    said = f"({json.dumps(list(names))})[datum.value]"
    legend = alt.Legend(labelExpr=said, symbolSize=60) if len(names) > 1 else None
    hues = alt.Scale(domain=order, range=[COLOURS[colour] for colour in colours])
    marks = alt.Scale(domain=order, range=["circle", "square", "diamond"][: len(order)])
    base = alt.Chart(alt.NamedData("points")).encode(
        x=across("x", along), color=alt.Color("line:O", scale=hues, legend=legend)
    )
    event = alt.Chart(alt.NamedData("event")).encode(x=across("x", along))
    layers = [
        event.mark_rule(color=INK, strokeDash=[4, 3], strokeWidth=1.5),
        event.mark_text(align="left", dx=6, baseline="top").encode(y=alt.value(2), text="said:N"),
        base.mark_rule(strokeWidth=1.5).encode(y=up("low", upwards), y2="high:Q"),
        base.mark_line(strokeWidth=2).encode(y=up("value", upwards)),
        base.mark_point(filled=True, size=50, opacity=1).encode(
            y=up("value", upwards), shape=alt.Shape("line:O", scale=marks, legend=legend)
        ),
        _tall(base, "14", detail=True),
    ]
    return built(layers, [*of_axis("x"), *of_axis("y")], height=HEIGHT, head=head)


@lru_cache(maxsize=64)
def course(along: str, upwards: str, head: Head = ("", "")) -> Skeleton:
    """A line with its band, and a point where one stands on it."""
    hue, base = COLOURS["value"], alt.Chart(alt.NamedData("curve")).encode(x=across("x", along))
    here = alt.Chart(alt.NamedData("here")).encode(x=across("x", along))
    layers = [
        base.mark_area(color=hue, opacity=0.18).encode(y=up("low", upwards), y2="high:Q"),
        base.mark_line(color=hue, strokeWidth=2).encode(y=up("value", upwards)),
        here.mark_rule(color=INK, strokeWidth=2).encode(y=up("low", upwards), y2="high:Q"),
        here.mark_point(color=hue, filled=True, size=110, opacity=1).encode(y=up("value", upwards)),
        _tall(base, "21"),
    ]
    return built(layers, [*of_axis("x"), *of_axis("y")], height=HEIGHT, head=head)


def _pillars(
    along: str, upwards: str, names: tuple[str, ...], colours: tuple[str, ...]
) -> list[alt.Chart | alt.LayerChart]:
    """Upright bars with their whiskers and texts."""
    base = alt.Chart(alt.NamedData("bars"))
    bars = base.mark_bar(strokeWidth=1, fillOpacity=_FILL).encode(
        x=across("from", along), x2="to:Q", y=up("value", upwards), y2=alt.datum(0), **_parts(names, colours)
    )
    whiskers = base.mark_rule(strokeWidth=1.5).encode(x=across("score", along), y=up("low", upwards), y2="high:Q")
    texts = base.mark_text(fontSize=11, dy=-8).encode(x=across("score", along), y=up("top", upwards), text="said:N")
    return [bars, whiskers, texts]


def _parts(names: tuple[str, ...], colours: tuple[str, ...]) -> dict[str, alt.Fill | alt.Stroke]:
    """Fill and edge in the colour of the part, which the legend names; no legend where there is one part only."""
    said = f"({json.dumps(list(names))})[datum.value]"
    beside = alt.expr("room < 420 ? 2 : 4")
    legend = alt.Legend(labelExpr=said, symbolType="square", symbolSize=110, columns=beside) if len(names) > 1 else None
    scale = alt.Scale(domain=list(range(len(names))), range=[COLOURS[colour] for colour in colours])
    return {
        "fill": alt.Fill("part:O", scale=scale, legend=legend),
        "stroke": alt.Stroke("part:O", scale=scale, legend=legend),
    }


def _catch(along: str) -> alt.Chart:
    """What is pointed at: the whole height of a score's place."""
    bars = alt.Chart(alt.NamedData("bars")).mark_rect(opacity=0, fill=INK, tooltip=alt.expr("datum.tip"))
    tall = bars.encode(x=across("from", along), x2="to:Q", y=alt.value(0), y2=alt.value("height"))
    return cast(alt.Chart, tall.properties(name="catch"))


def _tall(base: alt.Chart, many: str, detail: bool = False) -> alt.Chart:
    """What is pointed at: the whole height of a point, of which there are so `many`."""
    rule = base.mark_rule(opacity=0, strokeWidth=alt.expr(f"max(8, width / {many})"), tooltip=alt.expr("datum.tip"))
    tall = rule.encode(y=alt.value(0), y2=alt.value("height"), **({"color": alt.value(INK)} if detail else {}))
    return cast(alt.Chart, tall.properties(name="catch"))
