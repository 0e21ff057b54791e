"""Cells of a cuboid that a slice is made of, and their sums by group and period."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Chosen:
    """The cells of a slice within a window of months, each with the number of its group and period.

    `whole` says for some columns which of the cells count in them. `present` are the numbers that may occur, of which
    `key` tells each cell's place; `binned` are the columns that were added up already.
    """

    window: slice
    chosen: np.ndarray | slice
    key: np.ndarray
    present: np.ndarray
    listed: list[int]
    whole: dict[int, np.ndarray]
    binned: dict[int, np.ndarray] = field(default_factory=dict)

    def column(self, number: int, values: np.ndarray) -> np.ndarray:
        """A column of the cuboid added up by group and period."""
        if number not in self.binned:
            taken = values[self.window][self.chosen]
            taken = taken * self.whole[number] if number in self.whole else taken
            self.binned[number] = np.bincount(self.key, taken, len(self.present))
        return self.binned[number]
