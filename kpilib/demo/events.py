"""What happens to the company on a given day, and to its customers in the course of their life, whatever they feel."""

from dataclasses import dataclass, replace

import numpy as np

from kpilib.demo import words
from kpilib.demo.accounts import Accounts, covering
from kpilib.demo.days import NEVER, Window
from kpilib.demo.draws import Draws, Flag, Real, Streams, Whole

#: Months before the end of the window in which the price rises, the bad product comes, two territories become one.
_PRICE_RISE, _LAUNCH, _MERGER = 18, 16, 9
#: The product launched, its forerunner, and the territories that become one.
LAUNCHED, FORERUNNER = 22, 21
MERGED = ("Bourgogne-Franche-Comté", "Grand Est")
#: Chance a month that a customer's firm changes hands, and that it is given another salesperson.
_NEW_OWNER, _NEW_SALESPERSON = 0.008, 0.010


@dataclass(frozen=True)
class Days:
    """The day of each event of the company; before the window where it is too short to hold it."""

    price_rise: int
    launch: int
    merger: int


def days_of(span: Window) -> Days:
    """The first day of the month of each event."""
    return Days(*(_start(span, before) for before in (_PRICE_RISE, _LAUNCH, _MERGER)))


def _start(span: Window, before: int) -> int:
    """An event whose month lies before the window has been there all along."""
    return span.starts(span.months - before) if span.months > before else span.first - 1


@dataclass(frozen=True)
class Changes:
    """By account (rows) and month (columns): the day of a change, NEVER for none; `owner` is that after the month."""

    new_owner: Whole
    new_salesperson: Whole
    owner: Whole

    def owner_on(self, account: Whole, month: Whole) -> Whole:
        """The salesperson of each account in a month (before the window: in its first)."""
        return self.owner[account, np.maximum(month, 0)]

    def of_customers(self, begun: Whole) -> "Changes":
        """Without what happened before an account became a customer: it says nothing about a customer's life."""
        days = {name: getattr(self, name) for name in ("new_owner", "new_salesperson")}
        return replace(self, **{name: np.where(day > begun[:, None], day, NEVER) for name, day in days.items()})


def changes(them: Accounts, span: Window, streams: Streams) -> Changes:
    """Changes of hands and of salesperson, month by month, the merger of two territories among them."""
    draws, shape = streams.of("changes"), (them.size, span.months)
    starts = np.array([span.starts(m) for m in range(span.months + 1)])
    day = starts[:-1] + np.floor(draws.shares(shape) * (starts[1:] - starts[:-1])).astype(np.int64)
    day = np.minimum(day, span.last)
    bought = draws.shares(shape) < _NEW_OWNER
    owner = np.repeat(them.owner[:, None], span.months, axis=1)
    moved = draws.shares(shape) < _NEW_SALESPERSON
    choice = draws.shares(shape)
    for month in range(span.months):
        _hand_over(owner, month, moved[:, month], choice[:, month])
    merger = int(span.month(np.array([days_of(span).merger]))[0])
    if 0 <= merger < span.months:
        day[:, merger] = np.where(_merge(owner, merger, them, draws), starts[merger], day[:, merger])
    before = np.column_stack([them.owner, owner[:, :-1]])
    return Changes(np.where(bought, day, NEVER), np.where(owner != before, day, NEVER), owner)


def _hand_over(owner: Whole, month: int, moved: Flag, choice: Real) -> None:
    """Give the accounts that move in this month, and keep from then on, to another of those who cover their region."""
    covers = [covering(s[2]) for s in words.SALESPEOPLE]
    width = max(map(len, covers))
    people = np.array([(c * width)[:width] for c in covers])
    count = np.array([len(c) for c in covers])
    mine = owner[moved, month]
    at = np.array([c.index(i) for i, c in enumerate(covers)])[mine]
    step = 1 + np.floor(choice[moved] * np.maximum(count[mine] - 1, 1)).astype(np.int64)
    owner[moved, month:] = people[mine, (at + step) % count[mine]][:, None]


def _merge(owner: Whole, month: int, them: Accounts, draws: Draws) -> Flag:
    """Deal the accounts of both territories out anew among all who covered either; says who was moved."""
    region = np.array([c[0] in MERGED for c in words.CITIES])[them.city]
    people = np.array([i for name in MERGED for i in covering(name)])
    drawn = people[draws.wholes(0, len(people) - 1, them.size)]
    moved = region & (drawn != owner[:, month])
    owner[moved, month:] = drawn[moved][:, None]
    return moved


def renewals(begun: Whole, span: Window) -> tuple[Whole, Whole]:
    """Accounts and days of the first renewal in the window: contracts renew on the first of the month, after a year."""
    month = span.month(np.minimum(begun, span.last)) + 12
    has = np.flatnonzero((month >= 0) & (month < span.months) & (begun <= span.last))
    starts = np.array([span.starts(m) for m in range(span.months)])
    return has, starts[month[has]]
