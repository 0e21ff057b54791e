"""A figure: a question, its answer in one sentence, a chart, a table, the slice and the rows behind it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from kpilib.errors import BadInput
from kpilib.language import N_

from . import tables
from .charts import render
from .charts.plot import Nothing, Plot
from .choices import Choices, Offer
from .live import Live, Look, Shown, guarded, nothing, shell, slot
from .markup import Html, element, join

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
    chart : Plot or altair chart, optional
        As the functions of `charts` return it, or a chart of one's own.
    table : DataFrame, optional
        The numbers; `tables.kpi_table` makes one from a KPI.
    rows : int, optional
        How many rows the answer rests on; 0 says that no row matches, and shows that instead.
    note : str
        What the reader must know to read it right.
    slice : str
        The slice that was drawn, where it is not the view's own: ``view.but(since=None).text``.
    drill : mapping, optional
        The records behind it: ``{"kpi": "win_rate", "field": "owner"}`` or ``{"panel": "stage_steps", "when":
        "entered_on", "field": "stage"}``. A click on a mark narrows them to its member of `field` (a dimension, or
        "period"); without a field they are those of the whole slice. A dimension as another key holds them to one
        member: ``"status": "lost"``.
    looks : tuple of Look
        The comparisons that it shows, for the page's ledger of looks.
    """

    finding: str
    chart: Any = None
    table: pd.DataFrame | None = None
    rows: int | None = None
    note: str = ""
    slice: str = ""
    drill: Mapping[str, str | None] | None = None
    looks: tuple[Look, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether no row matches."""
        return self.rows == 0 or (self.rows is None and self.table is not None and self.table.empty)


class Figure(Live):
    """One question of a page; made by `Page.figure`."""

    kind = "figure"

    def __init__(
        self,
        page: "Page",
        question: str,
        draw: "Callable[..., Drawn]",
        name: str,
        choices: Mapping[str, Offer] | None = None,
    ) -> None:
        super().__init__(page, name)
        self.question = question
        self._draw = draw
        self.choices = Choices(choices or {})  #: the figure's own lists
        self.lists = self.choices.offered

    @property
    def finding(self) -> str:
        """Its answer for the choice in force; empty text where it has none."""
        return self.shown().finding

    @property
    def why(self) -> str:
        """Why it has no answer, shortly; empty text where it has one, or where only no row matches."""
        return self.shown().why

    def choose(self, **values: str | float) -> None:
        """Set its own lists from code: ``figure.choose(by="region")``."""
        self.page.choose_lists(self.name, self.choices.checked(values))

    def compose(self, view: "View", chosen: Mapping[str, str]) -> Shown:
        """The figure for a view; a sentence in its place where nothing matches or something failed."""
        made = guarded(self.question, view, lambda: self._composed(view, chosen))
        if isinstance(made, Shown):
            return made
        said, error = made
        # What the answer would be worth, the sentence after it, is said in the figure itself.
        why = "" if isinstance(error, Nothing) else f"{said.split('. ')[0].removesuffix('.')}."
        return self._said(view, said, why=why, error=error)

    def drawn(self, view: "View", chosen: Mapping[str, str]) -> Drawn:
        """What its draw function returns; errors are not caught."""
        drawn = self._draw(view, **self.choices.arguments(chosen))
        if not isinstance(drawn, Drawn):
            raise BadInput(f"The draw function returned {type(drawn).__name__}; it must return Drawn(finding, …).")
        return drawn

    def frame(self, shown: Shown, view: "View", chosen: Mapping[str, str], charts: str, tools: bool) -> Html:
        words, question = view.words, view.words.say(self.question)
        heading = element("h3", question, class_="kpi-question", id=f"{self.name}-q")
        bar = None
        if tools:
            bar = element("div", *self.choices.html(chosen, words), _menu(question, shown, words), class_="kpi-tools")
        body = element(
            "div",
            self._chart(shown, charts),
            slot("div", "table", shown.slots["table"], class_="kpi-numbers"),
            class_="kpi-body",
        )
        return shell(
            "kpi-figure",
            element("div", heading, bar, class_="kpi-head"),
            slot("p", "finding", shown.slots["finding"], class_="kpi-finding"),
            body,
            slot("p", "note", shown.slots["note"], class_="kpi-note"),
            slot("p", "foot", shown.slots["foot"], class_="kpi-foot"),
            data_piece=self.name,
            data_records=True if shown.drawn is not None and shown.drawn.drill else None,
            aria_labelledby=f"{self.name}-q",
        )

    def _chart(self, shown: Shown, charts: str) -> Html | None:
        if shown.chart is None:
            # A later choice may have a chart where this one has none.
            return None if charts == "svg" else _holder(None, "", shown.wide, 0)
        if charts == "svg":
            return _holder(_drawn(shown.chart, f"kpi-{self.name}", shown.wide), shown.finding, shown.wide, 0)
        return _holder(None, shown.finding, shown.wide, shown.chart.height)

    def _composed(self, view: "View", chosen: Mapping[str, str]) -> Shown:
        drawn = self.drawn(view, chosen)
        if drawn.empty:
            return self._said(view, nothing(view))
        words = view.words
        cells = None if drawn.table is None else tables.cells(drawn.table, words)
        caption = words.say("The numbers behind “{question}”", question=words.say(self.question))
        numbers = None if cells is None else tables.to_html(cells, caption)
        by, counted = self.choices.text(chosen, words), "" if drawn.rows is None else rows_said(drawn.rows, view)
        foot = " · ".join(part for part in (drawn.slice or view.text, by, counted) if part)
        plain = [
            words.say(self.question), drawn.finding, "" if cells is None else tables.to_plain(cells), drawn.note, foot,
        ]  # fmt: skip
        return Shown(
            self._slots(drawn.finding, numbers, drawn.note, foot),
            "\n".join(line for line in plain if line),
            chart=None if drawn.chart is None else Plot.of(drawn.chart),
            # A table that is folded away, or stands below, leaves the chart the whole width.
            wide=cells is None or tables.folded(cells) or tables.broad(cells),
            finding=drawn.finding,
            drawn=drawn,
            looks=drawn.looks,
        )

    def _said(self, view: "View", sentence: str, why: str = "", error: BaseException | None = None) -> Shown:
        plain = f"{view.words.say(self.question)}\n{sentence}\n{view.text}"
        return Shown(self._slots(sentence, None, "", view.text), plain, why=why, error=error)

    def _slots(self, finding: str, table: Html | None, note: str, foot: str) -> dict[str, Html]:
        said = {"finding": finding, "table": table, "note": note, "foot": foot}
        return {name: join(content) for name, content in said.items()}


def _drawn(chart: Plot, name: str, wide: bool) -> Html:
    """The chart drawn by the server; a wide one twice, and the style shows the one that fits."""
    narrow = Html(render.svg(chart, name, titled=False))
    if not wide:
        return narrow
    broad = Html(render.svg(chart, f"{name}-wide", titled=False, wider=render.WIDER))
    # Without the style there is the narrow one.
    return join(
        element("div", narrow, class_="kpi-narrow"), element("div", broad, class_="kpi-wide", style="display:none")
    )


def _holder(inner: Html | None, label: str, wide: bool, height: float) -> Html:
    """The place of a chart; one that the script draws is kept as high as it will be."""
    return element(
        "figure",
        inner,
        class_="kpi-chart kpi-chart-alone" if wide else "kpi-chart",
        data_slot="chart",
        role="img" if label else None,
        aria_label=label or None,
        style=f"min-height:{round(height)}px" if height else None,
    )


#: What the menu of a figure offers: an attribute of the button, its value, its text.
_MENU = (
    ("data_records", True, N_("Records behind it")),
    ("data_export", "csv", N_("Table as CSV")),
    ("data_export", "xlsx", N_("Table as Excel")),
    ("data_export", "png", N_("Picture (PNG)")),
    ("data_export", "svg", N_("Drawing (SVG)")),
)


def _menu(question: str, shown: Shown, words: Any) -> Html:
    """What can be had of a figure, folded away; the page's script hides what it has not."""
    buttons = [
        element("li", element("button", words.say(text), type="button", **{attribute: value}))
        for attribute, value, text in _MENU
    ]
    name = words.say("Save or look into “{question}”", question=question)
    return element(
        "details",
        element("summary", element("span", "⋯", aria_hidden="true"), aria_label=name, title=words.say("Save, records")),
        element("ul", *buttons, class_="kpi-panel"),
        class_="kpi-menu kpi-save",
        data_menu=True,
    )


def rows_said(rows: int, view: "View") -> str:
    """The number of rows in words: "1 row", "2,114 rows"."""
    return view.words.plural(rows, "{n} row", "{n} rows", n=view.words.count(rows))


def counted_said(kpi: Any, rows: int, view: "View") -> str:
    """What a KPI's number rests on: customers or orders where it counts them, else rows."""
    plural, n = view.words.plural, view.words.count(rows)
    if kpi.entity == "order_id":
        return plural(rows, "{n} order", "{n} orders", n=n)
    if kpi.entity == "customer_id" or kpi.table == "customer_periods":
        return plural(rows, "{n} customer", "{n} customers", n=n)
    if kpi.table == "customer_months":
        return plural(rows, "{n} customer-month", "{n} customer-months", n=n)
    return rows_said(rows, view)
