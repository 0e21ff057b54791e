"""What we did, and what came of it: the action log on the figures. Plan, do, check, act."""

from typing import Any

import pandas as pd

from kpilib.change.deed import WHY
from kpilib.change.deeds import Deed, deeds
from kpilib.errors import CannotAnswer, unknown
from kpilib.figures import events
from kpilib.language import N_
from kpilib.periods import label, month_of
from kpilib.show import charts
from kpilib.show.figure import Drawn
from kpilib.show.tables import of_difference
from kpilib.show.view import View
from kpilib.show.words import NOTHING, Words

_DAY, _ACTION, _WHO, _AIMED = N_("Day"), N_("What was done"), N_("By"), N_("To move")
_BEFORE, _AFTER, _EFFECT, _INTERVAL, _NEXT = (
    N_("Before"), N_("After"), N_("Change, beside the rest"), N_("95% interval"), N_("What next"),
)  # fmt: skip
_NO_LOG = N_(
    "No action is logged: the table 'actions' would say what was done, when, by whom and to move which figure."
)
_WHOLE = N_("{action}, {day}")
_NOTE = N_(
    "Each action is checked on those it concerned, as many whole months after it as before, beside the rest of the "
    "company, which had the same season. Nobody drew lots for who got it, so it is no proof; what was done because a "
    "figure was bad is often followed by better ones by itself. The filters do not change this log."
)
#: Months before the action, and after, that its chart shows.
_AROUND = 12


def logged(book: Any) -> list[str]:
    """What a figure's list offers: the actions that could be checked, the latest first; all, where none could."""
    found = deeds(book)[::-1]
    return [named(deed) for deed in found if deed.comparison is not None] or [named(deed) for deed in found] or ["–"]


def named(deed: Deed) -> str:
    """An action with its day, which tells it from another of the same words."""
    return _WHOLE.format(action=deed.action, day=deed.done_on.isoformat())


def log(view: View, action: str) -> Drawn:
    """An action's KPI through time with the action marked, what came of it, and the whole log.

    Parameters
    ----------
    action : str
        As `logged` lists it.

    Raises
    ------
    CannotAnswer
        These data have no log.
    UnknownName
        No action of that name.
    """
    words, found = view.words, deeds(view.book)
    if not found:
        raise CannotAnswer(words.say(_NO_LOG))
    by_name = {named(deed): deed for deed in found}
    if action not in by_name:
        raise unknown("action of the log", action, by_name)
    deed = by_name[action]
    said = " ".join(part for part in (deed.said(view.locale), deed.next(view.locale)) if part)
    chart, told = _through_time(view, deed)
    note = " ".join(part for part in (words.say(_NOTE), told) if part)
    return Drawn(said, chart, _table(found[::-1], words), len(found), note, _of_whom(deed, words))


def _through_time(view: View, deed: Deed) -> tuple[Any, str]:
    """The KPI of those concerned, month by month around the action, and what the marks stand for."""
    if deed.comparison is None:
        return None, ""
    month, book = month_of(deed.done_on), view.book
    first, last = max(month - _AROUND, month_of(book.first_month)), min(month + _AROUND, month_of(book.as_of))
    where = {deed.dimension: [deed.member]} if deed.member else {}
    shown = View(book, where, label(first, "month"), label(last, "month"), view.locale)
    kpi, words = book.kpis[deed.kpi], view.words
    frame = shown.kpi(deed.kpi, period="month")
    frame = frame[frame["rows"] > 0]
    if frame.empty:
        return None, ""
    periods = frame["period"].tolist()
    marks = events.marks(shown, periods, deed.kpi)
    chart = charts.line(frame, unit=kpi.unit, words=words, measure=words.say(kpi.name), marks=marks)
    return chart, events.told(shown, periods, deed.kpi)


def _table(found: list[Deed], words: Words) -> pd.DataFrame:
    return pd.DataFrame([_line(deed, words) for deed in found])


def _line(deed: Deed, words: Words) -> dict[str, str]:
    """An action's row: what was done, what was before and after, what may be credited to it, what to do next."""
    one = deed.comparison
    told = {_DAY: deed.done_on.isoformat(), _ACTION: deed.action, _WHO: deed.who or NOTHING}
    if one is None:
        nothing = dict.fromkeys((_AIMED, _BEFORE, _AFTER, _EFFECT, _INTERVAL), NOTHING)
        return {**told, **nothing, _NEXT: words.say(WHY[deed.why]) if deed.why else NOTHING}
    unit, beside = one.kpi.unit, deed.rest is not None and deed.effect == deed.effect
    effect = (deed.effect, deed.low, deed.high) if beside else (one.difference, one.low, one.high)
    return {
        **told, _AIMED: _aimed(deed, words), _BEFORE: words.short(one.before.value, unit),
        _AFTER: words.short(one.now.value, unit), _EFFECT: words.difference(effect[0], unit),
        _INTERVAL: of_difference(effect[1], effect[2], unit, words), _NEXT: deed.next(words.locale),
    }  # fmt: skip


def _aimed(deed: Deed, words: Words) -> str:
    name = words.say(deed.comparison.kpi.name) if deed.comparison else deed.kpi
    return words.say("{kpi}, {member}", kpi=name, member=deed.member) if deed.member else name


def _of_whom(deed: Deed, words: Words) -> str:
    return deed.member or words.say("The whole company")
