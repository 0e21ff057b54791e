"""A browser for the tests: Playwright drives the Chromium that `tools/chromium.py` found."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from serving import tiny_notebooks

SILENT = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
PATIENCE = 60_000
"""Milliseconds: a kernel takes some seconds to start, more on a loaded machine."""


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
        """Wait until the page says of itself that it is in this state."""
        self.page.locator(f"body[data-state='{state}']").wait_for(state="attached")
        return self

    def elsewhere(self) -> list[str]:
        """Requests that went to another host than the application's."""
        here = (self.url + "/", self.url.replace("http:", "ws:") + "/", "data:", "blob:")
        return [url for url in self.requests if not url.startswith(here)]


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """A function that opens a new window on an application."""
    opened: list[Page] = []

    def start(url: str, **options: Any) -> Visit:
        page = browser.new_page(**options)
        page.set_default_timeout(PATIENCE)
        opened.append(page)
        return Visit(page, url)

    yield start
    for page in opened:
        page.close()


@pytest.fixture(scope="session")
def tiny(start_app: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The application on six tiny notebooks; `folder` is where they are."""
    folder = tiny_notebooks(tmp_path_factory.mktemp("notebooks"))
    app = start_app("--notebooks", str(folder), "--data", str(Path("data") / "demo"))
    app.folder = folder
    return app
