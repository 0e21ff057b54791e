"""What customers say: tickets about what they bought, answers to surveys."""

from dataclasses import dataclass

import numpy as np

from kpilib.demo import truths
from kpilib.demo.accounts import Accounts
from kpilib.demo.days import NEVER, Window
from kpilib.demo.draws import Draws, Flag, Whole
from kpilib.demo.orders import Lines

CHANNELS = ("E-mail", "Phone", "Portal", "Chat")
SEVERITIES = ("Low", "Medium", "High", "Critical")
TOUCHPOINTS = ("Relationship", "After delivery", "After a ticket")
_QUALITY = np.array(truths.QUALITY)
#: Median minutes to a first reply, and hours from there to the solution, by severity.
_REPLY, _SOLVE = np.array((420, 240, 90, 30)), np.array((30, 22, 12, 8))
_DAY = 1440


@dataclass(frozen=True)
class Tickets:
    """One position a ticket, ordered by opening; times in minutes, NEVER where it has not happened yet."""

    account: Whole
    product: Whole
    channel: Whole
    severity: Whole
    opened: Whole
    replied: Whole
    resolved: Whole
    contacts: Whole
    effort: Whole


@dataclass(frozen=True)
class Surveys:
    """One position an invitation, ordered by sending; `product` is −1 for the relationship as a whole."""

    account: Whole
    product: Whole
    metric: Whole
    touchpoint: Whole
    sent: Whole
    answered: Whole
    score: Whole


def tickets(size: int, lines: Lines, them: Accounts, span: Window, seed: int) -> Tickets:
    """At most `size` tickets, each about a line sold, the worse products oftener."""
    draws = Draws(seed, "tickets")
    weight = np.where(lines.units > 0, np.floor(100 * (1.2 - _QUALITY[lines.product])).astype(np.int64), 0)
    line = draws.picks(weight, size * 2)
    day = lines.day[line] + draws.wholes(2, 200, len(line))
    line, day = _within(line, day, lines.account[line], them, span, size)
    n, account, product = len(line), lines.account[line], lines.product[line]
    opened = day * _DAY + draws.wholes(8 * 60, 18 * 60, n)
    order = np.lexsort((account, opened))
    account, product, opened = account[order], product[order], opened[order]
    severity = draws.picks((40, 35, 18, 7), n)
    contacts = 1 + draws.picks((60, 22, 12, 6), n)
    end = (span.last + 1) * _DAY
    replied = opened + np.floor(draws.spreads(_REPLY[severity], 0.8, n)).astype(np.int64) + 1
    resolved = replied + np.floor(60 * contacts * draws.spreads(_SOLVE[severity], 0.7, n)).astype(np.int64) + 1
    effort = np.floor(contacts * draws.spreads(22 - 8 * _QUALITY[product], 0.5, n)).astype(np.int64) + 2
    known = resolved < end
    return Tickets(
        account=account,
        product=product,
        channel=draws.picks((40, 30, 20, 10), n),
        severity=severity,
        opened=opened,
        replied=np.where(replied < end, replied, NEVER),
        resolved=np.where(known, resolved, NEVER),
        contacts=np.where(known, contacts, np.where(replied < end, 1, 0)),
        effort=effort,
    )


def _within(rows: Whole, day: Whole, account: Whole, them: Accounts, span: Window, size: int) -> tuple[Whole, Whole]:
    """The first `size` of the rows whose day falls before the account leaves and the window ends."""
    good = np.flatnonzero((day <= span.last) & (day < them.leave[account]))[:size]
    return rows[good], day[good]


def surveys(size: int, lines: Lines, begun: Whole, asked: Tickets, them: Accounts, span: Window, seed: int) -> Surveys:
    """At most `size` invitations: 2 in 5 nps about the relationship, the others csat about a delivery or a ticket.

    `begun` is the day each account became a customer.
    """
    draws = Draws(seed, "surveys")
    parts = [
        _relationship(size * 2 // 5, begun, them, span, draws),
        _delivery(size * 2 // 5, lines, them, span, draws),
        _ticket(size - size * 2 // 5 * 2, asked, them, span, draws),
    ]
    account, product, sent = (np.concatenate([p[i] for p in parts]) for i in range(3))
    touchpoint = np.repeat(np.arange(3), [len(p[0]) for p in parts])
    order = np.lexsort((touchpoint, account, sent))
    account, product, sent, touchpoint = account[order], product[order], sent[order], touchpoint[order]
    metric = np.minimum(touchpoint, 1)
    answered = sent + draws.wholes(0, 14, len(sent))
    replies = np.array([truths.ANSWER_CHANCE[m] for m in ("nps", "csat")])[metric]
    known = draws.happens(replies, len(sent)) & (answered <= span.last)
    score = _scores(metric == 0, product, touchpoint == 2, draws)
    return Surveys(
        account, product, metric, touchpoint, sent, np.where(known, answered, NEVER), np.where(known, score, -1)
    )


def _scores(nps: Flag, product: Whole, troubled: Flag, draws: Draws) -> Whole:
    """0–10 for nps, 1–5 for csat: better for good products, worse after a ticket."""
    quality = np.where(product >= 0, _QUALITY[np.maximum(product, 0)], 0.0)
    bell = draws.bells(len(product))
    csat = np.clip(np.round(3.95 + 0.8 * quality - 0.45 * troubled + 0.9 * bell), 1, 5)
    return np.where(nps, np.clip(np.round(8.1 + 1.9 * bell), 0, 10), csat).astype(np.int64)


def _relationship(size: int, begun: Whole, them: Accounts, span: Window, draws: Draws) -> tuple[Whole, Whole, Whole]:
    """Invitations to customers of more than a month, at any time until they leave."""
    low = np.maximum(begun, span.first - 30) + 30
    high = np.minimum(them.leave - 1, span.last)
    able = np.flatnonzero(low <= high)
    account = able[draws.picks((high - low + 1)[able], size)] if len(able) else able
    sent = span.busy_days(low[account], high[account], draws)
    return account, np.full(len(account), -1), sent


def _delivery(size: int, lines: Lines, them: Accounts, span: Window, draws: Draws) -> tuple[Whole, Whole, Whole]:
    """Invitations some days after goods were sold."""
    line = np.flatnonzero(lines.units > 0)[draws.shuffle(int((lines.units > 0).sum()))][: size * 2]
    day = lines.day[line] + draws.wholes(5, 20, len(line))
    line, day = _within(line, day, lines.account[line], them, span, size)
    return lines.account[line], lines.product[line], day


def _ticket(size: int, asked: Tickets, them: Accounts, span: Window, draws: Draws) -> tuple[Whole, Whole, Whole]:
    """Invitations the day after a ticket was resolved, one at most a ticket."""
    rows = np.flatnonzero(asked.resolved != NEVER)
    rows = rows[draws.shuffle(len(rows))]
    rows, day = _within(rows, asked.resolved[rows] // _DAY + 1, asked.account[rows], them, span, size)
    return asked.account[rows], asked.product[rows], day
