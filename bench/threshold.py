"""The critical threshold: how often the answer is right where it is known, and how long it takes.

`python bench/threshold.py` simulates worlds with a planted step or none, and times the finding at 4,000 and 100,000
customers over 36 months, each in a process of its own; it writes the tables into bench/README.md.
`--worlds 50 --customers 10000` is quick.
"""

import argparse
import json
import resource
import subprocess
import sys
import time

import numpy as np
from run import table, written

MONTHS = 36
#: How answers 0 to 10 are spread.
SHARES = np.array([2, 2, 3, 4, 5, 9, 12, 18, 20, 15, 10]) / 100
#: What is planted: the hazard below 6 against above, and how many customer-months there are.
STEPS = ((1.0, 10_000), (1.0, 50_000), (1.5, 10_000), (1.5, 50_000), (2.0, 10_000), (2.0, 50_000), (3.0, 50_000))


def simulated(customers: int, ratio: float = 3.0, seed: int = 1):
    """Customer-months and the answers before them, as the analysis reads them from a book."""
    import pandas as pd

    from kpilib.analysis.before_month import Grid
    from kpilib.analysis.customer_months import PROFILE, CustomerMonths

    pick = np.random.default_rng(seed)
    lives = pd.DataFrame({"customer_id": [f"C{i:06}" for i in range(customers)]})
    for name in PROFILE:
        lives[name] = pick.integers(0, 3 if name == "segment" else 8, customers).astype(str)
    lives["acquired_on"], lives["churned_on"] = pd.Timestamp("2020-01-01"), pd.NaT
    score = pick.choice(11, customers, p=SHARES).astype(np.float32)
    there, parts = np.arange(customers), []
    for month in range(6, MONTHS):
        values = {name: (pick.random(len(there)) < 0.1).astype(np.float32) for name in ("slow", "new_owner")}
        values["incidents"] = pick.integers(0, 4, len(there)).astype(np.float32)
        values["late"] = pick.random(len(there), dtype=np.float32)
        values["tenure"] = np.full(len(there), month / 12, np.float32)
        risk = 0.006 * np.exp(0.3 * values["incidents"]) * np.where(score[there] <= 5, ratio, 1)
        gone = pick.random(len(there)) < risk
        parts.append((np.full(len(there), month), there, gone, values))
        there = there[~gone]
    month, who, event = (np.concatenate([part[i] for part in parts]) for i in range(3))
    values = {name: np.concatenate([part[3][name] for part in parts]) for name in parts[0][3]}
    now = {name: column[-len(parts[-1][1]) :][~parts[-1][2]] for name, column in values.items()}
    answers = pd.DataFrame({
        "customer_id": lives["customer_id"], "metric": "nps", "touchpoint": "Relationship",
        "answered_on": pd.Timestamp("2023-07-02"), "score": score,
    })  # fmt: skip
    grid = Grid((2023 - 1970) * 12 + 6, MONTHS, customers)
    return CustomerMonths(lives, month, who, event, values, now, there, grid, 6, {}), answers


class Held:
    """A book whose customer-months are counted already, so that the finding alone is measured."""

    def __init__(self, data, answers) -> None:
        self._customer_months, self.tables, self.as_of, self._answers = data, {"surveys"}, "2026-06-30", answers

    def panel(self, name: str, columns: tuple[str, ...]):
        return self._answers[list(columns)]


def timed(customers: int) -> dict[str, float]:
    """Seconds of the finding, rows and the peak of memory of this process."""
    from kpilib.analysis.threshold import threshold

    data, answers = simulated(customers)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    start, busy = time.perf_counter(), time.process_time()
    found = threshold(Held(data, answers))
    spent, worked = time.perf_counter() - start, time.process_time() - busy
    assert found["set"] == [5.0], found["set"]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "customers": customers,
        "rows": len(data.month),
        "seconds": spent,
        "worked": worked,
        "before": before,
        "peak": peak,
    }


def worlds(ratio: float, rows: int, number: int) -> list[str]:
    """Of so many worlds: in how many a threshold is found, the set holds the planted one, and how many cuts it has."""
    from kpilib.stats.by_score import grouped
    from kpilib.stats.threshold import find

    seen, held, sizes = 0, 0, []
    for seed in range(number):
        pick = np.random.default_rng([seed, rows, int(ratio * 10)])
        score, stratum = pick.choice(11, rows, p=SHARES), pick.integers(0, 6, rows)
        left = pick.random(rows) < 0.01 * (1 + stratum / 6) * np.where(score <= 5, ratio, 1)
        found = find(grouped(score, left, stratum, pick.integers(0, rows // 15, rows)), permutations=499)
        if found.exists:
            seen += 1
            held += bool(found.inside[found.cuts == 5].any())
            sizes.append(int(found.inside.sum()))
    share = f"{held / seen:.3f}" if seen and ratio > 1 else "–"
    size = f"{np.mean(sizes):.1f}" if seen and ratio > 1 else "–"
    return [f"{ratio:g}", f"{rows:,}", f"{seen / number:.3f}", share, size]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=1000, help="simulated companies a line (default 1000)")
    parser.add_argument("--customers", type=int, default=100_000, help="customers of the large company")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(timed(given.one)))
        return
    lines = [worlds(ratio, rows, given.worlds) for ratio, rows in STEPS]
    right = table(["hazard below, times", "customer-months", "found", "set holds the cut", "cuts in the set"], lines)
    sizes = []
    for customers in (4000, given.customers):
        done = subprocess.run([sys.executable, __file__, "--one", str(customers)], capture_output=True, check=True)
        one = json.loads(done.stdout)
        formats = {"seconds": ".2f", "worked": ".2f", "before": ".0f", "peak": ".0f"}
        numbers = [format(one[name], form) for name, form in formats.items()]
        sizes.append([f"{customers:,}", f"{one['rows']:,}", *numbers])
    heads = ["customers", "customer-months", "the finding, s", "of the processor, s", "MB with the data", "MB at most"]
    parts = [f"{given.worlds:,} worlds a line.", right, table(heads, sizes)]
    print("\n\n".join(parts))
    written("threshold", parts)


if __name__ == "__main__":
    main()
