"""What customers spend each time they buy, when few purchases say little (Gamma–Gamma).

A customer's mean of two orders is drawn towards that of all, one of fifty hardly. How much is spent is taken to be
independent of how often.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from kpilib.errors import BadInput, CannotAnswer
from kpilib.stats.buying import EDGE, FEWEST, inverse_information
from kpilib.stats.intervals import Floats


@dataclass(frozen=True)
class Spending:
    """Parameters of the Gamma–Gamma model: p (evenness of a customer's orders), q and v (how customers differ)."""

    p: float
    q: float
    v: float
    loglik: float

    def expected(self, orders: ArrayLike, mean: ArrayLike) -> Floats:
        """The value expected of a customer's next order.

        Parameters
        ----------
        orders, mean : array_like, shape (n,)
            Orders seen, and their mean value; without orders the mean is not looked at.

        Returns
        -------
        ndarray, shape (n,)
            In the unit of the values; NaN where q ≤ 1, for the mean is then infinite.
        """
        x = np.asarray(orders, float)
        spent = np.where(x > 0, x * np.asarray(mean, float), 0.0)
        if self.q <= 1:
            return np.full(x.shape, np.nan)
        value: Floats = self.p * (self.v + spent) / (self.p * x + self.q - 1)
        return value


def _columns(orders: ArrayLike, mean: ArrayLike) -> tuple[Floats, Floats]:
    x, m = np.asarray(orders, float), np.asarray(mean, float)
    if x.ndim != 1 or x.shape != m.shape:
        raise BadInput(f"Orders and means must be two columns of one length; shapes {x.shape}, {m.shape} came.")
    wrong = ~((x > 0) & (m > 0))
    if wrong.any():
        raise BadInput(f"Each customer needs orders and a mean above 0; {wrong.sum()} have not: leave them out.")
    return x, m


def fit(orders: ArrayLike, mean: ArrayLike) -> Spending:
    """The likeliest Gamma–Gamma model.

    Parameters
    ----------
    orders : array_like, shape (n,)
        Orders of each customer, 1 or more.
    mean : array_like, shape (n,)
        Their mean value, above 0.

    Returns
    -------
    Spending

    Raises
    ------
    BadInput
        A customer without orders or with a mean of 0 or less.
    CannotAnswer
        Fewer than 20 customers, or no likeliest parameters (all spend alike).

    Notes
    -----
    Source: Fader and Hardie (2013), "The Gamma-Gamma model of monetary value"; Colombo and Jiang (1999), Journal of
    Interactive Marketing 13:2. Misleads where those who buy often spend less each time.
    """
    from scipy.optimize import minimize

    x, m = _columns(orders, mean)
    if len(x) < FEWEST:
        raise CannotAnswer(f"Only {len(x)} customers have orders to take a mean of; {FEWEST} are needed.")
    unit = float(m.mean())

    def lost(log: Floats) -> tuple[float, Floats]:
        value, slope = _loglik(np.exp(log), x, m / unit)
        return -value / len(x), -slope / len(x)

    bounds, options = [(-EDGE, EDGE)] * 3, {"maxiter": 500, "ftol": 1e-14}
    starts = ([1.0, 1.0, 0.0], [0.0, 0.5, 0.5], [2.0, 2.0, 0.0])
    tried = [minimize(lost, start, jac=True, method="SLSQP", bounds=bounds, options=options) for start in starts]
    best = min(tried, key=lambda one: float(one.fun))
    if not np.isfinite(best.fun) or np.abs(best.x).max() > EDGE - 0.1:
        raise CannotAnswer("The spending model has no likeliest parameters here: customers spend too much alike.")
    p, q, v = np.exp(best.x)
    return Spending(float(p), float(q), float(v * unit), float(-best.fun * len(x) - len(x) * np.log(unit)))


def _loglik(theta: Floats, x: Floats, m: Floats) -> tuple[float, Floats]:
    """The log-likelihood and its slopes along the logarithms of p, q, v."""
    from scipy.special import gammaln, psi

    p, q, v = theta
    shape, spent = p * x, np.log(x * m + v)
    parts = gammaln(shape + q) - gammaln(shape) + (shape - 1) * np.log(m) + shape * np.log(x) - (shape + q) * spent
    value = float(parts.sum() + len(x) * (q * np.log(v) - gammaln(q)))
    together = psi(shape + q)
    by_p = x @ (together - psi(shape) + np.log(m) + np.log(x) - spent)
    by_q = (together - spent).sum() + len(x) * (np.log(v) - psi(q))
    by_v = len(x) * q / v - (shape + q) @ (1 / (x * m + v))
    return value, np.array([by_p * p, by_q * q, by_v * v])


def curvature(model: Spending, orders: ArrayLike, mean: ArrayLike) -> Floats:
    """Covariance of the logarithms of p, q, v (inverse of the observed information), shape (3, 3)."""
    x, m = _columns(orders, mean)
    return inverse_information(lambda log: _loglik(np.exp(log), x, m)[1], np.log([model.p, model.q, model.v]))
