"""Exports with the headers that other systems write, a few rows each, through the import with no dialect named."""

from pathlib import Path

import duckdb
import pytest

from kpilib.sources.importing import import_folder
from kpilib.sources.report import Report

Rows = list[tuple]


def read(folder: Path, files: dict[str, str], *asked: str, **how: str) -> tuple[Report, *tuple[Rows, ...]]:
    """The report of an import of texts as files, and the answers to questions about what it wrote."""
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8-sig")
    report = import_folder(folder, folder / "out.duckdb", **how)
    with duckdb.connect(str(folder / "out.duckdb"), read_only=True) as con:
        return report, *(con.execute(sql).fetchall() for sql in asked)


DEALS = (
    "SELECT name, customer_id, status, amount, CAST(created_on AS VARCHAR), CAST(closed_on AS VARCHAR), "
    "CAST(expected_close_on AS VARCHAR), probability FROM opportunities ORDER BY opportunity_id"
)


def test_a_hubspot_export_closes_at_its_close_date_only_once_it_is_closed(tmp_path: Path) -> None:
    text = (
        "Record ID,Deal Name,Amount,Deal Stage,Close Date,Deal Owner,Company Name,Pipeline,Create Date\n"
        '1,Doors,"1,200.50",Closed Won (Sales),2026-03-04 10:00,Ann Lee,Acme,Sales,2026-01-02 09:30\n'
        "2,Locks,300,Closed Lost,2026-03-05 11:00,Ann Lee,Acme,Sales,2026-01-03 09:30\n"
        "3,Keys,,Contract sent,2026-05-06 12:00,Bo Ek,,Sales,2026-02-03 09:30\n"
    )
    report, deals, customers, people = read(
        tmp_path, {"hubspot-crm-exports-all-deals-2026-03-09.csv": text}, DEALS,
        "SELECT customer_id FROM customers", "SELECT owner_id FROM salespeople ORDER BY 1",
    )  # fmt: skip
    assert report.dialect == "hubspot"
    assert deals == [
        ("Doors", "Acme", "won", 1200.5, "2026-01-02", "2026-03-04", None, None),
        ("Locks", "Acme", "lost", 300.0, "2026-01-03", "2026-03-05", None, None),
        ("Keys", None, "open", None, "2026-02-03", None, "2026-05-06", None),
    ]
    assert (customers, people) == ([("Acme",)], [("Ann Lee",), ("Bo Ek",)])
    assert report.findings == ()


def test_a_hubspot_connectors_deal_is_what_the_probability_of_its_stage_says(tmp_path: Path) -> None:
    files = {
        "deal.csv": "deal_id,is_deleted,deal_pipeline_stage_id,owner_id,property_dealname,property_amount,"
        "property_closedate,property_createdate\n"
        "1,false,s1,7,Doors,100,2026-03-01 10:00:00,2026-01-01 10:00:00\n"
        "2,false,s2,7,Locks,200,2026-03-02 10:00:00,2026-01-01 10:00:00\n"
        "3,false,s3,7,Keys,300,2026-06-02 10:00:00,2026-01-01 10:00:00\n4,true,s1,7,Gone,9,,2026-01-01 10:00:00\n",
        "deal_pipeline_stage.csv": "stage_id,label,closed_won,is_closed,probability\n"
        "s1,Signed,TRUE,TRUE,1.0\ns2,Refused,FALSE,FALSE,0.0\ns3,Offer,FALSE,FALSE,0.4\n",
        "deal_company.csv": "company_id,deal_id\nc9,1\nc8,2\n",
        "owner.csv": "owner_id,email,first_name,last_name\n7,a@b.example,Ann,Lee\n8,b@b.example,,\n",
    }
    stages = "SELECT stage FROM opportunities ORDER BY opportunity_id"
    _, deals, named, people = read(tmp_path, files, DEALS, stages, "SELECT owner FROM salespeople ORDER BY owner_id")
    assert deals == [
        ("Doors", "c9", "won", 100.0, "2026-01-01", "2026-03-01", None, 1.0),
        ("Locks", "c8", "lost", 200.0, "2026-01-01", "2026-03-02", None, 0.0),
        ("Keys", None, "open", 300.0, "2026-01-01", None, "2026-06-02", 0.4),
    ]
    assert [s for (s,) in named] == ["Signed", "Refused", "Offer"]
    assert people == [("Ann Lee",), ("b@b.example",)]


def test_hubspot_events_are_counted_a_campaign_and_month_each_message_once(tmp_path: Path) -> None:
    head = "id,email_campaign_id,type,created,sent_by_id,sent_by_created,recipient,filtered_event\n"
    events = [
        "1,9,SENT,2026-01-30 10:00:00,,,a,", "2,9,SENT,2026-01-30 10:00:00,,,b,",
        "3,9,DELIVERED,2026-01-30 10:01:00,1,2026-01-30 10:00:00,a,",
        "4,9,OPEN,2026-02-02 10:01:00,1,2026-01-30 10:00:00,a,false",
        "5,9,OPEN,2026-02-03 10:01:00,1,2026-01-30 10:00:00,a,false",
        "6,9,OPEN,2026-02-03 10:01:00,2,2026-01-30 10:00:00,b,true",
        "7,9,CLICK,2026-02-03 10:02:00,1,2026-01-30 10:00:00,a,false",
        "8,9,SENT,2026-02-15 10:00:00,,,c,", "9,9,STATUSCHANGE,2026-02-16 10:00:00,,,c,",
    ]  # fmt: skip
    files = {
        "email_event.csv": head + "\n".join(events) + "\n",
        "email_campaign.csv": "id,name\n9,Spring\n",
        "email_event_status_change.csv": "id,portal_subscription_status\n9,UNSUBSCRIBED\n",
    }
    report, found = read(
        tmp_path, files,
        "SELECT campaign_id, campaign, CAST(month AS VARCHAR), sent, delivered, opened, clicked, unsubscribed "
        "FROM campaigns ORDER BY month",
    )  # fmt: skip
    assert found == [
        ("9|2026-01-01", "Spring", "2026-01-01", 2, 1, 1, 1, 0),
        ("9|2026-02-01", "Spring", "2026-02-01", 1, 0, 0, 0, 1),
    ]
    assert any("its 9 rows make 2 of campaigns, one for each campaign_id and month" in n for n in report.notes)


@pytest.mark.parametrize(
    ("file", "head"),
    [
        (
            "crm.lead.csv",
            "id,name,stage_id,user_id,team_id,partner_name,expected_revenue,probability,create_date,date_deadline,"
            "date_closed,lost_reason_id,source_id,active",
        ),
        (
            "Pistes et opportunités (crm.lead).csv",
            "ID externe,Opportunité,Étape,Vendeur,Équipe commerciale,Nom de la société,Revenu attendu,Probabilité,"
            "Créé le,Date de clôture prévue,Date de clôture,Motif de perte,Source,Actif",
        ),
    ],
)
def test_a_lost_odoo_opportunity_is_an_archived_one_in_either_language(tmp_path: Path, file: str, head: str):
    rows = [
        "l1,Doors,Won,Ann Lee,Sales,Acme,1200.5,100,2026-01-02 09:00:00,2026-03-10,2026-03-04 10:00:00,,Web,True",
        "l2,Locks,Qualified,Ann Lee,Sales,Acme,300,0,2026-01-03 09:00:00,,2026-02-04 10:00:00,Price,,False",
        "l3,Keys,Proposition,Marc Demo,Sales,Beta,500,40,2026-01-04 09:00:00,2026-06-10,,,,True",
    ]
    report, deals, told, people = read(
        tmp_path, {file: head + "\n" + "\n".join(rows) + "\n"}, DEALS,
        "SELECT stage, reason, owner_id FROM opportunities ORDER BY opportunity_id",
        "SELECT owner_id, team FROM salespeople",
    )  # fmt: skip
    assert report.dialect == "odoo"
    assert [d[:4] for d in deals] == [
        ("Doors", "Acme", "won", 1200.5), ("Locks", "Acme", "lost", 300.0), ("Keys", "Beta", "open", 500.0),
    ]  # fmt: skip
    assert [d[5] for d in deals] == ["2026-03-04", "2026-02-04", None]
    assert [d[7] for d in deals] == [1.0, 0.0, 0.4]
    assert told[1] == ("Qualified", "Price", "Ann Lee")
    assert sorted(people) == [("Ann Lee", "Sales"), ("Marc Demo", "Sales")]


def test_a_pipedrive_deal_closed_when_it_was_won_or_lost(tmp_path: Path) -> None:
    text = (
        "Deal - Title,Deal - Value,Deal - Currency of value,Deal - Stage,Deal - Status,Deal - Won time,"
        "Deal - Lost time,Deal - Lost reason,Deal - Organization,Deal - Deal created\n"
        "Doors,1200,EUR,Negotiation,Won,2026-03-04 10:00:00,,,Acme,2026-01-02 09:00:00\n"
        "Locks,300,EUR,Contact,Lost,,2026-02-04 10:00:00,Price,Acme,2026-01-03 09:00:00\n"
        "Keys,500,EUR,Offer,Open,,,,Beta,2026-01-04 09:00:00\n"
    )
    report, deals, keys = read(
        tmp_path, {"deals-123-4.csv": text}, DEALS, "SELECT opportunity_id, reason FROM opportunities ORDER BY 1"
    )
    assert (report.dialect, report.currency) == ("pipedrive", "EUR")
    assert deals == [
        ("Doors", "Acme", "won", 1200.0, "2026-01-02", "2026-03-04", None, None),
        ("Locks", "Acme", "lost", 300.0, "2026-01-03", "2026-02-04", None, None),
        ("Keys", "Beta", "open", 500.0, "2026-01-04", None, None, None),
    ]
    assert keys[1] == ("deals-123-4.csv:3", "Price")  # the list shows no key: the row's own number


def test_zoho_amounts_in_thousands_and_three_date_styles_in_one_export_are_read(tmp_path: Path) -> None:
    text = (
        "Potential Name,Potential Owner,Created Time,Closing Date,Amount,Expected Revenue,Stage,Forecast Type,Type,"
        "Lead Source,Probability\n"
        "Doors,Ann,2026-01-02 09:00:00,13/03/2026,$342.09K,$342.09K,Closed Won,,New,Web,100\n"
        "Locks,Ann,03-Jan-2026,14/03/2026,$1.5M,,Closed Lost to Competition,,New,Web,0\n"
        'Keys,Bo,"Jan 4, 2026",15/06/2026,$900,,Negotiation/Review,,New,Fair,40\n'
    )
    report, deals = read(tmp_path, {"Potentials_001.csv": text}, DEALS)
    assert (report.dialect, report.currency) == ("zoho", "USD")
    assert deals == [
        ("Doors", None, "won", 342_090.0, "2026-01-02", "2026-03-13", None, 1.0),
        ("Locks", None, "lost", 1_500_000.0, "2026-01-03", "2026-03-14", None, 0.0),
        ("Keys", None, "open", 900.0, "2026-01-04", None, "2026-06-15", 0.4),
    ]


def test_dynamics_money_with_signs_and_american_dates_are_read(tmp_path: Path) -> None:
    text = (
        "(Do Not Modify) Opportunity,(Do Not Modify) Row Checksum,(Do Not Modify) Modified On,Created On,Topic,Owner,"
        "Potential Customer,Status,Status Reason,Est. revenue,Est. close date,Actual Revenue,Actual Close Date,"
        "Probability,Rating,Sales Stage\n"
        'g1,x,1/5/2026 10:00,1/31/2026 9:00,Doors,Ann,Acme,Won,Won,"$7,450,000.00 ",3/1/2026,"$7,000,000.00 ",3/4/2026,'
        "100,Hot,4-Close\n"
        'g2,x,1/5/2026 10:00,2/1/2026 9:00,Locks,Ann,Acme,Lost,Canceled,"$300.00 ",3/2/2026,,3/5/2026,0,Cold,1-Qual\n'
        'g3,x,1/5/2026 10:00,2/2/2026 9:00,Keys,Bo,Beta,Open,In Progress,"$500.00 ",6/2/2026,,,40,Warm,2-Develop\n'
    )
    report, deals, stages = read(
        tmp_path,
        {"All Opportunities.csv": text},
        DEALS,
        "SELECT stage, reason FROM opportunities ORDER BY opportunity_id",
    )
    assert (report.dialect, report.currency) == ("dynamics", "USD")
    assert [(d[0], d[1], d[2], d[3], d[4], d[5]) for d in deals] == [
        ("Doors", "Acme", "won", 7_000_000.0, "2026-01-31", "2026-03-04"),
        ("Locks", "Acme", "lost", 300.0, "2026-02-01", "2026-03-05"),
        ("Keys", "Beta", "open", 500.0, "2026-02-02", None),
    ]
    assert stages == [("4-Close", "Won"), ("1-Qual", "Canceled"), ("2-Develop", None)]


def test_a_salesforce_case_was_answered_by_the_first_mail_that_went_out(tmp_path: Path) -> None:
    files = {
        "Case.csv": "Id,AccountId,ContactId,Origin,Priority,CreatedDate,ClosedDate\n"
        "500a,,003a,Email,High,2026-01-02T09:00:00.000Z,2026-01-04T09:00:00.000Z\n"
        "500b,001b,,Phone,Low,2026-01-03T09:00:00.000Z,\n",
        "Contact.csv": "Id,AccountId\n003a,001a\n",
        "EmailMessage.csv": "Id,ParentId,Incoming,MessageDate\n"
        "1,500a,1,2026-01-02T09:00:00.000Z\n2,500a,0,2026-01-02T12:00:00.000Z\n3,500a,0,2026-01-02T11:00:00.000Z\n"
        "4,500a,1,2026-01-03T11:00:00.000Z\n",
    }
    _, tickets = read(
        tmp_path, files,
        "SELECT ticket_id, customer_id, channel, severity, CAST(first_reply_at AS VARCHAR), contacts FROM tickets "
        "ORDER BY 1",
    )  # fmt: skip
    assert tickets == [
        ("500a", "001a", "Email", "High", "2026-01-02 11:00:00", 2),
        ("500b", "001b", "Phone", "Low", None, None),
    ]
