"""What moved most since the period before, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from kpilib.catalogue import Kpi
from kpilib.change.compare import Comparison
from kpilib.change.explain import Explanation, explained
from kpilib.errors import KpilibError
from kpilib.figures.changes import change_parts
from kpilib.show.charts.plot import Plot
from kpilib.show.view import View
from kpilib.show.words import missing
from kpilib.stats.discovery import false_discovery

from .headline import Headline, told

#: So many shares and means are explained, and so many totals.
TESTED, TOTALS = 3, 2
#: The expected share of false findings among those told.
FALSE = 0.05


@dataclass(frozen=True)
class Moved:
    """A KPI that moved: the comparison, and what explains it.

    `explanation` is None where there is none; `why_not` says why then. `chart` is the pages' own waterfall of it.
    """

    kpi: Kpi
    comparison: Comparison
    explanation: Explanation | None = None
    why_not: str = ""
    chart: Plot | None = None


@dataclass(frozen=True)
class Moves:
    """What moved; how many shares and means were compared, and the keys of those that stand once all are counted."""

    moved: tuple[Moved, ...] = ()
    compared: int = 0
    stand: tuple[str, ...] = ()


def moves(view: View, headlines: Sequence[Headline]) -> Moves:
    """The KPIs that moved most since the period before, each with what explains it.

    Of shares and means those whose change stands among all that were compared, the least likely by chance first; of
    totals, which have no chance of their own, those that changed most beside their usual change from month to month.

    Returns
    -------
    Moves
        Nothing moved where nothing could be compared.
    """
    known = [one for one in headlines if "previous" in one.against]
    tested = [one.against["previous"] for one in known if not missing(one.against["previous"].p)]
    stand = standing(tested)
    totals = [one for one in known if one.kpi.total and one.against["previous"].difference]
    largest = sorted(totals, key=swing, reverse=True)[:TOTALS]
    chosen = [*stand[:TESTED], *(one.against["previous"] for one in largest)]
    return Moves(tuple(_moved(view, one) for one in chosen), len(tested), tuple(one.kpi.key for one in stand))


def standing(tested: Sequence[Comparison]) -> list[Comparison]:
    """Those of many comparisons that stand when all are counted, the least likely by chance first.

    Source: Benjamini and Hochberg (1995), at `FALSE`.
    """
    if not tested:
        return []
    _, stands = false_discovery([one.p for one in tested], FALSE)
    return sorted((one for one, kept in zip(tested, stands.tolist(), strict=True) if kept), key=lambda one: one.p)


def swing(one: Headline) -> float:
    """How many times its usual change from one month to the next a KPI has changed; 0 where no two months are known."""
    run = [point.value for point in one.run if point.over and not missing(point.value)]
    steps = [abs(b - a) for a, b in pairwise(run)]
    usual = sum(steps) / len(steps) if steps else 0.0
    return abs(one.against["previous"].difference) / usual if usual else 0.0


def _moved(view: View, one: Comparison) -> Moved:
    before, now = one.before.window, one.now.window
    if before.months is None or now.months is None:  # compared by days: there is nothing to explain yet
        return Moved(one.kpi, one)
    try:
        found = explained(view.book, one.kpi.key, before, now)
    except KpilibError as error:
        return Moved(one.kpi, one, None, told(error, view.locale))
    return Moved(one.kpi, one, found, "", _chart(view, one))


def _chart(view: View, one: Comparison) -> Plot | None:
    try:
        drawn = change_parts.parts(view, one.kpi.name)
    except KpilibError:
        return None
    return Plot.of(drawn.chart) if drawn.chart is not None else None
