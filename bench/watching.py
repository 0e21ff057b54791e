"""A browser that watches a page: when its first number is painted, when its charts are, what a change costs."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
import chromium

PATIENCE = 120_000

#: Runs before the page's own scripts: notes the moment at which a number and every chart have been painted.
WATCH = """
window.seen = {};
(() => {
  const all = (css) => document.querySelectorAll(css);
  const note = (name) => requestAnimationFrame(() => setTimeout(() => (window.seen[name] ??= performance.now())));
  const look = () => {
    const {number, chart, charts} = window.watched;
    if (!seen.number && [...all(number)].some((n) => /\\d/.test(n.textContent))) note("number");
    if (!seen.charts && [...all(chart)].length >= charts) note("charts");
  };
  window.watched = WATCHED;
  new MutationObserver(look).observe(document, {childList: true, subtree: true});
})();
"""

#: Waits until `settled` holds, and for the next frame; resolves with the milliseconds since `start`. It looks when the
#: page changes: thirty pages that are asked over and over have no time for anything else.
WAIT = """
  await new Promise((done, failed) => {
    const late = setTimeout(() => failed(new Error("not shown")), 60000);
    const look = () => settled() && (watch.disconnect(), clearTimeout(late), done());
    const watch = new MutationObserver(look);
    watch.observe(document.body, {subtree: true, childList: true, attributes: true, characterData: true});
    setTimeout(look);
  });
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - start;
}
"""

#: Makes a change and resolves with the milliseconds until the page shows it everywhere, the next frame included.
_OURS = """
async ([member, on]) => {
  const box = document.querySelector(`.kpi-filters input[name="${member[0]}"][value="${CSS.escape(member[1])}"]`);
  const start = performance.now();
  box.click();
  const old = "[data-stale], [aria-busy=true]";
"""
OURS = _OURS + "const settled = () => box.checked === on && !document.querySelector(old);" + WAIT
#: The same for what stands in the window.
SEEN = (
    _OURS
    + """
  const seen = ({top, bottom}) => bottom > 0 && top < innerHeight;
  const settled = () => box.checked === on
    && ![...document.querySelectorAll(old)].some((one) => seen(one.getBoundingClientRect()));
"""
    + WAIT
)
STOCK = (
    """
async ([member, on]) => {
  const list = document.querySelector(`.filter-${member[0]} select`);
  const start = performance.now();
  for (const option of list.options) option.selected = on && option.value === member[1];
  list.dispatchEvent(new Event("change", {bubbles: true}));
  const said = () => document.querySelector(".done").textContent.replace("Done ", "").trim();
  const was = said();
  const settled = () => {
    if (said() === was) return false;
    const charts = [...document.querySelectorAll(".vega-embed")].filter((c) => c.querySelector("svg.marks"));
    return charts.every((chart) => chart.textContent.includes(said()));
  };
"""
    + WAIT
)


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    path = chromium.find()
    if path is None:
        raise SystemExit(chromium.HELP)
    root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--disable-background-networking", *root])
        yield started
        started.close()


def watched(context: BrowserContext, number: str, chart: str, charts: int) -> Page:
    """A new page that notes its own moments."""
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    about = f'{{number: "{number}", chart: "{chart}", charts: {charts}}}'
    page.add_init_script(WATCH.replace("WATCHED", about))
    return page


def visited(page: Page, url: str) -> dict[str, float]:
    """Open an address; seconds to the first number and to all charts, and the bytes that were transferred."""
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    moved = [0]
    wire.on("Network.loadingFinished", lambda event: moved.__setitem__(0, moved[0] + event["encodedDataLength"]))
    wire.on(
        "Network.webSocketFrameReceived", lambda e: moved.__setitem__(0, moved[0] + len(e["response"]["payloadData"]))
    )
    page.goto(url, wait_until="commit")
    page.wait_for_function("window.seen && window.seen.number && window.seen.charts")
    seen = page.evaluate("window.seen")
    return {"number": seen["number"] / 1e3, "charts": seen["charts"] / 1e3, "bytes": moved[0]}


def memory(root: int) -> float:
    """Megabytes of a process and all it started, shared pages counted in parts (PSS)."""
    process = psutil.Process(root)
    total = 0.0
    for one in (process, *process.children(recursive=True)):
        try:
            total += one.memory_full_info().pss
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return total / 1e6


def rested(root: int, busy: float = 0.1) -> None:
    """Wait until a process and all it started leave the processors alone: nothing is painted ahead any more."""
    process = psutil.Process(root)

    def spent() -> float:
        total = 0.0
        for one in (process, *process.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                total += sum(one.cpu_times()[:2])
        return total

    quiet, late = 0, time.monotonic() + PATIENCE / 1e3
    while quiet < 3 and time.monotonic() < late:
        before = spent()
        time.sleep(1)
        quiet = quiet + 1 if abs(spent() - before) < busy else 0


def errors(page: Page) -> list[str]:
    """What the page's console calls errors, from now on."""
    said: list[Any] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    return said
