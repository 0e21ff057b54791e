"""Key drivers: regressions against statsmodels, importance by hand, planted causes found, nothing found in nothing."""

import itertools

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from satisfied import QUALITY, Panels, Planted, company

import kpilib
from kpilib.analysis.kept import _plain
from kpilib.analysis.satisfaction import key_drivers as finding
from kpilib.errors import BadInput
from kpilib.stats.importance import inflation, shapley_r2
from kpilib.stats.key_drivers import key_drivers
from kpilib.stats.linear import fit, rank, without_means
from kpilib.stats.terms import OTHER, terms


def sample(seed: int = 0, n: int = 240, customers: int = 60):
    draw = np.random.default_rng(seed)
    x = np.column_stack([np.ones(n), draw.normal(size=n), draw.normal(size=n) * 1000])
    whose = np.arange(n) % customers
    y = 2 + x[:, 1] - 0.002 * x[:, 2] + draw.normal(size=customers)[whose] + draw.normal(size=n)
    return x, y, whose


# Least squares


def test_coefficients_and_explained_spread_are_those_of_statsmodels():
    x, y, whose = sample()
    ours, theirs = fit(x, y, whose), sm.OLS(y, x).fit()
    assert ours.coefficients == pytest.approx(theirs.params)
    assert ours.r2 == pytest.approx(theirs.rsquared)


def test_errors_of_customers_with_one_answer_each_are_hc3():
    x, y, _ = sample()
    theirs = sm.OLS(y, x).fit(cov_type="HC3").cov_params()
    assert fit(x, y).covariance == pytest.approx(theirs * 239 / 240)


def test_errors_are_those_of_leaving_out_one_customer_after_the_other():
    # A large customer has more answers than there are columns: the other way of calculating.
    x, y, whose = sample(customers=50)
    whose[:30] = 0
    ours = fit(x, y, whose)
    moved = np.array([sm.OLS(y[whose != g], x[whose != g]).fit().params for g in np.unique(whose)]) - ours.coefficients
    size = len(moved)
    assert ours.customers == size
    assert ours.covariance == pytest.approx((size - 1) / size * moved.T @ moved)


def test_errors_come_near_the_usual_sandwich_with_many_customers():
    x, y, whose = sample(1, 6000, 2000)
    theirs = sm.OLS(y, x).fit(cov_type="cluster", cov_kwds={"groups": whose})
    assert np.sqrt(np.diag(fit(x, y, whose).covariance)) == pytest.approx(theirs.bse, rel=0.02)


def test_one_effect_has_the_t_interval_of_its_error():
    x, y, whose = sample()
    told = fit(x, y, whose)
    effect = told.effects([0, 1, 0])
    error = np.sqrt(told.covariance[1, 1])
    assert effect.high[0] - effect.value[0] == pytest.approx(2.0010 * error, rel=1e-4)  # t, 59 degrees of freedom
    assert told.together([[0, 1, 0]]) == pytest.approx(effect.p[0])  # F with one is t²


def test_means_taken_out_give_the_coefficients_of_a_column_for_each_cell():
    x, y, whose = sample()
    cell = whose % 7
    dummies = (cell[:, None] == np.arange(7)).astype(float)
    whole = fit(np.column_stack([x[:, 1:], dummies]), y, whose)
    within = fit(without_means(x[:, 1:], cell), without_means(y, cell), whose, absorbed=7)
    assert within.coefficients == pytest.approx(whole.coefficients[:2])


def test_intervals_by_customer_hold_the_truth_as_often_as_they_say():
    held = 0
    for seed in range(300):
        draw = np.random.default_rng(seed)
        whose = np.repeat(np.arange(30), draw.integers(1, 20, 30))
        flag = (draw.normal(size=30) > 0.5).astype(float)[whose]
        if 3 <= flag.sum() <= len(flag) - 3:
            y = draw.normal(size=30)[whose] + draw.normal(size=len(whose))
            effect = fit(np.column_stack([np.ones(len(y)), flag]), y, whose).effects([0, 1])
            held += effect.low[0] <= 0 <= effect.high[0]
    assert held / 300 >= 0.92


@pytest.mark.parametrize(
    ("x", "y", "whose", "said"),
    [
        ([[1, 2], [2, 4], [3, 6]], [1, 2, 3], None, "sum of others"),
        ([[1, 2], [2, 5]], [1, 2], None, "2 rows cannot tell 2 columns apart"),
        ([[1], [2], [np.nan]], [1, 2, 3], None, "A value is missing"),
        ([[1], [2], [3]], [1, 2, 3], [4, 4, 4], "need two customers, 1 came"),
        ([1, 2, 3], [1, 2, 3], None, "Columns of shape"),
    ],
)
def test_what_has_no_regression_is_refused(x, y, whose, said):
    with pytest.raises(BadInput, match=said):
        fit(np.array(x, float), y, whose)


def test_the_rank_counts_columns_whatever_their_units():
    x = np.column_stack([np.ones(9), np.arange(9) * 1e9, np.arange(9) * 1e-9, np.zeros(9)])
    assert rank(x.T @ x) == 2


# Importance


def test_importance_of_two_terms_by_hand():
    # R² of both .45 (independent), of one .36 or .09; correlated: r = .5, y with .6 and .3.
    cross = np.array([[1, 0.5, 0.6], [0.5, 1, 0.3], [0.6, 0.3, 1]])
    both = (0.36 + 0.09 - 2 * 0.5 * 0.6 * 0.3) / (1 - 0.25)
    assert shapley_r2(cross, [slice(0, 1), slice(1, 2)]) == pytest.approx(
        [(0.36 + both - 0.09) / 2, (0.09 + both - 0.36) / 2]
    )


def test_importance_is_the_mean_over_all_orders_of_entering():
    draw = np.random.default_rng(2)
    columns = draw.normal(size=(200, 5)) @ draw.normal(size=(5, 5))
    y = columns[:, 0] - columns[:, 3] + draw.normal(size=200)
    parts = [slice(0, 2), slice(2, 3), slice(3, 5)]
    both = np.column_stack([columns, y])
    both -= both.mean(axis=0)

    def r2(chosen):
        places = [c for part in chosen for c in range(part.start, part.stop)]
        return sm.OLS(y, sm.add_constant(columns[:, places])).fit().rsquared if places else 0.0

    mean = np.zeros(3)
    for order in itertools.permutations(range(3)):
        for at, term in enumerate(order):
            mean[term] += r2([parts[t] for t in order[: at + 1]]) - r2([parts[t] for t in order[:at]])
    assert shapley_r2(both.T @ both, parts) == pytest.approx(mean / 6)


def test_inflation_of_single_columns_is_that_of_statsmodels():
    from statsmodels.stats.outliers_influence import variance_inflation_factor

    draw = np.random.default_rng(3)
    columns = draw.normal(size=(300, 3))
    columns[:, 2] += columns[:, 0]
    centred = columns - columns.mean(axis=0)
    theirs = [variance_inflation_factor(sm.add_constant(columns), at + 1) for at in range(3)]
    assert inflation(centred.T @ centred, [slice(i, i + 1) for i in range(3)]) == pytest.approx(theirs)


def test_of_two_terms_each_is_inflated_by_the_same_factor_spread_over_its_columns():
    draw = np.random.default_rng(3)
    columns = draw.normal(size=(300, 3))
    columns[:, 2] += columns[:, 0]
    columns -= columns.mean(axis=0)
    two, one = inflation(columns.T @ columns, [slice(0, 2), slice(2, 3)])
    assert one == pytest.approx(2, rel=0.2)
    assert two**2 == pytest.approx(one)


def test_terms_that_tell_nothing_of_each_other_are_not_inflated():
    assert inflation(np.diag([1.0, 2.0, 3.0]), [slice(0, 2), slice(2, 3)]) == pytest.approx([1, 1])


def test_too_many_terms_are_refused():
    with pytest.raises(BadInput, match="15 terms have too many subsets"):
        shapley_r2(np.eye(16), [slice(i, i + 1) for i in range(15)])


# Terms


def test_levels_are_held_against_the_mean_and_the_one_of_two_against_the_other():
    three, two = ["a", "b", "c"] * 60, ["x"] * 100 + ["y"] * 80
    made = terms({}, {"three": three, "two": two}, range(180))
    assert [term.levels for term in made.kept] == [("a", "b", "c"), ("y",)]
    assert [term.against for term in made.kept] == ["", "x"]
    y = np.array([{"a": 1.0, "b": 2.0, "c": 6.0}[level] for level in three]) + np.array([0.0] * 100 + [5.0] * 80)
    told = key_drivers(y + np.random.default_rng(0).normal(0, 1e-6, 180), made, range(180))
    assert told["effects"]["effect"].tolist() == pytest.approx([-2, -1, 3, 5], abs=1e-5)
    assert told["effects"]["rows"].tolist() == [60, 60, 60, 80]


def test_effects_are_those_of_statsmodels_with_sums_of_levels_taken():
    draw = np.random.default_rng(4)
    n, whose = 900, draw.integers(0, 300, 900)
    kind = draw.choice(["a", "b", "c", "d"], n, p=[0.4, 0.3, 0.2, 0.1])
    x = draw.normal(size=n)
    y = 3 + 0.5 * x + (kind == "b") - (kind == "d") + draw.normal(size=n)
    told = key_drivers(y, terms({"x": x}, {"kind": kind}, whose), whose)
    frame = pd.get_dummies(pd.Series(kind), dtype=float)[["b", "c", "d"]].assign(x=x)
    theirs = sm.OLS(y, sm.add_constant(frame)).fit()
    share = pd.Series(kind).value_counts(normalize=True)
    level = {"a": 0.0, **{name: theirs.params[name] for name in "bcd"}}
    mean = sum(share[name] * level[name] for name in "abcd")
    effects = told["effects"].set_index("level")["effect"]
    assert effects[""] == pytest.approx(theirs.params["x"])
    assert [effects[name] for name in "abcd"] == pytest.approx([level[name] - mean for name in "abcd"])
    assert told["terms"]["importance"].sum() == pytest.approx(theirs.rsquared)


def test_a_dimension_that_follows_from_another_is_left_out_and_the_other_named():
    product = np.repeat(["p1", "p2", "p3", "p4"], 50)
    kind = np.repeat(["door", "light"], 100)
    made = terms({}, {"product": product, "category": kind}, range(200))
    assert made.dropped == [{"term": "category", "reason": "same_as", "same_as": "product"}]


def test_services_that_touch_only_some_moments_are_compared_within_those():
    moment = np.repeat(["delivery", "ticket"], 120)
    service = np.tile(["sales", "truck", "support", "billing"], [1]).repeat([40, 80, 90, 30])
    made = terms({}, {"touchpoint": moment, "service": service}, range(240))
    effect = {"sales": 3.0, "truck": 0.0, "support": 0.0, "billing": -4.0}
    y = np.array([effect[name] for name in service]) + 10.0 * (moment == "ticket")
    told = key_drivers(y + np.random.default_rng(0).normal(0, 1e-6, 240), made, range(240))["effects"]
    rows = told[told["term"] == "service"].set_index("level")
    assert rows["within"].unique().tolist() == ["touchpoint"]
    # Sales: 3 less the mean after deliveries, (40·3 + 80·0)/120 = 1; billing: −4 less −1.
    assert rows["effect"].to_dict() == pytest.approx({"sales": 2, "truck": -1, "support": 1, "billing": -3}, abs=1e-4)


def test_levels_linked_by_a_chain_are_compared_and_those_that_never_meet_are_not():
    moment = np.repeat(["x", "x", "y", "y", "z", "z"], 40)
    service = np.repeat(["a", "b", "b", "c", "d", "e"], 40)
    effect = {"a": 6.0, "b": 2.0, "c": 2.0, "d": 0.0, "e": 4.0}
    y = np.array([effect[name] for name in service]) + 9.0 * (moment == "z") + 5.0 * (moment == "y")
    made = terms({}, {"touchpoint": moment, "service": service}, range(240))
    told = key_drivers(y + np.random.default_rng(0).normal(0, 1e-6, 240), made, range(240))["effects"]
    rows = told[told["term"] == "service"].set_index("level")["effect"]
    # a, b (twice as many) and c: the mean is (6 + 2·2 + 2)/4 = 3; d and e: 2.
    assert rows.to_dict() == pytest.approx({"a": 3, "b": -1, "c": -1, "d": -2, "e": 2}, abs=1e-4)


def test_levels_of_few_answers_are_taken_together_and_named():
    level = ["big"] * 100 + ["large"] * 100 + ["tiny"] * 20 + ["small"] * 15
    made = terms({}, {"level": level}, range(235))
    assert made.pooled == [{"term": "level", "levels": ["small", "tiny"]}]
    assert set(made.kept[0].levels) == {"big", "large", OTHER}


@pytest.mark.parametrize(
    ("numbers", "levels", "reason"),
    [
        ({"x": [1.0] * 100}, {}, "one_level"),
        ({"x": [np.nan] * 60 + [1.0] * 40}, {}, "empty"),
        ({"x": [0.0] * 98 + [1.0] * 2}, {}, "too_few"),
        ({}, {"x": ["a"] * 100}, "one_level"),
        ({}, {"x": ["a"] * 95 + ["b"] * 5}, "too_few"),
        ({}, {"x": [f"l{i % 50}" for i in range(100)]}, "one_level"),  # all too small: all "(other)"
        ({"y": np.arange(100.0), "x": 5 - 2 * np.arange(100.0)}, {}, "same_as"),
    ],
)
def test_what_cannot_be_told_apart_is_left_out_with_its_reason(numbers, levels, reason):
    made = terms(numbers, levels, range(100))
    assert [one["reason"] for one in made.dropped if one["term"] == "x"] == [reason]


def test_a_level_of_many_answers_of_few_customers_does_not_stand_for_itself():
    made = terms({}, {"x": ["a"] * 100 + ["b"] * 100}, [*range(100), *[200] * 100])
    assert [one["reason"] for one in made.dropped] == ["too_few"]


def test_few_customers_leave_no_room_for_many_columns():
    draw = np.random.default_rng(5)
    numbers = {f"x{i}": draw.normal(size=200) for i in range(5)}
    made = terms(numbers, {}, np.repeat(np.arange(40), 5))
    assert len(made.kept) == 4  # ten customers a column
    assert made.dropped == [{"term": "x4", "reason": "no_room", "same_as": ""}]


@given(st.lists(st.sampled_from("abc"), min_size=120, max_size=200))
def test_the_effects_of_the_levels_weighted_by_their_answers_are_nothing(level):
    made = terms({}, {"x": level}, range(len(level)))
    if made.kept and len(made.kept[0].levels) == 3:
        y = np.arange(len(level)) % 7
        told = key_drivers(y, made, range(len(level)))["effects"]
        assert (told["effect"] * told["rows"]).sum() == pytest.approx(0, abs=1e-8)


def test_customers_who_do_not_differ_leave_the_error_unknown():
    told = fit(np.ones((9, 1)), [4.0] * 9)
    assert told.coefficients == pytest.approx([4])
    effect = told.effects([1])
    assert np.isnan([effect.low, effect.high, effect.p]).all()
    assert np.isnan(told.together([[1]]))


def test_a_score_without_spread_and_no_terms_are_refused():
    made = terms({"x": np.arange(100.0)}, {}, range(100))
    with pytest.raises(BadInput, match="no spread"):
        key_drivers([5] * 100, made, range(100))
    with pytest.raises(BadInput, match="no term is left"):
        key_drivers(np.arange(100), terms({}, {}, range(100)), range(100))


# The finding


@pytest.fixture(scope="module")
def planted():
    return finding(Panels(company(1)))["models"]


def effects(model) -> pd.DataFrame:
    return model["effects"].set_index(["term", "level"])


def test_incidents_are_found_and_nothing_else_of_the_relationship(planted):
    assert planted["nps"]["found"] == ["incidents"]
    row = effects(planted["nps"]).loc[("incidents", "")]
    assert row["low"] < -1.0 < row["high"]  # the mean of −1.5, −1.0 and −0.5


def test_each_product_and_the_ticket_are_found_in_csat_by_the_size_planted(planted):
    assert set(planted["csat"]["found"]) == {"product", "touchpoint"}
    told = effects(planted["csat"])
    assert told.loc[("touchpoint", "After a ticket"), "low"] < -0.5 < told.loc[("touchpoint", "After a ticket"), "high"]
    # Scores are cut at 5 and rounded: the best products look a little less good than they are.
    best, worst = told.loc[("product", "Vigie")], told.loc[("product", "Veille")]
    assert best["low"] < QUALITY[0] < best["high"] + 0.1
    assert worst["low"] - 0.1 < QUALITY[-1] < worst["high"]
    assert planted["csat"]["terms"]["term"].tolist()[:2] == ["product", "touchpoint"]


def test_what_was_not_asked_has_no_model(planted):
    assert planted["ces"] == {"cannot": "no_answers"}


def test_a_finding_can_be_kept(planted):
    assert _plain(planted)["nps"]["terms"]["frame"]["term"][0] == "incidents"


@pytest.mark.slow
def test_in_companies_without_any_effect_a_driver_is_found_no_oftener_than_said():
    found = sum(
        bool(model["effects"]["found"].any())
        for seed in range(40)
        for model in finding(Panels(company(seed, Planted.nothing(), 300)))["models"].values()
        if "cannot" not in model
    )
    assert found <= 10  # 80 families at 5 %: more than ten in 1 % of such tests


def test_data_without_surveys_or_with_few_say_so():
    assert finding(Panels({})) == {"cannot": "no_surveys"}
    few = company(3, customers=12)
    assert finding(Panels(few))["models"]["nps"]["cannot"] == "too_few_answers"
    ten = company(3)
    ten["surveys"]["customer_id"] = [f"c{i % 10}" for i in range(len(ten["surveys"]))]
    assert finding(Panels(ten))["models"]["nps"] == {"cannot": "too_few_customers", "n": 10, "need": 50}
    decided = company(3)
    after = decided["surveys"]["touchpoint"] == "After a ticket"
    decided["surveys"]["score"] = after.map({True: 2.0, False: 4.0}).where(decided["surveys"]["score"].notna())
    told = finding(Panels(decided))["models"]["csat"]
    assert (told["cannot"], told["term"]) == ("separation", "touchpoint")
    alike = company(3)
    alike["surveys"]["score"] = alike["surveys"]["score"].where(alike["surveys"]["score"].isna(), 5.0)
    assert finding(Panels(alike))["models"]["nps"]["cannot"] == "all_alike"


def test_answers_alone_have_a_model_of_what_they_say_of_themselves():
    surveys = company(4)["surveys"]
    told = finding(Panels({"surveys": surveys}))
    assert not told["requests"]
    assert {one["term"] for one in told["models"]["csat"]["dropped"]} >= {"orders", "tenure_years", "segment"}
    assert told["models"]["csat"]["found"] == ["touchpoint"]


@pytest.mark.slow
def test_a_book_gives_what_its_tables_give(planted, tmp_path):
    book = kpilib.open(company(1), as_of="2026-06-30")
    told = finding(book)["models"]
    for metric in ("nps", "csat"):
        ours, theirs = effects(planted[metric]), effects(told[metric])
        assert theirs.loc[ours.index, "effect"].tolist() == pytest.approx(ours["effect"].tolist())
