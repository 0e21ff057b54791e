"""Which staged file feeds which table under a dialect, and which of its columns give which of the model's.

Works on names only (of files, sheets and columns): no value is read here.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from kpilib.model.tables import TABLES
from kpilib.sources.parts import Choice, Condition, Dialect, Lookup, Source

#: A file is recognised by its columns alone where at least so many of them are known.
ALIKE = 4


class Staged(Protocol):
    """What matching needs to know of a loaded file or sheet."""

    @property
    def table(self) -> str: ...
    @property
    def file(self) -> str: ...
    @property
    def sheet(self) -> str: ...
    @property
    def rows(self) -> int: ...
    @property
    def rejected(self) -> int: ...
    @property
    def notes(self) -> Sequence[str]: ...
    @property
    def columns(self) -> Sequence[str]: ...


@lru_cache(maxsize=10_000)
def plain(name: str) -> str:
    """A name without case, accents, blanks and signs: 'Date de clôture' → 'date_de_cloture'."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c)).casefold()
    return "_".join("".join(c if c.isalnum() else " " for c in bare).split())


def label(staged: Staged) -> str:
    """How messages call a staged file: its name, and the sheet's where it is a workbook."""
    return f"{Path(staged.file).name} [{staged.sheet}]" if staged.sheet else Path(staged.file).name


def _stem(file: str) -> str:
    path = Path(file)
    return Path(path.stem).stem if path.suffix.lower() in {".gz", ".zip", ".bz2", ".zst"} else path.stem


def _known_as(staged: Staged, all_staged: Sequence[Staged]) -> list[str]:
    """The names a pattern may meet: the sheet's, and the file's unless the workbook has several sheets."""
    alone = sum(s.file == staged.file for s in all_staged) == 1
    return [plain(n) for n in (staged.sheet or "", _stem(staged.file) if alone or not staged.sheet else "") if n]


def _named(patterns: Iterable[str], names: Iterable[str]) -> bool:
    wanted = ["*".join(plain(part) for part in pattern.split("*")) for pattern in patterns]
    return any(fnmatchcase(name, pattern) for name in names for pattern in wanted)


def find_column(columns: Iterable[str], name: str) -> str | None:
    """The column meant by `name`: the same text, else the same but for case, accents, blanks and signs."""
    listed = list(columns)
    if name in listed:
        return name
    return next((c for c in listed if plain(c) == plain(name)), None)


@dataclass(frozen=True)
class Place:
    """A column of the file itself (`lookup` empty) or of a looked-up file."""

    lookup: str
    column: str


@dataclass(frozen=True)
class Match:
    """A staged file that feeds a table: which of its columns give which of the model's."""

    source: Source
    staged: Staged
    lookups: Mapping[str, tuple[Lookup, Staged]] = field(default_factory=dict)

    @property
    def label(self) -> str:
        return label(self.staged)

    def place(self, name: str) -> Place | None:
        """Where the dialect's `name` is found: in this file, in a looked-up one, or nowhere."""
        head, dot, rest = name.partition(".")
        if dot and any(lookup.name == head for lookup in self.source.lookups):
            if head not in self.lookups:
                return None
            column = find_column(self.lookups[head][1].columns, rest)
            return Place(head, column) if column else None
        column = find_column(self.staged.columns, name)
        return Place("", column) if column else None

    def choices(self, column: str) -> list[tuple[Choice, Place | None]]:
        """The choices of a model column that this file can serve, each with its place (None: a fixed value)."""
        out: list[tuple[Choice, Place | None]] = []
        for choice in self.source.columns.get(column, ()):
            where = next((place for n in choice.names if (place := self.place(n))), None)
            fixed = not choice.names and (not choice.when or any(self.place(c.column) for c in choice.when))
            if fixed or where is not None:
                out.append((choice, where))
        return out

    @property
    def mapped(self) -> list[tuple[str, str]]:
        """Pairs (column of the file, column of the model) that this file gives."""
        return [
            (where.column if not where.lookup else f"{where.lookup}.{where.column}", column)
            for column in self.source.columns
            for _, where in self.choices(column)
            if where is not None
        ]

    @property
    def used(self) -> set[str]:
        """Columns of the file that are read, for a value, a condition or a lookup."""
        names = [n for choices in self.source.columns.values() for c in choices for n in c.names]
        names += [c.column for c in self._conditions()] + [lookup.by for lookup in self.source.lookups]
        places = [self.place(name) for name in names]
        return {p.column for p in places if p is not None and not p.lookup}

    def _conditions(self) -> list[Condition]:
        source = self.source
        inside = [c for choices in source.columns.values() for choice in choices for c in choice.when + choice.unless]
        return [*source.keep, *source.skip, *inside]

    @property
    def lacking(self) -> list[str]:
        """Columns the model cannot do without and nothing in this file gives."""
        must = (c.name for c in TABLES[self.source.table].columns if not c.empty and not c.default)
        return [name for name in must if not self.choices(name)]


def wanted(dialect: Dialect, file: str) -> bool:
    """Whether a dialect reads files of that name."""
    patterns = [p for s in dialect.sources for p in (*s.files, *(f for lookup in s.lookups for f in lookup.files))]
    return _named(patterns, [plain(_stem(file))])


def match(dialect: Dialect, staged: Sequence[Staged]) -> list[Match]:
    """Every (file, table) pair of the dialect, in the order of the model's tables, then of the files.

    A file that lacks a column the table needs is listed only where no other shape of the dialect reads it whole.
    """
    names = {s.table: _known_as(s, staged) for s in staged}
    out: list[Match] = []
    for source in dialect.sources:
        if any(_named(source.without, names[s.table]) for s in staged):
            continue
        beside = {k.name: (k, s) for k in source.lookups for s in reversed(staged) if _named(k.files, names[s.table])}
        mine = [s for s in staged if _named(source.files, names[s.table]) and _shaped(source, s)]
        out += [Match(source, s, _joinable(source, s, beside)) for s in mine]
    whole = {(m.source.table, m.staged.table) for m in out if not m.lacking}
    return [m for m in out if not m.lacking or (m.source.table, m.staged.table) not in whole]


def _shaped(source: Source, staged: Staged) -> bool:
    return all(find_column(staged.columns, name) for name in source.having)


def _joinable(
    source: Source, staged: Staged, beside: Mapping[str, tuple[Lookup, Staged]]
) -> dict[str, tuple[Lookup, Staged]]:
    """The lookups whose key and whose own column are there, in the order of the dialect."""
    out: dict[str, tuple[Lookup, Staged]] = {}
    for lookup in (k for k in source.lookups if k.name in beside):
        other = beside[lookup.name][1]
        if find_column(other.columns, lookup.key) and Match(source, staged, out).place(lookup.by):
            out[lookup.name] = (lookup, other)
    return out


def left_files(found: Sequence[Match], staged: Sequence[Staged]) -> tuple[str, ...]:
    """Files that nothing reads."""
    used = {m.staged.table for m in found} | {s.table for m in found for _, s in m.lookups.values()}
    return tuple(label(s) for s in staged if s.table not in used)


def left_columns(found: Sequence[Match], staged: Sequence[Staged]) -> dict[str, tuple[str, ...]]:
    """Columns that nothing reads, by file, of the files that feed a table."""
    out = {}
    for s in staged:
        mine = [m for m in found if m.staged.table == s.table]
        if not mine:
            continue
        used = set().union(*(m.used for m in mine))
        out[label(s)] = tuple(c for c in s.columns if c not in used)
    return out


def meant(column: str, found: Match) -> str:
    """The model column that a left-over column may have meant ('' where none is close)."""
    is_key = column.lower().endswith("id")
    empty = [c for c in TABLES[found.source.table].names if not found.choices(c) and c.endswith("id") == is_key]
    close = get_close_matches(plain(column), empty, n=1, cutoff=0.75)
    return close[0] if close else ""


def looks_like(staged: Staged, known: Iterable[Dialect]) -> str:
    """What a file that no dialect knows by its name may be, told by its columns ('' where nothing is likely)."""
    fits = [(len({ours for _, ours in m.mapped}), d, m) for d in known for m in _by_columns(d, staged)]
    if not fits:
        return ""
    _, dialect, best = max(fits, key=lambda f: f[0])
    return (
        f"{label(staged)} has the columns of {best.source.table} in the dialect {dialect.name!r}: "
        f"name it {best.source.files[0].replace('*', '')!r} to have it read"
    )


def _by_columns(dialect: Dialect, staged: Staged) -> list[Match]:
    found = [Match(source, staged) for source in dialect.sources if _shaped(source, staged)]
    return [m for m in found if not m.lacking and len({theirs for theirs, _ in m.mapped}) >= ALIKE]


def near(column: str, wanted: Sequence[str]) -> bool:
    """Whether a column's name is close to one of those wanted."""
    return bool(get_close_matches(plain(column), [plain(w) for w in wanted], n=1, cutoff=0.75))
