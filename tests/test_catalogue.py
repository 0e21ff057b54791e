"""The catalogue as a glossary: every definition is whole, known by one name, and answers on the demo company."""

import re

import pytest
import sqlglot

from kpilib.catalogue import CATALOGUE
from kpilib.catalogue.kpi import Distinct, is_condition
from kpilib.compute.estimate import ESTIMATORS
from kpilib.model.panels import PANELS

ALL = [kpi for main in CATALOGUE.values() for kpi in (main, *main.variants)]

OPPORTUNITIES = [
    "open_opportunities", "open_pipeline", "weighted_pipeline", "mean_probability", "win_rate", "won_amount",
    "average_deal", "sales_cycle", "sales_velocity", "stage_conversion", "stage_days", "stalled_share", "overdue_share",
]  # fmt: skip
SALES = [
    "revenue", "margin", "margin_rate", "units", "average_order", "average_basket", "cross_sell_rate", "up_sell_rate",
    "repeat_rate", "arpu", "on_time_delivery",
]  # fmt: skip
SATISFACTION = ["nps", "csat", "ces", "response_rate", "review_rating", "on_time_payment", "payment_delay"]
LOYALTY = [
    "churn_rate", "monthly_churn", "retention_rate", "revenue_churn", "net_revenue_retention", "active_customers",
    "new_customers", "lost_customers", "customer_margin", "clv",
]  # fmt: skip


@pytest.mark.parametrize(
    ("axis", "keys"),
    [("opportunities", OPPORTUNITIES), ("sales", SALES), ("satisfaction", SATISFACTION), ("loyalty", LOYALTY)],
)
def test_every_kpi_of_an_axis_is_there(axis, keys):
    assert [key for key, kpi in CATALOGUE.items() if kpi.axis == axis] == keys


@pytest.mark.parametrize("kpi", ALL, ids=lambda kpi: kpi.path)
def test_a_definition_is_whole(kpi):
    assert re.fullmatch(r"[a-z][a-z_]+", kpi.key)
    assert kpi.question.endswith("?")
    assert kpi.name[0].isupper()
    if not kpi.of:
        assert kpi.caveat.endswith("."), "a KPI without a caveat has not been thought about"
    if kpi.derived:
        assert {key for key, _ in kpi.powers} <= set(CATALOGUE)
    else:
        assert kpi.table in PANELS
        assert not kpi.when or kpi.when in PANELS[kpi.table].dates
    assert not kpi.estimator or kpi.estimator in ESTIMATORS


@pytest.mark.parametrize("kpi", [k for k in ALL if k.numerator], ids=lambda kpi: kpi.path)
def test_what_a_row_adds_is_sql_of_one_row(kpi):
    for part in (kpi.numerator, kpi.denominator):
        text = part.where if isinstance(part, Distinct) else part
        if text:
            tree = sqlglot.parse_one(text, dialect="duckdb")
            assert not list(tree.find_all(sqlglot.exp.AggFunc, sqlglot.exp.Subquery)), "the cube sums, a row does not"


def test_a_condition_is_told_from_a_number():
    assert is_condition("status = 'won'")
    assert is_condition("first_visit AND went_on")
    assert is_condition("NOT bought_before")
    assert is_condition("amount IS NULL")
    assert not is_condition("revenue - cost")
    assert not is_condition("CASE WHEN status = 'won' THEN amount END")
    assert not is_condition("1")


@pytest.mark.parametrize("kpi", ALL, ids=lambda kpi: kpi.path)
def test_every_definition_answers_on_the_demo_company(demo, kpi):
    key, variant = (kpi.of, kpi.key) if kpi.of else (kpi.key, None)
    since = "2023-07" if kpi.matures else "2025-07" if kpi.when or kpi.derived else None
    answer = demo.kpi(key, variant=variant, since=since).iloc[0]
    assert answer["rows"] > 0
    assert answer["value"] == answer["value"]
    if kpi.unit == "share":
        assert 0 <= answer["low"] <= answer["value"] <= answer["high"]
        assert answer["high"] <= 1 or kpi.signed


def test_a_formula_reads_as_it_runs():
    formulas = {kpi.path: kpi.formula for kpi in ALL}
    assert formulas["win_rate"] == "SUM(status = 'won') / SUM(status IN ('won', 'lost'))"
    assert formulas["average_order"] == "SUM(revenue) / COUNT(DISTINCT order_id)"
    assert formulas["churn_rate"] == "SUM(opening = 1 AND lost = 1) / SUM(opening = 1)"
    assert formulas["clv"].startswith("customer_margin × (1 + i) ÷ (monthly_churn + i)")
    assert formulas["sales_velocity"] == "open_opportunities × win_rate × average_deal ÷ sales_cycle"


def test_a_value_over_a_lifetime_is_told_by_its_formula_and_not_as_a_bare_product():
    from kpilib.show.definition import folded
    from kpilib.show.words import Words

    told = str(folded(CATALOGUE["clv"], Words()))
    assert "Worked out as" in told
    assert "customer_margin × (1 + i) ÷ (monthly_churn + i)" in told
    assert "monthly_churn^-1" not in told
