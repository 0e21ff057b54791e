"""The months behind an alert, as the control chart draws them: the chart that shows why."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kpilib.periods import label
from kpilib.stats.control import MINIMUM_POINTS
from kpilib.stats.sheet import SIGMAS, limits

from .alert import Alert
from .figures import bounded
from .options import options
from .series import Block, one_kpi


def chart(book: Any, alert: Alert, settings: Any = None) -> pd.DataFrame:
    """Each month's figure with its level and its limits at three sigma, from the months before it.

    Parameters
    ----------
    book : Book
        Asked through its cubes.
    alert : Alert
        Of a figure; one of the data has no chart.
    settings : kpilib.workbook.Settings, optional
        As for `watch`.

    Returns
    -------
    pandas.DataFrame
        As `show.control_chart.control` takes it: period, value, lower, upper, centre (in the KPI's unit; missing in
        months with fewer than 12 before them), out (outside its limits, or a month of the event), complete, rows.
        Empty for an alert of the data, or where the KPI cannot be asked.
    """
    chosen = options(settings)
    blocks = one_kpi(book, alert.kpi, alert.dimension, chosen) if alert.kpi else []
    places = [i for i, row in enumerate(blocks[0].rows) if row.member == alert.member] if blocks else []
    if not places:
        return pd.DataFrame(columns=["period", "value", "lower", "upper", "centre", "out", "complete", "rows"])
    block = blocks[0].taken(places)
    last, months = block.rows[0].last, block.own.shape[1]
    periods = [label(last - months + 1 + at, "month") for at in range(months)]
    ends = np.array([_limits(block, at, chosen.baseline) for at in range(months)])
    value = block.own[0]
    with np.errstate(invalid="ignore"):
        out = (value < ends[:, 0]) | (value > ends[:, 1])
    event = np.array([alert.since <= period <= alert.month for period in periods])
    return pd.DataFrame(
        {
            "period": periods, "value": value, "lower": ends[:, 0], "upper": ends[:, 1], "centre": ends[:, 2],
            "out": out | (event & ~np.isnan(value)), "complete": True,
            "rows": np.nan_to_num(block.counts[0]).astype(int),
        }
    )  # fmt: skip


def _limits(block: Block, at: int, baseline: int) -> tuple[float, float, float]:
    """Low, high and center of one month in the KPI's unit."""
    kpi, nothing = block.rows[0].kpi, (np.nan, np.nan, np.nan)
    levels = limits(block.sheet, at, baseline)
    spread = block.sheet.spread[0, at]
    if levels.points[0] < MINIMUM_POINTS or np.isnan(spread) or kpi is None:
        return nothing
    half = SIGMAS * levels.sigma[0] * spread
    center = levels.center[0]
    low, high, middle = (bounded(kpi, block.unit(0, end, at)) for end in (center - half, center + half, center))
    return min(low, high), max(low, high), middle
