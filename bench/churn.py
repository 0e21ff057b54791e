"""Models of leaving: time and memory at 4,000 and 100,000 customers over 36 months, and against statsmodels.

Each size runs in a process of its own, so that its peak of memory is its own. `python bench/churn.py` writes the tables
into bench/README.md; `--customers 10000` is quick.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from run import table, written

MONTHS = 36
#: What a customer-month has: flags and numbers with a planted effect, then profile columns without one.
EFFECTS = {"below": 1.1, "incidents": 0.35, "slow": 0.3, "late": 0.4, "new_owner": 0.7, "new_salesperson": 0.4}
RARE = {"below": 0.07, "incidents": 0.15, "slow": 0.2, "late": 0.5, "new_owner": 0.04, "new_salesperson": 0.04}
LEVELS = {"segment": 3, "industry": 8, "region": 13}


def simulated(customers: int, seed: int = 1):
    """Customer-months with the terms of the drivers' model, as the analysis has them."""
    import pandas as pd

    from kpilib.analysis.before_month import Grid
    from kpilib.analysis.customer_months import PROFILE, CustomerMonths

    pick = np.random.default_rng(seed)
    lives = pd.DataFrame({"customer_id": [f"C{i:06}" for i in range(customers)]})
    for name in PROFILE:
        lives[name] = pick.integers(0, LEVELS.get(name, 4), customers).astype(str)
    lives["acquired_on"], lives["churned_on"] = pd.Timestamp("2020-01-01"), pd.NaT
    there, parts = np.arange(customers), []
    for month in range(6, MONTHS):
        values = {name: (pick.random(len(there)) < RARE[name]).astype(np.float32) for name in EFFECTS}
        values["no_score"] = (pick.random(len(there)) < 0.3).astype(np.float32)
        for name in ("last_score", "score_fall", "tenure", "recency", "trend"):
            values[name] = pick.random(len(there), dtype=np.float32) * 10
        risk = -5.3 + sum(effect * values[name] for name, effect in EFFECTS.items())
        gone = pick.random(len(there)) < -np.expm1(-np.exp(risk))
        parts.append((np.full(len(there), month), there, gone, values))
        there = there[~gone]
    month, who, event = (np.concatenate([part[i] for part in parts]) for i in range(3))
    values = {name: np.concatenate([part[3][name] for part in parts]) for name in parts[0][3]}
    last = {name: column[-len(parts[-1][1]) :][~parts[-1][2]] for name, column in values.items()}
    return CustomerMonths(lives, month, who, event, values, last, there, Grid(642, MONTHS, customers), 6, {})


class Held:
    """A book whose customer-months are counted already, so that the models alone are measured."""

    def __init__(self, data) -> None:
        self._customer_months, self.tables, self.as_of = data, set(), "2026-06-30"


def models(data) -> dict[str, float]:
    """Seconds of each finding that fits a model, in the order in which a preparation makes them."""
    from kpilib.analysis.churn import churn_drivers, churn_risk
    from kpilib.analysis.churn_check import churn_check

    book, spent = Held(data), {}
    for finding in (churn_drivers, churn_check, churn_risk):
        start = time.perf_counter()
        found = finding(book)
        spent[finding.__name__] = time.perf_counter() - start
        assert "cannot" not in found, found
    return spent


def against_statsmodels(data) -> dict[str, float]:
    """Seconds of both fits, and of statsmodels' on the same rows and columns."""
    import statsmodels.api as sm
    from statsmodels.duration.hazard_regression import PHReg

    from kpilib.analysis.churn_model import model_of
    from kpilib.stats.cox import cox
    from kpilib.stats.discrete import cloglog

    model = model_of(Held(data))
    x = model.design.table(model.rows).astype(float)
    left, sets = model.left.astype(float), model.month
    dummies = (sets[:, None] == np.unique(sets)).astype(float)
    link = sm.families.Binomial(link=sm.families.links.CLogLog())
    runs: dict[str, Callable[[], np.ndarray]] = {
        "cox": lambda: cox(sets, left, x, model.customer).coefficients,
        "PHReg": lambda: PHReg(np.ones(len(left)), x, left, strata=sets, ties="efron").fit(disp=False).params,
        "cloglog": lambda: cloglog(sets, left, x, model.customer).coefficients,
        "GLM": lambda: sm.GLM(left, np.column_stack([x, dummies]), family=link).fit().params[: x.shape[1]],
    }
    spent, found = {}, {}
    for name, run in runs.items():
        start = time.perf_counter()
        found[name] = run()
        spent[name] = time.perf_counter() - start
    assert np.allclose(found["cox"], found["PHReg"], atol=1e-4)
    assert np.allclose(found["cloglog"], found["GLM"], atol=1e-4)
    return {**spent, "rows": float(len(left)), "columns": float(x.shape[1])}


def measured(what: str, customers: int) -> dict[str, float]:
    """One measure in a process of its own, with its peak of memory in GB."""
    done = subprocess.run(
        [sys.executable, __file__, "--inside", what, "--customers", str(customers)],
        check=True, capture_output=True, text=True, cwd=Path(__file__).parent,
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def inside(what: str, customers: int) -> None:
    data = simulated(customers)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    spent = models(data) if what == "models" else against_statsmodels(data)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({**spent, "peak": after / 1e6, "data": before / 1e6, "rows": len(data.event)}))


def measure(customers: int) -> list[str]:
    """Tables of times, memory and ratios, as Markdown."""
    lines = []
    for size in (4_000, customers):
        one = measured("models", size)
        names = ("churn_drivers", "churn_check", "churn_risk")
        lines.append(
            [f"{size:,}", f"{one['rows']:,.0f}", *(f"{one[name]:.2f}" for name in names),
             f"{sum(one[name] for name in names):.1f}", f"{one['peak']:.1f}"]
        )  # fmt: skip
    small = measured("against", 1_000)
    ratios = [
        [f"{small['rows']:,.0f} × {small['columns']:.0f}", ours, f"{small[ours]:.2f}", theirs, f"{small[theirs]:.2f}",
         f"{small[theirs] / small[ours]:.0f} ×"]
        for ours, theirs in (("cox", "PHReg"), ("cloglog", "GLM"))
    ]  # fmt: skip
    heads = ["customers", "customer-months", "drivers, s", "held-out check, s", "risks, s", "all, s", "peak, GB"]
    return [table(heads, lines), table(["rows × columns", "model", "s", "statsmodels", "s", "faster"], ratios)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000, help="customers of the large company")
    parser.add_argument("--inside", choices=("models", "against"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.inside:
        inside(given.inside, given.customers)
        return
    parts = measure(given.customers)
    print("\n\n".join(parts))
    written("churn", parts, f"{os.cpu_count()} cores, Python {platform.python_version()}, {MONTHS} months.")


if __name__ == "__main__":
    main()
