"""The figures on forecasts: were declared probabilities honest, and what the open deals may bring."""

import pandas as pd

from kpilib.compute import forecast
from kpilib.errors import CannotAnswer

from . import charts
from .figure import Drawn
from .parts import intervals, open_now, stock_text
from .view import View


def honesty(view: View) -> Drawn:
    """Declared probabilities of closed deals against how many of them were won."""
    closed = view.panel("deals", when="closed_on", columns=["status", "probability"])
    closed = closed[closed["status"].isin(["won", "lost"])]
    if closed.empty:
        return Drawn("", rows=0)
    made = forecast.honesty(closed)
    left = [
        f"{view.words.count(rows)} {what}"
        for rows, what in (
            (made.certain, "with a probability of 0 or 1, which closing sets"),
            (made.absent, "without any"),
        )
        if rows
    ]
    if not made.rows:
        raise CannotAnswer(
            "Whether probabilities were honest needs closed deals with a 'probability' between 0 and 1 in the table "
            f"'opportunities'; of {view.words.count(len(closed))} closed deals, {' and '.join(left)}. "
            "It would show how many of the deals given 60% were won."
        )
    table = pd.DataFrame(
        {
            "Declared, mean": made.bins["declared"],
            "Won": made.bins["observed"],
            "95% interval": intervals(made.bins, view.words),
            "Closed": made.bins["rows"],
        }
    )
    table.attrs["units"] = {"Declared, mean": "share", "Won": "share", "Closed": "count"}
    note = (
        f"Brier score {made.brier:.3f}; the overall share of wins, declared for every deal, would score "
        f"{made.reference:.3f} (0 is perfect). Left out of the closed deals: {' and '.join(left) or 'none'}."
    )
    chart = charts.reliability(made.bins, words=view.words)
    return Drawn(_honesty_said(view, made), chart, table, made.rows, note, f"{view.text}, by closing date")


def expected(view: View) -> Drawn:
    """What the open deals are expected to bring: as declared, and at the rates that closed deals showed."""
    months = open_now(view)
    known = months[months["amount"].notna() & months["probability"].notna()]
    if months.empty:
        return Drawn("", rows=0)
    if known.empty:
        raise CannotAnswer(
            "What the pipeline may bring needs 'amount' and 'probability' of open deals in the table 'opportunities', "
            "which these data leave empty. It would say what to expect of it, and within what bounds."
        )
    lines = [("As declared", known["probability"].to_numpy())]
    honest = forecast.honesty(view.panel("deals", when="closed_on", columns=["status", "probability"]))
    if honest.rows >= forecast.ENOUGH:
        lines.append(("At observed rates", forecast.corrected(known["probability"], honest.bins)))
    rows = []
    for group, chance in lines:
        value, spread = forecast.expected(known["amount"], chance)
        rows.append((group, value, max(0.0, value - 1.96 * spread), value + 1.96 * spread, len(known)))
    frame = pd.DataFrame(rows, columns=["group", "value", "low", "high", "rows"])
    table = frame.drop(columns="rows").set_axis(["Reckoned", "Expected", "From", "To"], axis="columns")
    table.attrs["units"] = dict.fromkeys(("Expected", "From", "To"), "money")
    chart = charts.bars(frame, unit="money", words=view.words, measure="Expected amount", minimum=0, ranked=False)
    note = (
        "From and to hold 95% of what may come if deals are won independently of one another and at their amounts. "
        "They leave out how unsure the rates themselves are."
    )
    left = len(months) - len(known)
    if left:
        note += f" Left out: {view.words.count(left)} open deals without an amount or a probability."
    return Drawn(_outlook(view, frame), chart, table, len(known), note, slice=stock_text(view))


def _outlook(view: View, frame: pd.DataFrame) -> str:
    words, first = view.words, frame.iloc[0]
    said = (
        f"The declared probabilities promise {words.text(first['value'], 'money')} of the open deals "
        f"({words.interval(first['low'], first['high'], 'money')})"
    )
    if len(frame) == 1:
        return f"{said}."
    other = frame.iloc[1]
    return (
        f"{said}; at the rates at which deals so declared were won in the period, "
        f"{words.text(other['value'], 'money')} ({words.interval(other['low'], other['high'], 'money')})."
    )


def _honesty_said(view: View, made: forecast.Honesty) -> str:
    words = view.words
    said = (
        f"On average {words.text(made.declared, 'share')} was declared, and {words.text(made.observed, 'share')} of "
        f"{words.count(made.rows)} closed deals were won ({words.interval(made.low, made.high, 'share')})"
    )
    if made.low <= made.declared <= made.high:
        return f"{said}: no more apart than chance explains."
    way = "too high" if made.declared > made.observed else "too low"
    gap = words.difference(abs(made.declared - made.observed), "share").removeprefix("+")
    return f"{said}: the declarations were {gap} {way}."
