"""What customers buy: each won deal is an order, customers reorder, some goods come back."""

import numpy as np

from kpilib.demo import words
from kpilib.demo.columns import Columns, joined, size, take
from kpilib.demo.days import Window, working
from kpilib.demo.deals import Deals, on_sale, priced
from kpilib.demo.draws import Draws, Whole, exp
from kpilib.demo.state import State

_COST_CENTS = np.array([round(p[4] * 100) for p in words.PRODUCTS])
#: By segment: orders in a mean month, units of a line, the largest discount.
_ORDERS, _UNITS, _DISCOUNT_MOST = (0.42, 0.60, 0.95), (3, 7, 18), (3, 7, 11)
#: Lines of a reorder: one to three.
_LINES = (60, 28, 12)
_RETURN_CHANCE = 0.02


def month_of_sales(state: State, won: Deals, month: int, draws: Draws) -> Columns:
    """The order lines of a month; `order` numbers the orders of the month from 0."""
    deals = _of_deals(won, state)
    return joined([deals, _reorders(state, month, size(deals), draws)])


def _of_deals(won: Deals, state: State) -> Columns:
    """One order of one line a won deal: its product, its units, its amount, on the day it was won."""
    mine = won.take(np.flatnonzero(won.close < state.leave[won.account]))
    return {
        "order": np.arange(mine.size), "account": mine.account, "product": mine.product, "owner": mine.owner,
        "day": mine.close, "units": mine.units, "cents": mine.cents, "cost": mine.units * _COST_CENTS[mine.product],
    }  # fmt: skip


def _reorders(state: State, month: int, start: int, draws: Draws) -> Columns:
    """Orders without a deal, oftener from the content; no product twice in an order."""
    them, n = state.them, state.them.size
    mean = np.array(_ORDERS)[them.segment] * state.season(month) * exp(state.truth.orders_with_felt * state.felt(month))
    count = np.where(state.here(month), draws.counts(mean, n), 0)
    account = np.repeat(np.arange(n), count)
    days = state.working_days(month)
    day = days[draws.wholes(0, len(days) - 1, len(account))]
    stays = day < state.leave[account]
    account, day = account[stays], day[stays]
    line = np.repeat(np.arange(len(account)), 1 + draws.picks(_LINES, len(account)))
    account, day = account[line], day[line]
    product = on_sale(them.product(account, day, draws), day, state.days)
    _, rows = np.unique(line * len(words.PRODUCTS) + product, return_index=True)
    line, account, day, product = line[rows], account[rows], day[rows], product[rows]
    segment = them.segment[account]
    units = 1 + np.floor(draws.spreads(np.array(_UNITS)[segment], 0.6, len(line))).astype(np.int64)
    discount = draws.wholes(0, np.array(_DISCOUNT_MOST)[segment], len(line))
    owner = state.hands.owner_on(account, np.full(len(line), month))
    return {
        "order": start + line, "account": account, "product": product, "owner": owner, "day": day, "units": units,
        "cents": priced(units, product, discount, day, state.days, state.truth), "cost": units * _COST_CENTS[product],
    }  # fmt: skip


def with_returns(sold: Columns, leave: Whole, span: Window, draws: Draws) -> Columns:
    """The lines and what came back of them, in part or whole, as orders of their own with a negative quantity.

    In the order of the days; orders are numbered as they come.
    """
    back = take(sold, draws.happens(_RETURN_CHANCE, size(sold)))
    n = size(back)
    units = draws.wholes(1, back["units"], n)
    share = {name: -(back[name] * units // back["units"]) for name in ("cents", "cost")}
    day = working(back["day"] + draws.wholes(4, 30, n))
    order = int(sold["order"].max(initial=-1)) + 1 + np.arange(n)
    back = {**back, **share, "units": -units, "day": day, "order": order}
    lines = joined([sold, take(back, day <= np.minimum(leave[back["account"]], span.last))])
    lines = take(lines, np.lexsort((lines["product"], lines["order"], lines["day"])))
    _, first, place = np.unique(lines["order"], return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first, kind="stable"), kind="stable")
    return {**lines, "order": rank[place]}
