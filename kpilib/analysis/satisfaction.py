"""The key drivers of satisfaction: what goes along with better and worse answers, all things considered at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kpilib.analysis import history
from kpilib.analysis.history import WINDOW, Requests, Whole, given
from kpilib.model.severity import SLOW_HOURS
from kpilib.stats.key_drivers import key_drivers as explained
from kpilib.stats.linear import without_means
from kpilib.stats.terms import terms

#: The questions of surveys, each with a model of its own.
METRICS = ("nps", "csat", "ces")
#: Fewer answers, or customers, have no model.
FEWEST_ANSWERS, FEWEST_CUSTOMERS = 100, 50
#: Dimensions that may move an answer, in the order in which they stand for what others tell too.
LEVELS = ("touchpoint", "product", "category", "tier", "service", "segment", "industry", "region")
#: A score of which more is explained is decided, not moved: no error can be told.
WHOLLY = 0.9999
NO_REQUEST = "(no request)"
HALF_YEAR = 182
#: Words in the names of touchpoints that come after a request.
AFTER_REQUEST = ("ticket", "support", "incident", "request", "sav", "réclamation", "demande")


def key_drivers(book: Any) -> dict[str, Any]:
    """The finding "key_drivers": for each survey question what goes along with its score.

    Parameters
    ----------
    book : Book
        What `kpilib.open` returned.

    Returns
    -------
    dict
        `models`: by metric what `kpilib.stats.key_drivers` gives, or `cannot`: "no_answers", "too_few_answers",
        "too_few_customers" (with n and need), "all_alike", "nothing_varies", "separation" (`term` decides the score
        wholly). `window` (days that count as before),
        `slow_hours`, `graded` (severities known: only serious requests are incidents), `requests` (are there any).
        `cannot` is "no_surveys" where there are none.

    Notes
    -----
    Known before the answer: requests opened in the 90 days before its day, orders of the half year before. A request
    of the day itself may be its cause or its consequence, and is left out. Orders are held alike because who buys more
    asks more: without them the satisfied, who buy more, would make requests look harmless. Where answers follow
    requests, the one that was resolved last before the invitation is looked at instead of the mean of all.
    """
    if "surveys" not in book.tables:
        return {"cannot": "no_surveys"}
    rows, asked = answers(book), history.requests(book)
    rows = rows.assign(tenure_years=_tenure(book, rows), orders=_orders(book, rows))
    return {
        "models": {metric: _model(rows[rows["metric"] == metric], asked) for metric in METRICS},
        "window": WINDOW, "slow_hours": SLOW_HOURS,
        "requests": asked is not None, "graded": asked is not None and asked.graded,
    }  # fmt: skip


def answers(book: Any) -> pd.DataFrame:
    """The answers given: score, metric, customer_id, whose (a number for each customer), dimensions; days since 1970.

    `day` is that of the answer, `invited` that of the invitation. An answer of nobody known counts as a customer of its
    own.
    """
    rows = book.panel("answers", columns=["customer_id", "metric", "score", "answered_on", "sent_on", *LEVELS])
    rows = rows[rows["score"].notna() & rows["answered_on"].notna()]
    days = {"day": history.days(rows["answered_on"]), "invited": history.days(rows["sent_on"])}
    rows = rows.assign(whose=numbered(rows["customer_id"]), **days)
    return rows.drop(columns=["answered_on", "sent_on"]).reset_index(drop=True)


def numbered(customers: pd.Series[Any]) -> Whole:
    """A number for each customer; each row without one has a number of its own."""
    found = pd.factorize(customers)[0].astype(np.int64)
    nobody = found < 0
    return np.where(nobody, found.max(initial=-1) + np.cumsum(nobody), found)


def _tenure(book: Any, rows: pd.DataFrame) -> Any:
    """For how many years each answer's customer had been one; NaN where it is not known."""
    if "customers" not in book.tables:
        return np.nan
    lives = book.panel("customer_lives", columns=["customer_id", "acquired_on"])
    since = pd.Series(history.days(lives["acquired_on"]), index=lives["customer_id"])
    begun = since.reindex(rows["customer_id"]).to_numpy(float)
    return np.where(begun > history.NEVER, (rows["day"] - begun) / 365.25, np.nan)


def _orders(book: Any, rows: pd.DataFrame) -> Any:
    """How many orders each answer's customer had placed in the half year before, against its segment; NaN without any.

    The log of one more than the orders, less the mean of the segment's answers: large customers buy more without being
    happier for it, and would look unhappy for what they buy.
    """
    if "order_lines" not in book.tables:
        return np.nan
    orders = book.panel("orders", columns=["customer_id", "ordered_on"])
    placed, _ = history.events(orders["customer_id"], history.days(orders["ordered_on"]))
    day = rows["day"].to_numpy(np.int64)
    counted = np.log1p(placed.counted(placed.whose(rows["customer_id"]), day - HALF_YEAR, day - 1))
    return without_means(counted, history.codes(rows["segment"]))


def _model(rows: pd.DataFrame, asked: Requests | None) -> dict[str, Any]:
    score, customers = rows["score"].to_numpy(float), rows["whose"].nunique()
    if not len(rows):
        return {"cannot": "no_answers"}
    if len(rows) < FEWEST_ANSWERS:
        return {"cannot": "too_few_answers", "n": len(rows), "need": FEWEST_ANSWERS}
    if customers < FEWEST_CUSTOMERS:
        return {"cannot": "too_few_customers", "n": customers, "need": FEWEST_CUSTOMERS}
    if (score == score[0]).all():
        return {"cannot": "all_alike", "n": len(rows), "score": float(score[0])}
    numbers, levels = _before(rows, asked)
    chosen = terms(numbers, levels, rows["whose"])
    if not chosen.kept:
        return {"cannot": "nothing_varies", "n": len(rows), "dropped": chosen.dropped}
    told = explained(score, chosen, rows["whose"])
    if told["r2"] > WHOLLY:
        return {"cannot": "separation", "n": len(rows), "term": told["terms"]["term"].iloc[0]}
    return told


def _before(rows: pd.DataFrame, asked: Requests | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """What was known of the customer before each answer, and what the answer is about."""
    day = rows["day"].to_numpy(np.int64)
    numbers: dict[str, Any] = {}
    levels: dict[str, Any] = {name: rows[name] for name in LEVELS}
    if asked is not None:
        whose = asked.events.whose(rows["customer_id"])
        numbers |= _service(asked, whose, day) | _request(asked, whose, rows)
        if "request_slow" in numbers:
            del numbers["slow_answers"]  # the request itself says it better
        last = asked.events.latest(whose, day - WINDOW, day - 1)
        levels["channel"] = np.where(last >= 0, asked.channel[last], NO_REQUEST)
    return {**numbers, "orders": rows["orders"], "tenure_years": rows["tenure_years"]}, levels


def _service(asked: Requests, whose: Whole, day: Whole) -> dict[str, Any]:
    """The customer's requests of the window before: serious ones, others, whether one was answered slowly."""
    first, last = day - WINDOW, day - 1

    def total(weight: Any) -> Any:
        return asked.events.counted(whose, first, last, weight)

    serious, slow = total(asked.serious), (total(asked.slow) > 0).astype(float)
    return {"incidents": serious, "other_requests": total(None) - serious, "slow_answers": slow}


def _request(asked: Requests, whose: Whole, rows: pd.DataFrame) -> dict[str, Any]:
    """What a request took: the one that an answer follows where answers follow requests, else the mean of those before.

    The request that an answer follows was resolved last in the two weeks before the invitation; answers that follow
    none have 0.
    """
    took = {
        "request_slow": asked.slow.astype(float),
        "request_days": asked.days_open,
        "request_contacts": np.maximum(asked.contacts - 1, 0),
    }
    after = given(rows["touchpoint"]).str.casefold().str.contains("|".join(AFTER_REQUEST)).to_numpy(bool)
    if after.any():
        last = asked.resolved_last(whose, rows["invited"].to_numpy(np.int64))
        known = after & (last >= 0)
        return {name: np.where(known, column[last], 0.0) for name, column in took.items()}
    day = rows["day"].to_numpy(np.int64)
    each = np.maximum(asked.events.counted(whose, day - WINDOW, day - 1), 1)
    # Whether an answer was slow is counted already.
    return {
        name: asked.events.counted(whose, day - WINDOW, day - 1, column) / each
        for name, column in took.items()
        if name != "request_slow"
    }
