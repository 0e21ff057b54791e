"""The manager's first page from cubes: all its KPIs, each with everything that the page says of it.

`python bench/overview.py` measures and prints; `--write` puts the table into bench/README.md.
The company is the demo's at four times its size (customers, deals, surveys, tickets), with so many order lines.
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from run import table, written  # noqa: E402

SCALE = 4
TIMES = 15


def company(out: Path, rows: int) -> Path:
    """The demo company at `SCALE`, its order lines replaced by so many."""
    from kpilib.demo.lines import order_lines

    folder, lines = out / f"company-{rows}", out / f"lines-{rows}"
    if not folder.exists():
        kpi = str(Path(sys.executable).parent / "kpi")
        making = folder.with_suffix(".part")
        subprocess.run([kpi, "demo", "--into", str(making), "--scale", str(SCALE)], check=True, stdout=sys.stderr)
        customers = sum(1 for _ in (making / "customers.csv").open(encoding="utf-8")) - 1
        order_lines(rows, into=lines, customers=customers)
        (making / "order_lines.csv").unlink()
        shutil.move(lines / "order_lines.parquet", making / "order_lines.parquet")
        making.rename(folder)
    return folder


def asked(book: object, view: object) -> dict[str, Callable[[], object]]:
    """What the page does, part by part, and all of it together."""
    from kpilib.change.compare import compared
    from kpilib.change.explain import explained
    from kpilib.errors import KpilibError
    from kpilib.figures import overview
    from kpilib.figures.overview.overview_questions import told
    from kpilib.workbook import settings

    keys = settings().kpis
    now, before = (24306, 24317), (24294, 24305)

    def each(ask: Callable[[str], object], most: int | None = None) -> None:
        for key in keys[:most]:
            try:
                ask(key)
            except KpilibError:
                continue  # what has no target, or cannot be explained, has nothing to compute

    def compare(to: str, most: int | None = None) -> Callable[[], None]:
        return lambda: each(lambda key: compared(book, key, "2025-07 – 2026-06", to, days=False), most)

    def explain(most: int | None = None) -> None:
        each(lambda key: explained(book, key, before, now, by="segment"), most)

    def tiles(most: int | None = None) -> None:
        each(lambda key: told(view, key), most)

    def literal(most: int | None = None) -> None:
        tiles(most)
        for to in ("previous", "last_year", "target"):
            compare(to, most)()
        explain(most)

    return {
        f"{len(keys)} tiles: value, interval, change, target, sparkline, guard": tiles,
        f"{len(keys)} comparisons with the window before": compare("previous"),
        f"{len(keys)} comparisons with last year": compare("last_year"),
        f"{len(keys)} explanations by segment": explain,
        "all of these": literal,
        "all of these, for the first 20": lambda: literal(20),
        "what moved, with the three surest explained by the best of all dimensions": lambda: overview.moved(view),
    }


def forgotten(book: object) -> None:
    """A slice that nobody has asked for yet: what pieces and cubes remember is dropped."""
    from kpilib.figures.overview.overview_questions import told
    from kpilib.show import guard

    cubes = book.cubes  # type: ignore[attr-defined]
    for known in (cubes._answers, cubes._choices, *(one._known for one in (*cubes.entities, cubes.lives))):
        known.clear()
    told.cache_clear()
    guard._known.clear()


def page_of(book: object) -> Callable[[], object]:
    """The whole page answering a choice, every piece of it."""
    from kpilib.figures import overview
    from kpilib.show import Page

    page = Page(book)
    overview.questions(page)
    overview.missions(page)
    page.figure("What moved most, and why?", overview.moved)
    page.figure("Which alarm?", overview.alarms, choices={"alarm": overview.open_alarms(book)})
    page.figure("Can these figures be trusted?", overview.quality)
    page.figure("What did we do?", overview.log, choices={"action": overview.logged(book)})

    def answer() -> None:
        for piece in page._pieces.values():
            piece._answers.clear()
        list(page.answer({}))

    return answer


def milliseconds(book: object, call: Callable[[], object], fresh: bool) -> tuple[float, float]:
    """The best and the median processor time of a call, its first run left out."""
    call()
    runs = []
    for _ in range(TIMES):
        if fresh:
            forgotten(book)
        start = time.process_time()
        call()
        runs.append((time.process_time() - start) * 1000)
    return min(runs), median(runs)


def measure(out: Path, rows: int) -> list[str]:
    """The table: milliseconds of each part, for a choice nobody has made yet and for one made before."""
    import kpilib
    from kpilib.show import View

    book = kpilib.open(company(out, rows))
    parts = asked(book, View(book, {}, "2025-07", "2026-06"))
    parts["the whole page answers a choice, alarms and actions included"] = page_of(book)
    lines = []
    for name, call in parts.items():
        first, again = milliseconds(book, call, True), milliseconds(book, call, False)
        lines.append([name, f"{first[0]:.0f}", f"{first[1]:.0f}", f"{again[0]:.0f}"])
        print(lines[-1], file=sys.stderr, flush=True)
    columns = ["part of the page", "first time, ms (best)", "(median)", "asked before, ms (best)"]
    return [table(columns, lines)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--write", action="store_true", help="into bench/README.md")
    parser.add_argument("--keep", action="store_true", help="leave the data for another run")
    given = parser.parse_args()
    out = HERE / "out" / "overview"
    out.mkdir(parents=True, exist_ok=True)
    os.environ["KPILIB_CACHE"] = str(out / "cache")
    parts = measure(out, given.rows)
    print("\n\n".join(parts))
    if given.write:
        where = f"{os.cpu_count()} cores, Python {platform.python_version()}, {given.rows:,} order lines."
        written("overview", parts, where)
    if not given.keep:
        shutil.rmtree(out)


if __name__ == "__main__":
    main()
