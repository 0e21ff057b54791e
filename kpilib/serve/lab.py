"""`kpi lab`: JupyterLab on the notebooks, with the same data and without a word to the outside."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from kpilib.serve.places import absolute, check_folder, check_port

QUIET = [
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
    "--ContentsManager.pre_save_hook=kpilib.serve.lab.readable",
]
"""JupyterLab would ask for news, for updates and for the list of extensions, and save what only its kernel can show."""

UNASKED = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}
"""Settings in place of JupyterLab's own: it would ask at each start whether it may fetch news."""

VIEW = "application/vnd.jupyter.widget-view+json"


def readable(model: dict[str, Any], **_: Any) -> None:
    """Before a notebook is saved: an output that is HTML is kept as HTML.

    Beside it stands the name of a widget that ends with its kernel; opened again, JupyterLab would look for that one
    and show an error instead.

    Parameters
    ----------
    model : dict
        What JupyterLab is about to save; changed in place.
    """
    if model.get("type") != "notebook" or not model.get("content"):
        return
    for cell in model["content"].get("cells", ()):
        for output in cell.get("outputs", ()):
            if "text/html" in output.get("data", {}):
                output["data"].pop(VIEW, None)


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
    with tempfile.TemporaryDirectory(prefix="kpi-lab-") as settings:
        place = Path(settings) / "labconfig"
        place.mkdir()
        (place / "default_setting_overrides.json").write_text(json.dumps(UNASKED), encoding="utf-8")
        paths = os.pathsep.join(filter(None, [settings, os.environ.get("JUPYTER_CONFIG_PATH")]))
        environment = {**os.environ, "JUPYTER_CONFIG_PATH": paths, **({"KPILIB_DATA": data} if data else {})}
        return subprocess.call(command(folder, port, open_browser), env=environment)
