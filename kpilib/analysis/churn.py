"""What goes along with leaving, and who is likeliest to leave: the findings "churn_drivers" and "churn_risk".

An association is not a cause: what a customer lives through and what kind of customer it is come together.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpilib.analysis.churn_design import Design, Rows
from kpilib.analysis.churn_model import HORIZON, Model, cannot, model_of, risk_of, table_now
from kpilib.analysis.covariates import TERMS
from kpilib.analysis.customer_months import PROFILE, CustomerMonths, customer_months, revenue_of
from kpilib.stats.cox import proportional
from kpilib.stats.discovery import false_discovery
from kpilib.stats.hazard import Hazards

#: Losses that each coefficient should rest on; with fewer the finding warns.
SAFE = 10
#: Reasons that are told of a customer, customers that are listed at most.
REASONS, LISTED = 3, 20_000
LEVEL = 0.05


def churn_drivers(book: Any) -> dict[str, Any]:
    """Hazard ratios of what was known before each month, by two models side by side.

    Parameters
    ----------
    book : Book
        What `kpilib.open` returned.

    Returns
    -------
    dict
        customers, rows, events, first_month, last_month, history_months, warnings (codes), and the frames `terms` (one
        line a coefficient: ratios with intervals, p and q of both models, test of proportional hazards), `joint` (one
        test of all levels of a term), `dropped` (what was left out, and why), `fit` (likelihood ratios). Where it
        cannot be made, `{"cannot": code}` with the counts.

    Notes
    -----
    q is the p-value after Benjamini and Hochberg (1995) over all terms, the levels of a term being one test; `found`
    asks q ≤ 0.05 of both models.
    Misleads when read as a cause, and for a term whose hazards are not proportional (`ph_q` small).
    """
    data = customer_months(book)
    reason = cannot(data)
    if reason:
        return reason
    model = model_of(book)
    if model is None or model.cox is None:
        return {"cannot": "separation", **_counts(data)}
    joint = _joint(model)
    terms = _terms(model, joint)
    few = len(terms) * SAFE > int(model.left.sum())
    return {
        "customers": len(np.unique(model.customer)), "rows": len(model.left), "events": int(model.left.sum()),
        "first_month": data.day(int(model.month.min())), "last_month": data.day(int(model.month.max())),
        "history_months": data.history, "warnings": ["few_events"] if few else [],
        "terms": terms, "joint": _with_q(joint, terms), "dropped": dropped(data, model.design), "fit": _fits(model),
    }  # fmt: skip


def _counts(data: CustomerMonths) -> dict[str, int]:
    return {
        "customers": len(data.lives), "events": int(data.event.sum()), "rows": len(data.event)
    }  # fmt: skip


def _terms(model: Model, joint: pd.DataFrame) -> pd.DataFrame:
    """One line a coefficient."""
    assert model.cox is not None
    columns = model.design.columns
    table = pd.DataFrame(columns, columns=["term", "level"])
    table["reference"] = [model.design.reference.get(term, "") for term, _ in columns]
    for what in ("kind", "group", "under_control"):
        table[what] = [getattr(TERMS[term], what) for term, _ in columns]
    table["rows"], table["events"] = _having(model)
    for name, fit in (("cox", model.cox), ("discrete", model.discrete)):
        numbers = np.column_stack([*fit.ratios(), fit.p, _adjusted(model.design, fit, joint[f"{name}_p"])])
        table[[f"{name}_hr", f"{name}_low", f"{name}_high", f"{name}_p", f"{name}_q"]] = numbers
    table["found"] = (table["cox_q"] <= LEVEL) & (table["discrete_q"] <= LEVEL)
    table["ph_p"] = proportional(model.cox, model.cox.sets)[1]
    table["ph_q"] = false_discovery(table["ph_p"], LEVEL)[0]
    return table


def _adjusted(design: Design, fit: Hazards, joint: pd.Series) -> NDArray[np.float64]:
    """The q of each coefficient: terms are one family, in which all levels of a term are one test.

    A level stands out only where its term does, and then among the levels of that term.
    """
    alone = [place for place, (_, level) in enumerate(design.columns) if not level]
    family, _ = false_discovery(np.concatenate([fit.p[alone], joint.to_numpy(float)]), LEVEL)
    found = np.full(len(design.columns), np.nan)
    found[alone] = family[: len(alone)]
    for q, term in zip(family[len(alone) :], _level_terms(design), strict=True):
        places = design.places(term)
        found[places] = np.maximum(false_discovery(fit.p[places], LEVEL)[0], q)
    return found


def _level_terms(design: Design) -> list[str]:
    return list(dict.fromkeys(term for term, level in design.columns if level))


def _having(model: Model) -> tuple[list[int], list[int]]:
    """Rows, and losses, at which each column was not 0."""
    x = model.design.table(model.rows)
    on = x != 0
    return on.sum(0).tolist(), on[model.left].sum(0).tolist()


def _joint(model: Model) -> pd.DataFrame:
    """One test of all levels of a term: to be read before a single level is."""
    assert model.cox is not None
    lines = []
    for term in _level_terms(model.design):
        places = model.design.places(term)
        tests = [fit.together(places)[2] for fit in (model.cox, model.discrete)]
        lines.append((term, len(places) + 1, *tests))
    return pd.DataFrame(lines, columns=["term", "levels", "cox_p", "discrete_p"])


def _with_q(joint: pd.DataFrame, terms: pd.DataFrame) -> pd.DataFrame:
    """The joint tests with their q in the family of all terms."""
    alone = terms[terms["level"] == ""]
    for name in ("cox", "discrete"):
        family = pd.concat([alone[f"{name}_p"], joint[f"{name}_p"]]).to_numpy(float)
        joint[f"{name}_q"] = false_discovery(family, LEVEL)[0][len(alone) :]
    joint["found"] = (joint["cox_q"] <= LEVEL) & (joint["discrete_q"] <= LEVEL)
    return joint


def dropped(data: CustomerMonths, design: Design) -> pd.DataFrame:
    """What the models were not given: terms and levels, each with its reason."""
    columns = ["term", "level", "reason", "rows", "events", "table"]
    lines = [{**one, "table": ""} for one in design.dropped]
    absent = {"term": "", "level": "", "reason": "no_table", "rows": 0, "events": 0}
    lines.extend({**absent, "term": term, "table": table} for term, table in data.missing.items())
    return pd.DataFrame(lines, columns=columns)


def _fits(model: Model) -> pd.DataFrame:
    assert model.cox is not None
    lines = [
        (name, fit.loglik, fit.null_loglik, *fit.against_null())
        for name, fit in (("cox", model.cox), ("discrete", model.discrete))
    ]
    return pd.DataFrame(lines, columns=["model", "loglik", "null_loglik", "chi2", "df", "p"])


def churn_risk(book: Any) -> dict[str, Any]:
    """The customers of today by their probability of leaving within three months, with reasons and revenue.

    Returns
    -------
    dict
        as_of, horizon (months), customers, mean, expected (customers), revenue (12 months), revenue_at_risk, shrinkage
        and fading (both of the coefficients, for foretelling) and the frames `list` (one line a customer, riskiest
        first) and `shares` (how much each term sets customers apart). A reason is a term's β(x − x̄), exact because the
        model is linear: its exponential is the factor by which the term raises the hazard over that of the mean
        customer of today. `{"cannot": code}` as `churn_drivers`.

    Notes
    -----
    The level is that of the last twelve months, and what is so today is taken to fade as it did before. The interval
    is that of the model for customers like this one; what one customer does is not foretold by it.
    """
    data = customer_months(book)
    reason = cannot(data, HORIZON)
    model = None if reason else model_of(book)
    if model is None:
        return reason or {"cannot": "separation", **_counts(data)}
    rows, x = table_now(data, model)
    told = risk_of(data, model)
    value, low, high = told.probability(x)
    revenue = revenue_of(book, data.lives)
    own = np.full(len(value), np.nan) if revenue is None else revenue[data.active]
    terms, pushes = _by_term(model.design, told.pushes(x, x.mean(0, dtype=float)))
    listed = _listed(data, value, low, high, own)
    listed = pd.concat([listed, _reasons(data, rows, terms, pushes)], axis=1)
    listed = listed.sort_values(["probability", "customer_id"], ascending=[False, True], ignore_index=True)
    spread = pd.DataFrame({"term": terms, "spread": pushes.std(0)}).sort_values("spread", ascending=False)
    return {
        "as_of": str(book.as_of), "horizon": HORIZON, "customers": len(value), "mean": float(value.mean()),
        "expected": float(value.sum()), "revenue": float(own.sum()), "revenue_at_risk": float(own @ value),
        "shrinkage": told.shrinkage,
        "fading": told.fading, "list": listed.head(LISTED), "shares": spread.reset_index(drop=True),
    }  # fmt: skip


def _listed(data: CustomerMonths, value: NDArray, low: NDArray, high: NDArray, revenue: NDArray) -> pd.DataFrame:
    told = data.lives.loc[data.active, ["customer_id", *PROFILE]].reset_index(drop=True)
    scores = data.now.get("last_score", np.full(len(value), np.nan))
    numbers = {
        "probability": value, "low": low, "high": high, "revenue": revenue, "loss": value * revenue,
        "tenure": np.rint(data.now["tenure"] * 12), "last_score": scores,
    }  # fmt: skip
    return pd.concat([told, pd.DataFrame({k: np.asarray(v, float) for k, v in numbers.items()})], axis=1)


def _by_term(design: Design, push: NDArray) -> tuple[list[str], NDArray]:
    """The pushes of a term's columns together, shape (n, terms)."""
    terms = list(dict.fromkeys(term for term, _ in design.columns))
    return terms, np.column_stack([push[:, design.places(term)].sum(1) for term in terms])


def _reasons(data: CustomerMonths, rows: Rows, terms: list[str], pushes: NDArray) -> pd.DataFrame:
    """The terms that raise each customer's risk most, with its own value of each."""
    order = np.argsort(-pushes, axis=1, kind="stable")[:, :REASONS]
    line = np.arange(len(pushes))
    told = {term: _told(data, rows, term) for term in terms}
    found: dict[str, Any] = {}
    for place in range(REASONS):
        which = order[:, place] if place < order.shape[1] else np.zeros(len(line), int)
        effect = pushes[line, which]
        counts = (effect > 0) & (place < order.shape[1])
        names = [terms[one] if yes else "" for one, yes in zip(which, counts, strict=True)]
        number = f"_{place + 1}"
        found[f"reason{number}"] = names
        found[f"level{number}"] = [told[n][0][i] if n else "" for i, n in enumerate(names)]
        found[f"value{number}"] = [told[n][1][i] if n else np.nan for i, n in enumerate(names)]
        found[f"effect{number}"] = np.where(counts, effect, np.nan)
    return pd.DataFrame(found)


def _told(data: CustomerMonths, rows: Rows, term: str) -> tuple[list[str], list[float]]:
    """A customer's level of a term, and its value; one of them is empty."""
    if TERMS[term].kind == "level":
        names = data.lives[term].astype("str").to_numpy(object)[data.active]
        return [str(name) for name in names], [float("nan")] * len(names)
    return [""] * len(rows), np.asarray(rows.values[term], float).tolist()
