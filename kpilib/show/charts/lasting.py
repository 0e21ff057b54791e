"""How long they last: the share still there against the time since they came, a step line and a band a group."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from kpilib.language import N_
from kpilib.show.words import Words

from . import curve_skeletons, skeletons
from .axes import Places, along
from .curve_skeletons import BESIDE, HEIGHT
from .plot import Plot, Record, Skeleton, checked, records
from .skeletons import Head, axis, built, of_axis
from .theme import COLOURS, DASHES, INK, SERIES

# So many times can be pointed at.
_POINTED = 40


def months(time: float, words: Words) -> str:
    """What a time in months is called when it is pointed at."""
    return words.plural(time, "After {n} month", "After {n} months", n=words.count(time))


def lasting(
    frame: pd.DataFrame,
    title: str = "",
    subtitle: str = "",
    *,
    words: Words = Words(),
    measure: str = N_("Still customers"),
    times: str = N_("Months since they became customers"),
    after: Callable[[float, Words], str] = months,
    rising: bool = False,
    most: int = 5,
) -> Plot:
    """One step line a group, from all at the start to those that are left, each with its band.

    Parameters
    ----------
    frame : DataFrame
        Columns `group`, `time` (ascending in each group), `value`, `low`, `high` (shares, 0 to 1).
    measure, times : str
        What the axes show.
    after : callable
        What a time is called when it is pointed at.
    rising : bool
        Whether the share begins at none and rises: the axis then begins at 0.
    most : int
        So many groups are drawn, the first ones; no more than there are colours.

    Raises
    ------
    Nothing
        The frame has no row.
    """
    steps = records(checked(frame, "group", "time", "value", "low", "high"))
    names = list(dict.fromkeys(str(step["group"]) for step in steps))[: min(most, len(SERIES))]
    drawn = [{**step, "series": names.index(str(step["group"]))} for step in steps if str(step["group"]) in names]
    signals = {**_shares(drawn, words, rising), **along("x", _times(drawn), "count", words, most=6), "names": names}
    data = {"steps": [_step(step) for step in drawn], "columns": _pointed(drawn, names, words, after)}
    form = skeleton(words.say(measure), words.say(times), (title, subtitle))
    lines = -(-len(names) // BESIDE)
    # The symbols of lines are somewhat taller than those of points.
    legend = skeletons.LEGEND + (lines - 1) * skeletons.LINE + 6
    return Plot(form, data, signals, HEIGHT + skeletons.AXIS + legend + skeletons.EDGE)


def _step(step: Record) -> Record:
    return {name: step[name] for name in ("time", "value", "low", "high", "series")}


def _shares(steps: list[Record], words: Words, rising: bool) -> dict[str, object]:
    """The axis of shares: up to all, down to the tenth below the lowest band, so that small losses can be seen.

    Rising shares have theirs from none up to a little above the highest band.
    """
    if rising:
        highs = [step[side] for step in steps for side in ("value", "high") if step[side] is not None]
        return along("y", Places(0.0, min(1.0, 1.05 * max(highs, default=0.0)) or 1.0), "share", words)
    lows = [step[side] for step in steps for side in ("value", "low") if step[side] is not None]
    low = max(0.0, int(min(lows, default=0.0) * 10) / 10)
    return along("y", Places(min(low, 0.9), 1.0), "share", words)


def _times(steps: list[Record]) -> Places:
    last = max(float(step["time"]) for step in steps)
    return Places(0.0, last or 1.0)


def _pointed(steps: list[Record], names: list[str], words: Words, after: Callable[[float, Words], str]) -> list[Record]:
    """Times that can be pointed at, and what each group's share was by then."""
    times = sorted({step["time"] for step in steps})
    chosen = set(times[:: -(-len(times) // _POINTED)] + times[-1:])
    columns: dict[float, Record] = {}
    for step in steps:
        if step["time"] in chosen:
            title = {"title": after(step["time"], words)}
            column = columns.setdefault(step["time"], {"time": step["time"], "tip": title})
            share, between = words.text(step["value"], "share"), words.interval(step["low"], step["high"], "share")
            column["tip"][names[step["series"]]] = f"{share} ({between})" if between else share
    return [columns[time] for time in sorted(columns)]


@lru_cache(maxsize=64)
def skeleton(measure: str, times: str, head: Head = ("", "")) -> Skeleton:
    """One step line a series with its band, told apart by colour and dash, named below."""
    each, beside = list(range(len(SERIES))), f"room < 420 ? 2 : {BESIDE}"
    legend = alt.Legend(
        values=alt.expr("sequence(length(names))"),
        labelExpr="names[datum.value]",
        labelLimit=alt.expr(f"room / ({beside}) - 46"),
        columns=alt.expr(beside),
    )
    hues = [COLOURS[name] for name in SERIES]
    colour = alt.Color("series:N", scale=alt.Scale(domain=each, range=hues), legend=legend)
    dash = alt.StrokeDash("series:N", scale=alt.Scale(domain=each, range=list(DASHES)), legend=legend)
    x = alt.X("time:Q", scale=_scale("x"), axis=axis("x", times, grid=False))
    y = alt.Y("value:Q", scale=_scale("y"), axis=axis("y", measure))
    base = alt.Chart(alt.NamedData("steps")).encode(x=x)
    # The bands name their colours themselves, so that the legend shows the lines and their dashes only.
    band: Any = alt
    for at, hue in enumerate(hues[:-1]):
        band = band.when(f"datum.series === {at}").then(alt.value(hue))
    band = band.otherwise(alt.value(hues[-1]))
    layers = [
        base.mark_area(interpolate="step-after", opacity=0.16).encode(
            y=alt.Y("low:Q", scale=_scale("y"), axis=axis("y", measure)), y2="high:Q", detail="series:N", fill=band
        ),
        base.mark_line(interpolate="step-after", strokeWidth=2).encode(y=y, color=colour, strokeDash=dash),
        alt.Chart(alt.NamedData("columns"))
        .mark_rule(opacity=0, color=INK, strokeWidth=alt.expr("max(8, width / 36)"), tooltip=alt.expr("datum.tip"))
        .encode(x=x, y=alt.value(0), y2=alt.value("height"))
        .properties(name="catch"),
    ]
    return built(layers, [*of_axis("x"), *of_axis("y"), "names"], height=curve_skeletons.HEIGHT, head=head)


def _scale(name: str) -> alt.Scale:
    return alt.Scale(domain=alt.expr(f"[{name}_low, {name}_end]"), nice=False, zero=False)
