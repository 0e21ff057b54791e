"""What a KPI can be, given what is missing: its range for a slice, from two more sums of the same cubes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from kpilib.catalogue.kpi import Kpi
from kpilib.compute import measure
from kpilib.stats.bounds import bounds

#: The columns of an answer, after those that say whose and when.
COLUMNS = ("value", "lowest", "highest", "undecided", "rows")


def bounded(book: Any, key: str, variant: str | None = None, **slice_: Any) -> pd.DataFrame:
    """The range of a KPI over a slice: as it would be at worst and at best, were all that is missing known.

    Parameters
    ----------
    book : Book
        What `kpilib.open` returned.
    key, variant : str
        A KPI, or another definition of it.
    **slice_
        `by`, `period`, `where`, `since`, `until` as of `Book.kpi`.

    Returns
    -------
    pandas.DataFrame
        Columns group, period, value, lowest, highest, undecided (how many records are missing), rows, complete. With
        nothing missing both ends are the value, and so they are of a KPI that declares nothing (`Kpi.undecided`).
        `highest` is infinite where nothing bounds what is missing. A group of missing rows alone has no value and a
        range.

    Raises
    ------
    UnknownName, CannotAnswer
        As `Book.kpi`.

    Notes
    -----
    What a deal that is still open, or a question without an answer, would say is not assumed: see `stats.bounds`.
    """
    kpi = book._find(key, variant)
    known = book.columns(key, variant=variant, **slice_)[1]
    lines = _lines(known)
    if kpi.unknown is None:
        answers = [_line(kpi, line, None) for line in lines.values()]
    else:
        missing = _lines(_missing(book, kpi, **slice_))
        every = sorted({**lines, **missing})
        answers = [_line(kpi, lines.get(at), missing.get(at)) for at in every]
    return pd.DataFrame(answers, columns=[*_naming(known), *COLUMNS, "complete"])


class Range(NamedTuple):
    """The least and the most that a figure can be, and how many records are missing for more."""

    lowest: float
    highest: float
    undecided: int


def range_of(
    book: Any, kpi: Kpi, row: Mapping[str, Any], where: Any = None, since: Any = None, until: Any = None
) -> Range | None:
    """The range of one figure that is known already, from a cube and without pandas: for a page's tiles.

    Parameters
    ----------
    row : mapping
        `value` and `denominator` (None or NaN for a total) of the KPI for that slice.

    Returns
    -------
    Range or None
        None where nothing is missing, where the KPI declares nothing, and where no cube holds the slice.
    """
    if kpi.unknown is None or book.cubes is None:
        return None
    cells = book.cubes.answer(kpi.unknown, book._cut(kpi.unknown, None, None, where, since, until))
    count = 0 if cells is None else int(cells.rows.sum())
    if cells is None or not count:
        return None
    value, below = _number(row["value"]), _number(row["denominator"])
    known = {"numerator": value if kpi.total else value * below, "denominator": below}
    missing = {"numerator": float(cells.n.sum()), "denominator": float(cells.d.sum())}
    return Range(*ends(kpi, known, missing), count)


def _missing(
    book: Any, kpi: Kpi, by: Any = None, period: str | None = None, where: Any = None, since: Any = None,
    until: Any = None,
) -> measure.Columns:  # fmt: skip
    """The sums of the undecided for a slice, as an answer."""
    assert kpi.unknown is not None
    cut = book._cut(kpi.unknown, by, period, where, since, until)
    answer: measure.Columns = book._answer(kpi.unknown, cut)[0]
    return answer


def _lines(answer: measure.Columns) -> dict[tuple[str, ...], dict[str, Any]]:
    """An answer's lines, by group and period."""
    plain = {name: part if isinstance(part, list) else part.tolist() for name, part in answer.items()}
    lines = [dict(zip(plain, line, strict=True)) for line in zip(*plain.values(), strict=True)]
    return {tuple(line[name] for name in _naming(answer)): line for line in lines}


def _naming(answer: measure.Columns) -> list[str]:
    return [name for name in answer if name not in measure.COLUMNS or name == "period"]


def _line(kpi: Kpi, known: dict[str, Any] | None, missing: dict[str, Any] | None) -> dict[str, Any]:
    """One line: the figure as it is, and its two ends."""
    whose = known or missing or {}
    named = {name: whose[name] for name in (*_naming(whose), "complete")}
    count = int(missing["rows"]) if missing else 0
    value = known["value"] if known else math.nan
    rows = known["rows"] if known else 0
    if not count or missing is None:
        return {**named, "value": value, "lowest": value, "highest": value, "undecided": 0, "rows": rows}
    low, high = ends(kpi, known or {}, missing)
    return {**named, "value": value, "lowest": low, "highest": high, "undecided": count, "rows": rows}


def ends(kpi: Kpi, known: Mapping[str, Any], missing: Mapping[str, Any]) -> tuple[float, float]:
    """The least and the most that a KPI can be: from its own sums, and from those of its undecided records.

    Parameters
    ----------
    kpi : Kpi
        One that declares what is undecided.
    known, missing : mapping
        `numerator` and `denominator` of the KPI, and of `kpi.unknown`.
    """
    them = kpi.undecided
    assert them is not None
    n, d = (_number(known.get(name)) for name in ("numerator", "denominator"))
    weight = _number(missing["denominator"])
    least = _number(missing["numerator"]) if them.least else them.low * weight
    most = them.high * weight if weight else 0.0
    lowest, highest = bounds(n, None if kpi.total else d, weight, least, most, them.inside)
    return float(np.atleast_1d(lowest)[0]), float(np.atleast_1d(highest)[0])


def _number(value: Any) -> float:
    return 0.0 if value is None or math.isnan(value) else float(value)
