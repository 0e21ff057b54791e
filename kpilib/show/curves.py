"""Lines, steps and distributions: a data frame in, an Altair chart out; see `charts` for what all have in common."""

import altair as alt
import pandas as pd

from .plot import Nothing, Places, axis, checked, finish, stretch
from .theme import COLOURS, DASHES, INK, SERIES
from .words import Words

_HEIGHT = 220
# A line of counts below the reliability plot, in parts of its axis; how much of the plot's width a letter takes there.
_LINE, _LETTER = 0.06, 0.018
_SHAPES = ["circle", "square", "triangle-up", "diamond", "cross"]


def line(
    frame: pd.DataFrame,
    title: str = "",
    subtitle: str = "",
    *,
    unit: str,
    words: Words = Words(),
    measure: str = "",
    colour: str = "value",
    zero: bool = False,
) -> alt.LayerChart:
    """A measure through time, with its interval; a period that is not over is a hollow point on a dashed line.

    Parameters
    ----------
    frame : DataFrame
        Columns `period`, `value`, `low`, `high`, `complete`, in the order of time. With a column `group` of two to five
        members, one line a member (no bands: they would hide one another).
    zero : bool
        Whether the axis starts at zero; amounts should.

    Raises
    ------
    Nothing
        No period has a value.
    """
    grouped = "group" in frame and frame["group"].nunique() > 1
    shown = checked(frame, "period", "value", "low", "high", "complete", *(["group"] if grouped else []))
    if shown["value"].isna().all():
        raise Nothing("No row matches.")
    if grouped:
        return _lines(shown, title, subtitle, unit, words, measure, zero)
    places = stretch([shown["value"], shown["low"], shown["high"]], zero=zero)
    whole = shown[shown["complete"]]
    # The dashed part starts at the last complete period, so that the two lines meet.
    rest = shown.iloc[max(0, len(whole) - 1) :] if len(whole) < len(shown) else shown.head(0)
    x, y = _times(shown), _values(places, unit, words, measure)
    y_low = _values(places, unit, words, measure, field="low")
    colours = COLOURS[colour]
    drawn = [
        alt.Chart(whole).mark_area(color=colours, opacity=0.18).encode(x=x, y=y_low, y2="high:Q"),
        alt.Chart(whole).mark_line(color=colours, strokeWidth=2).encode(x=x, y=y),
        alt.Chart(rest).mark_line(color=colours, strokeWidth=2, strokeDash=[4, 4]).encode(x=x, y=y),
        alt.Chart(whole).mark_point(color=colours, filled=True, size=26, opacity=1).encode(x=x, y=y),
        alt.Chart(shown[~shown["complete"]]).mark_point(color=colours, size=60, strokeWidth=2).encode(x=x, y=y),
    ]
    return finish(drawn, title, subtitle, _HEIGHT)


def incidence(
    frame: pd.DataFrame, title: str = "", subtitle: str = "", *, measure: str = "Share of the deals created"
) -> alt.LayerChart:
    """What share of deals was won, and what share lost, by so many days after their creation: two steps with bands.

    Parameters
    ----------
    frame : DataFrame
        Columns `day`, `outcome` ("won" or "lost"), `value`, `low`, `high` (shares, 0 to 1), days ascending.
    """
    shown = checked(frame, "day", "outcome", "value", "low", "high")
    outcomes = [name for name in ("won", "lost") if (shown["outcome"] == name).any()]
    colour = alt.Color("outcome:N", scale=alt.Scale(domain=outcomes, range=[COLOURS[name] for name in outcomes]))
    dash = alt.StrokeDash("outcome:N", scale=alt.Scale(domain=outcomes, range=list(DASHES[: len(outcomes)])))
    places = stretch([shown["value"], shown["high"]])
    days = stretch([shown["day"]])
    x = alt.X(
        "day:Q",
        scale=alt.Scale(domain=days.domain, nice=False),
        axis=alt.Axis(title="Days since the deal was created", tickCount=6, grid=False, format=",d"),
    )
    y, y_low = (_values(places, "share", Words(), measure, field=field) for field in ("value", "low"))
    # The bands name their colours themselves, so that the legend shows the lines and their dashes only.
    bands = [
        alt.Chart(shown[shown["outcome"] == name])
        .mark_area(interpolate="step-after", opacity=0.18, color=COLOURS[name])
        .encode(x=x, y=y_low, y2="high:Q")
        for name in outcomes
    ]
    step = alt.Chart(shown).mark_line(interpolate="step-after", strokeWidth=2)
    return finish([*bands, step.encode(x=x, y=y, color=colour, strokeDash=dash)], title, subtitle, _HEIGHT)


def reliability(frame: pd.DataFrame, title: str = "", subtitle: str = "", *, words: Words = Words()) -> alt.LayerChart:
    """The share that was won against the probability that had been declared; on the dashed diagonal they agree.

    How many deals a class holds stands below it, in as many lines as keep the counts from touching.

    Parameters
    ----------
    frame : DataFrame
        Columns `declared`, `observed`, `low`, `high` (shares, 0 to 1) and `rows`, one row a class of probability.
    """
    shown = checked(frame, "declared", "observed", "low", "high", "rows")
    shown = shown.sort_values("declared").assign(n=[f"n {words.count(rows)}" for rows in shown["rows"]])
    lines = _apart(shown["declared"], shown["n"])
    shown = shown.assign(place=[-_LINE * (line + 0.8) for line in lines])
    unit = Places(0.0, 1.0, 1.0)
    domain = [-_LINE * (max(lines) + 1.5), 1.0]
    x = alt.X(
        "declared:Q", scale=alt.Scale(domain=[0, 1.08]), axis=axis(unit, "share", words, "Probability declared", 5)
    )
    y, y_low, y_n = (
        alt.Y(f"{field}:Q", scale=alt.Scale(domain=domain, nice=False), axis=axis(unit, "share", words, "Share won"))
        for field in ("observed", "low", "place")
    )
    agree = alt.Chart(pd.DataFrame({"declared": [0, 1], "observed": [0, 1]}))
    base = alt.Chart(shown).encode(x=x)
    drawn = [
        agree.mark_line(color=INK, strokeDash=[4, 4], strokeWidth=1, opacity=0.7).encode(x=x, y=y),
        base.mark_rule(color=COLOURS["value"], strokeWidth=2).encode(y=y_low, y2="high:Q"),
        base.mark_point(color=COLOURS["value"], filled=True, size=70, opacity=1).encode(y=y),
        base.mark_text(fontSize=11).encode(y=y_n, text="n:N"),
    ]
    return finish(drawn, title, subtitle, 320)


def histogram(
    frame: pd.DataFrame,
    title: str = "",
    subtitle: str = "",
    *,
    unit: str,
    words: Words = Words(),
    measure: str = "",
    counted: str = "Rows",
    mark: tuple[str, float] | None = None,
    colour: str = "value",
) -> alt.LayerChart:
    """How many rows fall between `low` and `high`, and where a reference value stands.

    Parameters
    ----------
    frame : DataFrame
        Columns `low`, `high` (the bin's edges) and `rows`.
    mark : (str, float), optional
        What the reference is called, and its value: ("median", 61.0).
    """
    shown = checked(frame, "low", "high", "rows")
    along = stretch([shown["low"], shown["high"]], zero=False)
    up = stretch([shown["rows"]], room=0.9)
    x = alt.X(
        "low:Q", scale=alt.Scale(domain=along.domain, nice=False), axis=axis(along, unit, words, measure, 5, grid=False)
    )
    y = _values(up, "count", words, counted, field="rows")
    drawn: list[alt.Chart] = [
        alt.Chart(shown).mark_bar(color=COLOURS[colour], binSpacing=1).encode(x=x, x2="high:Q", y=y, y2=alt.datum(0))
    ]
    if mark:
        at = pd.DataFrame({"low": [mark[1]], "said": [f"{mark[0]} {words.text(mark[1], unit)}"]})
        # The label turns away from the nearer edge, so that it stays inside.
        late = mark[1] > (along.low + along.end) / 2
        drawn.append(alt.Chart(at).mark_rule(color=INK, strokeWidth=1.5, strokeDash=[4, 3]).encode(x=x))
        drawn.append(
            alt.Chart(at)
            .mark_text(align="right" if late else "left", dx=-6 if late else 6)
            .encode(x=x, y=alt.value(8), text="said:N")
        )
    return finish(drawn, title, subtitle, _HEIGHT)


def _apart(places: pd.Series, labels: pd.Series) -> list[int]:
    """In which line each label stands, so that no two of a line touch; `places` ascend from 0 to 1."""
    ends: list[float] = []
    lines = []
    for place, label in zip(places, labels, strict=True):
        half = len(label) * _LETTER / 2
        line = next((at for at, end in enumerate(ends) if end <= place - half), len(ends))
        ends[line : line + 1] = [place + half + _LETTER]
        lines.append(line)
    return lines


def _lines(
    shown: pd.DataFrame, title: str, subtitle: str, unit: str, words: Words, measure: str, zero: bool
) -> alt.LayerChart:
    names = list(dict.fromkeys(shown["group"]))[: len(SERIES)]
    shown = shown[shown["group"].isin(names)]
    colour = alt.Color("group:N", scale=alt.Scale(domain=names, range=[COLOURS[c] for c in SERIES[: len(names)]]))
    shape = alt.Shape("group:N", scale=alt.Scale(domain=names, range=_SHAPES[: len(names)]))
    y = _values(stretch([shown["value"]], zero=zero), unit, words, measure)
    base = alt.Chart(shown).encode(x=_times(shown), y=y, color=colour)
    over = base.transform_filter("datum.complete")
    drawn = [
        over.mark_line(strokeWidth=2),
        over.mark_point(filled=True, size=36, opacity=1).encode(shape=shape),
        base.transform_filter("!datum.complete").mark_point(size=60, strokeWidth=2).encode(shape=shape),
    ]
    return finish(drawn, title, subtitle, _HEIGHT)


def _times(shown: pd.DataFrame) -> alt.X:
    """Periods in the order given, about five of them labelled, the last always."""
    periods = list(dict.fromkeys(shown["period"]))
    step = -(-len(periods) // 5)
    at = periods[::-1][::step][::-1]
    title = None if shown["complete"].all() else "Hollow: the period is not over"
    axis = alt.Axis(values=at, labelAngle=0, title=title, titleFontSize=11, grid=False)
    return alt.X("period:O", sort=periods, scale=alt.Scale(padding=0.3), axis=axis)


def _values(places: Places, unit: str, words: Words, measure: str, field: str = "value") -> alt.Y:
    scale = alt.Scale(domain=places.domain, nice=False, zero=False)
    return alt.Y(f"{field}:Q", scale=scale, axis=axis(places, unit, words, measure, 4))
