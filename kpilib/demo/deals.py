"""The opportunities: what is at stake, how it was worked, whether and when it was won."""

from dataclasses import dataclass, replace

import numpy as np

from kpilib.demo import truths, words
from kpilib.demo.accounts import Accounts
from kpilib.demo.days import WARM_UP, Window, working
from kpilib.demo.draws import Draws, Flag, Real, Whole, logistic

_SHORTEST, _LONGEST = 4, 400
_LIST_CENTS = np.array([round(p[3] * 100) for p in words.PRODUCTS])
_TEAM = [s[1] for s in words.SALESPEOPLE]


@dataclass(frozen=True)
class Deals:
    """One position an opportunity, ordered by creation; its `close` may lie after the window."""

    account: Whole
    owner: Whole
    product: Whole
    source: Whole
    created: Whole
    close: Whole
    won: Flag
    expected: Whole
    units: Whole
    cents: Whole
    chance: Real
    belief: Real
    demo: Flag
    visit: Flag
    competitor: Whole
    neglected: Flag
    reached: Whole

    @property
    def size(self) -> int:
        return len(self.account)

    def take(self, rows: Whole) -> "Deals":
        """The deals at these positions."""
        return replace(self, **{name: getattr(self, name)[rows] for name in self.__dataclass_fields__})


def deals(size: int, them: Accounts, span: Window, seed: int) -> Deals:
    """About `size` opportunities that were open on some day of the window.

    Deals that closed before the window are dropped, and those that the leaving of their account would have cut short.
    """
    draws = Draws(seed, "deals")
    account, created = _starts(size, them, span, draws)
    made = _migrated(_worked(them, account, created, seed), span)
    kept = (made.close >= span.first) & ((made.close < them.leave[account]) | (them.leave[account] > span.last))
    rows = np.flatnonzero(kept)
    return made.take(rows[np.lexsort((account[rows], made.created[rows]))])


def _migrated(made: Deals, span: Window) -> Deals:
    """Deals open when the record begins bear its first working day as their creation, as after a change of CRM."""
    created = np.maximum(made.created, span.opening)
    return replace(made, created=created, expected=np.maximum(made.expected, created))


def _starts(size: int, them: Accounts, span: Window, draws: Draws) -> tuple[Whole, Whole]:
    """Which account each deal is with, and the day it begins; a new account's first deal begins on its first day."""
    fresh = np.flatnonzero(~them.old)
    begin = np.where(them.old, span.first - WARM_UP, them.contact)
    finish = np.maximum(np.minimum(them.leave - 30, span.last), begin)
    weight = np.array(truths.DEALS_WEIGHT)[them.segment] * (finish - begin + 1)
    more = draws.picks(weight, max(size - len(fresh), 1))
    later = span.busy_days(begin[more], finish[more], draws)
    return np.concatenate([fresh, more]), np.concatenate([them.contact[fresh], later])


def _worked(them: Accounts, account: Whole, created: Whole, seed: int) -> Deals:
    """How each deal is worked, what it is for and how it ends: causes first, then chance."""
    n, segment = len(account), them.segment[account]
    draws = Draws(seed, "work")
    neglected = draws.happens(truths.NEGLECTED_CHANCE, n)
    demo = draws.happens(np.array(truths.DEMO_CHANCE)[segment], n) & ~neglected
    visit = draws.happens(np.array(truths.VISIT_CHANCE)[segment], n) & ~neglected
    met = draws.happens(np.array(truths.COMPETITOR_CHANCE)[segment], n)
    owner = _owners(them.owner[account], draws)
    source = np.where(draws.happens(0.6, n), them.source[account], draws.picks(truths.SOURCE_WEIGHTS, n))
    odds = _odds(segment, source, owner) + truths.WIN_WITH_DEMO * demo + truths.WIN_WITH_VISIT * visit
    odds = odds + truths.WIN_WITH_COMPETITOR * met + truths.WIN_NEGLECTED * neglected
    won = draws.happens(logistic(odds), n)
    close = working(created + _days(segment, won, neglected, draws))
    units, cents, product = _stakes(them, account, created, Draws(seed, "stakes"))
    return Deals(
        account=account,
        owner=owner,
        product=product,
        source=source,
        created=created,
        close=close,
        won=won,
        expected=_expected(created, close, neglected, draws),
        units=units,
        cents=cents,
        chance=logistic(odds),
        belief=_belief(odds, draws),
        demo=demo,
        visit=visit,
        competitor=np.where(met, draws.picks((3, 2, 4, 3, 2), n), -1),
        neglected=neglected,
        reached=np.where(won, len(words.STAGES), 1 + draws.picks(truths.LOST_AT_STAGE, n)),
    )


def _odds(segment: Whole, source: Whole, owner: Whole) -> Real:
    """The log-odds of a win before anybody has done anything."""
    who = np.array(truths.WIN_BY_SEGMENT)[segment] + np.array(truths.WIN_BY_SOURCE)[source]
    return truths.WIN_BASE + who + np.array(truths.WIN_BY_OWNER)[owner]


def _owners(owner: Whole, draws: Draws) -> Whole:
    """The account's own salesperson; one deal in ten, somebody of the same team."""
    mates = np.array([[i for i, team in enumerate(_TEAM) if team == mine] for mine in _TEAM])
    other = mates[owner, draws.wholes(0, mates.shape[1] - 1, len(owner))]
    return np.where(draws.happens(0.1, len(owner)), other, owner)


def _days(segment: Whole, won: Flag, neglected: Flag, draws: Draws) -> Whole:
    """Days from creation to the end: log-normal, shorter for a loss, longer where nobody cared."""
    median = np.array(truths.CYCLE_DAYS)[segment] * np.where(won, 1.0, truths.LOST_CYCLE_SHARE)
    median = median * np.where(neglected, truths.NEGLECTED_CYCLE_FACTOR, 1.0)
    days = draws.spreads(median, truths.CYCLE_SIGMA, len(segment))
    return np.clip(np.floor(days).astype(np.int64), _SHORTEST, _LONGEST)


def _expected(created: Whole, close: Whole, neglected: Flag, draws: Draws) -> Whole:
    """The day the salesperson says: near the truth, mostly late enough; far too early where nobody cared."""
    early, width = np.where(neglected, 0.3, 0.92), np.where(neglected, 0.5, 0.5)
    factor = early + width * draws.shares(len(created))
    return working(created + np.floor((close - created) * factor).astype(np.int64))


def _belief(odds: Real, draws: Draws) -> Real:
    """The declared probability, in steps of 5 %: the true one as an optimist sees it."""
    seen = logistic(odds + truths.OVERCONFIDENCE + truths.NOISE_OF_BELIEF * draws.bells(len(odds)))
    return np.clip(np.round(seen * 20), 1, 19) / 20


def _stakes(them: Accounts, account: Whole, created: Whole, draws: Draws) -> tuple[Whole, Whole, Whole]:
    """Units, amount in cents and product of each deal; larger segments take more and get a larger discount."""
    n, segment = len(account), them.segment[account]
    product = them.product(account, created, draws)
    units = 1 + np.floor(draws.spreads(np.array(truths.DEAL_UNITS)[segment], 0.6, n)).astype(np.int64)
    discount = draws.wholes(0, np.array(truths.DISCOUNT_MOST)[segment], n)
    return units, units * _LIST_CENTS[product] * (100 - discount) // 100, product
