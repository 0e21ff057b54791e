"""Rows made one: in a file that names a thing many times, and in a file that is looked up."""

from pathlib import Path

import duckdb
import pytest

from kpilib.sources.importing import import_folder
from kpilib.sources.report import Report


def read(folder: Path, dialect: str, files: dict[str, str], sql: str) -> tuple[Report, list[tuple]]:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text + "\n")
    (folder / "mine.toml").write_text(dialect)
    report = import_folder(folder, folder / "out.duckdb", dialect=folder / "mine.toml")
    with duckdb.connect(str(folder / "out.duckdb"), read_only=True) as con:
        return report, con.execute(sql).fetchall()


VISITS = """
[customers]
files = "visits"
gather = ["customer_id"]
[customers.columns]
customer_id = "who"
city = "city"
acquired_on = { column = "day", take = "min" }
latitude = { column = "lat", take = "mean" }
segment = { column = "kind", take = "same" }
"""


def test_rows_that_agree_become_one_with_the_first_filled_value_or_the_one_asked_for(tmp_path: Path) -> None:
    visits = (
        "who,city,day,lat,kind\na,,2026-01-05,10,x\na,Lyon,2026-01-03,20,x\na,Nice,2026-01-09,,x\n"
        "b,Metz,2026-02-01,5,x\nb,,2026-02-02,,y\n,Brest,2026-03-01,1,x"
    )
    sql = "SELECT customer_id, city, CAST(acquired_on AS VARCHAR), latitude, segment FROM customers ORDER BY 1"
    report, rows = read(tmp_path, VISITS, {"visits": visits}, sql)
    assert rows == [("a", "Lyon", "2026-01-03", 15.0, "x"), ("b", "Metz", "2026-02-01", 5.0, None)]
    assert "visits.csv: its 6 rows make 2 of customers, one for each customer_id; a row without one makes none" in (
        report.notes
    )
    assert (report.rows("customers").accepted, report.rows("customers").refused) == (2, 0)


CAMPAIGNS = """
[campaigns]
files = "mails"
gather = ["campaign_id", "month"]
[campaigns.columns]
campaign_id = "campaign"
month = "day"
cost = { column = "cents", take = "sum", scale = 0.01 }
sent = { column = "message", take = "count", when = { kind = ["sent"] } }
opened = { column = "message", take = "count", when = { kind = ["open"] } }
"""


def test_different_values_are_counted_and_several_gathering_columns_make_the_key(tmp_path: Path) -> None:
    mails = (
        "campaign,day,kind,message,cents\nc,2026-01-05,sent,m1,100\nc,2026-01-06,sent,m2,50\nc,2026-01-30,open,m1,\n"
        "c,2026-01-31,open,m1,\nc,2026-02-01,sent,m3,25\nc,soon,sent,m4,1"
    )
    report, rows = read(
        tmp_path, CAMPAIGNS, {"mails": mails}, "SELECT campaign_id, cost, sent, opened FROM campaigns ORDER BY 1"
    )
    assert rows == [("c|2026-01-01", 1.5, 2, 1), ("c|2026-02-01", 0.25, 1, 0)]
    assert [(f.reason, f.rows) for f in report.findings if f.action == "refused"] == [("not readable as a date", 1)]


LINES = """
[order_lines]
files = "items"
[order_lines.columns]
line_id = { joined = ["order", "place"] }
customer_id = "person.unique"
product_id = "review.product"
ordered_on = "order.day"
quantity = { value = "1" }
revenue = "price"
cost = "parts.cost"
[order_lines.lookup.order]
files = "orders"
key = "id"
by = "order"
[order_lines.lookup.person]
files = "people"
key = "id"
by = "order.person"
[order_lines.lookup.parts]
files = "parts"
key = "order"
by = "order"
keep = { used = ["yes"] }
take = "{take}"
[order_lines.lookup.review]
files = "parts"
key = "order"
by = "order"
take = "same"
"""


@pytest.mark.parametrize(
    ("take", "costs"),
    [("sum", [7.0, 7.0, None]), ("max", [5.0, 5.0, None]), ("mean", [3.5, 3.5, None]), ("first", [2.0, 2.0, None])],
)
def test_lookups_start_from_one_another_and_take_several_rows_as_one(
    tmp_path: Path, take: str, costs: list[float]
) -> None:
    files = {
        "items": "order,place,price\no1,1,10\no1,2,20\no2,1,30",
        "orders": "id,person,day\no1,p1,2026-01-02\no2,p2,2026-01-03",
        "people": "id,unique\np1,Ann\np2,Bo",
        "parts": "order,cost,used,product\no1,2,yes,P\no1,5,yes,P\no1,99,no,P\no2,1,no,Q\no2,1,no,R",
    }
    sql = "SELECT line_id, customer_id, product_id, CAST(ordered_on AS VARCHAR), cost FROM order_lines ORDER BY 1"
    _, rows = read(tmp_path, LINES.replace("{take}", take), files, sql)
    assert [r[:4] for r in rows] == [
        ("o1 1", "Ann", "P", "2026-01-02"), ("o1 2", "Ann", "P", "2026-01-02"), ("o2 1", "Bo", None, "2026-01-03"),
    ]  # fmt: skip
    assert [r[4] for r in rows] == costs
