"""The truths of a company as `answers.toml`: what was planted, and what only the generator knows of the outcome."""

import datetime as dt
from collections import Counter
from dataclasses import fields
from typing import Any

import numpy as np

from kpilib.demo import actions, events
from kpilib.demo.columns import Columns, take
from kpilib.demo.days import FAR, Window
from kpilib.demo.deals import Deals
from kpilib.demo.draws import Whole, exp
from kpilib.demo.truths import BELOW_CUT, SEGMENTS, SERVICES, SOURCES, Truths

_MICRO = 10**6
_LEAVING = ("below", "incident", "slow", "late", "new_salesperson", "new_owner", "first_renewal")
_TOP = "# What is true in the company beside this file, as it was planted; kpilib/demo/truths.py has the words.\n"


def outcome(voices: Columns, worked: Deals, begun: Whole, leave: Whole, span: Window) -> dict[str, Whole]:
    """Whole numbers that add up over blocks: what everybody would have said, what incidents took, what was hoped."""
    made = {}
    for at, metric in enumerate(("nps", "csat", "ces")):
        mine = take(voices, voices["metric"] == at)
        made[f"{metric}_asked"] = np.bincount(mine["score"], minlength=11)
        made[f"{metric}_answered"] = np.bincount(mine["score"][mine["known"]], minlength=11)
    made["incidents"] = _taken(take(voices, voices["known"] & (voices["metric"] == 0)))
    after = take(voices, voices["known"] & (voices["metric"] == 1) & (voices["touchpoint"] == 2))
    made["after_ticket"] = np.array([len(after["score"]), (after["score"] - after["without"]).sum()])
    closed = worked.take(np.flatnonzero(worked.close <= span.last))
    hopes = [np.round(values * _MICRO).astype(np.int64).sum() for values in (closed.belief, closed.chance)]
    made["hopes"] = np.array([closed.size, *hopes])
    months = span.month(np.minimum(leave, span.last)) - np.maximum(span.month(np.minimum(begun, span.last)), -1)
    made["months"] = np.array([months[begun < span.last].sum(), (leave < FAR).sum()])
    return made


def _taken(known: Columns) -> Whole:
    """Answers within 1–30, 31–60 and 61–90 days of one serious incident and of no other: how many, and points lost."""
    near = known["near"]
    alone = near.sum(axis=1) == 1
    lost = known["score"] - known["without"]
    steps = [alone & (near[:, step] == 1) for step in range(3)]
    return np.array([[step.sum(), lost[step].sum()] for step in steps], dtype=np.int64)


def added(known: dict[str, Whole], more: dict[str, Whole]) -> dict[str, Whole]:
    """The sums of two blocks."""
    return {name: known[name] + value if name in known else value for name, value in more.items()}


def text(
    head: dict[str, Any],
    truth: Truths,
    known: dict[str, Whole],
    span: Window,
    faults: dict[str, Counter[str]],
    twins: list[dict[str, Any]],
) -> str:
    """The whole file."""
    order = {"segments": SEGMENTS, "sources": SOURCES, "services": SERVICES}
    parts = [_TOP, _table("", head), _table("order", order)]
    parts.append(_table("effects", {f.name: getattr(truth, f.name) for f in fields(truth)}))
    parts += [_table("threshold", _threshold(truth)), _table("hazard_ratio", _ratios(truth))]
    parts += [_table("outcome", _said(known)), _table("events", _events(span))]
    parts.append(_table("actions", actions.truth(span, truth)))
    parts += [_faults(faults)] if faults else []
    parts += [_table("[twins]", pair) for pair in twins]
    return "\n".join(parts)


def _threshold(truth: Truths) -> dict[str, Any]:
    planted = truth.leave_below != 0
    return {"exists": planted, "metric": "nps", "touchpoint": "Relationship", **({"cut": BELOW_CUT} if planted else {})}


def _ratios(truth: Truths) -> dict[str, Any]:
    """By term: an incident more, thirty days later on average, yes against no."""
    made = {name: _factor(getattr(truth, f"leave_{name}")) for name in _LEAVING}
    base = truth.leave_base
    return {**made, **{s: _factor_of(base[i], base[0]) for i, s in enumerate(SEGMENTS) if i}, "tenure": 1.0}


def _factor(effect: float) -> float:
    return round(float(exp(effect)), 3)


def _factor_of(rate: float, reference: float) -> float:
    return round(rate / reference, 3)


def _said(known: dict[str, Whole]) -> dict[str, Any]:
    asked, heard = known["nps_asked"], known["nps_answered"]
    n, belief, chance = known["hopes"].tolist()
    made: dict[str, Any] = {"customer_months": int(known["months"][0]), "left": int(known["months"][1])}
    made |= {"nps_if_all_answered": _nps(asked), "nps_of_answers": _nps(heard)}
    made |= {f"{m}_mean_if_all_answered": _mean(known[f"{m}_asked"]) for m in ("csat", "ces")}
    made |= {f"{m}_mean_of_answers": _mean(known[f"{m}_answered"]) for m in ("csat", "ces")}
    made["incident_on_given_nps"] = [_share(points, count) for count, points in known["incidents"].tolist()]
    made["ticket_on_given_csat"] = _share(known["after_ticket"][1], known["after_ticket"][0])
    made |= {"closed_deals": n, "declared_minus_true_chance": _share((belief - chance) / _MICRO, n)}
    return made


def _nps(counts: Whole) -> float:
    return _share(100 * (counts[9:].sum() - counts[:7].sum()), counts.sum())


def _mean(counts: Whole) -> float:
    return _share((counts * np.arange(len(counts))).sum(), counts.sum())


def _share(part: float, whole: float) -> float:
    return round(float(part) / float(whole), 4) if whole else 0.0


def _events(span: Window) -> dict[str, Any]:
    """The day of each event in the window."""
    days = vars(events.days_of(span))
    epoch = dt.date(1970, 1, 1)
    return {name: epoch + dt.timedelta(day) for name, day in days.items() if span.first <= day <= span.last}


def _faults(faults: dict[str, Counter[str]]) -> str:
    """One entry a table, check and column: the rows that bear it."""
    rows = []
    for name, counted in faults.items():
        for fault, count in counted.items():
            check, column = fault.split("|")
            if count:
                rows.append(_table("[faults]", {"table": name, "check": check, "column": column, "rows": count}))
    return "\n".join(rows)


def _table(name: str, values: dict[str, Any]) -> str:
    said = [f"[{name}]"] if name else []
    return "\n".join([*said, *(f"{_key(key)} = {_value(value)}" for key, value in values.items())]) + "\n"


def _key(key: str) -> str:
    return key if key.replace("_", "").isalnum() else f'"{key}"'


def _value(value: Any) -> str:
    if isinstance(value, (tuple, list)):
        return f"[{', '.join(_value(one) for one in value)}]"
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)
