"""Counts of small areas: how often things come to each, given how much there is of it, without believing luck.

An area with few customers reaches the top and the bottom of a table by luck. Each area's rate is drawn to the overall
one by as much as its size leaves in doubt, and its place in the order is said with how sure it is.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kpilib.errors import BadInput
from kpilib.stats.intervals import Floats

#: Orders that are drawn to say how sure a place is, from a fixed start, so that the same data say the same.
_DRAWS, _SEED = 4000, 20260630


@dataclass(frozen=True, eq=False)
class Rates:
    """Rates of areas as observed and as expected, in units of the overall rate: 1 is like everywhere.

    Attributes
    ----------
    observed, expected, low, high : ndarray, shape (k,)
        Ratio to the overall rate, the same drawn towards 1, and its 95 % interval. NaN without exposure.
    among_first : ndarray, shape (k,)
        How likely it is that the area is among the first `first` by its true rate (the highest), 0 to 1.
    overall : float
        Events over exposure of all areas.
    spread : float
        Standard deviation of the true ratios between areas; 0 where chance explains all differences.
    p : float
        How often chance alone would make alike areas differ as much (chi-square, areas − 1 degrees of freedom).
    """

    observed: Floats
    expected: Floats
    low: Floats
    high: Floats
    among_first: Floats
    overall: float
    spread: float
    p: float


def shrink_rates(events: ArrayLike, exposure: ArrayLike, first: int = 3, lowest: bool = False) -> Rates:
    """What to expect of each area's rate, given its own, its size and how much areas differ (gamma-Poisson).

    Parameters
    ----------
    events, exposure : array_like, shape (k,)
        How often it happened, and what it is counted against (customer-months); an area without exposure is left out.
    first : int
        How many areas count as the first ones.
    lowest : bool
        Whether the first ones are those of the lowest rates.

    Returns
    -------
    Rates
        All NaN where there is no exposure or no event.

    Raises
    ------
    BadInput
        A negative count or exposure.

    Notes
    -----
    Source: Marshall (1991), JRSS C 40:283, moments of the global empirical Bayes estimator, with the gamma
    distribution of Clayton and Kaldor (1987), Biometrics 43:671. The interval does not allow for the spread between
    areas being estimated. Misleads where events come in clusters: one campaign's leads are not independent.

    Examples
    --------
    >>> rates = shrink_rates([10, 20, 90], [100, 200, 300])
    >>> rates.observed.round(2).tolist(), rates.overall
    ([0.5, 0.5, 1.5], 0.2)
    """
    y, e = np.broadcast_arrays(np.atleast_1d(np.asarray(events, float)), np.atleast_1d(np.asarray(exposure, float)))
    if (y < 0).any() or (e < 0).any():
        raise BadInput("Events and exposure of an area are counts: none may be below 0.")
    known = e > 0
    overall = float(y[known].sum() / e[known].sum()) if known.any() else float("nan")
    if not overall > 0:
        nothing = np.full(y.shape, np.nan)
        return Rates(nothing, nothing, nothing, nothing, nothing, overall, float("nan"), float("nan"))
    expected_count = np.where(known, e * overall, np.nan)
    ratio = y / expected_count
    between, p = _between(ratio[known], expected_count[known]), _by_chance(ratio[known], expected_count[known])
    if between <= 0:
        alike = np.where(known, 1.0, np.nan)
        even = np.where(known, min(1.0, first / known.sum()), np.nan)
        return Rates(ratio, alike, alike.copy(), alike.copy(), even, overall, 0.0, p)
    prior = 1 / between
    shape, scale = prior + np.where(known, y, np.nan), prior + expected_count
    low, high = _gamma(shape, scale, 0.025), _gamma(shape, scale, 0.975)
    likely = _among(shape, scale, known, first, lowest)
    return Rates(ratio, shape / scale, low, high, likely, overall, float(np.sqrt(between)), p)


def _between(ratio: Floats, expected: Floats) -> float:
    """The variance of the true ratios: what is left of the observed one when chance is taken off."""
    weight = expected / expected.sum()
    return float(weight @ (ratio - 1) ** 2 - 1 / expected.mean())


def _by_chance(ratio: Floats, expected: Floats) -> float:
    from scipy.special import chdtrc

    return float(chdtrc(len(ratio) - 1, expected @ (ratio - 1) ** 2)) if len(ratio) > 1 else float("nan")


def _gamma(shape: Floats, rate: Floats, part: float) -> Floats:
    from scipy.special import gammaincinv

    found: Floats = gammaincinv(shape, part) / rate
    return found


def _among(shape: Floats, rate: Floats, known: NDArray[np.bool_], first: int, lowest: bool) -> Floats:
    """The share of drawn orders in which an area is among the first."""
    places = np.flatnonzero(known)
    drawn = np.random.default_rng(_SEED).gamma(shape[places], 1 / rate[places], (_DRAWS, len(places)))
    drawn = -drawn if lowest else drawn
    limit = np.sort(drawn, axis=1)[:, -min(first, len(places))]
    found = np.full(shape.shape, np.nan)
    found[places] = (drawn >= limit[:, None]).mean(axis=0)
    return found
