"""`make notebooks` ends here: an output that is HTML is kept as HTML alone, for its widget ended with its kernel."""

import sys
from pathlib import Path

import nbformat

from kpilib.serve.lab import readable

for name in sys.argv[1:]:
    notebook = nbformat.read(name, as_version=4)
    readable({"type": "notebook", "content": notebook})
    nbformat.write(notebook, Path(name))
