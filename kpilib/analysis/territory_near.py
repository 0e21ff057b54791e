"""A hypothesis, tested: do customers near a competitor's site leave sooner, and are deals near one lost more often?

An association at most: competitors settle where the market is, and large towns differ in more than that.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kpilib.analysis import history
from kpilib.analysis.territory import distances
from kpilib.stats.intervals import wilson
from kpilib.stats.linear import fit, without_means

#: Near is nearer than so many kilometres, as in the KPI's variant `near_share`.
NEAR = 10.0
#: Where the classes of distance end, in kilometres.
CLASSES = (5.0, 20.0, 50.0, 100.0)
#: So many customers it takes on either side, and so many who left or deals that closed.
FEWEST_CUSTOMERS, FEWEST_CASES = 30, 30
#: Two questions are asked of one distance: each is answered at half of 5 %.
LEVEL = 0.05 / 2


def distance_hypothesis(book: Any) -> dict[str, Any]:
    """The finding "distance_hypothesis": leaving and winning by the distance to the nearest competitor's site.

    Parameters
    ----------
    book : Book
        What `kpilib.open` returned.

    Returns
    -------
    dict
        `churn` and `wins`, each: `classes`, frame of low_km, high_km, customers, rows (customer-months; closed deals),
        cases (left; won), value, low, high (share a month; share won); `difference`: near less far, among customers of
        one family and month (deals: family and quarter), value, low, high, p, errors by customer; `near`, `far`: rows;
        `verdict`: "differs" where p < `LEVEL`, else "none"; or `cannot`: "too_few_near" (n, need), "no_deals",
        "no_churn". `level`, `near_km`.
        `cannot`: "no_customers", "no_sites", "no_places".
    """
    for table, reason in (("customers", "no_customers"), ("competitor_sites", "no_sites")):
        if table not in book.tables:
            return {"cannot": reason}
    far = distances(book)
    if far.empty:
        return {"cannot": "no_places"}
    return {"churn": _compared(_months(book), "no_churn"), "wins": _compared(_deals(book, far), "no_deals"),
            "near_km": NEAR, "level": LEVEL}  # fmt: skip


def _months(book: Any) -> pd.DataFrame:
    """A row a customer and month that began with it, and whether it left in it."""
    rows = book.panel("customer_places", columns=["customer_id", "month", "opening", "lost", "distance_km", "segment"])
    rows = rows[(rows["opening"] == 1) & rows["distance_km"].notna()]
    return _rows(rows, rows["distance_km"], rows["lost"], history.months(history.days(rows["month"])))


def _deals(book: Any, far: pd.Series[Any]) -> pd.DataFrame:
    """A row a deal won or lost, of customers whose place is known."""
    if "opportunities" not in book.tables:
        return _rows(pd.DataFrame({"customer_id": [], "segment": []}), [], [], [])
    rows = book.panel("deals", columns=["customer_id", "closed_on", "status", "segment"])
    rows = rows[rows["status"].isin(["won", "lost"]) & rows["closed_on"].notna()]
    away = pd.Series(history.given(rows["customer_id"])).map(far).to_numpy(float)
    rows, away = rows[~np.isnan(away)], away[~np.isnan(away)]
    return _rows(rows, away, rows["status"] == "won", history.months(history.days(rows["closed_on"])) // 3)


def _rows(rows: pd.DataFrame, away: Any, case: Any, when: Any) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "whose": history.codes(rows["customer_id"]) if len(rows) else [],
            "segment": history.given(rows["segment"]).to_numpy(object),
            "when": np.asarray(when, np.int64),
            "far": np.asarray(away, float),
            "case": np.asarray(case, float),
        }
    )


def _compared(rows: pd.DataFrame, none: str) -> dict[str, Any]:
    """The classes of distance, and what near and far differ by among alike."""
    if rows.empty or not 0 < rows["case"].sum() < len(rows):
        return {"cannot": none}
    near = rows["far"] < NEAR
    sides = [rows[near], rows[~near]]
    fewest = min(side["whose"].nunique() for side in sides)
    if fewest < FEWEST_CUSTOMERS or rows["case"].sum() < FEWEST_CASES:
        return {"cannot": "too_few_near", "n": fewest, "need": FEWEST_CUSTOMERS}
    difference = _difference(rows, near.to_numpy(float))
    found = difference is not None and difference["p"] < LEVEL
    return {
        "classes": _classes(rows), "difference": difference, "near": int(near.sum()), "far": int((~near).sum()),
        "customers": int(rows["whose"].nunique()), "verdict": "differs" if found else "none",
    }  # fmt: skip


def _difference(rows: pd.DataFrame, near: Any) -> dict[str, float] | None:
    """Near less far within family and time; None where no cell has both."""
    cell = np.asarray(rows.groupby(["segment", "when"]).ngroup(), np.int64)
    x = without_means(np.asarray(near, float)[:, None], cell)
    if (x**2).sum() < 1e-9:
        return None
    told = fit(x, without_means(rows["case"].to_numpy(float), cell), rows["whose"], absorbed=int(cell.max()) + 1)
    effects = told.effects([1.0])
    return {key: float(column[0]) for key, column in zip(effects._fields, effects, strict=True)}


def _classes(rows: pd.DataFrame) -> pd.DataFrame:
    """Cases by class of distance, with Wilson's interval."""
    at = np.digitize(rows["far"], CLASSES)
    lines = []
    for place, (low, high) in enumerate(zip((0.0, *CLASSES), (*CLASSES, np.inf), strict=True)):
        own = rows[at == place]
        cases = float(own["case"].sum())
        ends = [float(end) for end in wilson(cases, len(own))] if len(own) else [np.nan, np.nan]
        lines.append(
            {"low_km": low, "high_km": high, "customers": own["whose"].nunique(), "rows": len(own), "cases": cases,
             "value": cases / len(own) if len(own) else np.nan, "low": ends[0], "high": ends[1]}
        )  # fmt: skip
    return pd.DataFrame(lines)
