"""The accounts: who they are, when they come, when they leave, what they have a taste for.

Whether and when an account becomes a customer is not decided here: its first won deal does.
"""

from dataclasses import dataclass

import numpy as np

from kpilib.demo import truths, words
from kpilib.demo.days import FAR, Window
from kpilib.demo.draws import Draws, Flag, Real, Whole
from kpilib.demo.frames import Words

INDUSTRIES = tuple(words.FORMS)
CATEGORIES = tuple(dict.fromkeys(p[1] for p in words.PRODUCTS))
#: Share of accounts that were customers before the window begins.
_OLD_SHARE = 0.42
_OLD_DAYS = 5 * 365
_JITTER = 0.015


@dataclass(frozen=True)
class Accounts:
    """One position an account; text is kept as positions in the lists of `words` and `truths`."""

    name: Words
    segment: Whole
    industry: Whole
    city: Whole
    latitude: Real
    longitude: Real
    source: Whole
    owner: Whole
    old: Flag
    contact: Whole
    leave: Whole
    taste: Whole
    breadth: Whole
    widening: Whole
    tier: Whole
    climbing: Whole

    @property
    def size(self) -> int:
        return len(self.segment)

    def product(self, account: Whole, day: Whole, draws: Draws) -> Whole:
        """A product that each account would buy on that day: a category it knows by then, a tier it has reached."""
        n = len(account)
        tenure = np.maximum(day - self.contact[account], 0)
        breadth = np.minimum(self.breadth[account] + tenure // self.widening[account], len(CATEGORIES))
        category = self.taste[account, draws.wholes(0, breadth - 1, n)]
        tier = np.minimum(self.tier[account] + tenure // self.climbing[account], 3)
        tier = np.maximum(tier - draws.happens(0.25, n), 1)
        # Of the four products of a category, the second and the third are both of tier 2.
        place = np.where(tier == 1, 0, np.where(tier == 3, 3, 1 + draws.wholes(0, 1, n)))
        return category * 4 + place


def accounts(size: int, span: Window, seed: int) -> Accounts:
    """`size` accounts, in no particular order."""
    draws = Draws(seed, "accounts")
    segment = draws.picks(truths.SEGMENT_WEIGHTS, size)
    industry = draws.picks([1] * len(INDUSTRIES), size)
    city = draws.picks([c[4] for c in words.CITIES], size)
    old = draws.happens(_OLD_SHARE, size)
    old[0] = True  # there is always somebody to sell to
    contact = _contacts(old, span, draws)
    latitude, longitude = (
        np.round(np.array([c[axis] for c in words.CITIES])[city] + (draws.shares(size) * 2 - 1) * _JITTER, 4)
        for axis in (2, 3)
    )
    return Accounts(
        name=_names(industry, Draws(seed, "names")),
        segment=segment,
        industry=industry,
        city=city,
        latitude=latitude,
        longitude=longitude,
        source=draws.picks(truths.SOURCE_WEIGHTS, size),
        owner=_owners(city, draws),
        old=old,
        contact=contact,
        leave=_leaves(segment, np.where(old, span.first + 30, contact + 240), span, Draws(seed, "leaves")),
        **_tastes(segment, Draws(seed, "tastes")),
    )


def _contacts(old: Flag, span: Window, draws: Draws) -> Whole:
    """The first day of each account: in the five years before the window for the old ones, else within it."""
    size = len(old)
    low, high = np.full(size, span.first), np.full(size, span.last)
    return np.where(old, span.first - draws.wholes(1, _OLD_DAYS, size), span.busy_days(low, high, draws))


def _leaves(segment: Whole, start: Whole, span: Window, draws: Draws) -> Whole:
    """The day each account leaves: every month from `start` it may, by segment; beyond the window, never."""
    months = (span.last - span.first) // 30 + 2
    leaves = draws.shares((len(segment), months)) < np.array(truths.LEAVE_CHANCE)[segment][:, None]
    day = start + 30 * leaves.argmax(axis=1) + draws.wholes(0, 29, len(segment))
    return np.where(leaves.any(axis=1) & (day <= span.last), day, FAR)


def _tastes(segment: Whole, draws: Draws) -> dict[str, Whole]:
    """What each account prefers, and how many days pass before it takes a new category or climbs a tier."""
    size = len(segment)
    expander, climber = draws.happens(truths.EXPANDERS, size), draws.happens(truths.CLIMBERS, size)
    return {
        "taste": np.argsort(draws.shares((size, len(CATEGORIES))), axis=1, kind="stable"),
        "breadth": draws.wholes(1, 2, size),
        "widening": np.where(expander, draws.wholes(150, 300, size), draws.wholes(700, 1400, size)),
        "tier": np.minimum(1 + (draws.shares(size) < np.array((0.2, 0.5, 0.8))[segment]), 2).astype(np.int64),
        "climbing": np.where(climber, draws.wholes(240, 480, size), FAR),
    }


def _owners(city: Whole, draws: Draws) -> Whole:
    """A salesperson of the account's region, or of the region it is served from."""
    owner = np.zeros(len(city), dtype=np.int64)
    for region in sorted({c[0] for c in words.CITIES}):
        served = words.SERVED_FROM.get(region, region)
        people = [i for i, s in enumerate(words.SALESPEOPLE) if s[2] == served]
        here = np.flatnonzero(np.array([c[0] == region for c in words.CITIES])[city])
        owner[here] = np.array(people)[draws.wholes(0, len(people) - 1, len(here))]
    return owner


def _names(industry: Whole, draws: Draws) -> Words:
    """A name of its own for every account: form, family, ending; a number only when all of them are taken."""
    size = len(industry)
    order = draws.shuffle(len(words.FAMILIES) * 4)
    ending = draws.picks([1] * len(words.ENDINGS), size)
    name, used = np.empty(size, dtype=object), [0] * len(INDUSTRIES)
    for i, kind in enumerate(industry.tolist()):
        turn, place = divmod(used[kind], len(order))
        family, form = divmod(int(order[place]), 4)
        used[kind] += 1
        said = f"{words.FORMS[INDUSTRIES[kind]][form]} {words.FAMILIES[family].replace('_', ' ')}"
        name[i] = f"{said}{words.ENDINGS[ending[i]]}{f' {turn + 1}' if turn else ''}"
    name[: len(words.HOSTILE_CUSTOMERS)] = words.HOSTILE_CUSTOMERS
    return name
