"""Why a KPI changed between two windows: what the mix of its parts did, and what the parts' own rates did.

A ratio is split by Kitagawa's method, a total into its members' contributions, a product of KPIs by factor. The pieces
add up to the change. A split is arithmetic: it says where a change lies, not what caused it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kpilib.catalogue.kpi import Kpi
from kpilib.change import search as searching
from kpilib.change.members import Asked, Members, Where, add_up, members
from kpilib.change.question import Period, Value, asked, difference, shares, values
from kpilib.change.refusal import FACTORS_ONLY, MANY, NONE, OVERLAP, refusal
from kpilib.change.simpson import opposite
from kpilib.change.window import Window
from kpilib.errors import unknown
from kpilib.model.panels import panel
from kpilib.stats.decomposition import Split, band, without
from kpilib.stats.intervals import Floats

if TYPE_CHECKING:
    import pandas as pd

#: A dimension that is asked for may have so many members at most.
MOST = 500
_NAN = float("nan")


@dataclass(frozen=True)
class Part:
    """What one member did to the change.

    Weights are shares of all that is below the line (of a total: shares of it); rates are in the KPI's unit, NaN on a
    side on which the member is absent. `without` is the change of the whole had the member been left out (a factor: had
    it stayed what it was).
    """

    member: str
    weight_before: float
    weight_now: float
    rate_before: float
    rate_now: float
    mix: float
    mix_low: float
    mix_high: float
    rate: float
    rate_low: float
    rate_high: float
    without: float

    @property
    def contribution(self) -> float:
        """What the member did to the change, mix and rate together."""
        return self.mix + self.rate


@dataclass(frozen=True)
class Explanation:
    """A change and its parts: `sum(mix) + sum(rate)` of the parts is `total`.

    `p` says how often chance alone would make a dimension look as explaining as this one, the search among the
    dimensions `searched` taken into account; NaN where it was not tested. `together` are the parts that
    stand for members merged in between. Of a product of KPIs the parts are its factors.
    """

    kpi: Kpi
    before: Window
    now: Window
    dimension: str
    total: float
    low: float
    high: float
    mix: float
    mix_low: float
    mix_high: float
    rate: float
    rate_low: float
    rate_high: float
    parts: tuple[Part, ...]
    searched: tuple[str, ...]
    p: float
    reversed: bool
    before_value: float = _NAN
    now_value: float = _NAN
    together: tuple[str, ...] = ()
    currency: str = "EUR"

    @property
    def proposed(self) -> bool:
        """Whether the dimension explains something beyond chance."""
        return self.p < searching.LEVEL

    def said(self, locale: str = "en") -> str:
        """The explanation in sentences: a reversal first, then the change and its pieces, then how sure one can be."""
        from kpilib.change.explain_said import said

        return said(self, locale)

    def frame(self) -> pd.DataFrame:
        """The parts, the largest contribution first; columns as `Part`, and `contribution`.

        Its attrs: said (the sentences), kpi, unit, dimension, before and now (labels), total, mix, rate and their
        intervals, p, searched, reversed.
        """
        import pandas as pd

        lines = [{**vars(part), "contribution": part.contribution} for part in self.parts]
        made = pd.DataFrame(lines).sort_values("contribution", key=abs, ascending=False, ignore_index=True)
        names = ("dimension", "total", "low", "high", "mix", "mix_low", "mix_high", "rate", "rate_low", "rate_high",
                 "p", "searched", "reversed")  # fmt: skip
        made.attrs = {
            "kpi": self.kpi.path, "unit": self.kpi.unit, "before": self.before.label, "now": self.now.label,
            "said": self.said(), **{name: getattr(self, name) for name in names},
        }  # fmt: skip
        return made


def explained(
    book: Any, key: str, before: Period, now: Period, by: str | None = None, where: Where = None,
    variant: str | None = None,
) -> Explanation:  # fmt: skip
    """Why a KPI changed from one window to another.

    Parameters
    ----------
    book : Book
    key, variant : str
        A KPI of the catalogue, and another definition of it.
    before, now : str, tuple of int, or Window
        "2026Q1", (first month, last month), or a window of whole months. A month that is not over is left out of both.
    by : str, optional
        The dimension. Without it, those that have 2 to 60 members are searched and the one that explains most is taken;
        `p` then says whether it does beyond chance.
    where : mapping, optional
        Dimension → member or members to keep.

    Returns
    -------
    Explanation

    Raises
    ------
    UnknownName, BadInput
        A name or a period that does not exist.
    CannotAnswer
        A KPI that is no sum of parts; a side without rows; a dimension whose members do not add up (orders by product).
    """
    kpi = book._find(key, variant)
    question, first, last = asked(book, kpi, before, now, where)
    if kpi.derived:
        from kpilib.change.factors import by_factor

        if by:
            raise refusal(FACTORS_ONLY, kpi, dimension=repr(by))
        return by_factor(question, first, last)
    both = values(question)
    found, searched, p = _by(question, by) if by else _searched(question)
    pieces = found.split or _contributions(found.members)
    total = _total(kpi, pieces, both)
    error = (pieces.mix_total_error, pieces.rate_total_error)
    mix, rate = (_end(float(one.sum()), e) for one, e in zip((pieces.mix, pieces.rate), error, strict=True))
    turned = found.split is not None and opposite(total, rate, found.split)
    parts = _parts(kpi, found.members, pieces)
    return Explanation(
        kpi, first, last, found.dimension, *total, *mix, *rate, parts, searched, p, turned,
        both[0][0], both[1][0], found.members.together, book.currency,
    )  # fmt: skip


def _by(question: Asked, dimension: str) -> tuple[searching.Tried, tuple[str, ...], float]:
    """The dimension that was asked for, tested alone."""
    offered = panel(question.kpi.table).dimensions
    if dimension not in offered:
        raise unknown(f"dimension of {question.kpi.key!r}", dimension, offered)
    found = members(question, dimension)
    assert found is not None
    if len(found) > MOST:
        raise refusal(MANY, question.kpi, n=f"{len(found):,}", dimension=dimension, most=MOST)
    if not add_up(question, found):
        raise refusal(OVERLAP, question.kpi, dimension=dimension)
    tried = searching.tried(question.kpi, dimension, found)
    return tried, (dimension,), tried.p


def _searched(question: Asked) -> tuple[searching.Tried, tuple[str, ...], float]:
    """The dimension that explains most of all that can be tried."""
    found = searching.search(question)
    if not found:
        raise refusal(NONE, question.kpi, most=searching.MOST)
    return found[0], tuple(one.dimension for one in found), searching.corrected(found)


def _total(kpi: Kpi, pieces: Split, both: tuple[Value, Value]) -> Value:
    """The change as the sum of its pieces, with the interval of the difference of both values."""
    _, low, high = difference(*both)
    return float(pieces.mix.sum() + pieces.rate.sum()), low, high


def _contributions(found: Members) -> Split:
    """A total has no mix: each member's part is what it has more or less; a fact, without an interval."""
    nothing = np.full(len(found), np.nan)
    return Split(np.zeros(len(found)), found.now.n - found.before.n, nothing, nothing, _NAN, _NAN)


def _end(value: float, error: float) -> Value:
    low, high = band(value, error)
    return value, float(low), float(high)


def _parts(kpi: Kpi, found: Members, pieces: Split) -> tuple[Part, ...]:
    """Each member with its weights, its rates and what they did."""
    if kpi.total:
        total = float((found.now.n - found.before.n).sum())
        columns = [*(shares(one.n) for one in (found.before, found.now)), found.before.n, found.now.n]
        rest = total - pieces.rate
    else:
        columns = [found.before.weights, found.now.weights, found.before.rates, found.now.rates]
        rest = without(found.before, found.now)
    mix, rate = (_banded(*one) for one in ((pieces.mix, pieces.mix_error), (pieces.rate, pieces.rate_error)))
    lines = zip(found.names, *columns, *mix, *rate, rest, strict=True)
    return tuple(Part(name, *(float(number) for number in numbers)) for name, *numbers in lines)


def _banded(values: Floats, errors: Floats) -> tuple[Floats, Floats, Floats]:
    return values, *band(values, errors)
