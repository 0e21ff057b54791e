"""The figures of the page "Data quality": what the data lack, who must put it right, and what it does to the figures.

Each function takes the view in force and the values of the figure's own lists, and returns what to draw. What is
counted field by field and in the import's ledger is in `faults`, accounts that look alike in `twins`, the ranges of the
KPIs in `effect`, what is to be done in `work`; all are reached as ``quality.…``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kpilib.compute.frames import ranking, rows, taken
from kpilib.errors import unknown
from kpilib.figures import parts
from kpilib.language import N_
from kpilib.model.dimensions import DIMENSIONS
from kpilib.model.panels import PANELS
from kpilib.periods import Grain
from kpilib.show import charts, sentences, tables
from kpilib.show.figure import Drawn
from kpilib.show.view import View
from kpilib.show.words import missing

from .effect import effect, effect_by, offered_ranges
from .faults import fields, orphans, refused
from .twins import twins
from .work import for_whom, to_do

__all__ = [
    "BY", "MEASURES", "STILL", "TILES", "WHO", "breakdown", "effect", "effect_by", "fields", "for_whom",
    "offered_ranges", "orphans", "refused", "still", "to_do", "trend", "twins",
]  # fmt: skip

#: The KPIs of the page's tiles.
TILES = (
    "completeness", "freshness", "duplicate_rate", "orphan_rate", "refused_rate", "stalled_share", "overdue_share",
    "win_rate",
)  # fmt: skip
#: What a measure may be broken down by, the first at the start.
BY = ("table_name", "team", "owner", "segment", "region", "industry")
#: The same for what is somebody's: by owner and by team.
WHO = ("owner", "team")
STILL = ("stalled_share", "overdue_share")
#: What the page may follow: the name that a reader chooses, and the KPI.
MEASURES = {
    N_("Completeness"): "completeness",
    N_("Orphan rate"): "orphan_rate",
    N_("Duplicate rate"): "duplicate_rate",
    N_("Freshness"): "freshness",
    N_("Stalled share"): "stalled_share",
    N_("Overdue share"): "overdue_share",
}
_RECORDS = N_("records")


def breakdown(view: View, by: str = "table_name", measure: str = "Completeness") -> Drawn:
    """A measure of quality group by group; duplicates and deals have no table, and are told by salesperson's team."""
    kpi, words = _measure(view, measure), view.words
    by = by if by in PANELS[kpi.table].dimensions else "team"
    frame = parts.asked(view, kpi.key, by)
    if frame.empty or frame["value"].isna().all():
        raise charts.Nothing("No row matches.")
    whole, said = view.kpi(kpi.key), sentences.Measure.of_kpi(kpi, words, _RECORDS)
    chart = charts.bars(frame, unit=kpi.unit, words=words, measure=words.say(kpi.name))
    table = tables.kpi_table(taken(frame, ranking(frame)), kpi, words, DIMENSIONS[by].label)
    finding = f"{sentences.one_value(whole, said)} {sentences.best_and_worst(frame, said)}"
    drill = {"kpi": kpi.key, "field": by}
    return Drawn(finding, chart, table, int(whole["rows"].sum()), words.say(kpi.caveat), drill=drill)


def trend(view: View, measure: str = "Completeness", grain: Grain = "month") -> Drawn:
    """A measure of quality by the month in which the records were made; of deals, by the month's end."""
    kpi, words = _measure(view, measure), view.words
    frame = view.kpi(kpi.key, period=grain)
    frame = taken(frame, np.flatnonzero(frame["rows"] > 0))
    if frame["value"].isna().all():
        raise charts.Nothing("No row matches.")
    zero = kpi.better == "lower"
    chart = charts.line(frame, unit=kpi.unit, words=words, measure=words.say(kpi.name), zero=zero)
    said = sentences.trend(frame, sentences.Measure.of_kpi(kpi, words, _RECORDS))
    table, drill = tables.kpi_table(frame, kpi, words), {"kpi": kpi.key, "field": "period"}
    return Drawn(said, chart, table, int(frame["rows"].max()), words.say(kpi.caveat), view.text, drill)


def still(view: View, by: str = "owner") -> Drawn:
    """Open deals that stand still, and those past their own closing day, by salesperson or team."""
    both = {key: {line["group"]: line for line in _by(view, key, by)} for key in STILL}
    words, groups = view.words, sorted({*both["stalled_share"], *both["overdue_share"]})
    if not groups:
        raise charts.Nothing("No row matches.")
    lines = [_both(group, both) for group in groups]
    lines.sort(key=lambda row: (-(_known(row["stalled_share"]) + _known(row["overdue_share"])), row["group"]))
    frame = pd.DataFrame(lines)
    names = {key: words.say(view.book.kpis[key].name) for key in STILL}
    chart = charts.pairs(frame, left=(STILL[0], "share"), right=(STILL[1], "share"), words=words, names=names)
    label = DIMENSIONS[by].label
    columns = {"group": label, **{key: view.book.kpis[key].name for key in STILL}, "rows": N_("Open deals")}
    units = {**{view.book.kpis[key].name: "share" for key in STILL}, N_("Open deals"): "count"}
    table = tables.shown(frame, columns, units)
    drill = {"kpi": "stalled_share", "field": by}
    said = " ".join(_told(view, key) for key in STILL)
    return Drawn(said, chart, table, int(frame["rows"].sum()), words.say(_HONEST), parts.stock_text(view), drill)


_HONEST = N_(
    "A deal that nobody touches is not thereby lost, and one that is worked on by telephone may look still. Ask before "
    "closing; then close, for every deal left open by habit makes the win rate and the forecast less sure."
)
_OF_OPEN = N_("{name}: {share} of {open} open deals ({interval}).")


def _by(view: View, key: str, by: str) -> list[dict[str, Any]]:
    if view.book.why_not(key):
        return []
    return rows(parts.asked(view, key, by))


def _both(group: str, both: dict[str, dict[str, dict[str, Any]]]) -> dict[str, Any]:
    lines = [both[key].get(group) for key in STILL]
    values = {key: float("nan") if line is None else line["value"] for key, line in zip(STILL, lines, strict=True)}
    return {"group": group, **values, "rows": max(int(line["rows"]) for line in lines if line is not None)}


def _known(value: float) -> float:
    return 0.0 if missing(value) else value


def _told(view: View, key: str) -> str:
    """What share of the open deals it is, in all."""
    if reason := view.book.why_not(key, view.locale):
        return str(reason)
    line, words = view.lines(key)[0], view.words
    if not line["rows"]:
        return ""
    interval = words.interval(line["low"], line["high"], "share")
    return words.say(
        _OF_OPEN, name=words.say(view.book.kpis[key].name), share=words.text(line["value"], "share"),
        open=words.count(line["rows"]), interval=interval,
    )  # fmt: skip


def _measure(view: View, measure: str) -> Any:
    if measure not in MEASURES:
        raise unknown("measure of quality", measure, MEASURES)
    return view.book.kpis[MEASURES[measure]]
