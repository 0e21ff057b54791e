"""The server's side of the warm parent: ask it for forks, know when they end, do without it when it cannot.

A new process imports the stack for seconds and keeps it for itself; a fork of a process that has imported it is there
in milliseconds and shares the memory. The server cannot fork itself, since it has threads: `Warm` starts a parent
(`kpilib.serve.warm_parent`) that has none. Linux only: elsewhere, and with `KPILIB_FORK=0`, callers start ordinary
processes, as they do whenever `fork` raises `NotWarm`.

Each child is held by a leash, a socket pair with one end here. When this process ends, however it ends, the system
ends the children; when a child ends, its leash tells so here even if the parent is no more. So children outlive a
parent that crashed, and only their exit status is then unknown.
"""

import asyncio
import os
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any, Self

from kpilib.serve.warm_line import Line
from kpilib.serve.warm_order import UNKNOWN, Child, NotWarm, Order

__all__ = ["PRELOAD", "UNKNOWN", "Child", "NotWarm", "Warm"]

START_SECONDS = 120.0
"""A parent that takes longer to load is given up."""
FORK_SECONDS = 5.0
"""A parent that takes longer to fork hangs: it is killed, and the caller starts an ordinary process."""
RETRY_SECONDS = 60.0
"""So long after a parent that could not even load, no other is tried."""

PRELOAD = (
    "ipykernel.ipkernel",  # before the widgets: it tells them how to reach a front end
    "ipykernel.kernelapp",
    "ipykernel.debugger",
    "kpilib.serve.kernel",
    "kpilib.serve.viewer",
    "numpy",
    "pandas",
    "altair",
    "ipywidgets",
    "anywidget",
    "IPython.display",
    "IPython.core.completerlib",
    "IPython.extensions.storemagic",
    "sqlite3",
    "tornado.platform.asyncio",
    "vl_convert",
    "kpilib.stats.*",
    "kpilib.compute.*",
    "kpilib.show.*",
    "kpilib.figures.*",
    "kpilib.serve.worker",
    "kpilib.serve.document",
)
"""What a page or a kernel imports. Not polars, which starts a thread, nor what imports it."""


class Warm:
    """A warm parent that is started again when it fails.

    Parameters
    ----------
    source : str, optional
        As for `kpilib.open`; what has to be imported of it is imported before the parent is ready.
    preload : sequence of str
        Modules to import, "package.*" for all of a package; "module:function" is also called, with the book. None may
        leave a thread running.
    patience : float
        Seconds that a fork may take.

    Examples
    --------
    ::

        parent = await Warm.start("data/demo")
        ours, theirs = socket.socketpair()
        child = await parent.fork("kpilib.serve.worker:main", {"language": "en"}, fds=[theirs.fileno()])
        theirs.close()              # the child has its own: main(language="en", fds=[7])
        await child.wait()
    """

    def __init__(
        self, source: str | None = None, preload: Sequence[str] = PRELOAD, patience: float = FORK_SECONDS
    ) -> None:
        self.source, self.preload, self.patience = source, tuple(preload), patience
        self._lock = threading.Lock()
        self._closed = False
        self._lines: list[Line] = []
        self._renew()

    @staticmethod
    def available() -> bool:
        """Whether this system can do it and `KPILIB_FORK` is not 0."""
        return sys.platform == "linux" and os.environ.get("KPILIB_FORK") != "0"

    @classmethod
    async def start(cls, source: str | None = None, preload: Sequence[str] = PRELOAD, **options: Any) -> Self:
        """A parent that is ready.

        Raises
        ------
        NotWarm
            Forks are not available, or it could not load, or took too long; its own report is on standard error.
        """
        return await asyncio.to_thread(cls.start_now, source, preload, **options)

    @classmethod
    def start_now(cls, source: str | None = None, preload: Sequence[str] = PRELOAD, **options: Any) -> Self:
        """As `start`, without an event loop."""
        if not cls.available():
            raise NotWarm("Processes are not forked here.")
        warm = cls(source, preload, **options)
        try:
            warm.ready(START_SECONDS)
        except NotWarm:
            warm.close_now()
            raise
        return warm

    def ready(self, timeout: float) -> None:
        """Wait until there is a parent that can fork; NotWarm after so many seconds, or when it never will."""
        try:
            self._usual().ready.result(timeout)
        except TimeoutError:
            raise NotWarm("The warm parent took too long to load.") from None

    @property
    def alive(self) -> bool:
        """Whether a fork may be asked for."""
        return self._line.usable

    @property
    def closed(self) -> bool:
        """Whether there will be no fork any more."""
        return self._closed

    @property
    def pid(self) -> int:
        """Of the parent in use."""
        return self._line.process.pid

    async def fork(self, target: str, args: dict[str, Any] | None = None, fds: Sequence[int] = (), **how: Any) -> Child:
        """A child that runs `target(**args, fds=[…])` and ends with the number that it returns.

        Parameters
        ----------
        target : str
            "module:function".
        args : dict, optional
            Its arguments, of what JSON can say.
        fds : sequence of int
            Descriptors the target gets, under numbers of its own. The caller may close his once `fork` is back.
        stdio : tuple of three int or None
            Standard input, output and error; None (default) is nothing to read, and this process's output and error.
        cwd : path, optional
            Default: this process's folder when the parent started.
        env : dict, optional
            The whole environment. Default: this process's when the parent started.
        argv : sequence of str, optional
            What the child finds in `sys.argv`.

        Raises
        ------
        NotWarm
            There is no parent at the moment: start an ordinary process. A new parent is under way.
        """
        line, asked = self._ask(Order(target, args or {}, fds, **how))
        try:
            return await asyncio.wait_for(asyncio.wrap_future(asked), self.patience)
        except TimeoutError:
            raise _hangs(line) from None

    def fork_now(self, target: str, args: dict[str, Any] | None = None, fds: Sequence[int] = (), **how: Any) -> Child:
        """As `fork`, without an event loop."""
        line, asked = self._ask(Order(target, args or {}, fds, **how))
        try:
            return asked.result(self.patience)
        except TimeoutError:
            asked.cancel()
            raise _hangs(line) from None

    async def close(self) -> None:
        """End the parent and every child."""
        await asyncio.to_thread(self.close_now)

    def close_now(self) -> None:
        """As `close`, without an event loop."""
        with self._lock:
            self._closed = True
        for line in self._lines:
            line.close()
        for line in self._lines:
            line.join()

    @property
    def _line(self) -> Line:
        return self._lines[-1]

    def _renew(self) -> None:
        """A new parent. The lines of older ones stay as long as they have children."""
        self._lines = [line for line in self._lines if line.is_alive()]
        self._lines.append(Line(self.source, self.preload))

    def _usual(self) -> Line:
        """The line in use, a new one if the last is over; NotWarm after `close`."""
        with self._lock:
            if self._closed:
                raise NotWarm("The warm parent was closed.")
            line = self._line
            if line.over and (line.loaded or time.monotonic() - line.since > RETRY_SECONDS):
                self._renew()
            return self._line

    def _ask(self, order: Order) -> "tuple[Line, Future[Child]]":
        line = self._usual()
        if not line.usable:
            raise NotWarm("The warm parent is not ready.")
        return line, line.ask(order)


def _hangs(line: Line) -> NotWarm:
    line.kill()
    return NotWarm("The warm parent did not answer.")
