"""The same page as stock widgets: ipywidgets' lists and HTML, and an `alt.JupyterChart` for each chart.

What an author writes who has Altair, ipywidgets and Voilà, and our book for the numbers. It is what `pages.py` measures
our pages against; `notebook` turns one of our notebooks into it.
"""

import json
from pathlib import Path
from typing import Any

import altair as alt
import ipywidgets as w

from kpilib.show import Page as Ours

alt.JupyterChart.enable_offline()


class Page:
    """Stands in for `kpilib.show.Page` in a notebook: one list a dimension, everything drawn again after a change."""

    def __init__(self, book: Any, **how: Any) -> None:
        self._page, self.book = Ours(book, **how), book
        self._lists = {
            name: w.SelectMultiple(options=list(members), description=name).add_class(f"filter-{name}")
            for name, members in self._page.filters.members.items()
        }
        self._changes: list[Any] = []
        self._done = w.HTML().add_class("done")
        for one in self._lists.values():
            one.observe(self._changed, names="value")

    @property
    def view(self) -> Any:
        return self._page.view

    @property
    def filters(self) -> w.VBox:
        self._said = w.HTML(self.view.text)
        return w.VBox([*self._lists.values(), self._said, self._done])

    def tiles(self, keys: Any) -> w.HTML:
        return self._html(self._page.tiles(keys))

    def found(self, *question: str) -> w.HTML:
        return self._html(self._page.found(*question))

    def figure(self, question: str, draw: Any, **how: Any) -> w.VBox:
        piece = self._page.figure(question, draw, **how)
        shown = piece.shown()
        text = w.HTML("".join(shown.slots.values()))
        chart = None
        if shown.chart is not None:  # as SVG, whose text the watcher can read
            chart = alt.JupyterChart(self._chart(shown), embed_options={"renderer": "svg"})

        def again() -> None:
            now = piece.shown()
            text.value = "".join(now.slots.values())
            if chart is not None and now.chart is not None:
                chart.chart = self._chart(now)

        self._changes.append(again)
        return w.VBox([w.HTML(f"<h3>{question}</h3>"), *([chart] if chart else []), text])

    def _html(self, piece: Any) -> w.HTML:
        made = w.HTML(piece.html)
        self._changes.append(lambda: setattr(made, "value", piece.html))
        return made

    def _chart(self, shown: Any) -> alt.TopLevelMixin:
        spec = shown.chart.spec()
        # Tells the watcher that this chart shows the new choice.
        return alt.Chart.from_dict({**spec, "title": f"Slice {self.view.text}"})

    def _changed(self, _: Any) -> None:
        self._page.choose(**{name: list(one.value) for name, one in self._lists.items()})
        self._said.value = self.view.text
        for again in self._changes:
            again()
        self._done.value = f"Done {self.view.text}"


def notebook(source: Path, into: Path) -> Path:
    """One of our notebooks as a stock page."""
    found = json.loads(source.read_text(encoding="utf-8"))
    found["cells"] = [cell for cell in found["cells"] if "lab" not in cell["metadata"].get("tags", [])]
    for cell in found["cells"]:
        text = "".join(cell["source"])
        here = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\nfrom stock_page import Page\n"
        if "from kpilib.show import Page, " in text:
            text = text.replace("from kpilib.show import Page, ", f"{here}from kpilib.show import ")
        cell["source"] = text
        cell.pop("outputs", None) if cell["cell_type"] == "markdown" else cell.update(outputs=[])
    into.write_text(json.dumps(found), encoding="utf-8")
    return into
