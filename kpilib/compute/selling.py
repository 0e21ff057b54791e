"""What the sales say beyond one KPI: who makes up most of a total, what a product asks of us once it is sold.

Frames in, frames out; the frames have the columns of `Book.kpi` or of a panel. Nothing here asks a database or draws.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpilib.stats import intervals, scores

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
    known = frame[frame["value"].notna()].sort_values(["value", "group"], ascending=[False, True])
    adding = known[known["value"] > 0].reset_index(drop=True)
    share = adding["value"] / adding["value"].sum()
    return adding.assign(share=share, cumulative=share.cumsum()), known[known["value"] <= 0].reset_index(drop=True)


def needed(adding: pd.DataFrame, part: float = 0.8) -> int:
    """How many groups, from the largest down, it takes to make up a part of the total; 0 without groups.

    Examples
    --------
    >>> needed(concentration(pd.DataFrame({"group": ["a", "b", "c"], "value": [10.0, 70.0, 20.0]}))[0])
    2
    """
    # A sum of shares may stop a rounding short of the part.
    return int((adding["cumulative"] < part - 1e-9).sum()) + 1 if len(adding) else 0


def effort(lines: pd.DataFrame, tickets: pd.DataFrame, by: str) -> pd.DataFrame:
    """Hours of after-sales work for 100 units sold, a line a group and one for all.

    Lines and tickets are laid one below the other, so that each row adds to one side only and none is counted twice.

    Parameters
    ----------
    lines : DataFrame
        Columns `by` and `quantity`, a row an order line; a return has a negative one.
    tickets : DataFrame
        Columns `by` and `handling_hours`, a row a ticket; those whose hours are not known do not count.
    by : str
        The column that groups.

    Returns
    -------
    DataFrame
        Columns `group` ("all" in the first row), `value`, `low`, `high` (95 %, delta method, never below 0), `rows`
        (tickets with known hours), `hours`, `units`. Where no more was sold than came back, NaN.

    Notes
    -----
    Misleads where a ticket is about a sale of long ago: a product that is sold no more has tickets and no units.
    """
    known = tickets[tickets["handling_hours"].notna()]
    sold = pd.DataFrame({"group": lines[by], "hours": 0.0, "units": lines["quantity"].astype(float)})
    asked = pd.DataFrame({"group": known[by], "hours": known["handling_hours"].astype(float), "units": 0.0})
    ledger = pd.concat([sold.assign(rows=0), asked.assign(rows=1)], ignore_index=True)
    ledger = ledger.assign(n=1.0, hh=ledger["hours"] ** 2, uu=ledger["units"] ** 2)
    groups = ledger.groupby("group", sort=True).sum()
    sums = pd.concat([ledger.drop(columns="group").sum().to_frame("all").T, groups]).rename_axis("group")
    units = sums["units"].where(sums["units"] > 0)
    low, high = intervals.ratio_of_sums(sums["n"], sums["hours"], units, sums["hh"], 0.0, sums["uu"])
    # Without a ticket the rows say nothing of how hours vary.
    spread = np.where(sums["rows"] > 0, PER_UNITS, np.nan)
    answer = sums.assign(value=PER_UNITS * sums["hours"] / units, low=np.maximum(low, 0) * spread, high=high * spread)
    answer["rows"] = answer["rows"].astype(int)
    return answer.reset_index()[["group", "value", "low", "high", "rows", "hours", "units"]]


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
    given = _given(answers, by, "csat")
    sums = given.assign(good=given["score"] >= 4).groupby("group", sort=True)["good"].agg(["sum", "count"])
    low, high = intervals.wilson(sums["sum"], sums["count"])
    return _scored(sums.index, sums["sum"] / sums["count"], low, high, sums["count"])


def nps(answers: pd.DataFrame, by: str) -> pd.DataFrame:
    """The net promoter score of each group, −100 to 100, with its adjusted Wald interval.

    Parameters and columns are those of `csat`.
    """
    given = _given(answers, by, "nps")
    marks = given.assign(d=given["score"] <= 6, p=given["score"].between(7, 8), up=given["score"] >= 9)
    sums = marks.groupby("group", sort=True)[["d", "p", "up"]].sum()
    d, passive, up = (sums[name].to_numpy(float) for name in ("d", "p", "up"))
    low, high = scores.nps_interval(d, passive, up)
    return _scored(sums.index, 100 * scores.nps(d, passive, up), 100 * low, 100 * high, sums.sum(axis=1))


def _given(answers: pd.DataFrame, by: str, metric: str) -> pd.DataFrame:
    given = answers[(answers["metric"] == metric) & answers["score"].notna()]
    return pd.DataFrame({"group": given[by], "score": given["score"].astype(float)})


def _scored(groups: pd.Index, value: object, low: object, high: object, rows: object) -> pd.DataFrame:
    columns = {"value": value, "low": low, "high": high, "rows": rows}
    return pd.DataFrame({"group": list(groups), **{name: np.asarray(given) for name, given in columns.items()}})
