"""What has set off an alarm, and the chart that shows why. The whole company is watched, whatever the filters say."""

from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

import pandas as pd

from kpilib.alerts.alert import Alert
from kpilib.alerts.chart import chart as within_limits
from kpilib.alerts.watch import Watch, watch
from kpilib.errors import unknown
from kpilib.figures import company, events
from kpilib.language import N_
from kpilib.show.charts.control_chart import control
from kpilib.show.charts.plot import Plot
from kpilib.show.figure import Drawn
from kpilib.show.view import View
from kpilib.show.words import Words
from kpilib.workbook import settings

_WHAT, _MONTH, _SINCE, _SAYS = N_("What"), N_("Month"), N_("Since"), N_("What it says")
_SEVERITY = {"worse": N_("worse"), "better": N_("better"), "data": N_("data")}
_KIND = N_("It is")
_QUIET = N_("Nothing is out of the ordinary in {month}: {series} series were watched.")
_OPEN = N_("{n} alarms are open. {said}")
_ONE = N_("One alarm is open. {said}")
_RATE = N_(
    "The limits are set so that, where nothing changes, {rate} of monthly watches over all {series} series give an "
    "alarm by chance."
)
_NONE = "–"
_watched: WeakKeyDictionary[Any, Watch] = WeakKeyDictionary()


def watched(book: Any) -> Watch:
    """The watch over a book, made once: it follows the data and the team's settings, not the filters."""
    if book not in _watched:
        _watched[book] = watch(book, settings())
    return _watched[book]


def open_alarms(book: Any) -> list[str]:
    """What a figure's list offers: the open alarms, worst first; a dash where there is none."""
    return [named(alert) for alert in watched(book).alerts] or [_NONE]


def named(alert: Alert) -> str:
    """An alarm's name in a list, which tells it from the others."""
    return f"{alert.title()} ({alert.since})"


def alarms(view: View, alarm: str) -> Drawn:
    """The open alarms, and the control chart of one of them.

    Parameters
    ----------
    alarm : str
        As `open_alarms` lists it.

    Raises
    ------
    UnknownName
        No open alarm of that name.
    """
    words, found = view.words, watched(view.book)
    series, month = words.count(found.series), found.month
    note = words.say(_RATE, rate=words.text(found.rate, "share"), series=series)
    slice_ = company.slice_(view)
    if not found.alerts:
        return Drawn(words.say(_QUIET, month=month, series=series), None, None, 1, note, slice_)
    by_name = {named(alert): alert for alert in found.alerts}
    if alarm not in by_name:
        raise unknown("open alarm", alarm, by_name)
    chosen = by_name[alarm]
    said = chosen.said(view.locale, view.book.currency)
    finding = words.say(_OPEN if len(found.alerts) > 1 else _ONE, n=words.count(len(found.alerts)), said=said)
    chart, told = _chart(view, chosen)
    note = " ".join(part for part in (note, told) if part)
    drill = {"kpi": chosen.kpi, "field": "period"} if chosen.kpi and not chosen.dimension else None
    return Drawn(finding, chart, _table(found.alerts, view), max(chosen.rows, 1), note, slice_, drill)


def _chart(view: View, alert: Alert) -> tuple[Plot | None, str]:
    """The series within its limits, and what happened meanwhile; none for data that are late or broken."""
    if not alert.kpi:
        return None, ""
    frame = within_limits(view.book, alert)
    kpi, words = view.book.kpis[alert.kpi], view.words
    shown = View(view.book, dict(alert.where), locale=view.locale)
    periods = frame["period"].tolist()
    marks = events.marks(shown, periods, alert.kpi)
    chart = control(frame, unit=kpi.unit, words=words, measure=words.say(kpi.name), marks=marks)
    return chart, events.told(shown, periods, alert.kpi)


def _table(found: Sequence[Alert], view: View) -> pd.DataFrame:
    words: Words = view.words
    return pd.DataFrame(
        {
            _WHAT: [alert.title(view.locale) for alert in found],
            _KIND: [words.say(_SEVERITY[alert.severity]) for alert in found],
            _MONTH: [alert.month for alert in found],
            _SINCE: [alert.since for alert in found],
            _SAYS: [alert.said(view.locale, view.book.currency) for alert in found],
        }
    )
