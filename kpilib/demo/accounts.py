"""The accounts: who they are, when they come, what they have a taste for, how content and how punctual they are.

Whether and when an account becomes a customer is not decided here: its first won deal does. Nor when it leaves.
"""

from dataclasses import dataclass

import numpy as np

from kpilib.demo import words
from kpilib.demo.days import FAR, Window
from kpilib.demo.draws import Draws, Flag, Real, Streams, Whole
from kpilib.demo.frames import Words
from kpilib.demo.truths import SOURCES, Truths

INDUSTRIES = tuple(words.FORMS)
CATEGORIES = tuple(dict.fromkeys(p[1] for p in words.PRODUCTS))
#: Share of accounts that were customers before the window begins.
_OLD_SHARE = 0.50
_OLD_DAYS = 5 * 365
_JITTER = 0.015
#: Of a hundred accounts, so many of each family.
SEGMENT_WEIGHTS = (60, 28, 12)
#: Shares of accounts that widen to new categories, and that climb the range, fast.
_EXPANDERS, _CLIMBERS = 0.45, 0.35
#: How much accounts differ in what they feel (points of nps), and in the days they take to pay.
_CONTENT_WIDTH, _DELAY_MEAN, _DELAY_WIDTH = 1.6, -3.0, 16.0


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
    content: Real
    delay: Real
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


def accounts(size: int, span: Window, truth: Truths, streams: Streams) -> Accounts:
    """`size` accounts, in no particular order."""
    draws = streams.of("accounts")
    segment = draws.picks(SEGMENT_WEIGHTS, size)
    industry = draws.picks([1] * len(INDUSTRIES), size)
    city = draws.picks([c[4] for c in words.CITIES], size)
    old = draws.happens(_OLD_SHARE, size)
    old[0] = True  # there is always somebody to sell to
    contact = _contacts(old, span, draws)
    latitude, longitude = (
        np.round(np.array([c[axis] for c in words.CITIES])[city] + (draws.shares(size) * 2 - 1) * _JITTER, 3)
        for axis in (2, 3)
    )
    traits = streams.of("traits")
    return Accounts(
        name=_names(industry, streams),
        segment=segment,
        industry=industry,
        city=city,
        latitude=latitude,
        longitude=longitude,
        source=sources(segment, truth, draws),
        owner=_owners(city, draws),
        old=old,
        contact=contact,
        content=_CONTENT_WIDTH * traits.bells(size),
        delay=_DELAY_MEAN + _DELAY_WIDTH * traits.bells(size),
        **_tastes(segment, streams.of("tastes")),
    )


def sources(segment: Whole, truth: Truths, draws: Draws) -> Whole:
    """Where each came from: every segment has a mix of its own."""
    ends = np.cumsum(np.array(truth.source_weights), axis=1)[segment]
    aim = np.floor(draws.shares(len(segment)) * ends[:, -1]).astype(np.int64)
    return np.minimum((ends <= aim[:, None]).sum(axis=1), len(SOURCES) - 1)


def _contacts(old: Flag, span: Window, draws: Draws) -> Whole:
    """The first day of each account: in the five years before the window for the old ones, else within it."""
    size = len(old)
    low, high = np.full(size, span.first), np.full(size, span.last)
    return np.where(old, span.first - draws.wholes(1, _OLD_DAYS, size), span.busy_days(low, high, draws))


def _tastes(segment: Whole, draws: Draws) -> dict[str, Whole]:
    """What each account prefers, and how many days pass before it takes a new category or climbs a tier."""
    size = len(segment)
    expander, climber = draws.happens(_EXPANDERS, size), draws.happens(_CLIMBERS, size)
    return {
        "taste": np.argsort(draws.shares((size, len(CATEGORIES))), axis=1, kind="stable"),
        "breadth": draws.wholes(1, 2, size),
        "widening": np.where(expander, draws.wholes(150, 300, size), draws.wholes(700, 1400, size)),
        "tier": np.minimum(1 + (draws.shares(size) < np.array((0.2, 0.5, 0.8))[segment]), 2).astype(np.int64),
        "climbing": np.where(climber, draws.wholes(240, 480, size), FAR),
    }


def covering(region: str) -> list[int]:
    """The salespeople of a region, or of the region it is served from."""
    served = words.SERVED_FROM.get(region, region)
    return [i for i, s in enumerate(words.SALESPEOPLE) if s[2] == served]


def _owners(city: Whole, draws: Draws) -> Whole:
    """One of the salespeople of the account's region."""
    owner = np.zeros(len(city), dtype=np.int64)
    for region in sorted({c[0] for c in words.CITIES}):
        people = covering(region)
        here = np.flatnonzero(np.array([c[0] == region for c in words.CITIES])[city])
        owner[here] = np.array(people)[draws.wholes(0, len(people) - 1, len(here))]
    return owner


def _names(industry: Whole, streams: Streams) -> Words:
    """A name of its own for every account: form, family, ending, and a number once all of them are taken."""
    draws, endings = streams.of("names"), tuple(dict.fromkeys(words.ENDINGS))
    order = draws.shuffle(len(words.FAMILIES) * 4 * len(endings))
    name, used = np.empty(len(industry), dtype=object), [0] * len(INDUSTRIES)
    for i, kind in enumerate(industry.tolist()):
        turn, place = divmod(used[kind], len(order))
        rest, form = divmod(int(order[place]), 4)
        ending, family = divmod(rest, len(words.FAMILIES))
        used[kind] += 1
        said = f"{words.FORMS[INDUSTRIES[kind]][form]} {words.FAMILIES[family].replace('_', ' ')}"
        tail = "".join(f" {number + 1}" for number in (streams.block, turn) if number)
        name[i] = f"{said}{endings[ending]}{tail}"
    if streams.block == 0:
        name[: len(words.HOSTILE_CUSTOMERS)] = words.HOSTILE_CUSTOMERS[: len(name)]
    return name
