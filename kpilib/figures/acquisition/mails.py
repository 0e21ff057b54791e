"""E-mails from the sending to the click, and what became of their readers. Reached as ``acquisition.…``."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from kpilib.compute.frames import taken
from kpilib.errors import CannotAnswer, unknown
from kpilib.language import N_
from kpilib.show import charts, sentences, tables
from kpilib.show.figure import Drawn
from kpilib.show.view import View
from kpilib.show.words import Words

from .fitting import fitted, told

#: What may be followed: the name that a reader chooses, and the KPI.
RATES = {
    N_("Click rate"): "click_rate",
    N_("Open rate"): "open_rate",
    N_("Unsubscribe rate"): "unsubscribe_rate",
}
#: The steps of a message, and what each is called.
STEPS = {
    "sent": N_("Sent"), "delivered": N_("Delivered"), "opened": N_("Opened"), "clicked": N_("Clicked"),
}  # fmt: skip
_STEP, _MESSAGES, _OF_BEFORE, _OF_SENT = N_("Step"), N_("Messages"), N_("Of the step before"), N_("Of those sent")
_GONE = N_("Unsubscribed")


def mails(view: View) -> Drawn:
    """Messages sent, delivered, opened and clicked, those that unsubscribed, and the leads that all this brought."""
    kept, note = fitted(view, "campaigns")
    words, sums, keys = view.words, *_sums(kept)
    if not sums["sent"]:
        raise charts.Nothing("No row matches.")
    counts = [sums[step] for step in STEPS]
    on = [after / before if before else np.nan for before, after in pairwise(counts)]
    names = [words.say(name) for name in STEPS.values()]
    frame = pd.DataFrame({"group": names, "denominator": counts, "value": [*on, np.nan]})
    chart = charts.funnel(frame, words=words, measure=_MESSAGES)
    notes = words.say(
        "Sent counts our own diligence: it can be doubled by sending twice, and says nothing of anybody's interest. "
        "Messages are counted, not people; opened is too high since mail programs load pictures by themselves."
    )
    drill = {"panel": "campaigns", "when": "month", "field": None}
    return Drawn(
        told(_said(sums, words), _brought(kept, keys, sums["sent"], words)), chart,
        _table(names, counts, sums, words), len(keys), told(notes, note), kept.text, drill,
    )  # fmt: skip


def _sums(view: View) -> tuple[dict[str, int], list[str]]:
    """The messages of the slice by step, of the campaigns of which all steps are known, and these campaigns' keys."""
    if "campaigns" not in view.book.tables:
        raise CannotAnswer(view.book.why_not("click_rate", view.locale), "click_rate")
    columns = [*STEPS, "unsubscribed"]
    run = view.panel("campaigns", columns=["campaign_id", *columns])
    run = run.dropna(subset=list(STEPS))
    if run.empty and (why := view.book.why_not("click_rate", view.locale)):
        raise CannotAnswer(why, "click_rate")
    return {name: int(np.nansum(run[name].to_numpy(float))) for name in columns}, run["campaign_id"].tolist()


def _said(sums: dict[str, int], words: Words) -> str:
    given = {name: words.count(count) for name, count in sums.items()}
    delivered = sums["delivered"] or np.nan
    given["clicks"] = words.text(sums["clicked"] / delivered, "share")
    given["gone"] = words.text(sums["unsubscribed"] / delivered, "share")
    return words.say(
        "Of {sent} messages sent, {delivered} arrived, {opened} were opened and {clicked} clicked: {clicks} of those "
        "delivered; {unsubscribed} ({gone}) made somebody unsubscribe.",
        **given,
    )


def _brought(view: View, keys: list[str], sent: int, words: Words) -> str:
    """How many messages it takes for one lead; empty text where no lead names such a campaign."""
    if "leads" not in view.book.tables:
        return ""
    came = int(view.panel("leads", when="created_on", columns=["campaign_id"])["campaign_id"].isin(keys).sum())
    if not came:
        return ""
    return words.plural(
        came, "They brought {n} lead: one for each {each} messages.",
        "They brought {n} leads: one for each {each} messages.", n=words.count(came),
        each=words.count(round(sent / came)),
    )  # fmt: skip


def _table(names: list[str], counts: list[int], sums: dict[str, int], words: Words) -> pd.DataFrame:
    every = [*counts, sums["unsubscribed"]]
    # Who unsubscribes has had the message; whether it was clicked is another matter.
    before = [np.nan, *counts[:-1], sums["delivered"]]
    table = pd.DataFrame(
        {
            _STEP: [*names, words.say(_GONE)],
            _MESSAGES: every,
            _OF_BEFORE: [count / base if base else np.nan for count, base in zip(every, before, strict=True)],
            _OF_SENT: [count / sums["sent"] for count in every],
        }
    )
    table.attrs["units"] = {_MESSAGES: "count", _OF_BEFORE: "share", _OF_SENT: "share"}
    return table


def mail_rates(view: View, measure: str = "Click rate") -> Drawn:
    """The share of delivered messages that were clicked, opened or unsubscribed, by quarter since the data begin.

    A quarter has several campaigns: one alone does not tell by how much campaigns differ.
    """
    if measure not in RATES:
        raise unknown("rate of the e-mails", measure, RATES)
    kept, note = fitted(view.but(since=None), "campaigns")
    kpi, words = view.book.kpis[RATES[measure]], view.words
    frame: Any = kept.kpi(kpi.key, period="quarter")
    frame = taken(frame, np.flatnonzero(frame["rows"] > 0))
    if frame.empty or frame["value"].isna().all():
        raise charts.Nothing("No row matches.")
    said = sentences.trend(frame, sentences.Measure.of_kpi(kpi, words, N_("campaigns")))
    chart = charts.line(frame, unit=kpi.unit, words=words, measure=words.say(kpi.name), zero=True)
    table, drill = tables.kpi_table(frame, kpi, words), {"kpi": kpi.key, "field": "period"}
    return Drawn(said, chart, table, int(frame["rows"].sum()), told(words.say(kpi.caveat), note), kept.text, drill)
