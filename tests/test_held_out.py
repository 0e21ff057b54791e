"""Checks on cases that the model had not seen: counted by hand, properties, second methods, censoring undone."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpilib.errors import BadInput
from kpilib.stats.calibration import brier, reliability
from kpilib.stats.held_out import brier_censored, concordance, followed_weights, gain, reliability_censored

#: Cases as (risk, time, event).
CASES = st.lists(
    st.tuples(st.sampled_from([0.1, 0.2, 0.5, 0.9]), st.integers(1, 4), st.integers(0, 1)), min_size=2, max_size=30
)


def columns(cases) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    risk, time, event = np.array(cases, float).T
    return risk, time, event


def test_a_concordance_counted_on_fingers():
    # Leaves at 1 (risk .9), leaves at 2 (risk .2), still there at 3 (risk .5): pairs 1–2 right, 1–3 right, 2–3 wrong.
    assert concordance([0.9, 0.2, 0.5], [1, 2, 3], [1, 1, 0]).value == pytest.approx(2 / 3)


def test_equal_risks_count_half_and_cases_lost_from_sight_before_are_not_compared():
    # The last was seen until 1 only: whether it left before 2 is not known. The one pair left has equal risks.
    assert concordance([0.5, 0.5, 0.1], [2, 3, 1], [1, 0, 0]).value == pytest.approx(0.5)


@given(CASES)
def test_the_concordance_is_that_of_all_pairs_one_by_one(cases):
    right, pairs = 0.0, 0
    for a, b in combinations(cases, 2):
        first, second = sorted([a, b], key=lambda case: (case[1], -case[2]))
        if first[2] and (second[1] > first[1] or not second[2]):
            pairs += 1
            right += (first[0] > second[0]) + 0.5 * (first[0] == second[0])
    found = concordance(*columns(cases))
    assert np.isnan(found.value) if not pairs else found.value == pytest.approx(right / pairs)


@given(CASES)
def test_risks_turned_round_have_the_concordance_turned_round(cases):
    risk, time, event = columns(cases)
    there, back = concordance(risk, time, event).value, concordance(-risk, time, event).value
    assert np.isnan(there) or there + back == pytest.approx(1)


def test_cases_of_different_landmarks_are_not_compared():
    risk, time, event, landmark = [0.9, 0.2, 0.1, 0.8], [1, 2, 1, 2], [1, 0, 1, 0], [0, 0, 1, 1]
    assert concordance(risk, time, event, landmark).value == pytest.approx(0.5)
    assert concordance(risk, time, event).value == pytest.approx(2 / 4)


def test_the_interval_of_the_concordance_holds_the_true_one_as_often_as_it_says():
    # Two normal scores a standard deviation apart: the true concordance is Φ(1/√2).
    from scipy.stats import norm

    rng, truth, held = np.random.default_rng(1), norm.cdf(1 / np.sqrt(2)), 0
    for _ in range(300):
        event = rng.random(150) < 0.3
        found = concordance(rng.normal(size=150) + event, np.where(event, 1, 2), event)
        held += found.low <= truth <= found.high
    assert 0.91 < held / 300 < 0.98


def test_cases_of_one_customer_counted_as_one_give_a_wider_interval():
    rng = np.random.default_rng(2)
    event = rng.random(200) < 0.3
    risk, time = rng.normal(size=200) + event, np.where(event, 1, 2)
    once = concordance(risk, time, event)
    four = [np.tile(one, 4) for one in (risk, time, event)]
    apart, together = concordance(*four), concordance(*four, groups=np.tile(np.arange(200), 4))
    assert apart.value == pytest.approx(once.value)
    assert together.high - together.low == pytest.approx(once.high - once.low)
    assert apart.high - apart.low == pytest.approx((once.high - once.low) / 2)


def test_weights_by_hand_when_one_of_four_is_lost_from_sight():
    # One leaves at 1, one is lost from sight at 1 (left there after it: one of the three), two are there at 2.
    weights = followed_weights([1, 1, 2, 2], [1, 0, 0, 1], 2)
    assert weights == pytest.approx([1, 0, 3 / 2, 3 / 2])


@given(CASES)
def test_the_weights_add_up_to_the_cases_where_someone_was_followed_to_the_horizon(cases):
    _, time, event = columns(cases)
    weights = followed_weights(time, event, 2)
    if (time >= 2).any() and not ((time == 1) & (event == 0)).any():
        assert (weights == 1).all()
    elif (time > 2).any() or ((time == 2) & (event == 0)).any():
        assert weights.sum() == pytest.approx(len(time))


def test_weights_undo_the_censoring():
    rng = np.random.default_rng(3)
    n = 40_000
    risk = rng.choice([0.1, 0.4], n)
    leaves = np.where(rng.random(n) < risk, rng.integers(1, 4, n), 9)  # within three months, or not
    seen = rng.integers(1, 7, n)
    time, event = np.minimum(leaves, seen), leaves <= seen
    whole = brier_censored(risk, np.minimum(leaves, 3), leaves <= 3, 3)
    assert brier_censored(risk, time, event, 3) == pytest.approx(whole, abs=0.004)
    naive = np.mean((event - risk)[(time >= 3) | event] ** 2)
    assert abs(naive - whole) > 0.01  # leaving the censored out would not do


@given(CASES)
def test_where_all_are_followed_the_scores_are_those_of_plain_forecasts(cases):
    risk, time, event = columns(cases)
    left = (event == 1) & (time <= 2)
    seen = np.where(left, time, 5.0)
    assert brier_censored(risk, seen, left, 2) == pytest.approx(brier(left, risk))
    ours, plain = reliability_censored(risk, seen, left, 2), reliability(risk, left)
    assert ours.to_numpy(float) == pytest.approx(plain.to_numpy(float), abs=1e-9)


def test_the_gain_is_the_difference_of_two_brier_scores():
    rng = np.random.default_rng(4)
    risk, time, event = rng.random(300) / 2, rng.integers(1, 5, 300), rng.integers(0, 2, 300)
    base = 0.3
    found = gain(risk, base, time, event, 3)
    flat = brier_censored(np.full(300, base), time, event, 3)
    assert found.value == pytest.approx(flat - brier_censored(risk, time, event, 3))
    assert found.low < found.value < found.high


def test_honest_risks_gain_and_risks_of_chance_lose():
    rng = np.random.default_rng(5)
    risk = rng.choice([0.02, 0.3], 3000)
    event = rng.random(3000) < risk
    time = np.where(event, 1, 3)
    assert gain(risk, event.mean(), time, event, 3).low > 0
    assert gain(rng.permutation(risk), event.mean(), time, event, 3).high < 0


def test_the_gain_of_the_base_rate_over_itself_is_nothing():
    found = gain([0.2] * 5, 0.2, [1, 3, 3, 3, 3], [1, 0, 0, 0, 0], 3)
    assert found == (0, 0, 0)


def test_few_cases_say_nothing():
    assert np.isnan(concordance([], [], []).value)
    assert np.isnan(concordance([0.1, 0.2], [3, 3], [0, 0]).value)
    assert np.isnan(brier_censored([], [], [], 3))
    assert np.isnan(gain([0.2], 0.2, [1], [1], 3).value)
    assert reliability_censored([], [], [], 3).empty


def test_columns_of_different_lengths_are_refused():
    with pytest.raises(BadInput, match="columns of one length"):
        concordance([0.1, 0.2], [1], [1])
