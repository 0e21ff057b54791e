"""The rank correlation against SciPy's, by hand, and where there is none."""

from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from kpilib.errors import BadInput
from kpilib.stats.association import rank_correlation, ranks

NUMBERS = st.lists(st.integers(-5, 5), min_size=4, max_size=12)


@given(NUMBERS, st.randoms(use_true_random=False))
def test_the_correlation_is_scipys_with_ties_and_all(values, pick):
    other = [pick.choice(values) for _ in values]
    r, low, high = rank_correlation(values, other)
    if len(set(values)) == 1 or len(set(other)) == 1:
        assert isnan(r)
        return
    assert r == pytest.approx(stats.spearmanr(values, other).statistic, abs=1e-12)
    assert -1 <= low <= r <= high <= 1


@given(NUMBERS)
def test_ranks_are_scipys(values):
    assert ranks(values).tolist() == stats.rankdata(values).tolist()


def test_by_hand():
    # Differences of ranks −1, 1, −1, 1, −1, 1: 1 − 6 · 6 / (6 · 35).
    r, low, high = rank_correlation([1, 2, 3, 4, 5, 6], [2, 1, 4, 3, 6, 5])
    assert r == pytest.approx(1 - 36 / 210)
    half = 1.959964 * np.sqrt((1 + r * r / 2) / 3)
    assert (np.arctanh(r) - half, np.arctanh(r) + half) == pytest.approx((np.arctanh(low), np.arctanh(high)), abs=1e-5)


def test_the_interval_holds_the_true_correlation_about_as_often_as_it_says():
    pick = np.random.default_rng(7)
    true = 6 / np.pi * np.arcsin(0.6 / 2)  # Spearman's of a normal pair whose Pearson's is 0.6
    held = 0
    for _ in range(400):
        x = pick.standard_normal(24)
        _, low, high = rank_correlation(x, 0.6 * x + 0.8 * pick.standard_normal(24))
        held += low <= true <= high
    assert 0.92 <= held / 400 <= 0.98


def test_a_group_that_lacks_a_measure_takes_no_part():
    whole = rank_correlation([1, 2, 3, 4, 5], [1, 3, 2, 4, 5])
    assert rank_correlation([1, 2, 3, np.nan, 4, 5], [1, 3, 2, 9, 4, 5]) == whole


@pytest.mark.parametrize(("one", "other"), [([], []), ([1, 2, 3], [3, 2, 1]), ([1, 1, 1, 1], [1, 2, 3, 4])])
def test_too_few_or_alike_have_none(one, other):
    assert all(map(isnan, rank_correlation(one, other)))


def test_a_perfect_order_is_one_without_an_interval_to_speak_of():
    assert rank_correlation([1, 2, 3, 4], [10, 20, 30, 90]) == (1, 1, 1)


def test_columns_of_two_lengths_are_refused():
    with pytest.raises(BadInput, match=r"shapes \(2,\) and \(3,\)"):
        rank_correlation([1, 2], [1, 2, 3])
