"""Intervals: published vectors, a second method, and properties."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from published import BENJAMINI_HOCHBERG
from scipy import stats

from kpilib.errors import BadInput
from kpilib.stats import discovery, intervals, proportions


def sums(y, x):
    """The six numbers a cube keeps of rows (y, x)."""
    y, x = np.asarray(y, float), np.asarray(x, float)
    return len(y), y.sum(), x.sum(), (y * y).sum(), (x * y).sum(), (x * x).sum()


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)],
)
def test_wilson_gives_the_published_intervals(successes, trials, low, high):
    assert intervals.wilson(successes, trials) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 10_000), st.data())
def test_wilson_solves_the_score_equation_at_both_ends(trials, data):
    successes = data.draw(st.integers(1, trials - 1)) if trials > 1 else data.draw(st.integers(0, 1))
    assume(0 < successes < trials)
    for end in intervals.wilson(successes, trials, 0.9):
        z = (successes / trials - end) / np.sqrt(end * (1 - end) / trials)
        assert abs(z) == pytest.approx(stats.norm.ppf(0.95), rel=1e-9)


def test_wilson_of_nothing_is_nan_and_of_no_groups_is_empty():
    low, high = intervals.wilson([0, 5], [0, 5])
    assert np.isnan([low[0], high[0]]).all()
    assert high[1] == 1
    assert [end.shape for end in intervals.wilson([], [])] == [(0,), (0,)]


def test_wilson_refuses_more_successes_than_trials_and_says_where():
    with pytest.raises(BadInput, match=r"12 of 10 .*1 such, the first at position 1.*ratio_of_sums"):
        intervals.wilson([3, 12], [10, 10])


def test_a_confidence_in_per_cent_is_refused():
    with pytest.raises(BadInput, match=r"between 0 and 1, 95 was given"):
        intervals.wilson(1, 2, confidence=95)


@pytest.mark.parametrize(
    ("cells", "low", "high", "digits"),
    [
        ((56, 70, 48, 80), 0.0524, 0.3339, 5e-5),
        ((9, 10, 3, 10), 0.1705, 0.8090, 5e-5),
        ((0, 10, 0, 20), -0.1611, 0.2775, 5e-5),
        ((7, 34, 1, 34), 0.019, 0.34, 5e-3),
    ],
)
def test_newcombe_gives_the_published_intervals(cells, low, high, digits):
    assert intervals.newcombe(*cells) == pytest.approx((low, high), abs=digits)


def test_newcombe_agrees_with_statsmodels_on_many_pairs():
    from statsmodels.stats.proportion import confint_proportions_2indep

    pairs = [(1, 9, 4, 30), (200, 1000, 250, 900), (5, 5, 0, 7)]
    low, high = intervals.newcombe(*np.array(pairs).T)
    theirs = [confint_proportions_2indep(*pair, method="newcomb") for pair in pairs]
    assert np.column_stack([low, high]) == pytest.approx(np.array(theirs), abs=1e-12)


def test_newcombe_against_an_empty_group_is_nan():
    assert np.isnan(intervals.newcombe(3, 10, 0, 0)).all()


ROWS = st.lists(st.tuples(st.integers(-1000, 1000), st.integers(1, 1000)), min_size=2, max_size=40)


@given(ROWS)
def test_the_ratio_of_sums_is_the_t_interval_of_the_residuals(rows):
    y, x = np.array(rows, float).T
    ratio = y.sum() / x.sum()
    residuals = y - ratio * x
    half = stats.t.ppf(0.975, len(y) - 1) * residuals.std(ddof=1) / np.sqrt(len(y)) / x.mean()
    low, high = intervals.ratio_of_sums(*sums(y, x))
    # The square is what five sums determine to 1e-12 of their size; its root inherits that.
    size = stats.t.ppf(0.975, len(y) - 1) ** 2 * len(y) / (len(y) - 1) * (y @ y + ratio**2 * x @ x) / x.sum() ** 2
    assert ((high - low) / 2) ** 2 == pytest.approx(half**2, abs=1e-12 * size)
    assert (low + high) / 2 == pytest.approx(ratio, rel=1e-12, abs=1e-12 * (1 + half))


def test_a_denominator_of_one_a_row_gives_the_t_interval_of_a_mean():
    y = np.array([3.0, 5.0, 4.0, 9.0])
    by_scipy = stats.t.interval(0.95, 3, loc=y.mean(), scale=stats.sem(y))
    assert intervals.ratio_of_sums(*sums(y, np.ones(4))) == pytest.approx(by_scipy, abs=1e-12)


@given(st.floats(-1e6, 1e6), st.lists(st.floats(1, 1e6), min_size=2, max_size=30))
def test_rows_that_share_one_ratio_have_no_width_however_the_sums_cancel(ratio, x):
    x = np.array(x)
    low, high = intervals.ratio_of_sums(*sums(ratio * x, x))
    assert low == pytest.approx(ratio, rel=1e-6)
    assert high == pytest.approx(ratio, rel=1e-6)


def test_a_ratio_of_one_row_or_of_a_zero_denominator_is_nan():
    low, high = intervals.ratio_of_sums([1, 2, 2], [3, 0, 1], [2, 0, 4], [9, 2, 1], [6, 2, 2], [4, 2, 8])
    assert np.isnan(low).tolist() == [True, True, False]
    assert np.isnan(high).tolist() == [True, True, False]


def test_the_interval_of_a_ratio_holds_the_truth_in_95_of_100_samples():
    rng = np.random.default_rng(7)
    x = rng.gamma(4, 10, (4000, 60))
    y = 0.3 * x + rng.normal(0, 4, x.shape)
    low, high = intervals.ratio_of_sums(60, y.sum(1), x.sum(1), (y * y).sum(1), (x * y).sum(1), (x * x).sum(1))
    assert np.mean((low <= 0.3) & (high >= 0.3)) == pytest.approx(0.95, abs=0.012)


@given(ROWS)
def test_at_both_ends_of_fieller_a_t_test_of_the_residuals_has_p_of_five_per_cent(rows):
    y, x = np.array(rows, float).T
    low, high = (float(end) for end in intervals.fieller(*sums(y, x)))
    assume(np.isfinite(low) and high - low > 1e-3)
    for end in (low, high):
        residuals = y - end * x
        assume(residuals.std() > 1e-3 * np.abs(y).max())
        assert stats.ttest_1samp(residuals, 0).pvalue == pytest.approx(0.05, rel=1e-3)


def test_fieller_is_unbounded_when_the_denominator_may_be_zero():
    assert intervals.fieller(*sums([1, 2, 3], [-4, 5, 1])) == (-np.inf, np.inf)


def test_fieller_of_one_row_is_nan():
    assert np.isnan(intervals.fieller(*sums([1], [2]))).all()


def test_a_product_of_exact_factors_has_no_width():
    assert intervals.product([50, 0.25, 20000, 60], [0, 0, 0, 0], [1, 1, 1, -1]) == pytest.approx((4166.67, 4166.67))


def test_a_product_has_the_spread_that_simulation_finds():
    rng = np.random.default_rng(3)
    draws = rng.normal(100, 5, 200_000) * rng.normal(0.4, 0.02, 200_000) / rng.normal(30, 1.5, 200_000)
    assert intervals.product([100, 0.4, 30], [5, 0.02, 1.5], [1, 1, -1]) == pytest.approx(
        np.quantile(draws, [0.025, 0.975]), rel=0.01
    )


def test_a_product_with_a_factor_of_zero_is_nan():
    low, high = intervals.product([[2, 0], [3, 3]], 0.1)
    assert np.isnan(low).tolist() == np.isnan(high).tolist() == [False, True]


def test_a_product_without_factors_or_with_too_few_powers_is_refused():
    with pytest.raises(BadInput, match="at least one factor"):
        intervals.product([], [])
    with pytest.raises(BadInput, match="3 factors need 3 powers"):
        intervals.product([1, 2, 3], 0.1, [1, -1])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_false_discoveries_are_held_as_scipy_holds_them(p):
    adjusted, flags = discovery.false_discovery(p)
    assert adjusted.tolist() == pytest.approx(stats.false_discovery_control(p).tolist(), abs=1e-12)
    assert flags.tolist() == (adjusted <= 0.05).tolist()


def test_benjamini_and_hochbergs_fifteen_p_values_reject_four():
    adjusted, flags = discovery.false_discovery(BENJAMINI_HOCHBERG)
    assert flags.tolist() == [True] * 4 + [False] * 11
    assert adjusted[3] == pytest.approx(0.0095 * 15 / 4)


def test_an_unknown_p_value_does_not_count_in_the_family():
    adjusted, flags = discovery.false_discovery([np.nan, *BENJAMINI_HOCHBERG])
    assert np.isnan(adjusted[0])
    assert not flags[0]
    assert flags.sum() == 4
    assert discovery.false_discovery([])[0].shape == (0,)


def test_a_test_statistic_is_not_taken_for_a_p_value():
    with pytest.raises(BadInput, match="not test statistics"):
        discovery.false_discovery([0.01, 2.3])


def test_the_p_value_of_large_groups_is_that_of_the_chi_square_test():
    table = [[56, 14], [48, 32]]
    expected = stats.chi2_contingency(table, correction=False).pvalue
    assert proportions.two_proportion_p(56, 70, 48, 80) == pytest.approx(expected, abs=1e-12)


def test_the_p_value_of_small_groups_is_exact():
    # The lady tasting tea, 3 of 4 against 1 of 4: 34 of the 70 arrangements are as far out.
    assert proportions.two_proportion_p([3], [4], [1], [4])[0] == pytest.approx(34 / 70)


@given(st.integers(1, 40), st.integers(1, 4000), st.data())
def test_the_p_value_of_small_groups_is_that_of_scipys_exact_test(n1, n2, data):
    x1, x2 = data.draw(st.integers(0, n1)), data.draw(st.integers(0, min(n2, 6)))
    pooled = (x1 + x2) / (n1 + n2)
    assume(min(n1, n2) * min(pooled, 1 - pooled) < 5)
    expected = stats.fisher_exact([[x1, n1 - x1], [x2, n2 - x2]]).pvalue
    assert proportions.two_proportion_p([x1], [n1], [x2], [n2])[0] == pytest.approx(expected, rel=1e-6, abs=1e-12)


def test_there_is_no_p_value_without_trials_and_none_below_one_when_nobody_succeeded():
    p = proportions.two_proportion_p([3, 0], [10, 10], [0, 0], [0, 400])
    assert np.isnan(p[0])
    assert p[1] == 1


@pytest.mark.parametrize(
    ("do", "heavy"),
    [
        ("0", {"scipy", "statsmodels", "pandas"}),
        # A page answers for small groups too, and scipy.stats takes a second to import.
        (
            "from kpilib.stats import proportions as p; p.two_proportion_p([3], [4], [1], [4])",
            {"scipy.stats", "statsmodels", "pandas"},
        ),
    ],
)
def test_intervals_need_no_large_library(do, heavy):
    code = f"import sys, kpilib.stats.intervals; {do}; print({heavy!r} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
