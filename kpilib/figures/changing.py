"""What the figures of a change share: their KPIs, the months they speak of, how a difference is written."""

from collections.abc import Iterable
from typing import Any

from kpilib.errors import unknown
from kpilib.language import N_
from kpilib.periods import Months, label, month_of, parse, range_label
from kpilib.show.view import View

_DEALT = N_("{slice}, against {before}")


def measures(book: Any, keys: Iterable[str]) -> list[str]:
    """The names of those KPIs that these data can answer and that have a time: what a figure's list offers.

    All of them where these data answer none, so that the figure says what is missing.
    """
    known = [key for key in dict.fromkeys(keys) if book.kpis[key].when or book.kpis[key].powers]
    return [book.kpis[key].name for key in known if not book.why_not(key)] or [book.kpis[key].name for key in known]


def key_of(book: Any, measure: str) -> str:
    """The key of the KPI of that name; `UnknownName` with a did-you-mean for none."""
    names = {kpi.name: key for key, kpi in book.kpis.items()}
    if measure not in names:
        raise unknown("KPI", measure, names)
    return names[measure]


def months(view: View) -> Months:
    """The view's months, as far as there are data."""
    start, today = month_of(view.book.first_month), month_of(view.book.as_of)
    first = start if view.since is None else parse(view.since)[0]
    return first, today if view.until is None else min(parse(view.until)[1], today)


def dealt(view: View, now: Months, before: Months) -> str:
    """The slice of two windows in words: "All regions, 2026-04 to 2026-06, against 2025-04 – 2025-06"."""
    shown = view.but(since=label(now[0], "month"), until=label(now[1], "month"))
    return view.words.say(_DEALT, slice=shown.text, before=range_label(*before))
