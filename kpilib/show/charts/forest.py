"""A forest plot: one point a term with its interval, about the line of "no effect"; two models may stand side by side.

On a logarithmic axis a ratio of 2 lies as far from 1 as a ratio of ½ does. The axis is as wide as the points need: an
interval that reaches further is cut at its edge, and the pointer says how far it goes.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from math import exp, floor, isfinite, log, log10
from typing import Any, NamedTuple

import altair as alt
import pandas as pd

from kpilib.show.words import Words

from . import skeletons
from .axes import Places, along, tick_texts
from .plot import Nothing, Plot, Record, Skeleton, checked, records, tip
from .skeletons import STEP, STEP_TWO, Head, axis, built, catch, more, of_axis, spread
from .theme import COLOURS, INK

# The colour and the shape of the first model and of the second.
_MARKS = (("value", "circle"), ("second", "square"))
# So wide is the axis at least: a factor of 1.5 either way, where it is logarithmic.
_NARROW = log(1.5)
# Where ticks of ratios may stand: fine between near ratios, coarse between far ones.
_TICKS = (
    (1.1, (0.9, 0.95, 1.0, 1.05, 1.1)), (1.35, (0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3)), (2.2, (0.5, 0.7, 1.0, 1.4, 2.0)),
    (12.0, (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)),
)  # fmt: skip


class _Axis(NamedTuple):
    """Where it starts and ends, and its ticks with what they say; in places, that is in logarithms for ratios."""

    places: Places
    ticks: list[float]
    said: list[str]


def forest(
    frame: pd.DataFrame,
    title: str = "",
    subtitle: str = "",
    *,
    unit: str,
    words: Words = Words(),
    measure: str = "",
    log: bool = False,
    reference: float | None = None,
    names: Mapping[str, str] | None = None,
    most: int = 24,
) -> Plot:
    """Terms with their effects: a point, its interval, its value at the right; a dashed line where there is no effect.

    Parameters
    ----------
    frame : DataFrame
        Columns `group` (the term, as it is read; two sections may have one of the same name), `value`, `low`, `high`
        (missing where there is no interval), in the order to draw. Optional: `series` (a key of `names`); `section` (a
        bold line stands above the terms of each); `rows` (said at the pointer); `said` (what stands at the right; by
        default the value).
    unit : str
        How values are written; "ratio" for hazard ratios.
    measure : str
        What the axis shows.
    log : bool
        Whether values are ratios, on a logarithmic axis. What is not above zero is left out then.
    reference : float, optional
        Where there is no effect; by default 1 for ratios, else 0.
    names : mapping of str to str, optional
        What the one or two series are called. Each has a colour and a shape of its own.
    most : int
        So many terms are drawn; a line below the axis says how many are left to the table.

    Raises
    ------
    Nothing
        No term has a value.
    """
    series = list(names or {"": ""})[:2]
    known = _known(frame, series, log)
    terms = list(dict.fromkeys((row["section"], row["group"]) for row in known))
    drawn = [row for row in known if (row["section"], row["group"]) in terms[:most]]
    stands = (1.0 if log else 0.0) if reference is None else reference
    scale = _axis(drawn, stands, unit, words, log)
    lines = _lines(drawn)
    rows = [_row(row, lines, scale, series, names or {}, unit, words, measure, log) for row in drawn]
    data = {"rows": rows, "at": [{"value": _place(stands, log)}], "more": _left(len(terms) - most, words)}
    return _plot(data, scale, lines, measure, unit, words, tuple((names or {}).values())[:2], (title, subtitle))


def _known(frame: pd.DataFrame, series: list[str], ratios: bool) -> list[Record]:
    """The rows that can be drawn, with a series and a section each."""
    given = records(checked(frame, "group", "value", "low", "high", also=("series", "section", "rows", "said")))
    known = [{"series": series[0], "section": "", **row} for row in given]
    kept = [
        row
        for row in known
        if row["value"] is not None and isfinite(row["value"]) and row["series"] in series
        and (row["value"] > 0 or not ratios)
    ]  # fmt: skip
    if not kept:
        raise Nothing("No row matches.")
    return kept


def _place(value: float, ratios: bool) -> float:
    """Where a value stands on the axis; an end at zero of a ratio stands beyond any axis."""
    if not ratios:
        return float(value)
    return log(value) if value > 0 else -1e9


def _axis(rows: list[Record], reference: float, unit: str, words: Words, ratios: bool) -> _Axis:
    """As wide as all points and the reference need, and half as much more each way for intervals that reach further."""
    centre = _place(reference, ratios)
    points = [centre, *(_place(row["value"], ratios) for row in rows)]
    ends = [_place(row[side], ratios) for row in rows for side in ("low", "high") if row[side] is not None]
    low, high = min(points), max(points)
    room = max((high - low) * 0.75, _NARROW if ratios else 0.0) or max(map(abs, ends), default=0.0) or 1.0
    low, high = max(min([*ends, low]), low - room), min(max([*ends, high]), high + room)
    places = Places(low, high) if high > low else Places(low - room, high + room)
    return _of_ratios(places, words) if ratios else _of_numbers(places, unit, words)


def _of_numbers(places: Places, unit: str, words: Words) -> _Axis:
    signals = along("x", places, unit, words)
    return _Axis(places, signals["x_ticks"], signals["x_said"])


def _of_ratios(places: Places, words: Words) -> _Axis:
    """Ticks at round ratios on both sides of 1, as far as the axis goes."""
    far = exp(max(abs(places.low), abs(places.end)))
    candidates = next((ticks for reach, ticks in _TICKS if far <= reach), None) or _decades(far)
    at = [tick for tick in candidates if places.low <= log(tick) <= places.end] or [1.0]
    return _Axis(places, [log(tick) for tick in at], list(tick_texts(tuple(at), "ratio", words.locale)))


def _decades(far: float) -> list[float]:
    """Powers of ten to either side, at most seven of them."""
    top = floor(log10(far)) or 1
    step = -(-top // 3)
    return [10.0**power for power in range(-top - top % step, top + 1, step)]


def _lines(rows: list[Record]) -> list[tuple[str, str]]:
    """The lines from first to last, (section, term); that of a section's header has no term."""
    lines: dict[tuple[str, str], None] = {}
    for row in rows:
        if row["section"]:
            lines.setdefault((row["section"], ""))
        lines.setdefault((row["section"], str(row["group"])))
    # A section whose terms do not follow one another still stands together.
    order = list(dict.fromkeys(section for section, _ in lines))
    return sorted(lines, key=lambda line: order.index(line[0]))


def _row(
    row: Record, lines: list[tuple[str, str]], scale: _Axis, series: list[str], names: Mapping[str, str], unit: str,
    words: Words, measure: str, ratios: bool,
) -> Record:  # fmt: skip
    """A term as it is drawn: its line, its places, what it says at the right and at the pointer."""
    low, high = (None if row[side] is None else _cut(_place(row[side], ratios), scale) for side in ("low", "high"))
    name = names.get(row["series"], "")
    title = f"{row['group']}: {name}" if name else str(row["group"])
    return {
        "group": row["group"], "line": lines.index((row["section"], str(row["group"]))),
        "series": series.index(row["series"]), "value": _place(row["value"], ratios), "low": low, "high": high,
        "said": row.get("said") or words.short(row["value"], unit), "tip": tip(title, words, unit, measure, row),
    }  # fmt: skip


def _cut(place: float, scale: _Axis) -> float:
    """The place, or the axis' edge for what lies beyond it."""
    return min(max(place, scale.places.low), scale.places.end)


def _left(count: int, words: Words) -> list[Record]:
    return [{"said": words.say("{n} more in the table", n=words.count(count))}] if count > 0 else []


def _plot(
    data: dict[str, list[Record]], scale: _Axis, lines: list[tuple[str, str]], measure: str, unit: str, words: Words,
    names: tuple[str, ...], head: Head,
) -> Plot:  # fmt: skip
    signals = {
        "x_low": scale.places.low, "x_end": scale.places.end, "x_ticks": scale.ticks, "x_said": scale.said,
        "terms": [term or section for section, term in lines], "heads": [not term for _, term in lines],
    }  # fmt: skip
    named = words.axis_title(measure, unit) if measure else ""
    form = skeleton(named, names, head)
    two = len(names) > 1
    below = (skeletons.AXIS if named else skeletons.LABELS) + (skeletons.LINE if data["more"] else 0)
    below += skeletons.LEGEND if two else 0
    return Plot(form, data, signals, (STEP_TWO if two else STEP) * len(lines) + below + skeletons.EDGE)


@lru_cache(maxsize=64)
def skeleton(axis_title: str, names: tuple[str, ...], head: Head = ("", "")) -> Skeleton:
    """Points with intervals about a dashed line; of two series, each with its colour, its shape and its place."""
    two = len(names) > 1
    x = alt.X("value:Q", scale=spread("x", "width", "max(24, width - 64)"), axis=axis("x", axis_title))
    how: dict[str, Any] = {"y": _terms(two)}
    if two:
        how["yOffset"] = alt.YOffset("series:N", sort=[0, 1], scale=alt.Scale(domain=[0, 1], paddingOuter=0.35))
    base = alt.Chart(alt.NamedData("rows")).encode(**how)
    colour, shape = _marks(names)
    layers = [
        alt.Chart(alt.NamedData("at")).mark_rule(color=INK, strokeDash=[4, 4], opacity=0.7).encode(x=x),
        base.mark_rule(strokeWidth=1.5).encode(x="low:Q", x2="high:Q"),
        base.mark_point(size=70, opacity=1, filled=True).encode(x=x, color=colour, shape=shape),
        base.mark_text(align="right", fontSize=11 if two else 13).encode(x=alt.value("width"), text="said:N"),
        more(skeletons.AXIS + 4 + (skeletons.LEGEND if two else 0)),
        catch(base),
    ]
    return built(layers, [*of_axis("x"), "terms", "heads"], step=STEP_TWO if two else STEP, head=head)


def _terms(two: bool) -> alt.Y:
    """The terms in the order given, with more room than groups have; a header stands in bold."""
    bold = {"condition": {"test": "heads[datum.value]", "value": "bold"}, "value": "normal"}
    named = alt.Axis(
        title=None,
        grid=False,
        labelExpr="terms[datum.value]",
        labelLimit=alt.expr("min(230, room * 0.46)"),
        labelFontWeight=bold,
    )
    scale = alt.Scale(domain=alt.expr("sequence(length(terms))"), padding=0 if two else alt.Undefined)
    return alt.Y("line:O", scale=scale, axis=named)


def _marks(names: tuple[str, ...]) -> tuple[Any, Any]:
    """Colour and shape: of one series alike for all, of two with a legend."""
    (first, circle), (second, square) = _MARKS
    if len(names) < 2:
        return alt.value(COLOURS[first]), alt.value(circle)
    legend = alt.Legend(labelExpr=f"({json.dumps(names)})[datum.value]", symbolSize=60)
    hues = alt.Scale(domain=[0, 1], range=[COLOURS[first], COLOURS[second]])
    return (
        alt.Color("series:N", scale=hues, legend=legend),
        alt.Shape("series:N", scale=alt.Scale(domain=[0, 1], range=[circle, square]), legend=legend),
    )
