"""Retention curves and the log-rank test: the reference vector, counting by hand, statsmodels, properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpilib.errors import BadInput
from kpilib.stats.survival import logrank, retention_curve

#: Lives as (entry, how long after it, left or still there).
LIVES = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 20), st.integers(0, 1)), min_size=1, max_size=60)


def columns(lives: list[tuple[int, int, int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    entry, more, event = np.array(lives, float).reshape(-1, 3).T
    return entry, entry + more, event


def random_lives(seed: int, n: int = 200) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    entry = np.where(rng.random(n) < 0.5, 0, rng.integers(0, 15, n)).astype(float)
    return entry, entry + rng.integers(1, 20, n), rng.integers(0, 2, n), rng.integers(0, 3, n)


def test_the_reference_vector_with_late_entry_gives_the_printed_shares():
    curve = retention_curve([1, 2, 4, 0, 0], [2, 10, 5, 4, 3], [1, 1, 1, 1, 1])
    assert curve.times.tolist() == [2, 3, 4, 5, 10]
    assert curve.retained == pytest.approx([0.667, 0.444, 0.222, 0.111, 0], abs=5e-4)
    assert curve.at_risk.tolist() == [3, 3, 2, 2, 1]


def test_three_customers_counted_by_hand():
    # One leaves at 2, one is still there at 3, one leaves at 5: 2/3, then nobody leaves, then the last one.
    curve = retention_curve([0, 0, 0], [2, 3, 5], [1, 0, 1])
    assert curve.retained == pytest.approx([2 / 3, 2 / 3, 0])
    assert curve.at_risk.tolist() == [3, 2, 1]
    assert curve.lost.tolist() == [1, 0, 1]
    assert curve.median() == 5
    assert curve.at([0, 1.9, 2, 4.9, 5]) == pytest.approx([1, 1, 2 / 3, 2 / 3, 0])


def test_an_age_that_nobody_was_seen_at_has_no_share():
    assert np.isnan(retention_curve([0, 0], [2, 3], [1, 0]).at([4])).all()


def test_customers_who_came_before_the_records_do_not_make_the_young_look_faithful():
    # Ten old customers, seen from age 24 on, none of whom left; of two new ones, one left at 1.
    entry, time, event = [24] * 10 + [0, 0], [36] * 10 + [1, 12], [0] * 10 + [1, 0]
    assert retention_curve(entry, time, event).at([1]) == pytest.approx([0.5])
    assert retention_curve([0] * 12, time, event).at([1]) == pytest.approx([11 / 12])


@given(LIVES)
def test_without_late_entry_and_censoring_the_share_is_that_of_those_who_stayed_longer(lives):
    time = np.array([more for _, more, _ in lives], float)
    curve = retention_curve(np.zeros(len(time)), time, np.ones(len(time)))
    assert curve.retained == pytest.approx([np.mean(time > t) for t in curve.times], abs=1e-12)


@given(LIVES)
def test_the_curve_falls_from_one_and_lies_within_its_band(lives):
    curve = retention_curve(*columns(lives))
    low, high = curve.band()
    share = np.concatenate([[1], curve.retained])
    assert (np.diff(share) <= 1e-12).all()
    known = ~np.isnan(low)
    assert (known == (curve.retained > 0)).all()
    assert (low[known] <= curve.retained[known] + 1e-12).all()
    assert (curve.retained[known] <= high[known] + 1e-12).all()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_curve_and_band_agree_with_statsmodels(seed):
    from statsmodels.duration.survfunc import SurvfuncRight

    entry, time, event, _ = random_lives(seed)
    ours, theirs = retention_curve(entry, time, event), SurvfuncRight(time, event, entry=entry)
    share = ours.at(theirs.surv_times)
    assert share == pytest.approx(theirs.surv_prob, abs=1e-12)
    inside = (share > 0) & (share < 1)
    share, error = share[inside], theirs.surv_prob_se[inside]
    reach = np.exp(1.959963984540054 * error / (share * np.log(share)))
    place = np.searchsorted(ours.times, theirs.surv_times[inside])
    low, high = ours.band()
    assert low[place] == pytest.approx(share ** (1 / reach), abs=1e-9)
    assert high[place] == pytest.approx(share**reach, abs=1e-9)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_log_rank_test_agrees_with_statsmodels(seed):
    from statsmodels.duration.survfunc import survdiff

    entry, time, event, group = random_lives(seed)
    chi2, p = survdiff(time, event, group, entry=entry)
    found = logrank(entry, time, event, group)
    assert (found.chi2, found.df, found.p) == pytest.approx((chi2, 2, p), abs=1e-9)


def test_a_log_rank_test_by_hand():
    # a leaves at 1 and 2, b at 3 and 4. Expected losses of a: 2/4 at 1 and 1/3 at 2, then none of a is left: 5/6.
    # Variance: 1/4 at 1, 2/9 at 2; (2 − 5/6)² / (1/4 + 2/9).
    found = logrank([0] * 4, [1, 2, 3, 4], [1] * 4, ["a", "a", "b", "b"])
    assert found.chi2 == pytest.approx((7 / 6) ** 2 / (17 / 36))
    assert found.df == 1


@given(LIVES)
def test_two_groups_that_are_alike_do_not_differ(lives):
    entry, time, event = (np.tile(column, 2) for column in columns(lives))
    found = logrank(entry, time, event, np.repeat([0, 1], len(time) // 2))
    assert not event.any() or found.chi2 == pytest.approx(0, abs=1e-9)


def test_groups_drawn_alike_differ_no_more_often_than_chance():
    rng = np.random.default_rng(5)
    p = []
    for _ in range(400):
        entry = rng.integers(0, 10, 80).astype(float)
        time = entry + rng.integers(1, 15, 80)
        p.append(logrank(entry, time, rng.random(80) < 0.7, rng.integers(0, 3, 80)).p)
    assert 0.02 < np.mean(np.array(p) < 0.05) < 0.085  # binomial bounds of 0.05 at 400 draws


@pytest.mark.parametrize(("event", "group"), [([0, 0, 0], [1, 2, 1]), ([1, 1, 0], [1, 1, 1])])
def test_without_losses_or_with_one_group_there_is_no_difference_to_test(event, group):
    found = logrank([0, 0, 0], [1, 2, 3], event, group)
    assert np.isnan(found.chi2)
    assert np.isnan(found.p)


def test_without_lives_there_is_no_curve():
    curve = retention_curve([], [], [])
    assert len(curve.times) == 0
    assert np.isnan(curve.median())
    assert np.isnan(curve.at([0])).all()
    assert len(curve.band()[0]) == 0


@pytest.mark.parametrize(
    ("lives", "said"),
    [
        (([0, 3], [2, 3], [1, 1]), "after its entry.*1 do not fit, the first at row 1"),
        (([0, 0], [2, 3], [1, 2]), r"1 \(left\) or 0 \(still there\); 1 do not fit, the first at row 1"),
        (([0], [2, 3], [1, 1]), "one length"),
        (([0, np.nan], [2, 3], [1, 1]), "after its entry"),
    ],
)
def test_lives_that_cannot_be_are_refused_with_their_row(lives, said):
    with pytest.raises(BadInput, match=said):
        retention_curve(*lives)


def test_more_confidence_gives_a_wider_band():
    curve = retention_curve([0] * 20, range(1, 21), [1, 0] * 10)
    inside = (curve.retained > 0) & (curve.retained < 1)
    assert (curve.band(0.99)[0] < curve.band(0.9)[0])[inside].all()
