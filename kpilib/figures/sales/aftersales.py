"""A product once it is sold: what it leaves, the work it asks for, whether it satisfies. Reached as ``sales.…``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kpilib.compute import selling
from kpilib.compute.frames import by_group, column, ranking, rows, taken
from kpilib.errors import CannotAnswer
from kpilib.figures import parts
from kpilib.language import N_
from kpilib.model.dimensions import DIMENSIONS
from kpilib.show import charts, sentences, tables
from kpilib.show.charts.plot import Plot
from kpilib.show.figure import Drawn
from kpilib.show.sentences import some
from kpilib.show.tables import INTERVAL, between
from kpilib.show.view import View
from kpilib.show.words import MINIMUM, Words, missing

_NO_TICKETS = N_(
    "After-sales effort needs the table '{table}', which these data do not have. It would say how many hours a product "
    "takes once it is sold, beside its margin."
)
_NO_SURVEYS = N_(
    "Satisfaction by product needs the table '{table}', which these data do not have. It would say whether those who "
    "bought a product are satisfied with it."
)
_EFFORT = N_("{units} units sold take {hours} hours of after-sales work ({interval}; {n} tickets).")
_FEW = N_("Fewer than two groups have {n} tickets or more; none is compared.")
_NONE_ABOVE = N_("Of {all} groups with {n} tickets or more, none asks for more than chance explains.")
_BEWARE = N_(
    "Tickets opened in the period, about what was sold then or before; of those not closed the hours are not known."
)
_WHOSE = N_("Tickets have no salesperson: the filter takes the customer's.")
_ORDER = N_("Groups in order of effort.")
_RELATION = N_("Asked about no product in particular, customers give an NPS of {score} ({interval}; {n} answers).")
_RATE, _HOURS_FOR, _TICKETS = N_("Margin rate"), N_("Hours for 100 units"), N_("Tickets")
_HOURS, _UNITS = N_("Hours"), N_("Units")
# What each question of a survey is called in the table: its score, its interval, its answers; and its unit.
_ASKED = {
    "csat": (N_("CSAT"), N_("CSAT, 95% interval"), N_("CSAT answers"), "share"),
    "nps": (N_("NPS"), N_("NPS, 95% interval"), N_("NPS answers"), "score"),
}


def aftersales(view: View, by: str = "product") -> Drawn:
    """The margin rate of each product beside the hours of work that it takes for 100 units sold."""
    _needs(view, "tickets", _NO_TICKETS)
    whole = rows(selling.effort(view.kpi("service_effort"), view.kpi("support_hours")))[0]
    if missing(whole["value"]):
        raise charts.Nothing("No row matches.")
    frame, words = _with_rates(view, by), view.words
    said = words.say(
        _EFFORT,
        units=words.count(selling.PER_UNITS), hours=words.text(whole["value"], "ratio"),
        interval=words.interval(whole["low"], whole["high"], "ratio"), n=words.count(whole["rows"]),
    )  # fmt: skip
    said = f"{said} {_heaviest(rows(frame), whole, words)}"
    drill = {"kpi": "service_effort", "field": by}
    table = _effort_table(frame, by, words)
    return Drawn(said, _effort_chart(frame, words), table, int(whole["rows"]), _beware(view), drill=drill)


def satisfaction(view: View, by: str = "product") -> Drawn:
    """The share of satisfied answers about each product, with its interval, beside its margin rate and its NPS."""
    _needs(view, "surveys", _NO_SURVEYS)
    answers, words = view.panel("answers", columns=[by, "product_id", "metric", "score"]), view.words
    named = answers["product_id"].notna().to_numpy()
    about = answers[named]
    scored, other = (parts.told(score(about, by), view) for score in (selling.csat, selling.nps))
    if scored.empty and other.empty:
        raise charts.Nothing("No row matches.")
    name, unit, axis, frame = "CSAT", "share", words.say("Satisfied: 4 or 5 of 5"), scored
    if scored.empty:
        name, unit, axis, frame = "NPS", "score", words.say("NPS"), other
    said = _who_satisfies(frame, sentences.Measure(name, unit, N_("answers"), "higher", words))
    chart = charts.bars(frame, unit=unit, words=words, measure=axis)
    counted = sum(scored["rows"].tolist()) + sum(other["rows"].tolist())
    note = _of_relation(answers[~named], words)
    drill = {"panel": "answers", "when": "answered_on", "field": by}
    return Drawn(said, chart, _satisfaction_table(view, by, scored, other), counted, note, drill=drill)


def _needs(view: View, table: str, without: str) -> None:
    if table not in view.book.tables:
        raise CannotAnswer(view.words.say(without, table=table))


def _with_rates(view: View, by: str) -> pd.DataFrame:
    """The effort of each group, the largest first, with its margin rate; those without an effort last."""
    measured = selling.effort(*(parts.asked(view, key, by) for key in ("service_effort", "support_hours")))
    order = ranking(measured)
    absent = np.flatnonzero(measured["value"].isna().to_numpy())
    rates = parts.found(view, "margin_rate", by)
    frame = taken(measured, np.concatenate([order, absent]))
    for name, given in (("margin_rate", "value"), ("rate_low", "low"), ("rate_high", "high")):
        frame[name] = column(frame["group"].tolist(), rates, given)
    return frame


def _effort_chart(frame: pd.DataFrame, words: Words) -> Plot:
    """Margin rate beside effort; effort alone without costs."""
    if frame["margin_rate"].isna().all():
        return charts.bars(frame, unit="ratio", words=words, measure=words.say(_HOURS_FOR))
    names = {"margin_rate": words.say(_RATE), "value": words.say(_HOURS_FOR)}
    return charts.pairs(frame, left=("margin_rate", "share"), right=("value", "ratio"), words=words, names=names)


def _heaviest(frame: list[dict[str, Any]], whole: dict[str, Any], words: Words) -> str:
    """Which groups ask for more than the whole, beyond what chance makes of so many."""
    able = [row for row in frame if row["rows"] >= MINIMUM and not missing(row["value"])]
    if len(able) < 2:
        return words.say(_FEW, n=MINIMUM)
    above = [
        words.say("{group} ({hours} hours)", group=row["group"], hours=words.text(row["value"], "ratio"))
        for row in able
        if row["value"] > whole["value"] and sentences.gap(row, whole, len(able)).supported
    ]
    if not above:
        return words.say(_NONE_ABOVE, all=len(able), n=MINIMUM)
    return words.plural(
        len(above),
        "{groups} asks for more than chance explains among {all} groups.",
        "{groups} ask for more than chance explains among {all} groups.",
        groups=some(above, words, 3), all=len(able),
    )  # fmt: skip


def _effort_table(frame: pd.DataFrame, by: str, words: Words) -> pd.DataFrame:
    rates = between(frame["rate_low"].tolist(), frame["rate_high"].tolist(), words)
    frame = frame.assign(between=tables.intervals(frame, words, "ratio"), rate_between=rates)
    named = {"group": DIMENSIONS[by].label}
    units = {_HOURS_FOR: "ratio", _TICKETS: "count", _HOURS: "count", _UNITS: "count"}
    # Without costs there is no margin rate to set the effort against.
    if frame["margin_rate"].notna().any():
        named |= {"margin_rate": _RATE, "rate_between": INTERVAL}
        units[_RATE] = "share"
    named |= {"value": _HOURS_FOR, "between": f"{INTERVAL} ", "rows": _TICKETS, "hours": _HOURS, "units": _UNITS}
    return tables.shown(frame, named, units)


def _satisfaction_table(view: View, by: str, scored: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Every group with an answer, the best satisfied first; its margin rate where there are sales."""
    by_name = {name: by_group(part) for name, part in (("csat", scored), ("nps", other)) if not part.empty}
    groups = _in_order(by_name)
    made: dict[str, list[Any]] = {DIMENSIONS[by].label: groups}
    units: dict[str, str] = {}
    for name, part in by_name.items():
        score, interval, answers, unit = _ASKED[name]
        value, low, high, counted = (column(groups, part, name) for name in ("value", "low", "high", "rows"))
        made |= {score: value, interval: between(low, high, view.words, unit), answers: counted}
        units |= {score: unit, answers: "count"}
    if not view.book.why_not("margin_rate"):
        made[_RATE] = column(groups, parts.found(view, "margin_rate", by), "value")
        units[_RATE] = "share"
    table = pd.DataFrame(made)
    table.attrs["units"] = units
    return table


def _in_order(by_name: dict[str, dict[str, Any]]) -> list[str]:
    """The groups of the first question from the best down, then those of few answers: they are not ranked."""
    first = next(iter(by_name.values()))
    groups = sorted({group for part in by_name.values() for group in part})

    def place(group: str) -> tuple[bool, bool, float]:
        row = first.get(group)
        return row is None or row["rows"] < MINIMUM, row is None, 0.0 if row is None else -row["value"]

    return sorted(groups, key=place)


def _who_satisfies(frame: pd.DataFrame, measure: sentences.Measure) -> str:
    said, answers = sentences.best_and_worst(frame, measure), frame["rows"].tolist()
    if max(answers) >= MINIMUM:
        return said
    words = measure.words
    return f"{said} {words.say('{n} answers in all: choose a longer period.', n=words.count(sum(answers)))}"


def _of_relation(answers: pd.DataFrame, words: Words) -> str:
    """The NPS that was asked about no product: said here, for it is nobody's product's."""
    relation = rows(selling.nps(answers.assign(all="all"), "all"))
    if not relation:
        return ""
    one = relation[0]
    return words.say(
        _RELATION,
        score=words.text(one["value"], "score"), interval=words.interval(one["low"], one["high"], "score"),
        n=words.count(one["rows"]),
    )  # fmt: skip


def _beware(view: View) -> str:
    said = [_BEWARE, _WHOSE, _ORDER] if "owner" in view.where else [_BEWARE, _ORDER]
    return " ".join(view.words.say(one) for one in said)
