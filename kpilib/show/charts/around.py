"""A measure before and after an event of each customer's own, beside those who had none."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from kpilib.show.words import Words

from . import score_skeletons, skeletons
from .axes import along, roomy, stretch, tick_texts
from .plot import Plot, checked, records, tip

# The lines stand so far apart that their whiskers do not cover one another.
_APART = 0.16
_HUES = ("second", "value", "third")


def around(
    frame: pd.DataFrame,
    title: str = "",
    subtitle: str = "",
    *,
    unit: str,
    words: Words = Words(),
    measure: str = "",
    along_title: str = "",
    event: str = "",
    names: Sequence[str],
) -> Plot:
    """Points with their intervals by the time since the event, one line a group; the dashed rule is the event.

    Parameters
    ----------
    frame : DataFrame
        Columns `at` (whole steps since the event: 0 is the first after it, −1 the last before), `line` (the place of
        its name in `names`), `value`, `low`, `high`, `rows`; rows without a value are left out.
    along_title, event : str
        What the axis along shows; what stands at the rule.
    names : sequence of str
        What the lines are called.

    Raises
    ------
    Nothing
        The frame has no row.
    """
    given = records(checked(frame, "at", "line", "value", "low", "high", "rows"))
    points = [point for point in given if point["value"] is not None]
    middle = (len(names) - 1) / 2
    for point in points:
        point["x"] = point["at"] + _APART * (point["line"] - middle)
        title_ = f"{names[point['line']]} · {words.text(point['at'], 'count')}"
        point["tip"] = tip(title_, words, unit, measure, point)
    steps = sorted({int(at) for at in frame["at"].tolist()})
    signals: dict[str, Any] = {"x_low": steps[0] - 0.5, "x_end": steps[-1] + 0.5, "x_ticks": steps}
    signals["x_said"] = list(tick_texts(tuple(map(float, steps)), "count", words.locale))
    drawn = [[point[name] for point in points] for name in ("low", "value", "high")]
    signals |= along("y", roomy(stretch(drawn)), unit, words)
    colours = _HUES[: len(names)]
    form = score_skeletons.around(along_title, measure, tuple(names), colours, (title, subtitle))
    data = {"points": points, "event": [{"x": -0.5, "said": event}]}
    legend = skeletons.LEGEND if len(names) > 1 else 0
    height = score_skeletons.HEIGHT + skeletons.AXIS + legend + skeletons.EDGE
    return Plot(form, data, signals, height)
