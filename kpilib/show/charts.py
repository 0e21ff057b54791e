"""Bars: a data frame in, an Altair chart out. Nothing is computed here but places, ticks and labels.

Every chart takes its question as `title` and its finding as `subtitle`; `render.figure` adds the text alternative. The
frames have the columns of `Book.kpi`. A frame without rows raises `Nothing`, which a page says in words. Curves are in
`curves`; both are reached as ``charts.…``.
"""

from collections.abc import Mapping

import altair as alt
import pandas as pd

from .curves import histogram, incidence, line, reliability
from .plot import Nothing, Places, axis, checked, finish, layered, stretch
from .theme import COLOURS, INK, WIDTH
from .words import MINIMUM, Words

__all__ = ["Nothing", "bars", "funnel", "histogram", "incidence", "line", "pairs", "pareto", "reliability"]

_STEP = 28
# The part of the plot that bars may fill; value and count stand in a column at its right.
_ROOM = 0.62


def bars(
    frame: pd.DataFrame,
    title: str = "",
    subtitle: str = "",
    *,
    unit: str,
    words: Words = Words(),
    measure: str = "",
    minimum: int = MINIMUM,
    colour: str = "value",
    most: int = 15,
    ranked: bool = True,
) -> alt.LayerChart:
    """Groups ranked by value, with their intervals, values and counts; from zero.

    Parameters
    ----------
    frame : DataFrame
        Columns `group`, `value`, `rows`, and `low`, `high` (missing where there is no interval).
    unit : str
        The KPI's unit.
    measure : str
        What the axis shows.
    minimum : int
        A group of fewer rows is drawn hollow, below the others, and not ranked.
    colour : str
        What the bars mean: a key of `COLOURS`.
    most : int
        So many groups are drawn; the axis says how many are left to the table.
    ranked : bool
        Whether the largest value stands first; else the groups keep the frame's order, small ones among them.

    Raises
    ------
    Nothing
        The frame has no row with a value.
    """
    shown, left_out = _ranked(checked(frame, "group", "value", "rows", "low", "high"), minimum, most, ranked)
    said = [words.short(value, unit) for value in shown["value"]]
    shown = shown.assign(said=said, n=[f"n {words.count(rows)}" for rows in shown["rows"]])
    places = stretch([shown["value"], shown["low"], shown["high"]], room=_ROOM)
    base = alt.Chart(shown).encode(y=_groups(shown))
    x = _along("value", places, unit, words, _named(measure, unit, words, left_out))
    whiskers = base.mark_rule(strokeWidth=1.5).encode(x="low:Q", x2="high:Q")
    drawn = [
        base.transform_filter("datum.enough").mark_bar(color=COLOURS[colour], height=14).encode(x=x),
        base.transform_filter("!datum.enough")
        .mark_bar(filled=False, color=COLOURS["open"], strokeDash=[3, 2], height=12)
        .encode(x=x),
        whiskers.transform_filter("isValid(datum.low) && isValid(datum.high)"),
        *_column(base),
    ]
    return finish(drawn, title, subtitle, height=_STEP * len(shown))


def pareto(
    frame: pd.DataFrame,
    title: str = "",
    subtitle: str = "",
    *,
    unit: str,
    words: Words = Words(),
    measure: str = "",
    colour: str = "value",
    most: int = 15,
) -> alt.LayerChart:
    """Groups from the largest down, with the share of the whole that they make up together.

    Parameters
    ----------
    frame : DataFrame
        Columns `group`, `value` and `cumulative` (the share of the total up to and with this group, 0 to 1), as
        `tables.with_shares` adds it; in the order to draw.
    """
    shown = checked(frame, "group", "value", "cumulative").head(most)
    shown = shown.assign(said=[words.text(share, "share") for share in shown["cumulative"]])
    places = stretch([shown["value"]], room=1.0)
    base = alt.Chart(shown).encode(y=_groups(shown))
    amounts = base.mark_bar(color=COLOURS[colour], height=14).encode(
        x=_along("value", places, unit, words, _named(measure, unit, words, len(frame) - most))
    )
    top = alt.Axis(orient="top", format=".0%", values=[0, 0.5, 1], title="Together, of the total (line)", grid=False)
    together = base.encode(x=alt.X("cumulative:Q", scale=alt.Scale(domain=[0, 1]), axis=top))
    path = layered(
        together.mark_line(color=INK, strokeWidth=1.5, order=False),
        together.mark_point(color=INK, filled=True, size=30, opacity=1),
    )
    drawn = finish([amounts, path], title, subtitle, height=_STEP * len(shown))
    return drawn.resolve_scale(x="independent")


def funnel(
    frame: pd.DataFrame,
    title: str = "",
    subtitle: str = "",
    *,
    words: Words = Words(),
    measure: str = "Deals that entered the stage",
    colour: str = "value",
) -> alt.LayerChart:
    """Stages from first to last: how many entered, and what share of them went on.

    Parameters
    ----------
    frame : DataFrame
        Columns `group` (the stage), `denominator` (how many entered) and `value` (the share that went on, missing for
        the last), in the order of the stages.
    """
    shown = checked(frame, "group", "denominator", "value")
    shown = shown.assign(
        said=["" if pd.isna(share) else f"{words.text(share, 'share')} go on" for share in shown["value"]],
        n=[f"n {words.count(rows)}" for rows in shown["denominator"]],
    )
    places = stretch([shown["denominator"]], room=0.56)
    base = alt.Chart(shown).encode(y=_groups(shown))
    x = _along("denominator", places, "count", words, measure)
    drawn = [base.mark_bar(color=COLOURS[colour], height=18).encode(x=x), *_column(base)]
    return finish(drawn, title, subtitle, height=_STEP * len(shown))


def pairs(
    frame: pd.DataFrame,
    title: str = "",
    subtitle: str = "",
    *,
    left: tuple[str, str],
    right: tuple[str, str],
    words: Words = Words(),
    names: Mapping[str, str] | None = None,
    most: int = 15,
) -> alt.HConcatChart:
    """Two measures of the same groups side by side, each on its own scale from zero.

    Parameters
    ----------
    frame : DataFrame
        Column `group` and one column a measure, in the order to draw.
    left, right : (str, str)
        The measure's column and its unit.
    names : mapping, optional
        What a column is called below its bars; the column's name if it is not there.
    most : int
        So many groups are drawn; the first axis says how many are left to the table.
    """
    shown = checked(frame, "group", left[0], right[0]).head(most)
    more = _more(len(frame) - most)
    called = {**{column: column for column, _ in (left, right)}, **(names or {})}
    panels = [
        _panel(shown, column, unit, called[column], words, colour, more if first else "", first)
        for (column, unit), colour, first in ((left, "value", True), (right, "second", False))
    ]
    joined = alt.hconcat(*panels, spacing=18)
    return joined.properties(title=alt.Title(title, subtitle=subtitle)) if title or subtitle else joined


def _panel(
    shown: pd.DataFrame, column: str, unit: str, name: str, words: Words, colour: str, more: str, first: bool
) -> alt.LayerChart:
    data = pd.DataFrame({"group": shown["group"], "value": shown[column]})
    data["said"] = [words.short(value, unit) for value in data["value"]]
    places = stretch([data["value"]], room=0.66)
    y = _groups(data) if first else alt.Y("group:N", sort=list(data["group"]), axis=None)
    base = alt.Chart(data).encode(y=y)
    x = _along("value", places, unit, words, name, most=2)
    if more:
        # Below the title, for there is no room beside it.
        x["axis"]["title"] = [words.axis_title(name, unit), more]
    bar = base.mark_bar(color=COLOURS[colour], height=14).encode(x=x)
    said = base.mark_text(align="right").encode(x=alt.value("width"), text="said:N")
    return layered(bar, said).properties(width=WIDTH * 0.33, height=_STEP * len(data))


def _ranked(frame: pd.DataFrame, minimum: int, most: int, ranked: bool) -> tuple[pd.DataFrame, int]:
    """The groups to draw, and how many are left out; ranked: by value, then those of few rows by name."""
    known = frame[frame["value"].notna()].assign(enough=lambda f: f["rows"] >= minimum)
    if known.empty:
        raise Nothing("No row matches.")
    if not ranked:
        return known.head(most), max(0, len(known) - most)
    large = known[known["enough"]].sort_values(["value", "group"], ascending=[False, True])
    both = pd.concat([large, known[~known["enough"]].sort_values("group")])
    return both.head(most), max(0, len(both) - most)


def _groups(shown: pd.DataFrame) -> alt.Y:
    return alt.Y("group:N", sort=list(shown["group"]), axis=alt.Axis(title=None, grid=False))


def _column(base: alt.Chart) -> list[alt.Chart]:
    """Value and count at the right edge, where no bar reaches."""
    place = alt.value("width")
    return [
        base.mark_text(align="right", dx=-62).encode(x=place, text="said:N"),
        base.mark_text(align="right", fontSize=11, opacity=0.75).encode(x=place, text="n:N"),
    ]


def _along(field: str, places: Places, unit: str, words: Words, name: str, most: int = 4) -> alt.X:
    scale = alt.Scale(domain=places.domain, nice=False)
    return alt.X(f"{field}:Q", scale=scale, axis=axis(places, unit, words, name, most))


def _named(measure: str, unit: str, words: Words, left_out: int) -> str:
    measure = words.axis_title(measure, unit) if measure else ""
    return " – ".join(part for part in (measure, _more(left_out)) if part)


def _more(left_out: int) -> str:
    return f"{left_out} more in the table" if left_out > 0 else ""
