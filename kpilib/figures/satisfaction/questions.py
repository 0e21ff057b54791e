"""The three questions that surveys ask, NPS, CSAT and CES: their scales, their classes, their answers in a slice."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpilib.errors import CannotAnswer, unknown
from kpilib.language import N_
from kpilib.model.shared import SCALES
from kpilib.show import charts
from kpilib.show.charts.stacked import Part
from kpilib.show.view import View
from kpilib.show.words import Words

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Class:
    """The answers from `low` to `high`: what they are called, alone and in a sentence, and their colour."""

    key: str
    name: str
    inside: str
    low: int
    high: int
    colour: str


@dataclass(frozen=True)
class Question:
    """One question of a survey.

    Parameters
    ----------
    key : str
        The metric, and the KPI of that name.
    axis, scores, unhappy : str
        What an axis of its figure shows; what an axis of its scores shows; what the share of its first class is called.
    classes : tuple of Class
        How its answers are told apart, the unhappy first.
    least, most : float
        The least and the most that one answer adds to the figure.
    times : float
        By what the mean of what answers add is multiplied to be the KPI.
    """

    key: str
    axis: str
    scores: str
    unhappy: str
    classes: tuple[Class, ...]
    least: float
    most: float
    times: float = 1.0

    @property
    def scale(self) -> tuple[int, int]:
        """The lowest and the highest score."""
        return SCALES[self.key]

    def adds(self, scores: Floats) -> Floats:
        """What each answer adds above: promoters 1 and detractors −1, the satisfied 1, the score itself for CES."""
        if self.key == "nps":
            return (scores >= 9).astype(float) - (scores <= 6)
        return (scores >= 4).astype(float) if self.key == "csat" else scores

    def parts(self, words: Words) -> tuple[Part, ...]:
        """Its classes as charts want them."""
        return tuple((one.key, words.say(one.name), one.colour) for one in self.classes)

    def class_of(self, scores: Floats) -> NDArray[np.intp]:
        """The place of each score's class among `classes`."""
        return np.searchsorted([one.high + 0.5 for one in self.classes[:-1]], scores)


_LOW, _MIDDLE, _HIGH = "second", "open", "value"
#: What a reader chooses, and the question.
QUESTIONS = {
    N_("NPS"): Question(
        "nps", N_("NPS, −100 to 100"), N_("Would they recommend us? 0 to 10"), N_("Share of detractors"),
        (
            Class("low", N_("Detractors, 0 to 6"), N_("detractors"), 0, 6, _LOW),
            Class("middle", N_("Passives, 7 and 8"), N_("passives"), 7, 8, _MIDDLE),
            Class("high", N_("Promoters, 9 and 10"), N_("promoters"), 9, 10, _HIGH),
        ),
        -1, 1, 100.0,
    ),
    N_("CSAT"): Question(
        "csat", N_("Satisfied: 4 or 5 of 5"), N_("Are they satisfied? 1 to 5"), N_("Share of the dissatisfied"),
        (
            Class("low", N_("Dissatisfied, 1 and 2"), N_("dissatisfied"), 1, 2, _LOW),
            Class("middle", N_("Neither, 3"), N_("neither"), 3, 3, _MIDDLE),
            Class("high", N_("Satisfied, 4 and 5"), N_("satisfied"), 4, 5, _HIGH),
        ),
        0, 1,
    ),
    N_("CES"): Question(
        "ces", N_("Ease, 1 to 7 (7: very easy)"), N_("Was it easy? 1 to 7"), N_("Share of those who found it hard"),
        (
            Class("low", N_("Hard, 1 to 3"), N_("finding it hard"), 1, 3, _LOW),
            Class("middle", N_("Neither, 4"), N_("neither"), 4, 4, _MIDDLE),
            Class("high", N_("Easy, 5 to 7"), N_("finding it easy"), 5, 7, _HIGH),
        ),
        1, 7,
    ),
}  # fmt: skip


def question(measure: str) -> Question:
    """The question that a reader chose; `UnknownName` with a did-you-mean for none."""
    if measure not in QUESTIONS:
        raise unknown("question of a survey", measure, QUESTIONS)
    return QUESTIONS[measure]


def asked_of(book: Any) -> list[str]:
    """The questions that these data have answers to; the first one alone where there is none."""
    return [name for name, one in QUESTIONS.items() if not book.why_not(one.key)] or list(QUESTIONS)[:1]


def invitations(view: View, asked: Question, columns: Sequence[str] = (), when: str = "sent_on") -> pd.DataFrame:
    """The invitations to a question in a view, with these columns; `score` is NaN where nobody answered.

    Raises
    ------
    CannotAnswer
        These data have no such answers.
    Nothing
        No invitation matches.
    """
    if reason := view.book.why_not(asked.key, view.locale):
        raise CannotAnswer(reason, asked.key)
    where = {**view.where, "metric": [asked.key]}
    frame = view.panel("answers", where=where, when=when, columns=list(dict.fromkeys(["score", *columns])))
    if frame.empty:
        raise charts.Nothing("No row matches.")
    return frame


def answers(view: View, asked: Question, columns: Sequence[str] = ()) -> pd.DataFrame:
    """The answers to a question in a view, by the day of the answer, with these columns; errors as `invitations`."""
    frame = invitations(view, asked, columns, "answered_on")
    frame = frame[~np.isnan(frame["score"].to_numpy(float))]
    if frame.empty:
        raise charts.Nothing("No row matches.")
    return frame
