"""Charts far from what is seen wait with their newest numbers, and are drawn before they are seen or printed."""

import re

import pytest
from playwright.sync_api import expect

SALES = "/voila/render/02_sales.ipynb"
#: The number of charts that are drawn by the page's script, and of all.
ALIVE = """() => ["[data-slot=chart]:has(.kpi-drawn)", "[data-slot=chart][role=img]"]
  .map((css) => document.querySelectorAll(css).length)"""
FETCHED = "() => performance.getEntriesByType('resource').some(({ name }) => name.endsWith('/vega.js'))"
LATER, STALE = "[data-slot=chart][data-later]", "[data-slot=chart][data-stale]"
SPOKEN = "slot => [...slot.querySelectorAll('svg text')].map((text) => text.textContent).join(' ')"


def test_what_draws_is_there_before_a_chart_is_near(server, visit):
    page = visit(server.url, viewport={"width": 400, "height": 300}).open(SALES).page
    page.wait_for_function(
        "() => performance.getEntriesByType('resource').some(({ name }) => name.endsWith('/vega.js'))"
    )
    assert page.evaluate(ALIVE)[0] == 0


@pytest.fixture
def page(server, visit):
    seen = visit(server.url).open(SALES)
    seen.page.locator("body[data-live]").wait_for(state="attached")
    seen.page.locator("[data-slot=chart][role=img]").first.scroll_into_view_if_needed()
    expect(seen.page.locator(".kpi-drawn svg").first).to_be_attached()
    return seen.page


def chosen(page) -> None:
    """Choose one family; return when what is seen shows it."""
    page.locator(".kpi-pick[data-dimension=segment] > summary").click()
    page.locator(".kpi-pick[data-dimension=segment] input[name=segment]").first.check()
    page.keyboard.press("Escape")
    expect(page.locator(".kpi-chips button")).to_have_count(1)
    expect(page.locator(f"{STALE}, main [aria-busy=true]")).to_have_count(0)


def test_a_page_brings_no_more_charts_to_life_than_the_reader_is_near_to(page):
    alive, there = page.evaluate(ALIVE)
    assert 0 < alive < there / 2
    page.locator("[data-slot=chart][role=img]").last.scroll_into_view_if_needed()
    expect(page.locator("[data-slot=chart][role=img]").last.locator(".kpi-drawn")).to_be_attached()


def test_a_page_whose_charts_the_server_has_not_painted_yet_draws_them_when_they_are_near(server, visit):
    """The first visitor of new data is not kept waiting for drawings."""
    seen = visit(server.url)
    unpainted = re.compile(r'(<figure[^>]*data-slot="chart"[^>]*>).*?(</figure>)', re.S)

    def bare(route):
        answer = route.fetch()
        route.fulfill(response=answer, body=unpainted.sub(r"\1\2", answer.text()))

    seen.page.route("**" + SALES, bare)
    page = seen.open(SALES).page
    page.locator("body[data-live]").wait_for(state="attached")
    assert page.locator("[data-slot=chart] .kpi-narrow").count() == 0
    page.locator("[data-slot=chart][role=img]").first.scroll_into_view_if_needed()
    expect(page.locator("[data-slot=chart][role=img]").first.locator(".kpi-drawn svg")).to_be_attached()
    page.locator("[data-slot=chart][role=img]").last.scroll_into_view_if_needed()
    expect(page.locator("[data-slot=chart][role=img]").last.locator(".kpi-drawn svg")).to_be_attached()
    assert page.locator("[data-slot=chart][style*=display]:has(.kpi-drawn)").count() == 0


def test_a_far_chart_shows_the_choice_when_it_is_scrolled_to(page):
    far = page.locator("[data-slot=chart][role=img]").last
    before = far.evaluate(SPOKEN)
    chosen(page)
    assert page.locator(LATER).count() > 0
    assert far.get_attribute("data-later") is not None
    assert far.evaluate(SPOKEN) == before
    far.scroll_into_view_if_needed()
    expect(far.locator(".kpi-drawn svg")).to_be_attached()
    expect(page.locator(STALE)).to_have_count(0)
    assert far.get_attribute("data-later") is None
    assert far.evaluate(SPOKEN) != before


def test_paper_shows_the_choice_in_every_chart(page):
    chosen(page)
    assert page.locator(LATER).count() > 0
    page.evaluate("""() => addEventListener("afterprint", () => {
      globalThis.missing = document.querySelectorAll("[data-slot=chart][data-later], [data-stale]").length;
    })""")
    page.pdf()
    page.wait_for_function("() => globalThis.missing !== undefined")
    assert page.evaluate("missing") == 0


def test_a_picture_of_a_far_chart_shows_the_choice(page):
    chosen(page)
    name = page.locator(".kpi-figure:has([data-slot=chart][data-later])").last.get_attribute("data-piece")
    figure = page.locator(f"[data-piece={name}]")
    before = figure.locator("[data-slot=chart]").evaluate(SPOKEN)
    figure.locator(".kpi-save > summary").evaluate("it => it.click()")
    with page.expect_download() as saved:
        figure.locator("[data-export=svg]").evaluate("it => it.click()")
    assert saved.value.path().read_text(encoding="utf-8").startswith("<svg")
    assert figure.locator("[data-slot=chart]").get_attribute("data-later") is None
    assert figure.locator("[data-slot=chart]").evaluate(SPOKEN) != before
