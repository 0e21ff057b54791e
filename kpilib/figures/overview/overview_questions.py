"""The manager's questions and missions: for each its few KPIs, an answer in plain words, and the page that goes deeper.

Which KPIs stand under which question is the team's choice: see `kpilib.workbook`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from kpilib.figures.drivers import listed
from kpilib.language import N_
from kpilib.show.against import BETTER, NONE, WORSE
from kpilib.show.live import Live, Look, Shown, shell, slot
from kpilib.show.markup import Html, element, join
from kpilib.show.tiles import Tile, looks_of, tile
from kpilib.show.words import low, missing

from .overview_words import plain

if TYPE_CHECKING:
    from kpilib.show.page import Page
    from kpilib.show.view import View

#: So many of a question's KPIs are told in sentences; all have their tiles.
_TOLD = 2
_STATES = {
    "better": N_("Better"), "worse": N_("Worse"), "mixed": N_("Better and worse"), "steady": N_("No change"),
    "unknown": N_("Not known"),
}  # fmt: skip
_STEADY = N_("Nothing here changed beyond chance since the window before.")
_BETTER = N_("Better than in the window before: {better}.")
_WORSE = N_("Worse than in the window before: {worse}.")
_MIXED = N_("Against the window before, better: {better}; worse: {worse}.")
_MORE, _LESS = N_("More than in the window before: {names}."), N_("Less than in the window before: {names}.")
_FIRST = N_("There is no earlier window to compare with.")
_BEHIND = N_("Behind target: {names}.")
_AHEAD = N_("Ahead of target: {names}.")
_NO_ANSWER = N_("These data do not tell.")
_DEEPER = N_("More on the page “{page}”")


@dataclass(frozen=True)
class Asked:
    """A question or a mission: its key in `workbook.toml`, its words, and the page that goes deeper."""

    key: str
    question: str
    notebook: str
    page: str


_SATISFACTION = ("03_satisfaction.ipynb", N_("Satisfaction"))
_CHURN = ("04_churn_drivers.ipynb", N_("Churn drivers"))
_SALES = ("02_sales.ipynb", N_("Sales"))
_SERVICE = ("06_service.ipynb", N_("Service"))
QUESTIONS = (
    Asked("contact_centre", N_("Is our contact centre well run?"), *_SERVICE),
    Asked("customer_value", N_("What is a customer worth?"), *_CHURN),
    Asked("service", N_("Is our service good?"), *_SERVICE),
    Asked("loyalty", N_("Are our customers loyal?"), *_CHURN),
    Asked("satisfaction", N_("Are they satisfied?"), *_SATISFACTION),
)
MISSIONS = (
    Asked("satisfy", N_("Satisfy: do customers get what they came for?"), *_SATISFACTION),
    Asked("keep", N_("Keep: do those we have stay with us?"), *_CHURN),
    Asked("develop", N_("Develop: do they buy more, and do new ones come?"), *_SALES),
)


@lru_cache(maxsize=256)
def told(view: "View", key: str) -> Tile:
    """A KPI's tile for a view; kept, for a KPI may stand under several questions and among what moved."""
    return tile(view, key)


class Questions(Live):
    """Questions with their KPIs, made by `overview.questions` and `overview.missions`.

    Parameters
    ----------
    page : Page
        The page it stands on.
    asked : sequence of Asked
        The questions, in order.
    keys : mapping of str to sequence of str
        The KPIs of each; a question of none is left out.
    name : str
        Tells it from the page's other pieces.
    """

    def __init__(self, page: "Page", asked: Sequence[Asked], keys: Mapping[str, Sequence[str]], name: str) -> None:
        super().__init__(page, name)
        self.asked = [one for one in asked if keys[one.key]]
        self.keys = {one.key: tuple(keys[one.key]) for one in self.asked}

    def compose(self, view: "View", chosen: Mapping[str, str]) -> Shown:
        """Every question's state, answer and tiles for a view."""
        slots: dict[str, Html] = {}
        lines: list[str] = []
        error: BaseException | None = None
        looks: list[Look] = []
        for one in self.asked:
            made = [told(view, key) for key in self.keys[one.key]]
            state, answer = answered(view, made)
            tiles = element("div", *(each.html for each in made), class_="kpi-grid")
            label = element("span", view.words.say(_STATES[state]), class_="kpi-state", data_dir=_direction(state))
            slots |= {f"{one.key}-state": label, f"{one.key}-answer": join(answer), f"{one.key}-tiles": tiles}
            lines += [f"{view.words.say(one.question)} {answer}", *(each.plain for each in made)]
            looks += [look for each in made for look in looks_of(view, each)]
            error = error or next((each.error for each in made if each.error is not None), None)
        return Shown(
            {**slots, "foot": join(view.text)}, "\n".join([*lines, view.text]), error=error, looks=tuple(looks)
        )

    def frame(self, shown: Shown, view: "View", chosen: Mapping[str, str], charts: str, tools: bool) -> Html:
        return shell(
            "kpi-tiles kpi-asked",
            *(self._framed(one, shown, view) for one in self.asked),
            slot("p", "foot", shown.slots["foot"], class_="kpi-foot"),
            data_piece=self.name,
        )

    def _framed(self, one: Asked, shown: Shown, view: "View") -> Html:
        words, name = view.words, f"{self.name}-{one.key}-q"
        state = slot("span", f"{one.key}-state", shown.slots[f"{one.key}-state"])
        heading = element("h3", words.say(one.question), class_="kpi-question", id=name)
        # The link keeps the choice in force: the page's script writes it into what is marked as shared.
        link = element("a", words.say(_DEEPER, page=words.say(one.page)), href=one.notebook, data_shared=True)
        return element(
            "div",
            element("div", heading, state, class_="kpi-head"),
            slot("p", f"{one.key}-answer", shown.slots[f"{one.key}-answer"], class_="kpi-finding"),
            slot("div", f"{one.key}-tiles", shown.slots[f"{one.key}-tiles"], class_="kpi-asked-tiles"),
            element("p", link, class_="kpi-deeper"),
            role="group",
            aria_labelledby=name,
        )


def answered(view: "View", made: Sequence[Tile]) -> tuple[str, str]:
    """A question's state ("better", "worse", "mixed", "steady", "unknown") and its answer in plain words.

    The state is that of what is divided, which chance can be told from; of totals, which grow with the company, where
    there is nothing else.
    """
    known = [one for one in made if one.found is not None]
    if not known:
        return "unknown", view.words.say(_NO_ANSWER)
    words = view.words
    said = [plain(one.found.kpi, one.found.row["value"], words) for one in known[:_TOLD] if one.found is not None]
    totals = [one for one in known if one.found is not None and one.found.kpi.total]
    divided = [one for one in known if one not in totals]
    state, change = _change(divided or totals, view)
    facts = _facts(totals, view) if divided else []
    return state, " ".join([*said, change, *facts, *_targets(known, view)])


def _change(known: Sequence[Tile], view: "View") -> tuple[str, str]:
    """Whether a question's KPIs got better or worse."""
    words, compared = view.words, [one for one in known if one.found is not None and one.found.before is not None]
    better, worse = (_going(compared, "change", way, view) for way in (BETTER, WORSE))
    if not compared:
        return "unknown", words.say(_FIRST)
    if better and worse:
        return "mixed", words.say(_MIXED, better=better, worse=worse)
    if better:
        return "better", words.say(_BETTER, better=better)
    return ("worse", words.say(_WORSE, worse=worse)) if worse else ("steady", words.say(_STEADY))


def _facts(totals: Sequence[Tile], view: "View") -> list[str]:
    """Which totals are more than before, and which less: facts, and no verdict."""
    said = []
    for message, way in ((_MORE, 1), (_LESS, -1)):
        names = [one for one in totals if _moved(one) * way > 0]
        said += [view.words.say(message, names=_names(names, view))] if names else []
    return said


def _moved(one: Tile) -> float:
    """How much a total is more than before; 0 where there is nothing to compare."""
    found = one.found
    if found is None or found.now is None or found.before is None:
        return 0.0
    now, before = found.now["value"], found.before["value"]
    return 0.0 if missing(now) or missing(before) else float(now) - float(before)


def _targets(known: Sequence[Tile], view: "View") -> list[str]:
    behind, ahead = (_going(known, "aim", way, view) for way in (WORSE, BETTER))
    said = [(_BEHIND, behind), (_AHEAD, ahead)]
    return [view.words.say(message, names=names) for message, names in said if names]


def _going(made: Sequence[Tile], what: str, way: str, view: "View") -> str:
    """The KPIs whose change or aim goes a way, as one reads them aloud; empty text for none."""
    return _names([one for one in made if (told := getattr(one, what)) is not None and told.direction == way], view)


def _names(made: Sequence[Tile], view: "View") -> str:
    names = [low(view.words.say(one.found.kpi.name)) for one in made if one.found is not None]
    return listed(names, view.words, 5) if names else ""


def _direction(state: str) -> str:
    return state if state in (BETTER, WORSE) else NONE
