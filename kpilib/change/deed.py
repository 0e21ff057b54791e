"""One action of the log with what came of it, and the sentences that tell it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from math import isnan, nan
from typing import TYPE_CHECKING

from kpilib import units
from kpilib.change.verdict import verdict
from kpilib.language import N_, say

if TYPE_CHECKING:
    from kpilib.change.compare import Comparison

#: Why an action is not held against its KPI.
WHY = {
    "no_kpi": N_("The log names no KPI that it was to move."),
    "unknown_kpi": N_("The log names a KPI that does not exist."),
    "too_young": N_("No whole month has passed since."),
    "no_past": N_("The data begin too late to say what was before."),
    "cannot": N_("These data cannot give its KPI for those it concerns."),
    "nothing": N_("Nothing was observed before it or after it."),
}
#: What a verdict means for what to do next.
NEXT = {
    "better": N_("It seems to work: keep it, and try it elsewhere."),
    "worse": N_("It went the wrong way: find out why before going on."),
    "same": N_("No effect is to be seen: a small or slow one would not show."),
    "higher": N_("It moved; whether that is good, this KPI does not say."),
    "lower": N_("It moved; whether that is good, this KPI does not say."),
    "unknown": N_("Chance cannot be told from effect here."),
}
_VERDICT = {
    "better": N_("better"),
    "worse": N_("worse"),
    "same": N_("not distinguishable from chance"),
    "higher": N_("higher"),
    "lower": N_("lower"),
    "unknown": N_("without an interval"),
}
_ALONE = N_(
    "{action} ({day}): {kpi} went from {was} in {before} to {value} in {now}, {difference} ({low} to {high}): "
    "{verdict}. It concerned everybody, so season and trend are in it."
)
_ALONE_FACT = N_(
    "{action} ({day}): {kpi} went from {was} in {before} to {value} in {now}, {difference}. It concerned everybody, so "
    "season and trend are in it."
)
_BESIDE = N_(
    "{action} ({day}): {kpi} of {member} went from {was} in {before} to {value} in {now}, {difference}; that of the "
    "rest changed by {rest}. Held against the rest it is {effect} ({low} to {high}): {verdict}."
)
_BESIDE_FACT = N_(
    "{action} ({day}): {kpi} of {member} went from {was} in {before} to {value} in {now}, {difference}; that of the "
    "rest changed by {rest}."
)
_YEAR = N_(
    "{action} ({day}): {kpi} went from {was} in {before} to {value} in {now}, {difference}; a year earlier it changed "
    "by {rest} between the same months. Held against that it is {effect} ({low} to {high}): {verdict}."
)
_YEAR_FACT = N_(
    "{action} ({day}): {kpi} went from {was} in {before} to {value} in {now}, {difference}; a year earlier it changed "
    "by {rest} between the same months."
)
_NOT = N_("{action} ({day}): {why}")


@dataclass(frozen=True)
class Mark:
    """What was done, for a chart: the day ("2025-01-01"), the words, whom it concerned (none: everybody)."""

    day: str
    said: str
    members: tuple[str, ...] = ()


@dataclass(frozen=True)
class Deed:
    """An action of the log and its check. Texts are empty where the log says nothing.

    `comparison` sets the slice's months after the action (`now`) against as many before. `rest` is the same of what it
    is held against, by `held`: "rest", all other members; "last_year", the same months of the year before, for an
    action that concerned everybody; "" for nothing, where the data begin too late for it. `effect` with `low` and
    `high` is the difference of the two differences; NaN where nothing was held against it, or where there is no
    interval. `verdict` speaks of the effect where there is one, else of the comparison. `why` (a key of `WHY`) is
    filled where nothing was compared.
    """

    action_id: str
    done_on: date
    until: date | None
    action: str
    who: str
    kpi: str
    dimension: str
    member: str
    months: int = 0
    comparison: Comparison | None = None
    held: str = ""
    rest: Comparison | None = None
    effect: float = nan
    low: float = nan
    high: float = nan
    verdict: str = "unknown"
    why: str = ""

    def without(self, why: str) -> Deed:
        """The action, not checked, and why."""
        return replace(self, why=why)

    def compared(
        self, months: int, own: Comparison, held: str, rest: Comparison | None, effect: tuple[float, float, float]
    ) -> Deed:
        """The action with its check; `effect` is the difference in differences with its interval."""
        value, low, high = effect if rest is not None else (own.difference, own.low, own.high)
        # Of a total the fact is known, and not whether chance made it.
        said = "unknown" if isnan(low) else verdict(value, low, high, own.kpi)
        found = replace(self, months=months, comparison=own, held=held, rest=rest, verdict=said)
        return replace(found, effect=effect[0], low=effect[1], high=effect[2])

    def said(self, locale: str = "en") -> str:
        """What was done and what came of it, in a sentence or two."""
        head = {"action": self.action, "day": self.done_on}
        own = self.comparison
        if own is None:
            return say(_NOT, locale, why=say(WHY[self.why], locale), **head)
        values = {**head, **_facts(own, locale), "verdict": say(_VERDICT[self.verdict], locale)}
        if self.rest is None:
            sure = not isnan(own.low)
            ends = _ends(own.low, own.high, own, locale) if sure else {}
            return say(_ALONE if sure else _ALONE_FACT, locale, **values, **ends)
        judged, fact = (_BESIDE, _BESIDE_FACT) if self.held == "rest" else (_YEAR, _YEAR_FACT)
        values |= {"member": self.member, "rest": _change(self.rest.difference, own, locale)}
        if isnan(self.low):
            return say(fact, locale, **values)
        ends = _ends(self.low, self.high, own, locale)
        return say(judged, locale, **values, effect=_change(self.effect, own, locale), **ends)

    def next(self, locale: str = "en") -> str:
        """What the check suggests to do; empty where nothing was checked."""
        return "" if self.comparison is None else say(NEXT[self.verdict], locale)


def _facts(own: Comparison, locale: str) -> dict[str, object]:
    """Both values, both windows, the difference, in words."""
    unit, currency = own.kpi.unit, own.currency
    return {
        "kpi": say(own.kpi.name, locale), "before": own.before.window.label, "now": own.now.window.label,
        "was": units.text(own.before.value, unit, currency, locale),
        "value": units.text(own.now.value, unit, currency, locale), "difference": _change(own.difference, own, locale),
    }  # fmt: skip


def _change(value: float, own: Comparison, locale: str) -> str:
    return units.difference_text(value, own.kpi.unit, own.currency, locale)


def _ends(low: float, high: float, own: Comparison, locale: str) -> dict[str, str]:
    return {"low": _change(low, own, locale), "high": _change(high, own, locale)}
