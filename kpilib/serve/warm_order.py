"""What is asked of a warm parent, and what comes of it: an order, and the child that carries it out."""

import asyncio
import json
import os
import signal
import socket
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

UNKNOWN = 255
"""The exit status of a child whose parent could not tell it, as asyncio has it."""


class NotWarm(Exception):
    """There is no warm parent at the moment: start an ordinary process."""


@dataclass(frozen=True)
class Order:
    """What a child is to be, as `Warm.fork` describes it."""

    target: str
    args: dict[str, Any]
    fds: Sequence[int] = ()
    stdio: tuple[int | None, int | None, int | None] = (None, None, None)
    cwd: str | os.PathLike[str] | None = None
    env: dict[str, str] | None = None
    argv: Sequence[str] | None = None

    def message(self, number: int) -> bytes:
        said = {"id": number, "target": self.target, "args": self.args, "env": self.env}
        said |= {"cwd": os.fspath(self.cwd) if self.cwd is not None else None}
        return json.dumps(said | {"argv": list(self.argv) if self.argv else None}).encode()

    def descriptors(self) -> list[int]:
        """Copies of the streams and the descriptors, for the thread to send and close."""
        copies = []
        for fd, standard in zip((*self.stdio, *self.fds), (0, 1, 2, *self.fds), strict=True):
            try:
                copies.append(os.open(os.devnull, os.O_RDONLY) if fd is None and not standard else _copy(fd, standard))
            except OSError:
                for copy in copies:
                    os.close(copy)
                raise
        return copies


def _copy(fd: int | None, standard: int) -> int:
    if fd is not None:
        return os.dup(fd)
    try:
        return os.dup(standard)
    except OSError:  # a server that closed its output
        return os.open(os.devnull, os.O_WRONLY)


class Child:
    """A fork of the warm parent.

    Attributes
    ----------
    pid : int
        Of the process, and of the session and process group that it leads.
    """

    def __init__(self, pid: int, leash: socket.socket):
        self.pid = pid
        self.leash = leash
        self.exited: Future[int] = Future()

    def poll(self) -> int | None:
        """The exit status, negative for a signal, `UNKNOWN` if nobody could tell; None while it runs."""
        return self.exited.result() if self.exited.done() else None

    async def wait(self) -> int:
        """The exit status, once there is one. Any event loop will do."""
        return await asyncio.shield(asyncio.wrap_future(self.exited))

    def wait_now(self, timeout: float | None = None) -> int:
        """As `wait`, without an event loop; TimeoutError after so many seconds."""
        return self.exited.result(timeout)

    def kill(self) -> None:
        """End the child and the processes of its group at once."""
        self.signal(signal.SIGKILL)

    def signal(self, number: int) -> None:
        """Send a signal to the child and the processes of its group; nothing happens when it has ended."""
        if self.poll() is not None or hung_up(self.leash):
            return
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:  # it has not made its own group yet
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)


def hung_up(leash: socket.socket) -> bool:
    """Whether the process at the other end is gone."""
    try:
        return leash.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:  # closed at this end: its end is known
        return True
