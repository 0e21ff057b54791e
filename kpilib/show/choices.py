"""The lists of one figure: what it is broken down by. A choice changes that figure and nothing else of the page."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kpilib.errors import BadInput, unknown
from kpilib.language import N_
from kpilib.model.dimensions import DIMENSIONS, NOT_GIVEN

from .markup import Html, element
from .words import Words, low

# What the common lists are called, and how their choice is said below the figure.
_CALLED = {
    "by": (N_("Broken down by"), N_("by {value}")),
    "measure": (N_("Measure"), N_("showing {value}")),
    "outcome": (N_("Deals"), N_("deals {value}")),
}


def offered(book: Any, names: Iterable[str]) -> list[str]:
    """Those of the dimensions in which these data have two members or more; the first alone where none has."""
    names = list(names)
    several = [name for name in names if len(set(book.members(name)["member"]) - {NOT_GIVEN}) > 1]
    return several or names[:1]


class Choices:
    """The lists beside a figure.

    Parameters
    ----------
    offered : mapping of str to sequence of str
        For each argument of the draw function the values it may take, the first of them at the start:
        ``{"by": ["owner", "region"]}``. A dimension is shown by its label.
    """

    def __init__(self, offered: Mapping[str, Sequence[str]]) -> None:
        for name, values in offered.items():
            if isinstance(values, str) or not values:
                raise BadInput(f"The choice {name!r} needs a list of values; {values!r} was given.")
        self.offered = {name: tuple(values) for name, values in offered.items()}

    def chosen(self, given: Mapping[str, str]) -> dict[str, str]:
        """The arguments for the draw function: ``{"by": "owner"}``, the first values where none is given."""
        return {name: given.get(name, values[0]) for name, values in self.offered.items()}

    def checked(self, given: Mapping[str, str]) -> dict[str, str]:
        """The given values; `UnknownName` for a list or a value that is not offered."""
        for name, value in given.items():
            if name not in self.offered:
                raise unknown("choice of this figure", name, self.offered)
            if value not in self.offered[name]:
                raise unknown(f"value of {name!r}", value, self.offered[name])
        return dict(given)

    def text(self, given: Mapping[str, str], words: Words) -> str:
        """The choice in words: "by salesperson", "showing margin rate"; empty text without lists."""
        return ", ".join(_told(name, value, words) for name, value in self.chosen(given).items())

    def html(self, given: Mapping[str, str], words: Words) -> list[Html]:
        """A labelled list each; a list of one value leaves no choice and is not shown."""
        chosen = self.chosen(given)
        return [_list(name, values, chosen[name], words) for name, values in self.offered.items() if len(values) > 1]


def said(value: str, words: Words = Words()) -> str:
    """A value as a reader sees it: a dimension's label, else the value itself."""
    return words.dimension(value) if value in DIMENSIONS else words.say(value)


def _list(name: str, values: Sequence[str], chosen: str, words: Words) -> Html:
    options = [
        element("option", said(value, words), value=value, selected=True if value == chosen else None)
        for value in values
    ]
    return element(
        "label",
        element("span", _title(name, words)),
        " ",
        element("select", *options, data_list=name),
        class_="kpi-list",
    )


def _title(name: str, words: Words) -> str:
    if name in _CALLED:
        return words.say(_CALLED[name][0])
    return words.dimension(name) if name in DIMENSIONS else name[:1].upper() + name[1:].replace("_", " ")


def _told(name: str, value: str, words: Words) -> str:
    """A choice inside a sentence; the member of a dimension keeps its letters, all else starts low."""
    if name in DIMENSIONS:
        return f"{_title(name, words).lower()} {value}"
    if name in _CALLED:
        return words.say(_CALLED[name][1], value=low(said(value, words)))
    return f"{_title(name, words).lower()} {low(said(value, words))}"
