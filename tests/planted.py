"""The demo company month by month, from its tables by pandas alone: a second way to what is planted in it."""

from functools import cache

import pandas as pd

from kpilib.demo.company import make

SERIOUS = ("High", "Critical")


@cache
def company(scenario: str = "baseline") -> dict[str, pd.DataFrame]:
    """The tables of a scenario; made once, to be left as they are."""
    return make(scenario=scenario)


@cache
def customer_months(scenario: str = "baseline") -> pd.DataFrame:
    """One row a customer and month at whose start it was one: what was known before the month, and whether it left."""
    tables = company(scenario)
    return pd.concat(
        [_month(tables, month) for month in pd.period_range("2023-07", "2026-06", freq="M")], ignore_index=True
    )


def _month(tables: dict[str, pd.DataFrame], month: pd.Period) -> pd.DataFrame:
    start, after = month.start_time, (month + 1).start_time
    customers = tables["customers"]
    there = (customers["acquired_on"] < start) & ~(customers["churned_on"] < start)
    rows = customers[there].set_index("customer_id")
    known = {
        "segment": rows["segment"],
        "industry": rows["industry"],
        "tenure": (start - rows["acquired_on"]).dt.days / 365.25,
        "left": rows["churned_on"] < after,
        "score": _score(tables["surveys"], start).reindex(rows.index),
        "late": _late(tables["invoices"], (month - 6).start_time, start).reindex(rows.index).fillna(0.0),
    }
    for name, counted in _tickets(tables["tickets"], (month - 3).start_time, start).items():
        known[name] = counted.reindex(rows.index).fillna(0)
    changes = tables["customer_changes"]
    for kind, first, last in (
        ("new_salesperson", month - 3, start),
        ("new_owner", month - 6, start),
        ("first_renewal", month - 1, after),
    ):
        mine = (changes["kind"] == kind) & changes["changed_on"].between(first.start_time, last, inclusive="left")
        known[kind] = rows.index.isin(changes.loc[mine, "customer_id"])
    made = pd.DataFrame(known)
    made["below"], made["no_score"] = made["score"] <= 5, made["score"].isna()
    return made.assign(month=start).reset_index()


def _score(surveys: pd.DataFrame, start: pd.Timestamp) -> "pd.Series[float]":
    given = surveys[(surveys["metric"] == "nps") & (surveys["answered_on"] < start)]
    return given.sort_values("answered_on").groupby("customer_id")["score"].last()


def _tickets(tickets: pd.DataFrame, first: pd.Timestamp, start: pd.Timestamp) -> "dict[str, pd.Series[int]]":
    opened = tickets[tickets["opened_at"].between(first, start, inclusive="left")]
    slow = ~(opened["first_reply_at"] - opened["opened_at"] <= pd.Timedelta(hours=8))
    serious = opened[opened["severity"].isin(SERIOUS)].groupby("customer_id").size().clip(upper=3)
    return {"incidents": serious, "slow": opened[slow].groupby("customer_id").size().clip(upper=1)}


def _late(invoices: pd.DataFrame, first: pd.Timestamp, start: pd.Timestamp) -> "pd.Series[float]":
    due = invoices[invoices["due_on"].between(first, start, inclusive="left")]
    days = (due["paid_on"].fillna(start).clip(upper=start) - due["due_on"]).dt.days.clip(0, 60)
    return days.groupby(due["customer_id"]).mean() / 30
