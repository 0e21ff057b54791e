"""The figures on forecasts: were declared probabilities honest, and what the open deals may bring."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpilib import units
from kpilib.compute import forecast
from kpilib.compute.frames import rows as lines_of
from kpilib.errors import CannotAnswer
from kpilib.figures.parts import intervals, open_now, stock_text
from kpilib.language import N_
from kpilib.show import charts
from kpilib.show.figure import Drawn
from kpilib.show.view import View

Floats = NDArray[np.float64]

# What is left out of the closed deals, by whether some were certain, and some without a probability.
_LEFT = {
    (False, False): N_("none"),
    (True, False): N_("{certain} with a probability of 0 or 1, which closing sets"),
    (False, True): N_("{absent} without any"),
    (True, True): N_("{certain} with a probability of 0 or 1, which closing sets and {absent} without any"),
}
_HONESTY = {
    "chance": N_(
        "On average {declared} was declared, and {observed} of {n} closed deals were won ({interval}): no more apart "
        "than chance explains."
    ),
    "high": N_(
        "On average {declared} was declared, and {observed} of {n} closed deals were won ({interval}): the "
        "declarations were {gap} too high."
    ),
    "low": N_(
        "On average {declared} was declared, and {observed} of {n} closed deals were won ({interval}): the "
        "declarations were {gap} too low."
    ),
}
_DECLARED, _WON, _INTERVAL, _CLOSED = N_("Declared, mean"), N_("Won"), N_("95% interval"), N_("Closed")
_RECKONED, _EXPECTED, _FROM, _TO = N_("Reckoned"), N_("Expected"), N_("From"), N_("To")


def honesty(view: View) -> Drawn:
    """Declared probabilities of closed deals against how many of them were won."""
    words = view.words
    closed = view.panel("deals", when="closed_on", columns=["status", "probability"])
    closed = closed[((closed["status"] == "won") | (closed["status"] == "lost")).to_numpy(bool)]
    if closed.empty:
        return Drawn("", rows=0)
    made = forecast.honesty(closed)
    left = words.say(
        _LEFT[made.certain > 0, made.absent > 0], certain=words.count(made.certain), absent=words.count(made.absent)
    )
    if not made.rows:
        raise CannotAnswer(
            words.say(
                "Whether probabilities were honest needs closed deals with a 'probability' between 0 and 1 in the "
                "table 'opportunities'; of {n} closed deals, {left}. It would show how many of the deals given 60% "
                "were won.",
                n=words.count(len(closed)),
                left=left,
            )
        )
    table = pd.DataFrame(
        {
            _DECLARED: made.bins["declared"],
            _WON: made.bins["observed"],
            _INTERVAL: intervals(made.bins, words),
            _CLOSED: made.bins["rows"],
        }
    )
    table.attrs["units"] = {_DECLARED: "share", _WON: "share", _CLOSED: "count"}
    score, reference = (units.text(x, "score", locale=words.locale, precision=3) for x in (made.brier, made.reference))
    note = words.say(
        "Brier score {score}; the overall share of wins, declared for every deal, would score {reference} (0 is "
        "perfect). Left out of the closed deals: {left}.",
        score=score,
        reference=reference,
        left=left,
    )
    chart = charts.reliability(made.bins, words=words)
    dated = words.say("{slice}, by closing date", slice=view.text)
    return Drawn(
        _honesty_said(view, made), chart, table, made.rows, note, dated, drill={"kpi": "win_rate", "field": None}
    )


def expected(view: View) -> Drawn:
    """What the open deals are expected to bring: as declared, and at the rates that closed deals showed."""
    words, months = view.words, open_now(view, "amount", "probability")
    if months.empty:
        return Drawn("", rows=0)
    amount, chance = (months[name].to_numpy(float) for name in ("amount", "probability"))
    known = ~np.isnan(amount) & ~np.isnan(chance)
    if not known.any():
        raise CannotAnswer(
            words.say(
                "What the pipeline may bring needs 'amount' and 'probability' of open deals in the table "
                "'opportunities', which these data leave empty. It would say what to expect of it, and within what "
                "bounds."
            )
        )
    frame = _reckoned(view, amount[known], chance[known])
    table = frame.drop(columns="rows").set_axis([_RECKONED, _EXPECTED, _FROM, _TO], axis="columns")
    table.attrs["units"] = dict.fromkeys((_EXPECTED, _FROM, _TO), "money")
    chart = charts.bars(frame, unit="money", words=words, measure=words.say("Expected amount"), minimum=0, ranked=False)
    notes = [
        words.say(
            "From and to hold 95% of what may come if deals are won independently of one another and at their amounts. "
            "They leave out how unsure the rates themselves are."
        )
    ]
    if left := int((~known).sum()):
        notes.append(words.say("Left out: {n} open deals without an amount or a probability.", n=words.count(left)))
    found, drill = _outlook(view, frame), {"kpi": "weighted_pipeline", "field": None}
    return Drawn(found, chart, table, int(known.sum()), " ".join(notes), slice=stock_text(view), drill=drill)


def _reckoned(view: View, amount: Floats, chance: Floats) -> pd.DataFrame:
    """What is expected as declared and, where enough deals are closed, at the rates that they showed; from and to."""
    lines = [(view.words.say("As declared"), chance)]
    honest = forecast.honesty(view.panel("deals", when="closed_on", columns=["status", "probability"]))
    if honest.rows >= forecast.ENOUGH:
        lines.append((view.words.say("At observed rates"), forecast.corrected(chance, honest.bins)))
    rows = []
    for group, share in lines:
        value, spread = forecast.expected(amount, share)
        rows.append((group, value, max(0.0, value - 1.96 * spread), value + 1.96 * spread, len(amount)))
    return pd.DataFrame(rows, columns=["group", "value", "low", "high", "rows"])


def _outlook(view: View, frame: pd.DataFrame) -> str:
    words, (first, *other) = view.words, lines_of(frame)
    given = {
        "value": words.text(first["value"], "money"),
        "interval": words.interval(first["low"], first["high"], "money"),
    }
    if not other:
        return words.say("The declared probabilities promise {value} of the open deals ({interval}).", **given)
    return words.say(
        "The declared probabilities promise {value} of the open deals ({interval}); at the rates at which deals so "
        "declared were won in the period, {other} ({other_interval}).",
        **given,
        other=words.text(other[0]["value"], "money"),
        other_interval=words.interval(other[0]["low"], other[0]["high"], "money"),
    )


def _honesty_said(view: View, made: forecast.Honesty) -> str:
    words = view.words
    case = "high" if made.declared > made.observed else "low"
    if made.low <= made.declared <= made.high:
        case = "chance"
    return words.say(
        _HONESTY[case],
        declared=words.text(made.declared, "share"),
        observed=words.text(made.observed, "share"),
        n=words.count(made.rows),
        interval=words.interval(made.low, made.high, "share"),
        gap=words.difference(abs(made.declared - made.observed), "share").removeprefix("+"),
    )
