"""Columns of panels as NumPy arrays: days, codes of text, places of keys; whatever pandas keeps them in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

#: Later than every day that data may have, as a number of days.
NEVER = 2**40


def days(column: pd.Series) -> NDArray[np.int64]:
    """Days since 1970 of a column of dates; `NEVER` where there is none.

    Examples
    --------
    >>> days(pd.Series(["1970-01-03", None])).tolist() == [2, NEVER]
    True
    """
    read = pd.to_datetime(column).to_numpy().astype("datetime64[D]")
    return np.where(np.isnat(read), NEVER, read.astype(np.int64))


def codes(column: pd.Series) -> tuple[NDArray[np.intp], list[Any]]:
    """A column of text as numbers from 0 on and what each number stands for; -1 where there is nothing.

    Examples
    --------
    >>> numbers, names = codes(pd.Series(["b", "a", None, "b"]))
    >>> numbers.tolist(), names
    ([0, 1, -1, 0], ['b', 'a'])
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy().astype(np.intp), column.cat.categories.tolist()
    numbers, names = pd.factorize(column)
    return numbers, list(names)


def places(keys: pd.Series, among: pd.Series) -> NDArray[np.intp]:
    """The row of `among`, of distinct keys, in which each key stands; -1 where it stands in none.

    Examples
    --------
    >>> places(pd.Series(["b", "x", "a"]), pd.Series(["a", "b"])).tolist()
    [1, -1, 0]
    """
    one, other, size = _common(keys, among)
    # The last cell is for missing keys, numbered -1.
    place = np.full(size + 1, -1, np.intp)
    place[other] = np.arange(len(other))
    place[-1] = -1
    return place[one]


def _common(keys: pd.Series, among: pd.Series) -> tuple[NDArray[Any], NDArray[Any], int]:
    """Two columns in the same codes, and how many there are."""
    coded = all(isinstance(column.dtype, pd.CategoricalDtype) for column in (keys, among))
    # Equal dtypes do not do: they may number the same categories otherwise.
    if coded and keys.cat.categories.equals(among.cat.categories):
        return keys.cat.codes.to_numpy(), among.cat.codes.to_numpy(), len(keys.cat.categories)
    numbers, names = pd.factorize(pd.concat([among, keys], ignore_index=True))
    return numbers[len(among) :], numbers[: len(among)], len(names)
