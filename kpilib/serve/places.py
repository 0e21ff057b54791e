"""Where things are: the data as another process finds them, the notebooks, an address that is free."""

import os
import socket
from pathlib import Path

from kpilib.errors import BadInput

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
"""The workbook's own notebooks, beside the package."""


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
