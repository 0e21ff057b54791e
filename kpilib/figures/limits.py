"""A measure month by month within the limits of chance: the sentence, the table and the note of a control chart."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpilib.language import N_
from kpilib.periods import label
from kpilib.show import tables
from kpilib.show.sentences import some
from kpilib.show.tables import ROWS, between
from kpilib.show.words import Words, low
from kpilib.stats import control
from kpilib.stats.control import Limits

Floats = NDArray[np.float64]

_LIMITS, _SIGNAL = N_("Limits of chance"), N_("Signal")
_OUTSIDE, _RUN = N_("beyond the limits"), N_("one of a long run")
_FEW = N_("{measure} has {n} whole months here; limits need {need} or more.")
_QUIET = N_(
    "In {n} months {measure} stayed within what chance does about its level of {centre}: no month calls for an "
    "explanation."
)
_LEFT = N_("About its level of {centre}, {measure} went beyond the limits of chance in {months}.")
_KEPT_ABOVE = N_("From {first} to {last} it stayed above its level, longer than chance keeps it.")
_KEPT_BELOW = N_("From {first} to {last} it stayed below its level, longer than chance keeps it.")
_ONLY_RUN = N_("{measure} never went beyond the limits of chance about its level of {centre}.")
_BEWARE = N_(
    "The limits take all months together, whatever the period chosen. Where nothing changes, {rate} of such charts "
    "give a signal all the same; a season or a slow drift gives more."
)


def months_of(
    limits: Limits, first: int, value: Floats, whole: NDArray[np.bool_], counted: NDArray[Any],
    times: float = 1.0, least: float = -np.inf, most: float = np.inf,
) -> pd.DataFrame:  # fmt: skip
    """The months as `charts.control_chart` draws them.

    Parameters
    ----------
    limits : Limits
        Of the months from `first` on, in what a row adds; `times` makes the measure of it.
    first : int
        The number of the first month.
    value : ndarray, shape (k,)
        The measure, NaN where there is none.
    whole : ndarray of bool, shape (k,)
        Whether the month is over.
    counted : ndarray, shape (k,)
        The rows of each month.
    least, most : float
        Where the limits are cut, in what a row adds.
    """
    return pd.DataFrame(
        {
            "period": [label(first + at, "month") for at in range(len(value))],
            "value": value,
            "lower": times * np.maximum(limits.low, least),
            "upper": times * np.minimum(limits.high, most),
            "centre": np.where(np.isnan(limits.low), np.nan, times * limits.center),
            "out": limits.outside | limits.run,
            "complete": whole,
            "rows": counted.astype(int),
        }
    )


def said(frame: pd.DataFrame, limits: Limits, name: str, unit: str, words: Words, times: float = 1.0) -> str:
    """Which months went beyond the limits, which stayed long on one side; or that none did."""
    centre = words.text(times * limits.center, unit)
    if not limits.enough:
        few = {"n": words.count(limits.points), "need": words.count(control.MINIMUM_POINTS)}
        return words.say(_FEW, measure=name, **few)
    found, periods = control.signals(limits), frame["period"].tolist()
    if not found:
        return words.say(_QUIET, n=words.count(limits.points), measure=low(name), centre=centre)
    outside = [periods[one["first"]] for one in found if one["rule"] == "outside"]
    told = [words.say(_LEFT, months=some(outside, words, 6), measure=low(name), centre=centre)] if outside else []
    told = told or [words.say(_ONLY_RUN, measure=name, centre=centre)]
    for run in (one for one in found if one["rule"] == "run"):
        message = _KEPT_ABOVE if run["side"] == "above" else _KEPT_BELOW
        told.append(words.say(message, first=periods[run["first"]], last=periods[run["last"]]))
    return " ".join(told)


def beware(limits: Limits, words: Words) -> str:
    """How often such a chart gives a false alarm; empty text where there are no limits."""
    if not limits.enough:
        return ""
    return words.say(_BEWARE, rate=words.text(control.false_alarm_rate(limits.points), "share"))


def table(frame: pd.DataFrame, limits: Limits, name: str, unit: str, words: Words) -> pd.DataFrame:
    """The months with their limits and signals; `name`, in English, heads the measure's column."""
    over = zip(frame["period"].tolist(), frame["complete"].tolist(), strict=True)
    signals = [
        words.say(_OUTSIDE) if outside else words.say(_RUN) if run else ""
        for outside, run in zip(limits.outside.tolist(), limits.run.tolist(), strict=True)
    ]
    made = {
        tables.PERIOD: [str(one) if whole else words.say("{period} (not over)", period=one) for one, whole in over],
        name: frame["value"].to_numpy(),
        _LIMITS: between(frame["lower"].tolist(), frame["upper"].tolist(), words, unit),
        _SIGNAL: signals,
        ROWS: frame["rows"].to_numpy(),
    }
    told = pd.DataFrame(made)
    told.attrs["units"] = {name: unit, ROWS: "count"}
    return told
