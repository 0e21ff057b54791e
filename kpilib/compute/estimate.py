"""KPIs that are no ratio of sums: estimators over the rows of a slice, by name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd

from kpilib.catalogue.kpi import Kpi
from kpilib.compute import slices
from kpilib.compute.measure import Columns, laid_out
from kpilib.compute.slices import Slice
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

#: The columns of its panel that an estimator reads.
NEEDS = {"half_of_wins": ("created_on", "closed_on", "status")}


def needed(kpi: Kpi, cut: Slice) -> tuple[str, ...]:
    """The columns of the panel that an estimate of a slice is made of."""
    return tuple(dict.fromkeys((kpi.when, *cut.by, *NEEDS[kpi.estimator])))


def answer(kpi: Kpi, cut: Slice, rows: pd.DataFrame, start: int, as_of: date) -> Columns:
    """An estimate, group by group and period by period, as `measure.columns` gives it.

    Parameters
    ----------
    kpi : Kpi
        Names its estimator.
    cut : Slice
        What was asked.
    rows : pandas.DataFrame
        The rows of the slice, with the columns that `needed` names.
    start : int
        Month number of the data's first month.
    as_of : date
        The day until which open cases are known to be open.
    """
    rows = rows.assign(as_of=pd.Timestamp(as_of))
    months = pd.to_datetime(rows[kpi.when])
    month = (months.dt.year * 12 + months.dt.month - 1).to_numpy()
    found = set(rows[list(cut.by)].itertuples(index=False, name=None))
    groups: list[tuple[str, ...]] = sorted(found) if cut.by else [()]
    listed, estimate = slices.periods(cut, start), estimator(kpi.estimator)
    estimates, counts = [], []
    for group in groups:
        members = np.logical_and.reduce(
            [np.ones(len(rows), bool), *((rows[n] == m).to_numpy() for n, m in zip(cut.by, group, strict=True))]
        )
        for period in listed:
            inside = members & (month >= _first(period, cut)) & (month <= slices.last_month(period, cut))
            estimates.append(estimate(rows[inside]))
            counts.append(int(inside.sum()))
    value, low, high = np.array(estimates, float).reshape(-1, 3).T
    return laid_out(
        cut, groups, listed, {"value": value, "rows": np.array(counts, np.int64), "low": low, "high": high}, as_of
    )


def _first(period: int, cut: Slice) -> int:
    return period - 11 if cut.grain == "ttm" else max(period, cut.first)


def estimator(name: str) -> Callable[[pd.DataFrame], tuple[float, float, float]]:
    """The estimator of that name; `UnknownName` with a did-you-mean where there is none."""
    if name not in ESTIMATORS:
        raise unknown("estimator", name, ESTIMATORS)
    return ESTIMATORS[name]
