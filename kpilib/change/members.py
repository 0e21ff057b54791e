"""The sums of each member of a dimension, before and now: what an explanation is made of. Asked, not interpreted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from kpilib.catalogue.kpi import Kpi
from kpilib.change.merged import Taken, taken
from kpilib.compute.cells import SUMS, Cells
from kpilib.compute.measure import settled
from kpilib.compute.slices import Slice
from kpilib.model.panels import panel
from kpilib.periods import Months, month_start
from kpilib.stats.decomposition import Sums
from kpilib.stats.intervals import Floats

Where = Mapping[str, Any] | None


@dataclass(frozen=True)
class Asked:
    """A KPI of a book in two windows of months, each with its slice; `at_once`: no sums of single months are wanted."""

    book: Any
    kpi: Kpi
    before: Months
    now: Months
    where: Where = None
    against: Where = None
    at_once: bool = False

    @property
    def monthly(self) -> bool:
        """Whether months add up to the window: not where entities are counted, stocks taken, spans looked at."""
        return not (self.at_once or self.kpi.entity or self.kpi.at != "flow" or panel(self.kpi.table).spanned)

    @property
    def one_slice(self) -> bool:
        """Whether both sides are the same slice."""
        return self.against is None

    @property
    def span(self) -> Months:
        """The months from the first to the last of both windows."""
        return min(self.before[0], self.now[0]), max(self.before[1], self.now[1])

    def cut(self, by: tuple[str, ...]) -> Slice:
        """The slice of both windows, grouped by dimensions of the KPI's panel."""
        return replace(self._whole, by=by) if by[0] in panel(self.kpi.table).dimensions else self._cut(by)

    @cached_property
    def _whole(self) -> Slice:
        return self._cut(())

    def _cut(self, by: tuple[str, ...]) -> Slice:
        first, last = self.span
        cut: Slice = self.book._cut(self.kpi, by, None, self.where, month_start(first), month_start(last))
        return cut

    def side(self, now: bool) -> tuple[Months, Where]:
        """The window and the slice of a side."""
        return (self.now, self.where) if now else (self.before, self.where if self.one_slice else self.against)


@dataclass(frozen=True)
class Members:
    """Of each member, in alphabetical order: its sums on both sides, how many rows, and the sums of each month.

    `by_month` are arrays (6, months, members) in the order of `cells.SUMS`, one a side; None where months add up to
    nothing that is asked for.
    `together` are those of them that stand for several, which were merged in between.
    """

    names: tuple[str, ...]
    before: Sums
    now: Sums
    rows_before: Floats
    rows_now: Floats
    by_month: tuple[Floats, Floats] | None = None
    together: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.names)


def members(asked: Asked, dimension: str, engine: bool = True) -> Members | None:
    """The members of a dimension that have rows on either side; None where only the engine could tell and may not.

    Raises
    ------
    UnknownName
        A dimension or member that does not exist, with a did-you-mean.
    """
    how = taken(asked.book, asked.kpi.table, dimension, asked.before, asked.now)
    tables = _at_once(asked, how) or _tables(asked, how.by, how.name, engine)
    if tables is None:
        return None
    names, sides = tables
    sums = settled(np.stack([side.sum(axis=1) for side in sides]))
    some = np.flatnonzero((sums[0][0] > 0) | (sums[1][0] > 0))
    before, now = (Sums(*one[1:, some]) for one in sums)
    kept = tuple(names[i] for i in some)
    by_month = tuple(side[:, :, some] for side in sides) if asked.monthly else None
    together = tuple(sorted(how.joint & set(kept)))
    return Members(kept, before, now, sums[0][0, some], sums[1][0, some], by_month, together)  # type: ignore[arg-type]


def whole(asked: Asked, now: bool, engine: bool = True) -> Floats | None:
    """The six sums of a side, all members together, zeros without rows; None where only the engine could tell."""
    window, where = asked.side(now)
    cells = _cells(asked, window, where, (), None, engine)
    return None if cells is None else settled(np.array([getattr(cells, name).sum() for name in SUMS]))


def add_up(asked: Asked, found: Members, engine: bool = True) -> bool:
    """Whether the members' sums are those of the whole: an order of two products is one order, and is in both.

    Only what counts entities can fail to; what the engine, if it may not be asked, would have to tell is taken to.
    """
    if not asked.kpi.entity:
        return True
    for side, sums in ((False, found.before), (True, found.now)):
        six = whole(asked, side, engine)
        if six is None or not np.allclose([sums.n.sum(), sums.d.sum()], six[1:3], rtol=1e-9):
            return False
    return True


def _at_once(asked: Asked, how: Taken) -> tuple[list[str], tuple[Floats, Floats]] | None:
    """As `_tables`, where one look into a cube tells both sides; None where it does not."""
    cubes, (before, now) = asked.book.cubes, (asked.before, asked.now)
    apart = before[1] < now[0] or now[1] < before[0]
    if cubes is None or len(how.by) != 1 or not asked.one_slice or not (asked.monthly or apart):
        return None
    first, last = asked.span
    windows = tuple((m, m) for m in range(first, last + 1)) if asked.monthly else (before, now)
    table = cubes.table(asked.kpi, asked.cut(how.by), windows)
    if table is None:
        return None
    order, labels = cubes.alphabetical(how.by[0]), cubes.labels[how.by[0]]
    some = order[table[0].any(axis=0)[order]]
    names, sums = [labels[code] for code in some.tolist()], table[:, :, some]
    if how.names:
        names, sums = _together([how.name((one,)) for one in names], sums)
    if not asked.monthly:
        return names, (sums[:, :1], sums[:, 1:])
    return names, (sums[:, slice(*_months(before, first))], sums[:, slice(*_months(now, first))])


def _together(names: list[str], sums: Floats) -> tuple[list[str], Floats]:
    """The sums of those that are called alike added up, in alphabetical order."""
    of = sorted(set(names))
    added = np.zeros((*sums.shape[:2], len(of)))
    for at, name in enumerate(names):
        added[:, :, of.index(name)] += sums[:, :, at]
    return of, added


def _months(window: Months, first: int) -> Months:
    """Where a window's months begin and end in a table of months."""
    return window[0] - first, window[1] - first + 1


def _tables(
    asked: Asked, by: tuple[str, ...], name: Any, engine: bool
) -> tuple[list[str], tuple[Floats, Floats]] | None:
    """The names of the members, and the sums of both sides by month (one column where months do not add up)."""
    if asked.monthly and asked.one_slice:
        both = _cells(asked, asked.span, asked.where, by, "month", engine)
        sides = None if both is None else [both, both]
    else:
        grain = "month" if asked.monthly else None
        each = [_cells(asked, *asked.side(now), by, grain, engine) for now in (False, True)]
        sides = None if each[0] is None or each[1] is None else [each[0], each[1]]
    if sides is None:
        return None
    names = sorted({name(group) for cells in sides for group in set(cells.groups)})
    place = {member: i for i, member in enumerate(names)}
    windows = (asked.before, asked.now)
    made = [_table(c, w, place, name, asked.monthly) for c, w in zip(sides, windows, strict=True)]
    return names, (made[0], made[1])


def _table(cells: Cells, window: Months, place: dict[str, int], name: Any, monthly: bool) -> Floats:
    """Sums (6, months, members) of the cells that lie in the window."""
    months = window[1] - window[0] + 1 if monthly else 1
    table = np.zeros((len(SUMS), months, len(place)))
    if not cells.groups:
        return table
    month = np.array(cells.periods) - window[0] if monthly else np.zeros(len(cells.periods), np.int64)
    code = {group: place[name(group)] for group in set(cells.groups)}
    member = np.array([code[group] for group in cells.groups])
    inside = (month >= 0) & (month < months)
    for row, one in zip(table, SUMS, strict=True):
        np.add.at(row, (month[inside], member[inside]), getattr(cells, one)[inside])
    return table


def _cells(
    asked: Asked, window: Months, where: Where, by: tuple[str, ...], grain: str | None, engine: bool
) -> Cells | None:
    """The cells of a slice: from a cube, else of the engine where that may be asked."""
    book, kpi = asked.book, asked.kpi
    cut = book._cut(kpi, by, grain, where, month_start(window[0]), month_start(window[1]))
    cells: Cells | None = book.cubes.answer(kpi, cut) if book.cubes is not None else None
    if cells is None and (engine or book.cubes is None):
        cells = book.ask_engine(kpi, cut)
    return cells
