"""The glossary: every KPI of the catalogue is in it and says what runs; every example gives the answer it states."""

import json
import math
import re
import tomllib
from datetime import date
from functools import partial
from pathlib import Path

import nbformat
import pytest

import kpilib
from kpilib import UnknownName, about
from kpilib.book import Book
from kpilib.catalogue import CATALOGUE, worked
from kpilib.catalogue.worked import FOLDER, examples
from kpilib.cli import main
from kpilib.figures import glossary
from kpilib.figures.glossary import told
from kpilib.show import Page
from kpilib.show.definition import GLOSSARY, folded
from kpilib.show.words import Words
from kpilib.sources.engine import DuckDB
from kpilib.sources.importing import import_frames

TOP = Path(__file__).resolve().parents[1]
NOTEBOOK = TOP / "notebooks" / GLOSSARY
ALL = [kpi for main in CATALOGUE.values() for kpi in (main, *main.variants)]


@pytest.fixture(scope="module")
def saved():
    return nbformat.read(NOTEBOOK, as_version=4)


@pytest.fixture(scope="module")
def page(demo):
    return Page(demo)


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """Books over the examples' rows, each imported once however many KPIs use the same rows.

    The engine answers: cubes of every KPI for a handful of rows would take most of the time, and `test_truths` proves
    that they answer the same.
    """
    folder, known = tmp_path_factory.mktemp("examples"), {}

    def of(example):
        key = repr((example.tables, example.as_of))
        if key not in known:
            path = folder / f"{len(known)}.duckdb"
            import_frames(example.frames(), path)
            engine = DuckDB(path)
            said = about.look(engine, "example", "example", date.fromisoformat(example.as_of))
            engine.close()
            known[key] = Book(said, partial(DuckDB, path))
        return known[key]

    yield of
    for book in known.values():
        book.close()


# --- the worked examples ------------------------------------------------------------------------------------------


def test_every_definition_has_words_and_an_example_and_nothing_else_has():
    assert set(examples()) == set(CATALOGUE)
    for key, example in examples().items():
        assert set(example.answers) == {"main", *(variant.key for variant in CATALOGUE[key].variants)}, key


def states(book, key):
    """Whether a book over an example's rows answers what the example states, by every definition."""
    example = examples()[key]
    for name, answer in example.answers.items():
        kpi = CATALOGUE[key].variant(name)
        months = {"since": example.since, "until": example.until} if kpi.when or kpi.derived else {}
        row = book.kpi(key, variant=name if kpi.of else None, **months).iloc[0]
        assert row["value"] == pytest.approx(answer.value, rel=1e-4 if answer.n is None else 1e-6), name
        if answer.n is not None:
            assert row["numerator"] == pytest.approx(answer.n), name
        if answer.d is not None:
            assert row["denominator"] == pytest.approx(answer.d), name


@pytest.mark.parametrize("key", list(examples()))
def test_an_example_gives_the_answer_that_it_states(key, opened):
    states(opened(examples()[key]), key)


@pytest.mark.parametrize("key", ["churn_rate", "average_basket", "nps"])
def test_who_opens_an_example_gets_the_answer_that_it_states(key):
    example = examples()[key]
    states(kpilib.open(example.frames(), as_of=example.as_of), key)


def test_an_example_can_be_counted_on_fingers():
    for key, example in examples().items():
        assert example.count <= 12, key


def test_definitions_of_one_word_give_different_answers_on_their_example():
    """An example on which two definitions agree would not show what they differ in."""
    for key, example in examples().items():
        if key == "coverage_gap":  # one lead, one deal: the two parts are alike, the whole is not
            continue
        values = [answer.value for answer in example.answers.values()]
        assert len({round(value, 6) for value in values}) == len(values), key


def test_the_lessons_that_fool_people_are_in_the_examples():
    churn = {name: answer.value for name, answer in examples()["churn_rate"].answers.items()}
    assert {name: f"{value:.1%}" for name, value in churn.items()} == {
        "main": "12.0%", "all_lost_over_opening": "22.0%", "over_average": "19.3%", "of_all_seen": "14.7%",
    }  # fmt: skip
    assert (examples()["average_order"].answers["main"].value, examples()["average_basket"].answers["main"].value) == (
        80, 200,
    )  # fmt: skip
    won = examples()["win_rate"].answers
    sales = examples()["conversion_rate"].answers["same_period"].value
    assert (won["main"].value, won["cohort"].value, sales) == (0.375, 0.15, 0.225)
    nps = examples()["nps"].answers["main"]
    assert nps.value == 40
    assert "difference of two shares, not a probability" in nps.why


def test_a_line_is_repeated_as_often_as_it_says_with_keys_of_its_own():
    rows = examples()["win_rate"].frames()["opportunities"]
    assert (len(rows), rows["opportunity_id"].nunique()) == (200, 200)
    assert worked.TIMES not in rows
    assert rows["closed_on"].isna().sum() == 120


def test_an_example_names_only_what_it_may(tmp_path):
    for file in FOLDER.glob("*.toml"):
        for key, given in tomllib.loads(file.read_text(encoding="utf-8")).items():
            variants = {one.key for one in CATALOGUE[key].variants}
            assert set(given) <= {*worked.KNOWN, *variants}, key
            assert ("like" in given) != ("rows" in given), key
    with pytest.raises(UnknownName, match="Did you mean 'win_rate'"):
        worked.example("winrate")


def test_the_words_of_a_formula_have_a_line_where_the_formula_has():
    for kpi in ALL:
        divided = kpi.denominator is not None
        assert kpi.words, kpi.path
        assert not divided or "÷" in kpi.words, kpi.path
        assert kpi.words[0].islower() or kpi.words[0] in "(1", kpi.path
        answer = worked.answer(kpi.path)
        assert (answer.d is not None) == divided, kpi.path


# --- what is told -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kpi", list(CATALOGUE.values()), ids=lambda kpi: kpi.key)
def test_every_kpi_says_where_its_definition_comes_from(kpi):
    assert kpi.source, "name a book, a paper, a standard or a vendor's page that defines it so"
    assert not re.search(r"https?://", kpi.source), "a saved notebook names no address: leave the https:// out"


@pytest.mark.parametrize("locale", ["en", "fr"])
@pytest.mark.parametrize("kpi", list(CATALOGUE.values()), ids=lambda kpi: kpi.key)
def test_an_entry_says_all_that_is_declared(kpi, locale):
    words = Words("EUR", locale)
    said = told.plain(kpi, words)
    for one in (kpi, *kpi.variants):
        for text in (one.name, one.question, one.caveat, one.words):
            assert words.say(text) in said
        assert one.formula in said
        assert one.source in said
    assert kpi.key in said


def test_an_entry_bears_its_name_in_the_other_language():
    assert told.plain(CATALOGUE["churn_rate"], Words("EUR")).startswith("Churn rate · Taux d’attrition (churn_rate)")
    assert told.plain(CATALOGUE["churn_rate"], Words("EUR", "fr")).startswith("Taux d’attrition · Churn rate")
    assert told.other("NPS", Words("EUR")) == ""


def test_how_one_counts_ends_with_the_division():
    kpi = CATALOGUE["win_rate"]
    said = told.counted(kpi, worked.answer("win_rate"), Words("EUR"))
    assert said.endswith("30 ÷ 80 = 37.5%")
    assert told.line(CATALOGUE["clv"], worked.answer("clv"), Words("EUR")) == "= €48.47"


def test_the_table_of_the_catalogue_has_words_and_sources(demo):
    table = demo.catalogue().set_index(["key", "variant"])
    assert table.loc[("win_rate", ""), "words"] == "deals won ÷ deals won or lost"
    assert "Salesforce Help" in table.loc[("win_rate", ""), "source"]
    assert (table["words"] != "").all()


# --- the page -----------------------------------------------------------------------------------------------------


def test_the_notebook_is_the_one_that_the_catalogue_makes(saved):
    import importlib.util

    spec = importlib.util.spec_from_file_location("glossary_tool", TOP / "tools" / "glossary.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    made = [(cell.cell_type, cell.source, cell.metadata.get("tags", [])) for cell in tool.built().cells]
    kept = [(cell.cell_type, cell.source, cell.metadata.get("tags", [])) for cell in saved.cells]
    assert kept == made, "run tools/glossary.py and make notebooks"


def test_the_saved_notebook_has_every_definition_of_today(saved):
    outputs = [output["data"] for cell in saved.cells if cell.cell_type == "code" for output in cell.outputs
               if "data" in output]  # fmt: skip
    plain = "\n".join("".join(data.get("text/plain", "")) for data in outputs)
    html = json.dumps([data.get("text/html", "") for data in outputs], ensure_ascii=False)
    for kpi in ALL:
        for text in (kpi.question, kpi.caveat, kpi.words, kpi.formula, kpi.source):
            assert text in plain, kpi.path
    for kpi in CATALOGUE.values():
        assert f'id=\\"{kpi.key}\\"' in html


@pytest.mark.parametrize("axis", sorted({kpi.axis for kpi in CATALOGUE.values()}))
def test_an_entry_prints_exactly_what_runs(page, axis):
    from html import unescape

    said = unescape(glossary.entries(page, axis).section(page.view))
    for kpi in (one for one in ALL if one.axis == axis):
        if not page.book.why_not(kpi.of or kpi.key, variant=kpi.key if kpi.of else None):
            assert page.book.sql(kpi.of or kpi.key, variant=kpi.key if kpi.of else None) in said


def test_an_entry_shows_the_value_of_the_choice_and_of_every_definition(page, demo):
    view = page.view
    shown = glossary.entries(page, "opportunities").shown(view)
    for path, variant in (("win_rate", None), ("win_rate.by_value", "by_value")):
        row = demo.kpi("win_rate", variant=variant, since=view.since, until=view.until).iloc[0]
        slot = shown.slots[f"{path}-now"]
        assert f"<strong>{row['value']:.1%}</strong>" in slot
        assert f"{row['low']:.1%} to {row['high']:.1%}" in slot
        assert f"{int(row['rows']):,} rows" in slot
    east = glossary.entries(page, "opportunities").shown(view.but(where={"segment": ["SMB"]}))
    assert east.slots["win_rate-now"] != shown.slots["win_rate-now"]
    assert "<svg" in shown.slots["win_rate-now"]


def test_data_without_tables_say_in_each_entry_what_is_missing():
    example = examples()["win_rate"]
    few = Page(kpilib.open(example.frames(), as_of=example.as_of))
    shown = glossary.entries(few, "loyalty").shown()
    assert "needs the table" in shown.slots["churn_rate-now"]
    assert glossary.entries(few, "opportunities").shown().slots["win_rate-now"].count("37.5%") == 1
    assert "-- " in glossary.entries(few, "sales").section()


def test_an_axis_that_no_kpi_has_is_refused(page):
    with pytest.raises(UnknownName, match="Did you mean 'sales'"):
        glossary.entries(page, "sale")


def test_every_kpi_is_in_the_list_that_finds_it_and_on_an_axis_with_a_name(page):
    html = glossary.finder(page).section(tools=True)
    assert re.findall(r'href="#(\w+)" data-finds="\w+"', html) == list(CATALOGUE)
    assert {kpi.axis for kpi in CATALOGUE.values()} <= set(glossary.AXES)
    assert 'type="search"' in html
    assert 'type="search"' not in glossary.finder(page).section(), "without the script nothing would search"


@pytest.mark.parametrize("kpi", list(CATALOGUE.values()), ids=lambda kpi: kpi.key)
def test_the_i_of_a_tile_leads_to_the_entry(kpi):
    html = str(folded(kpi, Words("EUR")))
    assert f'href="90_glossary.ipynb#{kpi.key}" data-shared' in html
    assert (TOP / "notebooks" / GLOSSARY).exists()


# --- how a figure is to be read -----------------------------------------------------------------------------------


def test_an_interval_narrows_as_rows_come_in_and_is_the_one_of_the_book(page, demo):
    drawn = glossary.interval(page.view, "Win rate")
    frame = drawn.table
    rows = frame["Rows"].tolist()
    assert rows == sorted(rows)
    year = demo.kpi("win_rate", since=page.view.since, until=page.view.until).iloc[0]
    assert (frame["Value"].iloc[-1], rows[-1]) == (year["value"], year["rows"])
    ends = [[float(part.strip("%")) for part in text.split(" to ")] for text in frame["95% interval"]]
    widths = [high - low for low, high in ends]
    assert widths == sorted(widths, reverse=True)
    assert "A CRM holds all its past" in drawn.note
    # The width goes with the square root of the rows: four times as many, half as wide.
    assert widths[0] / widths[-1] == pytest.approx(math.sqrt(rows[-1] / rows[0]), rel=0.1)


def test_the_few_rows_are_told_by_every_definition_of_one_unit(page):
    drawn = glossary.on_fingers(page.view, "Churn rate")
    assert drawn.finding.startswith("The same rows, counted in 4 ways: 12.0% (churn rate)")
    assert all(text in drawn.finding for text in ("19.3%", "14.7%", "22.0%"))
    assert drawn.table["Below"].tolist() == ["1,000", "1,140", "1,500", "1,000"]


@pytest.mark.parametrize("measure", list(glossary.SEVERAL))
def test_every_measure_that_is_offered_can_be_drawn(page, measure):
    assert glossary.on_fingers(page.view, measure).chart is not None


def test_the_young_are_hollow_and_not_in_what_the_old_say_together(page, demo):
    drawn = glossary.young(page.view, "Win rate of the created")
    table = drawn.table.set_index("Period")
    assert not table.loc["2026Q2", "Old enough"]
    assert table.loc["2025Q4", "Old enough"]
    old = demo.kpi("win_rate", variant="cohort", until="2025-12").iloc[0]
    assert f"{old['value']:.1%} over all of them" in drawn.finding


def test_a_measure_that_is_not_offered_is_refused(page):
    with pytest.raises(UnknownName, match="Did you mean 'Churn rate'"):
        glossary.on_fingers(page.view, "Churn rat")


# --- on the command line ------------------------------------------------------------------------------------------


def test_list_tells_all_of_one_kpi(capsys):
    assert main(["list", "churn_rate"]) == 0
    said = capsys.readouterr().out
    assert "120 ÷ 1,000 = 12.0%" in said
    assert "churn_rate.over_average" in said


def test_list_speaks_french(capsys):
    assert main(["list", "--language", "fr"]) == 0
    assert "Des affaires que nous avons clôturées, quelle part avons-nous gagnée" in capsys.readouterr().out


def test_list_proposes_the_nearest_kpi(capsys):
    assert main(["list", "churnrate"]) == 2
    assert "Did you mean 'churn_rate'?" in capsys.readouterr().err
