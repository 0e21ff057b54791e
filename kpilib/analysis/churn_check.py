"""Whether the risks of leaving hold on months that the model has not seen: the finding "churn_check".

The model is fitted to the earlier months alone. From then on, every third month each customer there is given a risk for
the three months to come, from what was known then; and what came of it is counted.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kpilib.analysis.churn_design import names_of, rows_of
from kpilib.analysis.churn_model import HORIZON, RECENT, Model, cannot, fitted, followed, risk_of
from kpilib.analysis.customer_months import CustomerMonths, customer_months
from kpilib.stats.held_out import brier_censored, concordance, gain, reliability_censored

#: Share of the losses that the model learns from, and the losses that either part needs.
EARLIER = 2 / 3
LEARNT, TESTED = 20, 10


def churn_check(book: Any) -> dict[str, Any]:
    """How well the model's risks foretold who left, in months that it had not seen.

    Parameters
    ----------
    book : Book
        What `kpilib.open` returned.

    Returns
    -------
    dict
        horizon (months), train_until, test_from, test_until, train_events, test_events, test_rows, customers, base_rate
        (of the earlier part), observed_rate, concordance and gain with their intervals, brier, brier_base, skill,
        beats_base, and the frame `reliability`. `{"cannot": code}` with the counts where there are too few losses.

    Notes
    -----
    `beats_base` is True only where the gain in Brier score over the base rate is above 0 and the concordance above one
    half, each by more than its interval (95 %, customers as a whole). A model that does not beat the base rate ranks or
    foretells no better than giving everybody the same risk.
    """
    data = customer_months(book)
    reason = cannot(data, 2 * HORIZON)
    if reason:
        return reason
    cut = _cut(data)
    early, late = int((data.event & (data.month < cut)).sum()), int((data.event & (data.month >= cut)).sum())
    model = fitted(data, until=cut, both=False) if early >= LEARNT and late >= TESTED else None
    if model is None:
        code = "too_few_events" if early < LEARNT or late < TESTED else "separation"
        return {"cannot": code, "customers": len(np.unique(data.customer)), "events": early + late,
                "rows": len(data.event)}  # fmt: skip
    return {
        "horizon": HORIZON, "train_until": data.day(cut - 1), "test_from": data.day(cut),
        "test_until": data.day(data.grid.months - 1), "train_events": early, **_held_out(data, model, cut),
    }  # fmt: skip


def _cut(data: CustomerMonths) -> int:
    """The month before which about two thirds of the losses lie; the later part has room for one horizon at least."""
    lost = np.bincount(data.month[data.event], minlength=data.grid.months).cumsum()
    cut = int(np.searchsorted(lost, EARLIER * lost[-1])) + 1
    return max(min(cut, data.grid.months - HORIZON), data.history + 1)


def _held_out(data: CustomerMonths, model: Model, cut: int) -> dict[str, Any]:
    keep = (data.month >= cut) & ((data.month - cut) % HORIZON == 0)
    rows = rows_of(data, names_of(data)[1]).some(keep)
    month, who = data.month[keep], data.customer[keep]
    risk = risk_of(data, model).probability(np.nan_to_num(model.design.table(rows)))[0]
    time, left = followed(data, month, who)
    base = _base_rate(data, cut)
    of = np.unique(who, return_inverse=True)[1]
    within = left & (time <= HORIZON)
    # Beyond the horizon nothing was foretold: who left later was still there at its end.
    ranked = concordance(risk, np.minimum(time, HORIZON), within, month, of)
    better = gain(risk, base, time, left, HORIZON, of)
    flat = brier_censored(np.full(len(risk), base), time, left, HORIZON)
    return {
        "test_events": int(within.sum()), "test_rows": len(risk), "customers": int(of.max()) + 1,
        "base_rate": base, "observed_rate": float(within.mean()),
        "concordance": ranked.value, "concordance_low": ranked.low, "concordance_high": ranked.high,
        "brier": brier_censored(risk, time, left, HORIZON), "brier_base": flat,
        "gain": better.value, "gain_low": better.low, "gain_high": better.high, "skill": better.value / flat,
        "beats_base": bool(better.low > 0 and ranked.low > 0.5),
        "reliability": reliability_censored(risk, time, left, HORIZON),
    }  # fmt: skip


def _base_rate(data: CustomerMonths, cut: int) -> float:
    """Share that leaves within the horizon at the rate of the last months before the cut."""
    recent = (data.month < cut) & (data.month >= cut - RECENT)
    return float(1 - (1 - data.event[recent].mean()) ** HORIZON)
