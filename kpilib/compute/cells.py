"""What a question adds up to: per group and period the five sums and the row count, whoever counted them."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Cells:
    """`groups` and `periods` have one entry a row; the six arrays of floats are as long.

    Empty arrays mean that no row of the slice counts.
    """

    groups: list[tuple[str, ...]]
    periods: list[int]
    rows: np.ndarray
    n: np.ndarray
    d: np.ndarray
    nn: np.ndarray
    nd: np.ndarray
    dd: np.ndarray


#: The sums in the order in which cubes keep them.
SUMS = ("rows", "n", "d", "nn", "nd", "dd")


def roll(cells: Cells, ends: list[int]) -> Cells:
    """Monthly cells as trailing sums of twelve months, one for each month in `ends`."""
    groups = list(dict.fromkeys(cells.groups))
    if not groups or not ends:
        return Cells([], [], *(np.zeros(0) for _ in SUMS))
    begin = min(*cells.periods, ends[0] - 11)
    row = {group: i for i, group in enumerate(groups)}
    rows = np.array([row[group] for group in cells.groups])
    columns = np.array(cells.periods) - begin + 1
    width = max(*cells.periods, ends[-1]) - begin + 2
    at = np.array(ends) - begin + 1
    rolled = []
    for name in SUMS:
        table = np.zeros((len(groups), width))
        table[rows, columns] = getattr(cells, name)
        windows = [table[:, end - 11 : end + 1].sum(axis=1) for end in at]
        rolled.append(np.column_stack(windows).ravel())
    listed = [(group, end) for group in groups for end in ends]
    some = np.flatnonzero(rolled[0])
    return Cells([listed[i][0] for i in some], [listed[i][1] for i in some], *(array[some] for array in rolled))
