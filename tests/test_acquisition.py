"""Leads, costs and campaigns on companies small enough to count on fingers, and what the KPIs say of them."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import kpilib
from kpilib.catalogue import CATALOGUE, acquisition, leaves
from kpilib.errors import CannotAnswer
from kpilib.stats.intervals import counted

DAY = "2026-06-30"
#: Lead, source, campaign, came, converted, the customer it became.
LEADS = [
    ("l1", "Web", "w1", "2025-01-05", "2025-01-15", "c1"),  # 10 days
    ("l2", "Web", "w1", "2025-01-06", "2025-06-06", "c2"),  # 151 days: too late
    ("l3", "Web", "w1", "2025-01-07", None, None),
    ("l4", "Fair", None, "2025-01-08", "2025-01-08", "c3"),
    ("l5", "Fair", None, "2026-06-01", "2026-06-05", "c4"),  # 29 days old: not counted yet
    ("l6", "Web", "w2", "2026-05-30", "2026-07-05", None),  # converts after the day
]  # fmt: skip
CUSTOMERS = [
    ("c1", "Web", "2025-02-10"), ("c2", "Web", "2025-06-10"), ("c3", "Fair", "2025-02-20"),
    ("c4", "Fair", "2026-06-20"), ("c5", "Friends", "2025-02-28"),
]  # fmt: skip
#: Campaign, source, month, cost, delivered, opened, clicked, unsubscribed.
CAMPAIGNS = [
    ("w1", "Web", "2025-01-01", 300.0, 100, 40, 10, 1), ("w2", "Web", "2026-05-01", 500.0, 300, 60, 6, 3),
    ("people", None, "2025-01-01", 1000.0, None, None, None, None),
]  # fmt: skip
#: Customer, day, revenue, cost: c1 within its first year, c1 beyond it, c2 within, c5 whom no campaign brought.
SALES = [
    ("c1", "2025-02-10", 900.0, 500.0), ("c1", "2026-02-10", 9000.0, 0.0), ("c2", "2025-07-01", 200.0, 150.0),
    ("c5", "2025-01-02", 700.0, 100.0),
]  # fmt: skip


def tables():
    names = ["lead_id", "source", "campaign_id", "created_on", "converted_on", "customer_id"]
    runs = ["campaign_id", "source", "month", "cost", "delivered", "opened", "clicked", "unsubscribed"]
    lines = pd.DataFrame(SALES, columns=["customer_id", "ordered_on", "revenue", "cost"])
    return {
        "leads": pd.DataFrame(LEADS, columns=names),
        "customers": pd.DataFrame(CUSTOMERS, columns=["customer_id", "source", "acquired_on"]),
        "campaigns": pd.DataFrame(CAMPAIGNS, columns=runs),
        "order_lines": lines.assign(line_id=lines.index.astype(str), quantity=1, currency="EUR"),
    }


@pytest.fixture(scope="module")
def firm():
    return kpilib.open(tables(), as_of=DAY)


def value(book, key, **how):
    return book.kpi(key, **how)["value"].item()


def test_a_conversion_counts_within_ninety_days_of_leads_that_have_had_them(firm):
    answer = firm.kpi("conversion_rate").iloc[0]
    assert (answer["numerator"], answer["denominator"]) == (2, 4)  # l1 and l4 of l1 to l4
    assert (answer["low"], answer["high"]) == pytest.approx(stats.binomtest(2, 4).proportion_ci(method="wilson"))
    assert value(firm, "conversion_rate", variant="ever") == 4 / 6
    assert value(firm, "leads") == 6


def test_two_hundred_leads_have_three_conversion_rates():
    """The lesson: 30 won, 50 lost, 120 open, 45 sales of which 15 come from older leads."""
    came, done = "2026-01-15", "2026-03-10"
    keys = [f"l{i}" for i in range(200)]
    leads = pd.DataFrame({"lead_id": keys, "created_on": came, "converted_on": [done] * 30 + [None] * 170})
    deals = pd.DataFrame({"opportunity_id": keys, "created_on": came, "amount": 1.0, "currency": "EUR"})
    deals["status"] = ["won"] * 30 + ["lost"] * 50 + ["open"] * 120
    deals["closed_on"] = [done] * 80 + [None] * 120
    buyers = pd.DataFrame({"customer_id": [f"c{i}" for i in range(45)], "acquired_on": done})
    book = kpilib.open({"leads": leads, "opportunities": deals, "customers": buyers}, as_of=DAY)
    asked = [("win_rate", None), ("conversion_rate", "ever"), ("conversion_rate", "same_period")]
    found = [value(book, key, variant=variant, since="2026-01", until="2026-03") for key, variant in asked]
    assert found == pytest.approx([0.375, 0.150, 0.225])


def test_a_customer_costs_what_campaigns_cost_over_all_who_came(firm):
    year = {"since": "2025-01", "until": "2025-12"}
    assert value(firm, "cac", **year) == 300 / 4  # c1, c2, c3, c5
    assert value(firm, "cac", variant="fully_loaded", **year) == 1300 / 4
    assert value(firm, "cac", variant="paid", **year) == 300 / 2  # c1 and c2: only the web is paid for
    assert value(firm, "cost_per_lead", **year) == 300 / 4
    by_source = firm.kpi("cac", by="source", **year).set_index("group")["value"]
    assert by_source["Web"] == 150
    assert by_source[["Fair", "Friends"]].isna().all()  # no cost is recorded: that is not a cost of 0


def test_costs_are_moved_by_the_months_that_half_of_the_leads_take_to_buy(firm):
    # 36, 155, 43 and 19 days from lead to purchase: the middle is 39.5, one month. January's cost counts in February.
    months = firm.kpi("cac", variant="lagged", period="month", since="2025-01", until="2025-03").set_index("period")
    assert months["numerator"].fillna(0).to_dict() == {"2025-01": 0, "2025-02": 300, "2025-03": 0}
    assert months["value"]["2025-02"] == 300 / 3


def test_costs_are_known_and_only_the_number_of_customers_varies(firm):
    answer = firm.kpi("cac", since="2025-01", until="2025-12").iloc[0]
    # Garwood's interval of a count of 4, by the chi-square quantiles of the published formula.
    fewest, most = stats.chi2.ppf(0.025, 8) / 2, stats.chi2.ppf(0.975, 10) / 2
    assert (answer["low"], answer["high"]) == pytest.approx((300 / most, 300 / fewest))


def test_the_interval_of_a_count_is_the_published_one():
    """Garwood (1936): 10 events, 4.80 to 18.39; none, 0 to 3.69."""
    low, high = counted([10, 0])
    assert low == pytest.approx([4.795, 0.0], abs=5e-4)
    assert high == pytest.approx([18.390, 3.689], abs=5e-4)
    assert all(len(end) == 0 for end in counted([]))


def test_a_campaign_returns_the_first_year_of_those_whom_it_brought_less_its_cost(firm):
    answer = firm.kpi("campaign_roi").iloc[0]
    # w1 brought c1 (400 in its first year) and c2 (50); w2 is too young; the people's row is no campaign.
    assert (answer["numerator"], answer["denominator"]) == (450 - 300, 300)
    assert firm.panel("campaigns", columns=["campaign_id"])["campaign_id"].tolist() == ["w1", "w2"]


def test_a_customer_of_two_leads_counts_for_the_campaign_of_the_first():
    given = tables()
    second = pd.DataFrame([("l0", "Web", "w2", "2026-05-02", "2026-05-03", "c1")], columns=given["leads"].columns)
    given["leads"] = pd.concat([given["leads"], second])
    book = kpilib.open(given, as_of="2027-12-31")
    runs = book.panel("campaigns", columns=["campaign_id", "brought"]).set_index("campaign_id")["brought"]
    assert runs.to_dict() == {"w1": 2, "w2": 0}


def test_mail_rates_are_of_what_was_delivered(firm):
    assert value(firm, "open_rate") == 100 / 400
    assert value(firm, "click_rate") == 16 / 400
    assert value(firm, "unsubscribe_rate") == 4 / 400


def test_a_leads_region_is_its_own_and_never_that_of_the_customer_it_became():
    given = tables()
    given["customers"] = given["customers"].assign(region="North")
    book = kpilib.open(given, as_of=DAY)
    assert book.kpi("conversion_rate", by="region")["group"].tolist() == ["(not given)"]
    given["leads"] = given["leads"].assign(region=["North", "South"] * 3)
    assert kpilib.open(given, as_of=DAY).kpi("leads", by="region")["value"].tolist() == [3, 3]


def test_value_to_cost_and_payback_are_quotients_with_intervals_on_the_log_scale(demo):
    year = {"since": "2025-07", "until": "2026-06"}
    clv, cac, margin = (demo.kpi(key, **year).iloc[0] for key in ("clv", "cac", "customer_margin"))
    ratio, payback = (demo.kpi(key, **year).iloc[0] for key in ("ltv_to_cac", "payback"))
    assert ratio["value"] == pytest.approx(clv["value"] / cac["value"])
    assert payback["value"] == pytest.approx(cac["value"] / margin["value"])
    # A simulation as the second method: the two drawn apart, each as its interval says.
    draw, z = np.random.default_rng(7), 2 * 1.959964
    parts = [np.log(row["value"]) + draw.normal(0, np.log(row["high"] / row["low"]) / z, 40_000) for row in (clv, cac)]
    assert [ratio["low"], ratio["high"]] == pytest.approx(
        np.exp(np.quantile(parts[0] - parts[1], [0.025, 0.975])), rel=0.01
    )


def test_a_product_of_products_names_the_kpis_of_rows_that_it_is_made_of():
    found = [kpi.key for kpi in leaves(CATALOGUE["ltv_to_cac"])]
    assert found == ["customer_margin", "monthly_churn", "cac"]
    assert leaves(CATALOGUE["cac"]) == [CATALOGUE["cac"]]


def test_why_value_to_cost_changed_is_told_by_factor(demo):
    why = demo.explain("ltv_to_cac", "2025Q4", "2026Q1")
    assert [part.member for part in why.parts] == ["clv", "cac"]
    before, now = (value(demo, "ltv_to_cac", since=q, until=q) for q in ("2025Q4", "2026Q1"))
    assert why.total == pytest.approx(now - before)


def test_what_is_missing_is_named():
    book = kpilib.open({"leads": tables()["leads"].drop(columns="converted_on")}, as_of=DAY)
    assert value(book, "leads") == 6
    with pytest.raises(CannotAnswer, match="needs the column 'converted_on' of 'leads', which is empty"):
        book.kpi("conversion_rate")
    with pytest.raises(CannotAnswer, match="needs the table 'campaigns'"):
        book.kpi("cac")


def test_campaigns_without_any_source_are_all_campaigns():
    given = tables()
    given["campaigns"] = given["campaigns"].assign(source=None)
    book = kpilib.open(given, as_of=DAY)
    assert value(book, "cac", since="2025-01", until="2025-12") == 1300 / 4
    assert len(book.panel("campaigns", columns=["campaign_id"])) == 3


def test_a_campaign_is_told_when_its_customers_first_year_is_over():
    assert acquisition.CAMPAIGN_MATURES == 31 + acquisition.PATIENCE + 365 == CATALOGUE["campaign_roi"].matures


# --- real data --------------------------------------------------------------------------------------------------


def test_the_leads_and_campaigns_of_a_real_export_are_read(shared_data):
    book = kpilib.open(shared_data / "salesforce_sdo")
    given = pd.read_csv(shared_data / "salesforce_sdo" / "Lead.csv", encoding="utf-8-sig")
    assert value(book, "leads") == len(given) == 60
    by_source = book.kpi("leads", by="source").set_index("group")["value"]
    assert by_source.drop("(not given)", errors="ignore").to_dict() == given["LeadSource"].value_counts().to_dict()
    assert len(book.panel("campaigns", columns=["campaign_id"])) == 8
    with pytest.raises(CannotAnswer, match="cost"):
        book.kpi("cac")
