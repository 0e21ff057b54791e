"""The lists of one figure: what it is broken down by. A choice changes that figure and nothing else of the page.

A list of numbers is a slider, with its value beside it in words.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from kpilib.errors import BadInput, unknown
from kpilib.language import N_
from kpilib.model.dimensions import DIMENSIONS, NOT_GIVEN

from .markup import Html, element
from .members import Members, dimension_of, member_of
from .slides import Slide, name, numbers
from .words import Words, low

#: What a figure may offer: texts, numbers on a slider, or the members of the dimension in another list.
Offer: TypeAlias = Sequence[str] | Sequence[float] | Slide | Members

# Values of lists that are no dimensions and have a longer name.
_NAMED = {"period": N_("Period"), "most": N_("What explains most"), "factors": N_("Factors")}
# What the common lists are called, and how their choice is said below the figure.
_CALLED = {
    "by": (N_("Broken down by"), N_("by {value}")),
    "measure": (N_("Measure"), N_("showing {value}")),
    "outcome": (N_("Deals"), N_("deals {value}")),
    "shown": (N_("Shown by"), N_("by {value}")),
    "target": (N_("Target"), N_("target {value}")),
    "moved": (N_("Moved above"), N_("{value} moved above the threshold")),
    "due": (N_("Due"), N_("due {value}")),
    "dots": (N_("Dots"), N_("with {value}")),
    "first": (N_("A"), N_("A: {value}")),
    "second": (N_("B"), N_("B: {value}")),
}


def offered(book: Any, names: Iterable[str], panel: str | None = None) -> list[str]:
    """Those of the dimensions in which these data have two members or more; the first alone where none has.

    With a `panel`, its rows are looked at, and not those of deals, order lines and activities.
    """
    names = list(names)
    several = [name for name in names if len(set(book.members(name, panel)["member"]) - {NOT_GIVEN}) > 1]
    return several or names[:1]


class Choices:
    """The lists beside a figure.

    Parameters
    ----------
    offered : mapping of str to sequence of str, sequence of float, Slide, or Members
        For each argument of the draw function the values it may take, the first of them at the start:
        ``{"by": ["owner", "region"]}``. A dimension is shown by its label, numbers are a slider:
        ``{"moved": Slide([0, 0.1, 0.2], start=0.1, unit="share")}``. `Members` are those of the dimension that another
        list has, which stands before it.
    """

    def __init__(self, offered: Mapping[str, Offer]) -> None:
        self.slides: dict[str, Slide] = {}
        self.members: dict[str, Members] = {}
        self.offered: dict[str, tuple[str, ...]] = {}
        for own, values in offered.items():
            if isinstance(values, Members):
                self.members[own], self.offered[own] = values, values.offered
                continue
            if isinstance(values, str) or not (isinstance(values, Slide) or len(values)):
                raise BadInput(f"The choice {own!r} needs a list of values; {values!r} was given.")
            slide = values if isinstance(values, Slide) else Slide(values) if numbers(values) else None
            if slide is not None:
                self.slides[own] = slide
            self.offered[own] = tuple(map(str, values)) if slide is None else slide.offered  # type: ignore[arg-type]

    def chosen(self, given: Mapping[str, str]) -> dict[str, str]:
        """What stands in each list: ``{"by": "owner"}``, the first values where none is given."""
        stands = {own: given.get(own, values[0]) for own, values in self.offered.items()}
        # A member of another dimension was chosen before the dimension was.
        return stands | {own: one.settled(stands[own], stands[one.on]) for own, one in self.members.items()}

    def arguments(self, given: Mapping[str, str]) -> dict[str, str | float]:
        """The arguments for the draw function: as `chosen`, a slider's as the number that it is."""
        chosen = self.chosen(given)
        return {own: self.slides[own].value(one) if own in self.slides else one for own, one in chosen.items()}

    def checked(self, given: Mapping[str, str | float]) -> dict[str, str]:
        """The given values; `UnknownName` for a list or a value that is not offered."""
        texts = {own: value if isinstance(value, str) else name(value) for own, value in given.items()}
        for own, value in texts.items():
            if own not in self.offered:
                raise unknown("choice of this figure", own, self.offered)
            if value not in self.offered[own]:
                raise unknown(f"value of {own!r}", value, self.offered[own])
        return texts

    def text(self, given: Mapping[str, str], words: Words) -> str:
        """The choice in words: "by salesperson", "showing margin rate"; empty text without lists."""
        return ", ".join(
            _told(own, self._said(own, value, words), words) if own in self.slides else _told(own, value, words)
            for own, value in self._plain(self.chosen(given), words).items()
        )

    def html(self, given: Mapping[str, str], words: Words) -> list[Html]:
        """A labelled list each; a list of one value leaves no choice and is not shown."""
        chosen = self.chosen(given)
        several = {own: values for own, values in self.offered.items() if len(values) > 1}
        return [self._html(own, values, chosen, words) for own, values in several.items()]

    def _html(self, own: str, values: tuple[str, ...], chosen: Mapping[str, str], words: Words) -> Html:
        if own in self.slides:
            return _slider(own, self.slides[own], chosen[own], words)
        if own in self.members:
            return _members(own, self.members[own], chosen, words)
        return _list(own, values, chosen[own], words)

    def _plain(self, chosen: Mapping[str, str], words: Words) -> dict[str, str]:
        """What is chosen, members without their dimension."""
        return {own: member_said(value, words) if own in self.members else value for own, value in chosen.items()}

    def _said(self, own: str, value: str, words: Words) -> str:
        return self.slides[own].said(words)[self.slides[own].names.index(value)]


def said(value: str, words: Words = Words()) -> str:
    """A value as a reader sees it: a dimension's label, else the value itself."""
    return words.dimension(value) if value in DIMENSIONS else words.say(_NAMED.get(value, value))


def member_said(value: str, words: Words = Words()) -> str:
    """A value of a list of members as a reader sees it: the member alone."""
    return words.member(dimension_of(value), member_of(value))


def _members(own: str, members: Members, chosen: Mapping[str, str], words: Words) -> Html:
    """All members of all dimensions; the page's script shows those of the dimension chosen in the other list."""
    now, of = chosen[own], dimension_of(chosen[own])
    options = [
        element(
            "option", member_said(value, words), value=value, selected=True if value == now else None, data_of=name,
            hidden=True if name != of else None, disabled=True if name != of else None,
        )
        for value, name, _ in members.listed()
    ]  # fmt: skip
    listed = element("select", *options, data_list=own, data_on=members.on, autocomplete="off")
    return element("label", element("span", _title(own, words)), " ", listed, class_="kpi-list")


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


def _slider(own: str, slide: Slide, chosen: str, words: Words) -> Html:
    """Named by what it moves; what it says is said to those who hear it, and stands beside it for those who see it."""
    texts, title = slide.said(words), _title(own, words)
    now = texts[slide.names.index(chosen)]
    bar = element(
        "input", type="range", min=slide.names[0], max=slide.names[-1], step=slide.step, value=chosen,
        aria_label=title, aria_valuetext=now, data_list=own, data_said=json.dumps(texts, ensure_ascii=False),
        autocomplete="off",
    )  # fmt: skip
    output = element("output", now, aria_hidden="true")
    return element("label", element("span", title), " ", bar, " ", output, class_="kpi-list kpi-slide")


def _title(name: str, words: Words) -> str:
    if name in _CALLED:
        return words.say(_CALLED[name][0])
    return words.dimension(name) if name in DIMENSIONS else name[:1].upper() + name[1:].replace("_", " ")


def _told(name: str, value: str, words: Words) -> str:
    """A choice inside a sentence; the member of a dimension keeps its letters, all else starts low."""
    if name in DIMENSIONS:
        return f"{_title(name, words).lower()} {value}"
    if name in _CALLED:
        # A member keeps its letters.
        return words.say(_CALLED[name][1], value=value if name in ("first", "second") else low(said(value, words)))
    return f"{_title(name, words).lower()} {low(said(value, words))}"
