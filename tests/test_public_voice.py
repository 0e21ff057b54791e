"""Reviews beside surveys: correlations against scipy, means by hand, the planted quality of products."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from satisfied import Panels, Planted, company

from kpilib.analysis.kept import _plain
from kpilib.analysis.public_voice import reviews_against_surveys
from kpilib.errors import BadInput
from kpilib.stats.association import correlation

PAIRS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=6, max_size=40)


@given(PAIRS)
def test_a_correlation_is_pearsons_with_fishers_interval(pairs):
    from scipy.stats import pearsonr

    x, y = np.array(pairs, float).T
    ours = correlation(x, y)
    if x.std() > 0 and y.std() > 0 and abs(ours.r) < 0.999:
        theirs = pearsonr(x, y)
        assert ours.r == pytest.approx(theirs.statistic, abs=1e-9)
        assert ours[1:3] == pytest.approx(tuple(theirs.confidence_interval(0.95)), abs=1e-9)
    else:
        assert np.isnan(ours.r) or abs(ours.r) > 0.99


def test_trends_that_go_together_by_time_alone_count_for_few_pairs():
    months = np.arange(36)
    draw = np.random.default_rng(1)
    rising, too = months + draw.normal(0, 2, 36), months + draw.normal(0, 2, 36)
    plain, in_time = correlation(rising, too), correlation(rising, too, in_time=True)
    assert plain.r == in_time.r
    assert in_time.effective_n < 6
    assert in_time.high - in_time.low > 3 * (plain.high - plain.low)


def test_noise_in_time_is_mistaken_for_a_link_no_oftener_than_said():
    draw, found = np.random.default_rng(2), 0
    for _ in range(400):
        x, y = (np.convolve(draw.normal(size=45), np.ones(6) / 6, "valid") for _ in range(2))
        found += correlation(x, y, in_time=True).p < 0.05
    assert found / 400 < 0.11
    assert found > 0


def test_few_pairs_or_no_spread_have_no_correlation():
    assert np.isnan(correlation([1, 2, 3, 4, 5], [1, 2, 3, 4, 5]).r)
    assert np.isnan(correlation([1] * 9, range(9)).r)
    assert correlation([1, np.nan, 2], [1, 2, 3]).n == 2
    with pytest.raises(BadInput, match="two columns of one length"):
        correlation([1, 2], [1])


@pytest.fixture(scope="module")
def planted():
    return reviews_against_surveys(Panels(company(1)))


def test_products_go_together_for_their_quality_is_in_both(planted):
    assert planted["by_product"]["low"] > 0.5
    assert planted["by_product"]["n"] == 8


def test_months_do_not_go_together_for_nothing_moves_them(planted):
    assert planted["by_month"]["low"] < 0 < planted["by_month"]["high"]
    assert planted["months"]["month"].iloc[0] == "2024-07-01"
    assert len(planted["months"]) == planted["by_month"]["n"] == 24
    assert _plain(planted)["metric"] == "csat"


def test_means_are_those_of_the_rows(planted):
    reviews = company(1)["reviews"]
    own = reviews.loc[reviews["product_id"] == "p0", "rating"]
    row = planted["products"].set_index("product").loc["Vigie"]
    assert (row["reviews"], row["review_mean"]) == (len(own), pytest.approx(own.mean()))
    # Customers of one review each: the t interval of a mean.
    assert row["review_high"] - row["review_mean"] == pytest.approx(1.976 * own.sem(), rel=2e-3)


def test_the_gap_is_the_mean_of_the_stars_less_that_of_the_answers(planted):
    tables = company(1)
    csat = tables["surveys"].query("metric == 'csat'")["score"]
    assert planted["gap"]["value"] == pytest.approx(tables["reviews"]["rating"].mean() - csat.mean())
    assert planted["gap"]["low"] < planted["gap"]["value"] < planted["gap"]["high"]


def test_in_a_company_without_any_effect_products_do_not_go_together():
    told = [reviews_against_surveys(Panels(company(seed, Planted.nothing(), 300)))["by_product"] for seed in range(10)]
    assert sum(one["p"] < 0.05 for one in told) <= 3


def test_data_that_cannot_tell_say_why():
    tables = company(2, customers=100)
    assert reviews_against_surveys(Panels({})) == {"cannot": "no_reviews"}
    assert reviews_against_surveys(Panels({"reviews": tables["reviews"]})) == {"cannot": "no_surveys"}
    mute = {**tables, "surveys": tables["surveys"].assign(score=np.nan)}
    assert reviews_against_surveys(Panels(mute)) == {"cannot": "no_answers"}
    short = {**tables, "reviews": tables["reviews"][:40].assign(published_on=pd.Timestamp("2025-01-01"))}
    assert reviews_against_surveys(Panels(short))["by_month"] == {"cannot": "too_few_months", "n": 1, "need": 6}


def test_recommendation_scores_stand_in_where_nobody_was_asked_how_content_he_is():
    tables = company(2, customers=200)
    asked = tables["surveys"].query("metric == 'nps'").reset_index(drop=True)
    told = reviews_against_surveys(Panels({**tables, "surveys": asked}))
    assert told["metric"] == "nps"
    assert told["gap"] is None
    assert told["by_product"]["cannot"] == "too_few_products"  # the relationship is about no product
