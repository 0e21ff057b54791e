"""The findings "threshold" and "lifetime" from a book: by hand on small companies, planted truths on the demo."""

import numpy as np
import pandas as pd
import pytest
from companies import without_cubes

import kpilib
from kpilib.analysis.alike import alike
from kpilib.analysis.customer_months import customer_months
from kpilib.analysis.lifetime import FEWEST, FEWEST_LEFT, HORIZON, by_tenure, lifetime
from kpilib.analysis.threshold import HORIZON as YEAR
from kpilib.analysis.threshold import threshold, threshold_csat
from kpilib.analysis.what_if import moved
from kpilib.demo.company import make
from kpilib.demo.truths import truths
from kpilib.errors import BadInput
from kpilib.stats import prognosis
from kpilib.stats.below_cut import over
from kpilib.stats.lifetime import formula_value, per_period


def company(people: list[tuple], metric: str = "nps", orders: bool = True) -> dict[str, pd.DataFrame]:
    """Customers of a year, 2025: (last score or None, month of leaving or None, segment)."""
    ids = [f"c{i}" for i in range(len(people))]
    customers = pd.DataFrame({
        "customer_id": ids, "name": ids, "segment": [segment for _, _, segment in people],
        "acquired_on": [f"{2019 + i % 6}-12-02" for i in range(len(people))],
        "churned_on": [f"2025-{month:02d}-15" if month else None for _, month, _ in people],
    })  # fmt: skip
    asked = pd.DataFrame({
        "response_id": ids, "customer_id": ids, "metric": metric, "sent_on": "2024-12-05",
        "answered_on": ["2024-12-09" if score is not None else None for score, _, _ in people],
        "score": [score for score, _, _ in people],
    })  # fmt: skip
    tables = {"customers": customers, "surveys": asked}
    if orders:
        tables["order_lines"] = pd.DataFrame([
            {"line_id": f"{one}-{m}", "order_id": f"{one}-{m}", "customer_id": one, "ordered_on": f"2025-{m:02d}-28",
             "quantity": 1, "revenue": 100.0, "cost": 60.0, "currency": "EUR"}
            for one, (_, left, _) in zip(ids, people, strict=True) for m in range(1, (left or 13))
        ])  # fmt: skip
    return tables


def booked(people, opened=without_cubes, **how):
    """The company as of the end of 2025; what is kept of it is kept beside its cubes."""
    tables = company(people, **how)
    known = pd.DataFrame({
        "ticket_id": ["t0", "t1"], "customer_id": ["c0", "c0"], "channel": "phone", "severity": "Low",
        "opened_at": ["2024-12-02 09:00", "2025-12-31 09:00"],
        "first_reply_at": ["2024-12-02 09:10", "2025-12-31 09:10"],
    })  # fmt: skip
    return opened({**tables, "tickets": known})


def of(score, left, segment="SMB"):
    """So many customers of a score, of whom some leave, one after the other, from August to December."""
    stay, go = left
    return [(score, None, segment)] * stay + [(score, 8 + i % 5, segment) for i in range(go)]


#: Below 6, a third leaves in a year; above, a twentieth.
CLIFF = [
    *of(3, (40, 20)), *of(5, (80, 40)), *of(6, (190, 10)), *of(8, (380, 20)), *of(10, (190, 10)), *of(None, (50, 5)),
]  # fmt: skip


@pytest.fixture(scope="module")
def cliff():
    return booked(CLIFF, kpilib.open)


@pytest.fixture(scope="module")
def found(cliff):
    return cliff.finding("threshold")


# --- the threshold of a company that can be counted -------------------------------------------------------------------


def test_the_cliff_is_found_between_five_and_six(found):
    assert (found["exists"], found["verdict"], found["cut"], found["shape"]) == (True, "found", 5, "step")
    assert found["p"] == 0.001
    assert found["set"] == [5]
    assert found["few"]  # 980 customers: the page says that a weak one could not be located


def test_months_and_losses_are_counted_by_the_score_known_before_them(found, cliff):
    months = customer_months(cliff)
    frame = months.frame()
    assert (found["rows"], found["left"]) == (frame["last_score"].notna().sum(), 100)
    bars = found["bars"].set_index("score")
    assert bars["left"].to_dict() == {3: 20, 5: 40, 6: 10, 8: 20, 10: 10}
    assert bars.loc[8, "rows"] == (frame["last_score"] == 8).sum()
    assert bars.loc[8, "share"] == pytest.approx(20 / bars.loc[8, "rows"])
    assert bars.loc[8, "year"] == pytest.approx(1 - (1 - bars.loc[8, "share"]) ** YEAR)
    assert (bars["year_low"] < bars["year"]).all()
    assert (bars["year"] < bars["year_high"]).all()
    assert found["without_score"]["left"] == 5
    assert found["without_score"]["customers_now"] == 50


def test_the_customers_below_now_are_listed_with_what_they_bring(found):
    listed = found["list"]
    assert len(listed) == found["now"]["below"] == 120
    assert set(listed["score"]) == {3, 5}
    assert set(listed["answered_on"]) == {"2024-12-09"}
    assert listed["revenue"].tolist() == [1200.0] * 120
    assert found["now"]["revenue_below"] == 120 * 1200
    assert listed["customer_id"].is_unique


def test_the_revenue_at_risk_is_revenue_times_the_difference_of_the_risks(found):
    risk, stake = found["risk"], found["at_stake"]
    assert risk["difference"]["value"] == pytest.approx(risk["below"]["yearly"] - risk["alike"]["yearly"])
    # One segment, and every customer brings 1,200: the sum is the product, but for the mix of strata of today.
    assert stake["revenue"]["value"] == pytest.approx(1200 * stake["customers"]["value"])
    assert stake["customers"]["value"] == pytest.approx(120 * risk["difference"]["value"], rel=0.1)
    for end in ("low", "high"):
        assert stake["customers"][end] == pytest.approx(120 * risk["difference"][end], rel=0.15)
    assert found["list"]["loss"].sum() == pytest.approx(stake["revenue"]["value"])
    by = found["at_stake_by"]
    assert (by["segment"].tolist(), by["customers"].tolist()) == (["SMB"], [120])
    assert by["revenue_saved"].sum() == pytest.approx(stake["revenue"]["value"])


def test_the_risks_are_those_of_customers_that_did_not_choose_the_cut(found):
    risk = found["risk"]
    assert risk["cuts"] == [5] * risk["folds"]
    assert (risk["below"]["left"], risk["above"]["left"]) == (60, 40)
    assert risk["below"]["monthly"] == pytest.approx(60 / risk["below"]["rows"])
    assert risk["below"]["yearly"] == pytest.approx(over(risk["below"]["monthly"], YEAR), rel=0.03)
    assert risk["odds_ratio"]["low"] > 3


def test_moving_some_keeps_their_share_of_what_is_at_stake(found):
    half = moved(found, 0.5)
    assert half["moved"] == 60
    assert half["revenue"] == pytest.approx({end: n / 2 for end, n in found["at_stake"]["revenue"].items()})
    assert moved(found, 0)["customers"] == {"value": 0, "low": 0, "high": 0}


@pytest.mark.slow
def test_without_orders_the_customers_are_listed_and_money_is_said_to_be_unknown():
    got = threshold(booked(CLIFF, orders=False))
    assert got["now"]["revenue_known"] is False
    assert got["at_stake"]["customers"]["value"] > 20
    assert got["at_stake"]["revenue"]["value"] == 0


@pytest.mark.slow
def test_the_satisfaction_score_has_a_threshold_of_its_own():
    people = [(score and min(max(score // 2, 1), 5), left, segment) for score, left, segment in CLIFF]
    book = booked(people, metric="csat")
    got = threshold_csat(book)
    assert (got["metric"], got["scale"], got["cut"]) == ("csat", [1, 5], 2)
    assert threshold(book)["cannot"] == "no_answers"


@pytest.mark.slow
def test_customers_whose_score_says_nothing_have_no_threshold_and_nobody_is_below_it():
    got = threshold(booked([*of(3, (190, 10)), *of(6, (380, 20)), *of(9, (380, 20))]))
    assert (got["verdict"], got["cut"], got["set"], got["risk"], got["at_stake"]) == ("none", None, [], None, None)
    assert got["now"]["below"] == 0
    assert got["list"].empty
    assert got["bars"]["left"].tolist() == [10, 20, 20]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("people", "reason"),
    [
        (of(3, (5, 5)), "too_few_customers"),
        (of(3, (150, 0)) + of(9, (150, 0)), "no_churn"),
        (of(3, (150, 6)) + of(9, (150, 6)), "too_few_left"),
        (of(7, (150, 60)), "one_score"),
        (of(None, (150, 60)), "no_answers"),
    ],
)
def test_companies_that_cannot_tell_say_why(people, reason):
    got = threshold(booked(people))
    assert got["cannot"] == reason
    assert "p" not in got


@pytest.mark.slow
def test_without_surveys_or_customers_there_is_no_threshold():
    tables = company(CLIFF)
    assert threshold(without_cubes({k: v for k, v in tables.items() if k != "surveys"}))["cannot"] == "no_surveys"
    assert threshold(without_cubes({"surveys": tables["surveys"]}))["cannot"] == "no_customers"


@pytest.mark.slow
def test_when_everybody_below_leaves_the_ratio_is_unbounded_and_the_rest_is_given():
    got = threshold(booked([*of(2, (0, 60)), *of(9, (300, 0))]))
    assert got["verdict"] == "found"
    assert got["cut"] == 2
    assert got["risk"]["odds_ratio"]["value"] == np.inf
    assert got["now"]["below"] == 0
    assert got["at_stake"]["revenue"] == {"value": 0, "low": 0, "high": 0}


# --- strata of like risk ----------------------------------------------------------------------------------------------


def test_a_prognosis_on_one_factor_is_its_shares_drawn_slightly_together():
    factor = np.repeat([3, 7], 5000)
    left = np.concatenate([np.arange(5000) < 500, np.arange(5000) < 1500])
    model = prognosis.fit({"factor": factor}, left)
    assert model.risk({"factor": [3, 7]}) == pytest.approx([0.1, 0.3], abs=2e-3)
    assert 0.1 < float(model.risk({"factor": [99]})[0]) < 0.3  # a level never seen


def test_two_factors_agree_with_a_penalised_regression():
    from scipy.optimize import minimize

    rng = np.random.default_rng(1)
    a, b = rng.integers(0, 2, 800), rng.integers(0, 3, 800)
    left = rng.random(800) < 0.1 + 0.2 * a
    design = np.column_stack([np.ones(800), a == 0, a == 1, b == 0, b == 1, b == 2]).astype(float)

    def lost(beta):
        eta = design @ beta
        return np.logaddexp(0, eta).sum() - left @ eta + (beta[1:] ** 2).sum() / 2

    beta = minimize(lost, np.zeros(6), method="BFGS", options={"gtol": 1e-6}).x
    model = prognosis.fit({"a": a, "b": b}, left)
    assert model.risk({"a": a, "b": b}) == pytest.approx(1 / (1 + np.exp(-design @ beta)), abs=1e-5)


def test_a_level_where_nobody_left_keeps_a_risk_above_nought():
    model = prognosis.fit({"f": np.repeat([0, 1], 50)}, np.repeat([0, 1], 50))
    assert 0 < model.risk({"f": [0]})[0] < 0.1


def test_strata_are_of_one_size_within_each_class_and_equal_risks_stay_together():
    risk = np.tile([0.1, 0.2, 0.2, 0.2, 0.5, 0.9], 2)
    within = np.repeat([0, 1], 6)
    place = prognosis.strata(within, risk, 3).place(within, risk)
    assert place[:6].tolist() == [0, 0, 0, 0, 2, 2] or place[:6].tolist() == [0, 1, 1, 1, 2, 2]
    assert (place[6:] - place[:6]).tolist() == [3] * 6


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: prognosis.fit({}, []), "needs rows"),
        (lambda: prognosis.fit({"a": [1]}, [0, 1]), "a level of each factor"),
        (lambda: prognosis.strata([0], [0.1], 0), "one part at least"),
    ],
)
def test_a_prognosis_that_cannot_be_made_is_refused(call, said):
    with pytest.raises(BadInput, match=said):
        call()


@pytest.mark.slow
def test_segments_are_never_compared_with_one_another():
    book = booked([*of(3, (100, 60), "A"), *of(9, (300, 60), "B"), *of(5, (100, 20), "B")])
    months = customer_months(book)
    used = ~np.isnan(months.values["last_score"])
    strata = alike(months, used)
    segment = months.lives["segment"].to_numpy()[months.customer[used]]
    assert not set(strata.rows[segment == "A"]) & set(strata.rows[segment == "B"])
    now = months.lives["segment"].to_numpy()[months.active]
    assert set(strata.now[now == "A"]) <= set(strata.rows[segment == "A"])


# --- what customers are worth -----------------------------------------------------------------------------------------


def test_months_of_life_are_counted_from_where_they_were_first_seen():
    # Seen from birth, lost in the third month; seen from 1.5, still there at 4.2; lost in the month it was first seen.
    entry, age, left = np.array([0, 1.5, 0.0]), np.array([2.3, 4.2, 0.4]), np.array([True, False, True])
    at_risk, lost = by_tenure(entry, age, left, np.array([9, 4.2, 9]))
    assert at_risk.tolist() == [2, 1, 2, 1]
    assert lost.tolist() == [1, 0, 1, 0]


def test_a_customer_seen_for_less_than_a_month_counts_for_none():
    at_risk, lost = by_tenure(np.array([1.2]), np.array([1.8]), np.array([False]), np.array([1.8]))
    assert at_risk.tolist() == lost.tolist() == []


def test_of_a_month_that_is_not_over_neither_the_lost_nor_the_others_count():
    age, left = np.array([2.3, 2.6, 2.6]), np.array([True, False, False])
    at_risk, lost = by_tenure(np.zeros(3), age, left, np.full(3, 2.6))
    assert (at_risk.tolist(), lost.tolist()) == ([3, 3], [0, 0])


@pytest.fixture(scope="module")
def worth(cliff):
    return cliff.finding("lifetime")


def test_the_value_of_a_customer_is_margin_times_months_to_come(worth):
    assert (worth["basis"], worth["first"], worth["horizon"], worth["discount"]) == ("margin", "now", HORIZON, 0.1)
    groups = worth["contractual"]["groups"].set_index("segment")
    whole, smb = groups.loc[""], groups.loc["SMB"]
    assert whole["value"] == pytest.approx(smb["value"])  # there is one segment only
    assert whole["customers"] == 930
    assert whole["left"] == 84  # the 21 of December left in a month of their lives that is not over
    assert 35 < whole["margin"] < 40  # 40 a month, but for the months in which they leave
    assert whole["value"] == pytest.approx(whole["life"] * whole["margin"])
    assert whole["low"] < whole["value"] < whole["high"] < whole["whole"]
    assert whole["total"] == pytest.approx(930 * whole["value"])


def test_a_constant_risk_gives_the_formula_value(worth):
    group, formula = worth["contractual"]["groups"].iloc[0], worth["formula"].iloc[0]
    d = per_period(0.1)
    assert formula["value_now"] == pytest.approx(float(formula_value(group["margin"], 1 - group["churn"], d, "now")))
    assert formula["value_now"] == pytest.approx(formula["value_end"] + group["margin"])
    if group["model"] == "constant":
        assert group["whole"] == pytest.approx(formula["value_now"], rel=1e-3)


def test_the_curve_is_that_of_the_months_lived(worth):
    curve = worth["contractual"]["curve"]
    one = curve[curve["segment"] == ""]
    assert one["tenure"].is_monotonic_increasing
    assert (np.diff(one["seen"]) <= 0).all()
    assert (np.diff(one["fitted"]) < 0).all()
    assert one["fitted"].iloc[-1] == pytest.approx(one["seen"].iloc[-1], abs=0.05)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("people", "reason"),
    [
        (of(9, (300, 0)), "no_churn"),
        (of(9, (0, 300)), "all_churned"),
        (of(9, (5, 5)), "too_few_customers"),
        (of(9, (300, FEWEST_LEFT - 1)), "too_few_left"),
    ],
)
def test_lives_that_tell_nothing_have_no_value(people, reason):
    got = lifetime(booked(people))
    assert got["contractual"]["cannot"] == reason
    assert got["formula"] is None


@pytest.mark.slow
def test_without_customers_or_orders_there_is_no_value():
    assert lifetime(without_cubes({"surveys": company(CLIFF)["surveys"]}))["contractual"]["cannot"] == "no_customers"
    got = lifetime(booked(CLIFF, orders=False))
    assert got["basis"] is None
    assert got["purchases"]["cannot"] == "no_orders"
    assert np.isnan(got["contractual"]["groups"]["value"]).all()
    assert (got["contractual"]["groups"]["life"] > 10).all()


@pytest.mark.slow
def test_a_segment_of_few_customers_has_no_value_of_its_own():
    got = lifetime(booked([*CLIFF, *of(9, (FEWEST - 10, 5), "Rare")]))
    rare = got["contractual"]["groups"].set_index("segment").loc["Rare"]
    assert rare["reason"] == "too_few_customers"
    assert np.isnan(rare["value"])
    assert "Rare" not in set(got["contractual"]["curve"]["segment"])


@pytest.mark.slow
def test_revenue_stands_in_where_no_cost_is_known():
    tables = company(CLIFF)
    tables["order_lines"] = tables["order_lines"].drop(columns="cost")
    got = lifetime(without_cubes(tables))
    assert got["basis"] == "revenue"
    assert got["contractual"]["groups"]["margin"].iloc[0] > 80


@pytest.mark.slow
def test_customers_who_buy_every_month_tell_nothing_of_giving_up():
    got = lifetime(booked([(9, None, "SMB")] * 60))
    assert got["purchases"]["cannot"] == "unstable"


@pytest.mark.slow
def test_customers_who_bought_once_have_no_buying_model():
    tables = company(CLIFF)
    tables["order_lines"] = tables["order_lines"].drop_duplicates("customer_id")
    assert lifetime(without_cubes(tables))["purchases"]["cannot"] in ("no_repeat", "too_short")


# --- the demo company, whose truth is known ---------------------------------------------------------------------------


def scenario(name: str, seed: int, scale: float = 0.5):
    return without_cubes(make(seed=seed, scale=scale, scenario=name))


@pytest.mark.slow
def test_the_planted_threshold_of_the_demo_is_in_the_confidence_set(demo):
    got = demo.finding("threshold")
    assert got["exists"]
    assert 5 in got["set"]
    assert len(got["set"]) <= 2
    assert not got["few"]


@pytest.mark.slow
def test_the_planted_ratio_of_the_demo_is_in_its_interval(demo):
    ratio = demo.finding("threshold")["risk"]["odds_ratio"]
    assert ratio["low"] < np.exp(truths("baseline").leave_below) < ratio["high"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["no-threshold", "null"])
def test_where_none_was_planted_the_answer_is_none(name):
    assert threshold(scenario(name, seed=1))["verdict"] == "none"


@pytest.mark.slow
def test_both_ways_to_value_the_customers_of_the_demo_agree_within_a_quarter(demo):
    got = demo.finding("lifetime")
    contractual, purchases = (got[part]["groups"].set_index("segment") for part in ("contractual", "purchases"))
    for name in ("Enterprise", "Mid-market", "SMB"):
        assert purchases.loc[name, "value"] == pytest.approx(contractual.loc[name, "value"], rel=0.25)
    assert (contractual["low"] < contractual["value"]).all()
    assert (contractual["value"] < contractual["high"]).all()


@pytest.mark.slow
def test_the_buying_model_foretells_the_last_year_of_the_demo(demo):
    check = demo.finding("lifetime")["purchases"]["check"].set_index("segment")
    assert check["expected"].to_numpy() == pytest.approx(check["observed"].to_numpy(float), rel=0.1)
