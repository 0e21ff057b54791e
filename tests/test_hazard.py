"""Models of leaving: published vectors (R survival, Rossi), statsmodels, brute force, planted truth, separation."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kpilib.errors import BadInput
from kpilib.stats import hazard
from kpilib.stats.cox import cox, proportional
from kpilib.stats.discrete import cloglog
from kpilib.stats.hazard import risk_rows
from kpilib.stats.risk import risk, shrinkage

#: Rossi, Berk and Lenihan (1980), Money, Work and Crime: 432 men in their first year out of prison.
ROSSI = Path(__file__).with_name("rossi.csv")
COVARIATES = ["fin", "age", "race", "wexp", "mar", "paro", "prio"]


def lives(start, stop, event, x, strata=None, **given):
    """Cox's model of lives in start–stop form."""
    rows, sets, left = risk_rows(start, stop, event, strata)
    return cox(sets, left, np.asarray(x, float)[rows], **given)


def months(seed: int, customers: int = 400, lasting: int = 12, effect: tuple[float, ...] = (0.8, -0.5, 0.0)):
    """Customer-months whose hazard is planted: sets, event, covariates, customers."""
    rng = np.random.default_rng(seed)
    there, rows = np.arange(customers), []
    for month in range(lasting):
        x = np.column_stack([rng.random(len(there)) < 0.3, rng.normal(size=len(there)), rng.random(len(there))])
        left = rng.random(len(there)) < -np.expm1(-np.exp(-3.2 + x @ effect))
        rows.append((np.full(len(there), month), left, x, there))
        there = there[~left]
    sets, event, x, who = zip(*rows, strict=True)
    return np.concatenate(sets), np.concatenate(event), np.concatenate(x), np.concatenate(who)


# --- published numbers --------------------------------------------------------------------------------------------


def test_r_survival_test1_with_strata_and_ties():
    stop, event, strata = [4, 3, 1, 1, 2, 2, 3], [1, 1, 1, 0, 1, 1, 0], [0, 0, 0, 0, 1, 1, 1]
    found = lives([0] * 7, stop, event, [[0], [2], [1], [1], [1], [0], [0]], strata)
    assert found.coefficients == pytest.approx([0.8023], abs=5e-5)
    assert found.errors == pytest.approx([0.8224], abs=5e-5)


def test_r_survival_test2_with_start_and_stop():
    start, stop = [1, 2, 5, 2, 1, 7, 3, 4, 8, 8], [2, 3, 6, 7, 8, 9, 9, 9, 14, 17]
    x = [[1], [0], [0], [1], [0], [1], [1], [1], [0], [0]]
    found = lives(start, stop, [1] * 7 + [0] * 3, x)
    assert found.coefficients == pytest.approx([-0.02111], abs=5e-6)
    assert found.errors == pytest.approx([0.79518], abs=5e-6)


@pytest.fixture(scope="module")
def rossi():
    data = pd.read_csv(ROSSI)
    rows, sets, left = risk_rows(np.zeros(len(data)), data["week"], data["arrest"])
    return sets, left, data[COVARIATES].to_numpy(float)[rows], rows


def test_rossi_has_the_published_coefficients_and_likelihood_ratio(rossi):
    found = cox(*rossi[:3])
    published = [-0.3794222, -0.0574377, 0.3138998, -0.1497957, -0.4337039, -0.0848711, 0.0914971]
    assert found.coefficients == pytest.approx(published, abs=5e-8)
    chi2, df, p = found.against_null()
    assert (chi2, df) == (pytest.approx(33.27, abs=5e-3), 7)
    assert p == pytest.approx(2.36e-5, rel=0.01)


def test_the_discrete_model_comes_close_to_coxs_where_few_leave_at_a_time(rossi):
    sets, left, x, who = rossi
    ours, twin = cox(sets, left, x, who), cloglog(sets, left, x, who)
    assert twin.coefficients == pytest.approx(ours.coefficients, abs=2e-3)
    assert twin.errors == pytest.approx(ours.errors, abs=2e-3)


# --- second methods -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2])
def test_cox_agrees_with_statsmodels_on_late_entries_strata_and_ties(seed):
    from statsmodels.duration.hazard_regression import PHReg

    rng = np.random.default_rng(seed)
    n = 150
    start = rng.integers(0, 6, n).astype(float)
    stop, event = start + rng.integers(1, 8, n), rng.random(n) < 0.6
    x, strata = rng.normal(size=(n, 3)), rng.integers(0, 2, n)
    ours = lives(start, stop, event, x, strata)
    # statsmodels counts a row at risk at its own entry.
    theirs = PHReg(stop, x, event.astype(int), strata=strata, entry=start + 1e-6, ties="efron").fit(disp=False)
    assert ours.coefficients == pytest.approx(theirs.params, abs=1e-6)
    assert ours.errors == pytest.approx(theirs.bse, abs=1e-6)
    assert ours.loglik == pytest.approx(theirs.llf, abs=1e-8)


def test_robust_errors_agree_with_statsmodels_where_nobody_leaves_together():
    from statsmodels.duration.hazard_regression import PHReg

    rng = np.random.default_rng(3)
    n = 120
    stop, event, x = rng.permutation(n) + 1.0, rng.random(n) < 0.6, rng.normal(size=(n, 2))
    customer = rng.integers(0, 40, n)
    rows, sets, left = risk_rows(np.zeros(n), stop, event)
    ours = cox(sets, left, x[rows], customer[rows])
    theirs = PHReg(stop, x, event.astype(int), ties="efron").fit(groups=customer, disp=False)
    assert ours.errors == pytest.approx(theirs.bse, abs=1e-6)
    assert np.abs(ours.errors / np.sqrt(np.diag(ours.naive)) - 1).max() > 0.01  # they are not the naive ones


def efron_score(
    weights: np.ndarray, sets: np.ndarray, event: np.ndarray, x: np.ndarray, beta: np.ndarray
) -> np.ndarray:
    """The gradient of Efron's log-likelihood with case weights, term by term as it is written in books."""
    total = np.zeros(x.shape[1])
    for one in np.unique(sets):
        at, hazard = sets == one, weights * np.exp(x @ beta)
        going = at & event
        total += (weights[going, None] * x[going]).sum(0)
        for place in range(going.sum()):
            share = place / going.sum()
            left = hazard * at - share * hazard * going
            total -= weights[going].mean() * (left @ x) / left.sum()
    return total


def test_robust_errors_with_ties_are_the_infinitesimal_jackknife_by_customer():
    sets, event, x, who = months(4, customers=25, lasting=4)
    found = cox(sets, event, x, who)
    moved = []
    for customer in np.unique(who):
        up, down = np.ones(len(sets)), np.ones(len(sets))
        up[who == customer], down[who == customer] = 1 + 1e-5, 1 - 1e-5
        slope = efron_score(up, sets, event, x, found.coefficients) - efron_score(
            down, sets, event, x, found.coefficients
        )
        moved.append(found.naive @ slope / 2e-5)
    assert np.sqrt((np.array(moved) ** 2).sum(0)) == pytest.approx(found.errors, rel=1e-5)
    assert (np.bincount(sets[event]) > 1).any()  # there are ties


def test_the_discrete_model_agrees_with_statsmodels():
    import statsmodels.api as sm

    sets, event, x, who = months(5)
    ours = cloglog(sets, event, x)
    design = np.column_stack([sets[:, None] == np.unique(sets), x]).astype(float)
    family = sm.families.Binomial(link=sm.families.links.CLogLog())
    model = sm.GLM(event.astype(float), design, family=family)
    theirs = model.fit(tol=1e-12, maxiter=200)
    k = len(np.unique(sets))
    assert ours.coefficients == pytest.approx(theirs.params[k:], abs=1e-6)
    assert ours.baseline == pytest.approx(theirs.params[:k], abs=1e-6)
    assert ours.loglik == pytest.approx(theirs.llf, abs=1e-6)
    assert ours.errors == pytest.approx(theirs.bse[k:], rel=1e-4)
    assert np.sqrt(np.diag(ours.whole)) == pytest.approx(theirs.bse, rel=1e-4)
    # Robust errors: statsmodels' scores, summed by customer, between two of its covariances.
    scores = pd.DataFrame(model.score_obs(theirs.params)).groupby(who).sum().to_numpy()
    bread = theirs.cov_params()
    robust = np.sqrt(np.diag(bread @ scores.T @ scores @ bread))
    assert np.sqrt(np.diag(cloglog(sets, event, x, who).whole)) == pytest.approx(robust, rel=1e-4)


def test_both_null_likelihoods_are_those_of_coefficients_of_0_and_of_shares():
    from statsmodels.duration.hazard_regression import PHReg

    sets, event, x, _ = months(6, customers=60, lasting=5)
    theirs = PHReg(np.ones(len(sets)), x, event.astype(int), strata=sets, ties="efron").loglike(np.zeros(3))
    assert cox(sets, event, x).null_loglik == pytest.approx(theirs)
    n, d = np.bincount(sets), np.bincount(sets[event], minlength=5)
    of_shares = [k * np.log(k / m) + (m - k) * np.log(1 - k / m) for m, k in zip(n, d, strict=True) if k]
    assert cloglog(sets, event, x).null_loglik == pytest.approx(sum(of_shares))


def test_a_trend_in_the_effect_is_the_score_test_of_an_interaction_with_time():
    sets, event, x, _ = months(7, customers=300, lasting=8, effect=(0.8, 0.0, 0.0))
    fit = cox(sets, event, x)
    chi2, p = proportional(fit, fit.sets)
    # The same by a model with x·t, its gradient and information taken at a coefficient of 0 for the interaction.
    for one in range(3):
        wide = np.column_stack([x, x[:, one] * (sets - fit.sets.mean())])
        _, gradient, information = _at(sets, event, wide, np.append(fit.coefficients, 0.0))
        expected = gradient[3] ** 2 * np.linalg.inv(information)[3, 3]
        assert chi2[one] == pytest.approx(expected, rel=1e-6)
    assert ((p > 0) & (p <= 1)).all()


def _at(sets, event, x, coefficients):
    from kpilib.stats.cox import _Rows

    return _Rows(sets, event, x).height(coefficients)


def test_an_effect_that_turns_round_is_seen_and_one_that_does_not_is_not():
    rng = np.random.default_rng(8)
    sets, x = np.repeat(np.arange(10), 800), rng.integers(0, 2, (8000, 2)).astype(float)
    event = rng.random(8000) < -np.expm1(-np.exp(-3 + x @ [0.0, 0.7] + x[:, 0] * (sets - 4.5) * 0.3))
    _, p = proportional(cox(sets, event, x))
    assert p[0] < 1e-6
    assert p[1] > 0.01


# --- properties ---------------------------------------------------------------------------------------------------


def test_a_month_in_which_nobody_left_changes_nothing():
    sets, event, x, who = months(9, customers=80, lasting=5)
    more = np.concatenate([sets, np.full(40, 9)]), np.concatenate([event, np.zeros(40, bool)])
    wide, whose = np.concatenate([x, x[:40]]), np.concatenate([who, who[:40]])
    for model in (cox, cloglog):
        short, long = model(sets, event, x, who), model(*more, wide, whose)
        assert long.coefficients == pytest.approx(short.coefficients, abs=1e-9)
        assert long.errors == pytest.approx(short.errors, abs=1e-9)
        assert long.loglik == pytest.approx(short.loglik, abs=1e-9)


def test_a_covariate_in_other_units_has_the_coefficient_in_other_units():
    sets, event, x, who = months(10, customers=80, lasting=5)
    for model in (cox, cloglog):
        one, other = model(sets, event, x, who), model(sets, event, (x - 3) / [10, 100, 1], who)
        assert other.coefficients == pytest.approx(one.coefficients * [10, 100, 1], rel=1e-6)
        assert other.loglik == pytest.approx(one.loglik, abs=1e-8)


def test_thirty_two_bits_and_a_first_guess_on_a_part_give_the_same(monkeypatch):
    sets, event, x, who = months(11, customers=200, lasting=6)
    for model in (cox, cloglog):
        small = model(sets, event, x, who)
        monkeypatch.setattr(f"kpilib.stats.{'cox' if model is cox else 'discrete'}.MANY", 100)
        large = model(sets, event, x.astype(np.float32), who)
        assert large.coefficients == pytest.approx(small.coefficients, abs=1e-5)


def test_every_customer_twice_has_the_same_ratios_and_robust_errors_see_through_it():
    sets, event, x, who = months(12, customers=150, lasting=6)
    twice = [np.repeat(one, 2, axis=0) for one in (sets, event, x)]
    once, double = cloglog(sets, event, x, who), cloglog(*twice, np.repeat(who, 2))
    assert double.coefficients == pytest.approx(once.coefficients, abs=1e-8)
    assert double.errors == pytest.approx(once.errors, rel=1e-6)  # as if each customer stood there once
    assert np.sqrt(np.diag(double.naive)) == pytest.approx(np.sqrt(np.diag(once.naive) / 2), rel=1e-6)


def test_intervals_hold_the_planted_ratios_as_often_as_they_say():
    planted = np.array([0.8, -0.5, 0.0])
    held = []
    for seed in range(60):
        sets, event, x, who = months(100 + seed, customers=250, lasting=8)
        for model in (cox, cloglog):
            _, low, high = model(sets, event, x, who).ratios()
            held.append((low <= np.exp(planted)) & (np.exp(planted) <= high))
    assert 0.9 < np.mean(held) < 0.985


def test_one_test_of_several_coefficients_is_the_square_of_z_for_one():
    sets, event, x, who = months(13)
    found = cox(sets, event, x, who)
    chi2, df, p = found.together([1])
    assert (chi2, df) == (pytest.approx((found.coefficients[1] / found.errors[1]) ** 2), 1)
    assert p == pytest.approx(found.p[1])
    assert found.together([0, 1, 2])[0] >= chi2


def test_a_month_in_which_everybody_left_says_nothing_of_covariates_month_by_month():
    sets, event, x, _ = months(22, customers=120, lasting=4)
    more = np.append(sets, [8, 8]), np.append(event, [True, True]), np.concatenate([x, x[:2]])
    short, long = cloglog(sets, event, x), cloglog(*more)
    assert long.coefficients == pytest.approx(short.coefficients, abs=1e-9)
    assert long.baseline[-1] == np.inf


# --- what cannot be fitted ----------------------------------------------------------------------------------------


def test_a_covariate_that_tells_leavers_from_stayers_is_not_given_a_number():
    sets, event, x, _ = months(14, customers=60, lasting=4)
    perfect = np.column_stack([x, event])
    for model in (cox, cloglog):
        found = model(sets, event, perfect)
        assert not found.settled
        assert np.isnan(found.coefficients).all()
        assert found.runaway == 3


def test_a_covariate_that_follows_from_others_is_not_given_a_number():
    sets, event, x, _ = months(15, customers=60, lasting=4)
    for model in (cox, cloglog):
        assert not model(sets, event, np.column_stack([x, x[:, 0] + x[:, 1]])).settled
        assert not model(sets, event, np.column_stack([x, np.full(len(x), 2.0)])).settled or model is cloglog
    assert not cox(sets, event, np.column_stack([x, sets])).settled  # the month itself drops out


@pytest.mark.parametrize("model", [cox, cloglog])
def test_without_rows_or_losses_there_are_no_coefficients(model):
    nothing = model([], [], np.empty((0, 2)))
    nobody = model([0, 0, 1], [0, 0, 0], [[1.0], [2.0], [3.0]])
    for found in (nothing, nobody):
        assert not found.settled
        assert np.isnan(found.coefficients).all()
        assert np.isnan(found.ratios()[0]).all()
        assert np.isnan(found.p).all()


def test_everybody_leaving_in_one_month_settles_nothing():
    assert not cloglog([0, 0, 0], [1, 1, 1], [[1.0], [2.0], [3.0]]).settled
    assert not cox([0, 0, 0], [1, 1, 1], [[1.0], [1.0], [1.0]]).settled


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (([1, 0], [1, 0], [[1.0], [2.0]]), "sorted by set"),
        (([0, 1], [1, 0], [[1.0], [np.nan]]), "row 1, column 0 is nan"),
        (([0, 1], [1, 0], [1.0, 2.0]), "rows × columns"),
        (([0, 1, 2], [1, 0], [[1.0], [2.0]]), "one set and one event a row"),
    ],
)
def test_rows_that_do_not_fit_are_refused_with_what_to_do(given, said):
    with pytest.raises(BadInput, match=said):
        cox(*given)


def test_a_life_that_ends_before_it_begins_is_refused():
    with pytest.raises(BadInput, match="stop above its start"):
        risk_rows([2], [2], [1])


def test_a_start_stop_life_is_at_risk_after_its_start_and_at_its_stop():
    # Losses at 2 and 3. The second row begins at 2: it was not there when the first left.
    rows, sets, left = risk_rows([0, 2, 0], [2, 3, 3], [1, 1, 0])
    assert sorted(zip(sets.tolist(), rows.tolist(), left.tolist(), strict=True)) == [
        (0, 0, True), (0, 2, False), (1, 1, True), (1, 2, False),
    ]  # fmt: skip


def test_times_must_be_given_for_each_risk_set():
    sets, event, x, _ = months(16, customers=60, lasting=4)
    with pytest.raises(BadInput, match="one time each"):
        proportional(cox(sets, event, x), [1.0, 2.0])


def test_two_risk_sets_show_no_trend():
    sets, event, x, _ = months(16, customers=200, lasting=2)
    assert np.isnan(proportional(cox(sets, event, x))[1]).all()


# --- the risk to come ---------------------------------------------------------------------------------------------


def everywhen(rows: int) -> np.ndarray:
    return np.ones(rows, bool)


def test_risks_to_come_add_up_to_the_losses_that_their_level_was_taken_from():
    sets, event, x, who = months(17)
    late = sets >= 6
    told = risk(cloglog(sets, event, x, who), x, event, late)
    value, low, high = told.probability(x)
    assert value[late].sum() == pytest.approx(event[late].sum(), rel=0.01)
    assert ((low < value) & (value < high)).all()


def test_pushes_add_up_to_what_sets_a_customer_apart_from_the_mean_one():
    sets, event, x, who = months(18)
    told = risk(cloglog(sets, event, x, who), x, event, everywhen(len(x)))
    hazard = -np.log1p(-told.probability(x)[0])
    assert told.level + told.pushes(x).sum(1) == pytest.approx(np.log(hazard))
    assert told.pushes(x).mean(0) == pytest.approx(np.zeros(3), abs=1e-9)


def test_what_is_told_of_the_very_months_it_was_fitted_to_does_not_fade():
    sets, event, x, _ = months(23, customers=1000)
    told = risk(cloglog(sets, event, x), x, event, everywhen(len(x)))
    assert told.fading == pytest.approx(1, abs=0.02)
    # Of an outcome that has nothing to do with the covariates nothing is left.
    chance = np.random.default_rng(23).permutation(event)
    assert risk(cloglog(sets, event, x), x, chance, everywhen(len(x))).fading < 0.2


def test_a_loss_that_stands_in_three_rows_is_counted_once_in_the_error_of_the_level():
    sets, event, x, _ = months(24)
    fit = cloglog(sets, event, x)
    one, three = (risk(fit, x, event, everywhen(len(x)), overlap) for overlap in (1, 3))
    assert three.level_error == pytest.approx(one.level_error * 3**0.5)


def test_covariates_that_say_nothing_are_shrunk_to_nothing_and_strong_ones_hardly():
    rng = np.random.default_rng(19)
    sets, event, x, _ = months(19, customers=1500, effect=(1.2, -1.0, 0.0))
    assert shrinkage(cloglog(sets, event, x)) > 0.98
    noise = [shrinkage(cloglog(sets, event, rng.normal(size=x.shape))) for _ in range(10)]
    assert np.median(noise) < 0.5


def test_the_level_of_rows_without_covariates_is_their_share():
    event = np.array([1, 0, 0, 0, 1, 0, 0, 0, 0, 0] * 20, bool)
    sets, x = np.repeat([0, 1], 100), np.random.default_rng(20).normal(size=(200, 1))
    fit = cloglog(sets, event, x)
    flat = risk(fit, np.zeros((200, 1)), event, everywhen(200))
    assert flat.probability(np.zeros((1, 1)))[0] == pytest.approx([0.2], abs=1e-9)
    with pytest.raises(BadInput, match="take more months"):
        risk(fit, x, np.zeros(200), everywhen(200))


def test_newton_goes_uphill_even_from_far_away():
    sets, event, x, _ = months(21, customers=150, lasting=6)
    near, far = cox(sets, event, x), cox(sets, event, x, start=np.array([6.0, -6.0, 6.0]))
    assert far.coefficients == pytest.approx(near.coefficients, abs=1e-6)


def test_an_information_matrix_without_inverse_says_so():
    assert hazard.inverse(np.array([[1.0, 1.0], [1.0, 1.0]])) is None
    assert hazard.inverse(np.array([[1.0, 0.0], [0.0, 0.0]])) is None
    assert hazard.inverse(np.diag([1e-9, 1e9])) == pytest.approx(np.diag([1e9, 1e-9]))
