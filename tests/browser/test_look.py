"""The pages as they are seen, printed, and used without a mouse: the real application on the demo company."""

import re

import pytest
from playwright.sync_api import expect

from browser.reading import DARK, PHONE, over, violations

SALES = "/voila/render/02_sales.ipynb"
#: Every chart lives: none is still the server's drawing.
DRAWN = """() => {
  dispatchEvent(new Event("beforeprint")); // those that are far from what is seen, too
  return [...document.querySelectorAll("[data-slot=chart]")]
    .every((slot) => !slot.firstElementChild || slot.querySelector(".kpi-drawn"));
}"""
INSIDE = """() => {
  const { top, left, right, bottom } = document.querySelector(".kpi-pick[open] > .kpi-panel").getBoundingClientRect();
  return top >= 0 && left >= 0 && right <= innerWidth && bottom <= innerHeight + 1;
}"""
MOVING = "document.getAnimations().filter((one) => one.effect.getComputedTiming().duration > 0).length"
SETTLED = "() => !document.querySelector('[aria-busy=true], [data-stale]')"


@pytest.fixture
def read(server, visit):
    """A function that opens a page of the application and waits until it lives."""

    def start(path, drawn=False, **options):
        page = visit(server.url, **options).open(path).page
        if "render" in path:
            page.locator("body[data-live]").wait_for(state="attached")
        page.wait_for_load_state()  # the gallery's first words come before the rest of it
        if drawn:
            page.wait_for_function(DRAWN)
        return page

    return start


def headings(paper):
    """The headings that were printed, from the outline of a PDF; a line's end is no blank there, so none is kept."""
    plain = [said.decode("latin-1") for said in re.findall(rb"/Title\s*\((.*?)\)\s*[/>]", paper, re.DOTALL)]
    coded = [
        bytes.fromhex(said.decode()).decode("utf-16") for said in re.findall(rb"/Title\s*<(FEFF[0-9A-F]+)>", paper)
    ]
    return {"".join(said.replace("\\", "").split()) for said in plain + coded}


@pytest.mark.parametrize("options", [{}, PHONE | DARK], ids=["light", "phone"])
def test_axe_finds_nothing_in_the_gallery(read, options):
    assert violations(read("/", **options)) == []


@pytest.mark.parametrize("options", [DARK, PHONE], ids=["dark", "phone"])
def test_axe_finds_nothing_in_what_is_open(read, options):
    page = read(SALES, **options)
    for menu in (".kpi-pick[data-dimension=region]", ".kpi-tile .kpi-info", ".kpi-save"):
        page.locator(f"{menu} > summary").first.click()
        page.locator(f"{menu}[open] > :not(summary)").first.wait_for()
        assert violations(page, f"{menu}[open]") == []
        page.keyboard.press("Escape")
        expect(page.locator(f"{menu}[open]")).to_have_count(0)
    page.locator(".kpi-tile [data-records]").first.click()
    page.locator(".kpi-dialog[data-ready]").wait_for()
    assert violations(page, ".kpi-dialog") == []


def test_the_gallery_is_never_wider_than_the_screen(read):
    page = read("/")
    for width in (320, 360, 768, 1280, 3840):
        page.set_viewport_size({"width": width, "height": 900})
        assert over(page, width) == []


def test_an_open_panel_is_on_the_screen(read):
    page = read(SALES, viewport={"width": 360, "height": 740})
    for pick in page.locator(".kpi-pick").all():
        pick.locator("summary").click()
        page.wait_for_function(INSIDE)
        page.keyboard.press("Escape")


def test_what_a_bar_at_the_top_covers_is_little(read):
    page = read(SALES, viewport={"width": 360, "height": 740})
    before = page.evaluate("document.documentElement.scrollHeight")
    page.evaluate("scrollTo(0, 4000)")
    page.locator(".kpi-filters[data-stuck]").wait_for(state="attached")
    assert page.locator(".kpi-picks").bounding_box()["height"] < 74
    assert page.evaluate("document.documentElement.scrollHeight") == before, "the page below stays where it is"


def test_a_page_on_paper_has_every_question_and_no_control(read):
    page = read(SALES, drawn=True)
    questions = page.locator(".kpi-figure .kpi-question").all_inner_texts()
    charts = page.locator("[data-slot=chart]:has(svg)").count()
    paper = page.pdf(format="A4", prefer_css_page_size=True, tagged=True, outline=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) > 1
    printed = headings(paper)
    assert [question for question in questions if "".join(question.split()) not in printed] == []
    page.emulate_media(media="print")
    expect(page.locator(".kpi-shown")).to_be_visible()
    assert page.locator("[data-slot=chart] svg:visible").count() == charts
    for control in (".kpi-picks", ".kpi-tools", ".kpi-info", ".kpi-bar-tools", ".kpi-sql"):
        assert page.locator(f"{control}:visible").count() == 0, control


def test_a_filter_is_chosen_and_taken_away_with_the_keyboard_alone(read):
    page = read(SALES)
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to the content")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_contain_text("Period")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(":focus")).to_have_attribute("type", "checkbox")
    page.keyboard.press("Space")
    expect(page.locator(".kpi-chips button")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator(":focus")).to_contain_text("Customer family")
    assert "segment=" in page.url
    for _ in range(6):
        page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_attribute("data-drop", "segment")
    page.keyboard.press("Enter")
    expect(page.locator(".kpi-chips button")).to_have_count(0)
    page.wait_for_function(SETTLED)
    assert "segment=" not in page.url


def test_nothing_moves_for_who_wants_it_still(read):
    page = read(SALES, reduced_motion="reduce")
    page.locator(".kpi-pick[data-dimension=segment] > summary").click()
    page.locator(".kpi-pick[data-dimension=segment] input").first.click()
    assert page.evaluate(MOVING) == 0
    page.evaluate("document.querySelector('.kpi-progress').hidden = false")
    assert page.evaluate(MOVING) == 0
    page.wait_for_function(SETTLED)


def test_a_choice_is_drawn_without_asking_for_the_layout(read):
    """To ask where each chart stands makes the browser reckon the whole page anew, once a chart."""
    page = read(SALES, drawn=True)
    page.evaluate("""() => {
      globalThis.asked = 0;
      const whole = Element.prototype.getBoundingClientRect;
      Element.prototype.getBoundingClientRect = function () { globalThis.asked += 1; return whole.call(this); };
      document.querySelector(".kpi-pick[data-dimension=segment] input").click();
    }""")
    page.wait_for_function(SETTLED)
    assert page.evaluate("asked") <= 1
