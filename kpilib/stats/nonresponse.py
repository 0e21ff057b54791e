"""What a score could be if those who did not answer were counted: from a range that assumes nothing to a best guess.

Counts in, numbers out, one position a cell: customers alike in what was known of them when they were invited. No page
can tell which of the assumptions holds; the range without one is what is certain.
"""

from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from kpilib.errors import BadInput
from kpilib.stats.intervals import Floats, normal_quantile, ratio_of_sums, wilson
from kpilib.stats.ranking import MINIMUM_COUNT, shrink_means
from kpilib.stats.scores import nps_interval
from kpilib.stats.weighting import NO_ESTIMATE, Estimate


class Range(NamedTuple):
    """From the least to the most a figure can be, and the same with the interval of both ends."""

    low: float
    high: float
    outer_low: float
    outer_high: float


@dataclass(frozen=True)
class Bounds:
    """A score of those who answered, and of all who were invited under four assumptions.

    Attributes
    ----------
    invited, answered, response_rate
        How many were asked, how many answered, and their share.
    observed : Estimate
        The answers as they are: right for all if silence has nothing to do with the score.
    no_assumption : Range
        Every silent one the lowest, or the highest score.
    as_least_happy : Estimate
        Every silent one like the least happy cell of answerers; NaN with fewer than two cells to compare.
    least_happy : int or None
        The place of that cell.
    least_happy_value, least_happy_raw : float
        Its mean drawn to the whole by its size (used above, for the lowest of many means is partly bad luck), and as
        it is.
    weighted : Estimate
        Every silent one like those who answered in the same cell: right if silence has nothing to do with the score
        among customers alike.
    """

    invited: int
    answered: int
    response_rate: float
    observed: Estimate
    no_assumption: Range
    as_least_happy: Estimate
    least_happy: int | None
    least_happy_value: float
    least_happy_raw: float
    weighted: Estimate

    def as_dict(self) -> dict[str, Any]:
        """All of it as plain numbers by name."""
        nested = {
            name: value._asdict() if isinstance(value, (Estimate, Range)) else value
            for name, value in vars(self).items()
        }
        return {**asdict(self), **nested}


class _Cells(NamedTuple):
    invited: Floats
    answered: Floats
    sums: Floats
    squares: Floats

    @property
    def means(self) -> Floats:
        return np.divide(self.sums, self.answered, out=np.full(self.sums.shape, np.nan), where=self.answered > 0)

    @property
    def variances(self) -> Floats:
        """Of the answers of each cell (n − 1); NaN below two."""
        n = np.where(self.answered > 1, self.answered, np.nan)
        spread: Floats = np.maximum(self.squares - self.sums**2 / n, 0) / (n - 1)
        return spread

    def pooled(self) -> "_Cells":
        """The same with cells of too few answers taken together, until each has enough."""
        # Cells of one size are told apart by what they hold, so that their order changes nothing.
        order = np.lexsort((self.squares, self.sums, self.invited, self.answered))
        small = int((self.answered < MINIMUM_COUNT).sum())
        if small == 0:
            return self
        reached = int(np.searchsorted(np.cumsum(self.answered[order]), MINIMUM_COUNT))
        first = min(max(small, reached + 1), len(order))
        return _Cells(*(np.append(part[order[first:]], part[order[:first]].sum()) for part in self))


def what_silent_could_change(
    invited: ArrayLike,
    answered: ArrayLike,
    sums: ArrayLike,
    squares: ArrayLike,
    lowest: float,
    highest: float,
    confidence: float = 0.95,
) -> Bounds:
    """The mean score of all who were invited, under four assumptions about the silent.

    Parameters
    ----------
    invited, answered, sums, squares : array_like, shape (k,)
        By cell (segment and touchpoint, say): invitations, answers, the sum of the scores and of their squares. A net
        promoter score: promoters − detractors, and promoters + detractors. A share: successes twice. One position if
        nothing is known of the invited.
    lowest, highest : float
        The least and the most that one answer can add: −1 and 1 for a net promoter score, 0 and 1 for a share.
    confidence : float
        Of the intervals.

    Returns
    -------
    Bounds
        In the unit of the score; without answers the figures are NaN and the range is the whole scale.

    Raises
    ------
    BadInput
        Columns of different lengths, more answers than invitations, sums outside the scale.

    Notes
    -----
    Without an assumption: Manski (1989), Journal of Human Resources 24:343; the interval of both ends is that of
    Horowitz and Manski (2000), JASA 95:77. Weighting by the inverse share of answers within cells: Little (1986),
    International Statistical Review 54:139. A "least happy" cell has ten answers or more and the lowest mean after
    shrinking: a bad case that some customers really are, where the lowest score for all is one that nobody expects.
    Intervals take answers as independent; `weighted` of rows honours several answers of one customer.

    Examples
    --------
    >>> silent = what_silent_could_change([60, 40], [30, 10], [12, -2], [20, 6], -1, 1)
    >>> silent.observed.value, silent.no_assumption[:2], round(silent.weighted.value, 3)
    (0.25, (-0.5, 0.7), 0.16)
    """
    cells = _checked(invited, answered, sums, squares, lowest, highest)
    asked, told = float(cells.invited.sum()), float(cells.answered.sum())
    silent = asked - told
    worst, value, raw = _least_happy(cells)
    return Bounds(
        invited=int(asked),
        answered=int(told),
        response_rate=told / asked if asked else np.nan,
        observed=_observed(cells, lowest, highest, confidence),
        no_assumption=_range(cells, silent, lowest, highest, confidence),
        as_least_happy=_cut(_as_cell(cells, worst, value, confidence), lowest, highest),
        least_happy=worst,
        least_happy_value=value,
        least_happy_raw=raw,
        weighted=_cut(_by_cell(cells, confidence), lowest, highest),
    )


def _checked(
    invited: ArrayLike, answered: ArrayLike, sums: ArrayLike, squares: ArrayLike, lowest: float, highest: float
) -> _Cells:
    cells = _Cells(*(np.atleast_1d(np.asarray(one, float)) for one in (invited, answered, sums, squares)))
    if len({part.shape for part in cells}) > 1:
        raise BadInput(f"Cells need four columns of one length; {[part.shape[0] for part in cells]} were given.")
    if (wrong := (cells.answered < 0) | (cells.answered > cells.invited)).any():
        raise BadInput(f"A cell has more answers than invitations, or fewer than none; the first is {wrong.argmax()}.")
    outside = (cells.sums < lowest * cells.answered - 1e-9) | (cells.sums > highest * cells.answered + 1e-9)
    if outside.any():
        raise BadInput(f"A cell's sum is outside {lowest:g} to {highest:g} an answer; the first is {outside.argmax()}.")
    return cells


def _observed(cells: _Cells, lowest: float, highest: float, confidence: float) -> Estimate:
    """The mean of the answers, with the interval that the figure has elsewhere in the workbook."""
    n, total, square = (float(part.sum()) for part in cells[1:])
    if n == 0:
        return NO_ESTIMATE
    if (lowest, highest) == (-1, 1):
        low, high = nps_interval((square - total) / 2, n - square, (square + total) / 2, confidence)
    elif (lowest, highest) == (0, 1) and square == total:
        low, high = wilson(total, n, confidence)
    else:
        low, high = ratio_of_sums(n, total, n, square, total, n, confidence)
    return Estimate(total / n, float(low), float(high))


def _range(cells: _Cells, silent: float, lowest: float, highest: float, confidence: float) -> Range:
    """All silent ones at one end of the scale, then at the other."""
    asked, total, square = (float(part.sum()) for part in (cells.invited, cells.sums, cells.squares))
    if asked == 0:
        return Range(np.nan, np.nan, np.nan, np.nan)
    ends, outer = [], []
    for score, sign in ((lowest, -1), (highest, 1)):
        end = (total + silent * score) / asked
        variance = max((square + silent * score**2) / asked - end**2, 0.0)
        ends.append(end)
        outer.append(end + sign * normal_quantile(confidence) * float(np.sqrt(variance / asked)))
    return Range(ends[0], ends[1], max(outer[0], lowest), min(outer[1], highest))


def _least_happy(cells: _Cells) -> tuple[int | None, float, float]:
    """The place of the least happy cell, its mean drawn to the whole, and its mean."""
    able = np.flatnonzero(cells.answered >= MINIMUM_COUNT)
    if len(able) < 2:
        return None, np.nan, np.nan
    means = cells.means[able]
    expected = shrink_means(means, cells.variances[able], cells.answered[able]).expected
    # Cells that differ no more than chance are expected alike: the lowest of them stands for all, of those the largest.
    sizes, spread = -cells.answered[able], cells.variances[able]
    at = int(np.lexsort((spread, sizes, means, np.round(expected, 12)))[0])
    return int(able[at]), float(expected[at]), float(means[at])


def _as_cell(cells: _Cells, worst: int | None, value: float, confidence: float) -> Estimate:
    if worst is None:
        return NO_ESTIMATE
    asked, told, total = (float(part.sum()) for part in cells[:3])
    share, mean = told / asked, total / told
    own = float(cells.variances[worst] / cells.answered[worst])
    whole = max(float(cells.squares.sum()) / told - mean**2, 0.0) / told
    # The cell is one of the answerers: its error is in both means.
    both = own * float(cells.answered[worst]) / told
    variance = share**2 * whole + (1 - share) ** 2 * own + 2 * share * (1 - share) * both
    variance += share * (1 - share) * (mean - value) ** 2 / asked
    middle, half = share * mean + (1 - share) * value, normal_quantile(confidence) * float(np.sqrt(variance))
    return Estimate(middle, middle - half, middle + half)


def _by_cell(cells: _Cells, confidence: float) -> Estimate:
    if cells.answered.sum() == 0:
        return NO_ESTIMATE
    cells = cells.pooled()
    asked = float(cells.invited.sum())
    share, means = cells.invited / asked, cells.means
    value = float(share @ means)
    spread = np.nan_to_num(cells.variances) / cells.answered
    variance = float(share**2 @ spread + share @ (means - value) ** 2 / asked)
    half = normal_quantile(confidence) * float(np.sqrt(variance))
    return Estimate(value, value - half, value + half)


def _cut(one: Estimate, lowest: float, highest: float) -> Estimate:
    """An interval does not leave the scale."""
    return Estimate(one.value, *(float(np.clip(end, lowest, highest)) for end in one[1:]))
