"""Demo companies, one a seed, and how many false claims chance gives: what the benches of false findings share."""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any, TypeVar
from unittest.mock import patch

T = TypeVar("T")
#: Of benches in which chance alone speaks, so many have no more false claims than `most`.
SURE = 0.995


@contextmanager
def company(seed: int, scale: float, scenario: str = "null") -> Iterator[Any]:
    """The book of a seed's company, with a cache of its own that is gone afterwards."""
    import kpilib
    from kpilib.demo.company import make

    with tempfile.TemporaryDirectory() as cache, patch.dict(os.environ, KPILIB_CACHE=cache):
        yield kpilib.open(make(seed=seed, scale=scale, scenario=scenario))


def each(ask: Callable[..., T], seeds: Iterable[int], scale: float, workers: int) -> list[T]:
    """What is found of the company of each seed, in processes of their own that end with it: a company leaves memory.

    Not by `ProcessPoolExecutor`, which may wait for ever where its processes end with their tasks (CPython 115634).
    """
    with get_context("spawn").Pool(workers, maxtasksperchild=1) as pool:
        return pool.starmap(ask, [(seed, scale) for seed in seeds], chunksize=1)


def most(asked: int, level: float = 0.05) -> int:
    """The largest count of false claims that chance gives a method of that level with the probability SURE."""
    from scipy.stats import binom

    return int(binom.ppf(SURE, asked, level))
