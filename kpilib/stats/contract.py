"""Lives of customers whose end is told: how many are left after each period, and how long those of today will stay.

The shifted beta-geometric distribution: each customer leaves with a probability of its own, the same every period;
these probabilities differ (beta distribution), so those who stay are more and more the loyal ones. Without difference
it is the constant risk. Counts by tenure in, so that customers acquired before the data begin do no harm.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from kpilib.errors import BadInput, CannotAnswer
from kpilib.stats.below_cut import Estimate
from kpilib.stats.intervals import Floats

#: Periods after which what is left of a discounted life no longer counts.
WHOLE_LIFE = 1200
#: Half of the 95 % point of chi-squared with one degree of freedom.
DROP = 1.920729
_CELLS = (61, 81)
_MOST_SPREAD = 1e3


@dataclass(frozen=True)
class Leaving:
    """The share that leaves in a period, by the periods lived before: mean / (1 + spread · tenure).

    Attributes
    ----------
    mean : float
        Share that leaves in the first period: α / (α + β).
    spread : float
        How unlike customers are: 1 / (α + β); 0 if all leave with the same probability.
    loglik : float
        Log-likelihood of the counts.
    """

    mean: float
    spread: float
    loglik: float

    @property
    def alpha(self) -> float:
        """The beta distribution's first parameter; inf for the constant risk."""
        return self.mean / self.spread if self.spread else float("inf")

    @property
    def beta(self) -> float:
        """The beta distribution's second parameter; inf for the constant risk."""
        return (1 - self.mean) / self.spread if self.spread else float("inf")

    def share(self, tenure: ArrayLike) -> Floats:
        """The share of those who have lived so many periods that leaves in the next."""
        return self.mean / (1 + self.spread * np.asarray(tenure, float))

    def survival(self, periods: int) -> Floats:
        """The share of new customers still there after 0, 1, … periods; shape (periods + 1,)."""
        left: Floats = np.concatenate([[1.0], np.cumprod(1 - self.share(np.arange(periods)))])
        return left


def _checked(at_risk: ArrayLike, lost: ArrayLike) -> tuple[Floats, Floats]:
    n, d = np.asarray(at_risk, float), np.asarray(lost, float)
    if n.ndim != 1 or n.shape != d.shape or ((d < 0) | (d > n)).any():
        raise BadInput("At each tenure 0 ≤ lost ≤ at risk, two columns of one length, is needed.")
    if not d.sum() or d.sum() == n.sum():
        what = "nobody left" if not d.sum() else "everybody left at once"
        raise CannotAnswer(f"A length of life cannot be told where {what}.")
    return n, d


def _loglik(n: Floats, d: Floats, mean: Floats, spread: Floats) -> Floats:
    """Log-likelihood at arrays of parameters of one shape."""
    share = mean[..., None] / (1 + spread[..., None] * np.arange(len(n)))
    share = np.clip(share, 1e-300, 1 - 1e-15)
    total: Floats = np.log(share) @ d + np.log1p(-share) @ (n - d)
    return total


def fit(at_risk: ArrayLike, lost: ArrayLike) -> Leaving:
    """The likeliest shifted beta-geometric distribution.

    Parameters
    ----------
    at_risk, lost : array_like, shape (tenures,)
        Customers seen at the start of their 1st, 2nd, … period, and those of them that left in it.

    Returns
    -------
    Leaving

    Raises
    ------
    BadInput
        More lost than there were, columns of different lengths.
    CannotAnswer
        Nobody left, or everybody did at the first occasion.

    Notes
    -----
    Source: Fader and Hardie (2007), "How to project customer retention", Journal of Interactive Marketing 21:76. The
    product over tenures is their likelihood, and holds for those first seen later too. Misleads where risk rises with
    tenure (a contract's end): it can only fall here, and the constant risk comes out.

    Examples
    --------
    >>> left = np.array([1000, 631, 468, 382, 326, 289, 262, 241])
    >>> found = fit(left[:-1], left[:-1] - left[1:])
    >>> round(found.alpha, 3), round(found.beta, 3), round(found.loglik, 1)
    (0.704, 1.182, -1680.3)
    """
    from scipy.optimize import minimize

    n, d = _checked(at_risk, lost)

    def lost_fit(theta: Floats) -> float:
        mean = 1 / (1 + np.exp(-theta[0]))
        return -float(_loglik(n, d, np.asarray(mean), np.asarray(np.exp(theta[1]))))

    best = Leaving(float(d.sum() / n.sum()), 0.0, float(_loglik(n, d, d.sum() / n.sum(), np.asarray(0.0))))
    for spread in (0.01, 0.5):
        mean = min(float(d.sum() / (n / (1 + spread * np.arange(len(n)))).sum()), 0.9)
        start = [np.log(mean / (1 - mean)), np.log(spread)]
        options = {"xatol": 1e-7, "fatol": 1e-9, "maxiter": 2000}
        found = minimize(lost_fit, start, method="Nelder-Mead", options=options)
        if -found.fun > best.loglik + 1e-6 and np.exp(found.x[1]) < _MOST_SPREAD:
            best = Leaving(float(1 / (1 + np.exp(-found.x[0]))), float(np.exp(found.x[1])), float(-found.fun))
    return best


def _region(n: Floats, d: Floats, best: Leaving) -> tuple[Floats, Floats]:
    """Parameters that the counts do not exclude at 95 % each: a fine net over the likelihood's top."""
    width = 6 / np.sqrt(d.sum())
    spreads = np.concatenate([[0.0], np.geomspace(1e-6, _MOST_SPREAD, 120)])
    for _ in range(2):
        middle = d.sum() / (n / (1 + spreads[:, None] * np.arange(len(n)))).sum(-1)
        mean = np.minimum(middle[:, None] * np.exp(np.linspace(-width, width, _CELLS[0])), 1 - 1e-9)
        spread = np.broadcast_to(spreads[:, None], mean.shape)
        inside = best.loglik - _loglik(n, d, mean, spread) <= DROP
        rows = np.flatnonzero(inside.any(1))
        if len(rows):
            low, high = spreads[max(rows[0] - 1, 0)], spreads[min(rows[-1] + 1, len(spreads) - 1)]
        else:
            low, high = best.spread * 0.5, best.spread * 2
        last = mean[inside], spread[inside]
        spreads = np.linspace(low, high, _CELLS[1])
    return np.append(last[0], best.mean), np.append(last[1], best.spread)


def lives(
    mean: ArrayLike, spread: ArrayLike, tenures: ArrayLike, weights: ArrayLike, discount: float, periods: int
) -> Floats:
    """Discounted periods that customers of these tenures have before them, the first a period from now.

    Parameters
    ----------
    mean, spread : array_like, shape (g,)
        Parameters of `Leaving`, many at once.
    tenures, weights : array_like, shape (k,)
        Periods lived so far, whole numbers, and how many customers have.
    discount : float
        Rate for one period.
    periods : int
        How far to look ahead; `WHOLE_LIFE` for all of it.

    Returns
    -------
    ndarray, shape (g,)
        The mean over the customers. Add 1 for a margin that falls now.
    """
    m, s = (np.atleast_1d(np.asarray(one, float)) for one in (mean, spread))
    at, weight = np.asarray(tenures, int), np.asarray(weights, float)
    keep = 1 / (1 + discount)
    total, alive = np.zeros(m.shape), np.ones((len(at), len(m)))
    for j in range(periods):
        alive = alive * (1 - m / (1 + s * (at[:, None] + j))) * keep
        total += weight @ alive
        if not alive.max(initial=0) > 1e-9:
            break
    return total / weight.sum()


def life(
    at_risk: ArrayLike, lost: ArrayLike, tenures: ArrayLike, weights: ArrayLike, discount: float, periods: int
) -> Estimate:
    """Discounted periods that customers of today have before them, with an interval.

    Parameters
    ----------
    at_risk, lost
        As for `fit`, which also says what it raises.
    tenures, weights, discount, periods
        As for `lives`.

    Returns
    -------
    Estimate
        The interval is the range over all parameters that the counts do not exclude (profile likelihood, 95 %).

    Notes
    -----
    Source of the interval: Pawitan (2001), In All Likelihood, § 3.4. Far beyond the longest tenure seen it rests on the
    distribution alone; the shorter `periods`, the less.
    """
    n, d = _checked(at_risk, lost)
    best = fit(n, d)
    means, spreads = _region(n, d, best)
    found = lives(means, spreads, tenures, weights, discount, periods)
    return Estimate(float(found[-1]), float(found.min()), float(found.max()))
