"""When deals end: how long each lasts, what share is won and lost by when, in which part of their life.

Frames in, frames out, with the columns of the panel "deals". Nothing is fetched, drawn or said here.
"""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from kpilib.compute import columns
from kpilib.stats.incidence import Incidence, cumulative_incidence, half_time, half_time_intervals
from kpilib.stats.ranking import MINIMUM_COUNT

#: How a deal ended, as the numbers of `stats.incidence`; 0 is still open.
CAUSES = {"open": 0, "won": 1, "lost": 2}
#: Days of the shortest window, and of what horizons are rounded up to.
STEP = 30


def ends(deals: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """How long each deal has lasted and how it ended; open ones last until `as_of`.

    Parameters
    ----------
    deals : DataFrame
        Columns `created_on`, `closed_on`, `status`.

    Returns
    -------
    DataFrame
        The deals with `time` (days from creation, 0 or more) and `cause` (0 open, 1 won, 2 lost). Deals without a
        creation, closed ones without a closing date, and those closed before they were created are left out.
    """
    start, end = columns.days(deals["created_on"]), columns.days(deals["closed_on"])
    # One comparison of text a status; what is neither open nor won is lost.
    still, won = ((deals["status"] == status).to_numpy(bool) for status in ("open", "won"))
    end = np.where(still, np.datetime64(as_of, "D").astype(int), end)
    known = (start <= end) & (end < columns.NEVER)
    timed = deals[known]
    timed["time"], timed["cause"] = (end - start)[known], np.select([still, won], [0, 1], 2)[known]
    return timed


def curves(timed: pd.DataFrame) -> Incidence:
    """The curves of what `ends` returned, which the functions below take as well, so as to reckon them once."""
    return cumulative_incidence(timed["time"].to_numpy(np.int64), timed["cause"].to_numpy(np.int64))


def incidence(timed: pd.DataFrame, of: Incidence | None = None) -> pd.DataFrame:
    """What share of deals was won, and what share lost, by so many days after creation; open deals count while open.

    Parameters
    ----------
    timed : DataFrame
        From `ends`.
    of : Incidence, optional
        Its `curves`.

    Returns
    -------
    DataFrame
        Columns `day`, `outcome` ("won", "lost"), `value`, `low`, `high` (shares, 95 %), `at_risk` (deals still open
        just before that day). It stops where fewer than `MINIMUM_COUNT` deals are left, for no curve means much there.
        Empty without deals.
    """
    of = of or curves(timed)
    kept = of.at_risk >= MINIMUM_COUNT
    seen = [outcome for outcome in ("won", "lost") if CAUSES[outcome] in of.incidence]
    parts = []
    for cause in (CAUSES[outcome] for outcome in seen):
        low, high = of.band(cause)
        parts.append({"day": of.times, "value": of.incidence[cause], "low": low, "high": high, "at_risk": of.at_risk})
    names = ("day", "value", "low", "high", "at_risk")
    made: dict[str, Any] = {
        name: np.concatenate([part[name][kept] for part in parts]) if parts else [] for name in names
    }
    made["outcome"] = np.repeat(np.array(seen, object), kept.sum())
    return pd.DataFrame(made)


def horizon(timed: pd.DataFrame) -> int:
    """The days by which nine of ten ends of the closed deals had come, up to the next thirty; 30 without any.

    `timed` is from `ends`.
    """
    closed = timed["time"].to_numpy(np.int64)[timed["cause"].to_numpy(np.int64) > 0]
    if not len(closed):
        return STEP
    late = float(np.quantile(closed, 0.9, method="inverted_cdf"))
    return max(STEP, int(np.ceil(late / STEP)) * STEP)


def windows(timed: pd.DataFrame, most: int = 8, of: Incidence | None = None) -> pd.DataFrame:
    """In which part of their life deals end: of those open at the start of each window, what share is won and lost.

    Parameters
    ----------
    timed : DataFrame
        From `ends`.
    most : int
        So many windows cover the `horizon`, or fewer; all are equally long, a multiple of 30 days.
    of : Incidence, optional
        Its `curves`.

    Returns
    -------
    DataFrame
        Columns `since`, `until` (days; from the first, before the second), `open` (deals at the start), `won`, `lost`
        (deals that ended so), `won_share`, `lost_share` (of those open at the start, with deals censored in between
        accounted for) and `open_share` (of all deals, still open at the window's end). A window with fewer than
        `MINIMUM_COUNT` deals at its start is left out, and those after it.
    """
    of, end = of or curves(timed), horizon(timed)
    width = STEP * -(-end // (STEP * most))
    time, cause = timed["time"].to_numpy(np.int64), timed["cause"].to_numpy(np.int64)
    # Deals by window, those that last beyond the last one together, and by how they ended.
    place = np.minimum(time, end) // width
    counts = np.bincount(place * 3 + cause, minlength=(end // width + 1) * 3).reshape(-1, 3)
    at_risk = counts.sum(1)[::-1].cumsum()[::-1]
    rows, before = [], {"won": 0.0, "lost": 0.0, "open": 1.0}
    for at, (since, until) in enumerate(pairwise(range(0, end + 1, width))):
        if at_risk[at] < MINIMUM_COUNT or before["open"] <= 0:
            break
        after = _by(of, until)
        row: dict[str, float] = {"since": since, "until": until, "open": int(at_risk[at])}
        for outcome in ("won", "lost"):
            row[outcome] = int(counts[at, CAUSES[outcome]])
            row[f"{outcome}_share"] = (after[outcome] - before[outcome]) / before["open"]
        rows.append({**row, "open_share": after["open"]})
        before = after
    names = ["since", "until", "open", "won", "lost", "won_share", "lost_share", "open_share"]
    return pd.DataFrame({name: [row[name] for row in rows] for name in names}, columns=names)


def halves(timed: pd.DataFrame, of: Incidence | None = None) -> dict[str, tuple[float, float, float]]:
    """By which day half of the wins, and half of the losses, as far as seen, had come: (day, low, high) each.

    From `ends`; the interval by bootstrap, see `stats.incidence.half_time_interval`. An outcome that was never seen is
    left out.
    """
    of = of or curves(timed)
    ends = half_time_intervals(timed["time"].to_numpy(np.int64), timed["cause"].to_numpy(np.int64))
    return {outcome: (half_time(of, cause), *ends[cause]) for outcome, cause in CAUSES.items() if cause in of.incidence}


def _by(curves: Incidence, until: int) -> dict[str, float]:
    """Share won, lost and still open just before a day."""
    at = int(np.searchsorted(curves.times, until, side="left")) - 1
    shares = {
        outcome: float(curves.incidence[cause][at]) if cause in curves.incidence and at >= 0 else 0.0
        for outcome, cause in CAUSES.items()
        if cause
    }
    return {**shares, "open": float(curves.survival[at]) if at >= 0 else 1.0}
