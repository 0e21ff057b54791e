"""Pages against the same content as a stock Voilà page: painting, answering, memory, many at once.

`python bench/pages.py` measures and prints; `--write` puts the tables into bench/README.md; `--soak` adds 200 loads by
ten visitors at a time and five minutes of thirty open pages. It takes some minutes, and wants the machine to itself.
"""

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from playwright.sync_api import Browser  # noqa: E402
from run import table, written  # noqa: E402
from soak import crowd, open_pages  # noqa: E402
from watching import OURS, PATIENCE, SEEN, STOCK, browser, memory, rested, visited, watched  # noqa: E402

TOP = HERE.parent
BIN = Path(sys.executable).parent
NOTEBOOKS = {"opportunities": "01_opportunities.ipynb", "sales": "02_sales.ipynb"}
VISITS, FURTHER, FEW = 7, 5, 3
TALL = 12_000  #: pixels; no page is longer
DEMO = "demo company"
#: No chart is out of date or still the server's drawing.
ALIVE = "!document.querySelector('[data-stale], .kpi-chart:not(:has(.kpi-drawn)):has(svg)')"


@dataclass(frozen=True)
class Kind:
    """How one kind of page is watched."""

    name: str
    number: str
    chart: str
    change: str


OUR = Kind("ours", ".kpi-value", ".kpi-chart svg", OURS)
VOILA = Kind("stock Voilà", ".kpi-value", ".vega-embed svg.marks", STOCK)


@contextmanager
def served(command: list[str], data: Path, port: int, ready: str) -> Iterator[subprocess.Popen[bytes]]:
    """A server that answers; ended with all it started."""
    environment = {**os.environ, "KPILIB_DATA": str(data)}
    process = subprocess.Popen(
        command, env=environment, cwd=TOP, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _answers(ready, process)
        yield process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def _answers(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise SystemExit("The server ended before it answered.")
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise SystemExit(f"Nothing answered at {url}.")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def member(data: Path | None) -> list[tuple[str, str]]:
    """Filters that are set one after the other: dimension and member."""
    import kpilib

    book = kpilib.open(data)
    found = []
    for name in ("segment", "region", "industry"):
        members = [str(one) for one in book.members(name)["member"] if not str(one).startswith("(")]
        found += [(name, one) for one in members[:4]]
    return found


def charts_of(browser: Browser, url: str) -> int:
    """How many charts our page has, once it is served with all of them painted."""
    # A window as tall as the page; the first page on new data waits until what is estimated of them is kept.
    page = browser.new_page(bypass_csp=True, viewport={"width": 1280, "height": TALL})
    page.set_default_timeout(PATIENCE)
    page.goto(url)
    page.wait_for_function("document.querySelectorAll('.kpi-chart svg').length")
    page.wait_for_function("document.body.dataset.live !== undefined && !document.querySelector('[data-stale]')")
    page.wait_for_function("!document.querySelector('.kpi-chart[role=img]:not(:has(svg))')")
    count = page.locator(".kpi-chart:has(svg)").count()
    page.close()
    still = browser.new_context(java_script_enabled=False)
    page, late = still.new_page(), time.monotonic() + PATIENCE / 1e3
    while page.goto(url) and page.locator(".kpi-chart:has(svg)").count() < count and time.monotonic() < late:
        time.sleep(0.5)
    still.close()
    return count


def charts_of_stock(browser: Browser, url: str) -> int:
    """How many charts the stock page ends with: as many as there are once no more come for ten seconds."""
    page = browser.new_page(bypass_csp=True)
    page.set_default_timeout(PATIENCE)
    page.goto(url)
    page.wait_for_function("document.querySelectorAll('.vega-embed svg.marks').length")
    count, since = 0, time.monotonic()
    while time.monotonic() - since < 10:
        now = page.locator(".vega-embed svg.marks").count()
        if now != count:
            count, since = now, time.monotonic()
        time.sleep(0.5)
    page.close()
    return count


def measured(browser: Browser, kind: Kind, url: str, charts: int, members: list[tuple[str, str]], root: int) -> dict:
    """Times (medians), bytes and memory of one page."""
    visits = []
    for _ in range(VISITS if kind is OUR else 3):
        context = browser.new_context(bypass_csp=True)
        visits.append(visited(watched(context, kind.number, kind.chart, charts), url))
        again = visited(watched(context, kind.number, kind.chart, charts), url)
        visits[-1]["again"] = again["bytes"]
        context.close()
    # A window as tall as the page shows every chart of it; what a reader sees of it is answered sooner.
    context = browser.new_context(bypass_csp=True, viewport={"width": 1280, "height": TALL})
    page = watched(context, kind.number, kind.chart, charts)
    visited(page, url)
    ready = (
        "document.querySelector('[data-live]')" if kind is OUR else "document.querySelector('.filter-segment select')"
    )
    page.wait_for_function(ready)
    page.wait_for_function(ALIVE)
    # Each box that is ticked makes a choice that nobody has asked for yet; taking them off again, one that was.
    # The stock page gives up on a choice without rows, and after some twenty changes its browser is out of breath:
    # there few boxes are ticked, and each is taken off again before the next one.
    changes, seen = [], []
    for one in members if kind is OUR else members[:FEW]:
        changes.append(page.evaluate(kind.change, [list(one), True]))
        seen += [page.evaluate(kind.change, [list(one), False])] if kind is VOILA else []
    seen += [page.evaluate(kind.change, [list(one), False]) for one in members[::-1]] if kind is OUR else []
    near, screen = [], []
    if kind is OUR:
        page.set_viewport_size({"width": 1280, "height": 720})
        # A chart is read, with what is said of it.
        page.evaluate("document.querySelector('.kpi-chart').scrollIntoView({block: 'end'})")
        page.wait_for_function(ALIVE)
        near = [page.evaluate(SEEN, [list(one), True]) for one in members[::-1]]  # in another order: new choices
        half = len(members) // 2  # and in a third one
        screen = [page.evaluate(kind.change, [list(one), False]) for one in members[half:] + members[:half]]
    before = memory(root)
    further = [watched(context, kind.number, kind.chart, charts) for _ in range(FURTHER if kind is OUR else 2)]
    for one in further:
        visited(one, url)
    each = (memory(root) - before) / len(further)
    context.close()
    return {
        "number": median(v["number"] for v in visits),
        "charts": median(v["charts"] for v in visits),
        "again": median(v["again"] for v in visits) / 1e6,
        "filter": median(changes) / 1e3,
        "seen": median(seen) / 1e3,
        "near": median(near or changes) / 1e3,
        "screen": median(screen or changes) / 1e3,
        "memory": each,
    }


def pair(browser: Browser, name: str, data: Path, stock: bool = True) -> dict[str, dict]:
    """Our page, and the same content as a stock one, on the same data."""
    members = member(data)
    port = free_port()
    base, found = f"http://127.0.0.1:{port}", {}
    url = f"{base}/voila/render/{NOTEBOOKS[name]}"
    ours = [str(BIN / "kpi"), "app", "--no-browser", "--port", str(port), "--data", str(data)]
    with served(ours, data, port, url) as process:
        count = charts_of(browser, url)
        rested(process.pid)
        found["ours"] = measured(browser, OUR, url, count, members, process.pid)
    print(f"  {name} on {data.name}: {found['ours']}", file=sys.stderr, flush=True)
    if stock:
        from stock_page import notebook

        with tempfile.TemporaryDirectory() as folder:
            made = notebook(TOP / "notebooks" / NOTEBOOKS[name], Path(folder) / "stock.ipynb")
            port = free_port()
            command = [str(BIN / "voila"), str(made), "--no-browser", "--port", str(port), "--Voila.ip=127.0.0.1"]
            with served(command, data, port, f"http://127.0.0.1:{port}/voila/static/voila.js") as process:
                rested(process.pid)
                url = f"http://127.0.0.1:{port}/"
                found["stock"] = measured(browser, VOILA, url, charts_of_stock(browser, url), members, process.pid)
    return found


def line(label: str, kind: str, m: dict) -> list[str]:
    return [
        label, kind, f"{m['number']:.2f}", f"{m['charts']:.2f}", f"{m['near']:.3f}", f"{m['screen']:.3f}",
        f"{m['filter']:.3f}", f"{m['seen']:.3f}", f"{m['memory']:.1f}", f"{m['again']:.2f}",
    ]  # fmt: skip


def measure(out: Path, rows: int) -> list[str]:
    """The tables of pages: against stock Voilà, and flat in the number of rows."""
    from kpilib.demo.lines import order_lines

    lines, ratios = [], []
    with browser() as chromium:
        found = {name: pair(chromium, name, TOP / "data" / "demo") for name in NOTEBOOKS}
        large = {}
        for count in (rows // 10, rows):
            folder = out / f"lines-{count}"
            if not folder.exists():
                order_lines(count, into=folder)
            large[count] = pair(chromium, "sales", folder, stock=False)["ours"]
        for name, both in found.items():
            lines += [line(f"{name}, {DEMO}", "ours", both["ours"]), line("", "stock Voilà", both["stock"])]
            quotients = [both["stock"][key] / max(both["ours"][key], 1e-9) for key in ("number", "charts", "filter")]
            saved = both["stock"]["memory"] / max(both["ours"]["memory"], 1.0)
            ratios.append([name, *(f"{one:.1f} ×" for one in quotients), f"{saved:.0f} ×"])
        for count, one in large.items():
            lines.append(line(f"sales, {count:,} order lines", "ours", one))
    growth = {key: large[rows][key] / large[rows // 10][key] for key in ("near", "screen", "filter")}
    columns = [
        "page",
        "",
        "first number, s",
        "all charts, s",
        "filter: as seen, s",
        "all numbers, charts within a screen, s",
        "a window of 16 charts, s",
        "asked before, s",
        "MB a further page",
        "MB again",
    ]
    against = ["times better than stock", "first number", "all charts", "filter", "memory"]
    grown = (
        f"A filter change on ten times the order lines takes {growth['near']:.2f} × as long as seen, "
        f"{growth['screen']:.2f} × until every number of the page and each chart within a screen are new, "
        f"{growth['filter']:.2f} × with every chart of the page in one window."
    )
    return [table(columns, lines), table(against, ratios), grown]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--soak", action="store_true", help="200 loads and five minutes of thirty pages")
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--pages", type=int, default=30)
    parser.add_argument("--only-soak", action="store_true")
    parser.add_argument("--rounds", type=int, default=20, help="of ten visitors at once")
    parser.add_argument("--write", action="store_true", help="into bench/README.md")
    given = parser.parse_args()
    out = HERE / "out" / "pages"
    out.mkdir(parents=True, exist_ok=True)
    os.environ["KPILIB_CACHE"] = str(out / "cache")
    parts = [] if given.only_soak else measure(out, given.rows)
    if given.soak or given.only_soak:
        port = free_port()
        url = f"http://127.0.0.1:{port}/voila/render/{NOTEBOOKS['sales']}"
        data = TOP / "data" / "demo"
        command = [str(BIN / "kpi"), "app", "--no-browser", "--port", str(port), "--data", str(data)]
        with served(command, data, port, url) as process:
            rested(process.pid)
            parts += [crowd(url, 10, given.rounds), open_pages(url, given.pages, given.minutes, process.pid)]
    print("\n\n".join(parts))
    if given.write:
        written("pages", parts)
        shutil.rmtree(out)


if __name__ == "__main__":
    main()
