"""Pictures of the pages on the demo company, for the README: `make screenshots` writes them into docs/."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright

TOP = Path(__file__).resolve().parents[1]
PICTURES = {
    "gallery.png": ("/", 1280, 420),
    "opportunities.png": ("/voila/render/01_opportunities.ipynb", 1280, 1500),
    "sales.png": ("/voila/render/02_sales.ipynb", 1280, 1500),
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait(url: str) -> None:
    for _ in range(600):
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"{url} did not answer within a minute.")


def main() -> None:
    sys.path.insert(0, str(TOP / "tools"))
    import chromium

    url = f"http://127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "kpilib.cli", "app", "--no-browser", "--port", url.rsplit(":", 1)[1]]
    app = subprocess.Popen(command, cwd=TOP, stdout=subprocess.DEVNULL)
    root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    try:
        wait(url)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium.find(), args=root)
            for name, (path, width, height) in PICTURES.items():
                page = browser.new_page(viewport={"width": width, "height": height})
                page.goto(url + path)
                if "render" in path:
                    page.locator("body[data-state='ready']").wait_for(state="attached", timeout=120_000)
                    page.locator(".kpi-tile .kpi-value").first.wait_for()
                page.screenshot(path=TOP / "docs" / name)
                page.close()
            browser.close()
    finally:
        app.terminate()
        app.wait()


if __name__ == "__main__":
    main()
