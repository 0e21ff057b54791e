"""How long customers wait: the times until a first reply and until a solution, those who still wait counted as such."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpilib.errors import CannotAnswer, unknown
from kpilib.language import N_
from kpilib.show import charts
from kpilib.show.view import View

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Wait:
    """A wait that a ticket brings.

    Parameters
    ----------
    kpi : str
        The KPI whose mean it is.
    hours, until : str
        The columns of the panel `tickets` that hold its length, and the moment at which it ends.
    still, over : str
        What the axes of its curve and of its spread show.
    """

    kpi: str
    hours: str
    until: str
    still: str
    over: str


#: What a reader chooses, and the wait.
WAITS = {
    N_("First reply"): Wait(
        "first_reply_time", "reply_hours", "first_reply_at", N_("Still without a reply"), N_("Hours to the first reply")
    ),
    N_("Resolution"): Wait(
        "resolution_time", "solve_hours", "resolved_at", N_("Still open"), N_("Hours to the resolution")
    ),
}  # fmt: skip


def wait(measure: str) -> Wait:
    """The wait that a reader chose; `UnknownName` with a did-you-mean for none."""
    if measure not in WAITS:
        raise unknown("wait", measure, WAITS)
    return WAITS[measure]


def waited(view: View, asked: Wait, columns: Sequence[str] = ()) -> pd.DataFrame:
    """The tickets opened in a view: how long each has waited, whether its wait is over, and these columns.

    Returns
    -------
    DataFrame
        Columns `hours` (to the end of the wait, or to the end of the data's last day), `over`, and those asked for.
        Tickets whose wait ended before they were opened are left out: they tell no duration.

    Raises
    ------
    CannotAnswer
        These data do not say when such waits end.
    Nothing
        No ticket matches.
    """
    if reason := view.book.why_not(asked.kpi, view.locale):
        raise CannotAnswer(reason, asked.kpi)
    names = dict.fromkeys(["opened_at", asked.until, asked.hours, *columns])
    rows = view.panel("tickets", when="opened_at", columns=list(names))
    ended = rows[asked.until].notna().to_numpy()
    hours = rows[asked.hours].to_numpy(float)
    known = ~(ended & np.isnan(hours))
    if not known.any():
        raise charts.Nothing("No row matches.")
    end = np.datetime64(view.book.as_of + timedelta(days=1), "us")
    so_far: Floats = np.asarray((end - rows["opened_at"].to_numpy("datetime64[us]")) / np.timedelta64(1, "h"), float)
    made = {name: rows[name].to_numpy(object)[known] for name in columns}
    lasted = np.where(ended, hours, np.maximum(so_far, 0.0))
    return pd.DataFrame({"hours": lasted[known], "over": ended[known], **made})
