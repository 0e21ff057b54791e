"""How soon each of several endings is reached, while some cases are still open.

Cumulative incidence with competing outcomes and right-censoring (Aalen–Johansen). statsmodels' CumIncidenceRight gives
neither the survival nor the numbers at risk, and divides by zero where everyone left ends at once; the tests compare.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kpilib.errors import BadInput
from kpilib.stats.intervals import Band, Floats, normal_quantile


@dataclass(frozen=True, eq=False)
class Incidence:
    """Share of the cases that each outcome has taken by each time.

    Attributes
    ----------
    times : ndarray, shape (k,)
        Distinct times, ascending, in the unit they were given (days as a rule).
    survival : ndarray, shape (k,)
        Share that has reached no outcome by then; survival + the incidences = 1.
    incidence, errors : dict of int to ndarray, shape (k,)
        Per cause: the share it has taken by then, and the standard error of that share.
    at_risk : ndarray of int, shape (k,)
        Cases still open just before each time. The curve means little where few are left.
    """

    times: Floats
    survival: Floats
    incidence: dict[int, Floats]
    errors: dict[int, Floats]
    at_risk: NDArray[np.int64]

    def band(self, cause: int = 1, confidence: float = 0.95) -> Band:
        """Interval of a cause's incidence at each time, kept within 0 to 1 by the log-log scale.

        Parameters
        ----------
        cause : int
            The cause; one that was never seen gives NaN.
        confidence : float
            Pointwise confidence.

        Returns
        -------
        low, high : ndarray, shape (k,)
            NaN before the cause is first seen.

        Raises
        ------
        BadInput
            A confidence outside 0 to 1.

        Notes
        -----
        Source: Choudhury (2002), Statistics in Medicine 21:1129. Misleads if read as a band for the whole curve.
        """
        nothing = np.full(self.survival.shape, np.nan)
        share, error = self.incidence.get(cause, nothing), self.errors.get(cause, nothing)
        # 1 has no log-log: nobody is left to be unsure of, and the interval is the point itself.
        inside = np.where((share > 0) & (share < 1 - 1e-12), share, np.nan)
        reach = normal_quantile(confidence) * error / (inside * np.abs(np.log(inside)))
        whole = share >= 1 - 1e-12
        low, high = inside ** np.exp(reach), inside ** np.exp(-reach)
        return np.where(whole, share, low), np.where(whole, share, high)


def _counts(time: ArrayLike, cause: ArrayLike) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64]]:
    """Check the cases; return the times (k,), the causes (c,) and how many of each (c + 1, k), the censored first."""
    t, given = np.asarray(time, float), np.asarray(cause, float)
    if t.ndim != 1 or t.shape != given.shape:
        raise BadInput(f"Times and causes must be two columns of one length; shapes {t.shape} and {given.shape} came.")
    for what, wrong in (
        ("times must be numbers from 0 on", ~(np.isfinite(t) & (t >= 0))),
        ("causes must be whole numbers, 0 for still open", ~((given >= 0) & (given == np.floor(given)))),
    ):
        if wrong.any():
            raise BadInput(f"{what[0].upper()}{what[1:]}; {wrong.sum()} are not, the first at row {wrong.argmax()}.")
    times, column = _distinct(t)
    kinds, row = _distinct(given)
    causes = kinds[kinds > 0].astype(np.int64)
    first = len(causes) + 1 - len(kinds)  # 1 where nothing is censored, for row 0 is then empty
    cells = np.bincount((row + first) * len(times) + column, minlength=(len(causes) + 1) * len(times))
    return times, causes, cells.reshape(len(causes) + 1, len(times))


def _distinct(values: Floats) -> tuple[Floats, NDArray[np.intp]]:
    """The distinct values, ascending, and the place of each among them: counted where they are whole and not sparse."""
    if len(values) and values.max() <= 4 * len(values) + 1000:
        whole = values.astype(np.intp)
        if (whole == values).all():
            seen = np.bincount(whole) > 0
            return np.flatnonzero(seen).astype(float), (np.cumsum(seen) - 1)[whole]
    return np.unique(values, return_inverse=True)


def divide(top: ArrayLike, bottom: ArrayLike) -> Floats:
    """Divide, giving 0 where nobody is left to divide by."""
    top, bottom = np.broadcast_arrays(np.asarray(top, float), np.asarray(bottom, float))
    return np.divide(top, bottom, out=np.zeros(top.shape), where=bottom > 0)


def _curves(counts: NDArray[np.int64]) -> tuple[Floats, Floats, Floats, Floats]:
    """From counts (…, c + 1, k): at risk (…, k), survival before and after each time, incidence (…, c, k)."""
    leaving = counts.sum(-2)
    at_risk = leaving[..., ::-1].cumsum(-1)[..., ::-1].astype(float)
    ended = counts[..., 1:, :]
    after: Floats = np.cumprod(1 - divide(ended.sum(-2), at_risk), -1, dtype=float)
    before = np.concatenate([np.ones_like(after[..., :1]), after[..., :-1]], -1)
    incidence = np.cumsum(divide(before[..., None, :] * ended, at_risk[..., None, :]), -1)
    return at_risk, before, after, incidence


def _error(share: Floats, ended: NDArray[np.int64], all_ended: NDArray[np.int64], n: Floats, before: Floats) -> Floats:
    """Standard error of one cause's incidence at each time: the three sums of the delta method."""
    survived = divide(all_ended, n * (n - all_ended))
    variance = share**2 * survived.cumsum(-1) - 2 * share * (share * survived).cumsum(-1)
    variance += (share**2 * survived).cumsum(-1)
    variance += divide(before**2 * (n - ended) * ended, n**3).cumsum(-1)
    together = divide(before * ended, n**2)
    variance -= 2 * (share * together.cumsum(-1) - (share * together).cumsum(-1))
    return np.sqrt(np.maximum(variance, 0))


def cumulative_incidence(time: ArrayLike, cause: ArrayLike) -> Incidence:
    """Share of the cases that each outcome has taken by each time, while the open ones still count as at risk.

    Parameters
    ----------
    time : array_like, shape (n,)
        From the start of each case to its end, or to today if it is open. One unit throughout, 0 or more.
    cause : array_like of int, shape (n,)
        How it ended: 1, 2, …; 0 if it is open (censored). Cases that end and are censored at one time were at risk.

    Returns
    -------
    Incidence
        Without cases, arrays of length 0 and no causes.

    Raises
    ------
    BadInput
        Columns of different lengths, a time below 0 or missing, a cause that is not a whole number from 0 on.

    Notes
    -----
    Source: Aalen and Johansen (1978), Scand. J. Statistics 5:141; standard errors as Marubini and Valsecchi (1995),
    Analysing Survival Data, §10.2. Misleads when cases are left open because they are lost: censoring must say nothing
    of the outcome. One minus Kaplan–Meier of each outcome alone is too high, and sums to more than 1.
    """
    times, causes, counts = _counts(time, cause)
    return of_counts(times, counts, causes.tolist())


def of_counts(times: Floats, counts: NDArray[np.int64], causes: Sequence[int]) -> Incidence:
    """The same of cases that are counted already, of one group or of many at once.

    Parameters
    ----------
    times : ndarray, shape (k,)
        Ascending; at some of them nothing need happen.
    counts : ndarray of int, shape (…, c + 1, k)
        How many cases are censored (first) and end by each cause at each time.
    causes : sequence of int, length c
        What the causes are called.

    Returns
    -------
    Incidence
        Its arrays have the shape (…, k).
    """
    at_risk, before, after, shares = _curves(counts)
    all_ended = counts[..., 1:, :].sum(-2)
    incidence = {cause: shares[..., i, :] for i, cause in enumerate(causes)}
    errors = {
        cause: _error(shares[..., i, :], counts[..., i + 1, :], all_ended, at_risk, before)
        for i, cause in enumerate(causes)
    }
    return Incidence(times, after, incidence, errors, at_risk.astype(np.int64))


def _half(times: Floats, share: Floats) -> Floats:
    """First time at which each curve (…, k) has half of its last value; NaN where it never leaves 0."""
    if not len(times):
        return np.full(share.shape[:-1], np.nan)
    last = share[..., -1:]
    # Equal halves of one sum may differ in the last digit.
    first = (share >= last / 2 * (1 - 1e-12)).argmax(-1)
    return np.where(last[..., 0] > 0, times[first], np.nan)


def half_time(incidence: Incidence, cause: int = 1) -> float:
    """Time by which half of those who reach a cause, as far as seen, have reached it.

    Parameters
    ----------
    incidence : Incidence
        As `cumulative_incidence` gives it.
    cause : int
        The cause.

    Returns
    -------
    float
        In the unit of the times; NaN if the cause was never seen.

    Notes
    -----
    Source: the median of the subdistribution scaled by its last value, after Gray (1988), Annals of Statistics 16:1141.
    Misleads when the window is short: the slow ones have not ended yet, and the half comes too early.
    """
    if cause not in incidence.incidence:
        return float("nan")
    return float(_half(incidence.times, incidence.incidence[cause]))


def half_time_interval(
    time: ArrayLike, cause: ArrayLike, of: int = 1, *, seed: int = 0, repeats: int = 200, confidence: float = 0.95
) -> tuple[float, float]:
    """Interval of `half_time` by drawing the cases again with replacement.

    Parameters
    ----------
    time, cause : array_like, shape (n,)
        As in `cumulative_incidence`.
    of : int
        The cause whose half time is meant.
    seed, repeats : int
        The same seed gives the same interval; 200 draws settle it to about a tenth of its width.
    confidence : float
        Confidence of the interval.

    Returns
    -------
    low, high : float
        In the unit of the times; NaN if the cause was never seen.

    Raises
    ------
    BadInput
        As `cumulative_incidence`, or a confidence outside 0 to 1.

    Notes
    -----
    Source: Efron (1981), JASA 76:312, percentile interval. Misleads below about 20 cases of the cause.
    """
    found = half_time_intervals(time, cause, seed=seed, repeats=repeats, confidence=confidence)
    return found.get(of, (float("nan"), float("nan")))


def half_time_intervals(
    time: ArrayLike, cause: ArrayLike, *, seed: int = 0, repeats: int = 200, confidence: float = 0.95
) -> dict[int, tuple[float, float]]:
    """`half_time_interval` of every cause that was seen, from the same draws."""
    if not 0 < confidence < 1:
        raise BadInput(f"A confidence lies between 0 and 1, {confidence!r} was given; 0.95 is usual.")
    times, causes, counts = _counts(time, cause)
    if not len(causes):
        return {}
    # Drawing cases is drawing how many fall in each (cause, time): k cells instead of n cases.
    drawn = np.random.default_rng(seed).multinomial(counts.sum(), counts.ravel() / counts.sum(), size=repeats)
    shares = _curves(drawn.reshape(repeats, *counts.shape))[3]
    ends = [(1 - confidence) / 2, (1 + confidence) / 2]
    halves = {int(of): _half(times, shares[:, at]) for at, of in enumerate(causes)}
    return {of: _between(half[~np.isnan(half)], ends) for of, half in halves.items()}


def _between(values: Floats, ends: Sequence[float]) -> tuple[float, float]:
    low, high = np.quantile(values, ends) if len(values) else (np.nan, np.nan)
    return float(low), float(high)
