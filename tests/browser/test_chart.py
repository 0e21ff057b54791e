"""Charts in a browser: drawn once, fed many times; as the server draws them; no name is ever markup or script."""

import json
from pathlib import Path

import altair as alt
import pandas as pd
import pytest
from playwright.sync_api import Page, Route, expect
from test_plot import OTHERS
from test_show_charts import ALL, GROUPS, MONTHS

from kpilib.show import charts, vega
from kpilib.show.charts import render
from kpilib.show.charts.plot import Plot

pytestmark = pytest.mark.browser

SCRIPT = Path(vega.__file__).parent / "web" / "chart.js"
HOSTILE = "<img src=x onerror=alert(1)>"
# No script is made from text: Vega's expressions are interpreted.
POLICY = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:"
MAIN = """
import { mountChart } from "./chart.js";
import * as vega from "./vega.js";
globalThis.picks = [];
globalThis.mount = async (name, chart) => {
  const el = document.querySelector(`#${name}`);
  globalThis[`${name}_handle`] = await mountChart(el, chart, { vega, onpick: (mark) => picks.push(mark) });
};
document.body.dataset.ready = "1";
"""
PAGE = """<!doctype html><meta charset="utf-8"><style>:root{{color-scheme:light dark}}body{{margin:0;background:Canvas;
color:CanvasText}}div.c{{width:{width}px}}</style><body>{slots}<script type="module" src="main.js"></script>"""


@pytest.fixture(scope="module")
def bundled(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KPILIB_CACHE", str(tmp_path_factory.mktemp("vega")))
        return vega.bundle().read_bytes()


@pytest.fixture
def paper(browser, bundled):
    """A page with an empty place a chart, and what went wrong in it."""
    page = browser.new_page(viewport={"width": 900, "height": 900})
    page.errors = []

    def start(*names: str, width: int = 440) -> Page:
        slots = "".join(f'<div class="c" id="{name}"></div>' for name in names)
        files = {
            "/": ("text/html", PAGE.format(width=width, slots=slots).encode()),
            "/main.js": ("text/javascript", MAIN.encode()),
            "/chart.js": ("text/javascript", SCRIPT.read_bytes()),
            "/vega.js": ("text/javascript", bundled),
        }

        def answer(route: Route) -> None:
            kind, body = files.get(route.request.url.removeprefix("http://charts.test"), ("text/plain", b""))
            route.fulfill(body=body, headers={"Content-Type": kind, "Content-Security-Policy": POLICY})

        page.route("**/*", answer)
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.on("console", lambda said: page.errors.append(said.text) if said.type in ("error", "warning") else None)
        page.on("dialog", lambda dialog: (page.errors.append("a dialog"), dialog.dismiss()))
        page.goto("http://charts.test/")
        page.locator("body[data-ready]").wait_for(state="attached")
        return page

    yield start
    errors = [error for error in page.errors if "favicon" not in error]
    page.close()
    assert not errors


def mount(page, name, plot):
    page.evaluate("([name, chart]) => mount(name, chart)", [name, plot.sent("said")])


def update(page, name, plot):
    page.evaluate(f"(chart) => {name}_handle.update(chart)", plot.sent("said", {plot.key}))


def said(page, name):
    """What the SVG says, in the order in which it is drawn."""
    return page.locator(f"#{name} svg text").all_text_contents()


def placed(page, name):
    """What the SVG says and where, in an order of its own: after an update the browser's is another."""
    script = """(svg) => {
      const { x, y } = svg.getBoundingClientRect();
      return [...svg.querySelectorAll("text")].map((text) => {
        const box = text.getBoundingClientRect();
        return `${text.textContent} at ${Math.round(box.x - x)}, ${Math.round(box.y - y)}`;
      });
    }"""
    return sorted(page.locator(f"#{name} svg").evaluate(script))


@pytest.mark.parametrize("name", ALL)
def test_a_chart_says_in_the_browser_what_the_servers_drawing_says(paper, name):
    page, made = paper(name), ALL[name]()
    drawn = render.svg(made)
    mount(page, name, made)
    live = said(page, name)
    page.locator(f"#{name}").evaluate("(el, svg) => el.innerHTML = svg", str(drawn))
    assert live == said(page, name)


@pytest.mark.parametrize("name", ALL)
def test_new_data_are_drawn_into_the_chart_that_is_there(paper, name):
    page = paper(name, "fresh")
    mount(page, name, ALL[name]())
    page.evaluate(f"globalThis.first = document.querySelector('#{name} svg')")
    update(page, name, OTHERS[name]())
    mount(page, "fresh", OTHERS[name]())
    assert page.evaluate(f"first === document.querySelector('#{name} svg')")
    assert placed(page, name) == placed(page, "fresh")


def test_another_structure_takes_the_place_of_the_one_before(paper):
    page = paper("slot")
    mount(page, "slot", ALL["bars"]())
    page.evaluate("(chart) => slot_handle.update(chart)", ALL["line"]().sent("said"))
    assert "2026-05" in said(page, "slot")
    page.evaluate("slot_handle.destroy()")
    assert page.locator("#slot").inner_html() == ""


@pytest.mark.parametrize("width", [300, 340, 440, 760])
def test_a_chart_is_as_wide_as_its_place_and_as_high_as_its_plot_says(paper, width):
    page = paper(*ALL, width=width)
    for name, make in ALL.items():
        mount(page, name, make())
        box = page.locator(f"#{name} svg").bounding_box()
        assert box["width"] == width, name
        assert abs(box["height"] - make().height) <= 1, name


@pytest.mark.parametrize("width", [300, 440, 600])
def test_the_live_chart_takes_the_place_of_the_servers_without_a_jump(paper, width):
    page, made = paper("slot", width=width), ALL["bars"]()
    slot = page.locator("#slot")
    slot.evaluate("(el, svg) => el.innerHTML = svg", str(render.svg(made)))
    before = slot.bounding_box()
    mount(page, "slot", made)
    assert slot.bounding_box() == before


def test_a_chart_follows_its_place_when_that_grows(paper):
    page = paper("slot")
    mount(page, "slot", ALL["bars"]())
    page.locator("#slot").evaluate("(el) => el.style.width = '600px'")
    expect(page.locator("#slot svg")).to_have_attribute("width", "600")
    page.locator("#slot").evaluate("(el) => el.style.width = '2000px'")
    expect(page.locator("#slot svg")).to_have_attribute("width", "760")


def test_what_is_pointed_at_is_said_and_what_is_clicked_is_told(paper):
    page = paper("slot")
    mount(page, "slot", charts.bars(GROUPS, unit="share", measure="Win rate"))
    box = page.locator("#slot svg").bounding_box()
    # The middle of the first row, beside its bar.
    page.mouse.move(box["x"] + 300, box["y"] + 5 + 14)
    tip = page.locator(".kpi-tip")
    assert tip.inner_text().splitlines() == [
        "West", "Win rate: 70.0%", "95% interval: 60.0% to 80.0%", "Rows: 200",
    ]  # fmt: skip
    page.mouse.click(box["x"] + 300, box["y"] + 5 + 14)
    assert page.evaluate("picks") == [{"group": "West"}]
    page.mouse.move(box["x"] + 300, box["y"] + box["height"] + 200)
    assert tip.count() == 0


def test_a_period_is_pointed_at_and_told_anywhere_above_it(paper):
    page = paper("slot")
    mount(page, "slot", charts.line(MONTHS, unit="share"))
    box = page.locator("#slot svg").bounding_box()
    page.mouse.click(box["x"] + 60, box["y"] + 30)
    assert page.evaluate("picks") == [{"period": "2026-04"}]
    assert page.locator(".kpi-tip").inner_text().startswith("2026-04\n")


def test_a_hostile_name_is_text_in_the_chart_and_in_what_it_says(paper):
    page = paper("slot")
    mount(page, "slot", charts.bars(GROUPS.head(1).assign(group=HOSTILE), unit="share", measure=HOSTILE))
    assert any(text.startswith("<img src=x") for text in said(page, "slot"))
    box = page.locator("#slot svg").bounding_box()
    page.mouse.move(box["x"] + 300, box["y"] + 19)
    assert page.locator(".kpi-tip").inner_text().startswith(HOSTILE)
    assert page.locator("img").count() == 0


def test_a_picture_is_dark_on_white(paper):
    page = paper("slot")
    mount(page, "slot", ALL["bars"]())
    svg = page.evaluate("slot_handle.image('svg').then((blob) => blob.text())")
    assert '<rect width="100%" height="100%" fill="#ffffff"/>' in svg
    assert "currentColor" not in svg
    corner = page.evaluate(
        """async () => {
          const drawn = await createImageBitmap(await slot_handle.image("png"));
          const pen = new OffscreenCanvas(drawn.width, drawn.height).getContext("2d");
          pen.drawImage(drawn, 0, 0);
          return [drawn.width, ...pen.getImageData(0, 0, 1, 1).data];
        }"""
    )
    assert corner == [880, 255, 255, 255, 255]


def test_many_updates_leave_the_page_as_large_as_it_was(paper):
    page = paper(*ALL)
    for name, make in ALL.items():
        mount(page, name, make())
    sent = {name: [make().sent("x") for make in (ALL[name], OTHERS[name])] for name in ALL}
    page.evaluate("(sent) => { globalThis.sent = sent }", json.loads(json.dumps(sent)))
    counts = page.evaluate(
        """async () => {
          const counts = [];
          for (let round = 0; round < 12; round++) {
            for (const name in sent) await globalThis[`${name}_handle`].update(sent[name][round % 2]);
            counts.push(document.querySelectorAll("*").length);
          }
          return counts;
        }"""
    )
    assert counts[-1] == counts[1]
    assert counts[-2] == counts[0]


def test_a_chart_of_ones_own_is_alive_too(paper):
    page = paper("slot")
    frame = pd.DataFrame({"when": pd.to_datetime(["2026-01-01", "2026-03-01"]), "v": [1.5, 2.5]})
    chart = alt.Chart(frame).mark_line().encode(x="when:T", y=alt.Y("v:Q").axis(format=".1f"), tooltip="v:Q")
    mount(page, "slot", Plot.of(chart))
    assert "2.5" in said(page, "slot")
