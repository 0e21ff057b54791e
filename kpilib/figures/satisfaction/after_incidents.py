"""What a serious incident costs in satisfaction: before and after, against customers without one."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kpilib.figures import company, why
from kpilib.language import N_
from kpilib.show import tables
from kpilib.show.charts.around import around
from kpilib.show.charts.ranges import ranges
from kpilib.show.figure import Drawn
from kpilib.show.measures import p_value
from kpilib.show.tables import INTERVAL, between
from kpilib.show.view import View
from kpilib.show.words import Words, missing

from .questions import question

_ANSWERS = N_("Answers")
_FELL = N_(
    "After its first serious incident a customer answers {effect} points lower than it would have, going by customers "
    "without one ({interval}; {p}): {treated} customers with, {controls} without."
)
_ROSE = N_(
    "After its first serious incident a customer answers {effect} points higher than it would have, going by customers "
    "without one ({interval}; {p}): look at who stopped answering."
)
_NO_EFFECT = N_(
    "After a first serious incident scores move no more than chance explains, going by customers without one "
    "({effect} points, {interval}; {p})."
)
_FLAT = N_("Before it the two groups moved alike ({p}), as a fair comparison needs.")
_NOT_FLAT = N_("Before it the two groups did not move alike ({p}): part of the gap may have been there already.")
_AT, _WITH, _WITHOUT, _GAP = N_("Month"), N_("With an incident"), N_("Without"), N_("Difference")
_HOW = N_(
    "Month 0 is the 30 days after a customer's first ticket of severity High or Critical. Each answer is held against "
    "answers of the same calendar month and family."
)
_AFTER = {"ticket": N_("After a ticket"), "delivery": N_("After a delivery")}
_TICKET_LOWER = N_(
    "After a ticket customers give {gap} points less than after a delivery ({interval}; {p}); of the same product and "
    "month, {adjusted} ({adjusted_interval})."
)
_TICKET_SAME = N_(
    "After a ticket customers are as satisfied as after a delivery, as far as chance lets one see ({gap} points, "
    "{interval}; {p})."
)
_TICKET_HIGHER = N_("After a ticket customers give {gap} points more than after a delivery ({interval}; {p}).")


def incidents(view: View, measure: str = "NPS") -> Drawn:
    """What a first serious incident does to a customer's scores: before and after, against customers without one."""
    asked, words = question(measure), view.words
    found = why.checked(why.found(view, "incident_effect")["metrics"].get(asked.key) or {"cannot": "no_answers"}, words)
    months = found["months"]
    frame = pd.DataFrame(
        {"at": months["month"], "line": 0, "value": months["effect"], "low": months["low"], "high": months["high"],
         "rows": months["rows"]}
    )  # fmt: skip
    chart = around(
        frame, unit="ratio", words=words, measure=words.say(N_("Difference, points of the score")),
        along_title=words.say(N_("Months since the incident")), event=words.say(N_("incident")),
        names=[words.say(N_("With an incident less without"))],
    )  # fmt: skip
    note = f"{words.say(_HOW)} {company.beware(words)}"
    drill = {"panel": "tickets", "when": "opened_at", "field": None}
    table = _around_table(months, words)
    return Drawn(_effect(found, words), chart, table, int(found["rows"]), note, company.slice_(view), drill)


def after_a_ticket(view: View) -> Drawn:
    """Whether customers asked after a ticket are less satisfied than those asked after a delivery."""
    words = view.words
    found = why.checked(why.found(view, "incident_effect").get("after_a_ticket") or {"cannot": "no_answers"}, words)
    groups = [(words.say(called), found[name]) for name, called in _AFTER.items()]
    frame = pd.DataFrame(
        [{"group": called, "assumed": False, **{name: one[name] for name in ("value", "low", "high", "rows")}}
         for called, one in groups]
    )  # fmt: skip
    chart = ranges(frame, unit="ratio", words=words, measure=words.say(N_("Mean CSAT, 1 to 5")), zero=False)
    told = frame.assign(between=between(frame["low"].tolist(), frame["high"].tolist(), words, "ratio"))
    named = {"group": N_("Touchpoint"), "value": N_("Mean CSAT"), "between": INTERVAL, "rows": _ANSWERS}
    table = tables.shown(told, named, {N_("Mean CSAT"): "ratio", _ANSWERS: "count"})
    counted = int(frame["rows"].sum())
    drill = {"kpi": "csat", "field": None}
    return Drawn(_after(found, words), chart, table, counted, company.beware(words), company.slice_(view), drill)


def _effect(found: dict[str, Any], words: Words) -> str:
    effect, trend = found["effect"], found["pre_trend"]
    given = {"effect": words.text(abs(effect["value"]), "ratio"), "p": p_value(effect["p"], words)}
    given["interval"] = words.interval(effect["low"], effect["high"], "ratio")
    if effect["low"] <= 0 <= effect["high"]:
        said = words.say(_NO_EFFECT, **{**given, "effect": words.difference(effect["value"], "ratio")})
    else:
        given |= {"treated": words.count(found["treated"]), "controls": words.count(found["controls"])}
        said = words.say(_FELL if effect["value"] < 0 else _ROSE, **given)
    known = [trend[name] for name in ("p", "slope_p") if not missing(trend.get(name))]
    if not known or trend.get("flat") is None:
        return said
    return f"{said} {words.say(_FLAT if trend['flat'] else _NOT_FLAT, p=p_value(min(known), words))}"


def _after(found: dict[str, Any], words: Words) -> str:
    gap, alike = found["difference"], found["adjusted"]
    given = {"gap": words.text(abs(gap["value"]), "ratio"), "p": p_value(gap["p"], words)}
    given["interval"] = words.interval(gap["low"], gap["high"], "ratio")
    if gap["low"] <= 0 <= gap["high"]:
        return words.say(_TICKET_SAME, **given)
    if gap["value"] > 0:
        return words.say(_TICKET_HIGHER, **given)
    given["adjusted"] = words.difference(alike["value"], "ratio")
    return words.say(_TICKET_LOWER, **given, adjusted_interval=words.interval(alike["low"], alike["high"], "ratio"))


def _around_table(months: pd.DataFrame, words: Words) -> pd.DataFrame:
    told = months.assign(between=between(months["low"].tolist(), months["high"].tolist(), words, "ratio"))
    told["month"] = [words.count(month) for month in months["month"].tolist()]
    named = {
        "month": _AT,
        "mean": _WITH,
        "control_mean": _WITHOUT,
        "effect": _GAP,
        "between": INTERVAL,
        "rows": _ANSWERS,
    }
    return tables.shown(
        told, named, {_WITH: "ratio", _WITHOUT: "ratio", _GAP: "ratio", _ANSWERS: "count"}
    )  # fmt: skip
