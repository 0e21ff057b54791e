"""What a customer is worth over its life: from contracts that end, and from purchases alone. Reached as ``churn.…``."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kpilib.compute.frames import rows
from kpilib.errors import CannotAnswer
from kpilib.figures import company, why
from kpilib.language import N_
from kpilib.model.dimensions import DIMENSIONS, NOT_GIVEN
from kpilib.show.charts.forest import forest
from kpilib.show.figure import Drawn
from kpilib.show.tables import between
from kpilib.show.view import View
from kpilib.show.words import NOTHING, Words, missing

_CUSTOMERS, _CHURN, _MARGIN = N_("Customers"), N_("Left a month"), N_("Margin a month")
_CONTRACT, _PURCHASES = N_("By contracts"), N_("By purchases")
_CONTRACT_INTERVAL, _PURCHASES_INTERVAL = N_("By contracts, 95% interval"), N_("By purchases, 95% interval")
_ALL = N_("All")
_ASSUMES = {
    "margin": N_(
        "Margin of the next {months} months, discounted at {discount} a year, the first a month from now. “By "
        "contracts” reckons with the departures that were recorded; “By purchases” looks at orders alone, as if nobody "
        "told us when a customer leaves (BG/NBD and Gamma–Gamma). Where the two differ, the first knows more."
    ),
    "revenue": N_(
        "Revenue (no cost is known) of the next {months} months, discounted at {discount} a year, the first a month "
        "from now. “By contracts” reckons with the departures that were recorded; “By purchases” looks at orders "
        "alone, as if nobody told us when a customer leaves (BG/NBD and Gamma–Gamma). Where the two differ, the first "
        "knows more."
    ),
}


def lifetime_value(view: View) -> Drawn:
    """The value of a customer by segment: by recorded departures and by purchases alone, each with its interval."""
    words, finding = view.words, why.found(view, "lifetime")
    ways = {name: finding[name] for name in ("contractual", "purchases") if not finding[name].get("cannot")}
    if not ways:
        raise CannotAnswer(why.said(finding["contractual"], words))
    names = {"contractual": words.say(_CONTRACT), "purchases": words.say(_PURCHASES)}
    lines = {name: {row["segment"]: row for row in rows(way["groups"])} for name, way in ways.items()}
    groups = sorted({group for known in lines.values() for group in known}, key=lambda group: (group != "", group))
    points = [_point(group, way, lines[way][group], words) for group in groups for way in lines if group in lines[way]]
    frame = pd.DataFrame(points)
    chart = forest(
        frame if len(ways) > 1 else frame.drop(columns="series"), unit="money", words=words,
        measure=words.say("Value of a customer"), names={name: names[name] for name in ways} if len(ways) > 1 else None,
    )  # fmt: skip
    counted = int(sum(known[""]["customers"] for known in list(lines.values())[:1] if "" in known))
    day = words.say("The whole company, customers of {day}", day=str(finding["as_of"])[:10])
    drill = {"kpi": "active_customers", "field": None}
    note = " ".join([_assumes(finding, words), *_absent(finding, ways, words), company.beware(words)])
    return Drawn(_said(groups, lines, words), chart, _table(groups, lines, words), counted, note, day, drill)


def _assumes(finding: dict[str, Any], words: Words) -> str:
    given = {"months": words.count(finding["horizon"]), "discount": words.text(finding["discount"], "share")}
    return words.say(_ASSUMES[finding["basis"]], **given)


def _absent(finding: dict[str, Any], ways: dict[str, Any], words: Words) -> list[str]:
    """Why one of the two ways is not there."""
    named = {"contractual": _CONTRACT, "purchases": _PURCHASES}
    return [
        words.say("No value “{way}”: {reason}", way=words.say(named[name]), reason=why.said(finding[name], words))
        for name in named
        if name not in ways
    ]


def _point(group: str, way: str, row: dict[str, Any], words: Words) -> dict[str, Any]:
    return {
        "group": _named(group, words), "series": way, "value": row["value"], "low": row["low"], "high": row["high"],
        "rows": row["customers"],
    }  # fmt: skip


def _named(group: str, words: Words) -> str:
    if not group:
        return words.say(_ALL)
    return words.say(NOT_GIVEN) if group == NOT_GIVEN else group


def _said(groups: list[str], lines: dict[str, dict[str, dict[str, Any]]], words: Words) -> str:
    """The value of all, and of the segments with the largest and the smallest."""
    known = next(iter(lines.values()))
    said = []
    if "" in known and not missing(known[""]["value"]):
        one = known[""]
        said.append(
            words.say(
                "A customer is worth {value} on average ({interval}), {total} in all.",
                value=words.text(one["value"], "money"), interval=_interval(one, words),
                total=words.short(one["total"], "money"),
            )
        )  # fmt: skip
    parts = [row for group, row in known.items() if group and not missing(row["value"])]
    if len(parts) > 1:
        most, least = max(parts, key=lambda row: row["value"]), min(parts, key=lambda row: row["value"])
        said.append(
            words.say(
                "{most} are worth most, {value} each ({interval}); {least} least, {other} ({other_interval}).",
                most=_named(most["segment"], words), value=words.text(most["value"], "money"),
                interval=_interval(most, words), least=_named(least["segment"], words),
                other=words.text(least["value"], "money"), other_interval=_interval(least, words),
            )
        )  # fmt: skip
    return " ".join(said) or words.say("No group has enough customers to put a value on.")


def _interval(row: dict[str, Any], words: Words) -> str:
    return words.interval(row["low"], row["high"], "money") or NOTHING


def _table(groups: list[str], lines: dict[str, dict[str, dict[str, Any]]], words: Words) -> pd.DataFrame:
    contract, purchases = lines.get("contractual", {}), lines.get("purchases", {})
    known = contract or purchases
    made: dict[str, list[Any]] = {
        DIMENSIONS["segment"].label: [_named(group, words) for group in groups],
        _CUSTOMERS: [known[group]["customers"] if group in known else None for group in groups],
    }
    units = {_CUSTOMERS: "count"}
    if contract:
        made |= {
            _CHURN: [contract[group]["churn"] if group in contract else None for group in groups],
            _MARGIN: [contract[group]["margin"] if group in contract else None for group in groups],
            _CONTRACT: [contract[group]["value"] if group in contract else None for group in groups],
            _CONTRACT_INTERVAL: _intervals(groups, contract, words),
        }
        units |= {_CHURN: "share", _MARGIN: "money", _CONTRACT: "money"}
    if purchases:
        made |= {
            _PURCHASES: [purchases[group]["value"] if group in purchases else None for group in groups],
            _PURCHASES_INTERVAL: _intervals(groups, purchases, words),
        }
        units |= {_PURCHASES: "money"}
    table = pd.DataFrame(made)
    table.attrs["units"] = units
    return table


def _intervals(groups: list[str], known: dict[str, dict[str, Any]], words: Words) -> list[str]:
    nothing = {"low": float("nan"), "high": float("nan")}
    ends = [(row["low"], row["high"]) for row in (known.get(group, nothing) for group in groups)]
    return between([low for low, _ in ends], [high for _, high in ends], words, "money")
