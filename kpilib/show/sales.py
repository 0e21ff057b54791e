"""The figures of the page "Sales": who and what brings the revenue, what it leaves, how it moves.

Each function takes the view in force, and by what to group, and returns what to draw. Baskets, cross-sell and repeat
are in `buyers`, satisfaction and effort in `aftersales`; all are reached as ``sales.…``.
"""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from kpilib.compute.selling import concentration, needed
from kpilib.errors import unknown
from kpilib.model.dimensions import DIMENSIONS
from kpilib.periods import Grain, group, label, month_of, parse

from . import charts, sentences, tables
from .aftersales import aftersales, satisfaction
from .buyers import baskets, kinds, ranked, rate
from .figure import Drawn
from .parts import grouped, intervals
from .view import View
from .words import MINIMUM, Words, missing

__all__ = [
    "BY", "MEASURES", "TILES", "WHOSE", "aftersales", "baskets", "breakdown", "kinds", "margin_rate",
    "pareto", "quarters", "rate", "satisfaction", "trend",
]  # fmt: skip


#: The KPIs of the page's tiles.
TILES = (
    "revenue", "margin", "margin_rate", "average_order", "average_basket", "cross_sell_rate", "up_sell_rate",
    "repeat_rate",
)  # fmt: skip
#: What a figure may be grouped by, the first at the start.
BY = ("product", "category", "region", "segment", "owner")
#: The same for figures about customers.
WHOSE = ("segment", "region", "industry", "owner", "category")
#: How the members of a dimension are called together.
PLURALS = {
    "product": "products", "category": "product types", "region": "regions", "segment": "customer families",
    "owner": "salespeople", "customer": "customers",
}  # fmt: skip
#: What a trend may show: the name that a reader chooses, and the KPI.
MEASURES = {
    "Revenue": "revenue",
    "Margin": "margin",
    "Margin rate": "margin_rate",
    "Average order": "average_order",
    "Average basket per customer": "average_basket",
}
# A Pareto table holds so many members.
_FIRST = 25


def breakdown(view: View, by: str = "product") -> Drawn:
    """Revenue, share, margin and margin rate of each member of a dimension, the largest revenue first."""
    frame = _with_margin(view, by)
    chart = _breakdown_chart(frame, view)
    named = {
        "group": DIMENSIONS[by].label, "value": "Revenue", "share": "Share", "margin": "Margin",
        "margin_rate": "Margin rate", "between": "95% interval", "rows": "Lines",
    }  # fmt: skip
    costs = frame["margin"].notna().any()
    named = {name: said for name, said in named.items() if costs or name not in ("margin", "margin_rate", "between")}
    table = frame[list(named)].rename(columns=named)
    table.attrs["units"] = {"Revenue": "money", "Share": "share"} | (
        {"Margin": "money", "Margin rate": "share"} if costs else {}
    )
    said = f"{_sold(view)} {_largest(frame, PLURALS[by], view.words)}"
    return Drawn(said, chart, table, int(frame["rows"].sum()), _unknown_costs(frame, view) if costs else "")


def margin_rate(view: View, by: str = "product") -> Drawn:
    """What share of a euro sold is left, with its interval, and whether the best and the worst differ."""
    kpi, frame = view.book.kpis["margin_rate"], view.kpi("margin_rate", by=by)
    measure = sentences.Measure.of_kpi(kpi, view.words, "order lines")
    chart = charts.bars(frame, unit="share", words=view.words, measure="Margin rate")
    table = ranked(tables.kpi_table(frame, kpi, view.words, DIMENSIONS[by].label), kpi.name)
    said = sentences.best_and_worst(frame, measure)
    return Drawn(said, chart, table, int(frame["rows"].sum()), kpi.caveat)


def pareto(view: View, by: str = "product") -> Drawn:
    """How few products, or customers, make up most of the revenue."""
    asked = view.kpi("revenue", by=by)
    adding, taking = concentration(asked)
    if adding.empty:
        raise charts.Nothing("No row matches.")
    words, noun = view.words, PLURALS[by]
    few = needed(adding)
    said = (
        f"{words.count(few)} of {words.count(len(adding))} {noun} ({words.text(few / len(adding), 'share')}) make up "
        f"80% of the revenue; the largest, {adding['group'].iloc[0]}, {words.text(adding['share'].iloc[0], 'share')}."
    )
    named = {"group": DIMENSIONS[by].label, "value": "Revenue", "share": "Share", "cumulative": "Together"}
    table = adding.head(_FIRST)[list(named)].rename(columns=named)
    table.attrs["units"] = {"Revenue": "money", "Share": "share", "Together": "share"}
    chart = charts.pareto(adding.head(_FIRST), unit="money", words=words, measure="Revenue")
    notes = [_cut(len(adding), noun, words), _given_back(taking, noun, words)]
    return Drawn(said, chart, table, int(asked["rows"].sum()), " ".join(note for note in notes if note))


def trend(view: View, measure: str = "Revenue", grain: Grain = "month") -> Drawn:
    """A measure month by month within the slice, or quarter by quarter since the data begin, against a year before."""
    if measure not in MEASURES:
        raise unknown("measure of the trend", measure, MEASURES)
    key, kpi = MEASURES[measure], view.book.kpis[MEASURES[measure]]
    shown = _quarters(view) if grain == "quarter" else view
    past = shown.but(since=None).kpi(key, period=grain)
    frame = past[past["period"] >= _first_period(shown, grain)].reset_index(drop=True)
    before = _year_before(past, frame)
    table = tables.kpi_table(frame, kpi, view.words)
    if frame["low"].isna().all():
        table = table.drop(columns="95% interval")
    table.insert(2, "A year before", before["value"].to_numpy())
    table.attrs["units"] = {**table.attrs["units"], "A year before": kpi.unit}
    chart = charts.line(frame, unit=kpi.unit, words=view.words, measure=kpi.name, zero=kpi.unit == "money")
    said = _against_last_year(frame, before, kpi, view.words)
    return Drawn(said, chart, table, int(frame["rows"].sum()), kpi.caveat, shown.text)


def quarters(view: View, measure: str = "Revenue") -> Drawn:
    """`trend` quarter by quarter, since the data begin: what a slice of a few months cannot show."""
    return trend(view, measure, "quarter")


def _sold(view: View) -> str:
    """What was sold in all, and what it left."""
    words, sold = view.words, view.kpi("revenue").iloc[0]
    said = f"We sold {words.short(sold['value'], 'money')} in {words.count(sold['rows'])} order lines"
    if view.book.why_not("margin_rate"):
        return f"{said}; their cost is not known."
    whole = {key: view.kpi(key).iloc[0] for key in ("margin", "margin_rate")}
    if missing(whole["margin_rate"]["value"]):
        return f"{said}; their cost is not known."
    left, rate = words.short(whole["margin"]["value"], "money"), words.text(whole["margin_rate"]["value"], "share")
    between = words.interval(whole["margin_rate"]["low"], whole["margin_rate"]["high"], "share")
    return f"{said}, which left {left}: {rate} of the money ({between})."


def _largest(frame: pd.DataFrame, noun: str, words: Words) -> str:
    """What part the largest makes up, and the largest three together."""
    if frame["share"].isna().any():
        return f"Where more came back than was sold, the {noun} have no shares."
    said = f"{frame['group'].iloc[0]} brings {words.text(frame['share'].iloc[0], 'share')} of it"
    if len(frame) <= 3:
        return f"{said}."
    return f"{said}; the first 3 of {len(frame)} {noun} bring {words.text(frame['cumulative'].iloc[2], 'share')}."


def _with_margin(view: View, by: str) -> pd.DataFrame:
    """Revenue by group with its share, margin, margin rate and its interval, and the lines whose cost is known."""
    frame = tables.with_shares(view.kpi("revenue", by=by))
    if frame.empty:
        raise charts.Nothing("No row matches.")
    margin, rates = (grouped(view, key, by) for key in ("margin", "margin_rate"))
    rates = rates.reindex(frame["group"])
    return frame.assign(
        margin=margin["value"].reindex(frame["group"]).to_numpy(),
        known=margin["rows"].reindex(frame["group"], fill_value=0).to_numpy(),
        margin_rate=rates["value"].to_numpy(),
        between=intervals(rates, view.words),
    )


def _cut(groups: int, noun: str, words: Words) -> str:
    return f"The table holds the first {_FIRST} of {words.count(groups)} {noun}." if groups > _FIRST else ""


def _given_back(taking: pd.DataFrame, noun: str, words: Words) -> str:
    if taking.empty:
        return ""
    returned = words.text(-taking["value"].sum(), "money")
    return f"Left out: {words.count(len(taking))} of the {noun}, where no more was bought than came back ({returned})."


def _breakdown_chart(frame: pd.DataFrame, view: View) -> alt.TopLevelMixin:
    """Revenue beside margin; revenue alone where no cost is known."""
    if frame["margin"].isna().all():
        return charts.bars(frame, unit="money", words=view.words, measure="Revenue", minimum=0)
    return charts.pairs(
        frame, left=("value", "money"), right=("margin", "money"), words=view.words,
        names={"value": "Revenue", "margin": "Margin"},
    )  # fmt: skip


def _unknown_costs(frame: pd.DataFrame, view: View) -> str:
    lines = int(frame["rows"].sum() - frame["known"].sum())
    said = f"{view.words.count(lines)} line{'' if lines == 1 else 's'} whose cost is not known"
    return f"The margin leaves out {said}." if lines else ""


def _quarters(view: View) -> View:
    """The slice from the first whole quarter of the data to the end of the quarter in which it ends."""
    month = month_of(view.book.first_month)
    until = view.until if view.until is None else _end_of_quarter(view)
    return view.but(since=label(-(-month // 3) * 3, "month"), until=until)


def _end_of_quarter(view: View) -> str:
    last = parse(str(view.until))[1]
    return label(min(last - last % 3 + 2, month_of(view.book.last_month)), "month")


def _first_period(view: View, grain: Grain) -> str:
    first = month_of(view.book.first_month) if view.since is None else parse(view.since)[0]
    return str(group([first], grain)[1][0])


def _year_before(past: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """Period, value and rows of the same periods a year earlier; missing where the data do not reach."""
    earlier = [f"{int(period[:4]) - 1}{period[4:]}" for period in frame["period"]]
    return past.set_index("period")[["value", "rows"]].reindex(earlier).rename_axis("period").reset_index()


def _against_last_year(frame: pd.DataFrame, before: pd.DataFrame, kpi: Any, words: Words) -> str:
    """The last complete period against the same one a year before; totals have no interval, so no verdict either."""
    measure = sentences.Measure.of_kpi(kpi, words)
    if measure.unit != "money" or frame["low"].notna().any():
        return sentences.trend(frame, measure)
    whole = frame[frame["complete"] & frame["value"].notna()]
    if whole.empty:
        return "No period of this slice is over."
    last, then = whole.iloc[-1], before.loc[whole.index[-1]]
    said = f"{kpi.name} was {words.short(last['value'], kpi.unit)} in {last['period']}"
    if missing(then["value"]):
        return f"{said}; the data do not reach a year further back."
    earlier = f"{then['period']} ({words.short(then['value'], kpi.unit)})"
    if min(last["rows"], then["rows"]) < MINIMUM or then["value"] <= 0:
        return f"{said}, after {earlier}: too few lines to compare."
    change = last["value"] / then["value"] - 1
    return f"{said}, {words.text(abs(change), 'share')} {'more' if change >= 0 else 'less'} than in {earlier}."
