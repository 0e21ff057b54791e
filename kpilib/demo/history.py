"""How the deals came to stand as they do: amounts that grew or shrank, closings put off, probabilities said anew.

The deals are drawn as they ended; this goes back from there, so that what a deal reads after its last change is what
the table of the opportunities says. It is drawn from a stream of its own: the deals stay as they are.
"""

import numpy as np
import pandas as pd

from kpilib.demo.columns import Columns, joined, size, take
from kpilib.demo.days import working
from kpilib.demo.deals import Deals
from kpilib.demo.draws import Draws, Flag, Real, Streams, Whole
from kpilib.demo.frames import dates, frame, never, times
from kpilib.demo.tables import Keys

#: Share of the deals that are never changed, are changed once, twice, three times.
_COUNTS = (62, 20, 12, 6)
#: Of the changes: how many are of the amount, of the day of closing, of the probability.
_AMOUNT, _CLOSING, _PROBABILITY = 0.55, 0.55, 0.40
#: Per cent by which an amount changes; days by which a closing is put off, and now and then brought forward.
_SHRINKS, _GROWS, _GROWS_SHARE = (5, 30), (5, 40), 0.45
_LATER, _SOONER, _LATER_SHARE = (7, 60), (3, 21), 0.85
_FULL_DAY, _MORNING, _APART = 1440, 600, 120


def history(them: Deals, touched: Whole, streams: Streams) -> Columns:
    """The deals that changed, as created and after each change; what did not change at a row is flagged `same_…`.

    Parameters
    ----------
    them : Deals
        As they stand on the last day of the window.
    touched : Whole
        The last day on which somebody touched each; it was not changed later.
    streams : Streams
        Of the block.

    Returns
    -------
    Columns
        deal, minute, cents, expected, belief, and for each of the last three whether the row says it; ordered by deal
        and time.
    """
    draws = streams.of("history")
    last = np.minimum(them.close - 1, touched)
    count = np.where(last > them.created, draws.picks(_COUNTS, them.size), 0)
    rows = np.flatnonzero(count > 0)
    made = _backwards(them.take(rows), count[rows], last[rows], draws)
    made["deal"] = rows[made["deal"]]
    made = take(made, made["cents said"] | made["expected said"] | made["belief said"])
    alone = np.bincount(made["deal"], minlength=them.size)[made["deal"]] == 1
    made = take(made, ~alone)  # created, and then nothing: no change
    return take(made, np.lexsort((made["minute"], made["deal"])))


def _backwards(them: Deals, count: Whole, last: Whole, draws: Draws) -> Columns:
    """Each change with what it left, from the last one back; then the deal as it was created."""
    n, parts = them.size, []
    now: Columns = {"cents": them.cents, "expected": them.expected, "belief": them.belief}
    shares = np.sort(draws.shares((n, len(_COUNTS) - 1)), axis=1)
    for rank in range(len(_COUNTS) - 1, 0, -1):
        part = shares[:, rank - 1]
        day = np.maximum(
            working(them.created + 1 + np.floor(part * (last - them.created)).astype(np.int64)), them.created
        )
        real = count >= rank
        before = _before(now, day, them.created, draws)
        said = {f"{name} said": before[name] != now[name] for name in now}
        minute = day * _FULL_DAY + _MORNING + _APART * rank + draws.wholes(0, 59, n)
        parts.append(take({"deal": np.arange(n), "minute": minute, **now, **said}, real))
        now = {name: np.where(real, before[name], now[name]) for name in now}
    said = {f"{name} said": np.full(n, True) for name in now}
    parts.append({"deal": np.arange(n), "minute": them.created * _FULL_DAY + _MORNING - 60, **now, **said})
    return joined(parts)


def _before(now: Columns, day: Whole, created: Whole, draws: Draws) -> Columns:
    """What the deals read before a change, from what they read after it."""
    n = len(day)
    grew = draws.happens(_GROWS_SHARE, n)
    percent = np.where(grew, draws.wholes(*_GROWS, n), -draws.wholes(*_SHRINKS, n))
    cents = np.where(draws.happens(_AMOUNT, n), now["cents"] * 100 // (100 + percent), now["cents"])
    return {
        "cents": np.maximum(cents, 1),
        "expected": _expected_before(now["expected"], day, created, draws),
        "belief": _belief_before(now["belief"], draws),
    }


def _expected_before(expected: Whole, day: Whole, created: Whole, draws: Draws) -> Whole:
    """Nobody puts a closing off to a day that is past; nobody expects one before the deal was there."""
    n = len(day)
    later = draws.happens(_LATER_SHARE, n)
    step = np.where(later, draws.wholes(*_LATER, n), -draws.wholes(*_SOONER, n))
    moved: Flag = draws.happens(_CLOSING, n) & (expected >= day)
    return np.where(moved, np.maximum(working(expected - step), created), expected)


def _belief_before(belief: Real, draws: Draws) -> Real:
    """In steps of 5 %: most often it was lower before."""
    n = len(belief)
    step = draws.wholes(-2, 4, n) * draws.happens(_PROBABILITY, n)
    return np.clip(np.round(belief * 20) - step, 1, 19) / 20


def opportunity_changes_table(changed: Columns, k: Keys) -> pd.DataFrame:
    """The changes; a cell is empty where the value is as it was before."""
    known = {name: changed[f"{name} said"] for name in ("cents", "expected", "belief")}
    return frame(
        "opportunity_changes",
        change_id=k.of("opportunity_changes", "H", np.arange(size(changed))),
        opportunity_id=k.of("opportunities", "O", changed["deal"]),
        changed_on=times(changed["minute"]),
        amount=np.where(known["cents"], changed["cents"] / 100, np.nan),
        expected_close_on=dates(never(known["expected"], changed["expected"])),
        probability=np.where(known["belief"], changed["belief"], np.nan),
    )
