"""What the notebooks of a folder say of themselves: title, question, place in the gallery.

Reads the files and nothing else; no kernel, no web server.
"""

import json
import math
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from kpilib.errors import BadInput
from kpilib.serve.places import check_folder

SECTIONS = {"": "", "lessons": "Lessons"}
"""Folders that are shown, relative to the notebooks' folder, with the heading each has in the gallery."""

LAB = "lab"
"""Tag of the cells that only an analyst in JupyterLab runs and sees."""
FORMULA = re.compile(r"\$\$.+?\$\$|(?<![\\$\w])\$(?![\s$])[^$\n]*(?<![\s\\])\$(?![\d$])|\\\(|\\\[|\\begin\{", re.DOTALL)


@dataclass(frozen=True)
class Card:
    """One notebook as the gallery shows it.

    Attributes
    ----------
    path : str
        Where it is, relative to the notebooks' folder, with forward slashes.
    title : str
        Its own title: `metadata.kpi.title`, else the first heading, else the file's name made readable.
    question : str
        What it answers, one sentence; empty when the notebook does not say.
    section : str
        Heading it stands under; empty for the main notebooks.
    order : float
        `metadata.kpi.order`; infinite when it is not given.
    headline : tuple of str
        `metadata.kpi.headline`: keys of the KPIs whose values the gallery shows on the card.
    """

    path: str
    title: str
    question: str
    section: str = ""
    order: float = math.inf
    headline: tuple[str, ...] = ()


def cards(folder: Path | str) -> list[Card]:
    """The notebooks that are served, in the order in which the gallery shows them.

    Main notebooks come before lessons; within each, those with an `order` first, then by file name.

    Parameters
    ----------
    folder : path
        The notebooks' folder. Hidden files and folders other than `lessons` are not looked at.

    Returns
    -------
    list of Card
        Empty when there is no notebook.

    Raises
    ------
    BadInput
        The folder does not exist, or a file in it is not a notebook.
    """
    folder = check_folder(folder)
    found = [
        card_of(file, folder, heading)
        for sub, heading in SECTIONS.items()
        for file in sorted((folder / sub).glob("*.ipynb"))
        if not file.name.startswith(".")
    ]
    return sorted(found, key=lambda card: (card.section, card.order, card.path))


def card_of(file: Path, folder: Path, section: str = "") -> Card:
    """One notebook's card.

    Parameters
    ----------
    file, folder : Path
        The notebook, and the folder its path is told from.
    section : str
        Heading it stands under.

    Raises
    ------
    BadInput
        The file is not a notebook.
    """
    status = file.stat()
    return _card(file, folder, section, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=256)
def _card(file: Path, folder: Path, section: str, time: int, size: int) -> Card:
    """The card; the file is read again only when its time or size changed."""
    notebook = read(file)
    said = notebook.get("metadata", {}).get("kpi") or {}
    heading, sentence = opening(notebook)
    order = said.get("order")
    return Card(
        path=file.relative_to(folder).as_posix(),
        title=said.get("title") or heading or _readable(file.stem),
        question=said.get("question") or sentence,
        section=section,
        order=math.inf if order is None else float(order),
        headline=tuple(str(key) for key in said.get("headline") or ()),
    )


def read(file: Path) -> dict[str, Any]:
    """A notebook file as a dictionary; BadInput with the file, line and column when it is not one."""
    try:
        notebook = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as why:
        raise BadInput(f"'{file}' is not a notebook: {why}. Save it again from JupyterLab, or take it away.") from why
    if not isinstance(notebook, dict) or "cells" not in notebook:
        raise BadInput(f"'{file}' is not a notebook: it has no cells. Save it again from JupyterLab, or take it away.")
    return notebook


def opening(notebook: dict[str, Any]) -> tuple[str, str]:
    """The first heading and the first sentence of the prose, without marks; empty texts where there is none.

    Examples
    --------
    >>> opening({"cells": [{"cell_type": "markdown", "source": ["# Churn\\n", "\\n", "Who **left**? And why?"]}]})
    ('Churn', 'Who left?')
    """
    prose = "\n\n".join(source(cell) for cell in notebook["cells"] if cell.get("cell_type") == "markdown")
    heading = re.search(r"^#+\s+(.+?)\s*#*$", prose, re.MULTILINE)
    blocks = (block.strip() for block in re.split(r"\n\s*\n|^#.*$", prose, flags=re.MULTILINE))
    first = next((block for block in blocks if block and not block.startswith(("#", "|", "<", "!", "```"))), "")
    sentence = re.split(r"(?<=[.?!])\s", _plain(first), maxsplit=1)[0]
    return _plain(heading.group(1)) if heading else "", sentence


def source(cell: dict[str, Any]) -> str:
    """A cell's text, which a file may hold as one text or as a list of lines."""
    text = cell.get("source", "")
    return text if isinstance(text, str) else "".join(text)


def has_formula(markdown: str) -> bool:
    """Whether prose needs MathJax; an amount of money does not.

    Examples
    --------
    >>> has_formula("Let $p = k/n$."), has_formula("From $5 to $7."), has_formula("`$x$`")
    (True, False, False)
    """
    return bool(FORMULA.search(re.sub(r"```.*?```|`[^`\n]*`", "", markdown, flags=re.DOTALL)))


def _plain(markdown: str) -> str:
    linked = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", markdown)
    unmarked = re.sub(r"^\s*(?:[>*+-]|\d+\.)\s+|[*`]|(?<!\w)_|_(?!\w)", "", linked)
    return re.sub(r"\s+", " ", unmarked).strip()


def _readable(stem: str) -> str:
    words = re.sub(r"^\d+[_ -]*", "", stem).replace("_", " ").replace("-", " ").strip() or stem
    return words[:1].upper() + words[1:]
