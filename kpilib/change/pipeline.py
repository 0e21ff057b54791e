"""How the open pipeline of one day became that of another: opened, grown, shrunk, moved, won, lost. It closes exactly.

The steps are sums over the ledger of the pipeline (the panel "pipeline_moves"), whose rows are kept beside the cubes,
so that a page opens no database. Amounts of the past are those of then, where the table `opportunity_changes` tells
them; the KPIs of the pipeline count all months at the amounts of today, so they agree at `as_of` and may not before.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpilib.change.steps import STEPS, UNKNOWN, PipelineChange, Step
from kpilib.compute import columns
from kpilib.errors import BadInput
from kpilib.periods import Months, month_end, month_start, parse

__all__ = ["STEPS", "PipelineChange", "Step", "pipeline_change"]

Where = Mapping[str, Any] | None
Days = tuple[date, date]
#: Amounts are added as whole ten-thousandths, so that the steps add up to the last digit.
_FINE = 10_000
_ENTERS, _LEAVES = ("opened", "reopened"), ("won", "lost")


def pipeline_change(book: Any, since: Any, until: Any, where: Where = None, due: Any = None) -> PipelineChange:
    """The steps from the pipeline open at the end of one day to that open at the end of another.

    Parameters
    ----------
    book : Book
        With opportunities.
    since, until : str or date
        A day ("2026-03-31"): its end. A period ("2026Q2", "2026-05"): from the end of the day before it, to the end of
        its last day. What lies after `as_of` is cut off.
    where : mapping, optional
        Dimension → member or members to keep, by what the deals are today.
    due : str, optional
        A period ("2026Q3"): only what is expected to close within it; a deal whose expected day comes into it or leaves
        it has moved in or out. A deal that closes early or late leaves the pipeline in which it was expected.

    Returns
    -------
    PipelineChange
        Each deal that stayed is grown, shrunk or moved by its change from end to end. A deal without an amount adds 0,
        and is counted. Without opportunities in the slice all steps are 0.

    Raises
    ------
    BadInput
        The first day lies after the last, or after `as_of`.
    CannotAnswer, UnknownName
        There are no opportunities; a dimension or member does not exist.
    """
    first, last = _ends(since, until, book.as_of)
    window = None if due is None else _span(parse(due))
    table = _ledger(book, where, window is not None)
    move, day = table["move"].to_numpy(object), columns.days(table["moved_on"])
    before, after = (_inside(table, side, window) for side in ("before", "after"))
    stock = day <= _number(first)
    kept = np.flatnonzero(~stock & (day <= _number(last)))
    steps = {"start": _sum(before, after, stock), **_through(table, move, before, after, kept)}
    steps["end"] = _sum(before, after, day <= _number(last))
    unknown = tuple(step for step in UNKNOWN if _silent(book, step) and (window or step in ("grown", "shrunk")))
    return PipelineChange(first, last, window, _listed(steps, unknown, window), unknown, _undated(book, where, table))


def _silent(book: Any, step: str) -> bool:
    """Whether the history of the deals says nothing of what a step tells."""
    return not book.about.filled.get(f"opportunity_changes.{UNKNOWN[step]}")


def _ends(since: Any, until: Any, as_of: date) -> Days:
    """Both days, checked."""
    first, last = _edge(since, True), min(_edge(until, False), as_of)
    if first > as_of:
        raise BadInput(f"since={since!r} ends after {as_of}, the day of the figures: nothing is known of it yet.")
    if last < first:
        raise BadInput(f"The change would end ({last}) before it begins ({first}); exchange since and until.")
    return first, last


def _edge(given: Any, opening: bool) -> date:
    """The day that is given; of a period the day before it, or its last one."""
    if isinstance(given, date) and given == given:
        return date(given.year, given.month, given.day)
    try:
        return date.fromisoformat(str(given))
    except ValueError:
        first, last = _span(parse(given))
        return first - timedelta(1) if opening else last


def _span(months: Months) -> Days:
    return month_start(months[0]), month_end(months[1])


def _number(day: date) -> int:
    """The day as `columns.days` has it."""
    return (day - date(1970, 1, 1)).days


_PLAIN = ("opportunity_id", "move", "moved_on", "amount_before", "amount")


def _ledger(book: Any, where: Where, dated: bool) -> pd.DataFrame:
    """The movements of the slice, from the rows that are kept, else from the engine."""
    if "opportunities" not in book.tables:
        from kpilib.errors import CannotAnswer

        raise CannotAnswer("The pipeline needs the table 'opportunities', which these data do not have.")
    wanted = (*_PLAIN, "due_before", "due") if dated else _PLAIN
    table: pd.DataFrame = book.panel("pipeline_moves", where=where, columns=wanted)
    return table


Side = tuple[NDArray[np.int64], NDArray[np.bool_]]


def _inside(table: pd.DataFrame, side: str, window: Days | None) -> Side:
    """What each row found ("before") or left ("after") in the pipeline: its amount, and whether it was in it."""
    tail = "_before" if side == "before" else ""
    inside = ~table["move"].isin(_ENTERS if tail else _LEAVES).to_numpy()
    if window is not None:
        day = columns.days(table[f"due{tail}"])
        inside &= (day >= _number(window[0])) & (day <= _number(window[1]))
    amount = np.nan_to_num(table[f"amount{tail}"].to_numpy(float))
    return np.where(inside, np.rint(amount * _FINE), 0).astype(np.int64), inside


def _sum(before: Side, after: Side, rows: NDArray[Any]) -> tuple[int, int]:
    """What these movements left in the pipeline: amount, deals."""
    amount = int(after[0][rows].sum() - before[0][rows].sum())
    return amount, int(after[1][rows].sum()) - int(before[1][rows].sum())


def _through(
    table: pd.DataFrame, move: NDArray[Any], before: Side, after: Side, kept: NDArray[np.intp]
) -> dict[str, tuple[int, int]]:
    """The steps between the two stocks; deals are counted as many as are concerned."""
    steps = {}
    for name in (*_ENTERS, *_LEAVES):
        amount, deals = _sum(before, after, kept[move[kept] == name])
        steps[name] = amount, abs(deals)
    rows = kept[move[kept] == "changed"]
    # By deal, from end to end: what grew and shrank again has not changed.
    deal, count = columns.codes(table["opportunity_id"].iloc[rows])
    more = np.bincount(deal, after[0][rows] - before[0][rows], len(count)).astype(np.int64)
    came = np.bincount(deal, after[1][rows].astype(int) - before[1][rows], len(count)).astype(np.int64)
    kinds = {"moved_in": came > 0, "moved_out": came < 0, "grown": (came == 0) & (more > 0)}
    kinds["shrunk"] = (came == 0) & (more < 0)
    return steps | {name: (int(more[mine].sum()), int(mine.sum())) for name, mine in kinds.items()}


def _listed(steps: dict[str, tuple[int, int]], unknown: tuple[str, ...], window: Days | None) -> tuple[Step, ...]:
    """In the order of the waterfall; without what is not known, was not asked or did not occur."""
    left_out = {*unknown, *(() if window else ("moved_in", "moved_out"))}
    left_out |= set() if steps["reopened"][1] else {"reopened"}
    return tuple(Step(name, steps[name][0] / _FINE, steps[name][1]) for name in STEPS if name not in left_out)


def _undated(book: Any, where: Where, table: pd.DataFrame) -> int:
    """The deals of the slice that nobody dated, so that they are in no stock."""
    return len(book.panel("deals", where=where, columns=("status",))) - int((table["move"] == "opened").sum())
