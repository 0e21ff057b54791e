"""Columns of numbers into frames that have exactly the columns of a model table."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from kpilib.demo.days import NEVER
from kpilib.demo.draws import Flag, Whole
from kpilib.model.tables import table

Words = np.ndarray[Any, np.dtype[np.object_]]


def frame(name: str, /, **columns: Any) -> pd.DataFrame:
    """A frame with the columns of the model table `name`, in its order; a column not given is empty.

    Raises
    ------
    UnknownName
        When a column given is not one of the table.
    """
    declared = table(name)
    for column in columns:
        declared.column(column)
    rows = len(columns[declared.key])
    empty = np.full(rows, None, dtype=object)
    return pd.DataFrame({c: columns.get(c, empty) for c in declared.names})


def keys(letter: str, positions: Whole) -> Words:
    """Keys such as `C00001` for the positions 0, 1, …"""
    return np.array([f"{letter}{i + 1:05d}" for i in positions.tolist()], dtype=object)


def words(choices: Iterable[str], positions: Whole) -> Words:
    """The choice at each position."""
    return np.array(list(choices), dtype=object)[positions]


def where(keep: Flag, values: Words) -> Words:
    """The values, emptied where `keep` is false."""
    kept = values.copy()
    kept[~keep] = None
    return kept


def dates(days: Whole) -> np.ndarray[Any, np.dtype[np.datetime64]]:
    """Day numbers as dates; NEVER as NaT."""
    return days.astype("datetime64[D]").astype("datetime64[s]")


def times(minutes: Whole) -> np.ndarray[Any, np.dtype[np.datetime64]]:
    """Minutes since 1970 as times; NEVER as NaT."""
    return minutes.astype("datetime64[m]").astype("datetime64[s]")


def euros(cents: Whole) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Whole cents as euros: one exact division, so that two decimals say it all."""
    return cents / 100


def never(keep: Flag, days: Whole) -> Whole:
    """The days, NEVER where `keep` is false."""
    return np.where(keep, days, NEVER)
