"""Find a Chromium for the browser tests, or get one: `python tools/chromium.py` prints its path.

In this order: $KPI_CHROMIUM, one on the PATH, Playwright's own, Debian's package (as root), Playwright's download.
Without any of them it says how to get one, and fails.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
HELP = (
    "No Chromium was found and none could be installed. Install one (Debian: apt-get install chromium; elsewhere: "
    "https://www.chromium.org), or give the path of a Chromium, Chrome or Edge in KPI_CHROMIUM."
)


def find() -> str | None:
    """The path of a Chromium that is here; None when there is none.

    Raises
    ------
    FileNotFoundError
        KPI_CHROMIUM names something that is not a program.
    """
    given = os.environ.get("KPI_CHROMIUM")
    if given:
        if path := shutil.which(given):
            return path
        raise FileNotFoundError(f"KPI_CHROMIUM is '{given}', which is not a program. Correct it or unset it.")
    return next((path for name in NAMES if (path := shutil.which(name))), None) or playwrights_own()


def playwrights_own() -> str | None:
    """The browser that `playwright install chromium` put on this machine."""
    if importlib.util.find_spec("playwright") is None:
        return None
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if path and Path(path).exists() else None


def install() -> str | None:
    """Install a Chromium in the ways that this machine allows; its path, or None."""
    ways = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        ways = [
            ["apt-get", "update", "-q"],
            ["apt-get", "install", "-qy", "--no-install-recommends", "chromium"],
            *ways,
        ]
    for way in ways:
        print("+ " + " ".join(way), file=sys.stderr, flush=True)
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(way, env=quiet, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False)
        if path := find():
            return path
    return None


def main() -> int:
    """Print the path of a Chromium; 1 with the way to one when there is none."""
    try:
        path = find() or install()
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 1
    print(path or HELP, file=sys.stdout if path else sys.stderr)
    return 0 if path else 1


if __name__ == "__main__":
    sys.exit(main())
