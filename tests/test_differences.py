"""Differences of two figures: Newcombe's published intervals, Welch-like means, and p-values that agree with both."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from kpilib.stats.differences import Figure, chance, difference
from kpilib.stats.intervals import newcombe, ratio_of_sums, wilson
from kpilib.stats.proportions import two_proportion_p


def share(x, n):
    low, high = wilson(x, n)
    return Figure(x / n, float(low), float(high), "share", n)


def mean(values):
    y = np.asarray(values, float)
    ones = len(y)
    low, high = ratio_of_sums(ones, y.sum(), ones, (y * y).sum(), y.sum(), ones)
    return Figure(y.mean(), float(low), float(high), "mean", ones)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    # Newcombe (1998), Statistics in Medicine 17:873, table II, method 10.
    [((56, 70), (48, 80), 0.0524, 0.3339), ((9, 10), (3, 10), 0.1705, 0.8090), ((6, 7), (2, 7), 0.0582, 0.8062),
     ((5, 56), (0, 29), -0.0381, 0.1926), ((0, 10), (0, 20), -0.1611, 0.2775), ((0, 10), (0, 10), -0.2775, 0.2775),
     ((10, 10), (0, 20), 0.6791, 1.0), ((10, 10), (0, 10), 0.6075, 1.0)],
)  # fmt: skip
def test_two_shares_have_newcombes_published_interval(one, other, low, high):
    _, found_low, found_high = difference(share(*one), share(*other))
    assert found_low == pytest.approx(low, abs=5e-5)
    assert found_high == pytest.approx(high, abs=5e-5)


COUNTS = st.tuples(st.integers(0, 400), st.integers(1, 400)).map(lambda pair: (min(pair), max(pair)))


@given(COUNTS, COUNTS)
def test_two_shares_have_the_interval_of_the_statistics_and_p_says_the_same(one, other):
    by, low, high = difference(share(*one), share(*other))
    assert (low, high) == pytest.approx(tuple(float(end) for end in newcombe(*one, *other)), abs=1e-12)
    p = chance(share(*one), share(*other))
    assert 0 <= p <= 1
    if abs(low) > 1e-9 and abs(high) > 1e-9:
        assert (p < 0.05) == (low > 0 or high < 0)
    assert chance(share(*other), share(*one)) == pytest.approx(p, abs=1e-9)
    assert by == pytest.approx(one[0] / one[1] - other[0] / other[1])


def test_p_of_large_shares_is_that_of_the_score_test():
    for one, other in [((600, 1000), (500, 1000)), ((5100, 10000), (5000, 10000)), ((300, 1000), (240, 900))]:
        assert chance(share(*one), share(*other)) == pytest.approx(float(two_proportion_p(*one, *other)), rel=0.03)


def test_two_means_of_many_rows_differ_as_welchs_test_has_it():
    draw = np.random.default_rng(5)
    one, other = draw.normal(10.3, 2, 400), draw.normal(10, 3, 500)
    welch = stats.ttest_ind(one, other, equal_var=False)
    by, low, high = difference(mean(one), mean(other))
    between = welch.confidence_interval()
    assert by == pytest.approx(one.mean() - other.mean())
    assert (low, high) == pytest.approx((between.low, between.high), rel=0.01)
    assert chance(mean(one), mean(other)) == pytest.approx(welch.pvalue, rel=0.05)


def test_a_mean_against_an_exact_figure_is_students_test():
    values = [3.1, 2.7, 3.9, 3.3, 2.9]
    assert chance(mean(values), Figure(2.5, kind="exact")) == pytest.approx(
        stats.ttest_1samp(values, 2.5).pvalue, rel=1e-6
    )


def test_three_rows_are_never_sure_as_a_normal_curve_would_have_it():
    values = [10.0, 10.1, 9.9]
    assert chance(mean(values), Figure(9.0, kind="exact")) == pytest.approx(
        stats.ttest_1samp(values, 9).pvalue, rel=1e-6
    )


def test_an_interval_that_was_cut_is_as_wide_on_the_side_of_the_cut():
    cut = Figure(0.95, 0.85, 1.0, "mean", 50, 0, 1)
    _, low, high = difference(cut, Figure(0.5, kind="exact"))
    assert (low, high) == pytest.approx((0.35, 0.5))
    assert difference(Figure(0.05, 0.0, 0.15, "mean", 50, 0, 1), Figure(0.5, kind="exact"))[1] == pytest.approx(-0.5)


def test_a_product_reaches_farther_up_than_down():
    _, low, high = difference(Figure(100, 50, 200, "log"), Figure(100, kind="exact"))
    assert (low, high) == pytest.approx((-50, 100))


def test_equal_figures_differ_by_chance_for_certain():
    assert chance(share(5, 10), share(50, 100)) == 1.0


@pytest.mark.parametrize("none", [Figure(float("nan")), Figure(3.0)])
def test_what_has_no_interval_has_no_p(none):
    by, low, high = difference(none, share(5, 10))
    assert np.isnan([low, high]).all()
    assert np.isnan(by) == np.isnan(none.value)
    assert np.isnan(chance(none, share(5, 10)))


@pytest.mark.parametrize(("share_", "n", "other_n"), [(0.4, 60, 80), (0.1, 120, 90), (0.5, 30, 300)])
def test_two_shares_that_are_the_same_are_told_apart_about_one_time_in_twenty(share_, n, other_n):
    """Exactly: the probability of every pair of counts, added up where the verdict would be a difference."""
    found = 0.0
    ways = [stats.binom.pmf(np.arange(size + 1), size, share_) for size in (n, other_n)]
    for x in np.flatnonzero(ways[0] > 1e-6):
        for y in np.flatnonzero(ways[1] > 1e-6):
            _, low, high = difference(share(x, n), share(y, other_n))
            found += ways[0][x] * ways[1][y] * (low > 0 or high < 0)
    assert 0.02 < found < 0.062
