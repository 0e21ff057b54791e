"""The figures of the page "Service": how often customers need us, how soon and how well we answer.

Each function takes the view in force and the values of the figure's own lists, and returns what to draw. Months within
limits are in `service_trend`, waits in `waiting`, targets in `level`, the hours of the week in `arrivals`, what is open
in `backlog`, the work a sale asks for in `effort`, satisfaction in `after_ticket`; all are reached as ``service.…``.
"""

from __future__ import annotations

from typing import Any

from kpilib.compute.frames import ranking, taken
from kpilib.errors import unknown
from kpilib.figures import parts, variants
from kpilib.language import N_
from kpilib.model.dimensions import DIMENSIONS, WEEKDAYS
from kpilib.show import charts, sentences, tables
from kpilib.show.figure import Drawn
from kpilib.show.view import View

from .after_ticket import QUESTIONS, satisfaction
from .arrivals import arrivals
from .backlog import ages, backlog
from .effort import effort
from .level import TARGETS, service_level
from .service_trend import MEASURES, trend
from .waiting import lasts, spread
from .waits import WAITS

__all__ = [
    "ABOUT", "BY", "COMPARED", "DELIVERED", "HANDLED", "MEASURES", "QUESTIONS", "TARGETS", "TILES", "WAITS", "WHOSE",
    "ages", "arrivals", "backlog", "breakdown", "definitions", "deliveries", "effort", "lasts", "rate", "satisfaction",
    "service_level", "spread", "trend",
]  # fmt: skip

#: The KPIs of the page's tiles.
TILES = (
    "ticket_rate", "fcr", "contacts_per_ticket", "first_reply_time", "resolution_time", "open_tickets",
    "open_ticket_age", "service_effort",
)  # fmt: skip
#: What a ticket may be grouped by, the first at the start.
BY = ("channel", "severity", "category", "product", "segment", "team", "region", "weekday", "hour")
#: What the rate of tickets may be grouped by: customers by their own, sales by what was sold.
WHOSE = ("segment", "region", "industry", "team", "owner", "product", "category")
#: What the work for a sale may be grouped by.
ABOUT = ("product", "category", "segment", "region", "team")
#: What orders that were promised for a day may be grouped by.
DELIVERED = ("region", "segment", "industry", "team", "owner", "source")
#: How tickets are handled: the name that a reader chooses, and the KPI.
HANDLED = {name: key for name, key in MEASURES.items() if key not in ("ticket_rate", "on_time_delivery")}
#: What two slices may be compared by: those first that all groupings of tickets know.
COMPARED = tuple(dict.fromkeys((*HANDLED.values(), *TILES)))
_OF_PRODUCTS = ("product", "category", "tier")
#: Groups that have an order of their own keep it.
_ORDERED = ("weekday", "hour")
_PER_SALE = N_("By product, tickets are counted for 100 units sold in the same months: a product has no customers.")


def definitions(view: View) -> Drawn:
    """First-contact resolution under each of its definitions, now and in the window before."""
    return variants.definitions(view, "fcr")


def rate(view: View, by: str = "segment") -> Drawn:
    """How many tickets a hundred customers open a month; by product, how many a hundred units sold bring."""
    sold = by in _OF_PRODUCTS
    kpi = view.book.kpis["ticket_rate"].variant("per_sale" if sold else None)
    note = [view.words.say(_PER_SALE)] if sold else []
    drill = {"panel": "tickets", "when": "opened_at", "field": by}
    return _grouped(view, kpi, by, N_("rows"), note, drill, "per_sale" if sold else None)


def breakdown(view: View, by: str = "channel", measure: str = "First-contact resolution") -> Drawn:
    """How well tickets are handled, group by group with its interval, and whether the extremes differ."""
    if measure not in HANDLED:
        raise unknown("measure of the service", measure, HANDLED)
    kpi = view.book.kpis[HANDLED[measure]]
    return _grouped(view, kpi, by, N_("tickets"), [], {"kpi": kpi.key, "field": by})


def deliveries(view: View, by: str = "region") -> Drawn:
    """How many orders came by the day they were promised for, group by group, and whether the extremes differ."""
    kpi = view.book.kpis["on_time_delivery"]
    return _grouped(view, kpi, by, N_("orders"), [], {"kpi": kpi.key, "field": by})


def _grouped(
    view: View, kpi: Any, by: str, counted: str, note: list[str], drill: dict[str, str], variant: str | None = None
) -> Drawn:
    words, key = view.words, kpi.of or kpi.key
    frame = parts.told(view.kpi(key, by=by, variant=variant), view)
    frame = frame[frame["rows"] > 0].reset_index(drop=True)
    if frame.empty or frame["value"].isna().all():
        raise charts.Nothing("No row matches.")
    whole, told = view.kpi(key, variant=variant), sentences.Measure.of_kpi(kpi, words, counted)
    said = f"{sentences.one_value(whole, told)} {sentences.best_and_worst(frame, told)}"
    named, ranked = _named(frame, by, words), by not in _ORDERED
    chart = charts.bars(
        named, unit=kpi.unit, words=words, measure=words.say(kpi.name), ranked=ranked, most=15 if ranked else 24
    )
    ordered = taken(named, ranking(named)) if ranked else named
    table = tables.kpi_table(ordered, kpi, words, DIMENSIONS[by].label)
    told_note = " ".join([*note, words.say(kpi.caveat)])
    return Drawn(said, chart, table, int(whole["rows"].sum()), told_note, drill=_drill(drill, by, words))


def _named(frame: Any, by: str, words: Any) -> Any:
    """The groups as the reader calls them, days of the week in their order."""
    if by != "weekday":
        return frame
    order = {day: at for at, day in enumerate(WEEKDAYS)}
    places = sorted(range(len(frame)), key=lambda at: order.get(frame["group"].iloc[at], len(order)))
    frame = frame.iloc[places].reset_index(drop=True)
    return frame.assign(group=[words.member("weekday", day) for day in frame["group"].tolist()])


def _drill(drill: dict[str, str], by: str, words: Any) -> dict[str, str | None]:
    """A day of the week is a member in English alone: in another language its mark opens the whole slice."""
    other = by == "weekday" and words.member(by, WEEKDAYS[0]) != WEEKDAYS[0]
    return {**drill, "field": None if other else by}
