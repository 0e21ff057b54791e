"""Customers who stop without a word: how often they buy while they do, and whether they still do (BG/NBD).

Each customer buys at random at a rate of its own (gamma distribution) and, after each purchase, gives up with a
probability of its own (beta distribution). What is needed of a customer: repeat purchases, when the last one was, and
how long it has been known.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from kpilib.errors import BadInput, CannotAnswer
from kpilib.stats.intervals import Floats

#: Logarithms of parameters beyond this are a likelihood without a peak.
EDGE = 9.0
#: Beyond this (log of 148) a gamma or beta distribution has all but one value: rates or chances are all alike.
_ALIKE = 5.0
#: Fewer customers that bought again tell nothing of how rates differ.
FEWEST = 20


@dataclass(frozen=True)
class Buying:
    """Parameters of the BG/NBD model: r, alpha of the buying rates (alpha in units of time), a, b of giving up.

    `loglik` is the log-likelihood. The mean rate is r / alpha; after a purchase, a / (a + b) give up on average.
    """

    r: float
    alpha: float
    a: float
    b: float
    loglik: float

    def alive(self, repeats: ArrayLike, last: ArrayLike, known: ArrayLike) -> Floats:
        """The probability that each customer has not given up; 1 for those that never bought again.

        Parameters are those of `fit`. Source: Fader, Hardie and Lee (2008), "Computing P(alive) using the BG/NBD
        model".
        """
        x, t, end = _columns(repeats, last, known)
        alive: Floats = 1 / (1 + self._gone(x, t, end))
        return alive

    def _gone(self, x: Floats, t: Floats, end: Floats) -> Floats:
        """The odds of having given up."""
        with np.errstate(over="ignore"):
            power = np.exp((self.r + x) * np.log((self.alpha + end) / (self.alpha + t)))
        return np.where(x > 0, self.a / (self.b + np.maximum(x, 1) - 1) * power, 0.0)

    def purchases(self, ahead: float, repeats: ArrayLike, last: ArrayLike, known: ArrayLike) -> Floats:
        """Purchases expected of each customer in the time ahead.

        Parameters
        ----------
        ahead : float
            How far to look, in the unit of time of the other columns.
        repeats, last, known : array_like, shape (n,)
            As for `fit`.

        Returns
        -------
        ndarray, shape (n,)

        Notes
        -----
        Source: Fader, Hardie and Lee (2005), Marketing Science 24:275, eq. 10, after Euler's transformation of the
        hypergeometric function, which holds for customers with hundreds of purchases too.
        """
        from scipy.special import hyp2f1

        x, t, end = _columns(repeats, last, known)
        a = self.a if abs(self.a - 1) > 1e-6 else 1 + 1e-6
        rest = (self.alpha + end) / (self.alpha + end + ahead)
        series = hyp2f1(a + self.b - 1 - self.r, a - 1, a + self.b + x - 1, 1 - rest)
        expected = (a + self.b + x - 1) / (a - 1) * (1 - rest ** (a - 1) * series)
        bought: Floats = expected / (1 + self._gone(x, t, end))
        return bought


def _columns(repeats: ArrayLike, last: ArrayLike, known: ArrayLike) -> tuple[Floats, Floats, Floats]:
    x, t, end = (np.atleast_1d(np.asarray(one, float)) for one in (repeats, last, known))
    if x.ndim != 1 or not x.shape == t.shape == end.shape:
        raise BadInput(f"Three columns of one length are needed; shapes {x.shape}, {t.shape}, {end.shape} came.")
    wrong = ~((x >= 0) & (t >= 0) & (t <= end) & ((x > 0) | (t == 0)))
    if wrong.any():
        raise BadInput(
            f"The last repeat purchase lies between the first one (0) and the end of the time a customer is known, and "
            f"is 0 without one; {wrong.sum()} are not so, the first at row {wrong.argmax()}."
        )
    return x, t, end


def fit(repeats: ArrayLike, last: ArrayLike, known: ArrayLike) -> Buying:
    """The likeliest BG/NBD model.

    Parameters
    ----------
    repeats : array_like, shape (n,)
        Purchases after the first; several on one day count once.
    last : array_like, shape (n,)
        Time from the first purchase to the last; 0 without repeat.
    known : array_like, shape (n,)
        Time from the first purchase to today, in the same unit.

    Returns
    -------
    Buying

    Raises
    ------
    BadInput
        Columns that do not fit together.
    CannotAnswer
        Fewer than 20 customers bought again, or hardly anybody seems to have given up.

    Notes
    -----
    Source: Fader, Hardie and Lee (2005), "Counting your customers the easy way", Marketing Science 24:275. Misleads
    where purchases are seasonal or by contract, and for customers whose first purchase lies before the data.
    """
    from scipy.optimize import minimize

    x, t, end = _columns(repeats, last, known)
    if (x > 0).sum() < FEWEST:
        raise CannotAnswer(f"Only {(x > 0).sum()} customers bought again; {FEWEST} are needed.")
    unit = float(end.mean())

    def lost(log: Floats) -> tuple[float, Floats]:
        value, slope = _loglik(np.exp(log), x, t / unit, end / unit)
        return -value / len(x), -slope / len(x)

    rate = max(float(x.mean()), 0.05)
    starts = [np.log([1.0, 1 / rate, 0.5, 2.0]), np.log([0.3, 0.3 / rate, 1.0, 1.0])]
    bounds = [(-EDGE, _ALIKE), (-EDGE, EDGE), (-EDGE, _ALIKE), (-EDGE, EDGE)]
    tried = [minimize(lost, one, jac=True, method="SLSQP", bounds=bounds, options=_TIGHT) for one in starts]
    best = min(tried, key=lambda one: float(one.fun))
    r, alpha, a, b = np.exp(best.x)
    if not np.isfinite(best.fun) or a / (a + b) * x.sum() < 1 or best.x.min() < 0.1 - EDGE:
        raise CannotAnswer("The buying model has no likeliest parameters here: hardly anybody seems to have given up.")
    shift = float(x.sum()) * np.log(unit)  # a density in another unit of time
    return Buying(float(r), float(alpha * unit), float(a), float(b), float(-best.fun * len(x) - shift))


#: Of SLSQP, because L-BFGS-B waits for the threads of the linear algebra a hundred times longer than it works.
_TIGHT = {"maxiter": 500, "ftol": 1e-13}


def _loglik(theta: Floats, x: Floats, t: Floats, end: Floats) -> tuple[float, Floats]:
    """The log-likelihood and its slopes along the logarithms of r, alpha, a, b."""
    from scipy.special import gammaln, psi

    r, alpha, a, b = theta
    again = x > 0
    here = -(r + x) * np.log(alpha + end)
    gone = np.where(again, np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + t), -np.inf)
    both = np.logaddexp(here, gone)
    known, place = np.unique(x, return_inverse=True)  # few distinct counts: the slow functions once for each
    steady = gammaln(r + known) - gammaln(r) + gammaln(a + b) - gammaln(a + b + known) + gammaln(b + known) - gammaln(b)
    many = np.bincount(place, minlength=len(known))
    value = float(many @ steady + len(x) * r * np.log(alpha) + both.sum())
    w, v = np.exp(here - both), np.exp(gone - both)
    shared = psi(a + b) - psi(a + b + known)
    by_r = many @ (psi(r + known) - psi(r)) + len(x) * np.log(alpha) - w @ np.log(alpha + end) - v @ np.log(alpha + t)
    by_alpha = len(x) * r / alpha - (r + x) @ (w / (alpha + end) + v / (alpha + t))
    by_a = many @ shared + v.sum() / a
    by_b = many @ (shared + psi(b + known) - psi(b)) - (v / (b + np.maximum(x, 1) - 1)).sum()
    return value, np.array([by_r * r, by_alpha * alpha, by_a * a, by_b * b])


def curvature(model: Buying, repeats: ArrayLike, last: ArrayLike, known: ArrayLike) -> Floats:
    """Covariance of the logarithms of r, alpha, a, b (inverse of the observed information), shape (4, 4)."""
    x, t, end = _columns(repeats, last, known)
    at = np.log([model.r, model.alpha, model.a, model.b])
    return inverse_information(lambda log: _loglik(np.exp(log), x, t, end)[1], at)


def inverse_information(slopes: Callable[[Floats], Floats], at: Floats) -> Floats:
    """Covariance of parameters from how the slopes of their likelihood change; flat directions are left out."""
    step = 1e-4
    rows = [(slopes(at + one) - slopes(at - one)) / (2 * step) for one in np.eye(len(at)) * step]
    information = -(np.array(rows) + np.array(rows).T) / 2
    return np.asarray(np.linalg.pinv(information, rcond=1e-10, hermitian=True), float)
