"""Lines, steps and distributions: a data frame in, a `Plot` out; see `charts` for what all have in common."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from kpilib.language import N_
from kpilib.show.words import Words

from . import curve_skeletons, skeletons
from .axes import Places, along, stretch
from .plot import Nothing, Plot, Record, checked, records, tip
from .theme import SERIES

# A line of counts below the reliability plot, in parts of its axis; how much of the plot's width a letter takes there.
_LINE, _LETTER = 0.06, 0.02
# So many days of a step curve are drawn (more than a screen tells apart), and so many can be pointed at.
_DRAWN, _DAYS = 120, 40


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
    marks: Sequence[Record] = (),
) -> Plot:
    """A measure through time, with its interval; a period that is not over is a hollow point on a dashed line.

    Parameters
    ----------
    frame : DataFrame
        Columns `period`, `value`, `low`, `high`, `complete`, in the order of time. With a column `group` of two to five
        members, one line a member (no bands: they would hide one another).
    zero : bool
        Whether the axis starts at zero; amounts should.
    marks : sequence of dict
        What happened: `period` and `said`, a sign that stands at the top of a dashed rule there. Of one line only.

    Raises
    ------
    Nothing
        No period has a value.
    """
    grouped = "group" in frame and frame["group"].nunique() > 1
    points = records(
        checked(frame, "period", "value", "low", "high", "complete", *(["group"] if grouped else []), also=("rows",))
    )
    if all(point["value"] is None for point in points):
        raise Nothing("No row matches.")
    over = all(point["complete"] for point in points)
    for point in points:
        point["tip"] = tip(str(point["period"]), words, unit, measure, point)
        if not point["complete"]:
            point["tip"][words.say("Hollow")] = words.say("the period is not over")
    times = "" if over else words.say("Hollow: the period is not over")
    named, signals = words.axis_title(measure, unit), _periods(points)
    head = (title, subtitle)
    if grouped:
        data, more = _series(points)
        form = curve_skeletons.trends(named, times, head)
        drawn = [[point["value"] for point in data["points"]]]
    else:
        data, more = {"points": _dashed(points)}, {}
        if marks:
            known = {point["period"] for point in points}
            data["marks"] = [{"period": one["period"], "said": one["said"]} for one in marks if one["period"] in known]
        form = curve_skeletons.trend(named, times, colour, bool(marks), head)
        drawn = [[point[name] for point in points] for name in ("value", "low", "high")]
    signals |= more | _up(stretch(drawn, zero=zero), unit, words)
    below = skeletons.TIMES if times else skeletons.LABELS
    return Plot(form, data, signals, _tall(curve_skeletons.HEIGHT, below, len(more.get("names", ()))))


def incidence(
    frame: pd.DataFrame,
    title: str = "",
    subtitle: str = "",
    *,
    measure: str = N_("Share of the deals created"),
    words: Words = Words(),
) -> Plot:
    """What share of deals was won, and what share lost, by so many days after their creation: two steps with bands.

    Parameters
    ----------
    frame : DataFrame
        Columns `day`, `outcome` ("won" or "lost"), `value`, `low`, `high` (shares, 0 to 1), days ascending.
    """
    steps = _some(records(checked(frame, "day", "outcome", "value", "low", "high")), _DRAWN)
    names = {"won": words.say("won"), "lost": words.say("lost")}
    outcomes = tuple(name for name in names if any(step["outcome"] == name for step in steps))
    given = _up(stretch([[s["value"] for s in steps], [s["high"] for s in steps]]), "share", words)
    given |= along("x", stretch([[step["day"] for step in steps]]), "ratio", words, most=6)
    form = curve_skeletons.steps(
        words.say(measure),
        words.say("Days since the deal was created"),
        outcomes,
        tuple(names[outcome] for outcome in outcomes),
        (title, subtitle),
    )
    data = {"steps": steps, "columns": _days(steps, names, words)}
    height = _tall(curve_skeletons.HEIGHT, skeletons.AXIS, len(outcomes))
    return Plot(form, data, given, height)


def reliability(
    frame: pd.DataFrame,
    title: str = "",
    subtitle: str = "",
    *,
    words: Words = Words(),
    foretold: str = N_("Probability declared"),
    happened: str = N_("Share won"),
    each: str = N_("{share} declared"),
    end: float = 1.0,
    counted: bool = True,
) -> Plot:
    """The share that was won against the probability that had been declared; on the dashed diagonal they agree.

    How many deals a class holds stands below it, in as many lines as keep the counts from touching.

    Parameters
    ----------
    frame : DataFrame
        Columns `declared`, `observed`, `low`, `high` (shares, 0 to 1) and `rows`, one row a class of probability.
    foretold, happened : str
        What the axes show, where it is not deals that are won.
    each : str
        What a class says when it is pointed at.
    end : float
        Where both axes end; what lies beyond is cut there.
    counted : bool
        Whether the counts stand below; where all classes are alike, a sentence says it better.
    """
    classes = records(checked(frame, "declared", "observed", "low", "high", "rows"))
    classes.sort(key=lambda row: row["declared"])
    for row in classes:
        row["n"] = f"n {words.count(row['rows'])}" if counted else ""
        declared = words.say(each, share=words.text(row["declared"], "share"))
        row["tip"] = tip(declared, words, "share", words.say(happened), {**row, "value": row["observed"]})
        for name in ("observed", "low", "high"):
            row[name] = None if row[name] is None else min(row[name], end)
    lines = _apart([row["declared"] / end for row in classes], [row["n"] for row in classes])
    for row, at in zip(classes, lines, strict=True):
        row["place"] = -_LINE * (at + 0.8) * end
    signals = along("x", Places(0.0, end), "share", words, most=5) | _up(Places(0.0, end), "share", words)
    # The counts stand below zero, and the last class has room for its own.
    signals |= {"y_low": -_LINE * (max(lines) + 1.5) * end if counted else 0.0, "x_end": end * 1.08}
    form = curve_skeletons.agreement(words.say(foretold), words.say(happened), (title, subtitle))
    height = _tall(curve_skeletons.SQUARE, skeletons.AXIS)
    ends = [{"declared": at, "observed": at} for at in (0.0, end)]
    return Plot(form, {"classes": classes, "ends": ends}, signals, height)


def histogram(
    frame: pd.DataFrame,
    title: str = "",
    subtitle: str = "",
    *,
    unit: str,
    words: Words = Words(),
    measure: str = "",
    counted: str = N_("Rows"),
    mark: tuple[str, float] | None = None,
    colour: str = "value",
) -> Plot:
    """How many rows fall between `low` and `high`, and where a reference value stands.

    Parameters
    ----------
    frame : DataFrame
        Columns `low`, `high` (the bin's edges) and `rows`.
    mark : (str, float), optional
        What the reference is called, and its value: ("median", 61.0).
    """
    bins, counted = records(checked(frame, "low", "high", "rows")), words.say(counted)
    for row in bins:
        row["tip"] = {
            "title": words.interval(row["low"], row["high"], unit),
            counted: words.count(row["rows"]),
        }
    signals = along(
        "x", stretch([[r["low"] for r in bins], [r["high"] for r in bins]], zero=False), unit, words, most=5
    )
    # The label of the reference stands above the tallest bar.
    signals |= _up(stretch([[row["rows"] for row in bins]]), "count", words, room=1.1)
    at = [] if mark is None else [{"low": mark[1], "said": f"{mark[0]} {words.text(mark[1], unit)}"}]
    named = words.axis_title(measure, unit)
    form = curve_skeletons.distribution(named, counted, colour, (title, subtitle))
    # The rule of the reference sticks out by its thickness.
    height = _tall(curve_skeletons.HEIGHT, skeletons.AXIS if named else skeletons.LABELS) + 2 * len(at)
    return Plot(form, {"bins": bins, "mark": at}, signals, height)


def _up(places: Places, unit: str, words: Words, room: float = 1.03) -> dict[str, Any]:
    """The signals of the axis that goes up, with some room above, so that no point and no tick sticks out."""
    return {**along("y", places, unit, words), "y_end": places.low + (places.end - places.low) * room}


def _tall(plot: float, below: float, names: int = 0) -> float:
    """The height of a chart with what stands below its plot: an axis, and a legend of so many names."""
    lines = -(-names // curve_skeletons.BESIDE)
    return plot + below + (skeletons.LEGEND + (lines - 1) * skeletons.LINE if names else 0) + skeletons.EDGE


def _dashed(points: list[Record]) -> list[Record]:
    """Each point with its value on the whole line and on the dashed one, and a band where the period is over."""
    last = max((at for at, point in enumerate(points) if point["complete"]), default=0)
    for at, point in enumerate(points):
        whole = point["complete"]
        point["whole"] = point["value"] if whole else None
        # The dashed part starts at the last complete period, so that the two lines meet.
        point["rest"] = point["value"] if at >= last and last < len(points) - 1 else None
        point["low"], point["high"] = (point["low"], point["high"]) if whole else (None, None)
    return points


def _series(points: list[Record]) -> tuple[dict[str, list[Record]], dict[str, Any]]:
    """The points of up to so many groups as there are colours, what is pointed at, and the groups' names."""
    names = list(dict.fromkeys(point["group"] for point in points))[: len(SERIES)]
    drawn = [
        {**point, "series": names.index(point["group"]), ("whole" if point["complete"] else "early"): point["value"]}
        for point in points
        if point["group"] in names
    ]
    columns: dict[Any, Record] = {}
    for point in drawn:
        said = columns.setdefault(point["period"], {"period": point["period"], "tip": {"title": str(point["period"])}})
        said["tip"][str(point["group"])] = " · ".join(list(point.pop("tip").values())[1:3])
    return {"points": drawn, "columns": list(columns.values())}, {"names": [str(name) for name in names]}


def _periods(points: list[Record]) -> dict[str, list[Any]]:
    """The periods in the order given, and about five of them that are labelled, the last always."""
    periods = list(dict.fromkeys(point["period"] for point in points))
    step = -(-len(periods) // 5)
    return {"periods": periods, "labelled": periods[::-1][::step][::-1]}


def _days(steps: list[Record], names: dict[str, str], words: Words) -> list[Record]:
    """Some days that can be pointed at, and what each outcome's share was by then."""
    columns: dict[Any, Record] = {}
    for step in _some(steps, _DAYS):
        title = words.say("By day {day}", day=words.count(step["day"]))
        column = columns.setdefault(step["day"], {"day": step["day"], "tip": {"title": title}})
        between, share = words.interval(step["low"], step["high"], "share"), words.text(step["value"], "share")
        column["tip"][names.get(step["outcome"], step["outcome"])] = f"{share} ({between})" if between else share
    return [columns[day] for day in sorted(columns)]


def _some(steps: list[Record], most: int) -> list[Record]:
    """The steps of about so many days, evenly among those given, the first and the last always."""
    days = sorted({step["day"] for step in steps})
    chosen = set(days[:: -(-len(days) // most)] + days[-1:])
    return [step for step in steps if step["day"] in chosen]


def _apart(places: list[float], labels: list[str]) -> list[int]:
    """In which line each label stands, so that no two of a line touch; `places` ascend from 0 to 1."""
    ends: list[float] = []
    lines = []
    for place, label in zip(places, labels, strict=True):
        half = len(label) * _LETTER / 2
        line = next((at for at, end in enumerate(ends) if end <= place - half), len(ends))
        ends[line : line + 1] = [place + half + _LETTER]
        lines.append(line)
    return lines
