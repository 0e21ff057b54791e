"""Does a conclusion depend on the definition? Who is best, and whether it got better, under each of several.

Frames in, frames and plain lists out: nothing is asked of a book here.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kpilib.compute.frames import rows
from kpilib.stats.ranking import MINIMUM_COUNT

#: Values that differ by less than this, of the larger, are alike.
ALIKE = 1e-9


def judged(frame: pd.DataFrame, minimum: int = MINIMUM_COUNT) -> pd.DataFrame:
    """Each definition's conclusions beside its values.

    Parameters
    ----------
    frame : DataFrame
        One row a definition (`variant`), `group` and `period`, with `value`, `before` (the value that it is compared
        with), `rows`, `better` ("higher" or "lower"); `now`, where what is compared with `before` is not the value.
    minimum : int
        Groups of fewer rows are not ranked.

    Returns
    -------
    DataFrame
        The same rows with `change` ("better", "worse", "same", "" where there is nothing to compare) and `best` (no
        group of the same definition and period is better; never where fewer than two are ranked). Empty for empty.
    """
    now = frame["now"] if "now" in frame else frame["value"]
    sign = np.where(frame["better"].to_numpy(object) == "lower", -1.0, 1.0)
    change = [_change(*three) for three in zip(now, frame["before"], sign, strict=True)]
    best = np.zeros(len(frame), bool)
    ranked = (frame["rows"].to_numpy() >= minimum) & frame["value"].notna().to_numpy()
    score = sign * frame["value"].to_numpy(float)
    held = frame["variant"].astype(str) + "\n" + frame["period"].astype(str)
    for places in pd.factorize(held)[0] == np.arange(held.nunique())[:, None]:
        among = np.flatnonzero(places & ranked)
        if len(among) > 1:
            top = score[among].max()
            best[among] = score[among] >= top - ALIKE * abs(top)
    made = frame.drop(columns="now", errors="ignore")
    return made.assign(change=np.array(change, object), best=best)


def _change(now: float, before: float, sign: float) -> str:
    if np.isnan(now) or np.isnan(before):
        return ""
    if abs(now - before) <= ALIKE * max(abs(now), abs(before)):
        return "same"
    return "better" if sign * (now - before) > 0 else "worse"


def flips(frame: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """The conclusions on which the definitions disagree.

    Parameters
    ----------
    frame : DataFrame
        From `judged`.

    Returns
    -------
    dict
        `best`: for each period in which no group is best under all definitions that rank groups, `period` and
        `said`, the best groups by definition ({"main": ["A"], "of_all_seen": ["B"]}). `change`: for each group and
        period that is better under one definition and worse under another, `group`, `period` and `said`
        ({"main": "better", "over_average": "worse"}). Empty lists where all agree.

    Notes
    -----
    Misleads where values lie closer together than chance would put them: an order that flips between two equals is no
    news.
    """
    ranks: dict[str, dict[str, list[str]]] = {}
    changes: dict[tuple[str, str], dict[str, str]] = {}
    for row in rows(frame):
        if row["best"]:
            ranks.setdefault(row["period"], {}).setdefault(row["variant"], []).append(row["group"])
        if row["change"]:
            changes.setdefault((row["group"], row["period"]), {})[row["variant"]] = row["change"]
    best = [
        {"period": period, "said": said}
        for period, said in ranks.items()
        if not set.intersection(*(set(groups) for groups in said.values()))
    ]
    moved = [
        {"group": group, "period": period, "said": said}
        for (group, period), said in changes.items()
        if {"better", "worse"} <= set(said.values())
    ]
    return {"best": best, "change": moved}
