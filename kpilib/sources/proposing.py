"""Which dialect fits a folder best, with what it would map and what it would leave. Works on names only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kpilib.errors import BadInput
from kpilib.sources import dialects, matching
from kpilib.sources.matching import Staged
from kpilib.sources.parts import Dialect

#: The best dialect is taken unasked only where it reads this many times what the second reads.
CLEAR = 1.5


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
    hints = [] if ranked else [matching.looks_like(s, [dialects.load(n) for n in dialects.names()]) for s in staged]
    return Proposal(tuple(ranked), tuple(matching.label(s) for s in staged), tuple(h for h in hints if h))


def fit(dialect: Dialect, staged: Sequence[Staged]) -> Fit:
    """What one dialect would make of the staged files."""
    found = matching.match(dialect, staged)
    maps = tuple(f"{m.label}.{theirs} → {m.source.table}.{ours}" for m in found for theirs, ours in m.mapped)
    left = matching.left_columns(found, staged)
    score = sum(len({ours for _, ours in m.mapped}) * (0.5 if m.lacking else 1.0) for m in found)
    return Fit(dialect, score, maps, matching.left_files(found, staged), left)


def _some(names: Sequence[str], most: int = 10) -> str:
    return (", ".join(names[:most]) + (f", … ({len(names)} in all)" if len(names) > most else "")) or "none"
