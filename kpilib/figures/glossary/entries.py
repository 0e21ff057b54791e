"""The pieces of the glossary's page: the entries of an axis with their values now, and the list that finds them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kpilib.errors import KpilibError, unknown
from kpilib.language import N_
from kpilib.periods import parse
from kpilib.show.charts import spark
from kpilib.show.figure import counted_said
from kpilib.show.live import Live, Shown, shell, slot
from kpilib.show.markup import Html, element, join
from kpilib.show.words import Words, missing

from . import told
from .article import article
from .told import AXES

if TYPE_CHECKING:
    from kpilib.show.page import Page
    from kpilib.show.view import View

__all__ = ["AXES", "Entries", "Finder", "entries", "finder"]

_FIND, _HOW = N_("Find a figure"), N_("A name, in either language, or a word of its question")
_NOTHING = N_("Nothing was observed in this choice.")
_NOW = N_("{value} ({interval}), {rows}")
_NOW_PLAIN = N_("{value}, {rows}")
_ALL_ROWS = N_("These statements give the figure of all rows and the whole time of the data.")


def entries(page: Page, axis: str) -> Entries:
    """The KPIs of an axis of the customer relation, each with its whole definition and its value for the choice.

    Parameters
    ----------
    page : Page
        The page it stands on.
    axis : str
        A key of `AXES`.

    Raises
    ------
    UnknownName
        No KPI has this axis.
    """
    known = {kpi.axis for kpi in page.book.kpis.values()}
    if axis not in known:
        raise unknown("axis of the catalogue", axis, sorted(known))
    return page.add(Entries(page, axis))


def finder(page: Page) -> Finder:
    """A search field over all entries of the page, and their names by axis in both languages."""
    return page.add(Finder(page, "finder"))


class Entries(Live):
    """The KPIs of an axis; made by `entries`."""

    def __init__(self, page: Page, axis: str) -> None:
        super().__init__(page, f"glossary-{axis}")
        self.axis = axis
        self._sql: dict[str, Html] = {}

    @property
    def kpis(self) -> list[Any]:
        """Its KPIs in the order of the catalogue."""
        return [kpi for kpi in self.page.book.kpis.values() if kpi.axis == self.axis]

    def compose(self, view: View, chosen: Mapping[str, str]) -> Shown:
        """The values of all definitions for a view; one that has none says why."""
        slots, lines = {}, []
        for kpi in self.kpis:
            value, plain = _now(view, kpi)
            slots[f"{kpi.key}-now"] = value
            lines += [told.plain(kpi, view.words), f"  {view.words.say(told.NOW)}: {plain}"]
            for variant in kpi.variants:
                value, plain = _now(view, variant, spark_too=False)
                slots[f"{variant.path}-now"] = value
                lines.append(f"  {view.words.say(told.NOW)}, {view.words.say(variant.name)}: {plain}")
        return Shown({**slots, "foot": join(view.text)}, "\n".join([*lines, view.text]))

    def frame(self, shown: Shown, view: View, chosen: Mapping[str, str], charts: str, tools: bool) -> Html:
        articles = [article(kpi, dict(shown.slots), self._as_sql(kpi, view.words), view.words)
                    for kpi in self.kpis]  # fmt: skip
        return shell(
            "kpi-glossary", *articles, slot("p", "foot", shown.slots["foot"], class_="kpi-foot"), data_piece=self.name
        )

    def _as_sql(self, kpi: Any, words: Words) -> Html:
        """What runs for each definition, over all rows and the whole time; the same for every reader and choice."""
        key = f"{kpi.key} {words.locale}"
        if key not in self._sql:
            parts = [element("p", words.say(_ALL_ROWS), class_="kpi-note")]
            for one in (kpi, *kpi.variants):
                parts += [element("h4", words.say(one.name)), element("pre", _sql(self.page.book, one))]
            self._sql[key] = join(*parts)
        return self._sql[key]


class Finder(Live):
    """The names of all KPIs by axis, and a field that finds them; made by `finder`."""

    def compose(self, view: View, chosen: Mapping[str, str]) -> Shown:
        """Nothing of it depends on the view but the language."""
        words = view.words
        lines = [f"{words.say(AXES.get(axis, axis))}: {', '.join(names)}" for axis, names in self._names(words).items()]
        return Shown({}, "\n".join([words.say(_FIND), *lines]))

    def frame(self, shown: Shown, view: View, chosen: Mapping[str, str], charts: str, tools: bool) -> Html:
        words = view.words
        heading = element("h3", words.say(_FIND), class_="kpi-question", id=f"{self.name}-q")
        lists = [self._listed(axis, words) for axis in self._names(words)]
        return shell(
            "kpi-finder", heading, self._field(words) if tools else None, *lists, data_piece=self.name,
            aria_labelledby=f"{self.name}-q",
        )  # fmt: skip

    def _field(self, words: Words) -> Html:
        field = element("input", type="search", data_find=True, autocomplete="off", spellcheck="false",
                        placeholder=words.say(_HOW), aria_label=words.say(_FIND))  # fmt: skip
        return element("p", field, element("span", role="status"), class_="kpi-find")

    def _listed(self, axis: str, words: Words) -> Html:
        links = [
            element("li", element("a", words.say(kpi.name), href=f"#{kpi.key}", data_finds=kpi.key))
            for kpi in self.page.book.kpis.values()
            if kpi.axis == axis
        ]
        return join(element("p", words.say(AXES.get(axis, axis)), class_="kpi-axis"), element("ul", *links))

    def _names(self, words: Words) -> dict[str, list[str]]:
        names: dict[str, list[str]] = {}
        for kpi in self.page.book.kpis.values():
            names.setdefault(kpi.axis, []).append(words.say(kpi.name))
        return names


def _sql(book: Any, kpi: Any) -> str:
    try:
        return str(book.sql(kpi.of or kpi.key, variant=kpi.key if kpi.of else None))
    except KpilibError as error:
        return f"-- {error}"


def _now(view: View, kpi: Any, spark_too: bool = True) -> tuple[Html, str]:
    """A definition's value for a view, as HTML and as text; why it has none, where it has none."""
    key, variant, words = kpi.of or kpi.key, kpi.key if kpi.of else None, view.words
    why = view.book.why_not(key, view.locale, variant)
    if why:
        return element("span", why, class_="kpi-why"), why
    try:
        row = view.lines(key, variant=variant)[0]
    except (KpilibError, IndexError) as error:
        return element("span", str(error), class_="kpi-why"), str(error)
    if not row["rows"] or missing(row["value"]):
        return element("span", words.say(_NOTHING), class_="kpi-why"), words.say(_NOTHING)
    value, between = words.text(row["value"], kpi.unit), words.interval(row["low"], row["high"], kpi.unit)
    rows = counted_said(kpi, int(row["rows"]), view)
    said = words.say(_NOW if between else _NOW_PLAIN, value=value, interval=between, rows=rows)
    rest = said.removeprefix(value)
    drawn = _run(view, kpi) if spark_too else None
    return join(element("strong", value), rest if rest != said else f" {said}", drawn), said


def _run(view: View, kpi: Any) -> Html | None:
    """The months of the choice as a small line, with its numbers in words."""
    if not (kpi.when or kpi.derived):
        return None
    try:
        months = view.lines(kpi.key, period="month")
    except KpilibError:
        return None
    points = [spark.Point(parse(one["period"])[0], one["value"], one["complete"]) for one in months]
    drawn = spark.line(points)
    if drawn is None:
        return None
    said = spark.said(points, kpi.unit, view.words)
    return element("span", drawn, class_="kpi-spark", role="img", aria_label=said, title=said)
