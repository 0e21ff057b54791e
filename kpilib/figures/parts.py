"""What several figures share: a KPI by a dimension, the rows open at a period's end and how to say so."""

from typing import Any

import pandas as pd

from kpilib.model.dimensions import NOT_GIVEN
from kpilib.periods import label, month_of, parse
from kpilib.show.tables import intervals
from kpilib.show.view import View

__all__ = ["asked", "found", "intervals", "last_month", "open_now", "stock_text", "told"]


def stock_text(view: View) -> str:
    """The slice of a figure about what is open: the members chosen, and the month at whose end it is counted."""
    month = last_month(view)
    return view.words.say("{slice}, open at the month's end", slice=view.but(since=month, until=month).text)


def open_now(view: View, *columns: str) -> pd.DataFrame:
    """The opportunities open at the end of the view's last month, one row each, with these columns of the panel."""
    month = last_month(view)
    return view.panel("opportunity_months", since=month, until=month, columns=columns or None)


def last_month(view: View) -> str:
    """The view's last month, no later than the data's: "2026-06"."""
    today = month_of(view.book.last_month)
    return label(today if view.until is None else min(parse(view.until)[1], today), "month")


def asked(view: View, key: str, by: str) -> pd.DataFrame:
    """The KPI by a dimension; what is not given is called so in the reader's language."""
    return told(view.kpi(key, by=by), view)


def told(frame: pd.DataFrame, view: View) -> pd.DataFrame:
    """The frame, what its column `group` has as not given called so in the reader's language."""
    groups = frame["group"].tolist()
    if NOT_GIVEN not in groups:
        return frame
    said = view.words.say(NOT_GIVEN)
    return frame.assign(group=[said if group == NOT_GIVEN else group for group in groups])


def found(view: View, key: str, by: str) -> dict[str, dict[str, Any]]:
    """What `asked` answers, by group; nothing where these data lack what the KPI needs."""
    if view.book.why_not(key):
        return {}
    said = {NOT_GIVEN: view.words.say(NOT_GIVEN)}
    lines = [{**one, "group": said.get(one["group"], one["group"])} for one in view.lines(key, by=by)]
    return {line["group"]: line for line in lines}
