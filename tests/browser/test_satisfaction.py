"""The slider of the satisfaction page: with the mouse, with keys, in a notebook."""

import re

import pytest
from playwright.sync_api import expect
from serving import code, markdown, write

PAGE = "/voila/render/03_satisfaction.ipynb"
WHAT_IF = "[data-piece=what-would-moving-them-above-it-keep]"
#: A page of one slider, with a control of another library beside it: it is read with a kernel, as in JupyterLab.
MIXED = """
import ipywidgets
import kpilib
from kpilib.show import Drawn, Page, Slide

page = Page(kpilib.open())
page.figure("What if?", lambda view, moved: Drawn(f"It is {moved:.2f}.", rows=1),
            choices={"moved": Slide([0, 0.25, 0.5, 0.75, 1], start=0.5, unit="share")})
"""


@pytest.fixture
def read(server, visit):
    """A function that opens the page and waits until it lives."""

    def start(query="", **options):
        return visit(server.url, **options).open(PAGE + query).alive()

    return start


def test_a_slider_is_moved_with_the_keyboard_and_says_where_it_is(read):
    seen = read()
    figure = seen.page.locator(WHAT_IF)
    slider = figure.get_by_role("slider", name="Moved above")
    expect(slider).to_have_attribute("aria-valuetext", "20%")
    before = figure.locator(".kpi-finding").inner_text()
    slider.focus()
    seen.page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "25%")
    expect(figure.locator("output")).to_have_text("25%")
    expect(figure.locator(".kpi-finding")).not_to_have_text(before)
    expect(figure.locator(".kpi-finding")).to_contain_text("(25.0%)")
    expect(slider).to_be_focused()
    assert "moved=0.25" in seen.page.url
    seen.page.keyboard.press("End")
    expect(figure.locator(".kpi-foot")).to_contain_text("100% moved above the threshold")
    seen.page.locator("[data-do=reset]").click()
    expect(slider).to_have_attribute("aria-valuetext", "20%")
    expect(figure.locator(".kpi-finding")).to_have_text(before)
    assert "moved" not in seen.page.url


def test_while_a_slider_is_dragged_its_value_is_said_and_nothing_is_asked(read):
    seen = read()
    figure = seen.page.locator(WHAT_IF)
    slider = figure.get_by_role("slider")
    slider.scroll_into_view_if_needed()
    box, before = slider.bounding_box(), figure.locator(".kpi-finding").inner_text()
    asked = len(seen.requests)
    seen.page.mouse.move(box["x"] + box["width"] * 0.22, box["y"] + box["height"] / 2)
    seen.page.mouse.down()
    seen.page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] / 2, steps=5)
    expect(figure.locator("output")).to_have_text(re.compile(r"^(55|60|65)%$"))
    assert (len(seen.requests), figure.locator(".kpi-finding").inner_text()) == (asked, before)
    seen.page.mouse.up()
    expect(figure.locator(".kpi-finding")).not_to_have_text(before)
    expect(figure.locator("output")).to_have_text(re.compile(r"^(55|60|65)%$"))


def test_a_link_stands_where_it_was_and_a_slider_changes_its_own_figure_alone(read):
    seen = read("?what-would-moving-them-above-it-keep.moved=0.5")
    figure = seen.page.locator(WHAT_IF)
    expect(figure.get_by_role("slider")).to_have_value("0.5")
    expect(figure.locator("output")).to_have_text("50%")
    others = seen.page.locator(f".kpi-figure:not({WHAT_IF}) .kpi-finding")
    before = others.all_inner_texts()
    figure.get_by_role("slider").press("ArrowLeft")
    expect(figure.locator("output")).to_have_text("45%")
    seen.settled()
    assert others.all_inner_texts() == before


def test_a_slider_in_french_says_its_value_in_french(read):
    slider = read("?lang=fr").page.locator(WHAT_IF).get_by_role("slider")
    assert re.fullmatch(r"20\s%", slider.get_attribute("aria-valuetext"))


def test_a_slider_of_a_notebook_with_a_kernel_is_the_same(start_app, visit, tmp_path):
    write(tmp_path / "mixed.ipynb", markdown("# Mixed\n\nWhat if?"), code(MIXED), code("ipywidgets.Label('beside')"))
    app = start_app("--notebooks", str(tmp_path), "--data", "data/demo")
    seen = visit(app.url).open("/voila/render/mixed.ipynb").until("ready")
    figure = seen.page.locator("[data-piece=what-if]")
    slider = figure.get_by_role("slider", name="Moved above")
    slider.press("ArrowRight")
    expect(figure.locator(".kpi-finding")).to_have_text("It is 0.75.")
    expect(figure.locator("output")).to_have_text("75%")
    expect(slider).to_have_attribute("aria-valuetext", "75%")
    assert seen.errors == []
