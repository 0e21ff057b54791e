"""Strata of customer-months that were alike but for the score: what else drives both satisfaction and leaving."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpilib.analysis.customer_months import CustomerMonths
from kpilib.stats import prognosis

Whole = NDArray[np.int64]
#: Covariates that can drive both; orders are left out, for buying less is a step on the way out.
ADJUSTED = ("incidents", "tickets", "slow", "late", "new_owner", "new_salesperson", "first_renewal")
#: Where a number is divided: months of delay; years since the acquisition.
_LATE, _TENURE = (0.0, 0.25, 0.5, 1.0), (1.0, 2.0, 3.0, 5.0)
#: More segments than this are one factor among others, and no classes of their own.
_MOST_CLASSES = 6
_MOST_PARTS, _LEFT_A_STRATUM = 8, 40
_QUARTER = 3


@dataclass(frozen=True, eq=False)
class Alike:
    """The stratum of each customer-month and of each customer of today, and what the strata were made of."""

    rows: Whole
    now: Whole
    count: int
    adjusted_for: list[str]


def alike(months: CustomerMonths, used: NDArray[np.bool_]) -> Alike:
    """Strata of like risk, from all that is known but the score.

    Parameters
    ----------
    months : CustomerMonths
        The rows of all customers.
    used : ndarray of bool, shape (n,)
        The rows that are looked at: those with a score.

    Returns
    -------
    Alike
        `rows` has one stratum for each row that is used, `now` one for each active customer.
    """
    codes, names = pd.factorize(months.lives["segment"].astype("str"), sort=True)
    segment = codes.astype(np.int64)
    then = {**_levels(months.values, used), "segment": segment[months.customer[used]]}
    today = {**_levels(months.now, slice(None)), "segment": segment[months.active]}
    then["month"] = months.month[used] // _QUARTER
    today["month"] = np.full(len(months.active), -1)  # none of those seen: as in the average of the quarters
    left = months.event[used]
    model = prognosis.fit(then, left)
    crossed = len(names) <= _MOST_CLASSES
    of, of_now = (one["segment"] if crossed else np.zeros_like(one["segment"]) for one in (then, today))
    parts = int(np.clip(left.sum() / _LEFT_A_STRATUM / (len(names) if crossed else 1), 1, _MOST_PARTS))
    risk, risk_now = model.risk(then), model.risk(today)
    made = prognosis.strata(of, risk, parts)
    place, now = made.place(of, risk), made.place(of_now, risk_now)
    known = [name for name in then if len(np.unique(then[name])) > 1]
    return Alike(place, now, int(max(place.max(initial=0), now.max(initial=0))) + 1, known)


def _levels(values: dict[str, Any], rows: Any) -> dict[str, Whole]:
    """Each covariate as a whole number; a tenure that is not known is a level of its own."""
    found = {name: values[name][rows] for name in ADJUSTED if name in values}
    levels = {name: column.astype(np.int64) for name, column in found.items() if name != "late"}
    if "late" in found:
        levels["late"] = np.searchsorted(_LATE, found["late"])
    tenure = values["tenure"][rows]
    levels["tenure"] = np.where(np.isnan(tenure), -1, np.searchsorted(_TENURE, tenure, side="right"))
    return levels
