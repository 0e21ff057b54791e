"""How long customers stay: the findings "retention_curves" and "cohorts".

Customers acquired before the records begin are seen from the age that they had then: those who left earlier are not in
the data, and counting the others from age 0 would make everybody look faithful.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpilib.analysis.customer_months import PROFILE, days, read
from kpilib.periods import label, month_of
from kpilib.stats.discovery import false_discovery
from kpilib.stats.intervals import wilson
from kpilib.stats.survival import Retention, logrank, retention_curve

#: By what retention is compared, and how large a group and how many groups must be for it.
DIMENSIONS = ("segment", "industry", "region", "country", "source", "team")
SMALLEST, MOST_GROUPS = 10, 25
#: Days that the records must span: a life put together of shorter ones is nobody's.
SPAN = 180
#: Mean length of a month in days.
MONTH = 365.25 / 12
LEVEL = 0.05
STEP = 3


class Lives:
    """The customers whose beginning is known, by the days at which they came, were first and last seen, and left."""

    def __init__(self, book: Any) -> None:
        table = read(book, "customer_lives", ("customer_id", "acquired_on", "churned_on", *PROFILE))
        day = "datetime64[D]"
        begun, gone = days(table["acquired_on"]).astype(day), days(table["churned_on"]).astype(day)
        self.since, self.until = np.datetime64(book.first_month, "D"), np.datetime64(book.as_of, "D")
        self.span = (book.as_of - book.first_month).days
        gone[gone > self.until] = np.datetime64("NaT")
        # Who left before the records begin, or came after they end, was never under observation.
        seen = ~np.isnat(begun) & (begun <= self.until) & ~(gone < self.since)
        self.table = table[seen].reset_index(drop=True)
        self.undated = int(np.isnat(begun).sum())
        self.begun, self.gone = begun[seen], gone[seen]
        self.left = ~np.isnat(self.gone)
        end = np.where(self.left, self.gone, self.until)
        # Half a day, so that who leaves on its first day was there for a moment.
        self.age = (end - self.begun).astype(np.int64) + 0.5
        self.entry = np.maximum((self.since - self.begun).astype(np.int64), 0).astype(float)

    def __len__(self) -> int:
        return len(self.table)

    def cannot(self) -> dict[str, Any]:
        """Why nothing can be said of how long these customers stay; empty where it can."""
        facts = {"customers": len(self), "lost": int(self.left.sum()), "undated": self.undated}
        reason = ""
        if not len(self):
            reason = "no_customers"
        elif self.span < SPAN:
            reason = "too_short"
        elif not self.left.any():
            reason = "no_churn"
        elif len(self) < SMALLEST:
            reason = "too_few_customers"
        return {"cannot": reason, **facts} if reason else {}

    def curve(self, some: NDArray[np.bool_]) -> Retention:
        return retention_curve(self.entry[some] / MONTH, self.age[some] / MONTH, self.left[some])


def retention_curves(book: Any) -> dict[str, Any]:
    """Share of customers still there by months since acquisition, of all and by group, and whether groups differ.

    Parameters
    ----------
    book : Book
        What `kpilib.open` returned.

    Returns
    -------
    dict
        unit ("month"), observed_from, as_of, customers, lost, late_entries (customers older than the records), undated
        (without a day of acquisition, left out), and the frames `curves` (dimension, member, month, retained, low,
        high, at_risk, lost), `members` and `tests` (log-rank, with Benjamini and Hochberg's q over the dimensions).
        Where all left the curves end at 0. `{"cannot": code}` with the counts where there is nothing to say.
    """
    lives = Lives(book)
    reason = lives.cannot()
    if reason:
        return reason
    everybody = np.ones(len(lives), bool)
    parts, members = [_line("", "", lives.curve(everybody))], [_member("", "", lives, everybody)]
    tests = []
    for dimension in DIMENSIONS:
        groups = _groups(lives.table[dimension])
        if len(groups) < 2:
            continue
        for name, some in groups.items():
            parts.append(_line(dimension, name, lives.curve(some)))
            members.append(_member(dimension, name, lives, some))
        tests.append(_tested(dimension, lives, groups))
    return {
        "unit": "month", "observed_from": str(lives.since), "as_of": str(lives.until), "customers": len(lives),
        "lost": int(lives.left.sum()), "late_entries": int((lives.entry > 0).sum()), "undated": lives.undated,
        "curves": pd.concat(parts, ignore_index=True), "members": pd.DataFrame(members), "tests": _judged(tests),
    }  # fmt: skip


def _groups(cells: pd.Series) -> dict[str, NDArray[np.bool_]]:
    """The groups of a dimension that are large enough, by size; none where they are too many."""
    names, code, count = np.unique(cells.astype("str").to_numpy(object), return_inverse=True, return_counts=True)
    large = [place for place in np.argsort(-count, kind="stable").tolist() if count[place] >= SMALLEST]
    return {str(names[place]): code == place for place in large} if len(large) <= MOST_GROUPS else {}


def _line(dimension: str, member: str, curve: Retention) -> pd.DataFrame:
    """The curve at whole months of age, from 0 to the one in which the last customer was seen."""
    ages = np.arange(int(np.ceil(curve.times[-1])) + 1)
    place = np.searchsorted(curve.times, ages, side="right")
    share = np.concatenate([[1.0], curve.retained])[place]
    low, high = (np.concatenate([[1.0], end])[place] for end in curve.band())
    lost = np.concatenate([[0], curve.lost.cumsum()])[place]
    return pd.DataFrame(
        {"dimension": dimension, "member": member, "month": ages, "retained": share, "low": low, "high": high,
         "at_risk": _at_risk(curve, ages), "lost": np.diff(lost, prepend=0)}
    )  # fmt: skip


def _at_risk(curve: Retention, ages: NDArray) -> NDArray:
    """Customers under observation at the first age seen from each on."""
    place = np.minimum(np.searchsorted(curve.times, ages, side="left"), len(curve.times) - 1)
    return curve.at_risk[place]


def _member(dimension: str, member: str, lives: Lives, some: NDArray[np.bool_]) -> dict[str, Any]:
    curve = lives.curve(some)
    year = np.searchsorted(curve.times, 12, side="right")
    low, high = (np.concatenate([[1.0], end])[year] for end in curve.band())
    seen = curve.times[-1] >= 12
    none = float("nan")
    return {
        "dimension": dimension, "member": member, "customers": int(some.sum()), "lost": int(lives.left[some].sum()),
        "median": curve.median(), "year_1": float(curve.at(12)), "year_1_low": float(low) if seen else none,
        "year_1_high": float(high) if seen else none, "shown": bool(some.sum() >= SMALLEST),
    }  # fmt: skip


def _tested(dimension: str, lives: Lives, groups: dict[str, NDArray[np.bool_]]) -> dict[str, Any]:
    code = np.full(len(lives), -1)
    for place, some in enumerate(groups.values()):
        code[some] = place
    inside = code >= 0
    # All ages in months, as the curves have them.
    found = logrank(lives.entry[inside], lives.age[inside], lives.left[inside], code[inside])
    return {"dimension": dimension, "groups": len(groups), "chi2": found.chi2, "df": found.df, "p": found.p}


def _judged(tests: list[dict[str, Any]]) -> pd.DataFrame:
    table = pd.DataFrame(tests, columns=["dimension", "groups", "chi2", "df", "p"])
    table["q"], table["differ"] = false_discovery(table["p"].to_numpy(float), LEVEL)
    return table


def cohorts(book: Any) -> dict[str, Any]:
    """Of the customers acquired in each quarter, the share still there 3, 6, 9 … months after they came.

    Parameters
    ----------
    book : Book
        What `kpilib.open` returned.

    Returns
    -------
    dict
        observed_from, as_of, customers (acquired within the records), and the frame `cells`: cohort, starts (first day
        of the quarter), customers, months, followed (those acquired at least so long ago), kept, share, low, high
        (Wilson), complete (all were). Cells that nobody has lived to see are not there. `{"cannot": code}` as
        `retention_curves`.

    Notes
    -----
    Only quarters that began within the records. A cell that is not complete speaks of the customers acquired early in
    the quarter.
    """
    lives = Lives(book)
    reason = lives.cannot()
    inside = lives.begun >= lives.since
    if reason or not inside.any():
        return reason or {"cannot": "no_new_customers", "customers": len(lives), "lost": int(lives.left.sum())}
    quarter = np.array([month_of(day) // 3 for day in lives.begun[inside].astype(object)])
    cells = [
        cell
        for one in np.unique(quarter).tolist()
        for cell in _cohort(one, lives, np.flatnonzero(inside)[quarter == one])
    ]
    table = pd.DataFrame(cells)
    table["low"], table["high"] = wilson(table["kept"], table["followed"])
    return {"observed_from": str(lives.since), "as_of": str(lives.until), "customers": int(inside.sum()),
            "cells": table}  # fmt: skip


def _cohort(quarter: int, lives: Lives, who: NDArray) -> list[dict[str, Any]]:
    """The line of a cohort: one cell each three months that some of it have lived."""
    cells: list[dict[str, Any]] = []
    for months in range(0, 1200, STEP):
        day = _later(lives.begun[who], months)
        followed = day <= lives.until
        if not followed.any():
            break
        kept = followed & (np.isnat(lives.gone[who]) | (lives.gone[who] >= day))
        share = kept.sum() / followed.sum()
        cells.append(
            {"cohort": label(quarter, "quarter"), "starts": str(np.datetime64(quarter * 3 - 1970 * 12, "M")) + "-01",
             "customers": len(who), "months": months, "followed": int(followed.sum()), "kept": int(kept.sum()),
             "share": float(share), "complete": bool(followed.all())}
        )  # fmt: skip
    return cells


def _later(begun: NDArray, months: int) -> NDArray:
    """The same day some months later; the month's last where it has no such day."""
    month = begun.astype("datetime64[M]")
    into = begun - month.astype("datetime64[D]")
    last = (month + months + 1).astype("datetime64[D]") - np.timedelta64(1, "D")
    return np.minimum((month + months).astype("datetime64[D]") + into, last)
