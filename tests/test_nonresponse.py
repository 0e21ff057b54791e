"""The silent counted in: by hand, by property, by a truth that was planted."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from satisfied import Panels, Planted, company

from kpilib.analysis.kept import _plain
from kpilib.analysis.silence import added, nonresponse
from kpilib.errors import BadInput
from kpilib.stats.intervals import wilson
from kpilib.stats.nonresponse import what_silent_could_change
from kpilib.stats.scores import nps_interval
from kpilib.stats.weighting import weighted

CELLS = st.lists(st.tuples(*[st.integers(0, 30)] * 4), min_size=1, max_size=6)


def of(detractors, passives, promoters, silent):
    """Cells of net promoter answers as the function takes them."""
    d, n, p, s = (np.atleast_1d(one) for one in (detractors, passives, promoters, silent))
    return what_silent_could_change(d + n + p + s, d + n + p, p - d, p + d, -1, 1)


def test_without_an_assumption_the_silent_are_all_detractors_or_all_promoters():
    # 20 detractors, 30 passives, 50 promoters and 100 silent: (50 − 20 ∓ 100) / 200
    bounds = of(20, 30, 50, 100)
    assert bounds.no_assumption[:2] == pytest.approx((-0.35, 0.65))
    assert bounds.response_rate == 0.5
    assert bounds.observed.value == pytest.approx(0.30)


def test_the_score_of_the_answers_has_the_interval_that_it_has_elsewhere():
    assert of(20, 30, 50, 100).observed[1:] == pytest.approx(np.ravel(nps_interval(20, 30, 50)))
    share = what_silent_could_change([400], [263], [81], [81], 0, 1).observed
    assert share[1:] == pytest.approx(np.ravel(wilson(81, 263)))
    assert share[1:] == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_the_silent_like_the_answerers_of_their_cell_are_weighted_by_hand():
    # Cell A: 60 invited, mean 0.5 of 30; cell B: 140 invited, mean −0.4 of 20. Weighted 0.3·0.5 − 0.7·0.4 = −0.13.
    bounds = what_silent_could_change([60, 140], [30, 20], [15, -8], [21, 12], -1, 1)
    assert bounds.weighted.value == pytest.approx(-0.13)
    assert bounds.observed.value == pytest.approx(7 / 50)
    # Within: .3²·s₁²/30 + .7²·s₂²/20; between: (.3·.63² + .7·.27²)/200
    first, second = (21 - 15**2 / 30) / 29, (12 - 8**2 / 20) / 19
    error = np.sqrt(0.09 * first / 30 + 0.49 * second / 20 + (0.3 * 0.63**2 + 0.7 * 0.27**2) / 200)
    assert bounds.weighted.high - bounds.weighted.value == pytest.approx(1.959964 * error, rel=1e-6)


def test_the_silent_like_the_least_happy_cell_take_its_mean_drawn_to_the_whole():
    bounds = what_silent_could_change([600, 400], [300, 100], [120, -20], [200, 60], -1, 1)
    assert bounds.least_happy == 1
    assert bounds.least_happy_raw == -0.2
    assert -0.2 < bounds.least_happy_value < 0.25
    assert bounds.as_least_happy.value == pytest.approx((100 + 600 * bounds.least_happy_value) / 1000)


def test_a_lucky_handful_is_not_the_least_happy_cell():
    bounds = what_silent_could_change([10, 600, 400], [9, 300, 100], [-9, 120, -20], [9, 200, 60], -1, 1)
    assert bounds.least_happy == 2


def test_one_cell_has_no_least_happy_one():
    bounds = of(20, 30, 50, 100)
    assert bounds.least_happy is None
    assert np.isnan(bounds.as_least_happy.value)
    assert bounds.weighted.value == pytest.approx(bounds.observed.value)


def test_when_all_answered_every_assumption_gives_the_score():
    bounds = of([20, 5], [30, 10], [50, 3], [0, 0])
    figures = [bounds.observed.value, *bounds.no_assumption[:2], bounds.as_least_happy.value, bounds.weighted.value]
    assert figures == pytest.approx([28 / 118] * 5)


def test_when_nobody_answered_the_whole_scale_is_possible():
    bounds = of(0, 0, 0, 50)
    assert bounds.no_assumption[:2] == (-1, 1)
    assert np.isnan([bounds.observed.value, bounds.weighted.value, bounds.as_least_happy.value]).all()


def test_when_nobody_was_invited_nothing_is_known():
    bounds = what_silent_could_change([], [], [], [], -1, 1)
    assert bounds.invited == 0
    assert np.isnan([bounds.response_rate, *bounds.no_assumption]).all()


@given(CELLS)
def test_every_assumption_stays_within_the_range_without_one(cells):
    bounds = of(*np.array(cells).T)
    low, high, outer_low, outer_high = bounds.no_assumption
    for one in (bounds.observed, bounds.weighted, bounds.as_least_happy):
        if not np.isnan(one.value):
            assert -1 <= one.low <= one.value + 1e-9
            assert one.value - 1e-9 <= one.high <= 1
    if bounds.invited:
        assert -1 <= outer_low <= low <= high <= outer_high <= 1
        assert high - low == pytest.approx(2 * (1 - bounds.response_rate))
    if bounds.answered and not np.isnan(bounds.as_least_happy.value):
        assert low - 1e-9 <= bounds.as_least_happy.value <= high + 1e-9


@given(CELLS, st.randoms())
def test_the_order_of_the_cells_changes_nothing(cells, shuffler):
    one = of(*np.array(cells).T)
    shuffler.shuffle(cells)
    other = of(*np.array(cells).T)
    for a, b in ((one.weighted, other.weighted), (one.as_least_happy, other.as_least_happy)):
        assert a == pytest.approx(b, abs=1e-9, nan_ok=True)


def test_rows_and_counts_weigh_alike_when_each_customer_is_asked_once():
    draw = np.random.default_rng(5)
    cell = draw.integers(0, 4, 900)
    score = np.where(draw.random(900) < 0.3 + 0.1 * cell, draw.choice([-1.0, 0.0, 1.0], 900), np.nan)
    told = ~np.isnan(score)
    count = [np.bincount(cell, w) for w in (np.ones(900), told, np.nan_to_num(score), np.nan_to_num(score) ** 2)]
    by_counts = what_silent_could_change(*count, -1, 1).weighted
    by_rows = weighted(score, cell)
    assert by_rows.value == pytest.approx(by_counts.value)
    assert by_rows.high - by_rows.low == pytest.approx(by_counts.high - by_counts.low, rel=0.01)


def test_weighting_is_the_mean_by_inverse_shares_of_answers():
    cell = np.repeat([0, 1], [40, 160])
    score = np.full(200, np.nan)
    score[:20], score[40:80] = np.linspace(0, 1, 20), np.linspace(-1, 0, 40)
    told = ~np.isnan(score)
    weight = 1 / np.array([20 / 40, 40 / 160])[cell[told]]
    assert weighted(score, cell).value == pytest.approx(np.average(score[told], weights=weight))


def test_answers_of_one_customer_widen_the_interval():
    draw = np.random.default_rng(6)
    mood = np.repeat(draw.choice([-1.0, 1.0], 60), 10)
    score = np.where(draw.random(600) < 0.5, mood, np.nan)
    alone, together = weighted(score, np.zeros(600, int)), weighted(score, np.zeros(600, int), np.repeat(range(60), 10))
    assert together.high - together.low > 2 * (alone.high - alone.low)


def test_the_weighted_interval_holds_the_truth_as_often_as_it_says():
    draw, held = np.random.default_rng(7), 0
    for _ in range(400):
        cell = draw.integers(0, 3, 600)
        score = (draw.random(600) < np.array([0.2, 0.5, 0.8])[cell]).astype(float)
        score[draw.random(600) > np.array([0.2, 0.4, 0.6])[cell]] = np.nan
        one = weighted(score, cell)
        held += one.low <= 0.5 <= one.high
    assert 0.92 <= held / 400 <= 0.98  # .95 ± three standard errors


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (([5], [6], [0], [0]), "more answers than invitations"),
        (([5, 5], [5], [0], [0]), "four columns of one length"),
        (([5], [4], [5], [5]), "outside -1 to 1 an answer"),
    ],
)
def test_counts_that_cannot_be_are_refused(given, said):
    with pytest.raises(BadInput, match=said):
        what_silent_could_change(*given, -1, 1)


# The finding


@pytest.fixture(scope="module")
def planted():
    tables = company(1)
    return tables["customers"].attrs["nps_of_all"], nonresponse(Panels(tables))["metrics"]


def test_the_score_of_all_lies_below_the_answers_and_within_the_range(planted):
    everybody, found = planted
    whole = found["nps"]["whole"]
    assert whole["observed"]["low"] > everybody  # the unhappy are silent more often: the answers flatter
    assert whole["no_assumption"]["low"] < everybody < whole["no_assumption"]["high"]
    assert whole["as_least_happy"]["value"] < whole["observed"]["value"]


def test_the_least_happy_answerers_are_those_who_had_an_incident(planted):
    assert planted[1]["nps"]["whole"]["least_happy_cell"]["incident"] == "yes"
    assert planted[1]["csat"]["whole"]["least_happy_cell"]["touchpoint"] == "After a ticket"


def test_the_parts_add_up_to_the_whole(planted):
    for found in planted[1].values():
        for frame in found["by"].values():
            assert frame["invited"].sum() == found["whole"]["invited"]
            assert frame["answered"].sum() == found["whole"]["answered"]
        assert found["cells"]["invited"].sum() == found["whole"]["invited"]


def test_when_silence_means_nothing_the_weighted_score_is_that_of_all():
    tables = company(2, Planted.nothing())
    whole = nonresponse(Panels(tables))["metrics"]["nps"]["whole"]
    assert whole["weighted"]["low"] < tables["customers"].attrs["nps_of_all"] < whole["weighted"]["high"]


def test_a_finding_can_be_kept(planted):
    assert _plain(planted[1])["nps"]["by"]["segment"]["frame"]["group"] == ["Enterprise", "Mid-market", "SMB"]


@pytest.mark.parametrize(
    ("metric", "score", "adds"),
    [("nps", [0, 6, 7, 8, 9, 10], [-1, -1, 0, 0, 1, 1]), ("csat", [1, 3, 4, 5], [0, 0, 1, 1]), ("ces", [4, 5], [0, 1])],
)
def test_an_answer_adds_what_the_score_says(metric, score, adds):
    assert added(metric, score).tolist() == adds
    assert np.isnan(added(metric, [np.nan])).all()


def surveys(*rows) -> dict[str, pd.DataFrame]:
    columns = ["customer_id", "metric", "score", "sent_on", "touchpoint"]
    frame = pd.DataFrame(rows, columns=columns)
    return {"surveys": frame.assign(sent_on=pd.to_datetime(frame["sent_on"]), answered_on=pd.NaT)}


def test_files_that_hold_answers_alone_say_that_nobody_is_known_to_be_silent():
    book = Panels(surveys(("a", "nps", 9.0, "2026-01-02", "Web"), ("b", "nps", 3.0, "2026-01-02", "Web")))
    assert nonresponse(book) == {"metrics": {"nps": {"cannot": "no_silent", "invited": 2}}}


def test_invitations_that_nobody_answered_say_so():
    book = Panels(surveys(("a", "csat", None, "2026-01-02", "Web")))
    assert nonresponse(book)["metrics"]["csat"] == {"cannot": "no_answers", "invited": 1}
    assert nonresponse(Panels({})) == {"cannot": "no_surveys"}
