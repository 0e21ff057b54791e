"""Charts compiled for the browser without a script engine in the workers: kept on disk, made by a process that ends.

vl_convert's engine takes some 100 MB and starts threads. The painter has one for its pictures and fills the disk; a
worker that meets a chart nobody has painted asks a small process, which leaves after some seconds without work.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from kpilib.serve import wire
from kpilib.serve.wire import Frame

IDLE = 15.0
"""Seconds without work after which the small process ends."""


class Compiler:
    """Vega-Lite to Vega.

    Parameters
    ----------
    folder : Path
        Where what was compiled is kept.
    engine : callable
        Compiles in this process.
    """

    def __init__(self, folder: Path, engine: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        self.folder, self._engine = folder, engine
        self.here = False  #: whether this process may have a script engine
        self._helper: subprocess.Popen[bytes] | None = None

    def __call__(self, spec: dict[str, Any]) -> dict[str, Any]:
        """The specification in Vega: found, or made and kept."""
        text = json.dumps(spec, sort_keys=True, default=str)
        file = self.folder / f"{sha256((version('vl-convert-python') + text).encode()).hexdigest()[:24]}.json"
        try:
            found: dict[str, Any] = json.loads(file.read_bytes())
        except (OSError, ValueError):
            found = self._engine(spec) if self.here else self._elsewhere(text)
            self._keep(file, found)
        return found

    def close(self) -> None:
        """End the small process, if it has not left by itself."""
        if self._helper is not None:
            self._helper.kill()
            with contextlib.suppress(OSError):
                self._helper.communicate()
        self._helper = None

    def _elsewhere(self, text: str) -> dict[str, Any]:
        for _ in range(2):  # the small process may have left just now
            if self._helper is None or self._helper.poll() is not None:
                self.close()
                command = [sys.executable, "-c", "from kpilib.serve.compiler import main; main()"]
                self._helper = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            assert self._helper.stdin is not None
            assert self._helper.stdout is not None
            try:
                self._helper.stdin.write(wire.pack(Frame({}, text.encode())))
                self._helper.stdin.flush()
                made: dict[str, Any] = json.loads(wire.read(self._helper.stdout).body)
                return made
            except (OSError, EOFError):
                self.close()
        raise RuntimeError("A chart could not be compiled; the reason stands above.")

    def _keep(self, file: Path, made: dict[str, Any]) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile("w", dir=self.folder, suffix=".part", delete=False) as part:
                json.dump(made, part)
            os.replace(part.name, file)
        except OSError:
            return  # where nothing can be kept it is made again the next time


def main() -> None:
    """Compile what comes over standard input, until nothing has come for a while."""
    import vl_convert

    incoming, outgoing = sys.stdin.buffer, sys.stdout.buffer
    while True:
        idle = threading.Timer(IDLE, os._exit, [0])
        idle.start()
        try:
            spec = json.loads(wire.read(incoming).body)
        except EOFError:
            os._exit(0)
        idle.cancel()
        outgoing.write(wire.pack(Frame({}, json.dumps(vl_convert.vegalite_to_vega(spec)).encode())))
        outgoing.flush()
