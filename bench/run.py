"""What is fast, against what: every measure as a ratio in one run, because machines are noisy.

`make bench` runs all of it and writes the tables into bench/README.md; `python bench/run.py --rows 1000000` is quick.
"""

import argparse
import os
import platform
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).parent
OUT = HERE / "out"
sys.path.insert(0, str(HERE))


def table(columns: list[str], rows: list[list[str]]) -> str:
    """Rows as a Markdown table."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def written(name: str, parts: list[str], where: str = "") -> None:
    """Put tables into bench/README.md, between the marks of that name."""
    readme, start, end = HERE / "README.md", f"<!-- {name} -->", f"<!-- /{name} -->"
    text = readme.read_text(encoding="utf-8")
    before, after = text.split(start)[0], text.split(end)[1]
    said = where or f"{os.cpu_count()} cores, Python {platform.python_version()}."
    body = "\n\n".join([said, *parts])
    readme.write_text(f"{before}{start}\n{body}\n{end}{after}", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--rows", type=int, default=10_000_000, help="order lines of the large book (default 10 million)"
    )
    parser.add_argument("--lines", type=int, default=1_000_000, help="CSV lines of the import (default 1 million)")
    given = parser.parse_args()
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    os.environ["KPILIB_CACHE"] = str(OUT / "cache")
    import cubes
    import imports

    parts = [*cubes.measure(OUT, given.rows), *imports.measure(OUT, given.lines)]
    print("\n\n".join(parts))
    written(
        "measured",
        parts,
        f"{os.cpu_count()} cores, Python {platform.python_version()}, {given.rows:,} order lines.",
    )
    shutil.rmtree(OUT)


if __name__ == "__main__":
    main()
