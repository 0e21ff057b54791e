"""What happens to a notebook with a kernel of its own between the file and the kernel: Voilà's `prelaunch_hook`.

The cells of the lab leave before anything runs; the page learns its title, its neighbours and its data.
"""

from collections.abc import Callable
from typing import Any

from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_code_cell

from kpilib.serve.gallery import LAB, has_formula
from kpilib.serve.site import Site

QUIET = "import kpilib.serve.viewer as _viewer\n_viewer.keep_tracebacks_here()\ndel _viewer"


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


def prelaunch(site: Site) -> Callable[..., NotebookNode]:
    """The hook that Voilà calls before it starts a kernel.

    Parameters
    ----------
    site : Site
        Whose pages these are.

    Returns
    -------
    callable
        `hook(request_handler, notebook, cwd)`, which returns the notebook that runs.
    """

    def hook(handler: Any, notebook: NotebookNode, cwd: str) -> NotebookNode:
        path = handler.path_args[0] if handler.path_args else ""
        page = site.around(path, handler.reader)
        page["math"] = any(has_formula(cell.source) for cell in notebook.cells if cell.cell_type == "markdown")
        notebook.metadata["title"] = page["title"]
        notebook.metadata["kpi_page"] = from_dict(
            {**page, "texts": dict(page["texts"]), "host": site.host("", page["lang"])}
        )
        return without_lab_cells(notebook)

    return hook
