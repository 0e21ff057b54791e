"""Many visitors: ten at the same instant, over and over; thirty open pages that each change a filter now and then."""

import asyncio
import os
import random
import sys
import time
from statistics import median
from typing import Any

from playwright.async_api import Page, async_playwright
from watching import OURS, WATCH, chromium, memory

EVERY = 5.0
#: A browser looks after a page in the background once a second only; each of our visitors looks at theirs.
AWAKE = (
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
)

#: A reader has the page before him: what stands in the window is alive.
READ = """() => ![...document.querySelectorAll(".kpi-chart:has(svg):not(:has(.kpi-drawn))")]
  .some((one) => one.getBoundingClientRect().top < innerHeight)"""


def crowd(url: str, visitors: int, rounds: int) -> str:
    """Loads by so many visitors at once: when the last one has its first number, and whether any hangs."""
    return asyncio.run(_crowd(url, visitors, rounds))


def open_pages(url: str, pages: int, minutes: float, root: int) -> str:
    """So many open pages, each changing a filter every five seconds."""
    return asyncio.run(_open_pages(url, pages, minutes, root))


async def _started(playwright: Any) -> Any:
    root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return await playwright.chromium.launch(executable_path=chromium.find(), args=[*AWAKE, *root])


async def _number(page: Page, url: str) -> float:
    await page.goto(url, wait_until="commit")
    await page.wait_for_function("window.seen && window.seen.number", timeout=60_000)
    return float(await page.evaluate("window.seen.number")) / 1e3


async def _crowd(url: str, visitors: int, rounds: int) -> str:
    script = WATCH.replace("WATCHED", '{number: ".kpi-value", chart: ".kpi-chart svg", charts: 1}')
    last, hung = [], 0
    async with async_playwright() as playwright:
        browser = await _started(playwright)
        for _ in range(rounds):
            contexts = [await browser.new_context(bypass_csp=True) for _ in range(visitors)]
            pages = [await context.new_page() for context in contexts]
            for page in pages:
                await page.add_init_script(script)
            seen = await asyncio.gather(*(_number(page, url) for page in pages), return_exceptions=True)
            hung += sum(isinstance(one, BaseException) for one in seen)
            last.append(max((one for one in seen if not isinstance(one, BaseException)), default=60.0))
            print(f"  {len(last)} of {rounds}: {last[-1]:.2f} s, {hung} hung", file=sys.stderr, flush=True)
            for context in contexts:
                await context.close()
        await browser.close()
    return (
        f"{visitors} visitors at the same instant, {rounds} times: the last one's first number after "
        f"{median(last):.2f} s (median), {max(last):.2f} s (worst); {hung} of {visitors * rounds} loads hung."
    )


async def _open_pages(url: str, count: int, minutes: float, root: int) -> str:
    took: list[float] = []
    failed: list[str] = []
    async with async_playwright() as playwright:
        browser = await _started(playwright)
        pages = []
        for _ in range(count):  # a window each: a page behind another one is painted once a second only
            page = await (await browser.new_context(bypass_csp=True)).new_page()
            page.on("pageerror", lambda error: failed.append(str(error)))
            await page.goto(url)
            await page.wait_for_function("document.querySelector('[data-live]')", timeout=120_000)
            await page.wait_for_function(READ, timeout=120_000)
            pages.append(page)
        members = await pages[0].evaluate(
            "[...document.querySelectorAll('.kpi-filters input[type=checkbox]')].map((box) => [box.name, box.value])"
        )
        print(f"  {count} pages are open", file=sys.stderr, flush=True)
        before = memory(root)
        end = time.monotonic() + 60 * minutes
        await asyncio.gather(*(_visitor(page, members, end, took, failed, at) for at, page in enumerate(pages)))
        after = memory(root)
        await browser.close()
    ordered = sorted(took)
    return (
        f"{count} open pages, a filter change every {EVERY:.0f} s each for {minutes:g} minutes: {len(took)} changes, "
        f"{len(failed)} errors; until everything is repainted {median(ordered):.2f} s (median), "
        f"{ordered[int(len(ordered) * 0.95)]:.2f} s (p95); memory of the server {before:.0f} to {after:.0f} MB."
        + "".join(f" First error: {one}." for one in failed[:1])
    )


async def _visitor(
    page: Page, members: list[list[str]], end: float, took: list[float], failed: list[str], seed: int
) -> None:
    draw = random.Random(seed)
    await asyncio.sleep(draw.random() * EVERY)
    while time.monotonic() < end:
        start, member = time.monotonic(), draw.choice(members)
        for on in (True, False):
            try:
                took.append(await asyncio.wait_for(page.evaluate(OURS, [member, on]), 60) / 1e3)
            except Exception as error:  # counted, and the page goes on
                failed.append(repr(error))
            await asyncio.sleep(max(0.0, EVERY - (time.monotonic() - start)))
            start = time.monotonic()
