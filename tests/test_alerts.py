"""What calls for attention: the alerts of a company in which one thing happened, and of one in which nothing did."""

import subprocess
import sys
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from watched import opened

import kpilib
from kpilib.alerts.alert import Alert
from kpilib.alerts.block import LEVEL, RELATIVE, Row, figures
from kpilib.alerts.chart import chart
from kpilib.alerts.options import Options, options, watched
from kpilib.alerts.watch import alerts, watch
from kpilib.catalogue import CATALOGUE
from kpilib.errors import UnknownName
from kpilib.workbook.chosen import Alerting, Settings


@pytest.fixture(scope="module")
def quiet():
    return opened()


@pytest.fixture(scope="module")
def unhappy():
    happened = pd.DataFrame(
        [
            {"event_id": "1", "happened_on": date(2026, 5, 20), "event": "New carrier"},
            {
                "event_id": "2",
                "happened_on": date(2026, 6, 2),
                "event": "Strike",
                "dimension": "segment",
                "member": "SMB",
            },
            {"event_id": "3", "happened_on": date(2025, 6, 1), "event": "Fair"},
        ]
    )
    return opened({"events": happened}, unhappy="all")


def of(found, kind, **fields):
    """The alerts of that kind with these fields."""
    return [one for one in found if one.kind == kind and all(getattr(one, k) == v for k, v in fields.items())]


def test_a_company_in_which_nothing_happened_has_no_alert(quiet):
    found = watch(quiet)
    assert found.alerts == ()
    assert found.month == "2026-06"
    assert found.series > 10
    assert found.rate == 0.05


def test_the_rate_of_plain_limits_is_that_of_as_many_independent_charts(quiet):
    found = watch(quiet)
    assert found.alone == pytest.approx(1 - (1 - 0.0078) ** found.series, abs=0.05)


def test_a_month_of_unhappy_customers_is_an_alert_of_the_company_and_of_each_family(unhappy):
    found = of(alerts(unhappy), "outside", kpi="csat")
    assert {(one.dimension, one.member) for one in found} >= {("", ""), ("segment", "SMB"), ("segment", "Key")}
    whole = next(one for one in found if not one.member)
    assert (whole.severity, whole.side, whole.month, whole.since) == ("worse", "below", "2026-06", "2026-06")
    assert (whole.value, whole.rows) == (0, 120)
    asked = unhappy.kpi("csat", since="2024-06", until="2026-05")
    assert whole.center == pytest.approx(asked["value"][0])  # the 24 months before
    assert 0 < whole.low < whole.center < whole.high <= 1


def test_one_family_alone_is_named_and_the_other_is_not():
    found = of(alerts(opened(unhappy="SMB")), "outside", kpi="csat")
    assert "SMB" in {one.member for one in found}
    assert "Key" not in {one.member for one in found}


def test_the_sentence_says_figure_limits_and_level_and_what_happened(unhappy):
    whole = of(alerts(unhappy), "outside", kpi="csat", dimension="")[0]
    said = whole.said()
    assert said.startswith("CSAT ")
    assert "was 0.0% in 2026-06, below the limits of chance (" in said
    assert said.endswith("What happened about then: New carrier; Strike (SMB).")


def test_an_event_of_another_family_is_not_named(unhappy):
    assert of(alerts(unhappy), "outside", kpi="csat", member="Key")[0].events == ("New carrier",)
    assert of(alerts(unhappy), "outside", kpi="csat", member="SMB")[0].events == ("New carrier", "Strike")


def test_the_worst_come_first_and_the_company_before_its_parts(unhappy):
    order = [{"worse": 0, "data": 1, "better": 2}[one.severity] for one in alerts(unhappy)]
    assert order == sorted(order)


def test_the_chart_of_an_alert_ends_with_its_figure_and_its_limits(unhappy):
    one = of(alerts(unhappy), "outside", kpi="csat", dimension="")[0]
    drawn = chart(unhappy, one)
    last = drawn.iloc[-1]
    assert (last["period"], last["value"], bool(last["out"])) == ("2026-06", 0, True)
    assert (last["lower"], last["upper"], last["centre"]) == pytest.approx((one.low, one.high, one.center))
    assert drawn["lower"].isna().sum() == 12  # the first months have too few before them
    assert not drawn["out"].iloc[:-1].any()


def test_a_tenth_of_the_usual_rows_is_broken_data():
    found = alerts(opened(few=True))
    one = of(found, "broken", table="order_lines")[0]
    assert (one.severity, one.cause, one.value, one.month) == ("data", "rows", 12, "2026-06")
    assert one.said().startswith("order_lines: 12 rows came in 2026-06, where ")
    assert not of(found, "broken", table="surveys")


def test_a_column_suddenly_empty_is_broken_data():
    found = of(alerts(opened(blank=True)), "broken")
    assert [(one.table, one.column, one.cause) for one in found] == [("surveys", "touchpoint", "column")]
    assert (
        "the column touchpoint is empty in all 120 rows of 2026-06; usually 100.0% of them have it" in found[0].said()
    )


def test_a_table_that_is_silent_for_longer_than_ever_is_late():
    book = opened(silent=True)
    one = of(alerts(book), "late")[0]
    newest = book.panel("reviews")["published_on"].max()
    assert (one.table, one.day) == ("reviews", str(newest)[:10])
    assert one.value == (book.as_of - date.fromisoformat(one.day)).days
    assert one.since == "2025-12"


def test_a_day_after_the_data_makes_them_late_once_they_are_older_than_allowed(quiet):
    given = Settings(alerts=Alerting(lag_days=10))
    assert not of(alerts(quiet, given, date(2026, 7, 9)), "late")
    late = of(alerts(quiet, given, date(2026, 7, 11)), "late")
    assert {one.table for one in late} == {"order_lines", "surveys", "reviews"}
    assert "11 days ago; 10 days are allowed" in of(late, "late", table="order_lines")[0].said()


def test_rows_refused_at_the_import_beyond_one_in_twenty_are_said():
    frames = {"reviews": pd.DataFrame([{"review_id": f"r{i}", "published_on": date(2026, 6, 1 + i % 30),
                                        "rating": 9 if i < 10 else 4} for i in range(100)])}  # fmt: skip
    one = of(alerts(kpilib.open(frames)), "broken", cause="refused")[0]
    assert (one.table, one.value, one.rows) == ("reviews", 0.10, 100)
    assert one.said() == "reviews: 10.0% of 100 rows were refused at the import; no more than 5.0% is usual."


def aimed(value):
    """A table of targets: that share of satisfied customers in every month."""
    months = [date(2026, m, 1) for m in range(1, 7)]
    return {"targets": pd.DataFrame([{"kpi": "csat", "month": m, "value": value} for m in months])}


def test_a_target_missed_within_noise_is_no_alert_and_one_missed_beyond_it_is():
    near, far = opened(aimed(0.74)), opened(aimed(0.995))
    assert near.kpi("csat", since="2026-06")["value"][0] < 0.74
    assert not of(alerts(near), "target")
    one = of(alerts(far), "target")[0]
    assert (one.severity, one.center, one.since) == ("worse", 0.995, "2026-01")
    assert "the target of 99.5% is missed by" in one.said()
    assert one.said().endswith("It has been so since 2026-01.")


def test_a_target_that_is_reached_is_no_alert():
    assert not of(alerts(opened(aimed(0.5))), "target")


def test_a_total_is_judged_against_the_same_month_a_year_before():
    """A season of factor three every December is no alert; half the usual of a December is."""
    month = np.arange(36)
    revenue = 1000 * np.where(month % 12 == 11, 3.0, 1.0) * (1 + 0.02 * np.random.default_rng(2).normal(size=36))
    sums = np.stack([np.full(36, 50.0), revenue, np.ones(36), revenue**2, np.ones(36)])[:, None, :]
    made = figures([Row(CATALOGUE["revenue"], "", "", 36)], CATALOGUE["revenue"], sums, 30)
    assert made.form[0] == RELATIVE
    assert np.nanmax(np.abs(made.sheet.values)) < 0.15
    assert made.sheet.values[0, -1] == pytest.approx(2 * (revenue[35] - revenue[23]) / (revenue[35] + revenue[23]))
    assert made.unit(0, made.sheet.values[0, -1]) == pytest.approx(revenue[35])  # and back


def test_months_of_fewer_rows_than_the_minimum_have_no_figure():
    counts = np.array([[50.0] * 12 + [29.0, 30.0]])
    sums = np.stack([counts, counts / 2, counts, counts / 2, counts])
    made = figures([Row(CATALOGUE["csat"], "", "", 14)], CATALOGUE["csat"], sums, 30)
    assert made.form[0] == LEVEL
    assert np.isnan(made.own[0]).tolist() == [False] * 12 + [True, False]


def test_a_share_of_money_that_a_few_orders_make_is_not_watched():
    """Two orders of 1,000 among fifty of 1 are two in effect; fifty alike are fifty."""
    few, many = np.full((1, 14), 2050.0), np.full((1, 14), 50.0)
    for d, dd, known in ((few, np.full((1, 14), 2_000_050.0), False), (many, many, True)):
        made = figures([Row(CATALOGUE["margin_rate"], "", "", 14)], CATALOGUE["margin_rate"],
                       np.stack([many, d / 2, d, dd / 4, dd]), 30)  # fmt: skip
        assert np.isfinite(made.own).all() == known


def test_named_kpis_and_dimensions_alone_are_watched(quiet):
    given = Settings(alerts=Alerting(kpis=("csat",), by=()))
    assert watch(quiet, given).judged >= {"limits|csat|=|"}
    assert not any("segment" in one or "revenue" in one for one in watch(quiet, given).judged)


def test_a_kpi_that_is_none_is_refused_with_the_one_that_was_meant(quiet):
    with pytest.raises(UnknownName, match="Did you mean 'csat'"):
        watched(quiet, Options(kpis=("csta",)))


def test_settings_without_a_word_on_alerts_are_the_options_of_no_settings():
    assert options(Settings()) == options(None) == Options()


def test_a_figure_that_falls_is_worse_or_better_as_its_kpi_says(unhappy):
    one = Alert("outside", "worse", "2026-06", "2026-06", 0.3, 0.4, 0.6, 0.5, "csat", side="below")
    assert one.key == "limits|csat|=|below|2026-06"
    assert replace(one, month="2026-07").key == one.key
    assert {a.severity for a in alerts(unhappy) if a.kpi == "csat"} == {"worse"}


def test_every_alert_is_plain_json(unhappy):
    import json

    for one in alerts(unhappy):
        assert json.loads(json.dumps(one.described(), allow_nan=False))["key"] == one.key


def test_a_company_of_less_than_a_year_has_no_alert_and_says_so():
    found = watch(opened(months=9))
    assert found.alerts == ()
    assert found.series == 0


@pytest.mark.slow
def test_a_page_gets_its_alerts_without_a_database_or_a_statistics_library():
    code = (
        "import sys, kpilib; from kpilib.alerts.watch import alerts; book = kpilib.open('data/demo'); alerts(book);"
        "heavy = {'duckdb', 'ibis', 'statsmodels', 'scipy.stats', 'scipy.optimize', 'altair', 'smtplib'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", "import kpilib; kpilib.open('data/demo')"], check=True)
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.slow
def test_companies_in_which_nothing_changes_have_an_alarm_no_more_often_than_stated():
    """Four companies of the scenario `null`, a year of months each; `bench/alerts.py` asks a hundred."""
    from kpilib.alerts import arrived, series
    from kpilib.alerts.watch import _family
    from kpilib.demo.company import make
    from kpilib.stats import watching

    found = 0
    for seed in range(1, 5):
        book = kpilib.open(make(seed=seed, scale=0.12, scenario="null"))
        both = series.stacked([series.block(book, Options()), arrived.volumes(book, Options())])
        families = np.array([_family(row) for row in both.rows])
        found += sum(map(bool, watching.watch(both.sheet, families, np.full(4, 0.05 / 4)).alarms[-12:]))
    assert found <= 6  # of 48 at 5 %: 2.4 expected at most; more than 6 comes once in a hundred
