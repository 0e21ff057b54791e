"""How a figure is to be read: what an interval says, what a definition changes, why the young are left out."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kpilib.catalogue import CATALOGUE
from kpilib.catalogue.worked import examples
from kpilib.errors import CannotAnswer, unknown
from kpilib.figures import variants
from kpilib.figures.drivers import listed
from kpilib.language import N_
from kpilib.periods import label, month_end, month_of, parse
from kpilib.show import charts
from kpilib.show.charts.forest import forest
from kpilib.show.charts.plot import Nothing
from kpilib.show.figure import Drawn, counted_said
from kpilib.show.tables import INTERVAL, ROWS, between
from kpilib.show.view import View
from kpilib.show.words import low, missing

from . import told

_ASKED = ("win_rate", "churn_rate", "csat", "on_time_payment", "margin_rate")
#: The measures whose interval is shown over shorter and longer windows: name → key.
SHARES = {CATALOGUE[key].name: key for key in _ASKED}
#: The measures that have more than one definition of one unit on the same rows to count: name → key.
SEVERAL = {
    kpi.name: kpi.key
    for key in ("churn_rate", "win_rate", "cross_sell_rate", "sales_cycle", "payment_delay", *CATALOGUE)
    if (kpi := CATALOGUE[key]).variants and key in examples()
    if any(variant.unit == kpi.unit for variant in kpi.variants)
}
#: The definitions whose rows need time to tell what they have to tell: name → path.
MATURING = {
    one.name: one.path for kpi in CATALOGUE.values() for one in (*kpi.variants, kpi) if one.matures and one.when
}
#: So many months the windows have.
_WINDOWS = (1, 3, 6, 12)
_WINDOW, _VALUE, _DEFINITION = N_("Window"), N_("Value"), N_("Definition")
_ABOVE, _BELOW, _CREATED = N_("Above"), N_("Below"), N_("Period")
_WIDER = N_(
    "{measure} in {short}: {value}. It rests on {few}, and chance could as well have made it {interval}. Over {long}: "
    "{longer}, on {many}; there chance could have made it {narrow}. The more it rests on, the less chance can move it."
)
_SPEAKS = N_(
    "An interval is drawn so that, over many such figures, 95 of 100 hold what the process would give in the long run. "
    "A CRM holds all its past, so the interval does not speak of sampling: it speaks of the process that made the "
    "figures, which with the same customers and the same people could as well have made slightly others."
)
_SAME_ROWS = N_("The same rows, counted in {n} ways: {said}.")
_PAIR = N_("{value} ({name})")
_NONE_WRONG = N_("None of them is wrong; two figures can be compared if they are counted in the same way.")
_YOUNG = N_(
    "The periods up to {old} are old enough to judge: {value} over all of them. The last one, {new}, shows {newest} "
    "so far: its rows have not had their {days} days yet."
)
_ALL_OLD = N_("Every period shown is at least {days} days old: all of them can be judged.")
_LEFT_OUT = N_(
    "Hollow periods are too young: their figure will still move, by itself. Comparisons leave such rows out, and count "
    "them."
)


def interval(view: View, measure: str) -> Drawn:
    """One measure over ever longer windows that end together: the interval narrows as rows come in.

    Parameters
    ----------
    measure : str
        A key of `SHARES`.

    Raises
    ------
    UnknownName
        No such measure.
    """
    kpi, words = _known(view, SHARES, measure), view.words
    lines = [line for months in _WINDOWS if (line := _window(view, kpi, months)) is not None]
    if not lines:
        raise Nothing("No row matches.")
    first, last = lines[0], lines[-1]
    said = words.say(
        _WIDER, short=first["group"], measure=words.say(kpi.name), value=words.text(first["value"], kpi.unit),
        interval=words.interval(first["low"], first["high"], kpi.unit), few=counted_said(kpi, first["rows"], view),
        long=last["group"], longer=words.text(last["value"], kpi.unit),
        narrow=words.interval(last["low"], last["high"], kpi.unit), many=counted_said(kpi, last["rows"], view),
    )  # fmt: skip
    frame = pd.DataFrame(lines)
    chart = forest(frame, unit=kpi.unit, words=words, measure=words.say(kpi.name), reference=last["value"])
    table = _windows(frame, kpi, words)
    return Drawn(said, chart, table, int(last["rows"]), words.say(_SPEAKS), drill={"kpi": kpi.key, "field": None})


def _window(view: View, kpi: Any, months: int) -> dict[str, Any] | None:
    """The measure over the last so many months of the view; None where they reach back before the data."""
    last = month_of(view.book.as_of) if view.until is None else min(parse(view.until)[1], month_of(view.book.as_of))
    first = last - months + 1
    if first < month_of(view.book.first_month):
        return None
    row = view.lines(kpi.key, since=label(first, "month"), until=label(last, "month"))[0]
    if not row["rows"] or missing(row["low"]):
        return None
    ends = label(first, "month"), label(last, "month")
    group = ends[1] if months == 1 else view.words.say("{first} to {last}", first=ends[0], last=ends[1])
    return {**{name: row[name] for name in ("value", "low", "high")}, "rows": int(row["rows"]), "group": group}


def _windows(frame: pd.DataFrame, kpi: Any, words: Any) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            _WINDOW: frame["group"],
            _VALUE: frame["value"],
            INTERVAL: between(frame["low"].tolist(), frame["high"].tolist(), words, kpi.unit),
            ROWS: frame["rows"],
        }
    )
    table.attrs["units"] = {_VALUE: kpi.unit, ROWS: "count"}
    return table


def on_fingers(view: View, measure: str) -> Drawn:
    """One measure by all its definitions on the few rows of its example; the same whatever the filters say.

    Parameters
    ----------
    measure : str
        A key of `SEVERAL`.

    Raises
    ------
    UnknownName
        No such measure.
    """
    kpi, words = _known(view, SEVERAL, measure), view.words
    answers = examples()[kpi.key].answers
    known = [(one, answers[one.key if one.of else "main"]) for one in (kpi, *kpi.variants) if one.unit == kpi.unit]
    pairs = [
        words.say(_PAIR, value=words.text(answer.value, kpi.unit), name=low(words.say(one.name)))
        for one, answer in known
    ]
    said = words.say(_SAME_ROWS, n=len(known), said=listed(pairs, words, len(pairs)))
    names = [words.say(one.name) for one, _ in known]
    values, below = [answer.value for _, answer in known], [answer.d for _, answer in known]
    frame = pd.DataFrame({"group": names, "value": values, "low": None, "high": None, "rows": 1})
    chart = forest(frame, unit=kpi.unit, words=words, measure=words.say(kpi.name), reference=values[0])
    table = pd.DataFrame(
        {
            _DEFINITION: names,
            told.FORMULA: [words.say(answer.words) for _, answer in known],
            _ABOVE: [_count(answer.n, words) for _, answer in known],
            _BELOW: [_count(one, words) for one in below],
            _VALUE: values,
        }
    )
    table.attrs["units"] = {_VALUE: kpi.unit}
    return Drawn(f"{said} {words.say(_NONE_WRONG)}", chart, table, None, "", words.say("The worked example"))


def _count(value: float | None, words: Any) -> str:
    return "" if value is None else told.number(value, words)


def definitions(view: View, measure: str) -> Drawn:
    """One measure by all its definitions on the data themselves: see `variants.definitions`."""
    return variants.definitions(view, _known(view, SEVERAL, measure).key)


def young(view: View, measure: str) -> Drawn:
    """A measure by the quarter its rows begin in: the last quarters are too young to judge, and drawn hollow.

    Parameters
    ----------
    measure : str
        A key of `MATURING`.

    Raises
    ------
    CannotAnswer
        These data lack what it needs.
    UnknownName
        No such measure.
    """
    kpi, words = _known(view, MATURING, measure), view.words
    shown = view.but(since=None, until=None)
    lines = [one for one in shown.lines(kpi.of or kpi.key, variant=kpi.key if kpi.of else None, period="quarter")
             if one["rows"]]  # fmt: skip
    for one in lines:
        one["complete"] = (view.book.as_of - month_end(parse(one["period"])[1])).days >= kpi.matures
    if not lines:
        raise Nothing("No row matches.")
    frame = pd.DataFrame(lines)[["period", "value", "low", "high", "complete", "rows"]]
    chart = charts.line(frame, unit=kpi.unit, words=words, measure=words.say(kpi.name))
    table = pd.DataFrame(
        {
            _CREATED: frame["period"],
            _VALUE: frame["value"],
            INTERVAL: between(frame["low"].tolist(), frame["high"].tolist(), words, kpi.unit),
            ROWS: frame["rows"],
            N_("Old enough"): frame["complete"],
        }
    )
    table.attrs["units"] = {_VALUE: kpi.unit, ROWS: "count"}
    said, note = _matured(frame, kpi, words), words.say(_LEFT_OUT)
    return Drawn(said, chart, table, int(frame["rows"].sum()), note, shown.text)


def _matured(frame: pd.DataFrame, kpi: Any, words: Any) -> str:
    """What the old periods say together, and what the youngest says so far."""
    days, new = words.count(kpi.matures), frame.iloc[-1]
    old = frame[frame["complete"]]
    if new["complete"] or old.empty:
        return str(words.say(_ALL_OLD, days=days))
    mean = (old["value"] * old["rows"]).sum() / old["rows"].sum()
    return str(
        words.say(
            _YOUNG, old=old["period"].iloc[-1], value=words.text(mean, kpi.unit), new=new["period"],
            newest=words.text(new["value"], kpi.unit), days=days,
        )
    )  # fmt: skip


def _known(view: View, offered: dict[str, str], measure: str) -> Any:
    """The KPI that a list's value names; `CannotAnswer` where these data lack what it needs."""
    if measure not in offered:
        raise unknown("measure of this figure", measure, offered)
    key, _, variant = offered[measure].partition(".")
    kpi = view.book.kpis[key]
    why = view.book.why_not(key, view.locale) if offered is not SEVERAL else ""
    if why:
        raise CannotAnswer(why)
    return kpi.variant(variant) if variant else kpi
