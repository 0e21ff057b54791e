"""What the scores could be with those who did not answer: by touchpoint, by segment, and for the whole company."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kpilib.analysis import history
from kpilib.analysis.history import WINDOW, given
from kpilib.analysis.satisfaction import METRICS, numbered
from kpilib.stats.nonresponse import Bounds, what_silent_could_change
from kpilib.stats.weighting import weighted

#: What is known of the invited before they answer.
KNOWN = ("segment", "touchpoint", "incident")
BY = ("touchpoint", "segment", "service")
#: What an answer adds at least and at most, and from which score on it counts fully.
_SCALES = {"nps": (-1.0, 1.0), "csat": (0.0, 1.0), "ces": (0.0, 1.0)}
_FROM = {"csat": 4, "ces": 5}


def nonresponse(book: Any) -> dict[str, Any]:
    """The finding "nonresponse": each score as it is and as it could be, were the silent counted.

    Parameters
    ----------
    book : Book
        What `kpilib.open` returned.

    Returns
    -------
    dict
        `metrics`: by metric that was asked `unit`, `whole`, `by` (frames by touchpoint, segment, service), `cells`,
        `known`; or `cannot`: "no_answers", or "no_silent" where every invitation has its answer, as in files that
        hold answers alone. `cannot` is "no_surveys" where there are none.

    Notes
    -----
    The score is the net promoter score (−1 to 1), the share of 4–5 for csat, of 5–7 for ces. `weighted` honours several
    invitations of one customer; the other intervals take answers as independent.
    """
    if "surveys" not in book.tables:
        return {"cannot": "no_surveys"}
    rows = invitations(book)
    metrics = {metric: _metric(metric, rows[rows["metric"] == metric]) for metric in METRICS}
    return {"metrics": {metric: found for metric, found in metrics.items() if found}}


def invitations(book: Any) -> pd.DataFrame:
    """The invitations: metric, score (NaN unanswered), whose, the dimensions, and `incident` ("yes" or "no")."""
    rows = book.panel("answers", columns=["customer_id", "metric", "score", "sent_on", *BY])
    asked = history.requests(book)
    incident = np.zeros(len(rows), bool)
    if asked is not None:
        day, serious = history.days(rows["sent_on"]), asked.incidents
        incident = serious.counted(serious.whose(rows["customer_id"]), day - WINDOW, day - 1) > 0
    texts = {name: given(rows[name]).to_numpy() for name in BY}
    return rows.assign(whose=numbered(rows["customer_id"]), incident=np.where(incident, "yes", "no"), **texts)


def added(metric: str, score: Any) -> Any:
    """What each answer adds to the score: promoters 1, detractors −1; the satisfied 1; NaN where there is none."""
    x = np.asarray(score, float)
    if metric == "nps":
        told = np.where(x >= 9, 1.0, np.where(x <= 6, -1.0, 0.0))
    else:
        told = (x >= _FROM[metric]).astype(float)
    return np.where(np.isnan(x), np.nan, told)


def _metric(metric: str, rows: pd.DataFrame) -> dict[str, Any]:
    if rows.empty:
        return {}
    rows = rows.assign(added=added(metric, rows["score"]))
    answered = int(rows["added"].notna().sum())
    if answered in (0, len(rows)):
        return {"cannot": "no_silent" if answered else "no_answers", "invited": len(rows)}
    whole, cells = _bounds(metric, rows)
    return {
        "unit": "score" if metric == "nps" else "share",
        "whole": whole,
        "by": {name: _by(metric, rows, name) for name in BY if rows[name].nunique() > 1},
        "cells": cells,
        "known": list(KNOWN),
    }


def _bounds(metric: str, rows: pd.DataFrame) -> tuple[dict[str, Any], pd.DataFrame]:
    """The bounds of some invitations, and the cells they rest on."""
    cells = _cells(rows)
    lowest, highest = _SCALES[metric]
    bounds = what_silent_could_change(
        cells["invited"], cells["answered"], cells["sums"], cells["squares"], lowest, highest
    )
    place = rows.groupby(list(KNOWN), sort=True).ngroup().to_numpy()
    best = weighted(rows["added"], place, rows["whose"])
    inside = {"value": best.value, "low": max(best.low, lowest), "high": min(best.high, highest)}
    told = {**bounds.as_dict(), "weighted": inside, "least_happy_cell": _least_happy(cells, bounds)}
    return told, cells.drop(columns=["sums", "squares"])


def _cells(rows: pd.DataFrame) -> pd.DataFrame:
    told = rows.assign(square=rows["added"] ** 2).groupby(list(KNOWN), sort=True)
    cells = told.agg(
        invited=("metric", "size"), answered=("added", "count"), sums=("added", "sum"), squares=("square", "sum")
    ).reset_index()
    cells["response_rate"] = cells["answered"] / cells["invited"]
    cells["value"] = cells["sums"] / cells["answered"].where(cells["answered"] > 0)
    return cells


def _least_happy(cells: pd.DataFrame, bounds: Bounds) -> dict[str, Any] | None:
    if bounds.least_happy is None:
        return None
    row = cells.iloc[bounds.least_happy]
    named = {name: str(row[name]) for name in KNOWN}
    return {**named, "invited": int(row["invited"]), "answered": int(row["answered"]), "value": float(row["value"])}


def _by(metric: str, rows: pd.DataFrame, dimension: str) -> pd.DataFrame:
    """The bounds of each member of a dimension, one line each."""
    lines = []
    for member, own in rows.groupby(dimension, sort=True):
        told, _ = _bounds(metric, own)
        lines.append(
            {
                "group": member, "invited": told["invited"], "answered": told["answered"],
                "response_rate": told["response_rate"], **told["observed"],
                "floor": told["no_assumption"]["low"], "ceiling": told["no_assumption"]["high"],
                "as_least_happy": told["as_least_happy"]["value"], "weighted": told["weighted"]["value"],
                "weighted_low": told["weighted"]["low"], "weighted_high": told["weighted"]["high"],
            }
        )  # fmt: skip
    return pd.DataFrame(lines)
