"""Who is most at risk of leaving now, why, and with how much revenue. Reached as ``churn.…``."""

from __future__ import annotations

from math import exp
from typing import Any

import numpy as np
import pandas as pd

from kpilib.compute.frames import rows, taken, total
from kpilib.errors import unknown
from kpilib.figures import why
from kpilib.figures.drivers import reason
from kpilib.language import N_
from kpilib.model.dimensions import DIMENSIONS, NOT_GIVEN
from kpilib.show import charts, tables
from kpilib.show.charts.plot import Nothing, Plot
from kpilib.show.figure import Drawn
from kpilib.show.tables import INTERVAL, between
from kpilib.show.view import View
from kpilib.show.words import NOTHING, Words, low, missing

#: By what the list may be ordered: the name that a reader chooses, and the column.
ORDERS = {N_("Revenue at stake"): "loss", N_("Risk of leaving"): "probability"}
# So many customers are listed: as many as stand open on a page.
_LISTED = tables.OPEN
_CUSTOMER, _OWNER, _RISK, _REVENUE = N_("Customer"), N_("Salesperson"), N_("Risk"), N_("Revenue, 12 months")
_STAKE, _REASONS = N_("At stake"), N_("Reasons")
_EXACT = N_(
    "Risk: of leaving within {months} months, by the model above. At stake: risk × revenue of the last 12 months. A "
    "reason's factor says how many times the average active customer's risk it makes, by itself; factors multiply. "
    "They are milder than the ratios above, for a forecast must not trust the past too much, and what is so today "
    "fades. Reasons that chance explains are left out. Talk to the customer before acting on one."
)
_UNPROVED = N_(
    "Beware: on held-out months the model did not beat the base rate. Take this list as a place to look, not as a "
    "forecast."
)


def at_risk(view: View, measure: str = "Revenue at stake") -> Drawn:
    """The active customers of the slice most at risk, with their reasons and their revenue."""
    if measure not in ORDERS:
        raise unknown("order of the list", measure, ORDERS)
    words, finding = view.words, why.found(view, "churn_risk")
    listed, ignored = _kept(finding["list"], view)
    if listed.empty:
        raise Nothing("No row matches.")
    order = np.argsort(-listed[ORDERS[measure]].fillna(0).to_numpy(float), kind="stable")
    first = taken(listed, order[:_LISTED])
    notes = [
        words.say(_EXACT, months=words.count(finding["horizon"])),
        *_unproved(view),
        *_not_narrowed(ignored, words),
    ]
    if len(listed) > _LISTED:
        notes.append(
            words.say("The first {n} are listed; narrow the choice to see those of one salesperson.", n=_LISTED)
        )
    drill = {"kpi": "revenue", "field": "customer"}
    return Drawn(
        _said(listed, first, finding, words), _chart(first, words), _table(first, _proved(view), words),
        len(listed), " ".join(notes), _slice(view, finding, ignored), drill,
    )  # fmt: skip


def _kept(listed: pd.DataFrame, view: View) -> tuple[pd.DataFrame, list[str]]:
    """The customers that the filters keep; and the filters that say nothing of a customer."""
    keep, ignored = np.ones(len(listed), bool), []
    for name, members in view.where.items():
        if name in listed:
            keep &= listed[name].fillna(NOT_GIVEN).isin(members).to_numpy()
        else:
            ignored.append(name)
    return taken(listed, np.flatnonzero(keep)), ignored


def _said(listed: pd.DataFrame, first: pd.DataFrame, finding: dict[str, Any], words: Words) -> str:
    """How many are expected to leave, with how much revenue, and how much of it the first few carry."""
    risks, losses = listed["probability"].tolist(), listed["loss"].fillna(0).tolist()
    at_stake = total(losses)
    given: dict[str, object] = {
        "n": words.count(len(listed)), "expected": words.count(round(total(risks))),
        "months": words.count(finding["horizon"]), "stake": words.short(at_stake, "money"),
        "revenue": words.short(total(listed["revenue"].fillna(0).tolist()), "money"),
    }  # fmt: skip
    said = words.say(
        "Of {n} active customers about {expected} are expected to leave within {months} months; of their yearly "
        "revenue of {revenue}, {stake} is at stake.",
        **given,
    )
    few = rows(first.iloc[:10])
    if len(listed) <= len(few) or at_stake <= 0:
        return said
    part = total([row["loss"] for row in few if not missing(row["loss"])]) / at_stake
    more = words.say("The first {n} of the list carry {part} of that.", n=len(few), part=words.text(part, "share"))
    return f"{said} {more}"


def _chart(first: pd.DataFrame, words: Words) -> Plot:
    """What is at stake with each of the first customers, beside its risk."""
    frame = pd.DataFrame({"group": first["customer"], "loss": first["loss"], "risk": first["probability"]})
    names = {"loss": words.say(_STAKE), "risk": words.say("Risk of leaving")}
    return charts.pairs(frame, left=("loss", "money"), right=("risk", "share"), words=words, names=names, most=12)


def _table(first: pd.DataFrame, proved: set[str] | None, words: Words) -> pd.DataFrame:
    lines = rows(first)
    table = pd.DataFrame(
        {
            _CUSTOMER: [line["customer"] for line in lines],
            _OWNER: [_named(line["owner"], words) for line in lines],
            _RISK: [line["probability"] for line in lines],
            INTERVAL: between(first["low"].tolist(), first["high"].tolist(), words),
            _REVENUE: [line["revenue"] for line in lines],
            _STAKE: [line["loss"] for line in lines],
            _REASONS: [_reasons(line, proved, words) for line in lines],
        }
    )
    table.attrs["units"] = {_RISK: "share", _REVENUE: "money", _STAKE: "money"}
    return table


def _named(member: Any, words: Words) -> str:
    if missing(member):
        return NOTHING
    return words.say(NOT_GIVEN) if member == NOT_GIVEN else str(member)


def _proved(view: View) -> set[str] | None:
    """The terms that go with leaving beyond chance, levels tested together; None where that is not known."""
    found = view.book.finding("churn_drivers")
    if found.get("cannot"):
        return None
    tested = [*rows(found["terms"]), *rows(found["joint"])]
    together = {row["term"] for row in rows(found["joint"])}
    return {row["term"] for row in tested if row["found"] and ("level" not in row or row["term"] not in together)}


def _reasons(line: dict[str, Any], proved: set[str] | None, words: Words) -> str:
    """What raises this customer's risk above the average, the strongest first: "serious incidents: 2 (×2.0)"."""
    told = []
    for at in (1, 2, 3):
        term, effect = line[f"reason_{at}"], line[f"effect_{at}"]
        if missing(term) or not term or missing(effect) or effect <= 0 or (proved is not None and term not in proved):
            continue
        level = "" if missing(line[f"level_{at}"]) else str(line[f"level_{at}"])
        said = reason(str(term), level, line[f"value_{at}"], words)
        told.append(words.say("{reason} (×{factor})", reason=said, factor=words.text(exp(effect), "ratio")))
    return "; ".join(told) or words.say("none beyond chance")


def _unproved(view: View) -> list[str]:
    """A warning where the model was not better than the base rate."""
    check = view.book.finding("churn_check")
    return [view.words.say(_UNPROVED)] if not check.get("cannot") and not check["beats_base"] else []


def _not_narrowed(ignored: list[str], words: Words) -> list[str]:
    said = N_("The filter by {dimension} says nothing of a customer and does not narrow the list.")
    return [words.say(said, dimension=low(words.dimension(name))) for name in ignored if name in DIMENSIONS]


def _slice(view: View, finding: dict[str, Any], ignored: list[str]) -> str:
    """The filters that narrow the list, and the day."""
    kept = {name: [] if name in ignored else members for name, members in view.where.items()}
    month = str(finding["as_of"])[:7]
    said = view.but(where=kept, since=month, until=month).text
    return view.words.say("{slice}, customers of {day}", slice=said, day=str(finding["as_of"])[:10])
