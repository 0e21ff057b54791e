"""What happens during the life of a deal: the stages it enters, the calls, visits and quotes."""

from dataclasses import dataclass

import numpy as np

from kpilib.demo import words
from kpilib.demo.accounts import Accounts
from kpilib.demo.days import Window, working
from kpilib.demo.deals import Deals
from kpilib.demo.draws import Draws, Streams, Whole
from kpilib.demo.events import Changes

KINDS = ("call", "meeting", "quote", "demo", "site visit")
CLOSED = {True: words.WON, False: words.LOST}
STAGES = (*words.STAGES, words.WON, words.LOST)
#: Calls that belong to no deal, for each deal.
_CARE = 0.10
_CALLED, _DAYS_BETWEEN = 0.8, 42
_STAGE_SHARES = (20, 25, 30, 25)
_DAY = 1440


@dataclass(frozen=True)
class Steps:
    """One position an entry into a stage (a position in STAGES), ordered by deal and time."""

    deal: Whole
    stage: Whole
    day: Whole
    minute: Whole


@dataclass(frozen=True)
class Activities:
    """One position an activity, ordered by day; `deal` is −1 for a call that belongs to none."""

    deal: Whole
    account: Whole
    owner: Whole
    kind: Whole
    day: Whole


def steps(them: Deals, span: Window, streams: Streams) -> Steps:
    """The stages each deal entered up to the last day of the window; its end is the last of them."""
    draws, n, most = streams.of("steps"), them.size, len(words.STAGES)
    length = np.array(_STAGE_SHARES) * (0.5 + draws.shares((n, most)))
    length = np.where(np.arange(most) < them.reached[:, None], length, 0.0)
    past = np.cumsum(length, axis=1)
    part = (past - length) / past[:, -1:]
    day = them.created[:, None] + np.floor(part * (them.close - them.created)[:, None]).astype(np.int64)
    day = np.column_stack([working(day), them.close])
    stage = np.column_stack([np.tile(np.arange(most), (n, 1)), np.where(them.won, most, most + 1)])
    # Two hours apart by rank, so that two stages entered on one day keep their order.
    minute = 540 + 120 * np.arange(most + 1) + draws.wholes(0, 59, n * (most + 1)).reshape(n, -1)
    real = np.column_stack([np.arange(most) < them.reached[:, None], np.full(n, True)]) & (day <= span.last)
    deal = np.broadcast_to(np.arange(n)[:, None], real.shape)
    return Steps(deal[real], stage[real], day[real], (day * _DAY + minute)[real])


def activities(
    them: Deals, accounts: Accounts, hands: Changes, leave: Whole, span: Window, streams: Streams
) -> Activities:
    """Everything done for the deals up to the last day of the window, and some calls of courtesy besides."""
    draws = streams.of("activities")
    deal, kind, day = (
        np.concatenate(parts) for parts in zip(_routine(them, draws), _planned(them, draws), strict=True)
    )
    day = working(np.minimum(day, them.close[deal]))
    done = day <= span.last
    deal, kind, day = deal[done], kind[done], day[done]
    care, when = _care(int(them.size * _CARE), accounts, leave, span, draws)
    account = np.concatenate([them.account[deal], care])
    owner = np.concatenate([them.owner[deal], hands.owner_on(care, span.month(when))])
    deal = np.concatenate([deal, np.full(len(care), -1)])
    kind, day = np.concatenate([kind, np.zeros_like(care)]), np.concatenate([day, when])
    order = np.lexsort((kind, deal, account, day))
    return Activities(deal[order], account[order], owner[order], kind[order], day[order])


def _routine(them: Deals, draws: Draws) -> tuple[Whole, Whole, Whole]:
    """Calls: for most deals one in the first days, whatever becomes of them, and more of them where somebody cares."""
    life = them.close - them.created
    more = np.floor(life / _DAYS_BETWEEN + draws.shares(them.size)).astype(np.int64)
    count = draws.happens(_CALLED, them.size) * (1 + np.where(them.neglected, 0, more))
    deal = np.repeat(np.arange(them.size), count)
    rank = np.arange(len(deal)) - np.repeat(np.cumsum(count) - count, count)
    later = np.floor((rank + draws.shares(len(deal))) / count[deal] * life[deal]).astype(np.int64)
    first = draws.wholes(0, 3, len(deal))
    return deal, np.zeros_like(deal), them.created[deal] + np.where(rank == 0, first, later)


def _planned(them: Deals, draws: Draws) -> tuple[Whole, Whole, Whole]:
    """The meetings, quotes, demonstrations and site visits, midway through the life of the deals that have one."""
    flags = (them.meeting, them.quote, them.demo, them.visit)
    deal = np.concatenate([np.flatnonzero(had) for had in flags])
    kind = np.repeat([1, 2, 3, 4], [int(had.sum()) for had in flags])
    part = np.array((0.15, 0.4, 0.25, 0.35))[kind - 1] + 0.4 * draws.shares(len(deal))
    return deal, kind, them.created[deal] + np.floor(part * (them.close - them.created)[deal]).astype(np.int64)


def _care(size: int, accounts: Accounts, leave: Whole, span: Window, draws: Draws) -> tuple[Whole, Whole]:
    """Calls to old accounts that have nothing to do with a deal."""
    old = np.flatnonzero(accounts.old)
    account = old[draws.wholes(0, len(old) - 1, size)]
    low = np.full(size, span.first)
    return account, span.busy_days(low, np.maximum(np.minimum(leave[account], span.last), low), draws)
