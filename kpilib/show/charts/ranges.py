"""What was measured beside what may be: points with their intervals, and broad bars for what nobody can rule out."""

import pandas as pd

from kpilib.show.words import Words

from . import score_skeletons, skeletons
from .axes import along, roomy, stretch
from .plot import Plot, checked, records, tip


def ranges(
    frame: pd.DataFrame,
    title: str = "",
    subtitle: str = "",
    *,
    unit: str,
    words: Words = Words(),
    measure: str = "",
    zero: bool = True,
) -> Plot:
    """One line a group, in the frame's order: a point with its interval, or a bar where all between its ends may be.

    Parameters
    ----------
    frame : DataFrame
        Columns `group`, `value` (missing for a bar without a middle), `low`, `high`, `assumed` (whether its ends are
        what may be, rather than the interval of a measure).
    zero : bool
        Whether zero is on the axis.

    Raises
    ------
    Nothing
        The frame has no row.
    """
    rows = records(checked(frame, "group", "value", "low", "high", "assumed"))
    for row in rows:
        between = words.interval(row["low"], row["high"], unit)
        row["said"] = between if row["value"] is None or row["assumed"] else words.text(row["value"], unit)
        row["tip"] = tip(str(row["group"]), words, unit, measure, {"value": row["value"]})
        row["tip"] |= {words.say("From, to") if row["assumed"] else words.say("95% interval"): between}
        if row["value"] is None:
            del row["tip"][measure or words.say("Value")]
    places = stretch([[row[name] for row in rows] for name in ("low", "value", "high")], zero)
    signals = along("x", places if zero else roomy(places), unit, words)
    signals["groups"] = [row["group"] for row in rows]
    room = 20 + 7 * max(len(row["said"]) for row in rows)
    form = score_skeletons.ranges(words.axis_title(measure, unit), room, (title, subtitle))
    height = skeletons.STEP * len(rows) + skeletons.AXIS + skeletons.EDGE
    return Plot(form, {"rows": rows}, signals, height)
