"""A grid of two dimensions, a number in each cell, the fuller the darker: when something happens in a week, say."""

from collections.abc import Sequence

import pandas as pd

from kpilib import units
from kpilib.show.words import Words

from . import skeletons
from .heat import STEP, skeleton
from .plot import Nothing, Plot, Record, checked, records


def grid(
    frame: pd.DataFrame,
    title: str = "",
    subtitle: str = "",
    *,
    lines: Sequence[str],
    columns: Sequence[str],
    words: Words = Words(),
    measure: str = "",
    along: str = "",
) -> Plot:
    """Cells of one hue, the darker the larger their number, which stands in each.

    Parameters
    ----------
    frame : DataFrame
        Columns `group` (the line), `column`, `value` (0 or more) and `rows` (how many the value rests on).
    lines, columns : sequence of str
        What lines and columns there are, in their order; a cell that the frame has not is left empty.
    measure, along : str
        What a cell's number is, and what the columns are.

    Raises
    ------
    Nothing
        No cell has a value.
    """
    cells = records(checked(frame, "group", "column", "value", "rows"))
    cells = [cell for cell in cells if cell["value"] is not None]
    if not cells:
        raise Nothing("No row matches.")
    most = max(cell["value"] for cell in cells) or 1.0
    rows = [_cell(cell, most, measure, words) for cell in cells]
    signals = {"groups": list(lines), "ages": list(columns), "lowest": 0.0, "highest": 1.0}
    height = STEP * len(lines) + skeletons.AXIS + skeletons.EDGE
    return Plot(skeleton(along, (title, subtitle)), {"rows": rows, "more": []}, signals, height)


def _cell(cell: Record, most: float, measure: str, words: Words) -> Record:
    """A cell with its number, as short as it can be told: eleven stand side by side on a telephone."""
    value = cell["value"]
    said = units.text(value, "count", locale=words.locale, precision=1 if value < 10 else 0)
    told = {
        "title": f"{cell['group']} · {cell['column']}",
        measure or words.say("Value"): words.text(value, "ratio"),
        words.say("Rows"): words.count(cell["rows"]),
    }
    placed = {"group": str(cell["group"]), "age": str(cell["column"]), "value": value / most}
    return {**placed, "complete": True, "said": said, "tip": told}
