"""Members that an event made one: a merger of territories moves customers between them, and changes no rate by that.

Such members are taken together when what changed across the event is explained. Read from the table `events`; nothing
here guesses a merger from figures.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any
from weakref import WeakKeyDictionary

from kpilib.compute.frames import rows
from kpilib.errors import KpilibError
from kpilib.model.panels import panel
from kpilib.periods import Months, month_end, month_start

#: Words of an event, in English and French, that say that its members exchanged what they had.
_JOINED = re.compile(r"merg|fusion|reorgani[sz]|réorgani|regroup|redraw|redécoup|union|réuni|split|scission", re.I)
#: Territories are written on customers and on salespeople: an event that names them concerns both.
_ALIKE = ("region", "sales_region")
_read: WeakKeyDictionary[Any, tuple[Merger, ...]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Merger:
    """On a `day` these `members` of a dimension exchanged what they had."""

    day: date
    dimension: str
    members: tuple[str, ...]

    @property
    def label(self) -> str:
        """What they are called when they are taken together."""
        return " + ".join(self.members)

    def concerns(self, dimension: str) -> bool:
        """Whether the members are ones of this dimension."""
        return dimension == self.dimension or {dimension, self.dimension} <= set(_ALIKE)


@dataclass(frozen=True)
class Taken:
    """How a dimension is asked for: `by` these dimensions, members of the last one of which are renamed."""

    by: tuple[str, ...]
    names: dict[str, str]

    @property
    def joint(self) -> set[str]:
        """What those taken together are called."""
        return set(self.names.values())

    def name(self, group: tuple[str, ...]) -> str:
        """The member that a group belongs to: itself, or those that it is taken together with."""
        return self.names.get(group[-1], group[0])


def mergers(book: Any) -> tuple[Merger, ...]:
    """The mergers that the table `events` tells, in order of time; none without the table. Read once a book."""
    if book not in _read:
        _read[book] = _mergers(book)
    return _read[book]


def _mergers(book: Any) -> tuple[Merger, ...]:
    if "events" not in book.tables:
        return ()
    try:
        told = rows(book.panel("events"))
    except KpilibError:
        return ()
    found: dict[tuple[str, str, str], list[str]] = {}
    for row in told:
        said, dimension, member = (str(row[name] or "") for name in ("event", "dimension", "member"))
        if _JOINED.search(said) and dimension and member and row["member"] == row["member"]:
            found.setdefault((str(row["happened_on"])[:10], said, dimension), []).append(member)
    joined = [(date.fromisoformat(day), dimension, tuple(m)) for (day, _, dimension), m in sorted(found.items())]
    return tuple(Merger(*one) for one in joined if len(one[2]) > 1)


def between(book: Any, before: Months, now: Months) -> list[Merger]:
    """The mergers that came after the earlier window had begun and before the later one was over."""
    if before == now:
        return []
    first, last = month_start(min(before[0], now[0])), month_end(max(before[1], now[1]))
    return [one for one in mergers(book) if first < one.day <= last]


def taken(book: Any, table: str, dimension: str, before: Months, now: Months) -> Taken:
    """How the members of a dimension are to be asked for, those that were merged in between taken together.

    Salespeople of merged territories exchange customers, so they are taken together too.
    """
    found = between(book, before, now)
    own = [one for one in found if one.concerns(dimension)]
    if own:
        return Taken((dimension,), {member: one.label for one in own for member in one.members})
    theirs = {member: one.label for one in found if one.concerns("sales_region") for member in one.members}
    if dimension != "owner" or not theirs or "sales_region" not in panel(table).dimensions:
        return Taken((dimension,), {})
    known = _territories(book)
    if known is None:
        return Taken(("owner", "sales_region"), theirs)
    return Taken(("owner",), {owner: theirs[region] for owner, region in known.items() if region in theirs})


def _territories(book: Any) -> dict[str, str] | None:
    """The territory of each salesperson, as the cubes keep it; None where no cube has salespeople."""
    follows = None if book.cubes is None else book.cubes.follows.get("owner", {}).get("sales_region")
    if follows is None:
        return None
    labels = book.cubes.labels
    codes = book.cubes.reader.get(follows).tolist()
    return {owner: labels["sales_region"][code] for owner, code in zip(labels["owner"], codes, strict=True)}
