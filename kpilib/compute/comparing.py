"""With what a figure may be compared: the window before its own, and the target set for it. In numbers only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from kpilib.catalogue.kpi import Kpi
from kpilib.periods import Months, is_complete, month_of

if TYPE_CHECKING:
    from kpilib.sources.engine import Engine

#: What is aimed at: "kpi|dimension|member" (both empty for the whole company) → number of the month → value.
Targets = Mapping[str, Mapping[str, float]]

# Of books without cubes; those with cubes keep their targets in the cubes' header.
_read: WeakKeyDictionary[Any, Targets] = WeakKeyDictionary()


@dataclass(frozen=True)
class Windows:
    """What is compared with what, each (first month, last month).

    `now` is None where the window has no month that is over, `before` where the data do not reach back far enough.
    `left_out` is a last month that is not over, `young` are the last months of which some rows have not had the time
    to tell (`Kpi.matures`): they are on neither side.
    """

    now: Months | None
    before: Months | None
    left_out: int | None = None
    young: Months | None = None

    @property
    def months(self) -> int:
        """How many months each side has."""
        return self.now[1] - self.now[0] + 1 if self.now else 0

    @property
    def apart(self) -> int:
        """How many months lie between a month and the one it is compared with."""
        return self.now[0] - self.before[0] if self.now and self.before else 0


def windows(first: int, last: int, as_of: date, start: int, at: str = "flow", matures: int = 0) -> Windows:
    """The window that a window of months is compared with: the one just before it, of the same length.

    A window that begins a year and runs to the present is a year to date, and compared with the same months of the year
    before; one of two months that begins a quarter, with the same months of the quarter before. A month that is not
    over is left out, and with it the month that it would be compared with; so are months too young to tell.

    Parameters
    ----------
    first, last : int
        Months, both included; what lies after `as_of` is cut off.
    as_of : datetime.date
        The day the data speak of.
    start : int
        The first month of the data: a window that begins before it would be one of fewer months.
    at : {"flow", "start", "end"}
        A stock is compared at the month at which it is taken. Its level of today is a level, though the month goes on.
    matures : int
        Days until a row of a flow has told what it has to tell: a month is compared once its last day is so many days
        ago.

    Returns
    -------
    Windows

    Examples
    --------
    >>> windows(24306, 24317, date(2026, 6, 30), 24282)
    Windows(now=(24306, 24317), before=(24294, 24305), left_out=None, young=None)
    >>> windows(24306, 24317, date(2026, 6, 30), 24282, matures=14)
    Windows(now=(24306, 24316), before=(24294, 24304), left_out=None, young=(24317, 24317))
    """
    last = min(last, month_of(as_of))
    apart = _apart(first, last, month_of(as_of))
    if at != "flow":
        month = first if at == "start" else last
        return Windows((month, month), (month - apart,) * 2 if month - apart >= start else None)
    told = min(last, told_until(as_of, matures))
    left_out = None if is_complete(last, as_of) else last
    young = (max(first, told + 1), last) if matures and told < last else None
    if told < first:
        return Windows(None, None, left_out, young)
    before = (first - apart, told - apart) if first - apart >= start else None
    return Windows((first, told), before, left_out, young)


def told_until(as_of: date, matures: int = 0) -> int:
    """The last month that is over, and whose rows have all had `matures` days by `as_of`.

    Examples
    --------
    >>> told_until(date(2026, 6, 30)), told_until(date(2026, 6, 30), 14), told_until(date(2026, 6, 29))
    (24317, 24316, 24316)
    """
    known = as_of - timedelta(days=matures)
    return month_of(known) - (not is_complete(month_of(known), known))


def _apart(first: int, last: int, today: int) -> int:
    length = last - first + 1
    if last == today and first % 12 == 0 and 3 < length <= 12:
        return 12
    return 3 if last == today and first % 3 == 0 and length == 2 else length


@dataclass(frozen=True)
class Target:
    """What was aimed at.

    `month` is set where the window's months have different targets, or some have none: it is the latest that has one.
    `company` says that it is the whole company's, for want of one of the slice.
    """

    value: float
    month: int | None = None
    company: bool = False


def target(
    kpi: Kpi,
    targets: Targets,
    where: Mapping[str, Sequence[str]],
    window: Months,
    weights: Mapping[int, float] | None = None,
) -> Target | None:
    """The target of a KPI for a slice and a window; None where none was set that can be compared.

    Parameters
    ----------
    kpi : Kpi
        A total of a flow adds up its months' targets, and has none where a month lacks one; a total of a stock has its
        month's. What is divided has the one target of its months; where they differ, their mean by `weights`, or else
        the target of the latest month with one.
    targets : mapping
        As `stored` gives it.
    where : mapping of str to sequence of str
        The slice. A member's own target holds for the slice of exactly that member. Any other slice has no total to
        aim at; a share or a mean is held against the company's.
    window : tuple of int
        First and last month; of a stock, its month twice.
    weights : mapping of int to float, optional
        Month → what stands below the line in it (closed deals, of a win rate). So weighted, who reaches the target of
        each month reaches the window's, neither more nor less.
    """
    wanted = range(window[0], window[1] + 1)
    own = targets.get(_key(kpi.key, where)) if _single(where) else None
    series = own if own is not None else {} if where and kpi.total else targets.get(_key(kpi.key, {}), {})
    known = {month: series[str(month)] for month in wanted if str(month) in series}
    if not known or (kpi.total and len(known) < len(wanted)):
        return None
    company = bool(where) and own is None
    if kpi.total:
        return Target(sum(known.values()), None, company)
    latest = max(known)
    if len(known) < len(wanted):
        return Target(known[latest], latest, company)
    mean = None if len(set(known.values())) == 1 else _weighted(known, weights or {})
    if mean is not None:
        return Target(mean, None, company)
    return Target(known[latest], None if len(set(known.values())) == 1 else latest, company)


def _weighted(known: Mapping[int, float], weights: Mapping[int, float]) -> float | None:
    """The months' targets in proportion to their weights; None where there is nothing to weigh with."""
    used = {month: weights[month] for month in known if weights.get(month, 0.0) > 0}
    total = sum(used.values())
    return sum(known[month] * weight for month, weight in used.items()) / total if total else None


def _single(where: Mapping[str, Sequence[str]]) -> bool:
    return not where or (len(where) == 1 and all(len(members) == 1 for members in where.values()))


def _key(kpi: str, where: Mapping[str, Sequence[str]]) -> str:
    for dimension, members in where.items():
        return f"{kpi}|{dimension}|{members[0]}"
    return f"{kpi}||"


def stored(engine: Engine) -> dict[str, dict[str, float]]:
    """The table `targets` of an engine, as JSON can hold it; empty where there is none."""
    kept: dict[str, dict[str, float]] = {}
    if "targets" not in engine.tables():
        return kept
    columns = {"dimension", "member"} & engine.tables()["targets"]
    also = "".join(f", {name}" for name in sorted(columns))
    sql = f"SELECT kpi, month, value{also} FROM targets WHERE month IS NOT NULL AND value IS NOT NULL"
    for row in engine.arrow(sql).to_pylist():
        key = f"{row['kpi']}|{row.get('dimension') or ''}|{row.get('member') or ''}"
        kept.setdefault(key, {})[str(month_of(row["month"]))] = row["value"]
    return kept


def targets_of(book: Any, more: Targets | None = None) -> Targets:
    """The targets of a book: its table's, those of its team's workbook file on top of them.

    Parameters
    ----------
    book : Book
        With `aims`, what the workbook file says; a month of it takes the place of the table's.
    more : mapping, optional
        Targets that stand above both, in the same form.
    """
    stated = _of_data(book)
    for above in (getattr(book, "aims", None), more):
        if above:
            stated = {key: {**stated.get(key, {}), **above.get(key, {})} for key in {**stated, **above}}
    return stated


def _of_data(book: Any) -> Targets:
    """The table `targets`: from the cubes' header, or asked of the engine once."""
    if "targets" not in book.tables:
        return {}
    header = {} if book.cubes is None else book.cubes.reader.header["book"]
    if "targets" in header:
        kept: Targets = header["targets"]
        return kept
    if book not in _read:
        _read[book] = stored(book.engine)
    return _read[book]
