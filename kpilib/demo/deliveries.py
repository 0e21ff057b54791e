"""When orders were promised and when they came: one parcel an order, later than promised oftener from one depot."""

import numpy as np

from kpilib.demo import words
from kpilib.demo.accounts import Accounts
from kpilib.demo.columns import Columns
from kpilib.demo.days import NEVER, Window, working
from kpilib.demo.draws import Streams, logistic
from kpilib.demo.truths import Truths

#: The regions that the depot of the south serves.
SOUTH = ("Occitanie", "Provence-Alpes-Côte d'Azur", "Corse")
#: Days from the order to the promise; days that a parcel comes early; days that a late one is late in the middle.
_PROMISED, _EARLY, _LATE = (6, 13), (0, 3), 3.0


def delivered(lines: Columns, them: Accounts, span: Window, truth: Truths, streams: Streams) -> Columns:
    """The lines with the day `promised` and the day `came` of their order, in days since 1970, alike for all its lines.

    What came back was promised to nobody (NEVER); what comes after the window has not come yet (NEVER).
    """
    _, first, order = np.unique(lines["order"], return_index=True, return_inverse=True)
    n, draws = len(first), streams.of("deliveries")
    account, ordered = lines["account"][first], lines["day"][first]
    south = np.array([c[0] in SOUTH for c in words.CITIES])[them.city[account]]
    promised = working(ordered + draws.wholes(*_PROMISED, n))
    late = draws.happens(logistic(truth.deliver_late + truth.deliver_late_south * south), n)
    early = np.maximum(promised - draws.wholes(*_EARLY, n), ordered + 1)
    behind = promised + 1 + np.floor(draws.spreads(_LATE, 0.6, n)).astype(np.int64)
    came = np.where(late, behind, early)
    sent = lines["units"] > 0
    return {
        **lines,
        "promised": np.where(sent, promised[order], NEVER),
        "came": np.where(sent & (came[order] <= span.last), came[order], NEVER),
    }
