"""Which actions go with winning: deals with and without an action, among those that got to the stage where it is taken.

An early loss had no time for a site visit; to count it as "without" would credit the visit with what time did.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from kpilib.compute.pipeline import CAUSES, ends, horizon
from kpilib.stats.incidence import cumulative_incidence
from kpilib.stats.intervals import false_discovery, normal_quantile, wilson
from kpilib.stats.ranking import MINIMUM_COUNT

_MEASURED = ["group", "stage", "outcome", "rows", "value", "low", "high", "difference", "below", "above"]


class Share(NamedTuple):
    """Share won by a day, its interval and standard error, and the deals it rests on."""

    value: float
    low: float
    high: float
    error: float
    rows: int


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
        `value`, `low`, `high` (share won within `pipeline.horizon` days of reaching it, 95 %), `difference`, `below`,
        `above` (with − without, 95 %), `p` (adjusted) and `differs` as in `pipeline.stand_out`. The largest difference
        first; empty without actions. ``attrs["horizon"]`` holds the days.

    Notes
    -----
    Shares by Aalen–Johansen, so that open deals count as long as they were followed; their difference at a fixed day
    as Klein, Logan, Harhoff and Andersen (2007), Statistics in Medicine 26:4505. Misleads in that the deals were not
    drawn by lot: salespeople visit whom they expect to win, and a deal that lives longer has more time for an action.
    """
    timed = ends(deals, as_of)
    days = horizon(timed)
    steps = steps.assign(entered_on=pd.to_datetime(steps["entered_on"]).dt.normalize())
    first = _first(timed, activities, as_of)
    places = _places(first, steps)
    stages = steps.drop_duplicates("place").set_index("place")["stage"]
    pairs = []
    for kind in sorted(first["kind"].unique()):
        there = _reached(timed, steps, places.get(kind))
        mine = there["opportunity_id"].isin(first.loc[first["kind"] == kind, "opportunity_id"])
        stage = str(stages.get(places.get(kind, -1), ""))
        pairs.append((str(kind), stage, _won_by(there[mine], days), _won_by(there[~mine], days)))
    table = pd.DataFrame([line for pair in pairs for line in _lines(*pair)], columns=_MEASURED)
    return _flagged(table, pairs, rate, days)


def _first(timed: pd.DataFrame, activities: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """The first action of each kind in each deal, not later than the deal's end."""
    end = pd.to_datetime(timed["closed_on"]).fillna(pd.Timestamp(as_of))
    known = activities.dropna(subset=["opportunity_id", "kind"])
    dated = known.assign(done_on=pd.to_datetime(known["done_on"]).dt.normalize())
    mine = dated.merge(timed[["opportunity_id"]].assign(end=end), on="opportunity_id")
    return mine[mine["done_on"] <= mine["end"]].sort_values("done_on").drop_duplicates(["opportunity_id", "kind"])


def _places(first: pd.DataFrame, steps: pd.DataFrame) -> dict[str, float]:
    """For each kind, the place in the cycle at which half of its first actions have been taken."""
    if steps.empty or first.empty:
        return {}
    entered = steps.sort_values(["entered_on", "place"])[["opportunity_id", "entered_on", "place"]]
    at = pd.merge_asof(first, entered, left_on="done_on", right_on="entered_on", by="opportunity_id")
    # What was done before the first stage was entered belongs to the first.
    at["place"] = at["place"].fillna(steps["place"].min())
    return {
        str(kind): float(np.quantile(place, 0.5, method="inverted_cdf")) for kind, place in at.groupby("kind")["place"]
    }


def _reached(timed: pd.DataFrame, steps: pd.DataFrame, place: float | None) -> pd.DataFrame:
    """The deals that reached a place in the cycle, their time counted from then; all of them without a place."""
    if place is None:
        return timed
    since = steps[steps["place"] >= place].groupby("opportunity_id")["entered_on"].min()
    there = timed[timed["opportunity_id"].isin(since.index)]
    waited = there["opportunity_id"].map(since) - pd.to_datetime(there["created_on"])
    # A stage may be entered on the books after the deal's end; it then ends the day it gets there.
    return there.assign(time=(there["time"] - waited.dt.days.clip(lower=0)).clip(lower=0))


def _won_by(timed: pd.DataFrame, days: int) -> Share:
    """Share won within so many days."""
    nan = float("nan")
    if timed.empty:
        return Share(nan, nan, nan, nan, 0)
    curves = cumulative_incidence(timed["time"], timed["cause"])
    at = int(np.searchsorted(curves.times, days, side="right")) - 1
    won = CAUSES["won"]
    if at < 0 or won not in curves.incidence or not curves.incidence[won][at] > 0:
        return Share(0.0, 0.0, float(wilson(0, len(timed))[1]), nan, len(timed))
    low, high = curves.band(won)
    value, error = curves.incidence[won][at], curves.errors[won][at]
    return Share(float(value), float(low[at]), float(high[at]), float(error), len(timed))


def _lines(kind: str, stage: str, done: Share, left: Share) -> list[tuple[object, ...]]:
    difference = done.value - left.value
    reach = normal_quantile(0.95) * float(np.hypot(done.error, left.error))
    gap = (difference, difference - reach, difference + reach)
    return [
        (kind, stage, outcome, share.rows, share.value, share.low, share.high, *gap)
        for outcome, share in (("with", done), ("without", left))
    ]


def _flagged(table: pd.DataFrame, pairs: list[tuple[str, str, Share, Share]], rate: float, days: int) -> pd.DataFrame:
    """Add the tests, one a kind, and order the kinds by their difference."""
    from scipy.special import ndtr

    few = np.array([min(done.rows, left.rows) < MINIMUM_COUNT for *_, done, left in pairs], bool)
    gap = np.array([done.value - left.value for *_, done, left in pairs], float)
    error = np.array([np.hypot(done.error, left.error) for *_, done, left in pairs], float)
    usable = ~few & (error > 0)
    z = np.divide(np.abs(gap), error, out=np.full(len(gap), np.nan), where=usable)
    adjusted, flags = false_discovery(2 * ndtr(-z), rate)
    differs = np.where(flags, np.where(gap > 0, "higher", "lower"), np.where(few, "too few", ""))
    tested = table.assign(p=np.repeat(adjusted, 2), differs=np.repeat(differs, 2))
    ordered = tested.sort_values(["difference", "group", "outcome"], ascending=[False, True, True], kind="stable")
    ordered = ordered.reset_index(drop=True)
    ordered.attrs["horizon"] = days
    return ordered
