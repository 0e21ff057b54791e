"""What the tests share: the sample exports beside the repository, an application that runs, a browser's path."""

import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import settings
from speaking import mask

import kpilib

TOP = Path(__file__).resolve().parents[1]
SHARED = TOP.parent / "shared" / "data"
ABSENT = (
    f"NOT RUN: every test on the sample exports, because ../{SHARED.parent.name}/{SHARED.name} is not there. "
    "Put the folder beside the repository; with CI=true its absence is a failure."
)
CI = os.environ.get("CI", "").lower() == "true"
# `make check` draws a third of the examples (--hypothesis-profile=quick), CI the same ones each time, so that what
# lands does not hang on luck; `make deep` draws twenty-five times as many. Machines differ: no deadline.
settings.register_profile("default", max_examples=40, deadline=None, derandomize=CI)
settings.register_profile("quick", max_examples=15, deadline=None)
settings.register_profile("deep", max_examples=1000, deadline=None)
# Imports and cubes of the tests stay out of the user's own cache; processes started by a test inherit it.
os.environ["KPILIB_CACHE"] = str(TOP / "tests" / "out" / "cache")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Browser tests are marked by where they are; without the sample exports, their tests leave (but not under CI)."""
    for item in items:
        if "browser" in item.path.relative_to(TOP).parts:
            item.add_marker(pytest.mark.browser)
    if SHARED.is_dir() or CI:
        return
    gone = [item for item in items if "shared_data" in getattr(item, "fixturenames", ())]
    config.hook.pytest_deselected(items=gone)
    items[:] = [item for item in items if item not in gone]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if not SHARED.is_dir():
        terminalreporter.section("sample exports absent", sep="!", red=True, bold=True)
        terminalreporter.line(ABSENT, red=True, bold=True)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of sample exports, one folder a source."""
    if not SHARED.is_dir():
        pytest.fail(ABSENT)
    return SHARED


@pytest.fixture(scope="session")
def top() -> Path:
    """The repository's top folder."""
    return TOP


@pytest.fixture(scope="session")
def demo(top: Path) -> Any:
    """The demo company, opened once for all tests: to be asked, never to be changed."""
    return kpilib.open(top / "data" / "demo")


@pytest.fixture(scope="session")
def year(demo: Any) -> Any:
    """The demo company's last twelve months, as a page shows them."""
    from kpilib.show import View

    return View(demo, since="2025-07", until="2026-06")


@pytest.fixture(scope="session")
def maven(shared_data: Path) -> Any:
    """The sample exports of a CRM of deals, opened once for all tests."""
    return kpilib.open(shared_data / "maven_crm")


@pytest.fixture
def masked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every message becomes a mark: what letters are left on a page were not translated."""
    mask(monkeypatch)


@pytest.fixture(scope="session")
def finder() -> ModuleType:
    """`tools/chromium.py`, which is no package's."""
    spec = importlib.util.spec_from_file_location("find_chromium", TOP / "tools" / "chromium.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def chromium(finder: ModuleType) -> str:
    """The path of a Chromium; a failure that says how to get one where there is none."""
    path: str | None = finder.find()
    if path is None:
        pytest.fail(finder.HELP)
    return path


def free_port() -> int:
    """A TCP port of the loopback on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_answers(url: str, process: subprocess.Popen[str], log: Path, seconds: float = 180) -> None:
    """Return when the address answers 200; fail with the log when the process ends or the time is over."""
    deadline = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    pytest.fail(f"kpi app did not answer at {url}; it said:\n{log.read_text()}")


class App:
    """A running `kpi app`: its address, its process, and what it said so far."""

    def __init__(self, url: str, process: subprocess.Popen[str], log: Path):
        self.url, self.process, self.log = url, process, log

    def said(self) -> str:
        return self.log.read_text()


@pytest.fixture(scope="session")
def start_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., App]]:
    """A function that starts `kpi app` with the arguments it is given, on a free port; all are ended afterwards."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str, port: int | None = None, **environment: str) -> App:
        port = port or free_port()
        log = tmp_path_factory.mktemp("app") / "log.txt"
        command = [sys.executable, "-m", "kpilib.cli", "app", "--no-browser", "--port", str(port), *arguments]
        with log.open("w") as out:
            process = subprocess.Popen(
                command,
                cwd=TOP,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                text=True,
            )
        started.append(process)
        url = f"http://127.0.0.1:{port}"
        wait_until_answers(url + "/", process, log)
        return App(url, process, log)

    yield start
    for process in started:
        _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    """End a server and the kernels of its process group."""
    if process.poll() is not None:
        return
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture(scope="session")
def server(start_app: Callable[..., App]) -> App:
    """The workbook's own notebooks on the demo data, as `make app` serves them."""
    return start_app()
