"""Pictures of the pages on the demo company, for the README: `make screenshots` writes them into docs/screens/."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

TOP = Path(__file__).resolve().parents[1]
SCREENS = TOP / "docs" / "screens"
MOST = 400_000
"""Bytes of a picture: it is to be read in a README, not to be printed."""
SHEET = {"width": 718, "height": 1016}
"""What the margins leave of a sheet of A4, in pixels."""
PAGES = {
    "overview": "/voila/render/00_overview.ipynb",
    "opportunities": "/voila/render/01_opportunities.ipynb",
    "sales": "/voila/render/02_sales.ipynb",
    "satisfaction": "/voila/render/03_satisfaction.ipynb",
    "churn": "/voila/render/04_churn_drivers.ipynb",
    "acquisition": "/voila/render/05_acquisition.ipynb",
    "service": "/voila/render/06_service.ipynb",
    "territory": "/voila/render/07_territory.ipynb",
    "quality": "/voila/render/08_data_quality.ipynb",
    "glossary": "/voila/render/90_glossary.ipynb",
    "gallery": "/",  # last: its headline figures are those of pages that have been asked
}
#: How a page is looked at: the window, where it is read from (a figure of it, or its top), what is in the address.
WIDE, TALL = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
LOOKS: dict[str, tuple[dict[str, Any], str, int]] = {
    "light": ({"viewport": WIDE}, "", 0),
    "dark": ({"viewport": WIDE, "color_scheme": "dark"}, "", 1),
    "phone": ({"viewport": TALL, "device_scale_factor": 1.5, "has_touch": True}, "", 2),
    "french": ({"viewport": WIDE}, "lang=fr", 2),
}
DRAWN = """() => {
  dispatchEvent(new Event("beforeprint")); // those that are far from what is seen, too
  return [...document.querySelectorAll("[data-slot=chart]")]
    .every((slot) => !slot.firstElementChild || slot.querySelector(".kpi-drawn"));
}"""


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def application() -> Iterator[str]:
    """The address of `kpi app` on the demo company, which is ended afterwards."""
    port = free_port()
    command = [sys.executable, "-m", "kpilib.cli", "app", "--no-browser", "--port", str(port)]
    app = subprocess.Popen(command, cwd=TOP, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        wait(url, app)
        yield url
    finally:
        app.terminate()
        app.wait()


def wait(url: str, app: "subprocess.Popen[bytes]") -> None:
    """Return when the application answers."""
    for _ in range(600):
        if app.poll() is not None:
            break
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("The application did not start.")


def opened(browser: Browser, address: str, options: dict[str, Any]) -> Page:
    """A page in a new window, complete."""
    page = browser.new_page(**options)
    page.goto(address)
    if "render" in address:
        page.locator("body[data-live]").wait_for(state="attached")
        page.wait_for_function(DRAWN, timeout=60_000)
    return page


def turned(page: Page, figure: int) -> None:
    """Read from that figure on; 0 is the top of the page."""
    figures = page.locator(".kpi-figure:has([data-slot=chart] svg)")
    if figure and figures.count() >= figure:
        figures.nth(figure - 1).evaluate("it => scrollTo(0, it.getBoundingClientRect().top + scrollY - 150)")
        page.wait_for_timeout(300)


def kept(name: str, picture: bytes) -> None:
    """Write a picture, unless it is too large."""
    if len(picture) >= MOST:
        raise SystemExit(f"{name}.png has {len(picture):,} bytes; {MOST:,} are the most.")
    (SCREENS / f"{name}.png").write_bytes(picture)


def screens(browser: Browser, url: str) -> None:
    """Each page as each look has it, and as a sheet of paper."""
    for name, path in PAGES.items():
        for look, (options, query, figure) in LOOKS.items():
            page = opened(browser, f"{url}{path}?{query}".rstrip("?"), options)
            turned(page, figure)
            kept(f"{name}-{look}", page.screenshot())
            page.close()
        page = opened(browser, url + path, {"viewport": SHEET})
        page.emulate_media(media="print")
        kept(f"{name}-print", page.screenshot())
        page.close()


def main() -> None:
    sys.path.insert(0, str(TOP / "tools"))
    import chromium

    SCREENS.mkdir(parents=True, exist_ok=True)
    root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with application() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=root)
        screens(browser, url)
        browser.close()


if __name__ == "__main__":
    main()
