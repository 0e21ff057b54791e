"""Sources of leads in the order of what to expect of them, not of what luck showed. Reached as ``acquisition.…``."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kpilib.analysis.acquisition import expected
from kpilib.compute.frames import rows
from kpilib.language import N_
from kpilib.model.dimensions import DIMENSIONS, NOT_GIVEN
from kpilib.show import charts
from kpilib.show.figure import Drawn
from kpilib.show.tables import INTERVAL, between
from kpilib.show.view import View
from kpilib.show.words import MINIMUM, Words

from .fitting import fitted, told

_LEADS, _SEEN, _EXPECTED, _STANDS = N_("Leads"), N_("Seen"), N_("To be expected"), N_("Against the others")
_MEASURE = N_("Conversion to be expected")
_HOW = {"above": N_("above"), "below": N_("below"), "alike": N_("not told apart"), "small": N_("too few to rank")}


def prospecting(view: View, by: str = "source") -> Drawn:
    """The conversion to be expected of each source, campaign or region, its own share drawn towards that of all."""
    kept, note = fitted(view, "leads")
    words, asked = view.words, kept.kpi("conversion_rate", by=by)
    asked = asked[asked["rows"] > 0]
    nameless = (asked["group"] == NOT_GIVEN).to_numpy(bool)
    frame = asked[~nameless].reset_index(drop=True)
    if frame.empty:
        raise charts.Nothing("No row matches.")
    ranked = expected(frame)
    drawn = pd.DataFrame(
        {
            "group": ranked["group"], "value": ranked["expected"], "rows": ranked["denominator"],
            "low": ranked["expected_low"], "high": ranked["expected_high"],
        }
    )  # fmt: skip
    chart = charts.bars(drawn, unit="share", words=words, measure=words.say(_MEASURE), ranked=False)
    notes = words.say(
        "A small group reaches the top and the bottom by luck. What is to be expected lies between what a group showed "
        "and what all did, the nearer to all the fewer leads it had (empirical Bayes). Hollow: fewer than {n} leads.",
        n=MINIMUM,
    )
    drill = {"kpi": "conversion_rate", "field": by}
    return Drawn(
        _said(rows(ranked), words), chart, _table(ranked, by, words), int(ranked["denominator"].sum()),
        told(notes, _nameless(int(asked[nameless]["rows"].sum()), words), note), kept.text, drill,
    )  # fmt: skip


def _nameless(left: int, words: Words) -> str:
    """How many leads belong to none of the groups; empty text for none."""
    if not left:
        return ""
    one, many = N_("{n} lead that names none is left out."), N_("{n} leads that name none are left out.")
    return words.plural(left, one, many, n=words.count(left))


def _said(ranked: list[dict[str, Any]], words: Words) -> str:
    """The first and the last of those that are ranked, and how many stand apart from the others."""
    large = [row for row in ranked if not row["small"]]
    if not large:
        return words.say("No group has {n} leads or more; none is ranked.", n=MINIMUM)
    apart = sum(bool(row["found"]) for row in large)
    if len(large) == 1:
        return words.say(
            "Only {group} has {n} leads or more; there is nothing to rank.", group=large[0]["group"], n=MINIMUM
        )
    if not apart:
        return words.say(
            "Chance explains the order of the {n} groups: none stands apart from the others, all of them looked at.",
            n=len(large),
        )
    given: dict[str, str] = {}
    for name, row in (("best", large[0]), ("worst", large[-1])):
        given[name] = str(row["group"])
        given[f"{name}_share"] = words.text(row["expected"], "share")
        given[f"{name}_seen"] = words.text(row["value"], "share")
        given[f"{name}_n"] = words.count(row["denominator"])
    said = words.say(
        "Most is to be expected of {best}: {best_share} (seen: {best_seen} of {best_n}); least of {worst}: "
        "{worst_share} (seen: {worst_seen} of {worst_n}).",
        **given,
    )
    more = words.plural(
        apart, "{n} of {all} groups stands apart from the others by more than chance.",
        "{n} of {all} groups stand apart from the others by more than chance.", n=apart, all=len(large),
    )  # fmt: skip
    return f"{said} {more}"


def _table(ranked: pd.DataFrame, by: str, words: Words) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            DIMENSIONS[by].label: ranked["group"],
            _LEADS: ranked["denominator"],
            _SEEN: ranked["value"],
            _EXPECTED: ranked["expected"],
            INTERVAL: between(ranked["expected_low"].tolist(), ranked["expected_high"].tolist(), words),
            _STANDS: [_stands(row, words) for row in rows(ranked)],
        }
    )
    table.attrs["units"] = {_LEADS: "count", _SEEN: "share", _EXPECTED: "share"}
    return table


def _stands(row: dict[str, Any], words: Words) -> str:
    if row["small"]:
        return words.say(_HOW["small"])
    if not row["found"]:
        return words.say(_HOW["alike"])
    return words.say(_HOW["above" if row["value"] > row["expected"] else "below"])
