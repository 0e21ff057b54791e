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
