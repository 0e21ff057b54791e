"""The choice of a reader: the members kept, the period, each figure's own lists; read from a link and written as one.

A choice is immutable. It comes from a query (the arguments of a page's address, lists of text by name), which anybody
may have written: what these data do not have is left out and said, never followed and never an error.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from kpilib.errors import KpilibError
from kpilib.language import N_
from kpilib.periods import label, month_of, parse

from . import dates
from .view import FILTERS, View
from .words import Words

#: The arguments that are not of one figure and not a dimension.
PERIOD, LANGUAGE = "period", "lang"
#: So many values of one argument, and so many letters of one value, are read; the rest is said to be too much.
MOST, LONGEST = 500, 300
Query = Mapping[str, Sequence[str]]

_NO_MEMBER = N_("{dimension} “{member}” is not in these data; it was left out.")
_NEAR = N_("{dimension} “{member}” is not in these data; it was left out. Did you mean “{near}”?")
_NO_DIMENSION = N_("This page cannot be filtered by “{name}”; it was left out.")
_NO_PERIOD = N_(
    "“{given}” is no period; write a month (2026-05), a quarter (2026Q2), a year (2026) or 2025-07..2026-06."
)
_OUTSIDE = N_("The data have nothing in {given}: they go from {first} to {last}.")
_NO_LIST = N_("“{given}” cannot be chosen in “{figure}”; {kept} is shown.")
_TOO_MUCH = N_("The link holds more than can be read; part of it was left out.")


@dataclass(frozen=True)
class Choice:
    """`where` holds members by dimension; `period` a preset's slug, a period as text, or "2025-07..2026-06"."""

    where: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    period: str = "last-12-months"
    lists: Mapping[tuple[str, str], str] = field(default_factory=lambda: MappingProxyType({}))

    def but(self, **changes: Any) -> "Choice":
        """The same choice with another `where`, `period` or `lists`."""
        return replace(self, **changes)

    def of(self, figure: str) -> dict[str, str]:
        """The values of one figure's own lists, where they are not those at the start."""
        return {name: value for (piece, name), value in self.lists.items() if piece == figure}


class Reader:
    """Reads choices for one page: what its data have, which periods it offers, which lists its figures have.

    Parameters
    ----------
    book : Book
        What is asked.
    offered : mapping of str to sequence of str
        The members that the page offers, by dimension.
    period : str
        The name of the preset at the start: "Last 12 months".
    lists : callable
        Gives the lists of the page's figures: figure → list → the values it offers.
    """

    def __init__(self, book: Any, offered: Mapping[str, Sequence[str]], period: str, lists: Any) -> None:
        self.book, self.offered, self._lists = book, offered, lists
        self.presets = {slug(name): span for name, span in dates.presets(book.as_of).items()}
        self.start = Choice(period=slug(period))

    def read(self, query: Query, words: Words = Words()) -> tuple[Choice, list[str]]:
        """The choice that a query asks for, and a sentence for each thing that it asks in vain."""
        problems: list[str] = []
        query = _bounded(query, words, problems)
        where = {name: kept for name in FILTERS if (kept := self._members(name, query, words, problems))}
        period = self._period(query.get(PERIOD, ()), words, problems)
        lists: dict[tuple[str, str], str] = {}
        for name, values in query.items():
            if "." in name:
                self._list(name, values[-1], lists, words, problems)
            elif name not in (PERIOD, LANGUAGE, *FILTERS):
                problems.append(words.say(_NO_DIMENSION, name=name))
        return Choice(MappingProxyType(where), period, MappingProxyType(lists)), problems

    def write(self, choice: Choice) -> dict[str, list[str]]:
        """The query of a choice; what stands at its start is left out."""
        query = {name: list(members) for name, members in choice.where.items()}
        if choice.period != self.start.period:
            query[PERIOD] = [choice.period]
        for (figure, name), value in choice.lists.items():
            query[f"{figure}.{name}"] = [value]
        return query

    def view(self, choice: Choice, locale: str = "en") -> View:
        """The slice of a choice."""
        since, until = self.span(choice.period)
        return View(self.book, choice.where, since, until, locale)

    def span(self, period: str) -> tuple[str | None, str | None]:
        """The first and the last month of a period; None is an open side."""
        if period in self.presets:
            return self.presets[period]
        first, _, last = period.partition("..")
        return label(parse(first)[0], "month"), label(parse(last or first)[1], "month")

    def _members(self, name: str, query: Query, words: Words, problems: list[str]) -> tuple[str, ...]:
        asked = list(dict.fromkeys(query.get(name, ())))
        known = set(self.offered.get(name, ()))
        if asked and not known:
            problems.append(words.say(_NO_DIMENSION, name=name))
            return ()
        for member in asked:
            if member not in known:
                near = _near(member, known)
                said = words.say(
                    _NEAR if near else _NO_MEMBER, dimension=words.dimension(name), member=member, near=near
                )
                problems.append(said)
        return tuple(sorted(member for member in asked if member in known))

    def _period(self, given: Sequence[str], words: Words, problems: list[str]) -> str:
        if not given:
            return self.start.period
        period = given[-1]
        if period in self.presets:
            return period
        try:
            since, until = self.span(period)
            View(self.book, {}, since, until)
        except KpilibError:
            problems.append(words.say(_NO_PERIOD, given=period))
            return self.start.period
        first, last = (label(month_of(day), "month") for day in (self.book.first_month, self.book.last_month))
        if str(until) < first or str(since) > last:
            problems.append(words.say(_OUTSIDE, given=period, first=first, last=last))
            return self.start.period
        return period

    def _list(
        self, name: str, value: str, lists: dict[tuple[str, str], str], words: Words, problems: list[str]
    ) -> None:
        figure, _, own = name.rpartition(".")
        offered = self._lists().get(figure, {}).get(own, ())
        if value not in offered:
            kept = offered[0] if offered else ""
            said = (
                words.say(_NO_LIST, given=value, figure=figure, kept=kept)
                if offered
                else words.say(_NO_DIMENSION, name=name)
            )
            problems.append(said)
        elif value != offered[0]:
            lists[figure, own] = value


def slug(name: str) -> str:
    """A preset's name in a link: "last-12-months"."""
    return name.lower().replace(" ", "-")


def _near(member: str, known: Iterable[str]) -> str:
    """The known member that the given one was probably meant to be; empty text where none is near."""
    lowered = {name.lower(): name for name in sorted(known)}
    close = get_close_matches(member.lower(), lowered, n=1, cutoff=0.6)
    return lowered[close[0]] if close else ""


def _bounded(query: Query, words: Words, problems: list[str]) -> dict[str, list[str]]:
    """The query without what no reader can have meant: thousands of values, values as long as a page."""
    kept = {
        str(name): [value for value in map(str, values[:MOST]) if value and len(value) <= LONGEST]
        for name, values in list(query.items())[:MOST]
        if len(str(name)) <= LONGEST
    }
    if sum(map(len, kept.values())) < sum(len([v for v in values if v]) for values in query.values()):
        problems.append(words.say(_TOO_MUCH))
    return {name: values for name, values in kept.items() if values}
