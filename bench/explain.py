"""How often a change is explained where nothing explains it: companies of the scenario `null`, one a seed.

`python bench/explain.py --write` asks 100 small companies why each KPI changed, without saying by which dimension, and
writes into bench/README.md in how many a dimension is proposed all the same, and how long an explanation takes.
"""

import argparse
import os
import time
from typing import Any

import seeds
from seeds import each, most

from kpilib.errors import KpilibError

SEEDS, SCALE = 100, 0.1
LEVEL = 0.05
KPIS = (
    "win_rate", "average_deal", "won_amount", "sales_cycle", "open_opportunities", "revenue", "margin_rate",
    "average_order", "csat", "nps", "response_rate", "on_time_payment", "churn_rate", "monthly_churn",
)  # fmt: skip
#: A quarter on the one before, and a half year; the merger of territories lies inside the second pair.
WINDOWS = (("2026Q1", "2026Q2"), ("2025-07 – 2025-12", "2026-01 – 2026-06"))
Proposed = dict[tuple[str, str], bool | None]


def proposed(book: Any) -> Proposed:
    """By KPI and pair of windows, whether a dimension is proposed; None where the data could not tell."""
    from kpilib.change.explain import explained

    found: Proposed = {}
    for key in KPIS:
        for before, now in WINDOWS:
            try:
                found[key, now] = explained(book, key, before, now).proposed
            except KpilibError:
                found[key, now] = None
    return found


def company(seed: int, scale: float = SCALE, scenario: str = "null") -> Proposed:
    """What is proposed for the company of a seed."""
    with seeds.company(seed, scale, scenario) as book:
        return proposed(book)


def counted(made: list[Proposed]) -> list[list[str]]:
    """One row a KPI and pair of windows: companies asked, proposals, their share, whether the level holds."""
    rows = []
    for key in KPIS:
        for _, now in WINDOWS:
            said = [one[key, now] for one in made if one[key, now] is not None]
            false = sum(map(bool, said))
            share = f"{false / len(said):.0%}" if said else ""
            holds = "yes" if false <= most(len(said)) else "NO"
            rows.append([key, now, str(len(said)), str(false), share, str(most(len(said))), holds])
    return rows


def speed(repeats: int = 15) -> list[list[str]]:
    """Processor time of an explanation by one dimension, of the search among all, and of Simpson's guard."""
    import kpilib
    from kpilib.change.explain import explained
    from kpilib.change.simpson import reversal

    book, rows = kpilib.open(), []
    for key in ("win_rate", "revenue", "csat", "churn_rate", "average_order"):
        row = [key]
        for asked in (
            lambda key=key: explained(book, key, "2025Q2", "2026Q2", by="segment"),
            lambda key=key: explained(book, key, "2025Q2", "2026Q2"),
            lambda key=key: reversal(book, key, "2025Q2", "2026Q2"),
        ):
            asked()
            times = []
            for _ in range(repeats):
                start = time.process_time()
                asked()
                times.append(time.process_time() - start)
            row.append(f"{sorted(times)[repeats // 2] * 1000:.1f}")
        rows.append(row)
    return rows


def measure(seeds: int, scale: float, workers: int) -> list[str]:
    """The tables, as Markdown."""
    from run import table

    made = each(company, range(1, seeds + 1), scale, workers)
    columns = ["KPI", "now", "companies", "proposed", "share", "at most by chance", "holds"]
    return [
        table(columns, counted(made)),
        table(["demo company, ms", "by one dimension", "search", "Simpson's guard"], speed()),
    ]


def main() -> None:
    from run import written

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS, help="companies (default %(default)s)")
    parser.add_argument("--scale", type=float, default=SCALE, help="of the demo company (default %(default)s)")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes (default: every core)")
    parser.add_argument("--write", action="store_true", help="write the tables into bench/README.md")
    given = parser.parse_args()
    parts = measure(given.seeds, given.scale, given.workers)
    print("\n\n".join(parts))
    if given.write:
        written("explain", parts, f"{given.seeds} companies of the scenario `null`, scale {given.scale:g}.")


if __name__ == "__main__":
    main()
