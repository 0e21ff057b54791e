"""What happens during the life of a deal: the stages it enters, the calls, visits and quotes."""

from dataclasses import dataclass

import numpy as np

from kpilib.demo import truths, words
from kpilib.demo.accounts import Accounts
from kpilib.demo.days import Window, working
from kpilib.demo.deals import Deals
from kpilib.demo.draws import Draws, Whole

KINDS = ("call", "meeting", "quote", "demo", "site visit")
CLOSED = {True: words.WON, False: words.LOST}
STAGES = (*words.STAGES, words.WON, words.LOST)
#: Calls that belong to no deal, for each deal.
_CARE = 0.06
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


def steps(them: Deals, span: Window, seed: int) -> Steps:
    """The stages each deal entered up to the last day of the window; its end is the last of them."""
    draws, n, most = Draws(seed, "steps"), them.size, len(words.STAGES)
    length = np.array(truths.STAGE_SHARES) * (0.5 + draws.shares((n, most)))
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


def activities(them: Deals, accounts: Accounts, span: Window, seed: int) -> Activities:
    """Everything done for the deals up to the last day of the window, and some calls of courtesy besides."""
    draws = Draws(seed, "activities")
    deal, kind, day = (
        np.concatenate(parts) for parts in zip(_routine(them, draws), _planned(them, draws), strict=True)
    )
    day = working(np.minimum(day, them.close[deal]))
    done = day <= span.last
    deal, kind, day = deal[done], kind[done], day[done]
    care, when = _care(int(them.size * _CARE), accounts, span, draws)
    deal = np.concatenate([deal, np.full(len(care), -1)])
    account = np.where(deal < 0, 0, them.account[deal])
    account[len(account) - len(care) :] = care
    owner = np.where(deal < 0, accounts.owner[account], them.owner[deal])
    kind, day = np.concatenate([kind, np.zeros_like(care)]), np.concatenate([day, when])
    order = np.lexsort((kind, deal, account, day))
    return Activities(deal[order], account[order], owner[order], kind[order], day[order])


def _routine(them: Deals, draws: Draws) -> tuple[Whole, Whole, Whole]:
    """Calls, meetings, quotes, evenly through the life of a deal; one at its start where nobody cares."""
    life = them.close - them.created
    count = 1 + np.floor(life / truths.DAYS_BETWEEN_ACTIVITIES + draws.shares(them.size)).astype(np.int64)
    count = np.where(them.neglected, 1, count)
    deal = np.repeat(np.arange(them.size), count)
    rank = np.arange(len(deal)) - np.repeat(np.cumsum(count) - count, count)
    part = (rank + draws.shares(len(deal))) / count[deal]
    part = np.where(them.neglected[deal], part * 0.2, part)
    late = draws.picks((4, 3, 4), len(deal))
    early = draws.picks((7, 3), len(deal))
    day = them.created[deal] + np.floor(part * life[deal]).astype(np.int64)
    return deal, np.where(part > 0.5, late, early), day


def _planned(them: Deals, draws: Draws) -> tuple[Whole, Whole, Whole]:
    """The demonstrations and site visits, midway through the life of the deals that have one."""
    deal = np.concatenate([np.flatnonzero(them.demo), np.flatnonzero(them.visit)])
    kind = np.concatenate([np.full(int(them.demo.sum()), 3), np.full(int(them.visit.sum()), 4)])
    part = 0.25 + 0.1 * (kind - 3) + 0.4 * draws.shares(len(deal))
    return deal, kind, them.created[deal] + np.floor(part * (them.close - them.created)[deal]).astype(np.int64)


def _care(size: int, accounts: Accounts, span: Window, draws: Draws) -> tuple[Whole, Whole]:
    """Calls to old accounts that have nothing to do with a deal."""
    old = np.flatnonzero(accounts.old)
    account = old[draws.wholes(0, len(old) - 1, size)]
    low = np.full(size, span.first)
    return account, span.busy_days(low, np.maximum(np.minimum(accounts.leave[account], span.last), low), draws)
