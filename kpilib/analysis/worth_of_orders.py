"""What customers are worth as their orders alone tell: who stops buying says nothing (BG/NBD and Gamma–Gamma).

Known losses are not used in the models, only to say whose value is meant: the customers of today. The models are
checked on the last twelve months, which they then have not seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpilib.analysis.customer_months import days, read
from kpilib.analysis.retention import MONTH, Lives
from kpilib.errors import CannotAnswer
from kpilib.stats import buying, spending
from kpilib.stats.below_cut import Estimate
from kpilib.stats.intervals import Floats, normal_quantile, ratio_of_sums
from kpilib.stats.lifetime import times

#: Months between the points at which purchases to come are added up.
_STEP = 6
#: The last months, kept for the check; and the fewest that must come before them.
CHECKED = 12
_SHORTEST = 6
#: Customers on which the slopes of a value are taken where there are more.
_SAMPLE = 2000
_NOTHING = Estimate(np.nan, np.nan, np.nan)


@dataclass(frozen=True, eq=False)
class Orders:
    """The days on which customers bought: line of the customer, day, money, margin (NaN where no cost is known)."""

    who: NDArray[np.int64]
    day: NDArray[np.datetime64]
    money: Floats
    margin: Floats
    since: np.datetime64
    until: np.datetime64

    def before(self, day: np.datetime64) -> Orders:
        """What was known at the end of a day."""
        kept = self.day <= day
        return Orders(self.who[kept], self.day[kept], self.money[kept], self.margin[kept], self.since, day)

    def summary(self) -> pd.DataFrame:
        """One line a customer (in the index): repeats, last, known (months), orders, mean, money, margin."""
        who, start, orders = np.unique(self.who, return_index=True, return_counts=True)  # in order of customer and day
        end = start + orders - 1
        sums = [np.bincount(self.who, weights=column)[who] for column in (self.money, self.margin)]
        spans = [(last - self.day[start]).astype(int) / MONTH for last in (self.day[end], self.until)]
        columns = {"repeats": orders - 1, "last": spans[0], "known": spans[1], "orders": orders}
        return pd.DataFrame(
            {**columns, "mean": sums[0] / orders, "money": sums[0], "margin": sums[1]}, index=pd.Index(who)
        )


@dataclass(frozen=True, eq=False)
class Buyers:
    """Whose orders they are: customer_id and segment, whether known to have left; the days of the records."""

    table: pd.DataFrame
    left: NDArray[np.bool_]
    since: np.datetime64
    until: np.datetime64

    @classmethod
    def of(cls, book: Any, lives: Lives) -> Buyers:
        """The customers that we know; where no table has any, those that the orders name, none of them lost."""
        if len(lives):
            return cls(lives.table, lives.left, lives.since, lives.until)
        named = sorted(read(book, "orders", ("customer_id",))["customer_id"].dropna().unique())
        table = pd.DataFrame({"customer_id": named, "segment": ""}, dtype=object)
        return cls(table, np.zeros(len(named), bool), lives.since, lives.until)


def worth_of_orders(book: Any, lives: Lives, horizon: int, discount: float) -> dict[str, Any]:
    """The part "purchases" of the finding "lifetime".

    Parameters
    ----------
    book : Book
        What `kpilib.open` returned.
    lives : Lives
        Its customers; where there are none, those that the orders name are meant.
    horizon : int
        Months to look ahead.
    discount : float
        Yearly rate.

    Returns
    -------
    dict
        `groups` and `check` (frames, one line a segment, "" all), unit, interval; or `{"cannot": code}`: no_orders,
        too_short, too_few_left, no_repeat. A segment that cannot has its code in the column `reason`.
    """
    if "order_lines" not in book.tables:
        return {"cannot": "no_orders"}
    buyers = Buyers.of(book, lives)
    orders = _read(book, buyers)
    if not len(orders.who):
        return {"cannot": "no_orders"}
    if (orders.until - orders.since).astype(int) < _SHORTEST * MONTH:
        return {"cannot": "too_short", "months": float((orders.until - orders.since).astype(int) / MONTH)}
    lines = orders.summary()
    segment = buyers.table["segment"].to_numpy()[lines.index]
    active = ~buyers.left[lines.index]
    groups, checks = [], []
    for name in ["", *sorted({*segment} - {""})]:
        some = segment == name if name else np.ones(len(lines), bool)
        groups.append(_group(lines[some], active[some], name, horizon, discount))
        if not groups[-1]["reason"] and (check := _check(orders, buyers, name)):
            checks.append(check)
    if groups[0]["reason"]:
        return {"cannot": groups[0]["reason"], "customers": len(lines), "repeat": int((lines["repeats"] > 0).sum())}
    columns = ["segment", "customers", "expected", "observed"]
    return {
        "interval": "delta", "unit": "month", "checked": CHECKED, "groups": pd.DataFrame(groups),
        "check": pd.DataFrame(checks, columns=columns),
    }  # fmt: skip


def _read(book: Any, buyers: Buyers) -> Orders:
    """Days of purchase of these customers; returns are left out, several orders of a day are one."""
    rows = read(book, "orders", ("customer_id", "ordered_on", "revenue", "cost"))
    who = pd.Index(buyers.table["customer_id"]).get_indexer(rows["customer_id"])
    money, day = rows["revenue"].to_numpy(float), days(rows["ordered_on"]).astype("datetime64[D]")
    margin = money - rows["cost"].to_numpy(float)
    kept = (who >= 0) & (money > 0) & ~np.isnat(day)
    date = (day[kept] - buyers.since).astype(np.int64)
    date, shift = date - date.min(initial=0), int(date.min(initial=0))
    width = int(date.max(initial=0)) + 1
    occasion, place = np.unique(who[kept] * width + date, return_inverse=True)
    spent, left = (np.bincount(place, weights=column[kept]).astype(np.float64) for column in (money, margin))
    bought_on = buyers.since + (occasion % width + shift)
    return Orders(occasion // width, bought_on, spent, left, buyers.since, buyers.until)


def _models(lines: pd.DataFrame) -> tuple[buying.Buying, spending.Spending] | str:
    if (lines["repeats"] > 0).sum() < buying.FEWEST:
        return "no_repeat"
    try:
        return _bought(lines), spending.fit(lines["orders"], lines["mean"])
    except CannotAnswer:
        return "unstable"


def _bought(lines: pd.DataFrame) -> buying.Buying:
    return buying.fit(lines["repeats"], lines["last"], lines["known"])


def _group(
    lines: pd.DataFrame, active: NDArray[np.bool_], name: str, horizon: int, discount: float
) -> dict[str, Any]:  # fmt: skip
    here = lines[active]
    told: dict[str, Any] = {
        "segment": name, "reason": "", "customers": len(here), "repeat": int((lines["repeats"] > 0).sum()),
        "orders": int(lines["orders"].sum()),
    }  # fmt: skip
    models = _models(lines)
    if isinstance(models, str) or here.empty:
        reason = models if isinstance(models, str) else "all_churned"
        numbers = ("r", "alpha", "a", "b", "p", "q", "v", "alive", "orders_year", "order_value", "margin_rate", "value",
                   "low", "high", "total")  # fmt: skip
        return {**told, "reason": reason, **dict.fromkeys(numbers, np.nan)}
    bought, spent = models
    told |= {key: getattr(bought, key) for key in ("r", "alpha", "a", "b")}
    told |= {key: getattr(spent, key) for key in ("p", "q", "v")}
    columns = [here[key].to_numpy(float) for key in ("repeats", "last", "known")]
    year = bought.purchases(12, *columns)
    each = spent.expected(here["orders"], here["mean"])
    rate = _margin_rate(here)
    worth = times(_worth(lines, here, bought, spent, horizon, discount), rate)
    return {
        **told, "alive": float(bought.alive(*columns).mean()), "orders_year": float(year.mean()),
        "order_value": float(year @ each / year.sum()), "margin_rate": rate.value, "value": worth.value,
        "low": worth.low, "high": worth.high, "total": worth.value * len(here),
    }  # fmt: skip


def _margin_rate(here: pd.DataFrame) -> Estimate:
    """Margin of a unit of money sold, by customers; 1 for certain where no cost is known."""
    known = here[here["margin"].notna()]
    if len(known) < 2:
        return Estimate(1.0, 1.0, 1.0)
    y, x = known["margin"].to_numpy(float), known["money"].to_numpy(float)
    low, high = ratio_of_sums(len(y), y.sum(), x.sum(), y @ y, y @ x, x @ x)
    return Estimate(float(y.sum() / x.sum()), float(low), float(high))


def _to_come(here: pd.DataFrame, log_bought: Floats, log_spent: Floats, horizon: int, discount: float) -> float:
    """Mean discounted money that these customers will spend, at parameters given by their logarithms."""
    r, alpha, a, b = np.exp(log_bought)
    p, q, v = np.exp(log_spent)
    model, spent = buying.Buying(r, alpha, a, b, 0.0), spending.Spending(p, q, v, 0.0)
    columns = [here[key].to_numpy(float) for key in ("repeats", "last", "known")]
    ends = np.arange(_STEP, horizon + 1, _STEP)
    until = np.stack([model.purchases(float(end), *columns) for end in ends])
    in_step = np.diff(until, axis=0, prepend=0.0)
    keep = (1 + discount) ** (-(ends - _STEP / 2) / 12)
    return float(np.mean(spent.expected(here["orders"], here["mean"]) * (keep @ in_step)))


def _worth(
    lines: pd.DataFrame, here: pd.DataFrame, bought: buying.Buying, spent: spending.Spending, horizon: int,
    discount: float,
) -> Estimate:  # fmt: skip
    """Mean money to come with its interval: delta method on the logarithm, from the curvature of both likelihoods."""
    at = np.log([bought.r, bought.alpha, bought.a, bought.b]), np.log([spent.p, spent.q, spent.v])
    value = _to_come(here, *at, horizon, discount)
    if not value > 0:
        return _NOTHING
    sample = here if len(here) <= _SAMPLE else here.sample(_SAMPLE, random_state=0)
    spread = [
        buying.curvature(bought, lines["repeats"], lines["last"], lines["known"]),
        spending.curvature(spent, lines["orders"], lines["mean"]),
    ]
    variance, step = 0.0, 1e-3
    for which, covariance in enumerate(spread):
        slopes = np.zeros(len(covariance))
        for place, move in enumerate(np.eye(len(covariance)) * step):
            ends = []
            for sign in (1, -1):
                bought_at, spent_at = (a + sign * move if i == which else a for i, a in enumerate(at))
                ends.append(_to_come(sample, bought_at, spent_at, horizon, discount))
            slopes[place] = np.log(ends[0] / ends[1]) / (2 * step)
        variance += float(slopes @ covariance @ slopes)
    half = normal_quantile(0.95) * np.sqrt(max(variance, 0.0))
    return Estimate(value, float(value * np.exp(-half)), float(value * np.exp(half)))


def _check(orders: Orders, buyers: Buyers, name: str) -> dict[str, Any] | None:
    """Purchases of the last twelve months, as a model that ends before them expects, and as they were."""
    split = orders.until - np.timedelta64(round(CHECKED * MONTH), "D")
    if (split - orders.since).astype(int) < _SHORTEST * MONTH:
        return None
    earlier = orders.before(split).summary()
    if name:
        earlier = earlier[buyers.table["segment"].to_numpy()[earlier.index] == name]
    try:
        model = _bought(earlier)
    except CannotAnswer:
        return None
    expected = model.purchases(CHECKED, earlier["repeats"], earlier["last"], earlier["known"])
    later = np.isin(orders.who[orders.day > split], earlier.index)
    return {
        "segment": name, "customers": len(earlier), "expected": float(expected.sum()), "observed": int(later.sum())
    }  # fmt: skip
