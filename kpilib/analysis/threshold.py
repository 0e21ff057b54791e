"""The critical satisfaction threshold: below which last score do customers leave, who is below it, what is at stake.

One row is a customer-month: the last score known before the month, and whether the customer left in it. Months rather
than answers, because each customer can leave once and is then gone: given what was known before, the months of one
customer are separate chances, and none is counted twice. Months are compared only with months of like risk (`alike`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpilib.analysis import before_month as past
from kpilib.analysis.alike import Alike, alike
from kpilib.analysis.customer_months import PROFILE, CustomerMonths, customer_months, days, read, revenue_of
from kpilib.model.shared import SCALES
from kpilib.stats import threshold as stats
from kpilib.stats.below_cut import Crossed, Estimate, crossed, difference, over, scaled, weighted_risk
from kpilib.stats.by_score import FOLDS, Grouped, bars, grouped
from kpilib.stats.stratified import fit

Floats = NDArray[np.float64]
#: Months over which a risk is said.
HORIZON = 12
#: A shape is clear where the next best is worse by this much (in 2ℓ less two for each parameter).
CLEAR = 4.0
_BELOW = np.array([1.0, 0.0])


@dataclass(frozen=True, eq=False)
class Scores:
    """The last score before each customer-month and now; NaN where there was none. `answered` is its day, by life."""

    then: Floats
    now: Floats
    answered: NDArray[np.datetime64]


def threshold(book: Any) -> dict[str, Any]:
    """The finding "threshold": of the last answer to "would you recommend us", 0 to 10."""
    return _finding(book, "nps")


def threshold_csat(book: Any) -> dict[str, Any]:
    """The finding "threshold_csat": of the last satisfaction score, 1 to 5."""
    return _finding(book, "csat")


def _finding(book: Any, metric: str) -> dict[str, Any]:
    """What is found for one question.

    Returns
    -------
    dict
        Keys as in the notes of `_told`; `{"cannot": code, …}` where nothing can be found: no_surveys, no_customers,
        no_answers, no_churn, all_churned, too_few_customers, too_few_left, one_score.
    """
    if "surveys" not in book.tables:
        return {"cannot": "no_surveys", "metric": metric}
    months = customer_months(book)
    facts = {"metric": metric, "scale": list(SCALES[metric]), "horizon": HORIZON}
    if not len(months.month):
        return {"cannot": "no_customers", **facts}
    scores = _scores(book, months, metric)
    used = ~np.isnan(scores.then)
    facts |= {"customers": len(np.unique(months.customer[used])), "rows": int(used.sum())}
    facts |= {"left": int(months.event[used].sum()), "need": stats.FEWEST_CUSTOMERS, "need_left": stats.FEWEST_LEFT}
    strata = alike(months, used) if used.any() else None
    if strata is None:
        return {"cannot": "no_answers", **facts}
    counts = grouped(scores.then[used], months.event[used], strata.rows, months.customer[used])
    if reason := stats.why_not(counts):
        return {"cannot": reason, **facts}
    return {**facts, **_told(book, months, scores, counts, strata)}


def _scores(book: Any, months: CustomerMonths, metric: str) -> Scores:
    rows = read(book, "answers", ("customer_id", "metric", "touchpoint", "answered_on", "score"))
    rows = rows[(rows["metric"] == metric) & rows["score"].notna() & rows["answered_on"].notna()]
    relation = rows["touchpoint"].astype("str").str.casefold().str.contains("relation")
    rows = rows[relation] if metric == "nps" and relation.any() else rows
    who = pd.Index(months.lives["customer_id"]).get_indexer(rows["customer_id"])
    when = days(rows["answered_on"])
    last, _ = past.last_answers(months.grid, who, when, rows["score"].to_numpy(np.float32))
    answered = np.full(len(months.lives), np.datetime64("NaT"), "datetime64[D]")
    order = np.argsort(when, kind="stable")
    order = order[who[order] >= 0]
    answered[who[order]] = when[order].astype("datetime64[D]")
    return Scores(last[months.month, months.customer].astype(float), last[-1][months.active].astype(float), answered)


def _told(book: Any, months: CustomerMonths, scores: Scores, counts: Grouped, strata: Alike) -> dict[str, Any]:
    found = stats.find(counts)
    silent = np.isnan(scores.then)
    spent = revenue_of(book, months.lives)
    revenue = np.zeros(len(months.active)) if spent is None else np.maximum(spent[months.active], 0)
    below = scores.now <= found.cut  # nobody where there is no cut
    told = {
        "from": months.day(months.history), "until": str(book.as_of), "few": counts.customers < stats.FEW,
        "without_score": {
            "rows": int(silent.sum()), "left": int(months.event[silent].sum()),
            "customers_now": int(np.isnan(scores.now).sum()),
        },
        "adjusted_for": strata.adjusted_for, "strata": counts.rows.shape[1], "level": stats.LEVEL,
        "exists": found.exists, "verdict": "found" if found.exists else "none", "p": found.p,
        "permutations": found.permutations, "p_formula": found.p_formula, **_place(found),
        "bars": _bars(counts, found, scores.now, revenue),
        "now": {
            "as_of": str(book.as_of), "customers": len(months.active), "scored": int((~np.isnan(scores.now)).sum()),
            "below": int(below.sum()), "revenue": float(revenue.sum()), "revenue_below": float(revenue[below].sum()),
            "revenue_known": spent is not None,
        },
    }  # fmt: skip
    if not found.exists:
        return {**told, "risk": None, "at_stake": None, "at_stake_by": None, "list": _listed(months, scores, below)}
    sides = _by_all_strata(crossed(counts), strata)
    return {**told, "risk": _risk(sides), **_stake(months, scores, sides, strata.now, below, revenue)}


def _place(found: stats.Threshold) -> dict[str, Any]:
    """Where the cut is, how sure, and of what shape."""
    inside = found.cuts[found.inside]
    ranked = sorted(found.shapes.values(), reverse=True)
    hinge = found.hinge and {"knot": found.hinge.knot, "low": found.hinge.low, "high": found.hinge.high}
    held = np.flatnonzero(found.inside)
    return {
        "cut": found.cut if found.exists else None, "set": inside.tolist(),
        "set_contiguous": bool((np.diff(held) == 1).all()), "hinge": hinge,
        "shape": max(found.shapes, key=lambda name: found.shapes[name]) if found.shapes else None,
        "shape_clear": bool(ranked and ranked[0] - ranked[1] >= CLEAR), "shapes": found.shapes,
        "cuts": pd.DataFrame({
            "cut": found.cuts, "below": found.below, "ratio": found.gain, "short": found.short, "limit": found.limit,
            "inside": found.inside,
        }),
    }  # fmt: skip


def _bars(counts: Grouped, found: stats.Threshold, now: Floats, revenue: Floats) -> pd.DataFrame:
    """The raw shares at each score, a month and a year, beside what the shapes expect (a year)."""
    table = bars(counts)
    for name, column in (("year", "share"), ("year_low", "low"), ("year_high", "high"), ("isotonic", "isotonic")):
        table[name] = over(table[column], HORIZON)
    table["step"] = over(found.expected, HORIZON)
    table["hinge"] = over(found.hinge.expected, HORIZON) if found.hinge else np.nan
    here = [now == score for score in table["score"]]
    table["customers_now"] = [int(one.sum()) for one in here]
    table["revenue_now"] = [float(revenue[one].sum()) for one in here]
    return table


def _by_all_strata(sides: Crossed, strata: Alike) -> Crossed:
    """The counts with a line for every stratum, those that only customers of today are in too."""
    whole = np.zeros((2, strata.count, 2))
    for total, one in zip(whole, (sides.left, sides.rows), strict=True):
        total[np.unique(strata.rows)] = one
    return Crossed(sides.cuts, whole[0], whole[1])


def _ends(estimate: Estimate) -> dict[str, float]:
    return estimate._asdict()


def _risk(sides: Crossed) -> dict[str, Any]:
    """The risk below, above, and of customers above that are otherwise as those below."""
    weights = {"below": sides.rows[:, 0], "above": sides.rows[:, 1], "alike": sides.rows[:, 0]}
    told: dict[str, Any] = {"folds": FOLDS, "cuts": sides.cuts.tolist(), "odds_ratio": _ends(sides.odds_ratio())}
    yearly = {}
    for name, weight in weights.items():
        side = 0 if name == "below" else 1
        left, rows = sides.left[:, side], sides.rows[:, side]
        month = weighted_risk(left, rows, weight)
        yearly[name] = weighted_risk(left, rows, weight, HORIZON)
        told[name] = {
            "rows": int(rows.sum()), "left": int(left.sum()),
            **{f"monthly{end}": number for end, number in zip(("", "_low", "_high"), month, strict=True)},
            **{f"yearly{end}": number for end, number in zip(("", "_low", "_high"), yearly[name], strict=True)},
        }  # fmt: skip
    return {**told, "difference": _ends(difference(yearly["below"], yearly["alike"]))}


def _saved(sides: Crossed, stratum: NDArray[np.int64], weight: Floats) -> Estimate:
    """Σ weight × (risk below − risk above) over the year, stratum by stratum, with its interval."""
    by = np.bincount(stratum, weights=weight, minlength=len(sides.rows))
    both = [weighted_risk(sides.left[:, side], sides.rows[:, side], by, HORIZON) for side in (0, 1)]
    total = float(weight.sum())
    return scaled(difference(*both), total) if total > 0 else Estimate(0.0, 0.0, 0.0)


def _stake(
    months: CustomerMonths, scores: Scores, sides: Crossed, stratum: NDArray[np.int64], below: NDArray[np.bool_],
    revenue: Floats,
) -> dict[str, Any]:  # fmt: skip
    """What those below now stand to lose, all of them and by segment, and who they are."""
    segment = months.lives["segment"].to_numpy()[months.active]
    lines = []
    for name in sorted(set(segment[below])):
        one = below & (segment == name)
        people, money = _saved(sides, stratum[one], np.ones(one.sum())), _saved(sides, stratum[one], revenue[one])
        lines.append((name, int(one.sum()), float(revenue[one].sum()), *people, *money))
    names = ("segment", "customers", "revenue", "customers_saved", "low", "high", "revenue_saved", "revenue_low")
    whole = {
        "customers": _saved(sides, stratum[below], np.ones(below.sum())),
        "revenue": _saved(sides, stratum[below], revenue[below]),
    }
    model = fit(sides.left, sides.rows, _BELOW)
    risk, safe = (
        over(1 / (1 + np.exp(-(model.intercept + shift))), HORIZON)[stratum] for shift in (float(model.slope), 0.0)
    )
    listed = _listed(months, scores, below, revenue, risk, revenue * (risk - safe), whole["revenue"].value)
    return {
        "at_stake": {name: _ends(one) for name, one in whole.items()},
        "at_stake_by": pd.DataFrame(lines, columns=[*names, "revenue_high"]), "list": listed,
    }  # fmt: skip


def _listed(
    months: CustomerMonths, scores: Scores, below: NDArray[np.bool_], revenue: Floats | None = None,
    risk: Floats | None = None, loss: Floats | None = None, total: float = 0.0,
) -> pd.DataFrame:  # fmt: skip
    """The customers below now, those who bring most first; their losses add up to the revenue at stake."""
    at = months.active[below]
    table = months.lives.loc[at, ["customer_id", *PROFILE]].reset_index(drop=True)
    answered = pd.Series(scores.answered[at].astype("datetime64[D]").astype(str), dtype="object")
    table = table.assign(score=scores.now[below], answered_on=answered)
    for name, column in (("revenue", revenue), ("risk", risk), ("loss", loss)):
        table[name] = np.nan if column is None else column[below]
    sum_of = float(table["loss"].sum())
    table["loss"] *= total / sum_of if sum_of > 0 else np.nan
    return table.sort_values(["revenue", "customer_id"], ascending=[False, True], ignore_index=True)
