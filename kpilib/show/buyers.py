"""Who buys, how much at a time, what kind of sale it is, and who buys again or more. Reached as ``sales.…``."""

from __future__ import annotations

import pandas as pd

from kpilib.model.dimensions import DIMENSIONS

from . import charts, sentences, tables
from .figure import Drawn
from .parts import intervals
from .view import View
from .words import missing

#: What each kind of sale is called.
KINDS = {"new": "First purchase", "repeat": "Repeat", "cross_sell": "Cross-sell", "up_sell": "Up-sell"}
_MEANT = (
    "First purchase: of the customer's first day. Cross-sell: a product type never bought before. Up-sell: a higher "
    "place in the range of a type bought before. Repeat: the rest, returns taken off."
)


def ranked(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """A table with its largest value first, its units kept."""
    ordered = table.sort_values(column, ascending=False, kind="stable", na_position="last").reset_index(drop=True)
    ordered.attrs = table.attrs
    return ordered


def baskets(view: View, by: str = "segment") -> Drawn:
    """The average basket both ways, per order and per buying customer, side by side."""
    order, customer = view.kpi("average_order").iloc[0], view.kpi("average_basket").iloc[0]
    if missing(order["value"]):
        raise charts.Nothing("No row matches.")
    frame = _both(view, by)
    chart = charts.pairs(
        frame, left=("order", "money"), right=("customer", "money"), words=view.words,
        names={"order": "Per order", "customer": "Per customer"},
    )  # fmt: skip
    words = view.words
    said = (
        f"An order is worth {words.text(order['value'], 'money')} on average "
        f"({words.interval(order['low'], order['high'], 'money')}; {words.count(order['denominator'])} orders); a "
        f"customer who buys spends {words.text(customer['value'], 'money')} in the period "
        f"({words.interval(customer['low'], customer['high'], 'money')}; {words.count(customer['denominator'])} "
        f"customers), in {words.text(order['denominator'] / customer['denominator'], 'ratio')} orders."
    )
    note = "The basket per customer grows with the length of the period: compare periods of the same length only."
    return Drawn(said, chart, _basket_table(frame, by, view), int(order["rows"]), note)


def _both(view: View, by: str) -> pd.DataFrame:
    orders, customers = (view.kpi(key, by=by).set_index("group") for key in ("average_order", "average_basket"))
    customers = customers.reindex(orders.index)
    frame = pd.DataFrame({"order": orders["value"], "customer": customers["value"]})
    for name, part in (("order", orders), ("customer", customers)):
        frame[f"{name} between"] = intervals(part, view.words, "money")
        frame[f"{name}s"] = part["denominator"]
    frame["each"] = frame["orders"] / frame["customers"]
    return frame.sort_values("order", ascending=False, kind="stable").rename_axis("group").reset_index()


def _basket_table(frame: pd.DataFrame, by: str, view: View) -> pd.DataFrame:
    named = {
        "group": DIMENSIONS[by].label, "order": "Per order", "order between": "95% interval", "orders": "Orders",
        "customer": "Per customer", "customer between": "95% interval ", "customers": "Customers",
        "each": "Orders a customer",
    }  # fmt: skip
    table = frame[list(named)].rename(columns=named)
    units = {"Per order": "money", "Per customer": "money", "Orders": "count", "Customers": "count"}
    table.attrs["units"] = {**units, "Orders a customer": "ratio"}
    return table


def kinds(view: View) -> Drawn:
    """Of what kind the sales are: first purchases, repeats, cross-sell, up-sell."""
    frame = tables.with_shares(view.kpi("revenue", by="kind"))
    if frame.empty:
        raise charts.Nothing("No row matches.")
    frame["group"] = [KINDS.get(kind, kind) for kind in frame["group"]]
    words, total = view.words, view.kpi("revenue")["value"].iloc[0]
    shares = zip(frame["group"], frame["share"], strict=True)
    parts = [f"{kind.lower()} {words.text(share, 'share')}" for kind, share in shares]
    said = f"Of a revenue of {words.short(total, 'money')}: {', '.join(parts)}."
    if frame["share"].isna().any():
        said = f"The revenue is {words.text(total, 'money')}; with a kind below zero it has no shares."
    chart = charts.bars(frame, unit="money", words=words, measure="Revenue")
    table = frame[["group", "value", "share", "rows"]]
    table = table.set_axis(["Kind of sale", "Revenue", "Share", "Lines"], axis="columns")
    table.attrs["units"] = {"Revenue": "money", "Share": "share"}
    return Drawn(said, chart, table, int(frame["rows"].sum()), _MEANT)


def rate(view: View, key: str, by: str = "segment") -> Drawn:
    """A rate of the buyers (cross-sell, up-sell, repeat) group by group, and whether the extremes differ."""
    kpi, whole = view.book.kpis[key], view.kpi(key)
    frame = view.kpi(key, by=by)
    measure = sentences.Measure.of_kpi(kpi, view.words, "orders" if kpi.binary else "order lines")
    chart = charts.bars(frame, unit=kpi.unit, words=view.words, measure=kpi.name)
    table = ranked(tables.kpi_table(frame, kpi, view.words, DIMENSIONS[by].label), kpi.name)
    said = f"{sentences.one_value(whole, measure)} {sentences.best_and_worst(frame, measure)}"
    return Drawn(said, chart, table, int(whole["rows"].iloc[0]), kpi.caveat)
