"""Which cuboids a fact gets: small panels one with all dimensions, large ones several, none larger than it is worth.

Filters are what pages narrow by, so every combination of them has a cuboid (the largest from the engine, the others
rolled up). A breakdown is added to as many filters as stay within bounds; what goes beyond is asked of the engine.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations
from math import prod

from kpilib.compute.cube import Fact
from kpilib.model.dimensions import FOLLOWS

#: Dimensions that a page filters by.
FILTERS = ("segment", "industry", "region", "owner", "category")
#: Dimensions that a page breaks down by, beside the filters and those that follow from them.
BREAKDOWNS = (
    "product", "customer", "source", "campaign", "kind", "stage", "status", "reason", "competitor", "metric",
    "touchpoint", "service", "channel", "severity", "weekday", "hour", "site", "table_name",
)  # fmt: skip
#: A panel of so few rows is kept whole: one cuboid with every dimension.
SMALL = 150_000
#: A cuboid may have so many cells; a slice that would need a larger one is answered by the engine.
MOST = 3_000_000


@dataclass(frozen=True)
class Look:
    """What a panel looks like: rows, members a dimension, what each entity has one of, months of the data.

    `accounts` is the number of combinations of the filters that a customer has one of: territories, families and
    sectors go together, so there are far fewer than their product. `certain` holds the KPIs' row expressions that are
    never NULL; `entities` says how many there are of each kind of entity.
    """

    rows: int
    members: dict[str, int]
    single: dict[str, frozenset[str]]
    months: int
    accounts: int = 0
    certain: frozenset[str] = frozenset()
    entities: dict[str, int] = field(default_factory=dict)

    def cells(self, dims: tuple[str, ...]) -> int:
        """At most so many cells does a cuboid of these dimensions have, however many rows there are."""
        of_accounts = set(self.of_accounts) if "customer" not in dims else set(self.of_accounts) - {"customer"}
        apart = prod(self._members(name) for name in dims if name not in of_accounts)
        together = prod(self._members(name) for name in dims if name in of_accounts)
        return apart * (1 if "customer" in dims else min(together, self.accounts)) * self.months

    @property
    def of_accounts(self) -> tuple[str, ...]:
        """The filters that a customer has one of."""
        owner = ("owner",) if "owner" in self.single.get("customer_id", ()) else ()
        return tuple(name for name in FILTERS if name in (*FOLLOWS["customer"], *owner))

    def _members(self, name: str) -> int:
        return max(self.members.get(name, 1), 1)


Cut = tuple[tuple[str, ...], tuple[str, ...]]


def plan(fact: Fact, have: tuple[str, ...], look: Look) -> list[Cut]:
    """The cuboids to ask the engine for: dimensions, and those of them that must be held at one member."""
    if not look.rows:
        return []
    if fact.entity:
        return _entities(fact, have, look)
    return [(bases(have), ())] if look.rows <= SMALL else _large(have, look)


def bases(have: tuple[str, ...]) -> tuple[str, ...]:
    """The dimensions from which all others follow."""
    followers = {name for base, names in FOLLOWS.items() if base in have for name in names}
    return tuple(name for name in have if name not in followers)


def _large(have: tuple[str, ...], look: Look) -> list[Cut]:
    filters = tuple(name for name in FILTERS if name in have)
    found = _within(filters, (), look)
    for breakdown in BREAKDOWNS:
        if breakdown in have and look.members.get(breakdown, 0) > 1:
            rest = tuple(name for name in filters if name not in FOLLOWS.get(breakdown, ()))
            found += _within(rest, (breakdown,), look)
    return [(dims, ()) for dims in dict.fromkeys(found)]


def _within(filters: tuple[str, ...], extra: tuple[str, ...], look: Look) -> list[tuple[str, ...]]:
    """The largest sets of filters that stay within bounds together with `extra`."""
    for many in range(len(filters), -1, -1):
        fitting = [(*c, *extra) for c in combinations(filters, many) if look.cells((*c, *extra)) <= MOST]
        if fitting:
            return fitting
    return []


def own(entity: str, have: tuple[str, ...], look: Look) -> tuple[str, ...]:
    """The dimensions of which an entity has one member: over them entities add up."""
    single = look.single.get(entity, frozenset())
    found = tuple(name for name in ("customer", "owner") if name in have and name in single)
    if look.rows <= SMALL or "customer" not in found:
        return found
    return tuple(name for name in FILTERS if name in have and (name in FOLLOWS["customer"] or name in found))


def crossing(entity: str, have: tuple[str, ...], look: Look) -> tuple[str, ...]:
    """The dimensions that cut across an entity: an order may have lines of two product types."""
    offered = ("owner", "category", "product") if look.rows <= SMALL else ("owner", "category")
    return tuple(name for name in offered if name in have and name not in own(entity, have, look))


def _entities(fact: Fact, have: tuple[str, ...], look: Look) -> list[Cut]:
    """An entity adds up over what it has one of; other dimensions are pinned, so each set of them is its own cuboid."""
    alone, crosses = own(fact.entity, have, look), crossing(fact.entity, have, look)
    if fact.grain == "ttm" and look.rows > SMALL:  # each row counts in twelve windows: too much to keep for all
        return [(alone, ())]
    pinned = [p for many in (1, 2) for p in combinations(crosses, many) if p != ("category", "product")]
    return [((*alone, *pins), pins) for pins in [(), *pinned] if look.cells((*alone, *pins)) <= 2 * MOST]
