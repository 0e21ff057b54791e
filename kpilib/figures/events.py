"""What happened to the company, and what it did, while a measure moved: marks for charts through time, and their words.

Events have numbers, actions of the log have letters. Either is a fact of the calendar, not a cause: a chart shows it,
and claims nothing; what came of an action is worked out in `kpilib.change.deeds`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from string import ascii_lowercase

from kpilib.compute.frames import rows
from kpilib.errors import KpilibError
from kpilib.language import N_
from kpilib.model.dimensions import DIMENSIONS
from kpilib.periods import month_of, parse
from kpilib.show.charts.plot import Record
from kpilib.show.view import View
from kpilib.show.words import missing

_MEANWHILE, _DONE = N_("What happened meanwhile: {events}."), N_("What we did: {events}.")


@dataclass(frozen=True)
class Event:
    """Something that happened on a `day` ("2025-01-01"), in words; to these members, or to all where there is none."""

    day: str
    said: str
    members: tuple[str, ...] = ()


def happened(view: View) -> list[Event]:
    """The events in order of time; without those of members that the view leaves out, and none without the table."""
    if "events" not in view.book.tables:
        return []
    try:
        told = rows(view.book.panel("events"))
    except KpilibError:
        return []
    events: dict[tuple[str, str], list[str]] = {}
    for row in told:
        dimension, member = _text(row["dimension"]), _text(row["member"])
        if _concerns(dimension, member, view):
            of = events.setdefault((str(row["happened_on"])[:10], str(row["event"])), [])
            of += [member] if member else []
    return [Event(day, said, tuple(members)) for (day, said), members in sorted(events.items())]


def done(view: View, kpi: str = "") -> list[Event]:
    """The actions that were to move a KPI, or all without one; without those on members that the view leaves out."""
    if "actions" not in view.book.tables:
        return []
    from kpilib.change.deeds import marks as logged

    return [Event(mark.day, mark.said, mark.members) for mark in logged(view.book, kpi, dict(view.where))]


def marks(view: View, periods: Sequence[str], kpi: str = "") -> list[Record]:
    """For each of these periods in which something happened or was done, `period` and `said`: numbers and letters.

    Actions are those of `kpi`; without one there are none, for a chart of many figures would be full of rules.
    """
    signs: dict[str, list[str]] = {}
    for sign, period, _ in (*_numbered(view, periods), *_lettered(view, periods, kpi)):
        signs.setdefault(period, []).append(sign)
    return [{"period": period, "said": ", ".join(said)} for period, said in signs.items()]


def told(view: View, periods: Sequence[str], kpi: str = "") -> str:
    """What the signs of `marks` stand for, in sentences; empty text where nothing happened and nothing was done."""
    found = [(_MEANWHILE, _numbered(view, periods)), (_DONE, _lettered(view, periods, kpi))]
    return " ".join(view.words.say(message, events=_listed(signs, view)) for message, signs in found if signs)


def _listed(signs: Sequence[tuple[str, str, Event]], view: View) -> str:
    say = view.words.say
    return "; ".join(
        say("{number}: {event} ({day})", number=sign, day=event.day, event=_named(event)) for sign, _, event in signs
    )


def _numbered(view: View, periods: Sequence[str]) -> list[tuple[str, str, Event]]:
    """The events within the periods, each with its number and its period."""
    within = _within(happened(view), periods)
    return [(str(number), period, event) for number, (period, event) in enumerate(within, 1)]


def _lettered(view: View, periods: Sequence[str], kpi: str) -> list[tuple[str, str, Event]]:
    """The actions within the periods, each with its letter and its period."""
    within = _within(done(view, kpi), periods) if kpi else []
    return [(letter(place), period, event) for place, (period, event) in enumerate(within)]


def letter(place: int) -> str:
    """The letter of an action by its place.

    Examples
    --------
    >>> letter(0), letter(25), letter(26)
    ('a', 'z', 'aa')
    """
    before, last = divmod(place, 26)
    return (letter(before - 1) if before else "") + ascii_lowercase[last]


def _named(event: Event) -> str:
    """What happened, and to whom, unless its own words say that."""
    members = [member for member in event.members if member not in event.said]
    return f"{event.said}, {', '.join(members)}" if members else event.said


def _within(among: Sequence[Event], periods: Sequence[str]) -> list[tuple[str, Event]]:
    """The events that fall into one of the periods, each with its period."""
    spans = [(period, *parse(period)) for period in dict.fromkeys(map(str, periods))]
    found = []
    for event in among:
        month = month_of(date.fromisoformat(event.day))
        period = next((name for name, first, last in spans if first <= month <= last), None)
        if period is not None:
            found.append((period, event))
    return found


def _concerns(dimension: str, member: str, view: View) -> bool:
    """Whether the view keeps what an event is about."""
    kept = view.where.get(dimension) if dimension in DIMENSIONS else None
    return not kept or not member or member in kept


def _text(value: object) -> str:
    return "" if missing(value) else str(value)
