"""The series that are watched, asked of a book: one row a KPI and member, month by month, from cubes."""

from __future__ import annotations

from typing import Any

import numpy as np

from kpilib.catalogue.kpi import Kpi
from kpilib.compute import slices
from kpilib.compute.cells import Cells
from kpilib.compute.comparing import told_until
from kpilib.model.dimensions import NOT_GIVEN
from kpilib.model.panels import panel
from kpilib.periods import month_of

from .block import LEVEL, Block, Floats, Row, figures, stacked
from .options import FILLING, Options, watched
from .products import of_product, parted

__all__ = ["LEVEL", "Block", "Row", "block", "figures", "last_month", "one_kpi", "stacked"]

#: Of a dimension with more members, so many are watched: those with the most rows.
MOST_MEMBERS = 30


def block(book: Any, chosen: Options) -> Block:
    """Every series of a book: each KPI for the company, then for the members of each dimension that it has."""
    made = []
    for kpi in watched(book, chosen):
        for dimension in ("", *(name for name in chosen.by if parted(book, kpi, name))):
            made.append(_of(book, kpi, dimension, chosen))
    return stacked([one for one in made if one.rows])


def one_kpi(book: Any, key: str, dimension: str, chosen: Options) -> list[Block]:
    """The series of one KPI by one dimension ("" for the company); empty where there are none by month."""
    kpi = book.kpis.get(key)
    if kpi is None or not (kpi.when or kpi.derived) or kpi.estimator or book.why_not(key):
        return []
    if not parted(book, kpi, dimension):
        return []
    made = _of(book, kpi, dimension, chosen)
    return [made] if made.rows else []


def last_month(book: Any, kpi: Kpi) -> int:
    """The last month that is over, and whose rows have told what they have to tell."""
    return told_until(book.as_of, kpi.matures)


def _of(book: Any, kpi: Kpi, dimension: str, chosen: Options) -> Block:
    if kpi.derived:
        return of_product(book, kpi, dimension, lambda leaf, by: _of(book, leaf, by, chosen))
    first, last = month_of(book.first_month) + FILLING.get(kpi.key, 0), last_month(book, kpi)
    if last < first:
        return stacked([])
    cut = slices.make(first, last, dimension or None, "month", None, panel(kpi.table).dimensions)
    cells = book.cubes.answer(kpi, cut) if book.cubes is not None else None
    if cells is None:
        cells = book.ask_engine(kpi, cut)
    members: list[tuple[str, ...]] = _members(cells) if dimension else [()]
    sums = _sums(cells, members, first, last)
    rows = [Row(kpi, dimension, member[0] if dimension else "", last) for member in members]
    return figures(rows, kpi, sums, chosen.minimum)


def _members(cells: Cells) -> list[tuple[str, ...]]:
    """The members with the most rows, in alphabetical order."""
    count: dict[tuple[str, ...], float] = {}
    for group, rows in zip(cells.groups, cells.rows.tolist(), strict=True):
        count[group] = count.get(group, 0.0) + rows
    count.pop((NOT_GIVEN,), None)
    return sorted(sorted(count, key=lambda group: (-count[group], group))[:MOST_MEMBERS])


def _sums(cells: Cells, members: list[tuple[str, ...]], first: int, last: int) -> Floats:
    """Rows, n, d, nn and dd by member and month: shape (5, members, months)."""
    place = {member: i for i, member in enumerate(members)}
    sums = np.zeros((5, len(members), last - first + 1))
    inside = [i for i, (g, p) in enumerate(zip(cells.groups, cells.periods, strict=True)) if g in place and p <= last]
    at = [place[cells.groups[i]] for i in inside], [cells.periods[i] - first for i in inside]
    for name, table in zip(("rows", "n", "d", "nn", "dd"), sums, strict=True):
        table[at] = getattr(cells, name)[inside]
    return sums
