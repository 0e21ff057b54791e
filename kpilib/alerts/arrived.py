"""Alerts of the data themselves: a table late, or broken (too few rows, a column suddenly empty, refused rows)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from kpilib.compute.arrivals import arrivals_of
from kpilib.periods import is_complete, label, month_of
from kpilib.stats import watching
from kpilib.stats.watching import Verdicts

from .alert import BROKEN, DATA, LATE, Alert
from .options import Options
from .series import Block, Row, figures, stacked

#: A table of fewer days with rows, of two years, comes in now and then: its silence tells nothing.
REGULAR = 60
#: Silence of so many times the longest one so far, and of a week at least, is late.
TIMES, WEEK = 2, 7


def late(book: Any, chosen: Options, today: date | None = None) -> list[Alert]:
    """The tables whose newest row is older, on the day of the data or a later one, than they ever were silent."""
    found, on = [], max(today or book.as_of, book.as_of)
    for table, one in arrivals_of(book)["tables"].items():
        newest = date.fromisoformat(one["newest"])
        silent, allowed = (on - newest).days, chosen.lag_days
        longest = float("nan") if allowed is not None else float(one["longest"])
        if allowed is None:
            allowed = max(TIMES * one["longest"], WEEK) if one["days"] >= REGULAR else None
        if allowed is not None and silent > allowed:
            now, begun = (label(month_of(day), "month") for day in (on, newest))
            ends = (float(silent), 0.0, float(allowed), longest)
            found.append(Alert(LATE, DATA, now, begun, *ends, table=table, day=one["newest"]))
    return found


def volumes(book: Any, chosen: Options) -> Block:
    """The rows of each table by month, up to the last month that is over: watched as totals are."""
    last = month_of(book.as_of) - (not is_complete(month_of(book.as_of), book.as_of))
    made = []
    for table, one in arrivals_of(book)["tables"].items():
        counts = np.array(one["rows"][: max(last - one["first"] + 1, 0)], float)[None, :]
        if counts.shape[1] > 1:
            sums = np.stack([counts] * 5)
            made.append(figures([Row(None, "", "", last, table)], None, sums, chosen.minimum))
    return stacked(made)


def few(block: Block, verdicts: Verdicts, first: int = 0) -> list[Alert]:
    """The tables of which far fewer rows came in the last month than were to be expected."""
    found = []
    for at, row in enumerate(block.rows):
        place = first + at
        if not verdicts.open[place] or verdicts.side[place] > 0 or verdicts.rule[place] != watching.OUTSIDE:
            continue
        low, high, center = (
            max(block.unit(at, end[place]), 0.0) for end in (verdicts.low, verdicts.high, verdicts.center)
        )
        value = float(block.own[at, -1])
        begun = row.last - (block.own.shape[1] - 1 - int(verdicts.since[place]))
        found.append(
            Alert(
                BROKEN, DATA, label(row.last, "month"), label(begun, "month"), value, round(low), round(high),
                round(center), side="below", p=float(verdicts.p[place]), rows=int(value), table=row.table, cause="rows",
            )
        )  # fmt: skip
    return found


def empty(book: Any, chosen: Options) -> list[Alert]:
    """The columns that hold nothing in the last month that is over, and always held something in the year before."""
    last = month_of(book.as_of) - (not is_complete(month_of(book.as_of), book.as_of))
    found = []
    for table, one in arrivals_of(book)["tables"].items():
        rows = np.array(one["rows"][: max(last - one["first"] + 1, 0)], float)
        for column, counts in one["filled"].items():
            months = _empty(rows, np.array(counts[: len(rows)], float), chosen.minimum)
            if months:
                usual = float(np.sum(counts[: len(rows) - months]) / rows[:-months].sum())
                ends = (0.0, 0.0, float(rows[-1]), usual)
                begun = label(last - months + 1, "month")
                about = {"rows": int(rows[-1]), "table": table, "column": column, "cause": "column"}
                found.append(Alert(BROKEN, DATA, label(last, "month"), begun, *ends, **about))
    return found


def _empty(rows: np.ndarray, filled: np.ndarray, minimum: int) -> int:
    """For how many months up to the last one a column has been empty; 0 where that is no news."""
    held = np.flatnonzero(filled > 0)
    months = len(rows) - 1 - int(held[-1]) if len(held) else 0
    year = slice(max(len(rows) - months - 12, 0), len(rows) - months)
    if not 1 <= months <= 12 or len(rows[year]) < 12 or not filled[year].all():
        return 0
    expected = float((filled[year] / rows[year]).min()) * float(rows[len(rows) - months :].sum())
    return months if expected >= minimum else 0


def refused(book: Any, chosen: Options) -> list[Alert]:
    """The tables of which more than the allowed share of the rows were refused when they were imported."""
    counts: Mapping[str, tuple[int, int]] = arrivals_of(book)["refused"]
    month = label(month_of(book.as_of), "month")
    return [
        Alert(
            BROKEN, DATA, month, month, no / read, 0.0, chosen.refused, chosen.refused, side="above", rows=read,
            table=table, cause="refused",
        )
        for table, (read, no) in counts.items()
        if read >= chosen.minimum and no / read > chosen.refused
    ]  # fmt: skip
