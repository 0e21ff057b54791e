"""Which staged file feeds which table under a dialect, and which dialect fits a folder best.

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

from kpilib.errors import BadInput
from kpilib.model.tables import TABLES
from kpilib.sources import dialects
from kpilib.sources.dialects import Choice, Condition, Dialect, Lookup, Source

#: The best dialect is taken unasked only where it reads this many times what the second reads.
CLEAR = 1.5
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
            where = self.place(choice.column) if choice.column else None
            fixed = not choice.column and (not choice.when or any(self.place(c.column) for c in choice.when))
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
        names = [c.column for column in self.source.columns for c in self.source.columns[column] if c.column]
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
        lookups = {k.name: (k, s) for k in source.lookups for s in reversed(staged) if _named(k.files, names[s.table])}
        out += [Match(source, s, lookups) for s in staged if _named(source.files, names[s.table])]
    whole = {(m.source.table, m.staged.table) for m in out if not m.lacking}
    return [m for m in out if not m.lacking or (m.source.table, m.staged.table) not in whole]


@dataclass(frozen=True)
class Fit:
    """What a dialect would make of a folder.

    `score` counts the columns it would read; a file that lacks a column the table needs counts half.
    `maps` holds texts "file.column → table.column"; `left` the columns left, by file; `left_files` the files left.
    """

    dialect: Dialect
    score: float
    maps: tuple[str, ...]
    left_files: tuple[str, ...]
    left: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Proposal:
    """The dialects that fit a folder, best first; `clear` says whether the first may be taken unasked."""

    fits: tuple[Fit, ...]
    files: tuple[str, ...]
    hints: tuple[str, ...] = ()

    @property
    def clear(self) -> bool:
        scores = [fit.score for fit in self.fits] + [0.0, 0.0]
        return scores[0] > 0 and scores[0] >= CLEAR * scores[1]

    @property
    def best(self) -> Fit:
        """The clear best fit; `BadInput` lists the candidates, and how to name one, where there is none."""
        if self.clear:
            return self.fits[0]
        if not self.fits:
            raise BadInput(
                f"No dialect knows any of these files: {_some(self.files)}. "
                f"There is: {', '.join(dialects.names())}. "
                + "".join(f"{hint}. " for hint in self.hints)
                + "Name the files as the tables of the model (customers, opportunities, …), or write a dialect "
                "(see the top of kpilib/sources/dialects/model.toml) and give it: --dialect mine.toml."
            )
        listed = "; ".join(f"{f.dialect.name} ({len(f.maps)} columns, {f.dialect.title})" for f in self.fits)
        raise BadInput(
            f"More than one dialect may fit: {listed}. Say which: --dialect {self.fits[0].dialect.name}, "
            f"or dialect={self.fits[0].dialect.name!r}."
        )

    def text(self) -> str:
        """The proposal for a terminal: each dialect with what it would map and what it would leave."""
        lines = [f"Files: {_some(self.files, 30)}"]
        for fit in self.fits:
            lines += [f"\n{fit.dialect.name} – {fit.dialect.title}: would read {len(fit.maps)} columns"]
            lines += [f"  {line}" for line in fit.maps]
            lines += [f"  left in {file}: {_some(columns, 12)}" for file, columns in fit.left.items() if columns]
            lines += [f"  left whole: {_some(fit.left_files, 12)}"] if fit.left_files else []
        if not self.fits:
            lines.append("No dialect knows any of them.")
        elif self.clear:
            lines.append(f"\nThe best fit is clear: {self.fits[0].dialect.name}.")
        return "\n".join(lines)


def propose(staged: Sequence[Staged]) -> Proposal:
    """How well each dialect that comes with kpilib fits the staged files.

    Returns
    -------
    Proposal
        Only dialects that would read something, best first.
    """
    fits = [fit(dialects.load(name), staged) for name in dialects.names()]
    ranked = sorted((f for f in fits if f.score), key=lambda f: -f.score)
    hints = [] if ranked else [looks_like(s, [dialects.load(n) for n in dialects.names()]) for s in staged]
    return Proposal(tuple(ranked), tuple(label(s) for s in staged), tuple(h for h in hints if h))


def fit(dialect: Dialect, staged: Sequence[Staged]) -> Fit:
    """What one dialect would make of the staged files."""
    found = match(dialect, staged)
    maps = tuple(f"{m.label}.{theirs} → {m.source.table}.{ours}" for m in found for theirs, ours in m.mapped)
    left = left_columns(found, staged)
    score = sum(len({ours for _, ours in m.mapped}) * (0.5 if m.lacking else 1.0) for m in found)
    return Fit(dialect, score, maps, left_files(found, staged), left)


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
    found = [Match(source, staged) for source in dialect.sources]
    return [m for m in found if not m.lacking and len({theirs for theirs, _ in m.mapped}) >= ALIKE]


def near(column: str, wanted: Sequence[str]) -> bool:
    """Whether a column's name is close to one of those wanted."""
    return bool(get_close_matches(plain(column), [plain(w) for w in wanted], n=1, cutoff=0.75))


def _some(names: Sequence[str], most: int = 10) -> str:
    return (", ".join(names[:most]) + (f", … ({len(names)} in all)" if len(names) > most else "")) or "none"
