"""The demo company as CSV files named as the model's tables: UTF-8, ISO dates, the same bytes every time."""

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd

from kpilib.demo.answers import text
from kpilib.demo.company import AS_OF, Plan, Totals, blocks, closing, plan, reference
from kpilib.demo.draws import Draws
from kpilib.demo.faults import spoiled
from kpilib.demo.twins import twins
from kpilib.model.columns import Column
from kpilib.model.tables import TABLES, table

#: Tables whose faults have a stream of their own, so that those of the older tables stay where they are.
_LATER = ("opportunity_changes", "actions")


def write(
    folder: str | Path,
    seed: int = 1,
    scale: float = 1.0,
    months: int = 36,
    until: dt.date = AS_OF,
    scenario: str = "baseline",
) -> dict[str, int]:
    """Make the demo company and write it, one CSV file a table, and its truths as `answers.toml`.

    Files of those names are replaced. One block of accounts is in memory at a time.

    Parameters
    ----------
    folder : str or pathlib.Path
        Made where it does not exist.
    seed, scale, months, until, scenario
        As `company.make` takes them.

    Returns
    -------
    dict of str to int
        The rows of each table written.
    """
    wanted, totals = plan(seed, scale, months, until, scenario), Totals()
    with Files(Path(folder), wanted) as files:
        files.add(reference(wanted))
        for made in blocks(wanted, totals):
            files.add(made)
        files.add(closing(wanted, totals))
    head = {"scenario": scenario, "seed": seed, "scale": scale, "months": months, "as_of": until}
    said = text(head, wanted.truth, totals.known, wanted.span, files.faults, files.twins)
    (Path(folder) / "answers.toml").write_text(said, encoding="utf-8", newline="\n")
    return {name: files.rows[name] for name in TABLES if name in files.rows}


class Files:
    """One open file a table; rows are added to the end of it, spoiled where the scenario wants them so.

    `rows` counts the rows written by table; `faults` the rows that bear each fault; `twins` has the accounts entered
    twice.
    """

    def __init__(self, folder: Path, wanted: Plan) -> None:
        self.folder, self.wanted = folder, wanted
        self.rows: dict[str, int] = {}
        self.faults: dict[str, Counter[str]] = {}
        self.twins: list[dict[str, Any]] = []
        self._open: dict[str, IO[str]] = {}
        self._draws = Draws(wanted.seed, "faults")
        folder.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> "Files":
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._open.values():
            file.close()

    def add(self, frames: dict[str, pd.DataFrame]) -> None:
        """Write the rows of each frame, below its header where the file is new."""
        for name, frame in frames.items():
            if name not in self._open:
                path = self.folder / f"{name}.csv"
                self._open[name] = path.open("w", encoding="utf-8", newline="")
                self._open[name].write(",".join(table(name).names) + "\n")
            said = self._lines(name, frame)
            self._open[name].write("".join(said))
            self.rows[name] = self.rows.get(name, 0) + len(said)

    def _lines(self, name: str, frame: pd.DataFrame) -> list[str]:
        if self.wanted.scenario != "dirty":
            return lines(name, frame)
        draws = Draws(self.wanted.seed, f"faults of {name}") if name in _LATER else self._draws
        cells = texts(name, frame)
        again = self._again(cells) if name == "customers" else []
        said, counted = spoiled(name, cells, self.wanted.span, draws)
        self.faults[name] = self.faults.get(name, Counter()) + counted
        return [*said, *again]

    def _again(self, cells: list[list[str]]) -> list[str]:
        """Some of these customers, entered a second time."""
        known = len(self.twins)
        said, pairs = twins(cells, known + 1, Draws(self.wanted.seed, "twins", known))
        self.twins += pairs
        return said


def texts(name: str, frame: pd.DataFrame) -> list[list[str]]:
    """The cells of one frame of the model table `name`, column by column in their order, empty for what is missing."""
    return [_texts(column, frame[column.name]) for column in table(name).columns]


def lines(name: str, frame: pd.DataFrame) -> list[str]:
    """The rows of one frame of the model table `name` as lines of CSV."""
    return [",".join(row) + "\n" for row in zip(*texts(name, frame), strict=True)]


def _texts(column: Column, values: "pd.Series[Any]") -> list[str]:
    """Each value as it is written: money and shares with two decimals, other numbers with up to four."""
    if column.type == "text":
        return _quoted(values.tolist())
    if column.type in ("date", "time"):
        moments = values.to_numpy()
        return _dated(moments, "D" if column.type == "date" or _midnights(moments) else "s")
    numbers = pd.to_numeric(values).to_numpy(dtype=np.float64)
    scale = 100 if column.type in ("money", "share") else 10_000
    return _decimals(numbers, scale)


def _midnights(moments: "np.ndarray[Any, Any]") -> bool:
    """Whether no moment has a time of day: written as days, they take half the room."""
    days = moments.astype("datetime64[D]")
    return bool((np.isnat(days) | (days == moments)).all())


def _decimals(numbers: "np.ndarray[Any, Any]", scale: int) -> list[str]:
    """Numbers as fractions of `scale`, without the noughts at the end."""
    missing = np.isnan(numbers)
    whole = np.round(np.where(missing, 0.0, numbers) * scale).astype(np.int64)
    unique, place = np.unique(whole, return_inverse=True)
    digits = len(str(scale)) - 1
    said = np.array([_fraction(value, scale, digits) for value in unique.tolist()], dtype=object)[place]
    said[missing] = ""
    return said.tolist()


def _fraction(value: int, scale: int, digits: int) -> str:
    sign = "-" if value < 0 else ""
    units, rest = divmod(abs(value), scale)
    return f"{sign}{units}.{rest:0{digits}d}".rstrip("0").rstrip(".") if rest else f"{sign}{units}"


def _dated(moments: "np.ndarray[Any, Any]", unit: str) -> list[str]:
    kept = moments.astype(f"datetime64[{unit}]")
    unique, place = np.unique(kept, return_inverse=True)
    said = np.datetime_as_string(unique).astype(object)
    said[np.isnat(unique)] = ""
    return said[place].tolist()


def _quoted(values: list[Any]) -> list[str]:
    """Text as CSV has it: quoted where it holds a comma, a quote or a line end."""
    said: dict[Any, str] = {}
    for one in set(values):
        missing = one is None or one != one
        said[one] = "" if missing else _quote(str(one))
    return [said[one] for one in values]


def _quote(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"\n\r') else text
