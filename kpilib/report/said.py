"""What a report says in a few words: of a comparison in a cell, of the whole at its top. Each is one message."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kpilib.change.compare import Comparison
from kpilib.figures.overview.overview_questions import MISSIONS, QUESTIONS
from kpilib.language import N_
from kpilib.show.against import BETTER, NONE, WORSE, Told
from kpilib.show.words import Words, low

from .period import day

if TYPE_CHECKING:
    from .content import Report
    from .headline import Headline

#: The questions and missions of the overview, as headings.
ASKED = {one.key: one.question for one in (*QUESTIONS, *MISSIONS)}
#: The columns of comparisons.
COLUMNS = {"previous": N_("Period before"), "last_year": N_("Year before"), "target": N_("Target")}
TITLE = N_("Key figures, {period}")
_FOR_BETTER, _FOR_WORSE = N_("{arrow} {by}, better"), N_("{arrow} {by}, worse")
_PLAIN, _CHANCE, _SAME = N_("{arrow} {by}"), N_("{by}, within chance"), N_("no change")
_WAS, _AIM = N_("was {value}"), N_("target {value}")
_WORSE = N_("Worse than the period before, by more than chance explains: {names}.")
_BETTER = N_("Better than the period before, by more than chance explains: {names}.")
_STILL = N_("No share and no mean differs from the period before by more than chance explains.")
_UP, _DOWN = N_("Up: {names}."), N_("Down: {names}.")
_BY = N_("{name} ({by})")
_MISSED = N_("Off target: {names}.")
_ALERT, _ALERTS = N_("{n} alert is open."), N_("{n} alerts are open.")
_QUIET = N_("No alert is open.")
_AND = N_("{names} and {last}")
_OF = N_("{company}: figures up to {day}.")


def cell(one: Comparison, words: Words) -> Told:
    """A comparison in a cell: its size and its verdict, whether it is for the better, and the other figure."""
    unit, by = one.kpi.unit, one.difference
    behind = words.say(_AIM if one.to == "target" else _WAS, value=words.short(one.before.value, unit))
    size = _size(one, words)
    if size == _size_of(0.0, one, words):
        return Told(words.say(_SAME), NONE, behind)
    if one.verdict == "same":
        return Told(words.say(_CHANCE, by=words.difference(by, unit)), NONE, behind)
    given = {"arrow": "▲" if by > 0 else "▼", "by": size}
    message = {"better": _FOR_BETTER, "worse": _FOR_WORSE}.get(one.verdict, _PLAIN)
    direction = one.verdict if one.verdict in (BETTER, WORSE) else NONE
    return Told(words.say(message, **given), direction, behind)


def summary(report: Report) -> list[str]:
    """What matters, a sentence each: what is worse, what is better, what is off target, what is unusual."""
    words = report.words
    worse, better = (_standing(report, verdict) for verdict in (WORSE, BETTER))
    said = [*report.period.beware]
    said += [words.say(_WORSE, names=listed(worse, words))] if worse else []
    said += [words.say(_BETTER, names=listed(better, words))] if better else []
    said += [] if worse or better else [words.say(_STILL)]
    for message, up in ((_UP, True), (_DOWN, False)):
        sums = [one for one in report.headlines if _sum(one) and (one.against["previous"].difference > 0) == up]
        said += [words.say(message, names=listed(sums, words, sized=True))] if sums else []
    missed = [one for one in report.headlines if "target" in one.against and one.against["target"].verdict == WORSE]
    said += [words.say(_MISSED, names=listed(missed, words))] if missed else []
    n = len(report.alerts)
    said.append(words.plural(n, _ALERT, _ALERTS, n=words.count(n)) if n else words.say(_QUIET))
    return said


def title(report: Report) -> str:
    """The heading: "Key figures, June 2026"."""
    return report.words.say(TITLE, period=report.period.name)


def of_what(report: Report) -> str:
    """Whose figures, up to when."""
    return report.words.say(_OF, company=report.name, day=day(report.as_of, report.words.locale))


def table_name(table: str, words: Words) -> str:
    """What a table of the model is called: "Order lines"."""
    return words.say(table.replace("_", " ").capitalize())


def listed(headlines: Sequence[Headline], words: Words, sized: bool = False) -> str:
    """The names of KPIs inside a sentence: "win rate, NPS and revenue"; with how much they changed, where asked."""
    names = [low(words.say(one.kpi.name)) for one in headlines]
    if sized:
        sizes = (_size(one.against["previous"], words) for one in headlines)
        names = [words.say(_BY, name=name, by=by) for name, by in zip(names, sizes, strict=True)]
    return names[0] if len(names) == 1 else words.say(_AND, names=", ".join(names[:-1]), last=names[-1])


def _standing(report: Report, verdict: str) -> list[Headline]:
    """The shares and means of a verdict that stands among all that were compared; a sum is told as a fact, apart."""
    found = (one for one in report.headlines if one.kpi.key in report.moves.stand)
    return [one for one in found if one.against["previous"].verdict == verdict]


def _sum(one: Headline) -> bool:
    return one.kpi.total and "previous" in one.against and one.against["previous"].difference != 0


def _size(one: Comparison, words: Words) -> str:
    return _size_of(abs(one.difference), one, words)


def _size_of(by: float, one: Comparison, words: Words) -> str:
    """A difference without its sign: of a total that was something, the part by which it changed."""
    if one.kpi.total and one.before.value > 0:
        return words.text(by / one.before.value, "share")
    return words.difference(by, one.kpi.unit).removeprefix("+")
