"""What a report says: the numbers of the pages, in words that claim no more, escaped, the same each time."""

import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from io import BytesIO
from itertools import pairwise
from types import SimpleNamespace

import openpyxl
import pytest
from browser.hostile import CELLS, FORMULA, IMAGE, SCRIPT
from companies import company
from speaking import mask, unsaid

import kpilib
from kpilib import cli
from kpilib.change.simpson import Turn, warning
from kpilib.errors import UnknownName
from kpilib.model.dimensions import DIMENSIONS
from kpilib.report import content, moved
from kpilib.report.content import contents
from kpilib.report.files import write
from kpilib.report.headline import Headline, asked
from kpilib.report.html import page
from kpilib.report.said import cell, summary
from kpilib.report.sheets import workbook
from kpilib.show import View
from kpilib.show.charts.spark import Point
from kpilib.show.tiles import tile
from kpilib.show.words import Words, missing
from kpilib.workbook import Reporting, Settings

PERIOD = "2026-06"


@pytest.fixture(scope="module")
def june(demo):
    return contents(demo, PERIOD)


@pytest.fixture(scope="module")
def html(june):
    return page(june)


@pytest.fixture(scope="module")
def small():
    """A company of a few hundred rows, in the middle of a month."""
    return kpilib.open(company(7), as_of="2025-05-17")


class Reading(HTMLParser):
    """What a page holds: its tags with their attributes, its text, and whether all that is opened is closed."""

    VOID = frozenset({"meta", "br", "hr", "img", "input", "link"})

    def __init__(self, html: str):
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.labels: list[str] = []  # what is said in place of the picture that is open
        self.unlabelled = 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.append((tag, given))
        if tag not in self.VOID:
            self.open.append(tag)
            self.labels.append(given["aria-label"] if given.get("role") == "img" else (self.labels or [""])[-1])
            self.unlabelled += tag == "svg" and not self.labels[-1]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        self.labels.pop()

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        if not {"title", "style", "svg", "pre", "code"} & set(self.open):
            self.texts.append(data)


# --- the same numbers as the pages --------------------------------------------------------------------------------


def test_the_figures_are_those_of_the_book(demo, june):
    for one in june.headlines:
        row = demo.kpi(one.kpi.key, since=PERIOD, until=PERIOD).iloc[0]
        assert one.value == pytest.approx(row["value"], rel=1e-12), one.kpi.key
        assert one.rows == row["rows"]
        for side in ("low", "high"):
            assert missing(getattr(one, side)) if missing(row[side]) else getattr(one, side) == row[side]


def test_each_figure_is_said_as_its_tile_says_it(demo, june, html):
    view = View(demo, since=PERIOD, until=PERIOD)
    read = "".join(Reading(html).texts)
    for one in june.headlines:
        said = tile(view, one.kpi.key).plain.split("; ")[0]  # "Win rate: 41.4% (37.3% to 45.5%), 551 rows"
        value = said.removeprefix(f"{one.kpi.name}: ").split(" (")[0].removesuffix(f", {one.counted}")
        assert one.counted in said
        assert f"{one.kpi.name}Figure: {value}" in read


def test_the_comparisons_are_those_of_the_book(demo, june):
    told = {one.kpi.key: one for one in june.headlines}
    for key, to in (("win_rate", "previous"), ("nps", "last_year"), ("revenue", "target"), ("churn_rate", "previous")):
        row = demo.compare(key, PERIOD, to=to).iloc[0]
        one = told[key].against[to]
        assert (one.difference, one.verdict) == (row["difference"], row["verdict"])


def test_the_reports_of_a_stock_and_of_a_quarter_end_where_the_pages_end(demo):
    found = contents(demo, "2026Q2", ["active_customers", "revenue"]).headlines
    assert found[0].value == demo.kpi("active_customers", since="2026-06", until="2026-06")["value"][0]
    assert found[1].value == pytest.approx(sum(demo.kpi("revenue", period="month", since="2026Q2")["value"]))


def test_without_names_a_report_has_the_overviews_kpis_each_once_under_its_first_question():
    told = asked(Settings(), None)
    assert [key for _, key in told] == list(Settings().kpis)
    assert dict(map(reversed, told))["nps"] == "satisfaction"


def test_the_teams_choice_goes_before_the_overviews_and_the_readers_before_the_teams():
    chosen = Settings(report=Reporting(kpis=("nps", "revenue")))
    assert asked(chosen, None) == [("", "nps"), ("", "revenue")]
    assert asked(chosen, ["win_rate", "win_rate"]) == [("", "win_rate")]


# --- what moved ---------------------------------------------------------------------------------------------------


def compared(p: float, difference: float = 1.0) -> SimpleNamespace:
    return SimpleNamespace(p=p, difference=difference)


def test_of_many_comparisons_those_stand_that_would_be_false_one_time_in_twenty():
    # Benjamini and Hochberg by hand, four looks: 0.001 ≤ 0.05/4, 0.02 ≤ 2·0.05/4, 0.04 > 3·0.05/4, 0.9.
    looks = [compared(0.04), compared(0.9), compared(0.02), compared(0.001)]
    assert [one.p for one in moved.standing(looks)] == [0.001, 0.02]
    assert moved.standing([]) == []


def test_a_sum_is_measured_by_its_usual_change_from_month_to_month(demo):
    run = tuple(Point(month, value) for month, value in enumerate([10.0, 12.0, 11.0, 14.0]))
    one = Headline(demo.kpis["revenue"], run=run, against={"previous": compared(float("nan"), -4.0)})
    assert moved.swing(one) == 2.0  # the usual change is (2 + 1 + 3) / 3
    assert moved.swing(replace(one, run=run[:1])) == 0.0


def test_what_explains_a_change_adds_up_to_it(june):
    explained = [one for one in june.moves.moved if one.explanation]
    assert explained
    for one in explained:
        parts = sum(part.mix + part.rate for part in one.explanation.parts)
        assert parts == pytest.approx(one.comparison.difference, rel=1e-6)


def test_only_changes_that_stand_are_told_as_moved_beside_the_sums(june):
    tested = [one for one in june.moves.moved if not one.kpi.total]
    assert len(tested) == min(len(june.moves.stand), moved.TESTED)
    assert len(june.moves.moved) - len(tested) <= moved.TOTALS


# --- in a few words -----------------------------------------------------------------------------------------------


def beside(kpi, now: float, before: float, verdict: str, to: str = "previous") -> SimpleNamespace:
    """A comparison as a cell reads it."""
    return SimpleNamespace(
        kpi=kpi, difference=now - before, verdict=verdict, to=to, before=SimpleNamespace(value=before), p=float("nan")
    )


@pytest.mark.parametrize(
    ("key", "now", "before", "verdict", "said"),
    [
        ("revenue", 110_000, 100_000, "better", ("▲ 10.0%, better", "better", "was €100K")),
        ("revenue", 90_000, 100_000, "worse", ("▼ 10.0%, worse", "worse", "was €100K")),
        ("revenue", 50, -20, "better", ("▲ €70, better", "better", "was −€20")),  # of a loss there is no per cent
        ("revenue", 100_000, 100_000, "same", ("no change", "none", "was €100K")),
        ("win_rate", 0.414, 0.450, "same", ("−3.6 points, within chance", "none", "was 45.0%")),
        ("win_rate", 0.414, 0.300, "better", ("▲ 11.4 points, better", "better", "was 30.0%")),
        ("churn_rate", 0.02, 0.01, "worse", ("▲ 1.0 points, worse", "worse", "was 1.0%")),
        ("nps", 31.0, 20.0, "higher", ("▲ 11.0", "none", "was 20.0")),
    ],
)
def test_a_cell_says_how_much_which_way_and_whether_that_is_good(demo, key, now, before, verdict, said):
    told = cell(beside(demo.kpis[key], now, before, verdict), Words("EUR"))
    assert (told.text, told.direction, told.behind) == said


def test_a_cell_of_a_target_names_the_target(demo):
    told = cell(beside(demo.kpis["win_rate"], 0.30, 0.42, "worse", "target"), Words("EUR"))
    assert told.behind == "target 42.0%"


# --- the page -----------------------------------------------------------------------------------------------------


def test_the_first_lines_say_what_matters(june, html):
    said = [text for text in Reading(html).texts if text.strip()]
    assert said[0] == "Key figures, June 2026"
    assert said[1 : 1 + len(summary(june))] == summary(june)


def test_the_file_needs_nothing_but_itself(html):
    read = Reading(html)
    assert not {tag for tag, _ in read.tags} & {"script", "link", "img", "iframe", "object", "form", "a", "input"}
    named = {name for _, attributes in read.tags for name in attributes}
    assert not {name for name in named if name.startswith("on")} | named & {"src", "href", "xlink:href", "action"}
    addresses = set(re.findall(r"https?://[^\s\"'<)]+", html))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert not re.search(r"@import|url\((?!#)", html)
    assert "default-src 'none'" in html
    assert len(html.encode()) < 2_000_000


def test_all_that_is_opened_is_closed_and_headings_go_down_one_by_one(html):
    read = Reading(html)
    assert read.open == []
    levels = [int(tag[1]) for tag, _ in read.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_each_chart_has_its_words_and_stands_in_a_language(html):
    read = Reading(html)
    assert read.tags[0] == ("html", {"lang": "en"})
    assert [tag for tag, _ in read.tags].count("svg") > 10
    assert read.unlabelled == 0


def test_what_is_for_the_worse_is_said_in_words_and_not_in_colour_alone(html):
    coloured = re.findall(r'color:#a84300;font-weight:bold">([^<]+)<', html)
    assert coloured
    assert all(re.search(r"worse", said) for said in coloured)


def test_the_same_data_give_the_same_bytes(top, html):
    again = contents(kpilib.open(top / "data" / "demo"), PERIOD)
    assert page(again) == html


def test_the_tables_are_readable_without_the_style_sheet(html):
    bare = re.sub(r"<style>.*?</style>", "", html, flags=re.S)
    cells = [attributes for tag, attributes in Reading(bare).tags if tag in ("td", "th")]
    assert all("padding" in one.get("style", "") or "border" in one.get("style", "") for one in cells)
    assert "display:flex" not in bare
    assert "display:grid" not in bare


def test_where_the_parts_say_the_opposite_of_the_whole_that_is_said_before_the_figures(june):
    one = next(one for one in june.headlines if one.kpi.key == "win_rate")
    found = replace(one.against["previous"], turn=Turn("segment", "opposite", 1))
    turned = replace(june, headlines=(replace(one, against={"previous": found}),))
    html = page(turned)
    said = warning("Win rate", "segment")
    assert 0 < html.index(said) < html.index("<table")
    assert said not in page(replace(june, headlines=(one,)))
    assert openpyxl.load_workbook(BytesIO(workbook(turned)))["Figures"]["H5"].value == said


# --- other languages, other data ----------------------------------------------------------------------------------


def test_a_french_report_has_french_dates_and_numbers(demo):
    read = Reading(page(contents(demo, PERIOD, ["win_rate", "revenue"], "fr")))
    text = " ".join(read.texts)
    assert read.tags[0] == ("html", {"lang": "fr"})
    assert "juin 2026" in text
    assert "30 juin 2026" in text
    assert re.search(r"\d,\d[\u202f\u00a0 ]%", text)
    assert not re.search(r"\d\.\d%", text)


def test_all_that_a_report_says_is_a_message(small, monkeypatch):
    mask(monkeypatch)
    made = contents(small, "2025-04", ["win_rate", "revenue", "nps", "average_deal"])
    cells = {str(member) for field in DIMENSIONS for member in small.members(field)["member"]}
    names = cells | {one.table for one in made.quality.tables} | {"frames", "EUR"}
    names |= {one.source for one in made.definitions} | {made.fingerprint[:12], made.fingerprint}
    names |= {fault.reason for fault in made.quality.faults} | {fault.column for fault in made.quality.faults}
    read = re.sub(r"\b(April|May|p)\b", "", " ".join(Reading(page(made)).texts))  # months are Babel's, p is p
    assert not unsaid(read, names)


def test_a_period_that_is_not_over_is_marked_at_the_top_and_at_each_figure(small):
    made = contents(small, "2025-05", ["revenue", "win_rate"])
    assert summary(made)[0] == "May 2025 is not over: the data end on May 17, 2025."
    assert page(made).count("period not over") == sum(not one.why for one in made.headlines)


def test_an_unfinished_month_is_compared_with_as_many_days(small):
    one = contents(small, "2025-05", ["revenue"]).headlines[0].against["previous"]
    assert (one.now.window.first, one.now.window.last) == (date(2025, 5, 1), date(2025, 5, 17))
    assert (one.before.window.first, one.before.window.last) == (date(2025, 4, 1), date(2025, 4, 17))


@pytest.mark.slow
def test_a_kpi_whose_table_is_missing_says_which_and_has_no_number():
    frames = {name: frame for name, frame in company(7).items() if name != "surveys"}
    made = contents(kpilib.open(frames, as_of="2025-04-30"), "2025-04", ["nps", "revenue"])
    assert "surveys" in made.headlines[0].why
    assert made.headlines[0].value is None
    assert "surveys" in page(made)
    sheet = openpyxl.load_workbook(BytesIO(workbook(made)))["Figures"]
    assert sheet["D5"].value is None
    assert "surveys" in sheet["H5"].value


def test_a_kpi_or_a_language_that_does_not_exist_is_refused_with_the_nearest(small):
    with pytest.raises(UnknownName, match=r"No KPI is called 'win_rat'\. Did you mean 'win_rate'\?"):
        contents(small, "2025-04", ["win_rat"])
    with pytest.raises(UnknownName, match=r"No language of the interface is called 'de'"):
        contents(small, "2025-04", ["win_rate"], "de")


@pytest.mark.slow
def test_no_name_of_the_data_runs_as_markup_or_as_a_formula():
    frames = {name: frame.replace(CELLS.get(name, {})) for name, frame in company(7).items()}
    book = kpilib.open(frames, as_of="2025-04-30")
    book.about = replace(book.about, name=f"{FORMULA}{IMAGE}{SCRIPT}")
    made = contents(book, "2024-12", ["revenue", "win_rate", "average_deal"])
    assert any(one.explanation for one in made.moves.moved)
    html = page(made)
    tags = {tag for tag, _ in Reading(html).tags}
    assert not tags & {"img", "script", "a"}
    assert "&lt;img src=x" in html
    assert html.count("</style>") == 1
    sheets = openpyxl.load_workbook(BytesIO(workbook(made)))
    cells = [cell for sheet in sheets for line in sheet.iter_rows() for cell in line if cell.value is not None]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    assert [cell.data_type for cell in cells if str(cell.value).startswith(FORMULA)]


# --- alerts -------------------------------------------------------------------------------------------------------


def test_the_alerts_are_those_of_the_watch_the_first_with_their_charts(demo, june):
    from kpilib.alerts.watch import watch

    seen = watch(demo, Settings())
    assert [told.alert.key for told in june.alerts] == [one.key for one in seen.alerts]
    drawn = [told for told in june.alerts if told.frame is not None]
    assert len(drawn) <= content.DRAWN
    assert all("centre" in told.frame for told in drawn)


# --- Excel --------------------------------------------------------------------------------------------------------


def test_the_workbook_has_its_sheets_and_its_numbers_are_numbers(demo, june):
    book = openpyxl.load_workbook(BytesIO(workbook(june)))
    assert book.sheetnames == ["Figures", "Changes", "Alerts", "Definitions", "Data"]
    sheet = book["Figures"]
    names = [cell.value for cell in sheet[4]]
    lines = {line[names.index("KPI")].value: line for line in sheet.iter_rows(min_row=5)}
    won, sold = lines["Win rate"], lines["Revenue"]
    figure = names.index("Figure")
    assert won[figure].value == pytest.approx(demo.kpi("win_rate", since=PERIOD, until=PERIOD)["value"][0])
    assert won[figure].number_format == "0.0%"
    assert sold[figure].number_format == '#,##0" EUR"'
    difference = won[names.index("Period before: difference")]
    told = next(one for one in june.headlines if one.kpi.key == "win_rate")
    assert difference.value == pytest.approx(100 * told.against["previous"].difference)
    assert difference.number_format == '0.0" points"'
    assert book["Definitions"].max_row - 4 == len(june.headlines)
    assert {cell.value for cell in book["Data"]["A"]} >= {"order_lines", "customers"}


def test_the_workbook_says_of_when_it_is_and_not_when_it_was_made(june):
    assert openpyxl.load_workbook(BytesIO(workbook(june))).properties.created.date() == june.as_of


# --- the command --------------------------------------------------------------------------------------------------


def test_the_command_writes_the_report_and_says_where(top, tmp_path, capsys, html):
    out = tmp_path / "june.html"
    assert cli.main(["report", "--data", str(top / "data" / "demo"), "--period", PERIOD, "--out", str(out)]) == 0
    assert capsys.readouterr().out.startswith(f"Written to {out}: June 2026, ")
    assert out.read_text(encoding="utf-8") == html


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--out", "nowhere/june.html"], "There is no folder 'nowhere' to write 'june.html' in. Make it first."),
        (["--out", "june.doc"], "No form of a report is called '.doc'."),
        (["--out", "june.html", "--period", "June"], "'June' is no period."),
        (["--out", "june.html", "--period", "2031-01"], "January 2031 is after the data"),
        (["--out", "june.html", "--kpis", "win_rat"], "No KPI is called 'win_rat'. Did you mean 'win_rate'?"),
        (["--out", "june.html", "--language", "de"], "No language of the interface is called 'de'."),
        (["--out", "june.html", "--workbook", "none.toml"], "There is no file 'none.toml'"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line_and_nothing_is_written(
    top, tmp_path, monkeypatch, capsys, arguments, said
):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["report", "--data", str(top / "data" / "demo"), *arguments]) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"kpi report: {said}")
    assert told.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_the_team_chooses_its_kpis_and_its_language(top, tmp_path, capsys):
    chosen = tmp_path / "workbook.toml"
    chosen.write_text('[report]\nkpis = ["revenue", "win_rate"]\nlanguage = "fr"\n')
    out = tmp_path / "juin.html"
    where = ["--data", str(top / "data" / "demo"), "--workbook", str(chosen)]
    assert cli.main(["report", *where, "--out", str(out)]) == 0
    assert "2 KPIs" in capsys.readouterr().out
    assert '<html lang="fr">' in out.read_text(encoding="utf-8")


def test_writing_a_report_gives_each_form_its_own_bytes(small, tmp_path):
    made = contents(small, "2025-04", ["revenue"])
    assert write(made, tmp_path / "a.html").read_bytes().startswith(b"<!DOCTYPE html>")
    assert write(made, tmp_path / "a.xlsx").read_bytes().startswith(b"PK")
