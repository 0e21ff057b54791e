"""What a page found: the answers of its figures, one line each, for the choice in force."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from .figure import Figure
from .live import Live, Shown, shell, slot
from .markup import Html, element, join

if TYPE_CHECKING:
    from .page import Page
    from .view import View


class Found(Live):
    """A list of questions and answers; made by `Page.found`."""

    def __init__(self, page: "Page", figures: Callable[[], list[Figure]], question: str) -> None:
        super().__init__(page, question)
        self.question, self._figures = question, figures

    def shown(self, view: "View | None" = None, chosen: Mapping[str, str] | None = None) -> Shown:
        """Put together anew each time: the figures remember what they drew, and a figure's own list may have moved."""
        return self.compose(self.page.view if view is None else view, self.page.own(self) if chosen is None else chosen)

    def compose(self, view: "View", chosen: Mapping[str, str]) -> Shown:
        """The findings; a figure that failed says why, one without rows is counted at the end.

        `chosen` holds the values of the figures' own lists, by the figure's name: ``{"figure.by": "owner"}``.
        """
        made = [(figure, figure.shown(view, self._own(figure, chosen))) for figure in self._figures()]
        said = [(view.words.say(figure.question), answer) for figure, answer in made]
        known = [(question, a.finding or a.why, None if a.finding else "kpi-why") for question, a in said]
        known = [answer for answer in known if answer[1]]
        silent = sum(not answer.finding for _, answer in made)
        lines = [part for what, one, mark in known for part in (element("dt", what), element("dd", one, class_=mark))]
        foot = view.text
        if silent:
            foot += " · " + view.words.say(
                "{silent} of {all} questions have no answer on these rows", silent=silent, all=len(made)
            )
        plain = [view.words.say(self.question), *(f"{what} {one}" for what, one, _ in known), foot]
        return Shown({"found": join(*lines), "foot": join(foot)}, "\n".join(plain))

    def frame(self, shown: Shown, view: "View", chosen: Mapping[str, str], charts: str, tools: bool) -> Html:
        return shell(
            "kpi-found",
            element("h3", view.words.say(self.question), class_="kpi-question", id=f"{self.name}-q"),
            slot("dl", "found", shown.slots["found"]),
            slot("p", "foot", shown.slots["foot"], class_="kpi-foot"),
            data_piece=self.name,
            aria_labelledby=f"{self.name}-q",
        )

    def _own(self, figure: Figure, chosen: Mapping[str, str]) -> dict[str, str]:
        split = {name: name.rpartition(".") for name in chosen}
        return {own: chosen[name] for name, (piece, _, own) in split.items() if piece == figure.name}
