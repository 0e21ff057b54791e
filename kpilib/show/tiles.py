"""Tiles: one number a KPI, with its interval, its rows and its definition."""

import re
from typing import TYPE_CHECKING, Any

from .figure import rows_said
from .live import Content, Live, guarded, nothing, shell
from .markup import Html, element
from .parts import last_month
from .words import missing

if TYPE_CHECKING:
    from .page import Page
    from .view import View


class Tiles(Live):
    """A grid of KPI tiles that follow the choice; made by `Page.tiles`."""

    def __init__(self, page: "Page", keys: list[str], name: str) -> None:
        super().__init__(page, name)
        self.keys = keys

    def compose(self, view: "View") -> Content:
        """All tiles for a view; one that fails says so in its own place."""
        self.error = None
        made = [self._tile(view, key) for key in self.keys]
        grid = element("div", *(html for html, _ in made), class_=_grid(len(made)))
        foot = element("p", view.text, class_="kpi-foot")
        return Content(shell("kpi-tiles", grid, foot), "\n".join([*(plain for _, plain in made), view.text]))

    def _tile(self, view: "View", key: str) -> Content:
        kpi = view.book.kpis[key]
        why = view.book.why_not(key)
        if why:
            return _tile(kpi, "kpi-tile kpi-tile-off", [element("p", why, class_="kpi-why")], f"{kpi.name}: {why}")
        made = guarded(kpi.name, view, lambda: _answer(view, kpi))
        if isinstance(made, Content):
            return made
        self.error = made[1]
        return _tile(kpi, "kpi-tile kpi-tile-off", [element("p", made[0], class_="kpi-why")], f"{kpi.name}: {made[0]}")


def _grid(tiles: int) -> str:
    """Rows of four where that fills them better than rows of five."""
    return "kpi-grid kpi-fours" if tiles % 5 and tiles % 4 == 0 else "kpi-grid"


def _answer(view: "View", kpi: Any) -> Content:
    frame = view.kpi(kpi.key)
    if frame.empty or not frame["rows"].sum() or missing(frame["value"].iloc[0]):
        said = _why_empty(view, kpi)
        return _tile(kpi, "kpi-tile kpi-tile-off", [element("p", said, class_="kpi-why")], f"{kpi.name}: {said}")
    one = frame.iloc[0]
    value, words = view.words.short(one["value"], kpi.unit), view.words
    between = words.interval(one["low"], one["high"], kpi.unit)
    rows = rows_said(int(one["rows"]), view)
    parts = [
        element("p", value, class_="kpi-value", title=words.text(one["value"], kpi.unit)),
        element("p", between, class_="kpi-interval") if between else None,
        element("p", rows + ("" if one.get("complete", True) else " · period not over"), class_="kpi-rows"),
    ]
    return _tile(kpi, "kpi-tile", parts, f"{kpi.name}: {value}{f' ({between})' if between else ''}, {rows}")


def _why_empty(view: "View", kpi: Any) -> str:
    """What stands in place of a number: that there is no row, or that the rows lack what would be summed."""
    if not getattr(kpi, "table", ""):
        return nothing(view)
    month = last_month(view)
    # A stock is counted at the end of the last month, whatever happened before it.
    within = {} if getattr(kpi, "at", "flow") == "flow" else {"since": month, "until": month}
    rows = view.panel(kpi.table, when=kpi.when or None, **within)
    summed = f"{kpi.numerator} {kpi.denominator or ''}"
    named = [str(name) for name in rows.columns if re.search(rf"\b{re.escape(str(name))}\b", summed)]
    if rows.empty or not named:
        return nothing(view)
    absent = [name for name in named if rows[name].isna().all()] or named
    return f"No row here has what it sums: {' and '.join(absent)}."


def _tile(kpi: Any, kind: str, parts: "list[Html | None]", plain: str) -> Content:
    name = element("h3", kpi.name, title=kpi.question)
    return Content(element("article", name, *parts, _definition(kpi), class_=kind, data_kpi=kpi.key), plain)


def _definition(kpi: Any) -> Html:
    """What exactly is computed, folded away."""
    entries = [("Question", kpi.question), *_computed(kpi), ("Beware", kpi.caveat)]
    said = [part for term, what in entries if what for part in (element("dt", term), element("dd", what))]
    return element("details", element("summary", "Definition"), element("dl", *said))


def _computed(kpi: Any) -> list[tuple[str, object]]:
    """How the number comes about: a ratio of sums, a product of other KPIs, or an estimate."""
    powers = getattr(kpi, "powers", ())
    if powers:
        times = " × ".join(f"{part}{'' if power == 1 else f'^{power}'}" for part, power in powers)
        return [("Product of", element("code", times))]
    if getattr(kpi, "estimator", ""):
        return [("Estimated by", element("code", kpi.estimator)), ("Over", element("code", kpi.table))]
    below = element("code", kpi.denominator) if kpi.denominator else ""
    return [
        ("Sum of", element("code", kpi.numerator)),
        ("Divided by the sum of", below),
        ("Over", element("code", kpi.table)),
    ]
