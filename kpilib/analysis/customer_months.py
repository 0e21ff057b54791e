"""One row a customer and month: did it leave in that month, and what was known of it before the month began.

Nothing of the month itself or later is used: the score of the month of leaving is partly caused by leaving. Numbers
only, from the panels; `Book.panel` is all that is asked of the book.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpilib.analysis import before_month as past
from kpilib.analysis.before_month import Days, Floats, Grid, Whole
from kpilib.analysis.covariates import LONG, LOW, MOST_INCIDENTS, SHORT
from kpilib.errors import CannotAnswer
from kpilib.model.severity import SERIOUS
from kpilib.periods import month_of, month_start

#: What is told of a customer beside its covariates.
PROFILE = ("customer", "segment", "industry", "country", "region", "city", "source", "owner", "team")
_EPOCH_MONTH = month_of(date(1970, 1, 1))


@dataclass(frozen=True, eq=False)
class CustomerMonths:
    """The customers, their months, and what was known before each.

    Attributes
    ----------
    lives : DataFrame
        One line a customer: customer_id, the columns of `PROFILE`, acquired_on, churned_on (NaT where not known).
    month, customer, event : ndarray, shape (n,)
        One row a customer alive at the start of a month, by month: the month (0 the first of `grid`), the line of
        `lives`, whether it left in that month.
    values : dict of str to ndarray, shape (n,)
        The covariates by term (`kpilib.analysis.covariates`): flags 0 or 1, numbers; NaN only in `last_score` (never
        answered) and `tenure` (acquired before anything is known).
    now, active : dict of str to ndarray, ndarray
        The same of the month to come, and the lines of the customers that are there now.
    grid : Grid
        The months, from the first of the records to the last whole one.
    history : int
        Months at the beginning that only serve as the past, and have no rows.
    missing : dict of str to str
        Terms that could not be made, and the table that is missing.
    """

    lives: pd.DataFrame
    month: Whole
    customer: Whole
    event: NDArray[np.bool_]
    values: dict[str, Floats]
    now: dict[str, Floats]
    active: Whole
    grid: Grid
    history: int
    missing: dict[str, str]

    def day(self, place: int) -> str:
        """The first day of a month of the grid, as text."""
        return str(self.grid.begins(place))

    def frame(self) -> pd.DataFrame:
        """The rows as a frame: customer_id, segment, month (first day), event and a column a term."""
        lives = self.lives.iloc[self.customer]
        months = (self.month + self.grid.first).astype("datetime64[M]").astype("datetime64[D]")
        told = {"customer_id": lives["customer_id"].to_numpy(), "segment": lives["segment"].to_numpy()}
        return pd.DataFrame({**told, "month": months, "event": self.event, **self.values})


def customer_months(book: Any) -> CustomerMonths:
    """The customer-months of a book, made once and held by it.

    Parameters
    ----------
    book : Book
        What `kpilib.open` returned.

    Returns
    -------
    CustomerMonths
        Without rows where no customer was ever there.

    Notes
    -----
    Misleads where a table does not reach back as far as the others: what is not recorded counts as not happened.
    """
    held: CustomerMonths | None = book.__dict__.get("_customer_months")
    if held is None:
        held = book.__dict__["_customer_months"] = _made(book)
    return held


def read(book: Any, name: str, columns: tuple[str, ...]) -> pd.DataFrame:
    """Columns of a panel; no rows where the data lack its table."""
    try:
        return book.panel(name, columns=columns)
    except CannotAnswer:
        return pd.DataFrame({column: [] for column in columns})


def days(cells: pd.Series) -> Days:
    """A column of days or times as an array, in seconds."""
    return pd.to_datetime(cells, errors="coerce").to_numpy("datetime64[s]")


def _made(book: Any) -> CustomerMonths:
    lives = read(book, "customer_lives", ("customer_id", "acquired_on", "churned_on", *PROFILE))
    lives = lives.sort_values("customer_id", ignore_index=True)
    first, ends = month_of(book.first_month), month_of(book.as_of)
    whole = book.as_of.month != (pd.Timestamp(book.as_of) + pd.Timedelta(days=1)).month
    grid = Grid(first - _EPOCH_MONTH, max(ends - first + whole, 0), len(lives))
    known, missing = _known(book, grid, lives)
    history = min(_history(known), grid.months // 2)
    alive, gone = _alive(grid, lives)
    seen = alive[:-1].copy()
    seen[:history] = False
    month, customer = np.nonzero(seen)
    values = {term: array[:-1][seen] for term, array in known.items()}
    active = np.flatnonzero(alive[-1] & _still_there(lives, book))
    now = {term: array[-1][active] for term, array in known.items()}
    return CustomerMonths(
        lives, month, customer, gone[customer] == month, values, now, active, grid, history, missing
    )  # fmt: skip


def _still_there(lives: pd.DataFrame, book: Any) -> NDArray[np.bool_]:
    left = days(lives["churned_on"])
    return np.isnat(left) | (left > np.datetime64(book.as_of))


def _alive(grid: Grid, lives: pd.DataFrame) -> tuple[NDArray[np.bool_], Whole]:
    """Who was there at the start of each month and of the one to come, and the month in which each left."""
    acquired, left = days(lives["acquired_on"]), days(lives["churned_on"])
    starts = np.array([grid.begins(place) for place in range(grid.months + 1)], "datetime64[s]")[:, None]
    alive = (np.isnat(acquired) | (acquired < starts)) & (np.isnat(left) | (left >= starts))
    return alive, grid.place(left)


def _history(known: dict[str, Floats]) -> int:
    looked_back = {"late": LONG, "new_owner": LONG, "trend": 2 * SHORT, "recency": LONG}
    short = dict.fromkeys(("incidents", "tickets", "slow", "new_salesperson"), SHORT)
    return max((months for term, months in {**looked_back, **short}.items() if term in known), default=0)


def _known(book: Any, grid: Grid, lives: pd.DataFrame) -> tuple[dict[str, Floats], dict[str, str]]:
    """The covariates that the tables at hand can give, and those that they cannot."""
    index = pd.Index(lives["customer_id"])
    parts = {
        "surveys": (_scores, ("below", "no_score", "last_score", "score_fall")),
        "tickets": (_requests, ("incidents", "slow")),
        "invoices": (_payments, ("late",)),
        "customer_changes": (_changes, ("new_owner", "new_salesperson", "first_renewal")),
        "order_lines": (_orders, ("recency", "trend")),
    }
    known, missing = {"tenure": _tenure(grid, lives)}, {}
    for table, (made, terms) in parts.items():
        found = made(book, grid, index, lives) if table in book.tables else {}
        known.update(found)
        if not found:
            missing.update(dict.fromkeys(terms, table))
    return known, missing


def _tenure(grid: Grid, lives: pd.DataFrame) -> Floats:
    """Years since the month of acquisition."""
    acquired = days(lives["acquired_on"])
    begun = np.where(np.isnat(acquired), np.nan, grid.place(acquired))
    return ((np.arange(grid.months + 1)[:, None] - begun) / 12).astype(np.float32)


def _scores(book: Any, grid: Grid, index: pd.Index, lives: pd.DataFrame) -> dict[str, Floats]:
    """Of the question whether they would recommend us; of that about the whole relation where it is told apart."""
    rows = read(book, "answers", ("customer_id", "metric", "touchpoint", "answered_on", "score"))
    rows = rows[(rows["metric"] == "nps") & rows["score"].notna()]
    of_relation = rows["touchpoint"].astype("str").str.casefold().str.contains("relation")
    rows = rows[of_relation] if of_relation.any() else rows
    if rows.empty:
        return {}
    who, when = index.get_indexer(pd.Index(rows["customer_id"])), days(rows["answered_on"])
    dated = ~np.isnat(when)
    score = rows["score"].to_numpy(np.float32)
    last, previous = past.last_answers(grid, who[dated], when[dated], score[dated])
    fall = np.where(np.isnan(previous), 0, np.maximum(previous - last, 0))
    return {
        "below": (last <= LOW).astype(np.float32), "no_score": np.isnan(last).astype(np.float32), "last_score": last,
        "score_fall": np.nan_to_num(fall),
    }  # fmt: skip


def _requests(book: Any, grid: Grid, index: pd.Index, lives: pd.DataFrame) -> dict[str, Floats]:
    rows = read(book, "tickets", ("customer_id", "severity", "opened_at", "first_reply_at"))
    who, opened = index.get_indexer(pd.Index(rows["customer_id"])), days(rows["opened_at"])
    serious = rows["severity"].astype("str").str.casefold().isin(SERIOUS).to_numpy()
    name, counted = ("incidents", serious) if serious.any() else ("tickets", np.ones(len(rows), bool))
    monthly = grid.add(grid.place(opened[counted]), who[counted])
    count: Floats = np.minimum(past.before(monthly, SHORT), MOST_INCIDENTS)
    found = {name: count}
    if rows["first_reply_at"].notna().any():
        replied = days(rows["first_reply_at"])
        found["slow"] = (past.slow_replies(grid, who, opened, replied, SHORT) > 0).astype(np.float32)
    return found


def _payments(book: Any, grid: Grid, index: pd.Index, lives: pd.DataFrame) -> dict[str, Floats]:
    rows = read(book, "invoices", ("customer_id", "due_on", "paid_on"))
    who, due, paid = index.get_indexer(pd.Index(rows["customer_id"])), days(rows["due_on"]), days(rows["paid_on"])
    day = "datetime64[D]"
    return {"late": past.delays(grid, who, due.astype(day), paid.astype(day), LONG) / np.float32(30)}


def _changes(book: Any, grid: Grid, index: pd.Index, lives: pd.DataFrame) -> dict[str, Floats]:
    rows = read(book, "customer_changes", ("customer_id", "changed_on", "kind"))
    who, month = index.get_indexer(pd.Index(rows["customer_id"])), grid.place(days(rows["changed_on"]))
    found = {}
    for kind, back in (("new_owner", LONG), ("new_salesperson", SHORT)):
        these = (rows["kind"] == kind).to_numpy()
        if these.any():
            found[kind] = (past.before(grid.add(month[these], who[these]), back) > 0).astype(np.float32)
    renewals = (rows["kind"] == "first_renewal").to_numpy() & (who >= 0)
    if renewals.any():
        found["first_renewal"] = _renewal(grid, lives, who[renewals], month[renewals])
    return found


def _renewal(grid: Grid, lives: pd.DataFrame, who: Whole, month: Whole) -> Floats:
    """The month in which the first renewal falls due and the one after.

    From the age at which customers renew, not from each one's own renewal: who leaves before it has none on record.
    """
    begun = grid.place(days(lives["acquired_on"]))
    age = np.arange(grid.months + 1)[:, None] - begun
    due = int(np.median(month - begun[who]))
    return ((age == due) | (age == due + 1)).astype(np.float32)


def _orders(book: Any, grid: Grid, index: pd.Index, lives: pd.DataFrame) -> dict[str, Floats]:
    rows = read(book, "orders", ("customer_id", "ordered_on", "revenue"))
    who, month = index.get_indexer(pd.Index(rows["customer_id"])), grid.place(days(rows["ordered_on"]))
    revenue = rows["revenue"].to_numpy(float)
    bought = revenue > 0  # a return is no order
    return {
        "recency": past.since(grid.add(month[bought], who[bought]), LONG),
        "trend": past.turned(grid.add(month, who, np.nan_to_num(revenue)), SHORT),
    }


def revenue_of(book: Any, lives: pd.DataFrame, months: int = 12) -> NDArray[np.float64] | None:
    """Revenue of the last months to `as_of` by customer, in the order of `lives`; None where there are no orders."""
    if "order_lines" not in book.tables:
        return None
    begin = month_start(month_of(book.as_of) - months + 1)
    rows = book.panel("orders", since=begin, until=book.as_of, columns=("customer_id", "revenue"))
    who = pd.Index(lives["customer_id"]).get_indexer(pd.Index(rows["customer_id"]))
    known = who >= 0
    summed = np.bincount(who[known], weights=rows["revenue"].to_numpy(float)[known], minlength=len(lives))
    return summed.astype(float)
