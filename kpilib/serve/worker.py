"""A process that holds the notebooks, run, and answers what the server asks: one request at a time.

It is a fork of the warm parent, or a new Python where there is none. Only this process and those
it is made of import pandas and Altair; the server does not.
"""

import contextlib
import json
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from kpilib.errors import KpilibError
from kpilib.serve import wire
from kpilib.serve.compiler import Compiler
from kpilib.serve.faults import reference, sentence
from kpilib.serve.lines import cut, plain, whole
from kpilib.serve.places import cache_folder, digest
from kpilib.serve.wire import Frame

Answers = Iterator[Frame]

GIVES_WAY = 10
"""How much nicer than the workers the painter is: what it paints ahead is for later visitors."""


class Desk:
    """The notebooks of a folder, each run once, and the answers that their pages give."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[object, Any]] = {}
        self._behind = False  #: whether this process gives way to those that answer visitors
        self._does: dict[str, Callable[[dict[str, Any]], Answers]] = {
            "document": self.document,
            "answer": self.answer,
            "records": self.records,
            "about": self.about,
            "export": self.export,
            "headlines": self.headlines,
            "facts": facts,
            "front": front,
        }

    def answers(self, request: dict[str, Any]) -> Answers:
        """The frames that answer a request; the last is "end", "failed" or "refused", and nothing is raised."""
        locale = str(request.get("locale", "en"))
        try:
            with _beside(request):
                yield from self._does[request["do"]](request)
            yield Frame({"kind": "end"})
        except KpilibError as error:
            # Its sentence is written for the reader.
            yield Frame({"kind": "refused", "said": str(error)})
        except Exception as error:
            ref = reference(error, f"{request.get('do')} of {request.get('notebook')}")
            yield Frame({"kind": "failed", "said": sentence(ref, locale)})

    def document(self, request: dict[str, Any]) -> Answers:
        """The whole page: its cells, its sections for the query, and the lines that say the same to a script."""
        painting = request.get("charts") == "svg"
        self._compiles(painting)
        if painting and not self._behind and hasattr(os, "nice"):
            self._behind = True
            os.nice(GIVES_WAY)
        held = self._document(request)
        locale, query = request["locale"], request["query"]
        made: dict[str, Any] = {"foreign": held.foreign, "cells": [], "sections": {}, "lines": []}
        if not held.foreign:
            made["cells"] = held.said(locale)
            if held.page is not None:
                made["lines"] = [json.loads(whole(line)) for line in self._lines(held.page, query, locale)]
                made["sections"] = held.page.sections(query, locale, request.get("charts", "live"))
        yield Frame({"kind": "document"}, plain(made))

    def answer(self, request: dict[str, Any]) -> Answers:
        """The lines of an answer, one a piece."""
        yield from self._lines(self._page(request), request["query"], request["locale"], request.get("first", ()))

    def records(self, request: dict[str, Any]) -> Answers:
        """The rows behind a piece."""
        more = _given(request, "mark")
        found = self._page(request).records(request["query"], request["locale"], request["piece"], **more)
        yield Frame({"kind": "json"}, plain(found))

    def about(self, request: dict[str, Any]) -> Answers:
        """What a KPI is, and its other definitions."""
        found = self._page(request).about(request["query"], request["locale"], request.get("kpi", ""))
        yield Frame({"kind": "json"}, plain(found))

    def export(self, request: dict[str, Any]) -> Answers:
        """What a piece shows, as a file."""
        asked = request["query"], request["locale"], request["piece"], request["form"]
        name, mime, held = self._page(request).export(*asked, **_given(request, "mark", "of"))
        yield Frame({"kind": "file", "name": name, "mime": mime}, held)

    def headlines(self, request: dict[str, Any]) -> Answers:
        """The figures that stand on a notebook's card."""
        held = self._document(request)
        found = held.page.headlines(request["keys"], request["locale"]) if held.page is not None else []
        yield Frame({"kind": "json"}, plain(found))

    def _compiles(self, here: bool) -> None:
        """Only a painter, which does not live long, compiles its charts itself."""
        from kpilib.show.charts import renderer

        if not isinstance(renderer.compiled, Compiler):
            renderer.compiled = Compiler(cache_folder() / "charts", renderer.compiled)
        renderer.compiled.here = here

    @staticmethod
    def _lines(page: Any, query: dict[str, Any], locale: str, first: Sequence[str] = ()) -> Answers:
        return (cut(line) for line in page.answer(query, locale, first=first))

    def _page(self, request: dict[str, Any]) -> Any:
        page = self._document(request).page
        if page is None:
            raise KpilibError("This page has no figures that could be asked.")
        return page

    def _document(self, request: dict[str, Any]) -> Any:
        from kpilib.serve.document import open_notebook

        if request["do"] != "document":
            self._compiles(False)
        file = Path(request["notebook"])
        stamp = (digest(file), request.get("epoch"))
        known = self._held.get(str(file))
        if known is None or known[0] != stamp:
            known = stamp, open_notebook(file, request.get("seconds", 0))
            self._held[str(file)] = known
        return known[1]


def facts(request: dict[str, Any]) -> Answers:
    """Open the data, which imports them and builds what is kept of them; what the foot of each page says of them."""
    import kpilib

    book = kpilib.open(request["source"])
    _estimated(book, request["source"])
    refused = None
    if not book.why_not("refused_rate"):
        answer = book.kpi("refused_rate").iloc[0]
        refused = [float(answer["numerator"]), float(answer["denominator"])]
    said = {"as_of": book.as_of.isoformat(), "fingerprint": str(book.fingerprint), "refused": refused}
    yield Frame({"kind": "json"}, plain(said))


def _estimated(book: Any, source: str | None) -> None:
    """See to it that all findings are kept, so that no page waits for one; what estimates ends with its memory."""
    from kpilib.analysis.kept import prepared

    if not prepared(book):
        command = [sys.executable, "-m", "kpilib.analysis", *([source] if source else [])]
        subprocess.run(command, stdout=sys.stderr, check=False)  # what failed is tried again by the page, and told


def _beside(request: dict[str, Any]) -> contextlib.AbstractContextManager[None]:
    """The folder of the notebook that is asked: its figures may read files and import modules that lie there."""
    if "notebook" not in request:
        return contextlib.nullcontext()
    from kpilib.serve.document import inside

    return inside(Path(request["notebook"]).parent)


def _given(request: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: request[name] for name in names if name in request}


def front(request: dict[str, Any]) -> Answers:
    """The files that the pages' scripts are made of, then what the scripts say."""
    from kpilib.show import web

    for name in web.ASSETS:
        content, mime = web.asset(name)
        yield Frame({"kind": "file", "name": name, "mime": mime}, content)
    yield Frame({"kind": "json"}, plain(web.STRINGS))


def light() -> None:
    """Keep texts as Python has them: a page makes hundreds of small frames, and Arrow copies texts there and back."""
    import pandas as pd

    pd.set_option("mode.string_storage", "python")


def serve(incoming: BinaryIO, outgoing: BinaryIO) -> None:
    """Answer until the server is gone.

    Parameters
    ----------
    incoming, outgoing : binary files
        The stream to the server, blocking.
    """
    logging.basicConfig(stream=sys.stderr, level=logging.ERROR, format="%(message)s")
    desk = Desk()
    while True:
        try:
            request = wire.read(incoming).head
            for frame in desk.answers(request):
                outgoing.write(wire.pack(Frame({"id": request["id"], **frame.head}, frame.body)))
                outgoing.flush()
        except (EOFError, BrokenPipeError, ConnectionError, KeyboardInterrupt):
            return


def forked(fds: list[int]) -> None:
    """Answer over a socket: what the warm parent calls in a fork.

    Parameters
    ----------
    fds : list of int
        The socket's descriptor.
    """
    with socket.socket(fileno=fds[0]) as talk, talk.makefile("rb") as incoming, talk.makefile("wb") as outgoing:
        serve(incoming, outgoing)


def main() -> None:
    """Answer over standard input and output; what a notebook writes there by other ways goes to the log."""
    light()
    outgoing = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    with outgoing, os.fdopen(os.dup(0), "rb") as incoming:
        # A notebook that reads its standard input would read the server's requests.
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        serve(incoming, outgoing)
