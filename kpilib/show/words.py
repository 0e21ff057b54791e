"""How a number is said on a page: one object that carries the currency and the locale to every sentence and chart."""

import re
from dataclasses import dataclass

import pandas as pd

from kpilib import language, units
from kpilib.model.dimensions import DIMENSIONS, called

#: What stands where nothing was observed; never 0.
NOTHING = units.NOTHING
#: Groups of fewer rows are drawn hollow and not ranked; the same as `kpilib.stats.ranking.MINIMUM_COUNT`.
MINIMUM = 10


@dataclass(frozen=True)
class Words:
    """Numbers in words, in one currency and one locale.

    Examples
    --------
    >>> Words("EUR").count(2114)
    '2,114'
    """

    currency: str = "EUR"
    locale: str = "en"

    def say(self, message: str, /, **values: object) -> str:
        """A message in the reader's language, its ``{names}`` filled in; see `kpilib.language`."""
        return language.say(message, self.locale, **values)

    def plural(self, count: float, one: str, other: str, /, **values: object) -> str:
        """The message for one, or for another number, in the reader's language."""
        return language.plural(count, one, other, self.locale, **values)

    def dimension(self, name: str) -> str:
        """What a dimension is called: "Customer family"; its own name where the workbook has none for it."""
        return self.say(DIMENSIONS[name].label) if name in DIMENSIONS else name

    def member(self, dimension: str, member: str) -> str:
        """What a member of a dimension is called: "Up-sell"; its own name where the data give it."""
        return self.say(message) if (message := called(dimension, member)) else member

    def text(self, value: object, unit: str) -> str:
        """The value in full with its unit; a dash where nothing was observed."""
        return NOTHING if missing(value) else units.text(value, unit, self.currency, self.locale)  # type: ignore[arg-type]

    def short(self, value: object, unit: str) -> str:
        """The value in as few characters as tell it; a dash where nothing was observed."""
        return NOTHING if missing(value) else units.short(value, unit, self.currency, self.locale)  # type: ignore[arg-type]

    def count(self, rows: object) -> str:
        """A number of rows: "2,114"."""
        return self.text(rows, "count")

    def interval(self, low: object, high: object, unit: str) -> str:
        """An interval: "62.0% to 66.1%"; empty text where there is none."""
        if missing(low) or missing(high):
            return ""
        return units.interval_text(low, high, unit, self.currency, self.locale)  # type: ignore[arg-type]

    def difference(self, value: object, unit: str) -> str:
        """A change with its sign; of shares, in percentage points: "+3.1 points"."""
        return units.difference_text(value, unit, self.currency, self.locale)  # type: ignore[arg-type]

    def axis(self, unit: str, largest: float) -> str:
        """How the ticks of an axis are written, in d3's language: without decimals that are only zeros."""
        return re.sub(r"(?<!~)(?=[a-z%]$)", "~", units.d3_format(unit, largest))

    def axis_title(self, name: str, unit: str) -> str:
        """What an axis shows, with the unit that its ticks do not carry: "Revenue (EUR)"."""
        said = {
            "money": self.currency,
            "days": self.say("days"),
            "hours": self.say("hours"),
            "months": self.say("months"),
        }.get(unit, "")
        if unit == "money/day":
            said = self.say("{currency} per day", currency=self.currency)
        return f"{name} ({said})".strip() if said and said.lower() not in name.lower() else name


def low(name: str) -> str:
    """A name inside a sentence.

    Examples
    --------
    >>> low("Win rate"), low("NPS")
    ('win rate', 'NPS')
    """
    return name[:1].lower() + name[1:] if name[1:2].islower() else name


def missing(value: object) -> bool:
    """Whether nothing was observed: None, NaN or NaT."""
    if isinstance(value, float):  # nearly all that is asked, and pandas takes its time
        return value != value
    return value is None or bool(pd.isna(value))  # type: ignore[call-overload]
