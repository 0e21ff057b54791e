"""Is a month unlike the others, or is it the usual noise? Control charts of monthly figures, numpy alone.

Limits say how far a figure strays while nothing changes. A point outside them, or a run of points on one side of the
centre, is a signal; what caused it is for people to find out.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kpilib.errors import BadInput

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: Fewer points give no limits: the spread of a dozen is known to within a quarter only. 24 are better.
MINIMUM_POINTS = 12
#: So many points in a row on one side of the centre are a signal.
RUN = 8
#: The mean moving range of normal noise, in standard deviations (two points: 2/√π).
_RANGE = 1.128
_DRAWS = 10_000


@dataclass(frozen=True, eq=False)
class Limits:
    """A control chart, one position a point in time.

    Attributes
    ----------
    values : ndarray, shape (k,)
        The figures, NaN where there is none.
    center : float
        Their level over the baseline; NaN without points.
    low, high : ndarray, shape (k,)
        How far they stray while nothing changes; NaN where there is no figure, and everywhere below `MINIMUM_POINTS`.
    outside : ndarray of bool, shape (k,)
        The figure is outside the limits.
    run : ndarray of bool, shape (k,)
        The figure is one of eight or more in a row on one side of the centre.
    points : int
        How many figures of the baseline the limits come from.
    """

    values: Floats
    center: float
    low: Floats
    high: Floats
    outside: Flags
    run: Flags
    points: int

    @property
    def enough(self) -> bool:
        """Whether there are points enough for limits."""
        return self.points >= MINIMUM_POINTS


def xmr(values: ArrayLike, baseline: int | None = None) -> Limits:
    """Limits of single figures, one a month: the mean ± 2.66 mean moving ranges.

    Parameters
    ----------
    values : array_like, shape (k,)
        In order of time; NaN where there is none, which is passed over.
    baseline : int, optional
        Limits come from the first so many points, all of them by default.

    Returns
    -------
    Limits
        In the unit of the values. Empty in, empty out.

    Raises
    ------
    BadInput
        Values that are not one column, or a baseline below 1.

    Notes
    -----
    Source: NIST/SEMATECH e-Handbook §6.3.2.2. Misleads with a season or a trend, and where months rest on very
    different numbers of answers: see `mean_chart`.

    Examples
    --------
    >>> flow = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
    >>> chart = xmr([*flow, 50, 51])
    >>> bool(chart.outside.any()), round(chart.center, 2)
    (False, 50.76)
    """
    x = _column(values)
    seen, points = _baseline(x, baseline)
    center = float(x[seen].mean()) if points else np.nan
    half = 3 * float(np.abs(np.diff(x[seen])).mean()) / _RANGE if points > 1 else np.nan
    return _limits(x, center, np.where(np.isnan(x), np.nan, half), points)


def p_chart(successes: ArrayLike, trials: ArrayLike, baseline: int | None = None, laney: bool = True) -> Limits:
    """Limits of a share by month: three standard errors of that month's count, widened to how months really differ.

    Parameters
    ----------
    successes, trials : array_like, shape (k,)
        Counts of each month; a month without trials has no figure.
    baseline : int, optional
        As for `xmr`.
    laney : bool
        Laney's p′: the limits times the spread of the standardised months. False: as if only chance within a month
        made months differ, which is too narrow wherever months have a mood of their own.

    Returns
    -------
    Limits
        Fractions, cut at 0 and 1. Empty in, empty out.

    Raises
    ------
    BadInput
        A share below 0 or above 1, or a baseline below 1.

    Notes
    -----
    Source: Laney (2002), Quality Engineering 14:531. Misleads with a season or a trend.

    Examples
    --------
    >>> chart = p_chart([12, 15, 8, 10] * 3, [50] * 12, laney=False)
    >>> round(chart.center, 4), round(float(chart.low[0]), 4), round(float(chart.high[0]), 4)
    (0.225, 0.0478, 0.4022)
    """
    x, n = _column(successes), _column(trials)
    if x.shape != n.shape or (x < 0).any() or (x > n).any():
        raise BadInput("A share needs 0 ≤ successes ≤ trials in two columns of one length; these are not.")
    chart = mean_chart(n, x, x, baseline, laney)
    return Limits(**{**vars(chart), "low": np.maximum(chart.low, 0.0), "high": np.minimum(chart.high, 1.0)})


def mean_chart(
    rows: ArrayLike, sums: ArrayLike, squares: ArrayLike, baseline: int | None = None, laney: bool = True
) -> Limits:
    """Limits of a mean by month, from counts: months of few answers have wider ones.

    Parameters
    ----------
    rows, sums, squares : array_like, shape (k,)
        The answers of each month, their sum, the sum of their squares. A net promoter score: promoters − detractors,
        and promoters + detractors. A share: successes twice.
    baseline, laney
        As for `p_chart`.

    Returns
    -------
    Limits
        In the unit of the mean; a month without rows has no figure. Empty in, empty out.

    Raises
    ------
    BadInput
        Columns of different lengths, a negative count, squares too small for the sums, a baseline below 1.

    Notes
    -----
    Laney (2002) with the standard error of a mean for that of a share: the two are the same for answers of 0 and 1.
    """
    n, total, square = _column(rows), _column(sums), _column(squares)
    if not n.shape == total.shape == square.shape or (n < 0).any():
        raise BadInput("Rows, sums and squares must be three columns of one length, and no count below 0.")
    if (square * n < total**2 * (1 - 1e-9)).any():
        raise BadInput("A sum of squares is smaller than its sum allows: pass Σy², not the variance.")
    mean = np.divide(total, n, out=np.full(n.shape, np.nan), where=n > 0)
    seen, points = _baseline(mean, baseline)
    if not points:
        return _limits(mean, np.nan, np.full(n.shape, np.nan), 0)
    center = float(total[seen].sum() / n[seen].sum())
    variance = max(float(square[seen].sum() / n[seen].sum()) - center**2, 0.0)
    error = np.sqrt(np.divide(variance, n, out=np.full(n.shape, np.nan), where=n > 0))
    wider = _spread_of_months((mean - center)[seen], error[seen]) if laney else 1.0
    return _limits(mean, center, 3 * wider * error, points)


def signals(chart: Limits) -> list[dict[str, Any]]:
    """What stands out, in order of time: single points outside, and runs on one side.

    Returns
    -------
    list of dict
        `rule` ("outside" or "run"), `first` and `last` (places, both included), `side` ("above" or "below").
    """
    side = np.where(chart.values > chart.center, "above", "below")
    found = [
        {"rule": "outside", "first": int(i), "last": int(i), "side": str(side[i])}
        for i in np.flatnonzero(chart.outside)
    ]
    for first, last in _stretches(chart):
        found.append({"rule": "run", "first": first, "last": last, "side": str(side[first])})
    return sorted(found, key=lambda one: (one["first"], one["rule"]))


@cache
def false_alarm_rate(points: int, baseline: int | None = None, runs: bool = True) -> float:
    """How often months in which nothing changed give a signal all the same.

    Parameters
    ----------
    points : int
        How many months are watched.
    baseline : int, optional
        The limits come from so many earlier months; by default from the watched months themselves.
    runs : bool
        Whether a run of eight on one side is a signal too, or only a point outside.

    Returns
    -------
    float
        The share of series of independent normal months with at least one signal, by simulation (10,000 series, the
        same at each call; known to within 0.01). NaN where the limits would rest on fewer than `MINIMUM_POINTS`.

    Raises
    ------
    BadInput
        Fewer than one point.

    Notes
    -----
    Limits from 24 months, twelve watched: 9 in 100 series have a point outside, 13 in 100 a signal of either rule.
    Misleads where months resemble their neighbours: then false alarms are more frequent.
    """
    if points < 1 or (baseline is not None and baseline < 1):
        raise BadInput(f"At least one point is watched and one in the baseline; {points} and {baseline} were given.")
    if (baseline or points) < MINIMUM_POINTS:
        return float("nan")
    noise = np.random.default_rng(20).standard_normal((_DRAWS, (baseline or 0) + points))
    base = noise[:, : baseline or points]
    center = base.mean(axis=1, keepdims=True)
    half = 3 * np.abs(np.diff(base, axis=1)).mean(axis=1, keepdims=True) / _RANGE
    watched = noise[:, baseline or 0 :] - center
    alarm = (np.abs(watched) > half).any(axis=1)
    return float((alarm | _has_run(watched > 0)).mean() if runs else alarm.mean())


def _column(values: ArrayLike) -> Floats:
    x = np.asarray(values, float)
    if x.ndim != 1:
        raise BadInput(f"A chart takes one column, in order of time; an array of shape {x.shape} was given.")
    return x


def _baseline(x: Floats, baseline: int | None) -> tuple[Flags, int]:
    """Which points the limits come from, and how many they are."""
    if baseline is not None and baseline < 1:
        raise BadInput(f"A baseline has at least one point, {baseline} was given; leave it out to take them all.")
    seen = ~np.isnan(x)
    if baseline is not None:
        seen &= np.cumsum(seen) <= baseline
    return seen, int(seen.sum())


def _spread_of_months(off: Floats, error: Floats) -> float:
    """By how much months differ more than their counts alone would make them (Laney's σz); 1 where nothing varies."""
    known = error > 0
    return float(np.abs(np.diff(off[known] / error[known])).mean()) / _RANGE if known.sum() > 1 else 1.0


def _limits(x: Floats, center: float, half: Floats, points: int) -> Limits:
    if points < MINIMUM_POINTS:
        half = np.full(x.shape, np.nan)
    with np.errstate(invalid="ignore"):
        room = half + 1e-9 * abs(center)  # equal figures may differ by rounding
        outside = np.abs(x - center) > room
    chart = Limits(x, center, center - half, center + half, outside, np.zeros(x.shape, bool), points)
    for first, last in _stretches(chart) if chart.enough else ():
        chart.run[first : last + 1] = ~np.isnan(x[first : last + 1])
    return chart


def _stretches(chart: Limits) -> list[tuple[int, int]]:
    """First and last place of each run of `RUN` or more on one side; a point on the centre ends it."""
    if not chart.enough:
        return []
    places = np.flatnonzero(~np.isnan(chart.values))
    off = chart.values[places] - chart.center
    side = np.where(np.abs(off) <= 1e-9 * abs(chart.center), 0, np.sign(off))
    cuts = np.flatnonzero(np.diff(side)) + 1
    parts = zip([0, *cuts.tolist()], [*cuts.tolist(), len(side)], strict=True)
    return [(int(places[a]), int(places[b - 1])) for a, b in parts if b - a >= RUN and side[a] != 0]


def _has_run(above: Flags) -> Flags:
    """Which rows have `RUN` neighbours on one side."""
    if above.shape[1] < RUN:
        return np.zeros(len(above), bool)
    windows = np.lib.stride_tricks.sliding_window_view(above, RUN, axis=1).sum(axis=2)
    found: Flags = ((windows == 0) | (windows == RUN)).any(axis=1)
    return found
