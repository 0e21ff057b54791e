"""What the sections of a report are made of in HTML: sections, tables, cells, charts. All text is escaped here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kpilib.show.charts import render
from kpilib.show.charts.plot import Plot
from kpilib.show.markup import Html, element

from .styles import INLINE


def section(title: str, *parts: Html | None, kind: str | None = None) -> Html:
    """A heading and what stands under it."""
    return element("section", element("h2", title, style=INLINE["h2"]), *parts, class_=kind)


def table(names: Sequence[str], rows: Iterable[Html], numbers: int) -> Html:
    """A table; the last so many of its columns hold numbers. On a telephone each row becomes a block."""
    texts = len(names) - numbers
    align = ["" if at < texts else ";text-align:right" for at in range(len(names))]
    head = (element("th", n, scope="col", style=INLINE["th"] + a) for n, a in zip(names, align, strict=True))
    body = element("tbody", *rows)
    return element("table", element("thead", element("tr", *head)), body, class_="stack", style=INLINE["table"])


def header(*parts: object) -> Html:
    """The cell that names a row."""
    return element("th", *parts, scope="row", style=INLINE["td"] + ";font-weight:normal")


def term(said: str) -> Html:
    """The cell that names a line of a small table, as wide in all of them."""
    return element("th", said, scope="row", style=INLINE["term"])


def td(said: object, name: str, *more: Html, number: bool = False) -> Html:
    """A cell; on a telephone its column's name stands before it. Empty where nothing is said."""
    if not said:
        return element("td", style=INLINE["td"])
    label = element("span", f"{name}: ", class_="of")
    return element("td", label, said, *more, style=INLINE["number" if number else "td"])


def figure(plot: Plot, name: str, said: str) -> Html:
    """A chart with its text alternative, `said`, which stands beside it in words too.

    It is drawn twice, for a telephone and for a wide screen or paper; without the style sheet there is the narrow one.
    """
    drawn = render.figure(plot, name, said, wide=True)
    return element("div", drawn, style=INLINE["figure"])


def paragraph(said: object, kind: str = "p") -> Html:
    """A paragraph in one of the styles of `styles.INLINE`."""
    return element("p", said, style=INLINE[kind])


def code(said: str) -> Html | None:
    """What is written as a machine reads it; None for nothing."""
    return element("code", said, style=INLINE["code"]) if said else None
