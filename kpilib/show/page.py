"""A page of a workbook: its pieces, the choice in force, and answers to any other choice.

In a notebook the page holds one choice. To a server it is a function: a query in, every piece out; no reader's choice
changes what another one sees.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeVar

from kpilib.errors import BadInput, unknown
from kpilib.language import N_
from kpilib.periods import label, parse

from .answering import Answering
from .choice import Choice, Query
from .choices import Offer
from .figure import Drawn, Figure
from .filters import Filters
from .found import Found
from .live import Live
from .looks import Ledger
from .tiles import Tiles
from .view import View
from .words import Words

L = TypeVar("L", bound=Live)


class Page(Answering):
    """The choice of a notebook, and the tiles and figures that follow it.

    Parameters
    ----------
    book : Book
        What `kpilib.open` returned.
    period : str
        The preset period at the start: "This month", "This quarter", "Year to date", "Last 12 months" or "All".
    when : str
        The date column that the SQL of the choice names; the numbers do not depend on it.
    locale : str
        The reader's language: "en", "fr", "fr_CH".

    Examples
    --------
    ::

        page = Page(kpilib.open())
        page.filters
        page.figure("Which regions win?", lambda view: …)
    """

    def __init__(self, book: Any, period: str = "Last 12 months", when: str = "closed_on", locale: str = "en") -> None:
        self.book, self.locale = book, locale
        self._pieces: dict[str, Live] = {}
        self._hub: Any = None
        self.filters = Filters(self, period, when)  #: the filter bar; show it as a cell's output
        self.choice = self.filters.reader.start  #: what is chosen now

    # --- the choice in force ------------------------------------------------------------------------------------

    @property
    def view(self) -> View:
        """The slice in force."""
        return self.filters.reader.view(self.choice, self.locale)

    @property
    def words(self) -> Words:
        """How numbers are said in the book's currency and the reader's language."""
        return self.view.words

    def choose(self, period: str | None = None, since: Any = None, until: Any = None, **members: Sequence[str]) -> View:
        """Set the choice from code; what is not named stays as it is.

        Parameters
        ----------
        period : str, optional
            The name of a preset, or a period: "2026Q2".
        since, until : str or date, optional
            The first and the last month: "2025-01"; "2025Q1" and "2025" stand for theirs.
        **members : sequence of str
            A list a dimension: ``region=["East", "West"]``; an empty list means all.

        Raises
        ------
        UnknownName
            No such filter, preset or member in these data. Nothing has been changed then.
        BadInput
            A month before the first or after the last of the data, or a period that ends before it starts.
        """
        where = {**self.choice.where, **self._where(members)}
        where = {name: kept for name, kept in where.items() if kept}
        choice = self.choice.but(where=MappingProxyType(where), period=self._period(period, since, until))
        view = self.filters.reader.view(choice, self.locale)  # refuses what the data do not have
        self._take(choice)
        return view

    def choose_lists(self, figure: str, values: Mapping[str, str]) -> None:
        """Set a figure's own lists; `Figure.choose` checks them first."""
        lists = {**self.choice.lists, **{(figure, name): value for name, value in values.items()}}
        self._take(self.choice.but(lists=MappingProxyType(lists)))

    def reset(self) -> None:
        """Back to the choice at the start."""
        self._take(self.filters.reader.start)

    # --- pieces -------------------------------------------------------------------------------------------------

    def figure(
        self,
        question: str,
        draw: Callable[..., Drawn],
        *,
        choices: Mapping[str, Offer] | None = None,
        name: str | None = None,
    ) -> Figure:
        """A figure that answers one question for the view in force.

        Parameters
        ----------
        question : str
            Its heading.
        draw : callable
            Takes the `View`, returns a `Drawn`; a pure function, for its answers are remembered. An error of kpilib is
            shown as its sentence in the figure's place.
        choices : mapping of str to sequence of str, sequence of float, or Slide; optional
            Lists of the figure's own: other arguments of `draw` and the values they may take, the first at the start;
            ``{"by": ["owner", "region"]}``. A list of one value is not shown; one of numbers is a slider.
        name : str, optional
            Tells it from the page's other figures (default: the question). A second figure of a name takes the first
            one's place, as a cell that is run again does.
        """
        return self._kept(Figure(self, question, draw, name or question, choices))

    def found(self, question: str = N_("What did we find?")) -> Found:
        """The answers of the page's figures, a line each, for the choice in force."""
        return self._kept(Found(self, self._figures, question))

    def looks(self, question: str = N_("How many comparisons, and which findings stand?")) -> Ledger:
        """The ledger of looks: how many comparisons were looked at, and which stand once all of them are counted."""
        return self._kept(Ledger(self, lambda: list(self._pieces.values()), question))

    def add(self, piece: L) -> L:
        """A piece of another kind, which follows the choice with the others."""
        return self._kept(piece)

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

    def lists(self) -> dict[str, Mapping[str, Sequence[str]]]:
        """The lists of the page's figures: figure → list → the values it offers."""
        return {piece.name: piece.lists for piece in self._pieces.values() if piece.lists}

    # --- how it works -------------------------------------------------------------------------------------------

    @property
    def live(self) -> bool:
        """Whether the page is shown in a notebook, by widgets of this process."""
        return self._hub is not None

    def widget_of(self, piece: Live) -> Any:
        """The live widget of a piece."""
        from .widgets import Hub

        self._hub = self._hub or Hub(self)
        return self._hub.widget(piece)

    def take(self, query: Query) -> None:
        """Put a query's choice in force: what a reader chose by hand in a notebook."""
        self.choice, _ = self.filters.reader.read(query, self.words)

    def _take(self, choice: Choice) -> None:
        changed, self.choice = choice != self.choice, choice
        if changed and self._hub is not None:
            self._hub.push()

    def _figures(self) -> list[Figure]:
        return [piece for piece in self._pieces.values() if isinstance(piece, Figure)]

    def _kept(self, piece: L) -> L:
        taken = {other.name for key, other in self._pieces.items() if key != piece.key}
        first, count = piece.name, 2
        while piece.name in taken:  # two long questions may start alike
            piece.name, count = f"{first}-{count}", count + 1
        self._pieces[piece.key] = piece
        return piece

    def _where(self, members: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
        offered = self.filters.reader.offered
        for name, chosen in members.items():
            if name not in offered:
                raise unknown("filter", name, offered)
            if isinstance(chosen, str):
                raise BadInput(f"where={{{name!r}: {chosen!r}}} needs a list of members: [{chosen!r}].")
            for member in chosen:
                if str(member) not in offered[name]:
                    raise unknown(f"member of {name!r} on this page", member, offered[name])
        return {name: tuple(sorted({str(member) for member in chosen})) for name, chosen in members.items()}

    def _period(self, period: str | None, since: Any, until: Any) -> str:
        reader, names = self.filters.reader, {name: key for key, name in self.filters.names.items()}
        if since is None and until is None:
            if period is None:
                return self.choice.period
            if period not in names and period not in reader.presets:
                raise unknown("preset period", period, names)
            return names.get(period, period)
        edges = reader.span(self.choice.period)
        months = self.filters.months
        first = self._edge(since, 0) or edges[0] or months[0]
        last = self._edge(until, 1) or edges[1] or months[-1]
        return first if first == last else f"{first}..{last}"

    def _edge(self, given: Any, side: int) -> str | None:
        if given is None:
            return None
        month, known = label(parse(given)[side], "month"), self.filters.months
        if month not in known:
            raise BadInput(f"The data have no month {month}; they go from {known[0]} to {known[-1]}.")
        return month
