"""A KPI under all its definitions, each beside the period before: what `Book.variants` gives."""

from __future__ import annotations

from datetime import date
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

from kpilib.catalogue.kpi import Kpi
from kpilib.compute import sensitivity
from kpilib.compute.comparing import windows
from kpilib.compute.measure import Columns, framed
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
    answer = sensitivity.judged(framed(_below_one_another(answers)))
    answer.attrs = {"kpi": key, "flips": sensitivity.flips(answer)}
    return answer


def _under(book: Any, one: Kpi, period: str | None, asked: dict[str, Any]) -> Columns:
    """One definition's answer, with what it is to be compared with; a line of nothing where there is none."""
    key, variant = one.of or one.key, one.key if one.of else None
    missing = book.why_not(key, variant=variant)
    answer = _nothing(asked["by"]) if missing else book.columns(key, period=period, variant=variant, **asked)[1]
    lines = len(answer["complete"])
    months = between(asked["since"], asked["until"], month_of(book.first_month), month_of(book.as_of))
    told: Columns = {"before": np.full(lines, np.nan), "now": np.full(lines, np.nan)}
    if not missing and (one.when or one.derived):
        if period:
            told = _one_another(answer, _whole(answer, period, months, month_of(book.first_month)))
        else:
            told = _against(book, one, answer, months, {"by": asked["by"], "where": asked["where"], "variant": variant})
    named = {"key": key, "variant": variant or "main", "name": one.name}
    described = {"unit": one.unit, "better": one.better, "formula": one.formula, "source": one.source}
    before, after = ({k: [text] * lines for k, text in texts.items()} for texts in (named, described))
    return {**before, **answer, **told, **after, "missing": [missing] * lines}


def _nothing(by: Any) -> Columns:
    """A line without numbers; it belongs to no group."""
    several = [] if by is None or isinstance(by, str) else list(by)
    texts = {"group": ["all"], **({name: [""] for name in several} if len(several) > 1 else {}), "period": [""]}
    numbers = {name: np.array([np.nan]) for name in ("value", "numerator", "denominator")}
    ends = {name: np.array([np.nan]) for name in ("low", "high")}
    return {**texts, **numbers, "rows": np.zeros(1, np.int64), **ends, "complete": np.ones(1, bool)}


def _below_one_another(answers: list[Columns]) -> Columns:
    return {
        name: list(chain(*(one[name] for one in answers)))
        if isinstance(column, list)
        else np.concatenate([one[name] for one in answers])
        for name, column in answers[0].items()
    }


def _one_another(answer: Columns, whole: np.ndarray) -> Columns:
    """Each group's value in the period before, where both periods are whole."""
    now = np.where(whole, answer["value"], np.nan)
    before, groups = np.full(len(now), np.nan), answer["group"]
    same = np.array([a == b for a, b in zip(groups[1:], groups, strict=False)], bool)
    before[1:][same] = now[:-1][same]
    return {"before": before, "now": now}


def _whole(answer: Columns, period: str, months: tuple[int, int], start: int) -> np.ndarray:
    """Which periods of an answer are over and cut at neither end, by the data or by the range."""
    length = LENGTH[period] if period != "ttm" else 1
    named = answer["period"]
    first, last = (np.array([one == end for one in named], bool) for end in (*named[:1], *named[-1:]) or ("", ""))
    begun_before, goes_on = max(months[0], start) % length > 0, (months[1] + 1) % length > 0
    whole: np.ndarray = answer["complete"] & ~(first & begun_before) & ~(last & goes_on)
    return whole


def _against(book: Any, one: Kpi, answer: Columns, months: tuple[int, int], asked: dict[str, Any]) -> Columns:
    """The values of the window before and of the one that is compared with it, for each group of an answer."""
    compared = windows(*months, book.as_of, month_of(book.first_month), one.at, one.matures)
    told = {}
    for name, window in (("before", compared.before), ("now", compared.now)):
        values: dict[str, float] = {}
        if window is not None:
            if name == "now" and window == months and one.at == "flow":
                found = answer
            else:
                first, last = (month_start(month) for month in window)
                found = book.columns(one.of or one.key, since=first, until=last, **asked)[1]
            values = dict(zip(found["group"], found["value"], strict=True))
        told[name] = np.array([values.get(group, np.nan) for group in answer["group"]], float)
    return told
