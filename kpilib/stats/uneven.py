"""Whether the parts of a whole changed unlike each other, or as chance alone would have them: tests on sums.

The claim tested is "this way of parting the whole has to do with its change". Under its opposite every part changed
alike, and the parts' shares of the whole are what they were.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kpilib.stats.decomposition import Split, Sums
from kpilib.stats.intervals import Floats

#: A part's own spread is drawn to that of all parts by so many rows: a part of few rows may show none by chance.
LENT = 20
#: Parts of fewer rows on a side are tested together.
FEWEST = 10


@dataclass(frozen=True)
class Unlike:
    """How unlike the parts changed: a chi-square with its degrees of freedom, and how often chance does as much.

    `p` is NaN where there is nothing to compare. Of two tests with the same `p`, the one with the larger `weight` (a
    normal deviate) is the stronger: p itself is 0 from 38 deviations on.
    """

    statistic: float
    freedom: int
    p: float

    @property
    def weight(self) -> float:
        """About how many standard deviations: Wilson and Hilferty's (1931) cube root of a chi-square."""
        if not self.freedom:
            return float("nan")
        spread = 2 / (9 * self.freedom)
        return float(((self.statistic / self.freedom) ** (1 / 3) - 1 + spread) / spread**0.5)


NOTHING = Unlike(float("nan"), 0, float("nan"))


def pooled(sums: Sums, rows: Floats, few: np.ndarray) -> tuple[Sums, Floats]:
    """The same sums with the parts in `few` taken as one, which comes last; unchanged where there are none."""
    if not few.any():
        return sums, rows

    def joined(one: Floats) -> Floats:
        return np.append(one[~few], one[few].sum())

    return Sums(*(joined(one) for one in (sums.n, sums.d, sums.nn, sums.nd, sums.dd))), joined(rows)


def of_rates(before: Sums, now: Sums, rows_before: Floats, rows_now: Floats, spread: float = 1.0) -> Unlike:
    """Whether the rates of the parts moved unlike each other.

    Parameters
    ----------
    before, now : Sums
        With their squares; parts of fewer than `FEWEST` rows on a side are taken together.
    rows_before, rows_now : ndarray, shape (k,)
        How many rows each part has.
    spread : float
        How many times wider than independent rows would vary the parts vary (see `dispersion`); 1 or more.

    Returns
    -------
    Unlike
        Chi-square of the changes of rate about their weighted mean; NaN with fewer than two parts on both sides.

    Notes
    -----
    Source: Cochran (1954), Biometrics 10:101 (the statistic Q). Misleads, finding too much, where rows of one customer
    move together and `spread` was left at 1.
    """
    few = (rows_before < FEWEST) | (rows_now < FEWEST)
    (one, rows_one), (two, rows_two) = pooled(before, rows_before, few), pooled(now, rows_now, few)
    usable = (one.d != 0) & (two.d != 0) & (rows_one > 1) & (rows_two > 1)
    variance = (_variance(one, rows_one) + _variance(two, rows_two))[usable]
    return _about_their_mean((two.rates - one.rates)[usable], variance, np.ones(int(usable.sum())), spread)


def of_growth(before: Sums, now: Sums, rows_before: Floats, rows_now: Floats, spread: float = 1.0) -> Unlike:
    """Whether the parts of a total grew by unlike factors; arguments and result as `of_rates`, which has the reading.

    A part's total varies as that of a random number of rows (compound Poisson): its variance is Σn².
    """
    few = (rows_before < FEWEST) | (rows_now < FEWEST)
    (one, rows_one), (two, rows_two) = pooled(before, rows_before, few), pooled(now, rows_now, few)
    usable = rows_one + rows_two > 0
    if not one.n.sum():
        return NOTHING
    growth = two.n.sum() / one.n.sum()
    variance = (_lent(two.nn, rows_two) + growth**2 * _lent(one.nn, rows_one))[usable]
    return _about_their_mean(two.n[usable], variance, one.n[usable], spread)


def of_mix(split: Split, spread: float = 1.0) -> Unlike:
    """Whether the mix of the parts moved the whole: the square of the mix in standard errors, one degree of freedom."""
    error = split.mix_total_error
    if not error > 0:
        return NOTHING
    return _tested(float(split.mix.sum() / error) ** 2, 1, spread)


def _about_their_mean(values: Floats, variance: Floats, basis: Floats, spread: float) -> Unlike:
    """Chi-square of values about the multiple of `basis` that fits them best, with one freedom less than values."""
    known = variance > 0
    values, variance, basis = values[known], variance[known], basis[known]
    below = (basis**2 / variance).sum()
    if len(values) < 2 or not below:
        return NOTHING
    fitted = basis * ((values * basis / variance).sum() / below)
    return _tested(float(((values - fitted) ** 2 / variance).sum()), len(values) - 1, spread)


def _tested(statistic: float, freedom: int, spread: float) -> Unlike:
    from scipy.special import chdtrc

    apart = statistic / max(spread, 1.0)
    return Unlike(apart, freedom, float(chdtrc(freedom, apart)))


def _residual(sums: Sums) -> Floats:
    """Σ(n − r d)² of each part about its own rate."""
    rates = np.nan_to_num(sums.rates)
    return np.maximum(sums.nn - 2 * rates * sums.nd + rates**2 * sums.dd, 0)


def _variance(sums: Sums, rows: Floats) -> Floats:
    """The variance of each part's rate, its rows' spread drawn to that of all parts."""
    return spread_of_a_row(sums, rows) * rows / np.where(sums.d != 0, sums.d, np.nan) ** 2


def spread_of_a_row(sums: Sums, rows: Floats) -> Floats:
    """The mean square of n − r d over each part's rows, drawn to that of all parts; NaN with fewer than two rows."""
    residual = _residual(sums)
    common = residual.sum() / max(rows.sum(), 1.0)
    return (residual + LENT * common) / (np.where(rows > 1, rows, np.nan) - 1 + LENT)


def _lent(squares: Floats, rows: Floats) -> Floats:
    """Σn² of each part, its rows' mean square drawn to that of all parts."""
    common = squares.sum() / max(rows.sum(), 1.0)
    return (squares + LENT * common) / (rows + LENT) * rows


def dispersion(tables: list[tuple[Floats, Floats]], freedom_lost: int = 1) -> float:
    """How many times more the parts vary from month to month than independent rows would.

    Parameters
    ----------
    tables : list of (values, variances)
        One pair a window, each of shape (months, k): what was observed of each part in each month, and its variance if
        rows were independent. Each part's and each month's own level is taken off.
    freedom_lost : int
        Levels fitted to each part in a window.

    Returns
    -------
    float
        Pearson's chi-square over its degrees of freedom; 1 where that is less, or where months are too few to tell.

    Notes
    -----
    Source: McCullagh and Nelder (1989), Generalized Linear Models, §4.5. A trend or a season within a window counts as
    spread: the tests then find less, not more.
    """
    squares, freedom = 0.0, 0
    for values, variances in tables:
        months, parts = values.shape
        if months <= freedom_lost or parts < 2:
            continue
        weights = np.where((variances > 0) & np.isfinite(values), 1 / np.where(variances > 0, variances, 1.0), 0.0)
        left = _level_off(np.nan_to_num(values), weights)
        squares += float((weights * left**2).sum())
        freedom += (months - freedom_lost) * (parts - 1)
    return max(squares / freedom, 1.0) if freedom else 1.0


def _level_off(values: Floats, weights: Floats) -> Floats:
    """Values without the level of their part and of their month, by weighted means taken in turn."""
    left = values
    for _ in range(4):
        for axis in (0, 1):
            total = weights.sum(axis=axis, keepdims=True)
            mean = np.divide((weights * left).sum(axis=axis, keepdims=True), total, out=0 * total, where=total > 0)
            left = left - mean
    return left
