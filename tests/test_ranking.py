"""Shrinkage: by hand, by planted truth, by properties, by a second method."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpilib.errors import BadInput
from kpilib.stats.intervals import wilson
from kpilib.stats.ranking import MINIMUM_COUNT, shrink, shrink_means

GROUPS = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=30)


def test_two_groups_of_ten_shrink_as_calculated_by_hand():
    # p = 1/2; Σn(p_i − p)² = 1.8; correlation (1.8 − .25) / (.25 × (20 − 10 − 1)) = .68889; prior (1 − ρ)/ρ = .45161
    shrunk = shrink([2, 8], [10, 10])
    assert shrunk.overall == 0.5
    assert shrunk.prior == pytest.approx(0.4516129)
    assert shrunk.expected == pytest.approx([(2 + 0.2258065) / 10.4516129, (8 + 0.2258065) / 10.4516129])


@given(GROUPS)
def test_each_group_lands_between_its_own_share_and_the_overall_one(groups):
    trials, more = np.array(groups).T
    shrunk = shrink(trials, trials + more)
    seen = trials + more > 0
    assert np.isnan(shrunk.observed[~seen]).all()
    assert np.isnan(shrunk.expected[~seen]).all()
    own, expected = shrunk.observed[seen], shrunk.expected[seen]
    assert (expected >= np.minimum(own, shrunk.overall) - 1e-12).all()
    assert (expected <= np.maximum(own, shrunk.overall) + 1e-12).all()


def test_the_planted_spread_of_groups_is_recovered_and_the_shrunk_shares_are_nearer_the_truth():
    rng = np.random.default_rng(1)
    truth = rng.beta(6, 14, 3000)  # prior weight 20, mean 0.3
    trials = rng.integers(5, 80, 3000)
    shrunk = shrink(rng.binomial(trials, truth), trials)
    assert shrunk.overall == pytest.approx(0.3, abs=0.01)
    assert shrunk.prior == pytest.approx(20, rel=0.1)
    assert np.mean((shrunk.expected - truth) ** 2) < 0.75 * np.mean((shrunk.observed - truth) ** 2)


def test_groups_that_differ_as_chance_would_are_all_expected_alike():
    shrunk = shrink([49, 51, 50], [100, 100, 100])
    assert shrunk.prior == np.inf
    assert shrunk.expected == pytest.approx([0.5] * 3)
    assert shrunk.observed == pytest.approx([0.49, 0.51, 0.5])


def test_groups_that_are_all_or_nothing_keep_their_own_share():
    shrunk = shrink([200, 0], [200, 200])
    assert shrunk.prior == pytest.approx(0, abs=1e-2)
    assert shrunk.expected == pytest.approx([1, 0], abs=1e-4)


def test_a_small_lucky_group_falls_below_a_large_good_one():
    lucky, good, *_ = shrink([3, 160, 80, 50, 90], [3, 200, 200, 200, 200]).expected
    assert lucky < 1
    assert lucky < good + 0.06
    assert abs(good - 0.8) < 0.02


def test_nothing_observed_is_nan():
    shrunk = shrink([0, 0], [0, 0])
    assert np.isnan([*shrunk.observed, *shrunk.expected, shrunk.overall]).all()
    assert shrink([], []).expected.shape == (0,)


def test_more_successes_than_trials_are_refused():
    with pytest.raises(BadInput, match="3 of 2 is not one"):
        shrink([3], [2])


def test_means_shrink_as_calculated_by_hand():
    # overall 15; Σn(m − 15)² = 500; pooled variance 40; τ² = (500 − 40) / (20 − 10) = 46; prior 40/46
    shrunk = shrink_means([10, 20], [30, 50], [10, 10])
    assert shrunk.overall == 15
    assert shrunk.prior == pytest.approx(40 / 46)
    own = 10 / (10 + 40 / 46)
    assert shrunk.expected == pytest.approx([own * 10 + (1 - own) * 15, own * 20 + (1 - own) * 15])


def test_means_agree_with_the_random_effects_of_a_mixed_model():
    from statsmodels.regression.mixed_linear_model import MixedLM

    rng = np.random.default_rng(4)
    groups, each = 40, 12
    rows = rng.normal(0, 3, groups)[:, None] + rng.normal(50, 6, (groups, each))
    ours = shrink_means(rows.mean(1), rows.var(1, ddof=1), each)
    fit = MixedLM(rows.ravel(), np.ones(rows.size), np.repeat(np.arange(groups), each)).fit(reml=True)
    theirs = [fit.fe_params[0] + float(fit.random_effects[g].iloc[0]) for g in range(groups)]
    # On equal groups the moments and REML are one and the same.
    assert ours.expected == pytest.approx(theirs, abs=1e-3)


def test_a_group_of_one_record_needs_no_variance_of_its_own():
    shrunk = shrink_means([10, 20, 40], [30, 50, np.nan], [10, 10, 1])
    assert shrunk.overall == pytest.approx(340 / 21)
    assert shrunk.overall < shrunk.expected[2] < 40


def test_a_group_without_records_is_nan_and_does_not_disturb_the_others():
    with_empty = shrink_means([10, np.nan, 20], [30, np.nan, 50], [10, 0, 10])
    assert np.isnan([with_empty.observed[1], with_empty.expected[1]]).all()
    assert with_empty.expected[[0, 2]] == pytest.approx(shrink_means([10, 20], [30, 50], [10, 10]).expected)


def test_single_records_leave_the_spread_within_groups_unknown():
    shrunk = shrink_means([1, 3], [np.nan, np.nan], [1, 1])
    assert shrunk.overall == 2
    assert np.isnan([*shrunk.expected, shrunk.prior]).all()
    assert np.isnan(shrink_means([], [], []).overall)


def test_groups_without_any_spread_within_keep_their_own_mean():
    shrunk = shrink_means([1, 3], [0, 0], [5, 5])
    assert shrunk.prior == 0
    assert shrunk.expected.tolist() == [1, 3]


def test_a_missing_variance_of_several_records_is_refused():
    with pytest.raises(BadInput, match="1 are not, the first at position 1"):
        shrink_means([1, 2], [3, np.nan], [4, 5])


def test_below_the_minimum_count_one_record_moves_a_share_by_more_than_ten_points():
    low, high = wilson(MINIMUM_COUNT / 2, MINIMUM_COUNT)
    assert (round(float(low), 2), round(float(high), 2)) == (0.24, 0.76)
    assert 1 / (MINIMUM_COUNT - 1) > 0.1
