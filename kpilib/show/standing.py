"""Where a KPI stands: its figure for a slice, the one before, its target, its run by month. In numbers only."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from kpilib.change.simpson import Turn
from kpilib.change.verdict import Side, figure, judged
from kpilib.compute.comparing import Target, Windows, target, targets_of, windows
from kpilib.periods import Months, label, month_of, parse
from kpilib.stats.differences import difference

from . import guard
from .charts.spark import Point
from .measures import Gap
from .view import View
from .words import missing

#: So many months a sparkline shows.
RUN = 24
_READ = ("value", "low", "high", "denominator", "rows", "complete", "period")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Standing:
    """A KPI of a slice.

    Parameters
    ----------
    kpi : Kpi
        What is told.
    row : mapping
        The figure: `value`, `low`, `high`, `rows`, `complete`. Of a stock, that of the window's last (or first) month.
    windows : Windows, optional
        What is compared with what; None for a KPI without time.
    now, before : mapping, optional
        The two figures that are compared; `now` is `row` unless a month that is not over was left out.
    aim : Target, optional
        What was aimed at, and for which months in `window`.
    window : tuple of int, optional
        The months that the target is for.
    run : tuple of Point
        The last months, one value each.
    young : int
        How many rows are too young to tell, and on neither side of the comparison.
    turned : Turn, optional
        What the parts of a dimension say, where it is something else than the whole (Simpson's paradox); else None.
    """

    kpi: Any
    row: Row
    windows: Windows | None = None
    now: Row | None = None
    before: Row | None = None
    aim: Target | None = None
    window: Months | None = None
    run: tuple[Point, ...] = ()
    turned: Turn | None = None
    young: int = 0

    @property
    def empty(self) -> bool:
        """Whether nothing was observed."""
        return not self.row["rows"] or missing(self.row["value"])


def standing(view: View, kpi: Any, run: bool = True) -> Standing:
    """Ask a book where a KPI stands for a view: once for a stock, else at most five times.

    The run by month is left out where `run` is False, and where no cube holds the slice: the engine is not asked twice
    for a picture.
    """
    first, last = _months(view)
    if not (kpi.when or kpi.powers) or first > last:
        return Standing(kpi, _asked(view, kpi.key)[0][0])
    compared = windows(first, last, view.book.as_of, month_of(view.book.first_month), kpi.at, kpi.matures)
    if kpi.at == "flow":
        rows, origin = _asked(view, kpi.key)
        row = rows[0]
        if not row["rows"]:
            return Standing(kpi, row, compared)
        asked = {(first, last): row}
        months = _by_month(view, kpi.key, last - RUN + 1, last) if run and origin != "engine" else {}
    else:
        assert compared.now is not None
        months, asked = _by_month(view, kpi.key, min(last - RUN + 1, (compared.before or compared.now)[0]), last), {}
        row = months.get(compared.now[0]) or _asked(view, kpi.key)[0][0]
    asked |= {(month, month): found for month, found in months.items()}
    now, before = (_over(view, kpi.key, window, asked) for window in (compared.now, compared.before))
    window = compared.now or (last, last)
    weights = {month: row["denominator"] for month, row in months.items() if not missing(row["denominator"])}
    aim = target(kpi, targets_of(view.book), view.where, window, weights)
    young = _over(view, kpi.key, compared.young, asked)
    turned = _turned(view, kpi, compared, now, before)
    points = tuple(Point(m, r["value"], r["complete"]) for m, r in months.items() if m > last - RUN) if run else ()
    return Standing(kpi, row, compared, now, before, aim, window, points, turned, young["rows"] if young else 0)


def _turned(view: View, kpi: Any, compared: Windows, now: Row | None, before: Row | None) -> Turn | None:
    """What the parts say else than the whole; looked for where chance can be told at all."""
    if compared.now is None or compared.before is None or now is None or before is None:
        return None
    if missing(now["value"]) or missing(before["value"]):
        return None
    between = apart(kpi, now, before)
    return None if missing(between.low) else guard.turned(view, kpi, compared.before, compared.now, between.supported)


def apart(kpi: Any, now: Row, before: Row) -> Gap:
    """How far two figures lie apart, as `Book.compare` finds it; a total's difference has no interval."""
    if kpi.total:
        return Gap(now["value"] - before["value"], float("nan"), float("nan"))
    return Gap(*difference(figure(kpi, _side(now)), figure(kpi, _side(before))))


def by_chance(kpi: Any, now: Row, before: Row, exact: bool = False) -> float:
    """How often chance alone would separate two figures so far; missing for totals; `exact`: the other is a target."""
    return judged(kpi, _side(now), _side(before), exact).p


def _side(row: Row) -> Side:
    """A figure as comparisons take it; its window and its slice do not matter to the difference."""
    given = {name: row[name] for name in ("value", "low", "high", "denominator", "rows") if not missing(row.get(name))}
    return Side(cast(Any, None), {}, **given)


def _months(view: View) -> Months:
    """The view's first month, and its last one that is not after the data's."""
    start, today = month_of(view.book.first_month), month_of(view.book.as_of)
    first = start if view.since is None else parse(view.since)[0]
    return first, today if view.until is None else min(parse(view.until)[1], today)


def _by_month(view: View, key: str, first: int, last: int) -> dict[int, Row]:
    """The KPI's figures month by month, from the data's first one at the earliest."""
    first = max(first, month_of(view.book.first_month))
    rows, _ = _asked(view, key, period="month", since=label(first, "month"), until=label(last, "month"))
    return {_number(row["period"]): row for row in rows}


@lru_cache(maxsize=4096)
def _number(month: str) -> int:
    return parse(month)[0]


def _over(view: View, key: str, window: Months | None, asked: Mapping[Months, Row]) -> Row | None:
    if window is None or window in asked:
        return None if window is None else asked[window]
    return _asked(view, key, since=label(window[0], "month"), until=label(window[1], "month"))[0][0]


def _asked(view: View, key: str, **how: Any) -> tuple[list[Row], str]:
    """The answer's lines as plain numbers, one of nothing where it has none; and where it came from."""
    _, columns, origin = view.columns(key, **how)
    listed = (part if isinstance(part, list) else part.tolist() for part in (columns[name] for name in _READ))
    nothing = {"value": None, "low": None, "high": None, "denominator": None, "rows": 0, "complete": True, "period": ""}
    return [dict(zip(_READ, line, strict=True)) for line in zip(*listed, strict=True)] or [nothing], origin
