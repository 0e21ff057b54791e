"""Cubes on disk: one folder a fingerprint, one file of arrays that all viewers map, one header that says what they are.

Written beside its place and renamed into it, so that a reader finds all of it or nothing.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

ARRAYS, HEADER, ALIGNMENT = "arrays.bin", "header.json", 64


class Writer:
    """Collects arrays, then publishes them under one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.parent.mkdir(parents=True, exist_ok=True)
        self.draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        self.file = (self.draft / ARRAYS).open("wb")

    def put(self, array: np.ndarray) -> dict[str, Any]:
        """Append an array; what `Reader.get` takes to map it again."""
        data = np.ascontiguousarray(array)
        self.file.write(b"\0" * (-self.file.tell() % ALIGNMENT))
        place = {"at": self.file.tell(), "type": data.dtype.str, "size": int(data.size)}
        self.file.write(data.tobytes())
        return place

    def publish(self, header: dict[str, Any]) -> None:
        """Put the folder in its place; where another process was first, its copy stands."""
        self.file.close()
        (self.draft / HEADER).write_text(json.dumps(header), encoding="utf-8")
        try:
            os.rename(self.draft, self.folder)
        except OSError:
            if not (self.folder / HEADER).exists():
                raise
            shutil.rmtree(self.draft)

    def discard(self) -> None:
        self.file.close()
        shutil.rmtree(self.draft, ignore_errors=True)


class Reader:
    """Maps the arrays of a published folder; nothing is read before it is used."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.header: dict[str, Any] = json.loads((folder / HEADER).read_text(encoding="utf-8"))
        path = folder / ARRAYS
        self.memory = np.memmap(path, dtype=np.uint8, mode="r") if path.stat().st_size else np.zeros(0, np.uint8)

    def get(self, place: dict[str, Any] | np.ndarray) -> np.ndarray:
        """The array at a place; what was made since is its own."""
        if isinstance(place, np.ndarray):
            return place
        kind = np.dtype(place["type"])
        return (
            np.ndarray((place["size"],), kind, buffer=self.memory, offset=place["at"])
            if place["size"]
            else np.zeros(0, kind)
        )


def smallest(codes: np.ndarray, labels: int) -> np.ndarray:
    """Codes below `labels` in the smallest type that holds them."""
    return codes.astype(np.uint8 if labels <= 256 else np.uint16 if labels <= 65536 else np.int32)


def published(folder: Path) -> bool:
    """Whether the folder holds a whole set of cubes."""
    return (folder / HEADER).exists()
