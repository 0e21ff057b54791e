"""A panel's rows from the arrays beside the cubes: the frame that the engine would give, without the engine.

A slice is one mask over small numbers; only the columns that are asked for become texts and days again. What a column's
numbers stand for is made once a process.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from kpilib.compute.store import Reader
from kpilib.periods import month_start

_EPOCH = date(1970, 1, 1)


class Kept:
    """The rows of one panel, in the order in which `Book.panel` gives them."""

    def __init__(self, reader: Reader, header: dict[str, Any]) -> None:
        self.rows: int = header["rows"]
        self.columns = {name: _KINDS[places["kind"]](reader, places) for name, places in header["columns"].items()}

    def dated(self, name: str) -> bool:
        """Whether rows can be kept by this column's days."""
        return isinstance(self.columns.get(name), (Days, Times))

    def members(self, dimension: str) -> dict[str, int]:
        """The members of a dimension, each with its rows."""
        return self.columns[dimension].counted()

    def frame(
        self,
        columns: tuple[str, ...],
        where: tuple[tuple[str, tuple[str, ...]], ...] = (),
        when: str = "",
        first: int = 0,
        last: int = 0,
    ) -> pd.DataFrame:
        """The rows of a slice.

        Parameters
        ----------
        columns : tuple of str
            Those wanted, in their order; all of them where empty.
        where : tuple of (str, tuple of str)
            Dimension and the members to keep.
        when : str
            The date column that `first` and `last` bound; "" for no bound.
        first, last : int
            Month numbers, both included.

        Returns
        -------
        DataFrame
            With the types that the engine's answer has: days as `datetime.date`, whole numbers as floats and flags as
            objects where a cell of the slice is empty.
        """
        keep = self._chosen(where, when, first, last)
        wanted = columns or tuple(self.columns)
        made = {name: self.columns[name].take(keep) for name in wanted}
        return pd.DataFrame(made, index=pd.RangeIndex(self.rows if keep is None else len(keep)), copy=False)

    def _chosen(
        self, where: tuple[tuple[str, tuple[str, ...]], ...], when: str, first: int, last: int
    ) -> np.ndarray | None:
        """The places of the slice's rows; None for all."""
        masks = [self.columns[name].among(members) for name, members in where]
        if when:
            masks.append(self.columns[when].within(month_start(first), month_start(last + 1)))
        return np.flatnonzero(np.logical_and.reduce(masks)) if masks else None


class Column(ABC):
    """One column's arrays; `take` gives the cells of some rows as the engine would."""

    def __init__(self, reader: Reader, places: dict[str, Any]) -> None:
        self.reader, self.places = reader, places

    def get(self, name: str) -> np.ndarray:
        return self.reader.get(self.places[name])

    def among(self, members: tuple[str, ...]) -> np.ndarray:
        raise TypeError(f"{type(self).__name__} have no members.")

    def counted(self) -> dict[str, int]:
        raise TypeError(f"{type(self).__name__} have no members.")

    def within(self, begin: date, end: date) -> np.ndarray:
        raise TypeError(f"{type(self).__name__} have no days.")

    @abstractmethod
    def take(self, keep: np.ndarray | None) -> Any:
        """The kept rows (all for None) as pandas holds them."""


class Texts(Column):
    """Labels by their number; the number after the last one is an empty cell."""

    @cached_property
    def labels(self) -> list[str]:
        text, ends = self.get("labels").tobytes(), self.get("ends").tolist()
        return [text[begin:end].decode() for begin, end in zip([0, *ends], ends, strict=False)]

    @cached_property
    def cells(self) -> Any:
        return pd.array([*self.labels, None], dtype="str")

    @cached_property
    def index(self) -> dict[str, int]:
        return {label: code for code, label in enumerate(self.labels)}

    def take(self, keep: np.ndarray | None) -> Any:
        return self.cells.take(_part(self.get("codes"), keep))

    def among(self, members: tuple[str, ...]) -> np.ndarray:
        wanted = np.zeros(len(self.labels) + 1, bool)
        wanted[[self.index[member] for member in members if member in self.index]] = True
        return wanted[self.get("codes")]

    def counted(self) -> dict[str, int]:
        rows = np.bincount(self.get("codes"), minlength=len(self.labels))
        return {label: int(n) for label, n in zip(self.labels, rows, strict=False) if n}


class Days(Column):
    """Days by their place among those that occur; the place after the last one is an empty cell."""

    @cached_property
    def cells(self) -> np.ndarray:
        made = np.empty(len(self.get("days")) + 1, object)
        made[:-1] = [_EPOCH + timedelta(day) for day in self.get("days").tolist()]
        return made

    def take(self, keep: np.ndarray | None) -> np.ndarray:
        return self.cells[_part(self.get("codes"), keep)]

    def within(self, begin: date, end: date) -> np.ndarray:
        low, high = np.searchsorted(self.get("days"), [(begin - _EPOCH).days, (end - _EPOCH).days])
        codes = self.get("codes")
        return (codes >= low) & (codes < high)


class Times(Column):
    """Moments, and the empty cell that NumPy has for them."""

    @property
    def cells(self) -> np.ndarray:
        return self.get("values").view(f"datetime64[{self.places['unit']}]")

    def take(self, keep: np.ndarray | None) -> np.ndarray:
        return _part(self.cells, keep)

    def within(self, begin: date, end: date) -> np.ndarray:
        return (self.cells >= np.datetime64(begin)) & (self.cells < np.datetime64(end))


class Numbers(Column):
    """Floats; an empty cell is NaN."""

    def take(self, keep: np.ndarray | None) -> np.ndarray:
        return _part(self.get("values"), keep)


class Wholes(Column):
    """Whole numbers; floats where a cell is empty."""

    def take(self, keep: np.ndarray | None) -> np.ndarray:
        values = _part(self.get("values"), keep)
        empty = _part(self.get("empty"), keep).view(bool) if "empty" in self.places else np.zeros(0, bool)
        return np.where(empty, np.nan, values) if empty.any() else values


class Flags(Column):
    """Yes, no, or an empty cell."""

    def take(self, keep: np.ndarray | None) -> np.ndarray:
        values = _part(self.get("values"), keep)
        if not (values == 2).any():
            return values.astype(bool)
        return np.array([False, True, None], object)[values]


_KINDS: dict[str, type[Column]] = {
    "text": Texts, "date": Days, "time": Times, "number": Numbers, "whole": Wholes, "flag": Flags,
}  # fmt: skip


def _part(values: np.ndarray, keep: np.ndarray | None) -> np.ndarray:
    """The cells of some rows, or of all: a copy always, for what is mapped cannot be written to."""
    return values.copy() if keep is None else values[keep]
