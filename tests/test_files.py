"""Files become staging tables as they were written: nothing lost, nothing guessed, nothing run."""

import codecs
import datetime
import io
import os
import string
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import msoffcrypto.format.ooxml
import openpyxl
import pandas
import polars
import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpilib.errors import BadInput, UnknownName
from kpilib.sources import files
from kpilib.sources.staging import clean_headers, header_place

Rows = list[tuple]


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def write(folder: Path, content: bytes | str, name: str = "deals.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def staged(con: duckdb.DuckDBPyConnection, path: Path, **options: str) -> tuple[files.Staged, Rows]:
    result = files.stage(con, path, "s1", **options)
    return result, con.execute("SELECT * FROM s1 ORDER BY _row").fetchall()


# --- finding


def test_find_lists_data_files_sorted_without_hidden_lock_and_prose_files(tmp_path: Path) -> None:
    for name in ("b.csv", "A.XLSX", ".hidden.csv", "~$A.xlsx", "notes.md", "LICENSE.txt", "c.parquet"):
        write(tmp_path, "x", name)
    (tmp_path / "folder.csv").mkdir()
    assert [p.name for p in files.find(tmp_path)] == ["A.XLSX", "b.csv", "c.parquet"]


def test_find_takes_a_single_file(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b\n1,2\n")
    assert files.find(path) == [path]


def test_find_refuses_a_file_of_another_kind(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"deals\.docx: is not a kind of file that can be read.*\.csv"):
        files.find(write(tmp_path, "x", "deals.docx"))


def test_find_says_that_a_folder_is_missing(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"There is no file or folder .*Check the path"):
        files.find(tmp_path / "exports")


def test_find_says_that_a_folder_holds_no_data_file(tmp_path: Path) -> None:
    write(tmp_path, "x", "notes.md")
    with pytest.raises(BadInput, match=r"holds no data file\. Put files there that end in \.csv"):
        files.find(tmp_path)


@pytest.fixture
def nobody() -> Iterator[None]:
    """The rights of an account without any, also where the tests run as root."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    yield
    if root:
        os.seteuid(0)


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Path]:
    tmp_path.chmod(0o000)
    yield tmp_path
    tmp_path.chmod(0o700)


def test_find_says_that_a_folder_may_not_be_read(locked: Path, nobody: None) -> None:
    with pytest.raises(BadInput, match="no permission to read it"):
        files.find(locked)


def test_stage_says_that_a_file_may_not_be_read(con: duckdb.DuckDBPyConnection, locked: Path, nobody: None) -> None:
    with pytest.raises(BadInput, match=r"deals\.csv: no permission to read it"):
        files.stage(con, locked / "deals.csv", "s1")


def test_stage_says_that_a_file_is_gone(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"deals\.csv: there is no such file"):
        files.stage(con, tmp_path / "deals.csv", "s1")


# --- headers


def test_blank_and_repeated_headers_get_names_of_their_own() -> None:
    names, notes = clean_headers(
        ["\ufeffId", " Close\n Date ", "", "amount", "Amount", "Amount", None, "_row", "amount_2"]
    )
    assert names == ("Id", "Close Date", "column_3", "amount", "Amount_3", "Amount_4", "column_7", "_row_2", "amount_2")
    assert notes == [
        "2 blank headers were named column_3, column_7",
        "3 repeated headers were named Amount_3, Amount_4, _row_2",
    ]


def test_a_blank_header_does_not_take_the_name_of_a_later_one() -> None:
    assert clean_headers(["", "column_1"])[0] == ("column_1_2", "column_1")


@given(st.lists(st.one_of(st.none(), st.text(alphabet="aAbé_2 \n", max_size=6)), min_size=1, max_size=12))
def test_headers_of_any_kind_become_names_that_a_table_can_have(raw: list[str | None]) -> None:
    names, _ = clean_headers(raw)
    declared = ", ".join('"' + n + '" VARCHAR' for n in names)
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE t (_row BIGINT, {declared})")
    assert len(names) == len(raw)


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ([["id", "amount"], ["1", "2"]], 0),
        ([["id"], ["1"], ["2"]], 0),
        ([["Report of deals", "", ""], [""], ["id", "amount", "on"], ["1", "2", "3"]], 2),
        ([["By", "Ann", "", "", ""], ["id", "a", "b", "c", "d"], ["1", "2", "3", "4", "5"]], 1),
        ([["id", "amount"], ["1", "2"], ["1", "2"], ["1", "2", "3", "4", "5"]], 0),
    ],
)
def test_the_header_is_the_first_row_as_wide_as_the_table(rows: list[list[str]], place: int) -> None:
    assert header_place(rows) == place


# --- delimited text


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_each_delimiter_is_found_out(con: duckdb.DuckDBPyConnection, tmp_path: Path, delimiter: str) -> None:
    text = 'id,amount,"note"\n1,"5,5; or | so\tmany",x\n2,,y\n'
    body = text.replace(",", delimiter).replace(f"5{delimiter}5", "5,5")
    result, rows = staged(con, write(tmp_path, body))
    assert (result.delimiter, result.columns, result.rows) == (delimiter, ("id", "amount", "note"), 2)
    assert rows == [(2, "1", "5,5; or | so\tmany", "x"), (3, "2", None, "y")]


def test_semicolons_win_over_decimal_commas(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    _, rows = staged(con, write(tmp_path, "id;amount;cost\n1;2,5;3,5\n2;4,5;5,5\n"))
    assert rows == [(2, "1", "2,5", "3,5"), (3, "2", "4,5", "5,5")]


def test_the_line_in_which_excel_names_the_delimiter_is_heeded(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    result, rows = staged(con, write(tmp_path, "sep=;\nid;a,b\n1;2,3\n"))
    assert result.columns == ("id", "a,b")
    assert rows == [(3, "1", "2,3")]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("nom;prix\nÉlan;5 €\n".encode(), "UTF-8"),
        (codecs.BOM_UTF8 + "nom;prix\nÉlan;5 €\n".encode(), "UTF-8 with BOM"),
        ("nom;prix\nÉlan;5 €\n".encode("cp1252"), "CP1252"),
        (codecs.BOM_UTF16_LE + "nom;prix\nÉlan;5 €\n".encode("utf-16-le"), "UTF-16"),
        (codecs.BOM_UTF16_BE + "nom;prix\nÉlan;5 €\n".encode("utf-16-be"), "UTF-16"),
    ],
)
def test_each_encoding_reads_the_same(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, content: bytes, encoding: str
) -> None:
    result, rows = staged(con, write(tmp_path, content))
    assert (result.encoding, result.columns, rows) == (encoding, ("nom", "prix"), [(2, "Élan", "5 €")])


@pytest.mark.slow
def test_a_latin_1_byte_far_behind_the_sample_is_still_read(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    body = b"id,name\n" + b"1,plain\n" * 60_000 + "2,Élan\n".encode("latin-1")
    result, rows = staged(con, write(tmp_path, body))
    assert (result.encoding, rows[-1]) == ("CP1252", (60_002, "2", "Élan"))


def test_one_stray_byte_does_not_spoil_a_utf8_file(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    result, rows = staged(con, write(tmp_path, "id,name\n1,Élan\n2,Noël\n".encode() + b"3,\x80\n"))
    assert [r[2] for r in rows] == ["Élan", "Noël", "€"]
    assert result.notes == ("1 byte that was not UTF-8 was read as CP1252",)


@pytest.mark.slow
def test_an_accent_across_two_blocks_is_no_stray_byte(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    start = b"id,name\n" + b"1,x\n" * 262_141
    body = start + b"2," + b"x" * ((1 << 20) - len(start) - 3) + "é\n".encode()
    assert body[(1 << 20) - 1 : (1 << 20) + 1] == "é".encode()
    result, rows = staged(con, write(tmp_path, body))
    assert (result.encoding, result.notes, rows[-1][2][-1]) == ("UTF-8", (), "é")


def test_rows_that_are_too_short_or_too_long_are_neither_lost_nor_fatal(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    result, rows = staged(con, write(tmp_path, "id,a,b\n1,2,3\n2\n3,4,5,\n4,5,6,7\n\n,,\n5,6,7\n"))
    assert rows == [(2, "1", "2", "3"), (3, "2", None, None), (4, "3", "4", "5"), (8, "5", "6", "7")]
    assert result.rejects == ((5, "4 cells where the header has 3", "4,5,6,7"),)
    assert con.execute("SELECT * FROM s1_rejects").fetchall() == list(result.rejects)
    assert result.notes == (
        "1 row had fewer cells than the header and was padded",
        "1 row had empty cells beyond the header, which were dropped",
        "2 wholly blank rows were left out",
        "1 line could not be cut into the header's cells and was kept apart",
    )


def test_a_quote_that_never_closes_costs_its_own_line_only(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    result, rows = staged(con, write(tmp_path, 'id,note\n1,"never closed\n2,b\n3,c\n'))
    assert rows == [(3, "2", "b"), (4, "3", "c")]
    assert result.rejects == ((2, "a quote that is not closed", '1,"never closed'),)


def test_a_quote_that_closes_lines_later_does_not_swallow_rows(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    result, rows = staged(con, write(tmp_path, 'id,note\n1,"open\n2,b\n3,"c"\n'))
    assert rows == [(3, "2", "b"), (4, "3", "c")]
    assert result.rejects == ((2, "text after a closing quote", '1,"open'),)


def test_a_cell_of_several_lines_is_one_row(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    _, rows = staged(con, write(tmp_path, 'id,note\r\n1,"a\r\n\r\nb"\r\n2,c\r\n'))
    assert rows == [(2, "1", "a\r\n\r\nb"), (3, "2", "c")]


def test_quotes_escaped_by_a_backslash_are_read(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    _, rows = staged(con, write(tmp_path, 'id,note\n1,"a \\"b\\", c"\n2,d\n'))
    assert rows == [(2, "1", 'a "b", c'), (3, "2", "d")]


def test_titles_above_the_header_are_skipped_and_rows_keep_their_numbers(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    result, rows = staged(con, write(tmp_path, "Deals of the quarter\n\nid,amount,on\n1,2,3\n"))
    assert rows == [(4, "1", "2", "3")]
    assert result.notes == ("2 lines above the header were skipped",)


def test_blank_lines_count_as_rows_do_in_a_spreadsheet(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    result, rows = staged(con, write(tmp_path, "id,a\r\n1,2\r\n\r\n3,4\r\n\r\n"))
    assert rows == [(2, "1", "2"), (4, "3", "4")]
    assert result.notes == ("2 wholly blank rows were left out",)


def test_a_header_repeated_between_rows_is_left_out(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    result, rows = staged(con, write(tmp_path, "id,amount\n1,2\nid,amount\n3,4\n"))
    assert rows == [(2, "1", "2"), (4, "3", "4")]
    assert result.notes == ("row 3 repeats the header and was left out",)


def test_a_header_without_rows_is_staged_with_a_note(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    result, rows = staged(con, write(tmp_path, "id,amount\n"))
    assert (result.rows, rows, result.notes) == (0, [], ("there are headers, but no rows",))


def test_a_failed_staging_leaves_no_table_behind(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    staged(con, write(tmp_path, "id,a\n1,2\n"))
    with pytest.raises(BadInput, match="is empty"):
        files.stage(con, write(tmp_path, ""), "s1")
    assert con.execute("SELECT table_name FROM duckdb_tables()").fetchall() == []


def test_a_formula_in_a_cell_stays_text(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    _, rows = staged(con, write(tmp_path, 'id,amount\n1,=1+1\n2,"=HYPERLINK(""x"")"\n'))
    assert [r[2] for r in rows] == ["=1+1", '=HYPERLINK("x")']


@pytest.mark.parametrize("name", ["deals[1].csv", "deals*.csv", "it's? {a,b}.csv"])
def test_a_name_with_wildcards_means_that_file_only(con: duckdb.DuckDBPyConnection, tmp_path: Path, name: str) -> None:
    write(tmp_path, "id,a\n9,9\n", "deals1.csv")
    write(tmp_path, "id,a\n9,9\n", "deals12.csv")
    _, rows = staged(con, write(tmp_path, "id,a\n1,2\n", name))
    assert rows == [(2, "1", "2")]


cells = st.text(alphabet=string.ascii_letters + ' ,;"\n\té€=', max_size=8)


@pytest.mark.slow
@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=8), st.sampled_from([",", ";", "\t", "|"]))
def test_what_a_csv_writer_wrote_comes_back(
    tmp_path_factory: pytest.TempPathFactory, rows: Rows, delimiter: str
) -> None:
    frame = pandas.DataFrame([("key", *row, "end") for row in rows], columns=["id", "first", "second", "last"])
    path = tmp_path_factory.mktemp("csv") / "deals.csv"
    frame.to_csv(path, index=False, sep=delimiter, quoting=1)
    with duckdb.connect() as connection:
        result, found = staged(connection, path)
    assert [r[2:4] for r in found] == [(a or None, b or None) for a, b in rows]
    assert (result.rejected, [r[0] for r in found]) == (0, list(range(2, len(rows) + 2)))


# --- files that are refused


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", r"is empty\. Export it again"),
        (b" \n\n", r"is empty\. Export it again"),
        (b"\xef\xbb\xbf\n", r"is empty\. Export it again"),
        (b"a,b\n1,\x00\n", r"holds NUL bytes at line 2"),
        (b"%PDF-1.7 ...", r"is a PDF document named \.csv: export the table"),
        (b"\x89PNG\r\n", r"is a picture \(PNG\) named \.csv"),
        (b"PAR1....", r"is a Parquet file named \.csv: rename it to \.parquet"),
        (b"PK\x03\x04....", r"is a broken zip file or workbook named \.csv"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, r"an old Excel workbook named \.csv: rename it to \.xls"),
        (b"\n<!DOCTYPE html><html>", r"is a web page or XML named \.csv"),
        (codecs.BOM_UTF16_LE + b"a\x00b", r"starts as UTF-16 but breaks off"),
        (b" 1 2 3\n 4 5 6\n 7 8 9\n 1 2 3\n 4 5 6\n", r"3 columns seem to be set apart by blanks"),
    ],
)
def test_a_csv_that_is_none_is_refused_by_name(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, content: bytes, said: str
) -> None:
    with pytest.raises(BadInput, match=r"deals\.csv: .*" + said):
        files.stage(con, write(tmp_path, content), "s1")


def test_a_line_over_the_limit_is_refused_by_its_number(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    body = b"id,note\n1," + b"x" * 2_000_000 + b"\n2," + b"x" * 2_200_000 + b"\n"
    with pytest.raises(BadInput, match=r"deals\.csv: line 3 is longer than 2,097,152 bytes"):
        files.stage(con, write(tmp_path, body), "s1")


def run(script: str, *arguments: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(script), *map(str, arguments)],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    return done.stdout


MEASURED = """
    import resource, sys, duckdb
    from pathlib import Path
    from kpilib.errors import BadInput
    from kpilib.sources import files
    con = duckdb.connect(sys.argv[2])
    con.execute("SET memory_limit='100MB'; SET threads=1")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        print(files.stage(con, Path(sys.argv[1]), "s1").rejected)
    except BadInput as error:
        print(error)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.slow
def test_one_line_of_300_megabytes_is_refused_within_20(tmp_path: Path) -> None:
    path = tmp_path / "deals.csv"
    with path.open("wb") as handle:
        handle.write(b"id,note\n1,")
        for _ in range(300):
            handle.write(b"x" * 1_000_000)
    said, kilobytes = run(MEASURED, path, tmp_path / "s.duckdb").splitlines()
    path.unlink()
    assert said.startswith("deals.csv: line 2 is longer than 2,097,152 bytes")
    assert int(kilobytes) < 20_000


@pytest.mark.slow
def test_a_quote_that_never_closes_in_a_large_file_takes_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "deals.csv"
    with path.open("wb") as handle:
        handle.write(b'id,note\n1,"never closed\n')
        for _ in range(80):
            handle.write(b"2,some words of a note that go on for a while\n" * 20_000)
    rejected, kilobytes = run(MEASURED, path, tmp_path / "s.duckdb").splitlines()
    size = path.stat().st_size / 1000
    path.unlink()
    assert rejected == "1"
    assert size > 70_000
    assert int(kilobytes) < 250_000


FULL_DISK = """
    import resource, sys, duckdb
    from pathlib import Path
    from kpilib.errors import BadInput
    from kpilib.sources import files
    con = duckdb.connect(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))
    try:
        print(files.stage(con, Path(sys.argv[1]), "s1"))
    except BadInput as error:
        print(error)
"""


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_full_disk_is_called_a_full_disk(tmp_path: Path, encoding: str) -> None:
    rows = "".join(f"{i},é {i * 7919 % 1_000_003} {i * 104_729 % 999_983}\n" for i in range(200_000))
    path = write(tmp_path, ("id,note\n" + rows).encode(encoding))
    assert "deals.csv: the disk is full" in run(FULL_DISK, path, tmp_path / "s.duckdb")


def test_a_million_lines_keep_their_order_and_numbers(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = write(tmp_path, "id,amount,on\n" + "".join(f"{i},12.50,2026-01-31\n" for i in range(2, 1_000_002)))
    result = files.stage(con, path, "s1")
    found = con.execute("SELECT min(_row), max(_row), count(*) FILTER (_row = id::BIGINT) FROM s1").fetchone()
    assert (result.rows, found) == (1_000_000, (2, 1_000_001, 1_000_000))


# --- workbooks


def book(folder: Path, sheets: dict[str, list[list]], name: str = "deals.xlsx") -> Path:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.worksheets[0])
    for title, rows in sheets.items():
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(row)
    path = folder / name
    workbook.save(path)
    return path


def test_a_sheet_comes_as_text_with_iso_dates_and_whole_numbers(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    rows = [
        ["Deals of the quarter"],
        [],
        ["id", "amount", "on", "won", "at"],
        [1, 2.5, datetime.date(2026, 1, 31), True, datetime.datetime(2026, 1, 31, 10, 30)],
        [],
        ["0042", 3.0, None, False, datetime.time(3, 4)],
    ]
    result, found = staged(con, book(tmp_path, {"Deals": rows}))
    assert found == [
        (4, "1", "2.5", "2026-01-31", "TRUE", "2026-01-31 10:30:00"),
        (6, "0042", "3", None, "FALSE", "03:04:00"),
    ]
    assert (result.file, result.sheet, result.columns) == ("deals.xlsx", "Deals", ("id", "amount", "on", "won", "at"))
    assert result.notes == ("2 rows above the header were skipped", "1 wholly blank row was left out")


def test_each_sheet_that_holds_anything_is_listed_and_read_by_name(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = book(tmp_path, {"Empty": [], "Deals": [["id", "a"], [1, 2]], "People": [["id", "b"], [3, 4]]})
    assert files.sheets(path) == ["Deals", "People"]
    assert staged(con, path, sheet="People")[1] == [(2, "3", "4")]
    assert staged(con, path)[0].notes == ("only the sheet 'Deals' was read; there is also People",)
    with pytest.raises(UnknownName, match=r"No sheet of deals\.xlsx is called 'Deal'\. Did you mean 'Deals'\?"):
        files.stage(con, path, "s1", sheet="Deal")
    with pytest.raises(BadInput, match=r"deals\.xlsx: sheet 'Empty' holds nothing"):
        files.stage(con, path, "s1", sheet="Empty")


def test_a_text_file_has_no_sheets(tmp_path: Path) -> None:
    assert files.sheets(write(tmp_path, "a,b\n")) == []


def test_formulas_nobody_calculated_and_errors_are_named_by_cell(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = [["id", "amount"], [1, "=A2*2"], [2, "=A3*2"], [3, "#DIV/0!"], [4, "#N/A"], [5, 7]]
    result, found = staged(con, book(tmp_path, {"Deals": rows}))
    assert [r[2] for r in found] == [None, None, None, None, "7"]
    assert result.notes == (
        "2 formulas never calculated, read as empty (B2, B3): open the workbook in Excel or LibreOffice, "
        "save it and import again",
        "1 cell with an error such as #DIV/0!, read as empty (B4)",
    )


def test_a_formula_with_its_saved_value_is_read_as_that_value(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = book(tmp_path, {"Deals": [["id", "amount"], [1, "=A2*2"], [2, "=A3&A3"]]})
    parts = {}
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    sheet = sheet.replace(b"<f>A2*2</f><v />", b"<f>A2*2</f><v>2</v>").replace(
        b"<f>A2*2</f><v></v>", b"<f>A2*2</f><v>2</v>"
    )
    sheet = sheet.replace(b'<c r="B3">', b'<c r="B3" t="str">')
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in (parts | {"xl/worksheets/sheet1.xml": sheet}).items():
            archive.writestr(name, content)
    result, found = staged(con, path)
    assert [r[2] for r in found] == ["2", None]
    assert result.notes == ()


def test_a_workbook_with_a_password_says_so(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    plain = book(tmp_path, {"Deals": [["id", "a"], [1, 2]]}, "plain.xlsx")
    locked = io.BytesIO()
    with plain.open("rb") as handle:
        msoffcrypto.format.ooxml.OOXMLFile(handle).encrypt("secret", locked)
    for name in ("deals.xlsx", "deals.csv"):
        with pytest.raises(BadInput, match=r"is a password-protected workbook.*remove the password"):
            files.stage(con, write(tmp_path, locked.getvalue(), name), "s1")


def test_a_workbook_named_csv_says_how_to_name_it(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    content = book(tmp_path, {"Deals": [["id", "a"], [1, 2]]}).read_bytes()
    with pytest.raises(BadInput, match=r"real\.csv: is an Excel workbook named \.csv: rename it to \.xlsx"):
        files.stage(con, write(tmp_path, content, "real.csv"), "s1")
    with pytest.raises(BadInput, match=r"cut\.xlsx: is a broken zip file or workbook.*export or download it again"):
        files.stage(con, write(tmp_path, content[:2000], "cut.xlsx"), "s1")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"id,a\n1,2\n", "is plain text, named .xls: rename it to .csv"),
        (b"<html><table>", "is a web page or XML, named .xls: open it in Excel"),
        (b"\x01\x00\x02\x00", "is not a workbook but unknown binary data"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "is a broken workbook"),
    ],
)
def test_a_workbook_that_is_none_is_refused_by_name(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, content: bytes, said: str
) -> None:
    with pytest.raises(BadInput, match="deals.xls: " + said):
        files.stage(con, write(tmp_path, content, "deals.xls"), "s1")


# --- Parquet and frames

ARROW = pyarrow.table(
    {"id": ["a", "b"], "Amount": [1.5, None], "on": [datetime.date(2026, 1, 31)] * 2, "amount": [1, 2]}
)


def test_parquet_keeps_its_types_and_counts_records_from_one(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    pyarrow.parquet.write_table(ARROW, tmp_path / "deals.parquet")
    result, rows = staged(con, tmp_path / "deals.parquet")
    assert result.columns == ("id", "Amount", "on", "amount_1")  # DuckDB's own way to tell two names apart
    assert rows == [(1, "a", 1.5, datetime.date(2026, 1, 31), 1), (2, "b", None, datetime.date(2026, 1, 31), 2)]


@pytest.mark.parametrize(
    ("kept", "said"), [(0, "is empty"), (8, "is not a whole Parquet file"), (200, "is not a whole")]
)
def test_a_broken_parquet_file_is_refused_by_name(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, kept: int, said: str
) -> None:
    pyarrow.parquet.write_table(ARROW, tmp_path / "whole.parquet")
    path = write(tmp_path, (tmp_path / "whole.parquet").read_bytes()[:kept], "deals.parquet")
    with pytest.raises(BadInput, match=r"deals\.parquet: " + said):
        files.stage(con, path, "s1")


@pytest.mark.parametrize(
    "frame", [ARROW, ARROW.to_pandas(), polars.from_arrow(ARROW)], ids=["arrow", "pandas", "polars"]
)
def test_frames_of_each_kind_stage_the_same(con: duckdb.DuckDBPyConnection, frame: object) -> None:
    result = files.stage_frame(con, frame, "s1", "deals")
    assert (result.file, result.rows, result.columns) == ("deals", 2, ("id", "Amount", "on", "amount_2"))
    assert con.execute('SELECT _row, id, "Amount", amount_2 FROM s1').fetchall() == [
        (1, "a", 1.5, 1),
        (2, "b", None, 2),
    ]
    assert con.execute("SELECT count(*) FROM s1_rejects").fetchone() == (0,)


def test_a_pandas_column_of_mixed_types_becomes_text(con: duckdb.DuckDBPyConnection) -> None:
    frame = pandas.DataFrame({"id": ["a", 2, None]}, dtype=object)
    files.stage_frame(con, frame, "s1", "deals")
    assert con.execute("SELECT id FROM s1").fetchall() == [("a",), ("2",), (None,)]


@pytest.mark.parametrize(("frame", "said"), [([1, 2], "a list is no frame"), (pandas.DataFrame(), "has no columns")])
def test_what_is_no_frame_is_refused(con: duckdb.DuckDBPyConnection, frame: object, said: str) -> None:
    with pytest.raises(BadInput, match="deals: .*" + said):
        files.stage_frame(con, frame, "s1", "deals")


# --- real exports


@pytest.mark.parametrize(
    ("path", "rows", "columns", "encoding", "first"),
    [
        ("maven_crm/sales_pipeline.csv", 8_800, 8, "UTF-8", "opportunity_id"),
        ("salesforce_sdo/Opportunity.csv", 50, 35, "UTF-8 with BOM", "Id"),
        ("salesforce_powerbi/OpportunityHistory.csv", 48, 13, "UTF-8", "Id"),
        ("nps_french_retail/nps_no_verbatim.csv", 13_954, 8, "UTF-8", "Unnamed: 0"),
        ("telco_churn/Telco-Customer-Churn.csv", 7_043, 21, "UTF-8", "customerID"),
        ("dialect_odoo/crm_lead.xls", 8, 16, "", "External ID"),
    ],
)
def test_real_exports_stage_whole(
    con: duckdb.DuckDBPyConnection, shared_data: Path, path: str, rows: int, columns: int, encoding: str, first: str
) -> None:
    result, found = staged(con, shared_data / path)
    assert (result.rows, len(result.columns), result.encoding, result.rejected) == (rows, columns, encoding, 0)
    assert (result.columns[0], found[0][0], found[-1][0]) == (first, 2, rows + 1)


def test_the_blank_charges_of_the_telephone_company_stay_as_written(
    con: duckdb.DuckDBPyConnection, shared_data: Path
) -> None:
    files.stage(con, shared_data / "telco_churn" / "Telco-Customer-Churn.csv", "s1")
    assert con.execute("SELECT count(*) FROM s1 WHERE \"TotalCharges\" = ' '").fetchone() == (11,)


def test_purchases_set_apart_by_blanks_are_refused_with_the_cure(
    con: duckdb.DuckDBPyConnection, shared_data: Path
) -> None:
    with pytest.raises(BadInput, match=r"CDNOW_sample\.txt: its 5 columns seem to be set apart by blanks"):
        files.stage(con, shared_data / "cdnow" / "CDNOW_sample.txt", "s1")
