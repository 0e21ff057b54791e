"""A figure: a question, its answer in one sentence, a chart, a table, the slice and the rows behind it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import altair as alt
import ipywidgets
import pandas as pd

from kpilib.errors import BadInput

from . import render, tables
from .choices import Choices
from .live import Content, Live, guarded, nothing, shell
from .markup import Html, element
from .plot import Nothing

if TYPE_CHECKING:
    from .page import Page
    from .view import View


@dataclass(frozen=True, eq=False)
class Drawn:
    """What a figure shows for one view.

    Parameters
    ----------
    finding : str
        The answer, one or two sentences; a person who does not see the chart hears it instead.
    chart : altair chart, optional
        As the functions of `charts` return it.
    table : DataFrame, optional
        The numbers; `tables.kpi_table` makes one from a KPI.
    rows : int, optional
        How many rows the answer rests on; 0 says that no row matches, and shows that instead.
    note : str
        What the reader must know to read it right.
    slice : str
        The slice that was drawn, where it is not the view's own: ``view.but(since=None).text``.
    """

    finding: str
    chart: alt.TopLevelMixin | None = None
    table: pd.DataFrame | None = None
    rows: int | None = None
    note: str = ""
    slice: str = ""

    @property
    def empty(self) -> bool:
        """Whether no row matches."""
        return self.rows == 0 or (self.rows is None and self.table is not None and self.table.empty)


class Figure(Live):
    """One question of a page; made by `Page.figure`."""

    def __init__(
        self,
        page: "Page",
        question: str,
        draw: "Callable[..., Drawn]",
        name: str,
        choices: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        super().__init__(page, name)
        self.question = question
        self._draw = draw
        self._finding = self._why = ""
        self._shown: ipywidgets.Widget | None = None
        self.choices = Choices(choices or {}, self._chosen)  #: the figure's own lists

    @property
    def finding(self) -> str:
        """Its answer for the choice in force; empty text where it has none."""
        return self._finding if self.content else ""

    @property
    def why(self) -> str:
        """Why it has no answer, shortly; empty text where it has one, or where only no row matches."""
        return self._why if self.content else ""

    @property
    def shown(self) -> ipywidgets.Widget:
        """The live widget; with the figure's own lists where it has some, which the style puts into its card."""
        if not self.choices.widget.children:
            return self.widget
        if self._shown is None:
            self._shown = ipywidgets.VBox([self.choices.widget, self.widget]).add_class("kpi-chosen")
        return self._shown

    def compose(self, view: "View") -> Content:
        """The figure for a view; a sentence in its place where nothing matches or something failed."""
        self._finding = self._why = ""
        made = guarded(self.question, view, lambda: self._composed(view))
        self.error = None if isinstance(made, Content) else made[1]
        if isinstance(made, Content):
            return made
        # What the answer would be worth is said in the figure itself.
        self._why = "" if isinstance(self.error, Nothing) else made[0].split(" It would ")[0]
        return self._said(view, made[0])

    def _chosen(self) -> None:
        self._drawn = None
        # All pieces are asked again, for one may tell what this one found; those that are the same send nothing.
        self.page.refresh()

    def _composed(self, view: "View") -> Content:
        drawn = self._draw(view, **self.choices.chosen)
        if not isinstance(drawn, Drawn):
            raise BadInput(f"The draw function returned {type(drawn).__name__}; it must return Drawn(finding, …).")
        if drawn.empty:
            return self._said(view, nothing(view))
        self._finding = drawn.finding
        cells = None if drawn.table is None else tables.cells(drawn.table, view.words)
        # A table that is folded away, or stands below, leaves the chart the whole width.
        alone = cells is None or tables.folded(cells) or tables.broad(cells)
        chart = (
            None if drawn.chart is None else render.figure(drawn.chart, f"kpi-{self.name}", drawn.finding, wide=alone)
        )
        numbers = None if cells is None else tables.to_html(cells, f"The numbers behind “{self.question}”")
        parts = [chart, numbers]
        by, counted = self.choices.text, "" if drawn.rows is None else rows_said(drawn.rows, view)
        foot = " · ".join(part for part in (drawn.slice or view.text, by, counted) if part)
        plain = [self.question, drawn.finding, "" if cells is None else tables.to_plain(cells), drawn.note, foot]
        return Content(self._page(drawn.finding, parts, drawn.note, foot), "\n".join(line for line in plain if line))

    def _said(self, view: "View", sentence: str) -> Content:
        html = self._page(sentence, [], "", view.text)
        return Content(html, f"{self.question}\n{sentence}\n{view.text}")

    def _page(self, finding: str, parts: "list[Html | None]", note: str, foot: str) -> Html:
        heading = element("h3", self.question, class_="kpi-question")
        said = element("p", finding, class_="kpi-finding")
        body = element("div", *parts, class_="kpi-body") if any(parts) else None
        aside = element("p", note, class_="kpi-note") if note else None
        return shell("kpi-figure", heading, said, body, aside, element("p", foot, class_="kpi-foot"))


def rows_said(rows: int, view: "View") -> str:
    """The number of rows in words: "1 row", "2,114 rows"."""
    return f"{view.words.count(rows)} row{'' if rows == 1 else 's'}"
