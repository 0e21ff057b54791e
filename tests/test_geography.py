"""Distances, points in areas, and counts of small areas: by hand, by property, by a second way."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpilib.errors import BadInput
from kpilib.stats.geography import RADIUS, haversine, inside, located, nearest
from kpilib.stats.small_areas import shrink_rates

SQUARE = [[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]
HOLE = [[0.5, 0.5], [1.5, 0.5], [1.5, 1.5], [0.5, 1.5], [0.5, 0.5]]
BESIDE = [[2, 0], [4, 0], [4, 2], [2, 2], [2, 0]]
places = st.tuples(st.floats(-89, 89), st.floats(-179, 179))


def in_space(latitude, longitude):
    up, along = np.radians(latitude), np.radians(longitude)
    return np.array([np.cos(up) * np.cos(along), np.cos(up) * np.sin(along), np.sin(up)])


def test_a_quarter_of_the_globe_is_a_quarter_of_its_girth():
    assert haversine(0, 0, 0, 90) == pytest.approx(RADIUS * np.pi / 2)
    assert haversine(0, 10, 90, 77) == pytest.approx(RADIUS * np.pi / 2)
    assert haversine(48.85, 2.35, 48.85, 2.35) == 0


@given(places, places)
def test_the_distance_is_the_arc_over_the_chord_through_the_globe(one, other):
    chord = np.linalg.norm(in_space(*one) - in_space(*other))
    assert haversine(*one, *other) == pytest.approx(2 * RADIUS * np.arcsin(min(chord / 2, 1)), abs=1e-4)
    assert haversine(*one, *other) == pytest.approx(float(haversine(*other, *one)), abs=1e-9)


def test_latitudes_beyond_the_pole_are_refused_with_what_they_may_mean():
    with pytest.raises(BadInput, match="the wrong way round"):
        haversine(102.35, 48.85, 45.0, 4.0)


def test_the_nearest_site_is_the_one_that_the_smallest_of_all_distances_belongs_to():
    rng = np.random.default_rng(1)
    lat, lon, sites = rng.uniform(42, 51, 50), rng.uniform(-4, 8, 50), rng.uniform([42, -4], [51, 8], (9, 2))
    far, which = nearest(lat, lon, sites[:, 0], sites[:, 1])
    every = [[float(haversine(a, b, c, d)) for c, d in sites] for a, b in zip(lat, lon, strict=True)]
    assert far == pytest.approx(np.min(every, axis=1))
    assert which.tolist() == np.argmin(every, axis=1).tolist()


def test_without_sites_or_without_a_place_nobody_is_near():
    assert np.isnan(nearest([48.0], [2.0], [], [])[0]).all()
    far, which = nearest([np.nan, 48.0], [2.0, 2.0], [np.nan, 48.0], [1.0, 3.0])
    assert np.isnan(far[0])
    assert which.tolist() == [-1, 1]


def test_a_point_in_a_hole_is_outside_and_nan_is_nowhere():
    assert inside([0.2, 1, 3, np.nan], [1, 1, 1, 1], [SQUARE, HOLE]).tolist() == [True, False, False, False]


@given(st.floats(0.001, 3.999), st.floats(0.001, 1.999))
def test_neighbours_with_a_common_border_never_share_a_point_and_leave_none_out(x, y):
    assert inside([x], [y], [SQUARE]) ^ inside([x], [y], [BESIDE])


def test_a_point_off_the_coast_belongs_to_the_nearest_area_within_reach():
    off = (1.0, 4.05)  # 0.05 degrees east of the second square: 5.6 km
    assert located([off[0]], [off[1]], [[SQUARE], [BESIDE]]).tolist() == [-1]
    assert located([off[0]], [off[1]], [[SQUARE], [BESIDE]], within=5).tolist() == [-1]
    assert located([off[0]], [off[1]], [[SQUARE], [BESIDE]], within=6).tolist() == [1]
    assert located([1, np.nan], [1, 1], [[SQUARE], [BESIDE]], within=6).tolist() == [0, -1]


def test_a_rate_is_drawn_to_the_whole_by_the_weights_that_the_spread_asks_for():
    events, exposure = np.array([4.0, 30, 10]), np.array([10.0, 100, 100])
    told = shrink_rates(events, exposure)
    whole = 44 / 210
    ratio, expected = events / exposure / whole, exposure * whole
    spread = (expected * (ratio - 1) ** 2).sum() / expected.sum() - 1 / expected.mean()
    assert told.overall == pytest.approx(whole)
    assert told.spread**2 == pytest.approx(spread)
    assert told.expected == pytest.approx((events + 1 / spread) / (expected + 1 / spread))
    assert (told.low < told.expected).all()
    assert (told.high > told.expected).all()


def test_areas_alike_are_all_expected_alike_and_no_place_is_sure():
    told = shrink_rates([10, 20, 40], [100, 200, 400])
    assert told.expected.tolist() == [1, 1, 1]
    assert told.spread == 0
    assert told.among_first == pytest.approx([1, 1, 1])
    assert shrink_rates([1, 1, 1, 1], [9, 9, 9, 9], first=1).among_first == pytest.approx([0.25] * 4)


def test_alike_areas_are_taken_to_differ_about_as_often_as_the_level_says():
    rng = np.random.default_rng(3)
    exposure = np.linspace(50, 900, 13)
    false = np.mean([shrink_rates(rng.poisson(exposure * 0.2), exposure).p < 0.05 for _ in range(400)])
    assert 0.02 < false < 0.085


def test_an_interval_holds_the_true_ratio_about_as_often_as_it_says():
    rng = np.random.default_rng(5)
    exposure, held = np.linspace(100, 2000, 30), []
    for _ in range(60):
        true = rng.gamma(16, 1 / 16, 30)
        told = shrink_rates(rng.poisson(exposure * 0.2 * true), exposure)
        ratio = true / np.average(true, weights=exposure)  # 1 is the whole
        held.append(((told.low <= ratio) & (ratio <= told.high)).mean())
    assert 0.90 < np.mean(held) < 0.985


def test_without_exposure_or_events_there_is_no_rate_and_negative_counts_are_refused():
    assert np.isnan(shrink_rates([0, 0], [0, 0]).expected).all()
    assert np.isnan(shrink_rates([3, 1, 9], [10, 0, 20]).expected).tolist() == [False, True, False]
    with pytest.raises(BadInput, match="none may be below 0"):
        shrink_rates([-1], [1])
