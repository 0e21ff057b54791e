"""What happened to the company while a measure moved: numbered marks for charts through time, and what they stand for.

An event is a fact of the calendar, not a cause: a chart shows it, and claims nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kpilib.compute.frames import rows
from kpilib.errors import KpilibError
from kpilib.model.dimensions import DIMENSIONS
from kpilib.periods import month_of, parse

from .plot import Record
from .view import View
from .words import missing


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


def marks(view: View, periods: Sequence[str]) -> list[Record]:
    """For each of these periods in which something happened, `period` and `said`: the numbers of its events."""
    numbers: dict[str, list[str]] = {}
    for number, (period, _) in enumerate(_within(view, periods), 1):
        numbers.setdefault(period, []).append(str(number))
    return [{"period": period, "said": ", ".join(said)} for period, said in numbers.items()]


def told(view: View, periods: Sequence[str]) -> str:
    """What the numbers of `marks` stand for, in a sentence; empty text where nothing happened."""
    found = _within(view, periods)
    if not found:
        return ""
    say = view.words.say
    named = [
        say("{number}: {event} ({day})", number=number, day=event.day, event=_named(event))
        for number, (_, event) in enumerate(found, 1)
    ]
    return say("What happened meanwhile: {events}.", events="; ".join(named))


def _named(event: Event) -> str:
    """What happened, and to whom, unless its own words say that."""
    members = [member for member in event.members if member not in event.said]
    return f"{event.said}, {', '.join(members)}" if members else event.said


def _within(view: View, periods: Sequence[str]) -> list[tuple[str, Event]]:
    """The events that fall into one of the periods, each with its period."""
    spans = [(period, *parse(period)) for period in dict.fromkeys(map(str, periods))]
    found = []
    for event in happened(view):
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
