"""What the foot of each page says of the data: which, up to when, from when, and how good."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent

from kpilib.language import say
from kpilib.serve.places import cache_folder, name_of

SHOWN = 12
"""Digits of a fingerprint that are shown, as the pieces show them."""


@dataclass(frozen=True)
class DataFacts:
    """The data that the pages speak of.

    Attributes
    ----------
    name : str
        The folder's or database's name, without its place on the machine.
    as_of : str
        ISO date up to which the data reach.
    fingerprint : str
        Identifies files, dialect and options; the same figures come from the same fingerprint.
    refreshed : float
        When they were read, in seconds since 1970; 0 where nobody knows.
    refused, rows : float
        Rows that the import refused, of those it was given; 0 of 0 where there is no report.
    """

    name: str
    as_of: str
    fingerprint: str
    refreshed: float = 0
    refused: float = 0
    rows: float = 0

    def said(self, locale: str) -> dict[str, str]:
        """The same in a reader's language: name, as_of, day, fingerprint, refreshed, quality; empty where unknown."""
        language = locale.replace("-", "_")
        return {
            "name": self.name,
            "as_of": self.as_of,
            "day": format_date(date.fromisoformat(self.as_of), "long", locale=language),
            "fingerprint": self.fingerprint[:SHOWN],
            "refreshed": self._refreshed(language),
            "quality": self._quality(language),
        }

    def _refreshed(self, locale: str) -> str:
        if not self.refreshed:
            return ""
        return str(format_datetime(datetime.fromtimestamp(self.refreshed).astimezone(), "medium", locale=locale))

    def _quality(self, locale: str) -> str:
        if not self.rows:
            return ""
        rows = format_decimal(int(self.rows), locale=locale)
        if not self.refused:
            return say("none of {rows} rows refused", locale, rows=rows)
        share = format_percent(self.refused / self.rows, "#,##0.##%", locale=locale)
        refused = format_decimal(int(self.refused), locale=locale)
        return say("{refused} of {rows} rows refused ({share})", locale, refused=refused, rows=rows, share=share)


def facts_from(source: str | None, found: Mapping[str, Any]) -> DataFacts:
    """The facts, of what a worker found when it opened the data.

    Parameters
    ----------
    source : str or None
        As `places.absolute` returns it.
    found : mapping
        as_of, fingerprint, refused (a pair, or None).
    """
    fingerprint = str(found["fingerprint"])
    refused, rows = found.get("refused") or (0, 0)
    return DataFacts(name_of(source), found["as_of"], fingerprint[:SHOWN], _built(fingerprint), refused, rows)


def _built(fingerprint: str) -> float:
    """When the cubes of the data were built; now, where they are kept nowhere."""
    folder = cache_folder() / "cubes" / fingerprint
    return folder.stat().st_mtime if folder.exists() else time.time()
