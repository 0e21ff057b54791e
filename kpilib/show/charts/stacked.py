"""Whole bars in parts: how the answers of each group split, and how the scores of all spread."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from kpilib import units
from kpilib.show.words import MINIMUM, Words

from . import score_skeletons, skeletons
from .axes import Places, along, stretch, tick_texts
from .plot import Nothing, Plot, Record, checked, records

#: A part of a bar: its column or key in the frame, its name as the reader sees it, its colour (a key of `COLOURS`).
Part = tuple[str, str, str]
# A part of a bar holds its text where it is so wide; a bar at a score takes so much to either side.
_WIDE, _HALF = 0.085, 0.4


def stacked(
    frame: pd.DataFrame,
    title: str = "",
    subtitle: str = "",
    *,
    parts: Sequence[Part],
    words: Words = Words(),
    measure: str = "",
    minimum: int = MINIMUM,
    most: int = 15,
) -> Plot:
    """One bar a group, the same length for all, split into parts that make up its whole.

    Parameters
    ----------
    frame : DataFrame
        Columns `group`, `rows` and one a part (shares, 0 to 1, that make up 1), in the order to draw.
    parts : sequence of (str, str, str)
        Column, name and colour of each part, from the left.
    measure : str
        What the axis shows.
    minimum : int
        A group of fewer rows is drawn fainter: how it splits is mostly chance.
    most : int
        So many groups are drawn; a line below the axis says how many are left to the table.

    Raises
    ------
    Nothing
        The frame has no row, or a row has no parts.
    """
    given = records(checked(frame, "group", "rows", *(column for column, _, _ in parts)))
    drawn = given[:most]
    bars = [bar for row in drawn for bar in _bars(row, parts, words, minimum)]
    rows = [{**_row(row, parts, words), "group": str(row["group"])} for row in drawn]
    left_out = len(given) - len(drawn)
    more = [{"said": words.say("{n} more in the table", n=words.count(left_out))}] if left_out else []
    signals = along("x", Places(0.0, 1.0), "share", words) | {"groups": [row["group"] for row in rows]}
    names, colours = tuple(name for _, name, _ in parts), tuple(colour for _, _, colour in parts)
    form = score_skeletons.wholes(measure, names, colours, (title, subtitle))
    below = skeletons.AXIS + skeletons.LEGEND + (skeletons.LINE if more else 0)
    data: Mapping[str, list[Record]] = {"bars": bars, "rows": rows, "more": more}
    return Plot(form, data, signals, skeletons.STEP * len(rows) + skeletons.EDGE + below)


def spread(
    frame: pd.DataFrame,
    title: str = "",
    subtitle: str = "",
    *,
    parts: Sequence[Part],
    words: Words = Words(),
    measure: str = "",
    scores: str = "",
) -> Plot:
    """One upright bar a score: what share of the answers gave it, with its interval, in the colour of its class.

    Parameters
    ----------
    frame : DataFrame
        Columns `score` (a number), `value`, `low`, `high` (shares, 0 to 1), `rows` (answers) and `part` (the key of one
        of `parts`), in the order of the scores.
    parts : sequence of (str, str, str)
        Key, name and colour of each class.
    measure, scores : str
        What the axes show: upwards, along.

    Raises
    ------
    Nothing
        The frame has no row.
    """
    bars = pillars(frame, [key for key, _, _ in parts], [name for _, name, _ in parts], words, words.say("Share"))
    signals = score_axis(bars, words) | along("y", stretch([[bar["top"] for bar in bars]]), "share", words)
    names, colours = tuple(name for _, name, _ in parts), tuple(colour for _, _, colour in parts)
    form = score_skeletons.scores(scores, measure, names, colours, (title, subtitle))
    legend = skeletons.LEGEND if len(parts) > 1 else 0
    return Plot(form, {"bars": bars}, signals, score_skeletons.HEIGHT + skeletons.AXIS + legend + skeletons.EDGE)


def pillars(
    frame: pd.DataFrame, order: Sequence[str], names: Sequence[str], words: Words, measure: str
) -> list[Record]:
    """The bars at the scores of a frame as `spread` takes it, each with its place, its class and its text."""
    bars = records(checked(frame, "score", "value", "low", "high", "rows", "part"))
    for bar in bars:
        bar["part"] = order.index(bar["part"])
        bar["from"], bar["to"] = bar["score"] - _HALF, bar["score"] + _HALF
        bar["top"] = bar["value"] if bar["high"] is None else bar["high"]
        bar["said"] = _whole(bar["value"], words)
        bar["tip"] = _tip(bar, names[bar["part"]], words, measure)
    return bars


def score_axis(bars: Sequence[Record], words: Words) -> dict[str, Any]:
    """The signals of the axis along which bars stand at their scores, each score with its tick."""
    at = [float(bar["score"]) for bar in bars]
    said = list(tick_texts(tuple(at), "count", words.locale))
    return {"x_low": min(at) - 0.6, "x_end": max(at) + 0.6, "x_ticks": at, "x_said": said}


def _bars(row: Record, parts: Sequence[Part], words: Words, minimum: int) -> list[Record]:
    """The parts of one bar, each from where the one before it ends."""
    made: list[Record] = []
    start, enough = 0.0, (row["rows"] or 0) >= minimum
    for at, (column, _, _) in enumerate(parts):
        share = row[column]
        if share is None:
            raise Nothing("No row matches.")
        said = words.text(share, "share") if share >= _WIDE else ""
        place = {"start": start, "end": start + share, "middle": start + share / 2}
        made.append({"group": str(row["group"]), "part": at, **place, "said": said, "enough": enough})
        start += share
    return made


def _row(row: Record, parts: Sequence[Part], words: Words) -> Record:
    """What stands at a bar's end, and what is said when it is pointed at."""
    said = {name: words.text(row[column], "share") for column, name, _ in parts}
    counted = words.count(row["rows"])
    return {"n": f"n {counted}", "tip": {"title": str(row["group"]), **said, words.say("Rows"): counted}}


def _whole(share: float | None, words: Words) -> str:
    """A share without decimals: eleven bars stand side by side."""
    return "" if share is None else units.text(share, "share", locale=words.locale, precision=0)


def _tip(bar: Record, part: str, words: Words, measure: str) -> dict[str, str]:
    title = " · ".join(one for one in (words.count(bar["score"]), part) if one)
    said = {"title": title, measure: words.text(bar["value"], "share")}
    if between := words.interval(bar["low"], bar["high"], "share"):
        said[words.say("95% interval")] = between
    return said | {words.say("Rows"): words.count(bar["rows"])}
