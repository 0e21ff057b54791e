"""What else is known of satisfied customers: what they write in public, how they pay, what work they ask for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kpilib.compute import selling
from kpilib.compute.frames import by_group, column, rows
from kpilib.figures import company, parts, why
from kpilib.language import N_
from kpilib.model.dimensions import DIMENSIONS
from kpilib.show import charts, tables
from kpilib.show.charts.versus import versus
from kpilib.show.figure import Drawn
from kpilib.show.measures import p_value
from kpilib.show.tables import INTERVAL, between
from kpilib.show.view import View
from kpilib.show.words import MINIMUM, Words, missing
from kpilib.stats.association import rank_correlation

_REVIEWS, _SURVEYS = N_("reviews"), N_("surveys")
_STARS, _MARK, _ANSWERS, _MONTH = N_("Reviews, stars"), N_("Surveys, mark"), N_("Answers"), N_("Month")
_COUNT, _INVOICES, _CUSTOMERS, _UNPAID = N_("Reviews"), N_("Invoices"), N_("Customers"), N_("Not paid yet")
_LATE, _DELAY, _BAND = N_("Paid late"), N_("Mean delay"), N_("Last answer before the invoice")
_TOGETHER = {
    "months": N_("Month by month the two go together (correlation {r}, {interval}; {n} months)."),
    "products": N_("Product by product the two go together (correlation {r}, {interval}; {n} products)."),
}
_APART = {
    "months": N_("Month by month nothing says that the two go together (correlation {r}, {interval}; {n} months)."),
    "products": N_(
        "Product by product nothing says that the two go together (correlation {r}, {interval}; {n} products)."
    ),
}
_GAP_ABOVE = N_("Reviews stand {gap} above what the same company is told in surveys ({interval}).")
_GAP_BELOW = N_("Reviews stand {gap} below what the same company is told in surveys ({interval}).")
_GAP_NONE = N_("On the whole reviews and surveys give the same mark, as far as chance lets one see ({interval}).")
_WRITERS = N_("Both on a scale of 1 to 5. Who writes in public chose to; who answers a survey was asked.")
_CUT = N_("The chart holds the {n} products reviewed worst, the table all {all}.")
_BANDS = {
    "detractor": N_("Detractors, 0 to 6"), "passive": N_("Passives, 7 and 8"), "promoter": N_("Promoters, 9 and 10"),
}  # fmt: skip
_ASSOCIATED = N_(
    "The hypothesis holds as far as these data can say: of the same family and month, customers who were unhappy "
    "before pay {late} more of their invoices late than the happy ones ({low} to {high}; {p}), and {delay} later "
    "({delay_interval})."
)
_NOT_ASSOCIATED = N_(
    "The hypothesis finds no support: of the same family and month, customers who were unhappy before differ from the "
    "happy ones by {late} in the share paid late ({low} to {high}; {p}), no more than chance explains."
)
_EITHER_WAY = N_(
    "They go together; which comes first is not known: a dispute may make both. {unpaid} invoices not paid yet count "
    "as late, and have no delay. {silent} invoices of customers who never answered are left out."
)
_CSAT, _HOURS, _TICKETS = N_("Satisfied"), N_("Hours for 100 units"), N_("Tickets")
_HEAVY = N_(
    "The more work a group asks for, the less satisfied its buyers: rank correlation {r} over {n} groups ({interval})."
)
_LIGHT = N_(
    "The more work a group asks for, the more satisfied its buyers: rank correlation {r} over {n} groups ({interval})."
)
_NO_LINK = N_(
    "Work and satisfaction do not go together beyond chance: rank correlation {r} over {n} groups ({interval})."
)
_FEW_GROUPS = N_("Fewer than {need} groups have {n} answers and {n} tickets; no link is told.")
_WORST = N_("{group} satisfies least ({csat}) and takes {hours} hours for 100 units.")
#: So many groups it takes to speak of a link between two measures.
_ENOUGH = 6
# A chart holds so many products.
_FIRST = 15


def reviews(view: View, shown: str = "Products") -> Drawn:
    """Public reviews beside survey answers, product by product or month by month: do they tell the same?"""
    found, words = why.found(view, "reviews_against_surveys"), view.words
    key = "months" if shown == "Months" else "products"
    frame = found[key]
    linked = found["by_month" if key == "months" else "by_product"]
    said = [_linked(linked, key, words), _gap(found["gap"], words)]
    group = "month" if key == "months" else "product"
    chart = _months(frame, words) if key == "months" else _products(frame, words)
    table = _reviews_table(frame, group, words)
    counted = int(frame["reviews"].sum() + frame["answers"].sum())
    drill = {"kpi": "review_rating", "field": "product" if key == "products" else "period"}
    cut = [words.say(_CUT, n=_FIRST, all=len(frame))] if key == "products" and len(frame) > _FIRST else []
    note = " ".join([words.say(_WRITERS), *cut, company.beware(words)])
    return Drawn(" ".join(filter(None, said)), chart, table, counted, note, company.slice_(view), drill)


def payments(view: View, measure: str = "Paid late") -> Drawn:
    """How customers pay by what they had answered before the invoice: a hypothesis, tested."""
    found, words = why.found(view, "payment_hypothesis"), view.words
    frame = found["bands"].assign(group=[words.say(_BANDS.get(band, band)) for band in found["bands"]["band"].tolist()])
    late = measure != _DELAY
    value, low, high, unit = (
        ("late_share", "low", "high", "share") if late else ("mean_delay", "delay_low", "delay_high", "days")
    )
    drawn = frame[["group"]].assign(value=frame[value], low=frame[low], high=frame[high], rows=frame["invoices"])
    called = words.say(N_("Share of invoices paid late")) if late else words.say(N_("Days late, of those paid"))
    chart = charts.bars(drawn, unit=unit, words=words, measure=called, ranked=False)
    note = words.say(_EITHER_WAY, unpaid=words.count(found["unpaid"]), silent=words.count(found["without_score"]))
    drill = {"kpi": "on_time_payment", "field": None}
    note = f"{note} {company.beware(words)}"
    return Drawn(
        _tested(found, words),
        chart,
        _paid_table(frame, words),
        int(found["invoices"]),
        note,
        company.slice_(view),
        drill,
    )


def care(view: View, by: str = "product") -> Drawn:
    """The share of satisfied buyers of each product beside the hours of after-sales work that it takes."""
    words = view.words
    scored = parts.asked(view, "csat", by)
    scored = scored[scored["rows"] > 0]
    effort = selling.effort(*(parts.asked(view, key, by) for key in ("service_effort", "support_hours")))
    frame = _both(scored, effort, words)
    if frame.empty:
        raise charts.Nothing("No row matches.")
    names = {"csat": words.say(_CSAT), "hours": words.say(_HOURS)}
    chart = charts.pairs(frame, left=("csat", "share"), right=("hours", "ratio"), words=words, names=names)
    named = {
        "group": DIMENSIONS[by].label, "csat": _CSAT, "csat between": INTERVAL, "answers": _ANSWERS,
        "hours": _HOURS, "hours between": f"{INTERVAL} ", "tickets": _TICKETS,
    }  # fmt: skip
    table = tables.shown(frame, named, {_CSAT: "share", _ANSWERS: "count", _HOURS: "ratio", _TICKETS: "count"})
    counted = int(frame["answers"].sum() + frame["tickets"].sum())
    note = words.say(
        N_("Least satisfied first. Only products about which somebody was asked; the answers name a product.")
    )
    return Drawn(_care_said(frame, words), chart, table, counted, note, drill={"kpi": "csat", "field": by})


def _linked(linked: dict[str, Any], key: str, words: Words) -> str:
    if linked.get("cannot"):
        return why.said(linked, words)
    given = {"r": words.text(linked["r"], "ratio"), "n": words.count(linked["n"])}
    given["interval"] = words.interval(linked["low"], linked["high"], "ratio")
    return words.say((_TOGETHER if linked["low"] > 0 else _APART)[key], **given)


def _gap(gap: dict[str, float], words: Words) -> str:
    if missing(gap.get("value")):
        return ""
    between_ = words.interval(gap["low"], gap["high"], "ratio")
    if gap["low"] <= 0 <= gap["high"]:
        return words.say(_GAP_NONE, interval=between_)
    return words.say(
        _GAP_ABOVE if gap["value"] > 0 else _GAP_BELOW, gap=words.text(abs(gap["value"]), "ratio"), interval=between_
    )  # fmt: skip


def _products(frame: pd.DataFrame, words: Words) -> Any:
    """Two points a product: its reviews, its answers; the worst reviewed first."""
    frame = frame.sort_values(["review_mean", "product"]).head(_FIRST)
    made = [
        {"group": row["product"], "outcome": outcome, "value": row[f"{name}_mean"], "low": row[f"{name}_low"],
         "high": row[f"{name}_high"], "rows": row[count]}
        for row in rows(frame)
        for outcome, name, count in ((_REVIEWS, "review", "reviews"), (_SURVEYS, "survey", "answers"))
    ]  # fmt: skip
    return versus(
        pd.DataFrame(made), unit="score", words=words, measure=words.say(N_("Mean mark, 1 to 5")),
        first=_REVIEWS, second=_SURVEYS, zero=False,
    )  # fmt: skip


def _months(frame: pd.DataFrame, words: Words) -> Any:
    """One line for the reviews, one for the answers."""
    made = [
        {"period": str(row["month"])[:7], "group": words.say(name), "value": row[f"{part}_mean"], "complete": True,
         "low": row[f"{part}_low"], "high": row[f"{part}_high"], "rows": row[count]}
        for name, part, count in ((_REVIEWS, "review", "reviews"), (_SURVEYS, "survey", "answers"))
        for row in rows(frame)
    ]  # fmt: skip
    return charts.line(pd.DataFrame(made), unit="score", words=words, measure=words.say(N_("Mean mark, 1 to 5")))


def _reviews_table(frame: pd.DataFrame, group: str, words: Words) -> pd.DataFrame:
    told = {group: [str(one)[:7] if group == "month" else one for one in frame[group].tolist()]}
    for name in ("review", "survey"):
        told[f"{name} between"] = between(frame[f"{name}_low"].tolist(), frame[f"{name}_high"].tolist(), words, "ratio")
    named = {
        group: _MONTH if group == "month" else DIMENSIONS["product"].label, "review_mean": _STARS,
        "review between": INTERVAL, "reviews": _COUNT, "survey_mean": _MARK, "survey between": f"{INTERVAL} ",
        "answers": _ANSWERS,
    }  # fmt: skip
    return tables.shown(
        frame.assign(**told), named, {_STARS: "ratio", _MARK: "ratio", _COUNT: "count", _ANSWERS: "count"}
    )


def _tested(found: dict[str, Any], words: Words) -> str:
    late, delay = found["within"]["late_share"], found["within"]["mean_delay"]
    given = {
        "late": words.difference(late["value"], "share").removeprefix("+"), "p": p_value(late["p"], words),
        "low": words.difference(late["low"], "share"), "high": words.difference(late["high"], "share"),
    }  # fmt: skip
    if found["verdict"] != "associated":
        return words.say(_NOT_ASSOCIATED, **given)
    between_ = words.interval(delay["low"], delay["high"], "days")
    return words.say(_ASSOCIATED, **given, delay=words.text(delay["value"], "days"), delay_interval=between_)


def _paid_table(frame: pd.DataFrame, words: Words) -> pd.DataFrame:
    told = frame.assign(
        late_between=between(frame["low"].tolist(), frame["high"].tolist(), words),
        delay_between=between(frame["delay_low"].tolist(), frame["delay_high"].tolist(), words, "days"),
    )
    named = {
        "group": _BAND, "late_share": _LATE, "late_between": INTERVAL, "mean_delay": _DELAY,
        "delay_between": f"{INTERVAL} ", "invoices": _INVOICES, "customers": _CUSTOMERS, "unpaid": _UNPAID,
    }  # fmt: skip
    units = {_LATE: "share", _DELAY: "days", _INVOICES: "count", _CUSTOMERS: "count", _UNPAID: "count"}
    return tables.shown(told, named, units)


def _both(scored: pd.DataFrame, effort: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Satisfaction and effort of each group that was asked about, the least satisfied first, few answers last."""
    work, groups = by_group(effort), scored["group"].tolist()
    frame = pd.DataFrame({"group": groups, "csat": scored["value"].to_numpy(), "answers": scored["rows"].to_numpy()})
    frame["csat between"] = tables.intervals(scored, words)
    for name, given, nothing in (("hours", "value", np.nan), ("tickets", "rows", 0)):
        frame[name] = column(groups, work, given, nothing)
    low_, high = (column(groups, work, end) for end in ("low", "high"))
    frame["hours between"] = between(low_, high, words, "ratio")
    order = np.lexsort((np.array(groups, str), frame["csat"].to_numpy(), (frame["answers"] < MINIMUM).to_numpy()))
    return frame.iloc[order].reset_index(drop=True)


def _care_said(frame: pd.DataFrame, words: Words) -> str:
    able = frame[(frame["answers"] >= MINIMUM) & (frame["tickets"] >= MINIMUM) & frame["hours"].notna()]
    if len(able) < _ENOUGH:
        return words.say(_FEW_GROUPS, need=_ENOUGH, n=MINIMUM)
    r, low_, high = rank_correlation(able["hours"].to_numpy(), able["csat"].to_numpy())
    given = {"r": words.text(r, "ratio"), "n": words.count(len(able)), "interval": words.interval(low_, high, "ratio")}
    link = words.say(_HEAVY if high < 0 else _LIGHT if low_ > 0 else _NO_LINK, **given)
    worst = able.iloc[0]
    told = {
        "group": worst["group"],
        "csat": words.text(worst["csat"], "share"),
        "hours": words.text(worst["hours"], "ratio"),
    }
    return f"{link} {words.say(_WORST, **told)}"
