"""What those who did not answer could change: from a range that assumes nothing to a best guess."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kpilib.errors import KpilibError
from kpilib.language import N_
from kpilib.model.dimensions import NOT_GIVEN
from kpilib.show import charts, tables
from kpilib.show.charts.ranges import ranges
from kpilib.show.figure import Drawn
from kpilib.show.tables import between
from kpilib.show.view import View
from kpilib.show.words import Words, low, missing
from kpilib.stats.nonresponse import Bounds, what_silent_could_change

from .questions import Question, invitations, question

# By what the invited are told apart, of what is known of them whether they answer or not.
_KNOWN = ("segment", "touchpoint", "service")
_AS_IS = N_("The answers as they are")
_ALIKE = N_("The silent as those alike")
_LEAST = N_("The silent as the least happy")
_ANY = N_("Whatever the silent say")
_CASE, _VALUE, _FROM_TO = N_("If…"), N_("Score"), N_("From, to")
_ANSWERED = N_("{n} of {all} who were asked answered ({rate}). Their {measure} is {value} ({interval}).")
_BAD = N_(
    "If the silent were as unhappy as the least happy group of answerers ({group}: {raw}, or {drawn} once chance is "
    "allowed for), it would be {value}; whatever they think, it lies between {low} and {high}."
)
_NO_WORST = N_(
    "No group of answerers is unhappier than the others beyond chance; whatever the silent think, it lies between "
    "{low} and {high}."
)
_ONLY_RANGE = N_(
    "Whatever the silent think, it lies between {low} and {high}; no two groups have answers enough to say more."
)
_ALL_ANSWERED = N_("All {n} who were asked answered: nobody is silent, or the data leave the silent out.")
_WEIGHED = N_(
    "Over all months, with the incidents before each invitation known too, {measure} goes from {value} to {weighted} "
    "when each answer speaks for those alike who kept silent."
)
_BEWARE = N_(
    "No data can tell which line is right; only the last one is certain. Alike means: same customer family, same "
    "touchpoint, same service in contact."
)


def silent(view: View, measure: str = "NPS") -> Drawn:
    """A score of those who answered, and what it could be of all who were asked, by the day of the invitation."""
    asked, words = question(measure), view.words
    rows = invitations(view, asked, _KNOWN)
    names, cells = _cells(rows, asked)
    bounds = what_silent_could_change(cells[0], cells[1], cells[2], cells[3], asked.least, asked.most)
    if not bounds.answered:
        raise charts.Nothing("No row matches.")
    kpi = view.book.kpis[asked.key]
    frame = _frame(bounds, asked, words)
    chart = ranges(frame, unit=kpi.unit, words=words, measure=words.say(asked.axis))
    named = {"group": _CASE, "value": _VALUE, "between": _FROM_TO}
    frame = frame.assign(between=between(frame["low"].tolist(), frame["high"].tolist(), words, kpi.unit))
    table = tables.shown(frame, named, {_VALUE: kpi.unit})
    said = _said(bounds, names, asked, low(words.say(kpi.name)), kpi.unit, words)
    note = " ".join(part for part in (words.say(_BEWARE), _weighed(view, asked, kpi)) if part)
    return Drawn(said, chart, table, bounds.invited, note, drill={"kpi": "response_rate", "field": None})


def _cells(rows: pd.DataFrame, asked: Question) -> tuple[list[str], list[np.ndarray]]:
    """The cells' names; invitations, answers, sums and squares of each."""
    codes = [pd.factorize(rows[name].to_numpy(object), sort=True) for name in _KNOWN]
    sizes = tuple(len(labels) for _, labels in codes)
    place, seen = pd.factorize(np.ravel_multi_index(tuple(code for code, _ in codes), sizes))
    members = zip(
        *(labels[at] for (_, labels), at in zip(codes, np.unravel_index(seen, sizes), strict=True)), strict=True
    )
    names = [" · ".join(str(member) for member in each if member != NOT_GIVEN) for each in members]
    score = rows["score"].to_numpy(float)
    told = ~np.isnan(score)
    adds = np.where(told, asked.adds(np.nan_to_num(score)), 0.0)
    parts = (np.ones(len(score)), told.astype(float), adds, adds**2)
    return names, [np.bincount(place, weights=part, minlength=len(seen)) for part in parts]


def _frame(bounds: Bounds, asked: Question, words: Words) -> pd.DataFrame:
    """One line an assumption, from the least to none; those that cannot be made are left out."""
    lines = [
        (_AS_IS, *bounds.observed, False),
        (_ALIKE, *bounds.weighted, False),
        (_LEAST, *bounds.as_least_happy, False),
    ]
    made = [line for line in lines if not missing(line[1])]
    made.append((_ANY, float("nan"), bounds.no_assumption.low, bounds.no_assumption.high, True))
    frame = pd.DataFrame(made, columns=["group", "value", "low", "high", "assumed"])
    frame["group"] = [words.say(group) for group in frame["group"].tolist()]
    return frame.assign(**{name: asked.times * frame[name] for name in ("value", "low", "high")})


def _said(bounds: Bounds, names: list[str], asked: Question, name: str, unit: str, words: Words) -> str:
    def told(value: float) -> str:
        return words.text(asked.times * value, unit)

    observed, whole = bounds.observed, bounds.no_assumption
    said = words.say(
        _ANSWERED,
        n=words.count(bounds.answered), all=words.count(bounds.invited), rate=words.text(bounds.response_rate, "share"),
        measure=name, value=told(observed.value),
        interval=words.interval(asked.times * observed.low, asked.times * observed.high, unit),
    )  # fmt: skip
    if bounds.answered == bounds.invited:
        return f"{said} {words.say(_ALL_ANSWERED, n=words.count(bounds.invited))}"
    ends: dict[str, Any] = {"low": told(whole.low), "high": told(whole.high)}
    if bounds.least_happy is None:
        return f"{said} {words.say(_ONLY_RANGE, **ends)}"
    if bounds.least_happy_value > observed.value - 1e-9:
        return f"{said} {words.say(_NO_WORST, **ends)}"
    least = {"group": names[bounds.least_happy], "raw": told(bounds.least_happy_raw)}
    least["drawn"] = told(bounds.least_happy_value)
    return f"{said} {words.say(_BAD, **least, value=told(bounds.as_least_happy.value), **ends)}"


def _weighed(view: View, asked: Question, kpi: Any) -> str:
    """What weighing by all that is known makes of the score of the whole company; empty text where it is not known."""
    try:
        found = view.book.finding("nonresponse").get("metrics", {}).get(asked.key, {}).get("whole")
    except KpilibError:
        return ""
    if not found or asked.key == "ces":  # there the finding speaks of a share, this figure of a mean
        return ""
    words, times = view.words, asked.times
    given = {name: words.text(times * found[name]["value"], kpi.unit) for name in ("observed", "weighted")}
    return words.say(_WEIGHED, measure=words.say(kpi.name), value=given["observed"], weighted=given["weighted"])
