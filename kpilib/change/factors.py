"""Why a product of KPIs changed: what each of its factors did (sales velocity, value over a lifetime)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from kpilib.catalogue.kpi import Kpi
from kpilib.change.members import Asked
from kpilib.change.question import Value, difference, values
from kpilib.change.refusal import ENDLESS, refusal
from kpilib.change.window import Window
from kpilib.periods import Months, month_start
from kpilib.stats.decomposition import band, shapley, shapley_errors
from kpilib.stats.intervals import Floats, normal_quantile

if TYPE_CHECKING:
    from kpilib.change.explain import Explanation

#: What the dimension of such an explanation is called.
FACTORS = "factors"


def by_factor(question: Asked, before: Window, now: Window) -> Explanation:
    """The change of a product of KPIs, by factor: Shapley's shares, with delta-method intervals; the whole's by MOVER.

    Factors are taken as independent, and a factor that is a total to vary as a count does (Poisson), as
    `compute.measure.derived` takes them.

    Raises
    ------
    CannotAnswer
        A factor without rows on a side, or a chance of leaving that cannot be told from 0 (a value without end).
    """
    from kpilib.change.explain import Explanation, Part

    kpi, book = question.kpi, question.book
    keys = [key for key, _ in kpi.powers]
    sides = [_both(replace(question, kpi=book._find(key, None))) for key in keys]
    (first, first_error), (last, last_error) = (
        _side([side[place] for side in sides], [book._find(key, None) for key in keys]) for place in (0, 1)
    )
    if kpi.discount and not all(leaving[1] > 0 for leaving in sides[1]):
        raise refusal(ENDLESS, kpi)

    def value(factors: Floats) -> float:
        return formula(kpi, factors)

    effects = shapley(value, first, last)
    errors = shapley_errors(value, first, last, first_error, last_error)
    total, nan = float(effects.sum()), float("nan")
    _, low, high = difference(*(_whole(question, months) for months in (question.before, question.now)))
    kept = [_with_one_kept(value, first, last, place) - value(first) for place in range(len(keys))]
    lines = zip(keys, first, last, effects, *band(effects, errors), kept, strict=True)
    parts = tuple(
        Part(key, nan, nan, float(r0), float(r1), 0.0, nan, nan, float(by), float(a), float(b), float(rest))
        for key, r0, r1, by, a, b, rest in lines
    )
    return Explanation(
        kpi, before, now, FACTORS, total, low, high, 0.0, nan, nan, total, low, high, parts, (), nan, False,
        value(first), value(last), (), book.currency,
    )  # fmt: skip


def _both(question: Asked) -> tuple[Value, Value]:
    """What a factor was and is; one that is a product itself is asked for as such."""
    if not question.kpi.derived:
        return values(question)
    return _whole(question, question.before), _whole(question, question.now)


def _whole(question: Asked, months: Months) -> Value:
    """The product itself in a window, with its interval."""
    first, last = (month_start(month) for month in months)
    row = question.book.kpi(question.kpi.key, where=question.where, since=first, until=last)
    return float(row["value"].iloc[0]), float(row["low"].iloc[0]), float(row["high"].iloc[0])


def formula(kpi: Kpi, factors: Floats) -> float:
    """The product of the factors, each to its power; over a lifetime, margin × (1 + i) ÷ (chance of leaving + i)."""
    if kpi.discount:
        month = (1 + kpi.discount) ** (1 / 12) - 1
        return float(factors[0] * (1 + month) / (factors[1] + month))
    return float(np.prod(factors ** np.array([power for _, power in kpi.powers], float)))


def _side(both: list[Value], kpis: list[Kpi]) -> tuple[Floats, Floats]:
    """The factors of a side and their standard errors."""
    z = normal_quantile(0.95)
    found = np.array([value for value, *_ in both])
    counted = np.array([kpi.total for kpi in kpis])
    widths = np.array([(high - low) / (2 * z) for _, low, high in both])
    return found, np.where(counted, np.sqrt(np.maximum(found, 0)), widths)


def _with_one_kept(value: Callable[[Floats], float], first: Floats, last: Floats, place: int) -> float:
    """The product now, had one factor stayed what it was."""
    at = last.copy()
    at[place] = first[place]
    return float(value(at))
