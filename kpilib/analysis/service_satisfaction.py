"""A hypothesis, tested: are customers less satisfied where the first reply was slow, or where it took several contacts?

An association in any case: hard matters are answered slowly, take several contacts and annoy by themselves.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kpilib.analysis import history
from kpilib.analysis.history import given
from kpilib.analysis.satisfaction import AFTER_REQUEST, numbered
from kpilib.model.severity import SLOW_HOURS
from kpilib.stats.discovery import false_discovery
from kpilib.stats.linear import fit, without_means

#: Answers, and customers, that a question needs; and answers that each of the two sides of a comparison needs.
FEWEST_ANSWERS, FEWEST_CUSTOMERS, FEWEST_SIDE = 100, 50, 30
#: Days between the solution of a ticket and the invitation that is taken to ask about it.
WITHIN = 14
#: The classes of the first reply: their names, and the hours at which each begins.
REPLIES = ("quick", "same_day", "slow")
_FROM = (2.0, float(SLOW_HOURS))
METRICS = ("csat", "ces")
_TERMS = ("slow", "contacts")


def service_satisfaction(book: Any) -> dict[str, Any]:
    """The finding "service_satisfaction": answers after a ticket by its first reply and its contacts.

    Parameters
    ----------
    book : Book
        What `kpilib.open` returned.

    Returns
    -------
    dict
        `metrics`: for csat and ces `by_reply` (frame of class "quick", "same_day", "slow", value, low, high, rows),
        `by_contacts` (class "1", "2", "3+"), `effects` (frame of term "slow" or "contacts", value, low, high, p, q,
        found: points of the score for a slow reply, and for each contact more, the other and the product held alike),
        `answers`, `customers`; or `cannot`: "too_few_answers" (n, need), "too_few_customers" (n, need), "all_alike".
        `slow_hours` and `within`. `cannot` is "no_surveys", "no_tickets", or "no_answers" where none follows a ticket.

    Notes
    -----
    An answer is about the customer's ticket of the same product that was resolved last in the 14 days before the
    invitation. Intervals are those of leaving out one customer after the other. False discoveries are held to 5 %
    over both questions and both terms.
    """
    if "surveys" not in book.tables:
        return {"cannot": "no_surveys"}
    if "tickets" not in book.tables:
        return {"cannot": "no_tickets"}
    rows = _linked(book)
    if rows.empty:
        return {"cannot": "no_answers"}
    metrics = {metric: _told(rows[rows["metric"] == metric]) for metric in METRICS}
    _flagged([one["effects"] for one in metrics.values() if "effects" in one])
    return {"metrics": metrics, "slow_hours": SLOW_HOURS, "within": WITHIN}


def _linked(book: Any) -> pd.DataFrame:
    """The answers after a ticket with that ticket's hours until the first reply and its contacts."""
    columns = ["customer_id", "product_id", "metric", "score", "sent_on", "touchpoint"]
    rows = book.panel("answers", columns=columns)
    after = given(rows["touchpoint"]).str.casefold().str.contains("|".join(AFTER_REQUEST))
    rows = rows[after & rows["score"].notna() & rows["customer_id"].notna() & rows["sent_on"].notna()]
    asked = book.panel("tickets", columns=["customer_id", "product_id", "resolved_at", "reply_hours", "contacts"])
    asked = asked[asked["resolved_at"].notna() & asked["customer_id"].notna()]
    keys = ["customer_id", "product_id"]
    answers = _dated(rows, "sent_on", keys)
    tickets = _dated(asked, "resolved_at", keys).drop(columns="resolved_at")
    linked = pd.merge_asof(
        answers, tickets, on="day", by=keys, tolerance=WITHIN, direction="backward", allow_exact_matches=True
    )  # fmt: skip
    for name in ("reply_hours", "contacts", "score"):
        linked[name] = pd.to_numeric(linked[name]).astype(float)
    known = linked["reply_hours"].notna() & linked["contacts"].notna()
    return linked[known].assign(whose=lambda made: numbered(made["customer_id"])).reset_index(drop=True)


def _dated(rows: pd.DataFrame, when: str, keys: list[str]) -> pd.DataFrame:
    """The rows in order of their day; a product that is not named is one of its own."""
    named = {key: given(rows[key]) for key in keys}
    return rows.assign(day=history.days(rows[when]), **named).sort_values("day", kind="stable")


def _told(rows: pd.DataFrame) -> dict[str, Any]:
    customers = int(rows["whose"].nunique())
    if len(rows) < FEWEST_ANSWERS:
        return {"cannot": "too_few_answers", "n": len(rows), "need": FEWEST_ANSWERS}
    if customers < FEWEST_CUSTOMERS:
        return {"cannot": "too_few_customers", "n": customers, "need": FEWEST_CUSTOMERS}
    if rows["score"].nunique() < 2:
        return {"cannot": "all_alike", "n": len(rows)}
    reply = np.searchsorted(_FROM, rows["reply_hours"].to_numpy(float), side="left")
    contacts = np.clip(rows["contacts"].to_numpy(float), 1, 3).astype(int) - 1
    return {
        "by_reply": _means(rows, reply, REPLIES), "by_contacts": _means(rows, contacts, ("1", "2", "3+")),
        "effects": _effects(rows, reply == len(_FROM)), "answers": len(rows), "customers": customers,
    }  # fmt: skip


def _means(rows: pd.DataFrame, place: np.ndarray, names: tuple[str, ...]) -> pd.DataFrame:
    """The mean answer of each class with its interval; a class of fewer than two customers has none."""
    lines = []
    for at, name in enumerate(names):
        own = rows[place == at]
        line = {"class": name, "value": np.nan, "low": np.nan, "high": np.nan, "rows": len(own)}
        if own["whose"].nunique() > 1:
            told = fit(np.ones((len(own), 1)), own["score"], own["whose"]).effects([1])
            line |= {"value": told.value[0], "low": told.low[0], "high": told.high[0]}
        lines.append(line)
    return pd.DataFrame(lines)


def _effects(rows: pd.DataFrame, slow: np.ndarray) -> pd.DataFrame:
    """What goes along with a slow reply and with each contact more, the product held alike."""
    cell = np.asarray(rows.groupby("product_id").ngroup(), np.int64)
    more = rows["contacts"].to_numpy(float) - 1
    x = without_means(np.column_stack([slow.astype(float), more]), cell)
    sides = {"slow": slow, "contacts": more > 0}
    able = [
        bool((x[:, at] ** 2).sum() > 1e-9) and min(sides[name].sum(), (~sides[name]).sum()) >= FEWEST_SIDE
        for at, name in enumerate(_TERMS)
    ]
    lines = [{"term": name, "value": np.nan, "low": np.nan, "high": np.nan, "p": np.nan} for name in _TERMS]
    if any(able):
        told = fit(x[:, able], without_means(rows["score"], cell), rows["whose"], absorbed=int(cell.max()) + 1)
        found = told.effects(np.eye(sum(able)))
        for place, at in enumerate(np.flatnonzero(able)):
            lines[at] |= {key: float(column[place]) for key, column in zip(found._fields, found, strict=True)}
    return pd.DataFrame(lines)


def _flagged(effects: list[pd.DataFrame]) -> None:
    """Which effects stand once all of them are counted."""
    if effects:
        p = np.concatenate([one["p"].to_numpy(float) for one in effects])
        q, found = false_discovery(p)
        for at, one in enumerate(effects):
            part = slice(at * len(_TERMS), (at + 1) * len(_TERMS))
            one["q"], one["found"] = q[part], found[part]
