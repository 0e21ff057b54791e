"""Real exports through the whole import: the sums are those that plain pandas finds in the files (see their README)."""

from pathlib import Path

import duckdb
import pandas as pd
import pytest

from kpilib.sources.importing import import_folder, propose
from kpilib.sources.report import Report

pytestmark = pytest.mark.slow


class Imported:
    """A folder of the sample exports, imported with no dialect named."""

    def __init__(self, folder: Path, into: Path) -> None:
        self.folder = folder
        self.report: Report = import_folder(folder, into)
        self.con = duckdb.connect(str(into), read_only=True)

    def ask(self, sql: str) -> list[tuple]:
        return self.con.execute(sql).fetchall()


@pytest.fixture(scope="module")
def maven(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Imported:
    return Imported(shared_data / "maven_crm", tmp_path_factory.mktemp("maven") / "out.duckdb")


@pytest.fixture(scope="module")
def sdo(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Imported:
    return Imported(shared_data / "salesforce_sdo", tmp_path_factory.mktemp("sdo") / "out.duckdb")


@pytest.fixture(scope="module")
def powerbi(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Imported:
    return Imported(shared_data / "salesforce_powerbi", tmp_path_factory.mktemp("powerbi") / "out.duckdb")


@pytest.mark.parametrize(
    ("folder", "dialect"),
    [("maven_crm", "maven"), ("salesforce_sdo", "salesforce"), ("salesforce_powerbi", "salesforce")],
)
def test_the_best_fit_is_clear_and_right(shared_data: Path, folder: str, dialect: str) -> None:
    proposal = propose(shared_data / folder)
    assert proposal.clear
    assert proposal.best.dialect.name == dialect


def test_maven_is_accepted_whole(maven: Imported) -> None:
    deals = maven.report.rows("opportunities")
    assert (maven.report.dialect, deals.rows, deals.accepted, deals.refused) == ("maven", 8800, 8800, 0)
    assert maven.report.findings == ()
    assert (maven.report.as_of, maven.report.currency) == ("2017-12-31", "USD")


def test_maven_won_lost_and_open_deals_are_those_of_the_file(maven: Imported) -> None:
    assert maven.ask("SELECT status, count(*), sum(amount) FROM opportunities GROUP BY 1 ORDER BY 1") == [
        ("lost", 2473, None), ("open", 2089, None), ("won", 4238, 10005534.0),
    ]  # fmt: skip


def test_no_maven_deal_is_lost_when_joined_to_its_product(maven: Imported) -> None:
    joined = "SELECT sum(amount) FROM opportunities JOIN products USING (product_id) WHERE status = 'won'"
    assert maven.ask(joined) == [(10005534.0,)]
    assert maven.ask("SELECT sum(amount) FROM opportunities WHERE product_id = 'GTX Pro' AND status = 'won'") == [
        (3510578.0,)
    ]


def test_maven_sectors_are_spelt_right_and_regions_come_with_the_agents(maven: Imported) -> None:
    retail = "SELECT sum(amount) FROM opportunities JOIN customers USING (customer_id) WHERE industry = 'retail'"
    regions = (
        "SELECT s.region, sum(amount) FROM opportunities JOIN salespeople s USING (owner_id) "
        "WHERE status = 'won' GROUP BY 1 ORDER BY 1"
    )
    assert maven.ask(retail) == [(1867528.0,)]
    assert maven.ask("SELECT count(*) FROM customers WHERE industry = 'technology'") == [(12,)]
    assert maven.ask(regions) == [("Central", 3346293.0), ("East", 3090594.0), ("West", 3568647.0)]


def test_salesforce_deals_sum_up_as_in_the_file(sdo: Imported) -> None:
    won = sdo.ask("SELECT status, count(*), round(sum(amount), 2) FROM opportunities GROUP BY 1 ORDER BY 1")
    assert [(s, n) for s, n, _ in won] == [("lost", 3), ("open", 35), ("won", 12)]
    assert won[2][2] == 10_542_562.98
    assert sdo.ask("SELECT round(sum(amount), 2) FROM opportunities") == [(43_603_545.98,)]
    weighted = sdo.ask("SELECT sum(amount * probability) FROM opportunities WHERE status = 'open'")[0][0]
    assert weighted == pytest.approx(926_749.785, abs=1e-6)


def test_a_salesforce_close_date_is_a_fact_only_once_the_deal_is_closed(sdo: Imported) -> None:
    assert sdo.ask(
        "SELECT status = 'open', count(closed_on), count(expected_close_on) FROM opportunities GROUP BY 1 ORDER BY 1"
    ) == [(False, 15, 0), (True, 0, 35)]


def test_salesforce_stages_keep_the_order_of_the_funnel(sdo: Imported) -> None:
    stages = dict(sdo.ask("SELECT key, value FROM settings"))["stages"]
    assert stages == '["Discovery", "Qualification", "Proposal/Quote", "Negotiation", "Closed Won", "Closed Lost"]'


def test_the_fourteen_cases_closed_before_they_were_created_are_flagged_by_row(sdo: Imported) -> None:
    raw = pd.read_csv(sdo.folder / "Case.csv", dtype=str)
    odd = raw[pd.to_datetime(raw["CloseDate__c"]) < pd.to_datetime(raw["createddate__c"])]
    told = sdo.ask("SELECT \"row\", value FROM flagged WHERE reason = 'resolved before it was opened' ORDER BY 1")
    assert len(told) == 14
    assert told == [(i + 2, odd.loc[i, "CloseDate__c"]) for i in odd.index]
    assert sdo.ask("SELECT count(*) FROM tickets") == [(40,)]


def test_salesforce_tasks_point_at_accounts_and_say_their_kind(sdo: Imported) -> None:
    raw = pd.read_csv(sdo.folder / "Task.csv", dtype=str)
    kinds = sdo.ask("SELECT kind, count(*) FROM activities GROUP BY 1 ORDER BY 1")
    assert dict(kinds) == raw["Type__c"].value_counts().to_dict()
    assert sdo.ask("SELECT count(customer_id), count(opportunity_id) FROM activities") == [
        (
            int(raw["AccountId"].fillna(raw["WhatId"]).str.startswith("001").sum()),
            int(raw["WhatId"].str.startswith("006").sum()),
        )
    ]


def test_american_dates_are_read_month_first_because_a_neighbour_proves_it(powerbi: Imported) -> None:
    assert powerbi.report.rows("opportunities").accepted == 36
    assert powerbi.report.rows("stage_changes").accepted == 48
    assert powerbi.ask("SELECT status, count(*), sum(amount) FROM opportunities GROUP BY 1 ORDER BY 1") == [
        ("lost", 8, 830000.0), ("open", 16, 2115000.0), ("won", 12, 2815000.0),
    ]  # fmt: skip
    assert powerbi.ask(
        "SELECT CAST(min(entered_on) AS VARCHAR), CAST(max(entered_on) AS VARCHAR) FROM stage_changes"
    ) == [("2026-02-23 20:55:00", "2026-03-07 21:00:00")]


def test_leads_without_a_creation_date_are_left_out_and_said(powerbi: Imported) -> None:
    assert "leads" not in powerbi.report.tables
    assert any(note.startswith("Lead.csv was left out: leads needs created_on") for note in powerbi.report.notes)
