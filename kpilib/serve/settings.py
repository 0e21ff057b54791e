"""Voilà's settings, each with its reason: what is closed, what is limited, what is left behind."""

import secrets
from pathlib import Path

from traitlets.config import Config

from kpilib.serve.handlers import STRICT
from kpilib.serve.places import loopback

CELL_SECONDS = 120
"""A cell that takes longer is stopped, and the page says so (`--time-limit`)."""
START_SECONDS = 60
"""A kernel that takes longer to start is given up."""
IDLE_SECONDS = 1200
"""A page nobody touched for this long loses its kernel, open or closed; a closed page loses it at once if it can."""

EXTENSIONS = ["@voila-dashboards/widgets-manager8", "@jupyter-widgets/jupyterlab-manager", "anywidget"]
"""What a page with a kernel loads of JupyterLab's extensions: the controls of ipywidgets, and anywidget."""

HERE_ONLY = STRICT.replace("script-src 'self'", "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:").replace(
    "connect-src 'self'", "connect-src 'self' data: blob:"
)
"""Content-Security-Policy of a page with a kernel: Voilà writes scripts into it, but it asks no other host either."""


def configuration(
    folder: Path, port: int, host: str, open_browser: bool = False, time_limit: int = CELL_SECONDS
) -> Config:
    """Voilà's settings.

    Parameters
    ----------
    folder : Path
        The notebooks' folder.
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
