"""A data frame as a table for reading: each cell written in its unit, once, for HTML and for plain text alike.

A frame says its columns' units in ``frame.attrs["units"]`` ({column: unit}); other numbers are written plainly.
"""

from dataclasses import dataclass
from datetime import date

import pandas as pd
from pandas.api import types

from .markup import Html, element, join
from .words import NOTHING, Words, missing

#: A longer table is cut here, and says so.
MOST = 100
#: A longer table is folded away.
OPEN = 15
#: A table of more letters than this across stands below its chart.
BESIDE = 70


@dataclass(frozen=True)
class Cells:
    """A table as text: column names, which of them hold numbers, rows of cells, how many rows were left out."""

    names: list[str]
    right: list[bool]
    rows: list[list[str]]
    left_out: int


def kpi_table(frame: pd.DataFrame, kpi: object, words: Words = Words(), group: str = "Group") -> pd.DataFrame:
    """What `Book.kpi` returned, as one shows it: group or period, value, interval, rows.

    Parameters
    ----------
    frame : DataFrame
        From `Book.kpi`; without rows it gives a table without rows.
    kpi : Kpi
        Its name heads the value's column; its unit says how the value is written.
    group : str
        What the groups are called.

    Returns
    -------
    DataFrame
        Values stay numbers; ``attrs["units"]`` says how they are written.
    """
    name, unit = str(getattr(kpi, "name", "Value")), str(getattr(kpi, "unit", "ratio"))
    shown = pd.DataFrame(index=range(len(frame)))
    if "group" in frame and not (frame["group"].astype(str) == "all").all():
        shown[group] = frame["group"].astype(str).to_numpy()
    if "period" in frame and (frame["period"].nunique() > 1 or group not in shown):
        shown["Period"] = [
            f"{p}{'' if whole else ' (not over)'}" for p, whole in zip(frame["period"], _whole(frame), strict=True)
        ]
    shown[name] = frame["value"].to_numpy()
    shown["95% interval"] = [
        words.interval(a, b, unit) or NOTHING for a, b in zip(frame["low"], frame["high"], strict=True)
    ]
    shown["Rows"] = frame["rows"].to_numpy()
    shown.attrs["units"] = {name: unit, "Rows": "count"}
    return shown


def with_shares(frame: pd.DataFrame) -> pd.DataFrame:
    """The groups from the largest value down, with `share` of the total and `cumulative` share, 0 to 1.

    Means something only where values add up and none is negative; with a negative value, or a total of zero, both
    columns are missing throughout.
    """
    known = (
        frame[frame["value"].notna()].sort_values(["value", "group"], ascending=[False, True]).reset_index(drop=True)
    )
    total = known["value"].sum()
    adds_up = total > 0 and (known["value"] >= 0).all()
    share = known["value"] / total if adds_up else pd.Series(float("nan"), index=known.index)
    return known.assign(share=share, cumulative=share.cumsum())


def cells(frame: pd.DataFrame, words: Words = Words(), most: int = MOST) -> Cells:
    """Every cell of the frame's first rows as text."""
    units = frame.attrs.get("units", {})
    head = frame.head(most)
    columns = [[_cell(value, units.get(name, ""), words) for value in head[name]] for name in head.columns]
    right = [name in units or _is_number(frame[name]) for name in frame.columns]
    rows = [list(row) for row in zip(*columns, strict=True)]
    return Cells([str(name) for name in frame.columns], right, rows, max(0, len(frame) - most))


def to_html(table: Cells, caption: str = "") -> Html:
    """The table as HTML, folded away if it is long; a row header in its first column, names in `scope`d headers."""
    marks = ["kpi-number" if right else None for right in table.right]
    head = [
        # A long header takes a few lines, not one a word.
        element("th", name, scope="col", class_=f"{mark} kpi-long" if mark and len(name) > 13 else mark)
        for name, mark in zip(table.names, marks, strict=True)
    ]
    body = [element("tr", *_row(row, marks)) for row in table.rows]
    named = element("caption", caption) if caption else None
    drawn = element("table", named, element("thead", element("tr", *head)), element("tbody", *body), class_="kpi-table")
    box = element(
        "div", drawn, _more(table), class_="kpi-scroll", tabindex="0", role="group", aria_label=caption or "Table"
    )
    if not folded(table):
        return box
    return element("details", element("summary", f"Table ({len(table.rows) + table.left_out} rows)"), box)


def folded(table: Cells) -> bool:
    """Whether the table is long enough to be folded away."""
    return len(table.rows) > OPEN


def broad(table: Cells) -> bool:
    """Whether the table is too wide to stand beside a chart, reckoned by its letters."""
    columns = zip(table.names, table.right, zip(*table.rows, strict=True), strict=True)
    # A number's header is broken into lines, a text column has a least width; 2 letters are the gap between columns.
    letters = (
        2 + max([min(len(name), 13) if right else max(len(name), 14), *(min(len(cell), 24) for cell in cells)])
        for name, right, cells in columns
    )
    return sum(letters) > BESIDE


def to_plain(table: Cells) -> str:
    """The table as lines of text, numbers to the right."""
    columns = list(zip(table.names, *table.rows, strict=True))
    widths = [max(len(cell) for cell in column) for column in columns]
    lines = []
    for row in zip(*columns, strict=True):
        padded = (_padded(*parts) for parts in zip(row, widths, table.right, strict=True))
        lines.append("  ".join(padded).rstrip())
    return "\n".join([*lines, *([f"… and {table.left_out} more"] if table.left_out else [])])


def _row(row: list[str], marks: list[str | None]) -> list[Html]:
    first, *rest = zip(row, marks, strict=True)
    return [element("th", first[0], scope="row", class_=first[1]), *(element("td", c, class_=m) for c, m in rest)]


def _more(table: Cells) -> Html | None:
    return join(element("p", f"… and {table.left_out} more", class_="kpi-note")) if table.left_out else None


def _padded(cell: str, width: int, right: bool) -> str:
    # A line break in a name would tear the row apart.
    cell = " ".join(cell.split()) if "\n" in cell else cell
    return cell.rjust(width) if right else cell.ljust(width)


def _is_number(column: pd.Series) -> bool:
    return types.is_numeric_dtype(column) and not types.is_bool_dtype(column)


def _whole(frame: pd.DataFrame) -> list[bool]:
    return [bool(whole) for whole in frame["complete"]] if "complete" in frame else [True] * len(frame)


def _cell(value: object, unit: str, words: Words) -> str:
    if missing(value):
        return NOTHING
    if unit:
        return words.text(value, unit)
    if types.is_bool(value):
        return "yes" if value else "no"
    if types.is_integer(value):
        return words.count(value)
    if types.is_float(value):
        return f"{value:,.2f}"
    return f"{value:%Y-%m-%d}" if isinstance(value, date) else str(value)
