"""A change falls into mix and rate, or into factors: published numbers, sums that close, errors by bootstrap."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, chi2_contingency

from kpilib.errors import BadInput
from kpilib.stats import uneven
from kpilib.stats.decomposition import Sums, band, kitagawa, like_with_like, shapley, shapley_errors, without

# Kitagawa (1955), JASA 50:1168: 13 age groups, two populations.
AGES_BEFORE = [12.9, 10.9, 9.5, 8.0, 7.8, 8.4, 8.6, 7.8, 7.0, 5.9, 4.7, 3.6, 4.9]
AGES_NOW = [10.1, 11.2, 11.6, 10.9, 9.4, 7.7, 6.3, 6.0, 6.3, 5.9, 5.1, 4.0, 5.5]
RATES_BEFORE = [1.9, 25.8, 45.7, 49.6, 51.2, 51.6, 51.8, 54.9, 58.7, 60.4, 62.8, 66.6, 66.8]
RATES_NOW = [2.2, 24.3, 45.8, 52.5, 56.1, 55.6, 56.0, 57.4, 57.2, 61.2, 63.9, 68.6, 72.2]


def weighted(weights, rates) -> Sums:
    return Sums.of(np.multiply(weights, rates), weights)


def sums(group, n, d, parts: int) -> Sums:
    return Sums.of(*(np.bincount(group, one, parts) for one in (n, d, n * n, n * d, d * d)))


# Mix and rate


def test_kitagawas_thirteen_age_groups_give_his_numbers():
    split = kitagawa(weighted(AGES_BEFORE, RATES_BEFORE), weighted(AGES_NOW, RATES_NOW))
    assert split.mix.sum() == pytest.approx(1.2269, abs=5e-5)
    assert split.rate.sum() == pytest.approx(1.7403, abs=5e-5)
    assert split.mix.sum() + split.rate.sum() == pytest.approx(2.9672, abs=5e-5)


def test_two_parts_by_hand():
    # Weights .5 .5 → .2 .8; rates .6 .4 → .6 .45; whole .5 → .48, so the middle is .49.
    split = kitagawa(Sums.of([30, 20], [50, 50]), Sums.of([12, 36], [20, 80]))
    assert split.mix == pytest.approx([-0.3 * (0.6 - 0.49), 0.3 * (0.425 - 0.49)])
    assert split.rate == pytest.approx([0, 0.05 * 0.65])
    assert split.mix.sum() + split.rate.sum() == pytest.approx(0.48 - 0.5)


COUNTS = st.lists(
    st.tuples(*[st.integers(0, 10_000)] * 2, *[st.floats(0, 1e4, allow_subnormal=False)] * 2), min_size=1, max_size=12
)


@given(COUNTS)
def test_mix_and_rate_add_up_to_the_change_whatever_the_parts(parts):
    d0, d1, n0, n1 = (np.array(column, float) for column in zip(*parts, strict=True))
    before, now = Sums.of(n0, d0), Sums.of(n1, d1)
    split = kitagawa(before, now)
    if not d0.sum() or not d1.sum():
        assert np.isnan(split.mix).all()
        return
    scale = max(n0.sum() / d0.sum(), n1.sum() / d1.sum(), 1.0) * max(1, np.max(n0 / np.maximum(d0, 1)))
    assert split.mix.sum() + split.rate.sum() == pytest.approx(now.rate - before.rate, abs=1e-9 * scale)
    assert like_with_like(before, now) == pytest.approx(split.rate.sum(), abs=1e-9 * scale)


@given(COUNTS)
def test_turning_the_sides_round_turns_every_sign(parts):
    d0, d1, n0, n1 = (np.array(column, float) for column in zip(*parts, strict=True))
    there, back = kitagawa(Sums.of(n0, d0), Sums.of(n1, d1)), kitagawa(Sums.of(n1, d1), Sums.of(n0, d0))
    assert there.mix == pytest.approx(-back.mix, abs=1e-6, nan_ok=True)
    assert there.rate == pytest.approx(-back.rate, abs=1e-6, nan_ok=True)


def test_a_part_that_is_new_or_gone_is_all_mix():
    split = kitagawa(Sums.of([10, 20, 0], [40, 60, 0]), Sums.of([12, 0, 30], [50, 0, 50]))
    assert split.rate[1:].tolist() == [0, 0]
    assert split.mix.sum() + split.rate.sum() == pytest.approx(0.42 - 0.3)


def test_what_has_something_above_the_line_and_nothing_below_closes_too():
    """Requests about a product that is sold no more."""
    split = kitagawa(Sums.of([5, 5], [10, 20]), Sums.of([6, 9], [0, 30]))
    assert split.mix.sum() + split.rate.sum() == pytest.approx(15 / 30 - 10 / 30)


def test_without_change_nothing_is_explained():
    same = Sums.of([3, 4], [10, 9])
    split = kitagawa(same, same)
    assert [*split.mix, *split.rate] == [0, 0, 0, 0]


def test_a_side_with_nothing_below_the_line_has_no_split():
    split = kitagawa(Sums.of([0, 0], [0, 0]), Sums.of([1, 1], [2, 2]))
    assert np.isnan([*split.mix, *split.rate, split.mix_total_error]).all()
    assert len(kitagawa(Sums.of([], []), Sums.of([], [])).mix) == 0


def test_unlike_numbers_of_parts_are_refused():
    with pytest.raises(BadInput, match="2 parts before, 1 now"):
        kitagawa(Sums.of([1, 1], [2, 2]), Sums.of([1], [2]))
    with pytest.raises(BadInput, match="needs Σn and Σd"):
        Sums.of([1, 1], [2])


def test_the_errors_are_those_of_a_bootstrap_of_the_rows():
    """Second method: rows with weights of their own (so many of so many), the last part gone."""
    draw = np.random.default_rng(3)

    def rows(many, shares, rates):
        group = draw.choice(4, many, p=shares)
        d = draw.integers(1, 4, many)
        return group, draw.binomial(d, np.array(rates)[group]).astype(float), d.astype(float)

    before, now = (
        rows(2000, [0.4, 0.3, 0.25, 0.05], [0.6, 0.5, 0.2, 0.3]),
        rows(2500, [0.2, 0.4, 0.4, 0], [0.55, 0.4, 0.3, 0]),
    )
    split = kitagawa(sums(*before, 4), sums(*now, 4))
    again = []
    for _ in range(2000):
        i, j = draw.integers(0, 2000, 2000), draw.integers(0, 2500, 2500)
        one = kitagawa(sums(*(c[i] for c in before), 4), sums(*(c[j] for c in now), 4))
        again.append([*one.mix, *one.rate, one.mix.sum(), one.rate.sum()])
    errors = [*split.mix_error, *split.rate_error, split.mix_total_error, split.rate_total_error]
    assert errors == pytest.approx(np.std(again, axis=0), rel=0.1, abs=1e-9)
    assert errors[7] == 0  # the part that is gone has no rate


def test_with_one_part_the_error_is_that_of_two_shares():
    split = kitagawa(Sums.of([30], [100], [30], [30], [100]), Sums.of([50], [200], [50], [50], [200]))
    assert split.rate_total_error == pytest.approx(np.sqrt(0.3 * 0.7 / 100 + 0.25 * 0.75 / 200))
    assert split.mix_total_error == 0


def test_leaving_a_part_out_gives_the_change_of_the_others():
    rest = without(Sums.of([30, 20], [50, 50]), Sums.of([12, 36], [20, 80]))
    assert rest == pytest.approx([36 / 80 - 20 / 50, 12 / 20 - 30 / 50])
    assert np.isnan(without(Sums.of([3], [5]), Sums.of([2], [5]))).all()


# Factors


def test_das_guptas_two_and_three_factors_give_his_numbers():
    # Das Gupta (1993), US Census P23-186, tables 2.1 and 2.3.
    two = shapley(np.prod, [10930, 0.717892], [16591, 0.825974])
    assert two == pytest.approx([4369.913, 1487.262], abs=5e-4)
    assert two.sum() == pytest.approx(5857.175, abs=5e-4)
    three = shapley(np.prod, [51.78746, 0.45919, 0.52638], [84.90502, 0.75756, 0.51065])
    assert three == pytest.approx([10.4340333, 10.5608476, -0.6670084], abs=5e-7)


@given(st.lists(st.tuples(st.floats(0.1, 100), st.floats(0.1, 100)), min_size=1, max_size=5))
def test_effects_of_factors_add_up_and_a_factor_that_stays_does_nothing(factors):
    first, last = (np.array(side) for side in zip(*factors, strict=True))
    effects = shapley(np.prod, [*first, 7.0], [*last, 7.0])
    assert effects[-1] == 0
    assert effects.sum() == pytest.approx(7 * (last.prod() - first.prod()), rel=1e-9, abs=1e-6)


def test_a_factor_below_the_line_lowers_what_it_divides():
    assert shapley(lambda f: f[0] / f[1], [10, 2], [10, 4]) == pytest.approx([0, -2.5])


def test_the_errors_of_factors_are_those_of_many_draws():
    first, last, error = [50.0, 0.3], [60.0, 0.4], ([2.0, 0.02], [3.0, 0.02])
    draw = np.random.default_rng(5)
    again = [shapley(np.prod, draw.normal(first, error[0]), draw.normal(last, error[1])) for _ in range(6000)]
    assert shapley_errors(np.prod, first, last, *error) == pytest.approx(np.std(again, axis=0), rel=0.05)


def test_factors_must_be_the_same_on_both_sides_and_few():
    with pytest.raises(BadInput, match="one to twelve"):
        shapley(np.prod, [1, 2], [1])
    with pytest.raises(BadInput, match="one to twelve"):
        shapley(np.prod, [], [])


def test_a_band_is_one_ninety_six_errors_wide():
    low, high = band([1.0, np.nan], [0.5, 1.0])
    assert (low[0], high[0]) == pytest.approx((1 - 0.98, 1 + 0.98), abs=1e-4)
    assert np.isnan(low[1])


# Whether the parts changed alike


def yes_or_no(won, trials) -> Sums:
    won, trials = np.asarray(won, float), np.asarray(trials, float)
    return Sums.of(won, trials, won, won, trials)


def test_parts_that_moved_alike_are_not_told_apart_and_one_that_moved_alone_is():
    before, rows = yes_or_no([300, 500, 100], [1000, 1000, 1000]), np.full(3, 1000.0)
    alike = uneven.of_rates(before, yes_or_no([350, 550, 150], [1000, 1000, 1000]), rows, rows)
    alone = uneven.of_rates(before, yes_or_no([300, 500, 200], [1000, 1000, 1000]), rows, rows)
    assert alike.statistic == pytest.approx(0, abs=1e-9)
    assert (alike.freedom, alone.freedom) == (2, 2)
    assert alone.p < 0.001 < alike.p


def test_the_test_of_rates_is_cochrans_q_where_all_parts_spread_alike():
    before, now, rows = yes_or_no([50, 50], [100, 100]), yes_or_no([40, 60], [100, 100]), np.full(2, 100.0)
    # Changes −.1 and +.1 about 0; a row's variance .25 and .24, over n − 1 with what is lent.
    variance = (25 + 20 * 0.25) / 119 / 100 + (24 + 20 * 0.24) / 119 / 100
    assert uneven.of_rates(before, now, rows, rows).statistic == pytest.approx(2 * 0.01 / variance, rel=1e-9)


def test_unlike_growth_of_counts_is_pearsons_chi_square():
    before, now = np.array([400.0, 300, 500, 800]), np.array([460.0, 310, 560, 850])
    ours = uneven.of_growth(*(Sums.of(n, 0 * n, n, 0 * n, 0 * n) for n in (before, now)), before, now)
    theirs = chi2_contingency([before, now], correction=False)
    assert ours.statistic == pytest.approx(theirs.statistic, rel=0.05)
    assert ours.freedom == theirs.dof


def test_chance_alone_makes_parts_unlike_at_the_stated_rate():
    draw, found, tries = np.random.default_rng(8), {"rates": 0, "mix": 0}, 600
    for _ in range(tries):
        group = [draw.choice(6, 400, p=[0.4, 0.3, 0.15, 0.08, 0.05, 0.02]) for _ in range(2)]
        both = [sums(one, (draw.random(400) < 0.3).astype(float), np.ones(400), 6) for one in group]
        found["rates"] += uneven.of_rates(both[0], both[1], both[0].d, both[1].d).p < 0.05
        found["mix"] += uneven.of_mix(kitagawa(*both)).p < 0.05
    most = binom.ppf(0.995, tries, 0.05)
    assert found["rates"] <= most
    assert found["mix"] <= most
    assert found["rates"] > binom.ppf(0.005, tries, 0.02)  # and is no test that never finds anything


def test_parts_of_few_rows_are_tested_together():
    one = yes_or_no([20, 1, 2], [50, 4, 6])
    joined, rows = uneven.pooled(one, one.d, one.d < uneven.FEWEST)
    assert (joined.n.tolist(), joined.d.tolist(), rows.tolist()) == ([20, 3], [50, 10], [50, 10])


def test_a_single_part_has_nothing_to_be_unlike():
    one = yes_or_no([20], [50])
    assert np.isnan(uneven.of_rates(one, one, one.d, one.d).p)
    assert np.isnan(uneven.of_growth(one, one, one.d, one.d).p)
    assert np.isnan(uneven.of_mix(kitagawa(one, one)).p)


def test_rows_that_come_in_fours_spread_four_times_as_much():
    draw = np.random.default_rng(2)
    single = draw.poisson(100, (60, 8)).astype(float)
    fours = 4 * draw.poisson(25, (60, 8)).astype(float)
    assert uneven.dispersion([(single, np.full((60, 8), 100.0))]) == pytest.approx(1, abs=0.2)
    assert uneven.dispersion([(fours, np.full((60, 8), 100.0))]) == pytest.approx(4, rel=0.2)
    assert uneven.dispersion([(single[:1], single[:1])]) == 1  # one month tells nothing


def test_a_level_of_a_month_or_of_a_part_is_no_spread():
    level = np.add.outer(np.arange(12.0) * 50, np.arange(5.0) * 100) + 500
    assert uneven.dispersion([(level, level)]) == 1
