"""What several figures share: the rows open at a period's end and how to say so, a column of intervals."""

import pandas as pd

from kpilib.periods import label, month_of, parse

from .view import View
from .words import NOTHING, Words


def stock_text(view: View) -> str:
    """The slice of a figure about what is open: the members chosen, and the month at whose end it is counted."""
    month = last_month(view)
    return f"{view.but(since=month, until=month).text}, open at the month's end"


def open_now(view: View) -> pd.DataFrame:
    """The opportunities open at the end of the view's last month, one row each, as the panel has them."""
    month = last_month(view)
    return view.panel("opportunity_months", since=month, until=month)


def last_month(view: View) -> str:
    """The view's last month, no later than the data's: "2026-06"."""
    today = month_of(view.book.last_month)
    return label(today if view.until is None else min(parse(view.until)[1], today), "month")


def grouped(view: View, key: str, by: str) -> pd.DataFrame:
    """The KPI by a dimension, indexed by group; without rows where these data lack what it needs."""
    if view.book.why_not(key):
        return pd.DataFrame(columns=["value", "low", "high", "rows"], index=pd.Index([], name="group"), dtype=float)
    return view.kpi(key, by=by).set_index("group")


def intervals(frame: pd.DataFrame, words: Words, unit: str = "share") -> list[str]:
    """The intervals of the frame's rows (columns `low`, `high`) in words, a dash where there is none."""
    return [words.interval(a, b, unit) or NOTHING for a, b in zip(frame["low"], frame["high"], strict=True)]
