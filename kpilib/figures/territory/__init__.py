"""The figures of the page "Territory": where customers are, where rates differ, who else is there, what is not served.

Each function takes the view in force and the values of the figure's own lists, and returns what to draw. A KPI by area
is in `area_values`, distances in `rivals`, what is not served in `gaps` and `inhabitants`; all are reached as
``territory.…``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kpilib.errors import unknown
from kpilib.language import N_
from kpilib.model.dimensions import DIMENSIONS
from kpilib.show import charts, sentences, tables
from kpilib.show.charts.map import area_map
from kpilib.show.charts.versus import versus
from kpilib.show.figure import Drawn
from kpilib.show.tables import INTERVAL
from kpilib.show.view import View
from kpilib.show.words import MINIMUM, Words

from . import dots
from .area_values import BY, Areas, beside_the_map, called, measured, ordered
from .dots import offered as dots_of
from .gaps import DEMAND, coverage_gaps
from .inhabitants import few_buy
from .rivals import OUTCOMES, distances, near_rivals

__all__ = [
    "BY", "DEMAND", "MEASURES", "OUTCOMES", "RATES", "TILES", "coverage_gaps", "distances", "dots_of", "few_buy",
    "measures", "near_rivals", "on_the_map", "rates",
]  # fmt: skip

#: The KPIs of the page's tiles.
TILES = (
    "active_customers", "revenue", "arpu", "nps", "churn_rate", "coverage_gap", "distance_to_competitor",
)  # fmt: skip
#: What the map may show: the name that a reader chooses, and the KPI.
MEASURES = {
    N_("Customers"): "active_customers",
    N_("Revenue"): "revenue",
    N_("Revenue per customer"): "arpu",
    N_("NPS"): "nps",
    N_("Churn rate"): "churn_rate",
    N_("Distance to competitors"): "distance_to_competitor",
}
#: Those of them that are no totals: a small area's is drawn to the whole.
RATES = {name: MEASURES[name] for name in ("Churn rate", "NPS", "Revenue per customer")}
_ROWS = {
    "active_customers": N_("customers"), "revenue": N_("order lines"), "arpu": N_("customer-months"),
    "nps": N_("answers"), "churn_rate": N_("customers"), "distance_to_competitor": N_("customers"),
}  # fmt: skip
_EXPECTED = N_("Expected")
_OBSERVED = N_("As observed")
_SHADED = N_("Shaded by what is expected of each area: its own figure drawn to the whole by as much as its size leaves "
             "in doubt.")  # fmt: skip
_DARKER = N_("The darker, the higher. Dashed: fewer than {n} {rows}, not shaded.")
_ALIKE = N_("The {areas} differ no more than chance would make them: the same is expected of all, {value}.")
_HALF = N_(
    "An area of {n} {rows} is taken half at its own word, half at that of the whole ({value}); larger ones more, "
    "smaller ones less."
)
_CREDIBLE = N_("{name} is observed highest ({observed}), and {expected} is to be expected of it.")
_FIRST = 15


def measures(book: Any, among: dict[str, str] | None = None) -> list[str]:
    """Those of the measures that these data can answer."""
    given = MEASURES if among is None else among
    return [name for name, key in given.items() if not book.why_not(key)] or list(given)[:1]


def on_the_map(view: View, measure: str = "Customers", by: str = "region", dots: str = "No dots") -> Drawn:
    """A measure by area on the map of France, with competitors' sites or customers' towns; bars where it has no map."""
    kpi, words = _measure(view, measure, MEASURES), view.words
    areas = measured(view, kpi.key, by)
    if areas.frame.empty or areas.frame["value"].isna().all():
        raise charts.Nothing("No row matches.")
    frame = areas.frame if areas.shrunk is None else areas.frame.assign(shown=areas.shrunk.expected)
    notes = beside_the_map(areas, by, words)
    rows = words.say(_ROWS[kpi.key])
    if areas.mapped:
        shaded = [words.say(_SHADED)] if areas.shrunk is not None else []
        notes = [*shaded, words.say(_DARKER, n=MINIMUM, rows=rows), *notes]
    said = _said(view, kpi, areas)
    counted = int(areas.frame["rows"].sum())
    drill = {"kpi": kpi.key, "field": by}
    return Drawn(said, _chart(view, kpi, areas, frame, by, dots), _table(areas, kpi, words, by), counted,
                 " ".join([words.say(kpi.caveat), *notes]), drill=drill)  # fmt: skip


def rates(view: View, measure: str = "Churn rate", by: str = "region") -> Drawn:
    """A rate of each area as observed, with its interval, beside what is to be expected of it given its size."""
    kpi, words = _measure(view, measure, RATES), view.words
    areas = measured(view, kpi.key, by)
    if areas.frame.empty or areas.shrunk is None or areas.frame["value"].isna().all():
        raise charts.Nothing("No row matches.")
    frame = ordered(areas)
    frame = frame[frame["value"].notna()].reset_index(drop=True)
    chart = versus(
        _beside(frame.head(_FIRST)), unit=kpi.unit, words=words, measure=words.say(kpi.name), first=_OBSERVED,
        second=_EXPECTED, zero=kpi.unit != "score",
    )  # fmt: skip
    counted = int(frame["rows"].sum())
    note = " ".join([words.say(kpi.caveat), *_cut(frame, by, words)])
    drill = {"kpi": kpi.key, "field": by}
    return Drawn(_expected_said(areas, frame, kpi, by, words), chart, _table(areas, kpi, words, by), counted, note,
                 drill=drill)  # fmt: skip


def _chart(view: View, kpi: Any, areas: Areas, frame: pd.DataFrame, by: str, shown: str) -> Any:
    words, named = view.words, view.words.say(kpi.name)
    if not areas.mapped:
        return charts.bars(frame.assign(group=frame["name"]), unit=kpi.unit, words=words, measure=named)
    colour = "lost" if kpi.better == "lower" else "value"
    return area_map(
        frame, level=by, unit=kpi.unit, words=words, measure=named, colour=colour,  # type: ignore[arg-type]
        minimum=MINIMUM, **dots.drawn(view, shown),
    )  # fmt: skip


def _said(view: View, kpi: Any, areas: Areas) -> str:
    """Who holds most of a total; of a rate, the whole and its extremes."""
    measure = sentences.Measure.of_kpi(kpi, view.words, _ROWS[kpi.key])
    frame = areas.frame.assign(group=areas.frame["name"])
    if kpi.total:
        return sentences.share_of_total(tables.with_shares(frame), measure)
    whole = sentences.one_value(view.kpi(kpi.key), measure)
    return f"{whole} {sentences.best_and_worst(frame, measure)}"


def _beside(frame: pd.DataFrame) -> pd.DataFrame:
    """Two points an area: observed with its interval, expected without one."""
    observed = frame.assign(group=frame["name"], outcome=_OBSERVED)
    expected = frame.assign(group=frame["name"], outcome=_EXPECTED, value=frame["expected"], low=np.nan, high=np.nan)
    columns = ["group", "outcome", "value", "low", "high", "rows"]
    pairs = pd.concat([observed[columns], expected[columns]])
    return pairs.sort_index(kind="stable").reset_index(drop=True)


def _expected_said(areas: Areas, frame: pd.DataFrame, kpi: Any, by: str, words: Words) -> str:
    """Whether the areas differ at all, and what becomes of the one that is observed highest."""
    shrunk = areas.shrunk
    assert shrunk is not None
    overall = words.text(shrunk.overall, kpi.unit)
    if not np.isfinite(shrunk.prior):
        return words.say(_ALIKE, areas=called(by, words), value=overall)
    first = frame.iloc[0]
    told = words.say(
        _CREDIBLE, name=first["name"], observed=words.text(first["value"], kpi.unit),
        expected=words.text(first["expected"], kpi.unit),
    )  # fmt: skip
    half = words.say(_HALF, n=words.count(round(shrunk.prior)), rows=words.say(_ROWS[kpi.key]), value=overall)
    return f"{told} {half}"


def _table(areas: Areas, kpi: Any, words: Words, by: str) -> pd.DataFrame:
    """Area, value, interval, rows and, for a rate, what is expected of the area; the highest first."""
    frame = ordered(areas)
    table = tables.kpi_table(frame.assign(group=frame["name"]), kpi, words, DIMENSIONS[by].label)
    if areas.shrunk is not None:
        table.insert(list(table.columns).index(INTERVAL) + 1, _EXPECTED, frame["expected"].to_numpy())
        table.attrs["units"] = {**table.attrs["units"], _EXPECTED: kpi.unit}
    elif frame["low"].isna().all():
        del table[INTERVAL]
    return table


def _cut(frame: pd.DataFrame, by: str, words: Words) -> list[str]:
    if len(frame) <= _FIRST:
        return []
    said = N_("The chart holds the first {n} of {all} {areas}, the table all.")
    return [words.say(said, n=_FIRST, all=len(frame), areas=called(by, words))]


def _measure(view: View, measure: str, among: dict[str, str]) -> Any:
    if measure not in among:
        raise unknown("measure of the territory", measure, among)
    return view.book.kpis[among[measure]]
