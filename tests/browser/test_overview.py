"""The manager's first page as it is seen and used: its looks, its questions, its lists, the way to the other pages."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from browser.reading import Reader

STEM, PAGE = "00_overview", "/voila/render/00_overview.ipynb"
DARK = {"color_scheme": "dark"}
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
RULES = {"resultTypes": ["violations"]}
OVER = """() => [...document.querySelectorAll(".kpi > :not(style)")]
  .filter((one) => one.getClientRects().length)
  .filter((one) => one.getBoundingClientRect().right > one.closest(".kpi").getBoundingClientRect().right + 1)
  .map((one) => one.className)"""
YEAR = {"since": "2025-07", "until": "2026-06"}
MISSIONS = "missions"


@pytest.fixture
def read(server, visit):
    """A function that opens the page and waits until it lives."""

    def start(query="", **options):
        return visit(server.url, **options).open(PAGE + query).alive()

    return start


@pytest.mark.parametrize(
    ("query", "options"), [("", {}), ("", PHONE), ("?lang=fr", DARK)], ids=["light", "phone", "dark"]
)
def test_axe_finds_nothing(read, query, options):
    found = Axe().run(read(query, **options).page, options=RULES).response["violations"]
    assert [f"{one['id']}: {[node['target'] for node in one['nodes'][:3]]}" for one in found] == []


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_nothing_hangs_over_the_edge_of_its_card(read, width):
    page = read(viewport={"width": width, "height": 900}).page
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(OVER) == []


def test_the_overview_is_the_first_page_of_the_gallery(server, visit):
    page = visit(server.url).open("/").loaded().page
    assert "00_overview" in page.locator("a[href*='/voila/render/']").first.get_attribute("href")


def test_five_questions_and_three_missions_are_answered_before_any_number(read):
    page = read().page
    assert page.locator("[data-piece=questions] > [role=group]").count() == 5
    assert page.locator("[data-piece=missions] > [role=group]").count() == 3
    for said in page.locator(".kpi-asked .kpi-finding").all_inner_texts():
        assert len(said) > 40
    for state in page.locator(".kpi-asked .kpi-state").all_inner_texts():
        assert state in ("Better", "Worse", "Better and worse", "No change", "Not known")


def test_the_tiles_of_a_mission_follow_the_filters(server, visit, demo):
    reader = Reader(visit, server, STEM)
    before = reader.piece(MISSIONS).inner_text()
    reader.choose("segment", "Enterprise")
    assert reader.piece(MISSIONS).inner_text() != before
    won = demo.kpi("win_rate", where={"segment": ["Enterprise"]}, **YEAR)["value"].item()
    tile = reader.piece(MISSIONS).locator("[data-kpi=win_rate] .kpi-value")
    expect(tile).to_have_text(f"{won:.1%}")


def test_a_question_leads_to_the_page_that_goes_deeper_with_the_choice_in_force(server, visit):
    reader = Reader(visit, server, STEM)
    reader.choose("segment", "SMB")
    reader.page.locator("[data-piece=questions] .kpi-deeper a").first.click()
    reader.page.wait_for_url("**/03_satisfaction.ipynb?*segment=SMB*")


def test_an_action_is_chosen_by_the_reader_and_told(server, visit):
    reader = Reader(visit, server, STEM)
    slug = "what-did-we-do-and-what-came-of-it"
    action = reader.piece(slug).locator("[data-list=action] option").nth(2).get_attribute("value")
    reader.choose_list(slug, "action", action)
    expect(reader.piece(slug).locator(".kpi-finding")).to_contain_text(action.rpartition(",")[0])
