"""What a page found: the answers of its figures, one line each, for the choice in force."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from .figure import Figure
from .live import Content, Live, shell
from .markup import element

if TYPE_CHECKING:
    from .page import Page
    from .view import View


class Found(Live):
    """A list of questions and answers; made by `Page.found`."""

    def __init__(self, page: "Page", figures: Callable[[], list[Figure]], question: str) -> None:
        super().__init__(page, question)
        self.question, self._figures = question, figures

    @property
    def content(self) -> Content:
        """Put together anew each time: the figures keep what they drew, and a figure's own list may have moved."""
        return self.compose(self.page.view)

    def compose(self, view: "View") -> Content:
        """The findings; a figure that failed says why, one without rows is counted at the end."""
        figures = self._figures()
        known = [(f.question, f.finding or f.why, None if f.finding else "kpi-why") for f in figures]
        known = [answer for answer in known if answer[1]]
        silent = sum(not figure.finding for figure in figures)
        parts = [part for what, said, mark in known for part in (element("dt", what), element("dd", said, class_=mark))]
        foot = view.text + (f" · {silent} of {len(figures)} questions have no answer on these rows" if silent else "")
        html = shell(
            "kpi-found",
            element("h3", self.question, class_="kpi-question"),
            element("dl", *parts) if parts else None,
            element("p", foot, class_="kpi-foot"),
        )
        plain = [self.question, *(f"{what} {said}" for what, said, _ in known), foot]
        return Content(html, "\n".join(plain))
