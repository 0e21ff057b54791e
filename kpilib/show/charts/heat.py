"""A triangle of cohorts: a line a cohort, a column an age, the share that is still there written in each cell.

The colour repeats what the number says; it is thin enough for the text on it to be read in a light page and in a dark
one. A cell whose cohort has not wholly come of that age is dashed.
"""

from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from kpilib import units
from kpilib.language import N_
from kpilib.show.words import Words

from . import skeletons
from .plot import Nothing, Plot, Record, Skeleton, checked, records
from .skeletons import Head, built
from .theme import COLOURS, INK

#: How tall a line is.
STEP = 24
# From this opacity to that one: on both the page's text keeps a contrast of more than 4.5.
_THIN, _THICK = 0.06, 0.55


def triangle(
    frame: pd.DataFrame,
    title: str = "",
    subtitle: str = "",
    *,
    words: Words = Words(),
    ages: str = "",
    names: tuple[str, str] = (N_("Still customers"), N_("Customers at the start")),
    top: float = 1.0,
    most: int = 16,
) -> Plot:
    """Cohorts from the oldest down, their ages along, the share that is left in each cell.

    Parameters
    ----------
    frame : DataFrame
        Columns `group` (the cohort), `age` (a whole number), `value` (the share still there, 0 to 1), `rows` (how many
        the cohort had) and `complete` (whether all of it has reached that age).
    ages : str
        What the columns are: "Months since the first".
    names : (str, str)
        What the share and the number of a cohort are called at the pointer.
    top : float
        The share that has the full colour, no less than the highest one drawn.
    most : int
        So many cohorts are drawn, the last ones; a line below says how many earlier ones are left to the table.

    Raises
    ------
    Nothing
        No cell has a value.
    """
    cells = records(checked(frame, "group", "age", "value", "rows", "complete"))
    cells = [cell for cell in cells if cell["value"] is not None]
    if not cells:
        raise Nothing("No row matches.")
    cohorts = list(dict.fromkeys(cell["group"] for cell in cells))
    left, kept = len(cohorts[:-most]), cohorts[-most:]
    rows = [_cell(cell, words, names) for cell in cells if cell["group"] in kept]
    lowest = min(row["value"] for row in rows)
    signals: dict[str, Any] = {
        "groups": kept, "ages": sorted({row["age"] for row in rows}), "lowest": lowest if lowest < top else 0.0,
        "highest": top,
    }  # fmt: skip
    earlier = words.plural(left, "{n} earlier cohort in the table", "{n} earlier cohorts in the table", n=left)
    data = {"rows": rows, "more": [{"said": earlier}] if left else []}
    below = skeletons.AXIS + (skeletons.LINE if left else 0)
    return Plot(skeleton(ages, (title, subtitle)), data, signals, STEP * len(kept) + below + skeletons.EDGE)


def _cell(cell: Record, words: Words, names: tuple[str, str]) -> Record:
    """A cell with its number, written without the sign of per cent, which the axis has."""
    whole = bool(cell["complete"])
    said = {
        "title": f"{cell['group']} + {cell['age']}",
        words.say(names[0]): words.text(cell["value"], "share"),
        words.say(names[1]): words.count(cell["rows"]),
    }
    if not whole:
        said[words.say("Dashed")] = words.say("not all of the cohort has come of this age")
    number = units.text(100 * cell["value"], "count", locale=words.locale, precision=0)
    return {**cell, "group": str(cell["group"]), "complete": whole, "said": number, "tip": said}


@lru_cache(maxsize=64)
def skeleton(ages: str, head: Head = ("", "")) -> Skeleton:
    """Cells of one hue, the darker the more are left, each with its number."""
    columns = alt.Axis(title=ages or None, labelAngle=0, grid=False, labelOverlap=True)
    x = alt.X("age:O", scale=alt.Scale(domain=alt.expr("ages"), paddingInner=0.06), axis=columns)
    limit = alt.expr("min(120, room * 0.25)")
    y = alt.Y(
        "group:N",
        scale=alt.Scale(domain=alt.expr("groups"), paddingInner=0.08),
        axis=alt.Axis(title=None, grid=False, labelLimit=limit),
    )
    base = alt.Chart(alt.NamedData("rows")).encode(x=x, y=y)
    # How far a share lies above the lowest one that is drawn.
    part = "(datum.value - lowest) / (highest - lowest)"
    dashed = alt.expr("datum.complete ? [1, 0] : [3, 2]")
    layers = [
        base.mark_rect(
            fill=COLOURS["value"],
            fillOpacity=alt.expr(f"{_THIN} + {_THICK - _THIN} * {part}"),
            stroke=COLOURS["value"],
            strokeWidth=alt.expr("datum.complete ? 0 : 1"),
            strokeDash=dashed,
        ),
        base.mark_text(fontSize=11).encode(text="said:N"),
        skeletons.more(skeletons.AXIS + 4),
        base.mark_rect(opacity=0, fill=INK, tooltip=alt.expr("datum.tip")).properties(name="catch"),
    ]
    return built(layers, ["groups", "ages", "lowest", "highest"], step=STEP, head=head)
