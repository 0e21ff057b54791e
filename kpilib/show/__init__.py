"""What a reader sees: filters, figures, tiles, charts, tables, computed sentences; the only importer of ipywidgets."""

from . import charts, sentences, tables
from .choices import offered
from .figure import Drawn
from .page import Page
from .slides import Slide
from .view import View
from .words import Words

__all__ = ["Drawn", "Page", "Slide", "View", "Words", "charts", "offered", "sentences", "tables"]
