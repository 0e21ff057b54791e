"""What the drivers of leaving are called, and which of them one can do something about.

The analysis names terms by keys (`kpilib.analysis.churn`); here is what a reader sees. A key that is not known here is
shown as it is.
"""

from typing import Any

from kpilib.language import N_
from kpilib.model.dimensions import DIMENSIONS
from kpilib.show.words import Words, low, missing

# Each term: what its ratio compares, and how a customer's own value is said as a reason.
_TERMS = {
    "below": (N_("Last score 5 or less"), N_("last score 5 or less")),
    "no_score": (N_("Never answered"), N_("never answered a survey")),
    "last_score": (N_("Last score a point more"), N_("last score {value}")),
    "score_fall": (N_("Score fallen, each point"), N_("score fallen by {value}")),
    "incidents": (N_("Serious incident, each"), N_("serious incidents: {value}")),
    "tickets": (N_("Ticket, each"), N_("tickets: {value}")),
    "slow": (N_("Slow answer"), N_("a slow answer")),
    "late": (N_("Paid 30 days later"), N_("payments late by {days}")),
    "new_salesperson": (N_("New salesperson"), N_("a new salesperson")),
    "new_owner": (N_("New owner of the firm"), N_("a new owner of the firm")),
    "first_renewal": (N_("First renewal"), N_("the first renewal")),
    "tenure": (N_("A year longer with us"), N_("a customer for {years}")),
    "recency": (N_("A month without order"), N_("no order for {months}")),
    "trend": (N_("Orders rising"), N_("orders falling")),
}  # fmt: skip
# Delays are told to the models in so many days.
_DAYS = 30
_OURS = {True: N_("What we can act on"), False: N_("What we cannot change")}


def called(term: str, level: str, words: Words, reference: str = "") -> str:
    """What a term is called: "Serious incident, each"; of a level, against what it stands: "Enterprise against SMB"."""
    if level and reference:
        return words.say("{level} against {reference}", level=level, reference=reference)
    if level:
        return words.say("{dimension}: {level}", dimension=words.dimension(term), level=level)
    if term in DIMENSIONS:
        return words.dimension(term)
    return words.say(_TERMS[term][0]) if term in _TERMS else term


def inside(term: str, level: str, words: Words, reference: str = "") -> str:
    """What a term is called inside a sentence; a member of a dimension keeps its letters."""
    name = called(term, level, words, reference)
    return name if level else low(name)


def section(ours: bool, words: Words) -> str:
    """Under which header a term stands: whether the company can do something about it."""
    return words.say(_OURS[bool(ours)])


def reason(term: str, level: str, value: Any, words: Words) -> str:
    """A customer's own reason: "serious incidents: 2", "last score 3", "sector Retail"."""
    if level:
        return words.say("{dimension} {members}", dimension=words.dimension(term).lower(), members=level)
    if term not in _TERMS:
        return term
    return words.say(_TERMS[term][1], **_said(value, words))


def _said(value: Any, words: Words) -> dict[str, str]:
    """A value in every way that a reason may need it."""
    if missing(value):
        return dict.fromkeys(("value", "days", "years", "months"), "–")
    number, days = float(value), round(float(value) * _DAYS)
    return {
        "value": words.count(round(number, 1)),
        "days": words.plural(days, "{n} day", "{n} days", n=words.count(days)),
        "months": words.plural(number, "{n} month", "{n} months", n=words.count(round(number, 1))),
        "years": words.plural(number, "{n} year", "{n} years", n=words.text(number, "score")),
    }


def listed(names: list[str], words: Words, most: int = 3, between: str = ", ") -> str:
    """Names in a sentence: "A", "A and B", "A, B and C", "A, B, C and 2 more"; `between` parts long ones."""
    if len(names) > most:
        return words.say("{names} and {n} more", names=between.join(names[:most]), n=len(names) - most)
    if len(names) < 2:
        return "".join(names)
    return words.say("{names} and {last}", names=between.join(names[:-1]), last=names[-1])
