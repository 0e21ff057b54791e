"""Numbers to choose from on a slider: what each is called in a link, what it says to a reader."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, TypeGuard

from kpilib.errors import BadInput
from kpilib.units import UNITS

from .charts.axes import tick_texts
from .words import Words


@dataclass(frozen=True)
class Slide:
    """A list of numbers of a figure's own, which a reader moves along.

    Parameters
    ----------
    values : sequence of float
        From the smallest to the largest, all steps alike; shares are fractions.
    start : float, optional
        Where it stands at first; the smallest, where none is given.
    unit : str
        One of `kpilib.units.UNITS`.

    Raises
    ------
    BadInput
        Fewer than two values, steps that differ, a start that is none of the values, a unit that does not exist.

    Examples
    --------
    >>> Slide([0, 0.25, 0.5], start=0.25, unit="share").names
    ('0', '0.25', '0.5')
    >>> Slide([0, 0.25, 0.5], start=0.25, unit="share").said()
    ('0%', '25%', '50%')
    """

    values: Sequence[float]
    start: float | None = None
    unit: str = "count"

    def __post_init__(self) -> None:
        given = tuple(self.values)
        object.__setattr__(self, "values", given)
        steps = [after - before for before, after in pairwise(given)]
        if not steps or min(steps) <= 0 or max(steps) - min(steps) > 1e-9 * max(map(abs, given)):
            raise BadInput(f"A slider needs two values or more that rise in equal steps; {list(given)!r} were given.")
        if self.start is not None and name(self.start) not in self.names:
            raise BadInput(f"The slider has no value {self.start!r} to start from; it has {', '.join(self.names)}.")
        if self.unit not in UNITS:
            raise BadInput(f"A slider's unit is one of {', '.join(UNITS)}; {self.unit!r} was given.")

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Each value as a link has it, and as a browser's slider writes it."""
        return tuple(name(value) for value in self.values)

    @cached_property
    def offered(self) -> tuple[str, ...]:
        """The names, that of the start first."""
        first = self.names[0] if self.start is None else name(self.start)
        return (first, *(other for other in self.names if other != first))

    @property
    def step(self) -> str:
        """How far apart two values are, as a browser's slider needs it."""
        return name(self.values[1] - self.values[0])

    def value(self, of: str) -> float:
        """The number of that name."""
        return self.values[self.names.index(of)]

    def said(self, words: Words = Words()) -> tuple[str, ...]:
        """Each value as a reader sees it, all with as many decimals as they need."""
        if self.unit in ("share", "count", "ratio", "score"):
            return tick_texts(tuple(map(float, self.values)), self.unit, words.locale)
        return tuple(words.text(value, self.unit) for value in self.values)


def name(value: float) -> str:
    """A number as a link has it: without an exponent, and without zeros at its end.

    Examples
    --------
    >>> name(20.0), name(0.15000000000000002), name(1e6)
    ('20', '0.15', '1000000')
    """
    return str(int(value)) if value == int(value) else f"{value:.10f}".rstrip("0").rstrip(".")


def numbers(values: Any) -> TypeGuard[Sequence[float]]:
    """Whether a list is one of numbers."""
    listed = not isinstance(values, str) and len(values) > 1
    return listed and all(isinstance(one, int | float) and not isinstance(one, bool) for one in values)
