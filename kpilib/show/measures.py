"""What a sentence speaks of, and how far two figures lie apart.

Two figures are told apart by the interval of their difference, which is put together from the two figures' own 95 %
intervals (MOVER).

Source: Zou & Donner, "Construction of confidence limits about effect measures", Statistics in Medicine 27 (2008)
1693–1702, eq. 2. With Wilson's intervals it is Newcombe's method 10 for two shares.
"""

from dataclasses import dataclass, field
from math import hypot
from statistics import NormalDist
from typing import Any

from kpilib import units
from kpilib.language import N_

from .words import Words, low, missing


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

    `name` and `of` are messages in English, said in the language of `words`. Not `binary` is a share of something else
    than the rows, of money say: it is so much "over" so many rows.
    """

    name: str
    unit: str
    of: str = N_("rows")
    better: str = "higher"
    words: Words = field(default_factory=Words)
    binary: bool = True

    @classmethod
    def of_kpi(cls, kpi: Any, words: Words = Words(), of: str = N_("rows")) -> "Measure":
        """The measure that a KPI of the catalogue is."""
        return cls(kpi.name, kpi.unit, of, kpi.better, words, kpi.binary)

    @property
    def said(self) -> str:
        """Its name inside a sentence, in the reader's language."""
        return low(self.words.say(self.name))

    @property
    def counted(self) -> str:
        """What its rows are called, in the reader's language."""
        return self.words.say(self.of)

    def text(self, row: Any) -> str:
        """A figure alone: "64.1%"."""
        return self.words.text(row["value"], self.unit)

    def value(self, row: Any) -> str:
        """A figure with what it rests on: "64.1% of 2,114 closed deals (62.0% to 66.1%)", "4.6% over 4,751 lines"."""
        say, between = self.words.say, self.words.interval(row["low"], row["high"], self.unit)
        given = {"value": self.text(row), "n": self.words.count(row["rows"]), "rows": self.counted}
        if self.unit == "share" and self.binary:
            if between:
                return say("{value} of {n} {rows} ({interval})", **given, interval=between)
            return say("{value} of {n} {rows}", **given)
        if between:
            return say("{value} over {n} {rows} ({interval})", **given, interval=between)
        return say("{value} over {n} {rows}", **given)

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


def p_value(p: float, words: Words = Words()) -> str:
    """How often chance alone would show as much: "p = 0.012", "p < 0.001".

    Examples
    --------
    >>> p_value(0.0123), p_value(0.00001)
    ('p = 0.012', 'p < 0.001')
    """
    said = small(p, words)
    return f"p {said}" if said.startswith("<") else f"p = {said}"


def small(p: float, words: Words = Words()) -> str:
    """A chance alone: "0.012", "< 0.001"; a dash where there is none."""
    if missing(p):
        return units.NOTHING
    least = units.text(max(p, 0.001), "ratio", locale=words.locale, precision=3)
    return f"< {least}" if p < 0.001 else least
