"""The pieces of a page as widgets: the same front end as in the app, talking to the kernel instead of a server.

Each piece is a small anywidget that holds its HTML and its first answer. The code comes once a browser page; a choice
is one message, and its answer one message for every piece that is shown.
"""

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import anywidget
import traitlets

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
    #: The answer at the start, as JSON lines.
    first = traitlets.Unicode().tag(sync=True)
    language = traitlets.Unicode("en").tag(sync=True)


class Hub:
    """The widgets of one page and their conversation with the browser."""

    def __init__(self, page: "Page") -> None:
        self.page = page
        self.widgets: dict[str, PieceWidget] = {}
        self._spoke: PieceWidget | None = None

    def widget(self, piece: Live) -> PieceWidget:
        """The widget of a piece; there is one."""
        made = PieceWidget(
            page_id=format(id(self.page), "x"),
            piece=piece.name,
            html=str(piece.section(charts="live", tools=True)),
            first=json.dumps(self.page.first(piece)),
            language=language.of(self.page.locale),
        )
        made.on_msg(self._heard)
        self.widgets[piece.name] = made
        return made

    def push(self) -> None:
        """Send the choice in force to the browser: it was changed from code."""
        told = self._spoke or next(iter(self.widgets.values()), None)
        if told is not None:
            told.send({"push": True, "lines": self._answer({"query": self._query()})["lines"]})

    def _heard(self, widget: PieceWidget, content: Any, buffers: Any) -> None:
        """Answer a message of the browser; what goes wrong is said with a reference and logged."""
        self._spoke = widget
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
                return self._answer(said), []
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
            case "strings":
                return {"strings": {key: language.say(text, self.page.locale) for key, text in web.STRINGS.items()}}, []
        return {"failed": f"Nothing is called {said.get('do')!r}."}, []

    def _answer(self, said: dict[str, Any]) -> dict[str, Any]:
        have = {str(key) for key in said.get("have") or ()}
        shown = set(self.widgets)
        lines = [
            line
            for line in self.page.answer(_query(said), self.page.locale, have)
            if line["kind"] != "piece" or line["piece"] in shown
        ]
        return {"lines": lines}

    def _query(self) -> dict[str, list[str]]:
        return self.page.filters.reader.write(self.page.choice)


def _query(said: dict[str, Any]) -> dict[str, list[str]]:
    """The query of a message: a mapping of lists of text, or the text of an address."""
    given = said.get("query") or {}
    if isinstance(given, str):
        return parse_qs(given.lstrip("?"))
    return {str(name): [str(value) for value in values] for name, values in given.items() if isinstance(values, list)}


def _mark(said: dict[str, Any]) -> dict[str, str]:
    given = said.get("mark") or {}
    return {str(name): str(value) for name, value in given.items()} if isinstance(given, dict) else {}
