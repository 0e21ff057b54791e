"""The manager's first page: how we stand with our customers, what moved and why, what needs attention, what we did.

Which KPIs stand under which question is the team's choice in `workbook.toml`; see `kpilib.workbook`. The pieces are in
`overview_questions`, `overview_moved`, `overview_alarms`, `overview_deeds` and `overview_quality`.
"""

from collections.abc import Sequence

from kpilib.show.figure import Drawn
from kpilib.show.page import Page
from kpilib.show.view import View
from kpilib.workbook import settings

from . import overview_moved, overview_quality
from .overview_alarms import alarms, open_alarms
from .overview_deeds import log, logged
from .overview_questions import MISSIONS, QUESTIONS, Questions

__all__ = ["alarms", "log", "logged", "missions", "moved", "open_alarms", "quality", "questions"]


def questions(page: Page) -> Questions:
    """The five questions, each with its answer in plain words and its KPIs."""
    return page.add(Questions(page, QUESTIONS, settings().overview, "questions"))


def missions(page: Page) -> Questions:
    """The three missions, each with its answer in plain words and its KPIs."""
    return page.add(Questions(page, MISSIONS, settings().overview, "missions"))


def moved(view: View, keys: Sequence[str] | None = None) -> Drawn:
    """Which KPIs (by default the overview's) moved beyond chance, and what explains it: see `overview_moved.moved`."""
    return overview_moved.moved(view, settings().kpis if keys is None else keys)


def quality(view: View, keys: Sequence[str] | None = None) -> Drawn:
    """How good the data are, and which KPIs (by default the overview's) they cannot answer."""
    return overview_quality.quality(view, settings().kpis if keys is None else keys)
