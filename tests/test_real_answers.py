"""Figures of real exports through the product's own path: files, import, cubes, book. True values from elsewhere."""

import duckdb
import pandas as pd
import pytest

import kpilib


@pytest.fixture(scope="module")
def salesforce(shared_data):
    return kpilib.open(shared_data / "salesforce_sdo")


@pytest.fixture(scope="module")
def olist(shared_data):
    return kpilib.open(shared_data / "olist_sample")


def one(answer: pd.DataFrame, column: str = "value") -> float:
    assert len(answer) == 1
    return float(answer[column].iloc[0])


def by(book, key: str, dimension: str, **how) -> dict[str, float]:
    answer = book.kpi(key, by=dimension, **how)
    return answer.set_index("group")["value"].dropna().to_dict()


def test_maven_speaks_of_the_last_day_of_its_data(maven):
    assert str(maven.as_of) == "2017-12-31"
    assert maven.currency == "USD"


def test_maven_win_rate_and_its_counts(maven):
    answer = maven.kpi("win_rate").iloc[0]
    assert (answer["numerator"], answer["denominator"]) == (4238, 4238 + 2473)
    assert answer["value"] == pytest.approx(0.631501, abs=5e-7)


def test_maven_won_value_and_mean_deal(maven):
    assert one(maven.kpi("won_amount")) == 10_005_534
    assert one(maven.kpi("average_deal")) == pytest.approx(2360.91, abs=0.005)


def test_maven_median_won_deal_from_the_records_behind_the_mean(maven):
    rows = maven.rows("average_deal", limit=None)
    assert len(rows) == 4238
    assert rows["amount"].median() == 1117


def test_maven_cycles(maven):
    assert one(maven.kpi("sales_cycle")) == pytest.approx(51.78, abs=0.005)
    assert one(maven.kpi("sales_cycle", variant="all_closed")) == pytest.approx(47.985, abs=0.0005)


def test_maven_sellers(maven):
    assert by(maven, "won_amount", "owner")["Darcel Schlecht"] == 1_153_214
    rates = maven.kpi("win_rate", by="owner").set_index("group")
    best = rates["value"].idxmax()
    assert (best, rates.loc[best, "numerator"], rates.loc[best, "denominator"]) == ("Hayden Neloms", 107, 152)
    assert rates.loc[best, "value"] == pytest.approx(0.7039, abs=5e-5)


@pytest.mark.parametrize("dimension", ["region", "sales_region"])
def test_maven_regions_are_those_of_the_sellers(maven, dimension):
    assert by(maven, "won_amount", dimension) == {"West": 3_568_647, "Central": 3_346_293, "East": 3_090_594}


def test_maven_quarters(maven):
    won = maven.kpi("won_amount", period="quarter", since="2017").set_index("period")["value"]
    assert won.to_dict() == {"2017Q1": 1_134_672, "2017Q2": 3_086_111, "2017Q3": 2_982_255, "2017Q4": 2_802_496}
    rates = maven.kpi("win_rate", period="quarter", since="2017")["value"]
    assert (rates * 100).round(2).tolist() == [82.07, 61.71, 61.41, 60.25]


def test_maven_product_names_that_differ_between_files_meet(maven):
    products = by(maven, "won_amount", "product")
    assert products["GTX Pro"] == 3_510_578
    assert "(not given)" not in products


def test_maven_sectors_with_the_typing_error_mended(maven):
    sectors = by(maven, "won_amount", "industry")
    assert sectors["retail"] == 1_867_528
    assert "technolgy" not in sectors


def test_maven_open_deals_and_the_old_ones_among_them(maven):
    assert one(maven.kpi("open_opportunities")) == 2089
    now = maven.panel("opportunity_months", since="2017-12", until="2017-12")
    assert len(now) == 2089
    assert ((now["stage"] == "Engaging") & (now["age"] > 90)).sum() == 1479


def test_salesforce_counts_and_amounts(salesforce):
    answer = salesforce.kpi("win_rate").iloc[0]
    assert (answer["numerator"], answer["denominator"]) == (12, 15)
    assert one(salesforce.kpi("won_amount")) == pytest.approx(10_542_562.98)
    assert salesforce.panel("deals")["amount"].sum() == pytest.approx(43_603_545.98)
    assert one(salesforce.kpi("weighted_pipeline")) == pytest.approx(926_749.785)


def test_salesforce_cases_closed_before_they_were_created_are_named(shared_data, tmp_path):
    from kpilib.sources.importing import import_folder

    path = tmp_path / "sdo.duckdb"
    report = import_folder(shared_data / "salesforce_sdo", path)
    with duckdb.connect(str(path), read_only=True) as con:
        rows = con.execute(
            "SELECT DISTINCT file, row FROM flagged WHERE table_name = 'tickets' AND reason LIKE '%resolved%'"
        )
        flagged = rows.fetchall()
    assert len(flagged) == 14
    assert "resolved before" in report.text()


def test_salesforce_impossible_durations_count_in_no_cycle(salesforce):
    answer = salesforce.kpi("sales_cycle").iloc[0]
    assert answer["rows"] == 0  # every closed deal of this sample was created, by its record, after it closed


def test_the_refused_rows_of_an_import_are_a_kpi(maven):
    tables = maven.kpi("refused_rate", by="table_name").set_index("group")
    assert tables.loc["opportunities", "denominator"] == 8800
    assert tables["value"].tolist() == [0] * len(tables)


def test_olist_deliveries_late_by_the_minute_and_by_the_day(olist, shared_data):
    orders = pd.read_csv(shared_data / "olist_sample" / "olist_orders_dataset.csv")
    came = pd.to_datetime(orders["order_delivered_customer_date"])
    promised = pd.to_datetime(orders["order_estimated_delivery_date"])
    answer = olist.kpi("on_time_delivery").iloc[0]
    assert (answer["numerator"], answer["denominator"]) == (2904 - int((came > promised).sum()), came.notna().sum())
    assert 100 * (1 - answer["value"]) == pytest.approx(7.9545, abs=5e-5)
    by_day = one(olist.kpi("on_time_delivery", variant="by_day"))
    assert by_day == pytest.approx(1 - float((came.dt.normalize() > promised).sum()) / 2904)


def test_olist_goods_customers_and_stars(olist):
    assert one(olist.kpi("revenue")) == pytest.approx(392_468.58)
    assert len(olist.panel("customer_lives")) == 2995
    assert olist.currency == "BRL"
    assert one(olist.kpi("review_rating")) == pytest.approx(4.0698, abs=5e-5)
