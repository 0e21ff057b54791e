"""What answers a request for a page: the gallery, a notebook, and every address that does not exist."""

import re
from typing import Any

import tornado.web
from tornado.httputil import responses
from voila.handler import BaseVoilaHandler
from voila.static_file_handler import MultiStaticFileHandler
from voila.tornado.handler import TornadoVoilaHandler

from kpilib.language import LANGUAGES, of, say
from kpilib.serve.gallery import cards
from kpilib.serve.pages import Rendered
from kpilib.serve.pool import Busy
from kpilib.serve.site import Foreign, Site, Unavailable

HEARTBEAT = "window.voila_heartbeat()"
LANGUAGE = "kpi-lang"
"""The cookie that keeps a language that was chosen by hand."""
OURS = {"token", "lang", "piece", "form", "of", "kpi", "mark", "_xsrf"}
"""Arguments of an address that are not part of a query."""
LONGEST = 4000
"""Characters of an address's arguments; what pages themselves write is a fraction of it."""
AGAIN = 5
"""Seconds after which a page that is busy asks again by itself."""

STRICT = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self'",  # Vega's expressions are interpreted, never compiled
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    ]
)
"""Content-Security-Policy of our own pages: no script but the server's files, no other host."""


class Ours(BaseVoilaHandler):
    """What all our handlers share: the reader's language, the query, and errors that a reader understands."""

    site: Site
    etag: str | None = None

    def initialize(self, **kwargs: Any) -> None:
        super().initialize(**kwargs)
        self.site = kwargs["site"]

    @property
    def content_security_policy(self) -> str:
        return STRICT

    def compute_etag(self) -> str | None:
        return self.etag

    @property
    def reader(self) -> str:
        """The reader's language: chosen in the address, chosen before, or the browser's."""
        chosen = self.get_query_argument("lang", "")
        for one in (chosen, self.get_cookie(LANGUAGE, "") or ""):
            if one in LANGUAGES:
                return one
        return preferred(self.request.headers.get("Accept-Language", ""))

    def query(self) -> dict[str, list[str]]:
        """The page's query, as the address has it; refused when it is longer than any page would write it."""
        if len(self.request.query) > LONGEST:
            raise tornado.web.HTTPError(414)
        names = [name for name in self.request.query_arguments if name not in OURS and not name.startswith("mark.")]
        return {name: self.get_query_arguments(name) for name in names}

    def known(self, path: str) -> str:
        """The path of a notebook that is in the gallery; no other is read."""
        if path not in {card.path for card in cards(self.site.folder)}:
            raise tornado.web.HTTPError(404)
        return path

    def deliver(self, page: Rendered) -> None:
        """Send a page: compressed where the browser can, not at all where it has it."""
        if self.get_query_argument("lang", "") in LANGUAGES:
            self.set_cookie(LANGUAGE, self.reader, expires_days=365, path="/", samesite="Lax")
        assert self.xsrf_token  # sets the cookie that lets the page ask
        self.etag = page.etag
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "private, no-cache")
        self.set_header("Vary", "Accept-Encoding, Accept-Language, Cookie")
        if "gzip" in self.request.headers.get("Accept-Encoding", ""):
            self.set_header("Content-Encoding", "gzip")
            self.write(page.zipped)
        else:
            self.write(page.html)

    def tell(self, status: int, said: str, again: int = 0) -> None:
        """A page that only says something."""
        self.set_status(status)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        if again:
            self.set_header("Retry-After", str(again))
        self.finish(self.site.fill("message.html", self.reader, status=status, said=said, again=again))

    def write_error(self, status_code: int, **_: Any) -> None:
        self.clear_header("Content-Encoding")
        self.tell(status_code, explained(status_code, self.reader))


def preferred(header: str) -> str:
    """The first of our languages in what a browser says it accepts.

    Examples
    --------
    >>> preferred("de-CH,fr-CH;q=0.9,en;q=0.8"), preferred("fr;q=0.2, en"), preferred("")
    ('fr', 'en', 'en')
    """
    ranked = []
    for at, part in enumerate(header.split(",")[:20]):
        found = re.fullmatch(r"\s*([A-Za-z]{2,3})(?:-[\w-]+)?\s*(?:;\s*q=([\d.]{1,5}))?\s*", part)
        if found and found[1].lower() in LANGUAGES:
            ranked.append((-float(found[2] or 1) if (found[2] or "1").count(".") < 2 else 0, at, found[1].lower()))
    return of(min(ranked)[2]) if ranked else "en"


def explained(status: int, locale: str) -> str:
    """What a status means to a reader."""
    if status == 404:
        return say("There is no such page. The address may be mistyped, or the notebook was renamed.", locale)
    if status == 403:
        return say("This page is not open to you. Open it with the address that was printed at the start.", locale)
    if status == 414:
        return say("This address is too long to be one of ours. Open the page anew and choose again.", locale)
    reason = f"{status} {responses.get(status, '')}".strip()
    said = "This page could not be made. Whoever runs the application finds the reason in its log ({reason})."
    return say(said, locale, reason=reason)


class GalleryHandler(Ours):
    """The first page: one card a notebook."""

    @tornado.web.authenticated
    async def get(self) -> None:
        self.deliver(await self.site.gallery(self.reader))


class PageHandler(Ours, TornadoVoilaHandler):
    """A notebook's page; only what the gallery shows can be opened."""

    def initialize(self, **kwargs: Any) -> None:
        super().initialize(**kwargs)
        self.policy, self.patience, self.kernels = (kwargs[name] for name in ("policy", "patience", "kernels"))

    @tornado.web.authenticated
    async def get(self, path: str = "") -> None:
        path, locale = self.known(path), self.reader
        try:
            self.deliver(await self.site.page(path, self.query(), locale))
        except Busy as busy:
            self.tell(503, str(busy), AGAIN)
        except Unavailable as why:
            self.tell(500, str(why))
        except Foreign:
            await self.kernel(path)

    async def kernel(self, path: str) -> None:
        """The page by Voilà, with a kernel of the visitor's own, as long as there are not too many."""
        if len(self.kernel_manager.list_kernel_ids()) >= self.kernels:
            said = "This page is busy: as many people use it as it can serve. It opens by itself as soon as one leaves."
            self.tell(503, say(said, self.reader), AGAIN)
            return
        self.set_header("Content-Security-Policy", self.policy)
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


class AbsentHandler(Ours):
    """Every other address."""

    async def prepare(self) -> None:
        await super().prepare()
        raise tornado.web.HTTPError(404)


class CachedStaticHandler(MultiStaticFileHandler):
    """Voilà's scripts, which change with its version only: a browser may keep them for an hour."""

    def set_extra_headers(self, path: str) -> None:
        self.set_header("Cache-Control", "public, max-age=3600")
