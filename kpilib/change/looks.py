"""The ledger of looks: which comparisons were looked at, and which stand when all of them are counted.

Who looks at twenty differences sees one "beyond chance" by chance. The ledger keeps what was compared, each comparison
once, and holds the share of false findings among those that stand to a level (Benjamini and Hochberg). It is a plain
object: a session has its own, and it goes through JSON.

Source: Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57:289.
"""

from __future__ import annotations

import json
from ast import literal_eval
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from math import isnan, nan
from typing import TYPE_CHECKING, Any

from kpilib.errors import BadInput
from kpilib.stats.discovery import false_discovery

from .window import of_months

if TYPE_CHECKING:
    import pandas as pd

    from .compare import Comparison

#: At most so many in a hundred of the findings that stand are chance, on average.
LEVEL = 0.05


@dataclass(frozen=True)
class Look:
    """One comparison that was looked at; `p` is NaN of a total, which has no chance to be told from."""

    kpi: str
    slice: str
    window: str
    to: str
    difference: float
    p: float

    @property
    def same(self) -> tuple[str, str, str, str]:
        """What makes two looks one."""
        return self.kpi, self.slice, self.window, self.to


class Looks:
    """What a session has looked at, each comparison once, in the order of the first look.

    Examples
    --------
    >>> looks = Looks()
    >>> for region, p in (("East", 0.01), ("West", 0.04), ("East", 0.01)):
    ...     looks.add("win_rate", f"region={region}", "2026Q2", "2026Q1", 0.03, p)
    >>> looks.count, looks.stands()
    (2, [True, True])
    """

    def __init__(self, looks: Iterable[Look] = ()) -> None:
        self._looks: dict[tuple[str, str, str, str], Look] = {}
        for look in looks:
            self._looks[look.same] = look

    def __repr__(self) -> str:
        return f"Looks({self.count} comparisons, {sum(self.stands())} stand)"

    @property
    def count(self) -> int:
        """How many different comparisons were looked at."""
        return len(self._looks)

    @property
    def looks(self) -> tuple[Look, ...]:
        return tuple(self._looks.values())

    def add(self, kpi: str, slice: str, window: str, to: str, difference: float, p: float) -> None:
        """Note a look; the same one again takes the place of the first. `BadInput` for a p outside 0 to 1."""
        if not isnan(p) and not 0 <= p <= 1:
            raise BadInput(f"A p-value lies between 0 and 1; {p!r} was given for {kpi!r}.")
        look = Look(kpi, slice, window, to, float(difference), float(p))
        self._looks[look.same] = look

    def noted(self, comparison: Comparison) -> None:
        """Note what `change.compare` has compared; nothing where a side has no figure, for then nothing was seen."""
        if not isnan(comparison.difference):
            look = look_of(comparison)
            self._looks[look.same] = look

    def shown(self, key: str, p: float) -> None:
        """Note what a page has shown, by its `show.live.look_key`; the same as `compare` has noted is one look."""
        look = _of_page(key, p)
        self._looks.setdefault(look.same, look)

    def stands(self, level: float = LEVEL) -> list[bool]:
        """For each look in order, whether it stands at a share of false findings; never one without p."""
        flags: list[bool] = false_discovery([look.p for look in self._looks.values()], level)[1].tolist()
        return flags

    def frame(self, level: float = LEVEL) -> pd.DataFrame:
        """The ledger: kpi, slice, window, to, difference, p, stands; no row where nothing was compared."""
        import pandas as pd

        lines = [(*look.same, look.difference, look.p) for look in self._looks.values()]
        frame = pd.DataFrame(lines, columns=["kpi", "slice", "window", "to", "difference", "p"])
        return frame.assign(stands=pd.Series(self.stands(level), index=frame.index, dtype=bool))

    def clear(self) -> None:
        """Begin anew."""
        self._looks.clear()

    def to_json(self) -> str:
        """The ledger as text; `from_json` reads it back."""
        return json.dumps([_without_nan(asdict(look)) for look in self._looks.values()], ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Looks:
        """The ledger that `to_json` wrote; `BadInput` for what is none, for it may come from a browser."""
        try:
            read = json.loads(text)
            made = cls()
            for one in read:
                by, p = (nan if one[name] is None else float(one[name]) for name in ("difference", "p"))
                made.add(str(one["kpi"]), str(one["slice"]), str(one["window"]), str(one["to"]), by, p)
        except (ValueError, TypeError, KeyError) as error:
            raise BadInput(f"This is no ledger of looks: {error}. Give what Looks.to_json wrote.") from error
        return made


def _without_nan(look: Mapping[str, Any]) -> dict[str, Any]:
    return {name: None if isinstance(value, float) and isnan(value) else value for name, value in look.items()}


def look_of(comparison: Comparison) -> Look:
    """A comparison as the ledger names it."""
    now, before = comparison.now, comparison.before
    other = f"target {before.value:g}" if comparison.to == "target" else before.window.label
    if comparison.to == "slice":
        other = _named(before.where)
    return Look(
        comparison.kpi.path, _named(now.where), now.window.label, other, comparison.difference, comparison.p
    )  # fmt: skip


def _of_page(key: str, p: float) -> Look:
    """A page's look as the ledger names it; the page does not tell the difference."""
    kpi, now, to, *slices = literal_eval(key)
    one, other = ({name: tuple(members) for name, members in side} for side in slices)
    against = _named(other) if other != one else _window(to)
    return Look(kpi, _named(one), _window(now), against, nan, p)


def _window(months: object) -> str:
    """Months as `compare` names them, and the dimension that parts them; a target as it is written."""
    if isinstance(months, tuple) and len(months) == 3 and months[1] == "by":
        return f"{_window(months[0])} by {months[2]}"
    if isinstance(months, tuple) and len(months) == 2 and all(isinstance(month, int) for month in months):
        return of_months(months, date.max).label
    return str(months)


def _named(where: Mapping[str, tuple[str, ...]]) -> str:
    """A slice in one line: "region=East, West; segment=SMB"; "all" for the whole company."""
    kept = (f"{name}={', '.join(sorted(where[name]))}" for name in sorted(where) if where[name])
    return "; ".join(kept) or "all"
