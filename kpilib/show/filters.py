"""The filter bar: what the reader chose, checked, and said in words and in SQL. One change, one announcement.

Lists are native multiple selections: they work with the keyboard, with a screen reader and on a telephone, and hold
forty names. Nothing chosen in a list means everything.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import ipywidgets as w

from kpilib.errors import BadInput, KpilibError, unknown
from kpilib.model.dimensions import DIMENSIONS, NOT_GIVEN
from kpilib.periods import label, parse

from . import dates, style
from .live import Content, bundle
from .markup import Html, element, join
from .view import FILTERS, View
from .words import Words

CUSTOM = "Custom months"
_HINT = "Nothing selected means all. Ctrl or Shift with a click, or Shift with the arrow keys, selects several."
#: What a page's dates are of: the panel whose rows are counted beside each member, and what these are called.
COUNTED = {"closed_on": ("deals", "deals"), "ordered_on": ("sales", "order lines")}


class Filters:
    """The widgets of the choice and the view they make.

    Parameters
    ----------
    book : Book
        What is filtered. A dimension without members in it has no list.
    changed : callable
        Called without arguments, once, after the view has changed.
    period : str
        The preset period to start with, and to return to at a reset.
    when : str
        The date column that the SQL of the choice names; it also says what is counted beside each member.
    """

    def __init__(self, book: Any, changed: Callable[[], None], period: str, when: str) -> None:
        self._book, self._changed, self._default, self._when = book, changed, period, when
        self._held = False
        self._presets = dates.presets(book.as_of)
        if period not in self._presets:
            raise unknown("preset period", period, self._presets)
        self.lists = {name: made for name in FILTERS if (made := _list(book, name, when)) is not None}
        self._times()
        self.reset_button = w.Button(description="Reset", tooltip="Back to all members and the first period")
        self.reset_button.add_class("kpi-reset")
        self.reset_button.on_click(lambda _: self.reset())
        self.view = self._wanted()
        self.choice = w.HTML(value=self._choice()).add_class("kpi-choice")
        for widget in (*self.lists.values(), self.period, self.since, self.until):
            widget.observe(self._moved, names="value")
        self.widget = self._bar()

    def choose(self, period: str | None = None, since: Any = None, until: Any = None, **members: Sequence[str]) -> View:
        """Set the choice from code; what is not named stays as it is.

        Parameters
        ----------
        period : str, optional
            The name of a preset.
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
        for name in members:
            if name not in self.lists:
                raise unknown("filter", name, self.lists)
        if period is not None and period not in self.period.options:
            raise unknown("preset period", period, self._presets)
        edges = {"since": self._edge(since, 0), "until": self._edge(until, 1)}
        # The view is made first: it refuses what the data do not have before any widget has moved.
        view = View(self._book, members, edges["since"], edges["until"])
        for name, chosen in view.where.items():
            offered = [value for _, value in self.lists[name].options]
            for member in chosen:
                if member not in offered:
                    raise unknown(f"member of {name!r} on this page", member, offered)
        with self.together():
            if edges["since"] or edges["until"]:
                self._open(edges)
            if period is not None:
                self.period.value = period
            for name in members:
                self.lists[name].value = tuple(view.where.get(name, ()))
        return self.view

    def reset(self) -> None:
        """Back to the choice at the start."""
        with self.together():
            for widget in self.lists.values():
                widget.value = ()
            self.period.value = self._default

    @contextmanager
    def together(self) -> Iterator[None]:
        """Several changes inside, one announcement after the last."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
            self._apply()

    def content(self) -> Content:
        """The choice as saved in a notebook: no widget, the style of all figures."""
        return Content(join(Html(style.BLOCK), self._choice()), self.view.text)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        return bundle(self.widget, self.content())

    def _moved(self, _: object) -> None:
        if not self._held:
            self._apply()

    def _apply(self) -> None:
        self._show_months()
        try:
            view = self._wanted()
        except KpilibError as error:
            # The last good view stays in force, and the line says why the choice was not taken.
            refusal = element(
                "p", f"{error} The figures still show: {self.view.text}.", class_="kpi-refused", role="alert"
            )
            self.choice.value = join(refusal, self._choice())
            return
        changed, self.view = view != self.view, view
        self.choice.value = self._choice()
        if changed:
            self._changed()

    def _wanted(self) -> View:
        since, until = self._presets.get(self.period.value, (self.since.value, self.until.value))
        where = {name: widget.value for name, widget in self.lists.items()}
        return View(self._book, where, since, until)

    def _choice(self) -> Html:
        said = element("p", element("strong", "Shown: "), self.view.text, role="status", class_="kpi-choice-text")
        sql = element("pre", element("code", f"WHERE {self.view.sql(self._when)}"))
        return element("div", said, element("details", element("summary", "As SQL"), sql), class_="kpi-choice-line")

    def _times(self) -> None:
        months = dates.months(self._book.first_month, self._book.last_month)
        self.period = w.Dropdown(options=[*self._presets, CUSTOM], value=self._default, description="Period")
        self.since = w.Dropdown(options=months, value=months[0], description="From")
        self.until = w.Dropdown(options=months, value=months[-1], description="To")
        for name, widget in (("period", self.period), ("since", self.since), ("until", self.until)):
            widget.add_class("kpi-filter").add_class(f"kpi-filter-{name}")
        self._show_months()

    def _show_months(self) -> None:
        display = "" if self.period.value == CUSTOM else "none"
        for widget in (self.since, self.until):
            if widget.layout.display != display:
                widget.layout.display = display

    def _open(self, edges: dict[str, str | None]) -> None:
        self.period.value = CUSTOM
        self.since.value = edges["since"] or self.since.value
        self.until.value = edges["until"] or self.until.value

    def _edge(self, given: Any, side: int) -> str | None:
        if given is None:
            return None
        month, known = label(parse(given)[side], "month"), self.since.options
        if month not in known:
            raise BadInput(f"The data have no month {month}; they go from {known[0]} to {known[-1]}.")
        return month

    def _bar(self) -> w.VBox:
        times = w.VBox([self.period, self.since, self.until, self.reset_button]).add_class("kpi-filter-times")
        row = w.Box([times, *self.lists.values()]).add_class("kpi-filter-row")
        hint = w.HTML(
            value=element(
                "p", f"{_HINT} In brackets: {_counted(self._book, self._when)[1]} of all time.", class_="kpi-note"
            )
        )
        return w.VBox([w.HTML(value=style.BLOCK), row, hint, self.choice]).add_class("kpi-filters")


def _counted(book: Any, when: str) -> tuple[str | None, str]:
    """The panel whose rows the lists count, and what those are called: the page's own, or all where it has none."""
    panel, called = COUNTED.get(when, (None, "rows"))
    if panel and not len(book.members("owner", panel)):
        return None, "rows"
    return panel, called


def _list(book: Any, name: str, when: str) -> w.SelectMultiple | None:
    """The list of a dimension, its members counted on the page's own rows; None where there is nothing to choose."""
    panel, counted = _counted(book, when)
    members = book.members(name, panel)
    if not set(members["member"]) - {NOT_GIVEN}:
        return None
    words = Words(book.currency)
    options = [
        (f"{m} ({words.count(rows)})", str(m)) for m, rows in zip(members["member"], members["rows"], strict=True)
    ]
    title = DIMENSIONS[name].label
    made = w.SelectMultiple(
        options=options,
        rows=min(6, max(3, len(options))),
        description=title,
        tooltip=f"{title}: {len(options)}, each with its {counted}",
    )
    return made.add_class("kpi-filter").add_class(f"kpi-filter-{name}")
