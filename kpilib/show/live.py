"""What follows the choice: one piece of a page, shown live as a widget and kept as HTML and plain text in the notebook.

The saved output has no random part: a notebook that is run again is the same file, and a changed number is seen.
"""

import logging
import re
from collections.abc import Callable
from hashlib import sha256
from traceback import format_exception
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import ipywidgets

from kpilib.errors import KpilibError

from .markup import Html, element
from .plot import Nothing

if TYPE_CHECKING:
    from .page import Page
    from .view import View

log = logging.getLogger("kpilib.show")
# Without a handler of its own, Python writes a log record to stderr, which in a notebook is the reader's page.
log.addHandler(logging.NullHandler())

T = TypeVar("T")
VIEW = "application/vnd.jupyter.widget-view+json"


class Content(NamedTuple):
    """What is shown: HTML, and the same in plain text."""

    html: Html
    plain: str


class Live:
    """A piece of a page that is drawn when it is first shown, and again after each change of the choice.

    A notebook shows it as a cell's output; `widget` puts it into a layout of one's own.
    """

    def __init__(self, page: "Page", name: str) -> None:
        self.page = page
        self.key, self.name = name, slug(name)
        self.error: BaseException | None = None  #: what went wrong at the last drawing
        self._widget: ipywidgets.HTML | None = None
        self._drawn: tuple[View, Content] | None = None

    def compose(self, view: "View") -> Content:
        """What to show for a view; each kind of piece has its own."""
        return Content(Html(""), f"{type(self).__name__} of {view.text}")

    @property
    def content(self) -> Content:
        """What is shown now; drawn once a view."""
        view = self.page.view
        if self._drawn is None or self._drawn[0] != view:
            self._drawn = view, self.compose(view)
        return self._drawn[1]

    @property
    def html(self) -> str:
        """What is shown now, as HTML."""
        return self.content.html

    @property
    def widget(self) -> ipywidgets.HTML:
        """The live widget; there is one, however often it is shown."""
        if self._widget is None:
            self._widget = ipywidgets.HTML(value=self.html)
            self._widget.add_class("kpi-live").add_class(f"kpi-live-{self.name}")
        return self._widget

    def refresh(self) -> None:
        """Draw again for the page's view, if anybody has seen it yet."""
        if self._widget is not None:
            self._widget.value = self.html

    @property
    def shown(self) -> ipywidgets.Widget:
        """What a notebook shows: the live widget, with what belongs to it."""
        return self.widget

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        return bundle(self.shown, self.content)


def bundle(widget: ipywidgets.Widget, content: Content) -> dict[str, Any]:
    """One output for three readers: a live page, a saved notebook, a text comparison."""
    live = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
    return {VIEW: live, "text/html": str(content.html), "text/plain": content.plain}


def guarded(title: str, view: "View", make: Callable[[], T]) -> "T | tuple[str, BaseException]":
    """What `make` returns; or, if it failed, the sentence to show instead and the error.

    An error of kpilib's own is its own sentence. Of any other only a reference is shown, the same for the same fault;
    the traceback goes to the log ``kpilib.show`` with it.
    """
    try:
        return make()
    except Nothing as error:
        return nothing(view), error
    except KpilibError as error:
        return str(error), error
    except Exception as error:
        trace = "".join(format_exception(error))
        where = error.__traceback__
        lines = []
        while where is not None:
            lines.append(f"{where.tb_frame.f_code.co_name}:{where.tb_lineno}")
            where = where.tb_next
        ref = sha256(f"{title}|{type(error).__name__}|{lines}".encode()).hexdigest()[:8]
        log.error("ref %s: %r of %s\n%s", ref, title, view.text, trace)
        return f"Something went wrong (ref {ref}).", error


def nothing(view: "View") -> str:
    """What stands where there is no row."""
    return f"Nothing to show: no row matches “{view.text}”. Choose other members or a longer period."


def slug(name: str) -> str:
    """The name as letters, digits and dashes, for ids and classes.

    Examples
    --------
    >>> slug("Which regions win?")
    'which-regions-win'
    """
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60]
    # A name in another script has no such letters.
    return plain if plain and plain.isascii() else "n" + sha256(name.encode()).hexdigest()[:8]


def shell(kind: str, *children: object, **attributes: object) -> Html:
    """A section of the page in which a `$` is a currency and not the start of a formula."""
    return element("section", *children, class_=f"kpi {kind} mathjax_ignore tex2jax_ignore", **attributes)
