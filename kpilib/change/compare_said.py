"""A comparison in words: both windows with their dates, both values, the difference and what it says."""

from __future__ import annotations

from datetime import date
from math import isnan
from typing import TYPE_CHECKING

from kpilib import units
from kpilib.change.explain_said import member_said
from kpilib.language import N_, plural, say
from kpilib.periods import label

if TYPE_CHECKING:
    from .compare import Comparison
    from .verdict import Side
    from .window import Window

_VERDICT = {
    "better": N_("{kpi} is better: {now}, against {before}; {difference} ({how})."),
    "worse": N_("{kpi} is worse: {now}, against {before}; {difference} ({how})."),
    "higher": N_("{kpi} is higher: {now}, against {before}; {difference} ({how})."),
    "lower": N_("{kpi} is lower: {now}, against {before}; {difference} ({how})."),
    "same": N_("{kpi}: {now}, against {before}; {difference} ({how}), not distinguishable from chance."),
    "unknown": N_("{kpi}: {now}, against {before}; {difference}, with too few rows to tell it from chance."),
}
_AIMED = {
    "better": N_("{kpi} is better than its target: {now}, against {before}; {difference} ({how})."),
    "worse": N_("{kpi} is worse than its target: {now}, against {before}; {difference} ({how})."),
    "higher": N_("{kpi} is above its target: {now}, against {before}; {difference} ({how})."),
    "lower": N_("{kpi} is below its target: {now}, against {before}; {difference} ({how})."),
    "same": N_("{kpi} is within chance of its target: {now}, against {before}; {difference} ({how})."),
    "unknown": N_("{kpi}: {now}, against {before}; {difference}, with too few rows to tell it from chance."),
}
_EQUAL = N_("{kpi} is unchanged: {now}, against {before}.")
_MET = N_("{kpi} is on its target: {now}, against {before}.")
_SO_FAR = N_("{kpi}: {now}; {part} of the target of {target} for {month}, which is not over.")
_TARGET = N_("a target of {target}")
_COMPANY = N_("the whole company's target of {target}")
_NO_TARGET = N_("{kpi} has no target for {window}: {now}.")
_NOTHING_AIMED = N_("{kpi}: nothing was observed in {window}; the target was {target}.")
_NOTHING = N_("{kpi}: nothing was observed in {window}, so that nothing is compared.")
_NOT_BEGUN = N_("{kpi}: {window} has not begun on {day}.")
_TOO_YOUNG = N_("{kpi}: {window} is too young to tell; what is later than {day} is not counted.")
_NOT_OVER = N_("{kpi}: {window} is not over, and this KPI is compared by whole months; nothing is compared yet.")
_NOT_REACHED = N_("{kpi}: {now}; the data do not reach back to {window}.")
_LATEST = N_("The target is that of {month}, the latest month that has one.")
_LEFT_OUT = N_("{left} is not over, and left out of both windows.")
_LEFT_OUT_ALONE = N_("{left} is not over, and left out.")
_REST = N_("A part is compared with the rest of the whole, which does not hold it.")
_VALUE = N_("{value} in {place}")
_VALUE_ROWS = N_("{value} ({interval}; {n} rows) in {place}")
_DATED = N_("{label} ({first} to {last})")
_SLICE = N_("{slice}, {window}")
_ALL = N_("all")
_OTHERS = N_("all others")
_INTERVAL = N_("{low} to {high}")
_NO_SHARE = N_("what starts at zero or below has no percentage")
_REACHED = N_("{part} of it reached")


def said(found: Comparison, locale: str = "en") -> str:
    """The comparison as one sentence, and another for each thing that was done to make it like with like."""
    parts = [_warning(found, locale), _main(found, locale), *_marks(found, locale)]
    return " ".join(part for part in parts if part)


def _warning(found: Comparison, locale: str) -> str:
    if found.turn is None:
        return ""
    from .simpson import told

    return told(found.turn, found.kpi.name, locale)


def _main(found: Comparison, locale: str) -> str:
    given = {"kpi": _name(found, locale), "now": _side(found, found.now, locale)}
    asked = _dated(found.asked, found.known, locale)
    if found.mark in ("not_begun", "not_over"):
        ahead = _TOO_YOUNG if found.kpi.matures else _NOT_BEGUN
        message = ahead if found.mark == "not_begun" else _NOT_OVER
        return say(message, locale, **given, window=asked, day=found.known.isoformat())
    if found.to == "target":
        return _against_target(found, given, asked, locale)
    if isnan(found.now.value):
        return say(_NOTHING, locale, kpi=given["kpi"], window=_dated(found.now.window, found.known, locale))
    if found.mark == "not_reached":
        return say(_NOT_REACHED, locale, **given, window=_dated(found.before.window, found.known, locale))
    if isnan(found.before.value):
        return say(_NOTHING, locale, kpi=given["kpi"], window=_dated(found.before.window, found.known, locale))
    given["before"] = _side(found, found.before, locale)
    if not found.difference:
        return say(_EQUAL, locale, **given)
    return say(_VERDICT[_verdict(found)], locale, **given, **_difference(found, locale))


def _verdict(found: Comparison) -> str:
    """Of two slices that share no row the larger has more of a total, which is neither good nor bad."""
    if found.kpi.total and found.now.where != found.before.where and found.verdict in ("better", "worse"):
        return "higher" if found.difference > 0 else "lower"
    return found.verdict


def _against_target(found: Comparison, given: dict[str, str], asked: str, locale: str) -> str:
    if found.aim is None:
        return say(_NO_TARGET, locale, **given, window=asked)
    target = _number(found, found.aim.value, locale)
    if isnan(found.now.value):
        return say(
            _NOTHING_AIMED,
            locale,
            kpi=given["kpi"],
            window=_dated(found.now.window, found.known, locale),
            target=target,
        )
    if found.mark == "so_far":
        part = _share(found.attainment, locale)
        return say(_SO_FAR, locale, **given, part=part, target=target, month=found.asked.label)
    given["before"] = say(_COMPANY if found.aim.company else _TARGET, locale, target=target)
    if not found.difference:
        return say(_MET, locale, **given)
    return say(_AIMED[found.verdict], locale, **given, **_difference(found, locale))


def _marks(found: Comparison, locale: str) -> list[str]:
    """What was done to compare like with like, a sentence each."""
    told = []
    if found.mark == "days":
        days, named = found.now.window.days, found.asked.label
        told.append(
            plural(
                days, "{window} is not over, or not known to its end: both windows have {n} day.",
                "{window} is not over, or not known to its end: both windows have {n} days.", locale,
                n=days, window=named,
            )
        )  # fmt: skip
    if found.left_out is not None:
        message = _LEFT_OUT_ALONE if found.to == "target" else _LEFT_OUT
        told.append(say(message, locale, left=found.left_out.label))
    if found.too_young:
        n = units.text(found.too_young, "count", locale=locale)
        told.append(
            plural(
                found.too_young, "{n} row is too young to tell, and left out.",
                "{n} rows are too young to tell, and left out.", locale, n=n,
            )
        )  # fmt: skip
    if found.rest:
        told.append(say(_REST, locale))
    if found.aim is not None and found.aim.month is not None:
        told.append(say(_LATEST, locale, month=label(found.aim.month, "month")))
    return told


def _name(found: Comparison, locale: str) -> str:
    name = say(found.kpi.name, locale)
    return name if found.group == "all" else f"{name}, {_group(found, locale)}"


def _group(found: Comparison, locale: str) -> str:
    """The members of a group as a reader calls them, " · " between those of several dimensions."""
    parts = found.group.split(" · ")
    names = {members[0]: name for name, members in found.now.where.items() if len(members) == 1}
    return " · ".join(member_said(names.get(part, ""), part, locale) for part in parts)


def _side(found: Comparison, side: Side, locale: str) -> str:
    """A figure with what it rests on: "63.2% (60.1% to 66.2%; 1,204 rows) in 2026Q2 (2026-04-01 to 2026-06-30)"."""
    value, place = _number(found, side.value, locale), _place(found, side, locale)
    if isnan(side.low):
        return say(_VALUE, locale, value=value, place=place)
    between = units.interval_text(side.low, side.high, found.kpi.unit, found.currency, locale)
    rows = units.text(side.rows, "count", locale=locale)
    return say(_VALUE_ROWS, locale, value=value, place=place, interval=between, n=rows)


def _place(found: Comparison, side: Side, locale: str) -> str:
    """Where a figure is from: its window with the dates; of two slices, its members and the window."""
    window = _dated(side.window, found.known, locale)
    if found.to != "slice":
        return window
    other = found.before if side is found.now else found.now
    differ = [name for name in {**side.where, **other.where} if side.where.get(name) != other.where.get(name)]
    if found.rest and (side is found.now) == (found.rest == "now"):
        members = say(_OTHERS, locale)
    else:
        members = " · ".join(", ".join(_members(side, name, locale)) for name in differ)
    return say(_SLICE, locale, slice=members, window=window) if found.kpi.when or found.kpi.derived else members


def _members(side: Side, name: str, locale: str) -> list[str]:
    """The members of a dimension that a side holds; without any, the word for all of them."""
    return [member_said(name, one, locale) for one in side.where.get(name, ())] or [say(_ALL, locale)]


def _dated(window: Window, known: date, locale: str) -> str:
    """A window with its days as far as they are known, where its name does not give them."""
    last = (min(window.last, known) if window.first <= known else window.last).isoformat()
    first = window.first.isoformat()
    if window.label in (first, f"{first} – {last}") or window.last == date.max:
        return window.label
    return say(_DATED, locale, label=window.label, first=first, last=last)


def _number(found: Comparison, value: float, locale: str) -> str:
    return units.text(value, found.kpi.unit, found.currency, locale)


def _share(part: float, locale: str) -> str:
    return units.text(part, "share", locale=locale)


def _difference(found: Comparison, locale: str) -> dict[str, str]:
    """The difference, and how sure it is: its interval, or of a total so many per cent."""
    unit, by = found.kpi.unit, found.difference
    told = units.difference_text(by, unit, found.currency, locale)
    if not isnan(found.low):
        return {"difference": told, "how": _ends(found, locale)}
    if isnan(found.attainment):
        return {"difference": told, "how": say(_NO_SHARE, locale)}
    if found.to == "target":
        return {"difference": told, "how": say(_REACHED, locale, part=_share(found.attainment, locale))}
    change = found.attainment - 1
    return {"difference": told, "how": f"{'+' if change > 0 else ''}{_share(change, locale)}"}


def _ends(found: Comparison, locale: str) -> str:
    """Both ends of a difference with their signs, the unit once: "−1.0 to +7.2 points"."""
    unit = found.kpi.unit
    low = (100 * found.low, "score") if unit == "share" else (found.low, unit)
    return say(
        _INTERVAL, locale, low=units.difference_text(*low, found.currency, locale),
        high=units.difference_text(found.high, unit, found.currency, locale),
    )  # fmt: skip
