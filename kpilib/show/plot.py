"""What every chart needs: which columns, where an axis starts and ends, where its ticks stand, the finished size."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import floor, isfinite, log10
from typing import Any, cast

import altair as alt
import pandas as pd

from kpilib.errors import BadInput, CannotAnswer

from .theme import WIDTH
from .words import Words


class Nothing(CannotAnswer):
    """There is no row to draw; a page says so in words."""


@dataclass(frozen=True)
class Places:
    """The stretch of an axis: it starts at `low`, the marks end at `end`, and the plot goes on to `high` for labels."""

    low: float
    end: float
    high: float

    @property
    def domain(self) -> list[float]:
        """What Vega calls the scale's domain."""
        return [self.low, self.high]


def checked(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """These columns of the frame, numbered from 0, text as text.

    Raises
    ------
    BadInput
        A column is not there.
    Nothing
        The frame has no row.
    """
    lacking = [column for column in columns if column not in frame]
    if lacking:
        raise BadInput(
            f"The chart needs the column {lacking[0]!r}; the frame has {', '.join(map(repr, frame.columns))}."
        )
    if frame.empty:
        raise Nothing("No row matches.")
    return frame.loc[:, list(columns)].reset_index(drop=True)


def stretch(columns: Iterable[pd.Series], room: float = 1.0, zero: bool = True) -> Places:
    """The axis for these values: from zero (or from below it, where a value is), the marks filling `room` of it.

    Values that are missing do not count; without any value the axis goes from 0 to 1.
    """
    values = [float(v) for column in columns for v in column if pd.notna(v) and isfinite(v)]
    low = min([*values, 0.0] if zero else values, default=0.0)
    end = max([*values, 0.0] if zero else values, default=1.0)
    end = end if end > low else low + (abs(low) or 1.0)
    return Places(low, end, low + (end - low) / room)


def ticks(places: Places, most: int = 4) -> list[float]:
    """Round places for at most so many intervals between ticks, all between the axis' start and where the marks end.

    Examples
    --------
    >>> ticks(Places(0, 0.65, 1), 4)
    [0.0, 0.2, 0.4, 0.6]
    """
    raw = (places.end - places.low) / most
    size = 10 ** floor(log10(raw))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= raw * 0.999)
    first = -floor(-places.low / step + 1e-9)
    last = floor(places.end / step + 1e-9)
    return [round(i * step, 12) for i in range(first, last + 1)]


def axis(places: Places, unit: str, words: Words, name: str = "", most: int = 4, **more: Any) -> alt.Axis:
    """An axis in the KPI's unit, with ticks at round places."""
    at = ticks(places, most)
    written = words.axis(unit, max(at, default=0.0, key=abs))
    # d3 writes nothing as "0M" between millions.
    label: dict[str, Any] = {"labelExpr": "datum.value === 0 ? '0' : datum.label"} if written.endswith("s") else {}
    return alt.Axis(title=words.axis_title(name, unit) or None, values=at, format=written, **label, **more)


def layered(*layers: alt.Chart | alt.LayerChart) -> alt.LayerChart:
    """The layers on one plot, first below last."""
    return cast(alt.LayerChart, alt.layer(*layers))


def finish(layers: Sequence[alt.Chart | alt.LayerChart], title: str, subtitle: str, height: float) -> alt.LayerChart:
    """The layers, first below last, at the width of all charts, with their question and their finding."""
    size = alt.AutoSizeParams(type="fit-x", contains="padding")
    chart = layered(*layers).properties(width=WIDTH, height=height, autosize=size)
    return chart.properties(title=alt.Title(title, subtitle=subtitle)) if title or subtitle else chart
