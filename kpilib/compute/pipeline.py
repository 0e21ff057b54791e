"""What deals tell beyond sums: when, where and why they end, which stand out, which weigh most.

Frames in, frames out, with the columns of the panels "deals", "opportunity_months", "stage_steps" and "activities".
Nothing is fetched, drawn or said here. What goes with winning stands in `actions`, how forecasts did in `forecast`.
"""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd

from kpilib.model.dimensions import NOT_GIVEN
from kpilib.stats.incidence import Incidence, cumulative_incidence, half_time, half_time_interval
from kpilib.stats.intervals import false_discovery, two_proportion_p, wilson
from kpilib.stats.ranking import MINIMUM_COUNT

#: How a deal ended, as the numbers of `stats.incidence`; 0 is still open.
CAUSES = {"open": 0, "won": 1, "lost": 2}
#: Days of the shortest window, and of what horizons are rounded up to.
STEP = 30


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
    start, end = pd.to_datetime(deals["created_on"]), pd.to_datetime(deals["closed_on"])
    end = end.where(deals["status"] != "open", pd.Timestamp(as_of))
    time = (end - start).dt.days
    known = time >= 0
    timed = deals.assign(time=time, cause=deals["status"].map(CAUSES))[known]
    return timed.astype({"time": int, "cause": int})


def incidence(timed: pd.DataFrame) -> pd.DataFrame:
    """What share of deals was won, and what share lost, by so many days after creation; open deals count while open.

    Parameters
    ----------
    timed : DataFrame
        From `ends`.

    Returns
    -------
    DataFrame
        Columns `day`, `outcome` ("won", "lost"), `value`, `low`, `high` (shares, 95 %), `at_risk` (deals still open
        just before that day). It stops where fewer than `MINIMUM_COUNT` deals are left, for no curve means much there.
        Empty without deals.
    """
    curves = cumulative_incidence(timed["time"], timed["cause"])
    kept = curves.at_risk >= MINIMUM_COUNT
    parts = []
    for outcome in ("won", "lost"):
        if CAUSES[outcome] in curves.incidence:
            low, high = curves.band(CAUSES[outcome])
            value = curves.incidence[CAUSES[outcome]]
            part = {"value": value, "low": low, "high": high, "at_risk": curves.at_risk, "day": curves.times}
            parts.append(pd.DataFrame(part)[kept].assign(outcome=outcome))
    columns = ["day", "outcome", "value", "low", "high", "at_risk"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def horizon(timed: pd.DataFrame) -> int:
    """The days by which nine of ten ends of the closed deals had come, up to the next thirty; 30 without any.

    `timed` is from `ends`.
    """
    closed = timed.loc[timed["cause"] > 0, "time"]
    if closed.empty:
        return STEP
    late = float(np.quantile(closed, 0.9, method="inverted_cdf"))
    return max(STEP, int(np.ceil(late / STEP)) * STEP)


def windows(timed: pd.DataFrame, most: int = 8) -> pd.DataFrame:
    """In which part of their life deals end: of those open at the start of each window, what share is won and lost.

    Parameters
    ----------
    timed : DataFrame
        From `ends`.
    most : int
        So many windows cover the `horizon`, or fewer; all are equally long, a multiple of 30 days.

    Returns
    -------
    DataFrame
        Columns `since`, `until` (days; from the first, before the second), `open` (deals at the start), `won`, `lost`
        (deals that ended so), `won_share`, `lost_share` (of those open at the start, with deals censored in between
        accounted for) and `open_share` (of all deals, still open at the window's end). A window with fewer than
        `MINIMUM_COUNT` deals at its start is left out, and those after it.
    """
    width = STEP * -(-horizon(timed) // (STEP * most))
    curves, rows = cumulative_incidence(timed["time"], timed["cause"]), []
    before = {"won": 0.0, "lost": 0.0, "open": 1.0}
    for since, until in pairwise(range(0, horizon(timed) + 1, width)):
        at_risk = int((timed["time"] >= since).sum())
        if at_risk < MINIMUM_COUNT or before["open"] <= 0:
            break
        within = timed[(timed["time"] >= since) & (timed["time"] < until)]
        after = _by(curves, until)
        row: dict[str, float] = {"since": since, "until": until, "open": at_risk}
        for outcome in ("won", "lost"):
            row[outcome] = int((within["cause"] == CAUSES[outcome]).sum())
            row[f"{outcome}_share"] = (after[outcome] - before[outcome]) / before["open"]
        rows.append({**row, "open_share": after["open"]})
        before = after
    columns = ["since", "until", "open", "won", "lost", "won_share", "lost_share", "open_share"]
    return pd.DataFrame(rows, columns=columns)


def halves(timed: pd.DataFrame) -> dict[str, tuple[float, float, float]]:
    """By which day half of the wins, and half of the losses, as far as seen, had come: (day, low, high) each.

    From `ends`; the interval by bootstrap, see `stats.incidence.half_time_interval`. An outcome that was never seen is
    left out.
    """
    curves = cumulative_incidence(timed["time"], timed["cause"])
    return {
        outcome: (half_time(curves, cause), *half_time_interval(timed["time"], timed["cause"], cause))
        for outcome, cause in CAUSES.items()
        if cause in curves.incidence
    }


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
    ordered = steps.assign(entered_on=pd.to_datetime(steps["entered_on"])).sort_values(["entered_on", "place"])
    last = ordered.drop_duplicates("opportunity_id", keep="last")[["opportunity_id", "stage", "place"]]
    placed = lost.drop(columns=["stage", "place"], errors="ignore").merge(last, on="opportunity_id", how="left")
    placed = placed.assign(group=placed["stage"].fillna(NOT_GIVEN))
    grouped = placed.groupby("group").agg(
        rows=("group", "size"), amount=("amount", _sum), days=("days", "median"), place=("place", "min")
    )
    return _shares(grouped.sort_values("place", na_position="last").reset_index().drop(columns="place"))


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
    known = deals[deals["reason"].notna() & (deals["reason"] != NOT_GIVEN)]
    grouped = known.groupby("reason").agg(rows=("reason", "size"), amount=("amount", _sum))
    ordered = grouped.rename_axis("group").reset_index().sort_values(["rows", "group"], ascending=[False, True])
    return _shares(ordered.reset_index(drop=True))


def leads_by_chance(frame: pd.DataFrame) -> bool:
    """Whether the first of groups, the most frequent before the next, may lead the second by chance alone.

    The two counts are held against an even split, at a level made stricter by the number of groups (Bonferroni).
    """
    first, second = frame["rows"].iloc[:2]
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
    chance = months["probability"] if months["probability"].notna().any() else 1.0
    weighed = months.assign(weighted=months["amount"] * chance)
    order = ["weighted", "amount", "age"]
    return weighed.sort_values(order, ascending=False, na_position="last", kind="stable").head(first)


def _by(curves: Incidence, until: int) -> dict[str, float]:
    """Share won, lost and still open just before a day."""
    at = int(np.searchsorted(curves.times, until, side="left")) - 1
    shares = {
        outcome: float(curves.incidence[cause][at]) if cause in curves.incidence and at >= 0 else 0.0
        for outcome, cause in CAUSES.items()
        if cause
    }
    return {**shares, "open": float(curves.survival[at]) if at >= 0 else 1.0}


def _shares(grouped: pd.DataFrame) -> pd.DataFrame:
    total = grouped["rows"].sum()
    low, high = wilson(grouped["rows"], total)
    return grouped.assign(value=grouped["rows"] / total, low=low, high=high)


def _sum(amounts: pd.Series) -> float:
    """A sum that is missing where nothing was observed."""
    return float(amounts.sum(min_count=1))
