"""The skeletons of charts of groups: Altair draws each once a structure, without data; see `plot` for what fills them.

What depends on the data are parameters: where axes start and end, their ticks, the groups in their order. `room` is the
width of the whole chart, `width` that of the plot alone; both are known only where the chart is drawn.
"""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypeAlias, cast

import altair as alt

from .plot import Skeleton
from .theme import COLOURS, INK, WIDTH

#: A chart's title and subtitle.
Head: TypeAlias = tuple[str, str]
#: How tall the row of a group is; of a group with two marks.
STEP, STEP_TWO = 28, 46
#: What stands below a plot takes so much of a chart's height: an axis with a title, with a small one, with none; a line
#: of text, a legend, the edges.
AXIS, TIMES, LABELS, LINE, LEGEND, EDGE = 40, 38, 19, 17, 32, 10
# The pixels that a count takes at the right, and a value; the gap between two panels.
_COUNT, _SAID, _GAP = 62, 64, 18
_PANEL = f"max(24, width / 2 - {_SAID + _GAP / 2})"


@lru_cache(maxsize=64)
def rows(axis_title: str, colour: str, thick: int, whiskers: bool, said: int = 60, head: Head = ("", "")) -> Skeleton:
    """One bar a group from zero, value and count in columns at the right, hollow where there are too few rows.

    `said` is how many pixels the values take.
    """
    base = alt.Chart(alt.NamedData("rows")).encode(y=groups())
    x = alt.X("value:Q", scale=spread("x", "width", f"max(24, width - {_COUNT + said})"), axis=axis("x", axis_title))
    hollow = alt.when("!datum.enough")
    bars = base.mark_bar(height=thick, strokeWidth=1).encode(
        x=x,
        x2=alt.datum(0),
        fill=hollow.then(alt.value("transparent")).otherwise(alt.value(COLOURS[colour])),
        stroke=hollow.then(alt.value(COLOURS["open"])),
        strokeDash=hollow.then(alt.value([3, 2])),
    )
    intervals = base.mark_rule(strokeWidth=1.5).encode(x="low:Q", x2="high:Q")
    place = alt.value("width")
    values = base.mark_text(align="right", dx=-_COUNT).encode(x=place, text="said:N")
    counts = base.mark_text(align="right", fontSize=11, opacity=0.75).encode(x=place, text="n:N")
    layers = [bars, *([intervals] if whiskers else []), values, counts, more(AXIS + 4), catch(base)]
    return built(layers, [*of_axis("x"), "groups"], head=head)


@lru_cache(maxsize=64)
def shares(axis_title: str, together: str, colour: str, head: Head = ("", "")) -> Skeleton:
    """One bar a group, and a line of the share that the groups make up together, on an axis of its own above."""
    base = alt.Chart(alt.NamedData("rows")).encode(y=groups())
    x = alt.X("value:Q", scale=spread("x", "width", "width"), axis=axis("x", axis_title))
    bars = base.mark_bar(color=COLOURS[colour], height=14).encode(x=x, x2=alt.datum(0))
    texts = "part_said[2 * datum.value]"
    top = alt.Axis(orient="top", values=[0, 0.5, 1], labelExpr=texts, title=together, grid=False)
    part = base.encode(x=alt.X("cumulative:Q", scale=alt.Scale(domain=[0, 1]), axis=top))
    path = alt.layer(
        part.mark_line(color=INK, strokeWidth=1.5, order=False),
        part.mark_point(color=INK, filled=True, size=30, opacity=1),
    )
    layers = [bars, path, more(AXIS + 4), catch(base)]
    return built(layers, [*of_axis("x"), "groups", "part_said"], apart_x=True, head=head)


@lru_cache(maxsize=64)
def panels(left: str, right: str, head: Head = ("", "")) -> Skeleton:
    """Two bars a group side by side, each on its own axis from zero; one plot, so that it fits whatever holds it."""
    base = alt.Chart(alt.NamedData("rows")).encode(y=groups())
    # Where there is no room for both titles side by side, they stand at the chart's edges.
    at = {
        "left": ("room < 420 ? width + 10 - room : panel / 2", "room < 420 ? 'left' : 'center'"),
        "right": (
            f"room < 420 ? width : width / 2 + {_GAP / 2} + panel / 2",
            "room < 420 ? 'right' : 'center'",
        ),
    }
    sides: list[alt.Chart | alt.LayerChart] = []
    for side, name, colour, start, end in (
        ("left", left, "value", "0", f"width / 2 - {_GAP / 2}"),
        ("right", right, "second", f"(width / 2 + {_GAP / 2})", "width"),
    ):
        place, align = at[side]
        below = axis(
            side,
            name,
            titleX=alt.expr(place),
            titleAlign=alt.expr(align),
            titleLimit=alt.expr("room / 2"),
            orient="bottom",
        )
        x = alt.X(f"{side}:Q", scale=spread(side, "width", _PANEL, start), axis=below)
        bars = base.mark_bar(color=COLOURS[colour], height=14).encode(x=x, x2=alt.datum(0))
        said = base.mark_text(align="right").encode(x=alt.value(alt.expr(end)), text=f"{side}_said:N")
        sides.append(cast(alt.LayerChart, alt.layer(bars, said)))
    given = [*of_axis("left"), *of_axis("right"), "groups"]
    made = built([*sides, more(AXIS + 4), catch(base)], given, apart_x=True, head=head)
    made.spec["params"].append({"name": "panel", "expr": _PANEL})
    return made


@lru_cache(maxsize=64)
def two(axis_title: str, first: str, second: str, names: tuple[str, ...], head: Head = ("", "")) -> Skeleton:
    """Two points a group with their intervals, and what they say at the right."""
    pair = [first, second]
    # "without 69.3% · n 1,741" in small letters; on a telephone the symbols alone tell which it is.
    room = f"(room < 420 ? 100 : {100 + 6 * max(map(len, names))})"
    offset = alt.YOffset("outcome:N", sort=pair, scale=alt.Scale(domain=pair, paddingOuter=0.35))
    x = alt.X("value:Q", scale=spread("x", "width", f"max(24, width - {room})"), axis=axis("x", axis_title))
    legend = alt.Legend(labelExpr=f"({json.dumps(dict(zip(pair, names, strict=True)))})[datum.value]", symbolSize=60)
    hues = alt.Scale(domain=pair, range=[COLOURS["value"], COLOURS["second"]])
    colour = alt.Color("outcome:N", scale=hues, legend=legend)
    shape = alt.Shape("outcome:N", scale=alt.Scale(domain=pair, range=["circle", "square"]), legend=legend)
    base = alt.Chart(alt.NamedData("rows")).encode(y=groups(padding=0), yOffset=offset)
    layers = [
        base.mark_rule(strokeWidth=1.5).encode(x="low:Q", x2="high:Q"),
        base.mark_point(size=70, strokeWidth=2, opacity=1, filled=True).encode(x=x, color=colour, shape=shape),
        base.mark_text(align="right", fontSize=11).encode(
            x=alt.value("width"), text=alt.value(alt.expr("room < 420 ? datum.brief : datum.said"))
        ),
        catch(base),
    ]
    return built(layers, [*of_axis("x"), "groups"], step=STEP_TWO, head=head)


def groups(**how: Any) -> alt.Y:
    """The groups in the order given, their names cut where they would take the plot's room."""
    limit = alt.expr("min(170, room * 0.36)")
    return alt.Y(
        "group:N",
        scale=alt.Scale(domain=alt.expr("groups"), **how),
        axis=alt.Axis(title=None, grid=False, labelLimit=limit),
    )


def of_axis(name: str) -> list[str]:
    """What the signals of an axis are called; `axes.along` gives their values."""
    return [f"{name}_{what}" for what in ("low", "end", "ticks", "said")]


def axis(name: str, title: str, **how: Any) -> alt.Axis:
    """An axis whose ticks and their texts are signals."""
    said = f"{name}_said[indexof({name}_ticks, datum.value)]"
    return alt.Axis(
        title=title or None,
        values=alt.expr(f"{name}_ticks"),
        labelExpr=said,
        labelOverlap="greedy",
        labelSeparation=4,
        **how,
    )


def spread(name: str, size: str, room: str, start: str = "0") -> alt.Scale:
    """A scale from `name_low` to `name_end` in so much `room` of the plot's `size`, in pixels from `start` on.

    What is not in the room is left to texts, which are as wide on a telephone as on a wall.
    """
    low, stretch = f"{name}_low", f"({name}_end - {name}_low)"
    first = f"{low} - {stretch} * {start} / ({room})" if start != "0" else low
    domain = f"[{first}, {low} + {stretch} * ({size} - {start}) / ({room})]"
    return alt.Scale(domain=alt.expr(domain), nice=False, zero=False)


def catch(base: alt.Chart) -> alt.Chart:
    """What is pointed at and clicked: the whole row of a group, for the marks themselves are small."""
    row = base.mark_rect(opacity=0, fill=INK, tooltip=alt.expr("datum.tip")).encode(
        x=alt.value(0), x2=alt.value("width")
    )
    return cast(alt.Chart, row.properties(name="catch"))


def more(below: int) -> alt.Chart:
    """A line below the axis that says how many groups are left to the table."""
    line = alt.Chart(alt.NamedData("more")).mark_text(limit=alt.expr("width"), baseline="top")
    at = {"x": alt.value(alt.expr("width / 2")), "y": alt.value(alt.expr(f"height + {below}"))}
    return cast(alt.Chart, line.encode(text="said:N", **at))


def built(
    layers: Sequence[alt.Chart | alt.LayerChart],
    signals: Sequence[str],
    *,
    step: int = STEP,
    height: float | None = None,
    apart_x: bool = False,
    head: Head = ("", ""),
) -> Skeleton:
    """The layers, first below last, as a skeleton with these parameters.

    Parameters
    ----------
    step : int
        How tall a group is, where there is no `height`.
    apart_x : bool
        Whether each layer has a scale of its own along.
    head : (str, str)
        Its title and its subtitle, where it has any.
    """
    chart = cast(alt.LayerChart, alt.layer(*layers))
    size = alt.AutoSizeParams(type="fit-x", contains="padding")
    tall = alt.Step(step, **{"for": "position"}) if height is None else height
    chart = chart.properties(width=WIDTH, height=tall, autosize=size)
    if apart_x:
        chart = chart.resolve_scale(x="independent")
    if any(head):
        chart = chart.properties(title=alt.TitleParams(head[0], subtitle=head[1]))
    spec = chart.to_dict(validate=False)
    spec["params"] = [{"name": "room", "value": WIDTH}, *({"name": name, "value": None} for name in signals)]
    return Skeleton(spec)


def over_time(title: str) -> alt.X:
    """Periods in the order given, some of them labelled."""
    labels = alt.Axis(values=alt.expr("labelled"), labelAngle=0, title=title or None, titleFontSize=11, grid=False)
    return alt.X("period:O", scale=alt.Scale(domain=alt.expr("periods"), padding=0.3, type="point"), axis=labels)


def reach(name: str) -> alt.Scale:
    """A scale from the parameter `name`_low to `name`_end."""
    return alt.Scale(domain=alt.expr(f"[{name}_low, {name}_end]"), nice=False, zero=False)


def across(field: str, title: str) -> alt.X:
    """A number from left to right."""
    return alt.X(f"{field}:Q", scale=reach("x"), axis=axis("x", title, grid=False))


def up(field: str, title: str) -> alt.Y:
    """A number from below to above."""
    return alt.Y(f"{field}:Q", scale=reach("y"), axis=axis("y", title))
