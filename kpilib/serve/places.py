"""Where things are: the data as another process finds them, the notebooks, an address that is free."""

import os
import socket
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import platformdirs

from kpilib.errors import BadInput

PACKAGE = Path(__file__).resolve().parents[1]
NOTEBOOKS = PACKAGE.parent / "notebooks"
"""The workbook's own notebooks, beside the package."""
DEMO = NOTEBOOKS.parent / "data" / "demo"
"""The demo company's files, which are opened when no others are named."""
WORKERS = min(os.cpu_count() or 1, 4)
"""Processes that compute the pages, unless another number is asked for."""


def absolute(source: str | None) -> str | None:
    """The data as a kernel in another folder finds them: a URL as it is, a path in full, the environment's if None.

    Examples
    --------
    >>> absolute("postgres://db.example/crm")
    'postgres://db.example/crm'
    """
    source = source or os.environ.get("KPILIB_DATA") or None
    if source is None or "://" in source:
        return source
    return str(Path(source).expanduser().resolve())


def name_of(source: str | None) -> str:
    """What the foot of a page calls the data: no path, no user, no password.

    Examples
    --------
    >>> name_of(None), name_of("exports/acme"), name_of("postgres://ann:secret@db.example/crm?x=1")
    ('demo', 'acme', 'crm')
    """
    return "demo" if source is None else Path(source.split("?")[0]).stem or "data"


def check_folder(folder: Path | str) -> Path:
    """The notebooks' folder in full; BadInput when it does not exist."""
    if not Path(folder).is_dir():
        raise BadInput(f"There is no folder of notebooks at '{folder}'. Give one with --notebooks.")
    return Path(folder).resolve()


def check_port(host: str, port: int) -> None:
    """Raise BadInput when the address cannot be listened on."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as why:
            reason = f"Nothing can listen on {host}:{port} ({why}). Choose another port with --port, "
            raise BadInput(reason + "or stop what runs there.") from why


def loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    return host in {"localhost", "::1"} or host.startswith("127.")


def digest(file: Path) -> str:
    """What tells one content of a file from another; the file is read again only when its time or size changed."""
    status = file.stat()
    return _digest(file, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=256)
def _digest(file: Path, time: int, size: int) -> str:
    return sha256(file.read_bytes()).hexdigest()[:16]


def state_of(source: str | None) -> tuple[tuple[str, int, int], ...]:
    """Names, times and sizes of the files that the data are made of; empty for a database that is asked by URL.

    Parameters
    ----------
    source : str or None
        As `absolute` returns it.
    """
    if source is not None and "://" in source.removeprefix("duckdb://"):
        return ()
    place = DEMO if source is None else Path(source.removeprefix("duckdb://"))
    files = sorted(place.iterdir()) if place.is_dir() else [place] if place.exists() else []
    states = [(file.name, file.stat()) for file in files if file.is_file()]
    return tuple((name, state.st_mtime_ns, state.st_size) for name, state in states)


@lru_cache(maxsize=1)
def code_digest() -> str:
    """What tells one version of the package from another: a page painted by another one is not shown."""
    made = sha256()
    for file in sorted(PACKAGE.rglob("*")):
        if file.suffix in {".py", ".js", ".css", ".po", ".html", ".j2", ".toml"}:
            made.update(file.name.encode() + file.read_bytes())
    return made.hexdigest()[:16]


def cache_folder() -> Path:
    """Where painted pages are kept: beside the imports and the cubes, as `kpilib.opening` has them."""
    return Path(os.environ.get("KPILIB_CACHE") or platformdirs.user_cache_path("kpilib"))
