"""A against B: one KPI of two independent slices side by side, or of one slice in two periods.

Two members of one dimension share no row, so their difference has an interval; whoever compares a part with the whole
compares it with itself. What is said comes from `kpilib.change.compare`, as `Book.compare` gives it to an analyst.
"""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from kpilib.catalogue import leaves
from kpilib.change.compare import Comparison, Side, compared
from kpilib.change.simpson import told
from kpilib.errors import CannotAnswer
from kpilib.figures.changing import dealt, key_of, months
from kpilib.language import N_
from kpilib.model.dimensions import NOT_GIVEN
from kpilib.model.panels import panel
from kpilib.periods import is_complete, label, month_of, parse, range_label
from kpilib.show import charts, guard, tables
from kpilib.show.charts.forest import forest
from kpilib.show.charts.plot import Nothing, Plot
from kpilib.show.choices import Offer, offered
from kpilib.show.figure import Drawn
from kpilib.show.live import Look, look_key
from kpilib.show.members import MOST, Members, dimension_of, member_of
from kpilib.show.tables import of_difference
from kpilib.show.view import View
from kpilib.show.words import NOTHING, Words, low, missing

#: The list of dimensions has this one beside them: two periods of the same slice.
PERIOD = "period"
#: So many quarters are offered.
_QUARTERS = 12
_SIDE, _VALUE, _DIFFERENCE = N_("Side"), N_("Value"), N_("Difference, A less B")
_SAME = N_("A and B are both {member}: choose two that differ.")
_NOT_BY = N_("{kpi} is not known by {dimension}: choose another dimension or another measure.")
_TWO = N_("The two have no row in common, so that their difference has an interval of its own.")
_TOTAL = N_("A total is a fact and has no interval: what differs differs, whether or not it means anything.")


def sides(book: Any, names: Sequence[str], panel_name: str | None = None) -> dict[str, Offer]:
    """The lists of the figure: a dimension (or the period), and the two members of it that are compared.

    Parameters
    ----------
    names : sequence of str
        The dimensions, the first at the start; those in which these data have no two members are left out.
    panel_name : str, optional
        The panel whose members are offered, as for `offered`.

    Returns
    -------
    dict
        "by", "first" and "second", for `Page.figure`. At the start the two largest members stand against each other,
        and the last quarter that is over against the same of the year before.
    """
    of: dict[str, list[str]] = {}
    starts: tuple[dict[str, str], dict[str, str]] = ({}, {})
    for name in offered(book, names, panel_name):
        frame = book.members(name, panel_name)
        largest = frame.sort_values("rows", ascending=False, kind="stable")["member"].tolist()[:MOST]
        if len(largest) > 1:
            of[name] = sorted(largest, key=lambda member: (member == NOT_GIVEN, member))
            for start, member in zip(starts, (one for one in largest if one != NOT_GIVEN), strict=False):
                start[name] = member
    of[PERIOD] = _quarters(book)
    starts[1][PERIOD] = of[PERIOD][min(4, len(of[PERIOD]) - 1)]
    return {"by": list(of), "first": Members("by", of, starts[0]), "second": Members("by", of, starts[1])}


def versus(view: View, measure: str, by: str, first: str, second: str) -> Drawn:
    """One KPI of A and of B: both values with intervals and counts, the difference with its own, and the verdict.

    Parameters
    ----------
    measure : str
        The name of a KPI, as `measures` lists it.
    by : str
        A dimension of the KPI, or "period".
    first, second : str
        A and B, as `sides` lists them: "region=East".

    Raises
    ------
    CannotAnswer
        A is B, the KPI is not known by that dimension, or these data lack what it needs.
    """
    words, key = view.words, key_of(view.book, measure)
    kpi, names = view.book.kpis[key], (_named(first, words), _named(second, words))
    _checked(view, kpi, by, names)
    one = _periods(view, key, names) if by == PERIOD else _slices(view, key, by, (member_of(first), member_of(second)))
    if missing(one.now.value) or missing(one.before.value):
        raise Nothing("No row matches.")
    note = " ".join([words.say(_TOTAL if kpi.total else _TWO), words.say(kpi.caveat)]).strip()
    drill = None if by == PERIOD else {"kpi": key, "field": by}
    text = dealt(view, *(parse(name) for name in names)) if by == PERIOD else view.text
    rows = one.now.rows + one.before.rows
    return Drawn(
        _said(one, view), _chart(one, names, words), _table(one, names, words), rows, note, text,
        None if kpi.powers else drill, (look(one, view, names, text),),
    )  # fmt: skip


def _said(one: Comparison, view: View) -> str:
    """What is said of the two; first that the parts say the opposite of it, where they do."""
    now, before = one.now.window.months, one.before.window.months
    if one.kpi.total or now is None or before is None or missing(one.low):
        return one.said(view.locale)
    where, against = one.now.where, one.before.where
    beyond, other = one.low > 0 or one.high < 0, None if against == where else against
    found = guard.turned(view, one.kpi, before, now, beyond, where, other)
    return " ".join(part for part in (told(found, one.kpi.name, view.locale), one.said(view.locale)) if part)


def look(one: Comparison, view: View, names: tuple[str, str], text: str) -> Look:
    """A comparison as the ledger keeps it."""
    now, before = one.now.window.months, one.before.window.months
    key = look_key(one.kpi, now, before, one.now.where, one.before.where)
    what = view.words.say(
        "{kpi}: {first} against {second} ({slice})", kpi=view.words.say(one.kpi.name), first=names[0], second=names[1],
        slice=text,
    )  # fmt: skip
    return Look(key, what, one.p)


def _slices(view: View, key: str, by: str, members: tuple[str, str]) -> Comparison:
    """Two members of a dimension in the view's period."""
    first, second = ({**view.where, by: (member,)} for member in members)
    window = range_label(*months(view))
    return compared(view.book, key, period=window, where=first, against=second, days=False)[0]


def _periods(view: View, key: str, periods: tuple[str, str]) -> Comparison:
    """Two periods of the view's members."""
    where = dict(view.where) or None
    return compared(view.book, key, period=periods[0], to=periods[1], where=where, days=False)[0]


def _checked(view: View, kpi: Any, by: str, names: tuple[str, str]) -> None:
    words = view.words
    if reason := view.book.why_not(kpi.key, view.locale):
        raise CannotAnswer(reason, kpi.key)
    if names[0] == names[1]:
        raise CannotAnswer(words.say(_SAME, member=names[0]))
    tables_read = [one.table for one in leaves(kpi, view.book.kpis)]
    if by != PERIOD and any(by not in panel(name).dimensions for name in tables_read):
        named = low(words.dimension(by))
        raise CannotAnswer(words.say(_NOT_BY, kpi=words.say(kpi.name), dimension=named))


def _named(value: str, words: Words) -> str:
    return words.member(dimension_of(value), member_of(value))


def _quarters(book: Any) -> list[str]:
    """The last quarters that are over, the latest first; the one that is not, where the data have no other."""
    today, first = month_of(book.as_of), month_of(book.first_month)
    over = today if is_complete(today, book.as_of) else today - 1
    numbers = range((over + 1) // 3 - 1, -(-first // 3) - 1, -1)
    return [label(number, "quarter") for number in numbers][:_QUARTERS] or [label(today // 3, "quarter")]


def _chart(one: Comparison, names: tuple[str, str], words: Words) -> Plot:
    """A and B: points with intervals, or bars from zero where there is none."""
    lines = [_line(side, name) for side, name in zip((one.now, one.before), names, strict=True)]
    frame, kpi = pd.DataFrame(lines), one.kpi
    if kpi.total:
        return charts.bars(
            frame, unit=kpi.unit, words=words, measure=words.say(kpi.name), minimum=0, ranked=False,
        )  # fmt: skip
    return forest(frame, unit=kpi.unit, words=words, measure=words.say(kpi.name), reference=one.before.value)


def _line(side: Side, name: str) -> dict[str, Any]:
    return {"group": name, "value": side.value, "low": side.low, "high": side.high, "rows": side.rows}


def _table(one: Comparison, names: tuple[str, str], words: Words) -> pd.DataFrame:
    """A, B and the difference, each with its interval; A and B with their rows."""
    unit, pair = one.kpi.unit, (one.now, one.before)
    ends = [words.interval(side.low, side.high, unit) or NOTHING for side in pair]
    table = pd.DataFrame(
        {
            _SIDE: [*names, words.say(_DIFFERENCE)],
            _VALUE: [*(words.text(side.value, unit) for side in pair), words.difference(one.difference, unit)],
            tables.INTERVAL: [*ends, of_difference(one.low, one.high, unit, words)],
            tables.ROWS: [*(words.count(side.rows) for side in pair), ""],
        }
    )
    return table
