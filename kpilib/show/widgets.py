"""The pieces of a page as widgets: the same front end as in the app, talking to the kernel instead of a server.

Each piece is a small anywidget that holds its HTML and its first answer, the first piece of a page also the code. A
choice is one message, and its answer one message for every piece that is shown.
"""

import json
import secrets
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import anywidget
import traitlets
from IPython.core.getipython import get_ipython

from kpilib import language
from kpilib.errors import KpilibError

from . import web
from .live import WRONG, Live, log, reference

if TYPE_CHECKING:
    from .page import Page


class PieceWidget(anywidget.AnyWidget):
    """One piece in a notebook's output."""

    _esm = web.LOADER
    page_id = traitlets.Unicode().tag(sync=True)
    piece = traitlets.Unicode().tag(sync=True)
    html = traitlets.Unicode().tag(sync=True)
    #: The answer at the start, as JSON.
    first = traitlets.Unicode().tag(sync=True)
    #: How often the choice had changed before it.
    turn = traitlets.Int().tag(sync=True)
    #: Which front end it needs, and the files of that front end where it brings them.
    code = traitlets.Unicode().tag(sync=True)
    front = traitlets.Dict().tag(sync=True)
    language = traitlets.Unicode("en").tag(sync=True)
    #: What it would hold if it were made now.
    now: Callable[[], dict[str, Any]] | None = None

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:
        """What a browser is told that meets it: the choice may have changed since it was made."""
        state: dict[str, Any] = super().get_state(key=key, drop_defaults=drop_defaults)
        if self.now is not None and "html" in state:
            state |= self.now()
        return state


class Hub:
    """The widgets of one page and their conversation with the browser."""

    def __init__(self, page: "Page") -> None:
        self.page = page
        self.widgets: dict[str, PieceWidget] = {}
        self.turn = 0
        # Two kernels may have pages in one browser: where it lies in memory does not tell them apart.
        self.name = secrets.token_hex(8)

    def widget(self, piece: Live) -> PieceWidget:
        """The widget of a piece; there is one, and it takes the place of an earlier piece's of that name."""
        lang = language.of(self.page.locale)
        self.close(piece.name)
        carried = any(other.front for other in self.widgets.values())
        made = PieceWidget(
            page_id=self.name,
            piece=piece.name,
            code=f"{version()}-{lang}",
            front={} if carried else front(self.page.locale),
            language=lang,
            **self._state(piece),
        )
        made.now = lambda: self._state(piece)
        made.on_msg(self._heard)
        self.widgets[piece.name] = made
        _of_cell(self, made)
        return made

    def close(self, name: str) -> None:
        """Part from a piece's widget; its browser drops it too."""
        known = self.widgets.pop(name, None)
        if known is not None:
            known.close()

    def push(self) -> None:
        """Send the choice in force to the browser: it was changed from code."""
        self.turn += 1
        told = next(iter(self.widgets.values()), None)
        if told is not None:
            told.send({"push": True, **self._answer({"query": self._query()})})

    def _state(self, piece: Live) -> dict[str, Any]:
        return {
            "html": str(piece.section(charts="svg", tools=True)),
            "first": json.dumps(self.page.first(piece)),
            "turn": self.turn,
        }

    def _heard(self, widget: PieceWidget, content: Any, buffers: Any) -> None:
        """Answer a message of the browser; what goes wrong is said with a reference and logged."""
        said = content if isinstance(content, dict) else {}
        try:
            answer, files = self._do(said)
        except KpilibError as error:
            answer, files = {"failed": str(error)}, []
        except Exception as error:
            ref = reference(str(said.get("do")), error)
            log.exception("ref %s: %s of a notebook's page", ref, said.get("do"))
            answer, files = {"failed": language.say(WRONG, self.page.locale, ref=ref)}, []
        widget.send({"id": said.get("id"), **answer}, buffers=files)

    def _do(self, said: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        match said.get("do"):
            case "answer":
                self.page.take(_query(said))
                self.turn += 1
                return self._answer(said), []
            case "now":  # a browser that may have missed a change
                missed = said.get("turn") != self.turn
                asked = {"query": self._query(), "have": said.get("have")}
                return (self._answer(asked) if missed else {"lines": [], "turn": self.turn}), []
            case "records":
                return self.page.records(_query(said), self.page.locale, str(said.get("piece")), _mark(said)), []
            case "about":
                return self.page.about(_query(said), self.page.locale, str(said.get("kpi"))), []
            case "export":
                name, kind, data = self.page.export(
                    _query(said), self.page.locale, str(said.get("piece")), str(said.get("form")), _mark(said),
                    str(said.get("of") or "table"),
                )  # fmt: skip
                return {"name": name, "type": kind}, [data]
            case "asset":
                data, kind = web.asset(str(said.get("name")))
                return {"type": kind}, [data]
            case "front":
                return {"front": front(self.page.locale)}, []
        return {"failed": f"Nothing is called {said.get('do')!r}."}, []

    def _answer(self, said: dict[str, Any]) -> dict[str, Any]:
        have = {str(key) for key in said.get("have") or ()}
        shown = set(self.widgets)
        lines = [
            line
            for line in self.page.answer(_query(said), self.page.locale, have)
            if line["kind"] != "piece" or line["piece"] in shown
        ]
        return {"lines": lines, "turn": self.turn}

    def _query(self) -> dict[str, list[str]]:
        return self.page.filters.reader.write(self.page.choice)


def front(locale: str) -> dict[str, Any]:
    """The front end as a widget carries it: script, style sheet, and what it says."""
    script, sheet = (web.asset(name)[0].decode() for name in ("kpi.js", "kpi.css"))
    strings = {key: language.say(text, locale) for key, text in web.STRINGS.items()}
    return {"script": script, "sheet": sheet, "strings": strings}


@cache
def version() -> str:
    """Which front end this is: a browser may still hold another one's script."""
    return sha256(b"".join(web.asset(name)[0] for name in ("kpi.js", "kpi.css"))).hexdigest()[:12]


#: What each cell has shown: the run that did, and the widgets with their hubs.
_SHOWN: dict[str, tuple[str, list[tuple[Hub, PieceWidget]]]] = {}


def _of_cell(hub: Hub, made: PieceWidget) -> None:
    """Close what the cell has shown when it ran before: a browser would hold it for as long as the kernel lives."""
    kernel = getattr(get_ipython(), "kernel", None)
    request = kernel.get_parent("shell") if kernel is not None else {}
    cell = str(request.get("metadata", {}).get("cellId", ""))
    if not cell:
        return
    run = str(request.get("header", {}).get("msg_id", ""))
    before, pieces = _SHOWN.get(cell, ("", []))
    if before != run:
        for other, widget in pieces:
            if other.widgets.get(widget.piece) is widget:
                other.close(widget.piece)
        pieces = []
    _SHOWN[cell] = (run, [*pieces, (hub, made)])


def _query(said: dict[str, Any]) -> dict[str, list[str]]:
    """The query of a message: a mapping of lists of text, or the text of an address."""
    given = said.get("query") or {}
    if isinstance(given, str):
        return parse_qs(given.lstrip("?"))
    return {str(name): [str(value) for value in values] for name, values in given.items() if isinstance(values, list)}


def _mark(said: dict[str, Any]) -> dict[str, str]:
    given = said.get("mark") or {}
    return {str(name): str(value) for name, value in given.items()} if isinstance(given, dict) else {}
