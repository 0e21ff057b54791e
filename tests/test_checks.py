"""Every check, provoked by a row that fails it beside a row that does not; what is done is what the check declares."""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from kpilib.model.tables import TABLES
from kpilib.sources import checks
from kpilib.sources.importing import import_folder

#: By (table, check): a header, a row that passes, a row that fails, and the text that fails.
CASES: dict[tuple[str, str], tuple[str, str, str, str]] = {
    ("customers", "lost_before_acquired"): (
        "customer_id,acquired_on,churned_on", "a,2025-01-01,2025-02-01", "b,2025-03-01,2025-02-28", "2025-02-28",
    ),
    ("opportunities", "close_before_creation"): (
        "opportunity_id,status,created_on,closed_on", "a,won,2025-01-01,2025-01-01", "b,won,2025-01-02,2025-01-01",
        "2025-01-01",
    ),
    ("opportunities", "closed_without_date"): (
        "opportunity_id,status,closed_on", "a,lost,2025-01-01", "b,lost,", "",
    ),
    ("opportunities", "open_with_date"): (
        "opportunity_id,status,closed_on", "a,open,", "b,open,2025-01-01", "2025-01-01",
    ),
    ("order_lines", "negative_quantity"): (
        "line_id,customer_id,ordered_on,quantity,revenue", "a,c,2025-01-01,-1,-5", "b,c,2025-01-01,-2,5", "-2",
    ),
    ("order_lines", "delivered_before_order"): (
        "line_id,customer_id,ordered_on,quantity,revenue,delivered_on",
        "a,c,2025-01-02,1,5,2025-01-02 00:00", "b,c,2025-01-02,1,5,2025-01-01 23:00", "2025-01-01 23:00",
    ),
    ("invoices", "paid_before_issue"): (
        "invoice_id,customer_id,issued_on,due_on,paid_on,amount", "a,c,2025-01-01,2025-02-01,2025-01-01,5",
        "b,c,2025-01-02,2025-02-01,2025-01-01,5", "2025-01-01",
    ),
    ("invoices", "due_before_issue"): (
        "invoice_id,customer_id,issued_on,due_on,amount", "a,c,2025-01-01,2025-01-01,5",
        "b,c,2025-01-02,2025-01-01,5", "2025-01-01",
    ),
    ("surveys", "score_off_scale"): (
        "response_id,metric,sent_on,score", "a,nps,2025-01-01,6", "b,csat,2025-01-01,6", "6",
    ),
    ("surveys", "answered_before_sent"): (
        "response_id,metric,sent_on,answered_on,score", "a,nps,2025-01-01,2025-01-01,6",
        "b,nps,2025-01-02,2025-01-01,6", "2025-01-01",
    ),
    ("tickets", "replied_before_opened"): (
        "ticket_id,opened_at,first_reply_at", "a,2025-01-01 10:00,2025-01-01 10:00",
        "b,2025-01-01 10:00,2025-01-01 09:59", "2025-01-01 09:59",
    ),
    ("tickets", "resolved_before_opened"): (
        "ticket_id,opened_at,resolved_at", "a,2025-01-01 10:00,2025-01-01 10:00",
        "b,2025-01-01 10:00,2025-01-01 09:59", "2025-01-01 09:59",
    ),
    ("leads", "converted_before_created"): (
        "lead_id,created_on,converted_on", "a,2025-01-01,2025-01-01", "b,2025-01-02,2025-01-01", "2025-01-01",
    ),
    ("actions", "ended_before_begun"): (
        "action_id,done_on,action,until", "a,2025-01-01,x,2025-01-01", "b,2025-01-02,x,2025-01-01", "2025-01-01",
    ),
    ("actions", "unknown_kpi"): (
        "action_id,done_on,action,kpi", "a,2025-01-01,x,win_rate", "b,2025-01-01,x,won_rate", "won_rate",
    ),
    ("actions", "half_a_slice"): (
        "action_id,done_on,action,dimension,member", "a,2025-01-01,x,team,East", "b,2025-01-01,x,team,", "",
    ),
    ("campaigns", "delivered_over_sent"): (
        "campaign_id,month,sent,delivered", "a,2025-01-01,5,5", "b,2025-01-01,5,6", "6",
    ),
    ("campaigns", "opened_over_delivered"): (
        "campaign_id,month,delivered,opened", "a,2025-01-01,5,5", "b,2025-01-01,5,6", "6",
    ),
    ("campaigns", "clicked_over_opened"): (
        "campaign_id,month,opened,clicked", "a,2025-01-01,5,5", "b,2025-01-01,5,6", "6",
    ),
    ("campaigns", "unsubscribed_over_delivered"): (
        "campaign_id,month,delivered,unsubscribed", "a,2025-01-01,5,5", "b,2025-01-01,5,6", "6",
    ),
    ("opportunities", "missing_key"): ("opportunity_id,status", "a,open", ",open", ""),
    ("opportunities", "missing"): ("opportunity_id,status", "a,open", "b,", ""),
    ("opportunities", "not_in_list"): ("opportunity_id,status", "a,OPEN", "b,maybe", "maybe"),
    ("opportunities", "unreadable"): (
        "opportunity_id,status,amount", "a,open,5", "b,open,five", "five",
    ),
    ("opportunities", "out_of_bounds"): ("opportunity_id,status,amount", "a,open,0", "b,open,-1", "-1"),
    ("reviews", "out_of_bounds"): ("review_id,published_on,rating", "a,2025-01-01,5", "b,2025-01-01,6", "6"),
    ("activities", "unreadable"): ("activity_id,done_on", "a,2025-01-01", "b,last week", "last week"),
    ("order_lines", "not_in_list"): (
        "line_id,customer_id,ordered_on,quantity,revenue,kind",
        "a,c,2025-01-01,1,5,repeat", "b,c,2025-01-01,1,5,odd", "odd",
    ),
    ("invoices", "other_currency"): (
        "invoice_id,customer_id,issued_on,due_on,amount,currency",
        "a,c,2025-01-01,2025-01-01,5,EUR\na2,c,2025-01-01,2025-01-01,5,€", "b,c,2025-01-01,2025-01-01,5,USD", "USD",
    ),
    ("invoices", "no_currency"): (
        "invoice_id,customer_id,issued_on,due_on,amount,currency",
        "a,c,2025-01-01,2025-01-01,5,EUR", "b,c,2025-01-01,2025-01-01,5,", "",
    ),
    ("activities", "future"): ("activity_id,done_on", "a,2025-06-30", "b,2025-07-01", "2025-07-01"),
}  # fmt: skip
AS_OF = "2025-06-30"


def _run(tmp_path: Path, table: str, text: str, **files: str) -> duckdb.DuckDBPyConnection:
    folder = tmp_path / "in"
    folder.mkdir()
    for name, content in {table: text, **files}.items():
        (folder / f"{name}.csv").write_text(content + "\n", encoding="utf-8")
    import_folder(folder, tmp_path / "out.duckdb", dialect="model", as_of=AS_OF)
    return duckdb.connect(str(tmp_path / "out.duckdb"), read_only=True)


@pytest.mark.parametrize(("table", "name"), sorted(CASES))
def test_the_failing_row_is_met_and_the_passing_row_is_not(tmp_path: Path, table: str, name: str) -> None:
    header, good, bad, value = CASES[table, name]
    con = _run(tmp_path, table, f"{header}\n{good}\n{bad}")
    action = next(c.action for c in checks.row_checks(TABLES[table], "EUR", AS_OF) if c.name == name)
    row = good.count("\n") + 3
    if action == "refused":
        told = con.execute("SELECT table_name, file, \"row\", coalesce(value, '') FROM refused").fetchall()
    else:
        told = con.execute(
            "SELECT table_name, file, \"row\", coalesce(value, '') FROM flagged WHERE action = ?", [action]
        )
        told = told.fetchall()
    assert told == [(table, f"{table}.csv", row, value)]
    kept = [key for (key,) in con.execute(f"SELECT {TABLES[table].key} FROM {table} ORDER BY 1").fetchall()]
    assert kept == [line.split(",")[0] for line in good.split("\n")] + ([] if action == "refused" else ["b"])


def test_every_declared_check_has_a_case() -> None:
    assert {(c.table, c.name) for c in checks.DECLARED} <= set(CASES)
    assert {c.name for c in checks.all_checks()} == {name for _, name in CASES}


def test_every_check_is_one_condition_over_columns_of_its_table_and_says_what_it_is() -> None:
    for check in checks.all_checks():
        assert check.column in TABLES[check.table].names
        assert check.sentence == check.sentence.strip()
        assert check.action in ("refused", "emptied", "kept")


def test_no_table_has_more_checks_than_the_bit_field_holds() -> None:
    for table in TABLES.values():
        assert len(checks.row_checks(table, "EUR", AS_OF)) <= 62


def test_an_emptied_value_leaves_its_row_and_its_text_behind(tmp_path: Path) -> None:
    con = _run(tmp_path, "opportunities", "opportunity_id,status,amount,probability\na,open,five,0.5\nb,open,7,-0.5")
    rows = con.execute("SELECT opportunity_id, amount, probability FROM opportunities ORDER BY 1").fetchall()
    told = con.execute('SELECT "row", column_name, value, action, reason FROM flagged ORDER BY 1').fetchall()
    assert rows == [("a", None, 0.5), ("b", 7.0, None)]
    assert told[0] == (2, "amount", "five", "emptied", "not readable as an amount")
    assert told[1] == (3, "probability", "-0.5", "emptied", "outside its range (0 to 1)")


def test_of_two_rows_with_one_key_the_first_stays_and_the_second_is_refused_with_its_whole_record(
    tmp_path: Path,
) -> None:
    con = _run(tmp_path, "customers", "customer_id,name\na,First\nb,Other\na,Second")
    assert con.execute("SELECT * FROM (SELECT customer_id, name FROM customers) ORDER BY 1").fetchall() == [
        ("a", "First"), ("b", "Other"),
    ]  # fmt: skip
    told = con.execute('SELECT "row", reason, column_name, value, record FROM refused').fetchall()
    assert told == [
        (4, "a second row with the same key", "customer_id", "a", '{"customer_id":"a","name":"Second"}'),
    ]  # fmt: skip


def test_a_second_row_stays_where_the_first_was_refused_for_another_reason(tmp_path: Path) -> None:
    con = _run(tmp_path, "opportunities", "opportunity_id,status\na,maybe\na,open")
    assert con.execute("SELECT opportunity_id, status FROM opportunities").fetchall() == [("a", "open")]


def test_an_unknown_key_is_kept_and_flagged_and_only_where_the_other_table_is_there(tmp_path: Path) -> None:
    deals = "opportunity_id,status,customer_id,owner_id\na,open,known,anyone\nb,open,nobody,anyone"
    con = _run(tmp_path, "opportunities", deals, customers="customer_id\nknown")
    assert con.execute("SELECT count(*) FROM opportunities").fetchone() == (2,)
    told: Any = con.execute('SELECT "row", column_name, value, reason, action FROM flagged').fetchall()
    assert told == [(3, "customer_id", "nobody", "an unknown key: no row of customers has it", "kept")]


def test_a_row_refused_for_two_reasons_is_one_refused_row_with_the_first_reason(tmp_path: Path) -> None:
    con = _run(tmp_path, "opportunities", "opportunity_id,status,amount\n,maybe,-5")
    assert con.execute("SELECT reason, column_name FROM refused").fetchall() == [("a missing key", "opportunity_id")]
    assert con.execute("SELECT count(*) FROM flagged").fetchone() == (0,)


def test_a_line_that_cannot_be_split_is_refused_and_counted_as_read(tmp_path: Path) -> None:
    con = _run(tmp_path, "customers", "customer_id,name\na,A\nb,B,surplus,more\nc,C")
    assert con.execute("SELECT rows_read, accepted, refused FROM imports").fetchall() == [(3, 2, 1)]
    told = con.execute('SELECT file, "row", reason FROM refused').fetchall()
    assert told == [("customers.csv", 3, "a line that could not be split into its columns")]


def test_findings_count_every_row_and_show_the_first_three(tmp_path: Path) -> None:
    rows = "\n".join(f"k{i},maybe{i}" for i in range(5))
    con = _run(tmp_path, "opportunities", f"opportunity_id,status\nx,open\n{rows}")
    ((reason, count, action, examples),) = con.execute(
        'SELECT reason, "rows", action, examples FROM findings'
    ).fetchall()
    assert (reason, count, action) == ("not one of open, won, lost", 5, "refused")
    assert examples == (
        '[{"file":"opportunities.csv","row":3,"value":"maybe0"},{"file":"opportunities.csv","row":4,"value":"maybe1"},'
        '{"file":"opportunities.csv","row":5,"value":"maybe2"}]'
    )
