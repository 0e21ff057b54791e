"""What changed, and why, as it is seen and used: lists that follow each other, waterfalls, the ledger of looks."""

import random

import pytest
from playwright.sync_api import Route, expect

from kpilib.show import web
from kpilib.show.looks import stands

pytestmark = pytest.mark.browser

VERSUS, LOOKS = "[data-piece=how-does-a-compare-with-b]", "[data-piece^=how-many-comparisons]"


@pytest.fixture
def read(server, visit):
    """A function that opens a page and waits until it lives."""

    def start(name="01_opportunities", query="", **options):
        return visit(server.url, **options).open(f"/voila/render/{name}.ipynb{query}").alive()

    return start


def offered(figure, name):
    """What a list of a figure offers now."""
    return figure.locator(f"[data-list={name}] option:not([hidden])").all_inner_texts()


def test_another_dimension_brings_its_members_and_a_link_brings_them_back(read):
    seen = read()
    figure = seen.page.locator(VERSUS)
    before = offered(figure, "first")
    figure.get_by_label("Broken down by").select_option("segment")
    expect(figure.locator(".kpi-foot")).to_contain_text("by customer family")
    assert offered(figure, "first") == offered(figure, "second") != before
    assert set(offered(figure, "first")) == {"Enterprise", "Mid-market", "SMB"}
    figure.locator("[data-list=first]").select_option("segment=SMB")
    figure.locator("[data-list=second]").select_option("segment=Enterprise")
    expect(figure.locator(".kpi-foot")).to_contain_text("A: SMB, B: Enterprise")
    said = figure.locator(".kpi-finding").inner_text()
    again = read(query="?" + seen.page.url.partition("?")[2]).page.locator(VERSUS)
    assert again.locator(".kpi-finding").inner_text() == said
    assert offered(again, "first") == offered(figure, "first")
    expect(again.locator("[data-list=first]")).to_have_value("segment=SMB")


def test_two_quarters_are_chosen_like_two_members(read):
    figure = read().page.locator(VERSUS)
    figure.get_by_label("Broken down by").select_option("period")
    expect(figure.locator(".kpi-finding")).to_contain_text("2026Q2")
    assert offered(figure, "first")[:2] == ["2026Q2", "2026Q1"]


def test_a_against_itself_is_refused_in_words_and_the_chart_goes(read):
    figure = read().page.locator(VERSUS)
    figure.get_by_label("Broken down by").select_option("segment")
    expect(figure.locator(".kpi-foot")).to_contain_text("by customer family")
    member = figure.locator("[data-list=second]").input_value()
    figure.locator("[data-list=first]").select_option(member)
    expect(figure.locator(".kpi-finding")).to_contain_text("choose two that differ")
    expect(figure.locator("[data-slot=chart] svg")).to_have_count(0)


def test_the_ledger_grows_with_what_is_looked_at_and_not_with_what_was_seen_before(read):
    seen = read()
    panel = seen.page.locator(LOOKS)
    panel.locator("summary").click()
    told = panel.locator("[data-session] .kpi-looked")
    first = told.inner_text()
    figure = seen.page.locator(VERSUS)
    start = figure.get_by_label("Broken down by").input_value()
    figure.get_by_label("Broken down by").select_option("segment")
    expect(told).not_to_have_text(first)
    more = told.inner_text()
    figure.get_by_label("Broken down by").select_option(start)
    expect(figure.locator(".kpi-foot")).not_to_contain_text("by customer family")
    seen.settled()
    expect(told).to_have_text(more)
    seen.page.reload()
    seen.alive()
    seen.page.locator(f"{LOOKS} summary").click()
    expect(seen.page.locator(f"{LOOKS} [data-session] .kpi-looked")).to_have_text(more)
    assert seen.errors == []


def test_the_ledger_goes_from_page_to_page(read):
    seen = read()
    summary, told = f"{LOOKS} summary", f"{LOOKS} [data-session] .kpi-looked"
    seen.page.locator(summary).click()
    first = seen.page.locator(told).inner_text()
    seen.open("/voila/render/02_sales.ipynb").alive()
    seen.page.locator(summary).click()
    expect(seen.page.locator(told)).not_to_have_text(first)
    here = seen.page.locator(f"{LOOKS} [data-slot=looks] .kpi-looked").inner_text()
    count = [int("".join(filter(str.isdigit, text.split(";")[0]))) for text in (first, here)]
    both = int("".join(filter(str.isdigit, seen.page.locator(told).inner_text().split(";")[0])))
    assert both == sum(count)


@pytest.fixture
def script(browser):
    """The ledger's script alone, in an empty page."""
    page = browser.new_page()
    files = {f"/{name}.js": (web.FOLDER / f"{name}.js").read_bytes() for name in ("looks", "dom")}

    def answer(route: Route) -> None:
        body = files.get(route.request.url.removeprefix("http://looks.test"), b"<!doctype html>")
        kind = "text/javascript" if body in files.values() else "text/html"
        route.fulfill(body=body, headers={"Content-Type": kind})

    page.route("http://looks.test/**", answer)
    page.goto("http://looks.test/")
    yield page
    page.close()


def test_what_stands_in_the_browser_is_what_stands_in_python(script):
    draw = random.Random(5)
    cases = [[draw.choice([None, draw.random() ** 4]) for _ in range(draw.randrange(30))] for _ in range(200)]
    told = "async (cases) => { const { stands } = await import('/looks.js'); return cases.map((p) => stands(p)); }"
    shown = script.evaluate(told, cases)
    assert shown == [stands([float("nan") if p is None else p for p in case]) for case in cases]
    assert any(map(any, shown))
