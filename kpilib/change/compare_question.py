"""What is asked of a comparison, checked: the KPI, the window, the slice, and what may be held against what."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import Any

from kpilib.calendars import known as calendar_of
from kpilib.calendars import parse
from kpilib.catalogue.kpi import Kpi
from kpilib.errors import BadInput, CannotAnswer
from kpilib.language import N_, say

from . import window as windows
from .comparison import Comparison
from .sided import Slice, counted_by_days, founded
from .verdict import Judged, Side
from .window import Facing, Window

_NO_TIME = N_("{kpi} has no time: compare two slices of it, against={{…}}.")
_MONTHS = N_(
    "{kpi} is known by whole months only: {period} is not made of months. Ask for a month, a quarter or a year."
)


@dataclass(frozen=True)
class Question:
    """What is compared, checked."""

    book: Any
    kpi: Kpi
    by: Any
    where: Slice
    asked: Window
    known: date
    by_days: bool

    def made(
        self, group: str, now: Side, before: Side, to: str, told: Judged, facing: Facing, **more: Any
    ) -> Comparison:
        kpi = self.kpi
        return Comparison(
            kpi, kpi.key if kpi.of else None, group, now, before, to, told.difference, told.low, told.high,
            told.verdict, told.p, self.asked, more.pop("mark", facing.mark), facing.left_out,
            known=self.known, currency=self.book.currency, **more,
        )  # fmt: skip


def asked(
    book: Any, key: str, period: Any, by: Any, where: Any, variant: str | None, calendar: str | None, days: bool
) -> tuple[Question, Any, int]:
    kpi, start = book._find(key, variant), _fiscal_start(calendar)
    known = book.as_of - timedelta(days=kpi.matures)
    period_ = windows.asked(period, calendar, known, start)
    by_days = days and counted_by_days(kpi)
    if period_.unit != "month" and not counted_by_days(kpi) and (kpi.when or kpi.derived):
        given = partial(_by_months, kpi, period_.label)
        raise CannotAnswer(given("en"), kpi.key, given)

    cut = dict(book._cut(founded(book, kpi), by, None, where, None, None).where)
    return Question(book, kpi, by, cut, windows.of_period(period_, known), known, by_days), period_, start


def _by_months(kpi: Kpi, period: str, locale: str) -> str:
    return say(_MONTHS, locale, kpi=say(kpi.name, locale), period=period)


def _no_time(kpi: Kpi, locale: str) -> str:
    return say(_NO_TIME, locale, kpi=say(kpi.name, locale))


def _fiscal_start(calendar: str | None) -> int:
    """The month at which a fiscal year starts, as the team's workbook file has it."""
    from kpilib.workbook import settings

    return calendar_of(calendar, settings().fiscal_start)[1]


def timed(kpi: Kpi) -> None:
    """`CannotAnswer` for a KPI without time: it has no period before, and no target of a month."""
    if not (kpi.when or kpi.derived):
        raise CannotAnswer(_no_time(kpi, "en"), kpi.key, partial(_no_time, kpi))


def faced(question: Question, period: Any, to: Any, start: int, calendar: str | None) -> Facing:
    """Both windows; what is too young is counted (`Comparison.too_young`), not told as a month that is not over."""
    kpi = question.kpi
    found = _faced(question, period, to, start, calendar)
    return replace(found, left_out=None) if kpi.matures else found


def _faced(question: Question, period: Any, to: Any, start: int, calendar: str | None) -> Facing:
    kpi, known, begins = question.kpi, question.known, question.book.first_month
    if to in ("previous", "last_year"):
        return windows.facing(period, to, known, begins, kpi.at, question.by_days, kpi.matures)
    try:
        other = parse(to, calendar, start)
    except BadInput as error:
        raise BadInput(f"to={to!r}: 'previous', 'last_year', 'target' or a period. {error}") from error
    if other.unit != "month" and not counted_by_days(kpi):
        raise CannotAnswer(_by_months(kpi, other.label, "en"), kpi.key, partial(_by_months, kpi, other.label))
    return windows.against(period, other, known, begins, kpi.at, question.by_days)
