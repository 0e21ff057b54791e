"""The opportunities: what is at stake, how it was worked, whether and when it was won."""

from dataclasses import dataclass, replace

import numpy as np

from kpilib.demo import words
from kpilib.demo.accounts import Accounts, sources
from kpilib.demo.days import WARM_UP, Window, working
from kpilib.demo.draws import Draws, Flag, Real, Streams, Whole, logistic
from kpilib.demo.events import FORERUNNER, LAUNCHED, Changes, Days, days_of
from kpilib.demo.truths import Truths

# By segment: how often deals begin, what is done for them, how many units they are for
_WEIGHT, _UNITS, _DISCOUNT_MOST = (8, 12, 18), (8, 22, 60), (6, 14, 22)
_DEMO_CHANCE, _VISIT_CHANCE, _MET_CHANCE = (0.25, 0.40, 0.55), (0.12, 0.25, 0.45), (0.30, 0.42, 0.55)
_NEGLECTED_CHANCE, _MEETING_CHANCE = 0.11, 0.45
#: Log-odds of a quote for a deal that fits as others do.
_QUOTE = 0.2
# How long deals take: median days to a win by segment; a lost deal takes a share of it, a neglected one longer
_CYCLE_DAYS, _CYCLE_SIGMA, _LOST_SHARE, _NEGLECTED_FACTOR = (38, 58, 92), 0.5, 0.70, 1.7
_LOST_AT_STAGE = (26, 27, 27, 20)
_SHORTEST, _LONGEST = 4, 400
LIST_CENTS = np.array([round(p[3] * 100) for p in words.PRODUCTS])
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
    quote: Flag
    meeting: Flag
    competitor: Whole
    neglected: Flag
    reached: Whole

    @property
    def size(self) -> int:
        return len(self.account)

    def take(self, rows: Whole) -> "Deals":
        """The deals at these positions."""
        return replace(self, **{name: getattr(self, name)[rows] for name in self.__dataclass_fields__})


def deals(size: int, them: Accounts, hands: Changes, span: Window, truth: Truths, streams: Streams) -> Deals:
    """About `size` opportunities that were open on some day of the window; those that closed before it are dropped."""
    draws = streams.of("deals")
    account, created = _starts(size, them, span, truth, draws)
    made = _migrated(_worked(them, hands, account, created, span, truth, streams), span)
    rows = np.flatnonzero(made.close >= span.first)
    return made.take(rows[np.lexsort((account[rows], made.created[rows]))])


def until_left(made: Deals, leave: Whole, span: Window) -> Deals:
    """The deals that the leaving of their account did not cut short."""
    gone = leave[made.account]
    return made.take(np.flatnonzero((made.close < gone) | (gone > span.last)))


def _migrated(made: Deals, span: Window) -> Deals:
    """Deals open when the record begins bear its first working day as their creation, as after a change of CRM."""
    created = np.maximum(made.created, span.opening)
    return replace(made, created=created, expected=np.maximum(made.expected, created))


def _starts(size: int, them: Accounts, span: Window, truth: Truths, draws: Draws) -> tuple[Whole, Whole]:
    """Which account each deal is with, and the day it begins; a new account's first deal begins on its first day."""
    fresh = np.flatnonzero(~them.old)
    begin = np.where(them.old, span.first - WARM_UP, them.contact)
    weight = np.array(_WEIGHT)[them.segment] * (span.last - begin + 1)
    more = draws.picks(weight, max(size - len(fresh), 1))
    along = _along(them.segment[more], truth.mix_tilt, draws)
    later = span.busy_days(begin[more], np.full(len(more), span.last), draws, along)
    return np.concatenate([fresh, more]), np.concatenate([them.contact[fresh], later])


def _along(segment: Whole, tilt: float, draws: Draws) -> Real:
    """How far through its account's time each deal begins: later for the largest accounts, earlier for the smallest."""
    one, other = draws.shares(len(segment)), draws.shares(len(segment))
    tilted = draws.happens(tilt, len(segment))
    later = np.where(tilted, np.maximum(one, other), one)
    earlier = np.where(tilted, np.minimum(one, other), one)
    return np.where(segment == 2, later, np.where(segment == 0, earlier, one))


def _worked(
    them: Accounts, hands: Changes, account: Whole, created: Whole, span: Window, truth: Truths, streams: Streams
) -> Deals:
    """How each deal is worked, what it is for and how it ends: causes first, then chance."""
    n, segment = len(account), them.segment[account]
    draws = streams.of("work")
    neglected = draws.happens(_NEGLECTED_CHANCE, n)
    demo = draws.happens(np.array(_DEMO_CHANCE)[segment], n) & ~neglected
    visit = draws.happens(np.array(_VISIT_CHANCE)[segment], n) & ~neglected
    met = draws.happens(np.array(_MET_CHANCE)[segment], n)
    owner = _owners(hands.owner_on(account, span.month(created)), draws)
    source = np.where(draws.happens(0.6, n), them.source[account], sources(segment, truth, draws))
    fit = draws.bells(n)
    quote = draws.happens(logistic(_QUOTE + truth.quote_with_fit * fit), n)
    odds = _odds(segment, source, owner, truth) + truth.win_a_year * (created - span.first) / 365
    odds = odds + truth.win_with_demo * demo + truth.win_with_visit * visit + truth.win_with_fit * fit
    odds = odds + truth.win_with_competitor * met + truth.win_neglected * neglected
    won = draws.happens(logistic(odds), n)
    close = working(created + _days(segment, won, neglected, draws))
    units, cents, product = _stakes(them, account, created, days_of(span), truth, streams.of("stakes"))
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
        belief=_belief(odds, truth, draws),
        demo=demo,
        visit=visit,
        quote=quote,
        meeting=draws.happens(_MEETING_CHANCE, n),
        competitor=np.where(met, draws.picks((3, 2, 4, 3, 2), n), -1),
        neglected=neglected,
        reached=np.where(won, len(words.STAGES), 1 + draws.picks(_LOST_AT_STAGE, n)),
    )


def _odds(segment: Whole, source: Whole, owner: Whole, truth: Truths) -> Real:
    """The log-odds of a win before anybody has done anything."""
    who = np.array(truth.win_by_segment)[segment] + np.array(truth.win_by_source)[source]
    return truth.win_base + who + np.array(truth.win_by_owner)[owner]


def _owners(owner: Whole, draws: Draws) -> Whole:
    """The account's own salesperson; one deal in ten, somebody of the same team."""
    mates = [[i for i, team in enumerate(_TEAM) if team == mine] for mine in _TEAM]
    count = np.array([len(m) for m in mates])
    padded = np.array([(m * len(_TEAM))[: len(_TEAM)] for m in mates])
    other = padded[owner, draws.wholes(0, count[owner] - 1, len(owner))]
    return np.where(draws.happens(0.1, len(owner)), other, owner)


def _days(segment: Whole, won: Flag, neglected: Flag, draws: Draws) -> Whole:
    """Days from creation to the end: log-normal, shorter for a loss, longer where nobody cared."""
    median = np.array(_CYCLE_DAYS)[segment] * np.where(won, 1.0, _LOST_SHARE)
    median = median * np.where(neglected, _NEGLECTED_FACTOR, 1.0)
    days = draws.spreads(median, _CYCLE_SIGMA, len(segment))
    return np.clip(np.floor(days).astype(np.int64), _SHORTEST, _LONGEST)


def _expected(created: Whole, close: Whole, neglected: Flag, draws: Draws) -> Whole:
    """The day the salesperson says: near the truth, mostly late enough; far too early where nobody cared."""
    early, width = np.where(neglected, 0.3, 0.92), np.where(neglected, 0.5, 0.5)
    factor = early + width * draws.shares(len(created))
    return working(created + np.floor((close - created) * factor).astype(np.int64))


def _belief(odds: Real, truth: Truths, draws: Draws) -> Real:
    """The declared probability, in steps of 5 %: the true one as an optimist sees it."""
    seen = logistic(odds + truth.overconfidence + truth.noise_of_belief * draws.bells(len(odds)))
    return np.clip(np.round(seen * 20), 1, 19) / 20


def _stakes(
    them: Accounts, account: Whole, created: Whole, days: Days, truth: Truths, draws: Draws
) -> tuple[Whole, Whole, Whole]:
    """Units, amount in cents and product of each deal; larger segments take more and get a larger discount."""
    n, segment = len(account), them.segment[account]
    product = on_sale(them.product(account, created, draws), created, days)
    units = 1 + np.floor(draws.spreads(np.array(_UNITS)[segment], 0.6, n)).astype(np.int64)
    discount = draws.wholes(0, np.array(_DISCOUNT_MOST)[segment], n)
    return units, priced(units, product, discount, created, days, truth), product


def on_sale(product: Whole, day: Whole, days: Days) -> Whole:
    """The products as they could be had on the day: the forerunner until the new one was launched."""
    return np.where((product == LAUNCHED) & (day < days.launch), FORERUNNER, product)


def priced(units: Whole, product: Whole, discount: Whole, day: Whole, days: Days, truth: Truths) -> Whole:
    """Cents to pay: units at list price less the discount (per cent), more since the price rise."""
    risen = 100 + truth.price_rise * (day >= days.price_rise)
    return units * LIST_CENTS[product] * (100 - discount) * risen // 10_000
