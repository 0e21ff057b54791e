"""The two models of leaving side by side on customer-months: Cox's and its discrete-time twin, over calendar months.

The calendar month is the time scale: what befalls all customers in a month (a season, a price rise) belongs to the
month's own baseline, and the age of the customer is a covariate like others. Errors allow the months of one customer to
depend on each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kpilib.analysis.before_month import Floats, Whole
from kpilib.analysis.churn_design import Design, Rows, estimable, independent, names_of, planned, rows_of
from kpilib.analysis.customer_months import CustomerMonths, customer_months
from kpilib.stats.cox import Cox, cox
from kpilib.stats.discrete import cloglog
from kpilib.stats.hazard import Hazards
from kpilib.stats.risk import Risk, risk

#: Below so many customers, or losses, nothing is modelled.
CUSTOMERS, EVENTS = 30, 10
#: Months from which the level of the risk to come is taken, and losses that they need; else all months are.
RECENT, ENOUGH = 12, 5
#: Months ahead for which a customer's risk is given.
HORIZON = 3


@dataclass(frozen=True, eq=False)
class Model:
    """Both fits on the rows that they used, and the design that made their covariates."""

    design: Design
    discrete: Hazards
    cox: Cox | None
    rows: Rows
    month: Whole
    customer: Whole
    left: NDArray[np.bool_]


def cannot(data: CustomerMonths, months: int = 1) -> dict[str, Any]:
    """Why leaving cannot be modelled on these data, with the counts; empty where it can.

    `no_customers`, `too_short` (fewer than so many months), `no_churn`, `all_churned`, `too_few_customers`,
    `too_few_events`.
    """
    there, events = len(np.unique(data.customer)), int(data.event.sum())
    facts = {"customers": len(data.lives), "events": events, "rows": len(data.event)}
    reason = ""
    if not len(data.lives):
        reason = "no_customers"
    elif data.grid.months - data.history < months:
        reason = "too_short"
    elif not there:
        reason = "no_customers"
    elif not events:
        reason = "no_churn"
    elif not len(data.active):
        reason = "all_churned"
    elif there < CUSTOMERS:
        reason = "too_few_customers"
    elif events < EVENTS:
        reason = "too_few_events"
    return {"cannot": reason, **facts} if reason else {}


def fitted(data: CustomerMonths, until: int | None = None, both: bool = True) -> Model | None:
    """Both models on the months before `until` (all by default); None where no term is left to model with.

    Parameters
    ----------
    data : CustomerMonths
        As `customer_months` gives them.
    until : int, optional
        Month of the grid before which rows are used.
    both : bool
        Whether Cox's model is wanted too, or only the one that gives probabilities.
    """
    names, codes = names_of(data)
    rows = rows_of(data, codes)
    keep = np.ones(len(data.month), bool) if until is None else data.month < until
    age = data.values.get("tenure")
    if age is not None and not np.isnan(age).all():
        keep &= ~np.isnan(age)  # of who came before anything is known, the age is not
    rows, left = rows.some(keep), data.event[keep]
    design = planned(rows, left, names)
    usable = estimable(design, rows)
    keep[keep] = usable
    parts = rows.some(usable), data.month[keep], data.customer[keep], left[usable]
    return _settled(design, *parts, both)


def _settled(
    design: Design, rows: Rows, month: Whole, customer: Whole, left: NDArray[np.bool_], both: bool
) -> Model | None:
    """Fit; where a covariate tells leavers from stayers by itself, leave its term out and fit again."""
    sizes = rows, left
    while design.columns:
        x = design.table(rows)
        follows = sorted(set(range(len(design.columns))) - set(independent(month, x)))
        if follows:
            design = design.without(follows[-1], "collinear", *sizes)
            continue
        first = cox(month, left, x, customer) if both else None
        failed: Hazards | None = first if first is not None and not first.settled else None
        if failed is None:
            twin = cloglog(month, left, x, customer, first.coefficients if first else None)
            if twin.settled:
                return Model(design, twin, first, rows, month, customer, left)
            failed = twin
        design = design.without(failed.runaway, "separation", *sizes)
    return None


def model_of(book: Any) -> Model | None:
    """Both models of a book on all its months, fitted once and held by it."""
    if "_churn_model" not in book.__dict__:
        book.__dict__["_churn_model"] = fitted(customer_months(book))
    held: Model | None = book.__dict__["_churn_model"]
    return held


def followed(data: CustomerMonths, month: Whole, who: Whole) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """For how many months each customer was followed from the start of a month, and whether it then left."""
    gone = np.full(len(data.lives), data.grid.months)
    gone[data.customer[data.event]] = data.month[data.event]
    left = gone[who] < data.grid.months
    return (np.minimum(gone[who] + 1, data.grid.months) - month).astype(float), left


def risk_of(data: CustomerMonths, model: Model) -> Risk:
    """What foretells leaving within `HORIZON` months after the last month of the model's rows."""
    known = model.month <= int(model.month.max()) - HORIZON + 1  # what came of later rows is not known yet
    month, who = model.month[known], model.customer[known]
    time, left = followed(data, month, who)
    within = left & (time <= HORIZON)
    recent = month > int(month.max()) - RECENT
    if within[recent].sum() < ENOUGH:
        recent[:] = True
    return risk(model.discrete, model.design.table(model.rows.some(known)), within, recent, HORIZON)


def table_now(data: CustomerMonths, model: Model) -> tuple[Rows, Floats]:
    """The covariates of the customers of today, as rows and as the model's table."""
    rows = rows_of(data, names_of(data)[1], now=True)
    return rows, np.nan_to_num(model.design.table(rows))
