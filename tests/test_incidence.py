"""Cumulative incidence: the reference vector, statsmodels, properties, counting by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpilib.errors import BadInput
from kpilib.stats.incidence import (
    cumulative_incidence,
    half_time,
    half_time_interval,
    half_time_intervals,
    of_counts,
)

TIME = [1, 2, 2, 3, 4, 4, 5, 6, 6, 7]
CAUSE = [1, 2, 1, 0, 1, 1, 0, 2, 1, 0]
CASES = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 3)), max_size=60)


def test_the_reference_vector_gives_the_printed_incidences():
    seen = cumulative_incidence(TIME, CAUSE)
    assert seen.incidence[1][-1] == pytest.approx(0.58889, abs=5e-6)
    assert seen.incidence[2][-1] == pytest.approx(0.25556, abs=5e-6)
    assert seen.survival[-1] == pytest.approx(0.15556, abs=5e-6)
    assert seen.times.tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert seen.at_risk.tolist() == [10, 9, 7, 6, 4, 3, 1]


@given(CASES)
def test_survival_and_all_incidences_sum_to_one_at_every_time(cases):
    time, cause = np.array(cases, int).reshape(-1, 2).T
    seen = cumulative_incidence(time, cause)
    total = seen.survival + sum(seen.incidence.values())
    assert total == pytest.approx(np.ones(len(seen.times)), abs=1e-12)


@given(CASES)
def test_without_open_cases_the_incidence_is_the_share_that_ended_so_far(cases):
    time, cause = np.array([(t, c) for t, c in cases if c], int).reshape(-1, 2).T
    seen = cumulative_incidence(time, cause)
    for one, share in seen.incidence.items():
        counted = [np.mean((time <= t) & (cause == one)) for t in seen.times]
        assert share == pytest.approx(counted, abs=1e-12)
        p = np.array(counted)
        assert seen.errors[one] == pytest.approx(np.sqrt(p * (1 - p) / len(time)), abs=1e-7)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_incidences_and_errors_agree_with_statsmodels(seed):
    from statsmodels.duration.survfunc import CumIncidenceRight

    rng = np.random.default_rng(seed)
    time, cause = rng.integers(0, 40, 150), rng.integers(0, 4, 150)
    time[0], cause[0] = 41, 0  # statsmodels divides by zero where everyone left ends at once
    ours, theirs = cumulative_incidence(time, cause), CumIncidenceRight(time, cause)
    assert ours.times.tolist() == theirs.times.tolist()
    for k in (1, 2, 3):
        assert ours.incidence[k] == pytest.approx(theirs.cinc[k - 1], abs=1e-12)
        assert ours.errors[k] == pytest.approx(theirs.cinc_se[k - 1], abs=1e-10)


def test_the_error_is_finite_when_everyone_left_ends_at_once():
    seen = cumulative_incidence([1, 2, 2], [1, 1, 2])
    assert seen.survival[-1] == pytest.approx(0)
    assert seen.errors[2][-1] == pytest.approx(np.sqrt(1 / 3 * 2 / 3 / 3))


def test_no_cases_give_empty_curves_and_no_causes():
    seen = cumulative_incidence([], [])
    assert (len(seen.times), seen.incidence) == (0, {})
    assert np.isnan(half_time(seen, 1))
    assert np.isnan(half_time_interval([], [])).all()


@pytest.mark.parametrize(
    ("time", "cause", "said"),
    [
        ([1, 2], [1], "two columns of one length"),
        ([1, -2], [1, 1], "Times must be numbers from 0 on; 1 are not, the first at row 1"),
        ([1, np.nan], [1, 1], "Times must be numbers from 0 on"),
        ([1, 2], [1.5, 1], "Causes must be whole numbers.* the first at row 0"),
        ([1, 2], [1, np.nan], "Causes must be whole numbers"),
    ],
)
def test_cases_that_cannot_be_counted_are_refused(time, cause, said):
    with pytest.raises(BadInput, match=said):
        cumulative_incidence(time, cause)


def test_the_band_holds_the_curve_and_stays_within_zero_and_one():
    seen = cumulative_incidence(TIME, CAUSE)
    low, high = seen.band(1)
    assert (low >= 0).all()
    assert (low < seen.incidence[1]).all()
    assert (seen.incidence[1] < high).all()
    assert (high <= 1).all()
    assert np.isnan(seen.band(2)[0]).tolist() == [True] + [False] * 6
    assert np.isnan(seen.band(9)).all()


def test_the_band_at_a_certain_end_is_the_point_itself():
    low, high = cumulative_incidence([1, 2], [1, 1]).band(1)
    assert (low[-1], high[-1]) == (1, 1)


def test_the_band_covers_the_truth_in_95_of_100_samples():
    rng = np.random.default_rng(5)
    held = []
    for _ in range(800):
        end, stop = rng.exponential(10, 80), rng.uniform(5, 25, 80)
        cause = np.where(end > stop, 0, rng.choice([1, 2], 80, p=[0.4, 0.6]))
        seen = cumulative_incidence(np.minimum(end, stop), cause)
        at = np.searchsorted(seen.times, 8, side="right") - 1
        low, high = seen.band(1)
        held.append(low[at] <= 0.4 * (1 - np.exp(-0.8)) <= high[at])
    assert np.mean(held) == pytest.approx(0.95, abs=0.025)


def test_half_of_four_wins_is_the_second():
    assert half_time(cumulative_incidence([1, 3, 8, 20, 2], [1, 1, 1, 1, 2]), 1) == 3


def test_half_of_the_reference_vector_is_reached_at_time_four():
    # .2 at time 2, .45556 at 4; half of .58889 lies between.
    assert half_time(cumulative_incidence(TIME, CAUSE), 1) == 4


def test_a_cause_never_seen_has_no_half_time():
    assert np.isnan(half_time(cumulative_incidence(TIME, CAUSE), 7))
    assert np.isnan(half_time_interval(TIME, CAUSE, of=7)).all()


def test_the_interval_of_the_half_time_is_that_of_resampled_cases():
    rng = np.random.default_rng(11)
    time, cause = rng.integers(1, 90, 120), rng.integers(0, 3, 120)
    draws = []
    for _ in range(1500):
        rows = rng.integers(0, 120, 120)
        draws.append(half_time(cumulative_incidence(time[rows], cause[rows]), 1))
    ours = half_time_interval(time, cause, repeats=1500)
    assert ours == pytest.approx(np.quantile(draws, [0.025, 0.975]), abs=2)
    assert ours[0] < half_time(cumulative_incidence(time, cause), 1) < ours[1]


def test_the_same_seed_gives_the_same_interval_and_other_seeds_others():
    rng = np.random.default_rng(2)
    time, cause = rng.gamma(2, 20, 60), rng.integers(0, 3, 60)
    assert half_time_interval(time, cause, seed=4) == half_time_interval(time, cause, seed=4)
    assert len({half_time_interval(time, cause, seed=seed) for seed in range(8)}) > 1


def test_a_single_win_gives_its_own_time_or_nothing_in_each_draw():
    assert half_time_interval([5, 9, 9], [1, 0, 0]) == (5, 5)


def test_a_confidence_in_per_cent_is_refused_for_the_half_time():
    with pytest.raises(BadInput, match="between 0 and 1"):
        half_time_interval(TIME, CAUSE, confidence=95)


def test_groups_counted_at_once_have_the_curves_that_each_has_alone():
    draws = np.random.default_rng(3)
    groups = [(draws.integers(0, 30, 50), draws.integers(0, 3, 50)) for _ in range(2)]
    counts = np.zeros((2, 3, 30), np.int64)
    for group, (time, cause) in enumerate(groups):
        np.add.at(counts[group], (cause, time), 1)
    together = of_counts(np.arange(30.0), counts, (1, 2))
    for group, (time, cause) in enumerate(groups):
        alone = cumulative_incidence(time, cause)
        at = alone.times.astype(int)
        for of in (1, 2):
            assert together.incidence[of][group, at] == pytest.approx(alone.incidence[of])
            assert together.errors[of][group, at] == pytest.approx(alone.errors[of])
            assert together.band(of)[1][group, at] == pytest.approx(alone.band(of)[1], nan_ok=True)


def test_half_times_of_all_causes_are_those_of_each():
    time, cause = [1, 2, 2, 3, 5, 8, 9] * 5, [1, 2, 1, 0, 1, 2, 1] * 5
    both = half_time_intervals(time, cause)
    assert both == {of: half_time_interval(time, cause, of) for of in (1, 2)}


def test_sparse_and_broken_times_are_told_apart_as_whole_ones_are():
    whole, cause = np.array([3, 1, 4, 1, 5, 9, 2, 6]), [1, 2, 1, 0, 1, 2, 1, 0]
    curves = [cumulative_incidence(whole * scale, cause) for scale in (1, 0.5, 10**6)]
    for other, scale in zip(curves[1:], (0.5, 10**6), strict=True):
        assert other.times.tolist() == (curves[0].times * scale).tolist()
        assert other.incidence[1].tolist() == curves[0].incidence[1].tolist()
