"""Which actions go with winning: deals with and without an action, among those that got to the stage where it is taken.

An early loss had no time for a site visit; to count it as "without" would credit the visit with what time did.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpilib.compute import columns
from kpilib.compute.endings import ends, horizon
from kpilib.compute.pipeline import latest
from kpilib.stats.discovery import false_discovery
from kpilib.stats.incidence import of_counts
from kpilib.stats.intervals import normal_quantile, wilson
from kpilib.stats.ranking import MINIMUM_COUNT

Days = NDArray[np.int64]


class Shares(NamedTuple):
    """Shares won by a day, their intervals and standard errors, and the deals they rest on: (kinds, 2), with first."""

    value: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    error: NDArray[np.float64]
    rows: NDArray[np.int64]


def actions(
    deals: pd.DataFrame, steps: pd.DataFrame, activities: pd.DataFrame, as_of: date, rate: float = 0.1
) -> pd.DataFrame:
    """Share won with and without each kind of action, among the deals that reached the stage where it is taken.

    Parameters
    ----------
    deals : DataFrame
        `opportunity_id`, `created_on`, `closed_on`, `status`.
    steps : DataFrame
        `opportunity_id`, `stage`, `place`, `entered_on`; without rows, all deals are compared from their creation.
    activities : DataFrame
        `opportunity_id`, `kind`, `done_on`; those of other deals, and after a deal's end, are not looked at.
    as_of : date
        The day until which open deals are followed.
    rate : float
        The false-discovery rate that is held over the kinds.

    Returns
    -------
    DataFrame
        Two rows a kind of action, `outcome` "with" and "without": `group` (the kind), `stage` (where half of the deals
        that had it had it for the first time, or earlier), `rows` (deals that reached that stage or a later one),
        `value`, `low`, `high` (share won within `endings.horizon` days of reaching it, 95 %), `difference`, `below`,
        `above` (with − without, 95 %), `p` (adjusted) and `differs` as in `pipeline.stand_out`. The largest difference
        first; empty without actions. ``attrs["horizon"]`` holds the days.

    Notes
    -----
    Shares by Aalen–Johansen, so that open deals count as long as they were followed; their difference at a fixed day
    as Klein, Logan, Harhoff and Andersen (2007), Statistics in Medicine 26:4505. Misleads in that the deals were not
    drawn by lot: salespeople visit whom they expect to win, and a deal that lives longer has more time for an action.
    """
    return compared(Paths(deals, steps, activities, as_of), deals["opportunity_id"], rate)


class Paths:
    """What deals went through, worked out once for many slices: their ends, their first actions, their stages.

    Parameters
    ----------
    deals, steps, activities, as_of
        As in `actions`, of all deals.
    """

    def __init__(self, deals: pd.DataFrame, steps: pd.DataFrame, activities: pd.DataFrame, as_of: date) -> None:
        timed = ends(deals, as_of)
        self.keys = pd.Index(timed["opportunity_id"])
        self.timed = timed[["time", "cause"]].reset_index(drop=True)
        self.kinds, self.first = _first(timed, activities, as_of)
        self._steps, self._created, self._since = steps, columns.days(timed["created_on"]), dict[float, Days]()
        self._deal = columns.places(steps["opportunity_id"], timed["opportunity_id"])
        self._entered, self._place = columns.days(steps["entered_on"]), steps["place"].to_numpy(float)
        self._at = [self._places(day) for day in self.first]

    def half(self, kind: int, among: NDArray[np.intp]) -> float | None:
        """The place in the cycle at which half of the deals that ever had an action had had it; None without steps."""
        there = self._at[kind][among[self.first[kind][among] < columns.NEVER]]
        return float(np.sort(there)[(len(there) - 1) // 2]) if len(self._steps) else None

    def since(self, place: float | None) -> Days:
        """Days from each deal's creation until it reached a place or a later one; `columns.NEVER` if it never did."""
        if place is None:
            return np.zeros(len(self.keys), np.int64)
        if place not in self._since:
            there = np.flatnonzero((self._place >= place) & (self._deal >= 0))
            since = np.full(len(self.keys), columns.NEVER)
            np.minimum.at(since, self._deal[there], self._entered[there])
            waited = np.maximum(since - self._created, 0)
            self._since[place] = np.where(since < columns.NEVER, waited, columns.NEVER)
        return self._since[place]

    def stage(self, place: float | None) -> str:
        """What the stage at a place is called."""
        return "" if place is None else str(self._steps["stage"].iloc[int((self._place == place).argmax())])

    def _places(self, day: Days) -> NDArray[np.float64]:
        """Where in the cycle each deal was on its day; what was before the first stage belongs to the first."""
        until = np.where(day < columns.NEVER, day, -columns.NEVER)
        place = np.append(self._place, np.nan)[latest(self._deal, self._entered, self._place, until)]
        return np.where(np.isnan(place), np.nanmin(self._place, initial=np.inf), place)


def compared(paths: Paths, keys: pd.Series, rate: float = 0.1) -> pd.DataFrame:
    """`actions` of some of the deals, by their `opportunity_id`; a deal that cannot be timed is left out."""
    among = paths.keys.get_indexer(pd.Index(keys))
    among = among[among >= 0]
    timed = paths.timed.iloc[among]
    days = horizon(timed)
    had = [kind for kind in range(len(paths.kinds)) if (paths.first[kind][among] < columns.NEVER).any()]
    at = [paths.half(kind, among) for kind in had]
    counts = [
        _counts(timed, paths.since(place)[among], paths.first[kind][among], days)
        for kind, place in zip(had, at, strict=True)
    ]
    shares = _shares(np.array(counts, np.int64).reshape(len(had), 2, 3, days + 2), days)
    return _flagged([paths.kinds[kind] for kind in had], [paths.stage(place) for place in at], shares, rate, days)


def _first(timed: pd.DataFrame, activities: pd.DataFrame, as_of: date) -> tuple[list[str], list[Days]]:
    """The kinds of action, and the day on which each deal first had each: `columns.NEVER` where it had none."""
    end = columns.days(timed["closed_on"])
    end = np.where(end == columns.NEVER, np.datetime64(as_of, "D").astype(int), end)
    done, (kind, names) = columns.days(activities["done_on"]), columns.codes(activities["kind"])
    deal = columns.places(activities["opportunity_id"], timed["opportunity_id"])
    kept = np.flatnonzero((deal >= 0) & (kind >= 0))
    # What was done after a deal's end is not of it.
    kept = kept[done[kept] <= end[deal[kept]]]
    first = np.full((len(names), len(timed)), columns.NEVER)
    np.minimum.at(first.reshape(-1), kind[kept] * len(timed) + deal[kept], done[kept])
    order = sorted(range(len(names)), key=lambda at: str(names[at]))
    return [str(names[at]) for at in order], [first[at] for at in order]


def _counts(timed: pd.DataFrame, since: Days, day: Days, days: int) -> NDArray[np.int64]:
    """Deals with the action and without, of those that reached the stage, by cause and by days from then.

    Six lines of days + 2 cells; the last cell is for all that last longer than `days`.
    """
    time, cause = timed["time"].to_numpy(), timed["cause"].to_numpy()
    there = np.flatnonzero(since < columns.NEVER)
    # A stage may be entered on the books after the deal's end; it then ends the day it gets there.
    left = np.clip(time[there] - since[there], 0, days + 1)
    row = np.where(day[there] < columns.NEVER, 0, 3) + cause[there]
    return np.bincount(row * (days + 2) + left, minlength=6 * (days + 2))


def _shares(counts: NDArray[np.int64], days: int) -> Shares:
    """Share won within so many days, from counts (kinds, 2, 3, days + 2)."""
    curves = of_counts(np.arange(days + 2.0), counts, (1, 2))
    rows, won, error = counts.sum((-1, -2)), curves.incidence[1][..., days], curves.errors[1][..., days]
    low, high = (end[..., days] for end in curves.band(1))
    # Where nobody won there is no error to reckon with, and Wilson's interval has an upper end.
    some, any_ = won > 0, rows > 0
    low = np.where(some, low, np.where(any_, 0.0, np.nan))
    high = np.where(some, high, wilson(0, rows)[1])
    return Shares(np.where(any_, won, np.nan), low, high, np.where(some, error, np.nan), rows)


def _flagged(kinds: list[str], stages: list[str], shares: Shares, rate: float, days: int) -> pd.DataFrame:
    """The table: two lines a kind, with the tests, one a kind; the largest difference first."""
    from scipy.special import ndtr

    few = shares.rows.min(1) < MINIMUM_COUNT
    gap, error = shares.value[:, 0] - shares.value[:, 1], np.hypot(shares.error[:, 0], shares.error[:, 1])
    z = np.divide(np.abs(gap), error, out=np.full(len(gap), np.nan), where=~few & (error > 0))
    adjusted, flags = false_discovery(2 * ndtr(-z), rate)
    differs = np.where(flags, np.where(gap > 0, "higher", "lower"), np.where(few, "too few", ""))
    order = np.array(sorted(range(len(kinds)), key=lambda at: (np.isnan(gap[at]), -gap[at], kinds[at])), np.intp)
    reach = normal_quantile(0.95) * error
    twice = {
        "group": np.array(kinds, object), "stage": np.array(stages, object), "difference": gap, "below": gap - reach,
        "above": gap + reach, "p": adjusted, "differs": differs.astype(object),
    }  # fmt: skip
    table = pd.DataFrame(
        {name: np.repeat(column[order], 2) for name, column in twice.items()}
        | {name: getattr(shares, name)[order].ravel() for name in ("rows", "value", "low", "high")}
        | {"outcome": np.tile(np.array(["with", "without"], object), len(kinds))}
    )
    table.attrs["horizon"] = days
    return table
