"""The work that a sale asks for afterwards, product by product. Reached as ``service.…``."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pandas as pd

from kpilib.compute import selling
from kpilib.compute.frames import by_group, column, ranking, taken
from kpilib.errors import CannotAnswer
from kpilib.figures import parts
from kpilib.language import N_
from kpilib.model.dimensions import DIMENSIONS
from kpilib.show import charts, sentences, tables
from kpilib.show.figure import Drawn
from kpilib.show.tables import INTERVAL
from kpilib.show.view import View
from kpilib.show.words import MINIMUM
from kpilib.stats.ranking import shrink_means

_HOURS_FOR, _EXPECTED, _TICKETS = N_("Hours for 100 units"), N_("Expected"), N_("Tickets")
_NAME = N_("After-sales effort in hours for 100 units")
_RATE, _UNITS, _HOURS = N_("Tickets for 100 units"), N_("Units"), N_("Hours")
_HOW = N_(
    "Expected: each group's hours drawn to those of all, the more the fewer its tickets; a small group is high or low "
    "by luck more often than a large one. Groups of fewer than {n} tickets are hollow and not ranked."
)


def effort(view: View, by: str = "product") -> Drawn:
    """Hours of handling for 100 units sold in each group, as observed and drawn to the whole, with its tickets.

    Raises
    ------
    CannotAnswer
        These data lack tickets, order lines, or the time that tickets took.
    """
    if reason := view.book.why_not("service_effort", view.locale):
        raise CannotAnswer(reason, "service_effort")
    words, kpi = view.words, view.book.kpis["service_effort"]
    whole = selling.effort(view.kpi("service_effort"), view.kpi("support_hours"))
    frame = selling.effort(*(parts.asked(view, key, by) for key in ("service_effort", "support_hours")))
    frame = frame[frame["value"].notna() & (frame["rows"] > 0)].reset_index(drop=True)
    if frame.empty:
        raise charts.Nothing("No row matches.")
    frame = taken(frame.assign(expected=_expected(frame)), ranking(frame))
    rates = by_group(parts.told(view.kpi("ticket_rate", by=by, variant="per_sale"), view))
    frame["rate"] = column(frame["group"].tolist(), rates, "value")
    measure = sentences.Measure(_NAME, "ratio", N_("tickets"), "lower", words)
    said = f"{sentences.one_value(whole, measure)} {sentences.best_and_worst(frame, measure)}"
    chart = charts.bars(frame, unit="ratio", words=words, measure=words.say(_HOURS_FOR))
    frame["between"] = tables.intervals(frame, words, "ratio")
    named = {
        "group": DIMENSIONS[by].label, "value": _HOURS_FOR, "between": INTERVAL, "expected": _EXPECTED, "rate": _RATE,
        "rows": _TICKETS, "hours": _HOURS, "units": _UNITS,
    }  # fmt: skip
    units = dict.fromkeys((_HOURS_FOR, _EXPECTED, _RATE), "ratio") | dict.fromkeys((_TICKETS, _HOURS, _UNITS), "count")
    note = f"{words.say(_HOW, n=MINIMUM)} {words.say(kpi.caveat)}"
    drill = {"kpi": "service_effort", "field": by}
    return Drawn(said, chart, tables.shown(frame, named, units), int(whole["rows"].sum()), note, drill=drill)


def _expected(frame: pd.DataFrame) -> np.ndarray:
    """Each group's effort drawn to the whole; its tickets are its size, its interval says how they vary."""
    error = (frame["high"] - frame["value"]).to_numpy(float) / NormalDist().inv_cdf(0.975)
    n = frame["rows"].to_numpy(float)
    return shrink_means(frame["value"].to_numpy(float), np.nan_to_num(error) ** 2 * n, n).expected
