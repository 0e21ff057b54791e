"""A measure through time within the limits of chance, and what happened meanwhile."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from kpilib.show.words import Words

from . import score_skeletons, skeletons
from .axes import along, stretch
from .plot import Nothing, Plot, Record, checked, records, tip


def control(
    frame: pd.DataFrame,
    title: str = "",
    subtitle: str = "",
    *,
    unit: str,
    words: Words = Words(),
    measure: str = "",
    colour: str = "value",
    marks: Sequence[Mapping[str, str]] = (),
) -> Plot:
    """A line with its centre and its limits; a diamond is a period beyond them, a numbered rule an event.

    Parameters
    ----------
    frame : DataFrame
        Columns `period`, `value`, `lower`, `upper`, `centre` (the limits of that period; missing where there are too
        few periods for limits), `out` (whether it breaks a rule), `complete`, `rows`, in the order of time.
    marks : sequence of mapping
        `period` and `said`: where something happened, and the sign that stands at its rule; see `events.marks`.

    Raises
    ------
    Nothing
        No period has a value.
    """
    points = records(checked(frame, "period", "value", "lower", "upper", "centre", "out", "complete", "rows"))
    if all(point["value"] is None for point in points):
        raise Nothing("No row matches.")
    for point in points:
        point["tip"] = _tip(point, unit, words, measure)
        point["out"] = bool(point["out"])
        point["whole"] = point["value"] if point["complete"] else None
    periods = [point["period"] for point in points]
    drawn = [[point[name] for point in points] for name in ("value", "lower", "upper")]
    signals: dict[str, Any] = {"periods": periods, "labelled": periods[::-1][:: -(-len(periods) // 5)][::-1]}
    signals |= along("y", stretch(drawn, zero=False), unit, words)
    form = score_skeletons.limits(words.axis_title(measure, unit), _below(points, words), colour, (title, subtitle))
    data = {"points": points, "marks": [dict(mark) for mark in marks]}
    height = score_skeletons.HEIGHT + skeletons.TIMES + skeletons.EDGE
    return Plot(form, data, signals, height)


def _below(points: Sequence[Record], words: Words) -> str:
    """What the marks mean, below the axis."""
    limits = any(point["lower"] is not None for point in points)
    said = [words.say("Dashed: the limits of chance. Diamond: more than chance.")] if limits else []
    if not all(point["complete"] for point in points):
        said.append(words.say("Hollow: the period is not over"))
    return " ".join(said)


def _tip(point: Record, unit: str, words: Words, measure: str) -> dict[str, str]:
    said = tip(str(point["period"]), words, unit, measure, {"value": point["value"], "rows": point["rows"]})
    if between := words.interval(point["lower"], point["upper"], unit):
        said[words.say("Limits of chance")] = between
    if not point["complete"]:
        said[words.say("Hollow")] = words.say("the period is not over")
    return said
