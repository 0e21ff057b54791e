"""What an incident does to satisfaction: before and after a customer's first serious one, against those without."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpilib.analysis import history, satisfaction
from kpilib.analysis.history import NEVER, WINDOW, Requests, Whole, given
from kpilib.stats.event_study import AFTER, BEFORE, FEWEST, event_study
from kpilib.stats.linear import fit, without_means

#: Fewer customers with a first incident between two answers tell nothing.
FEWEST_TREATED = 20
_SCALES = {"nps": [0, 10], "csat": [1, 5]}
#: What answers are held alike in, the finest first; the first that leaves enough others in a cell is taken.
_MATCHED = (
    ("month", "segment", "touchpoint"), ("month", "touchpoint"), ("month",), ("quarter",),
)  # fmt: skip
_OTHERS = 5
#: Words in the names of touchpoints that say what they come after.
_DELIVERY = ("deliver", "livraison", "order", "purchase", "commande", "achat", "install")


def incident_effect(book: Any) -> dict[str, Any]:
    """The finding "incident_effect": scores around a customer's first serious incident, and after a ticket.

    Parameters
    ----------
    book : Book
        What `kpilib.open` returned.

    Returns
    -------
    dict
        `metrics`: for nps and csat what `kpilib.stats.event_study` gives with `scale` and `matched_on`, or `cannot`:
        "too_few_answers", "no_controls", "too_few_customers" (n, need), "all_alike", "separation" (answers of one kind
        never differ). `after_a_ticket`: csat after a ticket and
        after a delivery, their difference, and the same within product and quarter, in points. `graded`: whether
        severities are known. `cannot` is "no_surveys", "no_tickets" or "no_incidents".

    Notes
    -----
    The first incident is the first in the data: answers of their first 90 days are left out, for earlier incidents
    are not known. A customer's answers more than six months before it, and all answers of customers without one, are
    the others. Answers after a second serious incident are left out, and those more than six months after the first.
    """
    if "surveys" not in book.tables:
        return {"cannot": "no_surveys"}
    asked = history.requests(book)
    if asked is None:
        return {"cannot": "no_tickets"}
    if not asked.serious.any():
        return {"cannot": "no_incidents"}
    rows = satisfaction.answers(book)
    around = _around(rows, asked)
    return {
        "metrics": {metric: _effect(metric, around[around["metric"] == metric]) for metric in _SCALES},
        "after_a_ticket": _after_a_ticket(rows[rows["metric"] == "csat"]),
        "graded": asked.graded,
    }


def _around(rows: pd.DataFrame, asked: Requests) -> pd.DataFrame:
    """The answers with their month from the first serious incident; NaN for those that are the others."""
    first, second = _first_two(asked)
    whose = asked.events.whose(rows["customer_id"])
    day = rows["day"].to_numpy(np.int64)
    begin = np.where(whose >= 0, first[whose], NEVER)
    again = np.where(whose >= 0, second[whose], NEVER)
    month = np.where(begin == NEVER, np.nan, np.ceil((day - begin) / 30) - 1)
    early = month < -BEFORE
    keep = (np.isnan(month) | (month < AFTER)) & ((again == NEVER) | (day <= again))
    keep &= day >= int(asked.events.day.min()) + WINDOW
    texts = {name: given(rows[name]) for name in ("segment", "touchpoint")}
    rows = rows.assign(around=np.where(early, np.nan, month), month=history.months(day), **texts)
    return rows.assign(quarter=rows["month"] // 3)[keep]


def _first_two(asked: Requests) -> tuple[Whole, Whole]:
    """The day of each customer's first and second serious incident; NEVER where there is none."""
    serious, size = asked.incidents, len(asked.events.numbers)
    place = np.arange(len(serious.day))
    begin = np.searchsorted(serious.customer, np.arange(size))
    nth = place - begin[serious.customer]
    both = np.full((2, size + 1), NEVER)  # one more, for those who never asked
    for number in (0, 1):
        rows = nth == number
        both[number, serious.customer[rows]] = serious.day[rows]
    return both[0], both[1]


def _effect(metric: str, rows: pd.DataFrame) -> dict[str, Any]:
    met = rows["around"].notna().to_numpy()
    treated = rows.loc[met, "whose"].nunique()
    if len(rows) < satisfaction.FEWEST_ANSWERS:
        return {"cannot": "too_few_answers", "n": len(rows), "need": satisfaction.FEWEST_ANSWERS}
    if treated < FEWEST_TREATED:
        return {"cannot": "too_few_customers", "n": treated, "need": FEWEST_TREATED}
    if met.all():
        return {"cannot": "no_controls", "n": treated}
    cell, matched = _cells(rows, met)
    compared = _compared(cell, met)
    month = rows["around"].to_numpy(float)
    if not _both_sides(month[compared & met]):
        return {"cannot": "too_few_answers", "n": int((compared & met).sum()), "need": 2 * FEWEST}
    if rows["score"].nunique() < 2:
        return {"cannot": "all_alike", "n": len(rows)}
    told = event_study(rows["score"], month, cell, rows["whose"])
    if np.isnan(told["effect"]["p"]):
        return {"cannot": "separation", "n": len(rows)}
    return {**told, "scale": _SCALES[metric], "matched_on": list(matched)}


def _cells(rows: pd.DataFrame, met: NDArray[np.bool_]) -> tuple[Whole, tuple[str, ...]]:
    """The finest cells in which nine in ten of the answers around an incident have enough others."""
    for matched in _MATCHED:
        cell = _numbers(rows, matched)
        others = np.bincount(cell, weights=~met)
        if (others[cell[met]] >= _OTHERS).mean() >= 0.9:
            break
    return cell, matched


def _numbers(rows: pd.DataFrame, names: tuple[str, ...]) -> Whole:
    return np.asarray(rows.groupby(list(names)).ngroup(), np.int64)


def _compared(cell: Whole, met: NDArray[np.bool_]) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = np.bincount(cell, weights=~met)[cell] > 0
    return found


def _both_sides(month: NDArray[np.float64]) -> bool:
    """Whether a month before and one of the three after have answers enough."""
    months, counts = np.unique(month, return_counts=True)
    able = months[counts >= FEWEST]
    return bool((able < 0).any() and ((able >= 0) & (able < 3)).any())


def _after_a_ticket(rows: pd.DataFrame) -> dict[str, Any]:
    """Csat after a ticket and after a delivery, in points of the scale."""
    named = given(rows["touchpoint"]).str.casefold()
    ticket, delivery = (named.str.contains("|".join(words)) for words in (satisfaction.AFTER_REQUEST, _DELIVERY))
    rows, ticket = rows[ticket | delivery], ticket[ticket | delivery].to_numpy(bool)
    if min(ticket.sum(), (~ticket).sum()) < satisfaction.FEWEST_ANSWERS // 2:
        counted = {"ticket": int(ticket.sum()), "delivery": int((~ticket).sum())}
        return {"cannot": "too_few_answers", **counted, "need": satisfaction.FEWEST_ANSWERS // 2}
    if rows["score"].nunique() < 2 or rows["whose"].nunique() < satisfaction.FEWEST_CUSTOMERS:
        return {"cannot": "all_alike", "n": len(rows)}
    score, whose = rows["score"].to_numpy(float), rows["whose"]
    raw = fit(np.column_stack([~ticket, ticket]).astype(float), score, whose)
    effects = raw.effects([[0, 1], [1, 0], [-1, 1]])
    told = {
        name: {key: float(column[at]) for key, column in zip(effects._fields, effects, strict=True)}
        for at, name in enumerate(("ticket", "delivery", "difference"))
    }
    if np.isnan(told["difference"]["p"]):
        return {"cannot": "separation", "n": len(rows)}
    told["ticket"]["rows"], told["delivery"]["rows"] = int(ticket.sum()), int((~ticket).sum())
    return {**told, "adjusted": _within(score, ticket, rows), "unit": "points"}


def _within(score: NDArray[np.float64], ticket: NDArray[np.bool_], rows: pd.DataFrame) -> dict[str, float] | None:
    """The difference between answers about the same product in the same quarter; None where none are."""
    quarter = history.months(rows["day"].to_numpy(np.int64)) // 3
    place = _numbers(rows.assign(quarter=quarter, product=given(rows["product"])), ("product", "quarter"))
    flag = without_means(ticket.astype(float), place)
    cells = int(place.max()) + 1
    if not np.abs(flag).max() > 0 or len(score) <= cells + 1:
        return None
    told = fit(flag[:, None], without_means(score, place), rows["whose"], absorbed=cells).effects([1])
    return {key: float(column[0]) for key, column in zip(told._fields, told, strict=True)}
