"""Small frames as plain rows, and frames in another order; for pandas takes longer over a row than we over a page."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Every row of the frame as {column: value}, in order.

    Examples
    --------
    >>> rows(pd.DataFrame({"group": ["A", "B"], "value": [1.0, 2.0]}))
    [{'group': 'A', 'value': 1.0}, {'group': 'B', 'value': 2.0}]
    """
    names = list(frame.columns)
    return [dict(zip(names, row, strict=True)) for row in zip(*lists(frame), strict=True)]


def lists(frame: pd.DataFrame) -> list[list[Any]]:
    """The columns' values, in order, as Python's own: a third of the time that asking for each column takes.

    Examples
    --------
    >>> lists(pd.DataFrame({"group": ["A", "B"], "rows": [1, 2], "value": [1.0, None]}))
    [['A', 'B'], [1, 2], [1.0, nan]]
    """
    found: list[list[Any]] = frame.to_numpy(dtype=object).T.tolist()
    return found


def by_group(frame: pd.DataFrame) -> dict[Any, dict[str, Any]]:
    """Every row of the frame, found by what its column `group` holds."""
    return {row["group"]: row for row in rows(frame)}


def column(
    groups: Iterable[Any], among: dict[Any, dict[str, Any]], name: str, nothing: Any = float("nan")
) -> list[Any]:
    """One value of each group's row; `nothing` where a group has no row."""
    return [among[group][name] if group in among else nothing for group in groups]


def downward(given: Iterable[dict[str, Any]], name: str, lower: bool = False) -> list[dict[str, Any]]:
    """The rows from the largest value down (up with `lower`), alike ones by group; those without a value last."""
    sign = 1 if lower else -1

    def place(row: dict[str, Any]) -> tuple[bool, float, Any]:
        absent = row[name] is None or row[name] != row[name]  # what is not a number is not itself
        return absent, 0.0 if absent else sign * row[name], row["group"]

    return sorted(given, key=place)


def ranking(frame: pd.DataFrame) -> NDArray[np.intp]:
    """The places of the rows with a value, from the largest down, alike ones by group.

    Examples
    --------
    >>> ranking(pd.DataFrame({"group": ["B", "A", "C", "D"], "value": [1.0, 1.0, None, 2.0]})).tolist()
    [3, 1, 0]
    """
    groups, values = frame["group"].tolist(), frame["value"].to_numpy(float)
    # Groups mostly come in order, which Python's sort sees at once; many thousand numbers are NumPy's to sort.
    by_name = np.array(sorted(range(len(groups)), key=groups.__getitem__), np.intp)
    order = by_name[np.argsort(-values[by_name], kind="stable")]
    return order[~np.isnan(values[order])]


def taken(frame: pd.DataFrame, places: NDArray[Any], **more: object) -> pd.DataFrame:
    """The rows at these places, numbered from 0, with further columns."""
    return pd.DataFrame({name: frame[name].to_numpy()[places] for name in frame.columns} | more)


def total(values: Sequence[float]) -> float:
    """The sum of those that are known, added as pandas and NumPy add."""
    return float(np.nansum(np.asarray(values, float)))
