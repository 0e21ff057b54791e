"""What the sales say beyond one KPI: who makes up most of a total, what a product asks of us once it is sold.

Frames in, frames out; the frames have the columns of `Book.kpi` or of a panel. Nothing here asks a database or draws.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpilib.compute.frames import ranking, taken
from kpilib.stats import intervals, scores

Floats = NDArray[np.float64]

#: Hours of after-sales work are counted for so many units sold.
PER_UNITS = 100


def concentration(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The groups that add to a total from the largest down, and those that take from it.

    Parameters
    ----------
    frame : DataFrame
        Columns `group`, `value`.

    Returns
    -------
    adding, taking : DataFrame
        The columns of `frame`; `adding` holds the groups above 0, with `share` of their sum and `cumulative` share, 0
        to 1. `taking` holds the others (returns of what was bought earlier): a Pareto curve has no place for them.
        Groups without a value are in neither.
    """
    values = frame["value"].to_numpy(float)
    order = ranking(frame)
    above = order[values[order] > 0]
    share = values[above] / values[above].sum()
    adding = taken(frame, above, share=share, cumulative=share.cumsum())
    return adding, taken(frame, order[values[order] <= 0])


def needed(adding: pd.DataFrame, part: float = 0.8) -> int:
    """How many groups, from the largest down, it takes to make up a part of the total; 0 without groups.

    Examples
    --------
    >>> needed(concentration(pd.DataFrame({"group": ["a", "b", "c"], "value": [10.0, 70.0, 20.0]}))[0])
    2
    """
    # A sum of shares may stop a rounding short of the part.
    return int((adding["cumulative"].to_numpy() < part - 1e-9).sum()) + 1 if len(adding) else 0


def effort(asked: pd.DataFrame, tickets: pd.DataFrame) -> pd.DataFrame:
    """Hours of after-sales work for 100 units sold, from the answers of two KPIs to the same question.

    Parameters
    ----------
    asked : DataFrame
        What `service_effort` answers: a hundred times the hours above, units below, over order lines and tickets laid
        one below the other.
    tickets : DataFrame
        What `support_hours` answers; its rows are the tickets whose hours are known.

    Returns
    -------
    DataFrame
        Columns `group`, `value`, `low`, `high` (95 %, delta method, never below 0), `rows` (tickets with known hours),
        `hours`, `units`. Where no more was sold than came back, NaN; without a ticket there is no interval, for the
        rows say nothing of how hours vary.

    Notes
    -----
    Misleads where a ticket is about a sale of long ago: a product that is sold no more has tickets and no units.
    """
    counted = dict(zip(tickets["group"].tolist(), tickets["rows"].tolist(), strict=True))
    rows = np.array([counted.get(group, 0) for group in asked["group"].tolist()], np.int64)
    value, low, high, hours, units = (
        asked[name].to_numpy(float) for name in ("value", "low", "high", "numerator", "denominator")
    )
    of_sales = np.where(units > 0, 1.0, np.nan)
    spread = np.where(rows > 0, of_sales, np.nan)
    columns = {"value": value * of_sales, "low": np.maximum(low, 0) * spread, "high": high * spread}
    sums = {"hours": hours / PER_UNITS, "units": units}
    return pd.DataFrame({"group": asked["group"].to_numpy(), **columns, "rows": rows, **sums})


def csat(answers: pd.DataFrame, by: str) -> pd.DataFrame:
    """The share of satisfied answers (4 or 5 of 5) of each group, with Wilson's interval.

    Parameters
    ----------
    answers : DataFrame
        Columns `by`, `metric`, `score`; rows of other metrics, or without a score, do not count.

    Returns
    -------
    DataFrame
        Columns `group`, `value`, `low`, `high` (0 to 1), `rows` (answers). No answer, no row.
    """
    groups, score, counted = _given(answers, by, "csat")
    rows, good = counted(score == score), counted(score >= 4)
    low, high = intervals.wilson(good, rows)
    return _scored(groups, good / rows, low, high, rows)


def nps(answers: pd.DataFrame, by: str) -> pd.DataFrame:
    """The net promoter score of each group, −100 to 100, with its adjusted Wald interval.

    Parameters and columns are those of `csat`.
    """
    groups, score, counted = _given(answers, by, "nps")
    below, passive, above = counted(score <= 6), counted((score >= 7) & (score <= 8)), counted(score >= 9)
    low, high = scores.nps_interval(below, passive, above)
    value = 100 * scores.nps(below, passive, above)
    return _scored(groups, value, 100 * low, 100 * high, below + passive + above)


def _given(
    answers: pd.DataFrame, by: str, metric: str
) -> tuple[list[str], Floats, Callable[[NDArray[np.bool_]], Floats]]:
    """The groups that answered, in order; their scores; and how to count the answers of each group that are so."""
    score = answers["score"].to_numpy(float)
    there = (answers["metric"].to_numpy(object) == metric) & ~np.isnan(score)
    place, groups = pd.factorize(answers[by].to_numpy(object)[there], sort=True)

    def counted(such: NDArray[np.bool_]) -> Floats:
        return np.bincount(place[such], minlength=len(groups)).astype(float)

    return list(groups), score[there], counted


def _scored(groups: list[str], value: Floats, low: Floats, high: Floats, rows: Floats) -> pd.DataFrame:
    return pd.DataFrame({"group": groups, "value": value, "low": low, "high": high, "rows": rows.astype(np.int64)})
