"""A worker process as the server holds it: a fork of the warm parent where there is one, else a new Python.

Blocking; `pool` reads each from a thread of its own.
"""

import contextlib
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from typing import Any, Protocol

from kpilib.errors import BadInput
from kpilib.serve import wire
from kpilib.serve.wire import Frame


class Process(Protocol):
    """What the pool needs of a worker."""

    def send(self, request: dict[str, Any]) -> None:
        """Give it a request; OSError when it is gone."""

    def receive(self) -> Frame:
        """The next frame of its answer; EOFError when it is gone."""

    def kill(self) -> None:
        """End it at once, whatever it does."""


Start = Callable[[], Process]


class Spawned:
    """A new Python that answers over its standard input and output; on every system."""

    def __init__(self) -> None:
        command = [sys.executable, "-c", "from kpilib.serve.worker import main; main()"]
        self.popen = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.popen.stdin is not None
        assert self.popen.stdout is not None
        self._to, self._from = self.popen.stdin, self.popen.stdout

    def send(self, request: dict[str, Any]) -> None:
        if self._to.closed:
            raise BrokenPipeError
        self._to.write(wire.pack(Frame(request)))
        self._to.flush()

    def receive(self) -> Frame:
        try:
            return wire.read(self._from)
        except ValueError as closed:  # it was killed meanwhile
            raise EOFError from closed

    def kill(self) -> None:
        self.popen.kill()
        self.popen.wait()
        for stream in (self._to, self._from):
            with contextlib.suppress(OSError):
                stream.close()


class Forked:
    """A fork of the warm parent, which answers over a socket.

    Parameters
    ----------
    fork : callable
        `fork(target, args, fds)` of the warm parent: runs "module:function" in a fork that gets the descriptors, and
        returns what takes a `signal`.
    """

    def __init__(self, fork: Callable[..., Any]) -> None:
        ours, theirs = socket.socketpair()
        with theirs, contextlib.ExitStack() as given_up:
            given_up.enter_context(ours)
            self.child = fork("kpilib.serve.worker:forked", {}, [theirs.fileno()])
            given_up.pop_all()
        self._socket = ours
        self._from = ours.makefile("rb")

    def send(self, request: dict[str, Any]) -> None:
        self._socket.sendall(wire.pack(Frame(request)))

    def receive(self) -> Frame:
        return wire.read(self._from)

    def kill(self) -> None:
        with contextlib.suppress(OSError):
            self.child.signal(signal.SIGKILL)
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


def ask(process: Process, request: dict[str, Any]) -> list[Frame]:
    """All frames of an answer, without the last.

    Parameters
    ----------
    process : Process
        Does nothing else meanwhile.
    request : dict
        As `worker.Desk` takes it.

    Raises
    ------
    BadInput
        The worker refused, and says why; or it failed, or ended, and its log says why.
    """
    frames: list[Frame] = []
    try:
        process.send({"id": 0, **request})
        while (frame := process.receive()).head["kind"] != "end":
            if frame.head["kind"] in {"refused", "failed"}:
                raise BadInput(frame.head["said"])
            frames.append(frame)
    except (EOFError, OSError) as gone:
        raise BadInput(f"The process that was to give the {request['do']} ended; its reason stands above.") from gone
    return frames
