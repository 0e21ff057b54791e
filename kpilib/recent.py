"""A memory of what was asked lately."""

from __future__ import annotations

from collections import OrderedDict
from contextlib import suppress
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Recent(OrderedDict[K, V]):
    """A dictionary of at most `most` entries: of too many, the one that came first leaves.

    Examples
    --------
    >>> kept = Recent(2)
    >>> kept["a"], kept["b"], kept["c"] = 1, 2, 3
    >>> dict(kept)
    {'b': 2, 'c': 3}
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def __setitem__(self, key: K, value: V) -> None:
        if key not in self:
            while len(self) >= self.most:
                with suppress(KeyError):  # another thread may have taken it
                    self.popitem(last=False)
        super().__setitem__(key, value)
