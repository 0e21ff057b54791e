"""How leads convert: by when, in which share, cohort by cohort, and what to expect of sources of different sizes.

Rows of the panel "leads" in, frames out; a lead that has not converted counts for as long as it has been seen, so that
young leads neither spoil a share nor are left out of it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpilib.periods import label, month_of
from kpilib.stats.discovery import false_discovery
from kpilib.stats.incidence import Incidence, cumulative_incidence, half_time, half_time_interval
from kpilib.stats.intervals import wilson
from kpilib.stats.proportions import two_proportion_p
from kpilib.stats.ranking import MINIMUM_COUNT, Shrunk, shrink
from kpilib.stats.survival import logrank

#: The columns of the panel that are read here.
READ = ("created_on", "days", "age")
#: Ages in days at which cohorts are compared.
AGES = (7, 14, 30, 60, 90, 120, 180, 365)
#: Curves end here: later conversions are few, and rarely the work of what brought the lead.
HORIZON = 365
_CURVE = ("time", "value", "low", "high", "at_risk")
Floats = NDArray[np.float64]


def followed(leads: pd.DataFrame) -> pd.DataFrame:
    """How long each lead has been followed, and whether it converted at the end of that.

    Parameters
    ----------
    leads : DataFrame
        Rows of the panel "leads" with `days` (to its conversion, NaN without one) and `age` (days until today).

    Returns
    -------
    DataFrame
        The leads with `time` (days) and `converted` (0 or 1). Leads that converted before they came are left out.
    """
    days, age = leads["days"].to_numpy(float), leads["age"].to_numpy(float)
    known = ~(days < 0)
    converted = ~np.isnan(days)
    return leads[known].assign(time=np.where(converted, days, age)[known], converted=converted[known].astype(int))


def curve(leads: pd.DataFrame) -> pd.DataFrame:
    """The share converted by so many days, leads counted as far as they have been seen (Kaplan–Meier, upside down).

    Parameters
    ----------
    leads : DataFrame
        From `followed`.

    Returns
    -------
    DataFrame
        time (days, whole, from 0 to `HORIZON`), value, low, high (shares, 95 %), at_risk. It ends where fewer than
        `MINIMUM_COUNT` leads are still followed. Empty where there are fewer from the start.
    """
    of = _incidence(leads)
    days = np.arange(HORIZON + 1)
    # Those still followed on a day: whose last day seen is that one or a later one.
    at_risk = len(leads) - np.searchsorted(np.sort(leads["time"].to_numpy(float)), days, side="left")
    days = days[at_risk >= MINIMUM_COUNT]
    value, low, high = _at(of, days)
    return pd.DataFrame(dict(zip(_CURVE, (days, value, low, high, at_risk[: len(days)]), strict=True)))


def by_age(leads: pd.DataFrame, age: int) -> tuple[float, float, float]:
    """The share converted by an age in days, with its interval; NaN where too few are followed so long."""
    drawn = curve(leads)
    if len(drawn) <= age:
        return np.nan, np.nan, np.nan
    row = drawn.iloc[age]
    return float(row["value"]), float(row["low"]), float(row["high"])


def half(leads: pd.DataFrame) -> tuple[float, float, float]:
    """By which day half of those had converted who did, with its bootstrap interval; NaN where none did.

    Leads that are still open count as far as they have been seen. Where the data end before the slow ones convert, it
    comes too early: see `stats.incidence.half_time`.
    """
    of = _incidence(leads)
    low, high = half_time_interval(leads["time"].to_numpy(float), leads["converted"].to_numpy(int))
    return half_time(of), low, high


def compared(leads: pd.DataFrame, by: str) -> pd.DataFrame:
    """Each group's leads, conversions, share by 90 and by 365 days, and the day by which half had converted.

    Parameters
    ----------
    leads : DataFrame
        From `followed`, with the column `by`.

    Returns
    -------
    DataFrame
        group, leads, converted, value, low, high (by 90 days), late (by 365 days), half, half_low, half_high; the
        largest group first.
    """
    lines = []
    for name, own in leads.groupby(by, sort=True):
        value, low, high = by_age(own, 90)
        middle, first, last = half(own)
        lines.append(
            {"group": str(name), "leads": len(own), "converted": int(own["converted"].sum()), "value": value,
             "low": low, "high": high, "late": by_age(own, HORIZON)[0], "half": middle, "half_low": first,
             "half_high": last}
        )  # fmt: skip
    frame = pd.DataFrame(lines)
    return frame.sort_values(["leads", "group"], ascending=[False, True], ignore_index=True) if lines else frame


def differ(leads: pd.DataFrame, by: str) -> dict[str, float]:
    """Whether the curves of the groups differ by more than chance: groups, chi2, p (log-rank, large groups only)."""
    sizes = leads[by].map(leads[by].value_counts())
    large = leads[(sizes >= MINIMUM_COUNT).to_numpy(bool)]
    # Half a day, so that who converts on the first day was a lead for a moment.
    time = large["time"].to_numpy(float) + 0.5
    found = logrank(np.zeros(len(large)), time, large["converted"].to_numpy(float), large[by].to_numpy(str))
    return {"groups": int(large[by].nunique()), "chi2": found.chi2, "p": found.p}


def cohorts(leads: pd.DataFrame) -> pd.DataFrame:
    """Of the leads of each quarter, what share had converted by each age.

    Parameters
    ----------
    leads : DataFrame
        From `followed`, with `created_on`.

    Returns
    -------
    DataFrame
        cohort, leads, age (days, those of `AGES`), known (leads that old), converted, value, low, high (Wilson),
        complete (all of the cohort are that old). An age that none of a cohort has reached has no cell.
    """
    quarter = np.array([month_of(day) // 3 for day in pd.to_datetime(leads["created_on"]).dt.date], np.int64)
    lines = [
        cell for one in np.unique(quarter).tolist() for cell in _cells(label(one, "quarter"), leads[quarter == one])
    ]
    frame = pd.DataFrame(lines, columns=["cohort", "leads", "age", "known", "converted", "complete"])
    frame["low"], frame["high"] = wilson(frame["converted"], frame["known"])
    return frame.assign(value=frame["converted"] / frame["known"])


def _cells(cohort: str, own: pd.DataFrame) -> list[dict[str, Any]]:
    old, time, done = (own[name].to_numpy(float) for name in ("age", "time", "converted"))
    cells = []
    for age in AGES:
        reached = old >= age
        if reached.any():
            converted = int((reached & (done == 1) & (time <= age)).sum())
            cells.append(
                {"cohort": cohort, "leads": len(own), "age": age, "known": int(reached.sum()), "converted": converted,
                 "complete": bool(reached.all())}
            )  # fmt: skip
    return cells


def expected(groups: pd.DataFrame) -> pd.DataFrame:
    """What to expect of each group, its own share drawn towards that of all by as much as its size leaves in doubt.

    Parameters
    ----------
    groups : DataFrame
        Columns group, numerator (converted), denominator (leads old enough): as `Book.kpi` answers.

    Returns
    -------
    DataFrame
        The groups with `expected`, `expected_low`, `expected_high` (95 %, NaN where the groups differ no more than by
        chance and all are expected alike), `q` (the chance that it is like all, every group looked at allowed for),
        `found` (q below 5 %) and `small`; the most to be expected first, those of fewer than `MINIMUM_COUNT` leads
        last.
    """
    n, d = groups["numerator"].to_numpy(float), groups["denominator"].to_numpy(float)
    shrunk = shrink(n, d)
    apart = _apart(n, d)
    q, found = false_discovery(np.where(d >= MINIMUM_COUNT, apart, np.nan))
    low, high = _likely(n, d, shrunk)
    small = d < MINIMUM_COUNT
    frame = groups.assign(expected=shrunk.expected, expected_low=low, expected_high=high, q=q, found=found, small=small)
    return frame.sort_values(["small", "expected", "group"], ascending=[True, False, True], ignore_index=True)


def _likely(n: Floats, d: Floats, shrunk: Shrunk) -> tuple[Floats, Floats]:
    """Between which shares a group's own lies: its records and those that the others stand for (beta, 95 %)."""
    from scipy.special import betaincinv

    if not np.isfinite(shrunk.prior):
        return np.full(len(n), np.nan), np.full(len(n), np.nan)
    a, b = n + shrunk.prior * shrunk.overall, d - n + shrunk.prior * (1 - shrunk.overall)
    able = (a > 0) & (b > 0)
    ends = (betaincinv(np.where(able, a, 1.0), np.where(able, b, 1.0), share) for share in (0.025, 0.975))
    low, high = (np.where(able, end, np.nan) for end in ends)
    return low, high


def _apart(n: Floats, d: Floats) -> Floats:
    """How often chance alone would set a group so far apart from all the others together."""
    rest_n, rest_d = n.sum() - n, d.sum() - d
    able = (d > 0) & (rest_d > 0)
    p = np.full(len(n), np.nan)
    p[able] = two_proportion_p(n[able], d[able], rest_n[able], rest_d[able])
    return p


def _incidence(leads: pd.DataFrame) -> Incidence:
    return cumulative_incidence(leads["time"].to_numpy(float), leads["converted"].to_numpy(int))


def _at(of: Incidence, days: NDArray[Any]) -> tuple[Floats, Floats, Floats]:
    """The share converted by each day and its interval; none before the first conversion."""
    nothing = np.zeros(len(of.times))
    low, high = of.band(1)
    place = np.searchsorted(of.times, days, side="right")
    value = of.incidence.get(1, nothing)
    return tuple(  # type: ignore[return-value]
        np.concatenate([[0.0], np.nan_to_num(column)])[place] for column in (value, low, high)
    )
