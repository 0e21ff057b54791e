"""What runs behind the pages: who opens the data, the warm parent, the workers, the painter, and the watch for changes.

The server itself imports neither pandas nor Altair; every process that does is started here and ended here.
"""

import asyncio
import base64
import contextlib
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from kpilib.errors import BadInput
from kpilib.language import LANGUAGES
from kpilib.serve.facts import DataFacts, facts_from
from kpilib.serve.faults import reference
from kpilib.serve.gallery import Card, cards
from kpilib.serve.places import code_digest, digest, state_of
from kpilib.serve.pool import GRACE
from kpilib.serve.processes import Forked, Process, Spawned, ask
from kpilib.serve.shelf import Asset, Shelf
from kpilib.serve.site import Site
from kpilib.serve.warm import NotWarm, Warm

LOOK = 2.0
"""Seconds between two looks at the files."""
WARMING = 60.0
"""Seconds from the start of the server in which workers wait for the warm parent; then ordinary processes serve."""
PAUSE = 0.05


def opened(process: Process, source: str | None) -> DataFacts:
    """Have a process open the data; what it found.

    Raises
    ------
    BadInput
        They cannot be read; the message says why.
    """
    (frame,) = ask(process, {"do": "facts", "source": source, "locale": "en"})
    return facts_from(source, json.loads(frame.body))


def front(process: Callable[[], Process], shelf: Shelf) -> tuple[dict[str, Asset], dict[str, str]]:
    """The files of the front end and its messages: from the shelf, or made once by a process."""
    kept = shelf.get("front", code_digest())
    if kept is None:
        *files, strings = ask(process(), {"do": "front", "locale": "en"})
        coded = [[file.head["name"], file.head["mime"], base64.b64encode(file.body).decode()] for file in files]
        kept = {"files": coded, "strings": json.loads(strings.body)}
        shelf.put(kept, "front", code_digest())
    made = [Asset(name, mime, base64.b64decode(content)) for name, mime, content in kept["files"]]
    return {asset.name: asset for asset in made}, kept["strings"]


def starter(warm: Warm | None) -> Callable[[], Process]:
    """How workers are started: as forks of the warm parent once it is there, else as new processes."""

    deadline = time.monotonic() + WARMING

    def start() -> Process:
        while warm is not None:
            with contextlib.suppress(NotWarm):
                return Forked(lambda target, args, fds: warm.fork_now(target, args, fds=fds))
            if warm.closed:  # nobody would end what is started now
                raise OSError("The application ends.")
            if time.monotonic() > deadline:
                break
            time.sleep(PAUSE)
        return Spawned()

    return start


class Works:
    """Keeps a site's pages painted, its workers greeted and its data fresh.

    Parameters
    ----------
    site : Site
        Whose.
    source : str or None
        The data, as `places.absolute` returns it.
    start : callable
        Starts a process.
    """

    def __init__(self, site: Site, source: str | None, start: Callable[[], Process]) -> None:
        self.site, self.source, self.start = site, source, start
        self._tasks: list[asyncio.Task[None]] = []
        self._painter: Process | None = None
        self._closed = False

    def open(self, painter: Process | None = None) -> None:
        """Start everything; called inside the event loop.

        Parameters
        ----------
        painter : Process, optional
            One that is there already and may paint the first pages.
        """
        self.site.pool.open()
        self._tasks = [asyncio.create_task(self._fresh(painter)), asyncio.create_task(self._watch())]

    async def close(self) -> None:
        """End everything."""
        self._closed = True
        if self._painter is not None:
            self._painter.kill()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.site.pool.close()

    async def _fresh(self, painter: Process | None = None) -> None:
        """The workers run the notebooks, and what is not on the shelf is painted."""
        await self.site.pool.greet(self.site.greetings())
        await asyncio.to_thread(self.paint, painter)

    async def _watch(self) -> None:
        seen = data = self._data()
        notebooks = self._notebooks()
        while True:
            await asyncio.sleep(LOOK)
            try:
                before, seen = seen, self._data()
                if seen != data and seen == before:  # not while they are still being written
                    data = seen
                    await self._reopen()
                elif notebooks != (now := self._notebooks()):
                    notebooks = now
                    await self._fresh()
            except (OSError, BadInput):
                continue  # a file is being written or was taken away: look again later
            except Exception as error:
                reference(error, "looking for changes")

    async def _reopen(self) -> None:
        """Read the data again; the old ones are shown until the new ones are there, and if they cannot be read."""
        process = await asyncio.to_thread(self.start)
        try:
            facts = await asyncio.to_thread(opened, process, self.source)
        except BadInput as error:
            print(f"The data changed and cannot be read; the old ones are shown. {error}", file=sys.stderr, flush=True)
            process.kill()
            return
        self.site.data, self.site.epoch = facts, self.site.epoch + 1
        self.site.pool.answers.clear()
        await self._fresh(process)

    def _data(self) -> Any:
        return state_of(self.source)

    def _notebooks(self) -> Any:
        return [(card, digest(self.site.folder / card.path)) for card in cards(self.site.folder)]

    # --- painting -----------------------------------------------------------------------------------------------

    def paint(self, painter: Process | None = None) -> None:
        """Paint every page that is not on the shelf, in a process that ends afterwards; blocking."""
        self._painter = painter
        try:
            for card, locale in self._unpainted():
                if self._closed:
                    return
                self._painter = self._painter or self.start()
                try:
                    self._paint(self._painter, card, locale)
                except BadInput as error:  # the page will say why; here the next one is painted, by another process
                    self._painter.kill()
                    self._painter = None
                    if not self._closed:
                        print(f"{card.path} was not painted: {error}", file=sys.stderr, flush=True)
        finally:
            if self._painter is not None:
                self._painter.kill()
            self._painter = None

    def _unpainted(self) -> Iterator[tuple[Card, str]]:
        site = self.site
        for card in cards(site.folder):
            for locale in LANGUAGES:
                if not site.shelf.has(*site.name("page", card, locale)):
                    yield card, locale

    def _paint(self, process: Process, card: Card, locale: str) -> None:
        site = self.site
        with ended_after(site.seconds + GRACE, process):
            request, _ = site.request("document", card.path, {}, locale, charts="svg")
            document = json.loads(ask(process, request)[0].body)
            if card.headline and not document["foreign"]:
                request, _ = site.request("headlines", card.path, {}, locale, keys=list(card.headline))
                site.shelf.put(json.loads(ask(process, request)[0].body), *site.name("headlines", card, locale))
        if not any(kind == "error" for kind, _ in document["cells"]):
            site.shelf.put(document, *site.name("page", card, locale))


@contextlib.contextmanager
def ended_after(seconds: float, process: Process) -> Iterator[None]:
    """End a process that takes longer."""
    timer = threading.Timer(seconds, process.kill)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
