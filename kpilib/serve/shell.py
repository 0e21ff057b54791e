"""Runs the cells of one notebook in this process and keeps what each shows. Only a worker imports it."""

import contextlib
import io
import signal
import tempfile
import threading
from collections.abc import Iterator
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.formatters import DisplayFormatter
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

from kpilib.show.filters import Filters
from kpilib.show.live import Live

PIECE = "kpi/piece"
"""The key under which an output holds a piece of a page itself."""


class Formatter(DisplayFormatter):
    """A piece of a page is kept as it is; of anything else, what it looks like."""

    def format(self, obj: Any, include: Any = None, exclude: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:
        if isinstance(obj, Live | Filters):
            return {PIECE: obj}, {}
        return super().format(obj, include, exclude)


class Publisher(DisplayPublisher):
    """Where `display` goes."""

    shell: Any

    def publish(self, data: dict[str, Any], metadata: Any = None, *_: Any, **__: Any) -> None:
        self.shell.outputs.append((data, metadata or {}))


class Hook(DisplayHook):
    """Where the value of a cell's last line goes."""

    shell: Any

    def write_format_data(self, format_dict: dict[str, Any], md_dict: Any = None) -> None:
        self.shell.outputs.append((format_dict, md_dict or {}))

    def start_displayhook(self) -> None:
        """Nothing is written around an output."""

    write_output_prompt = finish_displayhook = start_displayhook


class Printed(io.TextIOBase):
    """Standard output of a cell, in its place among the other outputs."""

    def __init__(self, outputs: list[Any]) -> None:
        self.outputs = outputs

    def writable(self) -> bool:
        return True

    def write(self, said: str) -> int:
        if self.outputs and isinstance(self.outputs[-1], str):
            self.outputs[-1] += said
        else:
            self.outputs.append(said)
        return len(said)


class Shell(InteractiveShell):
    """IPython without a terminal, a history or a kernel; a namespace of its own for each notebook."""

    display_pub_class = Type(Publisher)
    displayhook_class = Type(Hook)

    def __init__(self, **options: Any) -> None:
        self.outputs: list[Any] = []
        super().__init__(**options)

    def init_display_formatter(self) -> None:
        self.display_formatter = Formatter(parent=self)
        self.configurables.append(self.display_formatter)  # type: ignore[arg-type]

    def init_sys_modules(self) -> None:
        """This process's own `__main__` stays what it is."""

    def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
        """The one who runs the cell logs the error; a page shows none."""


def start() -> Shell:
    """A new shell, which `display` and `get_ipython` find from now on."""
    settings = Config()
    settings.HistoryManager.enabled = False  # it would keep a database and a thread
    with tempfile.TemporaryDirectory(prefix="kpi-ipython-") as scratch:
        settings.InteractiveShell.ipython_dir = scratch
        Shell.clear_instance()
        return Shell.instance(user_ns={}, config=settings)


def run(shell: Shell, source: str, seconds: float) -> tuple[list[Any], BaseException | None]:
    """Run one cell.

    Parameters
    ----------
    shell : Shell
        Of the notebook.
    source : str
        The cell's code.
    seconds : float
        How long it may take; 0 for as long as it likes.

    Returns
    -------
    tuple
        Its outputs in order, each a text that was printed or a pair of data and metadata by MIME type; and the error
        that ended it.
    """
    outputs: list[Any] = []
    shell.outputs = outputs
    with contextlib.redirect_stdout(Printed(outputs)), limited(seconds):
        result = shell.run_cell(source, store_history=True)
    return outputs, result.error_before_exec or result.error_in_exec


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise TimeoutError inside what takes longer, where the system can; elsewhere the worker is ended from outside."""
    here = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    if not here or not seconds:
        yield
        return
    before = signal.signal(signal.SIGALRM, _too_long)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _too_long(*_: Any) -> None:
    raise TimeoutError("The cell took too long.")
