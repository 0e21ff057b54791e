"""All that a report says of a period, gathered once from a book; how it is written is the business of the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

from kpilib.alerts.chart import chart
from kpilib.alerts.watch import watch
from kpilib.errors import BadInput, KpilibError, unknown
from kpilib.figures import events
from kpilib.language import LANGUAGES
from kpilib.periods import label
from kpilib.show.charts.plot import Record
from kpilib.show.view import View
from kpilib.show.words import Words
from kpilib.workbook import Settings

from .defined import Definition, definitions
from .headline import Headline, asked, headline
from .moved import Moves, moves
from .period import Period, period_of
from .quality import Quality, quality

if TYPE_CHECKING:
    from kpilib.alerts.alert import Alert

#: So many alerts are drawn; all are told.
DRAWN = 4


@dataclass(frozen=True, eq=False)
class Told:
    """An open alert and the chart that shows why, as `show.control_chart.control` takes it.

    `frame` is None for an alert that is not drawn; `meanwhile` says what the marks of the chart stand for.
    """

    alert: Alert
    frame: pd.DataFrame | None = None
    unit: str = ""
    measure: str = ""
    marks: tuple[Record, ...] = ()
    meanwhile: str = ""


@dataclass(frozen=True, eq=False)
class Report:
    """A period's figures and what is said of them.

    `rate` is the chance that the watch behind `alerts` raises any alert in a month in which nothing changed; `month` is
    the month that it judged, in so many `series`.
    """

    name: str
    as_of: date
    fingerprint: str
    words: Words
    period: Period
    headlines: tuple[Headline, ...]
    moves: Moves
    alerts: tuple[Told, ...]
    month: str
    series: int
    rate: float
    definitions: tuple[Definition, ...]
    quality: Quality


def contents(
    book: Any,
    period: str | None = None,
    keys: Sequence[str] | None = None,
    locale: str = "en",
    settings: Settings | None = None,
) -> Report:
    """What a report says.

    Parameters
    ----------
    book : Book
        The data, as `kpilib.open` gives them.
    period : str, optional
        "2026-06", "2026Q2", "2026", "FY2026"; by default the last month that is over.
    keys : sequence of str, optional
        KPIs instead of those of the settings.
    locale : str
        The reader's language.
    settings : Settings, optional
        A team's choices; by default those that a workbook starts with.

    Returns
    -------
    Report
        The same for the same data and the same choices: no clock is asked.

    Raises
    ------
    BadInput, UnknownName
        What is no period, a KPI or a language that does not exist.
    CannotAnswer
        A period of which the data have no day.
    """
    chosen = settings or Settings()
    wanted = asked(chosen, keys)
    _check(wanted, book, locale)
    months = period_of(period, book.as_of, book.first_month, locale, chosen.fiscal_start)
    view = View(book, {}, label(months.first, "month"), label(months.last, "month"), locale)
    headlines = tuple(headline(view, key, question) for question, key in wanted)
    seen = watch(book, chosen)
    return Report(
        book.name, book.as_of, book.fingerprint, view.words, months, headlines, moves(view, headlines),
        tuple(_told(book, alert, at < DRAWN, locale) for at, alert in enumerate(seen.alerts)),
        seen.month, seen.series, seen.rate,
        definitions(view, [key for _, key in wanted]), quality(book),
    )  # fmt: skip


def _told(book: Any, alert: Alert, drawn: bool, locale: str) -> Told:
    """An alert; of a KPI, with its chart and what happened meanwhile."""
    if not alert.kpi or not drawn:
        return Told(alert)
    try:
        frame = chart(book, alert)
    except KpilibError:
        return Told(alert)
    kpi, periods = book.kpis[alert.kpi], frame["period"].tolist()
    shown = View(book, dict(alert.where), locale=locale)
    marks = tuple(events.marks(shown, periods, alert.kpi))
    return Told(alert, frame, kpi.unit, kpi.name, marks, events.told(shown, periods, alert.kpi))


def _check(wanted: Sequence[tuple[str, str]], book: Any, locale: str) -> None:
    if locale.replace("-", "_").split("_")[0] not in LANGUAGES:
        raise unknown("language of the interface", locale, LANGUAGES)
    for _, key in wanted:
        if key not in book.kpis:
            raise unknown("KPI", key, book.kpis)
    if not wanted:
        raise BadInput("The report has no KPI: name some in [report] or [overview] of workbook.toml, or with --kpis.")
