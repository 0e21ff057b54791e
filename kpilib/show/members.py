"""A list whose values depend on another list: the members of the dimension that is chosen there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from kpilib.errors import BadInput

#: What stands between a dimension and its member in a link.
_IS = "="
#: So many members of a dimension are offered, the largest; a longer list is no list any more.
MOST = 60


@dataclass(frozen=True)
class Members:
    """Members of several dimensions, of which those of the one chosen in another list are offered.

    Parameters
    ----------
    on : str
        The list that takes the dimension: "by".
    of : mapping of str to sequence of str
        The members of each dimension, in the order of the list.
    starts : mapping of str to str, optional
        The member that stands at first, by dimension; the first one where none is named.

    Raises
    ------
    BadInput
        No dimension, a dimension without members, or a start that is none of them.

    Examples
    --------
    >>> two = Members("by", {"region": ["East", "West"], "team": ["A"]}, starts={"region": "West"})
    >>> two.offered
    ('region=West', 'region=East', 'team=A')
    >>> two.settled("region=East", "team"), two.settled("region=East", "region")
    ('team=A', 'region=East')
    """

    on: str
    of: Mapping[str, Sequence[str]]
    starts: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.of or not all(len(members) for members in self.of.values()):
            raise BadInput(f"A list of members needs dimensions that have members; {dict(self.of)!r} was given.")
        for name, start in self.starts.items():
            if start not in self.of.get(name, ()):
                raise BadInput(f"{start!r} is none of the members of {name!r} to start from.")

    @cached_property
    def offered(self) -> tuple[str, ...]:
        """All members of all dimensions, as a link has them; that of the start first."""
        every = [name + _IS + member for name, members in self.of.items() for member in members]
        first = self.start(next(iter(self.of)))
        return (first, *(one for one in every if one != first))

    def start(self, dimension: str) -> str:
        """The value that stands at first for a dimension; that of the first dimension where it has none."""
        name = dimension if dimension in self.of else next(iter(self.of))
        return name + _IS + self.starts.get(name, self.of[name][0])

    def settled(self, value: str, dimension: str) -> str:
        """The value, if it is of the dimension; else the one at the start of that."""
        return value if dimension_of(value) == dimension else self.start(dimension)

    def listed(self) -> list[tuple[str, str, str]]:
        """Each value in the order of the list, with its dimension and its member."""
        return [(name + _IS + member, name, member) for name, members in self.of.items() for member in members]


def dimension_of(value: str) -> str:
    """The dimension that a value of the list is of.

    Examples
    --------
    >>> dimension_of("region=East"), member_of("region=East=1")
    ('region', 'East=1')
    """
    return value.partition(_IS)[0]


def member_of(value: str) -> str:
    """The member that a value of the list names."""
    return value.partition(_IS)[2]
