"""What was known of a customer on a day: its requests of the weeks before, counted for many rows at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpilib.model.dimensions import NOT_GIVEN
from kpilib.model.severity import SERIOUS, SLOW_HOURS

Whole = NDArray[np.int64]
Floats = NDArray[np.float64]

#: Days that "the three months before" count.
WINDOW = 90
#: Stands for a day that is not known; before all others.
NEVER = -(10**6)
_SPAN = 10**7


def days(column: Any) -> Whole:
    """Dates or times as days since 1970; `NEVER` where there is none."""
    instants = pd.to_datetime(pd.Series(column)).to_numpy("datetime64[D]")
    return np.where(np.isnat(instants), NEVER, instants.astype(np.int64))


def months(day: Whole) -> Whole:
    """The calendar month of each day, counted from January 1970."""
    return day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def codes(column: Any) -> Whole:
    """Texts as small numbers from 0; an empty cell is a text of its own."""
    return np.asarray(pd.factorize(given(column))[0], np.int64)


def given(column: Any) -> Any:
    """Texts with empty cells as "(not given)"."""
    return pd.Series(column).astype(object).fillna(NOT_GIVEN).astype(str)


@dataclass(frozen=True, eq=False)
class Events:
    """Things that happened to customers, ordered by customer and day.

    `numbers` are the customers' names as an index: `whose` gives their numbers.
    """

    numbers: pd.Index[Any]
    customer: Whole
    day: Whole

    @cached_property
    def _keys(self) -> Whole:
        return self.customer * _SPAN + self.day

    def whose(self, names: Any) -> Whole:
        """The numbers of customers by name; −1 for those without any event."""
        return np.asarray(self.numbers.get_indexer(pd.Index(names)), np.int64)

    def between(self, customer: Whole, first: Whole, last: Whole) -> tuple[Whole, Whole]:
        """Where each row's events from `first` to `last` (both included) begin and end in the order of the events."""
        base = customer * _SPAN
        begin = np.searchsorted(self._keys, base + first, side="left")
        end = np.searchsorted(self._keys, base + last, side="right")
        known = customer >= 0
        return np.where(known, begin, 0), np.where(known, np.maximum(end, begin), 0)

    def counted(self, customer: Whole, first: Whole, last: Whole, weight: Any = None) -> Floats:
        """How many events there were for each row, or the sum of a weight of theirs."""
        begin, end = self.between(customer, first, last)
        running = np.concatenate([[0.0], np.cumsum(np.ones(len(self.day)) if weight is None else weight)])
        counted: Floats = running[end] - running[begin]
        return counted

    def latest(self, customer: Whole, first: Whole, last: Whole) -> Whole:
        """The place of each row's last event from `first` to `last`; −1 where there is none."""
        begin, end = self.between(customer, first, last)
        return np.where(end > begin, end - 1, -1)

    def only(self, rows: NDArray[np.bool_]) -> Events:
        """Those of the events, customers numbered as before."""
        return Events(self.numbers, self.customer[rows], self.day[rows])


def events(names: Any, day: Whole) -> tuple[Events, Whole]:
    """Events by customer and day; and the order in which they now are, for what else is known of them."""
    named = np.asarray(pd.Series(names).notna()) & (day != NEVER)
    places = np.flatnonzero(named)
    numbered, index = pd.factorize(pd.Series(names).iloc[places])
    order = np.lexsort((day[places], numbered))
    made = Events(pd.Index(index), np.asarray(numbered, np.int64)[order], day[places][order])
    return made, places[order]


@dataclass(frozen=True, eq=False)
class Requests:
    """The requests of all customers: which were serious, which answered slowly, how long and how often they took."""

    events: Events
    serious: NDArray[np.bool_]
    slow: NDArray[np.bool_]
    days_open: Floats
    contacts: Floats
    channel: NDArray[Any]
    graded: bool
    resolved: Whole

    @property
    def incidents(self) -> Events:
        """The serious ones alone."""
        return self.events.only(self.serious)

    def resolved_last(self, customer: Whole, day: Whole, within: int = 14) -> Whole:
        """The place of the request of each row's customer that was resolved last, of so many days before; −1: none."""
        done = np.flatnonzero(self.resolved != NEVER)
        order = done[np.lexsort((self.resolved[done], self.events.customer[done]))]
        ended = Events(self.events.numbers, self.events.customer[order], self.resolved[order])
        last = ended.latest(customer, day - within, day)
        return np.where(last >= 0, np.append(order, -1)[last], -1)


def requests(book: Any) -> Requests | None:
    """The panel of tickets as `Requests`; None where these data have no tickets.

    `graded` says whether severities are known; without, every request counts as serious.
    """
    if "tickets" not in book.tables:
        return None
    columns = ["customer_id", "opened_at", "first_reply_at", "resolved_at", "contacts", "severity", "channel"]
    rows = book.panel("tickets", columns=columns)
    made, order = events(rows["customer_id"], days(rows["opened_at"]))
    rows = rows.iloc[order]
    severity = given(rows["severity"]).str.casefold()
    graded = bool(severity.isin(SERIOUS).any())
    opened, replied = (pd.to_datetime(rows[name]) for name in ("opened_at", "first_reply_at"))
    # One that nobody has answered yet is slow once the hours are over.
    waited = (replied.fillna(pd.Timestamp(book.as_of) + pd.Timedelta(days=1)) - opened).dt.total_seconds() / 3600
    known = bool(replied.notna().any())
    taken = (pd.to_datetime(rows["resolved_at"]) - opened).dt.total_seconds() / 86400
    return Requests(
        events=made,
        serious=np.asarray(severity.isin(SERIOUS) | (not graded), bool),
        slow=((waited > SLOW_HOURS) & known).to_numpy(bool),
        days_open=taken.fillna(0.0).to_numpy(float),
        contacts=pd.to_numeric(rows["contacts"]).fillna(0.0).to_numpy(float),
        channel=given(rows["channel"]).to_numpy(object),
        graded=graded,
        resolved=days(rows["resolved_at"]),
    )
