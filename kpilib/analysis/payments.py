"""A hypothesis, tested: do dissatisfied customers pay later? An association in any case, whoever moves whom."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpilib.analysis import history
from kpilib.analysis.history import Whole, given
from kpilib.stats.discovery import false_discovery
from kpilib.stats.intervals import newcombe, wilson
from kpilib.stats.linear import Fit, fit, without_means
from kpilib.stats.proportions import two_proportion_p

#: The bands of the last recommendation score, the least happy first, and the score from which each begins.
BANDS = ("detractor", "passive", "promoter")
_FROM = (7, 9)
#: Invoices and customers that each end of the comparison needs.
FEWEST_INVOICES, FEWEST_CUSTOMERS = 50, 20
#: A score speaks for the invoices of the year after it.
_VALID = 365
_MEASURES = ("late_share", "mean_delay")


def payment_hypothesis(book: Any) -> dict[str, Any]:
    """The finding "payment_hypothesis": share and length of late payment by the customer's last score before.

    Parameters
    ----------
    book : Book
        What `kpilib.open` returned.

    Returns
    -------
    dict
        `bands`: frame of band, invoices, customers, late_share, low, high, mean_delay, delay_low, delay_high, unpaid.
        `difference`: detractors less promoters in late_share and mean_delay (value, low, high, p); `within`: the same
        among invoices of one segment and month. `by_segment`: frame of segment, invoices, customers, value, low,
        high, p, q, found (late share). `verdict`: "associated" where `within` the late share differs (p < 0.05),
        else "none". `invoices`, `customers`, `without_score`, `unpaid`.
        `cannot`: "no_invoices", "no_surveys", "no_scores_before", "too_few_invoices" (n, need), "all_alike".

    Notes
    -----
    Invoices due before `as_of`; late is unpaid or paid after the day. The delay of those unpaid counts to `as_of` and
    so is too short. The score is the last of "would you recommend us" of the 365 days before the invoice was issued.
    """
    if "invoices" not in book.tables:
        return {"cannot": "no_invoices"}
    if "surveys" not in book.tables:
        return {"cannot": "no_surveys"}
    due = _due(book)
    rows = due[due["band"] >= 0]
    known = {"without_score": len(due) - len(rows), "unpaid": int(due["unpaid"].sum())}
    if rows.empty:
        return {"cannot": "no_scores_before", "invoices": len(due), **known}
    ends = [rows[rows["band"] == band] for band in (0, 2)]
    if (
        min(len(end) for end in ends) < FEWEST_INVOICES
        or min(end["whose"].nunique() for end in ends) < FEWEST_CUSTOMERS
    ):
        return {"cannot": "too_few_invoices", "n": min(len(end) for end in ends), "need": FEWEST_INVOICES, **known}
    if rows["late_share"].nunique() < 2:
        return {"cannot": "all_alike", "invoices": len(rows), "late": bool(rows["late_share"].iloc[0]), **known}
    within = _differences(rows, ("segment", "month"))
    told = within["late_share"]
    return {
        "bands": _bands(rows),
        "difference": _differences(rows, ()),
        "within": within,
        "by_segment": _by_segment(rows),
        "verdict": "associated" if told is not None and told["p"] < 0.05 else "none",
        "invoices": len(rows), "customers": rows["whose"].nunique(), **known,
    }  # fmt: skip


def _due(book: Any) -> pd.DataFrame:
    """The invoices due before `as_of`: late or not, for how long, and the band of the score before (−1 without)."""
    columns = ["customer_id", "issued_on", "due_on", "paid_on", "fell_due", "on_time", "days_so_far", "segment"]
    rows = book.panel("invoices", columns=columns)
    rows = rows[rows["fell_due"].astype(bool)].reset_index(drop=True)
    return pd.DataFrame(
        {
            "whose": history.codes(rows["customer_id"]),
            "segment": given(rows["segment"]),
            "month": history.months(history.days(rows["due_on"])),
            "late_share": 1.0 - rows["on_time"].astype(float),
            "mean_delay": pd.to_numeric(rows["days_so_far"]).astype(float),
            "unpaid": rows["paid_on"].isna(),
            "band": _band(book, rows["customer_id"], history.days(rows["issued_on"])),
        }
    )


def _band(book: Any, customers: pd.Series[Any], issued: Whole) -> Whole:
    rows = book.panel("answers", columns=["customer_id", "metric", "score", "answered_on"])
    rows = rows[(rows["metric"] == "nps") & rows["score"].notna() & rows["answered_on"].notna()]
    told, order = history.events(rows["customer_id"], history.days(rows["answered_on"]))
    last = told.latest(told.whose(customers), issued - _VALID, issued - 1)
    score = rows["score"].to_numpy(float)[order]
    bands = np.searchsorted(_FROM, score, side="right").astype(np.int64)
    return np.where(last >= 0, np.append(bands, -1)[last], -1)


def _bands(rows: pd.DataFrame) -> pd.DataFrame:
    """Each band's share and mean with intervals that honour several invoices of one customer."""
    lines = []
    for place, band in enumerate(BANDS):
        own = rows[rows["band"] == place]
        line: dict[str, Any] = {"band": band, "invoices": len(own), "customers": own["whose"].nunique()}
        for name, low, high in (("late_share", "low", "high"), ("mean_delay", "delay_low", "delay_high")):
            line |= dict(zip((name, low, high), _mean(own, name), strict=True))
        lines.append({**line, "unpaid": int(own["unpaid"].sum())})
    return pd.DataFrame(lines)


def _mean(rows: pd.DataFrame, name: str) -> tuple[float, float, float]:
    y = rows[name].to_numpy(float)
    if rows["whose"].nunique() < 2:
        return (float(y.mean()) if len(y) else np.nan), np.nan, np.nan
    told = fit(np.ones((len(y), 1)), y, rows["whose"]).effects([1])
    low, high = float(told.low[0]), float(told.high[0])
    if np.isnan(low) and name == "late_share":
        low, high = (float(end) for end in wilson(*_customers(rows)))
    return float(told.value[0]), max(low, 0.0), min(high, 1.0) if name == "late_share" else high


def _customers(rows: pd.DataFrame) -> tuple[float, int]:
    """Late customers and all of them, where those of a band are all alike: each counts once."""
    of_each = rows.groupby("whose")["late_share"].mean()
    return float(of_each.sum()), len(of_each)


def _differences(rows: pd.DataFrame, matched: tuple[str, ...]) -> dict[str, dict[str, float] | None]:
    return {name: _difference(rows, name, matched) for name in _MEASURES}


def _difference(rows: pd.DataFrame, name: str, matched: tuple[str, ...]) -> dict[str, float] | None:
    """Detractors less promoters, passives held apart; None where no cell has both."""
    cell = np.asarray(rows.groupby(list(matched)).ngroup() if matched else np.zeros(len(rows)), np.int64)
    bands = (rows["band"].to_numpy()[:, None] == [0, 1]).astype(float)
    told = _fitted(bands, rows[name].to_numpy(float), cell, rows["whose"])
    if told is None:
        return None
    effects = told.effects([1.0] + [0.0] * (len(told.coefficients) - 1))
    if np.isnan(effects.p[0]) and name == "late_share":
        both = [*_customers(rows[rows["band"] == 0]), *_customers(rows[rows["band"] == 2])]
        low, high = (float(end) for end in newcombe(*both))
        return {"value": float(effects.value[0]), "low": low, "high": high, "p": float(two_proportion_p(*both))}
    return {key: float(column[0]) for key, column in zip(effects._fields, effects, strict=True)}


def _fitted(bands: NDArray[np.float64], y: NDArray[np.float64], cell: Whole, whose: pd.Series[Any]) -> Fit | None:
    x, cells = without_means(bands, cell), int(cell.max()) + 1
    varying = (x**2).sum(axis=0) > 1e-9
    # Without a cell that has detractors and others there is nothing to compare; passives may be absent.
    if not varying[0] or len(y) <= cells + 2 or whose.nunique() < 2:
        return None
    x = x[:, varying]
    if x.shape[1] == 2 and np.abs(x[:, 0] + x[:, 1]).max() < 1e-9:
        return None  # no promoter in any cell
    return fit(x, without_means(y, cell), whose, absorbed=cells)


def _by_segment(rows: pd.DataFrame) -> pd.DataFrame:
    """Whether the difference in late share stands in each segment of its own."""
    lines = []
    for segment, own in rows.groupby("segment", sort=True):
        able = all((own["band"] == band).sum() >= FEWEST_CUSTOMERS for band in (0, 2))
        told = _difference(own, "late_share", ("month",)) if able and own["late_share"].nunique() > 1 else None
        told = told or {"value": np.nan, "low": np.nan, "high": np.nan, "p": np.nan}
        lines.append({"segment": segment, "invoices": len(own), "customers": own["whose"].nunique(), **told})
    frame = pd.DataFrame(lines)
    frame["q"], frame["found"] = false_discovery(frame["p"].to_numpy())
    return frame
