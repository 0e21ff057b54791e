"""What goes with a high or a low score: everything that is known of an answer, side by side."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kpilib.compute.frames import rows
from kpilib.figures import company, why
from kpilib.language import N_
from kpilib.model.dimensions import DIMENSIONS, NOT_GIVEN
from kpilib.show import charts, tables
from kpilib.show.charts.forest import forest
from kpilib.show.figure import Drawn
from kpilib.show.measures import small
from kpilib.show.sentences import some
from kpilib.show.tables import INTERVAL, between
from kpilib.show.view import View
from kpilib.show.words import Words, low

from .questions import question

#: What is known of an answer beside its dimensions, as a reader sees it.
TERMS = {
    "incidents": N_("Serious incident before"), "other_requests": N_("Other request before"),
    "slow_answers": N_("Slow first reply before"), "request_slow": N_("Slow first reply to the request"),
    "request_contacts": N_("Further contact it took"), "request_days": N_("Day it took"),
    "tenure_years": N_("Year as a customer"), "orders": N_("2.7 times the orders before"),
}  # fmt: skip
#: What levels are called that are no member of a dimension.
LEVELS = {NOT_GIVEN: NOT_GIVEN, "(other)": N_("(other)"), "(no request)": N_("(no request)")}
_EACH = N_("What is counted, each")
_RATHER = N_("{level} rather than {against}")
_TERM, _EFFECT, _ANSWERS, _Q = N_("What is known"), N_("Effect, points"), N_("Answers"), N_("Chance, all tests counted")
_SHARE, _LEVELS, _BEYOND = N_("Share of the spread"), N_("Members"), N_("Beyond chance")
_FOUND = N_(
    "Of {all} things known of an answer, {found} go with its score beyond chance, false alarms held to one in twenty. "
    "Strongest: {strongest}."
)
_NONE = N_("Of {all} things known of an answer, none goes with its score beyond what chance makes of so many.")
_EXPLAINED = N_(
    "All together explain {r2} of how scores differ (chance alone: {chance}); the rest is not in these data."
)
_ONE = N_("{term} ({effect} points, {interval})")
_LEVEL_OF = N_("{term}: {level}")
_ASSOCIATION = N_(
    "Effects are in points of the score, {low} to {high}, all else known held the same: a group against the mean of "
    "the groups, a number by each unit. They go with the score; none is proved to make it."
)
_DROPPED = N_("Left out, for these data cannot tell it apart: {terms}.")
_QUIET = N_("In the table alone, for they show nothing beyond chance: {terms}.")
_IMPORTANT = N_("{first} explains most: {share} of how scores differ. {shares}")
_TOP = N_("Then {terms}.")
_PART = N_("{term} ({share})")
_NO_PART = N_("Nothing that is known explains more of the score than chance would.")
_ORDER = N_(
    "How much of the spread each explains, averaged over all orders in which they could be counted: what two share is "
    "split between them."
)


def drivers(view: View, measure: str = "NPS") -> Drawn:
    """Everything known of an answer, and by how much the score goes up or down with it: a forest of effects."""
    found, words, asked = _model(view, measure), view.words, question(measure)
    effects = found["effects"].assign(label=_labels(found["effects"], words))
    frame = pd.DataFrame(
        {
            "group": [_short(row, words) for row in rows(effects)],
            "section": [_section(row, words) for row in rows(effects)],
            "value": effects["effect"], "low": effects["low"], "high": effects["high"], "rows": effects["rows"],
        }
    ).iloc[_drawn(effects, found)]  # fmt: skip
    least, most = asked.scale
    chart = forest(frame, unit="ratio", words=words, measure=words.say(N_("Effect on the score, points")))
    note = [words.say(_ASSOCIATION, low=words.count(least), high=words.count(most)), *_dropped(found, words)]
    note += _quiet(found, words)
    note.append(company.beware(words))
    drill = {"kpi": asked.key, "field": None}
    said = f"{_found(found, effects, words)} {_explained(found, words)}"
    table = _effects_table(effects, words)
    return Drawn(said, chart, table, int(found["answers"]), " ".join(note), company.slice_(view), drill)


def importance(view: View, measure: str = "NPS") -> Drawn:
    """Which of the things known explains most of how scores differ."""
    found, words = _model(view, measure), view.words
    terms = found["terms"].sort_values("importance", ascending=False).reset_index(drop=True)
    terms["group"] = [_term(term, words) for term in terms["term"].tolist()]
    frame = terms[["group"]].assign(
        value=terms["importance"], low=float("nan"), high=float("nan"), rows=found["answers"]
    )
    chart = charts.bars(frame, unit="share", words=words, measure=words.say(N_("Share of the spread explained")))
    terms["chance"] = [small(q, words) for q in terms["q"].tolist()]
    named = {"group": _TERM, "importance": _SHARE, "levels": _LEVELS, "chance": _Q, "found": _BEYOND}
    table = tables.shown(terms, named, {_SHARE: "share", _LEVELS: "count"})
    note = f"{words.say(_ORDER)} {company.beware(words)}"
    drill = {"kpi": question(measure).key, "field": None}
    return Drawn(_most(terms, words), chart, table, int(found["answers"]), note, company.slice_(view), drill)


def _model(view: View, measure: str) -> dict[str, Any]:
    models = why.found(view, "key_drivers")["models"]
    return why.checked(models.get(question(measure).key) or {"cannot": "no_answers"}, view.words)


def _term(term: str, words: Words) -> str:
    if term in TERMS:
        return words.say(TERMS[term])
    return words.dimension(term) if term in DIMENSIONS else term.replace("_", " ").capitalize()


def _section(effect: dict[str, Any], words: Words) -> str:
    """Under which heading an effect stands: what is counted together, members under their dimension."""
    return _term(effect["term"], words) if effect["level"] else words.say(_EACH)


def _short(effect: dict[str, Any], words: Words) -> str:
    """A member, or what is counted: its section says the rest."""
    level = str(effect["level"] or "")
    if not level:
        return _term(effect["term"], words)
    said = words.say(LEVELS[level]) if level in LEVELS else level
    return words.say(_RATHER, level=said, against=effect["against"]) if effect.get("against") else said


def _labels(effects: pd.DataFrame, words: Words) -> list[str]:
    return [
        words.say(_LEVEL_OF, term=_term(row["term"], words), level=_short(row, words)) if row["level"]
        else _term(row["term"], words)
        for row in rows(effects)
    ]  # fmt: skip


def _drawn(effects: pd.DataFrame, found: dict[str, Any]) -> list[int]:
    """What is counted first, then the dimensions that show something, by how much they explain, the lowest first."""
    terms, told = found["terms"], rows(effects)
    weight = dict(zip(terms["term"].tolist(), terms["importance"].tolist(), strict=True))
    kept = {row["term"] for row in told if not row["level"] or row["term"] in found["found"]}
    kept = kept or set(weight)

    def place(at: int) -> tuple[bool, float, str, float]:
        row = told[at]
        of = 0.0 if not row["level"] else -weight.get(row["term"], 0.0)
        return bool(row["level"]), of, row["term"] if row["level"] else "", row["effect"]

    return sorted((at for at, row in enumerate(told) if row["term"] in kept), key=place)


def _found(found: dict[str, Any], effects: pd.DataFrame, words: Words) -> str:
    given = {"all": words.count(len(found["terms"])), "found": words.count(len(found["found"]))}
    sure = [row for row in rows(effects) if row["found"]]
    if not sure:
        return words.say(_NONE, all=given["all"])
    first = sorted(sure, key=lambda row: -abs(row["effect"]))[:3]
    told = [
        words.say(
            _ONE, term=low(row["label"]), effect=words.difference(row["effect"], "ratio"),
            interval=words.interval(row["low"], row["high"], "ratio"),
        )
        for row in first
    ]  # fmt: skip
    return words.say(_FOUND, **given, strongest="; ".join(told))


def _explained(found: dict[str, Any], words: Words) -> str:
    return words.say(
        _EXPLAINED, r2=words.text(found["r2"], "share"), chance=words.text(found["r2_by_chance"], "share")
    )  # fmt: skip


def _dropped(found: dict[str, Any], words: Words) -> list[str]:
    names = [_term(one["term"], words) for one in found.get("dropped", []) if one.get("reason") != "absent"]
    return [words.say(_DROPPED, terms=some(names, words, 5))] if names else []


def _quiet(found: dict[str, Any], words: Words) -> list[str]:
    """The dimensions that the chart leaves to the table, for they show nothing."""
    levels = found["effects"].loc[found["effects"]["level"] != "", "term"].tolist()
    names = [_term(term, words) for term in dict.fromkeys(levels) if term not in found["found"]]
    return [words.say(_QUIET, terms=some(names, words, 6))] if names and found["found"] else []


def _most(terms: pd.DataFrame, words: Words) -> str:
    sure = [row for row in rows(terms) if row["found"]]
    if not sure:
        return words.say(_NO_PART)
    parts = [words.say(_PART, term=low(row["group"]), share=words.text(row["importance"], "share")) for row in sure[1:]]
    then = words.say(_TOP, terms=some(parts, words, 3)) if parts else ""
    share = words.text(sure[0]["importance"], "share")
    return words.say(_IMPORTANT, first=sure[0]["group"], share=share, shares=then).strip()


def _effects_table(effects: pd.DataFrame, words: Words) -> pd.DataFrame:
    told = effects.assign(between=between(effects["low"].tolist(), effects["high"].tolist(), words, "ratio"))
    told["chance"] = [small(q, words) for q in told["q"].tolist()]
    told = told.iloc[sorted(range(len(told)), key=lambda at: (told["q"].iloc[at], -abs(told["effect"].iloc[at])))]
    named = {"label": _TERM, "effect": _EFFECT, "between": INTERVAL, "chance": _Q, "found": _BEYOND, "rows": _ANSWERS}
    return tables.shown(told, named, {_EFFECT: "ratio", _ANSWERS: "count"})
