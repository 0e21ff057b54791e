"""Imports run one way, and the heavy ones only where they serve. Read from the code itself."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "kpilib"

#: What is computed and said, of which a page or a report is made.
SHOWN = {
    "errors",
    "language",
    "periods",
    "recent",
    "units",
    "model",
    "catalogue",
    "compute",
    "stats",
    "analysis",
    "change",
    "workbook",
    "alerts",
}
#: What each part of the package may import of the others.
ALLOWED = {
    "errors": set(),
    "periods": {"errors"},
    "recent": set(),
    "calendars": {"errors", "periods"},
    "digits": {"errors"},
    "units": {"errors", "digits", "model"},
    "model": {"errors", "periods"},
    "stats": {"errors"},
    "catalogue": {"errors"},
    "sources": {"errors", "model", "catalogue", "stats.geography"},
    "compute": {
        "errors",
        "periods",
        "recent",
        "model",
        "catalogue",
        "stats",
        "sources.engine",
    },
    "about": {"errors", "model", "sources.engine"},
    "analysis": {"errors", "periods", "model", "catalogue", "compute", "stats", "sources.checks"},
    "lacking": {"errors", "language", "about", "catalogue", "model"},
    "book": {
        "errors",
        "language",
        "about",
        "lacking",
        "periods",
        "model",
        "catalogue",
        "compute",
        "analysis",
        "change",
        "workbook",
        "sources.engine",
    },
    "workbook": {"errors", "periods", "model", "catalogue"},
    "change": {
        "errors",
        "language",
        "units",
        "periods",
        "calendars",
        "model",
        "catalogue",
        "compute",
        "stats",
        "workbook",
    },
    "alerts": {
        "errors",
        "language",
        "units",
        "periods",
        "model",
        "catalogue",
        "compute",
        "stats",
        "change",
        "workbook",
        "opening",
    },
    "report": SHOWN | {"figures", "opening", "show"},
    "opening": {"errors", "periods", "model", "catalogue", "compute", "sources", "about", "book"},
    "demo": {"errors", "model"},
    "language": set(),
    "show": SHOWN,
    "figures": {"show"} | SHOWN,
    "serve": {"errors", "language", "analysis.kept"},
}
#: The modules of the server that run in processes of their own, where the notebooks are.
WORKERS = {"document", "outputs", "shell", "worker", "warm_parent"}


def part(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    """The modules a file imports, wherever in it, relative ones made whole."""
    found = set()
    package = ["kpilib", *path.relative_to(PACKAGE).parent.parts]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            whole = ".".join(name for name in (base, node.module) if name)
            found |= {whole, *(f"{whole}.{alias.name}" for alias in node.names)}
    return found


FILES = sorted(path for path in PACKAGE.rglob("*.py") if part(path) in ALLOWED)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_run_one_way(path):
    allowed = ALLOWED[part(path)] | {part(path)}
    if part(path) == "serve" and path.stem in WORKERS:
        allowed |= {"show"}
    own = {name.removeprefix("kpilib.") for name in imports(path) if name.startswith("kpilib.")}
    wrong = {
        name
        for name in own
        if not any(name == a or name.startswith(a + ".") or a.startswith(name + ".") for a in allowed)
    }
    assert not wrong


def test_every_part_of_the_package_has_its_place_in_the_order():
    parts = {part(path) for path in PACKAGE.rglob("*.py")}
    assert parts - set(ALLOWED) == {"__init__", "cli"}


@pytest.mark.parametrize(("library", "parts"), [("ipywidgets", {"show"}), ("altair", {"show"}), ("voila", {"serve"})])
def test_a_library_of_the_interface_is_known_to_one_part_only(library, parts):
    users = {part(path) for path in FILES if any(name.split(".")[0] == library for name in imports(path))}
    assert users <= parts


@pytest.mark.slow
def test_the_package_answers_from_a_cube_without_a_database_or_a_chart():
    code = (
        "import sys, kpilib; book = kpilib.open('data/demo'); book.kpi('revenue', by='region', period='month');"
        "heavy = {'duckdb', 'ibis', 'altair', 'statsmodels', 'sklearn', 'ipywidgets', 'polars'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    where = PACKAGE.parent
    build = "import kpilib; kpilib.open('data/demo')"
    subprocess.run([sys.executable, "-c", build], check=True, cwd=where)
    done = subprocess.run([sys.executable, "-c", code], check=True, cwd=where, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
