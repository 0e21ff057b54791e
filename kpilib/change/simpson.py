"""Simpson's guard: whether the parts of a whole say something else than the whole. From cubes, in a few milliseconds.

The parts may say the opposite; or most of them moved one way, while the whole, whose mix moved the other way, shows
nothing beyond chance.

Kept out of the search: a reader who compares two figures needs to know of a reversal, whatever explains the change.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from kpilib.change.members import Asked, Where, add_up, members, whole
from kpilib.change.question import Period, Value, asked, difference
from kpilib.change.search import MOST, dimensions, held
from kpilib.compute import measure
from kpilib.errors import KpilibError
from kpilib.language import N_, say
from kpilib.model.dimensions import DIMENSIONS
from kpilib.stats.decomposition import Split, band, kitagawa, like_with_like
from kpilib.stats.intervals import normal_quantile

_REVERSED = N_(
    "Take care: compared like with like by {dimension}, {kpi} goes the other way; how many there are of each turns the "
    "whole round."
)
_HIDDEN = {
    1: N_(
        "Take care: compared like with like by {dimension}, {kpi} is higher in most of them, beyond chance; how many "
        "there are of each hides it in the whole."
    ),
    -1: N_(
        "Take care: compared like with like by {dimension}, {kpi} is lower in most of them, beyond chance; how many "
        "there are of each hides it in the whole."
    ),
}
OPPOSITE, HIDDEN = "opposite", "hidden"
#: A part moved beyond chance by itself where chance would move it as far in no more than so many cases.
LEVEL = 0.05


@dataclass(frozen=True)
class Turn:
    """What the parts of a dimension say, where it is something else than the whole.

    `kind` is "opposite", or "hidden" where the whole shows nothing beyond chance; `way` is 1 where the parts are higher
    now, -1 where they are lower.
    """

    dimension: str
    kind: str
    way: int


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


def hidden(total: Value, split: Split, tried: int = 1) -> int:
    """Which way most parts moved beyond chance where the whole did not: 1, -1, or 0 where they did not either.

    Parameters
    ----------
    total : tuple of float
        The change of the whole with both ends of its 95 % interval.
    split : Split
        The parts.
    tried : int
        How many dimensions were looked into (Bonferroni).

    Returns
    -------
    int
        Not 0 only where the whole's interval holds 0, the sum of the parts' rates is beyond chance, and more than half
        of the parts on both sides are beyond chance by themselves and of its sign.
    """
    rate, error = split.rate.sum(), split.rate_total_error
    if not total[1] <= 0 <= total[2] or not abs(rate) > normal_quantile(1 - LEVEL / max(tried, 1)) * error > 0:
        return 0
    way = 1 if rate > 0 else -1
    there = split.rate_error > 0
    beyond = way * split.rate[there] > normal_quantile(1 - LEVEL) * split.rate_error[there]
    return way if there.sum() > 1 and 2 * beyond.sum() > there.sum() else 0


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
        As `turn`, of those that say the opposite.

    Raises
    ------
    UnknownName
        A KPI, variant, dimension or member that does not exist.
    """
    found = turn(book, key, before, now, where, dimensions, variant, against)
    return found.dimension if found is not None and found.kind == OPPOSITE else ""


def turn(
    book: Any, key: str, before: Period, now: Period, where: Where = None, dimensions: Iterable[str] | None = None,
    variant: str | None = None, against: Where = None,
) -> Turn | None:  # fmt: skip
    """What the parts say, where it is something else than the whole; None where none does. Arguments as of `reversal`.

    Returns
    -------
    Turn or None
        Of several, the dimension whose parts moved furthest, in standard errors; one that says the opposite before one
        that the whole hides. None for a KPI that has no mix (totals, products, estimates) and for windows without rows:
        a guard never raises for lack of data.
    """
    kpi = book._find(key, variant)
    if kpi.total or kpi.derived or kpi.estimator or not kpi.when:
        return None
    try:
        question = replace(asked(book, kpi, before, now, where, against)[0], at_once=True)
    except KpilibError:
        return None
    names = _tried(question, dimensions)
    total = _total(question)
    if total is None:
        return None
    found = [one for name in names if (one := _looked(question, name, len(names), total)) is not None]
    best = max(found, key=lambda one: (one[1].kind == OPPOSITE, one[0], one[1].dimension), default=None)
    return None if best is None else best[1]


def _tried(question: Asked, given: Iterable[str] | None) -> list[str]:
    return list(given) if given is not None else dimensions(question.kpi, held(question))


def _looked(question: Asked, dimension: str, tried: int, total: Value) -> tuple[float, Turn] | None:
    """What the parts say, with how many standard errors they moved; None where they say what the whole does."""
    parts = members(question, dimension, engine=False)
    if parts is None or not 2 <= len(parts) <= MOST:
        return None
    rate = like_with_like(parts.before, parts.now)
    if not (total[0] * rate < 0 or total[1] <= 0 <= total[2]):
        return None
    split = kitagawa(parts.before, parts.now)
    error = split.rate_total_error
    low, high = band(rate, error)
    turned = error > 0 and opposite(total, (rate, float(low), float(high)), split)
    way = (1 if rate > 0 else -1) if turned else hidden(total, split, tried)
    if not way or not add_up(question, parts, engine=False):
        return None
    return abs(rate) / error, Turn(dimension, OPPOSITE if turned else HIDDEN, way)


def _total(question: Asked) -> Value | None:
    """The change of the whole; None where only the engine could tell."""
    both: list[Value] = []
    for now in (False, True):
        six = whole(question, now, engine=False)
        if six is None:
            return None
        found = measure.values(question.kpi, six[:, None])
        both.append((float(found["value"][0]), float(found["low"][0]), float(found["high"][0])))
    return difference(both[0], both[1])


def warning(kpi: str, dimension: str, locale: str = "en", hides: int = 0) -> str:
    """The sentence said before anything else; `kpi` is the KPI's English name, `hides` the way of a hidden turn.

    >>> warning("Win rate", "segment").split(";")[0]
    'Take care: compared like with like by customer family, win rate goes the other way'
    """
    label = DIMENSIONS[dimension].label if dimension in DIMENSIONS else dimension
    message = _HIDDEN[hides] if hides else _REVERSED
    return say(message, locale, dimension=inside(say(label, locale)), kpi=inside(say(kpi, locale)))


def told(found: Turn | None, kpi: str, locale: str = "en") -> str:
    """The warning of a turn; "" where there is none."""
    if found is None:
        return ""
    return warning(kpi, found.dimension, locale, found.way if found.kind == HIDDEN else 0)


def inside(name: str) -> str:
    """A name inside a sentence.

    >>> inside("Win rate"), inside("NPS")
    ('win rate', 'NPS')
    """
    return name[:1].lower() + name[1:] if name[1:2].islower() else name
