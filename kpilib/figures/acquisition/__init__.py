"""The figures of the page "Acquisition": who comes, who buys, what it costs, when that pays back.

Each function takes the view in force and the values of the figure's own lists, and returns what to draw. Cohorts,
curves and the time to convert are in `converting`, sources in order of what to expect of them in `prospecting`, costs
and what they buy in `costs`, e-mails in `mails`, the other definitions in `variants`; all are reached as
``acquisition.…``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kpilib.compute.frames import ranking, taken
from kpilib.errors import unknown
from kpilib.figures import events, parts, variants
from kpilib.language import N_
from kpilib.model.dimensions import DIMENSIONS
from kpilib.periods import Grain
from kpilib.show import charts, sentences, tables
from kpilib.show.figure import Drawn
from kpilib.show.view import View
from kpilib.show.words import Words

from .converting import cohorts, curves, days_to_convert
from .costs import COSTS, cost, returns
from .fitting import fitted, told
from .mails import RATES, mail_rates, mails
from .prospecting import prospecting

__all__ = [
    "BY", "COSTS", "CURVES", "MEASURES", "RANKED", "RATES", "RETURNS", "TILES", "breakdown", "cohorts",
    "conversion_definitions", "cost", "cost_definitions", "curves", "days_to_convert", "mail_rates", "mails",
    "prospecting", "returns", "trend",
]  # fmt: skip

#: The KPIs of the page's tiles.
TILES = (
    "leads", "conversion_rate", "cost_per_lead", "cac", "ltv_to_cac", "payback", "click_rate", "unsubscribe_rate",
)  # fmt: skip
#: What leads may be grouped by, the first at the start.
BY = ("source", "segment", "region", "campaign")
#: The same for curves, which need few and large groups; for ranks; for what campaigns brought.
CURVES, RANKED, RETURNS = ("source", "segment", "region"), ("source", "campaign", "region"), ("source", "campaign")
#: What the page may follow: the name that a reader chooses, and the KPI.
MEASURES = {N_("Conversion rate"): "conversion_rate", N_("Leads"): "leads"}
_COUNTED = {"conversion_rate": N_("leads"), "leads": N_("leads")}


def conversion_definitions(view: View) -> Drawn:
    """The conversion rate under each of its definitions, now and in the window before."""
    kept, note = fitted(view, "leads", "arrivals")
    return _with(variants.definitions(kept, "conversion_rate"), kept, note)


def cost_definitions(view: View) -> Drawn:
    """The cost of a new customer under each of its definitions, now and in the window before."""
    kept, note = fitted(view, "acquisition")
    return _with(variants.definitions(kept, "cac"), kept, note)


def trend(view: View, measure: str = "Conversion rate", grain: Grain = "month") -> Drawn:
    """Leads, or the share that converts, by the month in which they came, with what happened meanwhile."""
    kept, note = fitted(view, "leads")
    kpi, words = _measure(kept, measure), view.words
    frame, left = _ripe(kept, kpi, grain)
    if frame["value"].isna().all():
        raise charts.Nothing("No row matches.")
    periods = frame["period"].tolist()
    chart = charts.line(
        frame, unit=kpi.unit, words=words, measure=words.say(kpi.name), marks=events.marks(kept, periods, kpi.key)
    )
    said = sentences.trend(frame, sentences.Measure.of_kpi(kpi, words, _COUNTED[kpi.key]))
    notes = told(words.say(kpi.caveat), _unripe(left, kpi.matures, words), events.told(kept, periods, kpi.key), note)
    table, drill = tables.kpi_table(frame, kpi, words), {"kpi": kpi.key, "field": "period"}
    return Drawn(said, chart, table, int(frame["rows"].sum()), notes, kept.text, drill)


def _ripe(view: View, kpi: Any, grain: Grain) -> tuple[pd.DataFrame, int]:
    """The KPI by period; of one that takes time, the periods whose leads have all had it, and the leads of the others.

    The few old leads of a young month are those of its first days: they do not speak for it.
    """
    frame = view.kpi(kpi.key, period=grain)
    frame, left = taken(frame, np.flatnonzero(frame["rows"] > 0)), 0
    if kpi.matures:
        came = dict(zip(*(view.kpi("leads", period=grain)[name].tolist() for name in ("period", "rows")), strict=True))
        whole = [came[period] == n for period, n in zip(frame["period"].tolist(), frame["rows"].tolist(), strict=True)]
        frame = taken(frame, np.flatnonzero(whole))
        left = int(sum(came.values()) - frame["rows"].sum())
    return frame, left


def _unripe(left: int, days: int, words: Words) -> str:
    if left <= 0:
        return ""
    return words.plural(
        left, "{n} lead is left out, of a month whose leads are not all {days} days old.",
        "{n} leads are left out, of months whose leads are not all {days} days old.", n=words.count(left), days=days,
    )  # fmt: skip


def breakdown(view: View, by: str = "source", measure: str = "Conversion rate") -> Drawn:
    """Leads, or the share that converts, group by group, and whether the extremes differ beyond chance."""
    kept, note = fitted(view, "leads")
    kpi, words = _measure(kept, measure), view.words
    frame = parts.asked(kept, kpi.key, by)
    if frame.empty or frame["value"].isna().all():
        raise charts.Nothing("No row matches.")
    whole, said = kept.kpi(kpi.key), sentences.Measure.of_kpi(kpi, words, _COUNTED[kpi.key])
    chart = charts.bars(frame, unit=kpi.unit, words=words, measure=words.say(kpi.name))
    table = tables.kpi_table(taken(frame, ranking(frame)), kpi, words, DIMENSIONS[by].label)
    if kpi.total:
        finding = sentences.share_of_total(tables.with_shares(frame), said)
    else:
        finding = f"{sentences.one_value(whole, said)} {sentences.best_and_worst(frame, said)}"
    notes = told(words.say(kpi.caveat), young(kept, kpi), note)
    drill = {"kpi": kpi.key, "field": by}
    return Drawn(finding, chart, table, int(whole["rows"].sum()), notes, kept.text, drill)


def young(view: View, kpi: Any) -> str:
    """How many leads of the slice are too young to be counted; empty text for none."""
    if not kpi.matures or view.book.why_not("leads"):
        return ""
    came, told_ = (int(np.nansum(view.kpi(key)["rows"])) for key in ("leads", kpi.key))
    return _young(came - told_, kpi.matures, view.words)


def _young(left: int, days: int, words: Words) -> str:
    if left <= 0:
        return ""
    return words.plural(
        left, "{n} lead of the slice is younger than {days} days and left out.",
        "{n} leads of the slice are younger than {days} days and left out.", n=words.count(left), days=days,
    )  # fmt: skip


def _measure(view: View, measure: str) -> Any:
    if measure not in MEASURES:
        raise unknown("measure of the leads", measure, MEASURES)
    return view.book.kpis[MEASURES[measure]]


def _with(drawn: Drawn, view: View, note: str) -> Drawn:
    """The figure with one more note, and the slice that it speaks of."""
    from dataclasses import replace

    return replace(drawn, note=told(drawn.note, note), slice=view.text) if note else drawn
