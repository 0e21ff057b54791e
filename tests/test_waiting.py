"""Percentiles of waits of which some go on: by hand, by another package, and by simulation."""

import numpy as np
import pytest
from statsmodels.duration.survfunc import SurvfuncRight

from kpilib.errors import BadInput
from kpilib.stats.waiting import percentiles, still_waiting


def drawn(n=400, seed=3):
    """Waits of ten hours on average, watched for up to forty."""
    draw = np.random.default_rng(seed)
    wait, watched = draw.exponential(10, n), draw.uniform(0, 40, n)
    return np.minimum(wait, watched).round(1), (wait <= watched).astype(int)


def test_a_wait_that_goes_on_counts_as_long_as_it_has_lasted():
    # At 1 one of four ends, at 2 one of three, the third goes on beyond 3, at 4 the last ends.
    curve = still_waiting([1, 2, 3, 4], [1, 1, 0, 1])
    assert curve.retained.tolist() == pytest.approx([3 / 4, 2 / 4, 2 / 4, 0])
    assert percentiles(curve, [0.25, 0.5, 0.75])[0].tolist() == [1, 2, 4]


def test_percentiles_and_intervals_are_those_of_another_package():
    time, ended = drawn()
    other = SurvfuncRight(np.maximum(time, 1e-6), ended)
    value, low, high = percentiles(still_waiting(time, ended), [0.25, 0.5, 0.9])
    for at, part in enumerate((0.25, 0.5, 0.9)):
        assert value[at] == pytest.approx(other.quantile(part))
        with np.errstate(divide="ignore", invalid="ignore"):  # the other takes the logarithm of nobody left
            interval = other.quantile_ci(part, alpha=0.05, method="cloglog")
        assert (low[at], high[at]) == pytest.approx(interval)


def test_nineteen_in_twenty_intervals_of_the_median_hold_it():
    held = 0
    for seed in range(200):
        _, low, high = percentiles(still_waiting(*drawn(120, seed)), [0.5])
        held += low[0] <= 10 * np.log(2) <= high[0]
    assert 0.92 < held / 200 < 0.98


def test_a_part_that_was_not_reached_is_not_given():
    value, low, high = percentiles(still_waiting([1, 2, 3, 4], [1, 0, 0, 0]), [0.1, 0.5])
    assert value[0] == 1
    assert np.isnan([value[1], low[1], high[1]]).all()


def test_waits_of_no_time_at_all_and_no_waits_are_answered():
    assert percentiles(still_waiting([0, 0, 5], [1, 1, 1]), [0.5])[0][0] == pytest.approx(0, abs=1e-5)
    assert np.isnan(percentiles(still_waiting([], []), [0.5])[0][0])


def test_a_wait_below_zero_and_a_part_of_all_are_refused():
    with pytest.raises(BadInput, match="A wait is 0 or more; 1 are less, the first at row 1"):
        still_waiting([1, -2], [1, 1])
    with pytest.raises(BadInput, match=r"0\.5 for the median"):
        percentiles(still_waiting([1], [1]), [1.0])
