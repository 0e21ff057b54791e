"""Simpson's guard on what a page shows: whether the parts say something else than the whole.

Asked of the cubes alone, and remembered: a page shows the same comparisons to many readers. A change beyond chance is
looked into by every dimension whose cells are few enough to be added up in a fraction of a millisecond; one within
chance, which parts may contradict too, by those alone by which a reader can look for himself.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

from kpilib.change.simpson import Turn
from kpilib.errors import KpilibError
from kpilib.periods import Months
from kpilib.recent import Recent

from .live import look_key
from .view import FILTERS, View

#: A dimension of which a cube has more cells is left to `book.explain`: a page of ten tiles would wait for it.
MOST_CELLS = 20_000
#: So many rows of what cuts across entities are read for those by which a reader can look himself.
MOST_READ = 1_000_000
#: Where the whole shows nothing, these are looked into.
LOOKED_INTO = (*FILTERS, "source")
#: So many answers are remembered for each book.
REMEMBERED = 2048
Where: TypeAlias = Mapping[str, Sequence[str]]
_known: WeakKeyDictionary[Any, Recent[Any, Turn | None]] = WeakKeyDictionary()


def turned(
    view: View, kpi: Any, before: Months, now: Months, beyond: bool, where: Where | None = None,
    against: Where | None = None,
) -> Turn | None:  # fmt: skip
    """What the parts of a dimension say else than the whole; None where none does, or where it cannot be said.

    Parameters
    ----------
    view : View
        Its members are the slice; its period is not looked at.
    before, now : (int, int)
        The months that are compared.
    beyond : bool
        Whether the change is beyond chance: then every dimension is looked into that can be answered in no time.
    where, against : mapping of str to sequence of str, optional
        The slice of either side, where it is not the view's: A and B.
    """
    if kpi.total or kpi.powers or kpi.estimator:
        return None
    where = view.where if where is None else where
    key = look_key(kpi, now, before, where, against)
    kept = _known.setdefault(view.book, Recent(REMEMBERED))
    if key not in kept:
        kept[key] = _asked(view, kpi, before, now, beyond, where, against)
    return kept[key]


def _asked(
    view: View, kpi: Any, before: Months, now: Months, beyond: bool, where: Where, against: Where | None
) -> Turn | None:
    from kpilib.change.search import dimensions
    from kpilib.change.simpson import turn

    single = tuple(name for name, members in where.items() if len(members) == 1)
    cubes = view.book.cubes
    sliced = (*where, *(against or {}))

    def looked_into(name: str) -> bool:
        """Whether a dimension has a mix, is one to look into, and is answered in no time."""
        shown = name in LOOKED_INTO
        if cubes is None or not (shown or beyond):
            return shown or beyond
        several = name not in cubes.labels or len(cubes.labels[name]) > 1
        return several and cubes.cells(kpi, (name, *sliced)) <= (MOST_READ if shown else MOST_CELLS)

    tried = [name for name in dimensions(kpi, (*single, *(against or {}))) if looked_into(name)]
    try:
        return turn(view.book, kpi.key, before, now, where=dict(where) or None, dimensions=tried, against=against)
    except KpilibError:
        return None
