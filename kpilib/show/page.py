"""A page of a workbook: it holds the choice and draws again what follows it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from kpilib.errors import BadInput, unknown

from .figure import Drawn, Figure
from .filters import Filters
from .found import Found
from .live import Live
from .tiles import Tiles
from .view import View
from .words import Words

L = TypeVar("L", bound=Live)


class Page:
    """The choice of a notebook, and the tiles and figures that follow it.

    Parameters
    ----------
    book : Book
        What `kpilib.open` returned.
    period : str
        The preset period at the start: "This month", "This quarter", "Year to date", "Last 12 months" or "All".
    when : str
        The date column that the SQL of the choice names; the numbers do not depend on it.

    Examples
    --------
    ::

        page = Page(kpilib.open())
        page.filters
        page.figure("Which regions win?", lambda view: …)
    """

    def __init__(self, book: Any, period: str = "Last 12 months", when: str = "closed_on") -> None:
        self.book = book
        self._pieces: dict[str, Live] = {}
        self.filters = Filters(book, self.refresh, period, when)  #: the filter bar; show it as a cell's output

    @property
    def view(self) -> View:
        """The slice in force."""
        return self.filters.view

    @property
    def words(self) -> Words:
        """How numbers are said in the book's currency."""
        return self.view.words

    def choose(self, **choice: Any) -> View:
        """Set the choice from code: ``page.choose(region=["West"], period="All")``; see `Filters.choose`."""
        return self.filters.choose(**choice)

    def figure(
        self,
        question: str,
        draw: Callable[..., Drawn],
        *,
        choices: Mapping[str, Sequence[str]] | None = None,
        name: str | None = None,
    ) -> Figure:
        """A figure that answers one question for the view in force.

        Parameters
        ----------
        question : str
            Its heading.
        draw : callable
            Takes the `View`, returns a `Drawn`. An error of kpilib is shown as its sentence in the figure's place.
        choices : mapping of str to sequence of str, optional
            Lists of the figure's own: other arguments of `draw` and the values they may take, the first at the start;
            ``{"by": ["owner", "region"]}``. A list of one value is not shown.
        name : str, optional
            Tells it from the page's other figures (default: the question). A second figure of a name takes the first
            one's place, as a cell that is run again does.
        """
        return self._kept(Figure(self, question, draw, name or question, choices))

    def found(self, question: str = "What did we find?") -> Found:
        """The answers of the page's figures, a line each, for the choice in force."""
        return self._kept(Found(self, lambda: [p for p in self._pieces.values() if isinstance(p, Figure)], question))

    def tiles(self, keys: Sequence[str], *, name: str = "tiles") -> Tiles:
        """A grid of tiles, one a KPI; one that these data cannot answer is greyed and says what is missing.

        Raises
        ------
        UnknownName
            A key that no KPI has.
        """
        if isinstance(keys, str):
            raise BadInput(f"tiles needs a list of KPI keys: [{keys!r}].")
        for key in keys:
            if key not in self.book.kpis:
                raise unknown("KPI", key, self.book.kpis)
        return self._kept(Tiles(self, list(keys), name))

    def _kept(self, piece: L) -> L:
        self._pieces[piece.key] = piece
        return piece

    def refresh(self) -> None:
        """Bring every piece that is shown up to the choice in force; what has not changed is not drawn again."""
        for piece in list(self._pieces.values()):
            piece.refresh()
