"""What was planted in the service of the demo company is found within the intervals; nothing where nothing is true."""

import numpy as np
import pandas as pd
import pytest
from satisfied import Panels

from kpilib.analysis.service_satisfaction import service_satisfaction
from kpilib.demo.company import make
from kpilib.demo.events import LAUNCHED
from kpilib.demo.support import _PER_LINE
from kpilib.demo.truths import SCENARIOS
from kpilib.demo.words import PRODUCTS

pytestmark = pytest.mark.slow
TRUTH = SCENARIOS["baseline"]


def effect(told, term):
    return told["effects"].set_index("term").loc[term]


def holds(one, true):
    return one["low"] <= true <= one["high"]


def test_a_slow_reply_costs_what_was_planted_and_contacts_make_it_hard(demo):
    metrics = demo.finding("service_satisfaction")["metrics"]
    assert holds(effect(metrics["csat"], "slow"), TRUTH.slow_on_csat)
    assert holds(effect(metrics["ces"], "slow"), TRUTH.slow_on_ces)
    assert holds(effect(metrics["ces"], "contacts"), TRUTH.contact_on_ces)
    # Nothing is planted of contacts on csat.
    assert holds(effect(metrics["csat"], "contacts"), 0.0)
    found = {(name, term) for name, told in metrics.items() for term in ("slow", "contacts")
             if effect(told, term)["found"]}  # fmt: skip
    assert found == {("csat", "slow"), ("ces", "slow"), ("ces", "contacts")}


def test_products_bring_the_tickets_that_their_quality_and_the_launch_planted(demo):
    """Tickets over the lines that may have caused them, each as far as its half-year lies within the data."""
    lines = demo.panel("sales", columns=["product", "product_id", "customer_id", "ordered_on"])
    lives = demo.panel("customer_lives", columns=["customer_id", "churned_on"]).set_index("customer_id")["churned_on"]
    sold = pd.to_datetime(lines["ordered_on"])
    end = pd.to_datetime(lives.reindex(lines["customer_id"])).fillna(pd.Timestamp(demo.as_of) + pd.Timedelta(days=1))
    seen = ((end.to_numpy() - sold.to_numpy()) / np.timedelta64(1, "D") - 2).clip(0, 199) / 199
    lines_seen = pd.Series(seen).groupby(lines["product"].to_numpy()).sum()
    # What was sold before the data begin brings tickets in their first half-year: those months are left out of both.
    late = sold + pd.Timedelta(days=2) >= pd.Timestamp(demo.first_month) + pd.Timedelta(days=200)
    assert late.mean() > 0.7
    quality = pd.Series(TRUTH.quality, index=[name for name, *_ in PRODUCTS])
    planted = _PER_LINE * (1 - TRUTH.quality_on_tickets * quality)
    planted.iloc[LAUNCHED] *= TRUTH.launch_on_tickets
    tickets = demo.panel("tickets", columns=["product"])["product"].value_counts()
    ratio = (tickets / lines_seen / planted).dropna()
    assert len(ratio) == len(PRODUCTS)
    # One line in thirty is about a customer or a day at the edge of the data; chance adds its Poisson part.
    assert (ratio - 1).abs().max() < 0.03 + 3.3 / np.sqrt(tickets.min())
    rate = (tickets / lines_seen).reindex(planted.index)
    assert np.corrcoef(rate, planted)[0, 1] > 0.98


def test_where_nothing_is_true_neither_slow_replies_nor_contacts_are_found():
    found = []
    for seed in (1, 2):
        tables = make(seed=seed, scenario="null", scale=0.3)
        for rows in tables.values():
            for name in rows.columns:
                if name.endswith(("_on", "_at")):
                    rows[name] = pd.to_datetime(rows[name])
        asked = tables["tickets"]
        asked["reply_hours"] = (asked["first_reply_at"] - asked["opened_at"]).dt.total_seconds() / 3600
        told = service_satisfaction(Panels(tables))["metrics"]
        found += [bool(flag) for one in told.values() for flag in one["effects"]["found"]]
    assert len(found) == 8
    assert sum(found) <= 1
