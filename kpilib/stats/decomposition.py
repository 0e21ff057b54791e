"""Why a ratio or a product changed: how much comes from the mix of its parts and how much from the parts' own rates.

Arrays in, numbers out: the sums of each part before and now. Which KPI and which dimension they belong to is not known
here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from math import factorial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kpilib.errors import BadInput
from kpilib.stats.intervals import Floats, normal_quantile


@dataclass(frozen=True)
class Sums:
    """Of each part (shape (k,)): Σn and Σd over its rows, and Σn², Σnd, Σd², from which its spread follows."""

    n: Floats
    d: Floats
    nn: Floats
    nd: Floats
    dd: Floats

    @classmethod
    def of(cls, *sums: ArrayLike) -> Sums:
        """The five sums in the order of the fields; missing squares are zero: a split without an interval."""
        arrays = [np.atleast_1d(np.asarray(one, float)) for one in sums]
        if len(arrays) not in (2, 5) or len({one.shape for one in arrays}) != 1 or arrays[0].ndim != 1:
            raise BadInput("A split needs Σn and Σd of each part, or these and Σn², Σnd, Σd², all of one length.")
        return cls(*arrays, *(np.zeros_like(arrays[0]),) * (5 - len(arrays)))

    @property
    def weights(self) -> Floats:
        """The share of each part in Σd; NaN where that is 0."""
        whole = self.d.sum()
        return self.d / whole if whole else np.full(len(self.d), np.nan)

    @property
    def rates(self) -> Floats:
        """Σn / Σd of each part; NaN where nothing is below the line."""
        return np.divide(self.n, self.d, out=np.full(len(self.d), np.nan), where=self.d != 0)

    @property
    def rate(self) -> float:
        """Σn / Σd of all parts together; NaN where nothing is below the line."""
        whole = self.d.sum()
        return float(self.n.sum() / whole) if whole else float("nan")


@dataclass(frozen=True)
class Split:
    """A change in two: `mix` and `rate` of each part (shape (k,)), with the standard errors of both and of their sums.

    `mix.sum() + rate.sum()` is the change of the whole.
    """

    mix: Floats
    rate: Floats
    mix_error: Floats
    rate_error: Floats
    mix_total_error: float
    rate_total_error: float


def kitagawa(before: Sums, now: Sums) -> Split:
    """The change of a ratio of sums, split into what the mix of the parts and what their own rates did.

    Parameters
    ----------
    before, now : Sums
        The same parts in the same order on both sides; a part without Σd on a side is absent there.

    Returns
    -------
    Split
        mix_k = (w1 − w0)((r0 + r1)/2 − R̄) and rate_k = (r1 − r0)(w0 + w1)/2, in the unit of the ratio; what is present
        on one side only is all mix. All NaN where a side has no Σd; empty in, empty out. Standard errors by the
        delta method on rows drawn independently on both sides, mix included; 0 where the sums have no squares.

    Raises
    ------
    BadInput
        When the two sides have not the same number of parts.

    Notes
    -----
    Source: Kitagawa (1955), JASA 50:1168, with mix centred on the mean rate so that the parts' mixes can be read one by
    one. Misleads when the same rows are on both sides (a stock a month apart): the errors are then too wide.

    >>> parts = kitagawa(Sums.of([30, 20], [50, 50]), Sums.of([12, 36], [20, 80]))
    >>> round(float(parts.mix.sum()), 4), round(float(parts.rate.sum()), 4)
    (-0.0525, 0.0325)
    """
    if len(before.n) != len(now.n):
        raise BadInput(f"{len(before.n)} parts before, {len(now.n)} now: a split needs the same on both sides.")
    if not len(before.n) or not before.d.sum() or not now.d.sum():
        nothing = np.full(len(before.n), np.nan)
        return Split(nothing, nothing, nothing, nothing, np.nan, np.nan)
    mix, rate = _parts(before, now)
    slopes = [_slopes(now, before), _slopes(before, now)]  # swapping the sides changes signs only
    variance = np.zeros((2, len(mix) + 1))
    for side, both in zip((now, before), slopes, strict=True):
        variance += np.stack([_variance(*one, side) for one in both])
    error = np.sqrt(np.maximum(variance, 0))
    return Split(mix, rate, error[0, :-1], error[1, :-1], float(error[0, -1]), float(error[1, -1]))


def like_with_like(before: Sums, now: Sums) -> float:
    """The sum of the rates of `kitagawa` alone: the change had the mix been the same. NaN where a side has no Σd."""
    if not before.d.sum() or not now.d.sum():
        return float("nan")
    return float(_parts(before, now)[1].sum())


def _both(before: Sums, now: Sums) -> NDArray[np.bool_]:
    return (before.d != 0) & (now.d != 0)


def _filled(before: Sums, now: Sums) -> tuple[Floats, Floats]:
    """The rates of the parts that are on both sides; 0 for the others, which have no rate to compare."""
    both = _both(before, now)
    return np.where(both, np.nan_to_num(before.rates), 0.0), np.where(both, np.nan_to_num(now.rates), 0.0)


def _parts(before: Sums, now: Sums) -> tuple[Floats, Floats]:
    both, (r0, r1) = _both(before, now), _filled(before, now)
    w0, w1 = before.weights, now.weights
    middle = (before.rate + now.rate) / 2
    one_side = now.n / now.d.sum() - before.n / before.d.sum() - (w1 - w0) * middle
    mix = np.where(both, (w1 - w0) * ((r0 + r1) / 2 - middle), one_side)
    return mix, np.where(both, (r1 - r0) * (w0 + w1) / 2, 0.0)


def _slopes(own: Sums, other: Sums) -> list[tuple[Floats, Floats]]:
    """How the mix and the rate of each part, seen from `own`, change with each n and d of `own`.

    Two pairs (by n, by d) of arrays (k + 1, k); the last row is that of the sums.
    """
    both, (r0, r1) = _both(other, own), _filled(other, own)
    w0, w1, whole = other.weights, own.weights, own.d.sum()
    middle, gap = (other.rate + own.rate) / 2, (w1 - w0)[:, None]
    same, count = np.eye(len(own.n)), np.where(own.d != 0, own.d, 1.0)
    weight = (same - w1[:, None]) / whole
    mix_n = np.where(both[:, None], gap * same / (2 * count), same / whole) - gap / (2 * whole)
    centre = np.where(both, (r0 + r1) / 2, 0.0)[:, None] - middle
    absent = -(own.n / whole**2)[:, None]
    mix_d = weight * centre + gap * own.rate / (2 * whole)
    mix_d += np.where(both[:, None], -gap * same * r1 / (2 * count), absent)
    mean = ((w0 + w1) / 2)[:, None]
    rate_n = np.where(both[:, None], same * mean / count, 0.0)
    rate_d = np.where(both[:, None], -same * mean * r1 / count + (r1 - r0)[:, None] * weight / 2, 0.0)
    return [(_with_sum(by_n), _with_sum(by_d)) for by_n, by_d in ((mix_n, mix_d), (rate_n, rate_d))]


def _with_sum(slopes: Floats) -> Floats:
    return np.vstack([slopes, slopes.sum(axis=0)])


def _variance(by_n: Floats, by_d: Floats, side: Sums) -> Floats:
    """The variance that the rows of a side give: each row moves what it adds to n and d (their mean effect is zero)."""
    return by_n**2 @ side.nn + 2 * (by_n * by_d) @ side.nd + by_d**2 @ side.dd


def without(before: Sums, now: Sums) -> Floats:
    """What the change of the whole would have been without each part; NaN where nothing is left on a side.

    >>> without(Sums.of([30, 20], [50, 50]), Sums.of([12, 36], [20, 80])).round(2)
    array([0.05, 0.  ])
    """
    changes = []
    for side in (now, before):
        rest = side.d.sum() - side.d
        left = np.where(np.abs(rest) > 1e-12 * np.abs(side.d).sum(), rest, np.nan)
        changes.append((side.n.sum() - side.n) / left)
    return changes[0] - changes[1]


def shapley(value: Callable[[Floats], float], before: ArrayLike, now: ArrayLike) -> Floats:
    """What each factor of a formula did to its change: its effect averaged over every order of the factors' changing.

    Parameters
    ----------
    value : callable
        The formula: an array of m factors in, a number out.
    before, now : array_like, shape (m,)
        The factors on both sides; at most twelve, for every subset is tried.

    Returns
    -------
    ndarray, shape (m,)
        Effects that add up to value(now) − value(before).

    Raises
    ------
    BadInput
        No factor, more than twelve, or not as many on both sides.

    Notes
    -----
    Source: Das Gupta (1993), Standardization and Decomposition of Rates, US Census P23-186, which for a product is the
    value of Shapley (1953). Misleads where a factor moves because another did: it is arithmetic, not cause.

    >>> shapley(np.prod, [10930, 0.717892], [16591, 0.825974]).round(3)
    array([4369.913, 1487.262])
    """
    first, last = np.atleast_1d(np.asarray(before, float)), np.atleast_1d(np.asarray(now, float))
    many = len(first)
    if first.shape != last.shape or not 1 <= many <= 12:
        raise BadInput(f"{many} factors before and {len(last)} now: give one to twelve, the same on both sides.")
    effects = np.zeros(many)
    for factor in range(many):
        others = [other for other in range(many) if other != factor]
        for size in range(many):
            weight = factorial(size) * factorial(many - size - 1) / factorial(many)
            for changed in combinations(others, size):
                effects[factor] += weight * _step(value, first, last, factor, changed)
    return effects


def _step(
    value: Callable[[Floats], float], first: Floats, last: Floats, factor: int, changed: tuple[int, ...]
) -> float:
    """What changing one factor does once these others have changed."""
    at = first.copy()
    at[list(changed)] = last[list(changed)]
    start = value(at)
    at[factor] = last[factor]
    return float(value(at) - start)


def shapley_errors(
    value: Callable[[Floats], float], before: ArrayLike, now: ArrayLike, before_errors: ArrayLike, now_errors: ArrayLike
) -> Floats:
    """Standard errors of `shapley`'s effects, from those of the factors, taken as independent.

    Delta method with central differences; NaN where a factor has no standard error.
    """
    sides = np.concatenate([np.asarray(before, float), np.asarray(now, float)])
    errors = np.concatenate([np.asarray(before_errors, float), np.asarray(now_errors, float)])
    many = len(sides) // 2
    variance = np.zeros(many)
    for place, error in enumerate(errors):
        step = np.zeros(len(sides))
        step[place] = 1e-5 * max(abs(sides[place]), 1e-12)
        up, down = (shapley(value, moved[:many], moved[many:]) for moved in (sides + step, sides - step))
        variance += ((up - down) / (2 * step[place])) ** 2 * error**2
    return np.sqrt(variance)


def band(values: ArrayLike, errors: ArrayLike, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Normal interval of values with their standard errors; NaN where one is missing."""
    middle, half = np.asarray(values, float), normal_quantile(confidence) * np.asarray(errors, float)
    return middle - half, middle + half
