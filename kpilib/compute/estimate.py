"""KPIs that are no ratio of sums: estimators over the rows of a slice, by name."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from kpilib.errors import unknown


def half_of_wins(rows: pd.DataFrame) -> tuple[float, float, float]:
    """Days by which half of the wins had come, with its bootstrap interval.

    Parameters
    ----------
    rows : pandas.DataFrame
        Deals with `status` (open, won, lost), `created_on`, `closed_on` and `as_of`.

    Returns
    -------
    tuple of float
        Value, low, high in days; NaN where nothing was won.
    """
    from kpilib.stats import incidence

    time, cause = times(rows)
    if not (cause == 1).any():
        return np.nan, np.nan, np.nan
    value = incidence.half_time(incidence.cumulative_incidence(time, cause), 1)
    low, high = incidence.half_time_interval(time, cause)[:2]
    return float(value), float(low), float(high)


def times(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Days from creation to the end seen, and how it ended: 1 won, 2 lost, 0 still open.

    Deals without a date of creation, or closed before it, are left out.
    """
    end = pd.to_datetime(rows["closed_on"]).fillna(pd.to_datetime(rows["as_of"]))
    days = (end - pd.to_datetime(rows["created_on"])).dt.days.to_numpy(float)
    ended = rows["status"].map({"won": 1, "lost": 2}).fillna(0).to_numpy(int)
    cause = np.where(rows["closed_on"].isna(), 0, ended)
    known = np.isfinite(days) & (days >= 0)
    return days[known], cause[known]


ESTIMATORS: dict[str, Callable[[pd.DataFrame], tuple[float, float, float]]] = {"half_of_wins": half_of_wins}


def estimator(name: str) -> Callable[[pd.DataFrame], tuple[float, float, float]]:
    """The estimator of that name; `UnknownName` with a did-you-mean where there is none."""
    if name not in ESTIMATORS:
        raise unknown("estimator", name, ESTIMATORS)
    return ESTIMATORS[name]
