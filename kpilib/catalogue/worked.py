"""Every KPI in words, and worked out on rows that can be counted on fingers: what ``examples/*.toml`` hold.

The texts are English here; French stands in the message catalogue (`texts` names all that is to be translated). That an
answer is the right one is proved by a test, which imports the rows and asks.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kpilib.errors import unknown

if TYPE_CHECKING:
    import pandas as pd

FOLDER = Path(__file__).parent / "examples"
#: The day and the months that an example is asked for, where it says no others.
_ASKED = {"as_of": "2026-06-30", "since": "2026-01", "until": "2026-06"}
#: The column that repeats a line.
TIMES = "times"
_OWN = ("words", "n", "d", "value", "why")
#: What a KPI's table may hold beside its variants.
KNOWN = (*_OWN, "like", "rows", "as_of", "since", "until")


@dataclass(frozen=True)
class Answer:
    """One definition on the example's rows.

    Parameters
    ----------
    words : str
        The formula for a reader: "deals won ÷ deals won or lost".
    why : str
        How one counts it.
    n, d : float or None
        What stands above and below the line; no `d` for a total, neither where there is no line.
    value : float
        The answer: n ÷ d, n, or what no line gives. Shares are fractions.
    """

    words: str
    why: str
    n: float | None
    d: float | None
    value: float


@dataclass(frozen=True)
class Example:
    """A KPI worked out.

    Parameters
    ----------
    key : str
        The KPI's.
    tables : mapping of str to tuple of dict
        The rows by table of the model, as text; an empty cell is "". `times` repeats a row.
    as_of, since, until : str
        The day and the months that are asked.
    answers : mapping of str to Answer
        The main definition under "main", each variant under its own key.
    """

    key: str
    tables: Mapping[str, tuple[dict[str, str], ...]]
    as_of: str
    since: str
    until: str
    answers: Mapping[str, Answer]

    @property
    def count(self) -> int:
        """How many rows the tables have together, each repeated one counted once."""
        return sum(len(rows) for rows in self.tables.values())

    def frames(self) -> dict[str, pd.DataFrame]:
        """The rows as `kpilib.open` takes them: a frame of text a table; a repeated row's key gets a number."""
        import pandas as pd

        return {name: pd.DataFrame(_repeated(rows)).replace("", None) for name, rows in self.tables.items()}


def example(key: str) -> Example:
    """The example of a KPI; `UnknownName` with a did-you-mean where it has none."""
    known = examples()
    if key not in known:
        raise unknown("worked example", key, known)
    return known[key]


@lru_cache(maxsize=1)
def examples() -> Mapping[str, Example]:
    """Every example by its KPI's key, in the order of the files."""
    written = {key: given for file in sorted(FOLDER.glob("*.toml")) for key, given in _read(file).items()}
    return {key: _example(key, given, written) for key, given in written.items()}


def answer(path: str) -> Answer | None:
    """What a definition gives on its example's rows, by its path ("win_rate.cohort"); None where nobody wrote it."""
    key, _, variant = path.partition(".")
    known = examples().get(key)
    return known.answers.get(variant or "main") if known is not None else None


def texts(key: str) -> Iterator[str]:
    """What is to be translated of a KPI's example: the formulas in words, and how one counts."""
    if key in examples():
        for answer in examples()[key].answers.values():
            yield from (answer.words, answer.why)


def _read(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _example(key: str, given: dict[str, Any], written: Mapping[str, dict[str, Any]]) -> Example:
    first = written[given["like"]] if "like" in given else given
    tables = {name: _rows(text) for name, text in first["rows"].items()}
    variants = {name: one for name, one in given.items() if name not in KNOWN}
    asked = {**_ASKED, **_dates(first), **_dates(given)}
    answers = {"main": _answer(given), **{name: _answer(one) for name, one in variants.items()}}
    return Example(key, tables, asked["as_of"], asked["since"], asked["until"], answers)


def _dates(given: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(given[name]) for name in _ASKED if name in given}


def _answer(given: Mapping[str, Any]) -> Answer:
    n, d = given.get("n"), given.get("d")
    value = given["value"] if n is None else n if d is None else n / d
    return Answer(given["words"], given["why"], n, d, float(value))


def _rows(text: str) -> tuple[dict[str, str], ...]:
    """A table as it is written: a header, then a line a row, cells between bars."""
    header, *lines = ([cell.strip() for cell in line.split("|")] for line in text.strip().splitlines())
    return tuple(dict(zip(header, line, strict=True)) for line in lines)


def _repeated(rows: tuple[dict[str, str], ...]) -> list[dict[str, str]]:
    made = []
    for row in rows:
        count, cells = int(row.get(TIMES) or 1), {name: cell for name, cell in row.items() if name != TIMES}
        key = next(iter(cells))
        made += [{**cells, key: f"{cells[key]}{at}"} for at in range(1, count + 1)] if TIMES in row else [cells]
    return made
