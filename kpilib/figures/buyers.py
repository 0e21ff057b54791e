"""Who buys, how much at a time, what kind of sale it is, and who buys again or more. Reached as ``sales.…``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kpilib.compute.frames import column, ranking, rows, taken
from kpilib.language import N_
from kpilib.model.dimensions import DIMENSIONS
from kpilib.show import charts, sentences, tables
from kpilib.show.figure import Drawn
from kpilib.show.tables import INTERVAL, between
from kpilib.show.view import View
from kpilib.show.words import NOTHING, Words, low, missing

from . import parts

#: What each kind of sale is called.
KINDS = {
    "new": N_("First purchase"), "repeat": N_("Repeat"), "cross_sell": N_("Cross-sell"), "up_sell": N_("Up-sell"),
}  # fmt: skip
_MEANT = N_(
    "First purchase: of the customer's first day. Cross-sell: a product type never bought before. Up-sell: a higher "
    "place in the range of a type bought before. Repeat: the rest, returns taken off."
)
_BASKETS = N_(
    "An order is worth {order} on average ({order_interval}; {orders} orders); a customer who buys spends {basket} in "
    "the period ({basket_interval}; {customers} customers), in {each} orders."
)
_LONGER = N_("The basket per customer grows with the length of the period: compare periods of the same length only.")
_PER_ORDER, _PER_CUSTOMER, _EACH = N_("Per order"), N_("Per customer"), N_("Orders a customer")
_ORDERS, _CUSTOMERS, _SHARE, _LINES = N_("Orders"), N_("Customers"), N_("Share"), N_("Lines")
_KIND = N_("Kind of sale")


def ranked(frame: pd.DataFrame, kpi: Any, words: Words, by: str) -> pd.DataFrame:
    """The table of a KPI by a dimension, its largest value first."""
    order = np.argsort(-frame["value"].to_numpy(float), kind="stable")
    return tables.kpi_table(taken(frame, order), kpi, words, DIMENSIONS[by].label)


def baskets(view: View, by: str = "segment") -> Drawn:
    """The average basket both ways, per order and per buying customer, side by side."""
    order, customer = (view.lines(key)[0] for key in ("average_order", "average_basket"))
    if missing(order["value"]):
        raise charts.Nothing("No row matches.")
    frame, words = _both(view, by), view.words
    chart = charts.pairs(
        frame, left=("order", "money"), right=("customer", "money"), words=words,
        names={"order": words.say(_PER_ORDER), "customer": words.say(_PER_CUSTOMER)},
    )  # fmt: skip
    said = words.say(
        _BASKETS,
        order=words.text(order["value"], "money"), order_interval=_between(order, words),
        orders=words.count(order["denominator"]),
        basket=words.text(customer["value"], "money"), basket_interval=_between(customer, words),
        customers=words.count(customer["denominator"]),
        each=words.text(order["denominator"] / customer["denominator"], "ratio"),
    )  # fmt: skip
    drill = {"kpi": "average_order", "field": by}
    return Drawn(said, chart, _basket_table(frame, by), int(order["rows"]), words.say(_LONGER), drill=drill)


def _between(row: dict[str, Any], words: Words) -> str:
    return words.interval(row["low"], row["high"], "money") or NOTHING


def _both(view: View, by: str) -> pd.DataFrame:
    """Both baskets of each group, the dearest order first."""
    asked = parts.asked(view, "average_order", by)
    orders, customers = taken(asked, ranking(asked)), parts.found(view, "average_basket", by)
    groups = orders["group"].tolist()
    frame: dict[str, Any] = {"group": groups, "order": orders["value"], "orders": orders["denominator"]}
    frame["order between"] = tables.intervals(orders, view.words, "money")
    frame["customer"] = column(groups, customers, "value")
    frame["customers"] = np.array(column(groups, customers, "denominator"), float)
    low_, high = (column(groups, customers, end) for end in ("low", "high"))
    frame["customer between"] = between(low_, high, view.words, "money")
    return pd.DataFrame({**frame, "each": orders["denominator"].to_numpy() / frame["customers"]})


def _basket_table(frame: pd.DataFrame, by: str) -> pd.DataFrame:
    named = {
        "group": DIMENSIONS[by].label, "order": _PER_ORDER, "order between": INTERVAL, "orders": _ORDERS,
        "customer": _PER_CUSTOMER, "customer between": f"{INTERVAL} ", "customers": _CUSTOMERS, "each": _EACH,
    }  # fmt: skip
    units = {_PER_ORDER: "money", _PER_CUSTOMER: "money", _ORDERS: "count", _CUSTOMERS: "count", _EACH: "ratio"}
    return tables.shown(frame, named, units)


def kinds(view: View) -> Drawn:
    """Of what kind the sales are: first purchases, repeats, cross-sell, up-sell."""
    frame = tables.with_shares(view.kpi("revenue", by="kind"))
    if frame.empty:
        raise charts.Nothing("No row matches.")
    words, all_ = view.words, view.lines("revenue")[0]["value"]
    frame["group"] = [words.say(KINDS.get(kind, kind)) for kind in frame["group"].tolist()]
    named = {"group": _KIND, "value": "Revenue", "share": _SHARE, "rows": _LINES}
    table = tables.shown(frame, named, {"Revenue": "money", _SHARE: "share"})
    chart = charts.bars(frame, unit="money", words=words, measure=words.say("Revenue"))
    lines = sum(frame["rows"].tolist())
    drill = {"kpi": "revenue", "field": None}
    return Drawn(_parts(rows(frame), all_, words), chart, table, lines, words.say(_MEANT), drill=drill)


def _parts(kinds: list[dict[str, Any]], revenue: float, words: Words) -> str:
    """What share of the revenue each kind makes up."""
    if any(missing(row["share"]) for row in kinds):
        said = N_("The revenue is {revenue}; with a kind below zero it has no shares.")
        return words.say(said, revenue=words.text(revenue, "money"))
    said = ", ".join(f"{low(row['group'])} {words.text(row['share'], 'share')}" for row in kinds)
    return words.say("Of a revenue of {revenue}: {parts}.", revenue=words.short(revenue, "money"), parts=said)


def rate(view: View, key: str, by: str = "segment") -> Drawn:
    """A rate of the buyers (cross-sell, up-sell, repeat) group by group, and whether the extremes differ."""
    kpi, whole, frame, words = view.book.kpis[key], view.kpi(key), parts.asked(view, key, by), view.words
    measure = sentences.Measure.of_kpi(kpi, words, N_("orders") if kpi.binary else N_("order lines"))
    chart = charts.bars(frame, unit=kpi.unit, words=words, measure=words.say(kpi.name))
    said = f"{sentences.one_value(whole, measure)} {sentences.best_and_worst(frame, measure)}"
    counted, drill = sum(whole["rows"].tolist()), {"kpi": key, "field": by}
    return Drawn(said, chart, ranked(frame, kpi, words, by), counted, words.say(kpi.caveat), drill=drill)
