"""What is planted in the demo company can be seen in its tables, and nothing can be seen where nothing is planted."""

import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from planted import SERIOUS, company, customer_months

from kpilib.demo import events
from kpilib.demo.accounts import accounts
from kpilib.demo.company import AS_OF
from kpilib.demo.days import window
from kpilib.demo.deals import deals
from kpilib.demo.deliveries import SOUTH
from kpilib.demo.draws import Streams
from kpilib.demo.truths import QUALITY, SCENARIOS, SEGMENTS, SOURCES, Truths
from kpilib.demo.write import write
from kpilib.stats.discovery import false_discovery

DEMO = Path(__file__).resolve().parent.parent / "data" / "demo"
TERMS = {
    "below": "leave_below", "incidents": "leave_incident", "slow": "leave_slow", "late": "leave_late",
    "new_salesperson": "leave_new_salesperson", "new_owner": "leave_new_owner", "first_renewal": "leave_first_renewal",
}  # fmt: skip
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def answers() -> dict:
    return tomllib.loads((DEMO / "answers.toml").read_text(encoding="utf-8"))


def gap(values: "pd.Series[float]", mine: "pd.Series[bool]") -> tuple[float, float]:
    """The mean of mine less that of the others, and its standard error."""
    one, other = values[mine], values[~mine]
    return one.mean() - other.mean(), float(np.sqrt(one.var() / len(one) + other.var() / len(other)))


def closed(scenario: str = "baseline") -> pd.DataFrame:
    tables = company(scenario)
    rows = tables["opportunities"].query("status != 'open'").merge(tables["customers"][["customer_id", "segment"]])
    return rows.assign(won=rows["status"] == "won", year=(rows["closed_on"] - pd.DateOffset(months=6)).dt.year)


def answered(scenario: str, metric: str) -> pd.DataFrame:
    return company(scenario)["surveys"].query("metric == @metric").dropna(subset="score")


def after_incident(scenario: str) -> tuple[pd.DataFrame, "pd.Series[bool]"]:
    """The nps answers without a serious incident in ninety days, or with one in thirty; whether it is the latter."""
    tickets = company(scenario)["tickets"]
    serious = tickets.loc[tickets["severity"].isin(SERIOUS), ["customer_id", "opened_at"]]
    given = answered(scenario, "nps").sort_values("answered_on")
    given = pd.merge_asof(
        given, serious.sort_values("opened_at"), left_on="answered_on", right_on="opened_at", by="customer_id",
        allow_exact_matches=False,
    )  # fmt: skip
    days = (given["answered_on"] - given["opened_at"].dt.normalize()).dt.days
    kept = days.between(1, 30) | ~(days <= 91)
    return given[kept], days[kept].between(1, 30)


def hazards(scenario: str) -> pd.DataFrame:
    """Month-by-month model of leaving, by statsmodels: coefficient, standard error and p of each term."""
    rows = customer_months(scenario)
    x = rows[[*TERMS, "no_score", "tenure"]].astype(float)
    for name in ("segment", "industry"):
        x = x.join(pd.get_dummies(rows[name], drop_first=True, dtype=float))
    model = sm.GLM(rows["left"].astype(float), sm.add_constant(x), sm.families.Binomial(sm.families.links.CLogLog()))
    fit = model.fit()
    return pd.DataFrame({"value": fit.params, "error": fit.bse, "p": fit.pvalues}).drop(index="const")


# Leaving


@pytest.mark.parametrize("scenario", ["baseline", "no-threshold"])
def test_each_planted_hazard_is_recovered_within_its_interval(scenario: str) -> None:
    found, truth = hazards(scenario), SCENARIOS[scenario]
    planted = pd.Series({term: getattr(truth, name) for term, name in TERMS.items()})
    off = (found.loc[planted.index, "value"] - planted) / found.loc[planted.index, "error"]
    assert off.abs().max() < 2.7  # two-sided .05 for the largest of seven
    others = found.drop(index=[*planted.index, "SMB", "Mid-market"])
    assert others["p"].min() > 0.05 / len(others)


def test_no_hazard_is_found_where_none_is_planted() -> None:
    found = hazards("null")
    assert not false_discovery(found["p"].to_numpy())[1].any()


def test_the_risk_falls_off_a_cliff_between_five_and_six_and_nowhere_else() -> None:
    rows = customer_months().dropna(subset="score")
    risk = rows.groupby(pd.cut(rows["score"], [-1, 3, 5, 7, 10]))["left"].mean().to_numpy()
    assert risk[1] > 1.8 * risk[2]
    assert risk[0] / risk[1] == pytest.approx(1, abs=0.35)
    assert risk[2] / risk[3] == pytest.approx(1, abs=0.35)


@pytest.mark.parametrize("scenario", ["no-threshold", "null"])
def test_without_a_threshold_the_risk_below_it_is_much_as_above(scenario: str) -> None:
    rows = customer_months(scenario).dropna(subset="score")
    risk = rows.groupby("below")["left"].mean()
    assert 0.6 < risk[True] / risk[False] < 1.45


def test_a_tenth_of_the_customers_leave_in_a_year_and_twice_as_many_in_the_crisis() -> None:
    shares = {}
    for scenario in ("baseline", "churn-crisis"):
        rows = customer_months(scenario)
        monthly = rows["left"].groupby(rows["month"] >= "2025-07-01").mean()
        shares[scenario] = 1 - (1 - monthly) ** 12
    assert 0.08 < shares["baseline"][True] < 0.15
    assert shares["churn-crisis"][False] == pytest.approx(shares["baseline"][False], abs=0.01)
    assert shares["churn-crisis"][True] > 1.5 * shares["baseline"][True]


def test_the_answers_count_the_customer_months_and_the_customers_lost(answers: dict) -> None:
    rows = customer_months()
    assert (answers["outcome"]["customer_months"], answers["outcome"]["left"]) == (len(rows), rows["left"].sum())


# Satisfaction


def test_a_serious_incident_takes_points_off_the_next_month_s_answers(answers: dict) -> None:
    given, mine = after_incident("baseline")
    points, error = gap(given["score"], mine)
    assert points == pytest.approx(answers["outcome"]["incident_on_given_nps"][0], abs=0.35)
    assert points < -5 * error


def test_no_incident_takes_points_where_none_is_planted() -> None:
    given, mine = after_incident("null")
    points, error = gap(given["score"], mine)
    assert abs(points) < 3 * error


def test_the_unhappy_answer_less_often_so_the_answers_are_too_good(answers: dict) -> None:
    outcome = answers["outcome"]
    scores = answered("baseline", "nps")["score"]
    nps = 100 * ((scores >= 9).mean() - (scores <= 6).mean())
    assert nps == pytest.approx(outcome["nps_of_answers"], abs=0.01)
    assert nps > outcome["nps_if_all_answered"] + 10
    assert outcome["csat_mean_of_answers"] == pytest.approx(answered("baseline", "csat")["score"].mean(), abs=1e-3)


def test_in_null_silence_has_nothing_to_do_with_the_score(tmp_path: Path) -> None:
    write(tmp_path, scenario="null")
    outcome = tomllib.loads((tmp_path / "answers.toml").read_text(encoding="utf-8"))["outcome"]
    assert outcome["nps_of_answers"] == pytest.approx(outcome["nps_if_all_answered"], abs=2)
    assert outcome["incident_on_given_nps"] == [0, 0, 0]


def test_csat_is_lower_after_a_ticket_than_after_a_delivery_of_the_same_product(answers: dict) -> None:
    csat = answered("baseline", "csat")
    means = csat.groupby(["product_id", "touchpoint"])["score"].mean().unstack()
    assert (means["After a ticket"] < means["After delivery"]).mean() > 0.9
    assert answers["outcome"]["ticket_on_given_csat"] == pytest.approx(-0.41, abs=0.02)
    null = answered("null", "csat")
    points, error = gap(null["score"], null["touchpoint"] == "After a ticket")
    assert abs(points) < 3 * error


def test_billing_is_the_service_that_pleases_least() -> None:
    nps = answered("baseline", "nps")
    points, error = gap(nps["score"], nps["service"] == "Billing")
    assert points == pytest.approx(-0.7, abs=3 * error)
    assert points < -5 * error
    csat = answered("baseline", "csat").query("touchpoint == 'After a ticket'")
    points, error = gap(csat["score"], csat["service"] == "Billing")
    assert points < -2 * error


def test_products_and_their_reviews_follow_the_same_quality() -> None:
    reviews = company()["reviews"].groupby("product_id")["rating"].mean()
    assert np.corrcoef(reviews.sort_index(), QUALITY)[0, 1] > 0.9
    null = company("null")["reviews"].groupby("product_id")["rating"].agg(["mean", "sem"]).sort_index()
    assert ((null["mean"] - null["mean"].mean()) / null["sem"]).abs().max() < 4


def test_the_discontented_pay_later_and_buy_less_again() -> None:
    for scenario, planted in (("baseline", True), ("null", False)):
        tables = company(scenario)
        last = answered(scenario, "nps").groupby("customer_id")["score"].mean()
        paid = tables["invoices"].dropna(subset="paid_on")
        delay = (paid["paid_on"] - paid["due_on"]).dt.days.groupby(paid["customer_id"]).mean()
        both = pd.concat([last, delay], axis=1, keys=["score", "delay"]).dropna()
        r = np.corrcoef(both["score"], both["delay"])[0, 1]
        assert (r < -0.1) if planted else (abs(r) < 3 / np.sqrt(len(both)))
        rows = (
            customer_months(scenario).groupby("customer_id").agg(months=("month", "size"), segment=("segment", "first"))
        )
        orders = tables["order_lines"].query("quantity > 0").groupby("customer_id")["order_id"].nunique()
        rate = (orders / rows["months"]).reindex(rows.index[rows["months"] >= 12])
        rate = rate / rate.groupby(rows["segment"]).transform("mean")
        joint = pd.concat([last, rate], axis=1, keys=["score", "rate"]).dropna()
        r = np.corrcoef(joint["score"], joint["rate"])[0, 1]
        assert (r > 0.05) if planted else (abs(r) < 3 / np.sqrt(len(joint)))


# Deals


def test_partner_beats_website_in_every_segment_and_loses_on_the_whole() -> None:
    """Simpson's reversal: partners bring the large accounts, which are hard to win."""
    rows = closed()
    by = rows.groupby(["segment", "source"])["won"].mean().unstack()
    whole = rows.groupby("source")["won"].mean()
    assert (by["Partner"] > by["Website"]).all()
    assert whole["Partner"] < whole["Website"] - 0.03


def test_the_mix_hides_that_every_segment_is_won_more_often() -> None:
    rows = closed("mix-shift")
    whole = rows.groupby("year")["won"].mean()
    by = rows.groupby(["year", "segment"])["won"].mean().unstack()
    assert whole.iloc[-1] - whole.iloc[0] < 0.02
    assert (by.iloc[-1] - by.iloc[0] > 0.05).all()
    share = rows.groupby("year")["segment"].value_counts(normalize=True).unstack()["Enterprise"]
    assert share.iloc[-1] > 1.8 * share.iloc[0]


def test_in_the_baseline_the_mix_hides_half_of_the_improvement() -> None:
    rows = closed()
    by = rows.groupby(["year", "segment"])["won"].mean().unstack()
    mix = rows["segment"].value_counts(normalize=True)
    crude = rows.groupby("year")["won"].mean()
    assert (by.iloc[-1] - by.iloc[0] > 0.04).all()
    assert crude.iloc[-1] - crude.iloc[0] < 0.6 * (by.iloc[-1] - by.iloc[0]) @ mix


def test_a_quote_goes_with_winning_only_through_the_fit_that_nobody_records() -> None:
    span, truth, streams = window(36, AS_OF), Truths(), Streams(1)
    them = accounts(4500, span, truth, streams)
    made = deals(24_000, them, events.changes(them, span, streams), span, truth, streams)
    won, quote = pd.Series(made.won.astype(float)), pd.Series(made.quote)
    crude, error = gap(won, quote)
    assert crude > 10 * error
    surplus, error = gap(won - made.chance, quote)
    assert abs(surplus) < 3 * error


def test_demos_and_visits_raise_the_odds_by_what_was_planted() -> None:
    done, rows = company()["activities"], closed()
    x = pd.DataFrame({k: rows["opportunity_id"].isin(done.loc[done["kind"] == k, "opportunity_id"]) for k in
                      ("demo", "site visit", "meeting")}).astype(float)  # fmt: skip
    x = x.join(pd.get_dummies(rows[["segment", "source"]], drop_first=True, dtype=float))
    fit = sm.GLM(rows["won"].astype(float), sm.add_constant(x), sm.families.Binomial()).fit()
    # What is left out of the model (the fit, the competitor) pulls the odds ratios a little towards one.
    assert fit.params["demo"] == pytest.approx(0.55, abs=0.15)
    assert fit.params["site visit"] == pytest.approx(0.75, abs=0.2)
    assert abs(fit.params["meeting"]) < 3 * fit.bse["meeting"]


def test_declared_chances_are_too_high_by_what_was_planted(answers: dict) -> None:
    rows = closed()
    error = np.sqrt(rows["won"].mean() * (1 - rows["won"].mean()) / len(rows))
    planted = answers["outcome"]["declared_minus_true_chance"]
    assert rows["probability"].mean() - rows["won"].mean() == pytest.approx(planted, abs=2.6 * error)
    assert answers["outcome"]["closed_deals"] == len(rows)


def test_leads_of_each_source_convert_as_planted() -> None:
    for scenario in ("baseline", "null"):
        leads = company(scenario)["leads"]
        rates = leads["converted_on"].notna().groupby(leads["source"]).mean()
        for source, planted in zip(SOURCES, SCENARIOS[scenario].lead_rate, strict=True):
            assert rates[source] == pytest.approx(planted, abs=0.02), source


@pytest.mark.parametrize("scenario", ["baseline", "null"])
def test_parcels_come_late_as_planted_oftener_from_the_depot_of_the_south(scenario: str) -> None:
    truth, made = SCENARIOS[scenario], company(scenario)
    orders = made["order_lines"].dropna(subset="promised_on").drop_duplicates("order_id")
    orders = orders[orders["ordered_on"] < "2026-04-01"].merge(made["customers"], on="customer_id")
    late = orders["delivered_on"] > orders["promised_on"]
    for south in (False, True):
        mine = late[orders["region"].isin(SOUTH) == south]
        chance = 1 / (1 + np.exp(-truth.deliver_late - truth.deliver_late_south * south))
        assert mine.mean() == pytest.approx(chance, abs=3.3 * np.sqrt(chance * (1 - chance) / len(mine)))


def test_in_null_neither_source_nor_segment_nor_owner_nor_action_makes_a_winner() -> None:
    rows = closed("null")
    done = company("null")["activities"]
    overall = rows["won"].mean()
    for name in ("source", "segment", "owner_id"):
        groups = rows.groupby(name)["won"].agg(["mean", "size"])
        chi2 = ((groups["mean"] - overall) ** 2 * groups["size"]).sum() / (overall * (1 - overall))
        freedom = len(groups) - 1
        assert chi2 < freedom + 3.5 * np.sqrt(2 * freedom), name
    for kind in ("demo", "site visit", "quote", "meeting"):
        had = rows["opportunity_id"].isin(done.loc[done["kind"] == kind, "opportunity_id"])
        difference, error = gap(rows["won"].astype(float), had)
        assert abs(difference) < 3.3 * error, kind


# Events


def test_prices_rise_on_their_day(answers: dict) -> None:
    lines = company()["order_lines"].query("quantity > 0").merge(company()["products"], on="product_id")
    paid = lines["revenue"] / (lines["quantity"] * lines["list_price"])
    rise = pd.Timestamp(answers["events"]["price_rise"])
    months = (lines["ordered_on"].dt.to_period("M") - rise.to_period("M")).map(lambda step: step.n)
    before, after = (paid[months.between(*six)].mean() for six in ((-6, -1), (0, 5)))
    assert after / before == pytest.approx(1.04, abs=0.006)


def test_the_bad_launch_is_sold_from_its_day_on_and_asks_for_most_tickets(answers: dict) -> None:
    lines, tickets = company()["order_lines"], company()["tickets"]
    sold = lines.groupby("product_id")["ordered_on"].min()
    assert sold["P00023"] >= pd.Timestamp(answers["events"]["launch"])
    rate = tickets["product_id"].value_counts() / lines.query("quantity > 0")["product_id"].value_counts()
    assert rate.idxmax() == "P00023"


def test_the_merger_of_two_territories_gives_many_of_their_customers_another_salesperson(answers: dict) -> None:
    changes = company()["customer_changes"].query("kind == 'new_salesperson'").merge(company()["customers"])
    merged = changes[changes["changed_on"] == pd.Timestamp(answers["events"]["merger"])]
    assert merged["region"].isin(events.MERGED).mean() > 0.95
    assert len(merged) > 5 * len(changes) / 36


def test_the_events_table_and_the_answers_name_the_same_days(answers: dict) -> None:
    days = company()["events"]["happened_on"].dt.date.unique().tolist()
    assert days == list(answers["events"].values())
    launched = company()["events"].query("dimension == 'product'")["member"].item()
    assert launched == company()["products"].set_index("product_id").loc["P00023", "product"]


def test_the_answers_repeat_what_the_generator_used(answers: dict) -> None:
    for name, value in vars(Truths()).items():
        kept = answers["effects"][name]
        assert kept == pytest.approx(value) if not isinstance(value, tuple) else np.allclose(kept, value), name
    assert answers["hazard_ratio"]["below"] == pytest.approx(np.exp(1.10), rel=1e-3)
    assert answers["threshold"] == {"exists": True, "metric": "nps", "touchpoint": "Relationship", "cut": 5}
    assert answers["order"]["segments"] == list(SEGMENTS)
