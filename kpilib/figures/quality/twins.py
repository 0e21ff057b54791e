"""Accounts that look like another: pairs with a score and a reason, for a person to judge. Reached as ``quality.…``."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpilib.compute.frames import taken
from kpilib.figures import company, why
from kpilib.language import N_
from kpilib.model.dimensions import DIMENSIONS, NOT_GIVEN
from kpilib.show import charts
from kpilib.show.charts.plot import Plot
from kpilib.show.figure import Drawn
from kpilib.show.view import View
from kpilib.show.words import Words, low

#: Why two accounts are a pair, as a reader is told.
REASONS = {
    "same": N_("same name"),
    "form": N_("same name, another legal form or none"),
    "order": N_("same words in another order"),
    "spelling": N_("almost the same letters"),
}
_NONE = N_("None of {n} accounts looks like another one of its city.")
_SOME = N_(
    "{alike} of {n} accounts look like another one of their city ({share}), in {pairs} pairs; the largest group has "
    "{largest} accounts."
)
_LISTED = N_("Of the slice, {n} pairs are listed, the likest first.")
_JUDGE = N_(
    "Nothing is merged here: a pair is a question for somebody who knows the customer. Likeness is the share of "
    "letters that two names have in common, legal forms left out; digits must agree, and two different legal forms "
    "are two firms. What is one firm in two cities, or under two names, is not found."
)
_ONE, _KEY, _OTHER, _OTHER_KEY = N_("Account"), N_("Key"), N_("Looks like"), N_("Its key")
_LIKENESS, _WHY = N_("Likeness, of 100"), N_("Why")
_PAIRS = N_("Pairs")


def twins(view: View) -> Drawn:
    """The accounts of the slice that look like another, in pairs."""
    words, found = view.words, why.found(view, "duplicates")
    pairs = _kept(found["pairs"], view)
    if not found["pairs_all"]:
        said = words.say(_NONE, n=words.count(found["accounts"]))
        return Drawn(said, None, None, found["accounts"], words.say(_JUDGE), company.slice_(view))
    said = words.say(
        _SOME, alike=words.count(found["alike"]), n=words.count(found["accounts"]),
        share=words.text(found["alike"] / found["accounts"], "share"), pairs=words.count(found["pairs_all"]),
        largest=words.count(found["groups"]["size"].max()),
    )  # fmt: skip
    if len(pairs) < found["pairs_all"]:
        said = f"{said} {words.say(_LISTED, n=words.count(len(pairs)))}"
    note = " ".join([words.say(_JUDGE), *_ignored(view)])
    table = _table(pairs, words) if len(pairs) else None
    return Drawn(said, _chart(pairs, words), table, found["accounts"], note, company.slice_(view))


def _kept(pairs: pd.DataFrame, view: View) -> pd.DataFrame:
    """The pairs of the salespeople chosen; the other filters say nothing of a pair."""
    owners = view.where.get("owner")
    return taken(pairs, np.flatnonzero(pairs["owner"].isin(owners).to_numpy())) if owners else pairs


def _ignored(view: View) -> list[str]:
    said = N_("The filter by {dimension} does not narrow this list.")
    return [view.words.say(said, dimension=low(view.words.dimension(name))) for name in view.where if name != "owner"]


def _chart(pairs: pd.DataFrame, words: Words) -> Plot | None:
    """How many pairs each reason has."""
    counted = {why: int((pairs["why"] == why).sum()) for why in REASONS}
    lines = [
        {"group": words.say(REASONS[why]), "value": n, "low": np.nan, "high": np.nan, "rows": n}
        for why, n in counted.items()
        if n
    ]
    if not lines:
        return None
    return charts.bars(
        pd.DataFrame(lines), unit="count", words=words, measure=words.say(_PAIRS), minimum=1, ranked=False
    )


def _table(pairs: pd.DataFrame, words: Words) -> pd.DataFrame:
    none = words.say(NOT_GIVEN)
    table = pd.DataFrame(
        {
            _ONE: pairs["name"], _KEY: pairs["one"], _OTHER: pairs["other_name"], _OTHER_KEY: pairs["other"],
            DIMENSIONS["city"].label: pairs["city"].replace(NOT_GIVEN, none),
            DIMENSIONS["owner"].label: pairs["owner"].replace(NOT_GIVEN, none),
            _LIKENESS: pairs["score"].round().astype(int), _WHY: [words.say(REASONS[one]) for one in pairs["why"]],
        }
    )  # fmt: skip
    table.attrs["units"] = {_LIKENESS: "count"}
    return table
