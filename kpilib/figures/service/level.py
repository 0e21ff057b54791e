"""The service level: what share of tickets got their first reply within a target. Reached as ``service.…``."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpilib.compute.frames import ranking, taken
from kpilib.errors import unknown
from kpilib.figures import parts
from kpilib.language import N_
from kpilib.model.dimensions import DIMENSIONS
from kpilib.show import charts, sentences, tables
from kpilib.show.figure import Drawn
from kpilib.show.tables import INTERVAL
from kpilib.show.view import View
from kpilib.stats.intervals import wilson

from .waits import WAITS, waited

#: The targets that a reader may choose, and their hours; the first at the start.
TARGETS = {
    N_("4 hours"): 4.0, N_("1 hour"): 1.0, N_("2 hours"): 2.0, N_("8 hours"): 8.0, N_("24 hours"): 24.0,
    N_("48 hours"): 48.0,
}  # fmt: skip
_NAME, _SHARE, _TICKETS = N_("Service level"), N_("Replied within the target"), N_("Tickets")
_UNKNOWN = N_("{n} tickets still wait and have not passed the target: their answer is not known yet, and left out.")
_COUNTED = N_("A ticket that still waits beyond the target counts as missed. Nights and weekends count as hours.")
_STAFF = N_(
    "How busy the team was, and how many people a better level would take, cannot be told: these data hold no "
    "schedules, and queueing formulas (Erlang) need them."
)


def service_level(view: View, target: str = "4 hours", by: str = "channel") -> Drawn:
    """The share of tickets answered within a target, group by group with its interval."""
    if target not in TARGETS:
        raise unknown("target", target, TARGETS)
    words, asked = view.words, WAITS["First reply"]
    told = waited(view, asked, [by]).rename(columns={by: "group"})
    hours, over = told["hours"].to_numpy(float), told["over"].to_numpy(bool)
    known = over | (hours > TARGETS[target])
    if not known.any():
        raise charts.Nothing("No row matches.")
    made = told[known].assign(met=(over & (hours <= TARGETS[target]))[known])
    frame = parts.told(_shares(made["group"].to_numpy(object), made["met"].to_numpy(float)), view)
    whole = _shares(np.full(len(made), "all", object), made["met"].to_numpy(float))
    measure = sentences.Measure(_NAME, "share", N_("tickets"), "higher", words)
    chart = charts.bars(frame, unit="share", words=words, measure=words.say(_SHARE))
    said = f"{sentences.one_value(whole, measure)} {sentences.best_and_worst(frame, measure)}"
    ordered = taken(frame, ranking(frame))
    ordered["between"] = tables.intervals(ordered, words)
    named = {"group": DIMENSIONS[by].label, "value": _SHARE, "between": INTERVAL, "rows": _TICKETS}
    table = tables.shown(ordered, named, {_SHARE: "share", _TICKETS: "count"})
    left = int((~known).sum())
    note = [words.say(_COUNTED), *([words.say(_UNKNOWN, n=words.count(left))] if left else []), words.say(_STAFF)]
    drill = {"panel": "tickets", "when": "opened_at", "field": by}
    return Drawn(said, chart, table, len(made), " ".join(note), drill=drill)


def _shares(groups: np.ndarray, met: np.ndarray) -> pd.DataFrame:
    """The share that met the target in each group, with Wilson's interval."""
    place, names = pd.factorize(groups, sort=True)
    counted, reached = np.bincount(place), np.bincount(place, weights=met)
    low, high = wilson(reached, counted)
    return pd.DataFrame({"group": names, "value": reached / counted, "low": low, "high": high, "rows": counted})
