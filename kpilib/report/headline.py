"""A KPI of the report's period: its figure, what it is compared with, its run by month. In numbers only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kpilib.catalogue import Kpi
from kpilib.change.compare import Comparison, compared
from kpilib.change.simpson import told as turn_told
from kpilib.errors import KpilibError
from kpilib.show.charts.spark import Point
from kpilib.show.figure import counted_said
from kpilib.show.standing import standing
from kpilib.show.view import View
from kpilib.workbook import Settings

#: With what each figure is compared, in the order of the columns.
AGAINST = ("previous", "last_year", "target")


@dataclass(frozen=True)
class Headline:
    """A KPI of a period.

    Parameters
    ----------
    kpi : Kpi
        What is told.
    question : str
        The key of the question or mission that it stands under; "" where it was asked for by itself.
    value, low, high : float or None
        The figure and its 95 % interval, as a tile shows them: of a stock, that of the period's last month. None or
        NaN where there is none.
    rows : int
        What it rests on; `counted` says it: "2,114 customers".
    complete : bool
        Whether the period is over.
    against : mapping of str to Comparison
        By what it is compared with ("previous", "last_year", "target"); without those that these data cannot answer.
    run : tuple of Point
        The last 24 months.
    why : str
        Why there is no figure; "" where there is one.
    """

    kpi: Kpi
    question: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    rows: int = 0
    counted: str = ""
    complete: bool = True
    against: Mapping[str, Comparison] = field(default_factory=dict)
    run: tuple[Point, ...] = ()
    why: str = ""

    def warning(self, locale: str = "en") -> str:
        """What is said before anything else: that the parts say something else than the whole; "" where they do not."""
        found = self.against.get("previous")
        return "" if found is None else turn_told(found.turn, self.kpi.name, locale)


def asked(settings: Settings, keys: Sequence[str] | None) -> list[tuple[str, str]]:
    """The KPIs of a report, each once, with the question that it stands under ("" where they were named alone).

    Those named, else those of ``[report]``, else those of the overview under its questions.
    """
    named = tuple(dict.fromkeys(keys or settings.report.kpis))
    if named:
        return [("", key) for key in named]
    first: dict[str, str] = {}
    for question, members in settings.overview.items():
        for key in members:
            first.setdefault(key, question)
    return [(question, key) for key, question in first.items()]


def headline(view: View, key: str, question: str = "") -> Headline:
    """Where a KPI stands in the period of a view: the figures of the pages' tiles, and their comparisons.

    Raises
    ------
    UnknownName
        No such KPI.
    """
    kpi = view.book.kpis[key]
    why = view.book.why_not(key, view.locale)
    if why:
        return Headline(kpi, question, why=why)
    try:
        found = standing(view, kpi)
    except KpilibError as error:
        return Headline(kpi, question, why=told(error, view.locale))
    if found.empty:
        return Headline(kpi, question, why=view.words.say("Nothing to show: no row matches."))
    row: Mapping[str, Any] = found.row
    n = int(row["rows"])
    figures = (row["value"], row["low"], row["high"], n, counted_said(kpi, n, view), bool(row["complete"]))
    return Headline(kpi, question, *figures, comparisons(view, key), found.run)


def comparisons(view: View, key: str) -> dict[str, Comparison]:
    """The figure against the period before, the year before and its target, where the data answer them."""
    period = f"{view.since} – {view.until}" if view.since != view.until else str(view.since)
    made: dict[str, Comparison] = {}
    for to in AGAINST:
        try:
            found = compared(view.book, key, period, to, guard=to == "previous")
        except KpilibError:
            continue  # no target, no earlier data, a window that overlaps: an empty cell says as much
        if found and found[0].verdict != "unknown":
            made[to] = found[0]
    return made


def told(error: KpilibError, locale: str) -> str:
    """The sentence of an error in the reader's language, where it can be said in several."""
    say = getattr(error, "told", None)
    return str(say(locale) if say else error)
