"""Findings of leaving as `kpilib.analysis` gives them, small enough to be read: what the churn page is tested with."""

from typing import Any

import pandas as pd

NOTHING = float("nan")
JOINT = ["term", "levels", "cox_p", "discrete_p", "cox_q", "discrete_q", "found"]


def term(name, ours, hr, found, *, level="", reference="", ph_q=0.8, group="experience", kind="flag") -> dict[str, Any]:
    """One line of the drivers; both models agree, within ten per cent either way."""
    ends = {f"{model}_{side}": hr * by for model in ("cox", "discrete") for side, by in (("low", 0.9), ("high", 1.1))}
    tested = {f"{model}_{letter}": 0.01 if found else 0.6 for model in ("cox", "discrete") for letter in "pq"}
    return {
        "term": name, "level": level, "reference": reference, "kind": kind, "group": group, "under_control": ours,
        "rows": 900, "events": 40, "cox_hr": hr, "discrete_hr": hr * 1.01, **ends, **tested, "found": found,
        "ph_p": ph_q, "ph_q": ph_q,
    }  # fmt: skip


def drivers(*terms, joint=(), dropped=(), warnings=()) -> dict[str, Any]:
    return {
        "customers": 3000, "rows": 70_000, "events": 800, "first_month": "2024-01-01", "last_month": "2026-06-01",
        "history_months": 6, "warnings": list(warnings), "terms": pd.DataFrame(list(terms)),
        "joint": pd.DataFrame(list(joint), columns=JOINT),
        "dropped": pd.DataFrame(list(dropped), columns=["term", "level", "reason", "rows", "events", "table"]),
        "fit": pd.DataFrame(),
    }  # fmt: skip


DRIVERS = drivers(
    term("below", True, 3.0, True), term("incidents", True, 1.4, True, kind="number"),
    term("slow", True, 1.1, False), term("new_owner", False, 2.0, True, group="life_cycle"),
    term("segment", False, 0.5, True, level="Enterprise", reference="SMB", kind="level", group="profile"),
    term("region", False, 1.3, True, level="Bretagne", reference="Corse", kind="level", group="profile", ph_q=0.01),
    joint=[("segment", 3, 0.001, 0.001, 0.002, 0.002, True), ("region", 13, 0.5, 0.5, 0.5, 0.5, False)],
    dropped=[("tickets", "", "no_table", 0, 0, "tickets"), ("late", "", "separation", 12, 12, "")],
)  # fmt: skip

CHECK = {
    "horizon": 3, "train_until": "2025-09-30", "test_from": "2025-10-01", "test_until": "2026-06-30",
    "train_events": 500, "test_events": 260, "test_rows": 8456, "customers": 3000, "base_rate": 0.033,
    "observed_rate": 0.031, "concordance": 0.645, "concordance_low": 0.612, "concordance_high": 0.679, "brier": 0.0295,
    "brier_base": 0.0298, "gain": 0.0003, "gain_low": 0.0001, "gain_high": 0.0005, "skill": 0.01, "beats_base": True,
    "reliability": pd.DataFrame(
        {"forecast": [0.01, 0.06], "observed": [0.011, 0.07], "low": [0.005, 0.05], "high": [0.02, 0.09],
         "rows": [4228, 4228]}
    ),
}  # fmt: skip


def risk(customer, segment, probability, revenue, reasons=(), **more) -> dict[str, Any]:
    """One customer of the list, with up to three reasons (term, level, value, effect)."""
    line = {
        "customer_id": customer, "customer": customer, "segment": segment, "industry": "Retail", "country": "France",
        "region": "Corse", "city": "Ajaccio", "source": "Web", "owner": "Ada", "team": "A", "probability": probability,
        "low": probability / 2, "high": probability * 2, "revenue": revenue, "loss": probability * revenue,
        "tenure": 30.0, "last_score": 4.0,
    } | more  # fmt: skip
    for at in range(3):
        given = reasons[at] if at < len(reasons) else ("", "", NOTHING, NOTHING)
        line |= dict(
            zip((f"reason_{at + 1}", f"level_{at + 1}", f"value_{at + 1}", f"effect_{at + 1}"), given, strict=True)
        )
    return line  # fmt: skip


LIST = pd.DataFrame(
    [
        risk("Alpha", "SMB", 0.20, 1000.0, [("below", "", 1.0, 0.875469), ("region", "Bretagne", 1.0, 0.2)]),
        risk("Beta", "Key", 0.10, 9000.0, [("incidents", "", 2.0, 0.693147), ("slow", "", 1.0, 0.3)], owner="Bob"),
        risk("Gamma", "Key", 0.01, 500.0, last_score=NOTHING),
    ]
)  # fmt: skip
RISK = {
    "as_of": "2026-06-30", "horizon": 3, "customers": 3, "mean": 0.1, "expected": 0.31, "revenue": 10_500.0,
    "revenue_at_risk": 1105.0, "list": LIST, "shares": pd.DataFrame({"term": ["below"], "spread": [0.4]}),
}  # fmt: skip


def _line(dimension, member, kept) -> list[dict[str, Any]]:
    return [
        {"dimension": dimension, "member": member, "month": at, "retained": value, "low": value - 0.02 * bool(at),
         "high": min(1.0, value + 0.02), "at_risk": 100 - at, "lost": 1}
        for at, value in enumerate(kept)
    ]  # fmt: skip


def _member(dimension, member, customers, year, median=NOTHING, shown=True) -> dict[str, Any]:
    return {
        "dimension": dimension, "member": member, "customers": customers, "lost": customers // 10, "median": median,
        "year_1": year, "year_1_low": year - 0.02, "year_1_high": year + 0.02, "shown": shown,
    }  # fmt: skip


CURVES = {
    "unit": "month", "observed_from": "2023-07-01", "as_of": "2026-06-30", "customers": 340, "lost": 34,
    "late_entries": 100,
    "curves": pd.DataFrame(
        [*_line("", "", (1, 0.95)), *_line("segment", "SMB", (1, 0.9, 0.8)), *_line("segment", "Key", (1, 0.99, 0.98)),
         *_line("team", "A", (1, 0.9)), *_line("team", "B", (1, 0.9))]
    ),
    "members": pd.DataFrame(
        [_member("", "", 340, 0.9), _member("segment", "SMB", 200, 0.85, 58.9), _member("segment", "Key", 140, 0.96),
         _member("team", "A", 200, 0.9), _member("team", "B", 140, 0.91), _member("team", "C", 3, 0.5, shown=False)]
    ),
    "tests": pd.DataFrame(
        [("segment", 2, 9.0, 1, 0.002, 0.004, True), ("team", 2, 0.1, 1, 0.7, 0.7, False)],
        columns=["dimension", "groups", "chi2", "df", "p", "q", "differ"],
    ),
}  # fmt: skip


def _cell(cohort, months, kept, followed, complete=True, customers=40) -> dict[str, Any]:
    share = kept / followed
    return {
        "cohort": cohort, "starts": "2025-01-01", "customers": customers, "months": months, "kept": kept,
        "share": share, "low": share - 0.05, "high": share + 0.05, "complete": complete, "followed": followed,
    }  # fmt: skip


COHORTS = {
    "observed_from": "2023-07-01", "as_of": "2026-06-30", "customers": 70,
    "cells": pd.DataFrame(
        [_cell("2024Q1", 0, 40, 40), _cell("2024Q1", 6, 39, 40), _cell("2024Q1", 12, 38, 40),
         _cell("2024Q2", 0, 30, 30, customers=30), _cell("2024Q2", 6, 24, 30, customers=30),
         _cell("2024Q2", 12, 21, 30, customers=30), _cell("2024Q2", 18, 9, 12, False, customers=30)]
    ),
}  # fmt: skip


def _worth(segment, customers, value, **more) -> dict[str, Any]:
    return {
        "segment": segment, "customers": customers, "churn": 0.01, "margin": 100.0, "value": value, "low": value * 0.9,
        "high": value * 1.1, "total": value * customers, **more,
    }  # fmt: skip


LIFETIME = {
    "as_of": "2026-06-30", "currency": "EUR", "discount": 0.1, "horizon": 60, "basis": "margin", "first": "end",
    "contractual": {
        "groups": pd.DataFrame([_worth("", 300, 5000.0), _worth("SMB", 200, 2000.0), _worth("Key", 100, 11_000.0)])
    },
    "purchases": {"groups": pd.DataFrame([_worth("", 300, 4000.0), _worth("Key", 100, 9000.0)])},
}  # fmt: skip

FINDINGS = {
    "churn_drivers": DRIVERS, "churn_check": CHECK, "churn_risk": RISK, "retention_curves": CURVES, "cohorts": COHORTS,
    "lifetime": LIFETIME,
}  # fmt: skip
