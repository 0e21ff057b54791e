"""Two figures of a KPI beside each other: the window before, last year, a target, any period, another slice.

Both windows are shown with their days, both values with their intervals and counts, the difference with its interval
and a verdict. Compared is like with like: as many days, rows as old, figures that share no row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from . import window as windows
from .compare_question import Question, asked, faced, timed
from .comparison import Comparison, framed
from .sided import opposite, sides, young
from .verdict import Side, judged
from .window import Facing

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Comparison", "Side", "compare", "compared"]


def compared(
    book: Any,
    key: str,
    period: Any = None,
    to: Any = "previous",
    by: Any = None,
    where: Mapping[str, Any] | None = None,
    against: Mapping[str, Any] | None = None,
    variant: str | None = None,
    calendar: str | None = None,
    days: bool = True,
    guard: bool = False,
) -> list[Comparison]:
    """A KPI of a period against another figure of it, one comparison a group.

    Parameters
    ----------
    book : Book
        What `kpilib.open` returned.
    key, variant, by, where
        As for `Book.kpi`.
    period : str or date, optional
        "2026Q2", "2026-05", "2026-W07", "2026P03", "FY2026Q2", "2026-06-01 – 2026-06-14"; by default the latest
        quarter (week, period of four weeks) that is over.
    to : {"previous", "last_year", "target"}, a period, or a mapping
        What it is compared with; another slice of the same period may stand here as well as in `against`.
    against : mapping, optional
        Another slice of the same period, instead of `to`; what it does not name is as in `where`. Of a part and its
        whole, the part is compared with the rest.
    calendar : {"calendar", "fiscal", "13-period", "iso-week"}, optional
        See `kpilib.calendars.parse`. A fiscal year starts where the team's `workbook.toml` says, or "fiscal:7".
    days : bool
        Whether a window that is not over is compared with as many days of the other, which takes the engine. Else, and
        for what is known by months only, months that are not over are left out of both, as pages do.
    guard : bool
        Whether it is looked for a dimension whose parts say something else than the whole (`change.simpson`).

    Returns
    -------
    list of Comparison
        One a group that has rows on either side, in the groups' order; without `by` always one.

    Raises
    ------
    UnknownName, BadInput
        A name or a period that does not exist; windows or slices that share rows.
    CannotAnswer
        The KPI cannot be given on these data, has no time, or is known by months and asked by days or weeks.

    Notes
    -----
    Misleads where the same customers are on both sides (churn of two quarters, buyers of two products): the two figures
    are taken as independent.
    """
    question, period_, start = asked(book, key, period, by, where, variant, calendar, days)
    against = to if against is None and isinstance(to, Mapping) else against
    if against is not None:
        return _slices(question, where, against)
    timed(question.kpi)
    if to == "target":
        from .attainment import attained

        return attained(question, period_)
    facing = faced(question, period_, to, start, calendar)
    named = to if to in ("previous", "last_year") else "period"
    found = _periods(question, facing, named)
    return [_guarded(one, book) for one in found] if guard and by is None else found


def _periods(question: Question, facing: Facing, to: str) -> list[Comparison]:
    book, kpi, by, where = question.book, question.kpi, question.by, question.where
    ask = partial(sides, book, kpi, by=by, where=where)
    now = ask(facing.now) if facing.mark not in ("not_begun", "not_over") else {}
    before = ask(facing.before) if facing.comparable else {}
    left = young(book, kpi, question.asked, question.known, by, where, question.by_days)
    found = []
    for group in _groups(now, before, by):
        one, other = now.get(group), before.get(group)
        one = one or Side(facing.now, other.where if other else where)
        other = other or Side(facing.before, one.where)
        told = judged(kpi, one, other)
        found.append(question.made(group, one, other, to, told, facing, too_young=left.get(group, 0)))
    return found


def _groups(now: Mapping[str, Side], before: Mapping[str, Side], by: Any) -> list[str]:
    """The groups of both sides in order; "all" where nothing is grouped, with or without rows."""
    if not by:
        return ["all"]
    return sorted({group for side in (now, before) for group, one in side.items() if one.rows})


def _slices(question: Question, where: Any, against: Mapping[str, Any]) -> list[Comparison]:
    """Two slices of one period, side by side."""
    book, kpi, by = question.book, question.kpi, question.by
    one, other, rest = opposite(book, kpi, by, where, against)
    facing = _one_window(question)
    if not facing.comparable:
        empty = Side(facing.now, one), Side(facing.now, other)
        return [question.made("all", *empty, "slice", judged(kpi, *empty), facing)]
    left, right = (sides(book, kpi, facing.now, by, part) for part in (one, other))
    found = []
    for group in _groups(left, right, by):
        now = left.get(group) or Side(facing.now, one)
        before = right.get(group) or Side(facing.now, other)
        found.append(question.made(group, now, before, "slice", judged(kpi, now, before), facing, rest=rest))
    return found


def _one_window(question: Question) -> Facing:
    """The window of two slices: as far as it is known on both sides, cut where it is not over."""
    kpi, asked, known = question.kpi, question.asked, question.known
    if asked.last <= known or kpi.at != "flow" or not (kpi.when or kpi.derived):
        return Facing(asked, asked)
    if asked.first > known:
        return Facing(asked, asked, "not_begun")
    if not kpi.matures:  # what is not over is cut alike on both sides by the data themselves
        return Facing(replace(asked, whole=False), replace(asked, whole=False))
    cut = windows.of_days(asked.first, (known - asked.first).days + 1)
    return Facing(cut, cut, "days")


def _guarded(found: Comparison, book: Any) -> Comparison:
    """With what a dimension's parts say, where that is something else than the whole."""
    windows_ = found.before.window, found.now.window
    if found.kpi.total or found.mark not in ("", "months") or any(one.months is None for one in windows_):
        return found
    from .simpson import turn

    key = found.kpi.of or found.kpi.key
    return replace(found, turn=turn(book, key, *windows_, found.now.where, variant=found.variant))


def compare(
    book: Any,
    key: str,
    period: Any = None,
    to: Any = "previous",
    by: Any = None,
    where: Mapping[str, Any] | None = None,
    against: Mapping[str, Any] | None = None,
    variant: str | None = None,
    calendar: str | None = None,
) -> pd.DataFrame:
    """What `Book.compare` gives: `compared` as a frame, noted in the book's ledger of looks.

    Parameters
    ----------
    book, key, period, to, by, where, against, variant, calendar
        As for `compared`, which says what it raises.

    Returns
    -------
    pandas.DataFrame
        One row a group: group, value, low, high, rows, before, before_low, before_high, before_rows, difference,
        difference_low, difference_high, p, attainment (value as a share of `before`), verdict, complete (is the
        window over, and not cut), too_young, said.
        ``attrs``: kpi, unit, to, calendar, window and compared (each a `Window`), whole, mark, too_young, reversed,
        reversed_by, hidden_by, and said, the sentences of all rows.
    """
    found = compared(book, key, period, to, by, where, against, variant, calendar, guard=True)
    for one in found:
        book.looks.noted(one)
    return framed(found, calendar)
