"""What happens to a score around an event: those it met, month by month, against those it did not meet then.

A month counts thirty days: month 0 are the days 1 to 30 after the event, month −1 its day and the 29 before. The others
are answers of the same cell (calendar month and segment), so that a season or a general decline is no effect.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from kpilib.errors import BadInput
from kpilib.stats.linear import Effects, Fit, Floats, fit, without_means

#: Months shown before and after the event, and those that count as "after".
BEFORE, AFTER, EFFECT = 6, 6, 3
#: A month around the event with fewer answers is not estimated.
FEWEST = 5


def event_study(score: ArrayLike, month: ArrayLike, cell: ArrayLike, customer: ArrayLike) -> dict[str, Any]:
    """The score around an event less that of others in the same cell, and how much it changed with the event.

    Parameters
    ----------
    score : array_like, shape (n,)
        Answers.
    month : array_like, shape (n,)
        Months from the event of the customer, −6 to 5; NaN for answers of customers whom none met then. Leave out
        answers further from an event.
    cell, customer : array_like of int, shape (n,)
        Numbers from 0: within what the answers are compared, and whose they are.

    Returns
    -------
    dict
        `months`: frame of month, rows, customers, mean, control_mean, effect, low, high. `before`, `after` (months 0
        to 2): the difference from the others; `effect`: after less before, with p. `pre_trend`: slope in points a
        month with interval and slope_p, p that the months before are alike, `flat`
        (neither below 0.05; None with one month before). `treated`,
        `controls`: customers; `rows`, `control_rows`: answers.

    Raises
    ------
    BadInput
        No month before, or none after, or no control has `FEWEST` answers in cells of both.

    Notes
    -----
    Differences in differences with every month's own coefficient; errors by customer. Means before are given the same
    weight each, so are those after. Misleads when what brings the event moves the score too (a trend before it, which
    is shown and tested: Roth 2022, American Economic Review: Insights 4:305, warns that the test often misses one),
    and when those whom the event met answer more or less often because of it.
    """
    y, k = np.asarray(score, float), np.asarray(month, float)
    place, whose = np.asarray(cell, int), np.asarray(customer, int)
    y, k, place, whose = _comparable(y, k, place, whose)
    months = _months(k)
    flags = (k[:, None] == months).astype(float)
    told = fit(without_means(flags, place), without_means(y, place), whose, absorbed=len(np.unique(place)))
    met = ~np.isnan(k)
    effects = told.effects(np.eye(len(months)))
    return {
        "months": _frame(y, k, whose, months, effects),
        **_changes(told, months),
        "pre_trend": _pre_trend(told, months),
        "treated": len(np.unique(whose[met])),
        "controls": len(np.unique(whose[~met])),
        "rows": int(met.sum()),
        "control_rows": int((~met).sum()),
    }


def _comparable(y: Floats, k: Floats, place: NDArray[np.int64], whose: NDArray[np.int64]) -> tuple[Any, ...]:
    """The rows that have somebody to be compared with: those of cells that hold controls."""
    if (np.abs(k[~np.isnan(k)] + 0.5) > BEFORE).any():
        raise BadInput(f"Months from the event run from {-BEFORE} to {AFTER - 1}; leave out answers further from it.")
    controls = np.bincount(place, weights=np.isnan(k), minlength=int(place.max(initial=0)) + 1)
    rows = controls[place] > 0
    y, k, place, whose = y[rows], k[rows], place[rows], whose[rows]
    counted = pd.Series(k).value_counts()
    rows = np.isnan(k) | np.isin(k, counted.index[counted >= FEWEST])
    if not (k[rows] < 0).any() or not ((k[rows] >= 0) & (k[rows] < EFFECT)).any():
        raise BadInput(f"Too few answers around the event: {FEWEST} in a month before and in one after are needed.")
    return y[rows], k[rows], np.unique(place[rows], return_inverse=True)[1], whose[rows]


def _months(k: Floats) -> Floats:
    months: Floats = np.unique(k[~np.isnan(k)])
    return months


def _frame(y: Floats, k: Floats, whose: NDArray[np.int64], months: Floats, effects: Effects) -> pd.DataFrame:
    """Each month around the event: how they answered, and how the others of the same cells would have."""
    of_month = [k == month for month in months]
    mean = np.array([float(y[rows].mean()) for rows in of_month])
    return pd.DataFrame(
        {
            "month": months.astype(int),
            "rows": [int(rows.sum()) for rows in of_month],
            "customers": [len(np.unique(whose[rows])) for rows in of_month],
            "mean": mean,
            "control_mean": mean - effects.value,
            "effect": effects.value, "low": effects.low, "high": effects.high, "p": effects.p,
        }
    )  # fmt: skip


def _changes(told: Fit, months: Floats) -> dict[str, dict[str, float]]:
    """The mean difference before and after, and what lies between the two."""
    early, late = months < 0, (months >= 0) & (months < EFFECT)
    before, after = early / early.sum(), late / late.sum()
    effects = told.effects(np.stack([before, after, after - before]))
    return {name: _one(effects, place) for place, name in enumerate(("before", "after", "effect"))}


def _pre_trend(told: Fit, months: Floats) -> dict[str, Any]:
    """Whether the score already moved before the event: a straight line through those months, then all at once."""
    early = np.flatnonzero(months < 0)
    if len(early) < 2:
        return {"slope": np.nan, "low": np.nan, "high": np.nan, "slope_p": np.nan, "p": np.nan, "flat": None}
    time = months[early] - months[early].mean()
    line = np.zeros(len(months))
    line[early] = time / (time @ time)
    alike = np.zeros((len(early) - 1, len(months)))
    alike[:, early[0]] = -1
    alike[np.arange(len(early) - 1), early[1:]] = 1
    slope, p = _one(told.effects(line), 0), told.together(alike)
    flat = slope["p"] >= 0.05 and p >= 0.05
    return {
        "slope": slope["value"],
        "low": slope["low"],
        "high": slope["high"],
        "slope_p": slope["p"],
        "p": p,
        "flat": flat,
    }


def _one(effects: Effects, place: int) -> dict[str, float]:
    return {name: float(column[place]) for name, column in zip(Effects._fields, effects, strict=True)}
