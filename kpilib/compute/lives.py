"""Counting customers over any period, from the period's own start: the panel "customer_periods" without the engine.

Of every customer the months in which it came and left are known, and what it brought in each month. A period's row of a
customer follows from them; the KPI's own SQL is worked out on such rows, all customers of a period at once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from kpilib.catalogue.kpi import Kpi
from kpilib.compute.cells import Cells
from kpilib.compute.query import side, words
from kpilib.compute.rowwise import Floats, Work, worked
from kpilib.compute.slices import Slice, spans
from kpilib.model.spells import DAYS, STATES, WINDOWS
from kpilib.recent import Recent

if TYPE_CHECKING:
    from kpilib.compute.cube import Cubes

#: What can be told of a customer and a period.
KNOWN = {*STATES, *WINDOWS}
#: So many cells (months × customers) of running revenue are held at most: 32 MB.
HELD = 4_000_000
#: So many periods of a definition and a slice are remembered, customer by customer: one is asked by each dimension.
REMEMBERED = 8


class Lives:
    """The kept lives of the customers."""

    def __init__(self, cubes: Cubes, header: dict[str, Any]) -> None:
        self.cubes, self.header, self.get = cubes, header, cubes.reader.get
        self._running: np.ndarray | None = None
        self._known: Recent[tuple[Any, ...], _Counted] = Recent(REMEMBERED)

    def answer(self, kpi: Kpi, cut: Slice) -> Cells | None:
        """The cells of a slice; None where the definition or a dimension asks for what is not kept here."""
        sides = [_work(kpi.numerator), _work(kpi.denominator)]
        if None in sides or not all(self.cubes.base(self.header["own"], name) for name in cut.dimensions):
            return None
        above, below = (one for one in sides if one is not None)
        listed = list(spans(cut, self.cubes.start, self.cubes.end))
        if len(listed) == 1:
            return self._once(kpi, cut, (above, below), listed[0])
        keep = self._kept(cut)
        key, labels = self._groups(cut, keep)
        came, left = (self.get(self.header[name])[keep] for name in ("acquired", "churned"))
        them = _Them(came, left, key, keep)
        if not words(f"{kpi.numerator} {kpi.denominator}") & set(WINDOWS):
            them = _alike(them, len(labels))
        parts = []
        for period, opens, closes in listed:
            row = _Row(self, opens, closes, them)
            n, d = (np.broadcast_to(np.asarray(work(row), float), them.key.shape) for work in (above, below))
            parts.append((period, *_binned(row, n, d, them, len(labels))))
        return _cells(parts, labels)

    def _once(self, kpi: Kpi, cut: Slice, work: tuple[Work, Work], span: tuple[int, int, int]) -> Cells:
        """The cells of one period: its customers are worked out once, whatever they are grouped by afterwards."""
        period, opens, closes = span
        alike = kpi.numerator, kpi.denominator, cut.where, opens, closes
        known = self._known.get(alike)
        if known is None:
            known = self._known[alike] = self._worked(cut, work, opens, closes)
        key, labels = self._groups(cut, known.who)
        return _cells([(period, *_sums(known.n, known.d, None, key, len(labels)))], labels)

    def _worked(self, cut: Slice, work: tuple[Work, Work], opens: int, closes: int) -> _Counted:
        keep = self._kept(cut)
        came, left = (self.get(self.header[name])[keep] for name in ("acquired", "churned"))
        row = _Row(self, opens, closes, _Them(came, left, keep, keep))
        n, d = (np.broadcast_to(np.asarray(side_(row), float), keep.shape) for side_ in work)
        some = _counting(row, n, d)
        return _Counted(keep[some], n[some], d[some])

    def brought(self, since: int, until: int) -> Floats:
        """Revenue of every customer from one month until before another."""
        sold, customers = self.header["sold"], self.header["customers"]
        first, last = self.cubes.start, self.cubes.end
        if (last - first + 2) * customers > HELD:
            window = slice(*np.searchsorted(self.get(sold["month"]), [since, until]))
            customer, revenue = self.get(sold["customer"])[window], self.get(sold["revenue"])[window]
            return np.bincount(customer, revenue, customers).astype(float)
        if self._running is None:
            self._running = self._added_up(last - first + 1, customers)
        # A customer without revenue in between has the same sum at both ends: its difference is exactly nothing.
        at = np.clip([since - first, until - first], 0, last - first + 1)
        return self._running[at[1]] - self._running[at[0]]

    def _added_up(self, months: int, customers: int) -> Floats:
        """The revenue of every customer before each month, and before the month after the last."""
        sold = self.header["sold"]
        month, customer = self.get(sold["month"]).astype(np.int64) - self.cubes.start, self.get(sold["customer"])
        inside = (month >= 0) & (month < months)
        cell = (month * customers + customer)[inside]
        each = np.bincount(cell, self.get(sold["revenue"])[inside], months * customers).reshape(months, customers)
        return np.concatenate([np.zeros((1, customers)), np.cumsum(each, axis=0)])

    def _kept(self, cut: Slice) -> np.ndarray:
        """The customers of the slice."""
        own = self.header["own"]
        masks = [self.cubes.wanted(own, name, members) for name, members in cut.where]
        return np.flatnonzero(reduce(np.logical_and, masks)) if masks else np.arange(self.header["customers"])

    def _groups(self, cut: Slice, keep: np.ndarray) -> tuple[np.ndarray, list[tuple[str, ...]]]:
        """Which group each customer is of, and the groups' members."""
        key, size = np.zeros(len(keep), np.int64), 1
        for name in cut.by:
            key = key * len(self.cubes.labels[name]) + self.cubes.codes(self.header["own"], name)[keep]
            size *= len(self.cubes.labels[name])
        if size > max(len(keep), 1):  # many possible groups, few customers: number only those that occur
            present, place = np.unique(key, return_inverse=True)
        else:
            present, place = np.arange(size), key
        named: list[list[str]] = []
        for name in reversed(cut.by):
            labels = self.cubes.labels[name]
            present, code = np.divmod(present, len(labels))
            named.insert(0, [labels[i] for i in code])
        return place, list(zip(*named, strict=True)) if named else [()]


class _Counted(NamedTuple):
    """The customers that count in a period, with what each adds above and below the line."""

    who: np.ndarray
    n: np.ndarray
    d: np.ndarray


class _Them(NamedTuple):
    """Customers: when they came and left, the group of each, their places; or kinds of customers, `times` of each."""

    came: np.ndarray
    left: np.ndarray
    key: np.ndarray
    keep: np.ndarray
    times: np.ndarray | None = None


def _alike(them: _Them, groups: int) -> _Them:
    """Customers of one group who came and left in the same months are told once, with their number."""
    if not len(them.key):
        return them
    early, first = int(them.came.min()), int(them.left.min())
    came, left = (values.astype(np.int64) - start for values, start in ((them.came, early), (them.left, first)))
    # Those who came before the data, or have not left, stand far off: number the months that occur.
    (comes, came), (leaves, left) = (np.unique(values, return_inverse=True) for values in (came, left))
    cells = np.bincount((came * len(leaves) + left) * groups + them.key)
    some = np.flatnonzero(cells)
    pair, key = np.divmod(some, groups)
    at_came, at_left = np.divmod(pair, len(leaves))
    return _Them(comes[at_came] + early, leaves[at_left] + first, key, some, cells[some].astype(float))


class _Row:
    """What is told of the customers and one period, column by column."""

    def __init__(self, lives: Lives, opens: int, closes: int, them: _Them) -> None:
        self.lives, self.keep, self.came, self.left = lives, them.keep, them.came, them.left
        edges = {"opens": opens, "closes": closes}
        self.days = {name: edges[end] - back for name, (end, back) in DAYS.items()}
        self.there = self.came < closes

    def __call__(self, name: str) -> Floats:
        return self._brought(name) if name in WINDOWS else self._state(name).astype(float)

    def _state(self, name: str) -> np.ndarray:
        opens, closes, year_ago = (self.days[day] for day in ("opens", "closes", "year_ago"))
        states: dict[str, Callable[[], np.ndarray]] = {
            "opening": lambda: (self.came < opens) & (self.left >= opens),
            "closing": lambda: self.left >= closes,
            "acquired": lambda: self.came >= opens,
            "lost": lambda: (self.left >= opens) & (self.left < closes),
            "seen": lambda: self.left >= opens,
            "year_before": lambda: (self.came < year_ago) & (self.left >= year_ago),
        }
        return states[name]()

    def _brought(self, name: str) -> Floats:
        """Revenue of each customer in a window; nothing where it would reach back before the data."""
        since, until = (self.days[day] for day in WINDOWS[name])
        if since < self.lives.cubes.start:
            return np.full(len(self.keep), np.nan)
        return self.lives.brought(since, until)[self.keep]


def _work(part: Any) -> Work | None:
    """How one side is worked out on rows; None where that cannot be done here."""
    text = side(part)
    return worked(text) if isinstance(part, str) and words(text) <= KNOWN else None


def _binned(row: _Row, n: np.ndarray, d: np.ndarray, them: _Them, groups: int) -> tuple[np.ndarray, ...]:
    """Rows and the five sums of each group: of rows known on both sides that add something to one of them."""
    some = _counting(row, n, d)
    return _sums(n[some], d[some], None if them.times is None else them.times[some], them.key[some], groups)


def _counting(row: _Row, n: np.ndarray, d: np.ndarray) -> np.ndarray:
    """The places of the rows that count."""
    return np.flatnonzero(row.there & ~np.isnan(n) & ~np.isnan(d) & ((n != 0) | (d != 0)))


def _sums(n: Floats, d: Floats, times: Floats | None, key: np.ndarray, groups: int) -> tuple[np.ndarray, ...]:
    """How many rows each group has, and its five sums; a row stands for `times` customers."""
    if groups == 1:  # a plain sum is many times as fast as one by group
        n_, d_ = (n, d) if times is None else (times * n, times * d)
        rows = float(len(n)) if times is None else times.sum()
        return tuple(
            np.array([one], float) for one in (rows, *(part.sum() for part in (n_, d_, n_ * n, n_ * d, d_ * d)))
        )
    parts = (np.ones(len(n)), n, d, n * n, n * d, d * d)
    return tuple(np.bincount(key, part if times is None else times * part, groups) for part in parts)


def _cells(parts: list[tuple[Any, ...]], labels: list[tuple[str, ...]]) -> Cells:
    groups: list[tuple[str, ...]] = []
    periods: list[int] = []
    kept = []
    for period, *sums in parts:
        some = np.flatnonzero(sums[0])
        groups += [labels[i] for i in some]
        periods += [period] * len(some)
        kept.append(np.stack(sums)[:, some])
    return Cells(groups, periods, *(np.concatenate(kept, axis=1) if kept else np.zeros((6, 0))))
