"""The alerts as texts: lines for a terminal, a letter of plain text and HTML, a message for a webhook."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kpilib import units
from kpilib.language import N_, plural, say

from .alert import Alert
from .state import Back
from .watch import Watch

_NOTHING = N_("Nothing new calls for attention.")
_WORSE, _DATA, _BETTER = N_("Worse"), N_("Data"), N_("Better")
_BACK = N_("{title}: over. What was told since {since} no longer holds in {month}.")
_OPEN = N_("Told before and still open:")
_OVER = N_("Over:")
_RATE = N_(
    "Watched up to {month}: {n} series. Where nothing changes, the whole watch gives a false alarm in {rate} of months "
    "at most; with plain limits at three sigma it would in {alone}."
)
_FEW = N_("Watched up to {month}: no series has months enough to be judged.")
_SUBJECT = (N_("{company}: {n} alert"), N_("{company}: {n} alerts"))
_OVER_SUBJECT = N_("{company}: alerts that are over")
HEADS = {"worse": _WORSE, "data": _DATA, "better": _BETTER}
_COLOURS = {"worse": "#b3261e", "data": "#7a5900", "better": "#1b6e3c"}


@dataclass(frozen=True)
class Letter:
    """What is told: `news`, alerts not told before; `open`, the others; `over`, events that ended."""

    company: str
    watch: Watch
    news: Sequence[Alert]
    open: Sequence[Alert] = ()
    over: Sequence[Back] = ()
    currency: str = "EUR"
    locale: str = "en"

    @property
    def empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not self.news and not self.over

    @property
    def subject(self) -> str:
        """One line, whatever is in the company's name."""
        company = " ".join("".join(c if c.isprintable() else " " for c in self.company).split())
        if not self.news:
            return say(_OVER_SUBJECT, self.locale, company=company)
        return plural(len(self.news), *_SUBJECT, self.locale, company=company, n=len(self.news))

    def rate(self) -> str:
        """How often such a watch is wrong."""
        if not self.watch.series:
            return say(_FEW, self.locale, month=self.watch.month)
        shares = {name: units.text(getattr(self.watch, name), "share", locale=self.locale, precision=0)
                  for name in ("rate", "alone")}  # fmt: skip
        n = units.text(self.watch.series, "count", locale=self.locale)
        return say(_RATE, self.locale, month=self.watch.month, n=n, **shares)

    def text(self) -> str:
        """Plain text: what is new, what is over, what is still open, how often it is wrong."""
        lines = [self._line(one) for one in self.news] or [say(_NOTHING, self.locale)]
        if self.over:
            lines += ["", say(_OVER, self.locale), *(f"- {self._ended(one)}" for one in self.over)]
        if self.open:
            lines += ["", say(_OPEN, self.locale), *(self._line(one) for one in self.open)]
        return "\n".join([*lines, "", self.rate()]) + "\n"

    def html(self) -> str:
        """The same as a page that a mail client shows: no script, no picture, nothing fetched."""
        parts = [f"<h2>{html.escape(self.subject)}</h2>"]
        parts += [f"<ul>{''.join(map(self._item, self.news))}</ul>"] if self.news else []
        if self.over:
            ended = "".join(f"<li>{html.escape(self._ended(one))}</li>" for one in self.over)
            parts.append(f"<h3>{html.escape(say(_OVER, self.locale))}</h3><ul>{ended}</ul>")
        if self.open:
            still = "".join(map(self._item, self.open))
            parts.append(f"<h3>{html.escape(say(_OPEN, self.locale))}</h3><ul>{still}</ul>")
        parts.append(f'<p style="color:#555">{html.escape(self.rate())}</p>')
        body = "\n".join(parts)
        style = "font-family:sans-serif;max-width:40em"
        return (
            f'<!DOCTYPE html>\n<html lang="{html.escape(self.locale)}"><head><meta charset="utf-8">'
            f'<title>{html.escape(self.subject)}</title></head>\n<body style="{style}">\n{body}\n</body></html>\n'
        )

    def described(self) -> dict[str, Any]:
        """The same for a program: JSON of alerts, each `new` or not, of what is over, and of the watch."""
        listed = [(one, True) for one in self.news] + [(one, False) for one in self.open]
        return {
            "company": self.company,
            "month": self.watch.month,
            "series": self.watch.series,
            "false_alarm_rate": self.watch.rate,
            "said": self.rate(),
            "alerts": [{"new": new, **one.described(self.locale, self.currency)} for one, new in listed],
            "over": [{**vars(one), "said": self._ended(one)} for one in self.over],
        }

    def _line(self, one: Alert) -> str:
        return f"- [{say(HEADS[one.severity], self.locale)}] {self._said(one)}"

    def _item(self, one: Alert) -> str:
        head = html.escape(say(HEADS[one.severity], self.locale))
        colour = _COLOURS[one.severity]
        return f'<li><b style="color:{colour}">{head}</b> {html.escape(self._said(one))}</li>'

    def _said(self, one: Alert) -> str:
        """A sentence is one line, whatever a member is called."""
        return " ".join(one.said(self.locale, self.currency).split())

    def _ended(self, one: Back) -> str:
        said = say(_BACK, self.locale, title=one.title, since=one.since, month=one.month)
        return " ".join(said.split())
