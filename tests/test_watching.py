"""Many series watched at once: what is found, what is told apart from chance, and how often it is wrong."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from published import BENJAMINI_HOCHBERG
from scipy import stats

from kpilib.errors import BadInput
from kpilib.stats.control import mean_chart, xmr
from kpilib.stats.sheet import Sheet, limits, point
from kpilib.stats.watching import OUTSIDE, RUNNING, stands, watch

CALM = [10, 11, 9, 10, 12, 9, 10, 11, 10, 9, 11, 10, 10, 11, 9, 10, 12, 9, 10, 11, 10, 9, 11, 10]
ONE, RATE = np.zeros(1, np.int64), np.array([0.05])


def sheet(values, spread=None, successes=None, trials=None, echo=0, share=(0.0, 1.0)) -> Sheet:
    """A sheet of these rows; by default of single figures."""
    table = np.atleast_2d(np.asarray(values, float))
    nothing = np.full(table.shape, np.nan)
    rows = len(table)
    return Sheet(
        table,
        np.ones(table.shape) if spread is None else np.atleast_2d(np.asarray(spread, float)),
        nothing if successes is None else np.atleast_2d(np.asarray(successes, float)),
        nothing if trials is None else np.atleast_2d(np.asarray(trials, float)),
        np.tile(np.array(share), (rows, 1)),
        np.zeros(rows),
        np.full(rows, echo),
    )


def test_the_limits_of_the_last_month_are_those_of_the_chart_of_the_months_before():
    found, chart = watch(sheet([*CALM, 10]), ONE, RATE), xmr(CALM)
    assert (found.center[0], found.low[0], found.high[0]) == pytest.approx((chart.center, chart.low[0], chart.high[0]))


def test_shares_have_the_limits_of_laneys_chart():
    n = np.array([50, 80, 20, 60, 40, 90, 30, 70, 55, 65, 45, 75, 50, 60])
    x = np.array([12, 25, 4, 20, 8, 30, 9, 15, 17, 20, 10, 25, 14, 18])
    found, chart = watch(sheet(x / n, 1 / np.sqrt(n), x, n), ONE, RATE), mean_chart(n, x, x, baseline=13)
    assert found.center[0] == pytest.approx(chart.center)
    assert (found.low[0], found.high[0]) == pytest.approx((chart.low[-1], chart.high[-1]))


def test_a_point_far_off_opens_an_event_in_its_month_and_one_within_opens_none():
    far, near = watch(sheet([*CALM, 30]), ONE, RATE), watch(sheet([*CALM, 12]), ONE, RATE)
    assert (far.open[0], far.new[0], far.rule[0], far.side[0], far.since[0]) == (True, True, OUTSIDE, 1, 24)
    assert not near.open[0]
    assert near.judged[0]


def test_the_chance_of_a_point_is_that_of_a_t_whose_degrees_come_from_moving_ranges():
    """200,000 series of 24 normal months and one more: p is below a level as often as it says, or a little less."""
    draw = np.random.default_rng(7)
    p = point(s := sheet(draw.normal(size=(200_000, 25))), limits(s, 24), 24)[0]
    for level in (0.05, 0.01, 0.001):
        assert level / 2 < (p < level).mean() < level


def test_counts_make_a_point_no_rarer_than_the_exact_binomial():
    """Twelve months of exactly 5 of 100 have no spread of their own; 12 of 100 is judged by the counts alone."""
    n, x = np.full(13, 100.0), np.array([5.0] * 12 + [12.0])
    s = sheet(x / n, 1 / np.sqrt(n), x, n)
    share = (12 * 0.05 + 0.12) / 13
    assert point(s, limits(s, 12), 12)[0][0] == pytest.approx(2 * stats.binom.sf(11, 100, share))


def test_what_never_happened_before_is_not_impossible():
    n, x = np.full(25, 100.0), np.array([0.0] * 24 + [1.0])
    found = watch(sheet(x / n, 1 / np.sqrt(n), x, n), ONE, RATE)
    assert not found.open[0]
    assert found.p[0] > 0.05


def test_months_that_were_all_alike_do_not_say_how_far_one_may_stray():
    found = watch(sheet([7.0] * 24 + [8.0]), ONE, RATE)
    assert not found.open[0]
    assert not found.judged[0]


def test_eight_months_on_one_side_are_an_event_since_the_first_of_them():
    found = watch(sheet([*CALM, *[11.6, 11.4] * 4]), ONE, RATE)
    assert (found.open[0], found.rule[0], found.side[0], found.since[0]) == (True, RUNNING, 1, 24)
    assert found.new[0]


def test_seven_months_on_one_side_are_none():
    assert not watch(sheet([*CALM, *[11.6, 11.4] * 3, 11.6]), ONE, RATE).open[0]


def test_an_event_keeps_its_first_month_while_it_goes_on_and_ends_when_the_figure_is_back():
    months = [*CALM, 30, 31, 29, 10]
    since = [watch(sheet(months[:n]), ONE, RATE).since[0] for n in (25, 26, 27, 28)]
    assert since == [24, 24, 24, -1]


def test_the_months_of_an_event_take_no_part_in_the_limits():
    found, quiet = watch(sheet([*CALM, 30, 31, 10]), ONE, RATE), watch(sheet([*CALM, 10]), ONE, RATE)
    assert found.high[0] == pytest.approx(quiet.high[0])


def test_a_level_that_has_lasted_a_year_is_the_new_level():
    months = [*CALM, *[n + 20 for n in CALM[:14]]]
    open_after = [bool(watch(sheet(months[:n]), ONE, RATE).open[0]) for n in range(25, 39)]
    assert open_after == [True] * 12 + [False] * 2
    assert watch(sheet(months), ONE, RATE).center[0] == pytest.approx(np.mean(months[24:37]))


def test_an_odd_month_does_not_come_back_as_its_own_echo_a_year_later():
    level = np.random.default_rng(4).normal(10, 1, 37)
    level[25] = 40
    level = np.append(level, 10)
    change = np.append([np.nan] * 12, level[12:] - level[:-12])
    assert watch(sheet(change, echo=0), ONE, RATE).open[0]
    assert not watch(sheet(change, echo=12), ONE, RATE).open[0]


@given(st.lists(st.integers(0, 60), min_size=26, max_size=34), st.integers(1, 4))
def test_another_month_never_changes_what_was_said_of_the_earlier_ones(months, more):
    """Property: the alarms of the first months are the same, whatever comes after."""
    short, long = watch(sheet(months[:-more]), ONE, RATE, months=99), watch(sheet(months), ONE, RATE, months=99)
    assert long.alarms[: len(short.alarms)] == short.alarms


def test_benjamini_hochbergs_own_p_values_reject_four():
    p = BENJAMINI_HOCHBERG
    p = np.array(p)
    assert stands(p, np.zeros(15, np.int64), RATE).sum() == 4
    assert (stands(p, np.zeros(15, np.int64), RATE) == (stats.false_discovery_control(p) <= 0.05)).all()


def test_families_are_corrected_apart_and_what_could_not_be_judged_counts_in_none():
    p = np.array([0.04, np.nan, 0.04, 0.9])
    assert stands(p, np.array([0, 0, 1, 1]), np.array([0.05, 0.05])).tolist() == [True, False, False, False]


def test_three_hundred_stable_series_cry_wolf_in_no_more_months_than_stated():
    """100 companies of 300 series of normal noise, 12 months judged each: at 5 % some 60 of 1,200 months at most."""
    draw, found, plain = np.random.default_rng(3), 0, 0
    for _ in range(100):
        noise = draw.normal(size=(300, 36))
        alarms = watch(sheet(noise), np.zeros(300, np.int64), RATE, months=12).alarms
        found += sum(bool(one) for one in alarms)
        plain += bool(xmr(noise[0], baseline=24).outside[24:].any())
    assert found / 1200 <= 0.05
    assert found > 0
    assert plain > 0  # while one series alone, with plain limits, has an alarm in nine of a hundred years


def test_fewer_than_twelve_months_are_not_judged():
    found = watch(sheet([*CALM[:11], 99]), ONE, RATE)
    assert not found.judged[0]
    assert not found.open[0]
    assert np.isnan(found.high[0])


def test_a_month_without_a_figure_is_passed_over():
    found = watch(sheet([*CALM[:12], np.nan, *CALM[12:], 30]), ONE, RATE)
    assert found.open[0]
    assert found.high[0] == pytest.approx(watch(sheet([*CALM, 30]), ONE, RATE).high[0])


def test_nothing_watched_gives_nothing():
    found = watch(sheet(np.zeros((0, 0))), np.zeros(0, np.int64), RATE)
    assert found.open.shape == (0,)
    assert found.alarms == []


@pytest.mark.parametrize(
    ("given", "baseline", "said"),
    [
        (replace(sheet([CALM]), spread=np.ones((1, 3))), 24, "four tables of one shape"),
        (sheet([CALM]), 11, "12 months or more; a baseline of 11"),
    ],
)
def test_what_cannot_be_watched_is_refused(given, baseline, said):
    with pytest.raises(BadInput, match=said):
        watch(given, ONE, RATE, baseline)
