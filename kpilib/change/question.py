"""What an explanation is asked of: which months each side has, and what both are worth."""

from __future__ import annotations

from typing import Any

import numpy as np

from kpilib.catalogue.kpi import Kpi
from kpilib.change.members import Asked, Where, whole
from kpilib.change.refusal import DAYS, ESTIMATED, NO_ROWS, NOT_OVER, TIMELESS, TOO_YOUNG, refusal
from kpilib.change.window import Window
from kpilib.compute import measure
from kpilib.compute.comparing import told_until
from kpilib.periods import Months, month_end, month_start, parse, range_label
from kpilib.stats import differences
from kpilib.stats.intervals import Floats

#: A period as it may be given: "2026Q2", its (first, last) months, or a window of whole months.
Period = str | Months | Window
#: Value, and both ends of its 95 % interval (NaN where it has none).
Value = tuple[float, float, float]


def asked(
    book: Any, kpi: Kpi, before: Period, now: Period, where: Where = None, against: Where = None
) -> tuple[Asked, Window, Window]:
    """The question, and both windows as they are compared: a month not over, or too young to tell, is left out of both.

    Raises
    ------
    BadInput
        A text that is no period.
    CannotAnswer
        A KPI that is estimated or has no time; a window of days; one without a month that is over.
    """
    _answerable(kpi)
    first, last = _months(before, kpi), _months(now, kpi)
    over = told_until(book.as_of, kpi.matures) if kpi.at == "flow" else last[1]
    unfinished = max(0, last[1] - over)
    alike = first[1] - first[0] == last[1] - last[0]
    earlier = unfinished if alike else max(0, first[1] - over)
    first_cut, last_cut = (first[0], first[1] - earlier), (last[0], last[1] - unfinished)
    if last_cut[1] < last_cut[0] or first_cut[1] < first_cut[0]:
        raise refusal(TOO_YOUNG if kpi.matures else NOT_OVER, kpi, window=_label(now, last), day=book.as_of)
    sides = (_window(before, first, first_cut), _window(now, last, last_cut))
    return Asked(book, kpi, first_cut, last_cut, where, against), *sides


def _answerable(kpi: Kpi) -> None:
    if kpi.estimator:
        raise refusal(ESTIMATED, kpi)
    if not kpi.when and not kpi.derived:
        raise refusal(TIMELESS, kpi)


def _months(given: Period, kpi: Kpi) -> Months:
    if isinstance(given, Window):
        if given.months is None:
            raise refusal(DAYS, kpi, window=given.label)
        return given.months
    return given if isinstance(given, tuple) else parse(given)


def _label(given: Period, months: Months) -> str:
    return given.label if isinstance(given, Window) else given if isinstance(given, str) else range_label(*months)


def _window(given: Period, months: Months, kept: Months) -> Window:
    label = _label(given, months) if kept == months else range_label(*kept)
    whole_given = given.whole if isinstance(given, Window) else True
    return Window(month_start(kept[0]), month_end(kept[1]), label, whole_given and kept == months, kept)


def values(question: Asked) -> tuple[Value, Value]:
    """What the KPI was before and is now, with their intervals.

    Raises
    ------
    CannotAnswer
        A side without rows.
    """
    both = []
    for side, months in ((False, question.before), (True, question.now)):
        sums = whole(question, side)
        assert sums is not None
        found = measure.values(question.kpi, sums[:, None])
        if not found["rows"][0] or np.isnan(found["value"][0]):
            raise refusal(NO_ROWS, question.kpi, window=range_label(*months))
        both.append(tuple(float(found[name][0]) for name in ("value", "low", "high")))
    return both[0], both[1]  # type: ignore[return-value]


def difference(before: Value, now: Value) -> Value:
    """Now less before, with the interval that both intervals give it (`stats.differences`).

    >>> [round(end, 4) for end in difference((0.6, 0.4905, 0.7004), (0.8, 0.6918, 0.8770))]
    [0.2, 0.0524, 0.3339]
    """
    return differences.difference(differences.Figure(*now), differences.Figure(*before))


def shares(sums: Floats) -> Floats:
    """Each part's share of the whole; NaN where the whole is nothing."""
    total = sums.sum()
    return sums / total if total else np.full(len(sums), np.nan)
