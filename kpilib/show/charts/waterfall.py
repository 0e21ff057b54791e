"""A waterfall: steps that lead from one level to another, each bar from where the one above it ended.

Bars lie along, as those of `charts.bars` do, so that the names of the steps are read on a telephone too. Levels stand
on zero. A step's interval is drawn about its end: the steps before it are taken as they are.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, cast

import altair as alt
import pandas as pd

from kpilib.show.tables import of_difference
from kpilib.show.words import Words

from . import skeletons
from .axes import Places, along, roomy, stretch
from .plot import Nothing, Plot, Record, Skeleton, checked, records, tip
from .skeletons import EDGE, STEP, Head, axis, built, catch, groups, more, of_axis, spread
from .theme import COLOURS, INK

#: What a bar means, and its colour: as a tile colours its change. A sign goes with each.
_HUES = {"better": COLOURS["won"], "worse": COLOURS["lost"], "none": COLOURS["open"], "level": COLOURS["value"]}
# The pixels that the values at the right take, and their counts.
_SAID, _COUNT = 84, 62
# Counts and sums from here on are written in short.
_SHORT_FROM = 10_000


def waterfall(
    frame: pd.DataFrame,
    title: str = "",
    subtitle: str = "",
    *,
    unit: str,
    words: Words = Words(),
    measure: str = "",
    most: int = 20,
) -> Plot:
    """Steps from one level to another, with their intervals, values and counts.

    Parameters
    ----------
    frame : DataFrame
        Columns `group` (what the bar is called), `value`, `kind` ("level": a level, from zero; "sum": a difference,
        from zero; "step": a difference, from where the bar above ended), `low`, `high` (the ends of the value's own
        interval, missing where it has none), `rows` (missing where nothing is counted), `direction` ("better", "worse"
        or "none"), in the order to draw.
    unit : str
        How values are written; differences of shares are percentage points.
    measure : str
        What the axis shows.
    most : int
        So many bars are drawn; a line below the axis says how many are left to the table.

    Raises
    ------
    Nothing
        The frame has no row with a value.
    """
    known = placed(records(checked(frame, "group", "value", "kind", "low", "high", "rows", "direction")))
    rows = [_row(row, unit, words, measure) for row in known[:most]]
    counted = any(row["n"] for row in rows)
    places = roomy(stretch([[row[name] for row in rows] for name in ("start", "end", "whisker_low", "whisker_high")]))
    points = unit == "share" and not any(row["kind"] == "level" for row in known)
    more_rows = _left(len(known) - len(rows), words)
    named = words.say("{measure}, points", measure=measure) if points else words.axis_title(measure, unit)
    data = {"rows": rows, "links": _links(rows), "more": more_rows}
    signals = {
        **(_in_points(places, words) if points else along("x", places, unit, words)),
        "groups": [row["group"] for row in rows],
    }
    below = (skeletons.AXIS if measure else skeletons.LABELS) + (skeletons.LINE if more_rows else 0)
    form = skeleton(named if measure else "", counted, (title, subtitle))
    return Plot(form, data, signals, STEP * len(rows) + EDGE + below)


def placed(rows: Sequence[Record]) -> list[Record]:
    """Each row with `start` and `end`: a level from zero, a step from the end of the row before it.

    Examples
    --------
    >>> [(row["start"], row["end"]) for row in placed([{"value": 5, "kind": "level"}, {"value": -2, "kind": "step"}])]
    [(0.0, 5.0), (5.0, 3.0)]
    """
    made: list[Record] = []
    at = 0.0
    for row in rows:
        if row["value"] is None:
            continue
        start = at if row["kind"] == "step" else 0.0
        at = start + row["value"]
        made.append({**row, "start": start, "end": at})
    if not made:
        raise Nothing("No row matches.")
    return made


def _row(row: Record, unit: str, words: Words, measure: str) -> Record:
    """A bar as it is drawn: its places, its colour, what it says at the right and at the pointer."""
    level, known = row["kind"] == "level", row["low"] is not None and row["high"] is not None
    said = words.short(row["value"], unit) if level else signed(row["value"], unit, words)
    name = str(row["group"])
    told = tip(name, words, unit, measure, row)
    if not level:
        told = _as_step(told, words, unit, measure, row)
    return {
        "group": name, "start": row["start"], "end": row["end"], "hue": "level" if level else row["direction"],
        "whisker_low": row["start"] + row["low"] if known else None,
        "whisker_high": row["start"] + row["high"] if known else None,
        "said": said, "n": "" if row["rows"] is None else f"n {words.count(row['rows'])}", "tip": told,
    }  # fmt: skip


def signed(value: float, unit: str, words: Words) -> str:
    """A difference with its sign in the width of a chart: "+€1.30M", "−4.0 points".

    Examples
    --------
    >>> signed(1_300_000, "money", Words()), signed(-0.04, "share", Words())
    ('+€1.30M', '−4.0 points')
    """
    if unit in ("count", "money", "money/day") and abs(value) >= _SHORT_FROM:
        return ("+" if value > 0 else "−") + words.short(abs(value), unit)
    return words.difference(value, unit)


def _in_points(places: Places, words: Words) -> dict[str, Any]:
    """The signals of an axis of differences of shares, whose ticks say percentage points."""
    given = along("x", Places(100 * places.low, 100 * places.end), "score", words)
    return {**given, "x_low": places.low, "x_end": places.end, "x_ticks": [tick / 100 for tick in given["x_ticks"]]}


def _as_step(told: dict[str, str], words: Words, unit: str, measure: str, row: Record) -> dict[str, str]:
    """What the pointer says of a step: its value and its interval are differences."""
    told[measure or words.say("Value")] = words.difference(row["value"], unit)
    if row["low"] is not None and row["high"] is not None:
        told[words.say("95% interval")] = of_difference(row["low"], row["high"], unit, words)
    return told


def _links(rows: Sequence[Record]) -> list[Record]:
    """The thin lines that lead from the end of a bar to the start of the next."""
    return [{"group": one["group"], "next": other["group"], "at": one["end"]} for one, other in pairwise(rows)]


def _left(count: int, words: Words) -> list[Record]:
    return [{"said": words.say("{n} more in the table", n=words.count(count))}] if count > 0 else []


@lru_cache(maxsize=64)
def skeleton(axis_title: str, counted: bool, head: Head = ("", "")) -> Skeleton:
    """Bars from one place to another, thin lines between them, values (and counts) in columns at the right."""
    aside = _COUNT if counted else 0
    scale = spread("x", "width", f"max(24, width - {_SAID + aside})")
    along_x = alt.X("start:Q", scale=scale, axis=axis("x", axis_title))
    base = alt.Chart(alt.NamedData("rows")).encode(y=groups())
    hue = alt.Color("hue:N", scale=alt.Scale(domain=list(_HUES), range=list(_HUES.values())), legend=None)
    layers: list[alt.Chart | alt.LayerChart] = [
        base.mark_bar(height=14).encode(x=along_x, x2="end:Q", color=hue),
        _joined(),
        base.mark_rule(strokeWidth=1.5).encode(x="whisker_low:Q", x2="whisker_high:Q"),
        base.mark_text(align="right", dx=-aside).encode(x=alt.value("width"), text="said:N"),
    ]
    if counted:
        count = base.mark_text(align="right", fontSize=11, opacity=0.75)
        layers.append(count.encode(x=alt.value("width"), text="n:N"))
    return built([*layers, more(skeletons.AXIS + 4), catch(base)], [*of_axis("x"), "groups"], head=head)


def _joined() -> alt.Chart:
    """From the middle of one row to the middle of the next, at the place where the one ends and the other starts."""
    between: dict[str, Any] = {"y": groups(), "y2": "next:N", "x": alt.X("at:Q")}
    rule = alt.Chart(alt.NamedData("links")).mark_rule(color=INK, strokeWidth=1, opacity=0.45)
    return cast(alt.Chart, rule.encode(**between))
