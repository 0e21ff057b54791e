"""The watched series of KPIs that are products of others (sales velocity, value to cost): month by month, from cubes.

A product has no sums of its own. It is judged in the months in which each of the KPIs that it is made of could be, by
its change against the same month a year before: what it is made of has a season and grows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kpilib.catalogue import leaves
from kpilib.catalogue.kpi import Kpi
from kpilib.model.panels import panel
from kpilib.periods import month_start, parse

from .block import Block, Floats, Row, changes

#: The series of a KPI of rows by a dimension.
Made = Callable[[Kpi, str], Block]


def parted(book: Any, kpi: Kpi, dimension: str) -> bool:
    """Whether all that a KPI is made of can be told by a dimension ("" for the company)."""
    return not dimension or all(dimension in panel(one.table).dimensions for one in leaves(kpi, book.kpis))


def of_product(book: Any, kpi: Kpi, dimension: str, made: Made) -> Block:
    """The series of a product by one dimension; of no rows where its parts have no months or no members in common.

    Parameters
    ----------
    book : Book
        Asked through its cubes.
    kpi : Kpi
        The product.
    dimension : str
        "" for the company.
    made : callable
        Gives the series of each part, which say in which months there is too little of it.
    """
    parts = [made(leaf, dimension) for leaf in leaves(kpi, book.kpis)]
    known = [{row.member: one.own[place] for place, row in enumerate(one.rows)} for one in parts]
    members = [row.member for row in parts[0].rows if all(row.member in one for one in known)]
    if not members:
        return changes([], np.zeros((0, 0)), np.zeros((0, 0)))
    ends = [one.rows[0].last for one in parts]
    starts = [last - one.own.shape[1] + 1 for one, last in zip(parts, ends, strict=True)]
    first, last = max(starts), min(ends)
    if last < first:
        return changes([], np.zeros((0, 0)), np.zeros((0, 0)))
    own, counts = _values(book, kpi, dimension, first, last, members)
    for one, begun in zip(known, starts, strict=True):
        table = np.stack([one[member] for member in members])[:, first - begun : last - begun + 1]
        own[np.isnan(table)] = np.nan
    return changes([Row(kpi, dimension, member, last) for member in members], own, counts)


def _values(book: Any, kpi: Kpi, dimension: str, first: int, last: int, members: list[str]) -> tuple[Floats, Floats]:
    """The product of each member and month, and the rows of its smallest part."""
    since, until = month_start(first), month_start(last)
    columns = book.columns(kpi.key, by=dimension or None, period="month", since=since, until=until)[1]
    own, counts = (np.full((len(members), last - first + 1), np.nan) for _ in range(2))
    place = {member: at for at, member in enumerate(members)}
    groups = columns["group"] if dimension else [""] * len(columns["period"])
    for group, month, value, rows in zip(groups, columns["period"], columns["value"], columns["rows"], strict=True):
        if group in place:
            at = place[group], parse(month)[0] - first
            own[at], counts[at] = value, rows
    own[~np.isfinite(own)] = np.nan
    return own, np.nan_to_num(counts)
