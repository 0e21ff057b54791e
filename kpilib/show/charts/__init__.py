"""Bars: a data frame in, a `Plot` out. Nothing is computed here but places, ticks and labels.

Every chart takes its question as `title` and its finding as `subtitle`; `render.figure` adds the text alternative. The
frames have the columns of `Book.kpi`. A frame without rows raises `Nothing`, which a page says in words. Curves are in
`curves`; both are reached as ``charts.…``. How they look is in `skeletons` and `curve_skeletons`.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from kpilib.language import N_
from kpilib.show.words import MINIMUM, Words

from . import skeletons
from .axes import along, stretch, tick_texts
from .curves import histogram, incidence, line, reliability
from .plot import Nothing, Plot, Record, Skeleton, checked, records, tip

__all__ = ["Nothing", "bars", "funnel", "histogram", "incidence", "line", "pairs", "pareto", "reliability"]


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
) -> Plot:
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
        So many groups are drawn; a line below the axis says how many are left to the table.
    ranked : bool
        Whether the largest value stands first; else the groups keep the frame's order, small ones among them.

    Raises
    ------
    Nothing
        The frame has no row with a value.
    """
    known = _ranked(records(checked(frame, "group", "value", "rows", "low", "high")), minimum, ranked)
    rows = known[:most]
    for row in rows:
        row["said"], row["n"] = words.short(row["value"], unit), f"n {words.count(row['rows'])}"
        row["tip"] = tip(str(row["group"]), words, unit, measure, row)
        if not row["enough"]:
            row["tip"][words.say("Hollow")] = words.say("too few rows to rank")
    places = stretch([[row[name] for row in rows] for name in ("value", "low", "high")])
    form = skeletons.rows(words.axis_title(measure, unit) if measure else "", colour, 14, True, head=(title, subtitle))
    return _plot(form, rows, along("x", places, unit, words), len(known), words, bool(measure))


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
) -> Plot:
    """Groups from the largest down, with the share of the whole that they make up together.

    Parameters
    ----------
    frame : DataFrame
        Columns `group`, `value` and `cumulative` (the share of the total up to and with this group, 0 to 1), as
        `tables.with_shares` adds it; in the order to draw.
    """
    rows = records(checked(frame, "group", "value", "cumulative"))[:most]
    together = words.say("Together, of the total (line)")
    for row in rows:
        row["tip"] = tip(str(row["group"]), words, unit, measure, row)
        row["tip"][together] = words.text(row["cumulative"], "share")
    given = along("x", stretch([[row["value"] for row in rows]]), unit, words)
    given["part_said"] = list(tick_texts((0, 0.5, 1), "share", words.locale))
    named = words.axis_title(measure, unit) if measure else ""
    form = skeletons.shares(named, together, colour, (title, subtitle))
    return _plot(form, rows, given, len(frame), words, bool(named), skeletons.AXIS)


def funnel(
    frame: pd.DataFrame,
    title: str = "",
    subtitle: str = "",
    *,
    words: Words = Words(),
    measure: str = N_("Deals that entered the stage"),
    colour: str = "value",
) -> Plot:
    """Stages from first to last: how many entered, and what share of them went on.

    Parameters
    ----------
    frame : DataFrame
        Columns `group` (the stage), `denominator` (how many entered) and `value` (the share that went on, missing for
        the last), in the order of the stages.
    """
    rows: list[Record] = []
    measure = words.say(measure)
    for stage in records(checked(frame, "group", "denominator", "value")):
        share = "" if stage["value"] is None else words.text(stage["value"], "share")
        row = {"group": stage["group"], "value": stage["denominator"], "share": stage["value"], "enough": True}
        row |= {"said": share and words.say("{share} go on", share=share), "n": f"n {words.count(row['value'])}"}
        row["tip"] = tip(str(row["group"]), words, "count", measure, row) | (
            {words.say("Went on"): share} if share else {}
        )
        rows.append(row)
    given = along("x", stretch([[row["value"] for row in rows]]), "count", words)
    form = skeletons.rows(measure, colour, 18, False, 84, (title, subtitle))
    return _plot(form, rows, given, len(rows), words, bool(measure))


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
) -> Plot:
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
        So many groups are drawn; a line below the axes says how many are left to the table.
    """
    given = records(checked(frame, "group", left[0], right[0]))[:most]
    rows: list[Record] = [
        {"group": row["group"], "left": row[left[0]], "right": row[right[0]], "tip": {"title": str(row["group"])}}
        for row in given
    ]
    signals: dict[str, Any] = {}
    titles: list[str] = []
    for side, (column, unit) in (("left", left), ("right", right)):
        name = (names or {}).get(column, column)
        titles.append(words.axis_title(name, unit))
        signals |= along(side, stretch([[row[side] for row in rows]]), unit, words, most=2)
        for row in rows:
            row[f"{side}_said"] = words.short(row[side], unit)
            row["tip"][name] = words.text(row[side], unit)
    form = skeletons.panels(*titles, (title, subtitle))
    return _plot(form, rows, signals, len(frame), words, True)


def _ranked(rows: list[Record], minimum: int, ranked: bool) -> list[Record]:
    """The groups that have a value; ranked: by value, then those of few rows by name."""
    known = [{**row, "enough": (row["rows"] or 0) >= minimum} for row in rows if row["value"] is not None]
    if not known:
        raise Nothing("No row matches.")
    if not ranked:
        return known
    large = sorted((row for row in known if row["enough"]), key=lambda row: (-row["value"], str(row["group"])))
    return large + sorted((row for row in known if not row["enough"]), key=lambda row: str(row["group"]))


def _plot(
    form: Skeleton,
    rows: list[Record],
    signals: Mapping[str, Any],
    count: int,
    words: Words,
    named: bool,
    above: int = 0,
) -> Plot:
    """The plot of these rows, out of so many groups; `named` says whether its axis is, `above` how tall another is."""
    groups = list(dict.fromkeys(row["group"] for row in rows))
    left_out = count - len(rows)
    more = [{"said": words.say("{n} more in the table", n=words.count(left_out))}] if left_out > 0 else []
    below = (skeletons.AXIS if named else skeletons.LABELS) + (skeletons.LINE if more else 0)
    height = skeletons.STEP * len(groups) + skeletons.EDGE + below + above
    return Plot(form, {"rows": rows, "more": more}, {**signals, "groups": groups}, height)
