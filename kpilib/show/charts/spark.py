"""A sparkline: the run of a KPI in a line as high as a word. Its numbers are said beside it."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from kpilib.language import N_
from kpilib.periods import label
from kpilib.show.markup import Html, element
from kpilib.show.words import Words, missing

#: Size in units of the drawing, and the room around the line for its last point.
WIDTH, HEIGHT, ROOM = 120.0, 28.0, 3.0

_SAID = N_("By month: {first} in {start}, {last} in {end}; lowest {low} in {worst}, highest {high} in {best}.")
_OPEN = N_("{month} is not over (dashed).")


class Point(NamedTuple):
    """The value of a month (number of the month), and whether the month is over."""

    month: int
    value: float
    over: bool = True


def line(points: Sequence[Point]) -> Html | None:
    """The points as a small SVG in the colour of the text; None where there are not two values to join.

    A month without a value breaks the line, the stretch to a month that is not over is dashed, the last value marked.
    """
    known = [point for point in points if not missing(point.value)]
    if len(known) < 2:
        return None
    at = _places(known)
    end = at[known[-1].month]
    drawn = [*_solid(known, at), *_dashed(known, at), _dot(*end)]
    return element(
        "svg", *drawn, viewBox=f"0 0 {WIDTH:g} {HEIGHT:g}", width=f"{WIDTH:g}", height=f"{HEIGHT:g}",
        fill="none", stroke="currentColor", aria_hidden="true", focusable="false",
    )  # fmt: skip


def said(points: Sequence[Point], unit: str, words: Words) -> str:
    """The numbers of the line: its first and last value, the lowest and the highest, and which month is not over."""
    known = [point for point in points if not missing(point.value)]
    if not known:
        return ""
    first, last = known[0], known[-1]
    low, high = min(known, key=lambda p: p.value), max(known, key=lambda p: p.value)
    text, named = (lambda p: words.short(p.value, unit)), (lambda p: label(p.month, "month"))
    told = words.say(
        _SAID, first=text(first), start=named(first), last=text(last), end=named(last),
        low=text(low), worst=named(low), high=text(high), best=named(high),
    )  # fmt: skip
    return told if last.over else f"{told} {words.say(_OPEN, month=named(last))}"


def _places(known: Sequence[Point]) -> dict[int, tuple[float, float]]:
    """Where each month's value stands; a flat run lies in the middle."""
    lowest, highest = min(p.value for p in known), max(p.value for p in known)
    first, last = known[0].month, known[-1].month
    wide, high, spread = WIDTH - 2 * ROOM, HEIGHT - 2 * ROOM, highest - lowest
    return {
        p.month: (
            ROOM + wide * (p.month - first) / (last - first),
            ROOM + high * ((highest - p.value) / spread if spread > 0 else 0.5),
        )
        for p in known
    }


def _solid(known: Sequence[Point], at: dict[int, tuple[float, float]]) -> list[Html]:
    """The stretches of months on end that are over."""
    runs: list[list[Point]] = [[]]
    for point in known:
        if not point.over:
            continue
        if runs[-1] and point.month != runs[-1][-1].month + 1:
            runs.append([])
        runs[-1].append(point)
    return [_polyline([at[p.month] for p in run]) if len(run) > 1 else _dot(*at[run[0].month], 0.75)
            for run in runs if run]  # fmt: skip


def _dashed(known: Sequence[Point], at: dict[int, tuple[float, float]]) -> list[Html]:
    return [
        _polyline([at[a.month], at[b.month]], stroke_dasharray="2 2")
        for a, b in pairwise(known)
        if not b.over and b.month == a.month + 1
    ]


def _polyline(places: Sequence[tuple[float, float]], **more: object) -> Html:
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    return element("polyline", points=points, stroke_width="1.5", stroke_linejoin="round", **more)


def _dot(x: float, y: float, radius: float = 2.25) -> Html:
    return element("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r=f"{radius:g}", fill="currentColor", stroke="none")
