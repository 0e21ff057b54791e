"""A browser for the tests: Playwright drives the Chromium that `tools/chromium.py` found."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from serving import tiny_notebooks

SILENT = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
PATIENCE = 60_000
"""Milliseconds: a kernel takes some seconds to start, more on a loaded machine."""
expect.set_options(timeout=PATIENCE / 2)


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=[*SILENT, *root])
        yield browser
        browser.close()


class Visit:
    """One page with what it asked for and what went wrong in it."""

    def __init__(self, page: Page, url: str):
        self.page, self.url = page, url
        self.requests: list[str] = []
        self.errors: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("websocket", lambda socket: self.requests.append(socket.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)

    def open(self, path: str = "/") -> "Visit":
        self.page.goto(self.url + path, wait_until="commit")
        return self

    def until(self, state: str) -> "Visit":
        """Wait until a page with a kernel says of itself that it is in this state."""
        self.page.locator(f"body[data-state='{state}']").wait_for(state="attached")
        return self

    def gallery(self) -> "Visit":
        """Open the gallery, again and again until its figures are painted: a server that has just started has none."""
        deadline = time.monotonic() + PATIENCE / 1000
        while not self.open("/").loaded().page.locator(".kpi-headline").count():
            assert time.monotonic() < deadline, "the gallery says no figures"
        return self

    def loaded(self) -> "Visit":
        self.page.wait_for_load_state()
        return self

    def alive(self) -> "Visit":
        """Wait until a page of ours has its script, and its charts are drawn by it."""
        self.page.locator("body[data-live]").wait_for(state="attached")
        self.printed()
        expect(self.page.locator("[data-slot=chart][role=img]:not(:has(.kpi-drawn svg))")).to_have_count(0)
        return self.settled()

    def settled(self) -> "Visit":
        """Wait until the page shows what was chosen, everywhere."""
        expect(self.page.locator("[data-stale], main [aria-busy=true]")).to_have_count(0)
        self.printed()
        expect(self.page.locator("[data-stale], [data-later]")).to_have_count(0)
        return self

    def printed(self) -> None:
        """Have the charts drawn that are far from what is seen, as before printing: tests read the whole page."""
        self.page.evaluate("dispatchEvent(new Event('beforeprint'))")

    def elsewhere(self) -> list[str]:
        """Requests that went to another host than the application's."""
        here = (self.url + "/", self.url.replace("http:", "ws:") + "/", "data:", "blob:")
        return [url for url in self.requests if not url.startswith(here)]


@contextmanager
def windows(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """A function that opens a new window on an application; `beside` makes it a second tab of another visit's."""
    opened: list[BrowserContext] = []

    def start(url: str, beside: Visit | None = None, **options: Any) -> Visit:
        context = beside.page.context if beside else browser.new_context(**options)
        opened.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        return Visit(page, url)

    yield start
    for context in opened:
        context.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Windows of one test, closed behind it."""
    with windows(browser) as start:
        yield start


@pytest.fixture(scope="module")
def shared_visit(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Windows that stay open for the checks of a whole file: those that only read, or put back what they changed."""
    with windows(browser) as start:
        yield start


@pytest.fixture(scope="session")
def tiny(start_app: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The application on six tiny notebooks; `folder` is where they are."""
    folder = tiny_notebooks(tmp_path_factory.mktemp("notebooks"))
    app = start_app("--notebooks", str(folder), "--data", str(Path("data") / "demo"))
    app.folder = folder
    return app
