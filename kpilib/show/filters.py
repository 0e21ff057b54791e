"""The filter bar: which members, which period, said in words, as chips and as SQL.

It is HTML that works with a keyboard and a screen reader before any script: a folded list of check boxes a dimension,
a list of periods. The page's script asks again when something is chosen. Nothing chosen in a list means everything.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kpilib.errors import unknown
from kpilib.language import N_
from kpilib.model.dimensions import NOT_GIVEN

from . import dates, style
from .choice import PERIOD, Choice, Reader, slug
from .live import Live, Shown, slot
from .markup import Html, element, join
from .view import FILTERS, View
from .words import Words

if TYPE_CHECKING:
    from .page import Page

#: What a page's dates are of: the panel whose rows are counted beside each member, and what these are called.
COUNTED = {
    "closed_on": ("deals", N_("deals")), "ordered_on": ("sales", N_("order lines")),
    "churned_on": ("customer_lives", N_("customers")), "answered_on": ("answers", N_("invitations")),
    "created_on": ("leads", N_("leads")),
    "opened_at": ("tickets", N_("tickets")),
}  # fmt: skip
_ROWS = N_("rows")
#: The preset periods, as they are said.
PRESETS = (N_("This month"), N_("This quarter"), N_("Year to date"), N_("Last 12 months"), N_("All"))


class Filters(Live):
    """The bar of a page.

    Parameters
    ----------
    page : Page
        Whose choice it shows.
    period : str
        The name of the preset period to start with, and to return to at a reset.
    when : str
        The date column that the SQL of the choice names; it also says what is counted beside each member.
    """

    kind = "filters"

    def __init__(self, page: "Page", period: str, when: str) -> None:
        super().__init__(page, "filters")
        names = dates.presets(page.book.as_of)
        if period not in names:
            raise unknown("preset period", period, names)
        self.when = when
        panel, self.counted = _counted(page.book, when)
        #: The members that the page offers, with the number of rows of each, by dimension.
        self.members = {name: found for name in FILTERS if (found := _members(page.book, name, panel))}
        self.names = {slug(name): name for name in names}
        self.months = dates.months(page.book.first_month, page.book.last_month)
        offered = {name: tuple(found) for name, found in self.members.items()}
        self.reader = Reader(page.book, offered, period, page.lists)

    def compose(self, view: View, chosen: Mapping[str, str]) -> Shown:
        """The choice said; `chosen` may hold the period's text and the problems of a link."""
        choice, words = self._choice(view, chosen), view.words
        slots = {
            "chips": join(*self._chips(choice, words)),
            "problems": join(),
            "shown": join(element("strong", words.say("Shown:")), " ", view.text),
            "sql": element("code", f"WHERE {view.sql(self.when)}"),
            "pick-period": join(self._period(choice.period, words)),
            **{f"pick-{name}": join(_picked(choice.where.get(name, ()), words)) for name in self.members},
        }
        return Shown(slots, view.text)

    def frame(self, shown: Shown, view: View, chosen: Mapping[str, str], charts: str, tools: bool) -> Html:
        if not tools:  # what a saved notebook keeps: the choice in words, and the style of all pieces
            said = slot("p", "shown", shown.slots["shown"])
            return join(Html(style.BLOCK), element("section", said, _sql(shown, view.words), class_="kpi kpi-filters"))
        choice, words = self._choice(view, chosen), view.words
        picks = [self._pick(name, choice, words) for name in self.members]
        reset = element("button", words.say("Reset"), type="button", data_do="reset", class_="kpi-reset")
        return element(
            "section",
            element("div", self._times(choice, words), *picks, reset, class_="kpi-picks"),
            slot("ul", "chips", shown.slots["chips"], class_="kpi-chips", aria_label=words.say("Filters that are on")),
            slot("div", "problems", shown.slots["problems"], class_="kpi-problems", role="alert"),
            slot("p", "shown", shown.slots["shown"], class_="kpi-shown", role="status"),
            _sql(shown, words),
            class_="kpi kpi-filters",
            data_piece="filters",
            data_start=self.reader.start.period,
            aria_label=words.say("Filters"),
        )

    def span(self, period: str) -> tuple[str, str]:
        """The first and the last month of a period; an open side ends where the data do."""
        since, until = self.reader.span(period)
        return since or self.months[0], until or self.months[-1]

    def said(self, problems: list[str]) -> Html:
        """What could not be taken of a link, in the place of the problems."""
        return join(*(element("p", problem, class_="kpi-refused") for problem in problems))

    def _choice(self, view: View, chosen: Mapping[str, str]) -> Choice:
        return Choice(
            {name: tuple(kept) for name, kept in view.where.items()}, chosen.get(PERIOD, self.reader.start.period)
        )

    def _period(self, period: str, words: Words) -> str:
        if period in self.names:
            return words.say(self.names[period])
        return period.replace("..", " – ")

    def _chips(self, choice: Choice, words: Words) -> list[Html]:
        found = [
            (name, member, words.dimension(name), member) for name, kept in choice.where.items() for member in kept
        ]
        if choice.period != self.reader.start.period:
            found.append((PERIOD, "", words.say("Period"), self._period(choice.period, words)))
        return [_chip(*one, words) for one in found]

    def _pick(self, name: str, choice: Choice, words: Words) -> Html:
        title, kept = words.dimension(name), choice.where.get(name, ())
        boxes = [
            element(
                "label",
                element("input", type="checkbox", name=name, value=member, checked=True if member in kept else None),
                " ",
                element("span", words.say(member) if member == NOT_GIVEN else member),
                " ",
                element("span", words.count(rows), class_="kpi-count"),
            )
            for member, rows in self.members[name].items()
        ]
        hint = words.say(
            "{members} members, each with its {counted} of all time. None chosen means all.",
            members=words.count(len(boxes)), counted=words.say(self.counted),
        )  # fmt: skip
        find = words.say("Search in {list}", list=title)
        search = element("input", type="search", data_search=True, aria_label=find, placeholder=words.say("Search"))
        group = element("div", *boxes, role="group", aria_label=title, class_="kpi-members")
        return _folded(name, title, join(_picked(kept, words)), search, group, element("p", hint, class_="kpi-note"))

    def _times(self, choice: Choice, words: Words) -> Html:
        radios = [
            element(
                "label",
                element("input", type="radio", name=PERIOD, value=key, checked=True if key == choice.period else None),
                " ",
                element("span", words.say(name)),
            )
            for key, name in self.names.items()
        ]
        sides = zip(("since", "until"), (N_("From"), N_("To")), self.span(choice.period), strict=True)
        selects = [
            element("label", element("span", words.say(name)), " ", self._edge(side, month), class_="kpi-list")
            for side, name, month in sides
        ]
        title = words.say("Period")
        return _folded(
            PERIOD,
            title,
            join(self._period(choice.period, words)),
            element("div", *radios, role="radiogroup", aria_label=title, class_="kpi-members"),
            element("div", *selects, class_="kpi-edges"),
        )

    def _edge(self, side: str, month: str) -> Html:
        options = [element("option", one, value=one, selected=True if one == month else None) for one in self.months]
        return element("select", *options, data_edge=side)


def _folded(name: str, title: str, picked: Html, *inside: Html) -> Html:
    summary = element(
        "summary", element("span", title, class_="kpi-pick-name"), " ", slot("span", f"pick-{name}", picked)
    )
    panel = element("div", *inside, class_="kpi-panel")
    return element("details", summary, panel, class_="kpi-pick", data_dimension=name)


def _picked(kept: tuple[str, ...], words: Words) -> str:
    if not kept:
        return words.say("all")
    return kept[0] if len(kept) == 1 else words.say("{n} chosen", n=len(kept))


def _chip(name: str, member: str, title: str, text: str, words: Words) -> Html:
    said = words.say("{filter}: {value}", filter=title, value=text)
    remove = words.say("Remove the filter {filter}: {value}", filter=title, value=text)
    cross = element("span", "×", aria_hidden="true")
    button = element("button", said, " ", cross, type="button", data_drop=name, data_member=member, aria_label=remove)
    return element("li", button)


def _sql(shown: Shown, words: Words) -> Html:
    summary = element("summary", words.say("As SQL"))
    return element("details", summary, slot("pre", "sql", shown.slots["sql"]), class_="kpi-sql")


def _counted(book: Any, when: str) -> tuple[str | None, str]:
    """The panel whose rows the lists count, and what those are called: the page's own, or all where it has none."""
    panel, called = COUNTED.get(when, (None, _ROWS))
    if panel and not any(len(book.members(name, panel)) for name in FILTERS):
        return None, _ROWS
    return panel, called


def _members(book: Any, name: str, panel: str | None) -> dict[str, int]:
    """The members of a dimension, each with its rows on the page; empty where there is nothing to choose."""
    found = book.members(name, panel)
    counted = {str(member): int(rows) for member, rows in zip(found["member"], found["rows"], strict=True)}
    return counted if set(counted) - {NOT_GIVEN} else {}
