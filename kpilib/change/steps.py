"""The steps of a change of the pipeline: their names, their order, and the sentence that tells them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from kpilib import units
from kpilib.language import N_, plural, say

#: The steps in the order of a waterfall.
STEPS = ("start", "opened", "reopened", "moved_in", "grown", "shrunk", "moved_out", "won", "lost", "end")
#: What only the history of the deals tells, and the column of `opportunity_changes` that tells it.
UNKNOWN = {
    "grown": "amount",
    "shrunk": "amount",
    "moved_in": "expected_close_on",
    "moved_out": "expected_close_on",
}
#: What a reader calls them.
STEP_NAMES = {
    "start": N_("Open at the start"),
    "opened": N_("Newly opened"),
    "reopened": N_("Opened again"),
    "moved_in": N_("Moved in"),
    "grown": N_("Grown"),
    "shrunk": N_("Shrunk"),
    "moved_out": N_("Moved out"),
    "won": N_("Won"),
    "lost": N_("Lost"),
    "end": N_("Open at the end"),
}
_SAID = {
    "opened": (N_("{amount} opened ({deals} deal)"), N_("{amount} opened ({deals} deals)")),
    "reopened": (N_("{amount} opened again ({deals} deal)"), N_("{amount} opened again ({deals} deals)")),
    "moved_in": (N_("{amount} moved in ({deals} deal)"), N_("{amount} moved in ({deals} deals)")),
    "grown": (N_("{amount} by growth ({deals} deal)"), N_("{amount} by growth ({deals} deals)")),
    "shrunk": (N_("{amount} by shrinking ({deals} deal)"), N_("{amount} by shrinking ({deals} deals)")),
    "moved_out": (N_("{amount} moved out ({deals} deal)"), N_("{amount} moved out ({deals} deals)")),
    "won": (N_("{amount} won ({deals} deal)"), N_("{amount} won ({deals} deals)")),
    "lost": (N_("{amount} lost ({deals} deal)"), N_("{amount} lost ({deals} deals)")),
}
_WHOLE = N_(
    "The open pipeline went from {start} ({start_deals}) at the end of {since} to {end} ({end_deals}) at the end of "
    "{until}: {steps}."
)
_DUE = N_(
    "The open pipeline due from {first} to {last} went from {start} ({start_deals}) at the end of {since} to {end} "
    "({end_deals}) at the end of {until}: {steps}."
)
_STILL = N_("nothing came, nothing went")
_NO_AMOUNTS = N_(
    "What grew or shrank is not known, for the table 'opportunity_changes' tells no amounts: they are those of today."
)
_NO_DAYS = N_(
    "What moved in or out is not known, for the table 'opportunity_changes' tells no expected days: they are those of "
    "today."
)
_ONE, _MANY = N_("{deals} deal"), N_("{deals} deals")
_UNDATED = N_("{deals} deal without the day it was created or closed is left out.")
_UNDATED_MANY = N_("{deals} deals without the day they were created or closed are left out.")


@dataclass(frozen=True)
class Step:
    """One bar of the waterfall.

    `amount` is what it adds (what leaves is negative); of "start" and "end", what was open. `deals` are those
    concerned, never negative: those grown or shrunk were open before and after.
    """

    name: str
    amount: float
    deals: int


@dataclass(frozen=True)
class PipelineChange:
    """How the pipeline open at the end of `since` became that open at the end of `until`.

    `due` are the first and last day within which the deals were expected to close; None for all. `unknown` names the
    steps that these data cannot tell: they are not among `steps`. `left_out` counts deals that nobody dated.
    """

    since: date
    until: date
    due: tuple[date, date] | None
    steps: tuple[Step, ...]
    unknown: tuple[str, ...] = ()
    left_out: int = 0

    def step(self, name: str) -> Step | None:
        """The step of that name; None where it is unknown, was not asked for or did not occur."""
        return next((step for step in self.steps if step.name == name), None)

    def said(self, locale: str = "en", currency: str = "EUR") -> str:
        """The change in a sentence, and what is not known of it."""
        start, end = self.steps[0], self.steps[-1]
        told = [_step(step, locale, currency) for step in self.steps[1:-1] if step.deals]
        values = {
            "start": units.text(start.amount, "money", currency, locale), "start_deals": _deals(start.deals, locale),
            "end": units.text(end.amount, "money", currency, locale), "end_deals": _deals(end.deals, locale),
            "since": self.since, "until": self.until, "steps": ", ".join(told) or say(_STILL, locale),
        }  # fmt: skip
        if self.due:
            values |= {"first": self.due[0], "last": self.due[1]}
        parts = [say(_DUE if self.due else _WHOLE, locale, **values)]
        parts += [say(_NO_AMOUNTS, locale)] if "grown" in self.unknown else []
        parts += [say(_NO_DAYS, locale)] if "moved_in" in self.unknown else []
        count = units.text(self.left_out, "count", locale=locale)
        parts += [plural(self.left_out, _UNDATED, _UNDATED_MANY, locale, deals=count)] if self.left_out else []
        return " ".join(parts)

    def frame(self) -> pd.DataFrame:
        """One row a step: step, amount, deals; in `attrs` since, until, due, unknown, left_out and the sentence."""
        rows = [(step.name, step.amount, step.deals) for step in self.steps]
        frame = pd.DataFrame(rows, columns=["step", "amount", "deals"])
        frame.attrs = {
            "since": self.since, "until": self.until, "due": self.due, "unknown": self.unknown,
            "left_out": self.left_out, "said": self.said(),
        }  # fmt: skip
        return frame


def _step(step: Step, locale: str, currency: str) -> str:
    amount = units.difference_text(step.amount, "money", currency, locale)
    count = units.text(step.deals, "count", locale=locale)
    return plural(step.deals, *_SAID[step.name], locale, amount=amount, deals=count)


def _deals(count: int, locale: str) -> str:
    return plural(count, _ONE, _MANY, locale, deals=units.text(count, "count", locale=locale))
