"""The tickets that wait for a solution: how many at the end of each month, and how old. Reached as ``service.…``."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpilib.compute.frames import rows
from kpilib.errors import CannotAnswer
from kpilib.figures import events, parts
from kpilib.language import N_
from kpilib.show import charts, tables
from kpilib.show.figure import Drawn
from kpilib.show.tables import PERIOD
from kpilib.show.view import View
from kpilib.show.words import Words

_OPEN, _AGE, _OPENED, _SOLVED = N_("Open tickets"), N_("Mean age"), N_("Opened"), N_("Solved")
_TICKET, _CUSTOMER, _SINCE, _DAYS = N_("Ticket"), N_("Customer"), N_("Opened on"), N_("Days open")
_CHANNEL, _SEVERITY = N_("Channel"), N_("Severity")
#: The classes of age: what each is called, and the first day that is too old for it.
_AGES = (
    (N_("Today or yesterday"), 2), (N_("2 to 3 days"), 4), (N_("4 to 7 days"), 8), (N_("8 to 30 days"), 31),
    (N_("More than 30 days"), 10**9),
)  # fmt: skip
# Months are counted from the year 0, NumPy's from 1970.
_YEARS = 1970
# From this class on a ticket is an old one; a worklist names so many.
_OLD, _LISTED = 3, 15
_NOW = N_(
    "At the end of {month} {n} tickets were open, {age} old on average. In the months shown {opened} were opened and "
    "{solved} solved: the pile {moved}."
)
_NONE_OPEN = N_("At the end of {month} no ticket was open. In the months shown {opened} were opened, {solved} solved.")
_MOVED = {1: N_("grew"), -1: N_("shrank"), 0: N_("stayed as it was")}
_HISTORY = N_(
    "A ticket is open at a month's end when it was opened by then and solved later or not yet. One that was solved and "
    "never closed in the system counts as open for ever."
)
_OLDEST = N_("{old} of {n} open tickets have waited for more than a week; the oldest for {days}.")
_WORKLIST = N_("The table names the oldest, to be looked at one by one.")


def backlog(view: View) -> Drawn:
    """The open tickets at the end of each month, with their age, and what came in and went out meanwhile."""
    words, kpi = view.words, view.book.kpis["open_tickets"]
    _able(view)
    frame = _months(view)
    periods = frame["period"].tolist()
    chart = charts.line(
        frame, unit="count", words=words, measure=words.say(kpi.name), zero=True,
        marks=events.marks(view, periods, kpi.key),
    )  # fmt: skip
    note = " ".join(filter(None, [words.say(_HISTORY), events.told(view, periods, kpi.key)]))
    named = {"period": PERIOD, "value": _OPEN, "age": _AGE, "opened": _OPENED, "solved": _SOLVED}
    units = {_OPEN: "count", _AGE: "days", _OPENED: "count", _SOLVED: "count"}
    counted = int(frame["opened"].sum() + frame["value"].sum())
    drill = {"kpi": "open_tickets", "field": "period"}
    return Drawn(_said(frame, words), chart, tables.shown(frame, named, units), counted, note, drill=drill)


def ages(view: View) -> Drawn:
    """How long the tickets open at the end of the slice have waited, and which are the oldest."""
    words, month = view.words, parts.last_month(view)
    _able(view)
    columns = ["ticket_id", "customer", "opened_at", "age", "channel", "severity"]
    found = view.panel("ticket_months", since=month, until=month, columns=columns)
    if found.empty:
        raise charts.Nothing("No row matches.")
    age = found["age"].to_numpy(np.int64)
    place = np.searchsorted([last for _, last in _AGES], age, side="right")
    counted = np.bincount(place, minlength=len(_AGES))
    frame = pd.DataFrame({"group": [words.say(name) for name, _ in _AGES], "value": counted, "rows": counted})
    frame[["low", "high"]] = np.nan
    measure = words.say(_OPEN)
    chart = charts.bars(frame, unit="count", words=words, measure=measure, minimum=0, ranked=False)
    days = words.plural(age.max(), "{n} day", "{n} days", n=words.count(int(age.max())))
    said = words.say(_OLDEST, old=words.count(int((place >= _OLD).sum())), n=words.count(len(found)), days=days)
    drill = {"panel": "ticket_months", "when": "month", "field": None}
    slice_ = words.say("{slice}, open at the month's end", slice=view.but(since=month, until=month).text)
    return Drawn(said, chart, _oldest(found), len(found), words.say(_WORKLIST), slice_, drill)


def _able(view: View) -> None:
    if reason := view.book.why_not("open_tickets", view.locale):
        raise CannotAnswer(reason, "open_tickets")


def _months(view: View) -> pd.DataFrame:
    """Each month of the slice: open at its end, their age, opened and solved in it."""
    frame = view.kpi("open_tickets", period="month")
    age = view.kpi("open_ticket_age", period="month").set_index("period")["value"]
    known = frame["period"].tolist()
    frame = frame.assign(value=frame["value"].fillna(0.0), age=age.reindex(known).to_numpy())
    for name, when in (("opened", "opened_at"), ("solved", "resolved_at")):
        moments = view.panel("tickets", when=when, columns=[when])[when].to_numpy("datetime64[M]")
        months = pd.Series(moments.astype(np.int64) + _YEARS * 12).value_counts()
        numbers = [int(period[:4]) * 12 + int(period[5:7]) - 1 for period in known]
        frame[name] = months.reindex(numbers).fillna(0).to_numpy(int)
    return frame


def _said(frame: pd.DataFrame, words: Words) -> str:
    last = rows(frame)[-1]
    opened, solved = int(frame["opened"].sum()), int(frame["solved"].sum())
    given = {"month": last["period"], "opened": words.count(opened), "solved": words.count(solved)}
    if not last["value"]:
        return words.say(_NONE_OPEN, **given)
    given |= {"n": words.count(int(last["value"])), "age": words.text(last["age"], "days")}
    return words.say(_NOW, **given, moved=words.say(_MOVED[int(np.sign(opened - solved))]))


def _oldest(found: pd.DataFrame) -> pd.DataFrame:
    """The oldest open tickets, a line each."""
    told = found.sort_values(["age", "ticket_id"], ascending=[False, True]).head(_LISTED)
    named = {"ticket_id": _TICKET, "customer": _CUSTOMER, "opened_at": _SINCE, "age": _DAYS}
    named |= {"severity": _SEVERITY, "channel": _CHANNEL}
    return tables.shown(told, named, {_DAYS: "count"})
