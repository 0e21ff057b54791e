"""Calibration: the reference vector, counting on fingers, and identities that hold for any forecasts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpilib.errors import BadInput
from kpilib.stats.calibration import brier, decomposition, reliability
from kpilib.stats.intervals import wilson

CASES = st.lists(st.tuples(st.integers(0, 20).map(lambda k: k / 20), st.integers(0, 1)), min_size=1, max_size=80)


def test_the_brier_score_of_the_reference_vector():
    assert brier([0, 1, 1, 0], [0.1, 0.9, 0.8, 0.3]) == pytest.approx(0.0375)


@given(CASES)
def test_the_brier_score_is_reliability_minus_resolution_plus_uncertainty(cases):
    forecast, outcome = zip(*cases, strict=True)
    parts = decomposition(outcome, forecast)
    assert parts.brier == pytest.approx(parts.reliability - parts.resolution + parts.uncertainty, abs=1e-12)
    assert parts.brier == brier(outcome, forecast)
    assert min(parts) >= 0


def test_the_parts_of_four_cases_are_those_counted_by_hand():
    # Given 0.5: one of two happened; given 1: both. Overall 3 of 4.
    parts = decomposition([0, 1, 1, 1], [0.5, 0.5, 1, 1])
    assert parts == pytest.approx((0.125, 0.0, 0.0625, 0.1875))


def test_honest_forecasts_have_no_reliability_term():
    outcome = [1, 0, 0, 0, 0, 1, 1, 1, 1, 0]
    assert decomposition(outcome, [0.2] * 5 + [0.8] * 5).reliability == pytest.approx(0, abs=1e-15)


@settings(deadline=None)  # the first example pays for importing scipy
@given(CASES, st.integers(1, 12))
def test_bins_never_split_equal_forecasts_nor_lose_a_case(cases, bins):
    forecast, outcome = (np.array(column) for column in zip(*cases, strict=True))
    table = reliability(forecast, outcome, bins)
    assert 1 <= len(table) <= bins
    assert table["rows"].min() >= 1
    assert table["rows"].sum() == len(cases)
    assert (table["observed"] * table["rows"]).sum() == pytest.approx(outcome.sum())
    assert table["forecast"].is_monotonic_increasing
    # Whole groups of equal forecasts in order: running counts fall between two different forecasts.
    ends = table["rows"].cumsum().to_numpy()[:-1]
    ordered = np.sort(forecast)
    assert (ordered[ends - 1] < ordered[ends]).all()


def test_few_distinct_forecasts_each_have_their_own_bin():
    table = reliability([0.1, 0.6, 0.1, 0.6, 0.6], [0, 1, 1, 1, 0])
    assert table["forecast"].tolist() == pytest.approx([0.1, 0.6])
    assert table["observed"].tolist() == pytest.approx([1 / 2, 2 / 3])
    assert table["rows"].tolist() == [2, 3]
    assert table["low"].tolist() == pytest.approx(wilson([1, 2], [2, 3])[0].tolist())
    assert table["high"].tolist() == pytest.approx(wilson([1, 2], [2, 3])[1].tolist())


def test_many_distinct_forecasts_fall_into_bins_of_one_size():
    forecast = np.arange(1000) / 1000
    assert reliability(forecast, forecast > 0.5)["rows"].tolist() == [100] * 10


def test_no_cases_give_no_bins_and_no_score():
    assert reliability([], []).empty
    assert np.isnan(brier([], []))
    assert np.isnan(decomposition([], [])).all()


@pytest.mark.parametrize(
    ("forecast", "outcome", "said"),
    [
        ([0.1], [0, 1], "two columns of one length"),
        ([0.1, 60], [0, 1], "fractions 0 to 1; 1 are not, the first at row 1"),
        ([0.1, np.nan], [0, 1], "fractions 0 to 1"),
        ([0.1, 0.2], [np.nan, 1], "leave open cases out; 1 are not, the first at row 0"),
    ],
)
def test_cases_that_cannot_be_scored_are_refused(forecast, outcome, said):
    with pytest.raises(BadInput, match=said):
        reliability(forecast, outcome)


def test_swapped_arguments_are_noticed():
    with pytest.raises(BadInput, match="Outcomes must be 0 or 1"):
        brier([0.1, 0.9], [0, 1])


def test_no_bins_at_all_is_refused():
    with pytest.raises(BadInput, match="At least one bin"):
        reliability([0.5], [1], bins=0)
