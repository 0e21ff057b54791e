"""What deals tell beyond sums: where and why they end, which groups stand out, which deals weigh most.

Frames in, frames out, with the columns of the panels "deals", "opportunity_months" and "stage_steps". Nothing is
fetched, drawn or said here. When deals end stands in `endings`, what goes with winning in `actions`, how forecasts did
in `forecast`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpilib.compute import columns
from kpilib.model.dimensions import NOT_GIVEN
from kpilib.stats.discovery import false_discovery
from kpilib.stats.intervals import wilson
from kpilib.stats.proportions import two_proportion_p
from kpilib.stats.ranking import MINIMUM_COUNT


def stand_out(frame: pd.DataFrame, rate: float = 0.1) -> pd.DataFrame:
    """The groups of a share, each held against all the others together.

    Parameters
    ----------
    frame : DataFrame
        Columns `numerator`, `denominator` (counts), as `Book.kpi` gives them by a dimension.
    rate : float
        The false-discovery rate that is held (Benjamini–Hochberg).

    Returns
    -------
    DataFrame
        The frame with `p` (adjusted; missing for a group of fewer than `MINIMUM_COUNT`, which is not tested) and
        `differs`: "higher", "lower", "" (chance explains it) or "too few".
    """
    x, n = frame["numerator"].to_numpy(float), frame["denominator"].to_numpy(float)
    x, n = np.nan_to_num(x), np.nan_to_num(n)
    few = n < MINIMUM_COUNT
    p = np.where(few, np.nan, two_proportion_p(x, n, x.sum() - x, n.sum() - n))
    adjusted, flags = false_discovery(p, rate)
    above = x * n.sum() > x.sum() * n
    differs = np.where(flags, np.where(above, "higher", "lower"), np.where(few, "too few", ""))
    return frame.assign(p=adjusted, differs=differs)


def lost_at(lost: pd.DataFrame, steps: pd.DataFrame) -> pd.DataFrame:
    """The stage that each lost deal had come to when it was lost.

    Parameters
    ----------
    lost : DataFrame
        Lost deals: `opportunity_id`, `amount`, `days` (from creation to loss, missing where unknown).
    steps : DataFrame
        `opportunity_id`, `stage`, `place` (its place in the cycle), `entered_on`.

    Returns
    -------
    DataFrame
        In the order of the cycle: `group` (the stage; "(not given)" where a deal has no history), `rows` (deals),
        `amount` (their sum; missing where none has one), `value`, `low`, `high` (share of the losses, Wilson 95 %),
        `days` (median from creation to loss).
    """
    deal, place = columns.places(steps["opportunity_id"], lost["opportunity_id"]), steps["place"].to_numpy(float)
    row = latest(deal, columns.days(steps["entered_on"]), place, np.full(len(lost), columns.NEVER))
    stage, names = columns.codes(steps["stage"])
    # One cell more, for deals without a step: their row is -1.
    group = _given(np.append(stage, -1)[row], names)
    place = np.nan_to_num(np.append(place, np.nan)[row], nan=np.inf)
    reached = np.full(len(names), np.inf)
    np.minimum.at(reached, group, place)
    seen = np.flatnonzero(np.bincount(group, minlength=len(names))).tolist()
    made = _shares(group, names, lost["amount"], sorted(seen, key=lambda at: (reached[at], names[at])))
    days = lost["days"].to_numpy(float)
    made["days"] = [_median(days[group == names.index(name)]) for name in made["group"]]
    return made


def latest(
    deal: NDArray[np.intp], entered: NDArray[np.int64], place: NDArray[np.float64], until: NDArray[np.int64]
) -> NDArray[np.intp]:
    """The step in which each deal was on a day.

    Parameters
    ----------
    deal, entered, place : ndarray, shape (steps,)
        Of each step: whose it is, 0 to deals − 1 or -1 for none; the day, as `columns.days` has it; its place in the
        cycle.
    until : ndarray of int, shape (deals,)
        The day of each deal.

    Returns
    -------
    ndarray of int, shape (deals,)
        Which step: that of the latest day, of one day the furthest in the cycle. -1 where there is none yet.
    """
    row = np.flatnonzero(deal >= 0)
    row = row[entered[row] <= until[deal[row]]]
    found = np.full(len(until), -1, np.intp)
    if not len(row):
        return found
    place = np.nan_to_num(place, nan=np.nanmax(place, initial=0) + 1)
    # Days first, then places; whole numbers, so that the sum is exact.
    score = entered[row] * (place.max() - place.min() + 1) + place[row]
    best = np.full(len(until), -np.inf)
    np.maximum.at(best, deal[row], score)
    row = row[score == best[deal[row]]]
    found[deal[row]] = row
    return found


def reasons(deals: pd.DataFrame) -> pd.DataFrame:
    """How often each reason was given, the most frequent first.

    Parameters
    ----------
    deals : DataFrame
        Deals of one fate: `reason`, `amount`.

    Returns
    -------
    DataFrame
        `group` (the reason), `rows`, `amount`, `value`, `low`, `high`: the share of the deals that have a reason
        (Wilson 95 %). Deals without one are left out; empty where none has.
    """
    group, names = columns.codes(deals["reason"])
    kept = group != (names.index(NOT_GIVEN) if NOT_GIVEN in names else -1)
    kept &= group >= 0
    rows = np.bincount(group[kept], minlength=len(names))
    order = sorted(np.flatnonzero(rows).tolist(), key=lambda at: (-rows[at], names[at]))
    return _shares(group[kept], names, deals["amount"][kept], order)


def leads_by_chance(frame: pd.DataFrame) -> bool:
    """Whether the first of groups, the most frequent before the next, may lead the second by chance alone.

    The two counts are held against an even split, at a level made stricter by the number of groups (Bonferroni).
    """
    first, second = frame["rows"].to_numpy()[:2]
    low, _ = wilson(first, first + second, 1 - 0.05 / (len(frame) - 1))
    return bool(low <= 0.5)


def main_deals(months: pd.DataFrame, first: int = 15) -> pd.DataFrame:
    """The open deals that weigh most, heaviest first.

    Parameters
    ----------
    months : DataFrame
        One month of the panel "opportunity_months": `amount`, `probability`, `age`.

    Returns
    -------
    DataFrame
        With `weighted` (amount × probability; the amount alone where no deal has a probability). Where no deal has an
        amount either, the oldest come first.
    """
    weight = weighted(months)
    keys = [np.nan_to_num(key, nan=-np.inf) for key in (weight, *months[["amount", "age"]].to_numpy(float).T)]
    rows = np.arange(len(months))
    if len(months) > first:
        rows = rows[keys[0] >= np.partition(keys[0], -first)[-first]]
    order = rows[np.lexsort([-key[rows] for key in reversed(keys)])][:first]
    return months.iloc[order].assign(weighted=weight[order])


def weighted(months: pd.DataFrame) -> NDArray[np.float64]:
    """Amount × probability of each deal; the amount alone where no deal has a probability."""
    amount, chance = (months[name].to_numpy(float) for name in ("amount", "probability"))
    return amount if np.isnan(chance).all() else amount * chance


def _given(group: NDArray[np.intp], names: list[str]) -> NDArray[np.intp]:
    """The codes with a name for what has none, which is added to `names`."""
    if NOT_GIVEN not in names:
        names.append(NOT_GIVEN)
    return np.where(group < 0, names.index(NOT_GIVEN), group)


def _shares(group: NDArray[np.intp], names: list[str], amount: pd.Series, order: Sequence[int]) -> pd.DataFrame:
    """Rows and amounts of the groups in an order, and the share of the rows that each has."""
    amounts = amount.to_numpy(float)
    known = ~np.isnan(amounts)
    rows, priced = np.bincount(group, minlength=len(names)), np.bincount(group[known], minlength=len(names))
    sums = np.bincount(group[known], amounts[known], minlength=len(names))
    # A sum is missing where nothing was observed.
    sums, rows = np.where(priced > 0, sums, np.nan)[order], rows[order]
    low, high = wilson(rows, rows.sum())
    said = {"group": [names[at] for at in order], "rows": rows, "amount": sums}
    return pd.DataFrame({**said, "value": rows / rows.sum(), "low": low, "high": high})


def _median(values: NDArray[np.float64]) -> float:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else float("nan")
