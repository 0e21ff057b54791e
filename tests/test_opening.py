"""Opening a company's data: what is built once, what is built again, and who may open at the same time."""

import subprocess
import sys
from datetime import date

import pandas as pd
import pytest
from companies import company

import kpilib
from kpilib import BadInput, UnknownName, opening


@pytest.fixture
def exports(tmp_path, monkeypatch):
    """A folder of CSV files, and a cache that only this test uses."""
    monkeypatch.setenv("KPILIB_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "exports"
    folder.mkdir()
    for name, frame in company(3).items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    return folder


def revenue(book) -> float:
    return float(book.kpi("revenue")["value"].iloc[0])


def test_a_folder_is_imported_once_and_its_cubes_are_built_once(exports, monkeypatch):
    first = revenue(kpilib.open(exports))
    monkeypatch.setattr(opening, "_import", lambda *_: pytest.fail("imported again"))
    monkeypatch.setattr(opening, "_build", lambda *_: pytest.fail("built again"))
    assert revenue(kpilib.open(exports)) == first


@pytest.mark.slow
def test_a_changed_file_is_imported_again(exports):
    before = revenue(kpilib.open(exports))
    lines = pd.read_csv(exports / "order_lines.csv")
    lines.loc[0, "revenue"] += 1000
    lines.to_csv(exports / "order_lines.csv", index=False)
    assert revenue(kpilib.open(exports)) == pytest.approx(before + 1000)


@pytest.mark.slow
def test_a_changed_definition_builds_the_cubes_again(exports, monkeypatch):
    one = kpilib.open(exports)
    monkeypatch.setattr(opening, "definitions", lambda: "another definition")
    assert kpilib.open(exports).fingerprint != one.fingerprint


@pytest.mark.slow
def test_several_processes_may_open_the_same_folder_for_the_first_time_at_once(exports):
    code = f"import kpilib; print(kpilib.open({str(exports)!r}).kpi('revenue')['value'].iloc[0])"
    several = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(3)]
    answers = {child.communicate(timeout=120)[0] for child in several}
    assert [child.returncode for child in several] == [0, 0, 0]
    assert len(answers) == 1


@pytest.mark.slow
def test_an_import_that_was_made_before_opens_as_a_file(exports, tmp_path):
    from kpilib.sources.importing import import_folder

    import_folder(exports, tmp_path / "made.duckdb")
    assert revenue(kpilib.open(tmp_path / "made.duckdb")) == pytest.approx(revenue(kpilib.open(exports)))


@pytest.mark.slow
def test_without_a_source_the_environment_names_it(exports, monkeypatch):
    monkeypatch.setenv("KPILIB_DATA", str(exports))
    assert kpilib.open().name == "exports"
    monkeypatch.delenv("KPILIB_DATA")
    assert kpilib.open().name == "demo"


def test_what_cannot_be_opened_says_what_to_give(tmp_path):
    with pytest.raises(BadInput, match="There is no file or folder 'nowhere'"):
        kpilib.open("nowhere")
    with pytest.raises(BadInput, match=r"as_of='yesterday' is not a day; write it as 2026-06-30"):
        kpilib.open(company(3), as_of="yesterday")
    (tmp_path / "broken.duckdb").write_bytes(b"not a database at all" * 100)
    with pytest.raises(BadInput, match=r"broken\.duckdb cannot be opened as a DuckDB file"):
        kpilib.open(tmp_path / "broken.duckdb")


def test_a_folder_without_rights_is_named(tmp_path, monkeypatch):
    def refuse(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(opening.Path, "iterdir", refuse)
    with pytest.raises(BadInput, match="cannot be read: Permission denied"):
        kpilib.open(tmp_path)


def test_what_a_file_cannot_prove_is_asked_and_the_answer_is_taken(tmp_path, monkeypatch):
    monkeypatch.setenv("KPILIB_CACHE", str(tmp_path / "cache"))
    lines = "line_id,customer_id,ordered_on,quantity,revenue\na,c1,03/04/2026,1,10\nb,c1,05/06/2026,1,10\n"
    (tmp_path / "order_lines.csv").write_text(lines)
    with pytest.raises(BadInput, match="03/04/2026"):
        kpilib.open(tmp_path / "order_lines.csv")
    days = {order: kpilib.open(tmp_path / "order_lines.csv", dates=order).as_of for order in ("dmy", "mdy")}
    assert days == {"dmy": date(2026, 6, 5), "mdy": date(2026, 5, 6)}


def test_an_option_nobody_knows_or_nobody_needs_is_refused(tmp_path):
    with pytest.raises(UnknownName, match=r"No option of kpilib.open is called 'curency'. Did you mean 'currency'\?"):
        kpilib.open(company(3), curency="EUR")
    with pytest.raises(BadInput, match="is a database: currency says how to read files"):
        kpilib.open("postgres://127.0.0.1/crm", currency="EUR")


def test_two_currencies_in_a_database_are_never_added(tmp_path):
    import duckdb

    path = tmp_path / "mixed.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("CREATE TABLE order_lines AS SELECT 'a' AS line_id, DATE '2026-01-01' AS ordered_on, 1 AS revenue, "
                    "'EUR' AS currency UNION ALL SELECT 'b', DATE '2026-01-02', 1.0, 'USD'")  # fmt: skip
    with pytest.raises(BadInput, match=r"order_lines holds several currencies \(EUR, USD\)"):
        kpilib.open(path)


def test_a_book_says_what_it_is_about(exports):
    book = kpilib.open(exports)
    assert book.tables >= {"customers", "opportunities", "order_lines"}
    assert (book.first_month, book.last_month.day) == (date(2024, 3, 1), 1)
    assert book.as_of >= book.last_month
    assert book.currency == "EUR"
    assert repr(book).startswith("Book('exports', as of 20")


@pytest.mark.slow
def test_a_closed_book_opens_its_database_again_when_asked(exports):
    book = kpilib.open(exports)
    assert len(book.rows("revenue", limit=5)) == 5
    book.close()
    assert len(book.rows("revenue", limit=5)) == 5
    book.close()
