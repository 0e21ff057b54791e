"""A KPI under all its definitions, each beside the period before: what `Book.variants` gives."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from kpilib.catalogue.kpi import Kpi
from kpilib.compute import sensitivity
from kpilib.compute.comparing import windows
from kpilib.compute.slices import LENGTH, between
from kpilib.periods import month_of, month_start

Day = str | date | None


def under_all(book: Any, key: str, by: Any, period: str | None, where: Any, since: Day, until: Day) -> pd.DataFrame:
    """The frame of `Book.variants`, which says what is in it.

    Parameters
    ----------
    book : Book
        Asked once a definition, and twice more for the windows that are compared where there is no `period`.
    key, by, period, where, since, until
        As for `Book.kpi`.
    """
    main = book.kpis[key]
    asked = {"by": by, "where": where, "since": since, "until": until}
    answers = [_under(book, one, period, asked) for one in (main, *main.variants)]
    answer = sensitivity.judged(pd.concat(answers, ignore_index=True))
    answer.attrs = {"kpi": key, "flips": sensitivity.flips(answer)}
    return answer


def _under(book: Any, one: Kpi, period: str | None, asked: dict[str, Any]) -> pd.DataFrame:
    """One definition's answer, with what it is to be compared with; a line of nothing where there is none."""
    key, variant = one.of or one.key, one.key if one.of else None
    missing = book.why_not(key, variant=variant)
    answer = _nothing() if missing else book.kpi(key, period=period, variant=variant, **asked)
    months = between(asked["since"], asked["until"], month_of(book.first_month), month_of(book.as_of))
    told: dict[str, Any]
    if missing or not (one.when or one.derived):
        told = {"before": np.nan, "now": np.nan}
    elif period:
        whole = _whole(answer, period, months, month_of(book.first_month))
        before = answer["value"].where(whole).groupby(answer["group"], sort=False).shift()
        told = {"before": before, "now": answer["value"].where(whole)}
    else:
        told = _against(book, one, answer, months, {"by": asked["by"], "where": asked["where"], "variant": variant})
    named = pd.DataFrame({"key": key, "variant": variant or "main", "name": one.name}, index=answer.index)
    described = {"unit": one.unit, "better": one.better, "formula": one.formula, "source": one.source}
    return pd.concat([named, answer.assign(**told, **described, missing=missing)], axis=1)


def _nothing() -> pd.DataFrame:
    numbers = {name: [np.nan] for name in ("value", "numerator", "denominator", "low", "high")}
    return pd.DataFrame({"group": ["all"], "period": [""], "rows": [0], "complete": [True], **numbers})


def _whole(answer: pd.DataFrame, period: str, months: tuple[int, int], start: int) -> pd.Series:
    """Which periods of an answer are over and cut at neither end, by the data or by the range."""
    length = LENGTH[period] if period != "ttm" else 1
    first, last = answer["period"].isin(answer["period"][:1]), answer["period"].isin(answer["period"][-1:])
    begun_before, goes_on = max(months[0], start) % length > 0, (months[1] + 1) % length > 0
    return answer["complete"] & ~(first & begun_before) & ~(last & goes_on)


def _against(
    book: Any, one: Kpi, answer: pd.DataFrame, months: tuple[int, int], asked: dict[str, Any]
) -> dict[str, list[float]]:
    """The values of the window before and of the one that is compared with it, for each group of an answer."""
    compared = windows(*months, book.as_of, month_of(book.first_month), one.at)
    told = {}
    for name, window in (("before", compared.before), ("now", compared.now)):
        values: dict[str, float] = {}
        if window is not None:
            first, last = (month_start(month) for month in window)
            found = book.kpi(one.of or one.key, since=first, until=last, **asked)
            values = dict(zip(found["group"], found["value"], strict=True))
        told[name] = [values.get(group, np.nan) for group in answer["group"]]
    return told
