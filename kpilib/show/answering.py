"""Answers to any choice: a query in, every piece out. No reader's choice changes what another one sees."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from kpilib import language
from kpilib.errors import unknown

from . import exports, looks, records
from .choice import PERIOD, Choice, Query
from .figure import Figure
from .filters import Filters
from .found import Found
from .live import Live
from .markup import Html
from .tiles import about, headlines
from .view import View
from .words import Words


class Answering(ABC):
    """What a page answers to a server and to its own widgets; `Page` is one."""

    book: Any
    choice: Choice
    filters: Filters
    _pieces: dict[str, Live]

    @property
    @abstractmethod
    def view(self) -> View:
        """The slice in force."""

    @property
    def pieces(self) -> dict[str, Live]:
        """Every piece by its name, the filter bar first."""
        return {"filters": self.filters, **{piece.name: piece for piece in self._pieces.values()}}

    def answer(
        self,
        query: Query,
        locale: str = "en",
        have: frozenset[str] | set[str] = frozenset(),
        first: Collection[str] = (),
    ) -> Iterator[dict[str, Any]]:
        """Every piece for a query, one dictionary each, as JSON may carry it.

        Parameters
        ----------
        query : mapping of str to sequence of str
            The arguments of the page's address; what these data do not have is left out and said.
        locale : str
            The reader's language.
        have : set of str
            Keys of the chart skeletons that the reader has already.
        first : collection of str
            The pieces that the reader sees: they come before the others.

        Yields
        ------
        dict
            ``kind`` "head" first, with the choice in words; then "piece" each; then "end".
        """
        choice, view, problems = self._asked(query, locale)
        sent = set(have)
        yield self._head(choice, view, problems)
        for piece in sorted(self._pieces.values(), key=lambda piece: piece.name not in first):
            yield self._line(piece, view, choice, sent)
        yield {"kind": "end"}

    def first(self, piece: Live) -> list[dict[str, Any]]:
        """The lines of the choice in force for one piece: what its widget starts with."""
        head = self._head(self.choice, self.view, [])
        return [head] if piece is self.filters else [head, self._line(piece, self.view, self.choice, set())]

    def sections(
        self, query: Query, locale: str = "en", charts: str = "live", names: Sequence[str] | None = None
    ) -> dict[str, Html]:
        """Each piece as HTML for a query, with its lists and menus; `charts` as for `Live.section`."""
        choice, view, problems = self._asked(query, locale)
        made = {}
        for name, piece in self.pieces.items():
            if names is None or name in names:
                made[name] = piece.section(view, self.own(piece, choice), charts, tools=True)
        if problems and "filters" in made:
            empty = '<div data-slot="problems" class="kpi-problems" role="alert"></div>'
            full = empty.replace("></div>", f">{self.filters.said(problems)}</div>")
            made["filters"] = Html(made["filters"].replace(empty, full, 1))
        return made

    def records(self, query: Query, locale: str, piece: str, mark: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The records behind a piece, or behind one mark of its chart; see `records.behind`."""
        choice, view, _ = self._asked(query, locale)
        found = self._piece(piece)
        return records.behind(found, view, self.own(found, choice), mark or {}).as_json(view.words)

    def about(self, query: Query, locale: str, key: str) -> dict[str, Any]:
        """What a KPI is, for a query: its question, SQL, variants with their values, and caveat, as ``html``."""
        if key not in self.book.kpis:
            raise unknown("KPI", key, self.book.kpis)
        _, view, _ = self._asked(query, locale)
        return {"html": about(view, key)}

    def export(
        self, query: Query, locale: str, piece: str, form: str, mark: Mapping[str, str] | None = None,
        of: str = "table",
    ) -> tuple[str, str, bytes]:  # fmt: skip
        """A piece's table (or, with ``of="records"``, the records behind it) as a file: its name, media type, bytes."""
        choice, view, _ = self._asked(query, locale)
        found = self._piece(piece)
        return exports.export(found, view, self.own(found, choice), form, mark or {}, of)

    def headlines(self, keys: Sequence[str], locale: str = "en") -> list[dict[str, Any]]:
        """What a gallery says of the page's KPIs for the choice at the start."""
        return headlines(self.filters.reader.view(self.filters.reader.start, locale), keys)

    def _asked(self, query: Query, locale: str) -> tuple[Choice, View, list[str]]:
        reader = self.filters.reader
        choice, problems = reader.read(query, Words(self.book.currency, locale))
        return choice, reader.view(choice, locale), problems

    def _head(self, choice: Choice, view: View, problems: list[str]) -> dict[str, Any]:
        shown = self.filters.shown(view, {PERIOD: choice.period})
        return {
            "kind": "head",
            "query": self.filters.reader.write(choice),
            "lang": language.of(view.locale),
            "span": list(self.filters.span(choice.period)),
            "shown": view.text,
            "problems": problems,
            "fingerprint": str(getattr(self.book, "fingerprint", ""))[:12],
            "slots": {"filters": {**shown.slots, "problems": self.filters.said(problems)}},
        }

    def _line(self, piece: Live, view: View, choice: Choice, sent: set[str]) -> dict[str, Any]:
        own = self.own(piece, choice)
        shown = piece.shown(view, own)
        line: dict[str, Any] = {"kind": "piece", "piece": piece.name, "slots": dict(shown.slots), "chart": None}
        if isinstance(piece, Figure):
            line["lists"] = piece.choices.chosen(own)
            line["drill"] = dict(shown.drawn.drill) if shown.drawn is not None and shown.drawn.drill else None
        if shown.looks:
            line["looks"] = looks.sent(shown.looks, view.words)
        if shown.chart is not None:
            line["wide"] = shown.wide
            line["chart"] = shown.chart.sent(shown.finding, sent)
            sent.add(shown.chart.key)
        return line

    def own(self, piece: Live, choice: Choice | None = None) -> dict[str, str]:
        """The part of a choice (by default of the one in force) that is a piece's own."""
        choice = self.choice if choice is None else choice
        if piece is self.filters:
            return {PERIOD: choice.period}
        if isinstance(piece, Found | looks.Ledger):
            return {f"{figure}.{name}": value for (figure, name), value in choice.lists.items()}
        return choice.of(piece.name)

    def _piece(self, name: str) -> Live:
        if name not in self.pieces:
            raise unknown("piece of this page", name, self.pieces)
        return self.pieces[name]
