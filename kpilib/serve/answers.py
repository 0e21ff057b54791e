"""Answers under way and answers that are kept: each computed once, however many ask for it.

The memory of finished answers is bounded by bytes; what was not asked for the longest time leaves first.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

from kpilib.serve.wire import Frame

LAST = {"end", "failed", "refused"}
OVERHEAD = 400
"""Bytes that a frame costs beside its body, about."""


class Job:
    """A request and what has been answered so far; any number of readers follow it.

    Parameters
    ----------
    request : dict
        As `worker.Desk` takes it.
    key : hashable or None
        What the answer depends on; None for one that nobody else can use.
    """

    def __init__(self, request: dict[str, Any], key: Any) -> None:
        self.request, self.key = {"id": 0, **request}, key
        self.frames: list[Frame] = []
        self.ended = False
        self.greeting = False  #: whether no visitor asked it, but the server
        self._readers = 1
        self._news = asyncio.Event()
        self._over = asyncio.Event()

    @property
    def wanted(self) -> bool:
        """Whether anybody still waits for it."""
        return self._readers > 0

    @property
    def whole(self) -> bool:
        """Whether it came to its end, so that the next who asks may have it."""
        return self.ended and self.frames[-1].head["kind"] == "end"

    def join(self) -> "Job":
        """One reader more."""
        self._readers += 1
        return self

    def leave(self) -> None:
        """One reader less; a request that nobody waits for is not started."""
        self._readers -= 1

    def push(self, frame: Frame) -> None:
        """The next frame of the answer, for all who follow."""
        self.frames.append(frame)
        self.ended = frame.head["kind"] in LAST
        if self.ended:
            self._over.set()
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def __aiter__(self) -> AsyncIterator[Frame]:
        at = 0
        while True:
            while at < len(self.frames):
                yield self.frames[at]
                at += 1
            if self.ended:
                return
            await self._news.wait()

    async def parts(self, seconds: Callable[[], float]) -> AsyncIterator[list[Frame]]:
        """The first two frames as soon as they are there, a head and what is read first; then what came in so many
        seconds (asked anew for each part), or until the end."""
        held: list[Frame] = []
        begun = False
        async for frame in self:
            held.append(frame)
            if begun and frame is self.frames[-1] and (pause := seconds()):
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._over.wait(), pause)
            if frame is self.frames[-1] and (len(self.frames) > 1 or self.ended):
                yield held
                held, begun = [], True

    async def result(self) -> list[Frame]:
        """All frames, once the last is there."""
        return [frame async for frame in self]


class Answers:
    """The answers under way and the finished ones.

    Parameters
    ----------
    bytes_kept : int
        What the finished ones may take together.
    """

    def __init__(self, bytes_kept: int) -> None:
        self._limit, self._used = bytes_kept, 0
        self._under_way: dict[Any, Job] = {}
        self._kept: OrderedDict[Any, tuple[Job, int]] = OrderedDict()

    def find(self, key: Any) -> Job | None:
        """The answer under a key, finished or not; None where nobody has asked."""
        if key is None:
            return None
        if key in self._under_way:
            return self._under_way[key].join()
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key][0].join()
        return None

    @property
    def several(self) -> bool:
        """Whether more than one is under way."""
        return len(self._under_way) > 1

    def under_way(self, job: Job) -> None:
        """From now on whoever asks the same follows this one."""
        if job.key is not None:
            self._under_way.setdefault(job.key, job)

    def forget(self, job: Job) -> None:
        """It will not be answered."""
        if self._under_way.get(job.key) is job:
            del self._under_way[job.key]

    def finished(self, job: Job) -> None:
        """Keep it, if it is whole, and let older ones go."""
        self.forget(job)
        if job.key is None or not job.whole or job.key in self._kept:
            return
        size = sum(OVERHEAD + len(frame.body) for frame in job.frames)
        if size > self._limit / 4:  # one large file would drive everything else out
            return
        self._kept[job.key] = job, size
        self._used += size
        while self._used > self._limit and self._kept:
            self._used -= self._kept.popitem(last=False)[1][1]

    def clear(self) -> None:
        """Forget what is finished: the data or the notebooks are others."""
        self._kept.clear()
        self._used = 0
