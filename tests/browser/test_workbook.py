"""The workbook's own notebooks on the demo company, each opened as a manager would open it."""

import pytest
from playwright.sync_api import expect

from kpilib.serve.gallery import cards
from kpilib.serve.places import NOTEBOOKS

CARDS = {card.path: card for card in cards(NOTEBOOKS)}


def test_the_gallery_has_a_card_with_a_question_for_each_notebook(server, visit):
    page = visit(server.url).open().page
    expect(page.locator(".kpi-card a")).to_have_text([card.title for card in CARDS.values()])
    assert [path for path, card in CARDS.items() if not card.question] == []


def test_the_gallery_says_the_headline_figures_of_each_notebook_as_its_page_does(server, visit):
    seen = visit(server.url)
    for card in CARDS.values():
        seen.gallery()
        shown = {
            key: seen.page.locator(".kpi-card", has_text=card.question)
            .locator(f".kpi-headline[data-kpi={key}] .kpi-value")
            .inner_text()
            for key in card.headline
        }
        assert len(shown) >= 2
        seen.open(f"/voila/render/{card.path}").alive()
        for key, value in shown.items():
            expect(seen.page.locator(f".kpi-tile[data-kpi={key}] .kpi-value").first).to_have_text(value)


@pytest.mark.parametrize("path", CARDS)
def test_a_notebook_is_complete_asks_no_other_host_and_logs_no_error(server, visit, path):
    seen = visit(server.url).open(f"/voila/render/{path}").alive()
    expect(seen.page.get_by_role("main").locator("h1")).to_have_count(1)
    expect(seen.page.locator(".kpi-failed, .kpi-banner")).to_have_count(0)
    assert seen.elsewhere() == []
    assert seen.errors == []


@pytest.mark.parametrize("path", CARDS)
def test_a_notebook_fits_a_phone_in_the_dark(server, visit, path):
    seen = visit(server.url, viewport={"width": 360, "height": 740}, color_scheme="dark")
    page = seen.open(f"/voila/render/{path}").alive().page
    assert page.evaluate("document.documentElement.scrollWidth") == 360
