"""Vega for the browser, made from vl_convert's own copy: one file, no network, once a version.

Charts arrive in a page compiled, so the page needs neither Vega-Lite nor Vega-Embed. Vega and the D3 modules in it are
free software; `NOTICE` stands at the head of the file and says so.
"""

import os
import subprocess
import sys
import tempfile
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import platformdirs

NOTICE = """/*! Vega: Copyright (c) 2015-2023, University of Washington Interactive Data Lab. BSD-3-Clause licence,
    https://github.com/vega/vega/blob/main/LICENSE. It holds modules of D3: Copyright 2010-2023 Mike Bostock, ISC.
    Bundled by vl-convert: Copyright (c) 2022-2024, Jon Mease. BSD-3-Clause licence. */
"""
# What the page uses; the interpreter, so that no text of a specification is ever run as script. The addresses are names
# inside vl_convert, which holds the files: nothing is fetched. It says which Vega it holds; how it calls its files, and
# which interpreter it holds, is read from it.
_SCRIPT = r"""
import re, sys
import vl_convert

library = open(vl_convert.vl_convert.__file__, "rb").read()
held = re.search(rb"vega-interpreter@([0-9.]+)/", library).group(1).decode()
named = re.search(rb"(https://[\w.]+/npm/)vega", library).group(1).decode()
at = (named + "{}@{}/+esm").format
bundled = vl_convert.javascript_bundle(
    f"export {{View, parse}} from '{at('vega', vl_convert.get_vega_version())}';"
    f"export {{expressionInterpreter}} from '{at('vega-interpreter', held)}';"
)
open(sys.argv[1], "w", encoding="utf-8").write(bundled)
"""


def bundle() -> Path:
    """The ES module that exports Vega's `View`, `parse` and `expressionInterpreter`; made if it is not there yet.

    Some 2 s the first time. It is made in a process of its own: vl_convert starts threads, and a server that called it
    could fork no more.

    Raises
    ------
    RuntimeError
        vl_convert could not make it.
    """
    cache = Path(os.environ.get("KPILIB_CACHE") or platformdirs.user_cache_path("kpilib")) / "vega"
    made = sha256((NOTICE + _SCRIPT).encode()).hexdigest()[:8]
    file = cache / f"vega-{version('vl-convert-python')}-{made}.js"
    if not file.exists():
        cache.mkdir(parents=True, exist_ok=True)
        _make(file)
    return file


def _make(file: Path) -> None:
    with tempfile.TemporaryDirectory(dir=file.parent) as folder:
        raw = Path(folder) / "raw.js"
        run = subprocess.run([sys.executable, "-c", _SCRIPT, str(raw)], capture_output=True, text=True, check=False)
        if run.returncode:
            raise RuntimeError(f"vl_convert could not bundle Vega: {run.stderr.strip()[-400:]}")
        whole = Path(folder) / "whole.js"
        whole.write_text(NOTICE + raw.read_text("utf-8"), "utf-8")
        # Whoever comes second writes the same file.
        whole.replace(file)
