"""A folder of tiny notebooks, one behaviour each, for the tests of the application."""

import json
from pathlib import Path
from typing import Any


def markdown(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def code(text: str, *tags: str) -> dict[str, Any]:
    about = {"tags": list(tags)} if tags else {}
    return {"cell_type": "code", "metadata": about, "source": text, "outputs": [], "execution_count": None}


def write(file: Path, *cells: dict[str, Any], **kpi: Any) -> Path:
    """A notebook file with these cells; `kpi` is its `metadata.kpi`."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    about = {"kernelspec": kernel, **({"kpi": kpi} if kpi else {})}
    cells_ = [{"id": f"cell-{n}", **cell} for n, cell in enumerate(cells)]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"cells": cells_, "metadata": about, "nbformat": 4, "nbformat_minor": 5}))
    return file


CONTROLS = """
import ipywidgets as widgets
months = widgets.IntText(description="Months", value=3)
said = widgets.Label("3 months")
def tell(change):
    said.value = f"{months.value} months"
months.observe(tell, "value")
fail = widgets.Button(description="Break")
def broken(_):
    raise ValueError("secret-in-callback")
fail.on_click(broken)
widgets.VBox([months, fail, said])
"""


def tiny_notebooks(folder: Path) -> Path:
    """Five notebooks and a lesson; the lab cell of the first would leave the file `the-lab-ran`."""
    write(
        folder / "00_overview.ipynb",
        markdown("# Overview\n\nHow do we stand?"),
        code("from pathlib import Path\nPath('the-lab-ran').touch()", "lab"),
        code("import os\nsecret_source = os.environ['KPILIB_DATA']\nprint('The data are', secret_source[-8:])"),
        code('from IPython.display import HTML\nHTML(\'<img alt="tracker" src="http://elsewhere.example/x.png">\')'),
        title="The customer relation at a glance",
        question="How do we stand against target?",
    )
    write(folder / "01_controls.ipynb", markdown("# Controls\n\nWhat does a control do?"), code(CONTROLS))
    write(
        folder / "02_error.ipynb",
        markdown("# An error\n\nIs its reason kept from the page?"),
        code("print('computed before')"),
        code("raise ValueError('secret-in-error')"),
        code("print('computed after')"),
    )
    write(folder / "03_death.ipynb", markdown("# A death\n\nIs it told?"), code("import os\nos._exit(1)"))
    write(folder / "04_prose.ipynb", markdown("# Prose <b>& marks</b>\n\nOnly prose. And more."))
    write(folder / "lessons" / "one.ipynb", markdown("# A lesson\n\nWhat do we learn?"), code("'learnt'"))
    (folder / "notes.txt").write_text("not for a viewer")
    return folder
