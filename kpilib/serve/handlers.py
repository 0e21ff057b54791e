"""What answers a request that is for us: the gallery, a notebook's page, and every address that does not exist."""

from pathlib import Path
from typing import Any

import tornado.web
from voila.handler import BaseVoilaHandler
from voila.static_file_handler import MultiStaticFileHandler
from voila.tornado.handler import TornadoVoilaHandler

from kpilib.serve.gallery import cards
from kpilib.serve.hooks import DataFacts, page_of

HEARTBEAT = "window.voila_heartbeat()"


class GalleryHandler(BaseVoilaHandler):
    """The first page: one card a notebook."""

    def initialize(self, folder: Path, data: DataFacts, **kwargs: Any) -> None:
        super().initialize(**kwargs)
        self.folder, self.data = folder, data

    @tornado.web.authenticated
    def get(self) -> None:
        self.write(self.render_template("gallery.html", page=page_of("", self.folder, self.data)))


class PageHandler(TornadoVoilaHandler):
    """A notebook's page; only what the gallery shows can be opened."""

    def initialize(self, folder: Path, patience: float, **kwargs: Any) -> None:
        super().initialize(**kwargs)
        self.folder, self.patience = folder, patience

    @tornado.web.authenticated
    async def get(self, path: str = "") -> None:
        if path not in {card.path for card in cards(self.folder)}:
            raise tornado.web.HTTPError(404)
        assert self.xsrf_token  # sets the cookie that lets the page give its kernel back
        silent = 0.0
        async for html in self.get_generator(path=path):
            silent = silent + self.voila_configuration.http_keep_alive_timeout if HEARTBEAT in html else 0
            # When a kernel cannot start, Voilà's generator beats for ever: end the page, which then says so itself.
            if silent > self.patience:
                self.log.error("%s: nothing came for %s s; the page was given up", path, silent)
                return
            self.write(html)
            await self.flush()


class AbsentHandler(BaseVoilaHandler):
    """Every other address."""

    async def prepare(self) -> None:
        await super().prepare()
        raise tornado.web.HTTPError(404)


class CachedStaticHandler(MultiStaticFileHandler):
    """Voilà's scripts, which change with its version only: a browser may keep them for an hour."""

    def set_extra_headers(self, path: str) -> None:
        self.set_header("Cache-Control", "public, max-age=3600")
