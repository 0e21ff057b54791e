"""How answers spread over their scale: the same score may hide two camps. Reached as ``satisfaction.…``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kpilib.figures import parts
from kpilib.language import N_
from kpilib.model.dimensions import DIMENSIONS
from kpilib.model.voice import may_begin_at_one
from kpilib.show import sentences, tables
from kpilib.show.charts.stacked import spread, stacked
from kpilib.show.figure import Drawn
from kpilib.show.tables import INTERVAL, between
from kpilib.show.view import View
from kpilib.show.words import MINIMUM, Words
from kpilib.stats.intervals import wilson

from .questions import Question, answers, question

_SCORE, _SHARE, _ANSWERS = N_("Score"), N_("Share"), N_("Answers")
_SPREAD = N_(
    "Of {n} answers {low_share} are {low} and {high_share} {high}. Most often they give {most} ({share}); half of "
    "them give {median} or more."
)
_FROM_ONE = N_(
    "None of these {n} answers is 0: the scale may begin at 1. Then 1 to 6 are the detractors, and this NPS is not to "
    "be compared with one asked from 0 to 10."
)
_SAME_SCORE = N_("Two groups may have one score and another spread: many at both ends, or all in the middle.")
_FAINT = N_("Groups of fewer than {n} answers are drawn fainter and stand last.")


def distribution(view: View, measure: str = "NPS") -> Drawn:
    """What share of the answers gave each score of the scale."""
    asked, words = question(measure), view.words
    scores = answers(view, asked)["score"].to_numpy(float)
    frame = _by_score(scores, asked)
    chart = spread(
        frame, parts=asked.parts(words), words=words, measure=words.say(_SHARE), scores=words.say(asked.scores)
    )  # fmt: skip
    drill = {"kpi": asked.key, "field": None}
    note = words.say(_FROM_ONE, n=words.count(len(scores))) if _from_one(scores, asked) else words.say(_SAME_SCORE)
    return Drawn(_spread_said(frame, scores, asked, words), chart, _table(frame, words), len(scores), note, drill=drill)


def split(view: View, measure: str = "NPS", by: str = "service") -> Drawn:
    """How the answers of each group split into the unhappy, those between, and the happy; most of the unhappy first."""
    asked, words = question(measure), view.words
    rows = answers(view, asked, [by])
    frame = parts.told(_by_group(rows[by].to_numpy(object), rows["score"].to_numpy(float), asked), view)
    chart = stacked(frame, parts=asked.parts(words), words=words, measure=words.say(N_("Share of the answers")))
    named = {"group": DIMENSIONS[by].label, **{one.key: one.name for one in asked.classes}, "rows": _ANSWERS}
    table = tables.shown(frame, named, {one.name: "share" for one in asked.classes} | {_ANSWERS: "count"})
    small = (frame["rows"] < MINIMUM).any()
    note = words.say(_FAINT, n=MINIMUM) if small else ""
    drill = {"kpi": asked.key, "field": by}
    told = sentences.Measure(asked.unhappy, "share", N_("answers"), words=words)
    said = sentences.best_and_worst(_of_first(frame, asked), told)
    return Drawn(said, chart, table, len(rows), note, drill=drill)


def _from_one(scores: np.ndarray, asked: Question) -> bool:
    """Whether many a 1 and never a 0 make one doubt that the scale begins at 0."""
    return asked.key == "nps" and may_begin_at_one(scores.min(), int((scores == 1).sum()))


def _by_score(scores: np.ndarray, asked: Question) -> pd.DataFrame:
    """Every score of the scale with its share, its interval, its count and its class."""
    low, high = asked.scale
    each = np.arange(low, high + 1)
    counted = np.bincount(np.clip(np.rint(scores), low, high).astype(int) - low, minlength=len(each))
    least, most = wilson(counted, len(scores))
    classes = [asked.classes[at].key for at in asked.class_of(each.astype(float))]
    shares = {"value": counted / len(scores), "low": least, "high": most}
    return pd.DataFrame({"score": each, **shares, "rows": counted, "part": classes})


def _by_group(groups: np.ndarray, scores: np.ndarray, asked: Question) -> pd.DataFrame:
    """The share of each class in each group; most of the first class first, groups of few answers last."""
    place, names = pd.factorize(groups, sort=True)
    classes = asked.class_of(np.rint(scores))
    count = np.bincount(place * len(asked.classes) + classes, minlength=len(names) * len(asked.classes))
    count = count.reshape(len(names), len(asked.classes))
    rows = count.sum(axis=1)
    share = count / rows[:, None]
    order = np.lexsort((names.astype(str), -share[:, 0], rows < MINIMUM))
    columns: dict[str, Any] = {one.key: share[order, at] for at, one in enumerate(asked.classes)}
    return pd.DataFrame({"group": names[order], "rows": rows[order], **columns})


def _of_first(frame: pd.DataFrame, asked: Question) -> pd.DataFrame:
    """The share of the unhappy in each group, with its interval."""
    rows, share = frame["rows"].to_numpy(float), frame[asked.classes[0].key].to_numpy(float)
    low, high = wilson(np.rint(share * rows), rows)
    return pd.DataFrame({"group": frame["group"], "value": share, "low": low, "high": high, "rows": frame["rows"]})


def _spread_said(frame: pd.DataFrame, scores: np.ndarray, asked: Question, words: Words) -> str:
    first, last = asked.classes[0], asked.classes[-1]
    share = {key: float(frame.loc[frame["part"] == key, "value"].sum()) for key in (first.key, last.key)}
    top = frame.iloc[int(frame["value"].to_numpy().argmax())]
    return words.say(
        _SPREAD,
        n=words.count(len(scores)), low=words.say(first.inside), high=words.say(last.inside),
        low_share=words.text(share[first.key], "share"), high_share=words.text(share[last.key], "share"),
        most=words.count(top["score"]), share=words.text(top["value"], "share"),
        median=words.count(float(np.sort(scores)[len(scores) // 2])),
    )  # fmt: skip


def _table(frame: pd.DataFrame, words: Words) -> pd.DataFrame:
    told = between(frame["low"].tolist(), frame["high"].tolist(), words)
    frame = frame.assign(between=told, score=[words.count(score) for score in frame["score"].tolist()])
    named = {"score": _SCORE, "value": _SHARE, "between": INTERVAL, "rows": _ANSWERS}
    return tables.shown(frame, named, {_SHARE: "share", _ANSWERS: "count"})
