"""A comparison: two figures of a KPI, what they say of each other, and a table of such."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from kpilib.catalogue.kpi import Kpi
from kpilib.compute.comparing import Target

from .compare_said import said
from .verdict import Side
from .window import Window

if TYPE_CHECKING:
    import pandas as pd

    from .simpson import Turn

#: The columns of `Book.compare`.
COLUMNS = (
    "group", "value", "low", "high", "rows", "before", "before_low", "before_high", "before_rows", "difference",
    "difference_low", "difference_high", "p", "attainment", "verdict", "complete", "too_young", "said",
)  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """Two figures and what they say of each other.

    Parameters
    ----------
    kpi : Kpi
        What is compared.
    variant : str or None
        The definition, where it is not the main one.
    group : str
        "all", or the member.
    now, before : Side
        The two figures. Of a target, `before` has its value alone.
    to : {"previous", "last_year", "target", "period", "slice"}
        What it is compared with.
    difference, low, high : float
        `now` less `before` in the KPI's unit, with its 95 % interval; NaN ends for totals.
    verdict : str
        One of `verdict.VERDICTS`.
    p : float
        How often chance alone would do as much, two-sided; below 0.05 where the interval leaves out 0. NaN for totals.
    asked : Window
        The window that was asked for; `now.window` may be a cut of it.
    mark : str
        What was done about a window that is not over: see `window.Facing`; "so_far" of a target's month.
    left_out : Window or None
        The months that are on neither side.
    too_young : int
        How many rows are too young to tell, and left out.
    rest : {"", "now", "before"}
        Which side is the rest of a whole, without the other.
    aim : Target or None
        What was aimed at.
    turn : Turn or None
        What the parts of a dimension say, where it is something else than the whole.
    known : datetime.date
        The last day that counts.
    currency : str
        Of money.
    """

    kpi: Kpi
    variant: str | None
    group: str
    now: Side
    before: Side
    to: str
    difference: float
    low: float
    high: float
    verdict: str
    p: float
    asked: Window
    mark: str = ""
    left_out: Window | None = None
    too_young: int = 0
    rest: str = ""
    aim: Target | None = None
    turn: Turn | None = None
    known: date = date.max
    currency: str = "EUR"

    @property
    def reversed(self) -> bool:
        """Whether the parts of a dimension say the opposite of the whole."""
        return bool(self.reversed_by)

    @property
    def reversed_by(self) -> str:
        """The dimension whose parts say the opposite of the whole; "" where none does."""
        return self.turn.dimension if self.turn is not None and self.turn.kind == "opposite" else ""

    @property
    def hidden_by(self) -> str:
        """The dimension most of whose parts moved one way, which the whole does not show; "" where none."""
        return self.turn.dimension if self.turn is not None and self.turn.kind == "hidden" else ""

    @property
    def attainment(self) -> float:
        """`now` as a share of `before` (of a target: the share reached); NaN where that is zero or below."""
        return self.now.value / self.before.value if self.before.value > 0 else float("nan")

    def said(self, locale: str = "en") -> str:
        """One sentence with both windows, both values, the difference and the verdict; then what was left out."""
        return said(self, locale)


def framed(found: list[Comparison], calendar: str | None = None) -> pd.DataFrame:
    """Comparisons as a frame, one a row; no row where there are none."""
    import pandas as pd

    lines = [
        (one.group, one.now.value, one.now.low, one.now.high, one.now.rows, one.before.value, one.before.low,
         one.before.high, one.before.rows, one.difference, one.low, one.high, one.p, one.attainment, one.verdict,
         one.now.window.whole, one.too_young, one.said())
        for one in found
    ]  # fmt: skip
    frame = pd.DataFrame(lines, columns=list(COLUMNS))
    for one in found[:1]:
        frame.attrs = {
            "kpi": one.kpi.path, "unit": one.kpi.unit, "to": one.to, "calendar": calendar or "calendar",
            "window": one.now.window, "compared": one.before.window, "whole": one.now.window.whole, "mark": one.mark,
            "too_young": sum(other.too_young for other in found), "reversed": one.reversed,
            "reversed_by": one.reversed_by, "hidden_by": one.hidden_by, "said": " ".join(frame["said"]),
        }  # fmt: skip
    return frame
