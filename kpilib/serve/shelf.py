"""What was made once and is kept on disk: painted pages, and the files that the pages' scripts are made of.

A name holds everything that the content depends on; what is older than the newest few hundred is thrown away.
"""

import contextlib
import gzip
import json
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

KEPT = 200


class Shelf:
    """Values of JSON by name, in a folder; a file that cannot be read is not there.

    Parameters
    ----------
    folder : Path
        Made when something is put.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, *name: str) -> Any:
        """The value under a name; None where there is none."""
        try:
            return json.loads(gzip.decompress(self._file(name).read_bytes()))
        except (OSError, ValueError, EOFError):
            return None

    def has(self, *name: str) -> bool:
        """Whether there is a value under a name."""
        return self._file(name).exists()

    def put(self, value: Any, *name: str) -> None:
        """Keep a value; where nothing can be kept, it is made again the next time."""
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.folder, suffix=".part", delete=False) as part:
                part.write(gzip.compress(json.dumps(value).encode(), 5))
            os.replace(part.name, self._file(name))
            self._prune()

    def _file(self, name: Iterable[str]) -> Path:
        return self.folder / f"{sha256(json.dumps(list(name)).encode()).hexdigest()[:24]}.json.gz"

    def _prune(self) -> None:
        files = sorted(self.folder.glob("*.json.gz"), key=lambda file: file.stat().st_mtime, reverse=True)
        for file in files[KEPT:]:
            file.unlink(missing_ok=True)


@dataclass(frozen=True)
class Asset:
    """A file of the front end.

    Attributes
    ----------
    name, mime : str
        As the browser sees them.
    content : bytes
        What it holds.
    """

    name: str
    mime: str
    content: bytes

    @cached_property
    def zipped(self) -> bytes:
        """Compressed, once."""
        return gzip.compress(self.content, 6, mtime=0)

    @cached_property
    def address(self) -> str:
        """Where it is served: an address that never has another content."""
        return f"/kpi/static/{sha256(self.content).hexdigest()[:16]}/{self.name}"
