"""The invoices: one an order, due after the days its segment is given, paid late by some and by the discontented."""

import numpy as np

from kpilib.demo.columns import Columns
from kpilib.demo.draws import Draws
from kpilib.demo.state import State

_TERMS = (30, 45, 60)
_NOISE_DAYS = 9.0
#: Nobody pays before so many days are over.
_SOONEST = 2


def invoices(state: State, sold: Columns, month: int, draws: Draws) -> Columns:
    """The invoices of a month's orders; `paid` may lie after the window."""
    orders, first = np.unique(sold["order"], return_index=True)
    cents = np.bincount(sold["order"], sold["cents"]).astype(np.int64)[orders]
    account, n = sold["account"][first], len(orders)
    issued = sold["day"][first] + draws.wholes(0, 2, n)
    due = issued + np.array(_TERMS)[state.them.segment[account]]
    delay = state.them.delay + state.truth.delay_with_felt * state.felt(month)
    late = np.floor(delay[account] + _NOISE_DAYS * draws.bells(n)).astype(np.int64)
    paid = np.maximum(due + late, issued + _SOONEST)
    made = {"account": account, "issued": issued, "due": due, "paid": paid, "cents": cents}
    _remember(state, made)
    return made


def _remember(state: State, made: Columns) -> None:
    """By the month in which they fall due, for the months after it."""
    month = state.span.month(made["due"])
    for one in np.unique(month).tolist():
        rows = month == one
        state.owed.setdefault(one, []).append({name: made[name][rows] for name in ("account", "due", "paid")})
