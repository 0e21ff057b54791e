"""The scenario `dirty`: every fault that an import looks for, in one row of twenty, found again row for row."""

import datetime as dt
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from kpilib.demo.company import make
from kpilib.demo.days import window
from kpilib.demo.draws import Draws
from kpilib.demo.faults import faults_of, spoiled
from kpilib.demo.write import lines, texts, write
from kpilib.model.tables import TABLES
from kpilib.sources import checks
from kpilib.sources.importing import import_folder
from kpilib.sources.report import Report

LAST = dt.date(2026, 6, 30)
ACROSS = {"duplicate": checks.DUPLICATE, "unparsed": checks.UNPARSED}


def sentence(name: str, check: str, column: str) -> str:
    """What the import says of a row that fails a check."""
    if check == "orphan":
        return checks.ORPHAN.format(table=TABLES[name].column(column).refers)
    said = {(one.name, one.column): one.sentence for one in checks.row_checks(TABLES[name], "EUR", str(LAST))}
    return ACROSS.get(check) or said[check, column]


def planted(folder: Path) -> dict[tuple[str, str, str], int]:
    kept = tomllib.loads((folder / "answers.toml").read_text(encoding="utf-8"))["faults"]
    return {(f["table"], sentence(f["table"], f["check"], f["column"]), f["column"]): f["rows"] for f in kept}


def entered_twice(folder: Path) -> list[dict[str, str]]:
    return tomllib.loads((folder / "answers.toml").read_text(encoding="utf-8"))["twins"]


@pytest.fixture(scope="module")
def dirty(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Report]:
    folder = tmp_path_factory.mktemp("dirty")
    write(folder / "files", seed=5, scale=0.1, scenario="dirty")
    return folder / "files", import_folder(folder / "files", folder / "made.duckdb", as_of=LAST)


def test_there_is_a_fault_for_every_check_that_the_import_makes() -> None:
    made = {(name, fault.check, fault.column) for name, table in TABLES.items() for fault in faults_of(table, LAST)}
    named = {(check.table, check.name, check.column) for check in checks.all_checks()}
    filled = {(name, column.name) for name, table in TABLES.items() for column in table.columns if column.default}
    never = {one for one in named if one[1] in ("missing", "missing_key") and (one[0], one[2]) in filled}
    assert named - made == never  # what has a default is never missing
    assert {check for _, check, _ in made - named} == {"duplicate", "unparsed", "orphan"}


@pytest.mark.slow
def test_the_import_finds_each_fault_in_as_many_rows_as_were_spoiled(dirty: tuple[Path, Report]) -> None:
    folder, report = dirty
    found = {(f.table, f.reason, f.column): f.rows for f in report.findings}
    assert found == planted(folder)
    assert len(found) > 190


@pytest.mark.slow
def test_what_is_refused_is_a_spoiled_copy_so_every_good_row_is_kept(dirty: tuple[Path, Report]) -> None:
    folder, report = dirty
    clean = make(seed=5, scale=0.1)
    rows = {name: len(frame) for name, frame in clean.items()}
    rows["customers"] += len(entered_twice(folder))  # good rows, though of the same firms
    assert {one.table: one.accepted for one in report.files} == rows
    assert sum(one.refused for one in report.files) == sum(f.rows for f in report.findings if f.action == "refused")


@pytest.mark.slow
def test_each_check_of_a_table_bears_on_a_twentieth_of_its_rows(dirty: tuple[Path, Report]) -> None:
    folder, _ = dirty
    rows = {name: len(frame) for name, frame in make(seed=5, scale=0.1).items()}
    spoilt: Counter[tuple[str, str]] = Counter()
    for fault in tomllib.loads((folder / "answers.toml").read_text(encoding="utf-8"))["faults"]:
        spoilt[fault["table"], fault["check"]] += fault["rows"]
    for (name, check), count in spoilt.items():
        if (name, check) in {("opportunities", "open_with_date"), ("opportunities", "future")}:
            assert 0 < count < rows[name] / 20 + 1  # of a small company, too few deals are open for it
        elif rows[name] >= 400:
            assert count == pytest.approx(rows[name] / 20, abs=1), (name, check)


def test_no_row_bears_two_faults_and_the_others_stay_as_they_were() -> None:
    frame = make(seed=5, scale=0.1)["order_lines"]
    before = lines("order_lines", frame)
    after, counted = spoiled("order_lines", texts("order_lines", frame), window(36, LAST), Draws(1, "faults"))
    added = len(after) - len(before)
    changed = sum(one != other for one, other in zip(before, after, strict=False))
    assert added + changed == counted.total()
    flags = {f"{f.check}|{f.column}" for f in faults_of(TABLES["order_lines"], LAST) if not f.added}
    assert changed == sum(count for fault, count in counted.items() if fault in flags)


def test_a_table_without_rows_has_no_faults() -> None:
    nothing: list[list[str]] = [[] for _ in TABLES["events"].names]
    assert spoiled("events", nothing, window(36, LAST), Draws(1, "faults")) == ([], Counter())


def test_the_other_scenarios_plant_no_faults(tmp_path: Path) -> None:
    write(tmp_path, scale=0.02)
    assert "faults" not in tomllib.loads((tmp_path / "answers.toml").read_text(encoding="utf-8"))
