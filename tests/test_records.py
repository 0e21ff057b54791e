"""The records behind a number, and files of what is shown: nothing is run, nothing is lost."""

import csv
import io

import pandas as pd
import pytest
from openpyxl import load_workbook

import kpilib
from kpilib.errors import CannotAnswer, UnknownName
from kpilib.show import Drawn, Page

FORMULA = '=HYPERLINK("http://evil.example","Free")'


@pytest.fixture(scope="module")
def page():
    names = [FORMULA, "Ann", "+33 1 23", "@here", "<img src=x onerror=alert(1)>", "-5 °C"]
    deals = pd.DataFrame(
        {
            "opportunity_id": [f"o{i}" for i in range(6)],
            "name": names,
            "source": ["Web", "Web", "Fair", "Fair", "Fair", "Web"],
            "created_on": "2026-01-02",
            "closed_on": ["2026-01-10", "2026-02-10", "2026-02-11", "2026-03-01", "2026-03-02", "2026-03-03"],
            "stage": "Closed",
            "status": ["won", "lost", "won", "won", "lost", "won"],
            "amount": [100.5, 200.0, None, 400.0, 500.0, 600.0],
            "currency": "EUR",
        }
    )
    made = Page(kpilib.open({"opportunities": deals}), period="All")
    drill = {"kpi": "win_rate", "field": "source"}

    def draw(view):
        frame = view.kpi("win_rate", by="source")
        table = pd.DataFrame({"Deal": names, "Value": [1.5, 2, 3, 4, 5, -6]})
        return Drawn("Found.", table=table, rows=int(frame["rows"].sum()), drill=drill)

    made.figure("Which?", draw)
    made.figure("When?", lambda view: Drawn("Then.", rows=1, drill={"kpi": "win_rate", "field": "period"}))
    made.figure("Rows?", lambda view: Drawn("Rows.", rows=1, drill={"panel": "deals", "when": "closed_on"}))
    made.figure("Nothing?", lambda view: Drawn("Nothing behind.", rows=1))
    made.tiles(["win_rate"])
    return made


def keys(found):
    at = [column["name"] for column in found["columns"]].index("opportunity_id")
    return {row[at] for row in found["rows"]}


def test_a_mark_narrows_the_records_to_its_member(page):
    assert keys(page.records({}, "en", "which", {"source": "Fair"})) == {"o2", "o3", "o4"}
    assert page.records({}, "en", "which", {"source": "Fair"})["said"] == "3 records"
    assert keys(page.records({}, "en", "which")) == {f"o{i}" for i in range(6)}


def test_a_mark_of_a_time_narrows_them_to_its_period(page):
    assert keys(page.records({}, "en", "when", {"period": "2026-02"})) == {"o1", "o2"}
    assert keys(page.records({}, "en", "when", {"period": "2026Q1"})) == {f"o{i}" for i in range(6)}


def test_the_records_are_those_of_the_slice(page):
    assert keys(page.records({"period": ["2026-03"]}, "en", "which", {"source": "Web"})) == {"o5"}
    assert keys(page.records({"period": ["2026-03"]}, "en", "rows")) == {"o3", "o4", "o5"}


def test_the_records_of_a_tile_are_those_of_its_kpi(page):
    assert len(keys(page.records({}, "en", "tiles", {"kpi": "win_rate"}))) == 6


def test_a_number_is_a_number_and_its_text_and_what_is_absent_a_dash(page):
    found = page.records({}, "en", "rows")
    at = [column["name"] for column in found["columns"]].index("amount")
    assert found["columns"][at]["number"] is True
    cells = {row[0]: row[at] for row in found["rows"]}
    assert cells["o0"] == [100.5, "100.50"]
    assert cells["o2"] == "–"


def test_columns_are_called_as_the_model_calls_them_in_the_readers_language(page):
    titles = {c["name"]: c["title"] for c in page.records({}, "en", "which")["columns"]}
    assert titles["amount"] == "Amount"
    assert titles["source"] == "Source"
    assert titles["n"] == "Adds above"


def test_what_has_no_single_records_says_so(page):
    with pytest.raises(CannotAnswer, match="no single records"):
        page.records({}, "en", "nothing")
    with pytest.raises(UnknownName, match="No piece of this page is called 'elsewhere'"):
        page.records({}, "en", "elsewhere")
    with pytest.raises(UnknownName, match="Fear"):
        page.records({}, "en", "which", {"source": "Fear"})


def test_a_long_list_of_records_is_cut_on_the_page_and_whole_in_the_file(page, monkeypatch):
    monkeypatch.setattr("kpilib.show.records.behind.__defaults__", (2,))
    found = page.records({}, "en", "which")
    assert found["said"] == "The first 2 of 6 records"
    assert len(found["rows"]) == 2
    _, _, data = page.export({}, "en", "which", "csv", of="records")
    assert len(list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))) == 7


def rows_of(data):
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def test_a_csv_file_defuses_what_a_spreadsheet_would_run_and_keeps_numbers(page):
    name, kind, data = page.export({}, "en", "which", "csv")
    assert (name, kind) == ("which.csv", "text/csv; charset=utf-8")
    header, *rows = rows_of(data)
    assert header == ["Deal", "Value"]
    assert [row[0] for row in rows] == [
        "'" + FORMULA, "Ann", "'+33 1 23", "'@here", "<img src=x onerror=alert(1)>", "'-5 °C",
    ]  # fmt: skip
    assert rows[5][1] == "-6.0"


def test_an_excel_file_holds_text_as_text_and_says_what_it_is_of(page):
    name, _, data = page.export({"period": ["2026-02"]}, "en", "which", "xlsx")
    assert name == "which.xlsx"
    book = load_workbook(io.BytesIO(data))
    cell = book["Data"]["A2"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (FORMULA, "s", None)
    assert book["Data"]["B7"].value == -6
    said = {row[0].value: row[1].value for row in book["About"].rows}
    assert said["Question"] == "Which?"
    assert "2026-02" in said["Slice"]
    assert said["As of"] == str(page.book.as_of)


def test_records_as_a_file_have_every_row_and_column(page):
    _, _, data = page.export({}, "en", "which", "xlsx", {"source": "Web"}, "records")
    sheet = load_workbook(io.BytesIO(data))["Data"]
    assert sheet.max_row == 4
    assert {"Amount", "Source", "Fate"} <= {cell.value for cell in sheet[1]}


def test_another_form_of_file_is_refused_with_those_there_are(page):
    with pytest.raises(UnknownName, match="No form of a file is called 'exe'"):
        page.export({}, "en", "which", "exe")
    with pytest.raises(CannotAnswer, match="no table here"):
        page.export({}, "en", "when", "csv")
