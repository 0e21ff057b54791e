"""How well foretold risks did on customers and months that the model had not seen.

A case is a customer at one day (its landmark) with a risk of leaving within a horizon, and what came of it: how long it
was followed and whether it left then. Cases that could not be followed to the horizon are censored: the others stand
for them.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from kpilib.errors import BadInput
from kpilib.stats.intervals import Floats, normal_quantile, wilson

Whole = NDArray[np.int64]


class Estimate(NamedTuple):
    """A value with its interval; NaN where the cases cannot give it."""

    value: float
    low: float
    high: float


def _cases(*columns: ArrayLike) -> list[Floats]:
    arrays = [np.asarray(column, float) for column in columns]
    if arrays[0].ndim != 1 or any(one.shape != arrays[0].shape for one in arrays):
        shapes = ", ".join(str(one.shape) for one in arrays)
        raise BadInput(f"Risks, times and events must be columns of one length; shapes {shapes} came.")
    return arrays


def _summed(values: Floats, groups: ArrayLike | None) -> Floats:
    """Values added up by group; as they are where each case is its own."""
    return values if groups is None else np.bincount(np.asarray(groups, np.int64), weights=values).astype(float)


def concordance(
    risk: ArrayLike, time: ArrayLike, event: ArrayLike, landmark: ArrayLike | None = None,
    groups: ArrayLike | None = None, confidence: float = 0.95,
) -> Estimate:  # fmt: skip
    """How often, of two customers, the one who left sooner had been given the higher risk; 0.5 is a coin's.

    Parameters
    ----------
    risk : array_like, shape (n,)
        Foretold risks; only their order counts.
    time : array_like, shape (n,)
        How long each case was followed.
    event : array_like, shape (n,)
        1 if it left at that time.
    landmark : array_like of int, shape (n,), optional
        Cases are compared with those of their own landmark only.
    groups : array_like of int, shape (n,), optional
        The customer of each case, from 0 on: the interval then allows its cases to depend on each other.
    confidence : float
        Of the interval.

    Returns
    -------
    Estimate
        0 to 1, equal risks counting half; NaN where no two cases can be compared.

    Raises
    ------
    BadInput
        Columns of different lengths, a confidence outside 0 to 1.

    Notes
    -----
    Source: Harrell, Lee and Mark (1996), Statistics in Medicine 15:361; interval from each case's share in the pairs
    (Hoeffding's projection). Misleads about size: a model may rank well and foretell risks twice too high.
    """
    score, end, left = _cases(risk, time, event)
    of = np.zeros(len(score), np.int64) if landmark is None else np.unique(landmark, return_inverse=True)[1]
    won, pairs = np.zeros(len(score)), np.zeros(len(score))
    for one in range(int(of.max()) + 1 if len(of) else 0):
        rows = np.flatnonzero(of == one)
        won[rows], pairs[rows] = _pairs(score[rows], end[rows], left[rows] == 1)
    total = pairs.sum() / 2  # each pair stands with both of its cases
    if not total:
        return Estimate(*[float("nan")] * 3)
    value = won.sum() / 2 / total
    share = _summed((won - value * pairs) / total, groups)
    reach = normal_quantile(confidence) * float(np.sqrt((share**2).sum()))
    return Estimate(float(value), float(max(value - reach, 0)), float(min(value + reach, 1)))


def _pairs(score: Floats, end: Floats, left: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """For each case, the pairs it belongs to in which the right one had the higher risk, and all its pairs."""
    won, pairs = np.zeros(len(score)), np.zeros(len(score))
    for moment in np.unique(end[left]):
        going = np.flatnonzero(left & (end == moment))
        staying = np.flatnonzero((end > moment) | (~left & (end == moment)))
        won[going] += _below(score[staying], score[going])
        won[staying] += len(going) - _below(score[going], score[staying])
        pairs[going] += len(staying)
        pairs[staying] += len(going)
    return won, pairs


def _below(some: Floats, marks: Floats) -> Floats:
    """How many of `some` lie below each mark, those equal to it counting half."""
    order = np.sort(some)
    return (np.searchsorted(order, marks, "left") + np.searchsorted(order, marks, "right")) / 2


def followed_weights(time: ArrayLike, event: ArrayLike, horizon: float) -> Floats:
    """The weight of each case, so that those followed to the horizon stand for those who were not.

    Parameters
    ----------
    time, event : array_like, shape (n,)
        As in `concordance`.
    horizon : float
        How far ahead the risks were foretold, in the unit of `time`.

    Returns
    -------
    ndarray, shape (n,)
        1 over the probability of having been followed until the case left, or to the horizon; 0 for who was lost from
        sight before. Empty in, empty out.

    Notes
    -----
    Source: Graf, Schmoor, Sauerbrei and Schumacher (1999), Statistics in Medicine 18:2529. Misleads where who is lost
    from sight is likelier to leave.
    """
    end, left = _cases(time, event)
    gone = left == 1
    moments, lost = np.unique(end[~gone], return_counts=True)
    # Who leaves at the moment at which others are lost from sight left first, and was no longer there to be lost.
    there = len(end) - np.searchsorted(np.sort(end[~gone]), moments, "left")
    there = there - np.searchsorted(np.sort(end[gone]), moments, "right")
    seen = np.concatenate([[1.0], np.cumprod(1 - lost / there)])
    known = (gone & (end <= horizon)) | (end >= horizon)
    until = seen[np.searchsorted(moments, np.minimum(end, horizon), side="left")]
    return np.divide(1, until, out=np.zeros(len(end)), where=known & (until > 0))


def _outcome(time: Floats, event: Floats, horizon: float) -> Floats:
    return ((event == 1) & (time <= horizon)).astype(float)


def brier_censored(risk: ArrayLike, time: ArrayLike, event: ArrayLike, horizon: float) -> float:
    """Mean squared distance between the foretold risk and what happened within the horizon, censored cases weighted.

    Parameters
    ----------
    risk, time, event, horizon
        As in `followed_weights`; risks are probabilities 0 to 1.

    Returns
    -------
    float
        0 is perfect; NaN without cases.

    Notes
    -----
    Source: Graf et al. (1999), Statistics in Medicine 18:2529. Misleads by itself where few leave: compare with the
    score of the base rate (`gain`).
    """
    foretold, end, left = _cases(risk, time, event)
    if not len(end):
        return float("nan")
    distance = (_outcome(end, left, horizon) - foretold) ** 2
    return float(np.mean(followed_weights(end, left, horizon) * distance))


def gain(
    risk: ArrayLike, base: float, time: ArrayLike, event: ArrayLike, horizon: float, groups: ArrayLike | None = None,
    confidence: float = 0.95,
) -> Estimate:  # fmt: skip
    """By how much the risks foretold better than one rate for all: Brier score of the rate less that of the risks.

    Parameters
    ----------
    risk, time, event, horizon, groups, confidence
        As above.
    base : float
        The rate, known beforehand.

    Returns
    -------
    Estimate
        Above 0 the risks did better; an interval that holds 0 says that they may not. NaN with fewer than two cases.

    Notes
    -----
    The interval is that of the mean of differences, summed by customer; the weights are taken as known.
    """
    foretold, end, left = _cases(risk, time, event)
    if len(end) < 2:
        return Estimate(*[float("nan")] * 3)
    happened = _outcome(end, left, horizon)
    better = followed_weights(end, left, horizon) * ((happened - base) ** 2 - (happened - foretold) ** 2)
    value = better.mean()
    apart = _summed((better - value) / len(better), groups)
    reach = normal_quantile(confidence) * float(np.sqrt((apart**2).sum()))
    return Estimate(float(value), float(value - reach), float(value + reach))


def reliability_censored(
    risk: ArrayLike, time: ArrayLike, event: ArrayLike, horizon: float, bins: int = 10
) -> pd.DataFrame:
    """What was foretold against what happened within the horizon, in groups of similar risks.

    Parameters
    ----------
    risk, time, event, horizon
        As in `brier_censored`.
    bins : int
        Groups at most, of about one size; equal risks are never split.

    Returns
    -------
    DataFrame
        One row a group by rising risk: forecast (mean risk), observed (share that left), low, high (Wilson), rows
        (cases followed). Without cases, no rows.

    Notes
    -----
    Source: Murphy and Winkler (1977), Applied Statistics 26:41. Where cases are censored, counts are weighted and the
    Wilson interval is approximate. Cases of one customer are not independent: the bars are then too short.
    """
    foretold, end, left = _cases(risk, time, event)
    place = _alike(foretold, bins)
    weight = followed_weights(end, left, horizon)
    rows = np.bincount(place, weights=weight > 0)
    happened = np.bincount(place, weights=weight * _outcome(end, left, horizon))
    total = np.bincount(place, weights=weight)
    mean = np.bincount(place, weights=weight * foretold)
    keep = rows > 0
    share = np.minimum(happened[keep] / total[keep], 1)
    low, high = wilson(share * rows[keep], rows[keep])
    return pd.DataFrame(
        {"forecast": mean[keep] / total[keep], "observed": share, "low": low, "high": high,
         "rows": rows[keep].astype(int)}
    )  # fmt: skip


def _alike(values: Floats, bins: int) -> Whole:
    """The group of each value, by rank; equal values together."""
    kinds, place, count = np.unique(values, return_inverse=True, return_counts=True)
    if len(kinds) <= bins:
        return place
    middle = (np.cumsum(count) - count / 2) / len(values)
    return np.unique(np.floor(middle * bins), return_inverse=True)[1][place]
