"""How many customers are still there after a given time, and whether groups differ in it.

Handles customers who were there before the records begin (left truncation) and those who are still there (censoring).
A time is the age of a customer; the unit is the caller's, one throughout.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kpilib.errors import BadInput
from kpilib.stats.incidence import divide
from kpilib.stats.intervals import Band, Floats, normal_quantile

Whole = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Retention:
    """Share of customers still there at each age.

    Attributes
    ----------
    times : ndarray, shape (k,)
        Distinct ages at which someone left or was last seen, ascending.
    retained : ndarray, shape (k,)
        Share still there just after each of them.
    at_risk, lost : ndarray of int, shape (k,)
        Customers under observation just before each age, and those of them who left at it.
    """

    times: Floats
    retained: Floats
    at_risk: Whole
    lost: Whole

    def band(self, confidence: float = 0.95) -> Band:
        """Interval of the share at each age, kept within 0 to 1 by the log-log scale.

        Returns
        -------
        low, high : ndarray, shape (k,)
            1 to 1 before anybody left; NaN once nobody is left, for the data then say nothing of a next customer.

        Raises
        ------
        BadInput
            A confidence outside 0 to 1.

        Notes
        -----
        Source: Kalbfleisch and Prentice (2002), The Statistical Analysis of Failure Time Data, §1.4, with Greenwood's
        variance. Pointwise: misleads if read as a band for the whole curve, and where few are at risk.
        """
        left = self.at_risk - self.lost
        greenwood = np.cumsum(divide(self.lost, self.at_risk * left))
        inside = (self.retained > 0) & (self.retained < 1)
        share = np.where(inside, self.retained, np.nan)
        reach = np.exp(normal_quantile(confidence) * np.sqrt(greenwood) / np.abs(np.log(share)))
        whole = np.where(self.retained >= 1, 1.0, np.nan)
        return np.where(inside, share**reach, whole), np.where(inside, share ** (1 / reach), whole)

    def at(self, ages: ArrayLike) -> Floats:
        """Share still there at given ages: 1 before the first loss, NaN beyond the last age that was seen."""
        asked = np.asarray(ages, float)
        place = np.searchsorted(self.times, asked, side="right")
        share = np.concatenate([[1.0], self.retained])[place]
        return np.where(asked <= (self.times[-1] if len(self.times) else -np.inf), share, np.nan)

    def median(self) -> float:
        """First age at which no more than half are left; NaN where more than half still were at the last age seen."""
        below = np.flatnonzero(self.retained <= 0.5 + 1e-12)
        return float(self.times[below[0]]) if len(below) else float("nan")


def _lives(entry: ArrayLike, time: ArrayLike, event: ArrayLike) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Check the lives: as many of each, entered before they end, an event that is 0 or 1."""
    begin, end, left = np.asarray(entry, float), np.asarray(time, float), np.asarray(event, float)
    if end.ndim != 1 or begin.shape != end.shape or left.shape != end.shape:
        raise BadInput(
            f"Entries, times and events must be three columns of one length; shapes {begin.shape}, {end.shape} and "
            f"{left.shape} came."
        )
    for what, wrong in (
        ("A time must lie after its entry (leave out who was never under observation)", ~(begin < end)),
        ("An event is 1 (left) or 0 (still there)", ~((left == 0) | (left == 1))),
    ):
        if wrong.any():
            raise BadInput(f"{what}; {wrong.sum()} do not fit, the first at row {wrong.argmax()}.")
    return begin, end, left == 1


def _under_observation(begin: Floats, end: Floats, times: Floats) -> Whole:
    """How many have entered before each time and not ended before it."""
    entered = np.searchsorted(np.sort(begin), times, side="left")
    return entered - np.searchsorted(np.sort(end), times, side="left")


def retention_curve(entry: ArrayLike, time: ArrayLike, event: ArrayLike) -> Retention:
    """Share of customers still there at each age (Kaplan–Meier), from lives that are seen only in part.

    Parameters
    ----------
    entry : array_like, shape (n,)
        Age at which each customer came under observation: 0 for who was acquired within the records; for who was there
        before they begin, the age at their beginning. Such a customer tells nothing of younger ages.
    time : array_like, shape (n,)
        Age at which the customer left, or was last seen. Always above `entry`.
    event : array_like, shape (n,)
        1 if it left at that age, 0 if it was still there.

    Returns
    -------
    Retention
        Without lives, arrays of length 0.

    Raises
    ------
    BadInput
        Columns of different lengths, a time not above its entry, an event that is neither 0 nor 1.

    Notes
    -----
    Source: Kaplan and Meier (1958), JASA 53:457; late entry as Tsai, Jewell and Wang (1987), Biometrika 74:883. Who
    enters at an age is at risk after it, not at it. Misleads where few are under observation at young ages: if all of
    them leave, the share is 0 from there on, whatever the old ones do.

    Examples
    --------
    >>> retention_curve([1, 2, 4, 0, 0], [2, 10, 5, 4, 3], [1, 1, 1, 1, 1]).retained.round(3).tolist()
    [0.667, 0.444, 0.222, 0.111, 0.0]
    """
    begin, end, left = _lives(entry, time, event)
    times, place = np.unique(end, return_inverse=True)
    at_risk = _under_observation(begin, end, times)
    lost = np.bincount(place, weights=left, minlength=len(times)).astype(np.int64)
    retained: Floats = np.cumprod(1 - divide(lost, at_risk), dtype=float)
    return Retention(times, retained, at_risk, lost)


@dataclass(frozen=True)
class Difference:
    """Whether the curves of several groups differ by more than chance: statistic, degrees of freedom, p-value."""

    chi2: float
    df: int
    p: float


def logrank(entry: ArrayLike, time: ArrayLike, event: ArrayLike, group: ArrayLike) -> Difference:
    """Log-rank test: do the retention curves of several groups differ by more than chance?

    Parameters
    ----------
    entry, time, event : array_like, shape (n,)
        As in `retention_curve`, which also says what is raised.
    group : array_like, shape (n,)
        The group of each customer; any values that can be sorted.

    Returns
    -------
    Difference
        df = groups − 1; NaN for chi2 and p where there is one group, or nobody left.

    Notes
    -----
    Source: Mantel (1966), Cancer Chemotherapy Reports 50:163; Peto and Peto (1972), JRSS A 135:185. Misleads where the
    curves cross: early and late differences cancel. On many dimensions at once pass the p-values to
    `kpilib.stats.discovery.false_discovery`.
    """
    begin, end, left = _lives(entry, time, event)
    names, place = np.unique(np.asarray(group), return_inverse=True)
    times = np.unique(end[left])
    if len(names) < 2 or not len(times):
        return Difference(float("nan"), max(len(names) - 1, 0), float("nan"))
    of = [place == one for one in range(len(names))]
    at_risk = np.array([_under_observation(begin[one], end[one], times) for one in of], float)
    lost = np.array([_counted(end[one & left], times) for one in of], float)
    return _mantel(at_risk, lost)


def _counted(values: Floats, times: Floats) -> Whole:
    return np.bincount(np.searchsorted(times, values), minlength=len(times))


def _mantel(at_risk: Floats, lost: Floats) -> Difference:
    """Observed against expected losses, from counts of shape (groups, times)."""
    from scipy.special import chdtrc

    n, d = at_risk.sum(0), lost.sum(0)
    share = divide(at_risk, n)
    excess = (lost - share * d).sum(1)[:-1]  # the last group follows from the others
    # Drawn without replacement: who leaves at one time, of those at risk then.
    spread = divide(d * (n - d), n - 1)
    variance = (np.diag((share * spread).sum(1)) - (share * spread) @ share.T)[:-1, :-1]
    chi2 = float(excess @ np.linalg.pinv(variance, hermitian=True) @ excess)
    return Difference(chi2, len(lost) - 1, float(chdtrc(len(lost) - 1, chi2)))
