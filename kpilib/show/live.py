"""A piece of a page: what it shows for a view, as named parts; live as a widget, kept as HTML and plain text.

A piece is a function of the view and of its own lists. It remembers the last few answers and nothing else, so that one
piece may serve many readers. What is saved has no random part: a notebook that is run again is the same file.
"""

import logging
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from traceback import format_exception
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from kpilib.errors import CannotAnswer, KpilibError
from kpilib.language import N_
from kpilib.recent import Recent

from .charts.plot import Nothing
from .markup import Html, element

if TYPE_CHECKING:
    from .charts.plot import Plot
    from .page import Page
    from .view import View

log = logging.getLogger("kpilib.show")
# Without a handler of its own, Python writes a log record to stderr, which in a notebook is the reader's page.
log.addHandler(logging.NullHandler())

T = TypeVar("T")
#: So many answers are remembered by each piece.
REMEMBERED = 8


@dataclass(frozen=True)
class Look:
    """One comparison that a reader was shown.

    Parameters
    ----------
    key : str
        Tells it from all others, in every language: the same comparison seen twice is one look.
    what : str
        What was compared with what, in the reader's language.
    p : float
        How often chance alone would show as much.
    """

    key: str
    what: str
    p: float


def look_key(kpi: Any, now: Any, to: Any, where: Mapping[str, Any], other: Mapping[str, Any] | None = None) -> str:
    """What tells a comparison from all others: the KPI, what is compared with what, the slice of each side."""
    one, two = ({name: list(members) for name, members in side.items()} for side in (where, other or where))
    return repr((kpi.path, now, to, sorted(one.items()), sorted(two.items())))


@dataclass(frozen=True)
class Shown:
    """What a piece shows for one view.

    Parameters
    ----------
    slots : mapping of str to Html
        What stands in each named place of its section.
    plain : str
        The same in plain text.
    chart : Plot, optional
        What is drawn.
    wide : bool
        Whether the chart has the whole width.
    finding, why : str
        Its answer; or why it has none.
    looks : tuple of Look
        The comparisons that are shown.
    """

    slots: Mapping[str, Html]
    plain: str
    chart: "Plot | None" = None
    wide: bool = False
    finding: str = ""
    why: str = ""
    looks: tuple[Look, ...] = ()
    drawn: Any = field(default=None, repr=False)
    error: BaseException | None = None


class Live(ABC):
    """A piece of a page; a notebook shows it as a cell's output."""

    lists: Mapping[str, Any] = {}  #: its own lists: name → the values offered
    kind: ClassVar[str] = ""  #: the class of its section

    def __init__(self, page: "Page", name: str) -> None:
        self.page = page
        self.key, self.name = name, slug(name)
        self._answers: Recent[Any, Shown] = Recent(REMEMBERED)
        self._widget: Any = None

    @abstractmethod
    def compose(self, view: "View", chosen: Mapping[str, str]) -> Shown:
        """What to show for a view and the values of its own lists; each kind of piece has its own."""

    @abstractmethod
    def frame(self, shown: Shown, view: "View", chosen: Mapping[str, str], charts: str, tools: bool) -> Html:
        """The section that holds the parts; see `section`."""

    def shown(self, view: "View | None" = None, chosen: Mapping[str, str] | None = None) -> Shown:
        """What is shown for a view (by default the page's) and own lists; composed once and remembered."""
        view = self.page.view if view is None else view
        chosen = self.page.own(self) if chosen is None else chosen
        key = (view, tuple(sorted(chosen.items())))
        known = self._answers.get(key)
        if known is None:
            known = self._answers[key] = self.compose(view, chosen)
        return known

    def section(
        self,
        view: "View | None" = None,
        chosen: Mapping[str, str] | None = None,
        charts: str = "svg",
        tools: bool = False,
    ) -> Html:
        """The piece as HTML.

        Parameters
        ----------
        view, chosen
            As for `shown`.
        charts : {"svg", "live"}
            Drawn by the server, or left to the page's script.
        tools : bool
            Whether its lists and its menu are there; they need the script.
        """
        view = self.page.view if view is None else view
        chosen = self.page.own(self) if chosen is None else chosen
        return self.frame(self.shown(view, chosen), view, chosen, charts, tools)

    @property
    def error(self) -> BaseException | None:
        """What went wrong for the choice in force."""
        return self.shown().error

    @property
    def html(self) -> str:
        """What is shown now, as HTML."""
        return self.section()

    @property
    def plain(self) -> str:
        """What is shown now, as plain text."""
        return self.shown().plain

    @property
    def widget(self) -> Any:
        """The live widget; there is one, however often it is shown."""
        if self._widget is None or self._widget.comm is None:  # closed: its cell ran again
            self._widget = self.page.widget_of(self)
        return self._widget

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        """One output for three readers: a live page, a saved notebook, a text comparison."""
        return {**self.widget._repr_mimebundle_()[0], "text/html": str(self.html), "text/plain": self.plain}


def _said(error: KpilibError, view: "View") -> str:
    """The error's sentence, in the reader's language where it can be said in it."""
    if not isinstance(error, CannotAnswer):
        return str(error)
    if error.told is not None:
        return error.told(view.locale)
    return (view.book.why_not(error.key, view.locale) if error.key else "") or str(error)


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
        return _said(error, view), error
    except Exception as error:
        ref = reference(title, error)
        log.error("ref %s: %r of %s\n%s", ref, title, view.text, "".join(format_exception(error)))
        return view.words.say(WRONG, ref=ref), error


WRONG = N_("Something went wrong (ref {ref}).")


def reference(title: str, error: BaseException) -> str:
    """Eight letters that are the same for the same fault."""
    where, lines = error.__traceback__, []
    while where is not None:
        lines.append(f"{where.tb_frame.f_code.co_name}:{where.tb_lineno}")
        where = where.tb_next
    return sha256(f"{title}|{type(error).__name__}|{lines}".encode()).hexdigest()[:8]


def nothing(view: "View") -> str:
    """What stands where there is no row."""
    return view.words.say(
        "Nothing to show: no row matches “{slice}”. Choose other members or a longer period.", slice=view.text
    )


def slug(name: str) -> str:
    """The name as letters, digits and dashes, for ids and links.

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


def slot(tag: str, name: str, content: object, **attributes: object) -> Html:
    """An element that holds one named part; an empty part is an empty element."""
    return element(tag, content or None, data_slot=name, **attributes)
