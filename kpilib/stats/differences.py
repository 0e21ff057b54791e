"""How far two independent figures lie apart, how sure one can be of it, and how often chance alone would do as much.

The interval of a difference is put together from the two figures' own (MOVER). Of two shares with Wilson's intervals it
is Newcombe's method 10; of two means or ratios it is the delta method on independent rows. The p-value is the level at
which that interval touches zero, so that p < 0.05 and "the 95 % interval leaves out zero" say the same.

Source: Zou and Donner (2008), Statistics in Medicine 27:1693, eq. 2; Newcombe (1998), Statistics in Medicine 17:873.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import erfc, exp, hypot, isnan, log, nan, sqrt

#: Half width of a 95 % interval in standard errors.
Z95 = 1.959963984540054
#: So many standard errors are beyond what a floating-point number can tell from certainty.
_FAR = 37.0


@dataclass(frozen=True)
class Figure:
    """A value with its 95 % interval, and how the interval grows where more is asked of it.

    Parameters
    ----------
    value, low, high : float
        In any unit; NaN ends where there is no interval.
    kind : {"normal", "share", "mean", "log", "exact"}
        "share": Wilson's, of `trials`; "mean": Student's t with `trials` − 1 degrees of freedom; "log": symmetric on
        the log scale; "exact": known without error, as a target is; else in proportion to the standard errors.
    trials : float
        Cases of a share, rows of a mean.
    least, most : float
        Where the interval is cut: 0 and 1 for a share.
    """

    value: float
    low: float = nan
    high: float = nan
    kind: str = "normal"
    trials: float = nan
    least: float = -float("inf")
    most: float = float("inf")

    def reach(self, z: float) -> tuple[float, float]:
        """How far the interval of `z` standard errors (1.96: 95 %) goes below the value, and above it."""
        if self.kind == "exact":
            return 0.0, 0.0
        if self.kind == "share":
            return _wilson(self.value, self.trials, z)
        if self.kind == "log" and self.low > 0:
            low, high = log(self.value / self.low), log(self.high / self.value)
            # exp passes what a float holds long before 37 standard errors of a loose figure.
            return self.value * (1 - exp(-low * z / Z95)), self.value * (exp(min(high * z / Z95, 500.0)) - 1)
        wider = z / Z95
        if self.kind == "mean" and z != Z95:
            wider = _student(z, self.trials - 1) / _student(Z95, self.trials - 1)
        below, above = self._halves()
        return min(below * wider, self.value - self.least), min(above * wider, self.most - self.value)

    def _halves(self) -> tuple[float, float]:
        """Both halves of the 95 % interval; one that was cut is taken to be as long as the other."""
        below, above = self.value - self.low, self.high - self.value
        cut_low, cut_high = self.low <= self.least, self.high >= self.most
        if self.kind == "mean" and cut_low != cut_high:
            return (max(below, above),) * 2
        return below, above


def _wilson(share: float, n: float, z: float) -> tuple[float, float]:
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    # The ends are exactly 0 and 1 at no and at all successes; arithmetic leaves 1e-17 of it.
    low = 0.0 if share == 0 else max(middle - half, 0.0)
    high = 1.0 if share == 1 else min(middle + half, 1.0)
    return share - low, high - share


@lru_cache(maxsize=4096)
def _student(z: float, degrees: float) -> float:
    """Student's quantile with the tail that `z` has in a normal distribution."""
    from scipy.special import ndtr, stdtrit

    return float(-stdtrit(degrees, ndtr(-z)))


def difference(one: Figure, other: Figure, z: float = Z95) -> tuple[float, float, float]:
    """`one` less `other`, with the ends of its interval.

    Parameters
    ----------
    one, other : Figure
        Independent of each other.
    z : float
        The half width in standard errors: 1.96 is 95 %.

    Returns
    -------
    value, low, high : float
        NaN where a value is; NaN ends where a figure has no interval.

    Notes
    -----
    Misleads where both share rows or customers: what is the same on both sides is not independent.

    Examples
    --------
    Newcombe's own example (1998, table II a): 56 of 70 against 48 of 80.

    >>> shares = [Figure(56 / 70, 0, 0, "share", 70), Figure(48 / 80, 0, 0, "share", 80)]
    >>> [round(end, 4) for end in difference(*shares)]
    [0.2, 0.0524, 0.3339]
    """
    by = one.value - other.value
    if isnan(by) or _unsure(one) or _unsure(other):
        return by, nan, nan
    (below, above), (below_other, above_other) = one.reach(z), other.reach(z)
    return by, by - hypot(below, above_other), by + hypot(above, below_other)


def _unsure(figure: Figure) -> bool:
    return figure.kind != "exact" and (isnan(figure.low) or isnan(figure.high))


def chance(one: Figure, other: Figure) -> float:
    """How often chance alone would separate two figures this far, two-sided: the level at which the interval touches 0.

    NaN where `difference` has no interval; 1 where the figures are equal.

    Examples
    --------
    >>> round(chance(Figure(56 / 70, 0, 0, "share", 70), Figure(48 / 80, 0, 0, "share", 80)), 4)
    0.0081
    """
    by, low, high = difference(one, other)
    if isnan(low):
        return nan
    if by == 0:
        return 1.0
    # Measured from the larger figure down, so that the interval's lower end is the one that meets 0.
    larger, smaller = (one, other) if by > 0 else (other, one)
    half = by - low if by > 0 else high - by
    about = Z95 * abs(by) / half if half > 0 else 0.0
    return erfc(_crossing(lambda z: difference(larger, smaller, z)[1], about) / sqrt(2))


def _crossing(end: Callable[[float], float], about: float) -> float:
    """The number of standard errors at which a falling function passes 0, by false position (the Illinois rule).

    `about` is where it would if it fell in proportion: most pass close by, so both sides of it are looked at first.
    """
    least, most, above, below = 0.0, _FAR, end(0.0), end(_FAR)
    if below > 0:
        return _FAR
    for middle in (0.98 * about, 1.02 * about):
        if least < middle < most:
            found = end(middle)
            least, above, most, below = (middle, found, most, below) if found > 0 else (least, above, middle, found)
    kept = 0  # the end that stayed where it was: it is pulled in, or the other one would creep
    while most - least > 1e-12 * max(most, 1.0):
        # Far out the ends run away from all proportion: there the halves are the surer way.
        even = below > -9 * above
        middle = most - below * (most - least) / (below - above) if even else (least + most) / 2
        found = end(middle)
        if found == 0 or not least < middle < most:
            return middle
        if found > 0:
            least, above = middle, found
            below, kept = (below / 2 if kept == 1 else below), 1
        else:
            most, below = middle, found
            above, kept = (above / 2 if kept == -1 else above), -1
    return (least + most) / 2
