"""A data frame as a table for reading: each cell written in its unit, once, for HTML and for plain text alike.

A frame says its columns' units in ``frame.attrs["units"]`` ({column: unit}); other numbers are written plainly. Its
columns are called in English; here they are said in the reader's language.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from kpilib.compute.frames import lists, ranking, taken
from kpilib.language import N_
from kpilib.units import DURATIONS

from .markup import Html, element, join
from .words import NOTHING, Words, missing

#: A longer table is cut here, and says so.
MOST = 100
#: A longer table is folded away.
OPEN = 15
#: A cell of more letters than this is read as a sentence, and its column is wide enough for one.
SENTENCE = 60
#: A table of more letters than this across stands below its chart.
BESIDE = 70
# What tables call their columns; of two intervals, the second bears a blank at its end.
INTERVAL, ROWS, PERIOD = N_("95% interval"), N_("Rows"), N_("Period")


@dataclass(frozen=True)
class Cells:
    """A table as text: column names, which of them hold numbers, rows of cells, how many were left out, for whom."""

    names: list[str]
    right: list[bool]
    rows: list[list[str]]
    left_out: int
    words: Words = field(default_factory=Words)


def kpi_table(frame: pd.DataFrame, kpi: object, words: Words = Words(), group: str = N_("Group")) -> pd.DataFrame:
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
        Its columns are called in English. Values stay numbers; ``attrs["units"]`` says how they are written.
    """
    name, unit = str(getattr(kpi, "name", "Value")), str(getattr(kpi, "unit", "ratio"))
    groups = [str(one) for one in frame["group"].tolist()] if "group" in frame else []
    made: dict[str, object] = {}
    if any(one != "all" for one in groups):
        made[group] = groups
    if "period" in frame and (group not in made or len(set(frame["period"].tolist())) > 1):
        made[PERIOD] = _periods(frame, words)
    made[name] = frame["value"].to_numpy()
    made[INTERVAL] = intervals(frame, words, unit)
    made[ROWS] = frame["rows"].to_numpy()
    table = pd.DataFrame(made)
    table.attrs["units"] = {name: unit, ROWS: "count"}
    return table


def shown(frame: pd.DataFrame, columns: Mapping[str, str], units: Mapping[str, str]) -> pd.DataFrame:
    """These columns of a frame as a table.

    Parameters
    ----------
    columns : mapping of str to str
        What each is called in the table, in English.
    units : mapping of str to str
        The units, by those names.
    """
    table = pd.DataFrame({called: frame[name].to_numpy() for name, called in columns.items()})
    table.attrs["units"] = dict(units)
    return table


def intervals(frame: pd.DataFrame, words: Words, unit: str = "share") -> list[str]:
    """The intervals of the frame's rows (columns `low`, `high`) in words, a dash where there is none."""
    return between(frame["low"].tolist(), frame["high"].tolist(), words, unit)


def between(low: list[float], high: list[float], words: Words, unit: str = "share") -> list[str]:
    """The intervals from these ends to those, as `intervals` says them."""
    return [words.interval(a, b, unit) or NOTHING for a, b in zip(low, high, strict=True)]


def of_difference(low: float, high: float, unit: str, words: Words) -> str:
    """The interval of a difference, its unit said once: "−1.2 to +2.0 points"; a dash where there is none."""
    if missing(low) or missing(high):
        return NOTHING
    # A number whose unit is said at the end: points, days, hours.
    bare = (low * 100, "score") if unit == "share" else (low, "score" if unit in DURATIONS else unit)
    return words.say("{low} to {high}", low=words.difference(*bare), high=words.difference(high, unit))


def with_shares(frame: pd.DataFrame) -> pd.DataFrame:
    """The groups from the largest value down, with `share` of the total and `cumulative` share, 0 to 1.

    Means something only where values add up and none is negative; with a negative value, or a total of zero, both
    columns are missing throughout.
    """
    order = ranking(frame)
    values = frame["value"].to_numpy(float)[order]
    total = values.sum()
    share = values / total if total > 0 and (values >= 0).all() else np.full(len(values), np.nan)
    return taken(frame, order, share=share, cumulative=share.cumsum())


def cells(frame: pd.DataFrame, words: Words = Words(), most: int = MOST) -> Cells:
    """Every cell of the frame's first rows as text."""
    units = frame.attrs.get("units", {})
    head = frame if len(frame) <= most else frame.iloc[:most]
    columns = [_column(v, units.get(name, ""), words) for name, v in zip(head.columns, lists(head), strict=True)]
    right = [name in units or kind.kind in "iuf" for name, kind in zip(head.columns, head.dtypes, strict=True)]
    rows = [list(row) for row in zip(*columns, strict=True)]
    names = [words.say(str(name).strip()) for name in frame.columns]
    return Cells(names, right, rows, max(0, len(frame) - most), words)


def to_html(table: Cells, caption: str = "") -> Html:
    """The table as HTML, folded away if it is long; a row header in its first column, names in `scope`d headers."""
    texts = zip(*table.rows, strict=True) if table.rows else [()] * len(table.right)
    marks = [
        "kpi-number" if right else "kpi-prose" if max(map(len, cells), default=0) > SENTENCE else None
        for right, cells in zip(table.right, texts, strict=True)
    ]
    head = [
        # A long header takes a few lines, not one a word.
        element("th", name, scope="col", class_="kpi-number kpi-long" if right and len(name) > 13 else mark)
        for name, mark, right in zip(table.names, marks, table.right, strict=True)
    ]
    body = [element("tr", *_row(row, marks)) for row in table.rows]
    named = element("caption", caption) if caption else None
    drawn = element("table", named, element("thead", element("tr", *head)), element("tbody", *body), class_="kpi-table")
    say = table.words.say
    called = {"role": "group", "aria_label": caption or say("Table")}
    box = element("div", drawn, _more(table), class_="kpi-scroll", tabindex="0", **called)
    if not folded(table):
        return box
    rows = table.words.count(len(table.rows) + table.left_out)
    return element("details", element("summary", say("Table ({n} rows)", n=rows)), box)


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
    return "\n".join([*lines, *([_left_out(table)] if table.left_out else [])])


def _row(row: list[str], marks: list[str | None]) -> list[Html]:
    first, *rest = zip(row, marks, strict=True)
    return [element("th", first[0], scope="row", class_=first[1]), *(element("td", c, class_=m) for c, m in rest)]


def _more(table: Cells) -> Html | None:
    return join(element("p", _left_out(table), class_="kpi-note")) if table.left_out else None


def _left_out(table: Cells) -> str:
    return table.words.say("… and {n} more", n=table.words.count(table.left_out))


def _padded(cell: str, width: int, right: bool) -> str:
    # A line break in a name would tear the row apart.
    cell = " ".join(cell.split()) if "\n" in cell else cell
    return cell.rjust(width) if right else cell.ljust(width)


def _periods(frame: pd.DataFrame, words: Words) -> list[str]:
    """The periods, those marked that are not over."""
    whole = frame["complete"].tolist() if "complete" in frame else [True] * len(frame)
    named = zip(frame["period"].tolist(), whole, strict=True)
    return [str(period) if over else words.say("{period} (not over)", period=period) for period, over in named]


def _column(values: list[object], unit: str, words: Words) -> list[str]:
    if unit:
        return [words.text(value, unit) for value in values]
    return [value if isinstance(value, str) else _cell(value, words) for value in values]


def _cell(value: object, words: Words) -> str:
    if missing(value):
        return NOTHING
    if isinstance(value, bool | np.bool_):
        return words.say("yes") if value else words.say("no")
    if isinstance(value, int | np.integer):
        return words.count(value)
    if isinstance(value, float | np.floating):
        return words.text(value, "ratio")
    return f"{value:%Y-%m-%d}" if isinstance(value, date) else str(value)
