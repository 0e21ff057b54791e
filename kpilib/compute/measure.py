"""From sums to an answer: value, interval, rows, one line a group and period. Division happens here and only here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from kpilib.catalogue.kpi import Kpi
from kpilib.compute.cells import SUMS, Cells
from kpilib.compute.slices import Slice, label, last_month, month_start, periods
from kpilib.periods import month_end, month_of
from kpilib.stats import intervals

#: The columns of every answer, after the groups'.
COLUMNS = ("period", "value", "numerator", "denominator", "rows", "low", "high", "complete")


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
    listed = _periods(kpi, cut, start)
    groups = sorted(set(cells.groups)) if cut.by else [()]
    place = {(g, p): i for i, (g, p) in enumerate((g, p) for g in groups for p in listed)}
    sums = np.zeros((len(SUMS), len(place)))
    at = [place[key] for key in zip(cells.groups, cells.periods, strict=True) if key in place]
    inside = [key in place for key in zip(cells.groups, cells.periods, strict=True)]
    sums[:, at] = settled(np.stack([getattr(cells, name) for name in SUMS])[:, inside])
    answer = values(kpi, sums)
    ends = [min(last_month(p, cut), 9999 * 12) for _, p in place]
    answer.insert(0, "period", [label(p, cut) for _, p in place])
    answer["complete"] = [month_end(end) <= as_of for end in ends]
    return grouped(cut, [g for g, _ in place], answer)


def settled(sums: np.ndarray) -> np.ndarray:
    """Sums to twelve digits: an engine adds in no fixed order, and what that leaves in the last bits is not a figure.

    Amounts in cents come out as the decimal numbers they are, up to ten thousand million.
    """
    with np.errstate(divide="ignore"):
        digits = np.floor(np.log10(np.abs(sums)))
    scale = 10.0 ** np.clip(11 - np.where(np.isfinite(digits), digits, 0), -300, 22)
    return np.round(sums * scale) / scale


def values(kpi: Kpi, sums: np.ndarray) -> pd.DataFrame:
    """Value and interval from an array (6, rows) of sums in the order of `SUMS`; NaN where no row counts."""
    rows, n, d, nn, nd, dd = sums
    n, d = np.where(rows > 0, n, np.nan), np.where(rows > 0, d, np.nan)
    if kpi.total:
        value, low, high = n, np.full(len(n), np.nan), np.full(len(n), np.nan)
        d = np.full(len(n), np.nan)
    else:
        value = np.divide(n, d, out=np.full(len(n), np.nan), where=d != 0)
        low, high = interval(kpi, rows, n, d, nn, nd, dd)
    columns = {
        "value": value,
        "numerator": n,
        "denominator": d,
        "rows": rows.astype(np.int64),
        "low": low,
        "high": high,
    }
    return pd.DataFrame(columns)


def interval(
    kpi: Kpi, rows: np.ndarray, n: np.ndarray, d: np.ndarray, nn: np.ndarray, nd: np.ndarray, dd: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The 95 % interval of each ratio: Wilson's for yes or no, the delta method's otherwise."""
    if kpi.binary:
        return intervals.wilson(np.nan_to_num(n), np.nan_to_num(d))
    low, high = intervals.ratio_of_sums(rows, np.nan_to_num(n), np.nan_to_num(d), nn, nd, dd)
    if kpi.unit == "share" and not kpi.signed:
        return np.clip(low, 0, 1), np.clip(high, 0, 1)
    return low, high


def derived(kpi: Kpi, parts: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """A product of KPIs, row by row of their answers to the same slice.

    The parts are joined on group and period; rows are those of the part that has the fewest. A part that is a total
    (so many open deals) is taken to vary as a count does (Poisson).
    """
    powers = dict(kpi.powers)
    keys = [column for column in next(iter(parts.values())).columns if column not in COLUMNS[1:-1]]
    joined = None
    for key, part in parts.items():
        one = part.rename(columns={name: f"{key}.{name}" for name in COLUMNS[1:-1]})
        joined = one if joined is None else joined.merge(one, on=keys, how="outer")
    assert joined is not None
    factors = np.stack([joined[f"{key}.value"].to_numpy(float) for key in powers])
    exponents = np.array(list(powers.values()), float)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.prod(factors ** exponents[:, None], axis=0)
    value = np.where(np.isfinite(value), value, np.nan)
    errors = np.stack([_error(joined, key) for key in powers])
    low, high = intervals.product(np.nan_to_num(factors), errors, exponents)
    answer = joined[[k for k in keys if k != "complete"]].copy()
    answer["value"] = value
    answer["numerator"], answer["denominator"] = np.nan, np.nan
    answer["rows"] = (
        np.nan_to_num(np.stack([joined[f"{key}.rows"] for key in powers]).astype(float)).min(axis=0).astype(int)
    )
    answer["low"], answer["high"] = np.where(np.isnan(value), np.nan, low), np.where(np.isnan(value), np.nan, high)
    answer["complete"] = joined["complete"].astype(bool)
    return answer


def _error(joined: pd.DataFrame, key: str) -> np.ndarray:
    """The standard error of a part: a total's as of a count, a ratio's from its interval; NaN where that has none."""
    low, high = joined[f"{key}.low"].to_numpy(float), joined[f"{key}.high"].to_numpy(float)
    total = joined[f"{key}.denominator"].isna().to_numpy()
    counted = np.sqrt(np.maximum(joined[f"{key}.value"].to_numpy(float), 0))
    return np.where(total, counted, (high - low) / (2 * 1.959964))


def _periods(kpi: Kpi, cut: Slice, start: int) -> list[int]:
    """The periods of an answer; a stock has its trailing years wherever it has a month."""
    if not kpi.when:
        return [cut.first]
    return list(range(cut.first, cut.last + 1)) if kpi.at != "flow" and cut.grain == "ttm" else periods(cut, start)


def grouped(cut: Slice, groups: list[tuple[str, ...]], answer: pd.DataFrame) -> pd.DataFrame:
    """Put the group columns in front."""
    if len(cut.by) > 1:
        for i, name in enumerate(cut.by):
            answer.insert(i, name, [group[i] for group in groups])
    answer.insert(0, "group", [" · ".join(group) or "all" for group in groups])
    return answer


def from_sql(table: pd.DataFrame, cut: Slice) -> Cells:
    """The cells of an engine's answer to `Query.sql`."""
    known = table[table["rows"] > 0]
    columns = [known[name].astype(str) for name in cut.by]
    groups: list[tuple[str, ...]] = list(zip(*columns, strict=True)) if columns else [()] * len(known)
    starts = known["period_start"] if "period_start" in known else [month_start(cut.first)] * len(known)
    names = {"rows": "rows", "n": "numerator", "d": "denominator", "nn": "nn", "nd": "nd", "dd": "dd"}
    sums = [known[names[name]].fillna(0).to_numpy(float) for name in SUMS]
    return Cells(groups, [month_of(day) for day in starts], *sums)
