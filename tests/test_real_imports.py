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


@pytest.fixture(scope="module")
def olist(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Imported:
    return Imported(shared_data / "olist_sample", tmp_path_factory.mktemp("olist") / "out.duckdb")


@pytest.fixture(scope="module")
def hubspot(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Imported:
    return Imported(shared_data / "hubspot_fivetran", tmp_path_factory.mktemp("hubspot") / "out.duckdb")


@pytest.mark.parametrize(
    ("folder", "dialect"),
    [
        ("maven_crm", "maven"),
        ("salesforce_sdo", "salesforce"),
        ("salesforce_powerbi", "salesforce"),
        ("hubspot_fivetran", "hubspot"),
        ("olist_sample", "olist"),
    ],
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


def test_salesforce_leads_belong_to_the_first_campaign_they_were_a_member_of(sdo: Imported) -> None:
    leads = pd.read_csv(sdo.folder / "Lead.csv", dtype=str)
    members = pd.read_csv(sdo.folder / "CampaignMember.csv", dtype=str).dropna(subset="LeadId")
    first = members.drop_duplicates("LeadId").set_index("LeadId")["CampaignId"]
    wanted = leads["Id"].map(first).value_counts().to_dict()
    told = sdo.ask("SELECT campaign_id, count(*) FROM leads WHERE campaign_id IS NOT NULL GROUP BY 1")
    assert dict(told) == wanted
    assert sum(wanted.values()) == 31
    with duckdb.connect() as con:
        again = con.execute(
            "SELECT count(DISTINCT l.Id), count(DISTINCT m.CampaignId) FROM read_csv(?, all_varchar=true) l "
            "JOIN read_csv(?, all_varchar=true) m ON m.LeadId = l.Id",
            [str(sdo.folder / "Lead.csv"), str(sdo.folder / "CampaignMember.csv")],
        ).fetchone()
    assert again == (31, len(wanted))


def test_an_account_id_in_a_leads_company_is_not_taken_for_a_customer_won(sdo: Imported) -> None:
    """None of the sixty has converted, and Company holds one and the same account for all of them."""
    assert sdo.ask("SELECT count(*), count(customer_id), count(converted_on) FROM leads") == [(60, 0, 0)]
    assert sdo.ask("SELECT source, count(*) FROM leads GROUP BY 1 ORDER BY 1") == [
        ("Cold Call", 25), ("Online Form", 13), ("Referral", 22),
    ]  # fmt: skip


def test_salesforce_cases_keep_what_the_files_have_of_a_request_and_nothing_else(sdo: Imported) -> None:
    raw = pd.read_csv(sdo.folder / "Case.csv", dtype=str)
    assert sdo.ask(
        "SELECT count(customer_id), count(resolved_at), count(channel), count(first_reply_at), count(contacts), "
        "count(*) FILTER (WHERE severity = 'Medium'), CAST(min(opened_at) AS DATE)::VARCHAR FROM tickets"
    ) == [
        (int(raw["AccountId"].notna().sum()), int(raw["CloseDate__c"].notna().sum()), 0, 0, 0, 40,
         raw["createddate__c"].min())
    ]  # fmt: skip


def test_olist_orders_payments_and_reviews_sum_up_as_in_the_files(olist: Imported) -> None:
    assert olist.report.findings == ()
    assert olist.ask("SELECT count(*), round(sum(revenue), 2), count(DISTINCT order_id) FROM order_lines") == [
        (3397, 392_468.58, 2976)
    ]
    assert olist.ask("SELECT count(*), round(sum(amount), 2) FROM invoices") == [(3000, 468_087.37)]
    (found,) = olist.ask("SELECT count(*), avg(rating), avg(CASE WHEN rating >= 4 THEN 100.0 ELSE 0 END) FROM reviews")
    assert found == (2993, pytest.approx(4.0698, abs=5e-5), pytest.approx(76.612, abs=5e-4))


def test_an_olist_customer_is_who_ordered_and_lives_in_the_middle_of_its_zip_prefix(olist: Imported) -> None:
    """Two orders of one customer are one customer; prefixes keep their zeros, or Sao Paulo would be nowhere."""
    text = {"dtype": {"customer_zip_code_prefix": str, "geolocation_zip_code_prefix": str}}
    people = pd.read_csv(olist.folder / "olist_customers_dataset.csv", **text).drop_duplicates("customer_unique_id")
    places = pd.read_csv(olist.folder / "olist_geolocation_dataset.csv", **text)
    middle = places.groupby("geolocation_zip_code_prefix")[["geolocation_lat", "geolocation_lng"]].mean()
    wanted = people.join(middle, on="customer_zip_code_prefix").set_index("customer_unique_id").sort_index()
    told = olist.con.execute("SELECT * FROM customers ORDER BY customer_id").df().set_index("customer_id")
    assert len(told) == 2995
    assert told["region"].tolist() == wanted["customer_state"].tolist()
    assert (told["postal_code"].str.len() == 5).all()
    assert told["postal_code"].str.startswith("0").sum() == wanted["customer_zip_code_prefix"].str.startswith("0").sum()
    assert told["latitude"].to_numpy() == pytest.approx(wanted["geolocation_lat"].to_numpy(), nan_ok=True)
    assert told["longitude"].to_numpy() == pytest.approx(wanted["geolocation_lng"].to_numpy(), nan_ok=True)


def test_an_olist_review_names_its_product_only_where_the_order_had_one(olist: Imported) -> None:
    items = pd.read_csv(olist.folder / "olist_order_items_dataset.csv")
    reviews = pd.read_csv(olist.folder / "olist_order_reviews_dataset.csv")
    products = items.groupby("order_id")["product_id"].nunique()
    alone = reviews["order_id"].map(products) == 1
    assert olist.ask("SELECT count(product_id) FROM reviews") == [(int(alone.sum()),)]


def test_hubspot_e_mails_are_those_counted_in_the_events(hubspot: Imported) -> None:
    events = pd.read_csv(hubspot.folder / "email_event_data.csv", dtype=str)
    read = events[~((events["type"] == "OPEN") & (events["filtered_event"] == "true"))]
    wanted = read.groupby(["email_campaign_id", "type"])["sent_by_id"].nunique().unstack(fill_value=0)
    told = hubspot.ask(
        "SELECT campaign_id, CAST(month AS VARCHAR), sent, delivered, opened, clicked, unsubscribed FROM campaigns "
        "ORDER BY 1"
    )
    assert told == [
        ("2|2020-03-01", "2020-03-01", *(int(wanted.loc["2", t]) for t in ("SENT", "DELIVERED", "OPEN")), 0, 0),
        ("86863875|2020-04-01", "2020-04-01", 0, 0, int(wanted.loc["86863875", "OPEN"]), 0, 0),
    ]
    assert (told[0][2:5], told[1][4]) == ((4, 3, 4), 18)


def test_hubspot_tables_of_a_connector_come_in_whole(hubspot: Imported) -> None:
    accepted = {f.table: (f.accepted, f.refused) for f in hubspot.report.files}
    assert accepted == {
        "customers": (24, 0), "salespeople": (100, 0), "opportunities": (44, 0), "stage_changes": (14, 0),
        "tickets": (25, 0), "leads": (22, 0), "campaigns": (2, 0),
    }  # fmt: skip
    assert hubspot.ask("SELECT status, count(*), count(amount), count(stage) FROM opportunities GROUP BY 1") == [
        ("open", 44, 0, 0)
    ]
    assert hubspot.ask("SELECT count(first_reply_at), count(resolved_at) FROM tickets") == [(4, 23)]
    assert sum(f.rows for f in hubspot.report.findings if "no row of opportunities" in f.reason) == 14
