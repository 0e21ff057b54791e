"""The skeletons of lines, steps and distributions; see `skeletons` for what all have in common."""

import json
from functools import lru_cache
from typing import cast

import altair as alt

from .plot import Skeleton
from .skeletons import Head, axis, built, of_axis, over_time, reach, up
from .theme import COLOURS, DASHES, INK, SERIES

#: How tall the plot is, and that of the square one.
HEIGHT, SQUARE = 220, 320
#: How many names stand beside one another in a legend; on a narrow screen, two.
BESIDE = 3
_SHAPES = ["circle", "square", "triangle-up", "diamond", "cross"]
_HOLLOW = alt.when("!datum.complete")


@lru_cache(maxsize=64)
def trend(axis_title: str, times: str, colour: str, marked: bool = False, head: Head = ("", "")) -> Skeleton:
    """A line with its band; what is not over is a hollow point on a dashed line.

    `marked` says whether there are rules where something happened.
    """
    hue = COLOURS[colour]
    base = alt.Chart(alt.NamedData("points")).encode(x=over_time(times))
    filled = _HOLLOW.then(alt.value("transparent")).otherwise(alt.value(hue))
    layers = [
        base.mark_area(color=hue, opacity=0.18).encode(y=up("low", axis_title), y2="high:Q"),
        base.mark_line(color=hue, strokeWidth=2).encode(y=up("whole", axis_title)),
        base.mark_line(color=hue, strokeWidth=2, strokeDash=[4, 4]).encode(y=up("rest", axis_title)),
        base.mark_point(color=hue, opacity=1).encode(
            y=up("value", axis_title),
            fill=filled,
            size=_HOLLOW.then(alt.value(60)).otherwise(alt.value(26)),
            strokeWidth=_HOLLOW.then(alt.value(2)).otherwise(alt.value(0)),
        ),
        _columns(base, "length(periods)"),
    ]
    if marked:
        layers = [*happened(times), *layers]
    return built(layers, [*of_axis("y"), "periods", "labelled"], height=HEIGHT, head=head)


def happened(times: str) -> list[alt.Chart]:
    """A dashed rule where something happened, with its sign at the top."""
    base = alt.Chart(alt.NamedData("marks")).encode(x=over_time(times))
    rule = base.mark_rule(color=INK, strokeDash=[3, 3], opacity=0.55).encode(y=alt.value(14), y2=alt.value("height"))
    sign = base.mark_text(fontSize=11, fontWeight="bold", baseline="top").encode(y=alt.value(1), text="said:N")
    return [rule, sign]


@lru_cache(maxsize=64)
def trends(axis_title: str, times: str, head: Head = ("", "")) -> Skeleton:
    """One line a series, up to five, each with its own colour and shape, named below."""
    each, beside = list(range(len(SERIES))), f"room < 420 ? 2 : {BESIDE}"
    legend = alt.Legend(
        values=alt.expr("sequence(length(names))"),
        labelExpr="names[datum.value]",
        labelLimit=alt.expr(f"room / ({beside}) - 46"),
        symbolSize=60,
        columns=alt.expr(beside),
    )
    colour = alt.Color(
        "series:N", scale=alt.Scale(domain=each, range=[COLOURS[name] for name in SERIES]), legend=legend
    )
    shape = alt.Shape("series:N", scale=alt.Scale(domain=each, range=_SHAPES), legend=legend)
    base = alt.Chart(alt.NamedData("points")).encode(x=over_time(times), color=colour)
    layers = [
        base.mark_line(strokeWidth=2).encode(y=up("whole", axis_title)),
        base.mark_point(opacity=1, filled=True, size=36).encode(y=up("whole", axis_title), shape=shape),
        base.mark_point(opacity=1, size=60, strokeWidth=2).encode(y=up("early", axis_title), shape=shape),
        _columns(alt.Chart(alt.NamedData("columns")).encode(x=over_time(times)), "length(periods)"),
    ]
    return built(layers, [*of_axis("y"), "periods", "labelled", "names"], height=HEIGHT, head=head)


@lru_cache(maxsize=64)
def steps(
    axis_title: str, days: str, outcomes: tuple[str, ...], names: tuple[str, ...], head: Head = ("", "")
) -> Skeleton:
    """One step line an outcome with its band, through the days."""
    said = json.dumps(dict(zip(outcomes, names, strict=True)))
    legend = alt.Legend(labelExpr=f"({said})[datum.value]")
    hues = [COLOURS[name] for name in outcomes]
    colour = alt.Color("outcome:N", scale=alt.Scale(domain=outcomes, range=hues), legend=legend)
    dash = alt.StrokeDash(
        "outcome:N", scale=alt.Scale(domain=outcomes, range=list(DASHES[: len(outcomes)])), legend=legend
    )
    x = alt.X("day:Q", scale=reach("x"), axis=axis("x", days, grid=False))
    base = alt.Chart(alt.NamedData("steps")).encode(x=x)
    # The bands name their colours themselves, so that the legend shows the lines and their dashes only.
    band = alt.when(f"datum.outcome === '{outcomes[0]}'").then(alt.value(hues[0])).otherwise(alt.value(hues[-1]))
    layers = [
        base.mark_area(interpolate="step-after", opacity=0.18).encode(
            y=up("low", axis_title), y2="high:Q", detail="outcome:N", fill=band
        ),
        base.mark_line(interpolate="step-after", strokeWidth=2).encode(
            y=up("value", axis_title), color=colour, strokeDash=dash
        ),
        _columns(alt.Chart(alt.NamedData("columns")).encode(x=x), "36"),
    ]
    return built(layers, [*of_axis("x"), *of_axis("y")], height=HEIGHT, head=head)


@lru_cache(maxsize=64)
def agreement(declared: str, won: str, head: Head = ("", "")) -> Skeleton:
    """Points with their intervals about the diagonal, and their counts below."""
    x = alt.X("declared:Q", scale=reach("x"), axis=axis("x", declared))
    base = alt.Chart(alt.NamedData("classes")).encode(x=x)
    ends = alt.Chart(alt.NamedData("ends")).encode(x=x)
    layers = [
        ends.mark_line(color=INK, strokeDash=[4, 4], strokeWidth=1, opacity=0.7).encode(y=up("observed", won)),
        base.mark_rule(color=COLOURS["value"], strokeWidth=2).encode(y=up("low", won), y2="high:Q"),
        base.mark_point(color=COLOURS["value"], filled=True, size=70, opacity=1).encode(y=up("observed", won)),
        base.mark_text(fontSize=11).encode(y=up("place", won), text="n:N"),
        _columns(base, "16"),
    ]
    return built(layers, [*of_axis("x"), *of_axis("y")], height=SQUARE, head=head)


@lru_cache(maxsize=64)
def distribution(axis_title: str, counted: str, colour: str, head: Head = ("", "")) -> Skeleton:
    """Bars without gaps, and a dashed rule where a reference value stands."""
    x = alt.X("low:Q", scale=reach("x"), axis=axis("x", axis_title, grid=False))
    bins = alt.Chart(alt.NamedData("bins")).encode(x=x, x2="high:Q")
    mark = alt.Chart(alt.NamedData("mark")).encode(x=x)
    # The label turns away from the nearer edge, so that it stays inside.
    late = "datum.low > (x_low + x_end) / 2"
    layers = [
        bins.mark_bar(color=COLOURS[colour], binSpacing=1).encode(y=up("rows", counted), y2=alt.datum(0)),
        mark.mark_rule(color=INK, strokeWidth=1.5, strokeDash=[4, 3]),
        mark.mark_text(align=alt.expr(f"{late} ? 'right' : 'left'"), dx=alt.expr(f"{late} ? -6 : 6")).encode(
            y=alt.value(10), text="said:N"
        ),
        bins.mark_rect(opacity=0, fill=INK, tooltip=alt.expr("datum.tip"))
        .encode(y=alt.value(0), y2=alt.value("height"))
        .properties(name="catch"),
    ]
    return built(layers, [*of_axis("x"), *of_axis("y")], height=HEIGHT, head=head)


def _columns(base: alt.Chart, many: str) -> alt.Chart:
    """What is pointed at and clicked: the whole height of a point, of which there are so `many`; it is small itself."""
    rule = base.mark_rule(opacity=0, strokeWidth=alt.expr(f"max(8, width / {many})"), tooltip=alt.expr("datum.tip"))
    tall = rule.encode(y=alt.value(0), y2=alt.value("height"))
    return cast(alt.Chart, tall.properties(name="catch"))
