"""The workers behind all visitors: who answers next, how long it may take, and what happens when one dies.

Runs in the server's event loop. A request waits in one queue and goes to whichever worker is free first; identical
requests are computed once; finished answers are kept for the next who asks.
"""

import asyncio
import contextlib
import sys
from collections import deque
from collections.abc import AsyncGenerator, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from kpilib.errors import KpilibError
from kpilib.language import say
from kpilib.serve.answers import Answers, Job
from kpilib.serve.faults import reference, sentence
from kpilib.serve.places import WORKERS
from kpilib.serve.processes import Process, Start
from kpilib.serve.wire import Frame

WAITING = 64
"""Requests that may wait; one more is told to come back."""
GRACE = 10
"""Seconds beyond a cell's own limit after which a worker is ended from outside."""
RETRIES = 2
PAUSE = 0.5
"""Seconds before a worker that could not be started is tried again."""
LAST = {"end", "failed", "refused"}


class Busy(KpilibError):
    """So many requests wait that one more would not be answered in time."""


class Worker:
    """One process, and the thread that waits for what it says."""

    def __init__(self, start: Start) -> None:
        self._start = start
        self._process: Process | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="kpi-worker")
        self.greeted: set[Any] = set()  #: what this process has been asked ahead of visitors

    async def frames(self, request: dict[str, Any]) -> AsyncGenerator[Frame, None]:
        """The answer, frame by frame; EOFError or OSError when the process is gone."""
        loop = asyncio.get_running_loop()
        if self._process is None:
            self._process = await loop.run_in_executor(self._thread, self._start)
        self._process.send(request)
        while True:
            frame = await loop.run_in_executor(self._thread, self._process.receive)
            yield frame
            if frame.head["kind"] in LAST:
                return

    def end(self) -> None:
        """End the process; the next request starts another."""
        process, self._process = self._process, None
        self.greeted.clear()
        if process is not None:
            process.kill()

    def close(self) -> None:
        """End the process and the thread."""
        self.end()
        self._thread.shutdown(wait=False, cancel_futures=True)


class Pool:
    """Workers, a queue before them and a memory of their answers.

    Parameters
    ----------
    start : callable
        Starts a worker's process.
    workers : int
        How many.
    seconds : float
        How long a request may take; then its worker is ended.
    waiting : int
        How many requests may wait.
    remembered : int
        Bytes of finished answers that are kept.
    """

    def __init__(
        self,
        start: Start,
        workers: int = WORKERS,
        seconds: float = 130,
        waiting: int = WAITING,
        remembered: int = 64 << 20,
    ) -> None:
        self.answers = Answers(remembered)
        self.seconds, self.waiting = seconds, waiting
        self.workers = [Worker(start) for _ in range(workers)]
        self._queue: deque[Job] = deque()
        self._more = asyncio.Condition()
        self._greetings: dict[Any, dict[str, Any]] = {}
        self._greeting = 0
        self._tasks: list[asyncio.Task[None]] = []

    def open(self) -> None:
        """Let the workers work; called inside the event loop."""
        self._tasks = [asyncio.create_task(self._work(worker)) for worker in self.workers]

    async def close(self) -> None:
        """End everything."""
        for task in self._tasks:
            task.cancel()
        for worker in self.workers:
            worker.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def greet(self, requests: Iterable[tuple[dict[str, Any], Any]]) -> None:
        """What each worker is asked once while no visitor waits, so that the first visitor does not wait for it.

        Parameters
        ----------
        requests : iterable of (request, key)
            In this order; they take the place of earlier ones.
        """
        async with self._more:
            self._greetings = {key: request for request, key in requests}
            for worker in self.workers:
                worker.greeted.clear()
            self._more.notify_all()

    async def ask(self, request: dict[str, Any], key: Any = None) -> Job:
        """Have a request answered.

        Parameters
        ----------
        request : dict
            As `worker.Desk` takes it.
        key : hashable, optional
            What the answer depends on: an answer under the same key is not computed again.

        Returns
        -------
        Job
            Iterate over it for the frames; `leave` it when nobody listens any more.

        Raises
        ------
        Busy
            Too many requests wait.
        """
        known = self.answers.find(key)
        if known is not None:
            return known
        if len(self._queue) >= self.waiting:
            raise Busy(say("Too many people ask at this moment. Try again in a few seconds.", request["locale"]))
        job = Job(request, key)
        self.answers.under_way(job)
        async with self._more:
            self._queue.append(job)
            self._more.notify()
        return job

    async def _next(self, worker: Worker) -> Job:
        """What the worker does next: a visitor's request, else its next greeting."""
        async with self._more:
            while True:
                while self._queue:
                    job = self._queue.popleft()
                    if job.wanted:
                        return job
                    # Whoever asked has gone.
                    self.answers.forget(job)
                    job.push(Frame({"kind": "failed", "said": ""}))
                left = (key for key in self._greetings if key not in worker.greeted)
                key = next(left, None)
                if key is not None and self._greeting < max(1, len(self.workers) - 1):
                    worker.greeted.add(key)
                    return self._greeted(self._greetings[key], key)
                await self._more.wait()

    def _greeted(self, request: dict[str, Any], key: Any) -> Job:
        """A greeting; a visitor who asks the same follows it."""
        job = Job(request, key)
        job.greeting = True
        self._greeting += 1
        self.answers.under_way(job)
        return job

    async def _work(self, worker: Worker) -> None:
        while True:
            job = await self._next(worker)
            try:
                await self._serve(worker, job)
            except Exception as error:
                ref = reference(error, "answering a request")
                job.push(Frame({"kind": "failed", "said": sentence(ref, job.request["locale"])}))
            self.answers.finished(job)
            if job.greeting:
                await self._after_greeting(job)

    async def _after_greeting(self, job: Job) -> None:
        """Another worker may greet; what ended in failure is left to the visitor who asks for it."""
        self._greeting -= 1
        if not job.whole:
            self._greetings.pop(job.key, None)
        async with self._more:
            self._more.notify_all()

    async def _serve(self, worker: Worker, job: Job) -> None:
        """Have one worker answer one request; again by a new process if the first one dies."""
        locale = job.request["locale"]
        for attempt in range(RETRIES):
            try:
                async with asyncio.timeout(self.seconds):
                    await self._exchange(worker, job)
                return
            except TimeoutError:
                worker.end()
                self._log(job, f"took longer than {self.seconds:g} s; its worker was ended")
                said = "This took too long and was stopped. Choose less, or ask whoever runs the application."
                job.push(Frame({"kind": "failed", "said": say(said, locale)}))
                return
            except (EOFError, OSError) as error:
                worker.end()
                self._log(job, "ended its worker" if isinstance(error, EOFError) else repr(error))
                await asyncio.sleep(PAUSE * attempt)
        said = "What computes this page ended twice. Whoever runs the application finds the reason in its log."
        job.push(Frame({"kind": "failed", "said": say(said, locale)}))

    async def _exchange(self, worker: Worker, job: Job) -> None:
        skipped = len(job.frames)  # those that were given to the reader before the worker died
        async with contextlib.aclosing(worker.frames(job.request)) as frames:
            async for frame in frames:
                if skipped:
                    skipped -= 1
                else:
                    job.push(frame)

    @staticmethod
    def _log(job: Job, what: str) -> None:
        asked = {name: job.request.get(name) for name in ("do", "notebook", "query")}
        print(f"kpi: {asked} {what}.", file=sys.stderr, flush=True)
