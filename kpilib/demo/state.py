"""What is known of the customers while their months are lived through: who is there, what they bought, met and said."""

from dataclasses import dataclass, field

import numpy as np

from kpilib.demo.accounts import Accounts
from kpilib.demo.columns import Columns
from kpilib.demo.days import FAR, NEVER, SEASON, Window, weekday
from kpilib.demo.draws import Flag, Real, Whole
from kpilib.demo.events import Changes, Days, days_of
from kpilib.demo.truths import BELOW_CUT, Truths

DAY = 1440
#: Serious incidents beyond so many in three months change nothing more; days past due count up to so many.
_MOST_INCIDENTS, _MOST_LATE = 3, 60


@dataclass
class State:
    """The customers of a block; `begun` is the day each became one, `leave` the day it leaves, both FAR for never.

    `serious` and `slow` count tickets by account and month; `tickets` has the accounts and days of the serious and of
    the slow ones as whole numbers that sort by account, then day.
    """

    them: Accounts
    begun: Whole
    hands: Changes
    span: Window
    truth: Truths
    leave: Whole = field(init=False)
    score: Whole = field(init=False)
    serious: Whole = field(init=False)
    slow: Whole = field(init=False)
    owed: dict[int, list[Columns]] = field(default_factory=dict)
    quality: Real = field(init=False)
    bought: Whole = field(init=False)
    tickets: dict[str, list[Whole]] = field(default_factory=lambda: {"serious": [], "slow": []})

    def __post_init__(self) -> None:
        n = self.them.size
        self.leave, self.score = np.full(n, FAR), np.full(n, -1)
        self.serious, self.slow = (np.zeros((n, self.span.months), dtype=np.int64) for _ in range(2))
        self.quality, self.bought = np.zeros(n), np.zeros(n, dtype=np.int64)

    @property
    def days(self) -> Days:
        return days_of(self.span)

    def here(self, month: int) -> Flag:
        """Who is a customer when the month begins."""
        start = self.span.starts(month)
        return (self.begun < start) & (self.leave >= start)

    def felt(self, month: int) -> Real:
        """How content each account is as the month begins, in points of nps; nobody in particular is at 0."""
        mean = self.quality / np.maximum(self.bought, 1)
        felt = self.them.content + self.truth.quality_on_nps * mean
        for back in (1, 2, 3):
            if month - back >= 0:
                felt = felt + self.truth.incident_on_nps[back - 1] * self.serious[:, month - back]
                felt = felt + self.truth.slow_on_nps[back - 1] * self.slow[:, month - back]
        return felt

    def late(self, month: int) -> Real:
        """Mean days past due, so far, over the invoices due in the six months before."""
        parts = [part for back in range(1, 7) for part in self.owed.get(month - back, [])]
        days, count = np.zeros(self.them.size), np.zeros(self.them.size)
        for part in parts:
            known = np.minimum(part["paid"], self.span.starts(month)) - part["due"]
            days += np.bincount(part["account"], np.clip(known, 0, _MOST_LATE), len(days))
            count += np.bincount(part["account"], minlength=len(days))
        return days / np.maximum(count, 1)

    def hazard(self, month: int) -> Real:
        """The hazard of leaving in the month of a customer who is there when it begins; all of it is known by then."""
        truth, past = self.truth, slice(max(month - 3, 0), month)
        incidents = np.minimum(self.serious[:, past].sum(axis=1), _MOST_INCIDENTS)
        tenure = month - self.span.month(np.minimum(self.begun, self.span.last))
        return (
            truth.leave_below * ((self.score >= 0) & (self.score <= BELOW_CUT))
            + truth.leave_incident * incidents
            + truth.leave_slow * (self.slow[:, past] > 0).any(axis=1)
            + truth.leave_late * self.late(month) / 30
            + truth.leave_new_salesperson * (self.hands.new_salesperson[:, past] != NEVER).any(axis=1)
            + truth.leave_new_owner * (self.hands.new_owner[:, max(month - 6, 0) : month] != NEVER).any(axis=1)
            + truth.leave_first_renewal * ((tenure == 12) | ((tenure == 13) & (month > 0)))
        )

    def in_crisis(self, month: Whole) -> Flag:
        """Whether a month is among the last twelve."""
        return month >= self.span.months - 12

    def working_days(self, month: int) -> Whole:
        """The working days of the month; its first day where it has none."""
        first, end = self.span.starts(month), min(self.span.starts(month + 1), self.span.last + 1)
        days = np.arange(first, max(end, first + 1))
        busy = days[weekday(days) < 5]
        return busy if len(busy) else days[:1]

    def season(self, month: int) -> float:
        """How busy the month is: 1 for a mean month."""
        at = np.datetime64(self.span.starts(month), "D").astype("datetime64[M]").astype(int) % 12
        return SEASON[at] / 100 * len(self.working_days(month)) / 21
