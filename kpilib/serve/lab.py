"""`kpi lab`: JupyterLab on the notebooks, with the same data and without a word to the outside."""

import os
import subprocess
import sys
from pathlib import Path

from kpilib.serve.places import absolute, check_folder, check_port

QUIET = [
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
]
"""JupyterLab would ask for news, for updates and for the list of extensions."""


def command(folder: Path | str, port: int, open_browser: bool) -> list[str]:
    """The command that starts JupyterLab.

    Parameters
    ----------
    folder : path
        The notebooks' folder.
    port : int
        TCP port on the loopback.
    open_browser : bool
        Open the reader's browser.

    Raises
    ------
    BadInput
        There is no such folder, or the port is taken.
    """
    folder = check_folder(folder)
    check_port("127.0.0.1", port)
    line = [sys.executable, "-m", "jupyterlab", str(folder), "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}"]
    line += ["--ServerApp.port_retries=0", *QUIET]
    if not open_browser:
        line.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        line.append("--allow-root")  # in a container there is no one else; it listens on the loopback, with a token
    return line


def run(source: str | None, folder: Path | str, port: int = 8888, open_browser: bool = True) -> int:
    """Start JupyterLab and wait for it; its exit code."""
    data = absolute(source)
    environment = {**os.environ, **({"KPILIB_DATA": data} if data else {})}
    return subprocess.call(command(folder, port, open_browser), env=environment)
