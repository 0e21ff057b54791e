"""Whether customers are less satisfied where they waited or had to ask again. Reached as ``service.…``."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kpilib.compute.frames import rows
from kpilib.errors import unknown
from kpilib.figures import company, why
from kpilib.language import N_
from kpilib.show import tables
from kpilib.show.charts.ranges import ranges
from kpilib.show.figure import Drawn
from kpilib.show.measures import p_value
from kpilib.show.tables import INTERVAL, between
from kpilib.show.view import View
from kpilib.show.words import Words, missing

#: The questions asked after a ticket: what a reader chooses, the metric, and what the axis shows.
QUESTIONS = {N_("CSAT"): ("csat", N_("Mean CSAT, 1 to 5")), N_("CES"): ("ces", N_("Mean CES, 1 to 7"))}
_GROUP, _MEAN, _ANSWERS = N_("The ticket"), N_("Mean answer"), N_("Answers")
_CLASSES = {
    "quick": N_("First reply within 2 hours"), "same_day": N_("First reply in 2 to 8 hours"),
    "slow": N_("First reply after 8 hours"), "1": N_("One contact"), "2": N_("Two contacts"),
    "3+": N_("Three contacts or more"),
}  # fmt: skip
_FOUND = {
    ("slow", True): N_(
        "Of the same product and with as many contacts, customers give {points} points less where the first reply took "
        "more than {hours} hours ({interval}; {p})."
    ),
    ("slow", False): N_(
        "Of the same product and with as many contacts, customers give {points} points more where the first reply took "
        "more than {hours} hours ({interval}; {p}): look at who did not answer."
    ),
    ("contacts", True): N_(
        "For each contact more they give {points} points less, the reply as quick ({interval}; {p})."
    ),
    ("contacts", False): N_(
        "For each contact more they give {points} points more, the reply as quick ({interval}; {p}): look at who did "
        "not answer."
    ),
}
_NOT_FOUND = {
    "slow": N_(
        "A first reply after more than {hours} hours goes along with no difference beyond chance ({points} points, "
        "{interval}; {p})."
    ),
    "contacts": N_("One contact more goes along with no difference beyond chance ({points} points, {interval}; {p})."),
}
_TOO_FEW = {
    "slow": N_("Too few tickets had a first reply after more than {hours} hours, or within them, to compare."),
    "contacts": N_("Too few tickets took more than one contact, or only one, to compare."),
}
_HYPOTHESIS = N_(
    "Only who was asked after a ticket and answered. A hard matter takes longer, takes more contacts and annoys by "
    "itself: the two go together, and a trial would say what a quicker reply brings. Answers are held against the "
    "ticket of the same product that was solved in the {days} days before they were asked for."
)


def satisfaction(view: View, measure: str = "CSAT") -> Drawn:
    """The mean answer after a ticket by how soon its first reply came and by how many contacts it took."""
    if measure not in QUESTIONS:
        raise unknown("question of a survey", measure, QUESTIONS)
    (metric, axis), words = QUESTIONS[measure], view.words
    finding = why.found(view, "service_satisfaction")
    found = why.checked(finding["metrics"][metric], words)
    frame = pd.concat([found["by_reply"], found["by_contacts"]], ignore_index=True)
    frame = frame[frame["value"].notna()].assign(assumed=False)
    frame["group"] = [words.say(_CLASSES[name]) for name in frame["class"].tolist()]
    chart = ranges(frame, unit="ratio", words=words, measure=words.say(axis), zero=False)
    said = " ".join(_said(one, finding["slow_hours"], words) for one in rows(found["effects"]))
    frame["between"] = between(frame["low"].tolist(), frame["high"].tolist(), words, "ratio")
    named = {"group": _GROUP, "value": _MEAN, "between": INTERVAL, "rows": _ANSWERS}
    table = tables.shown(frame, named, {_MEAN: "ratio", _ANSWERS: "count"})
    note = f"{words.say(_HYPOTHESIS, days=finding['within'])} {company.beware(words)}"
    drill = {"kpi": metric, "field": None}
    return Drawn(said, chart, table, int(found["answers"]), note, company.slice_(view), drill)


def _said(effect: dict[str, Any], hours: float, words: Words) -> str:
    term, value = effect["term"], effect["value"]
    given = {"hours": words.count(hours)}
    if missing(value) or missing(effect["p"]):
        return words.say(_TOO_FEW[term], **given)
    given |= {"interval": words.interval(effect["low"], effect["high"], "ratio"), "p": p_value(effect["p"], words)}
    if not effect["found"]:
        return words.say(_NOT_FOUND[term], **given, points=words.difference(value, "ratio"))
    return words.say(_FOUND[term, value < 0], **given, points=words.text(abs(value), "ratio"))
