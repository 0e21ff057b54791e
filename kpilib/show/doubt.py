"""The badge of a tile whose KPI could be another one: how far, and for want of how many records. From cubes alone."""

from math import isinf
from typing import TYPE_CHECKING, Any

from kpilib.compute.bounded import Range, range_of
from kpilib.language import N_

from .markup import Html, element
from .words import Words, missing

if TYPE_CHECKING:
    from .standing import Row
    from .view import View

_BETWEEN, _LEAST = N_("Could be {interval}: {what}"), N_("At least {low}: {what}")
_MOST = N_("At most {high}: {what}")


def badge(view: "View", kpi: Any, row: "Row") -> Html | None:
    """What a tile says of the records that are missing; None where none is, or where they change no digit.

    Parameters
    ----------
    view : View
        The slice.
    kpi : Kpi
        The tile's; only one that declares `undecided` can have a badge.
    row : mapping
        The figure that the tile shows: `value`, `denominator`, `period`.
    """
    found = found_of(view, kpi, row)
    text = "" if found is None else said(found, kpi, view.words, row["value"])
    return element("p", text, class_="kpi-doubt", title=view.words.say(kpi.undecided.why)) if text else None


def found_of(view: "View", kpi: Any, row: "Row") -> Range | None:
    """The range of a figure; None where nothing is missing, or where no cube knows."""
    if getattr(kpi, "undecided", None) is None or missing(row["value"]):
        return None
    # A stock is that of one month, which is the figure's own.
    since, until = (row["period"], row["period"]) if kpi.at != "flow" else (view.since, view.until)
    return range_of(view.book, kpi, row, dict(view.where) or None, since, until)


def said(found: Range, kpi: Any, words: Words, value: Any) -> str:
    """A range in words: "Could be 30.0% to 55.0%: 100 deals undecided"; empty text where it changes no digit."""
    them = kpi.undecided
    what = words.plural(found.undecided, them.one, them.many, n=words.count(found.undecided))
    low, high = (words.short(end, kpi.unit) if not isinf(end) else "" for end in (found.lowest, found.highest))
    if low and high:
        told = words.short(value, kpi.unit)
        if low == told == high:
            return ""
        return words.say(_BETWEEN, interval=words.interval(found.lowest, found.highest, kpi.unit), what=what)
    return words.say(_LEAST, low=low, what=what) if low else words.say(_MOST, high=high, what=what) if high else ""
