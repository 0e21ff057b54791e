"""`kpi app`: our pages, and Voilà for notebooks that need a kernel, on a folder of notebooks and one data set.

Voilà's own command is not used: its stock page asks a CDN for icons, its file handler serves what lies beside the
notebooks, and a visitor may choose another template.
"""

import contextlib
import os
import socket
import threading
import webbrowser
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tornado.ioloop import IOLoop
from voila.app import Voila

from kpilib.errors import BadInput
from kpilib.serve.asks import AboutHandler, AliveHandler, AskHandler, ExportHandler, FrontHandler, RecordsHandler
from kpilib.serve.chrome import TEMPLATES
from kpilib.serve.facts import DataFacts
from kpilib.serve.gallery import cards
from kpilib.serve.handlers import AbsentHandler, CachedStaticHandler, GalleryHandler, PageHandler
from kpilib.serve.hooks import prelaunch
from kpilib.serve.places import WORKERS, absolute, check_folder, check_port, loopback
from kpilib.serve.pool import GRACE, Pool
from kpilib.serve.processes import Process, Spawned
from kpilib.serve.provisioner import provisioned
from kpilib.serve.settings import CELL_SECONDS, HERE_ONLY, START_SECONDS, configuration
from kpilib.serve.site import Site
from kpilib.serve.warm import PRELOAD, Warm
from kpilib.serve.works import Works, front, opened, starter

KEPT = ("/api/kernels/", "/voila/templates/", "/voila/static/", "/voila/api/shutdown/", "/voila/labextensions/", "/log")
"""Voilà's addresses that a page with a kernel needs. Files, contents, themes and the tree are not served."""

PRELOADED = (*PRELOAD, "kpilib.serve.document", "kpilib.serve.worker")
"""What the warm parent imports: all that a kernel or a worker would."""


@dataclass(frozen=True)
class Limits:
    """How much the application may use.

    Attributes
    ----------
    workers : int
        Processes that answer for the pages.
    kernels : int
        Visitors at once of notebooks that need a kernel each.
    seconds : int
        What a cell may take.
    """

    workers: int = WORKERS
    kernels: int = 10
    seconds: int = CELL_SECONDS


class KpiVoila(Voila):
    """Voilà in directory mode with our handlers and our template.

    `works`, `limits` and `painter` are set by `server` before `initialize`.
    """

    works: Works
    limits: Limits
    painter: Process | None = None
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
        common = {"voila_configuration": self.voila_configuration, "site": self.works.site}
        page = {
            **common,
            "config": self.config,
            "template_paths": self.template_paths,
            "policy": HERE_ONLY,
            "patience": self.limits.seconds + START_SECONDS,
            "kernels": self.limits.kernels,
        }
        return [
            *kept,
            ("/", GalleryHandler, common),
            ("/voila/render/(.*)", PageHandler, page),
            ("/kpi/ask/(.*)", AskHandler, common),
            ("/kpi/records/(.*)", RecordsHandler, common),
            ("/kpi/about/(.*)", AboutHandler, common),
            ("/kpi/export/(.*)", ExportHandler, common),
            ("/kpi/alive", AliveHandler, common),
            ("/kpi/static/[0-9a-f]+/([a-z.]+)", FrontHandler, common),
            ("/.*", AbsentHandler, common),
        ]

    def start(self) -> None:
        IOLoop.current().add_callback(self.works.open, self.painter)
        super().start()

    def stop(self) -> None:
        for _ in range(2):  # a second signal to stop breaks off the first attempt
            with contextlib.suppress(RuntimeError):
                self.ioloop.run_sync(self.works.close)
                break
        super().stop()

    def launch_browser(self) -> None:
        threading.Thread(target=webbrowser.open, args=(self.address,), daemon=True).start()

    @property
    def address(self) -> str:
        """What to type into a browser, with the token where one is needed."""
        shown = socket.gethostname() if self.ip in {"", "0.0.0.0", "::"} else self.ip
        return f"http://{shown}:{self.port}/" + (f"?token={self.token}" if self.token else "")


def server(
    folder: Path | str,
    data: DataFacts,
    port: int = 8866,
    host: str = "127.0.0.1",
    open_browser: bool = False,
    limits: Limits = Limits(),
    source: str | None = None,
    warm: Warm | None = None,
) -> KpiVoila:
    """A server that is ready to start.

    Parameters
    ----------
    folder : path
        The notebooks' folder.
    data : DataFacts
        What the pages speak of.
    port : int
        TCP port.
    host : str
        Address to listen on.
    open_browser : bool
        Open the reader's browser once the server listens.
    limits : Limits
        How much it may use.
    source : str or None
        The data, as `places.absolute` returns it.
    warm : Warm, optional
        The parent of workers and kernels.

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
    start = starter(warm)
    site = Site(folder, data, Pool(start, limits.workers, limits.seconds + GRACE), limits.seconds)
    settings = configuration(folder, port, host, open_browser, limits.seconds)
    settings.VoilaConfiguration.prelaunch_hook = prelaunch(site)
    provisioned(settings, warm)
    KpiVoila.clear_instance()  # the instance is where Voilà's parts find the log
    app = KpiVoila.instance(config=settings)
    app.works, app.limits = Works(site, source, start), limits
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
    if source is not None:
        os.environ["KPILIB_DATA"] = source  # every process that is started inherits it
    print("Opening the data …", flush=True)
    first = Spawned()
    warm = None
    try:
        facts = opened(first, source)
        warm = Warm(source, PRELOADED) if Warm.available() else None
        app = server(folder, facts, port, host, source=source, warm=warm, **options)
        app.works.site.assets, app.works.site.strings = front(lambda: first, app.works.site.shelf)
        app.painter = first
        print(f"Data: {facts.name}, as of {facts.as_of}, fingerprint {facts.fingerprint}.")
        print(f"Open {app.address} in a browser; stop with Ctrl+C.", flush=True)
        app.start()
    finally:
        first.kill()
        if warm is not None:
            warm.close_now()
