"""The warm parent: a process of one thread that has imported everything once and forks itself on request.

`kpilib.serve.warm` starts it (`python -m kpilib.serve.warm_parent CONTROL LEASH`) and talks to it over CONTROL, a
Unix socket that keeps messages apart. Messages are JSON: first what to load, then orders to fork, each with its
descriptors; back come `ready` or `failed`, a `pid` or an `error` for each order, and an `exit` for each child's end.
"""

import array
import gc
import importlib
import json
import os
import pkgutil
import selectors
import signal
import socket
import sys
import traceback
from contextlib import suppress
from typing import Any

from kpilib.errors import KpilibError
from kpilib.serve.warm_child import live, named, tether

LIMIT = 1 << 20
"""Bytes of a message; the system's own limit is below it."""
MOST_FDS = 64
LOCALES = ("en", "fr")
KEYS = ("revenue", "win_rate")


def main() -> int:
    """Load, say so, then fork on request until the server goes."""
    control, leash = (socket.socket(fileno=int(number)) for number in sys.argv[1:3])
    tether(leash)
    asked = json.loads(control.recv(LIMIT))
    try:
        load(asked["source"], asked["preload"])
    except Exception as error:
        traceback.print_exc()
        _say(control, failed=f"{type(error).__name__}: {error}")
        return 1
    gc.collect()
    gc.freeze()
    _say(control, ready=os.getpid())
    _answer(control, leash)
    return 0


def load(source: str | None, preload: list[str]) -> None:
    """Import, open the book and touch what a page touches.

    Parameters
    ----------
    source : str or None
        As for `kpilib.open`.
    preload : list of str
        Modules, imported in this order, "package.*" for all of a package; then each "module:function" is called with
        the book.

    Raises
    ------
    RuntimeError
        Something that was loaded started a thread: a fork would have its locks without the thread.
    """
    import kpilib
    from kpilib.serve.worker import light

    light()
    for name in preload:
        _import(name.partition(":")[0])
    _alone()
    _build(source)
    book = kpilib.open(source)
    touch(book)
    for name in preload:
        if ":" in name:
            named(name)(book)
    _alone()


def _import(name: str) -> None:
    module = importlib.import_module(name.removesuffix(".*"))
    if name.endswith(".*"):
        for found in pkgutil.walk_packages(module.__path__, module.__name__ + "."):
            importlib.import_module(found.name)


def _alone() -> None:
    if len(threads()) > 1:
        raise RuntimeError(f"The warm parent must have one thread, and has {', '.join(threads())}.")


def _build(source: str | None) -> None:
    """Let a child import the data and build their cubes where need be: that takes threads, and a database."""
    import kpilib

    child = os.fork()
    if not child:
        with suppress(BaseException):  # what is wrong with the data is told by the parent, which opens them again
            kpilib.open(source)
        os._exit(0)
    os.waitpid(child, 0)


def touch(book: Any) -> None:
    """Compute a little and write it in each language, so that what is loaded late is loaded here."""
    import babel.dates
    import babel.numbers

    for locale in LOCALES:
        babel.dates.format_date(book.as_of, "long", locale=locale)
        babel.numbers.format_compact_decimal(1234.5, locale=locale)
    for key in KEYS:
        with suppress(KpilibError):  # these data may not hold it
            book.kpi(key)


def threads() -> list[str]:
    """The names of this process's threads, those of libraries too."""
    tasks = "/proc/self/task"
    return [open(f"{tasks}/{task}/comm").read().strip() for task in sorted(os.listdir(tasks), key=int)]


def _answer(control: socket.socket, leash: socket.socket) -> None:
    """Fork for each order and tell of each child that ended, until the server hangs up."""
    woken, waker = socket.socketpair()
    waker.setblocking(False)
    woken.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
    with selectors.DefaultSelector() as selector:
        own = (control, leash, woken, waker, selector)
        selector.register(control, selectors.EVENT_READ)
        selector.register(woken, selectors.EVENT_READ)
        while True:
            ready = {key.fileobj for key, _ in selector.select()}
            if woken in ready:
                with suppress(BlockingIOError):
                    woken.recv(LIMIT)
                _reap(control)
            if control in ready and not _order(control, own):
                return


def _reap(control: socket.socket) -> None:
    with suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            _say(control, exit=ended[0], status=os.waitstatus_to_exitcode(ended[1]))


def _order(control: socket.socket, own: tuple[Any, ...]) -> bool:
    """Carry out one order; False when the server has hung up."""
    message, fds = _receive(control)
    if not message:
        return False
    order = json.loads(message)
    try:
        pid = _fork(order, fds, own)
    except OSError as error:
        _say(control, id=order["id"], error=str(error))
    else:
        _say(control, id=order["id"], pid=pid)
    finally:
        for fd in fds:
            os.close(fd)
    return True


def _fork(order: dict[str, Any], fds: list[int], own: tuple[Any, ...]) -> int:
    """A child that carries out the order; no signal comes between it and its own handlers."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    before = signal.pthread_sigmask(signal.SIG_SETMASK, signal.valid_signals())
    try:
        child = os.fork()
        if not child:
            live(order, fds, own)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return child


def _receive(control: socket.socket) -> tuple[bytes, list[int]]:
    """A message and the descriptors that came with it; programs that a child starts do not inherit them."""
    fds = array.array("i")
    space = socket.CMSG_LEN(MOST_FDS * fds.itemsize)
    message, ancillary, *_ = control.recvmsg(LIMIT, space, socket.MSG_CMSG_CLOEXEC)
    for level, kind, data in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            fds.frombytes(data[: len(data) - len(data) % fds.itemsize])
    return message, list(fds)


def _say(control: socket.socket, **what: Any) -> None:
    with suppress(BrokenPipeError, ConnectionResetError):  # the server went: the next read says so
        control.send(json.dumps(what).encode())


if __name__ == "__main__":
    sys.exit(main())
