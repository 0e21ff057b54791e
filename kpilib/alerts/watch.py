"""All that calls for attention now, from cubes: figures, targets, data. The false-alarm rate is the whole watch's.

The rate is shared evenly by what is watched: the company's figures, those of members, the rows of the tables, the
targets. Within each, what stands after Benjamini–Hochberg is an alert. Late data, empty columns and refused rows are
facts, not signals: they take no part in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from kpilib.compute.comparing import targets_of
from kpilib.periods import is_complete, label, month_of
from kpilib.stats import control, watching
from kpilib.stats.sheet import Levels, limits

from . import arrived, figures
from .alert import TARGET, WORSE, Alert
from .happened import named
from .options import Options, options
from .series import Block, Row, block, one_kpi, stacked

COMPANY, MEMBERS, TABLES, TARGETS = 0, 1, 2, 3
_ORDER = {"worse": 0, "data": 1, "better": 2}

_kept: WeakKeyDictionary[Any, dict[Any, Watch]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Watch:
    """What was watched and what was found.

    Attributes
    ----------
    alerts : tuple of Alert
        Those open now: the worse first, then the data's, then the better; the surest first.
    month : str
        The last month that is over: what is young, like paid invoices, is judged up to an earlier one.
    series : int
        How many series were judged.
    rate : float
        In no more than this share of months does the watch give a false alarm, where nothing changes.
    baseline : int
        Limits come from so many months at most.
    judged : frozenset of str
        What could be judged, as `Alert.series` begins: "limits|win_rate|segment=SMB", "late|order_lines", ….
    """

    alerts: tuple[Alert, ...]
    month: str
    series: int
    rate: float
    baseline: int
    judged: frozenset[str]

    @property
    def alone(self) -> float:
        """The false-alarm rate of a month had every series its plain limits at three sigma, as if independent."""
        return 1 - (1 - control.false_alarm_rate(1, self.baseline, runs=False)) ** self.series

    def could_tell(self, series: str) -> bool:
        """Whether the end of an event of this series (`Alert.series`) could be seen."""
        return any(series.startswith(one) for one in self.judged)


def alerts(book: Any, settings: Any = None, today: date | None = None) -> list[Alert]:
    """The alerts that are open now.

    Parameters
    ----------
    book : Book
        Asked through its cubes.
    settings : kpilib.workbook.Settings, optional
        Its `alerts` say what is watched; without, every KPI by family and region.

    today : datetime.date, optional
        The day on which data may be late; by default the day of the data.

    Returns
    -------
    list of Alert
        The worse first; empty where nothing stands out, or fewer than 12 months are over.

    Raises
    ------
    UnknownName
        A KPI or dimension that does not exist.
    """
    return list(watch(book, settings, today).alerts)


def watch(book: Any, settings: Any = None, today: date | None = None) -> Watch:
    """The open alerts with what stands behind them; kept for the book, so that a page asks in no time."""
    chosen = options(settings)
    kept = _kept.setdefault(book, {})
    if (chosen, today) not in kept:
        kept[chosen, today] = _watch(book, chosen, today)
    return kept[chosen, today]


def _watch(book: Any, chosen: Options, today: date | None) -> Watch:
    shown, tables, aims = block(book, chosen), arrived.volumes(book, chosen), targets_of(book)
    together = stacked([shown, tables])
    families = np.array([_family(row) for row in together.rows], np.int64)
    present = {*families.tolist(), *([TARGETS] if aims else [])}
    rate = chosen.rate / max(len(present), 1)
    verdicts = watching.watch(together.sheet, families, np.full(TARGETS, rate), chosen.baseline)
    found = figures.of_verdicts(together, verdicts, range(len(shown.rows)))
    found += arrived.few(tables, verdicts, len(shown.rows))
    aimed = _aimed(book, chosen, together, aims)
    missed, held = _missed(aimed, aims, chosen, rate)
    found += missed + arrived.late(book, chosen, today) + arrived.empty(book, chosen) + arrived.refused(book, chosen)
    found = [replace(one, events=named(book, one)) for one in _once(found)]
    last = month_of(book.as_of) - (not is_complete(month_of(book.as_of), book.as_of))
    judged = [row for row, known in zip(together.rows, verdicts.judged.tolist(), strict=True) if known]
    return Watch(
        tuple(sorted(found, key=_place)), label(last, "month"), len(judged) + len(held), chosen.rate, chosen.baseline,
        frozenset({*map(_of_row, judged), *held, "late", "broken"}),
    )  # fmt: skip


def _once(found: list[Alert]) -> list[Alert]:
    """One alert of two that mirror each other: what leaves and what stays are one share, off its limits together."""
    kept: dict[tuple[Any, ...], Alert] = {}
    for one in found:
        same = (f"{one.p:.9e}", one.kind, one.dimension, one.member, one.month, one.since, one.table)
        kept.setdefault(same if one.p > 0 else (*same, one.key), one)
    return list(kept.values())


def _family(row: Row) -> int:
    return TABLES if row.table else COMPANY if row.company else MEMBERS


def _place(one: Alert) -> tuple[int, float, bool, str]:
    p = one.p if one.p == one.p else 0.0
    return _ORDER[one.severity], p, bool(one.member), one.key


def _of_row(row: Row) -> str:
    if row.table:
        return f"broken|{row.table}|rows"
    return f"limits|{row.kpi.key if row.kpi else ''}|{row.dimension}={row.member}|"


def _aimed(book: Any, chosen: Options, shown: Block, aims: Mapping[str, Any]) -> Block:
    """The series that have targets: of those that are watched, and of KPIs or dimensions that are not."""
    wanted = {tuple(key.split("|", 2)) for key in aims}
    keys = {(row.kpi.key if row.kpi else "", row.dimension) for row in shown.rows}
    more = sorted({(kpi, dimension) for kpi, dimension, _ in wanted} - keys)
    extra = [one for kpi, dimension in more for one in one_kpi(book, kpi, dimension, chosen)]
    both = stacked([shown, *extra])
    places = [
        i for i, row in enumerate(both.rows) if row.kpi and (row.kpi.key, row.dimension, row.member) in wanted
    ]  # fmt: skip
    return both.taken(places)


def _missed(aimed: Block, aims: Mapping[str, Any], chosen: Options, rate: float) -> tuple[list[Alert], set[str]]:
    """The alerts of missed targets, and the series whose target could be judged."""
    if not aimed.rows:
        return [], set()
    levels = limits(aimed.sheet, aimed.own.shape[1] - 1, chosen.baseline)
    places = range(len(aimed.rows))
    values, p = figures.missed(aimed, levels, aims, places)
    kept = watching.stands(p, np.zeros(len(p), np.int64), np.array([rate]))
    held = {f"target|{_of_row(row)[7:]}" for row, chance in zip(aimed.rows, p, strict=True) if not np.isnan(chance)}
    return [_short(aimed, levels, aims, i, float(values[i]), float(p[i])) for i in places if kept[i]], held


def _short(aimed: Block, levels: Levels, aims: Mapping[str, Any], place: int, aim: float, p: float) -> Alert:
    row, own = aimed.rows[place], float(aimed.own[place, -1])
    assert row.kpi is not None
    months = figures.since(aimed, levels, aims, place)
    side = "below" if own < aim else "above"
    nothing = float("nan")
    return Alert(
        TARGET, WORSE, label(row.last, "month"), label(row.last - months + 1, "month"), own, nothing, nothing, aim,
        row.kpi.key, row.dimension, row.member, side, p=p, rows=int(np.nan_to_num(aimed.counts[place, -1])),
    )  # fmt: skip
