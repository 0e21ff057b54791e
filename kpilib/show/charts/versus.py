"""Two groups side by side, several times over: with and without an action."""

import pandas as pd

from kpilib.language import N_
from kpilib.show.words import Words

from . import skeletons
from .axes import along, stretch
from .plot import Plot, checked, records, tip


def versus(
    frame: pd.DataFrame,
    title: str = "",
    subtitle: str = "",
    *,
    unit: str = "share",
    words: Words = Words(),
    measure: str = "",
    first: str = N_("with"),
    second: str = N_("without"),
    zero: bool = True,
) -> Plot:
    """Two points a group with their intervals: a filled circle for `first`, a square for `second`.

    Parameters
    ----------
    frame : DataFrame
        Columns `group`, `outcome` (`first` or `second`), `value`, `low`, `high`, `rows`; in the order to draw.
    measure : str
        What the axis shows.
    zero : bool
        Whether zero is on the axis; a scale that begins at 1 does not need it.

    Raises
    ------
    Nothing
        The frame has no row.
    """
    rows = records(checked(frame, "group", "outcome", "value", "low", "high", "rows"))
    said = {first: words.say(first), second: words.say(second)}
    for row in rows:
        outcome = said.get(row["outcome"], row["outcome"])
        row["brief"] = f"{words.short(row['value'], unit)} · n {words.count(row['rows'])}"
        row["said"] = f"{outcome} {row['brief']}"
        row["tip"] = tip(f"{row['group']}: {outcome}", words, unit, measure, row)
    places = stretch([[row[name] for row in rows] for name in ("low", "value", "high")], zero)
    signals = along("x", places, unit, words, most=3)
    signals["groups"] = list(dict.fromkeys(row["group"] for row in rows))
    form = skeletons.two(
        words.axis_title(measure, unit) if measure else "", first, second, tuple(said.values()), (title, subtitle)
    )
    below = (skeletons.AXIS if measure else skeletons.LABELS) + skeletons.LEGEND + skeletons.EDGE
    return Plot(form, {"rows": rows}, signals, skeletons.STEP_TWO * len(signals["groups"]) + below)
