"""A page of real widgets over a small book: what changes when the choice changes, and what never does."""

import logging
import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from show_book import HOSTILE, FakeBook

import kpilib
from kpilib.errors import BadInput, CannotAnswer, UnknownName
from kpilib.show import Drawn, Page, charts, sentences, tables
from kpilib.show.style import BLOCK

QUESTION = "Which regions win?"


def win_rate(view):
    kpi = view.book.kpis["win_rate"]
    frame = view.kpi("win_rate", by="region")
    found = sentences.best_and_worst(frame, sentences.Measure.of_kpi(kpi, view.words, "closed deals"))
    table = tables.kpi_table(frame, kpi, view.words, "Region")
    return Drawn(found, charts.bars(frame, unit="share", words=view.words), table, int(frame["rows"].sum()))


@pytest.fixture
def page():
    return Page(FakeBook())


def counting(page):
    """A figure that counts how often it is drawn."""
    drawn = []

    def draw(view):
        drawn.append(view.text)
        return Drawn(f"Drawn for {view.text}.", rows=1)

    return page.figure("How often?", draw), drawn


def test_the_bar_offers_only_dimensions_that_have_members(page):
    assert list(page.filters.members) == ["segment", "region", "owner"]
    bar = page.sections({})["filters"]
    assert re.findall(r'data-dimension="(\w+)"', bar) == ["period", "segment", "region", "owner"]


def test_every_list_of_the_bar_can_be_searched_and_has_a_name(page):
    bar = page.sections({})["filters"]
    assert re.findall(r'aria-label="(Search in [^"]+)"', bar) == [
        "Search in Customer family", "Search in Region", "Search in Salesperson",
    ]  # fmt: skip
    assert re.findall(r'role="group" aria-label="([^"]+)"', bar) == ["Customer family", "Region", "Salesperson"]


def test_members_are_offered_with_their_counts(page):
    assert page.filters.members["segment"] == {"Enterprise": 216, "SMB": 216}
    box = '<input type="checkbox" name="segment" value="SMB"> <span>SMB</span> <span class="kpi-count">216</span>'
    assert box in page.sections({})["filters"]


class TwoPanels(FakeBook):
    """A book of deals and order lines; what is not given is all there is of sectors."""

    def members(self, name, panel=None):
        if name == "industry":
            return pd.DataFrame({"member": ["(not given)"], "rows": [5]})
        made = super().members(name)
        return made.head(1).assign(rows=7) if panel == "sales" and name == "segment" else made


def test_members_are_counted_on_the_rows_of_the_page():
    sales = Page(TwoPanels(), when="ordered_on").filters
    assert sales.members["segment"] == {"Enterprise": 7}
    assert "each with its order lines of all time" in sales.page.sections({})["filters"]
    deals = Page(TwoPanels()).filters
    assert deals.members["segment"]["Enterprise"] == 216
    assert "each with its deals of all time" in deals.page.sections({})["filters"]


def test_a_list_of_nothing_but_what_is_not_given_is_not_shown():
    assert "industry" not in Page(TwoPanels()).filters.members


def test_a_member_without_rows_on_the_page_is_refused():
    page = Page(TwoPanels(), when="ordered_on")
    with pytest.raises(UnknownName, match="No member of 'segment' on this page is called 'SMB'"):
        page.choose(segment=["SMB"])
    assert page.view.where == {}


def test_a_page_whose_panel_is_empty_counts_all_rows():
    class NoSales(FakeBook):
        def members(self, name, panel=None):
            made = super().members(name)
            return made.head(0) if panel == "sales" else made

    filters = Page(NoSales(), when="ordered_on").filters
    assert filters.members["segment"]["Enterprise"] == 216
    assert "each with its rows of all time" in filters.page.sections({})["filters"]


def test_a_change_of_a_filter_redraws_each_figure(page):
    first, second = page.figure(QUESTION, win_rate), page.figure("And again?", win_rate)
    before = first.html, second.html
    page.choose(region=["East"])
    assert "Region East; 2025-07 to 2026-06" not in before[0]
    for figure, old in zip((first, second), before, strict=True):
        assert figure.html != old
        assert "Region East" in figure.html


def test_a_change_of_the_period_redraws_each_figure(page):
    figure = page.figure(QUESTION, win_rate)
    assert "288 rows" in figure.html
    page.choose(period="All")
    assert "432 rows" in figure.html


def test_a_figure_is_not_drawn_before_it_is_shown(page):
    figure, drawn = counting(page)
    page.choose(region=["East"])
    assert drawn == []
    assert "East" in figure.html
    assert len(drawn) == 1


def test_showing_a_figure_draws_it_once(page):
    figure, drawn = counting(page)
    figure._repr_mimebundle_()
    figure._repr_mimebundle_()
    assert len(drawn) == 1


def test_a_reset_goes_back_to_the_start_and_draws_nothing_anew(page):
    figure, drawn = counting(page)
    assert figure.html
    page.choose(segment=["SMB"], region=["East"], period="All")
    assert figure.html
    page.reset()
    assert figure.html
    assert len(drawn) == 2
    assert page.view.where == {}
    assert page.choice.period == "last-12-months"


def test_a_piece_remembers_no_more_answers_than_a_few(page):
    figure, drawn = counting(page)
    for month in range(18):
        page.choose(since=f"{2025 + month // 12}-{month % 12 + 1:02d}", until="2026-06")
        assert figure.html
    assert len(drawn) == 18
    assert len(figure._answers) == 8


def test_the_choice_is_said_in_words_and_in_sql(page):
    page.choose(segment=["SMB"], region=["O'Hara"], since="2026-01", until="2026-03")
    said = page.filters.html
    assert "Customer family SMB; region O&#x27;Hara; 2026-01 to 2026-03" in said
    assert "WHERE segment IN (&#x27;SMB&#x27;) AND region IN (&#x27;O&#x27;&#x27;Hara&#x27;)" in said
    assert "closed_on &gt;= DATE &#x27;2026-01-01&#x27; AND closed_on &lt; DATE &#x27;2026-04-01&#x27;" in said


@pytest.mark.parametrize(
    ("choice", "error", "sentence"),
    [
        ({"region": ["Wset"]}, UnknownName, "No member of 'region' on this page is called 'Wset'"),
        ({"region": ["' OR 1=1 --"]}, UnknownName, "No member of 'region'"),
        ({"industry": ["Retail"]}, UnknownName, "No filter is called 'industry'"),
        ({"period": "Last year"}, UnknownName, "No preset period is called 'Last year'"),
        ({"since": "2019-01"}, BadInput, "no month 2019-01; they go from 2025-01 to 2026-06"),
        ({"since": "2026-03", "until": "2025-02"}, BadInput, "choose an earlier start"),
    ],
)
def test_a_choice_the_data_do_not_have_is_refused_and_changes_nothing(page, choice, error, sentence):
    before = page.view
    with pytest.raises(error, match=re.escape(sentence)):
        page.choose(segment=["SMB"], **choice)
    assert page.view == before
    assert page.choice.where == {}


def test_a_slice_without_rows_says_so_instead_of_an_empty_chart(page):
    figure = page.figure("Anything?", lambda view: Drawn("found", table=view.panel("deals").head(0)))
    assert "Nothing to show: no row matches" in figure.html
    assert "<svg" not in figure.html


def test_a_chart_of_nothing_becomes_the_sentence_of_an_empty_slice(page):
    def draw(view):
        return Drawn("found", charts.bars(view.kpi("win_rate", by="region").head(0), unit="share"))

    assert "Nothing to show: no row matches" in page.figure("Anything?", draw).html


def test_an_answer_that_cannot_be_given_says_why_and_the_other_figures_go_on(page):
    def draw(_):
        raise CannotAnswer("There is no table <surveys>.")

    failing, other = page.figure("Are they happy?", draw), page.figure(QUESTION, win_rate)
    assert "There is no table &lt;surveys&gt;." in failing.html
    assert "<svg" in other.html
    assert isinstance(failing.error, CannotAnswer)
    assert other.error is None


def test_a_fault_shows_a_reference_and_logs_the_traceback_with_it(page, caplog, capfd):
    def draw(_):
        return {}["secret"]

    with caplog.at_level(logging.ERROR, logger="kpilib.show"):
        html = page.figure("Broken?", draw).html
    reference = re.search(r"Something went wrong \(ref ([0-9a-f]{8})\)", html).group(1)
    assert "secret" not in html
    assert "Traceback" not in html
    assert reference in caplog.text
    assert "KeyError: 'secret'" in caplog.text
    assert capfd.readouterr() == ("", "")


def test_a_draw_function_that_returns_no_drawing_is_told_what_to_return(page):
    assert "returned NoneType; it must return Drawn" in page.figure("Forgotten?", lambda view: None).html


def test_the_same_fault_has_the_same_reference(page):
    pages = [Page(FakeBook()).figure("Broken?", lambda view: 1 / 0).html for _ in range(2)]
    assert pages[0] == pages[1]


def test_the_saved_output_has_the_same_content_in_html_and_text(page):
    bundle = page.figure(QUESTION, win_rate)._repr_mimebundle_()
    assert set(bundle) == {"application/vnd.jupyter.widget-view+json", "text/html", "text/plain"}
    finding = bundle["text/plain"].splitlines()[1]
    assert bundle["text/plain"].startswith(QUESTION)
    assert finding.replace("<", "&lt;").replace(">", "&gt;").replace("'", "&#x27;") in bundle["text/html"]
    for part in ("96", "288 rows", "All regions, 2025-07 to 2026-06"):
        assert part in bundle["text/plain"]
        assert part in bundle["text/html"]


def test_a_figure_of_another_slice_says_which(page):
    draw = lambda view: Drawn("found", rows=432, slice=view.but(since=None).text)  # noqa: E731
    assert page.figure("All along?", draw).plain.endswith("All regions, 2025-01 to 2026-06 · 432 rows")


def test_the_live_view_is_the_same_widget_wherever_it_is_shown(page):
    figure = page.figure(QUESTION, win_rate)
    first, second = (figure._repr_mimebundle_()["application/vnd.jupyter.widget-view+json"] for _ in range(2))
    assert first["model_id"] == second["model_id"] == figure.widget.model_id


def test_a_figure_of_the_same_name_takes_the_first_ones_place(page):
    first, drawn = counting(page)
    assert first.html
    second, drawn_again = counting(page)
    assert second.html
    list(page.answer({"region": ["East"]}))
    assert (len(drawn), len(drawn_again)) == (1, 2)


def test_two_questions_that_start_alike_have_names_of_their_own(page):
    long = "Which of the many regions in which we sell what we sell to whom we sell it win"
    first, second = (page.figure(f"{long} {end}?", win_rate) for end in ("more", "less"))
    assert first.name != second.name
    assert list(page.pieces) == ["filters", first.name, second.name]


def test_a_hostile_customer_name_is_text_everywhere(page):
    figure = page.figure(QUESTION, win_rate)
    page.choose(region=[HOSTILE])
    bar = page.sections({"region": [HOSTILE]})["filters"]
    for html in (figure.html, page.filters.html, bar, page.tiles(["win_rate"]).html):
        assert "<img" not in html
    # In the finding, the chart's alternative, the chart, the table and the slice.
    assert figure.html.count("&lt;img src=x") >= 5
    assert bar.count("&lt;img src=x") >= 4
    assert HOSTILE in figure.plain


def test_the_widget_view_alone_is_what_the_notebook_comparison_leaves_out():
    source = (Path(sys.prefix) / "lib").glob("python*/site-packages/nbval/plugin.py")
    skipped = re.search(r"self\.skip_compare = \((.*?)\)\n", next(source).read_text(), re.S).group(1)
    names = re.findall(r"^\s*'([^']+)'", skipped, re.M)
    assert "application/vnd.jupyter.widget-view+json" in names
    assert not {"text/html", "text/plain"} & set(names)


_PRINT = """
import sys
sys.path[:0] = sys.argv[1:]
from show_book import FakeBook
from test_show_page import QUESTION, win_rate
from kpilib.show import Page
page = Page(FakeBook())
if sys.argv[2] == "warm":
    page.figure("Another before it?", win_rate).html
bundle = page.figure(QUESTION, win_rate)._repr_mimebundle_()
print(bundle["text/html"], bundle["text/plain"], page.filters.html, page.tiles(["win_rate"]).html)
"""


@pytest.mark.slow
def test_two_processes_give_the_same_bytes():
    runs = [
        subprocess.run(
            [sys.executable, "-c", _PRINT, str(Path(__file__).parent), warm],
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
            timeout=120,
        ).stdout
        for seed, warm in (("1", "cold"), ("2", "warm"))
    ]
    assert len(runs[0]) > 5_000
    assert runs[0] == runs[1]


def test_a_tile_shows_value_interval_rows_and_definition(page):
    html = page.tiles(["win_rate"]).html
    assert re.search(r'<p class="kpi-value"[^>]*>\d+\.\d%</p>', html)
    assert re.search(r'<p class="kpi-interval">\d+\.\d% to \d+\.\d%</p>', html)
    assert "288 rows" in html
    assert 'title="Of the deals we closed, what share did we win?"' in html
    assert "<code>status = &#x27;won&#x27;</code>" in html


def test_a_tile_that_cannot_be_answered_is_greyed_and_says_why(page):
    tiles = page.tiles(["nps", "clv", "win_rate"])
    assert tiles.html.count("kpi-tile-off") == 2
    assert "There is no table surveys" in tiles.html
    assert "Churn&#x27;s interval touches zero" in tiles.html
    assert "288 rows" in tiles.html


def test_a_tile_whose_rows_lack_what_it_sums_names_the_columns():
    deals = pd.DataFrame(
        {
            "opportunity_id": ["a", "b", "c"],
            "source": ["Web", "Fair", "Fair"],
            "created_on": "2026-01-02",
            "closed_on": ["2026-01-10", "2026-02-10", "2026-02-11"],
            "stage": "Closed",
            "status": "won",
            "amount": [None, 200.0, 300.0],
            "currency": "EUR",
        }
    )
    page = Page(kpilib.open({"opportunities": deals}), period="All")
    tiles = page.tiles(["won_amount"])
    assert "No row here has what it sums: amount." in tiles.shown(page.view.but(until="2026-01")).plain
    assert "Nothing to show: no row matches" in tiles.shown(page.view.but(since="2025-01", until="2025-02")).plain


def test_a_table_that_is_folded_or_broad_leaves_the_chart_the_width(page):
    def drawn(columns, rows):
        return Drawn("Found.", chart, pd.DataFrame({f"c{i}": ["x" * 12] * rows for i in range(columns)}), 1)

    chart = charts.bars(page.view.kpi("win_rate", by="segment"), unit="share")
    beside = page.figure("Beside?", lambda view: drawn(2, 3)).html
    assert "kpi-wide" not in beside
    assert "kpi-wide" in page.figure("Folded?", lambda view: drawn(2, tables.OPEN + 1)).html
    assert "kpi-wide" in page.figure("Broad?", lambda view: drawn(6, 3)).html


def test_eight_tiles_stand_in_two_rows_of_four_and_ten_in_two_of_five(page):
    def classes(count):
        return re.search(r'class="(kpi-grid[^"]*)"', page.tiles(["win_rate"] * count).html).group(1)

    assert [classes(count) for count in (8, 10, 3)] == ["kpi-grid kpi-fours", "kpi-grid", "kpi-grid"]


def test_tiles_follow_the_choice(page):
    tiles = page.tiles(["win_rate"])
    assert "288 rows" in tiles.html
    page.choose(segment=["SMB"])
    assert "144 rows" in tiles.html


def test_a_tile_of_an_unknown_kpi_is_the_authors_error(page):
    with pytest.raises(UnknownName, match="Did you mean 'win_rate'"):
        page.tiles(["win_rat"])
    with pytest.raises(BadInput, match="needs a list"):
        page.tiles("win_rate")


def test_the_style_needs_nothing_from_the_network(page):
    html = page.filters.html + page.figure(QUESTION, win_rate).html
    assert BLOCK in page.filters.html
    assert not re.search(r"@import|url\(\s*['\"]?http|src=|href=", html.replace("&lt;img src=x", ""))
    assert "light-dark(" in html
    assert "break-inside:avoid" in html
