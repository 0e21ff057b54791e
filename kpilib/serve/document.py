"""A notebook that was run: its prose, the pieces of its page, and what else its cells showed. Only a worker imports it.

A page of kpilib's own pieces needs no kernel for each visitor: what the pieces show is asked of the `Page` that stands
behind them. A notebook that shows anything else alive is `foreign`, and goes the way of Voilà.
"""

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kpilib.language import say
from kpilib.serve import outputs, shell
from kpilib.serve.faults import reference
from kpilib.serve.gallery import LAB, has_formula, read, source


@dataclass(frozen=True)
class Cell:
    """What stands in one place of the page.

    Attributes
    ----------
    kind : str
        "prose" (Markdown), "piece" (the piece's name), "html" (an output) or "error" (its reference).
    text : str
        What it holds.
    attachments : tuple
        Pictures that a Markdown cell holds.
    """

    kind: str
    text: str
    attachments: tuple[Any, ...] = ()


@dataclass
class Document:
    """A notebook as a page.

    Attributes
    ----------
    folder : Path
        Where the notebook lies.
    cells : list of Cell
        In order; what comes after an error is missing.
    page : kpilib.show.Page or None
        Answers for the pieces; None where there is none.
    foreign : bool
        Whether it shows something alive that is not a piece of `page`, or needs MathJax.
    """

    folder: Path
    cells: list[Cell] = field(default_factory=list)
    page: Any = None
    foreign: bool = False

    def said(self, locale: str) -> list[list[str]]:
        """The cells for a reader: pairs of kind and HTML, or the name of a piece, or the reference of an error."""
        return [[cell.kind, self._said(cell, locale)] for cell in self.cells]

    def _said(self, cell: Cell, locale: str) -> str:
        if cell.kind != "prose":
            return cell.text
        return outputs.prose(say(cell.text, locale), str(self.folder), cell.attachments)


def open_notebook(file: Path, seconds: float = 0) -> Document:
    """Run a notebook, without the cells of the lab, and keep what it shows.

    Parameters
    ----------
    file : Path
        The notebook.
    seconds : float
        How long a cell may take; 0 for as long as it likes.

    Raises
    ------
    BadInput
        It is not a notebook.
    """
    cells = [cell for cell in read(file)["cells"] if LAB not in cell.get("metadata", {}).get("tags", [])]
    made = Document(file.parent)
    if any(has_formula(source(cell)) for cell in cells if cell.get("cell_type") == "markdown"):
        made.foreign = True
        return made
    with inside(file.parent):
        running = shell.start()
        for cell in cells:
            made.cells += _prose(cell) if cell.get("cell_type") == "markdown" else _ran(made, cell, running, seconds)
            if made.foreign or (made.cells and made.cells[-1].kind == "error"):
                break
    return made


@contextlib.contextmanager
def inside(folder: Path) -> Iterator[None]:
    """Files and modules beside a notebook are found as in JupyterLab."""
    before = Path.cwd()
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        os.chdir(before)


def _prose(cell: dict[str, Any]) -> list[Cell]:
    held = tuple((name, tuple(bundle.items())) for name, bundle in cell.get("attachments", {}).items())
    return [Cell("prose", source(cell), held)]


def _ran(made: Document, cell: dict[str, Any], running: shell.Shell, seconds: float) -> list[Cell]:
    if cell.get("cell_type") != "code" or not source(cell).strip():
        return []
    showed, error = shell.run(running, source(cell), seconds)
    kept = [one for output in showed if (one := _kept(made, output)) is not None]
    if error is not None:
        kept.append(Cell("error", reference(error, "a cell of a notebook")))
    return kept


def _kept(made: Document, output: Any) -> Cell | None:
    if isinstance(output, str):
        return Cell("html", outputs.printed(output))
    data, metadata = output
    if shell.PIECE in data:
        return _piece(made, data[shell.PIECE])
    # A formula or a control needs the scripts that Voilà brings.
    made.foreign = made.foreign or outputs.WIDGET in data or "text/latex" in data
    html = outputs.shown(data, metadata)
    return None if html is None else Cell("html", html)


def _piece(made: Document, piece: Any) -> Cell:
    page = piece.page
    made.foreign = made.foreign or (made.page is not None and made.page is not page)
    made.page = page
    return Cell("piece", piece.name)
