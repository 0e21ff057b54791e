"""The figures that are compared, asked of a book: a window's, a slice's, a target's. Numbers only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from math import isnan
from typing import Any

from kpilib.catalogue.kpi import Kpi
from kpilib.compute.comparing import Target, Targets, target
from kpilib.errors import BadInput
from kpilib.model.panels import panel
from kpilib.periods import month_of

from .verdict import Side
from .window import Window, of_days, of_months

Slice = Mapping[str, tuple[str, ...]]
_READ = ("value", "low", "high", "numerator", "denominator", "rows")


def counted_by_days(kpi: Kpi) -> bool:
    """Whether a KPI can be cut at any day: a flow of dated rows. Levels and customers' months are known by month."""
    if kpi.derived or not kpi.when or kpi.at != "flow":
        return False
    return kpi.when != "month" and not panel(kpi.table).spanned


def founded(book: Any, kpi: Kpi) -> Kpi:
    """The KPI whose panel has the dimensions: of a product, its first factor's."""
    return founded(book, book._find(kpi.powers[0][0], None)) if kpi.derived else kpi


def sides(book: Any, kpi: Kpi, window: Window, by: Any, where: Slice) -> dict[str, Side]:
    """The figure of each group in a window ("all" without `by`); no group where there are no rows."""
    columns = _asked(book, kpi, window, by, where)
    names = (by,) if isinstance(by, str) else tuple(by or ())
    members = zip(*(_listed(columns[name if len(names) > 1 else "group"]) for name in names), strict=True)
    groups = list(members) or [()] * len(columns["rows"])
    lines = zip(*(_listed(columns[name]) for name in _READ), strict=True)
    found = {}
    for label, group, (value, low, high, n, d, rows) in zip(_listed(columns["group"]), groups, lines, strict=True):
        own = {**where, **{name: (member,) for name, member in zip(names, group, strict=True)}}
        found[label] = Side(window, own, value, low, high, n, d, int(rows))
    return found


def _listed(column: Any) -> list[Any]:
    return column if isinstance(column, list) else column.tolist()


def _asked(book: Any, kpi: Kpi, window: Window, by: Any, where: Slice) -> Mapping[str, Any]:
    if kpi.derived or not kpi.when:
        since = {"since": window.first, "until": window.last} if kpi.derived else {}
        answer: Mapping[str, Any] = book.kpi(
            kpi.of or kpi.key, by=by, where=where, variant=kpi.key if kpi.of else None, **since
        )
        return answer
    cut = book._cut(kpi, by, None, where, window.first, window.last)
    if window.months is None:
        cut = replace(cut, days=(window.first, window.last))
    columns: Mapping[str, Any] = book._answer(kpi, cut)[0]
    return columns


def young(book: Any, kpi: Kpi, asked: Window, known: date, by: Any, where: Slice, by_days: bool) -> dict[str, int]:
    """The rows of each group that are too young to tell: dated in the window asked for, after the last known day."""
    last = min(asked.last, book.as_of)
    if not kpi.matures or last <= known:
        return {}
    first = max(asked.first, known + timedelta(days=1))
    left = of_days(first, (last - first).days + 1)
    if not by_days:
        left = of_months((month_of(first), month_of(last)), book.as_of)
    return {group: side.rows for group, side in sides(book, kpi, left, by, where).items()}


def aimed(book: Any, kpi: Kpi, targets: Targets, where: Slice, window: Window) -> Target | None:
    """The target of a slice and a window; where the months of a share differ, their mean by what they divide by."""
    assert window.months is not None
    found = target(kpi, targets, where, window.months)
    if found is None or found.month is None or kpi.derived or kpi.estimator:
        return found
    cut = book._cut(kpi, None, "month", where, window.first, window.last)
    columns = book._answer(kpi, cut)[0]
    first = window.months[0]
    weights = {first + i: d for i, d in enumerate(columns["denominator"].tolist()) if not isnan(d)}
    return target(kpi, targets, where, window.months, weights)


def opposite(book: Any, kpi: Kpi, by: Any, where: Any, against: Any) -> tuple[Slice, Slice, str]:
    """Two slices that share no row: those given, or a part and the rest of its whole.

    Parameters
    ----------
    book, kpi, by
        Whose dimensions and members the slices have.
    where, against : mapping
        The slices. What `against` does not name is as in `where`; None there means all members.

    Returns
    -------
    one, other : mapping of str to tuple of str
        Both slices.
    cut : {"", "now", "before"}
        Which of them is the rest of a whole, for what is part of a whole is not independent of it.

    Raises
    ------
    BadInput
        The two are the same, or share some rows and not all of one.
    """
    base = founded(book, kpi)
    one = dict(book._cut(base, by, None, where, None, None).where)
    other = dict(book._cut(base, by, None, {**(where or {}), **(against or {})}, None, None).where)
    differ = [name for name in {**one, **other} if set(one.get(name, ())) != set(other.get(name, ()))]
    if not differ:
        raise BadInput("A slice is not compared with itself: give another member, against={'region': 'East'}.")
    if any(one.get(n) and other.get(n) and not set(one[n]) & set(other[n]) for n in differ):
        return one, other, ""
    name = differ[0]
    if len(differ) == 1:
        every = book.members(name, base.table)["member"].tolist()
        mine, theirs = set(one.get(name, every)), set(other.get(name, every))
        if mine < theirs:
            return one, {**other, name: tuple(m for m in other.get(name, every) if m not in mine)}, "before"
        if theirs < mine:
            return {**one, name: tuple(m for m in one.get(name, every) if m not in theirs)}, other, "now"
    raise BadInput(
        f"The two slices share rows, so that their difference is not one of independent figures. Give {name!r} members "
        "that are not on both sides."
    )
