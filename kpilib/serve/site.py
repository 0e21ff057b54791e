"""What the application shows: pages, answers and the gallery, from its memory, from disk, or from a worker.

Knows no web server; `handlers` and `asks` put it on the network, `works` starts and ends what it asks.
"""

import asyncio
import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kpilib.errors import KpilibError
from kpilib.language import LANGUAGES, say
from kpilib.serve import pages
from kpilib.serve.answers import Job
from kpilib.serve.chrome import around, told
from kpilib.serve.facts import DataFacts
from kpilib.serve.gallery import Card, cards
from kpilib.serve.pages import Rendered
from kpilib.serve.places import cache_folder, code_digest, digest
from kpilib.serve.pool import Pool
from kpilib.serve.shelf import Asset, Shelf

PATIENCE = 1.0
"""Seconds that the gallery waits for its figures; without them it is shown nevertheless."""
PAGES = 64
"""Pages that are kept ready to be sent."""

Query = Mapping[str, list[str]]


class Unavailable(KpilibError):
    """A page that could not be made; its sentence is for the reader."""


class Foreign(Exception):
    """A notebook that needs a kernel for each visitor."""


class Site:
    """The pages of a folder of notebooks on one data set.

    Parameters
    ----------
    folder : Path
        The notebooks' folder.
    data : DataFacts
        What the pages speak of; replaced when the data change.
    pool : Pool
        Whom to ask.
    seconds : float
        How long a cell may take.
    """

    def __init__(self, folder: Path, data: DataFacts, pool: Pool, seconds: float) -> None:
        self.folder, self.data, self.pool, self.seconds = folder, data, pool, seconds
        self.epoch = 0  #: counts the times that the data changed
        self.assets: dict[str, Asset] = {}
        self.strings: dict[str, str] = {}
        self.shelf = Shelf(cache_folder() / "pages")
        self._ready: OrderedDict[Any, Rendered] = OrderedDict()

    @property
    def sheet(self) -> str:
        """The style of the pieces, which stands in each page so that nothing is awaited before the first paint."""
        return self.assets["kpi.css"].content.decode() if "kpi.css" in self.assets else ""

    # --- requests -----------------------------------------------------------------------------------------------

    def request(self, do: str, path: str, query: Query, locale: str, **more: Any) -> tuple[dict[str, Any], Any]:
        """A request as a worker takes it, and what its answer depends on."""
        file = self.folder / path
        asked = {name: sorted(set(values)) for name, values in sorted(query.items())}
        request = {"do": do, "notebook": str(file), "query": asked, "locale": locale, "seconds": self.seconds, **more}
        key = (do, path, digest(file), self.data.fingerprint, self.epoch, locale, json.dumps([asked, more]))
        return {**request, "epoch": self.epoch}, key

    async def ask(
        self, do: str, path: str, query: Query, locale: str, first: Sequence[str] = (), **more: Any
    ) -> Job:  # fmt: skip
        """Have a worker answer, or find what one has answered; Busy when too many wait.

        The pieces named `first` come first, which an answer does not depend on.
        """
        request, key = self.request(do, path, query, locale, **more)
        return await self.pool.ask({**request, "first": list(first)}, key)

    def greetings(self) -> list[tuple[dict[str, Any], Any]]:
        """What visitors are most likely to ask first."""
        return [self.request("document", card.path, {}, locale) for card in cards(self.folder) for locale in LANGUAGES]

    def name(self, what: str, card: Card, locale: str) -> tuple[str, ...]:
        """The name on the shelf of what belongs to a notebook: everything that it depends on."""
        return what, self.data.fingerprint, card.path, digest(self.folder / card.path), code_digest(), locale

    def around(self, path: str, locale: str) -> dict[str, Any]:
        """What stands around the cells of a page; see `chrome.around`."""
        return around(path, self.folder, self.data, locale)

    # --- pages --------------------------------------------------------------------------------------------------

    async def page(self, path: str, query: Query, locale: str) -> Rendered:
        """A notebook's page, ready to be sent.

        Raises
        ------
        Foreign
            It needs a kernel.
        Busy, Unavailable
            It cannot be had now, or not at all; the message is for the reader.
        """
        card = next(card for card in cards(self.folder) if card.path == path)
        painted = not query and self.shelf.has(*self.name("page", card, locale))
        _, key = self.request("document", path, query, locale)
        key = (key, painted, self.data, tuple(cards(self.folder)), tuple(self.assets))
        if key not in self._ready:
            document = self.shelf.get(*self.name("page", card, locale)) if painted else None
            document = document or await self._document(path, query, locale)
            if document["foreign"]:
                raise Foreign
            self._remember(key, self._rendered(path, document, locale))
        self._ready.move_to_end(key)
        return self._ready[key]

    async def _document(self, path: str, query: Query, locale: str) -> dict[str, Any]:
        job = await self.ask("document", path, query, locale)
        frames = await job.result()
        job.leave()
        if not job.whole:
            raise Unavailable(frames[-1].head["said"])
        made: dict[str, Any] = json.loads(frames[0].body)
        return made

    def _rendered(self, path: str, document: dict[str, Any], locale: str) -> Rendered:
        frame, host = self.around(path, locale), self.host(path, locale)
        return pages.rendered(pages.page(frame, document, host, self.sheet))

    def _remember(self, key: Any, page: Rendered) -> None:
        self._ready[key] = page
        while len(self._ready) > PAGES:
            self._ready.popitem(last=False)

    def host(self, path: str, locale: str) -> dict[str, Any]:
        """What a page's script must know."""
        return {
            "path": path,
            "base": "/",
            "assets": {name: asset.address for name, asset in self.assets.items()},
            "strings": {name: say(message, locale) for name, message in self.strings.items()},
        }

    # --- the gallery --------------------------------------------------------------------------------------------

    async def gallery(self, locale: str) -> Rendered:
        """The first page: a card a notebook, with its figures where they are there in time."""
        known = cards(self.folder)
        figures = await asyncio.gather(*(self.headlines(card, locale) for card in known))
        told_cards = [{**told(card, locale), "figures": found} for card, found in zip(known, figures, strict=True)]
        return pages.rendered(self.fill("gallery.html", locale, cards=told_cards))

    def fill(self, template: str, locale: str, **values: Any) -> str:
        """A page that is no notebook's."""
        host = self.host("", locale)
        values |= {"page": self.around("", locale), "host": pages.in_script(host), "assets": host["assets"]}
        return pages.fill(template, locale, sheet=pages.Markup(self.sheet), **values)

    async def headlines(self, card: Card, locale: str) -> list[dict[str, Any]]:
        """The figures of a card; none where they cannot be had in time."""
        if not card.headline:
            return []
        kept = self.shelf.get(*self.name("headlines", card, locale))
        if kept is not None:
            return list(kept)
        try:
            job = await self.ask("headlines", card.path, {}, locale, keys=list(card.headline))
            frames = await asyncio.wait_for(job.result(), PATIENCE)
        except (KpilibError, TimeoutError):
            return []
        return list(json.loads(frames[0].body)) if job.whole else []
