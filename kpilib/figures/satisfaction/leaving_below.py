"""Is there a score below which customers leave? Who stands below it, and what moving them would keep."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from kpilib.errors import CannotAnswer
from kpilib.figures import company, why
from kpilib.language import N_
from kpilib.model.dimensions import NOT_GIVEN
from kpilib.show import charts, tables
from kpilib.show.charts.stacked import Part
from kpilib.show.charts.threshold_chart import course
from kpilib.show.charts.threshold_chart import threshold as drawn_threshold
from kpilib.show.figure import Drawn
from kpilib.show.measures import p_value
from kpilib.show.tables import INTERVAL, between
from kpilib.show.view import View
from kpilib.show.words import Words

#: What a what-if may count, as a reader chooses it.
KEPT = {N_("Revenue"): "revenue", N_("Customers"): "customers"}
# How the list of those below may be narrowed: its columns that are dimensions.
_DIMENSIONS = ("segment", "industry", "region", "city", "source", "owner", "team", "customer")
_FIRST = 15
# A yearly risk whose interval is wider is hardly known; its bar does not stretch the axis.
_WIDE = 0.5
# What the bars of the threshold are: their class, its name, its colour.
_CLASSES = (
    ("below", N_("Below the threshold"), "second"), ("above", N_("Above it"), "value"),
    ("all", N_("All scores"), "value"), ("few", N_("Too few to tell"), "open"),
)  # fmt: skip
_FORMS = {"step": N_("Line: a cliff at the cut."), "hinge": N_("Line: an elbow at the cut.")}
_DOTTED = N_("Dotted: a risk that never rises with the score, and has no other form.")
_WHOLE = N_("Line: a risk that never rises with the score, and has no other form.")
_SCORE, _RISK, _MONTHS, _LEFT, _NOW = (
    N_("Last score"), N_("Leave within a year"), N_("Customer-months"), N_("Left"), N_("Customers now"),
)  # fmt: skip
_THERE = N_(
    "There is one ({p}): customers whose last answer was {cut} or less leave at {below} a year ({below_interval}), "
    "those like them above it at {alike} ({alike_interval}), measured on customers who took no part in placing the "
    "cut."
)
_AMONG = N_("The data leave the cut between {first} and {last} (95%).")
_EXACT = N_("The data leave no other place for the cut (95%).")
_NONE = N_(
    "No threshold found ({p}): the risk of leaving differs along the scores no more than chance explains, and no cut "
    "is shown. That is the answer, not a gap in it."
)
_CLIFF = N_("Its form is a cliff: the risk drops at the cut and is flat on both sides.")
_ELBOW = N_("Its form is an elbow: the risk falls up to {knot} and is flat beyond.")
_SLOPE = N_("Its form is a steady slope: the cut only says where it bends most.")
_UNCLEAR = N_("Which form fits best is not clear.")
_FEW = N_("With fewer than 1,000 customers ({n}) a weak threshold can be neither placed nor ruled out.")
_HOW = N_(
    "Bars: customers by their last answer, and how many of them left, as a yearly risk. {rows} customer-months, {left} "
    "customers who left; {silent} customer-months without an answer are left out."
)
_NOBODY = N_("No threshold was found, so that nobody stands below one.")
_WHO = N_(
    "{n} of {active} customers with an answer stand at {cut} or below, with {revenue} of revenue in the last 12 "
    "months. Their higher risk puts {loss} of it at stake in a year."
)
_WHO_HERE = N_(
    "In this slice {n} customers stand at {cut} or below ({all} in the whole company), with {revenue} of revenue in "
    "the last 12 months. Their higher risk puts {loss} of it at stake in a year."
)
_NOBODY_HERE = N_("In this slice no customer stands at {cut} or below; in the whole company {all} do.")
_LIST = N_(
    "By the last answer each customer gave, as of {day}. At stake: revenue × (its risk − that of customers like it "
    "above)."
)
_PRODUCT = N_("Customers have no product type: that filter does not narrow the list.")
_CUSTOMER, _FAMILY, _REGION, _OWNER, _ANSWERED, _REVENUE, _STAKE = (
    N_("Customer"), N_("Customer family"), N_("Region"), N_("Salesperson"), N_("Answered on"),
    N_("Revenue, 12 months"), N_("At stake in a year"),
)  # fmt: skip
_SAVED = N_(
    "If {n} of the customers below ({share}) rose above the threshold and then left as seldom as those like them, "
    "{kept} more of them would stay a year on ({fewest} to {most}), and with them {revenue} of yearly revenue ({low} "
    "to {high})."
)
_NOT_MOVED = N_(
    "If nobody is moved, {n} customers stay below the threshold, with {revenue} of yearly revenue at stake ({low} to "
    "{high})."
)
_ONLY_IF = N_(
    "Holds only if the score itself makes customers leave, and not what lies behind both: the data cannot show that. "
    "Those moved are taken as a fair draw of all below."
)
_SHARE = N_("Moved above")


def threshold(view: View) -> Drawn:
    """The risk of leaving at each last score, tested against "there is no threshold", with what was fitted over it."""
    found, words = why.found(view, "threshold"), view.words
    cut = found["cut"] if found["exists"] else None
    frame = _classed(found["bars"], cut)
    chart = drawn_threshold(
        frame, parts=_parts(frame, words), words=words, measure=words.say(_RISK),
        scores=words.say(N_("Last score given, 0 to 10")), lines=_lines(found), unsure="few",
        cut=None if cut is None else (cut + 0.5, words.say(N_("threshold"))),
        among=None if cut is None else (min(found["set"]) + 0.25, max(found["set"]) + 0.75),
    )  # fmt: skip
    note = words.say(
        _HOW, rows=words.count(found["rows"]), left=words.count(found["left"]),
        silent=words.count(found["without_score"]["rows"]),
    )  # fmt: skip
    table, drill = _bars_table(frame, words), {"kpi": "nps", "field": None}
    note = " ".join([note, *_drawn_over(found, words), company.beware(words)])
    return Drawn(_answer(found, words), chart, table, int(found["rows"]), note, company.slice_(view), drill)


def below_now(view: View) -> Drawn:
    """The customers who stand below the threshold today, the largest revenue first, as far as the filters keep them."""
    found, words = _existing(view), view.words
    kept = _narrowed(found["list"], view)
    given = {"cut": words.count(found["cut"]), "all": words.count(found["now"]["below"])}
    note = words.say(_LIST, day=str(found["now"]["as_of"])[:10])
    if "category" in view.where or "product" in view.where:
        note = f"{note} {words.say(_PRODUCT)}"
    if kept.empty:
        said, chart, table = words.say(_NOBODY_HERE, **given), None, None
        return Drawn(said, chart, table, None, note, _today(view, found))
    told = {"n": words.count(len(kept)), "revenue": words.short(kept["revenue"].sum(), "money")}
    told["loss"] = words.short(kept["loss"].sum(), "money")
    whole = len(kept) == len(found["list"])
    active = {"active": words.count(found["now"]["scored"])} if whole else {}
    said = words.say(_WHO if whole else _WHO_HERE, **given, **told, **active)
    frame = kept.assign(group=kept["customer"])
    chart = charts.pairs(
        frame, left=("revenue", "money"), right=("loss", "money"), words=words, most=_FIRST,
        names={"revenue": words.say(_REVENUE), "loss": words.say(_STAKE)},
    )  # fmt: skip
    drill = {"kpi": "nps", "field": "customer"}
    return Drawn(said, chart, _list_table(kept, words), len(kept), note, _today(view, found), drill)


def what_if(view: View, moved: float = 0.2, measure: str = "Revenue") -> Drawn:
    """What moving a share of the customers below the threshold above it would keep within a year."""
    from kpilib.analysis.what_if import moved as kept_by

    found, words = _existing(view), view.words
    of, unit = KEPT.get(measure, "revenue"), "money" if measure != "Customers" else "count"
    at = partial(kept_by, found)
    shares = [step / 20 for step in range(21)]
    made = [{"share": share, **{name: at(share)[of][name] for name in ("value", "low", "high")}} for share in shares]
    frame = pd.DataFrame(made)
    called = N_("Revenue kept within a year") if of == "revenue" else N_("Customers kept within a year")
    chart = course(
        frame, unit=unit, here=moved, words=words, measure=words.say(called),
        along_title=words.say(N_("Share of those below who are moved above")),
    )  # fmt: skip
    told = frame.assign(between=between(frame["low"].tolist(), frame["high"].tolist(), words, unit))
    table = tables.shown(
        told.iloc[::2], {"share": _SHARE, "value": called, "between": INTERVAL}, {_SHARE: "share", called: unit}
    )
    note = f"{words.say(_ONLY_IF)} {company.beware(words)}"
    drill = {"kpi": "nps", "field": None}
    said = _saved(found, at(moved), moved, words)
    return Drawn(said, chart, table, int(found["now"]["below"]), note, company.slice_(view), drill)


def _classed(bars: pd.DataFrame, cut: int | None) -> pd.DataFrame:
    """Each score with its yearly risk, and whether it is below the cut, above it, or hardly known."""
    wide = (bars["year_high"] - bars["year_low"]).fillna(1.0).to_numpy() > _WIDE
    below = np.zeros(len(bars), bool) if cut is None else bars["score"].to_numpy() <= cut
    part = np.where(wide, "few", np.where(below, "below", "all" if cut is None else "above"))
    return bars.assign(value=bars["year"], low=bars["year_low"], high=bars["year_high"], part=part)


def _parts(frame: pd.DataFrame, words: Words) -> list[Part]:
    """The classes that are there, in their order."""
    there = set(frame["part"].tolist())
    return [(key, words.say(name), colour) for key, name, colour in _CLASSES if key in there]


def _lines(found: dict[str, Any]) -> list[str]:
    """What is drawn over the bars: the form that fits best, where there is a threshold, and the fit without a form."""
    return [found["shape"], "isotonic"] if found["exists"] and found["shape"] in _FORMS else ["isotonic"]


def _drawn_over(found: dict[str, Any], words: Words) -> list[str]:
    """What the lines are: with a form the dotted one has none."""
    form = [words.say(_FORMS[line]) for line in _lines(found) if line in _FORMS]
    return [*form, words.say(_DOTTED if form else _WHOLE)]


def _existing(view: View) -> dict[str, Any]:
    found = why.found(view, "threshold")
    if not found["exists"]:
        raise CannotAnswer(view.words.say(_NOBODY))
    return found


def _answer(found: dict[str, Any], words: Words) -> str:
    p = p_value(found["p"], words)
    few = [words.say(_FEW, n=words.count(found["customers"]))] if found["few"] else []
    if not found["exists"]:
        return " ".join([words.say(_NONE, p=p), *few])
    below, alike = found["risk"]["below"], found["risk"]["alike"]
    said = words.say(
        _THERE, p=p, cut=words.count(found["cut"]),
        below=words.text(below["yearly"], "share"), alike=words.text(alike["yearly"], "share"),
        below_interval=words.interval(below["yearly_low"], below["yearly_high"], "share"),
        alike_interval=words.interval(alike["yearly_low"], alike["yearly_high"], "share"),
    )  # fmt: skip
    return " ".join([said, _place(found["set"], words), _form(found, words), *few])


def _place(among: list[int], words: Words) -> str:
    """Between which scores the cut may lie."""
    if len(among) < 2:
        return words.say(_EXACT)
    return words.say(_AMONG, first=words.count(min(among)), last=words.count(max(among) + 1))


def _form(found: dict[str, Any], words: Words) -> str:
    if not found.get("shape_clear"):
        return words.say(_UNCLEAR)
    if found["shape"] == "hinge" and found.get("hinge"):
        return words.say(_ELBOW, knot=words.text(found["hinge"]["knot"], "score"))
    return words.say(_CLIFF if found["shape"] == "step" else _SLOPE)


def _narrowed(listed: pd.DataFrame, view: View) -> pd.DataFrame:
    """The customers of the list that the view's filters keep."""
    keep = np.ones(len(listed), bool)
    for name, members in view.where.items():
        if name in _DIMENSIONS and name in listed:
            told = [NOT_GIVEN if one is None or one != one else one for one in listed[name].tolist()]
            keep &= np.isin(np.array(told, object).astype(str), list(members))
    return listed[keep].reset_index(drop=True)


def _today(view: View, found: dict[str, Any]) -> str:
    day = str(found["now"]["as_of"])[:10]
    others: dict[str, list[str]] = {name: [] for name in view.where if name not in _DIMENSIONS}
    listed = view.but(where=others, since=None, until=None).text.rsplit(";", 1)
    if len(listed) == 1:
        return view.words.say(N_("The whole company, as of {day}"), day=day)
    return view.words.say(N_("{slice}, as of {day}"), slice=listed[0], day=day)


def _bars_table(frame: pd.DataFrame, words: Words) -> pd.DataFrame:
    told = frame.assign(between=between(frame["low"].tolist(), frame["high"].tolist(), words))
    told["score"] = [words.count(score) for score in frame["score"].tolist()]
    named = {
        "score": _SCORE, "value": _RISK, "between": INTERVAL, "rows": _MONTHS, "left": _LEFT, "customers_now": _NOW,
    }  # fmt: skip
    units = {_RISK: "share", _MONTHS: "count", _LEFT: "count", _NOW: "count"}
    return tables.shown(told, named, units)


def _list_table(kept: pd.DataFrame, words: Words) -> pd.DataFrame:
    told = kept.assign(answered=[str(day)[:10] for day in kept["answered_on"].tolist()])
    for name in ("segment", "region", "owner"):
        told[name] = [
            words.say(NOT_GIVEN) if one in (None, NOT_GIVEN) or one != one else one for one in told[name].tolist()
        ]
    named = {
        "customer": _CUSTOMER, "segment": _FAMILY, "region": _REGION, "owner": _OWNER, "score": _SCORE,
        "answered": _ANSWERED, "revenue": _REVENUE, "loss": _STAKE,
    }  # fmt: skip
    return tables.shown(told, named, {_SCORE: "count", _REVENUE: "money", _STAKE: "money"})


def _saved(found: dict[str, Any], kept: dict[str, Any], share: float, words: Words) -> str:
    if not share:
        below = words.count(found["now"]["below"])
        return words.say(_NOT_MOVED, n=below, **_money(found["at_stake"]["revenue"], words))
    customers = kept["customers"]
    return words.say(
        _SAVED, n=words.count(round(kept["moved"])), share=words.text(share, "share"),
        kept=words.count(round(customers["value"])), fewest=words.count(round(customers["low"])),
        most=words.count(round(customers["high"])), **_money(kept["revenue"], words),
    )  # fmt: skip


def _money(one: dict[str, float], words: Words) -> dict[str, str]:
    told = {"revenue": one["value"], "low": one["low"], "high": one["high"]}
    return {name: words.short(value, "money") for name, value in told.items()}
