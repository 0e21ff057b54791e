"""What leads and customers cost by source, what they are worth against it, what campaigns left. ``acquisition.…``."""

from __future__ import annotations

from typing import Any

import numpy as np

from kpilib.compute.frames import ranking, taken
from kpilib.errors import unknown
from kpilib.figures import parts
from kpilib.figures.drivers import listed
from kpilib.language import N_
from kpilib.model.dimensions import DIMENSIONS
from kpilib.show import charts, sentences, tables
from kpilib.show.figure import Drawn
from kpilib.show.view import View
from kpilib.show.words import Words

from .fitting import fitted, told

#: What may be set against what it cost: the name that a reader chooses, and the KPI.
COSTS = {
    N_("Customer acquisition cost"): "cac",
    N_("Cost per lead"): "cost_per_lead",
    N_("Lifetime value to acquisition cost"): "ltv_to_cac",
    N_("Payback"): "payback",
}
_OF = {
    "cac": N_("costs and customers"), "cost_per_lead": N_("costs and leads"), "ltv_to_cac": N_("costs and customers"),
    "payback": N_("costs and customers"),
}  # fmt: skip
_FREE = N_("No cost is recorded of {sources}: what seems to come for nothing takes time that is in no table.")
_CAMPAIGNS = N_("campaigns")


def cost(view: View, measure: str = "Customer acquisition cost") -> Drawn:
    """What a customer or a lead of each source costs, or what a customer is worth against it, with intervals."""
    if measure not in COSTS:
        raise unknown("measure of what it costs", measure, COSTS)
    key = COSTS[measure]
    kept, note = fitted(view, "acquisition")
    kpi, words = view.book.kpis[key], view.words
    whole, frame = kept.kpi(key), parts.asked(kept, key, "source")
    known = frame[frame["value"].notna()].reset_index(drop=True)
    if known.empty:
        raise charts.Nothing("No row matches.")
    told_of = sentences.Measure.of_kpi(kpi, words, _OF[key])
    chart = charts.bars(known, unit=kpi.unit, words=words, measure=words.say(kpi.name))
    said = f"{sentences.one_value(whole, told_of)} {sentences.best_and_worst(known, told_of)}"
    notes = told(words.say(kpi.caveat), _free(kept, words), note)
    table = tables.kpi_table(taken(known, ranking(known)), kpi, words, DIMENSIONS["source"].label)
    drill = {"kpi": "cost_per_lead" if key == "cost_per_lead" else "cac", "field": "source"}
    return Drawn(said, chart, table, int(np.nansum(whole["rows"])), notes, kept.text, drill)


def _free(view: View, words: Words) -> str:
    """The sources that brought customers and of which no cost is recorded."""
    frame = parts.asked(view, "cac", "source")
    free = frame[((frame["denominator"] > 0) & frame["value"].isna()).to_numpy(bool)]["group"].tolist()
    return words.say(_FREE, sources=listed([str(one) for one in free], words, 4)) if free else ""


def returns(view: View, by: str = "source") -> Drawn:
    """What campaigns left of their customers' first twelve months for each euro, all of them since the data begin."""
    kept, note = fitted(view.but(since=None), "campaigns")
    kpi, words = view.book.kpis["campaign_roi"], view.words
    whole, frame = kept.kpi("campaign_roi"), parts.asked(kept, "campaign_roi", by)
    known = frame[frame["value"].notna()].reset_index(drop=True)
    if known.empty:
        raise charts.Nothing("No row matches.")
    measure = sentences.Measure.of_kpi(kpi, words, _CAMPAIGNS)
    # A campaign is one row: its bar is no sample of others, and is not greyed for that.
    chart = charts.bars(known, unit=kpi.unit, words=words, measure=words.say(kpi.name), minimum=1)
    best = sentences.best_and_worst(known, measure) if by == "source" else _spread(known, words)
    notes = told(words.say(kpi.caveat), _young(kept, int(np.nansum(whole["rows"])), words), note)
    table = tables.kpi_table(taken(known, ranking(known)), kpi, words, DIMENSIONS[by].label)
    drill = {"kpi": "campaign_roi", "field": by}
    counted = int(np.nansum(whole["rows"]))
    return Drawn(f"{sentences.one_value(whole, measure)} {best}", chart, table, counted, notes, kept.text, drill)


def _spread(known: Any, words: Words) -> str:
    """How many campaigns brought back what they cost within the year."""
    back = int((known["value"] >= 0).sum())
    return words.say(
        "{n} of {all} campaigns brought back what they cost within a year.",
        n=words.count(back), all=words.count(len(known)),
    )  # fmt: skip


def _young(view: View, counted: int, words: Words) -> str:
    """How many campaigns are too young for it."""
    left = len(view.panel("campaigns", columns=["campaign_id", "cost"]).dropna(subset="cost")) - counted
    if left <= 0:
        return ""
    return words.plural(
        left, "{n} campaign is too young and left out.", "{n} campaigns are too young and left out.", n=left
    )
