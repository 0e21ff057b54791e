"""What happens to a notebook between the file and the kernel: Voilà's `prelaunch_hook`.

The cells of the lab leave before anything runs; the page learns its title, its neighbours and its data.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_code_cell

from kpilib.serve.gallery import Card, cards

LAB = "lab"
"""Tag of the cells that only an analyst in JupyterLab runs and sees."""

QUIET = "import kpilib.serve.viewer as _viewer\n_viewer.keep_tracebacks_here()\ndel _viewer"


@dataclass(frozen=True)
class DataFacts:
    """What the foot of each page says of the data.

    Attributes
    ----------
    name : str
        The folder's or database's name, without its place on the machine.
    as_of : str
        ISO date up to which the data reach.
    fingerprint : str
        Identifies files, dialect and options; the same figures come from the same fingerprint.
    """

    name: str
    as_of: str
    fingerprint: str


def without_lab_cells(notebook: NotebookNode) -> NotebookNode:
    """The notebook as a viewer gets it: no cell tagged `lab`, a first cell that keeps tracebacks in the log.

    Parameters
    ----------
    notebook : NotebookNode
        Changed in place and returned.
    """
    kept = [cell for cell in notebook.cells if LAB not in cell.metadata.get("tags", [])]
    notebook.cells = [new_code_cell(QUIET), *kept]
    return notebook


def page_of(path: str, folder: Path | str, data: DataFacts, notebook: NotebookNode | None = None) -> dict[str, Any]:
    """What the template writes around the cells.

    Parameters
    ----------
    path : str
        The notebook's path relative to the folder; empty for the gallery.
    folder : path
        The notebooks' folder.
    data : DataFacts
        For the foot.
    notebook : NotebookNode, optional
        Asked whether it holds mathematics, which needs the scripts even without a control.

    Returns
    -------
    dict
        title, question, path, nav (list of cards as dictionaries), data, math.
    """
    known = cards(folder)
    here = next((card for card in known if card.path == path), Card(path, "Key figures", ""))
    cells = notebook.cells if notebook is not None else []
    return {
        "title": here.title,
        "question": here.question,
        "path": path,
        "nav": [{**asdict(card), "order": None} for card in known],
        "data": asdict(data),
        "math": any("$" in cell.source for cell in cells if cell.cell_type == "markdown"),
    }


def prelaunch(folder: Path | str, data: DataFacts) -> Callable[..., NotebookNode]:
    """The hook that Voilà calls before it starts a kernel.

    Parameters
    ----------
    folder : path
        The notebooks' folder.
    data : DataFacts
        For the foot of the page.

    Returns
    -------
    callable
        `hook(request_handler, notebook, cwd)`, which returns the notebook that runs.
    """

    def hook(handler: Any, notebook: NotebookNode, cwd: str) -> NotebookNode:
        path = handler.path_args[0] if handler.path_args else ""
        page = page_of(path, folder, data, notebook)
        notebook.metadata["title"] = page["title"]
        notebook.metadata["kpi_page"] = from_dict(page)
        return without_lab_cells(notebook)

    return hook
