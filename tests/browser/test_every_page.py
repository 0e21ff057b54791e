"""What every page of the workbook is in a browser: whole, at home, readable by all, on any screen and on paper.

The pages are those that the gallery shows: a new notebook is taken in by itself. Each is opened twice, at a desk and,
in French and in the dark, on a telephone; the checks share what is open, and put back what they change.
"""

import json
import time

import pytest
from playwright.sync_api import expect

from browser.reading import DARK, PHONE, SMALL, over, violations
from kpilib.serve.gallery import LAB, Card, cards
from kpilib.serve.places import NOTEBOOKS

CARDS = cards(NOTEBOOKS)
DESK = {"viewport": {"width": 1280, "height": 900}}
PAINTED = 120
"""Seconds: a server that has just started paints one page after the other."""
WIDTHS = (320, 360, 768, 1280, 3840)
VERSUS, WHY = "[data-piece=how-does-a-compare-with-b]", "[data-piece=why-did-it-change]"
LOOKS = "[data-piece^=how-many-comparisons]"
#: What a reader presses is of no use on paper.
CONTROLS = (".kpi-picks", ".kpi-tools", ".kpi-info", ".kpi-bar-tools", ".kpi-sql")
CHARTS = "[data-slot=chart][role=img]"


@pytest.fixture(scope="module", params=CARDS, ids=lambda card: card.path)
def card(request) -> Card:
    return request.param


@pytest.fixture(scope="module")
def desk(server, shared_visit, card):
    """The page at a desk, in English, every chart drawn."""
    seen = shared_visit(server.url, **DESK).open(f"/voila/render/{card.path}").alive()
    yield seen
    seen.page.close()


@pytest.fixture(scope="module")
def phone(server, shared_visit, card):
    """The page on a telephone, in French and in the dark."""
    seen = shared_visit(server.url, **PHONE, **DARK).open(f"/voila/render/{card.path}?lang=fr").alive()
    yield seen
    seen.page.close()


@pytest.fixture(scope="module")
def told(server, shared_visit):
    """What the gallery says of each page: the value of its headline figures, by their KPI, once all are painted."""
    seen = shared_visit(server.url)
    wanted = {card.path: list(card.headline) for card in CARDS}
    read = """() => [...document.querySelectorAll(".kpi-card")].map((card) => [
      decodeURI(card.querySelector("a").pathname.split("/voila/render/")[1]),
      [...card.querySelectorAll(".kpi-headline")]
        .map((one) => [one.dataset.kpi, one.querySelector(".kpi-value").innerText]),
    ])"""
    shown, deadline = {}, time.monotonic() + PAINTED
    while {path: list(said) for path, said in shown.items()} != wanted and time.monotonic() < deadline:
        shown = {path: dict(said) for path, said in seen.gallery().page.evaluate(read) if path in wanted}
    seen.page.close()
    return shown


@pytest.fixture(scope="module")
def asked(card) -> int:
    """How many figures the notebook asks its page for."""
    cells = json.loads((NOTEBOOKS / card.path).read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code" and LAB not in cell["metadata"].get("tags", [])]
    return sum("".join(cell["source"]).count("page.figure(") for cell in code)


def test_the_gallery_has_a_card_with_a_question_for_each_notebook(server, visit):
    page = visit(server.url).open().page
    expect(page.locator(".kpi-card a")).to_have_text([card.title for card in CARDS])
    assert [card.path for card in CARDS if not card.question] == []


# --- at a desk ----------------------------------------------------------------------------------------------------


def test_a_page_is_complete_asks_no_other_host_and_logs_no_error(desk):
    expect(desk.page.get_by_role("main").locator("h1")).to_have_count(1)
    expect(desk.page.locator(".kpi-failed, .kpi-banner, .kpi-refused")).to_have_count(0)
    assert desk.elsewhere() == []
    assert desk.errors == []


def test_every_figure_of_the_notebook_has_an_answer_its_slice_and_its_rows(desk, asked):
    figures = desk.page.locator(".kpi-figure")
    assert figures.count() == asked
    said = figures.evaluate_all(
        "all => all.map(f => ['.kpi-question', '.kpi-finding', '.kpi-foot'].map(s => f.querySelector(s)?.innerText))"
    )
    for question, finding, foot in said:
        assert question.endswith("?")
        assert len(finding) >= 40, question
        assert foot, question


def test_each_chart_says_what_it_shows_and_its_numbers_can_be_read(desk):
    for figure in desk.page.locator(f".kpi-figure:has({CHARTS} svg)").all():
        assert len(figure.locator(CHARTS).get_attribute("aria-label")) > 30
        scrolled = figure.locator("[data-slot=table]:has(table) .kpi-scroll")
        assert scrolled.get_attribute("tabindex") == "0", "a table that is too wide is moved with the keys"


def test_a_page_that_compares_says_what_differs_and_counts_its_looks(desk):
    compared = desk.page.locator(f"{VERSUS}, {WHY}")
    for figure in compared.all():
        assert len(figure.locator(".kpi-finding").inner_text()) > 60
        expect(figure.locator("[data-slot=chart] svg")).to_have_count(1)
    if compared.count():
        expect(desk.page.locator(LOOKS)).to_have_count(1)


def test_the_gallery_says_the_headline_figures_as_the_page_does(desk, card, told):
    assert list(told[card.path]) == list(card.headline)
    for key, value in told[card.path].items():
        expect(desk.page.locator(f".kpi-tile[data-kpi={key}] .kpi-value").first).to_have_text(value)


def test_axe_finds_nothing_in_the_light_and_in_the_dark(desk):
    looks = desk.page.locator(f"{LOOKS} summary")
    if looks.count():
        looks.click()
    assert violations(desk.page) == []
    desk.page.emulate_media(color_scheme="dark")
    assert violations(desk.page) == []
    desk.page.emulate_media(color_scheme="light")


def test_nothing_is_wider_than_the_screen_or_hangs_over_the_edge_of_its_card(desk):
    for width in WIDTHS:
        desk.page.set_viewport_size({"width": width, "height": 900})
        deadline = time.monotonic() + 10  # a chart follows its place a moment later
        while (found := over(desk.page, width)) and time.monotonic() < deadline:
            desk.page.wait_for_timeout(50)
        assert found == [], width
    desk.page.set_viewport_size(DESK["viewport"])


def test_on_paper_there_is_every_chart_and_no_control(desk):
    page = desk.page
    desk.printed()
    charts = page.locator(f"{CHARTS} svg").count()
    page.emulate_media(media="print")
    assert page.locator(f"{CHARTS} svg:visible").count() == charts
    for control in CONTROLS:
        assert page.locator(f"{control}:visible").count() == 0, control
    page.emulate_media(media="screen")


# --- on a telephone -----------------------------------------------------------------------------------------------


def test_axe_finds_nothing_on_a_telephone_in_french(phone):
    expect(phone.page.locator("html")).to_have_attribute("lang", "fr")
    assert violations(phone.page) == []


def test_a_page_fits_a_telephone_and_what_can_be_pressed_is_large_enough(phone):
    """WCAG 2.2, 2.5.8: 24 pixels, text in a sentence excepted."""
    assert over(phone.page, 360) == []
    assert phone.page.evaluate(SMALL) == []
    assert phone.errors == []
