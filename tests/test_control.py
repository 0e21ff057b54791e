"""Control charts: the published vectors, counting on fingers, and how often they cry wolf."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpilib.errors import BadInput
from kpilib.stats.control import MINIMUM_POINTS, RUN, false_alarm_rate, mean_chart, p_chart, signals, xmr

NIST_FLOW = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
JUICE = [12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6]
NOISE = st.lists(st.integers(-50, 50), min_size=12, max_size=40)


def test_the_flow_rates_of_the_nist_handbook_have_its_centre_and_limits():
    # The handbook has ten points, we want twelve: the mean of the ten and of its moving range stand for the other two.
    mean, spread = np.mean(NIST_FLOW), np.abs(np.diff(NIST_FLOW)).mean()
    assert (round(mean, 2), round(spread, 4)) == (50.81, 1.8778)
    chart = xmr([*NIST_FLOW, 50, 51], baseline=12)
    ranges = np.abs(np.diff([*NIST_FLOW, 50, 51])).mean()
    assert chart.high - chart.center == pytest.approx(2.66 * ranges, rel=2e-4)


def test_limits_of_ten_points_are_those_of_the_handbook_once_ten_are_enough(monkeypatch):
    monkeypatch.setattr("kpilib.stats.control.MINIMUM_POINTS", 10)
    chart = xmr(NIST_FLOW)
    assert chart.center == pytest.approx(50.81)
    assert (chart.low[0], chart.high[0]) == pytest.approx((45.8159, 55.8041), abs=1e-3)
    assert signals(chart) == []


def test_the_cans_of_orange_juice_have_the_published_limits_and_two_samples_outside():
    chart = p_chart(JUICE, [50] * 30, laney=False)
    assert chart.center == pytest.approx(0.2313, abs=5e-5)
    assert (chart.low[0], chart.high[0]) == pytest.approx((0.0524, 0.4102), abs=5e-5)
    assert [one["first"] + 1 for one in signals(chart)] == [15, 23]
    assert {one["side"] for one in signals(chart)} == {"above"}


def test_laneys_limits_are_the_p_limits_times_the_spread_of_the_standardised_months():
    p = np.array(JUICE) / 50
    center = p.mean()
    error = np.sqrt(center * (1 - center) / 50)
    wider = np.abs(np.diff((p - center) / error)).mean() / 1.128
    chart = p_chart(JUICE, [50] * 30)
    assert wider > 1
    assert chart.high[0] == pytest.approx(center + 3 * error * wider)
    assert chart.low[0] == 0  # cut at no share
    assert not chart.outside.any()


def test_laneys_limits_of_huge_months_are_those_of_single_figures():
    # With a million trials a month, chance within a month is nothing: only months' own moods are left.
    shares = np.array([0.30, 0.32, 0.29, 0.31, 0.33, 0.30, 0.28, 0.31, 0.30, 0.32, 0.31, 0.29])
    laney, single = p_chart(shares * 1e6, [1e6] * 12), xmr(shares)
    assert laney.low == pytest.approx(single.low, abs=1e-6)
    assert laney.high == pytest.approx(single.high, abs=1e-6)


def test_months_of_few_answers_have_wider_limits():
    rows = [100] * 11 + [4]
    chart = mean_chart(rows, [50] * 11 + [2], [70] * 11 + [3], laney=False)
    half = chart.high - chart.center
    assert half[-1] == pytest.approx(5 * half[0])


def test_a_net_promoter_score_has_the_limits_of_its_answers_written_out():
    draw = np.random.default_rng(3)
    answers = [draw.choice([-1, 0, 1], size) for size in draw.integers(20, 60, 15)]
    chart = mean_chart(
        [len(a) for a in answers], [a.sum() for a in answers], [(a**2).sum() for a in answers], laney=False
    )
    every = np.concatenate(answers)
    assert chart.center == pytest.approx(every.mean())
    assert chart.high - chart.center == pytest.approx([3 * every.std() / np.sqrt(len(a)) for a in answers])


def test_eight_months_in_a_row_above_the_centre_are_a_run_and_seven_are_none():
    low, high = [1.0, -1.0, 1.0, -3.0], [0.5] * 8
    chart = xmr([*low * 4, *high])
    assert signals(chart) == [{"rule": "run", "first": 16, "last": 23, "side": "above"}]
    assert chart.run.sum() == RUN
    assert signals(xmr([*low * 4, *high[:7]])) == []


def test_a_month_without_a_figure_is_passed_over_and_breaks_no_run():
    base = [1.0, -1.0, 1.0, -3.0] * 4
    chart = xmr([*base, *[0.5] * 4, np.nan, *[0.5] * 4])
    assert [one["rule"] for one in signals(chart)] == ["run"]
    assert not chart.run[20]
    assert np.isnan(chart.low[20])
    assert chart.points == 24


def test_a_shift_after_the_baseline_is_found_where_limits_of_all_months_hide_it():
    months = [0, 1, 0, -1] * 6 + [3, 4, 3, 4, 3, 4]
    assert xmr(months, baseline=24).outside[24:].all()
    assert not xmr(months).outside[24:].all()


def test_eleven_points_give_no_limits_and_no_signal():
    chart = xmr([0] * 10 + [99])
    assert not chart.enough
    assert np.isnan(chart.low).all()
    assert signals(chart) == []
    assert MINIMUM_POINTS == 12


def test_months_that_are_all_alike_are_no_signal_in_spite_of_rounding():
    assert signals(xmr([0.1 + 0.2] * 7 + [0.3] * 7)) == []
    assert signals(p_chart([0] * 14, [9] * 14)) == []


def test_nothing_observed_has_no_centre():
    assert np.isnan(xmr([]).center)
    assert xmr([]).values.shape == (0,)
    chart = p_chart([0, 0], [0, 0])
    assert np.isnan(chart.center)
    assert np.isnan(chart.values).all()


@given(NOISE, st.integers(1, 9), st.integers(-100, 100))
def test_limits_move_and_stretch_with_the_figures(months, times, more):
    one, other = xmr(months), xmr(np.array(months) * times + more)
    assert other.high == pytest.approx(one.high * times + more, abs=1e-6)
    assert (other.outside == one.outside).all()


def test_limits_from_24_months_cry_wolf_in_nine_of_a_hundred_stable_years():
    assert false_alarm_rate(12, 24, runs=False) == pytest.approx(0.09, abs=0.01)
    assert false_alarm_rate(12, 24) == pytest.approx(0.126, abs=0.015)  # with runs; 100,000 series of another seed


def test_the_false_alarm_rate_is_that_of_the_charts_themselves():
    draw = np.random.default_rng(8)
    alarms = [bool(signals(xmr(draw.normal(size=36)))) for _ in range(2000)]
    assert np.mean(alarms) == pytest.approx(false_alarm_rate(36), abs=0.03)


def test_without_points_enough_there_is_no_false_alarm_rate():
    assert np.isnan(false_alarm_rate(11))
    assert np.isnan(false_alarm_rate(12, 11))


@pytest.mark.parametrize(
    ("chart", "said"),
    [
        (lambda: xmr([[1, 2], [3, 4]]), "one column"),
        (lambda: xmr([1, 2], baseline=0), "at least one point, 0 was given"),
        (lambda: p_chart([3], [2]), "0 ≤ successes ≤ trials"),
        (lambda: p_chart([1, 2], [2]), "0 ≤ successes ≤ trials"),
        (lambda: mean_chart([-1], [0], [0]), "no count below 0"),
        (lambda: mean_chart([4], [8], [10]), "pass Σy², not the variance"),
        (lambda: false_alarm_rate(0), "At least one point"),
    ],
)
def test_what_cannot_be_charted_is_refused(chart, said):
    with pytest.raises(BadInput, match=said):
        chart()


@pytest.mark.slow
def test_a_page_gets_its_limits_without_scipy():
    code = (
        "import sys; from kpilib.stats.control import p_chart, signals, false_alarm_rate;"
        "signals(p_chart([3] * 36, [9] * 36)), false_alarm_rate(36);"
        "print(sorted({'scipy', 'statsmodels', 'pandas'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
