"""What is watched: the choices of `[alerts]` in workbook.toml, and what holds without them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kpilib.errors import BadInput, unknown
from kpilib.model.dimensions import DIMENSIONS
from kpilib.stats.control import MINIMUM_POINTS

#: The watch over everything has a false alarm in no more than this share of months in which nothing changed.
RATE = 0.05
#: Months at the beginning of the data in which a figure is still filling up: whoever bought before the data begin is
#: taken for new; a deal begun before them has no older steps.
FILLING = {
    "cross_sell_rate": 12, "up_sell_rate": 12, "repeat_rate": 12, "sales_cycle": 6, "stage_days": 6,
}  # fmt: skip
#: What is not watched unless it is named: an open deal's probability and due date are known as of today alone, so past
#: months have the last ones of deals that are closed since.
UNLIKE_THE_PAST = ("mean_probability", "weighted_pipeline", "overdue_share", "stalled_share")
#: The dimensions whose members are watched, where a KPI has them.
BY = ("segment", "region")


@dataclass(frozen=True)
class Options:
    """Which KPIs are watched, and how closely.

    Parameters
    ----------
    kpis : tuple of str
        Their keys; empty for all that have a time and can be answered month by month.
    by : tuple of str
        Dimensions whose members are watched too.
    minimum : int
        A month of fewer rows is not judged.
    baseline : int
        Limits come from so many months, at least 12.
    lag_days : int, optional
        A table whose newest row is older than so many days is late; by default learned from the table's own past.
    rate : float
        The false-alarm rate of the whole watch.
    refused : float
        A larger share of a table's rows refused at the import calls for a look.
    """

    kpis: tuple[str, ...] = ()
    by: tuple[str, ...] = BY
    minimum: int = 30
    baseline: int = 24
    lag_days: int | None = None
    rate: float = RATE
    refused: float = 0.05


def options(settings: Any = None) -> Options:
    """The options of `kpilib.workbook.Settings`; those of a workbook without a file for None."""
    given = getattr(settings, "alerts", None)
    if given is None:
        return Options()
    by = BY if given.by is None else tuple(given.by)
    made = Options(tuple(given.kpis), by, given.minimum, given.baseline, given.lag_days, given.rate, given.refused)
    for name in made.by:
        if name not in DIMENSIONS:
            raise unknown("dimension", name, DIMENSIONS)
    if made.baseline < MINIMUM_POINTS or made.minimum < 1:
        raise BadInput(f"alerts: baseline is {MINIMUM_POINTS} months or more and minimum 1 row or more.")
    return made


def watched(book: Any, chosen: Options) -> list[Any]:
    """The KPIs to watch, in the order of the catalogue: those that have a time and that the data can answer.

    By default without `UNLIKE_THE_PAST`; named, these are watched too. Products of KPIs are watched, and those whose
    rows depend on the period's own start (`churn_rate`), which is then each month's.

    Raises
    ------
    UnknownName
        A key that is no KPI's, with a did-you-mean.
    """
    for key in chosen.kpis:
        if key not in book.kpis:
            raise unknown("KPI", key, book.kpis)
    return [
        kpi
        for key, kpi in book.kpis.items()
        if (kpi.when or kpi.derived) and not kpi.estimator and not book.why_not(key)
        and (key in chosen.kpis if chosen.kpis else key not in UNLIKE_THE_PAST)
    ]  # fmt: skip
