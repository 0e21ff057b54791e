"""Are declared probabilities honest: of what was given 60 %, did 60 % happen?

Takes forecasts and what came of them; a forecast is a fraction 0 to 1, an outcome 1 (it happened) or 0 (it did not).
Open cases have no outcome yet and do not belong here.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from kpilib.errors import BadInput
from kpilib.stats.intervals import Floats, wilson


class Decomposition(NamedTuple):
    """The Brier score and its three parts: brier = reliability − resolution + uncertainty.

    `reliability` is what dishonest forecasts cost (0 is honest), `resolution` what telling cases apart gains,
    `uncertainty` what forecasting the overall share for all would cost.
    """

    brier: float
    reliability: float
    resolution: float
    uncertainty: float


def _checked(forecast: ArrayLike, outcome: ArrayLike) -> tuple[Floats, Floats]:
    f, y = np.asarray(forecast, float), np.asarray(outcome, float)
    if f.ndim != 1 or f.shape != y.shape:
        raise BadInput(f"Forecasts and outcomes must be two columns of one length; shapes {f.shape}, {y.shape} came.")
    for what, wrong in (
        ("Forecasts must be fractions 0 to 1", ~((f >= 0) & (f <= 1))),
        ("Outcomes must be 0 or 1, so leave open cases out", ~((y == 0) | (y == 1))),
    ):
        if wrong.any():
            raise BadInput(f"{what}; {wrong.sum()} are not, the first at row {wrong.argmax()}.")
    return f, y


def _bins(forecast: Floats, bins: int) -> NDArray[np.int64]:
    """Number each forecast's bin: bins of about one size, equal forecasts together, no bin empty."""
    values, place, count = np.unique(forecast, return_inverse=True, return_counts=True)
    if len(values) <= bins:
        return place
    # A value goes where the middle of its rows would go.
    middle = (np.cumsum(count) - count / 2) / len(forecast)
    return np.unique(np.floor(middle * bins), return_inverse=True)[1][place]


def reliability(forecast: ArrayLike, outcome: ArrayLike, bins: int = 10, confidence: float = 0.95) -> pd.DataFrame:
    """What was forecast against what happened, in groups of similar forecasts.

    Parameters
    ----------
    forecast, outcome : array_like, shape (n,)
        Fractions 0 to 1, and 0 or 1.
    bins : int
        Groups at most; of about equal size, and equal forecasts are never split.
    confidence : float
        Confidence of the intervals.

    Returns
    -------
    DataFrame
        One row a group, by rising forecast: `forecast` (mean), `observed` (share that happened), `low`, `high` (Wilson
        interval of that share), `rows`. Without cases, no rows.

    Raises
    ------
    BadInput
        Columns of different lengths, a forecast outside 0 to 1, an outcome that is not 0 or 1, fewer than one bin.

    Notes
    -----
    Source: Murphy and Winkler (1977), Applied Statistics 26:41; Bröcker and Smith (2007), Weather and Forecasting
    22:651. Misleads on closed cases only, when open ones close differently; and within a wide bin errors cancel.
    """
    f, y = _checked(forecast, outcome)
    if bins < 1:
        raise BadInput(f"At least one bin is needed, {bins} were asked for; 10 is usual.")
    place = _bins(f, bins)
    rows = np.bincount(place)
    happened = np.bincount(place, weights=y)
    low, high = wilson(happened, rows, confidence)
    mean = np.bincount(place, weights=f) / rows
    return pd.DataFrame({"forecast": mean, "observed": happened / rows, "low": low, "high": high, "rows": rows})


def brier(outcome: ArrayLike, forecast: ArrayLike) -> float:
    """Mean squared distance between forecasts and what happened; 0 is perfect, 0.25 is a coin's.

    Parameters
    ----------
    outcome, forecast : array_like, shape (n,)
        0 or 1, and fractions 0 to 1.

    Returns
    -------
    float
        0 to 1; NaN without cases.

    Raises
    ------
    BadInput
        As `reliability`; swapped arguments are noticed unless every forecast is 0 or 1.

    Notes
    -----
    Source: Brier (1950), Monthly Weather Review 78:1. Misleads between groups of different base rates: a rare event is
    easy to score well on. Compare with `decomposition(…).uncertainty`, the score of the overall share.

    Examples
    --------
    >>> round(brier([0, 1, 1, 0], [0.1, 0.9, 0.8, 0.3]), 4)
    0.0375
    """
    f, y = _checked(forecast, outcome)
    return float(np.mean((f - y) ** 2)) if len(y) else float("nan")


def decomposition(outcome: ArrayLike, forecast: ArrayLike) -> Decomposition:
    """Why the Brier score is what it is: dishonesty, discrimination, and how hard the cases were.

    Exact, since cases are grouped by the forecast itself and not in bins.

    Parameters
    ----------
    outcome, forecast : array_like, shape (n,)
        0 or 1, and fractions 0 to 1.

    Returns
    -------
    Decomposition
        Four numbers 0 to 1; NaN without cases.

    Raises
    ------
    BadInput
        As `reliability`.

    Notes
    -----
    Source: Murphy (1973), Journal of Applied Meteorology 12:595. Misleads when nearly every forecast is its own value:
    each group then holds one case, and reliability and resolution are both overstated. Round such forecasts first.
    """
    f, y = _checked(forecast, outcome)
    if not len(y):
        return Decomposition(*[float("nan")] * 4)
    values, place, rows = np.unique(f, return_inverse=True, return_counts=True)
    observed, overall = np.bincount(place, weights=y) / rows, y.mean()
    share = rows / len(y)
    return Decomposition(
        brier=brier(y, f),
        reliability=float(share @ (values - observed) ** 2),
        resolution=float(share @ (observed - overall) ** 2),
        uncertainty=float(overall * (1 - overall)),
    )
