"""The notebooks as they are saved: clean, complete, and compared with what they compute today."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "notebooks").rglob("*.ipynb"))
NOTEBOOKS = [path for path in NOTEBOOKS if ".ipynb_checkpoints" not in path.parts]

#: Of examples to count on fingers, which no data change.
LESSONS = ("37.5 %", "15.0 %", "22.5 %", "40 %", "30 %", "55 %")

# Put on the path of a kernel, this changes one definition before the notebook opens its book.
CHANGED = """
from dataclasses import replace
import kpilib.catalogue as c
c.CATALOGUE[{key!r}] = replace(c.CATALOGUE[{key!r}], numerator={numerator!r})
"""


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    return nbformat.read(request.param, as_version=4)


def code(notebook) -> list:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_there_are_notebooks():
    assert [path.stem for path in NOTEBOOKS][:3] == ["00_overview", "01_opportunities", "02_sales"]


def test_a_notebook_is_saved_after_one_clean_run(notebook):
    assert [cell.execution_count for cell in code(notebook)] == list(range(1, len(code(notebook)) + 1))
    outputs = [output for cell in code(notebook) for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"]


def test_a_notebook_begins_with_its_question_and_names_it_for_the_gallery(notebook):
    first = notebook.cells[0]
    assert first.cell_type == "markdown"
    assert first.source.startswith("# ")
    assert "?" in first.source
    assert set(notebook.metadata["kpi"]) == {"title", "question", "order", "headline"}
    assert notebook.metadata["kpi"]["question"].endswith("?")


def test_a_notebook_shows_its_figures_as_pictures_and_as_text(notebook):
    shown = [output.data for cell in code(notebook) for output in cell.outputs if "data" in output]
    figures = [data for data in shown if "<svg" in str(data.get("text/html", ""))]
    assert len(figures) >= 5
    assert all(data["text/plain"].strip() and not data["text/plain"].startswith("<") for data in figures)


def test_a_notebook_names_no_machine_and_stays_small(notebook):
    text = json.dumps(notebook)
    assert len(text) < 1_500_000
    assert not re.search(r"/(?:home|root|tmp|Users|work)/", text)
    # A chart cuts a long name short: the demo's =HYPERLINK("http://example.invalid") as well.
    assert not re.search(r"https?://(?!www\.w3\.org/|doi\.org/|example\.invalid|exam?\\u2026)", text)


def test_code_cells_are_short_and_apart(notebook):
    cells = [cell for cell in notebook.cells if "lab" not in cell.metadata.get("tags", [])]
    assert max(len(cell.source.splitlines()) for cell in cells if cell.cell_type == "code") <= 8
    kinds = [cell.cell_type for cell in cells]
    in_a_row = [i for i in range(len(kinds) - 1) if kinds[i : i + 2] == ["code", "code"]]
    assert len(in_a_row) <= 1  # for set-up


def test_results_are_computed_and_never_typed(notebook):
    """A percentage or an amount in prose would be a result of yesterday's data."""
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    typed = re.findall(r"\d[\d,.]*\s?(?:%|€|k€|points)", prose)
    assert [match for match in typed if match not in ("95%", "95 %", "10%", "60%", *LESSONS)] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("stem", "key", "numerator"),
    [("01_opportunities", "win_rate", "status = 'lost'"), ("02_sales", "margin", "revenue - cost - 1")],
)
def test_a_changed_definition_makes_its_notebook_fail(stem, key, numerator, tmp_path):
    """The proof that the comparison bites: one definition is changed, and nbval says where it shows."""
    path = next(path for path in NOTEBOOKS if path.stem == stem)
    shutil.copy(path, tmp_path)
    (tmp_path / "sitecustomize.py").write_text(CHANGED.format(key=key, numerator=numerator))
    python_path = os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH")]))
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-c", os.devnull]
    command += ["--rootdir", str(tmp_path), "--nbval", "--nbval-cell-timeout=120", str(tmp_path / path.name)]
    environment = {**os.environ, "PYTHONPATH": python_path}
    environment.pop("KPILIB_DATA", None)
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 1, done.stdout
    assert "Cell execution caused an exception" not in done.stdout
    assert "mismatch" in done.stdout or "Mismatch" in done.stdout
