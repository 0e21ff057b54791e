"""The ledger of looks: how many comparisons a reader has seen, and which findings stand once all of them are counted.

Whoever compares twenty things finds one that chance made. A page is stateless, so this piece tells of the page as it
is; its script keeps what was seen before in the browser's session and tells of that too (``web/looks.js``). In a
notebook, where a page and code are one session, both are noted in `Book.looks`, and the panel tells of that one.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from kpilib.language import N_
from kpilib.stats.discovery import false_discovery

from .found import Found
from .live import Live, Look, Shown, shell, slot
from .markup import Html, element, join
from .measures import small
from .words import Words, missing

if TYPE_CHECKING:
    from .page import Page
    from .view import View

#: The share of false findings that is allowed among those that are said to stand.
LEVEL = 0.05
#: What the panel says of a number of looks; the page's script says the same of the whole session.
HERE = N_(
    "Comparisons on this page as it is: {n}; with an interval: {tested}. Beyond chance by themselves: {found}. Still "
    "standing when all are counted: {stand}."
)
SESSION = N_(
    "Comparisons seen in this browser so far: {n}; with an interval: {tested}. Beyond chance by themselves: {found}. "
    "Still standing when all are counted: {stand}."
)
BOOK = N_(
    "Comparisons seen through this book so far, in code too (book.looks): {n}; with an interval: {tested}. Beyond "
    "chance by themselves: {found}. Still standing when all are counted: {stand}."
)
WHY = N_(
    "Of twenty comparisons in which nothing has changed, one is beyond chance by chance. What stands is held to a "
    "false-discovery rate of 5% over all that were seen (Benjamini–Hochberg)."
)
COMPARED, BY_CHANCE, STANDS = N_("Compared"), N_("By chance"), N_("Stands")


class Ledger(Live):
    """How many comparisons were seen, folded away; made by `Page.looks`."""

    def __init__(self, page: "Page", pieces: Callable[[], list[Live]], question: str) -> None:
        super().__init__(page, question)
        self.question, self._pieces = question, pieces

    def shown(self, view: "View | None" = None, chosen: Mapping[str, str] | None = None) -> Shown:
        """Put together anew each time: the pieces remember what they showed, and a list of theirs may have moved."""
        return self.compose(self.page.view if view is None else view, self.page.own(self) if chosen is None else chosen)

    def compose(self, view: "View", chosen: Mapping[str, str]) -> Shown:
        """The page's looks; `chosen` holds the values of the figures' lists by the figure's name, as in `Found`."""
        words, looks = view.words, once(self._seen(view, chosen))
        said = words.say(HERE, **{name: words.count(n) for name, n in counted(looks).items()})
        told = [
            element("p", said, class_="kpi-looked"),
            table(looks, words),
            element("p", words.say(WHY), class_="kpi-note"),
        ]
        plain = [words.say(self.question), said, *(f"{look.what} ({small(look.p, words)})" for look in found(looks))]
        slots = {"looks": join(*told), "foot": join(view.text)}
        if self.page.live:
            slots["book"] = self._of_book(looks, words)
        return Shown(slots, "\n".join(plain))

    def _of_book(self, looks: list[Look], words: Words) -> Html:
        """In a notebook a page and code are one session: both are told of in the book's own ledger."""
        ledger = self.page.book.looks
        for look in looks:
            ledger.shown(look.key, look.p)
        p = [look.p for look in ledger.looks]
        numbers = {
            "n": len(p), "tested": sum(not missing(one) for one in p), "stand": sum(ledger.stands()),
            "found": sum(not missing(one) and one < LEVEL for one in p),
        }  # fmt: skip
        said = words.say(BOOK, **{name: words.count(n) for name, n in numbers.items()})
        return element("p", said, class_="kpi-looked")

    def frame(self, shown: Shown, view: "View", chosen: Mapping[str, str], charts: str, tools: bool) -> Html:
        said = element("summary", view.words.say(self.question), class_="kpi-question")
        ours = shown.slots.get("book")
        session = element("div", data_session=True, aria_live="off") if ours is None else slot("div", "book", ours)
        here = slot("div", "looks", shown.slots["looks"])
        return shell(
            "kpi-looks",
            element("details", said, session, here, slot("p", "foot", shown.slots["foot"], class_="kpi-foot")),
            data_piece=self.name,
            aria_label=view.words.say(self.question),
        )

    def _seen(self, view: "View", chosen: Mapping[str, str]) -> list[Look]:
        pieces = [piece for piece in self._pieces() if not isinstance(piece, Found | Ledger)]
        return [look for piece in pieces for look in piece.shown(view, of_piece(piece.name, chosen)).looks]


def of_piece(name: str, chosen: Mapping[str, str]) -> dict[str, str]:
    """Of the values of all figures' lists (``{"figure.by": "owner"}``) those of one figure."""
    split = {whole: whole.rpartition(".") for whole in chosen}
    return {own: chosen[whole] for whole, (piece, _, own) in split.items() if piece == name}


def once(looks: Iterable[Look]) -> list[Look]:
    """The looks without those that are the same."""
    return list({look.key: look for look in looks}.values())


def stands(p: Sequence[float], level: float = LEVEL) -> list[bool]:
    """Which of several findings stand at a false-discovery rate, in the order given; one without a p never does.

    Source: Benjamini & Hochberg (1995), Journal of the Royal Statistical Society B 57:289.

    Examples
    --------
    >>> stands([0.001, 0.04, float("nan"), 0.03, 0.9])
    [True, False, False, False, False]
    """
    flags: list[bool] = false_discovery(p, level)[1].tolist()
    return flags


def found(looks: Iterable[Look]) -> list[Look]:
    """The looks that are beyond chance by themselves, the surest first."""
    return sorted((look for look in looks if not missing(look.p) and look.p < LEVEL), key=lambda look: look.p)


def counted(looks: list[Look]) -> dict[str, int]:
    """The numbers of the sentence: how many looks, of which with an interval, beyond chance, standing."""
    tested = sum(not missing(look.p) for look in looks)
    return {"n": len(looks), "tested": tested, "found": len(found(looks)), "stand": sum(stands([k.p for k in looks]))}


def table(looks: list[Look], words: Words) -> Html | None:
    """What is beyond chance by itself, and whether it stands; None where nothing is."""
    standing = dict(zip((look.key for look in looks), stands([look.p for look in looks]), strict=True))
    lines = found(looks)
    if not lines:
        return None
    head = element("tr", *(element("th", words.say(name), scope="col") for name in (COMPARED, BY_CHANCE, STANDS)))
    yes, no = words.say("yes"), words.say("no")
    body = [_line(look, small(look.p, words), yes if standing[look.key] else no) for look in lines]
    drawn = element("table", element("thead", head), element("tbody", *body), class_="kpi-table")
    named: dict[str, Any] = {"role": "group", "aria_label": words.say(COMPARED)}
    return element("div", drawn, class_="kpi-scroll", tabindex="0", **named)


def _line(look: Look, p: str, stand: str) -> Html:
    return element("tr", element("th", look.what, scope="row"), element("td", p), element("td", stand))


def sent(looks: Iterable[Look], words: Words) -> list[list[Any]]:
    """The looks as the page's script takes them: a short key, what, p (null where there is none), p in words."""
    return [[_short(look.key), look.what, None if missing(look.p) else look.p, small(look.p, words)] for look in looks]


def _short(key: str) -> str:
    """A name of sixteen letters: a browser keeps thousands of them."""
    return blake2b(key.encode(), digest_size=8).hexdigest()
