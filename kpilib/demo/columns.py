"""Tables in the making: columns of equal length by name."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kpilib.demo.draws import Flag, Whole

Columns = dict[str, NDArray[Any]]


def size(them: Columns) -> int:
    """How many rows there are."""
    return len(next(iter(them.values())))


def take(them: Columns, rows: Whole | Flag) -> Columns:
    """The rows at these positions, or where the flag is true."""
    return {name: column[rows] for name, column in them.items()}


def joined(parts: list[Columns]) -> Columns:
    """The rows of all parts, one after the other; the parts have the same columns."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


class Later:
    """Rows kept until the month they belong to."""

    def __init__(self) -> None:
        self._kept: dict[int, list[Columns]] = {}

    def keep(self, them: Columns, month: Whole) -> None:
        """Keep each row for its month."""
        for one in np.unique(month).tolist():
            self._kept.setdefault(one, []).append(take(them, month == one))

    def due(self, month: int) -> Columns | None:
        """The rows of a month, no longer kept; None where there are none."""
        parts = self._kept.pop(month, None)
        return joined(parts) if parts else None
