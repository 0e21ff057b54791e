"""The parts of a change in a report, as a table: what each member adds, by its weight and by its own figure."""

from __future__ import annotations

from collections.abc import Sequence

from kpilib.catalogue import CATALOGUE
from kpilib.change.explain import Explanation, Part
from kpilib.language import N_
from kpilib.show.markup import Html, element
from kpilib.show.words import Words, missing

from .markup import header, table, td

#: So many members are told, those first that add most.
MOST = 8
_WEIGHT, _RATE, _MIX, _OWN = N_("Share of the whole"), N_("Its figure"), N_("From the mix"), N_("From its figure")
_WITHOUT, _ADDED = N_("Change without it"), N_("Adds to the change")
_FROM_TO = N_("{before} → {now}")
_FACTOR = N_("Factor")


def contribution(part: Part) -> float:
    """What a member adds to the change of the whole, by its weight and by its own figure."""
    return part.mix + part.rate


def largest(found: Explanation) -> list[Part]:
    """The parts, those that add most to the change first, whichever way."""
    return sorted(found.parts, key=lambda part: -abs(contribution(part)))


def parts_table(found: Explanation, words: Words) -> Html:
    """The members with their weight and figure on both sides, and what each adds by mix and by its own figure."""
    whole = found.kpi.total or found.kpi.derived
    columns = (_RATE, _ADDED) if whole else (_WEIGHT, _RATE, _MIX, _OWN, _WITHOUT)
    first = words.say(_FACTOR) if found.kpi.derived else words.dimension(found.dimension)
    names = [first, *(words.say(column) for column in columns)]
    rows = [_row(part, found, names, words, whole) for part in largest(found)[:MOST]]
    return table(names, rows, len(names) - 1)


def member(part: Part, found: Explanation, words: Words) -> str:
    """What a part is called: a member by its name, a factor by its KPI's."""
    if found.kpi.derived and part.member in CATALOGUE:
        return words.say(CATALOGUE[part.member].name)
    return words.member(found.dimension, part.member)


def unit_of(part: Part, found: Explanation) -> str:
    """The unit of a part's own figure: a factor has its KPI's."""
    return CATALOGUE[part.member].unit if found.kpi.derived and part.member in CATALOGUE else found.kpi.unit


def _row(part: Part, found: Explanation, names: Sequence[str], words: Words, whole: bool) -> Html:
    unit = unit_of(part, found)
    given = {"before": words.short(part.rate_before, unit), "now": words.short(part.rate_now, unit)}
    rate = words.say(_FROM_TO, **given)
    if whole:
        cells = [rate, _by(contribution(part), found, words)]
    else:
        shares = {"before": words.text(part.weight_before, "share"), "now": words.text(part.weight_now, "share")}
        by = [_by(value, found, words) for value in (part.mix, part.rate, part.without)]
        cells = [words.say(_FROM_TO, **shares), rate, *by]
    told = [td(said, name, number=True) for said, name in zip(cells, names[1:], strict=True)]
    return element("tr", header(member(part, found, words)), *told)


def _by(value: float, found: Explanation, words: Words) -> str:
    return "" if missing(value) else words.difference(value, found.kpi.unit)
