"""The lists of one figure: what it is broken down by. A choice changes that figure and nothing else of the page."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import ipywidgets as w

from kpilib.errors import BadInput, unknown
from kpilib.model.dimensions import DIMENSIONS, NOT_GIVEN

from .words import low

# What the common lists are called, and how their choice is said below the figure.
_CALLED = {"by": ("Broken down by", "by {}"), "measure": ("Measure", "showing {}"), "outcome": ("Deals", "deals {}")}


def offered(book: Any, names: Iterable[str]) -> list[str]:
    """Those of the dimensions in which these data have two members or more; the first alone where none has."""
    names = list(names)
    several = [name for name in names if len(set(book.members(name)["member"]) - {NOT_GIVEN}) > 1]
    return several or names[:1]


class Choices:
    """The lists beside a figure, and what is chosen in them.

    Parameters
    ----------
    offered : mapping of str to sequence of str
        For each argument of the draw function the values it may take, the first of them at the start:
        ``{"by": ["owner", "region"]}``. A dimension is shown by its label.
    changed : callable
        Called without arguments after a choice.
    """

    def __init__(self, offered: Mapping[str, Sequence[str]], changed: Callable[[], None]) -> None:
        self.lists: dict[str, w.Dropdown] = {}
        for name, values in offered.items():
            if isinstance(values, str) or not values:
                raise BadInput(f"The choice {name!r} needs a list of values; {values!r} was given.")
            made = w.Dropdown(options=[(said(v), v) for v in values], description=_title(name))
            made.add_class("kpi-filter").add_class(f"kpi-choice-{name}")
            made.observe(lambda _: changed(), names="value")
            self.lists[name] = made
        #: What a page shows; a list of one value leaves no choice.
        self.widget = w.HBox([one for one in self.lists.values() if len(one.options) > 1])
        self.widget.add_class("kpi-filters").add_class("kpi-choices")

    @property
    def chosen(self) -> dict[str, str]:
        """The arguments for the draw function: ``{"by": "owner"}``."""
        return {name: widget.value for name, widget in self.lists.items()}

    @property
    def text(self) -> str:
        """The choice in words: "by salesperson", "showing margin rate"; empty text without lists."""
        return ", ".join(_told(name, value) for name, value in self.chosen.items())

    def choose(self, **values: str) -> None:
        """Set choices from code: ``choose(by="region")``; `UnknownName` for a list or a value that is not offered."""
        for name, value in values.items():
            if name not in self.lists:
                raise unknown("choice of this figure", name, self.lists)
            offered = [one for _, one in self.lists[name].options]
            if value not in offered:
                raise unknown(f"value of {name!r}", value, offered)
        for name, value in values.items():
            self.lists[name].value = value


def said(value: str) -> str:
    """A value as a reader sees it: a dimension's label, else the value itself."""
    return DIMENSIONS[value].label if value in DIMENSIONS else value


def _title(name: str) -> str:
    if name in _CALLED:
        return _CALLED[name][0]
    return DIMENSIONS[name].label if name in DIMENSIONS else name[:1].upper() + name[1:].replace("_", " ")


def _told(name: str, value: str) -> str:
    """A choice inside a sentence; the member of a dimension keeps its letters, all else starts low."""
    if name in DIMENSIONS:
        return f"{_title(name).lower()} {value}"
    return _CALLED.get(name, ("", f"{_title(name).lower()} {{}}"))[1].format(low(said(value)))
