"""How often the watch cries wolf, and how fast it is: companies of the scenario `null`, one a seed.

`python bench/alerts.py` watches 100 companies of 1,100 accounts, in which nothing changes, and the demo company, and
writes the tables into bench/README.md; `--seeds 10 --workers 1` is quick.
"""

import argparse
import os
import time
from typing import Any

import seeds
from seeds import most

SEEDS, SCALE = 100, 0.25
#: A year of months is looked at: each is judged by the months before it alone.
MONTHS = 12
FAMILIES = {0: "the company's figures", 1: "figures of families and regions", 2: "rows of the tables"}


def alarms(book: Any) -> dict[str, Any]:
    """The families of which the last month opened an event, the months of the last year with one, the series."""
    import numpy as np

    from kpilib.alerts import arrived, series
    from kpilib.alerts.options import Options
    from kpilib.alerts.watch import _family
    from kpilib.stats import watching

    chosen = Options()
    together = series.stacked([series.block(book, chosen), arrived.volumes(book, chosen)])
    families = np.array([_family(row) for row in together.rows], np.int64)
    shares = np.full(4, chosen.rate / 4)  # as with targets, which these companies have too
    verdicts = watching.watch(together.sheet, families, shares, chosen.baseline)
    return {
        "new": sorted({int(family) for family in families[verdicts.new]}),
        "months": sum(bool(opened) for opened in verdicts.alarms[-MONTHS:]),
        "series": int(verdicts.judged.sum()),
        "facts": len(arrived.late(book, chosen) + arrived.empty(book, chosen) + arrived.refused(book, chosen)),
    }


def company(seed: int, scale: float = SCALE, scenario: str = "null") -> dict[str, Any]:
    """The alarms of the company of a seed."""
    with seeds.company(seed, scale, scenario) as book:
        return alarms(book)


def rates(made: list[dict[str, Any]]) -> str:
    """How often each family, and any of them, had an alarm in the last month; then any month of the last year."""
    from run import table

    from kpilib.alerts.options import RATE

    companies, rows = len(made), []
    levels = {**dict.fromkeys(FAMILIES, RATE / 4), None: RATE}
    for family, level in levels.items():
        found = sum(bool(one["new"]) if family is None else family in one["new"] for one in made)
        name = "any of them" if family is None else FAMILIES[family]
        allowed = most(companies, level)
        rows.append([name, str(companies), str(found), f"{found / companies:.1%}", f"{level:.2%}", str(allowed),
                     "yes" if found <= allowed else "NO"])  # fmt: skip
    months, found = MONTHS * companies, sum(one["months"] for one in made)
    rows.append(["any of them, in any month of the last year", str(months), str(found), f"{found / months:.1%}",
                 f"{RATE:.2%}", "", "yes" if found / months <= RATE else "NO"])  # fmt: skip
    facts = sum(bool(one["facts"]) for one in made)
    rows.append(["data late, a column empty, rows refused", str(companies), str(facts), f"{facts / companies:.1%}",
                 "", "0", "yes" if not facts else "NO"])  # fmt: skip
    columns = [
        "alarms, where nothing changes",
        "months",
        "with an alarm",
        "share",
        "stated",
        "at most by chance",
        "holds",
    ]
    return table(columns, rows)


def speed(runs: int = 9) -> str:
    """Milliseconds of the whole watch of the demo company, from cubes: the best of several, by the process's clock."""
    from run import table

    import kpilib
    from kpilib.alerts import watch
    from kpilib.opening import demo_folder

    book, spent, passed = kpilib.open(demo_folder()), [], []
    for _ in range(runs):
        watch._kept.clear()
        begun, at = time.perf_counter(), time.process_time()
        found = watch.watch(book)
        spent.append((time.process_time() - at) * 1e3)
        passed.append((time.perf_counter() - begun) * 1e3)
    columns = ["series judged", "the whole watch, ms of the processor", "ms on the clock", "aim, ms"]
    return table(columns, [[str(found.series), f"{min(spent):.0f}", f"{min(passed):.0f}", "150"]])


def main() -> None:
    from run import written

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS, help="companies (default %(default)s)")
    parser.add_argument("--first", type=int, default=1, help="the first seed (default %(default)s)")
    parser.add_argument("--scale", type=float, default=SCALE, help="of the demo company (default %(default)s)")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes (default: every core)")
    given = parser.parse_args()
    made = seeds.each(company, range(given.first, given.first + given.seeds), given.scale, given.workers)
    parts = [rates(made), speed()]
    print("\n\n".join(parts))
    if given.seeds >= SEEDS:
        judged = sum(one["series"] for one in made) / len(made)
        last = given.first + given.seeds - 1
        said = (
            f"{given.seeds} companies of the scenario `null` (seeds {given.first} to {last}), scale {given.scale:g}: "
            f"{judged:.0f} series judged in each"
        )
        written("alerts", parts, f"{said}.")


if __name__ == "__main__":
    main()
