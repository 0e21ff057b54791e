"""``python -m kpilib.analysis [source]``: estimate what is not kept yet, in a process of its own."""

import sys

import kpilib
from kpilib.analysis.kept import prepare

if __name__ == "__main__":
    prepare(kpilib.open(sys.argv[1] if len(sys.argv) > 1 else None))
