"""What customers say when asked, twice a year or so and after some deliveries and tickets; most are silent."""

import numpy as np

from kpilib.demo.columns import Columns, Later, joined, size, take
from kpilib.demo.days import working
from kpilib.demo.draws import Draws, Real, Whole, logistic
from kpilib.demo.state import DAY, State
from kpilib.demo.support import SLOW

METRICS = ("nps", "csat", "ces")
TOUCHPOINTS = ("Relationship", "After delivery", "After a ticket")
_EVERY_MONTHS = 5
_AFTER_DELIVERY, _AFTER_TICKET, _CSAT_AFTER_TICKET = 0.14, 0.36, 0.6
#: Services in contact, by touchpoint: Sales, Delivery, Support, Billing.
_SERVICES = ((40, 20, 30, 10), (25, 75, 0, 0), (0, 0, 80, 20))
#: By metric: what a customer like the others says, how much moods differ, lowest, highest, share that answers then.
_MEAN, _MOOD, _LOW, _HIGH = (7.75, 3.95, 5.4), (1.1, 0.85, 1.1), (0, 1, 1), (10, 5, 7)
_ANSWER = (-0.35, -0.15, -0.35)
#: Of what an account feels (in points of nps), how much shows in csat and ces.
_CONTENT = (1.0, 0.15, 0.2)


class Voices:
    """Invitations kept until they are sent, then until the day they would be answered."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.phase = np.arange(state.them.size) % _EVERY_MONTHS
        self._to_send, self._to_answer = Later(), Later()
        self._nobody: Columns = {}

    def month(self, month: int, sold: Columns, asked: Columns, draws: Draws) -> Columns:
        """Invite, send what is due, and hear the answers due in the month: each invitation comes out once."""
        made = [self._relationship(month, draws), _delivery(sold, draws), _ticket(asked, draws)]
        invited = joined(made)
        self._nobody = take(invited, np.zeros(0, dtype=np.int64))
        self._to_send.keep(invited, self.state.span.month(invited["sent"]))
        due = self._to_send.due(month)
        if due is not None:
            stays = due["sent"] < np.minimum(self.state.leave[due["account"]], self.state.span.last + 1)
            due = take(due, stays)
            self._to_answer.keep(due, self.state.span.month(due["answered"]))
        return self.heard(month, draws)

    def heard(self, month: int, draws: Draws) -> Columns:
        """The answers due in a month, and the silence of those who would not, or had left, or were asked too late."""
        due = self._to_answer.due(month)
        due = self._nobody if due is None else due
        state = self.state
        felt, taken, near = _felt(state, due, draws)
        metric, n = due["metric"], size(due)
        slope = np.array((state.truth.answer_with_nps, state.truth.answer_with_csat, state.truth.answer_with_ces))
        odds = np.array(_ANSWER)[metric] + slope[metric] * (felt - np.array(_MEAN)[metric])
        still = due["answered"] < np.minimum(state.leave[due["account"]], state.span.last + 1)
        known = draws.happens(logistic(odds), n) & still
        score, without = _rounded(felt, metric), _rounded(felt - taken, metric)
        nps = known & (metric == 0)
        state.score[due["account"][nps]] = score[nps]
        return {**due, "known": known, "score": score, "without": without, "near": near}

    def _relationship(self, month: int, draws: Draws) -> Columns:
        state, start = self.state, self.state.span.starts(month)
        turn = (month + self.phase) % _EVERY_MONTHS == 0
        account = np.flatnonzero(turn & state.here(month) & (start - state.begun >= 30))
        days = state.working_days(month)
        sent = days[draws.wholes(0, len(days) - 1, len(account))]
        nothing = np.zeros(len(account), dtype=np.int64)
        return _invitations(account, nothing - 1, nothing, 0, sent, nothing, nothing, draws)


def _delivery(sold: Columns, draws: Draws) -> Columns:
    """Invitations some days after goods were sold."""
    some = take(sold, draws.happens(_AFTER_DELIVERY, size(sold)))
    nothing = np.zeros(size(some), dtype=np.int64)
    sent = working(some["day"] + draws.wholes(7, 20, size(some)))
    return _invitations(some["account"], some["product"], nothing + 1, 1, sent, nothing, nothing, draws)


def _ticket(asked: Columns, draws: Draws) -> Columns:
    """Invitations the day after a ticket was resolved: how content, or how easy it was."""
    some = take(asked, draws.happens(_AFTER_TICKET, size(asked)))
    metric = np.where(draws.happens(_CSAT_AFTER_TICKET, size(some)), 1, 2)
    slow = (some["replied"] - some["opened"] > SLOW).astype(np.int64)
    sent = some["resolved"] // DAY + 1
    return _invitations(some["account"], some["product"], metric, 2, sent, slow, some["contacts"] - 1, draws)


def _invitations(
    account: Whole, product: Whole, metric: Whole, touchpoint: int, sent: Whole, slow: Whole, again: Whole, draws: Draws
) -> Columns:
    n = len(account)
    return {
        "account": account, "product": product, "metric": metric, "touchpoint": np.full(n, touchpoint),
        "service": draws.picks(_SERVICES[touchpoint], n), "sent": sent, "answered": sent + draws.wholes(0, 14, n),
        "slow": slow, "again": again,
    }  # fmt: skip


def _rounded(felt: Real, metric: Whole) -> Whole:
    return np.clip(np.round(felt), np.array(_LOW)[metric], np.array(_HIGH)[metric]).astype(np.int64)


def _felt(state: State, due: Columns, draws: Draws) -> tuple[Real, Real, Whole]:
    """What each would answer, before it is rounded to the scale: causes first, then mood.

    Beside it what serious incidents (nps) or the ticket (csat) took of it, and how many incidents there were 1–30,
    31–60 and 61–90 days before.
    """
    truth, metric, account = state.truth, due["metric"], due["account"]
    parts = np.array(_CONTENT)[metric] * state.them.content[account]
    felt = np.array(_MEAN)[metric] + parts + np.array(_MOOD)[metric] * draws.bells(size(due))
    own = np.where(due["product"] >= 0, np.array(truth.quality)[due["product"]], 0.0)
    mean = (state.quality / np.maximum(state.bought, 1))[account]
    near, slow = _near(state.tickets["serious"], due), _near(state.tickets["slow"], due)
    ticket = truth.ticket_on_csat * (due["touchpoint"] == 2)
    csat = truth.quality_on_csat * own + np.array(truth.service_on_csat)[due["service"]]
    csat = csat + ticket + truth.slow_on_csat * due["slow"]
    ces = truth.quality_on_ces * own + truth.slow_on_ces * due["slow"] + truth.contact_on_ces * due["again"]
    nps = truth.quality_on_nps * mean + np.array(truth.service_on_nps)[due["service"]]
    nps = nps + _shadow(near, truth.incident_on_nps) + _shadow(slow, truth.slow_on_nps)
    taken = np.where(metric == 0, _shadow(near, truth.incident_on_nps), np.where(metric == 1, ticket, 0.0))
    return felt + np.where(metric == 0, nps, np.where(metric == 1, csat, ces)), taken, near


def _near(tickets: list[Whole], due: Columns) -> Whole:
    """How many of the tickets came in each of the three times thirty days before each answer."""
    keys = np.sort(np.concatenate(tickets)) if tickets else np.zeros(0, dtype=np.int64)
    base = due["account"] * 2**20 + due["answered"]
    until = [np.searchsorted(keys, base - 30 * step) for step in range(4)]
    return np.column_stack([until[step] - until[step + 1] for step in range(3)])


def _shadow(near: Whole, effect: tuple[float, float, float]) -> Real:
    """The effect of so many tickets of each thirty days."""
    first, second, third = effect
    return first * near[:, 0] + second * near[:, 1] + third * near[:, 2]
