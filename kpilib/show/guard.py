"""Simpson's guard on what a page shows: whether the parts say the opposite of the whole.

Asked only where a change is beyond chance, of the cubes alone, and remembered: a page shows the same comparisons to
many readers.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

from kpilib.errors import KpilibError
from kpilib.periods import Months

from .live import look_key
from .view import FILTERS, View

#: The dimensions that are looked into: those by which a reader can look for himself, and where a deal came from. All
#: others follow from them or cut finer; `book.explain` searches them too.
LOOKED_INTO = (*FILTERS, "source")
#: So many answers are remembered for each book.
REMEMBERED = 2048
Where: TypeAlias = Mapping[str, Sequence[str]]
_known: WeakKeyDictionary[Any, OrderedDict[Any, str]] = WeakKeyDictionary()


def reversed_by(
    view: View, kpi: Any, before: Months, now: Months, where: Where | None = None, against: Where | None = None
) -> str:
    """The dimension whose parts say the opposite of the whole; empty text where none does, or where it cannot be said.

    Parameters
    ----------
    view : View
        Its members are the slice; its period is not looked at.
    before, now : (int, int)
        The months that are compared.
    where, against : mapping of str to sequence of str, optional
        The slice of either side, where it is not the view's: A and B.
    """
    if kpi.total or kpi.powers or kpi.estimator:
        return ""
    where = view.where if where is None else where
    key = look_key(kpi, now, before, where, against)
    kept = _known.setdefault(view.book, OrderedDict())
    if key not in kept:
        kept[key] = _asked(view, kpi, before, now, where, against)
        while len(kept) > REMEMBERED:
            kept.popitem(last=False)
    return kept[key]


def _asked(view: View, kpi: Any, before: Months, now: Months, where: Where, against: Where | None) -> str:
    from kpilib.change.search import dimensions
    from kpilib.change.simpson import reversal

    single = tuple(name for name, members in where.items() if len(members) == 1)
    tried = [name for name in dimensions(kpi, (*single, *(against or {}))) if name in LOOKED_INTO]
    try:
        return reversal(view.book, kpi.key, before, now, where=dict(where) or None, dimensions=tried, against=against)
    except KpilibError:
        return ""
