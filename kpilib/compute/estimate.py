"""KPIs that are no ratio of sums: estimators over the rows of a slice, by name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd

from kpilib.catalogue.kpi import Kpi
from kpilib.compute import slices
from kpilib.compute.measure import COLUMNS, grouped
from kpilib.compute.slices import Slice
from kpilib.errors import unknown
from kpilib.periods import month_end


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


def answer(kpi: Kpi, cut: Slice, rows: pd.DataFrame, start: int, as_of: date) -> pd.DataFrame:
    """An estimate, group by group and period by period, in the shape of `measure.frame`.

    Parameters
    ----------
    kpi : Kpi
        Names its estimator.
    cut : Slice
        What was asked.
    rows : pandas.DataFrame
        The rows of the slice, with their dimensions.
    start : int
        Month number of the data's first month.
    as_of : date
        The day until which open cases are known to be open.
    """
    rows = rows.assign(as_of=pd.Timestamp(as_of))
    months = pd.to_datetime(rows[kpi.when])
    month = (months.dt.year * 12 + months.dt.month - 1).to_numpy()
    groups = sorted(set(rows[list(cut.by)].itertuples(index=False, name=None))) if cut.by else [()]
    asked = [(group, period) for group in groups for period in slices.periods(cut, start)]
    estimate, lines = estimator(kpi.estimator), []
    for group, period in asked:
        inside = (month >= _first(period, cut)) & (month <= slices.last_month(period, cut))
        for name, member in zip(cut.by, group, strict=True):
            inside &= (rows[name] == member).to_numpy()
        value, low, high = estimate(rows[inside])
        lines.append({"period": slices.label(period, cut), "value": value, "numerator": np.nan, "denominator": np.nan,
                      "rows": int(inside.sum()), "low": low, "high": high,
                      "complete": month_end(slices.last_month(period, cut)) <= as_of})  # fmt: skip
    return grouped(cut, [group for group, _ in asked], pd.DataFrame(lines, columns=list(COLUMNS)))


def _first(period: int, cut: Slice) -> int:
    return period - 11 if cut.grain == "ttm" else max(period, cut.first)


def estimator(name: str) -> Callable[[pd.DataFrame], tuple[float, float, float]]:
    """The estimator of that name; `UnknownName` with a did-you-mean where there is none."""
    if name not in ESTIMATORS:
        raise unknown("estimator", name, ESTIMATORS)
    return ESTIMATORS[name]
