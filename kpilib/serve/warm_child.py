"""From a fork of the warm parent to a process of its own: its streams, its surroundings, its luck, its end.

Nothing here starts a thread before the target runs, and nothing is read of the parent's open connections.
"""

import atexit
import fcntl
import gc
import importlib
import logging
import os
import random
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any, NoReturn


def tether(leash: socket.socket) -> None:
    """Let the kernel end this process as soon as the other end of `leash` closes, even while it is stopped or busy.

    Parameters
    ----------
    leash : socket
        One end of a pair of which the server alone holds the other. Nothing is ever sent over it.
    """
    fcntl.fcntl(leash, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(leash, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(leash, fcntl.F_SETFL, fcntl.fcntl(leash, fcntl.F_GETFL) | os.O_ASYNC)
    try:
        gone = leash.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""  # closed before the tether was tied
    except BlockingIOError:
        gone = False
    if gone:
        os._exit(1)


def named(target: str) -> Callable[..., Any]:
    """The function that "module:function" names.

    Examples
    --------
    >>> named("os.path:basename")("a/b")
    'b'
    """
    module, _, function = target.partition(":")
    return getattr(importlib.import_module(module), function)


def live(order: dict[str, Any], fds: list[int], left: tuple[Any, ...] = ()) -> NoReturn:
    """Run the target of an order in this fork, then end the process with its status.

    Parameters
    ----------
    order : dict
        `target` and its `args`; `cwd`, `env` and `argv`, each None for the parent's.
    fds : list of int
        Leash, standard input, output and error, then what the target gets as `args["fds"]`.
    left : tuple
        The parent's own connections, which are closed here.
    """
    status = 1
    try:
        for held in left:
            held.close()
        leash = _settle(order, fds)
        tether(leash)
        status = _status(named(order["target"])(**order["args"], fds=fds[4:]))
    except SystemExit as leaving:
        status = _status(leaving.code)
    except BaseException:
        traceback.print_exc(file=sys.__stderr__)
    finally:
        _leave(status)


def _settle(order: dict[str, Any], fds: list[int]) -> socket.socket:
    """Take leave of the parent: own session, streams, folder, environment, handlers and random numbers."""
    os.setsid()
    for number, fd in enumerate(fds[1:4]):
        os.dup2(fd, number)
        os.close(fd)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    _signals()
    if order["cwd"] is not None:
        os.chdir(order["cwd"])
    if order["env"] is not None:
        os.environ.clear()
        os.environ.update(order["env"])
        time.tzset()
    sys.argv = list(order["argv"] or [order["target"]])
    logging.getLogger().handlers.clear()
    _reseed()
    gc.enable()
    return socket.socket(fileno=fds[0])


def _signals() -> None:
    """Every signal as a new Python process finds it."""
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        if callable(signal.getsignal(number)):
            signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _reseed() -> None:
    """Other random numbers than the parent's and the other children's."""
    random.seed()
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()


def _status(code: Any) -> int:
    """The exit status for what a target returned or left with, as Python's own end reads it."""
    if isinstance(code, str):
        print(code, file=sys.__stderr__)
    return 0 if code is None else code & 0xFF if isinstance(code, int) else 1


def _leave(status: int) -> NoReturn:
    """What was registered runs and what was printed is written; the parent's objects are not taken apart."""
    try:
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except BaseException:
        traceback.print_exc(file=sys.__stderr__)
    finally:
        os._exit(status)
