"""Findings as computed sentences. None claims a difference that the intervals do not support.

Two figures are told apart by the interval of their difference, which is put together from the two figures' own 95 %
intervals (MOVER); the best and the worst of several groups are told apart at a level made stricter by the number of
pairs they were chosen from (Bonferroni), for the largest of many gaps is large by choice.

Source: Zou & Donner, "Construction of confidence limits about effect measures", Statistics in Medicine 27 (2008)
1693–1702, eq. 2. With Wilson's intervals it is Newcombe's method 10 for two shares.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import hypot
from statistics import NormalDist
from typing import Any

import pandas as pd

from .words import MINIMUM, Words, low, missing

EMPTY = "Nothing to show: no row matches."


@dataclass(frozen=True)
class Gap:
    """A difference of two figures and its interval; missing where one of the figures has none."""

    value: float
    low: float
    high: float

    @property
    def supported(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Measure:
    """What a sentence speaks of: "win rate", a "share" of "closed deals", better "higher".

    Not `binary` is a share of something else than the rows, of money say: it is so much "over" so many rows.
    """

    name: str
    unit: str
    of: str = "rows"
    better: str = "higher"
    words: Words = field(default_factory=Words)
    binary: bool = True

    @classmethod
    def of_kpi(cls, kpi: Any, words: Words = Words(), of: str = "rows") -> "Measure":
        """The measure that a KPI of the catalogue is."""
        return cls(low(kpi.name), kpi.unit, of, kpi.better, words, kpi.binary)

    def value(self, row: Any) -> str:
        """A figure with what it rests on: "64.1% of 2,114 closed deals (62.0% to 66.1%)", "4.6% over 4,751 lines"."""
        counted = (
            f"{'of' if self.unit == 'share' and self.binary else 'over'} {self.words.count(row['rows'])} {self.of}"
        )
        between = self.words.interval(row["low"], row["high"], self.unit)
        return f"{self.words.text(row['value'], self.unit)} {counted}{f' ({between})' if between else ''}"

    def distance(self, gap: float) -> str:
        """A difference without its sign; of shares, in percentage points."""
        return self.words.difference(abs(gap), self.unit).removeprefix("+")


def gap(one: Any, other: Any, pairs: int = 1) -> Gap:
    """The difference of two rows' values, with an interval at 95 % over all `pairs` it was chosen from.

    Parameters
    ----------
    one, other : mapping
        With `value`, `low`, `high`: independent figures with their 95 % intervals.
    pairs : int
        How many pairs there were to choose from.

    Returns
    -------
    Gap
        With a missing interval where a figure has none: such a difference is never supported. Widening by a factor, as
        is done for several pairs, is exact for normal intervals and close for the others.
    """
    value = one["value"] - other["value"]
    if any(missing(row[side]) for row in (one, other) for side in ("low", "high")):
        return Gap(value, float("nan"), float("nan"))
    wider = NormalDist().inv_cdf(1 - 0.025 / max(1, pairs)) / NormalDist().inv_cdf(0.975)
    below = wider * hypot(one["value"] - one["low"], other["high"] - other["value"])
    above = wider * hypot(one["high"] - one["value"], other["value"] - other["low"])
    return Gap(value, value - below, value + above)


def best_and_worst(frame: pd.DataFrame, measure: Measure, minimum: int = MINIMUM) -> str:
    """Which group stands first and which last, and whether chance explains the gap.

    Parameters
    ----------
    frame : DataFrame
        Columns `group`, `value`, `low`, `high`, `rows`.
    measure : Measure
        With ``better="lower"`` the first is the lowest.
    minimum : int
        Groups of fewer rows take no part.
    """
    if not _rows(frame):
        return EMPTY
    ranked = _ranked(frame, measure, minimum)
    if not ranked:
        return f"No group has {minimum} {measure.of} or more; none is ranked."
    first, last = ranked[0], ranked[-1]
    if len(ranked) == 1:
        return f"Only {first['group']} has {minimum} {measure.of} or more: {measure.value(first)}."
    top, bottom = ("lowest", "highest") if measure.better == "lower" else ("highest", "lowest")
    lead = f"{first['group']} has the {top} {measure.name}: {measure.value(first)}"
    if first["value"] == last["value"]:
        same = measure.words.text(first["value"], measure.unit)
        return f"All {len(ranked)} groups have the same {measure.name}: {same}."
    return f"{lead}; {_verdict(first, last, bottom, measure, len(ranked))}."


def share_of_total(frame: pd.DataFrame, measure: Measure, first: int = 3) -> str:
    """What part of a total the largest group makes up, and the largest few together.

    Parameters
    ----------
    frame : DataFrame
        As `tables.with_shares` returns it: `group`, `value`, `share`, `cumulative`, the largest first.
    """
    if frame.empty or frame["value"].isna().all():
        return EMPTY
    words, total = measure.words, measure.words.text(frame["value"].sum(), measure.unit)
    if frame["share"].isna().any():
        return f"The {measure.name} is {total} in all; with negative parts, or none, it has no shares."
    largest, part = frame["group"].iloc[0], words.text(frame["share"].iloc[0], "share")
    lead = f"{largest} makes up {part} of the {measure.name} of {total}"
    if len(frame) <= first:
        return f"{lead}."
    return (
        f"{lead}; the first {first} of {len(frame)} groups, {words.text(frame['cumulative'].iloc[first - 1], 'share')}."
    )


def trend(frame: pd.DataFrame, measure: Measure) -> str:
    """From the first to the last complete period: up, down, or not to be told from chance.

    Parameters
    ----------
    frame : DataFrame
        Columns `period`, `value`, `low`, `high`, `rows`, `complete`, in the order of time.
    """
    if not _rows(frame):
        return EMPTY
    known = frame[frame["value"].notna()]
    whole = known[known["complete"]]
    left = [str(period) for period in known.loc[~known["complete"], "period"]]
    aside = f" {' and '.join(left)} {'is' if len(left) == 1 else 'are'} not over, and left out." if left else ""
    if len(whole) < 2:
        only = f"{whole['period'].iloc[0]}: {measure.value(whole.iloc[0])}. " if len(whole) else ""
        return f"{only}It takes two complete periods to speak of a trend.{aside}"
    start, end = whole.iloc[0], whole.iloc[-1]
    words = measure.words
    said = (
        f"{_high(measure.name)} was {words.text(start['value'], measure.unit)} in {start['period']} and "
        f"{words.text(end['value'], measure.unit)} in {end['period']}"
    )
    return f"{said}; {_change(end, start, measure)}.{aside}"


def one_value(frame: pd.DataFrame, measure: Measure) -> str:
    """A single figure in a sentence: "The win rate is 64.1% of 2,114 closed deals (62.0% to 66.1%)."."""
    known = frame[frame["value"].notna()]
    if not _rows(frame) or known.empty:
        return EMPTY
    return f"The {measure.name} is {measure.value(known.iloc[0])}."


def discoveries(found: Sequence[str], tested: int, rate: float = 0.1, words: Words = Words()) -> str:
    """Which of many groups stand out, when false alarms are held to a rate.

    Parameters
    ----------
    found : sequence of str
        The groups that `kpilib.stats.intervals.false_discovery` flagged.
    tested : int
        How many were looked at.
    rate : float
        The false-discovery rate that was held, 0 to 1.
    """
    held = words.text(rate, "share")
    if tested == 0:
        return EMPTY
    if not found:
        return (
            f"None of the {tested} groups stands out: their differences are no larger than chance can make among "
            f"{tested} alike groups."
        )
    names = ", ".join(found[:5]) + (f" and {len(found) - 5} more" if len(found) > 5 else "")
    verb = "stands" if len(found) == 1 else "stand"
    said = f"{len(found)} of {tested} groups {verb} out ({names})"
    return f"{said}; on average no more than {held} of such flags are false alarms."


def _ranked(frame: pd.DataFrame, measure: Measure, minimum: int) -> list[Any]:
    known = frame[frame["value"].notna() & (frame["rows"] >= minimum)]
    ordered = known.sort_values(["value", "group"], ascending=[measure.better == "lower", True])
    return [row for _, row in ordered.iterrows()]


def _verdict(first: Any, last: Any, bottom: str, measure: Measure, groups: int) -> str:
    pairs = groups * (groups - 1) // 2
    named = f"{last['group']}, the {bottom}"
    between = gap(first, last, pairs)
    to = f"the gap to {named} ({measure.words.text(last['value'], measure.unit)})"
    if missing(between.low):
        return f"{to} has no interval, so that chance cannot be told from a difference"
    if not between.supported:
        return f"{to} is not distinguishable from chance"
    low, high = sorted((abs(between.low), abs(between.high)))
    of = f" over {pairs} pairs" if pairs > 1 else ""
    return (
        f"{named}, has {measure.value(last)}. "
        f"The gap of {measure.distance(between.value)} is more than chance explains "
        f"(95% interval{of}: {measure.distance(low)} to {measure.distance(high)})"
    )


def _change(end: Any, start: Any, measure: Measure) -> str:
    between = gap(end, start)
    if missing(between.low):
        return "it has no interval, so that chance cannot be told from a change"
    if not between.supported:
        return "the change is not distinguishable from chance"
    verb = "rise" if between.value > 0 else "fall"
    low, high = sorted((abs(between.low), abs(between.high)))
    return (
        f"the {verb} of {measure.distance(between.value)} is more than chance explains "
        f"(95% interval: {measure.distance(low)} to {measure.distance(high)})"
    )


def _rows(frame: pd.DataFrame) -> bool:
    return len(frame) > 0 and bool(frame["rows"].sum() > 0)


def _high(name: str) -> str:
    return name[:1].upper() + name[1:]
