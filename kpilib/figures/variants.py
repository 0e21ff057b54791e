"""One KPI under all its definitions: how far they lie apart, and whether a conclusion depends on which is chosen.

For any KPI that has variants, on any page: `definitions` compares them over the slice and the window before it, `best`
says who stands first and who last under each.
"""

from typing import Any

import pandas as pd

from kpilib.compute.frames import downward, rows
from kpilib.errors import CannotAnswer
from kpilib.language import N_
from kpilib.show.charts.forest import forest
from kpilib.show.charts.plot import Nothing, Plot
from kpilib.show.figure import Drawn
from kpilib.show.tables import INTERVAL, between
from kpilib.show.view import View
from kpilib.show.words import MINIMUM, Words, low, missing

from . import parts
from .drivers import listed

_DEFINITION, _SAYS, _ABOVE, _BELOW = N_("Definition"), N_("What it says"), N_("Above"), N_("Below")
_BEFORE, _CHANGE, _BEST, _WORST = N_("The window before"), N_("Against it"), N_("Best"), N_("Worst")
_VALUE, _OTHER_VALUE = N_("Its value"), N_("Its value ")
_CHANGES = {"better": N_("better"), "worse": N_("worse"), "same": N_("the same")}
# More groups than this times as many definitions are left to the table.
_DRAWN = 20
_SPREAD = N_(
    "By its main definition the {measure} is {value}; its {n} definitions go from {low} ({first}) to {high} ({last})."
)
_ALONE = N_("By its main definition the {measure} is {value}; no other definition can be answered on these rows.")
_OTHER_UNIT = N_("By its main definition the {measure} is {value}; the others are in other units, in the table.")
_ALL = {
    "better": N_("By all of them it is better than in the window before."),
    "worse": N_("By all of them it is worse than in the window before."),
}
_FLIPS = N_(
    "Beware: whether it got better depends on the definition: better by {better}; worse by {worse}. Say which you mean."
)
_NONE_BEFORE = N_("There is no window before to compare with.")
_SAME_BEST = N_("{group} stands first by each of the {n} definitions of the {measure}.")
_OTHER_BEST = N_("Beware: who stands first depends on the definition of the {measure}: {said}.")
_TOO_FEW = N_("No two groups have {n} rows or more under any definition; nobody is ranked.")


def definitions(view: View, key: str) -> Drawn:
    """A KPI under each of its definitions: values, intervals, the window before, and whether they agree on the change.

    Parameters
    ----------
    key : str
        A KPI that has variants.

    Raises
    ------
    CannotAnswer
        The KPI has one definition only, or these data cannot answer it.
    """
    kpi, words = _known(view, key), view.words
    lines = _lines(view.variants(key), kpi, words)
    if all(missing(line["value"]) for line in lines):
        raise Nothing("No row matches.")
    said = " ".join([_spread(lines, kpi, words), *_changes(lines, words)])
    said_of = words.say("Better and worse are as observed; chance may explain small changes.")
    note = " ".join([*([words.say(kpi.caveat)] if kpi.caveat else []), said_of])
    chart = _side_by_side(lines, kpi, words)
    drill = {"kpi": key, "field": None}
    return Drawn(said, chart, _table(lines, words), int(max(line["rows"] for line in lines)), note, drill=drill)


def best(view: View, key: str, by: str = "segment") -> Drawn:
    """Who stands first and who last under each definition of a KPI, and whether that depends on the definition.

    Parameters
    ----------
    key : str
        A KPI that has variants.
    by : str
        A dimension. Groups of few rows are not ranked.

    Raises
    ------
    CannotAnswer
        The KPI has one definition only, or these data cannot answer it.
    """
    kpi, words = _known(view, key), view.words
    frame = parts.told(view.variants(key, by=by), view)
    ranked = _ranked(_lines(frame, kpi, words))
    if not ranked:
        raise Nothing("No row matches.") if frame.empty else CannotAnswer(words.say(_TOO_FEW, n=MINIMUM))
    table = pd.DataFrame(
        {
            _DEFINITION: list(ranked),
            _BEST: [groups[0]["group"] for groups in ranked.values()],
            _VALUE: [words.text(groups[0]["value"], groups[0]["unit"]) for groups in ranked.values()],
            _WORST: [groups[-1]["group"] for groups in ranked.values()],
            _OTHER_VALUE: [words.text(groups[-1]["value"], groups[-1]["unit"]) for groups in ranked.values()],
        }
    )
    note = words.say(
        "First and last are as observed; chance alone may exchange groups whose intervals overlap. By {dimension}.",
        dimension=low(words.dimension(by)),
    )
    counted = int(sum(row["rows"] for row in next(iter(ranked.values()))))
    drill = {"kpi": key, "field": by}
    return Drawn(_first(ranked, kpi, words), _groups(ranked, kpi, words, by), table, counted, note, drill=drill)


def _known(view: View, key: str) -> Any:
    kpi, words = view.book.kpis[key], view.words
    if not kpi.variants:
        raise CannotAnswer(words.say("{kpi} has one definition only: there is nothing to compare.", kpi=kpi.name))
    why = view.book.why_not(key, view.locale)
    if why:
        raise CannotAnswer(why)
    return kpi


def _lines(frame: pd.DataFrame, kpi: Any, words: Words) -> list[dict[str, Any]]:
    """The rows of `Book.variants`, each definition called in the reader's language, with what it asks."""
    asks = {name: words.say(kpi.variant(name).question) for name in set(frame["variant"].tolist())}
    return [{**row, "said": words.say(row["name"]), "asks": asks[row["variant"]]} for row in rows(frame)]


def _spread(lines: list[dict[str, Any]], kpi: Any, words: Words) -> str:
    """From where to where the definitions of the main one's unit go."""
    alike = [line for line in lines if line["unit"] == kpi.unit and not missing(line["value"])]
    ordered = downward(({**line, "group": line["said"]} for line in alike), "value", lower=True)
    main = next((line for line in alike if line["variant"] == "main"), None)
    given = {"measure": low(words.say(kpi.name)), "value": words.text(main["value"] if main else None, kpi.unit)}
    if len(ordered) < 2:
        others = any(line["unit"] != kpi.unit and not missing(line["value"]) for line in lines)
        return words.say(_OTHER_UNIT if others else _ALONE, **given)
    first, last = ordered[0], ordered[-1]
    ends = {"low": words.text(first["value"], kpi.unit), "high": words.text(last["value"], kpi.unit)}
    return words.say(_SPREAD, n=len(ordered), first=low(first["said"]), last=low(last["said"]), **given, **ends)


def _changes(lines: list[dict[str, Any]], words: Words) -> list[str]:
    """Whether the definitions agree on better or worse than before."""
    known = [line for line in lines if line["change"]]
    if not known:
        return [words.say(_NONE_BEFORE)]
    ways = {way: [low(line["said"]) for line in known if line["change"] == way] for way in ("better", "worse")}
    if all(ways.values()):
        return [words.say(_FLIPS, **{way: listed(names, words) for way, names in ways.items()})]
    return [words.say(_ALL[way]) for way, names in ways.items() if len(names) == len(known)]


def _side_by_side(lines: list[dict[str, Any]], kpi: Any, words: Words) -> Plot | None:
    """A point a definition, now and before, about the main one's value; those of the main one's unit."""
    alike = [line for line in lines if line["unit"] == kpi.unit and not missing(line["value"])]
    if len(alike) < 2:
        return None
    now = [{**line, "group": line["said"], "series": "now"} for line in alike]
    then = [
        {**line, "value": line["before"], "low": None, "high": None, "rows": None, "series": "before"}
        for line in now
        if not missing(line["before"])
    ]
    drawn = pd.DataFrame([one for pair in _zipped(now, then) for one in pair])
    drawn = drawn[["group", "value", "low", "high", "rows", "series"]]
    names = {"now": words.say("Now"), "before": words.say("Before")} if then else None
    main = next((line["value"] for line in alike if line["variant"] == "main"), alike[0]["value"])
    return forest(
        drawn if then else drawn.drop(columns="series"), unit=kpi.unit, words=words, measure=words.say(kpi.name),
        reference=main, names=names,
    )  # fmt: skip


def _zipped(now: list[dict[str, Any]], then: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Each definition's two lines together."""
    return [[line, *(other for other in then if other["group"] == line["group"])] for line in now]


def _table(lines: list[dict[str, Any]], words: Words) -> pd.DataFrame:
    return pd.DataFrame(
        {
            _DEFINITION: [line["said"] for line in lines],
            _SAYS: [_says(line) for line in lines],
            _VALUE: [words.text(line["value"], line["unit"]) for line in lines],
            INTERVAL: [between([line["low"]], [line["high"]], words, line["unit"])[0] for line in lines],
            _ABOVE: [words.count(line["numerator"]) for line in lines],
            _BELOW: [words.count(line["denominator"]) for line in lines],
            _BEFORE: [words.text(line["before"], line["unit"]) for line in lines],
            _CHANGE: [words.say(_CHANGES[line["change"]]) if line["change"] in _CHANGES else "" for line in lines],
        }
    )


def _says(line: dict[str, Any]) -> str:
    """What a definition asks; what keeps these data from answering it, where something does."""
    return str(line["missing"] or line["asks"])


def _ranked(lines: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Under each definition the groups of enough rows, the best first; definitions that rank two at least."""
    by_name: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        if not missing(line["value"]) and line["rows"] >= MINIMUM:
            by_name.setdefault(line["said"], []).append(line)
    return {
        name: downward(groups, "value", lower=groups[0]["better"] == "lower")
        for name, groups in by_name.items()
        if len(groups) > 1
    }


def _first(ranked: dict[str, list[dict[str, Any]]], kpi: Any, words: Words) -> str:
    """Whether one group stands first by all definitions."""
    firsts: dict[str, list[str]] = {}
    for name, groups in ranked.items():
        firsts.setdefault(str(groups[0]["group"]), []).append(low(name))
    measure = low(words.say(kpi.name))
    if len(firsts) == 1:
        return words.say(_SAME_BEST, group=next(iter(firsts)), n=len(ranked), measure=measure)
    said = [words.say("{group} by {names}", group=group, names=listed(names, words)) for group, names in firsts.items()]
    return words.say(_OTHER_BEST, measure=measure, said="; ".join(said[:4]))


def _groups(ranked: dict[str, list[dict[str, Any]]], kpi: Any, words: Words, by: str) -> Plot | None:
    """The groups under each definition of the main one's unit, where there is room for all."""
    alike = [{**row, "section": name} for name, groups in ranked.items() for row in groups if row["unit"] == kpi.unit]
    if not 0 < len(alike) <= _DRAWN:
        return None
    frame = pd.DataFrame(alike)[["group", "section", "value", "low", "high", "rows"]]
    main = next((row["value"] for row in alike), None)
    return forest(
        frame, unit=kpi.unit, words=words, measure=words.say(kpi.name), reference=main,
        most=_DRAWN,
    )  # fmt: skip
