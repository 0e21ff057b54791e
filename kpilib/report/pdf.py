"""A report on paper: its HTML printed by a Chromium, on A4, with page numbers; nothing is loaded from a network."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from kpilib.errors import BadInput, CannotAnswer

ENVIRONMENT = "KPI_CHROMIUM"
"""The variable that names the browser."""
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge")
"""What it is called on the PATH."""
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
)
"""Where it is on systems that do not put it on the PATH."""
PATIENCE = 120
"""Seconds that a report may take to print."""
_QUIET = (
    "--headless", "--disable-gpu", "--no-first-run", "--no-default-browser-check", "--disable-extensions",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    # The page asks for nothing; this holds for the browser itself too.
    "--host-resolver-rules=MAP * ~NOTFOUND", "--no-pdf-header-footer",
)  # fmt: skip


def chromium() -> str:
    """The path of a Chromium, Chrome or Edge.

    Raises
    ------
    BadInput
        `KPI_CHROMIUM` names something that is no program.
    CannotAnswer
        There is none: says which to install.
    """
    given = os.environ.get(ENVIRONMENT)
    if given:
        if path := shutil.which(given):
            return path
        raise BadInput(f"{ENVIRONMENT} is {given!r}, which is no program. Correct it or unset it.")
    found = next((path for name in (*NAMES, *PLACES) if (path := shutil.which(name))), None)
    if found is None:
        raise CannotAnswer(
            "A PDF is printed by Chromium, Chrome or Edge, and none was found. Install one (Debian: apt-get install "
            f"chromium), give its path in {ENVIRONMENT}, or ask for --out report.html."
        )
    return found


def printed(html: str) -> bytes:
    """The page as PDF.

    Parameters
    ----------
    html : str
        As `kpilib.report.html.page` gives it. Page numbers need Chromium 131 or later.

    Raises
    ------
    BadInput, CannotAnswer
        No browser, as `chromium` says, or one that did not print.
    """
    browser = chromium()
    with tempfile.TemporaryDirectory(prefix="kpi-report-", ignore_cleanup_errors=True) as scratch:
        page, made = Path(scratch, "report.html"), Path(scratch, "report.pdf")
        page.write_text(html, encoding="utf-8")
        command = [browser, *_QUIET, *_as_root(), f"--user-data-dir={Path(scratch, 'profile')}"]
        _run([*command, f"--print-to-pdf={made}", page.as_uri()], browser)
        if not made.is_file() or not made.stat().st_size:
            raise CannotAnswer(f"{browser} printed nothing. Try a newer one, named in {ENVIRONMENT}.")
        return made.read_bytes()


def _as_root() -> list[str]:
    # Chromium refuses its sandbox to root, who prints a page of our own that may neither run nor load anything.
    return ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []


def _run(command: list[str], browser: str) -> None:
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=PATIENCE,
            check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise CannotAnswer(f"{browser} did not print within {PATIENCE} seconds.") from error
    except OSError as error:
        raise BadInput(f"{browser} cannot be run: {error.strerror}.") from error
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().rsplit("\n", 1)[-1]
        raise CannotAnswer(f"{browser} could not print (code {done.returncode}): {last}")
