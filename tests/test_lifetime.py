"""What customers are worth: published examples, the CDNOW purchases, second methods, lives drawn from a known law."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import binom

from kpilib.errors import BadInput, CannotAnswer
from kpilib.stats import buying, contract, spending
from kpilib.stats.below_cut import Estimate
from kpilib.stats.lifetime import formula_value, per_period, times

#: Survivors of 1,000 subscribers after each year (Fader and Hardie 2007, "high end").
SURVIVORS = np.array([1000, 631, 468, 382, 326, 289, 262, 241])
AT_RISK, LOST = SURVIVORS[:-1], SURVIVORS[:-1] - SURVIVORS[1:]


# --- the formula ------------------------------------------------------------------------------------------------------


def test_the_formula_with_the_first_margin_a_period_from_now_and_now():
    assert formula_value(100, 0.8, 0.1) == pytest.approx(266.667, abs=5e-4)
    assert formula_value(100, 0.8, 0.1, first="now") == pytest.approx(366.667, abs=5e-4)


@given(st.floats(0, 0.99), st.floats(0.001, 1))
def test_the_formula_is_the_sum_it_stands_for(retention, discount):
    periods = np.arange(1, 20_000)
    terms = 50 * (retention / (1 + discount)) ** periods
    assert formula_value(50, retention, discount) == pytest.approx(terms.sum(), rel=1e-6)
    assert formula_value(50, retention, discount, "now") == pytest.approx(terms.sum() + 50, rel=1e-6)


def test_who_never_leaves_and_is_not_discounted_is_worth_without_end():
    assert formula_value(1, 1, 0) == np.inf


@pytest.mark.parametrize(
    ("args", "said"),
    [((1, 1.2, 0.1), "share, 0 to 1"), ((1, 0.5, -0.1), "0 or more"), ((1, 0.5, 0.1, "later"), "'end' of the period")],
)
def test_what_the_formula_cannot_take_is_refused(args, said):
    with pytest.raises(BadInput, match=said):
        formula_value(*args)


def test_twelve_months_make_up_the_yearly_rate():
    assert (1 + per_period(0.1)) ** 12 == pytest.approx(1.1)


def test_a_product_has_the_interval_of_the_sum_of_logs():
    got = times(Estimate(10, 8, 12.5), Estimate(3, 3, 3))
    assert got == pytest.approx((30, 24, 37.5))
    both = times(Estimate(10, 10 / 1.3, 13), Estimate(10, 10 / 1.4, 14))
    assert np.log(both.high / 100) == pytest.approx(np.hypot(np.log(1.3), np.log(1.4)))


def test_a_product_with_an_end_below_nought_has_the_widest_ends():
    assert times(Estimate(1, -1, 3), Estimate(10, 5, 20)) == (10, -20, 60)


# --- lives whose end is told ------------------------------------------------------------------------------------------


def test_the_published_subscribers_give_the_published_parameters():
    found = contract.fit(AT_RISK, LOST)
    assert found.alpha == pytest.approx(0.704, abs=5e-4)
    assert found.beta == pytest.approx(1.182, abs=5e-4)
    assert found.loglik == pytest.approx(-1680.3, abs=0.05)


def test_survival_is_the_ratio_of_beta_functions():
    from scipy.special import betaln

    found = contract.fit(AT_RISK, LOST)
    by_beta = np.exp([betaln(found.alpha, found.beta + t) - betaln(found.alpha, found.beta) for t in range(13)])
    assert found.survival(12) == pytest.approx(by_beta)


def test_a_risk_that_never_falls_is_called_constant():
    at_risk = (1000 * 0.9 ** np.arange(8)).round()
    lost = (at_risk * (0.1 + 0.01 * np.arange(8))).round()
    found = contract.fit(at_risk, lost)
    assert found.spread == 0
    assert found.mean == pytest.approx(lost.sum() / at_risk.sum())
    assert (found.alpha, found.beta) == (np.inf, np.inf)


def test_customers_first_seen_late_count_from_then_on_only():
    """Half of the lives are seen from their 4th year on: the same law is found as from all, less surely."""
    found = contract.fit(AT_RISK, LOST)
    late_at_risk, late_lost = AT_RISK.copy(), LOST.copy()
    late_at_risk[:3], late_lost[:3] = AT_RISK[:3] // 2, LOST[:3] // 2
    assert contract.fit(late_at_risk, late_lost).share([0, 3, 6]) == pytest.approx(found.share([0, 3, 6]), rel=0.08)


def test_the_discounted_life_is_the_sum_of_survival():
    found = contract.fit(AT_RISK, LOST)
    alive = found.survival(40)
    for tenure in (0, 3):
        by_hand = sum(alive[tenure + j] / alive[tenure] / 1.1**j for j in range(1, 6))
        got = contract.lives(found.mean, found.spread, [tenure], [1], 0.1, 5)
        assert float(got[0]) == pytest.approx(by_hand)


def test_a_whole_life_at_constant_risk_is_the_formula():
    got = contract.lives(0.2, 0.0, [0, 7], [1, 3], 0.1, contract.WHOLE_LIFE)
    assert 100 * float(got[0]) == pytest.approx(266.667, abs=1e-3)


def test_the_whole_life_is_the_published_residual_lifetime():
    """Fader and Hardie (2010), Marketing Science 29:85, eq. 3: hypergeometric, and its first margin falls now."""
    from scipy.special import hyp2f1

    alpha, beta, renewed, d = 0.704, 1.182, 3, 0.1
    n = renewed + 1
    now = (beta + n - 1) / (alpha + beta + n - 1) * hyp2f1(1, beta + n, alpha + beta + n, 1 / (1 + d))
    spread = 1 / (alpha + beta)
    got = contract.lives(alpha * spread, spread, [renewed], [1], d, contract.WHOLE_LIFE)
    assert float(got[0]) == pytest.approx(now / (1 + d), rel=1e-4)


def test_loyal_customers_are_worth_more_than_new_ones_where_customers_differ():
    found = contract.fit(AT_RISK, LOST)
    new, old = (float(contract.lives(found.mean, found.spread, [t], [1], 0.1, 50)[0]) for t in (0, 6))
    assert old > 1.5 * new


@pytest.mark.parametrize(
    ("at_risk", "lost", "error", "said"),
    [
        ([10, 5], [0, 0], CannotAnswer, "nobody left"),
        ([10], [10], CannotAnswer, "everybody left at once"),
        ([], [], CannotAnswer, "nobody left"),
        ([10], [11], BadInput, "0 ≤ lost ≤ at risk"),
        ([10, 5], [1], BadInput, "two columns of one length"),
    ],
)
def test_lives_that_tell_nothing_are_refused(at_risk, lost, error, said):
    with pytest.raises(error, match=said):
        contract.fit(at_risk, lost)


def lives_lost(rng, alpha, beta, customers=600, periods=10):
    """Counts of customers whose own probability of leaving is drawn from a beta distribution, followed for a while."""
    end = rng.geometric(rng.beta(alpha, beta, customers))
    at_risk = np.array([(end > t).sum() for t in range(periods)])
    return at_risk, np.array([(end == t + 1).sum() for t in range(periods)])


@pytest.mark.slow
@pytest.mark.parametrize(("alpha", "beta"), [(0.8, 4.0), (8.0, 72.0)])
def test_the_interval_of_a_life_holds_the_true_one_in_95_of_a_hundred_samples(alpha, beta):
    rng = np.random.default_rng(12)
    spread = 1 / (alpha + beta)
    truth = float(contract.lives(alpha * spread, spread, [0], [1], 0.05, 20)[0])
    held = 0
    for _ in range(150):
        got = contract.life(*lives_lost(rng, alpha, beta), [0], [1], 0.05, 20)
        held += got.low <= truth <= got.high
    assert held >= binom.ppf(0.001, 150, 0.95)


def test_the_interval_of_a_life_holds_the_estimate_and_narrows_with_more_customers():
    few = contract.life(AT_RISK, LOST, [0], [1], 0.1, 30)
    many = contract.life(AT_RISK * 100, LOST * 100, [0], [1], 0.1, 30)
    assert few.low < few.value < few.high
    assert many.value == pytest.approx(few.value, rel=1e-4)
    assert (many.high - many.low) / (few.high - few.low) == pytest.approx(0.1, rel=0.25)


# --- customers who stop without a word --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cdnow(shared_data):
    return pd.read_csv(shared_data / "cdnow" / "cdnow_customers_summary.csv")


@pytest.fixture(scope="module")
def cdnow_spent(shared_data):
    """Repeat buyers of the first 39 weeks: how often and for how much on average."""
    names = ["id", "sample", "day", "units", "value"]
    rows = pd.read_csv(shared_data / "cdnow" / "CDNOW_sample.txt", sep=r"\s+", header=None, names=names, dtype=str)
    rows = rows[rows["day"] <= "19970930"].astype({"value": float})
    daily = rows.groupby(["sample", "day"])["value"].sum().reset_index()
    again = daily[daily["day"] > daily.groupby("sample")["day"].transform("min")]
    return again.groupby("sample")["value"].agg(["size", "mean"])


@pytest.fixture(scope="module")
def cdnow_model(cdnow):
    return buying.fit(cdnow["frequency"], cdnow["recency"], cdnow["T"])


def test_the_cdnow_customers_give_the_published_model(cdnow, cdnow_model):
    assert len(cdnow) == 2357
    got = (cdnow_model.r, cdnow_model.alpha, cdnow_model.a, cdnow_model.b)
    assert got == pytest.approx((0.243, 4.414, 0.793, 2.426), abs=6e-4)
    assert cdnow_model.loglik == pytest.approx(-9582.4, abs=0.05)


def test_the_published_customer_is_expected_to_buy_one_and_a_quarter_times(cdnow_model):
    assert float(cdnow_model.purchases(39, 2, 30.43, 38.86)[0]) == pytest.approx(1.226, abs=5e-4)


def test_the_cdnow_repeat_buyers_give_the_published_spending(cdnow_spent):
    assert len(cdnow_spent) == 946
    found = spending.fit(cdnow_spent["size"], cdnow_spent["mean"])
    assert (found.p, found.q, found.v) == pytest.approx((6.25, 3.74, 15.44), abs=0.005)


def test_the_unit_of_time_changes_alpha_and_nothing_else(cdnow, cdnow_model):
    in_days = buying.fit(cdnow["frequency"], cdnow["recency"] * 7, cdnow["T"] * 7)
    assert in_days.alpha == pytest.approx(7 * cdnow_model.alpha, rel=1e-3)
    assert in_days.r == pytest.approx(cdnow_model.r, rel=1e-3)
    assert in_days.loglik == pytest.approx(cdnow_model.loglik - np.log(7) * cdnow["frequency"].sum(), rel=1e-6)


def test_purchases_are_the_integral_over_the_rate_and_the_chance_of_giving_up():
    """By numbers: Bayes over the customer's own rate and dropout, then what such a customer buys."""
    model = buying.Buying(r=0.8, alpha=5.0, a=0.9, b=2.0, loglik=0.0)
    x, last, known, ahead = 3, 20.0, 26.0, 15.0
    rates, drops = np.linspace(1e-4, 2.5, 1500), np.linspace(5e-4, 1 - 5e-4, 1500)
    rate, drop = np.meshgrid(rates, drops, indexing="ij")
    prior = rate ** (model.r - 1) * np.exp(-model.alpha * rate) * drop ** (model.a - 1) * (1 - drop) ** (model.b - 1)
    stays = (1 - drop) ** x * rate**x * np.exp(-rate * known)
    left = drop * (1 - drop) ** (x - 1) * rate**x * np.exp(-rate * last)
    alive = (prior * stays).sum() / (prior * (stays + left)).sum()
    bought = (prior * stays * (1 - np.exp(-rate * drop * ahead)) / drop).sum() / (prior * (stays + left)).sum()
    assert float(model.alive(x, last, known)[0]) == pytest.approx(alive, rel=0.01)
    assert float(model.purchases(ahead, x, last, known)[0]) == pytest.approx(bought, rel=0.01)


def test_who_never_bought_again_is_alive_and_buys_as_a_new_customer_of_that_age():
    model = buying.Buying(r=0.5, alpha=4.0, a=1.3, b=2.5, loglik=0.0)
    assert model.alive([0, 0], [0, 0], [1, 500]).tolist() == [1, 1]

    def bought(rate: float) -> float:  # a customer of this rate and dropout p: (1 − exp(−rate·p·t)) / p, over p
        return quad(lambda p: p**0.3 * (1 - p) ** 1.5 * (1 - np.exp(-rate * p * 6)) / p, 0, 1)[0]

    from scipy.special import beta
    from scipy.stats import gamma

    aged = gamma(0.5, scale=1 / (4 + 9))  # the rate of one who bought nothing for 9
    by_numbers = quad(lambda rate: aged.pdf(rate) * bought(rate), 0, 5, points=[0.01])[0] / beta(1.3, 2.5)
    assert float(model.purchases(6, 0, 0, 9)[0]) == pytest.approx(by_numbers, rel=1e-3)


def test_hundreds_of_purchases_do_no_harm():
    model = buying.Buying(r=0.8, alpha=5.0, a=0.9, b=20.0, loglik=0.0)
    got = model.purchases(12, [900], [299], [300])
    assert np.isfinite(got).all()
    assert 10 < got[0] < 900 / 300 * 12


def test_the_slopes_of_the_likelihood_are_its_differences(cdnow):
    x, t, end = (cdnow[name].to_numpy(float)[:300] for name in ("frequency", "recency", "T"))
    at, step = np.log([0.3, 5.0, 0.7, 2.0]), 1e-5
    by_difference = [
        (buying._loglik(np.exp(at + one), x, t, end)[0] - buying._loglik(np.exp(at - one), x, t, end)[0]) / (2 * step)
        for one in np.eye(4) * step
    ]
    assert buying._loglik(np.exp(at), x, t, end)[1] == pytest.approx(by_difference, abs=1e-4)


def drawn(seed: int, customers: int = 1500):
    """Repeat purchases of customers whose rates and dropout are drawn from known laws."""
    rng = np.random.default_rng(seed)
    known = rng.uniform(20, 60, customers)
    rate, drop = rng.gamma(0.6, 1 / 5.0, customers), rng.beta(0.8, 2.5, customers)
    repeats, last = np.zeros(customers), np.zeros(customers)
    for i in range(customers):
        at = 0.0
        while rng.random() >= drop[i] or at == 0.0:  # a new customer is not gone before its first repeat
            at += rng.exponential(1 / rate[i])
            if at > known[i]:
                break
            repeats[i] += 1
            last[i] = at
    return repeats, last, known


@pytest.mark.slow
def test_the_errors_of_the_parameters_are_those_of_repeated_samples():
    truth, found, errors = np.log([0.6, 5.0, 0.8, 2.5]), [], []
    for seed in range(40):
        model = buying.fit(*drawn(seed))
        found.append(np.log([model.r, model.alpha, model.a, model.b]))
        errors.append(np.sqrt(np.diag(buying.curvature(model, *drawn(seed)))))
    assert np.std(found, axis=0) == pytest.approx(np.median(errors, axis=0), rel=0.45)
    assert (np.abs(np.mean(found, axis=0) - truth) < 4 * np.std(found, axis=0) / np.sqrt(40)).all()


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (([1, 2], [3], [4, 5]), "Three columns of one length"),
        (([1], [6], [5]), "1 are not so, the first at row 0"),
        (([0, 0], [0, 2], [5, 5]), "the first at row 1"),
    ],
)
def test_purchases_that_cannot_be_are_refused(columns, said):
    with pytest.raises(BadInput, match=said):
        buying.fit(*columns)


def test_a_dozen_repeat_buyers_are_too_few():
    with pytest.raises(CannotAnswer, match="Only 12 customers bought again; 20 are needed"):
        buying.fit([1] * 12 + [0] * 50, [3] * 12 + [0] * 50, [10] * 62)
    with pytest.raises(CannotAnswer, match="Only 3 customers have orders"):
        spending.fit([1, 2, 3], [5, 5, 5])


def test_customers_who_all_do_the_same_have_no_likeliest_model():
    with pytest.raises(CannotAnswer, match="hardly anybody seems to have given up"):
        buying.fit([10] * 100, [20.0] * 100, [21.0] * 100)
    with pytest.raises(CannotAnswer, match="too much alike"):
        spending.fit([5] * 100, [10.0] * 100)


# --- what they spend --------------------------------------------------------------------------------------------------


def test_few_orders_are_drawn_to_the_mean_of_all_and_many_are_not():
    model = spending.Spending(p=6.25, q=3.74, v=15.44, loglik=0.0)
    overall = 6.25 * 15.44 / 2.74
    assert model.expected([0], [np.nan]) == pytest.approx([overall])
    one, fifty = model.expected([1, 50], [100, 100])
    assert overall < one < 85 < 98 < fifty < 100


def test_a_mean_that_may_be_infinite_is_not_given():
    assert np.isnan(spending.Spending(p=1, q=0.9, v=1, loglik=0).expected([1, 2], [3, 4])).all()


def test_spending_is_found_again_where_it_is_known():
    rng = np.random.default_rng(3)
    rate, orders = rng.gamma(4, 1 / 20.0, 4000), rng.integers(1, 12, 4000)
    mean = rng.gamma(5 * orders, 1 / (rate * orders))
    found = spending.fit(orders, mean)
    at = np.log([found.p, found.q, found.v]) - np.log([5, 4, 20])
    assert (np.abs(at) < 3 * np.sqrt(np.diag(spending.curvature(found, orders, mean)))).all()
    in_cents = spending.fit(orders, mean * 100)
    assert (in_cents.p, in_cents.q, in_cents.v) == pytest.approx((found.p, found.q, found.v * 100), rel=1e-3)


@pytest.mark.parametrize(("orders", "mean"), [([0], [5]), ([1], [0]), ([1], [-3])])
def test_customers_without_orders_or_with_returns_alone_are_refused(orders, mean):
    with pytest.raises(BadInput, match="leave them out"):
        spending.fit(orders, mean)


def test_means_without_their_orders_are_refused():
    with pytest.raises(BadInput, match="two columns of one length"):
        spending.fit([1, 2], [3])
