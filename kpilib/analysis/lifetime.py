"""What customers are worth, by segment: those whose end is told, and as if nobody told us (`worth_of_orders`).

The life to come is that of the customers of today, each at its own tenure; the margin is what a customer left a month,
buying or not, over the last twelve months. Margins are discounted; this month's counts in full.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpilib.analysis.customer_months import read
from kpilib.analysis.retention import MONTH, Lives
from kpilib.analysis.worth_of_orders import worth_of_orders
from kpilib.catalogue.loyalty import DISCOUNT
from kpilib.periods import month_of, month_start
from kpilib.stats import contract
from kpilib.stats.below_cut import Estimate
from kpilib.stats.intervals import ratio_of_sums, wilson
from kpilib.stats.lifetime import formula_value, per_period, times

#: Months that a value looks ahead.
HORIZON = 60
#: Fewer than these and a segment has no value of its own.
FEWEST, FEWEST_LEFT = 50, 20
#: A curve ends where fewer are at risk.
_THIN = 10
NOTHING = Estimate(np.nan, np.nan, np.nan)


def lifetime(book: Any) -> dict[str, Any]:
    """The finding "lifetime".

    Returns
    -------
    dict
        as_of, currency, discount (yearly), horizon (months), first ("now": this month's margin counts in full), basis
        ("margin", "revenue" where no cost is known, None without orders); contractual, purchases, formula. A part that
        cannot be made is `{"cannot": code}`: no_customers, no_churn, all_churned, too_few_customers, too_few_left,
        no_orders, too_short; a segment that cannot has its code in the column `reason`.
    """
    lives = Lives(book)
    basis, margins = _margins(book)
    told = {
        "as_of": str(book.as_of), "currency": book.currency, "discount": DISCOUNT, "horizon": HORIZON, "first": "now",
        "basis": basis,
    }  # fmt: skip
    found = _contractual(lives, margins)
    return {
        **told,
        "contractual": found,
        "purchases": worth_of_orders(book, lives, HORIZON, DISCOUNT),
        "formula": None if "cannot" in found else _formula(found["groups"]),
    }


def _margins(book: Any) -> tuple[str | None, pd.DataFrame]:
    """What each customer left over the last twelve months, and in how many months: segment, money, months."""
    nothing = pd.DataFrame({"segment": [], "money": [], "months": []})
    if "order_lines" not in book.tables:
        return None, nothing
    since = month_start(month_of(book.as_of) - 11)
    columns = ("customer_id", "segment", "margin", "revenue")
    rows = book.panel("customer_months", since=since, until=book.as_of, columns=columns)
    sold = read(book, "sales", ("cost",))
    basis = "margin" if sold["cost"].notna().any() else "revenue"
    rows = rows[rows[basis].notna()]
    sums = rows.groupby(["customer_id", "segment"], as_index=False)[basis].agg(["sum", "size"])
    return basis, pd.DataFrame({"segment": sums["segment"], "money": sums["sum"], "months": sums["size"]})


def _margin(rows: pd.DataFrame) -> Estimate:
    """Money a customer and month, its interval by customers."""
    y, x = rows["money"].to_numpy(float), rows["months"].to_numpy(float)
    if len(y) < 2:
        return NOTHING
    low, high = ratio_of_sums(len(y), y.sum(), x.sum(), y @ y, y @ x, x @ x)
    return Estimate(float(y.sum() / x.sum()), float(low), float(high))


def by_tenure(
    entry: NDArray[np.float64], age: NDArray[np.float64], left: NDArray[np.bool_], most: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Customers at risk and lost in the 1st, 2nd, … month of their lives.

    Parameters
    ----------
    entry, age : ndarray, shape (n,)
        Months lived when first and when last seen.
    left : ndarray of bool, shape (n,)
        Whether the customer left then.
    most : ndarray, shape (n,)
        Months it could have lived by today.

    Returns
    -------
    at_risk, lost : ndarray, shape (months,)
        A month counts if it was seen from its start and, today, would be over: of a month that is not, only the losses
        would show.
    """
    first, last, over = np.ceil(entry).astype(int), np.floor(age).astype(int), np.floor(most).astype(int)
    gone = left & (last < over)
    last = np.minimum(last, over)
    seen = first < last + gone
    first, last, gone = first[seen], last[seen], gone[seen]
    length = int((last + gone).max(initial=0))
    begun = np.bincount(first, minlength=length + 1)
    ended = np.bincount(last + gone, minlength=length + 1)
    lost = np.bincount(last[gone], minlength=length)[:length]
    return np.cumsum(begun - ended)[:length].astype(float), lost.astype(float)


def _cannot(customers: int, left: float, lost_all: bool) -> str:
    reasons = {
        "no_customers": customers == 0, "no_churn": left == 0, "all_churned": lost_all,
        "too_few_customers": customers < FEWEST, "too_few_left": left < FEWEST_LEFT,
    }  # fmt: skip
    return next((reason for reason, true in reasons.items() if true), "")


def _contractual(lives: Lives, margins: pd.DataFrame) -> dict[str, Any]:
    segment = lives.table["segment"].to_numpy()
    everyone = np.ones(len(lives), bool)
    whole = _group(lives, everyone, "", margins)
    if whole["reason"]:
        return {"cannot": whole["reason"], "customers": len(lives), "left": int(lives.left.sum())}
    groups, curves = [whole], [_curve(lives, everyone, "")]
    for name in sorted(set(segment)):
        some = segment == name
        groups.append(_group(lives, some, name, margins[margins["segment"] == name]))
        if not groups[-1]["reason"]:
            curves.append(_curve(lives, some, name))
    return {
        "interval": "profile", "observed_from": str(lives.since), "groups": pd.DataFrame(groups),
        "curve": pd.concat(curves, ignore_index=True),
    }  # fmt: skip


def _counts(lives: Lives, some: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    most = (lives.until - lives.begun[some]).astype(np.int64) + 0.5
    return by_tenure(lives.entry[some] / MONTH, lives.age[some] / MONTH, lives.left[some], most / MONTH)


def _group(lives: Lives, some: NDArray[np.bool_], name: str, margins: pd.DataFrame) -> dict[str, Any]:
    """One line: how fast these customers leave, how long those of today will stay, what they are worth."""
    at_risk, lost = _counts(lives, some)
    active = some & ~lives.left
    reason = _cannot(int(some.sum()), float(lost.sum()), not active.any())
    months, left = float(at_risk.sum()), float(lost.sum())
    low, high = wilson(left, months) if months else (np.nan, np.nan)
    line: dict[str, Any] = {
        "segment": name, "reason": reason, "customers": int(active.sum()), "months": int(months), "left": int(left),
        "churn": left / months if months else np.nan, "churn_low": float(low), "churn_high": float(high),
    }  # fmt: skip
    margin = _margin(margins)
    line |= _ends("margin", margin)
    if reason:
        return {**line, "model": "", "mean": np.nan, "spread": np.nan, **_values(NOTHING, NOTHING, margin, 0)}
    model = contract.fit(at_risk, lost)
    tenure, weight = np.unique(np.floor(lives.age[active] / MONTH).astype(int), return_counts=True)
    monthly = per_period(DISCOUNT)
    ahead, whole = (
        contract.life(at_risk, lost, tenure, weight, monthly, periods) for periods in (HORIZON - 1, contract.WHOLE_LIFE)
    )
    line |= {"model": "sbg" if model.spread else "constant", "mean": model.mean, "spread": model.spread}
    return {**line, **_values(_now(ahead), _now(whole), margin, int(active.sum()))}


def _now(life: Estimate) -> Estimate:
    """With this month, whose margin counts in full."""
    return Estimate(*(end + 1 for end in life))


def _ends(name: str, estimate: Estimate) -> dict[str, float]:
    return {name: estimate.value, f"{name}_low": estimate.low, f"{name}_high": estimate.high}


def _values(ahead: Estimate, whole: Estimate, margin: Estimate, customers: int) -> dict[str, float]:
    value = times(ahead, margin)
    return {
        **_ends("life", ahead), "value": value.value, "low": value.low, "high": value.high,
        **_ends("whole", times(whole, margin)), "total": value.value * customers if customers else np.nan,
    }  # fmt: skip


def _curve(lives: Lives, some: NDArray[np.bool_], name: str) -> pd.DataFrame:
    """The share still there as it was seen and as the model has it, from the first month that was seen."""
    at_risk, lost = _counts(lives, some)
    model = contract.fit(at_risk, lost)
    tenure = np.arange(len(at_risk))
    seen = (at_risk >= _THIN) & (np.cumsum(at_risk < _THIN) == np.cumsum(at_risk < _THIN)[at_risk >= _THIN][0])
    share = lost[seen] / at_risk[seen]
    return pd.DataFrame({
        "segment": name, "tenure": tenure[seen] + 1, "seen": np.cumprod(1 - share),
        "fitted": np.cumprod(1 - model.share(tenure[seen])), "at_risk": at_risk[seen].astype(int),
    })  # fmt: skip


def _formula(groups: pd.DataFrame) -> pd.DataFrame:
    """The textbook value of each segment: constant margin and churn, for ever, in both conventions."""
    some = groups[groups["reason"] == ""]
    margin, retention = some["margin"].to_numpy(float), 1 - some["churn"].to_numpy(float)
    monthly = per_period(DISCOUNT)
    return pd.DataFrame({
        "segment": some["segment"].to_numpy(), "margin": margin, "retention": retention,
        "value_end": formula_value(margin, retention, monthly),
        "value_now": formula_value(margin, retention, monthly, first="now"),
    })  # fmt: skip
