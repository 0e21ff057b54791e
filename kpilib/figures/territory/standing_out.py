"""Which areas stand out once luck is allowed for, in a sentence: the first of an order, and those beyond chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from kpilib.compute.frames import rows
from kpilib.language import N_
from kpilib.show.measures import p_value
from kpilib.show.sentences import some
from kpilib.show.words import Words
from kpilib.stats.small_areas import Rates

from .area_values import called

#: So many areas are called the first, or the last.
FIRST = 3
#: What the columns of such an order are called.
RATIO, INTERVAL = N_("Times the whole"), N_("Expected, 95%")


@dataclass(frozen=True)
class Saying:
    """The messages of an order: nobody differs, nobody is sure to stand out, one does, others do too.

    `above` says whether it is the areas above the whole that stand out, or those below.
    """

    alike: str
    unsure: str
    first: str
    others: str
    above: bool


def stands_out(frame: pd.DataFrame, told: Rates, by: str, words: Words, saying: Saying, **more: str) -> str:
    """What an order of areas shows beyond what chance explains.

    Parameters
    ----------
    frame : DataFrame
        In that order: `name`, `score` (the area's rate over the whole's, 1 is like everywhere), `score_low` and
        `score_high` (its 95 % interval), `likely` (0 to 1: that it is among the first).
    told : Rates
        What the scores were taken from.
    more : str
        What else the message of the first one needs.
    """
    if told.spread == 0 or not told.p < 0.05:
        return words.say(saying.alike, areas=called(by, words), p=p_value(told.p, words))
    first, *rest = rows(frame)
    given = {
        "name": first["name"], "ratio": words.text(first["score"], "ratio"),
        "low": words.text(first["score_low"], "ratio"), "high": words.text(first["score_high"], "ratio"),
    }  # fmt: skip
    if not _beyond(first, saying.above):
        return words.say(saying.unsure, areas=called(by, words), **given)
    said = words.say(saying.first, **given, first=FIRST, likely=words.text(first["likely"], "share"), **more)
    others = [row["name"] for row in rest if _beyond(row, saying.above)]
    return f"{said} {words.say(saying.others, names=some(others, words, 4))}" if others else said


def _beyond(row: dict[str, Any], above: bool) -> bool:
    return bool(row["score_low"] > 1 if above else row["score_high"] < 1)
