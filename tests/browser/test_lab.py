"""A page's pieces in JupyterLab, and beside a control of ipywidgets in the application: both talk to a kernel."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import TOP, _end, free_port, wait_until_answers
from playwright.sync_api import Locator, Page, expect
from serving import code, markdown, write

PATIENCE = 40_000
TOKEN = "a-test"
START = "import kpilib\nfrom kpilib.figures import opportunities\nfrom kpilib.show import Page\n\n"
START += "page = Page(kpilib.open())\npage.filters"
TILES = "page.tiles(['open_pipeline', 'win_rate'])"
FIGURE = "page.figure('Who wins?', opportunities.win_rate, choices={'by': ['owner', 'region']})"
PIECES = ("filters", "tiles", "who-wins", "what-did-we-find")
STATE = """() => [...globalThis.kpiHubs.values()].map(hub =>
  [hub.models.size, hub.session.roots.size, hub.session.charts.states.size])"""


class Lab:
    """JupyterLab in a window: what was asked of the kernel, and what went wrong."""

    def __init__(self, page: Page, url: str, folder: Path):
        self.page, self.url, self.folder = page, url, folder
        self.requests: list[str] = []
        self.errors: list[str] = []
        self.sent: list[str] = []
        self.heard: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        page.on("websocket", self._listen)

    def _listen(self, socket: Any) -> None:
        socket.on("framesent", lambda frame: self._keep(frame, self.sent))
        socket.on("framereceived", lambda frame: self._keep(frame, self.heard))

    @staticmethod
    def _keep(frame: Any, where: list[str]) -> None:
        text = frame if isinstance(frame, str) else frame.decode("latin1")
        if '"method": "custom"' in text or '"method":"custom"' in text:
            where.append(text)

    def open(self, name: str) -> "Lab":
        self.page.goto(f"{self.url}/lab/tree/{name}?token={TOKEN}")
        self.page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for()
        self.page.locator(".jp-Notebook:visible .jp-Cell").first.wait_for()
        return self

    def run_all(self) -> "Lab":
        self.page.get_by_role("menuitem", name="Run", exact=True).first.click()
        self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        for name in PIECES:
            self.piece(name).wait_for(state="attached")
        self.drawn("who-wins")
        return self

    def drawn(self, name: str) -> None:
        """Come near a figure, and wait until its chart is drawn."""
        self.piece(name).scroll_into_view_if_needed()
        expect(self.piece(name).locator(".kpi-drawn svg")).to_have_count(1)

    def piece(self, name: str) -> Locator:
        return self.page.locator(f".jp-Notebook:visible .jp-OutputArea [data-piece='{name}']")

    def say(self, source: str) -> Locator:
        """Run a line in a new last cell; what it shows."""
        self.page.locator(".jp-Notebook:visible .jp-Cell").last.locator(".jp-InputPrompt").click()
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("b")
        editor = self.page.locator(".jp-Notebook:visible .jp-Cell").last.locator(".cm-content")
        editor.click()
        self.page.keyboard.insert_text(source)
        self.page.keyboard.press("Control+Enter")
        return self.page.locator(".jp-Notebook:visible .jp-Cell").last.locator(".jp-OutputArea")

    def choose(self, dimension: str, member: str) -> None:
        pick = self.piece("filters").locator(f"[data-dimension='{dimension}']")
        pick.locator("summary").click()
        pick.locator(f"input[value='{member}']").check()
        self.page.keyboard.press("Escape")

    def save(self) -> dict[str, Any]:
        """Save the notebook; what is in its file."""
        with self.page.expect_response(lambda answer: answer.request.method == "PUT" and "/contents/" in answer.url):
            self.page.keyboard.press("Escape")
            self.page.keyboard.press("Control+s")
        saved: dict[str, Any] = json.loads((self.folder / "one.ipynb").read_text())
        return saved


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """`kpi lab` on two notebooks of four pieces."""
    folder, own = tmp_path_factory.mktemp("lab"), tmp_path_factory.mktemp("jupyter")
    for name in ("one.ipynb", "two.ipynb"):
        write(folder / name, markdown("# Deals"), code(START), code(TILES), code(FIGURE), code("page.found()"))
    port = free_port()
    places = {name: str(own / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR")}
    log = own / "log.txt"
    with log.open("w") as out:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "kpilib.cli", "lab", "--no-browser", "--port", str(port)),
                *("--data", "data/demo", "--notebooks", str(folder)),
            ],
            cwd=TOP,
            env={**os.environ, **places, "JUPYTER_TOKEN": TOKEN},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            text=True,
        )
    wait_until_answers(f"http://127.0.0.1:{port}/api/status?token={TOKEN}", process, log)
    yield f"http://127.0.0.1:{port}", folder
    _end(process)


@pytest.fixture(scope="module")
def lab(browser, server) -> Iterator[Lab]:
    """The first notebook, run."""
    page = browser.new_page(viewport={"width": 1200, "height": 700})
    page.set_default_timeout(PATIENCE)
    url, folder = server
    yield Lab(page, url, folder).open("one.ipynb").run_all()
    page.close()


def test_every_piece_lives_without_another_host_or_an_error(lab):
    assert lab.page.evaluate(STATE) == [[4, 4, 1]]
    expect(lab.piece("what-did-we-find")).to_contain_text("The win rate is")
    here = (lab.url, "data:", "blob:")
    assert [url for url in lab.requests if not url.startswith(here)] == []
    assert lab.errors == []
    assert lab.page.get_by_text("Jupyter news").count() == 0


def test_a_choice_is_one_message_each_way_and_the_kernel_has_it(lab):
    lab.sent.clear(), lab.heard.clear()
    lab.choose("region", "Bretagne")
    for name in PIECES[1:]:
        expect(lab.piece(name).locator("[data-slot=foot]")).to_contain_text("Region Bretagne")
    assert (len(lab.sent), len(lab.heard)) == (1, 1)
    expect(lab.say("print(page.view.text)")).to_contain_text("Region Bretagne; ")


def test_a_choice_by_code_is_shown_by_every_piece(lab):
    shown = lab.say("page.choose(region=['Corse'], period='This quarter').text")
    expect(shown).to_contain_text("Region Corse")
    for name in PIECES[1:]:
        expect(lab.piece(name).locator("[data-slot=foot]")).to_contain_text("Region Corse; 2026-04 to 2026-06")
    expect(lab.piece("filters").locator("input[name=region]:checked")).to_have_value("Corse")


def test_a_panel_is_not_cut_off_by_its_cell_and_keys_pressed_in_it_are_its_own(lab):
    pick = lab.piece("filters").locator("[data-dimension=region]")
    cells = lab.page.locator(".jp-Notebook:visible .jp-Cell").count()
    pick.locator("summary").click()
    note = pick.locator(".kpi-panel > .kpi-note").last
    box = note.bounding_box()
    assert box["y"] > lab.piece("filters").bounding_box()["y"] + lab.piece("filters").bounding_box()["height"]
    assert note.evaluate(
        "(note, [x, y]) => note.contains(document.elementFromPoint(x, y))", [box["x"] + 5, box["y"] + 5]
    )
    pick.locator("input[type=checkbox]").first.focus()
    lab.page.keyboard.press("b")  # in JupyterLab's command mode: a new cell
    lab.page.keyboard.press("Escape")
    expect(pick).not_to_have_attribute("open", "")
    assert lab.page.locator(".jp-Notebook:visible .jp-Cell").count() == cells


def test_a_cell_that_runs_again_shows_the_choice_in_force_and_leaves_nothing_behind(lab):
    inside = lab.page.locator("[data-piece=who-wins]")
    cell = lab.page.locator(".jp-Notebook:visible .jp-CodeCell", has=inside)
    lab.piece("who-wins").evaluate("piece => piece.dataset.old = ''")
    cell.locator(".jp-InputPrompt").click()
    lab.page.keyboard.press("Control+Enter")
    expect(lab.page.locator("[data-piece=who-wins]:not([data-old])")).to_contain_text("Region Corse")
    lab.drawn("who-wins")
    lab.page.wait_for_function(f"() => String(({STATE})()) === '4,4,1'")


def test_two_notebooks_in_a_window_do_not_mix(lab):
    lab.page.get_by_text("two.ipynb", exact=True).dblclick()
    lab.page.locator("#jp-main-statusbar").get_by_text("two.ipynb").wait_for()
    lab.page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for()
    lab.run_all()
    lab.choose("region", "Bretagne")
    expect(lab.piece("tiles").locator("[data-slot=foot]")).to_contain_text("Region Bretagne")
    lab.page.get_by_role("tab", name="one.ipynb").click()
    expect(lab.piece("tiles").locator("[data-slot=foot]")).to_contain_text("Region Corse")
    assert len(lab.page.evaluate(STATE)) == 2


def test_a_saved_notebook_is_html_that_is_shown_before_anything_runs(lab, browser):
    saved = lab.save()
    data = [output["data"] for cell in saved["cells"] for output in cell.get("outputs", []) if "data" in output]
    assert not any(name.startswith("application/") for one in data for name in one)
    again = browser.new_page()
    again.goto(f"{lab.url}/lab/workspaces/again/tree/one.ipynb?token={TOKEN}")
    figure = again.locator(".jp-OutputArea-output [data-piece='who-wins'], .jp-OutputArea-output .kpi-figure").first
    expect(figure).to_contain_text("Region Corse")
    expect(figure.locator("svg:visible")).to_have_count(1)
    assert again.get_by_text("Error displaying").count() == 0
    again.close()


def test_a_restart_of_the_kernel_is_said_until_the_cells_run_again(lab):
    lab.page.locator(".jp-Notebook:visible .jp-InputPrompt").first.click()
    lab.page.keyboard.press("Escape")
    lab.page.keyboard.press("0")
    lab.page.keyboard.press("0")
    lab.page.locator(".jp-Dialog .jp-mod-accept").click()
    expect(lab.page.locator(".kpi-banner")).to_contain_text("run the notebook again")
    lab.run_all()
    expect(lab.page.locator(".kpi-banner")).to_have_count(0)


def test_beside_a_control_of_another_library_the_pieces_live_in_the_application(start_app, visit, tmp_path):
    slider = code("import ipywidgets\nipywidgets.IntSlider(description='Months', value=3)")
    write(tmp_path / "mixed.ipynb", markdown("# Mixed"), code(START), code(TILES), code(FIGURE), slider)
    app = start_app("--notebooks", str(tmp_path), "--data", "data/demo")
    seen = visit(app.url).open("/voila/render/mixed.ipynb").until("ready")
    page = seen.page
    expect(page.get_by_role("slider")).to_be_visible()
    page.locator("[data-piece=who-wins]").scroll_into_view_if_needed()
    expect(page.locator("[data-piece=who-wins] .kpi-drawn svg")).to_have_count(1)
    pick = page.locator("[data-dimension=region]")
    pick.locator("summary").click()
    pick.locator("input[value=Bretagne]").check()
    expect(page.locator("[data-piece=who-wins] [data-slot=foot]")).to_contain_text("Region Bretagne")
    expect(page.locator("[data-piece=tiles] [data-slot=foot]")).to_contain_text("Region Bretagne")
    assert seen.elsewhere() == []
    assert seen.errors == []
