"""Simpson's guard: whether the parts of a whole say the opposite of the whole. From cubes, in a few milliseconds.

Kept out of the search: a reader who compares two figures needs to know of a reversal, whatever explains the change.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from kpilib.change.members import Asked, Members, Where, add_up, members
from kpilib.change.question import Period, Value, asked, difference
from kpilib.change.search import MOST, dimensions, held
from kpilib.compute import measure
from kpilib.errors import KpilibError
from kpilib.language import N_, say
from kpilib.model.dimensions import DIMENSIONS
from kpilib.stats.decomposition import Split, band, kitagawa, like_with_like

_REVERSED = N_(
    "Take care: compared like with like by {dimension}, {kpi} goes the other way; how many there are of each turns the "
    "whole round."
)


def opposite(total: Value, rate: Value, split: Split) -> bool:
    """Whether the parts' own rates say the opposite of the whole, and not by chance.

    Parameters
    ----------
    total, rate : tuple of float
        The change of the whole and the sum of the parts' rates, each with both ends of its 95 % interval.
    split : Split
        The parts.

    Returns
    -------
    bool
        True where total and rate have opposite signs, the rate's interval leaves out zero, and either the total's does
        too or every part that is on both sides moved against the total. NaN is no reversal.

    Notes
    -----
    Source: Simpson (1951), JRSS B 13:238. A total that chance explains says nothing that the parts could contradict;
    it is reported where all parts agree against it, for then a reader would be led astray by its sign.
    """
    if not total[0] * rate[0] < 0 or not (rate[1] > 0 or rate[2] < 0):
        return False
    moved = split.rate[split.rate != 0]
    all_against = len(moved) > 1 and bool((moved * total[0] < 0).all())
    return all_against or total[1] > 0 or total[2] < 0


def reversal(
    book: Any, key: str, before: Period, now: Period, where: Where = None, dimensions: Iterable[str] | None = None,
    variant: str | None = None, against: Where = None,
) -> str:  # fmt: skip
    """The dimension whose parts say the opposite of the whole; "" where none does.

    Parameters
    ----------
    book : Book
        Where it has cubes, only these are asked.
    key, before, now, where, variant, against
        As `change.explain.explained` has them.
    dimensions : iterable of str, optional
        Those to look at; by default all of the KPI's panel with 2 to 60 members.

    Returns
    -------
    str
        Of several, the one whose parts moved furthest against the whole, in standard errors. "" for a KPI that has no
        mix (totals, products, estimates) and for windows without rows: a guard never raises for lack of data.

    Raises
    ------
    UnknownName
        A KPI, variant, dimension or member that does not exist.
    """
    kpi = book._find(key, variant)
    if kpi.total or kpi.derived or kpi.estimator or not kpi.when:
        return ""
    try:
        question = asked(book, kpi, before, now, where, against)[0]
    except KpilibError:
        return ""
    found = [(_against(question, name), name) for name in _tried(question, dimensions)]
    strength, name = max(found, default=(0.0, ""))
    return name if strength > 0 else ""


def _tried(question: Asked, given: Iterable[str] | None) -> list[str]:
    return list(given) if given is not None else dimensions(question.kpi, held(question))


def _against(question: Asked, dimension: str) -> float:
    """How many standard errors the parts' rates moved against the whole; 0 where they did not."""
    parts = members(question, dimension, engine=False)
    if parts is None or not 2 <= len(parts) <= MOST:
        return 0.0
    rate = like_with_like(parts.before, parts.now)
    if not (parts.now.rate - parts.before.rate) * rate < 0:
        return 0.0
    split = kitagawa(parts.before, parts.now)
    error = split.rate_total_error
    low, high = band(rate, error)
    turned = error > 0 and opposite(_total(question, parts), (rate, float(low), float(high)), split)
    return abs(rate) / error if turned and add_up(question, parts, engine=False) else 0.0


def _total(question: Asked, parts: Members) -> Value:
    """The change of the whole, from its members' sums."""
    both: list[Value] = []
    for sums, rows in ((parts.before, parts.rows_before), (parts.now, parts.rows_now)):
        six = np.array([rows.sum(), *(one.sum() for one in (sums.n, sums.d, sums.nn, sums.nd, sums.dd))])
        found = measure.values(question.kpi, six[:, None])
        both.append((float(found["value"][0]), float(found["low"][0]), float(found["high"][0])))
    return difference(both[0], both[1])


def warning(kpi: str, dimension: str, locale: str = "en") -> str:
    """The sentence that is said before anything else; `kpi` is the KPI's English name.

    >>> warning("Win rate", "segment").split(";")[0]
    'Take care: compared like with like by customer family, win rate goes the other way'
    """
    label = DIMENSIONS[dimension].label if dimension in DIMENSIONS else dimension
    return say(_REVERSED, locale, dimension=inside(say(label, locale)), kpi=inside(say(kpi, locale)))


def inside(name: str) -> str:
    """A name inside a sentence.

    >>> inside("Win rate"), inside("NPS")
    ('win rate', 'NPS')
    """
    return name[:1].lower() + name[1:] if name[1:2].islower() else name
