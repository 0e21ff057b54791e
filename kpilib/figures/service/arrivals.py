"""When customers ask: the tickets of each hour of each day of the week. Reached as ``service.…``."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpilib.errors import CannotAnswer
from kpilib.language import N_
from kpilib.model.dimensions import WEEKDAYS
from kpilib.periods import month_end, month_start, parse
from kpilib.show import charts
from kpilib.show.charts.grid import grid
from kpilib.show.figure import Drawn
from kpilib.show.measures import p_value
from kpilib.show.view import View
from kpilib.show.words import Words

Floats = NDArray[np.float64]

_DAY, _ALL, _MEAN, _PART = N_("Day of the week"), N_("Tickets"), N_("Tickets a day"), N_("Part of all")
_MEASURE, _ALONG = N_("Tickets, mean of such hours"), N_("Hour of opening")
# An hour or a day of fewer of all tickets than this is out of hours; more columns than this are taken two by two.
_RARE, _COLUMNS = 0.002, 14
_NO_HOURS = N_("All tickets of these data are stamped at midnight: the hour at which customers ask is not known.")
_PEAK = N_(
    "Most tickets come on {day} at {hour}: {n} on average, against {mean} in an hour of opening. Hours differ by more "
    "than chance explains ({p})."
)
_FLAT = N_(
    "From {first} to {last} tickets come evenly: {mean} an hour on average. The fullest hour, {day} at {hour}, has "
    "{n}; among so many hours chance explains that ({p})."
)
_ONE = N_("{n} tickets came here, all in one hour of the week: there is nothing to compare.")
_CLOCK = N_(
    "Each cell is the mean of all such hours of the slice. The clock is that of the system the tickets come from; "
    "days and hours with hardly a ticket are left to the table."
)


def arrivals(view: View) -> Drawn:
    """How many tickets are opened in each hour of the week, and whether some hours are fuller than chance makes them.

    Raises
    ------
    CannotAnswer
        The tickets have no time of day.
    Nothing
        No ticket matches.
    """
    words = view.words
    if "tickets" not in view.book.tables:
        raise CannotAnswer(words.say(N_("It needs the table 'tickets', which these data do not have.")))
    rows = view.panel("tickets", when="opened_at", columns=["opened_at", "weekday", "hour"])
    if rows.empty:
        raise charts.Nothing("No row matches.")
    opened = rows["opened_at"].to_numpy("datetime64[us]")
    if (opened == opened.astype("datetime64[D]")).all():
        raise CannotAnswer(words.say(_NO_HOURS))
    counted, days = _counted(rows), _days(view, opened)
    lines, hours = _open(counted.sum(axis=1)), _open(counted.sum(axis=0))
    wide = 2 if len(hours) > _COLUMNS else 1
    cells = _cells(counted, days, lines, hours, wide, words)
    names = [words.member("weekday", WEEKDAYS[line]) for line in lines]
    chart = grid(
        cells, lines=names, columns=list(dict.fromkeys(cells["column"])), words=words, measure=words.say(_MEASURE),
        along=words.say(_ALONG),
    )  # fmt: skip
    said = _said(counted[np.ix_(lines, hours)], days[lines], lines, hours, words)
    drill = {"panel": "tickets", "when": "opened_at", "field": None}
    return Drawn(said, chart, _table(counted, days, words), len(rows), words.say(_CLOCK), drill=drill)


def _counted(rows: pd.DataFrame) -> Floats:
    """Tickets of each day of the week and hour of the day, shape (7, 24)."""
    day = rows["weekday"].map({name: at for at, name in enumerate(WEEKDAYS)}).to_numpy(np.int64)
    hour = rows["hour"].str[:2].astype(int).to_numpy(np.int64)
    return np.bincount(day * 24 + hour, minlength=7 * 24).reshape(7, 24).astype(float)


def _days(view: View, opened: NDArray[Any]) -> Floats:
    """How many Mondays, Tuesdays, … the slice has, from the first ticket at the earliest to the day of the data."""
    first, last = opened.min().astype("datetime64[D]").astype(date), view.book.as_of
    if view.since is not None:
        first = max(month_start(parse(view.since)[0]), month_start(parse(str(view.book.first_month)[:7])[0]))
    if view.until is not None:
        last = min(month_end(parse(view.until)[1]), last)
    span = [first + timedelta(days=at) for at in range((last - first).days + 1)]
    return np.bincount([day.weekday() for day in span], minlength=7).astype(float)


def _open(counted: Floats) -> list[int]:
    """From the first to the last place that has more than hardly any of all."""
    found = np.flatnonzero(counted > _RARE * counted.sum())
    return list(range(int(found[0]), int(found[-1]) + 1))


def _cells(
    counted: Floats, days: Floats, lines: list[int], hours: list[int], wide: int, words: Words
) -> pd.DataFrame:  # fmt: skip
    made = []
    for line in lines:
        day = words.member("weekday", WEEKDAYS[line])
        for hour in hours[::wide]:
            n = counted[line, hour : hour + wide].sum()
            mean = n / days[line] / wide if days[line] else np.nan
            made.append({"group": day, "column": f"{hour:02d}", "value": mean, "rows": int(n)})
    return pd.DataFrame(made)


def _said(counted: Floats, days: Floats, lines: list[int], hours: list[int], words: Words) -> str:
    """The fullest hour, and whether hours differ by more than draws of alike ones do."""
    from scipy.special import chdtrc

    expected = counted.sum() * np.repeat(days[:, None] / days.sum(), len(hours), axis=1) / len(hours)
    able = expected > 0
    if able.sum() < 2:
        return words.say(_ONE, n=words.count(int(counted.sum())))
    p = float(chdtrc(able.sum() - 1, ((counted - expected)[able] ** 2 / expected[able]).sum()))
    mean = np.divide(counted, days[:, None], out=np.zeros(counted.shape), where=days[:, None] > 0)
    line, hour = (int(at) for at in np.unravel_index(mean.argmax(), mean.shape))
    given = {
        "day": words.member("weekday", WEEKDAYS[lines[line]]),
        "hour": f"{hours[hour]:02d}:00",
        "p": p_value(p, words),
    }
    given |= {"n": words.text(mean[line, hour], "ratio"), "first": f"{hours[0]:02d}:00", "last": f"{hours[-1]:02d}:59"}
    given["mean"] = words.text(counted.sum() / (days.sum() * len(hours)), "ratio")
    return words.say(_PEAK if p < 0.05 else _FLAT, **given)


def _table(counted: Floats, days: Floats, words: Words) -> pd.DataFrame:
    """A line a day of the week: tickets, tickets a day, part of all."""
    of_day = counted.sum(axis=1)
    table = pd.DataFrame(
        {
            _DAY: [words.member("weekday", name) for name in WEEKDAYS],
            _ALL: of_day.astype(int),
            _MEAN: np.divide(of_day, days, out=np.full(7, np.nan), where=days > 0),
            _PART: of_day / of_day.sum(),
        }
    )
    table.attrs["units"] = {_ALL: "count", _MEAN: "ratio", _PART: "share"}
    return table
