"""Thresholds: published p-values, second methods, counting by hand, and worlds whose threshold is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, hypergeom

from kpilib.errors import BadInput, CannotAnswer
from kpilib.stats.below_cut import Estimate, crossed, difference, over, scaled, weighted_risk
from kpilib.stats.by_score import FOLDS, bars, falling, grouped
from kpilib.stats.intervals import newcombe, wilson
from kpilib.stats.maxstat import lausen_schumacher
from kpilib.stats.stratified import fit, loglik_without, slope_interval
from kpilib.stats.threshold import candidates, find, gains, why_not

#: How answers 0 to 10 are spread in the simulated worlds.
SHARES = np.array([2, 2, 3, 4, 5, 9, 12, 18, 20, 15, 10]) / 100


def world(
    seed: int, ratio: float, rows: int = 30_000, cut: int = 5, base: float = 0.02, strata: int = 3, top: int = 10
):
    """Customer-months with a step of the hazard at a cut: score, left, stratum, customer."""
    rng = np.random.default_rng(seed)
    shares = SHARES[-(top + 1) :] / SHARES[-(top + 1) :].sum()
    score = rng.choice(np.arange(11)[-(top + 1) :] - (10 - top), rows, p=shares)
    stratum, customer = rng.integers(0, strata, rows), rng.integers(0, max(rows // 10, 1), rows)
    risk = base * (1 + stratum / strata) * np.where(score <= cut, ratio, 1)
    return score, (rng.random(rows) < risk).astype(int), stratum, customer


def counts(*args, **how):
    return grouped(*world(*args, **how))


# --- the p-value of a chosen cut --------------------------------------------------------------------------------------


def test_the_published_p_values_of_a_maximally_selected_statistic():
    assert lausen_schumacher(3.5691) == pytest.approx(0.01065, abs=5e-6)
    assert lausen_schumacher(3.171) == pytest.approx(0.03611, abs=5e-6)


def test_a_chosen_cut_is_less_surprising_than_a_fixed_one_and_wider_choice_makes_it_lesser_still():
    fixed = 2 * (1 - 0.9986501)  # two-sided, 3 standard errors
    narrow, wide = lausen_schumacher(3, 0.4, 0.6), lausen_schumacher(3, 0.05, 0.95)
    assert fixed < narrow < wide < 1
    assert lausen_schumacher([0, 0.5]).tolist() == [1, 1]


@pytest.mark.parametrize(("low", "high"), [(0, 0.9), (0.5, 0.5), (0.1, 1)])
def test_cuts_outside_the_cases_are_refused(low, high):
    with pytest.raises(BadInput, match="0 < low < high < 1"):
        lausen_schumacher(3, low, high)


# --- counts by score --------------------------------------------------------------------------------------------------


def test_six_rows_counted_by_hand():
    seen = grouped([3, 9, 9, 3, np.nan, 7], [1, 0, 0, 0, 1, 0], ["a", "a", "b", "b", "a", "b"], list("uvwxyz"))
    left, rows = seen.by_score
    assert (seen.scores.tolist(), rows.tolist(), left.tolist()) == ([3, 7, 9], [2, 1, 2], [1, 0, 0])
    assert seen.by_stratum[1].tolist() == [[1, 0, 1], [1, 1, 1]]
    assert seen.customers == 5


def test_all_rows_of_a_customer_fall_into_one_part_and_parts_are_of_about_one_size():
    customer = np.repeat(np.arange(50), 4)
    seen = grouped(customer, np.zeros(200), None, customer)  # each customer with a score of its own
    assert seen.rows.sum((1, 2)).tolist() == [40] * FOLDS
    assert ((seen.rows.sum(1) > 0).sum(0) == 1).all()


@pytest.mark.parametrize(
    ("score", "left", "said"),
    [
        ([1, 2], [1], "columns of one length"),
        ([1, 2], [1, 0.5], "Outcomes must be 0 or 1; 1 are not, the first at row 1"),
        (np.arange(200), np.zeros(200), "200 distinct scores"),
    ],
)
def test_rows_that_cannot_be_counted_are_refused(score, left, said):
    with pytest.raises(BadInput, match=said):
        grouped(score, left)


def test_bars_are_the_raw_shares_with_their_wilson_intervals():
    table = bars(grouped([1] * 20 + [5] * 263, [0] * 20 + [1] * 81 + [0] * 182))
    assert table[["score", "rows", "left"]].to_numpy().tolist() == [[1, 20, 0], [5, 263, 81]]
    assert table[["low", "high"]].to_numpy().round(4).tolist() == [[0, 0.1611], [0.2553, 0.3662]]
    assert table["isotonic"].tolist() == pytest.approx([81 / 283] * 2)  # it rises: one level for both


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(1, 50)), min_size=1, max_size=12))
def test_the_isotonic_fit_never_rises_and_keeps_the_total(pairs):
    share, weights = np.array(pairs, float).T
    fitted = falling(share, weights)
    assert (np.diff(fitted) <= 1e-12).all()
    assert fitted @ weights == pytest.approx(share @ weights)


def test_no_rows_give_no_bars():
    assert bars(grouped([], [])).empty


# --- the regression on counts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("x", [[1, 1, 0, 0], [3, 2, 1, 0]])
def test_slope_intercepts_and_likelihood_agree_with_statsmodels(x):
    import statsmodels.api as sm

    rng = np.random.default_rng(4)
    n = rng.integers(20, 200, (3, 4))
    d = rng.binomial(n, 0.2)
    dummies = np.kron(np.eye(3), np.ones((4, 1)))
    design = np.column_stack([dummies, np.tile(x, 3)])
    theirs = sm.GLM(np.column_stack([d.ravel(), (n - d).ravel()]), design, family=sm.families.Binomial()).fit(tol=1e-12)
    null = sm.GLM(np.column_stack([d.ravel(), (n - d).ravel()]), dummies, family=sm.families.Binomial()).fit(tol=1e-12)
    ours = fit(d, n, x)
    assert float(ours.slope) == pytest.approx(theirs.params[-1], abs=1e-7)
    assert ours.intercept == pytest.approx(theirs.params[:3], abs=1e-7)
    assert float(ours.loglik - loglik_without(d, n)) == pytest.approx(theirs.llf - null.llf, abs=1e-7)


def test_many_fits_at_once_are_each_the_fit_alone():
    rng = np.random.default_rng(2)
    n = rng.integers(5, 60, (7, 4, 6))
    d = rng.binomial(n, rng.random((7, 4, 6)))
    x = rng.random((7, 6))
    together = fit(d, n, x)
    for i in range(7):
        alone = fit(d[i], n[i], x[i])
        assert together.slope[i] == pytest.approx(float(alone.slope), abs=1e-7)
        assert together.loglik[i] == pytest.approx(float(alone.loglik), abs=1e-7)


def test_nobody_above_leaves_an_infinite_slope_with_a_finite_lower_end():
    n, d = [[100, 100]], [[30, 0]]
    found = fit(d, n, [1, 0])
    assert float(found.loglik) == pytest.approx(30 * np.log(0.3) + 70 * np.log(0.7), abs=1e-6)
    low, high = slope_interval(d, n, [1, 0])
    assert 1 < low < 10
    assert high == np.inf


def test_a_covariate_without_spread_has_slope_nought_and_no_bounds():
    assert float(fit([[3, 4]], [[10, 10]], [1, 1]).slope) == 0
    assert slope_interval([[3, 4]], [[10, 10]], [1, 1]) == (-np.inf, np.inf)


def test_strata_of_none_and_of_all_say_nothing_of_the_slope():
    some = fit([[30, 10]], [[100, 100]], [1, 0])
    more = fit([[30, 10], [0, 0], [50, 50]], [[100, 100], [80, 10], [50, 50]], [1, 0])
    assert float(more.slope) == pytest.approx(float(some.slope), abs=1e-6)


def test_the_profile_interval_has_the_likelihood_drop_of_a_chi_square():
    d, n, x = np.array([[30.0, 10.0], [12.0, 9.0]]), np.array([[100.0, 100.0], [40.0, 60.0]]), np.array([1.0, 0.0])
    import statsmodels.api as sm

    low, high = slope_interval(d, n, x)
    assert low < float(fit(d, n, x).slope) < high
    for end in (low, high):
        stacked = np.column_stack([d.ravel(), (n - d).ravel()])
        held = sm.GLM(stacked, np.kron(np.eye(2), np.ones((2, 1))), family=sm.families.Binomial(),
                      offset=np.tile(x, 2) * end).fit(tol=1e-12)  # fmt: skip
        free = sm.GLM(stacked, np.column_stack([np.kron(np.eye(2), np.ones((2, 1))), np.tile(x, 2)]),
                      family=sm.families.Binomial()).fit(tol=1e-12)  # fmt: skip
        assert 2 * (free.llf - held.llf) == pytest.approx(3.841459, abs=1e-4)


@pytest.mark.parametrize(("d", "n", "said"), [([[5]], [[4]], "1 do not"), ([1, 2], [3, 3], "row for each stratum")])
def test_impossible_counts_are_refused(d, n, said):
    with pytest.raises(BadInput, match=said):
        fit(d, n, [1] * np.shape(n)[-1])


# --- the threshold ----------------------------------------------------------------------------------------------------


def test_candidates_leave_five_per_cent_of_the_rows_on_each_side():
    assert candidates([4, 1, 45, 45, 5]).tolist() == [1, 2, 3]
    assert candidates([4, 1, 45, 46, 4]).tolist() == [1, 2]
    assert candidates([10]).tolist() == candidates([]).tolist() == []
    assert candidates([10, 0, 10]).tolist() == [0]  # a score that nobody gave is no cut of its own
    assert len(candidates(np.ones(100))) == 20


def test_a_trim_of_half_or_more_is_refused():
    with pytest.raises(BadInput, match="between 0 and one half"):
        candidates([1, 1], 0.5)


def test_gains_are_likelihood_ratios_and_nought_where_the_low_scores_leave_less():
    left, rows = np.array([[30, 10, 5]]), np.array([[100, 100, 100]])
    two = gains(left, rows, [0, 1])
    p0, p = 45 / 300, np.array([0.3, 15 / 200])
    by_hand = 2 * (
        30 * np.log(p[0]) + 70 * np.log(1 - p[0]) + 15 * np.log(p[1]) + 185 * np.log(1 - p[1])
        - 45 * np.log(p0) - 255 * np.log(1 - p0)
    )  # fmt: skip
    assert two[0] == pytest.approx(by_hand)
    assert gains(left[:, ::-1], rows, [0, 1]).tolist() == [0, 0]


def test_a_planted_step_is_found_at_its_cut():
    found = find(counts(1, ratio=3))
    assert found.exists
    assert found.p == 0.001
    assert found.cut == 5
    assert found.cuts[found.inside].tolist() == [5]
    assert max(found.shapes, key=found.shapes.get) == "step"


def test_without_a_threshold_the_answer_is_none():
    found = find(counts(1, ratio=1))
    assert not found.exists
    assert found.p > 0.05
    assert np.isnan(found.cut)
    assert not found.inside.any()
    assert found.hinge is None
    assert found.shapes == {}


def test_leaving_more_with_better_scores_is_no_threshold_below_which_they_leave():
    assert not find(counts(1, ratio=1 / 3)).exists


def test_with_two_scores_the_p_value_is_that_of_the_hypergeometric_distribution():
    below = np.array([1] * 14 + [0] * 36)  # 14 of 50 leave below the cut, 6 of 50 above
    above = np.array([1] * 6 + [0] * 44)
    found = find(grouped(np.repeat([1, 2], 50), np.concatenate([below, above])), permutations=9999)
    assert found.p == pytest.approx(hypergeom.sf(13, 100, 50, 20), abs=0.006)


def test_a_stratum_that_drives_both_score_and_leaving_is_not_taken_for_a_threshold():
    rng = np.random.default_rng(0)
    stratum = rng.integers(0, 2, 30_000)
    score = np.clip(rng.normal(8 - 4 * stratum, 2), 0, 10).round()
    left = rng.random(30_000) < np.where(stratum, 0.06, 0.02)
    assert find(grouped(score, left)).exists
    assert not find(grouped(score, left, stratum)).exists


def test_an_elbow_is_told_from_a_cliff_and_its_knot_found():
    rng = np.random.default_rng(3)
    score = rng.choice(11, 60_000, p=SHARES)
    left = rng.random(60_000) < 1 / (1 + np.exp(3.6 - 0.5 * np.maximum(6 - score, 0)))
    found = find(grouped(score, left))
    assert max(found.shapes, key=found.shapes.get) == "hinge"
    assert found.hinge.low <= 6 <= found.hinge.high
    assert found.hinge.high - found.hinge.low < 1.5


def test_a_steady_slope_is_called_one():
    rng = np.random.default_rng(3)
    score = rng.choice(11, 60_000, p=SHARES)
    left = rng.random(60_000) < 1 / (1 + np.exp(4.5 - 0.25 * (10 - score)))
    found = find(grouped(score, left))
    assert max(found.shapes, key=found.shapes.get) == "slope"


def test_expected_shares_keep_the_number_that_left_and_fall_at_the_cut():
    seen = counts(1, ratio=3)
    found = find(seen)
    left, rows = seen.by_score
    for expected in (found.expected, found.hinge.expected):
        assert expected @ rows == pytest.approx(left.sum())
        assert (np.diff(expected) < 0.004).all()
    assert found.expected[5] / found.expected[6] == pytest.approx(3, rel=0.2)


@pytest.mark.parametrize("top", [5, 9])
def test_other_scales_are_taken_as_they_are(top):
    score, left, stratum, customer = world(2, ratio=4, cut=2, top=top)
    found = find(grouped(score + 1, left, stratum, customer))  # 1 to 6, 1 to 10
    assert found.exists
    assert found.cut == 3


@pytest.mark.parametrize(
    ("score", "left", "reason"),
    [
        ([], [], "no_answers"),
        ([np.nan] * 3, [1, 0, 0], "no_answers"),
        ([1, 2] * 100, [0] * 200, "no_churn"),
        ([1, 2] * 100, [1] * 200, "all_churned"),
        ([1, 2] * 5, [1, 0] * 5, "too_few_customers"),
        ([1, 2] * 100, [1] * 19 + [0] * 181, "too_few_left"),
        ([1, 2] * 100, [0] * 19 + [1] * 181, "too_few_left"),
        ([7] * 200, [1, 0] * 100, "one_score"),
        ([1, 2] * 100, [1, 0] * 100, ""),
    ],
)
def test_counts_that_cannot_tell_say_why(score, left, reason):
    seen = grouped(score, left)
    assert why_not(seen) == reason
    if reason:
        with pytest.raises(CannotAnswer, match=reason):
            find(seen)


def test_perfect_separation_is_a_threshold_with_an_unbounded_ratio():
    seen = grouped([1, 2] * 100, [1, 0] * 100)
    found, sides = find(seen), crossed(seen)
    assert found.exists
    assert found.cut == 1
    assert sides.odds_ratio().value == np.inf
    assert 10 < sides.odds_ratio().low < np.inf
    assert weighted_risk(sides.left[:, 0], sides.rows[:, 0], [1]).value == 1


def test_the_same_seed_gives_the_same_answer():
    one, two = (find(counts(8, ratio=2, rows=8000), seed=3) for _ in range(2))
    assert one.exists
    assert (one.p, one.limit.tolist()) == (two.p, two.limit.tolist())


def many_worlds(number: int, **how) -> list:
    return [find(counts(seed, **how), permutations=199) for seed in range(number)]


@pytest.mark.slow
def test_without_a_threshold_one_is_found_in_at_most_five_of_a_hundred_worlds():
    false = sum(one.exists for one in many_worlds(400, ratio=1, rows=6000))
    assert false <= binom.ppf(0.999, 400, 0.05)
    assert false >= binom.ppf(0.001, 400, 0.02)  # a test that never speaks would be of no use


@pytest.mark.slow
@pytest.mark.parametrize("ratio", [1.5, 1.8])
def test_the_confidence_set_holds_the_planted_cut_in_95_of_a_hundred_worlds(ratio):
    seen = [one for one in many_worlds(150, ratio=ratio, rows=10_000) if one.exists]
    held = sum(bool(one.inside[one.cuts == 5][0]) for one in seen)
    assert len(seen) > 80
    assert held >= binom.ppf(0.001, len(seen), 0.95)


@pytest.mark.slow
def test_the_interval_of_the_knot_holds_the_planted_one_in_95_of_a_hundred_worlds():
    held, worlds = 0, 150
    for seed in range(worlds):
        rng = np.random.default_rng(seed)
        score = rng.choice(11, 20_000, p=SHARES)
        left = rng.random(20_000) < 1 / (1 + np.exp(3.6 - 0.4 * np.maximum(6 - score, 0)))
        hinge = find(grouped(score, left), permutations=99, bootstraps=19).hinge
        held += hinge.low <= 6 <= hinge.high
    assert binom.ppf(0.001, worlds, 0.95) <= held


# --- the risk on either side ------------------------------------------------------------------------------------------


def test_each_part_is_divided_by_the_cut_that_the_others_chose():
    seen = counts(1, ratio=3)
    sides = crossed(seen)
    assert sides.cuts.tolist() == [5] * FOLDS
    left, rows = seen.by_stratum
    assert sides.rows.tolist() == np.stack([rows[:, :6].sum(1), rows[:, 6:].sum(1)], 1).tolist()
    assert sides.left.sum() == left.sum()
    assert sides.odds_ratio().low < 3.06 < sides.odds_ratio().high  # odds of .06 to .02, and so on


@pytest.mark.slow
def test_a_cut_chosen_on_the_same_rows_overstates_the_ratio_and_crossing_does_not():
    chosen, crossing = [], []
    for seed in range(150):
        seen = counts(seed, ratio=1, rows=3000)
        left, rows = seen.by_score
        place = candidates(rows)[gains(*seen.by_stratum, candidates(rows)).argmax()] + 1
        share = [left[:place].sum() / rows[:place].sum(), left[place:].sum() / rows[place:].sum()]
        chosen.append(share[0] - share[1])
        sides = crossed(seen)
        low, high = sides.left.sum(0) / np.maximum(sides.rows.sum(0), 1)
        crossing.append(low - high)
    assert np.mean(chosen) > 0.006
    assert abs(np.mean(crossing)) < 0.004


def test_the_risk_of_one_stratum_over_one_period_is_wilsons():
    got = weighted_risk([81], [263], [7])
    assert got == pytest.approx((81 / 263, *map(float, wilson(81, 263))))


def test_risks_are_weighted_by_what_is_asked():
    assert weighted_risk([10, 40], [100, 100], [3, 1]).value == pytest.approx(0.175)
    assert weighted_risk([10, 40], [100, 100], [0, 1]) == pytest.approx(weighted_risk([40], [100], [1]))
    assert weighted_risk([10, 0], [100, 0], [1, 9]).value == pytest.approx(0.1)  # nothing is known of the second
    assert np.isnan(weighted_risk([0], [0], [1])).all()


def test_a_weight_below_nought_is_refused():
    with pytest.raises(BadInput, match="weighs 0 or more"):
        weighted_risk([1], [2], [-1])


@pytest.mark.parametrize(("left", "low", "high"), [(0, 0, 0.3), (20, 0.7, 1)])
def test_none_and_all_have_an_interval_too(left, low, high):
    got = weighted_risk([left], [20], [1], periods=1)
    assert (got.value, got.low, got.high) == pytest.approx((left / 20, *map(float, wilson(left, 20))))
    assert low <= got.low <= got.high <= high


def test_a_monthly_risk_kept_up_for_a_year():
    assert over(0.02, 12) == pytest.approx(1 - 0.98**12)
    got = weighted_risk([200], [10_000], [1], periods=12)
    assert got.value == pytest.approx(1 - 0.98**12)
    assert (got.low, got.high) == pytest.approx(tuple(over(end, 12) for end in wilson(200, 10_000)), rel=0.02)


def test_the_interval_of_a_weighted_risk_holds_the_truth_in_95_of_100_samples():
    rng = np.random.default_rng(6)
    p, n, w = np.array([0.01, 0.03, 0.005]), np.array([800, 500, 1500]), np.array([1, 5, 2])
    truth = w @ (1 - (1 - p) ** 12) / w.sum()
    drawn = [weighted_risk(rng.binomial(n, p), n, w, 12) for _ in range(2000)]
    assert np.mean([one.low <= truth <= one.high for one in drawn]) == pytest.approx(0.95, abs=0.02)


def test_the_difference_of_two_shares_has_newcombes_interval():
    one, two = weighted_risk([56], [70], [1]), weighted_risk([48], [80], [1])
    assert difference(one, two) == pytest.approx((56 / 70 - 48 / 80, *map(float, newcombe(56, 70, 48, 80))))
    assert difference(one, two)[1:] == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_an_estimate_times_a_number_keeps_its_order():
    assert scaled(Estimate(2, 1, 4), 3) == (6, 3, 12)
