"""Two groups side by side, several times over: with and without an action."""

from typing import Any

import altair as alt
import pandas as pd

from .plot import axis, checked, finish, stretch
from .theme import COLOURS
from .words import Words

_STEP = 46


def versus(
    frame: pd.DataFrame,
    title: str = "",
    subtitle: str = "",
    *,
    unit: str = "share",
    words: Words = Words(),
    measure: str = "",
    first: str = "with",
    second: str = "without",
) -> alt.LayerChart:
    """Two points a group with their intervals: a filled circle for `first`, a hollow square for `second`.

    Parameters
    ----------
    frame : DataFrame
        Columns `group`, `outcome` (`first` or `second`), `value`, `low`, `high`, `rows`; in the order to draw.
    measure : str
        What the axis shows.

    Raises
    ------
    Nothing
        The frame has no row.
    """
    shown = checked(frame, "group", "outcome", "value", "low", "high", "rows")
    shown = shown.assign(said=[_said(row, words, unit) for row in shown.to_dict("records")])
    places = stretch([shown["value"], shown["high"]], room=0.66)
    pair = [first, second]
    y = alt.Y("group:N", sort=list(dict.fromkeys(shown["group"])), axis=alt.Axis(title=None, grid=False))
    offset = alt.YOffset("outcome:N", sort=pair, scale=alt.Scale(domain=pair, paddingOuter=0.35))
    x = alt.X("value:Q", scale=alt.Scale(domain=places.domain, nice=False), axis=axis(places, unit, words, measure, 3))
    colour = alt.Color("outcome:N", scale=alt.Scale(domain=pair, range=[COLOURS["value"], COLOURS["second"]]))
    shape = alt.Shape("outcome:N", scale=alt.Scale(domain=pair, range=["circle", "square"]))
    base = alt.Chart(shown).encode(y=y, yOffset=offset)
    drawn = [
        base.transform_filter("isValid(datum.low) && isValid(datum.high)")
        .mark_rule(strokeWidth=1.5)
        .encode(x=alt.X("low:Q"), x2="high:Q"),
        base.mark_point(size=70, strokeWidth=2, opacity=1, filled=True).encode(x=x, color=colour, shape=shape),
        base.mark_text(align="right", fontSize=11).encode(x=alt.value("width"), text="said:N"),
    ]
    return finish(drawn, title, subtitle, height=_STEP * shown["group"].nunique())


def _said(row: Any, words: Words, unit: str) -> str:
    return f"{row['outcome']} {words.short(row['value'], unit)} · n {words.count(row['rows'])}"
