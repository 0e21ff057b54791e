"""`kpi app`: Voilà, with our configuration, on a folder of notebooks and one data set.

Voilà's own command is not used: its stock page asks a CDN for icons, its file handler serves what lies beside the
notebooks, and a visitor may choose another template.
"""

import os
import secrets
import socket
import threading
import webbrowser
from pathlib import Path
from typing import Any

from traitlets.config import Config
from voila.app import Voila

from kpilib.errors import BadInput
from kpilib.serve.gallery import cards
from kpilib.serve.handlers import AbsentHandler, CachedStaticHandler, GalleryHandler, PageHandler
from kpilib.serve.hooks import DataFacts, prelaunch
from kpilib.serve.places import absolute, check_folder, check_port, loopback, name_of

TEMPLATES = Path(__file__).parent / "templates" / "kpi"
CELL_SECONDS = 120
"""A cell that takes longer is stopped, and the page says so (`--time-limit`)."""
START_SECONDS = 60
"""A kernel that takes longer to start is given up."""
IDLE_SECONDS = 1200
"""A page nobody touched for this long loses its kernel, open or closed; a closed page loses it at once if it can."""

KEPT = ("/api/kernels/", "/voila/templates/", "/voila/static/", "/voila/api/shutdown/", "/voila/labextensions/", "/log")
"""Voilà's addresses that a page needs. Files, contents, themes and the tree are not served."""

EXTENSIONS = ["@voila-dashboards/widgets-manager8", "@jupyter-widgets/jupyterlab-manager", "anywidget"]
"""What a page loads of JupyterLab's extensions: the controls of ipywidgets, and anywidget for the live charts."""

HERE_ONLY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' data: blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    ]
)
"""Content-Security-Policy: whatever a label in the data holds, the browser asks no other host for it."""


class KpiVoila(Voila):
    """Voilà in directory mode with our handlers and our template.

    `folder` and `data` are set by `server` before `initialize`.
    """

    folder: Path
    data: DataFacts
    template_paths: Any

    def setup_template_dirs(self) -> None:
        super().setup_template_dirs()
        self.template_paths = [str(TEMPLATES), *self.template_paths]

    def init_settings(self) -> dict[str, Any]:
        settings = super().init_settings()
        # A page of another host that resolves its name to this machine must not read the figures.
        settings["allow_remote_access"] = not loopback(self.ip)
        return settings

    def init_handlers(self) -> list[Any]:
        kept = [rule for rule in super().init_handlers() if rule[0].startswith(KEPT)]
        kept = [
            (rule[0], CachedStaticHandler, *rule[2:]) if rule[0].startswith("/voila/static/") else rule for rule in kept
        ]
        common = {"voila_configuration": self.voila_configuration, "folder": self.folder}
        page = {
            **common,
            "config": self.config,
            "template_paths": self.template_paths,
            "patience": self.config.VoilaExecutor.timeout + START_SECONDS,
        }
        return [
            *kept,
            ("/", GalleryHandler, {**common, "data": self.data}),
            ("/voila/render/(.*)", PageHandler, page),
            ("/.*", AbsentHandler, {"voila_configuration": self.voila_configuration}),
        ]

    def launch_browser(self) -> None:
        threading.Thread(target=webbrowser.open, args=(self.address,), daemon=True).start()

    @property
    def address(self) -> str:
        """What to type into a browser, with the token where one is needed."""
        shown = socket.gethostname() if self.ip in {"", "0.0.0.0", "::"} else self.ip
        return f"http://{shown}:{self.port}/" + (f"?token={self.token}" if self.token else "")


def configuration(
    folder: Path, data: DataFacts, port: int, host: str, open_browser: bool, time_limit: int = CELL_SECONDS
) -> Config:
    """Voilà's settings, each with its reason.

    Parameters
    ----------
    folder : Path
        The notebooks' folder.
    data : DataFacts
        For the foot of each page.
    port : int
        TCP port; no other is tried.
    host : str
        Address to listen on. Any other than the loopback needs a token, made anew at each start and printed.
    open_browser : bool
        Open the reader's browser once the server listens.
    time_limit : int
        Seconds that a cell may take.
    """
    settings = Config()
    settings.Voila.root_dir = str(folder)
    settings.Voila.ip, settings.Voila.port, settings.Voila.port_retries = host, port, 0
    settings.Voila.open_browser = open_browser
    if not loopback(host):
        settings.Voila.token = secrets.token_urlsafe(24)
    settings.Voila.config_file_paths = []  # a voila.json lying about must not open what is closed here
    settings.Voila.log_level = "ERROR"  # below it: a line a visit, that the notebook is not signed
    settings.Voila.tornado_settings = {
        "headers": {"Content-Security-Policy": HERE_ONLY, "Referrer-Policy": "same-origin"},
        "ws_ping_timeout": 30_000,  # jupyter_server's own default is one that tornado warns about
    }
    settings.VoilaConfiguration.allow_template_override = "NO"
    settings.VoilaConfiguration.allow_theme_override = "NO"
    settings.VoilaConfiguration.strip_sources = True
    settings.VoilaConfiguration.show_tracebacks = False
    settings.VoilaConfiguration.prelaunch_hook = prelaunch(folder, data)
    settings.VoilaConfiguration.extension_allowlist = EXTENSIONS
    settings.VoilaConfiguration.file_allowlist = []
    settings.VoilaExecutor.timeout = time_limit
    settings.VoilaExecutor.startup_timeout = START_SECONDS
    # Interrupted rather than left running: a busy kernel is never culled.
    settings.VoilaExecutor.interrupt_on_timeout = True
    settings.VoilaExecutor.error_on_timeout = {"ename": "TimeoutError", "evalue": "too slow", "traceback": []}
    # A kernel started again has forgotten the page, and hides its death from the one who waits for the cell.
    settings.KernelManager.autorestart = False
    settings.MappingKernelManager.cull_idle_timeout = IDLE_SECONDS
    settings.MappingKernelManager.cull_interval = 60
    settings.MappingKernelManager.cull_connected = True
    return settings


def server(
    folder: Path | str,
    data: DataFacts,
    port: int = 8866,
    host: str = "127.0.0.1",
    open_browser: bool = False,
    time_limit: int = CELL_SECONDS,
) -> KpiVoila:
    """A server that is ready to start.

    Parameters
    ----------
    folder : path
        The notebooks' folder.
    data : DataFacts
        For the foot of each page.
    port : int
        TCP port.
    host : str
        Address to listen on.
    open_browser : bool
        Open the reader's browser once the server listens.
    time_limit : int
        Seconds that a cell may take.

    Returns
    -------
    KpiVoila
        `start()` blocks until it is stopped with Ctrl+C or SIGTERM.

    Raises
    ------
    BadInput
        No folder, no notebook in it, a file that is not a notebook, or a port that is taken.
    """
    folder = check_folder(folder)
    if not cards(folder):
        raise BadInput(f"There is no notebook in '{folder}'. Put one there, or give another folder with --notebooks.")
    check_port(host, port)
    KpiVoila.clear_instance()  # the instance is where Voilà's parts find the log
    app = KpiVoila.instance(config=configuration(folder, data, port, host, open_browser, time_limit))
    app.folder, app.data = folder, data
    app.initialize([])
    return app


def serve(source: str | None, folder: Path | str, port: int = 8866, host: str = "127.0.0.1", **options: Any) -> None:
    """Open the data once, then serve the notebooks on them until stopped.

    Parameters
    ----------
    source : str or None
        A folder, a DuckDB file or an engine's URL; None for what `kpilib.open()` takes by itself.
    folder : path
        The notebooks' folder.
    port, host, **options
        As for `server`.

    Raises
    ------
    KpilibError
        The data, the notebooks or the port cannot be used; nothing is served.
    """
    folder = check_folder(folder)
    check_port(host, port)
    source = absolute(source)
    print("Opening the data …", flush=True)
    facts = facts_of(source)
    if source is not None:
        os.environ["KPILIB_DATA"] = source  # each viewer's kernel inherits it
    app = server(folder, facts, port, host, **options)
    print(f"Data: {facts.name}, as of {facts.as_of}, fingerprint {facts.fingerprint}.")
    print(f"Open {app.address} in a browser; stop with Ctrl+C.", flush=True)
    app.start()


def facts_of(source: str | None) -> DataFacts:
    """Open the data, which builds what is kept of them, and let them go: the figures are the viewers' to read.

    Parameters
    ----------
    source : str or None
        As for `kpilib.open`.

    Raises
    ------
    KpilibError
        The data cannot be read; the message says why.
    """
    import kpilib

    book = kpilib.open(source)
    return DataFacts(name_of(source), book.as_of.isoformat(), str(book.fingerprint)[:12])
