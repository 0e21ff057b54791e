"""What was told already, so that no event is told twice, and its end once. One JSON file, written whole or not at all.

An event that was told by mail but not to the webhook, because that did not answer, is told to the webhook next time:
each channel has its own memory.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from kpilib.errors import BadInput

from .alert import Alert
from .watch import Watch

VERSION = 1
#: Seconds that a second run waits for the first one.
WAIT = 30.0
_CURE = (
    "Nothing was changed. Move it away to begin anew (what is open is then told again), or name another: --state FILE."
)


@dataclass(frozen=True)
class Back:
    """An event that is over: what it was about, and the first month it was told for."""

    series: str
    title: str
    since: str
    month: str


@dataclass
class Told:
    """The memory of one company's alerts: by series what is open or ended, and which channels know.

    Each entry has `since` (of the event), `seen` (the last month in which it was open), `title`, `told` (channels that
    know of it) and `ended` (the month in which it was over; "" while it is open).
    """

    entries: dict[str, dict[str, Any]]

    def news(self, alerts: Sequence[Alert], channel: str) -> list[Alert]:
        """Those of the open alerts that a channel has not been told."""
        return [one for one in alerts if channel not in self._known(one).get("told", ())]

    def over(self, channel: str) -> list[Back]:
        """The events that have ended, of those that the channel was told."""
        return [
            Back(series, entry["title"], entry["since"], entry["ended"])
            for series, entry in self.entries.items()
            if entry["ended"] and channel in entry["told"]
        ]

    def look(self, watch: Watch, locale: str = "en") -> None:
        """Take in what is open now: new events, those that go on, those that are over.

        An event that could not be judged (its table is gone, its KPI no longer watched) is left as it is: nothing says
        that it is over. Where one ended and another began since the last look, the later one is new.
        """
        open_now = {one.series: one for one in watch.alerts}
        for series, one in open_now.items():
            known = self._known(one)
            started = {"since": one.since, "told": []} if not known else {}
            self.entries[series] = {**known, **started, "seen": one.month, "title": one.title(locale), "ended": ""}
        for series, entry in list(self.entries.items()):
            if series not in open_now and not entry["ended"] and watch.could_tell(series):
                entry["ended"] = watch.month
            if entry["ended"] and not entry["told"]:
                del self.entries[series]

    def tell(self, alerts: Sequence[Alert], over: Sequence[Back], channel: str) -> None:
        """Remember that a channel was told these alerts, and the end of these."""
        for one in alerts:
            entry = self.entries[one.series]
            entry["told"] = sorted({*entry["told"], channel})
        for back in over:
            entry = self.entries[back.series]
            entry["told"] = [name for name in entry["told"] if name != channel]
            if not entry["told"]:
                del self.entries[back.series]

    def _known(self, one: Alert) -> dict[str, Any]:
        """The entry of an alert's event; nothing where the entry is of an earlier one, which has ended since."""
        entry = self.entries.get(one.series, {})
        return {} if not entry or entry["ended"] or one.since > entry["seen"] else entry


def default_file() -> Path:
    """Where the memory is kept: in `KPILIB_CACHE` where that is set, else in the user's own folder for such things."""
    given = os.environ.get("KPILIB_CACHE")
    return Path(given or platformdirs.user_state_path("kpilib")) / "alerts.json"


@contextmanager
def remembered(file: Path, name: str) -> Iterator[Told]:
    """The memory of one company, held for the length of the block and written at its end, whatever happens in it.

    Parameters
    ----------
    file : pathlib.Path
        May hold several companies' memories; made where it is not there.
    name : str
        Whose.

    Raises
    ------
    BadInput
        The file is no memory of alerts or cannot be written, or another run holds it for too long.
    """
    with _held(file):
        books = _read(file)
        told = Told(books.setdefault(name, {}))
        try:
            yield told
        finally:
            _write(file, books)


def _read(file: Path) -> dict[str, dict[str, Any]]:
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"'{file}' cannot be read: {error}. {_CURE}") from error
    try:
        held = json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}: {error.msg}"
        raise BadInput(f"'{file}' is not what `kpi alerts` remembers ({where}). {_CURE}") from error
    if not _sound(held):
        raise BadInput(f"'{file}' is not what `kpi alerts` (version {VERSION}) remembers. {_CURE}")
    books: dict[str, dict[str, Any]] = held["books"]
    return books


def _sound(held: Any) -> bool:
    """Whether every entry has its parts."""
    if not isinstance(held, dict) or held.get("version") != VERSION or not isinstance(held.get("books"), dict):
        return False
    entries = [entry for book in held["books"].values() if isinstance(book, dict) for entry in book.values()]
    texts = ("since", "seen", "title", "ended")
    return all(isinstance(book, dict) for book in held["books"].values()) and all(
        isinstance(entry, dict)
        and all(isinstance(entry.get(name), str) for name in texts)
        and isinstance(entry.get("told"), list)
        for entry in entries
    )


def _write(file: Path, books: dict[str, dict[str, Any]]) -> None:
    """Write beside the file, then put in its place: a reader finds the old memory or the new one."""
    text = json.dumps({"version": VERSION, "books": books}, ensure_ascii=False, indent=1, sort_keys=True)
    handle, scratch = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text + "\n")
            out.flush()
            os.fsync(out.fileno())
        os.replace(scratch, file)
    except OSError as error:
        Path(scratch).unlink(missing_ok=True)
        raise BadInput(f"'{file}' cannot be written: {error.strerror}. Choose another place: --state FILE.") from error


@contextmanager
def _held(file: Path) -> Iterator[None]:
    """Hold the lock beside the file. A run that dies gives it back by dying."""
    import fcntl

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(file.with_name(file.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        said = f"Nothing can be written in '{file.parent}': {error.strerror}. Choose another place: --state FILE."
        raise BadInput(said) from error
    try:
        patience = time.monotonic() + WAIT
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                if time.monotonic() > patience:
                    said = f"Another `kpi alerts` has held '{file}' for {WAIT:g} seconds. Try again when it has ended."
                    raise BadInput(said) from None
                time.sleep(0.05)
        yield
    finally:
        os.close(handle)
