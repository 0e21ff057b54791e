"""The figures that are watched as one table: of each row what is judged, what it is held against, and how.

A share or a mean is watched as it is, its months weighted by their rows. A total has a season and grows: it is watched
as its change against the same month a year before, where the data reach back far enough. A stock carries over from
month to month: it is watched as its change since the month before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kpilib.catalogue.kpi import Kpi
from kpilib.stats.control import MINIMUM_POINTS
from kpilib.stats.sheet import Sheet

Floats = NDArray[np.float64]
#: How a watched figure comes from the KPI's own: as it is, as a relative change, as a difference.
LEVEL, RELATIVE, DIFFERENCE = 0, 1, 2
YEAR = 12
#: A mean or a share of money is watched where so many equal rows would make as uneven a sum.
FEW_IN_EFFECT = 20
#: Means in these units have the season and the growth of the totals that they are made of.
SEASONAL = ("money", "hours")
#: Figures over the twelve months until each month: eleven of them are those of the month before, as of a stock.
CARRIED = ("net_revenue_retention",)


@dataclass(frozen=True)
class Row:
    """Whose figures a row has: a KPI ("" of data: a `table`), a member of a dimension, up to month `last`."""

    kpi: Kpi | None
    dimension: str
    member: str
    last: int
    table: str = ""

    @property
    def company(self) -> bool:
        return not self.dimension


@dataclass(frozen=True, eq=False)
class Block:
    """Rows with the KPI's own figures `own`, their rows, what they are compared with (`base`), and how (`form`).

    All tables have shape (rows, months); the last column is the month judged, of each row its own.
    """

    rows: list[Row]
    own: Floats
    counts: Floats
    base: Floats
    form: NDArray[np.int64]
    sheet: Sheet

    def taken(self, places: list[int]) -> Block:
        """These rows alone."""
        sheet = Sheet(**{name: table[places] for name, table in vars(self.sheet).items()})
        rows = [self.rows[place] for place in places]
        return Block(rows, self.own[places], self.counts[places], self.base[places], self.form[places], sheet)

    def unit(self, place: int, watched_: float, at: int = -1) -> float:
        """A watched figure of a month (by default the last one) in the KPI's own unit."""
        base = self.base[place, at] if self.base.shape[1] else np.nan
        if self.form[place] == LEVEL:
            return float(watched_)
        if self.form[place] == DIFFERENCE:
            return float(base + watched_)
        change = float(np.clip(watched_, -1.999, 1.999))
        return float(base * (2 + change) / (2 - change))


def figures(rows: list[Row], kpi: Kpi | None, sums: Floats, minimum: int) -> Block:
    """A block from sums: what is divided as a mean, a total by its change, a stock by its step.

    Parameters
    ----------
    rows : list of Row
        Whose they are.
    kpi : Kpi, optional
        Says which it is; None for the rows of a table, which are a total.
    sums : ndarray, shape (5, rows, months)
        Rows, n, d, nn, dd.
    minimum : int
        A month of a mean with fewer rows has no figure; a total needs as many in its usual month.
    """
    counts, n, d, nn, dd = sums
    nothing = np.full(n.shape, np.nan)
    if kpi is None or kpi.total:
        usual = np.median(counts[:, :-1], axis=1) if counts.shape[1] > 1 else np.zeros(len(rows))
        own = np.where((usual >= minimum)[:, None], n, np.nan)
        ones = bool((nn == n).all())
        return _total(rows, kpi, own, counts, ones)
    own = np.divide(n, d, out=nothing.copy(), where=(d > 0) & (counts >= minimum))
    if not kpi.binary:
        own[np.minimum(_in_effect(n, nn), _in_effect(d, dd)) < FEW_IN_EFFECT] = np.nan
    if kpi.at != "flow" or kpi.key in CARRIED:
        return _stepped(rows, own, counts, 1, DIFFERENCE)
    if kpi.unit in SEASONAL and own.shape[1] > YEAR + MINIMUM_POINTS:
        return _stepped(rows, own, counts, YEAR, RELATIVE if (np.nan_to_num(own) >= 0).all() else DIFFERENCE)
    spread = np.divide(np.sqrt(dd), d, out=nothing.copy(), where=d > 0)
    successes, trials = (n, d) if kpi.binary else (nothing, nothing)
    known = ~np.isnan(own)
    sheet = _sheet(own, spread, np.where(known, successes, np.nan), np.where(known, trials, np.nan), (0.0, 1.0), 0)
    return Block(rows, own, counts, own * 0, np.full(len(rows), LEVEL), sheet)


def changes(rows: list[Row], own: Floats, counts: Floats) -> Block:
    """Figures without sums of their own, against the year before; as they are where there is no such year."""
    if own.shape[1] > YEAR + MINIMUM_POINTS:
        return _stepped(rows, own, counts, YEAR, RELATIVE if (np.nan_to_num(own) >= 0).all() else DIFFERENCE)
    nothing = np.full(own.shape, np.nan)
    sheet = _sheet(own, np.ones(own.shape), nothing, nothing, (0.0, 1.0), 0)
    return Block(rows, own, counts, own * 0, np.full(len(rows), LEVEL), sheet)


def _in_effect(sums: Floats, squares: Floats) -> Floats:
    """How many equal rows would make as uneven a sum, in the usual month: (Σx)² ÷ Σx². Shape (rows,).

    Three large orders among a hundred small ones are three: such a sum strays far more often than limits say.
    """
    each = np.divide(sums**2, squares, out=np.zeros(sums.shape), where=squares > 0)
    usual: Floats = np.median(each[:, :-1], axis=1) if each.shape[1] > 1 else np.zeros(len(each))
    return usual


def _total(rows: list[Row], kpi: Kpi | None, own: Floats, counts: Floats, ones: bool) -> Block:
    """A stock against the month before; a flow against the year before, or as it is where there is no such year."""
    form = DIFFERENCE if (np.nan_to_num(own) < 0).any() else RELATIVE
    if kpi is not None and kpi.at != "flow":
        return _stepped(rows, own, counts, 1, form, entities=ones)
    if own.shape[1] > YEAR + MINIMUM_POINTS:
        return _stepped(rows, own, counts, YEAR, form, ones)
    nothing = np.full(own.shape, np.nan)
    sheet = _sheet(own, np.ones(own.shape), nothing, nothing, (0.0, 1.0), 0)
    return Block(rows, own, counts, own * 0, np.full(len(rows), LEVEL), sheet)


def _stepped(
    rows: list[Row], own: Floats, counts: Floats, back: int, form: int, ones: bool = False, entities: bool = False
) -> Block:
    """Figures against those of `back` months before.

    Of rows that count 1 (`ones`) with the chance of so many of both; of entities that stay with a step of one at least.
    """
    base, nothing = np.full(own.shape, np.nan), np.full(own.shape, np.nan)
    base[:, back:] = own[:, : own.shape[1] - back]
    if form == RELATIVE:
        values = np.divide(2 * (own - base), own + base, out=nothing.copy(), where=(own + base) > 0)
    else:
        values = own - base
    both = np.where(np.isnan(values) | (not ones) | (form != RELATIVE), np.nan, own + base)
    successes = np.where(np.isnan(both), np.nan, own)
    sheet = _sheet(values, np.ones(own.shape), successes, both, (0.5, 0.25), back)
    if entities:
        seen = np.nansum(own, axis=1) / np.maximum((~np.isnan(own)).sum(axis=1), 1)
        sheet = replace(sheet, least=1 / np.maximum(seen, 1) if form == RELATIVE else np.ones(len(own)))
    return Block(rows, own, counts, base, np.full(len(rows), form), sheet)


def _sheet(
    values: Floats, spread: Floats, successes: Floats, trials: Floats, share: tuple[float, float], echo: int
) -> Sheet:
    rows = len(values)
    shares, least = np.tile(np.array(share), (rows, 1)), np.zeros(rows)
    return Sheet(values, spread, successes, trials, shares, least, np.full(rows, echo))


def stacked(blocks: list[Block]) -> Block:
    """Blocks under each other, their last months in one column."""
    width = max((one.own.shape[1] for one in blocks), default=0)

    def together(tables: list[Floats]) -> Floats:
        padded = [np.pad(t, ((0, 0), (width - t.shape[1], 0)), constant_values=np.nan) for t in tables]
        return np.concatenate(padded) if padded else np.zeros((0, 0))

    sheets = [one.sheet for one in blocks]
    names = ("values", "spread", "successes", "trials")
    values, spread, successes, trials = (together([getattr(s, name) for s in sheets]) for name in names)
    share = np.concatenate([s.share for s in sheets]) if sheets else np.zeros((0, 2))
    least = np.concatenate([s.least for s in sheets]) if sheets else np.zeros(0)
    echo = np.concatenate([s.echo for s in sheets]) if sheets else np.zeros(0, np.int64)
    sheet = Sheet(values, spread, successes, trials, share, least, echo)
    own, counts, base = (together([getattr(one, name) for one in blocks]) for name in ("own", "counts", "base"))
    form = np.concatenate([one.form for one in blocks]) if blocks else np.zeros(0, np.int64)
    return Block([row for one in blocks for row in one.rows], own, counts, base, form, sheet)
