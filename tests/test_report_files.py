"""Where a report is written, in what form, of which period: and how each is refused."""

import os
import re
from datetime import date

import pytest

from kpilib.errors import BadInput, CannotAnswer, UnknownName
from kpilib.report import files, pdf
from kpilib.report.period import period_of
from kpilib.report.styles import quoted

START, AS_OF = date(2023, 7, 1), date(2026, 6, 15)


# --- the period -------------------------------------------------------------------------------------------------


def test_without_a_period_the_last_month_that_is_over_is_reported():
    assert period_of(None, AS_OF, START).label == "2026-05"
    assert period_of(None, date(2026, 6, 30), START).label == "2026-06"


def test_where_no_month_is_over_the_one_that_has_begun_is_reported_and_marked():
    found = period_of(None, date(2026, 6, 15), date(2026, 6, 1))
    assert (found.label, found.whole) == ("2026-06", False)


def test_a_period_is_called_as_its_reader_says_it():
    assert period_of("2026-05", AS_OF, START).name == "May 2026"
    assert period_of("2026-05", AS_OF, START, "fr").name == "mai 2026"
    assert period_of("2025", AS_OF, START).name == "2025"
    assert period_of("2026Q1", AS_OF, START).name == "January 2026 to March 2026"


def test_a_fiscal_year_has_the_months_that_the_team_gave_it():
    assert period_of("FY2026", AS_OF, START, fiscal_start=7).label == "2025-07 – 2026-06"


def test_a_period_that_is_not_over_says_up_to_when_the_data_go():
    found = period_of("2026-06", AS_OF, START)
    assert not found.whole
    assert found.beware == ("June 2026 is not over: the data end on June 15, 2026.",)


def test_a_period_that_begins_before_the_data_says_so():
    found = period_of("2023", AS_OF, START)
    assert found.beware == ("2023 begins before the data, which begin in July 2023.",)


def test_a_period_of_which_the_data_have_no_day_is_refused():
    with pytest.raises(CannotAnswer, match=r"^July 2026 is after the data, which end on June 15, 2026\."):
        period_of("2026-07", AS_OF, START)
    with pytest.raises(CannotAnswer, match=r"^June 2023 is before the data, which begin in July 2023\."):
        period_of("2023-06", AS_OF, START)


def test_what_is_no_period_is_refused_with_those_that_are():
    with pytest.raises(BadInput, match=r"'June' is no period\. Accepted: .*'2026Q2'"):
        period_of("June", AS_OF, START)


# --- the file ---------------------------------------------------------------------------------------------------


def test_a_suffix_that_is_no_form_is_refused_with_those_that_are(tmp_path):
    with pytest.raises(UnknownName, match=r"No form of a report is called '\.xls'\. Did you mean '\.xlsx'\?"):
        files.checked(tmp_path / "june.xls")
    with pytest.raises(UnknownName, match=r"called 'june'\. There is: \.html, \.pdf, \.xlsx"):
        files.checked(tmp_path / "june")


def test_a_folder_that_is_not_there_is_refused_before_anything_is_computed(tmp_path):
    with pytest.raises(BadInput, match=r"There is no folder '.*nowhere' to write 'june\.html' in"):
        files.checked(tmp_path / "nowhere" / "june.html")


def test_a_folder_is_no_file_to_write(tmp_path):
    (tmp_path / "june.html").mkdir()
    with pytest.raises(BadInput, match="is a folder"):
        files.checked(tmp_path / "june.html")


def test_a_folder_that_may_not_be_written_to_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, right: False)  # root may write everywhere
    with pytest.raises(BadInput, match="may not be written to"):
        files.checked(tmp_path / "june.html")


def test_what_fails_leaves_the_file_that_was_there_and_nothing_beside_it(tmp_path, monkeypatch):
    out = tmp_path / "june.html"
    out.write_text("the report of before")
    monkeypatch.setattr(files, "written", lambda report, suffix: b"half")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(BadInput, match=r"june\.html' cannot be written: No space left on device"):
        files.write(None, out)
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("june.html", "the report of before")]


def test_a_report_replaces_the_one_of_before_with_the_rights_of_any_new_file(tmp_path, monkeypatch):
    out, other = tmp_path / "june.HTML", tmp_path / "other"
    out.write_text("the report of before")
    other.write_text("")
    monkeypatch.setattr(files, "written", lambda report, suffix: suffix.encode())
    assert files.write(None, out) == out
    assert out.read_bytes() == b".html"
    assert out.stat().st_mode == other.stat().st_mode
    assert len(list(tmp_path.iterdir())) == 2


# --- the browser that prints --------------------------------------------------------------------------------------


def program(path, *lines: str) -> str:
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    path.chmod(0o755)
    return str(path)


def test_the_browser_that_is_named_is_the_one_that_prints(tmp_path, monkeypatch):
    mine = program(tmp_path / "my-browser", 'for a; do case $a in --print-to-pdf=*) echo PDF > "${a#*=}";; esac; done')
    monkeypatch.setenv("KPI_CHROMIUM", mine)
    assert pdf.chromium() == mine
    assert pdf.printed("<p>June</p>") == b"PDF\n"


def test_a_browser_that_is_named_and_absent_is_refused(monkeypatch):
    monkeypatch.setenv("KPI_CHROMIUM", "/no/such/browser")
    with pytest.raises(BadInput, match=r"KPI_CHROMIUM is '/no/such/browser', which is no program"):
        pdf.chromium()


def test_without_a_browser_the_reader_is_told_which_to_install(monkeypatch):
    monkeypatch.delenv("KPI_CHROMIUM", raising=False)
    monkeypatch.setattr(pdf.shutil, "which", lambda name: None)
    with pytest.raises(CannotAnswer, match=r"none was found\. Install one .*apt-get install chromium.*report\.html"):
        pdf.chromium()


def test_a_browser_that_fails_says_so_in_its_own_last_words(tmp_path, monkeypatch):
    monkeypatch.setenv("KPI_CHROMIUM", program(tmp_path / "broken", "echo one >&2", "echo no display >&2", "exit 7"))
    with pytest.raises(CannotAnswer, match=r"broken could not print \(code 7\): no display"):
        pdf.printed("<p>June</p>")


def test_a_browser_that_prints_nothing_is_not_taken_at_its_word(tmp_path, monkeypatch):
    monkeypatch.setenv("KPI_CHROMIUM", program(tmp_path / "idle", "exit 0"))
    with pytest.raises(CannotAnswer, match="printed nothing"):
        pdf.printed("<p>June</p>")


def test_a_browser_that_hangs_is_not_waited_for(tmp_path, monkeypatch):
    monkeypatch.setenv("KPI_CHROMIUM", program(tmp_path / "slow", "exec sleep 30"))
    monkeypatch.setattr(pdf, "PATIENCE", 0.2)
    with pytest.raises(CannotAnswer, match=r"did not print within 0\.2 seconds"):
        pdf.printed("<p>June</p>")


# --- the style sheet ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ['a"b', "</style><script>", "\\", "a\nb", "{}", "é 2026"])
def test_no_name_leaves_its_place_in_the_style_sheet(name):
    said = quoted(name)
    assert said[0] == said[-1] == '"'
    assert not re.search(r'["<>{}\n/]', said[1:-1])
    back = re.sub(r"\\([0-9a-f]+) ", lambda found: chr(int(found[1], 16)), said[1:-1])
    assert back == name
