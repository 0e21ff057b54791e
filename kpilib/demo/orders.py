"""The order lines: each won deal is an order, customers reorder, some goods come back."""

from dataclasses import dataclass, fields

import numpy as np

from kpilib.demo import truths, words
from kpilib.demo.accounts import Accounts
from kpilib.demo.days import FAR, Window, working
from kpilib.demo.deals import Deals
from kpilib.demo.draws import Draws, Whole

_LIST_CENTS = np.array([round(p[3] * 100) for p in words.PRODUCTS])
_COST_CENTS = np.array([round(p[4] * 100) for p in words.PRODUCTS])
#: Lines of a reorder: one to four.
_LINES = (10, 25, 35, 30)


@dataclass(frozen=True)
class Lines:
    """One position an order line, ordered by day, order and product. `order` numbers the orders from 0."""

    order: Whole
    account: Whole
    product: Whole
    owner: Whole
    day: Whole
    units: Whole
    cents: Whole
    cost: Whole

    @property
    def size(self) -> int:
        return len(self.order)

    def take(self, rows: Whole) -> "Lines":
        """The lines at these positions."""
        return Lines(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})


def joined(parts: list[Lines]) -> Lines:
    """The lines of all parts, one after the other."""
    return Lines(**{f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Lines)})


def acquired(them: Accounts, won: Deals) -> Whole:
    """The day each account became a customer: long ago, or with its first won deal; beyond any day, not yet."""
    first = np.full(them.size, FAR)
    np.minimum.at(first, won.account, won.close)
    return np.where(them.old, them.contact, first)


def order_lines(size: int, them: Accounts, won: Deals, span: Window, seed: int) -> Lines:
    """The lines of the won deals, of about `size` orders between them, and of what came back."""
    draws = Draws(seed, "orders")
    sold = joined([_of_deals(won), _reorders(max(size - won.size, 1), won.size, them, won, span, draws)])
    lines = joined([sold, _returns(sold, them, span, draws)])
    lines = lines.take(np.lexsort((lines.product, lines.order, lines.day)))
    _, first, place = np.unique(lines.order, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first, kind="stable"), kind="stable")
    return Lines(**{**{f.name: getattr(lines, f.name) for f in fields(Lines)}, "order": rank[place]})


def _of_deals(won: Deals) -> Lines:
    """One order of one line a won deal: its product, its units, its amount, on the day it was won."""
    cost = won.units * _COST_CENTS[won.product]
    return Lines(
        np.arange(won.size), won.account, won.product, won.owner, won.close, won.units, won.cents, cost
    )  # fmt: skip


def _reorders(size: int, start: int, them: Accounts, won: Deals, span: Window, draws: Draws) -> Lines:
    """Orders without a deal, from the customers of that day; no product twice in an order."""
    begin = np.maximum(acquired(them, won), span.first)
    finish = np.minimum(them.leave, span.last)
    open_days = np.where(begin <= finish, finish - begin + 1, 0)
    begin = np.minimum(begin, finish)
    account = draws.picks(np.array(truths.ORDERS_WEIGHT)[them.segment] * open_days, size)
    day = span.busy_days(begin[account], finish[account], draws)
    line = np.repeat(np.arange(size), 1 + draws.picks(_LINES, size))
    account, day = account[line], day[line]
    product = them.product(account, day, draws)
    _, rows = np.unique(line * len(words.PRODUCTS) + product, return_index=True)
    line, account, day, product = line[rows], account[rows], day[rows], product[rows]
    segment = them.segment[account]
    units = 1 + np.floor(draws.spreads(np.array(truths.LINE_UNITS)[segment], 0.6, len(line))).astype(np.int64)
    discount = draws.wholes(0, np.array(truths.DISCOUNT_MOST)[segment] // 2, len(line))
    cents = units * _LIST_CENTS[product] * (100 - discount) // 100
    owner = them.owner[account]
    return Lines(start + line, account, product, owner, day, units, cents, units * _COST_CENTS[product])


def _returns(sold: Lines, them: Accounts, span: Window, draws: Draws) -> Lines:
    """A few lines come back, in part or whole, as orders of their own with a negative quantity."""
    back = sold.take(np.flatnonzero(draws.happens(truths.RETURN_CHANCE, sold.size)))
    day = working(back.day + draws.wholes(4, 30, back.size))
    units = draws.wholes(1, back.units, back.size)
    cents, cost = back.cents * units // back.units, back.cost * units // back.units
    order = int(sold.order.max()) + 1 + np.arange(back.size)
    lines = Lines(order, back.account, back.product, back.owner, day, -units, -cents, -cost)
    return lines.take(np.flatnonzero(day <= np.minimum(them.leave[back.account], span.last)))
