"""Alerts of figures: off their limits or moved for good, and targets missed beyond noise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kpilib.catalogue.kpi import Kpi
from kpilib.periods import label
from kpilib.stats import watching
from kpilib.stats.control import MINIMUM_POINTS
from kpilib.stats.sheet import DEGREES, Levels
from kpilib.stats.watching import Verdicts
from kpilib.units import DURATIONS

from .alert import BETTER, OUTSIDE, RUN, WORSE, Alert
from .series import LEVEL, Block, Row

#: What the limits of a row stand about, by how many months back it is compared.
AGAINST = {0: "level", 1: "month", 12: "year"}


def of_verdicts(block: Block, verdicts: Verdicts, places: Sequence[int]) -> list[Alert]:
    """The alert of each of these rows in which an event is open."""
    return [_alert(block, verdicts, place) for place in places if verdicts.open[place]]


def _alert(block: Block, verdicts: Verdicts, place: int) -> Alert:
    row = block.rows[place]
    assert row.kpi is not None
    side = "above" if verdicts.side[place] > 0 else "below"
    ends = (verdicts.low[place], verdicts.high[place], verdicts.center[place])
    low, high, center = (bounded(row.kpi, block.unit(place, end)) for end in ends)
    columns = block.own.shape[1]
    return Alert(
        OUTSIDE if verdicts.rule[place] == watching.OUTSIDE else RUN,
        severity(row.kpi, side),
        label(row.last, "month"),
        label(row.last - (columns - 1 - int(verdicts.since[place])), "month"),
        float(block.own[place, -1]), min(low, high), max(low, high), center,
        row.kpi.key, row.dimension, row.member, side,
        AGAINST[int(block.sheet.echo[place])], float(verdicts.p[place]), int(np.nan_to_num(block.counts[place, -1])),
    )  # fmt: skip


def severity(kpi: Kpi, side: str) -> str:
    """Whether a move to that side is for the better or the worse."""
    return BETTER if (kpi.better == "higher") == (side == "above") else WORSE


def bounded(kpi: Kpi, value: float) -> float:
    """A limit within what the KPI can be."""
    if kpi.unit == "share" and not kpi.signed:
        return min(max(value, 0.0), 1.0)
    value = round(value) if kpi.unit == "count" and np.isfinite(value) else value
    return max(value, 0.0) if kpi.unit in ("count", *DURATIONS) else value


def missed(block: Block, levels: Levels, targets: Any, places: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """The target of each row's month, and the chance to fall so short of it while the process is on target.

    Parameters
    ----------
    block : Block
        The rows.
    levels : Levels
        How much the rows stray from month to month.
    targets : mapping
        As `compute.comparing.targets_of` gives it.
    places : sequence of int
        The rows to look at.

    Returns
    -------
    tuple of ndarray, shape (len(places),)
        The targets (NaN where there is none) and the one-sided chances, 1 where the target is reached; NaN where
        nothing tells the noise.
    """
    return _missed(block, levels, targets, places, 0)


def since(block: Block, levels: Levels, targets: Any, place: int, level: float = 0.05) -> int:
    """How many months in a row missed their target: the last one, and those before it, each at `level` by itself."""
    months = 1
    while months < block.own.shape[1]:
        p = _missed(block, levels, targets, [place], months)[1][0]
        if not p < level:
            break
        months += 1
    return months


def _missed(
    block: Block, levels: Levels, targets: Any, places: Sequence[int], back: int
) -> tuple[np.ndarray, np.ndarray]:
    aimed, p = np.full(len(places), np.nan), np.full(len(places), np.nan)
    for i, place in enumerate(places):
        row, own = block.rows[place], block.own[place, -1 - back]
        aim = target_of(row, targets, row.last - back)
        if aim is None or np.isnan(own) or row.kpi is None:
            continue
        aimed[i] = aim
        good = own >= aim if row.kpi.better == "higher" else own <= aim
        p[i] = 1.0 if good else _chance(block, levels, place, back, float(own), aim)
    return aimed, p


def target_of(row: Row, targets: Any, month: int) -> float | None:
    """The target of exactly this row in a month; None without one."""
    key = f"{row.kpi.key if row.kpi else ''}|{row.dimension}|{row.member}"
    found = targets.get(key, {}).get(str(month))
    return None if found is None else float(found)


def _chance(block: Block, levels: Levels, place: int, back: int, own: float, aim: float) -> float:
    """One-sided: of the months' own noise, and of the counts where there are any; the larger of the two."""
    from scipy.special import bdtr, bdtrc, stdtr

    found = []
    sheet, echo = block.sheet, int(block.sheet.echo[place])
    if block.form[place] == LEVEL:
        off, noise = own - aim, levels.sigma[place] * sheet.spread[place, -1 - back]
        trials, successes = sheet.trials[place, -1 - back], sheet.successes[place, -1 - back]
        if trials > 0:
            k, n = round(float(successes)), int(trials)
            share = min(max(aim, 0.0), 1.0)
            found.append(float(bdtr(k, n, share) if own < aim else bdtrc(k - 1, n, share) if k else 1.0))
    else:  # a change of two months has the noise of both
        off = 2 * (own - aim) / (own + aim) if block.form[place] == 1 and own + aim > 0 else own - aim
        noise = levels.sigma[place] / (np.sqrt(2) if echo > 1 else 1)
    points = int(levels.points[place])
    if points >= MINIMUM_POINTS and noise > 0:
        found.append(float(stdtr(max(DEGREES * (points - 1), 1), -abs(off / noise))))
    return max(found, default=float("nan"))
