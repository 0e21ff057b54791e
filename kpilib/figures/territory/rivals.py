"""How near competitors are to our customers, and whether those near them leave sooner: an association, tested."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kpilib.compute.frames import rows
from kpilib.errors import CannotAnswer, unknown
from kpilib.figures import company, why
from kpilib.language import N_
from kpilib.model.dimensions import DIMENSIONS, NOT_GIVEN
from kpilib.show import charts, tables
from kpilib.show.figure import Drawn
from kpilib.show.measures import p_value
from kpilib.show.tables import INTERVAL, between
from kpilib.show.view import View
from kpilib.show.words import MINIMUM, Words, missing

from .dots import narrowed

#: What may go with a competitor nearby: the name that a reader chooses, and the part of the finding.
OUTCOMES = {N_("Leaving"): "churn", N_("Winning deals"): "wins"}
# Where the classes of distance end, in kilometres.
_ENDS = (2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
_CLASS = {"first": N_("Under {high} km"), "between": N_("{low} to {high} km"), "last": N_("{low} km and more")}
_DISTANCE, _CUSTOMERS, _SHARE = N_("Nearest competitor"), N_("Customers"), N_("Share")
_MEDIAN, _NEAR, _WHO = N_("Median, km"), N_("Within 10 km"), N_("Nearest most often")
_HALF = N_(
    "Half of the {n} active customers whose place is known have a competitor's site within {median} km, and {near} of "
    "them within 10 km. {who} is nearest most often, to {part} of them."
)
_WITHOUT = N_("{n} of {all} active customers have no latitude and longitude, and are left out.")
_CROW = N_("As the crow flies, of the customers of today; a road is a third longer or so. {sites} sites are known.")
_NO_SITES = N_(
    "It needs the table 'competitor_sites', which these data do not have: it would say how near competitors are."
)
_LEAVE, _WIN = N_("Leave within a year"), N_("Win rate")
_MONTHS, _DEALS, _LEFT, _WON = N_("Customer-months"), N_("Closed deals"), N_("Left"), N_("Won")
_CALLED = {"churn": (_LEAVE, _MONTHS, _LEFT), "wins": (_WIN, _DEALS, _WON)}
_FOUND = {
    "churn": N_(
        "They go together: of the same family and month, {value} more customers leave a month within 10 km of a "
        "competitor than further away ({interval}; {p})."
    ),
    "wins": N_(
        "They go together: of the same family and quarter, the share won is {value} higher within 10 km of a "
        "competitor than further away ({interval}; {p})."
    ),
}
_TURNED = {
    "churn": N_(
        "They go together, the other way round: of the same family and month, {value} fewer customers leave a month "
        "within 10 km of a competitor than further away ({interval}; {p})."
    ),
    "wins": N_(
        "They go together: of the same family and quarter, the share won is {value} lower within 10 km of a "
        "competitor than further away ({interval}; {p})."
    ),
}
_NOTHING = N_(
    "Nothing found: customers within 10 km of a competitor and those further away differ no more than chance explains "
    "(difference {interval}; {p})."
)
_ALONE = N_("Near and far are never found in the same family and month, so that nothing can be compared.")
_HOW = N_(
    "Two questions are asked of one distance, so that each has to be beyond chance at 2.5%. Competitors settle where "
    "the market is, and large towns differ in more than that: going together is no cause."
)


def distances(view: View, by: str = "region") -> Drawn:
    """How many customers have a competitor's site how near, and by area how near it is."""
    found, words = why.found(view, "territory"), view.words
    if not len(found["sites"]):
        raise CannotAnswer(words.say(_NO_SITES))
    kept = narrowed(found["customers"], view)
    if kept.empty:
        raise charts.Nothing("No row matches.")
    frame = _classed(kept["distance_km"].to_numpy(float), words)
    chart = charts.bars(
        frame, unit="count", words=words, measure=words.say(_CUSTOMERS), ranked=False, minimum=0, colour="second"
    )
    notes = [words.say(_CROW, sites=words.count(len(found["sites"])))]
    lost = found["active"] - found["placed"]
    if lost:
        notes.append(words.say(_WITHOUT, n=words.count(lost), all=words.count(found["active"])))
    drill = {"kpi": "distance_to_competitor", "field": None}
    return Drawn(_nearness(kept, words), chart, _by_area(kept, by, words), len(kept), " ".join(notes),
                 _today(view), drill)  # fmt: skip


def near_rivals(view: View, measure: str = "Leaving") -> Drawn:
    """Leaving, or winning, by the distance to the nearest competitor's site: a hypothesis, tested."""
    if measure not in OUTCOMES:
        raise unknown("outcome beside the distance", measure, OUTCOMES)
    key, words = OUTCOMES[measure], view.words
    finding = why.checked(why.found(view, "distance_hypothesis")[key], words)
    frame = _outcomes(finding["classes"], key, words)
    name, counted, cases = _CALLED[key]
    chart = charts.bars(
        frame, unit="share", words=words, measure=words.say(name), ranked=False,
        colour="lost" if key == "churn" else "won",
    )  # fmt: skip
    named = {"group": _DISTANCE, "value": name, "between": INTERVAL, "cases": cases, "rows": counted,
             "customers": _CUSTOMERS}  # fmt: skip
    told = frame.assign(between=between(frame["low"].tolist(), frame["high"].tolist(), words))
    table = tables.shown(told, named, {name: "share", cases: "count", counted: "count", _CUSTOMERS: "count"})
    drill = {"kpi": "lost_customers" if key == "churn" else "win_rate", "field": None}
    note = f"{words.say(_HOW)} {company.beware(words)}"
    return Drawn(_tested(finding, key, words), chart, table, int(frame["rows"].sum()), note, company.slice_(view),
                 drill)  # fmt: skip


def _today(view: View) -> str:
    """The slice of a list of today: its members, as of the day of the data."""
    month = str(view.book.last_month)[:7]
    return view.but(since=month, until=month).text


def _label(low: float, high: float, words: Words) -> str:
    kind = "first" if low == 0 else "last" if np.isinf(high) else "between"
    return words.say(_CLASS[kind], low=words.count(low), high=words.count(high) if np.isfinite(high) else "")


def _classed(far: Any, words: Words) -> pd.DataFrame:
    """Customers by class of distance, the nearest first."""
    at = np.digitize(far, _ENDS)
    ends = list(zip((0.0, *_ENDS), (*_ENDS, np.inf), strict=True))
    counts = [int((at == place).sum()) for place in range(len(ends))]
    return pd.DataFrame(
        {"group": [_label(low, high, words) for low, high in ends], "value": [float(n) for n in counts],
         "low": np.nan, "high": np.nan, "rows": counts}
    )  # fmt: skip


def _nearness(kept: pd.DataFrame, words: Words) -> str:
    whose = kept["competitor"].value_counts().sort_index(kind="stable").sort_values(ascending=False, kind="stable")
    return words.say(
        _HALF, n=words.count(len(kept)), median=words.text(float(kept["distance_km"].median()), "ratio"),
        near=words.text(float((kept["distance_km"] < 10).mean()), "share"), who=whose.index[0],
        part=words.text(float(whose.iloc[0] / len(kept)), "share"),
    )  # fmt: skip


def _by_area(kept: pd.DataFrame, by: str, words: Words) -> pd.DataFrame:
    """By area how near competitors are; the area whose customers are furthest from one first."""
    made = []
    for area, own in kept.groupby(kept[by].fillna(NOT_GIVEN), sort=True):
        most = own["competitor"].value_counts().sort_index(kind="stable").idxmax()
        named, near = words.say(area) if area == NOT_GIVEN else area, float((own["distance_km"] < 10).mean())
        middle = float(own["distance_km"].median())
        made.append({"area": named, "n": len(own), "who": most, "median": middle, "near": near})
    frame = pd.DataFrame(made).sort_values(["median", "area"], ascending=[False, True], kind="stable")
    few = frame["n"] < MINIMUM
    # Of few customers the middle one is no figure of the area.
    frame.loc[few, ["median", "near"]] = np.nan
    named = {"area": DIMENSIONS[by].label, "median": _MEDIAN, "near": _NEAR, "who": _WHO, "n": _CUSTOMERS}
    return tables.shown(frame, named, {_MEDIAN: "ratio", _NEAR: "share", _CUSTOMERS: "count"})


def _outcomes(classes: pd.DataFrame, key: str, words: Words) -> pd.DataFrame:
    """The classes with a label; shares a month as shares a year, which one can picture."""
    frame = classes[classes["rows"] > 0].reset_index(drop=True)
    if key == "churn":
        yearly = {name: 1 - (1 - frame[name].to_numpy(float)) ** 12 for name in ("value", "low", "high")}
        frame = frame.assign(**yearly)
    return frame.assign(group=[_label(row["low_km"], row["high_km"], words) for row in rows(frame)])


def _tested(finding: dict[str, Any], key: str, words: Words) -> str:
    told = finding["difference"]
    if told is None or missing(told["p"]):
        return words.say(_ALONE)
    interval = tables.of_difference(told["low"], told["high"], "share", words)
    given = {"interval": interval, "p": p_value(told["p"], words)}
    if finding["verdict"] != "differs":
        return words.say(_NOTHING, **given)
    value = words.difference(abs(told["value"]), "share").removeprefix("+")
    return words.say((_FOUND if told["value"] > 0 else _TURNED)[key], **given, value=value)
