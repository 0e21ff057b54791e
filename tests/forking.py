"""What forks of a warm parent do in the tests: they import this module, by the name that the test gives."""

import json
import logging
import os
import random
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

#: Seconds after which a test gives up what should be there at once.
SOON = 20.0


def tell(fds: list[int], **given: Any) -> int:
    """Write to the first descriptor what this process finds itself to be; the status is what was `given` as such."""
    said = {
        "given": given,
        "pid": os.getpid(),
        "session": os.getsid(0),
        "argv": sys.argv,
        "cwd": os.getcwd(),
        "environment": dict(os.environ),
        "random": [random.random(), np.random.random()],
        "open": {fd: link(fd) for fd in map(int, os.listdir("/proc/self/fd"))},
        "fds": fds,
        "handled": [int(number) for number in signal.valid_signals() if callable(signal.getsignal(number))],
        "blocked": len(signal.pthread_sigmask(signal.SIG_BLOCK, ())),
        "logs": len(logging.getLogger().handlers),
    }
    with socket.socket(fileno=fds[0]) as talk:
        talk.sendall(json.dumps(said).encode())
    return int(given.get("status", 0))


def link(fd: int) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{fd}")
    except FileNotFoundError:  # the one that listed the folder
        return ""


def echo(fds: list[int]) -> int:
    """Send back what comes until nothing comes any more."""
    with socket.socket(fileno=fds[0]) as talk:
        while heard := talk.recv(100):
            talk.sendall(heard)
    return 3


def pause(fds: list[int]) -> None:
    """Say so, then stay."""
    print("here", flush=True)
    signal.pause()


def fail(fds: list[int]) -> None:
    raise ValueError("on purpose")


def leave_a_thread(book: Any) -> None:
    threading.Thread(target=time.sleep, args=(SOON,), daemon=True, name="left").start()


MARKED = 0
"""The process that loaded this module as a parent."""


def mark(book: Any) -> None:
    global MARKED
    MARKED = os.getpid()


def log_something(book: Any) -> None:
    """A module that sets up logging as it is loaded."""
    logging.basicConfig()


def until(condition: Callable[[], object]) -> None:
    """Return once the condition holds; fail when it does not soon."""
    deadline = time.monotonic() + SOON
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.01)


def gone(pid: int) -> bool:
    """Whether the process has ended, be it that nobody asked for its status yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def open_fds(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


def children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
