"""The risk of leaving at each score with what was fitted over it; what moving customers would keep."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from kpilib.show.words import Words

from . import score_skeletons, skeletons
from .axes import Places, along, stretch
from .plot import Plot, Record, checked, records, tip
from .stacked import Part, pillars, score_axis

#: The column of a fitted line that bends; any other one goes in steps.
BENT = "hinge"


def threshold(
    frame: pd.DataFrame,
    title: str = "",
    subtitle: str = "",
    *,
    parts: Sequence[Part],
    words: Words = Words(),
    measure: str = "",
    scores: str = "",
    lines: Sequence[str] = (),
    cut: tuple[float, str] | None = None,
    among: tuple[float, float] | None = None,
    unsure: str = "",
) -> Plot:
    """The raw share at each score with its interval; over it what was fitted; behind it where the cut may lie.

    Parameters
    ----------
    frame : DataFrame
        As for `stacked.spread`, and one column a fitted line.
    lines : sequence of str
        The columns of fitted lines, at most two: the first whole, the second dotted.
    cut : (float, str), optional
        Where the cut lies along the scores (5.5 is between 5 and 6), and what stands there.
    among : (float, float), optional
        The stretch in which the cut may lie.
    unsure : str
        The key of a class of which too little is known: its bars do not stretch the axis, and bear their count alone.

    Raises
    ------
    Nothing
        The frame has no row.
    """
    bars = pillars(frame, [key for key, _, _ in parts], [name for _, name, _ in parts], words, measure)
    hardly = frame["part"].to_numpy() == unsure
    fitted = _fitted(frame[~hardly], lines)
    places = _upwards([bar for bar, few in zip(bars, hardly, strict=True) if not few] or bars, fitted)
    signals = score_axis(bars, words) | along("y", places, "share", words)
    for bar, few in zip(bars, hardly, strict=True):
        bar |= {name: min(bar[name], places.end) for name in ("value", "low", "high", "top") if bar[name] is not None}
        if few:
            bar |= {"low": None, "high": None, "top": bar["value"] or 0.0, "said": f"n {words.count(bar['rows'])}"}
    data = {"bars": bars, **fitted, "cut": _cut(cut), "set": _set(among)}
    names, colours = tuple(name for _, name, _ in parts), tuple(colour for _, _, colour in parts)
    form = score_skeletons.fitted(scores, measure, names, colours, (title, subtitle))
    legend = skeletons.LEGEND if len(parts) > 1 else 0
    return Plot(form, data, signals, score_skeletons.HEIGHT + skeletons.AXIS + legend + skeletons.EDGE)


def course(
    frame: pd.DataFrame,
    title: str = "",
    subtitle: str = "",
    *,
    unit: str,
    here: float,
    words: Words = Words(),
    measure: str = "",
    along_title: str = "",
) -> Plot:
    """A line with its band along shares, and a large point where one stands.

    Parameters
    ----------
    frame : DataFrame
        Columns `share` (0 to 1), `value`, `low`, `high`, in the order of the shares.
    here : float
        The share at which the point stands; one of the frame's.

    Raises
    ------
    Nothing
        The frame has no row.
    """
    curve = records(checked(frame, "share", "value", "low", "high"))
    for point in curve:
        point["x"] = point["share"]
        point["tip"] = tip(words.text(point["share"], "share"), words, unit, measure, point)
    now = min(curve, key=lambda point: abs(point["share"] - here))
    signals = along("x", stretch([[point["share"] for point in curve]]), "share", words, most=5)
    signals |= along("y", stretch([[p[name] for p in curve] for name in ("low", "value", "high")]), unit, words)
    form = score_skeletons.course(along_title, words.axis_title(measure, unit), (title, subtitle))
    height = score_skeletons.HEIGHT + skeletons.AXIS + skeletons.EDGE
    return Plot(form, {"curve": curve, "here": [now]}, signals, height)


def _fitted(frame: pd.DataFrame, columns: Sequence[str]) -> dict[str, list[Record]]:
    """The points of the fitted lines: an elbow bends where its data say, all others go in steps between the scores."""
    made: dict[str, list[Record]] = {"steps": [], "curves": []}
    for at, column in enumerate(columns):
        for score, value in zip(frame["score"].tolist(), frame[column].tolist(), strict=True):
            if value == value:
                made["curves" if column == BENT else "steps"].append({"x": score, "value": value, "line": at})
    return made


def _upwards(bars: Sequence[Record], fitted: dict[str, list[Record]]) -> Places:
    """The axis upwards: as far as the bars that are known, and the lines, need it."""
    return stretch([[bar["top"] for bar in bars], [one["value"] for line in fitted.values() for one in line]])


def _cut(cut: tuple[float, str] | None) -> list[Record]:
    return [] if cut is None else [{"x": cut[0], "said": cut[1]}]


def _set(among: tuple[float, float] | None) -> list[dict[str, Any]]:
    return [] if among is None else [{"from": among[0], "to": among[1]}]
