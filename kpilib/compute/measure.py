"""From sums to an answer: value, interval, rows, one line a group and period. Division happens here and only here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from kpilib.catalogue.kpi import Kpi
from kpilib.compute.cells import SUMS, Cells
from kpilib.compute.slices import Slice, label, last_month, month_start, periods
from kpilib.periods import month_end, month_of
from kpilib.stats import intervals, scores

#: An answer's columns by name: texts as lists, numbers as arrays.
Columns = dict[str, Any]
#: The columns of every answer, after the groups'.
COLUMNS = ("period", "value", "numerator", "denominator", "rows", "low", "high", "complete")
# Saying the type of texts spares pandas the guess, which takes longer than the answer.
_TEXTS = pd.StringDtype(na_value=np.nan)
_TEXT: Any = _TEXTS.construct_array_type()


def frame(kpi: Kpi, cut: Slice, cells: Cells, start: int, as_of: date) -> pd.DataFrame:
    """The answer to a KPI asked of a slice.

    Parameters
    ----------
    kpi : Kpi
        Says how its sums become a value and an interval.
    cut : Slice
        What was asked: every period of it is in the answer, and every group that has a row in any.
    cells : Cells
        The sums; groups and periods without rows may be missing.
    start : int
        Month number of the data's first month.
    as_of : date
        Tells which periods are over.

    Returns
    -------
    pandas.DataFrame
        Columns `group` ("all" without `by`; members joined by " · " for several dimensions, each of which then has its
        own column too), `period`, `value`, `numerator`, `denominator`, `rows`, `low`, `high` (95 %, NaN for totals),
        `complete`. A group and period without rows has NaN and 0 rows: nothing observed is not 0. Empty data give one
        row of NaN without `by`, no row with it.
    """
    return framed(columns(kpi, cut, cells, start, as_of))


def columns(kpi: Kpi, cut: Slice, cells: Cells, start: int, as_of: date) -> Columns:
    """What `frame` makes a frame of: its columns by name, texts as lists."""
    listed = _periods(kpi, cut, start)
    groups: list[tuple[str, ...]] = sorted(set(cells.groups)) if cut.by else [()]
    row, column = {g: i for i, g in enumerate(groups)}, {p: i for i, p in enumerate(listed)}
    sums = np.zeros((len(SUMS), len(groups) * len(listed)))
    if cells.groups:
        inside = [i for i, period in enumerate(cells.periods) if period in column]
        at = [row[cells.groups[i]] * len(listed) + column[cells.periods[i]] for i in inside]
        sums[:, at] = settled(np.stack([getattr(cells, name) for name in SUMS])[:, inside])
    return laid_out(cut, groups, listed, values(kpi, sums), as_of)


def laid_out(
    cut: Slice, groups: list[tuple[str, ...]], listed: list[int], numbers: dict[str, np.ndarray], as_of: date
) -> Columns:
    """Numbers of each group's periods with the columns that say whose and when; NaN for those that are not given."""
    labels, complete = _named(tuple(listed), cut.grain, cut.first, cut.last, as_of)
    named: Columns = {"group": [" · ".join(group) or "all" for group in groups for _ in listed]}
    if len(cut.by) > 1:
        named |= {name: [group[i] for group in groups for _ in listed] for i, name in enumerate(cut.by)}
    named["period"] = list(labels) * len(groups)
    for name in COLUMNS[1:-1]:
        named[name] = numbers[name] if name in numbers else np.full(len(named["group"]), np.nan)
    return {**named, "complete": np.array(complete * len(groups), bool)}


def framed(named: Columns) -> pd.DataFrame:
    """Columns as a frame: texts as pandas keeps them, numbers as they are."""
    rows = len(named["complete"])
    made = {name: _TEXT._from_sequence(v, dtype=_TEXTS) if isinstance(v, list) else v for name, v in named.items()}
    return pd.DataFrame(made, index=pd.RangeIndex(rows), copy=False)


@lru_cache(maxsize=1024)
def _named(
    listed: tuple[int, ...], grain: str | None, first: int, last: int, as_of: date
) -> tuple[tuple[str, ...], tuple[bool, ...]]:
    """How each period is written, and whether it is over."""
    cut = Slice(first, last, grain=grain)
    ends = (min(last_month(period, cut), 9999 * 12) for period in listed)
    return tuple(label(period, cut) for period in listed), tuple(month_end(end) <= as_of for end in ends)


def settled(sums: np.ndarray) -> np.ndarray:
    """Sums to twelve digits: an engine adds in no fixed order, and what that leaves in the last bits is not a figure.

    Amounts in cents come out as the decimal numbers they are, up to ten thousand million.
    """
    with np.errstate(divide="ignore"):
        digits = np.floor(np.log10(np.abs(sums)))
    scale = 10.0 ** np.clip(11 - np.where(np.isfinite(digits), digits, 0), -300, 22)
    return np.round(sums * scale) / scale


def values(kpi: Kpi, sums: np.ndarray) -> dict[str, np.ndarray]:
    """Value and interval from an array (6, rows) of sums in the order of `SUMS`; NaN where no row counts."""
    rows, n, d, nn, nd, dd = sums
    some = rows > 0
    n, nothing = np.where(some, n, np.nan), np.full(len(n), np.nan)
    if kpi.total:
        value, d, low, high = n.copy(), nothing, nothing.copy(), nothing.copy()
    else:
        d = np.where(some, d, np.nan)
        value = np.divide(n, d, out=nothing, where=(d != 0) & ((n > 0) | (not kpi.over_count)))
        low, high = interval(kpi, rows, n, d, nn, nd, dd)
    counted = rows.astype(np.int64)
    return {"value": value, "numerator": n, "denominator": d, "rows": counted, "low": low, "high": high}


def interval(
    kpi: Kpi, rows: np.ndarray, n: np.ndarray, d: np.ndarray, nn: np.ndarray, nd: np.ndarray, dd: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The 95 % interval of each ratio.

    Wilson's for yes or no, adjusted Wald's for a net score, Garwood's for what is known over a count, else delta's.
    """
    if kpi.net:
        return _net(rows, n, nn)
    if kpi.over_count:
        fewest, most = intervals.counted(np.nan_to_num(d))
        known = np.where(n > 0, n, np.nan)
        return known / most, np.divide(known, fewest, out=np.full(len(n), np.inf), where=fewest > 0) + 0 * known
    if kpi.binary:
        return intervals.wilson(np.nan_to_num(n), np.nan_to_num(d))
    low, high = intervals.ratio_of_sums(rows, np.nan_to_num(n), np.nan_to_num(d), nn, nd, dd)
    if kpi.unit == "share" and not kpi.signed:
        return np.clip(low, 0, 1), np.clip(high, 0, 1)
    return low, high


def _net(rows: np.ndarray, n: np.ndarray, nn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The interval of promoters less detractors, whose rows add 100, 0 or −100: their sums tell how many there are."""
    gap, both = np.rint(np.nan_to_num(n) / 100), np.rint(nn / 10_000)
    low, high = scores.nps_interval((both - gap) / 2, rows - both, (both + gap) / 2)
    return 100 * low, 100 * high


def derived(kpi: Kpi, parts: Mapping[str, Columns]) -> Columns:
    """A product of KPIs, row by row of their answers to the same slice.

    The parts are joined on group and period; rows are those of the part that has the fewest. A part that is a total
    (so many open deals) is taken to vary as a count does (Poisson).
    """
    powers = dict(kpi.powers)
    keys, aligned = _joined(parts)
    if kpi.discount:
        _discount(kpi, aligned)
    factors = np.stack([aligned[key]["value"] for key in powers])
    exponents = np.array(list(powers.values()), float)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.prod(factors ** exponents[:, None], axis=0)
    value = np.where(np.isfinite(value), value, np.nan)
    errors = np.stack([_error(aligned[key]) for key in powers])
    low, high = intervals.product(np.nan_to_num(factors), errors, exponents)
    rows = np.nan_to_num(np.stack([aligned[key]["rows"] for key in powers])).min(axis=0).astype(np.int64)
    nothing, unknown = np.full(len(value), np.nan), np.isnan(value)
    sums = {"value": value, "numerator": nothing, "denominator": nothing.copy(), "rows": rows}
    between = {"low": np.where(unknown, np.nan, low), "high": np.where(unknown, np.nan, high)}
    complete = keys.pop("complete")
    return {**keys, **sums, **between, "complete": np.array(complete, bool)}


def _discount(kpi: Kpi, aligned: dict[str, dict[str, np.ndarray]]) -> None:
    """Put (c + i) ÷ (1 + i) in the place of the chance of leaving c, where that is known to be above zero.

    Σ m ((1 − c) ÷ (1 + i))^t from t = 0 on is m (1 + i) ÷ (c + i): the margin of the month that begins now included.
    Source: Gupta and Lehmann (2003), Journal of Interactive Marketing 17(1):9.
    """
    leaving = aligned[kpi.powers[1][0]]
    month = (1 + kpi.discount) ** (1 / 12) - 1
    known = leaving["low"] > 0
    for name in ("value", "low", "high"):
        leaving[name] = np.where(known, (leaving[name] + month) / (1 + month), np.nan)


def _joined(parts: Mapping[str, Columns]) -> tuple[dict[str, list[Any]], dict[str, dict[str, np.ndarray]]]:
    """Every group and period that any part has, in order, and each part's numbers at them (NaN where it has none)."""
    names = [name for name in next(iter(parts.values())) if name not in COLUMNS[1:-1]]
    lines = {key: list(zip(*(list(part[name]) for name in names), strict=True)) for key, part in parts.items()}
    every = sorted(set().union(*lines.values()))
    place = {line: i for i, line in enumerate(every)}
    aligned = {}
    for key, part in parts.items():
        at = [place[line] for line in lines[key]]
        aligned[key] = {name: np.full(len(every), np.nan) for name in COLUMNS[1:-1]}
        for name, spread in aligned[key].items():
            spread[at] = part[name]
    return {name: [line[i] for line in every] for i, name in enumerate(names)}, aligned


def _error(part: Mapping[str, np.ndarray]) -> np.ndarray:
    """The standard error of a part: a total's as of a count, a ratio's from its interval; NaN where that has none.

    A part that is a product itself has an interval that is symmetric on the log scale.
    """
    value, low, high = part["value"], part["low"], part["high"]
    counted = np.sqrt(np.maximum(value, 0))
    with np.errstate(divide="ignore", invalid="ignore"):
        multiplied = value * np.log(high / low) / (2 * 1.959964)
    alone = np.where(np.isnan(low), counted, np.where(low > 0, multiplied, np.nan))
    return np.where(np.isnan(part["denominator"]), alone, (high - low) / (2 * 1.959964))


def _periods(kpi: Kpi, cut: Slice, start: int) -> list[int]:
    """The periods of an answer; a stock has its trailing years wherever it has a month."""
    if not kpi.when:
        return [cut.first]
    return list(range(cut.first, cut.last + 1)) if kpi.at != "flow" and cut.grain == "ttm" else periods(cut, start)


def from_sql(table: pd.DataFrame, cut: Slice) -> Cells:
    """The cells of an engine's answer to `Query.sql`."""
    known = table[table["rows"] > 0]
    columns = [known[name].astype(str) for name in cut.by]
    groups: list[tuple[str, ...]] = list(zip(*columns, strict=True)) if columns else [()] * len(known)
    starts = known["period_start"] if "period_start" in known else [month_start(cut.first)] * len(known)
    names = {"rows": "rows", "n": "numerator", "d": "denominator", "nn": "nn", "nd": "nd", "dd": "dd"}
    sums = [known[names[name]].fillna(0).to_numpy(float) for name in SUMS]
    return Cells(groups, [month_of(day) for day in starts], *sums)
