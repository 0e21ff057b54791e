"""One warm parent and the thread of the server that talks to it: orders out, children and their ends in.

The thread alone uses the sockets; everything else talks to it through a queue and gets futures, so any thread and any
event loop may ask.
"""

import array
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from typing import Any

from kpilib.serve.warm_order import UNKNOWN, Child, NotWarm, Order

LIMIT = 1 << 20
"""Bytes of a message that is received."""
STATUS_SECONDS = 2.0
"""So long after a child's end its parent may take to tell the status."""
ALONE = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",  # pyarrow's allocator starts one as it is imported
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # a kernel's debugger would warn of Python's own frozen modules
}
"""What keeps libraries from starting threads, or talking, as they are imported."""


class Line(threading.Thread):
    """A warm parent, started at once.

    Attributes
    ----------
    ready : Future
        Done when it can fork; holds `NotWarm` with the reason when it never will.
    loaded, over : bool
        It could fork once; it can no more, or is given up.
    since : float
        When it was started, in `time.monotonic` seconds.
    """

    def __init__(self, source: str | None, preload: Sequence[str]):
        super().__init__(name="kpilib-warm", daemon=True)
        self.ready: Future[None] = Future()
        self.loaded = self.over = self._lost = False
        self.since = time.monotonic()
        self._orders: deque[tuple[Order, list[int], Future[Child]]] = deque()
        self._asked: dict[int, tuple[Future[Child], socket.socket]] = {}
        self._children: dict[int, Child] = {}
        self._ending: dict[int, float] = {}
        self._closing = self._done = False
        self._lock = threading.Lock()
        self._count = 0
        self._woken, self._waker = socket.socketpair()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._leash, end = socket.socketpair()
        with theirs, end:
            self.process = _launch(theirs.fileno(), end.fileno())
        self._control.send(json.dumps({"source": source, "preload": list(preload)}).encode())
        self.start()

    @property
    def usable(self) -> bool:
        return self.loaded and not self.over

    def ask(self, order: Order) -> "Future[Child]":
        """Have a child forked; the future holds the child, or `NotWarm`."""
        answer: Future[Child] = Future()
        with self._lock:
            if self._done:
                raise NotWarm("The warm parent ended.")
            self._orders.append((order, order.descriptors(), answer))
        self._wake()
        return answer

    def kill(self) -> None:
        """Give up the parent; its children live on."""
        self.over = True
        self.process.kill()

    def close(self) -> None:
        """End the parent and its children."""
        self._closing = True
        self._wake()

    def _wake(self) -> None:
        with suppress(OSError):  # the thread has ended, or was woken already
            self._waker.send(b"!", socket.MSG_DONTWAIT)

    # What follows runs in the thread.

    def run(self) -> None:
        with selectors.DefaultSelector() as self._selector:
            self._selector.register(self._woken, selectors.EVENT_READ, self._drain)
            self._selector.register(self._control, selectors.EVENT_READ, self._hear)
            while not self._finished():
                for key, _ in self._selector.select(self._until()):
                    key.data()
                self._send_all()
                self._give_up_waiting()
            if not self._lost:
                self._lose()
        for held in (self._leash, self._woken, self._waker):
            held.close()

    def _finished(self) -> bool:
        with self._lock:
            self._done = (self._lost or self._closing) and not self._children and not self._orders
            return self._done

    def _drain(self) -> None:
        self._woken.recv(LIMIT)
        if self._closing:
            for child in self._children.values():
                self._let_go(child)

    def _let_go(self, child: Child) -> None:
        """Close a leash, which ends the child if it has not ended; the parent is about to say how it did."""
        if child.exited.done():  # it was said in the same breath
            return
        with suppress(KeyError, ValueError):
            self._selector.unregister(child.leash)
        child.leash.close()
        self._ending.setdefault(child.pid, time.monotonic() + (0 if self._lost else STATUS_SECONDS))

    def _until(self) -> float | None:
        """Seconds until the status of a child that ended is no more waited for."""
        return max(0.0, min(self._ending.values()) - time.monotonic()) if self._ending else None

    def _send_all(self) -> None:
        """Send what is asked for; what cannot be sent at all is refused."""
        while self._orders:
            order, fds, answer = self._orders[0]
            try:
                self._send(order, fds, answer)
            except BlockingIOError:  # full: the parent is busy, and its next answer makes room
                return
            except (OSError, TypeError, ValueError) as error:
                _settle(answer, NotWarm(f"The warm parent cannot be asked: {error}"))
            self._orders.popleft()
            for fd in fds:
                os.close(fd)

    def _send(self, order: Order, fds: list[int], answer: "Future[Child]") -> None:
        leash, end = socket.socketpair()
        rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [end.fileno(), *fds]))
        self._count += 1
        try:
            self._control.sendmsg([order.message(self._count)], [rights], socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
        except BaseException:
            leash.close()
            raise
        finally:
            end.close()
        self._asked[self._count] = (answer, leash)

    def _hear(self) -> None:
        """One message of the parent, or its end."""
        try:
            said = self._control.recv(LIMIT)
        except OSError:
            said = b""
        if not said:
            self._lose()
            return
        what = json.loads(said)
        if "ready" in what:
            self.loaded = True
            _settle(self.ready, None)
        elif "failed" in what:
            _settle(self.ready, NotWarm(f"The warm parent could not load. {what['failed']}"))
        elif "exit" in what:
            self._exit(what["exit"], what["status"])
        else:
            self._born(*self._asked.pop(what["id"]), what)

    def _born(self, answer: "Future[Child]", leash: socket.socket, what: dict[str, Any]) -> None:
        if "error" in what:
            leash.close()
            _settle(answer, NotWarm(f"The warm parent cannot fork: {what['error']}"))
            return
        child = Child(what["pid"], leash)
        self._children[child.pid] = child
        self._selector.register(leash, selectors.EVENT_READ, lambda: self._let_go(child))
        if not _settle(answer, child):  # nobody waits for it any more
            child.signal(signal.SIGKILL)

    def _give_up_waiting(self) -> None:
        for pid in [pid for pid, until in self._ending.items() if time.monotonic() >= until]:
            self._exit(pid, UNKNOWN)

    def _exit(self, pid: int, status: int) -> None:
        child = self._children.pop(pid, None)
        if child is not None:
            self._let_go(child)
            child.exited.set_result(status)
        self._ending.pop(pid, None)

    def _lose(self) -> None:
        """The parent is gone: refuse what was asked; the leashes tell of the children from now on."""
        self.over = self._lost = True
        self._selector.unregister(self._control)
        self._control.close()
        self.process.kill()
        self.process.wait()
        _settle(self.ready, NotWarm("The warm parent ended while it loaded."))
        for answer, leash in self._asked.values():
            leash.close()
            _settle(answer, NotWarm("The warm parent ended."))
        self._asked.clear()
        self._ending = dict.fromkeys(self._ending, 0.0)


def _settle(answer: "Future[Any]", result: object) -> bool:
    """Give a result or an error to who waits for it; False when nobody does."""
    try:
        if isinstance(result, BaseException):
            answer.set_exception(result)
        else:
            answer.set_result(result)
    except InvalidStateError:
        return False
    return True


def _launch(*sockets: int) -> "subprocess.Popen[bytes]":
    """The parent's process: its own session, no standard input, and no thread that a library would start."""
    command = [sys.executable, "-P", "-m", "kpilib.serve.warm_parent", *map(str, sockets)]
    return subprocess.Popen(
        command,
        pass_fds=sockets,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **ALONE},
        start_new_session=True,
    )
