"""Importing CSV against DuckDB's own reader: time, and memory as the file grows."""

import subprocess
import sys
import time
from pathlib import Path

import duckdb
from run import table

from kpilib.demo.lines import order_lines

# The peak of this process alone: a child's ru_maxrss begins at its parent's.
CHILD = """
import re, sys
from kpilib.sources.importing import import_folder
import_folder(sys.argv[1], sys.argv[2])
print(int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) // 1024)
"""


def imported(folder: Path, into: Path) -> tuple[float, int]:
    """Seconds and peak MB of an import in a process of its own, its start-up taken off."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import kpilib.sources.importing"], check=True)
    empty = time.perf_counter() - start
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", CHILD, folder, into], check=True, capture_output=True, text=True)
    return time.perf_counter() - start - empty, int(done.stdout.split()[-1])


def measure(out: Path, lines: int) -> list[str]:
    """A table of ratios, as Markdown."""
    rows, first = [], 0
    for size in (lines, 4 * lines):
        folder, into = out / f"csv{size}", out / f"csv{size}.duckdb"
        order_lines(size, into=folder, form="csv")
        plain = out / f"plain{size}.duckdb"
        start = time.perf_counter()
        with duckdb.connect(str(plain)) as con:
            con.execute("SET enable_progress_bar = false")
            con.execute(f"CREATE TABLE t AS SELECT * FROM read_csv('{folder / 'order_lines.csv'}')")
        reader = time.perf_counter() - start
        took, peak = imported(folder, into)
        first = first or peak
        rows.append(
            [f"{size:,}", f"{took:.1f}", f"{reader:.1f}", f"{took / reader:.1f} ×", f"{peak}", f"{peak / first:.2f} ×"]
        )
    columns = ["CSV lines", "import, s", "read_csv, s", "ratio", "peak memory, MB", "memory against the first"]
    return [table(columns, rows)]
