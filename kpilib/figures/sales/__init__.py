"""The figures of the page "Sales": who and what brings the revenue, what it leaves, how it moves.

Each function takes the view in force, and by what to group, and returns what to draw. Baskets, cross-sell and repeat
are in `buyers`, satisfaction and effort in `aftersales`; all are reached as ``sales.…``.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from kpilib.compute.frames import column, rows, total
from kpilib.compute.selling import concentration, needed
from kpilib.errors import unknown
from kpilib.figures import parts
from kpilib.figures.buyers import baskets, kinds, ranked, rate
from kpilib.language import N_
from kpilib.model.dimensions import DIMENSIONS
from kpilib.periods import Grain, group, label, month_of, parse
from kpilib.show import charts, sentences, tables
from kpilib.show.charts.plot import Plot
from kpilib.show.figure import Drawn
from kpilib.show.tables import INTERVAL, between
from kpilib.show.view import View
from kpilib.show.words import MINIMUM, Words, missing

from .aftersales import aftersales, satisfaction

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
    "product": N_("products"), "category": N_("product types"), "region": N_("regions"),
    "segment": N_("customer families"), "owner": N_("salespeople"), "customer": N_("customers"),
}  # fmt: skip
#: What a trend may show: the name that a reader chooses, and the KPI.
MEASURES = {
    N_("Revenue"): "revenue",
    N_("Margin"): "margin",
    N_("Margin rate"): "margin_rate",
    N_("Average order"): "average_order",
    N_("Average basket per customer"): "average_basket",
}
_SHARE, _TOGETHER, _LINES, _BEFORE = N_("Share"), N_("Together"), N_("Lines"), N_("A year before")
# A Pareto table holds so many members.
_FIRST = 25


def breakdown(view: View, by: str = "product") -> Drawn:
    """Revenue, share, margin and margin rate of each member of a dimension, the largest revenue first."""
    frame = _with_margin(view, by)
    costs = bool(frame["known"].any())
    columns, units = {"group": DIMENSIONS[by].label, "value": "Revenue", "share": _SHARE}, {"Revenue": "money"}
    if costs:
        columns |= {"margin": "Margin", "margin_rate": "Margin rate", "between": INTERVAL}
        units |= {"Margin": "money", "Margin rate": "share"}
    table = tables.shown(frame, {**columns, "rows": _LINES}, {**units, _SHARE: "share"})
    said = f"{_sold(view)} {_largest(frame, PLURALS[by], view.words)}"
    lines, known = (sum(frame[name].tolist()) for name in ("rows", "known"))
    note = _unknown_costs(lines - known, view.words) if costs else ""
    drill = {"kpi": "revenue", "field": by}
    return Drawn(said, _breakdown_chart(frame, costs, view.words), table, lines, note, drill=drill)


def margin_rate(view: View, by: str = "product") -> Drawn:
    """What share of a euro sold is left, with its interval, and whether the best and the worst differ."""
    kpi, frame, words = view.book.kpis["margin_rate"], parts.asked(view, "margin_rate", by), view.words
    chart = charts.bars(frame, unit="share", words=words, measure=words.say(kpi.name))
    table = ranked(frame, kpi, words, by)
    said = sentences.best_and_worst(frame, sentences.Measure.of_kpi(kpi, words, N_("order lines")))
    drill = {"kpi": "margin_rate", "field": by}
    return Drawn(said, chart, table, sum(frame["rows"].tolist()), words.say(kpi.caveat), drill=drill)


def pareto(view: View, by: str = "product") -> Drawn:
    """How few products, or customers, make up most of the revenue."""
    asked = parts.asked(view, "revenue", by)
    adding, taking = concentration(asked[["group", "value"]])
    if adding.empty:
        raise charts.Nothing("No row matches.")
    words, noun, few, all_ = view.words, view.words.say(PLURALS[by]), needed(adding), len(adding)
    first = adding.iloc[:_FIRST]
    largest = rows(first)[0]
    said = words.say(
        "{few} of {all} {groups} ({part}) make up 80% of the revenue; the largest, {group}, {share}.",
        few=words.count(few), all=words.count(all_), groups=noun, part=words.text(few / all_, "share"),
        group=largest["group"], share=words.text(largest["share"], "share"),
    )  # fmt: skip
    columns = {"group": DIMENSIONS[by].label, "value": "Revenue", "share": _SHARE, "cumulative": _TOGETHER}
    table = tables.shown(first, columns, {"Revenue": "money", _SHARE: "share", _TOGETHER: "share"})
    chart = charts.pareto(first, unit="money", words=words, measure=words.say("Revenue"))
    note = " ".join([*_cut(all_, noun, words), *_given_back(taking, noun, words)])
    return Drawn(said, chart, table, int(asked["rows"].to_numpy().sum()), note, drill={"kpi": "revenue", "field": by})


def trend(view: View, measure: str = "Revenue", grain: Grain = "month") -> Drawn:
    """A measure month by month within the slice, or quarter by quarter since the data begin, against a year before."""
    if measure not in MEASURES:
        raise unknown("measure of the trend", measure, MEASURES)
    key, kpi, words = MEASURES[measure], view.book.kpis[MEASURES[measure]], view.words
    shown = _quarters(view) if grain == "quarter" else view
    past = shown.but(since=None).kpi(key, period=grain)
    first = _first_period(shown, grain)
    frame = past.iloc[sum(period < first for period in past["period"].tolist()) :].reset_index(drop=True)
    before = _year_before(past, frame)
    table = _beside_last_year(frame, before, kpi, words)
    chart = charts.line(frame, unit=kpi.unit, words=words, measure=words.say(kpi.name), zero=kpi.unit == "money")
    said = _against_last_year(frame, before, kpi, words)
    drill = {"kpi": key, "field": "period"}
    return Drawn(said, chart, table, sum(frame["rows"].tolist()), words.say(kpi.caveat), shown.text, drill)


def quarters(view: View, measure: str = "Revenue") -> Drawn:
    """`trend` quarter by quarter, since the data begin: what a slice of a few months cannot show."""
    return trend(view, measure, "quarter")


def _sold(view: View) -> str:
    """What was sold in all, and what it left."""
    words, sold = view.words, view.lines("revenue")[0]
    given = {"revenue": words.short(sold["value"], "money"), "n": words.count(sold["rows"])}
    rate = {} if view.book.why_not("margin_rate") else view.lines("margin_rate")[0]
    if missing(rate.get("value")):
        return words.say("We sold {revenue} in {n} order lines; their cost is not known.", **given)
    margin = view.lines("margin")[0]["value"]
    given |= {"margin": words.short(margin, "money"), "rate": words.text(rate["value"], "share")}
    given |= {"interval": words.interval(rate["low"], rate["high"], "share")}
    if not given["interval"]:
        return words.say("We sold {revenue} in {n} order lines, which left {margin}: {rate} of the money.", **given)
    return words.say(
        "We sold {revenue} in {n} order lines, which left {margin}: {rate} of the money ({interval}).",
        **given,
    )


def _largest(frame: pd.DataFrame, noun: str, words: Words) -> str:
    """What part the largest makes up, and the largest three together."""
    all_, largest = len(frame), rows(frame.iloc[:3])
    if missing(largest[0]["share"]):
        return words.say("Where more came back than was sold, the {groups} have no shares.", groups=words.say(noun))
    given = {"group": largest[0]["group"], "share": words.text(largest[0]["share"], "share")}
    if all_ <= len(largest):
        return words.say("{group} brings {share} of it.", **given)
    return words.say(
        "{group} brings {share} of it; the first {n} of {all} {groups} bring {together}.",
        **given, n=len(largest), all=all_, groups=words.say(noun),
        together=words.text(largest[-1]["cumulative"], "share"),
    )  # fmt: skip


def _with_margin(view: View, by: str) -> pd.DataFrame:
    """Revenue by group with its share, margin, margin rate and its interval, and the lines whose cost is known."""
    frame = tables.with_shares(parts.asked(view, "revenue", by))
    if frame.empty:
        raise charts.Nothing("No row matches.")
    groups = frame["group"].tolist()
    margins, rates = (parts.found(view, key, by) for key in ("margin", "margin_rate"))
    frame["margin"] = column(groups, margins, "value")
    frame["known"] = column(groups, margins, "rows", 0)
    frame["margin_rate"] = column(groups, rates, "value")
    frame["between"] = between(column(groups, rates, "low"), column(groups, rates, "high"), view.words)
    return frame


def _cut(groups: int, noun: str, words: Words) -> list[str]:
    given = {"n": _FIRST, "all": words.count(groups), "groups": noun}
    return [words.say("The table holds the first {n} of {all} {groups}.", **given)] if groups > _FIRST else []


def _given_back(taking: pd.DataFrame, noun: str, words: Words) -> list[str]:
    if taking.empty:
        return []
    returned = words.text(-total(taking["value"].tolist()), "money")
    said = N_("Left out: {n} of the {groups}, where no more was bought than came back ({returned}).")
    return [words.say(said, n=words.count(len(taking)), groups=noun, returned=returned)]


def _breakdown_chart(frame: pd.DataFrame, costs: bool, words: Words) -> Plot:
    """Revenue beside margin; revenue alone where no cost is known."""
    if not costs:
        return charts.bars(frame, unit="money", words=words, measure=words.say("Revenue"), minimum=0)
    return charts.pairs(
        frame, left=("value", "money"), right=("margin", "money"), words=words,
        names={"value": words.say("Revenue"), "margin": words.say("Margin")},
    )  # fmt: skip


def _unknown_costs(lines: int, words: Words) -> str:
    return (
        words.plural(
            lines,
            "The margin leaves out {n} line whose cost is not known.",
            "The margin leaves out {n} lines whose cost is not known.",
            n=words.count(lines),
        )
        if lines
        else ""
    )


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


def _year_before(past: pd.DataFrame, frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Period, value and rows of the same periods a year earlier; missing where the data do not reach."""
    known = {row["period"]: row for row in rows(past)}
    earlier = [f"{int(period[:4]) - 1}{period[4:]}" for period in frame["period"].tolist()]
    return [known.get(period, {"period": period, "value": float("nan"), "rows": 0}) for period in earlier]


def _beside_last_year(frame: pd.DataFrame, before: list[dict[str, Any]], kpi: Any, words: Words) -> pd.DataFrame:
    table = tables.kpi_table(frame, kpi, words)
    table.insert(2, _BEFORE, [row["value"] for row in before])
    if frame["low"].isna().all():
        del table[INTERVAL]
    table.attrs["units"] = {**table.attrs["units"], _BEFORE: kpi.unit}
    return table


def _against_last_year(frame: pd.DataFrame, before: list[dict[str, Any]], kpi: Any, words: Words) -> str:
    """The last complete period against the same one a year before; totals have no interval, so no verdict either."""
    if kpi.unit != "money" or frame["low"].notna().any():
        return sentences.trend(frame, sentences.Measure.of_kpi(kpi, words))
    whole = [
        both for both in zip(rows(frame), before, strict=True) if both[0]["complete"] and not missing(both[0]["value"])
    ]
    if not whole:
        return words.say("No period of this slice is over.")
    last, then = whole[-1]
    given = {"measure": words.say(kpi.name), "value": words.short(last["value"], kpi.unit), "period": last["period"]}
    if missing(then["value"]):
        return words.say("{measure} was {value} in {period}; the data do not reach a year further back.", **given)
    given |= {"earlier": then["period"], "before": words.short(then["value"], kpi.unit)}
    if min(last["rows"], then["rows"]) < MINIMUM or then["value"] <= 0:
        return words.say(
            "{measure} was {value} in {period}, after {earlier} ({before}): too few lines to compare.", **given
        )
    change = last["value"] / then["value"] - 1
    given["change"] = words.text(abs(change), "share")
    if change >= 0:
        return words.say("{measure} was {value} in {period}, {change} more than in {earlier} ({before}).", **given)
    return words.say("{measure} was {value} in {period}, {change} less than in {earlier} ({before}).", **given)
