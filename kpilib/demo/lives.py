"""The customers' months, one after the other: what happened before a month decides who leaves in it.

Incidents and slow answers lower satisfaction; satisfaction lowers repeat sales, delays payment and, below a threshold,
raises the hazard of leaving. Everything is known before the month in which it acts.
"""

from dataclasses import dataclass

import numpy as np

from kpilib.demo.accounts import Accounts
from kpilib.demo.columns import Columns, Later, joined, take
from kpilib.demo.days import FAR, Window
from kpilib.demo.deals import Deals
from kpilib.demo.draws import Draws, Streams, Whole, exp
from kpilib.demo.events import Changes
from kpilib.demo.payments import invoices
from kpilib.demo.purchases import month_of_sales, with_returns
from kpilib.demo.state import DAY, State
from kpilib.demo.support import opened_in, tickets_of
from kpilib.demo.truths import Truths
from kpilib.demo.voices import Voices

#: Months before the window whose sales cause tickets in it, though no record of them is left.
_WARM_UP = 7
_NAMES = ("leaving", "orders", "invoices", "tickets", "surveys")


@dataclass(frozen=True)
class Lives:
    """What the months left behind: the day each account leaves (FAR: it stays) and the rows of each table."""

    leave: Whole
    lines: Columns
    invoices: Columns
    tickets: Columns
    surveys: Columns


def acquired(them: Accounts, won: Deals) -> Whole:
    """The day each account became a customer: long ago, or with its first won deal; beyond any day, not yet."""
    first = np.full(them.size, FAR)
    np.minimum.at(first, won.account, won.close)
    return np.where(them.old, them.contact, first)


def lives(
    them: Accounts, begun: Whole, won: Deals, hands: Changes, span: Window, truth: Truths, streams: Streams
) -> Lives:
    """Live through the window; `won` are the deals won in it, `begun` the day each account became a customer."""
    state = State(them, begun, hands, span, truth)
    draws = {name: streams.of(name) for name in _NAMES}
    voices, to_open = Voices(state), Later()
    kept: dict[str, list[Columns]] = {"lines": [], "invoices": [], "tickets": [], "surveys": []}
    won_in = span.month(won.close)
    for month in range(-_WARM_UP, span.months):
        if month >= 0:
            _leave(state, month, draws["leaving"])
        sold = month_of_sales(state, won.take(np.flatnonzero(won_in == month)), month, draws["orders"])
        _remember(state, sold)
        caused = tickets_of(state, sold, draws["tickets"])
        to_open.keep(caused, span.month(caused["opened"] // DAY))
        opened = to_open.due(month)
        if month < 0:
            continue
        kept["lines"].append({**sold, "order": sold["order"] + len(kept["lines"]) * 2**32})
        kept["invoices"].append(invoices(state, sold, month, draws["invoices"]))
        opened = opened_in(state, month, take(caused, np.zeros(0, dtype=np.int64)) if opened is None else opened)
        kept["tickets"].append(opened)
        kept["surveys"].append(voices.month(month, sold, opened, draws["surveys"]))
    kept["surveys"].append(voices.heard(span.months, draws["surveys"]))
    return _whole(state, kept, streams.of("returns"))


def _leave(state: State, month: int, draws: Draws) -> None:
    """Who leaves in the month, and the day."""
    n, start, end = state.them.size, state.span.starts(month), state.span.starts(month + 1)
    base = np.array(state.truth.leave_base)[state.them.segment]
    if bool(state.in_crisis(np.array([month]))[0]):
        base = base * state.truth.crisis_leave
    chance = 1 - exp(-base * exp(state.hazard(month)))
    leaves = draws.happens(chance, n) & state.here(month)
    day = start + np.floor(draws.shares(n) * (end - start)).astype(np.int64)
    state.leave = np.where(leaves & (day <= state.span.last), day, state.leave)


def _remember(state: State, sold: Columns) -> None:
    """How good the products were that each account has bought so far."""
    quality = np.array(state.truth.quality)[sold["product"]]
    state.quality = state.quality + np.bincount(sold["account"], quality, state.them.size)
    state.bought = state.bought + np.bincount(sold["account"], minlength=state.them.size)


def _whole(state: State, kept: dict[str, list[Columns]], draws: Draws) -> Lives:
    """The rows of all months, each table in the order of its days, nothing later than the window."""
    last = state.span.last
    lines = with_returns(joined(kept["lines"]), state.leave, state.span, draws)
    tickets = joined(kept["tickets"])
    tickets = take(tickets, np.lexsort((tickets["account"], tickets["opened"])))
    billed = joined(kept["invoices"])
    billed = take(billed, billed["issued"] <= last)
    billed = take(billed, np.lexsort((billed["cents"], billed["account"], billed["issued"])))
    said = joined(kept["surveys"])
    said = take(said, np.lexsort((said["product"], said["metric"], said["account"], said["sent"])))
    return Lives(state.leave, lines, billed, tickets, said)
