"""The slice in force: which members of which dimensions, from when to when. Immutable, checked when it is made.

A `View` puts its slice into every question it passes on to the book, so that a figure cannot forget a filter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

import pandas as pd

from kpilib.errors import BadInput, unknown
from kpilib.model.dimensions import NOT_GIVEN
from kpilib.periods import label, month_end, month_of, month_start, parse

from .words import Words, low

#: The dimensions that a filter bar offers, in its order; what they are called is the model's business.
FILTERS = ("segment", "industry", "region", "owner", "category")


@dataclass(frozen=True, eq=False)
class View:
    """A slice of a book, and the questions one may ask of it.

    Parameters
    ----------
    book : Book
        What `kpilib.open` returned.
    where : mapping of str to sequence of str, optional
        The members kept, by dimension; a dimension that is absent or has no members is not narrowed.
    since, until : str or date, optional
        "2025-01", "2025Q1", "2025", or a day for its month; both inclusive. None leaves that side open.
    locale : str
        The reader's language, in which the slice, its numbers and its sentences are said.

    Raises
    ------
    UnknownName
        A member, or a dimension, that the data do not have.
    BadInput
        A period that starts after it ends, or is not a period.
    """

    book: Any
    where: Mapping[str, Sequence[str]] = field(default_factory=dict)
    since: str | date | None = None
    until: str | date | None = None
    locale: str = "en"

    def __post_init__(self) -> None:
        kept = {name: _as_members(name, members) for name, members in self.where.items()}
        kept = {name: members for name, members in kept.items() if members}
        for name, members in kept.items():
            known = {str(member) for member in self.book.members(name)["member"]}
            if not known.issuperset(members):
                # Who never bought and never was in a deal is known by its life alone, a lead by itself.
                for rows in ("customer_lives", "leads"):
                    known |= {str(member) for member in self.book.members(name, rows)["member"]}
            for member in members:
                if member not in known:
                    raise unknown(f"member of {name!r}", member, known)
        object.__setattr__(self, "where", MappingProxyType(kept))
        first, last = self._months
        if self.since is not None and self.until is not None and first > last:
            raise BadInput(f"The period starts ({self.since}) after it ends ({self.until}); choose an earlier start.")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, View) and self.book is other.book and self._slice() == other._slice()

    def __hash__(self) -> int:
        return hash((id(self.book), *((k, v) for k, v in self.where.items()), str(self.since), str(self.until)))

    @property
    def words(self) -> Words:
        """How numbers are said in this book's currency."""
        return Words(self.book.currency, self.locale)

    @property
    def text(self) -> str:
        """The slice in words: "Segment SMB; region East or West; 2025-07 to 2026-06"."""
        said = "; ".join(self._said(name) for name in self.where)
        said = said[:1].upper() + said[1:]
        first, last = (label(month, "month") for month in self._months)
        say = self.words.say
        period = first if first == last else say("{first} to {last}", first=first, last=last)
        if said:
            return f"{said}; {period}"
        if len(self.book.members("region")):
            return say("All regions, {period}", period=period)
        return say("All rows, {period}", period=period)

    def but(self, **changes: Any) -> "View":
        """The same slice with another `where` (of the dimensions named), `since` or `until`; None opens a side."""
        how = self._with(changes)
        return View(self.book, how["where"] or {}, how["since"], how["until"], self.locale)

    def kpi(self, key: str, **how: Any) -> pd.DataFrame:
        """`Book.kpi` of this slice; `by`, `period` and `variant` as there.

        A `where`, `since` or `until` of your own takes the place of the slice's (of that dimension, for `where`).
        """
        return self.book.kpi(key, **self._with(how))

    def columns(self, key: str, **how: Any) -> tuple[Any, dict[str, Any], str]:
        """`Book.columns` of this slice: what `kpi` gives, without pandas."""
        answer: tuple[Any, dict[str, Any], str] = self.book.columns(key, **self._with(how))
        return answer

    def lines(self, key: str, **how: Any) -> list[dict[str, Any]]:
        """What `kpi` gives, one dictionary a line."""
        _, named, _ = self.columns(key, **how)
        listed = [column if isinstance(column, list) else column.tolist() for column in named.values()]
        return [dict(zip(named, line, strict=True)) for line in zip(*listed, strict=True)]

    def variants(self, key: str, **how: Any) -> pd.DataFrame:
        """`Book.variants` of this slice: the KPI under all its definitions; `by` and `period` as there."""
        return self.book.variants(key, **self._with(how))

    def panel(self, name: str, **how: Any) -> pd.DataFrame:
        """`Book.panel` of this slice; `when` and `columns` as there."""
        return self.book.panel(name, **self._with(how))

    def rows(self, key: str, **how: Any) -> pd.DataFrame:
        """`Book.rows` of this slice: the records behind a number."""
        return self.book.rows(key, **self._with(how))

    def sql(self, when: str = "closed_on") -> str:
        """The slice as a WHERE clause on the date column `when`; "TRUE" if nothing is narrowed.

        For reading and for pasting into a query of one's own: no number of this page is computed from this text.
        """
        parts = [_condition(name, members) for name, members in self.where.items()]
        first, last = self._months
        if self.since is not None:
            parts.append(f"{when} >= DATE '{month_start(first)}'")
        if self.until is not None:
            # Up to the next day's first moment: a date column may carry a time.
            parts.append(f"{when} < DATE '{month_end(last) + timedelta(days=1)}'")
        return " AND ".join(parts) or "TRUE"

    def _with(self, how: dict[str, Any]) -> dict[str, Any]:
        where = {**self.where, **(how.pop("where", None) or {})}
        return {"where": where or None, "since": self.since, "until": self.until, **how}

    def _slice(self) -> tuple[object, ...]:
        return dict(self.where), self.since, self.until, self.locale

    @property
    def _months(self) -> tuple[int, int]:
        """First and last month; where a side is open, the data's own."""
        first = month_of(self.book.first_month) if self.since is None else parse(self.since)[0]
        last = month_of(self.book.last_month) if self.until is None else parse(self.until)[1]
        return first, last

    def _said(self, name: str) -> str:
        named = low(self.words.dimension(name))
        members = [self.words.say(one) if one == NOT_GIVEN else one for one in self.where[name]]
        return self.words.say("{dimension} {members}", dimension=named, members=listed(members, self.words))


def listed(members: Sequence[str], words: Words = Words(), most: int = 4) -> str:
    """The members as one reads them aloud, at most so many: "A, B or C", "A, B, C, D or 7 others"."""
    shown, left = list(members[:most]), len(members) - most
    if left > 0:
        shown.append(words.plural(left, "{n} other", "{n} others", n=left))
    if len(shown) == 1:
        return shown[0]
    return words.say("{names} or {last}", names=", ".join(shown[:-1]), last=shown[-1])


def _as_members(name: str, members: Sequence[str] | str) -> tuple[str, ...]:
    if isinstance(members, str):
        raise BadInput(f"where={{{name!r}: {members!r}}} needs a list of members: [{members!r}].")
    return tuple(dict.fromkeys(str(member) for member in members))


def _condition(name: str, members: Sequence[str]) -> str:
    quoted = ", ".join("'" + member.replace("'", "''") + "'" for member in members if member != NOT_GIVEN)
    there = f"{name} IN ({quoted})" if quoted else ""
    if NOT_GIVEN not in members:
        return there
    # NULL is never IN a list; a filter that keeps the missing must say so.
    return f"({there} OR {name} IS NULL)" if there else f"{name} IS NULL"
