"""Were declared probabilities honest, and what do they promise: forecasts of open deals held against closed ones.

Frames in, frames and numbers out; nothing is fetched, drawn or said here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from kpilib.stats.calibration import brier, reliability
from kpilib.stats.intervals import wilson

#: With fewer closed deals than this, their rates correct no forecast.
ENOUGH = 30


@dataclass(frozen=True, eq=False)
class Honesty:
    """Declared probabilities against what came of them.

    Attributes
    ----------
    bins : DataFrame
        From `stats.calibration.reliability`, its forecast called `declared`: `declared`, `observed`, `low`, `high`,
        `rows`.
    declared, observed, low, high : float
        Mean declared; share won, with its 95 % interval. NaN without deals.
    brier, reference : float
        Brier score of the declarations, and of the overall share declared for every deal.
    rows, certain, absent : int
        Closed deals compared; left out because 0 or 1 was declared (closing sets that in many a CRM); without any.
    """

    bins: pd.DataFrame
    declared: float
    observed: float
    low: float
    high: float
    brier: float
    reference: float
    rows: int
    certain: int
    absent: int


def honesty(closed: pd.DataFrame, bins: int = 8) -> Honesty:
    """Hold the declared probabilities of closed deals against their fate; `closed` has `status` and `probability`.

    Source: Murphy and Winkler (1977), see `stats.calibration`. Misleads where the CRM overwrites the probability as the
    deal moves on: then it was declared on the last day, with the end in sight.
    """
    p = closed["probability"].to_numpy(float)
    told = (p > 0) & (p < 1)
    forecast, won = p[told], (closed["status"] == "won").to_numpy(bool)[told].astype(float)
    low, high = wilson(won.sum(), len(won))
    share = float(won.mean()) if len(won) else float("nan")
    return Honesty(
        bins=reliability(forecast, won, bins).rename(columns={"forecast": "declared"}),
        declared=float(forecast.mean()) if len(won) else float("nan"),
        observed=share,
        low=float(low),
        high=float(high),
        brier=brier(won, forecast),
        reference=share * (1 - share),
        rows=len(won),
        certain=int((~np.isnan(p) & ~told).sum()),
        absent=int(np.isnan(p).sum()),
    )


def expected(amount: ArrayLike, probability: ArrayLike) -> tuple[float, float]:
    """What deals are expected to bring, and the standard deviation of what they will.

    Parameters
    ----------
    amount, probability : array_like, shape (n,)
        Of each deal; a fraction 0 to 1.

    Returns
    -------
    (float, float)
        Σ a p and √Σ a² p (1 − p), in the amounts' unit; (0, 0) without deals. Deals are taken as independent.

    Examples
    --------
    >>> expected([10000, 50000, 20000, 5000], [0.1, 0.5, 0.8, 0.9])[0]
    46500.0
    """
    a, p = np.asarray(amount, float), np.asarray(probability, float)
    return float(a @ p), float(np.sqrt((a**2) @ (p * (1 - p))))


def corrected(probability: ArrayLike, bins: pd.DataFrame) -> np.ndarray:
    """Declared probabilities as the closed deals of like declarations turned out; straight lines between the bins."""
    return np.interp(np.asarray(probability, float), bins["declared"], bins["observed"])
