"""One thing that calls for attention: what, where, since when, how sure; and the sentence that says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kpilib import units
from kpilib.catalogue import CATALOGUE
from kpilib.change.explain_said import member_said
from kpilib.language import N_, say

#: Kinds of alerts.
OUTSIDE, RUN, TARGET, LATE, BROKEN = "outside", "run", "target", "late", "broken"
WORSE, BETTER, DATA = "worse", "better", "data"

_OF_MEMBER = N_("{kpi}, {member}")
_ABOVE = N_("{what} was {value} in {month}, above the limits of chance ({low} to {high}); its usual level is {center}.")
_BELOW = N_("{what} was {value} in {month}, below the limits of chance ({low} to {high}); its usual level is {center}.")
_ABOVE_YEAR = N_(
    "{what} was {value} in {month}, above what the same month a year before lets expect ({low} to "
    "{high}, about {center})."
)
_BELOW_YEAR = N_(
    "{what} was {value} in {month}, below what the same month a year before lets expect ({low} to "
    "{high}, about {center})."
)
_ABOVE_MONTH = N_(
    "{what} was {value} at the end of {month}, above what the month before lets expect ({low} to {high})."
)
_BELOW_MONTH = N_(
    "{what} was {value} at the end of {month}, below what the month before lets expect ({low} to {high})."
)
_RUN_ABOVE = N_(
    "{what} has been above its level of {center} since {since}, longer than chance keeps it; in {month} it was {value}."
)
_RUN_BELOW = N_(
    "{what} has been below its level of {center} since {since}, longer than chance keeps it; in {month} it was {value}."
)
_RUN_MORE = N_(
    "{what} has grown more than usual since {since}, longer than chance keeps it; in {month} it was "
    "{value}, where {center} was to be expected."
)
_RUN_LESS = N_(
    "{what} has grown less than usual since {since}, longer than chance keeps it; in {month} it was "
    "{value}, where {center} was to be expected."
)
_STILL = N_("It has been so since {since}.")
_MISSED = N_("{what} was {value} in {month}: the target of {center} is missed by {by}, more than chance explains.")
_LATE = N_("{what}: the newest row is of {day}, {value} ago; until now its longest silence was of {center}.")
_LATE_GIVEN = N_("{what}: the newest row is of {day}, {value} ago; {high} are allowed.")
_FEW = N_("{what}: {value} rows came in {month}, where {low} to {high} were to be expected.")
_EMPTY = N_("{what}: the column {column} is empty in all {rows} rows of {month}; usually {center} of them have it.")
_REFUSED = N_("{what}: {value} of {rows} rows were refused at the import; no more than {high} is usual.")
_EVENTS = N_("What happened about then: {events}.")

_POINT = {
    ("level", "above"): _ABOVE, ("level", "below"): _BELOW,
    ("year", "above"): _ABOVE_YEAR, ("year", "below"): _BELOW_YEAR,
    ("month", "above"): _ABOVE_MONTH, ("month", "below"): _BELOW_MONTH,
}  # fmt: skip
_LONG = {
    ("level", "above"): _RUN_ABOVE, ("level", "below"): _RUN_BELOW,
    ("year", "above"): _RUN_MORE, ("year", "below"): _RUN_LESS,
    ("month", "above"): _RUN_MORE, ("month", "below"): _RUN_LESS,
}  # fmt: skip
_OF_DATA = {"rows": _FEW, "column": _EMPTY, "refused": _REFUSED}


@dataclass(frozen=True)
class Alert:
    """An open alert.

    Parameters
    ----------
    kind : {"outside", "run", "target", "late", "broken"}
        Beyond its limits; eight months or more on one side; a target missed beyond noise; data late; data broken.
    severity : {"worse", "better", "data"}
        Which way it points, by the KPI's good side.
    month : str
        The month judged: "2026-06".
    since : str
        The first month of the event.
    value, low, high, center : float
        The month's figure, the limits of chance and the usual level, in the KPI's unit; of a target, `center` is the
        target; of late data, days (`center` the longest silence so far, `high` what is allowed).
    kpi, dimension, member : str
        Whose figure; "" for the whole company, and a KPI of "" for data.
    side : {"above", "below", ""}
        Of the usual level.
    against : {"level", "year", "month"}
        What the limits stand about: the usual level, the same month a year before, the month before.
    p : float
        How often as much would come where nothing changed; NaN for late data.
    rows : int
        The rows behind the month's figure.
    table, column, cause, day : str
        Of late or broken data: which table and column, what is wrong ("rows", "column", "refused"), the newest day.
    events : tuple of str
        What the company's calendar says happened about the first month.
    """

    kind: str
    severity: str
    month: str
    since: str
    value: float
    low: float
    high: float
    center: float
    kpi: str = ""
    dimension: str = ""
    member: str = ""
    side: str = ""
    against: str = "level"
    p: float = float("nan")
    rows: int = 0
    table: str = ""
    column: str = ""
    cause: str = ""
    day: str = ""
    events: tuple[str, ...] = ()

    @property
    def series(self) -> str:
        """What the alert is about, the same in every month: one event at a time is open for it."""
        if self.table:
            return "|".join(part for part in (self.kind, self.table, self.cause, self.column) if part)
        rule = TARGET if self.kind == TARGET else "limits"
        return f"{rule}|{self.kpi}|{self.dimension}={self.member}|{self.side}"

    @property
    def key(self) -> str:
        """The event: its series and first month."""
        return f"{self.series}|{self.since}"

    @property
    def where(self) -> dict[str, tuple[str, ...]]:
        """The slice, as `book.kpi` takes it."""
        return {self.dimension: (self.member,)} if self.dimension else {}

    @property
    def unit(self) -> str:
        """The unit of the figures."""
        if self.table:
            return "days" if self.kind == LATE else "share" if self.cause in ("column", "refused") else "count"
        return CATALOGUE[self.kpi].unit if self.kpi in CATALOGUE else "count"

    def title(self, locale: str = "en") -> str:
        """What it is about: "Win rate, SMB"; of data, the table.

        Examples
        --------
        >>> Alert("outside", "worse", "2026-06", "2026-06", 0.3, 0.4, 0.6, 0.5, "win_rate", "segment", "SMB").title()
        'Win rate, SMB'
        """
        if self.table:
            return self.table
        name = say(CATALOGUE[self.kpi].name, locale) if self.kpi in CATALOGUE else self.kpi
        if not self.member:
            return name
        return say(_OF_MEMBER, locale, kpi=name, member=member_said(self.dimension, self.member, locale))

    def said(self, locale: str = "en", currency: str = "EUR") -> str:
        """The alert in one to three sentences."""
        message, more = self._message(), []
        if self.since != self.month and self.kind in (OUTSIDE, TARGET):
            more.append(say(_STILL, locale, since=self.since))
        if self.events:
            more.append(say(_EVENTS, locale, events="; ".join(self.events)))
        return " ".join([say(message, locale, **self._given(locale, currency)), *more])

    def _message(self) -> str:
        if self.kind in (OUTSIDE, RUN):
            return (_POINT if self.kind == OUTSIDE else _LONG)[self.against, self.side]
        if self.kind == LATE:
            return _LATE if self.center == self.center else _LATE_GIVEN
        return _MISSED if self.kind == TARGET else _OF_DATA[self.cause]

    def _given(self, locale: str, currency: str) -> Mapping[str, Any]:
        """The numbers of the sentence, written."""
        unit = self.unit

        def text(name: str) -> str:
            return units.text(getattr(self, name), unit, currency, locale, 0 if self.kind == LATE else None)

        by = units.difference_text(abs(self.value - self.center), unit, currency, locale).removeprefix("+")
        given = {name: text(name) for name in ("value", "low", "high", "center")}
        rows = units.text(self.rows, "count", locale=locale)
        return {
            **given, "what": self.title(locale), "month": self.month, "since": self.since, "day": self.day,
            "column": self.column, "rows": rows, "by": by if self.kind == TARGET else "",
        }  # fmt: skip

    def described(self, locale: str = "en", currency: str = "EUR") -> dict[str, Any]:
        """The alert as JSON can hold it: its fields (None where a number is none), `key`, `title` and `said`."""
        fields = {name: _plain(value) for name, value in vars(self).items()}
        return {
            "key": self.key, "title": self.title(locale), "said": self.said(locale, currency), "unit": self.unit,
            **fields,
        }  # fmt: skip


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return None if value != value or value in (float("inf"), float("-inf")) else value
    return list(value) if isinstance(value, tuple) else value
