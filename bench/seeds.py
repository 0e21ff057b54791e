"""Demo companies, one a seed, and how many false claims chance gives: what the benches of false findings share."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

#: Of benches in which chance alone speaks, so many have no more false claims than `most`.
SURE = 0.995


@contextmanager
def company(seed: int, scale: float, scenario: str = "null") -> Iterator[Any]:
    """The book of a seed's company, with a cache of its own that is gone afterwards."""
    import kpilib
    from kpilib.demo.company import make

    with tempfile.TemporaryDirectory() as cache, patch.dict(os.environ, KPILIB_CACHE=cache):
        yield kpilib.open(make(seed=seed, scale=scale, scenario=scenario))


def most(asked: int, level: float = 0.05) -> int:
    """The largest count of false claims that chance gives a method of that level with the probability SURE."""
    from scipy.stats import binom

    return int(binom.ppf(SURE, asked, level))
