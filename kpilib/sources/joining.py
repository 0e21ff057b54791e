"""Looked-up files beside a staged one: the JOINs, and what each looked-up row gives.

A looked-up file is read, and its rows made one a key, before it is joined: a row of the staged file stays one row.
"""

from kpilib.sources.matching import Match, Place, find_column
from kpilib.sources.parts import Lookup
from kpilib.sources.phrases import Value, compared, holds, name, taken


class Beside:
    """What a match takes from its looked-up files, collected while its columns are written; `sql` joins them."""

    def __init__(self, match: Match) -> None:
        self.match = match
        self._told: dict[str, list[str]] = {}

    def text(self, place: Place) -> str:
        """The text of a looked-up column, as it is called after the join."""
        lookup = self.match.lookups[place.lookup][0]
        named = name(f"{place.lookup} of {place.column}")
        told = f"{_one(lookup, f'CAST({name(place.column)} AS VARCHAR)')} AS {named}"
        self._told.setdefault(place.lookup, [])
        self._told[place.lookup] += [] if told in self._told[place.lookup] else [told]
        return named

    def value(self, alias: str, value: Value) -> Value:
        """A value of a looked-up file as it is called after the join: worked out there, under a name of its own."""
        lookup = self.match.lookups[alias][0]
        told = self._told.setdefault(alias, [])
        stem = f"{alias} {len(told)}"
        read, given, raw = (name(f"{stem} {part}") for part in ("read", "given", "raw"))
        told += [
            f"{_of(lookup, value)} AS {read}",
            f"{_given(lookup, value)} AS {given}",
            f"{value.raw if lookup.take == 'first' else taken('min', value.raw)} AS {raw}",
        ]
        return Value(read, f"coalesce({given}, FALSE)", raw)

    @property
    def sql(self) -> str:
        """The JOINs in the order of the dialect, those first that others start from ('' where nothing is taken)."""
        starts = {alias: self._start(alias) for alias in reversed([*self.match.lookups]) if alias in self._needed()}
        return "".join(self._join(alias, starts[alias]) for alias in self.match.lookups if alias in starts)

    def _needed(self) -> set[str]:
        """The lookups that give something, and those from which they start."""
        found = set(self._told)
        for alias in reversed([*self.match.lookups]):
            start = self.match.place(self.match.lookups[alias][0].by)
            found |= {start.lookup} if alias in found and start and start.lookup else set()
        return found

    def _start(self, alias: str) -> str:
        """The column from which a lookup starts: the file's own, or one of a lookup above."""
        place = self.match.place(self.match.lookups[alias][0].by)
        assert place is not None, "matching leaves out a lookup that starts from nowhere"
        return self.text(place) if place.lookup else f"CAST({name(place.column)} AS VARCHAR)"

    def _join(self, alias: str, start: str) -> str:
        lookup, staged = self.match.lookups[alias]
        key = find_column(staged.columns, lookup.key)
        assert key is not None, "matching leaves out a lookup without its key"
        kept = [holds(self._column(alias, c.column), c) for c in lookup.keep]
        where = " AND ".join([f"{name(key)} IS NOT NULL", *kept])
        inner = f"SELECT CAST({name(key)} AS VARCHAR) AS {name('key of ' + alias)}, {', '.join(self._told[alias])}"
        inner += f" FROM {name(staged.table)} WHERE {where}"
        if lookup.take == "first":
            inner += f" QUALIFY row_number() OVER (PARTITION BY {name(key)} ORDER BY _row) = 1"
        else:
            inner += " GROUP BY 1"
        return f" LEFT JOIN ({inner}) AS {name(alias)} ON {name('key of ' + alias)} = {start}"

    def _column(self, alias: str, wanted: str) -> str:
        column = find_column(self.match.lookups[alias][1].columns, wanted)
        return compared(f"CAST({name(column)} AS VARCHAR)") if column else "''"


def _of(lookup: Lookup, value: Value) -> str:
    """The typed value of a lookup: a first row is picked whole, others are summed up column by column."""
    return value.read if lookup.take == "first" else taken(lookup.take, value.read)


def _given(lookup: Lookup, value: Value) -> str:
    """Whether anything was written; where rows differ and "same" was asked for, nothing was."""
    if lookup.take == "first":
        return value.given
    return f"({_of(lookup, value)}) IS NOT NULL" if lookup.take == "same" else f"bool_or({value.given})"


def _one(lookup: Lookup, expression: str) -> str:
    return expression if lookup.take == "first" else taken("min", expression)
