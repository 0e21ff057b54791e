"""A KPI against its target: the share reached, the gap, and whether the gap is more than noise.

Targets are set by month. A total of a flow adds them up, a level has its month's, and what is divided has their mean,
weighted by what stands below the line in each month: who reaches every month's target reaches the quarter's.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from kpilib.calendars import Period
from kpilib.compute.comparing import Target, target, targets_of
from kpilib.errors import CannotAnswer
from kpilib.language import N_, say
from kpilib.periods import is_complete, month_of

from .sided import aimed, sides, young
from .verdict import Side, judged
from .window import Facing, Window, of_months, of_period

if TYPE_CHECKING:
    from .compare import Comparison

_BY_MONTH = N_("Targets are set by month: {period} is not made of months. Ask for a month, a quarter or a year.")


def attained(question: Any, period: Period) -> list[Comparison]:
    """Each group of a question against its own target; what is not over is held against the months that are.

    Of a month that is not over, a total is told as so much of its target so far.
    """
    kpi, book = question.kpi, question.book
    if period.unit != "month":
        given = partial(_by_month, period.label)
        raise CannotAnswer(given("en"), kpi.key, given)
    facing = _over(question, period)
    now = sides(book, kpi, facing.now, question.by, question.where) if facing.mark != "not_begun" else {}
    left = young(book, kpi, question.asked, question.known, question.by, question.where, question.by_days)
    named = {group for group, one in now.items() if one.rows} if question.by else {"all"}
    return [
        _held(question, facing, group, now.get(group) or Side(facing.now, question.where), left.get(group, 0))
        for group in sorted(named)
    ]


def _by_month(period: str, locale: str) -> str:
    return say(_BY_MONTH, locale, period=period)


def _over(question: Any, period: Period) -> Facing:
    """The window that a target is held against: the months that are over; of a level, its month."""
    kpi, known = question.kpi, question.known
    asked, today = of_period(period, known), month_of(known)
    if period.first > today:
        return Facing(asked, asked, "not_begun")
    if kpi.at != "flow":
        month = period.first if kpi.at == "start" else min(period.last, today)
        level = of_months((month, month), known)
        return Facing(level, level)
    last = min(period.last, today)
    over = last - (not is_complete(last, known))
    if over == period.last:
        return Facing(asked, asked)
    if over < period.first:
        so_far = replace(of_months((period.first, last), known), whole=False)
        return Facing(so_far, so_far, "so_far" if kpi.total else "not_over")
    made = replace(of_months((period.first, over), known), whole=False)
    left = None if kpi.matures else of_months((over + 1, over + 1), known)
    return Facing(made, made, "months", left)


def _held(question: Any, facing: Facing, group: str, now: Side, too_young: int) -> Comparison:
    """A figure against its target; without a verdict where it has none, or where its month goes on."""
    kpi, aim = question.kpi, _aim(question, now, facing.now)
    before = Side(facing.now, now.where, aim.value if aim else float("nan"))
    told = judged(kpi, now, before, exact=True)
    if not facing.comparable:
        told = replace(told, verdict="unknown", p=float("nan"))
    made: Comparison = question.made(group, now, before, "target", told, facing, aim=aim, too_young=too_young)
    return made


def _aim(question: Any, now: Side, window: Window) -> Target | None:
    targets = targets_of(question.book)
    if now.rows:
        return aimed(question.book, question.kpi, targets, now.where, window)
    assert window.months is not None
    return target(question.kpi, targets, now.where, window.months)
