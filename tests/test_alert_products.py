"""What is watched beside sums: products of KPIs, and figures of a period's own start."""

from math import prod

import numpy as np
import pytest

from kpilib.alerts import series, watch
from kpilib.alerts.alert import Alert
from kpilib.alerts.options import Options
from kpilib.alerts.watch import _once
from kpilib.catalogue import leaves
from kpilib.periods import label

OPTIONS = Options()


@pytest.fixture(scope="module")
def rows(demo):
    block = series.block(demo, OPTIONS)
    return {
        (row.kpi.key, row.dimension, row.member): (row, own) for row, own in zip(block.rows, block.own, strict=True)
    }


def test_products_and_figures_of_a_periods_own_start_are_watched(rows):
    assert {"sales_velocity", "churn_rate", "retention_rate", "clv"} <= {key for key, *_ in rows}
    assert ("churn_rate", "segment", "SMB") in rows


def test_a_watched_product_is_the_product_of_its_parts_in_that_month(demo, rows):
    """A second way: each factor asked of the book by itself."""
    row, own = rows["sales_velocity", "", ""]
    month = label(row.last, "month")
    powers = demo.kpis["sales_velocity"].powers
    factors = [demo.kpi(key, since=month, until=month)["value"].iloc[0] ** power for key, power in powers]
    assert own[-1] == pytest.approx(prod(factors))


def test_a_month_in_which_a_part_has_too_few_rows_is_not_judged(demo, rows):
    row, own = rows["sales_velocity", "segment", "Enterprise"]
    for leaf in leaves(demo.kpis["sales_velocity"], demo.kpis):
        other, parts = rows[leaf.key, "segment", "Enterprise"]
        shift = other.last - row.last
        missing = np.isnan(parts[len(parts) - len(own) - shift : len(parts) - shift])
        assert np.isnan(own[missing[-len(own) :]]).all()


def test_who_leaves_and_who_stays_are_one_event(rows):
    gone, stayed = rows["churn_rate", "", ""][1], rows["retention_rate", "", ""][1]
    assert gone + stayed == pytest.approx(np.ones(len(gone)), nan_ok=True)
    common = {"month": "2026-06", "since": "2026-06", "value": 0.1, "low": 0, "high": 0, "center": 0, "p": 1e-5}
    one = Alert("outside", "worse", kpi="churn_rate", side="above", **common)
    other = Alert("outside", "worse", kpi="retention_rate", side="below", **common)
    assert _once([one, other]) == [one]
    elsewhere = Alert("outside", "worse", kpi="retention_rate", dimension="segment", member="SMB", **common)
    assert _once([one, elsewhere]) == [one, elsewhere]


def test_a_figure_over_twelve_months_is_judged_by_its_step(demo):
    block = series.one_kpi(demo, "net_revenue_retention", "", OPTIONS)[0]
    assert (block.form[0], block.sheet.echo[0]) == (2, 1)


def test_the_calm_months_of_the_demo_raise_no_alarm_for_them(demo):
    keys = {one.kpi for one in watch.watch(demo).alerts}
    assert not {"sales_velocity", "net_revenue_retention"} & keys
