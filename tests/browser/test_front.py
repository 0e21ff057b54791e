"""The front end on a page of four pieces whose server is this test: what it asks, and what it does with the answers."""

import json
import re
from collections.abc import Callable
from html import escape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

from kpilib.serve.chrome import TEMPLATES
from kpilib.show import web

pytestmark = pytest.mark.browser
HOST = "http://kpi.test"
HOSTILE = "<img src=x onerror=window.hacked=1>"
SEGMENTS = ("Enterprise", "Mid-market", "SMB", HOSTILE)

OPTION = """<label><input type="checkbox" name="segment" value="{0}"> <span>{0}</span>
<span class="kpi-count">7</span></label>"""
PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Mock</title><style>{frame}</style>
<link rel="icon" href="data:,"><link rel="stylesheet" href="/kpi.css"></head><body class="kpi-page">
<header class="kpi-bar"><nav data-pages aria-label="Pages"><a href="/other">Other</a></nav>
<button type="button" class="kpi-theme" data-do="theme" aria-label="Colours"></button></header>
<div id="kpi-status" class="kpi-status" role="status"></div>
<main><h1>Mock</h1>
<section class="kpi kpi-filters" data-piece="filters" data-start="all" aria-label="Filters"><div class="kpi-picks">
<details class="kpi-pick" data-dimension="segment"><summary>Family <span data-slot="pick-segment">all</span></summary>
<div class="kpi-panel"><input type="search" data-search aria-label="Search in Family">
<div class="kpi-members" role="group" aria-label="Family">{options}</div></div></details>
<button type="button" data-do="reset" class="kpi-reset">Reset</button></div>
<ul class="kpi-chips" data-slot="chips" aria-label="On"></ul><div data-slot="problems" role="alert"></div>
<p data-slot="shown">all</p></section>
<section class="kpi kpi-tiles" data-piece="tiles"><h2>Tiles</h2><div data-slot="tiles">{tile}</div></section>
<section class="kpi kpi-figure" data-piece="who" aria-labelledby="who-q"><h2 id="who-q">Who?</h2>
<label>By <select data-list="by"><option>owner</option><option>region</option></select></label>
<p class="kpi-finding" data-slot="finding">Nobody.</p><figure class="kpi-chart" data-slot="chart"></figure>
<div data-slot="table"></div></section></main>
<script type="application/json" id="kpi-host">{host}</script>
<script type="application/json" id="kpi-first">{first}</script>
<script type="module" src="/kpi.js"></script></body></html>"""


def tile(value: str) -> str:
    return (
        '<article class="kpi-tile" data-kpi="win_rate"><div class="kpi-tile-head"><h3>Win rate</h3>'
        '<details class="kpi-info" data-menu><summary aria-label="About Win rate">i</summary>'
        '<div class="kpi-about" data-about="win_rate"><pre data-sql="win_rate"></pre></div></details></div>'
        f'<p class="kpi-value">{escape(value)}</p><p class="kpi-rows">{escape(value)} rows</p></article>'
    )


def lines(query: dict[str, list[str]]) -> list[dict[str, Any]]:
    """What a server answers: everything it says is the members that were asked."""
    members = query.get("segment", [])
    said = escape(" and ".join(members) or "all")
    chip = '<li><button type="button" data-drop="segment" data-member="{0}">{0}</button></li>'
    chips = "".join(chip.format(escape(member)) for member in members)
    head = {"shown": said, "chips": chips, "problems": "", "pick-segment": said}
    plain, by = " and ".join(members) or "all", query.get("who.by", ["owner"])[0]
    return [
        {"kind": "head", "query": query, "shown": plain, "fingerprint": "f1", "slots": {"filters": head}},
        {"kind": "piece", "piece": "tiles", "chart": None, "slots": {"tiles": tile(str(len(members)))}},
        {"kind": "piece", "piece": "who", "chart": None, "slots": {"finding": said, "table": ""}, "lists": {"by": by}},
        {"kind": "end"},
    ]


#: Two frames later what stands in the window is known.
PAINTED = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"


class Server:
    """Answers the page's requests inside the test; it can hold an answer back, or be gone."""

    def __init__(self, page: Page) -> None:
        self.page, self.gone, self.holds = page, False, False
        self.asked: list[dict[str, list[str]]] = []
        self.told: list[dict[str, list[str]]] = []
        self.held: list[tuple[Route, dict[str, list[str]]]] = []
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.route("**/*", self.answer)

    def open(self, search: str = "") -> Page:
        self.page.goto(f"{HOST}/voila/render/mock{search}")
        self.page.locator("body[data-live]").wait_for()
        return self.page

    def answer(self, route: Route) -> None:
        address = urlsplit(route.request.url)
        query = parse_qs(address.query)
        if self.gone:
            route.abort("connectionrefused")
        elif address.path.startswith("/kpi/ask/"):
            self.asked.append(query)
            self.told.append(route.request.post_data_json)
            self.held.append((route, query))
            if not self.holds:
                self.release()
        elif address.path.startswith("/kpi/records/"):
            said = {"title": HOSTILE, "slice": "all", "said": "2 records", "total": 2}
            columns = [
                {"name": "who", "title": HOSTILE, "number": False},
                {"name": "n", "title": "Days", "number": True},
            ]
            route.fulfill(json={**said, "columns": columns, "rows": [[HOSTILE, [1000, "1,000"]], ["R&D", [9, "9"]]]})
        elif address.path.startswith("/kpi/about/"):
            route.fulfill(json={"html": "<dl><dt>Sum of</dt><dd>won</dd></dl>"})
        elif address.path == "/kpi/alive":
            route.fulfill(json={"fingerprint": "f1"})
        elif address.path[1:] in web.ASSETS:
            body, mime = web.asset(address.path[1:])
            route.fulfill(body=body, content_type=mime)
        else:
            route.fulfill(body=self.html(query), content_type="text/html; charset=utf-8")

    def release(self) -> None:
        """Answer what is held, the last first."""
        while self.held:
            route, query = self.held.pop()
            body = "".join(json.dumps(line) + "\n" for line in lines(query))
            route.fulfill(body=body, content_type="application/x-ndjson")

    @staticmethod
    def html(query: dict[str, list[str]]) -> str:
        options = "".join(OPTION.format(escape(one)) for one in SEGMENTS)
        host = {
            "path": "mock",
            "base": "/",
            "strings": web.STRINGS,
            "assets": {name: f"/{name}" for name in web.ASSETS},
        }
        frame = (TEMPLATES / "kpi.css").read_text(encoding="utf-8")
        # A page without script shows what the answer shows: the query may come from the address.
        data = {"host": json.dumps(host), "first": json.dumps(lines(query)).replace("<", "\\u003c")}
        return PAGE.format(frame=frame, options=options, tile=tile("0"), **data)


@pytest.fixture
def server(visit: Callable[..., Any]) -> Server:
    return Server(visit(HOST).page)


def finding(page: Page) -> Any:
    return page.locator("[data-slot=finding]")


def segments(page: Page) -> list[str]:
    return parse_qs(urlsplit(page.url).query).get("segment", [])


def test_a_list_is_opened_searched_and_ticked_with_the_keyboard_alone(server):
    page = server.open()
    page.get_by_text("Family").first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("checkbox", name="Enterprise")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(finding(page)).to_have_text("Mid-market")
    page.keyboard.type("smb")
    expect(page.get_by_role("searchbox")).to_have_value("smb")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(finding(page)).to_have_text("Mid-market and SMB")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(finding(page)).to_have_text("SMB")
    page.keyboard.press("Escape")
    expect(page.locator(".kpi-pick")).not_to_have_attribute("open", "")
    expect(page.locator(".kpi-pick > summary")).to_be_focused()


def test_a_click_elsewhere_closes_what_is_open_and_only_one_thing_is_open(server):
    page = server.open()
    page.get_by_text("Family").first.click()
    page.get_by_label("About Win rate").click()
    assert page.locator("details[open]").count() == 1
    expect(page.locator(".kpi-about")).to_contain_text("won")
    page.locator("h1").click()
    expect(page.locator("details[open]")).to_have_count(0)


def test_a_choice_is_in_the_address_and_back_and_forward_show_what_was(server):
    page = server.open()
    page.get_by_text("Family").first.click()
    page.get_by_role("checkbox", name="SMB").check()
    expect(finding(page)).to_have_text("SMB")
    page.locator("select").select_option("region")
    expect(page).to_have_url(re.compile(r"segment=SMB&who\.by=region"))
    # The choice goes to the other pages, the list of a figure of this page does not.
    expect(page.locator("[data-pages] a")).to_have_attribute("href", "/other?segment=SMB")
    page.go_back()
    expect(page.locator("select")).to_have_value("owner")
    page.go_back()
    expect(finding(page)).to_have_text("all")
    expect(page.locator("input[value=SMB]")).not_to_be_checked()
    page.go_forward()
    expect(finding(page)).to_have_text("SMB")


def test_an_answer_that_was_overtaken_is_dropped(server):
    page = server.open()
    server.holds = True
    page.get_by_text("Family").first.click()
    with page.expect_request("**/kpi/ask/**"):
        page.get_by_role("checkbox", name="Enterprise").check()
    with page.expect_event("requestfailed") as left, page.expect_request("**/kpi/ask/**"):
        page.get_by_role("checkbox", name="SMB").check()
    assert "/kpi/ask/" in left.value.url  # the browser told the server that nobody waits any more
    server.held.pop(0)
    server.release()
    expect(finding(page)).to_have_text("Enterprise and SMB")
    expect(page.locator(".kpi-figure")).not_to_have_attribute("aria-busy", "true")
    assert [query.get("segment") for query in server.asked] == [["Enterprise"], ["Enterprise", "SMB"]]


def test_of_two_answers_the_later_question_wins_even_if_the_earlier_answer_comes_last(server):
    page = server.open()
    shown = page.evaluate("""async () => {
      const release = [], breath = () => new Promise((done) => setTimeout(done));
      kpiSession.host.ask = async function* (query) {
        await new Promise((done) => release.push(done));
        yield { kind: "piece", piece: "who", slots: { finding: query.segment[0] } };
        yield { kind: "end" };
      };
      for (const one of ["early", "late"]) kpiSession.change({ segment: [one] });
      for (const at of [1, 0]) release[at](), await breath();
      return document.querySelector("[data-slot=finding]").textContent;
    }""")
    assert shown == "late"


def test_while_an_answer_is_awaited_the_page_says_that_it_is_busy_and_then_what_it_shows(server):
    page = server.open()
    server.holds = True
    page.get_by_text("Family").first.click()
    page.get_by_role("checkbox", name="SMB").check()
    expect(page.locator(".kpi-progress")).to_be_visible()
    expect(page.locator(".kpi-progress")).to_have_attribute("style", "--part: 0;")
    # Pages that wait leave the machine to the answer.
    assert page.evaluate("document.getAnimations().length") == 0
    expect(page.locator(".kpi-figure")).to_have_attribute("aria-busy", "true")
    server.release()
    expect(page.locator("#kpi-status")).to_have_text("Updated: SMB")
    expect(page.locator(".kpi-progress")).to_be_hidden()


def test_what_stands_in_the_window_is_asked_for_first(server):
    page = server.open()
    page.evaluate("document.querySelector('.kpi-figure').style.marginTop = '4000px'")
    for place, seen in ((".kpi-tiles", "tiles"), (".kpi-figure", "who")):
        page.locator(place).first.scroll_into_view_if_needed()
        page.evaluate(PAINTED)
        page.evaluate("document.querySelector('input[value=SMB]').click()")
        expect(page.locator(".kpi-figure")).not_to_have_attribute("aria-busy", "true")
        assert [name for name in server.told[-1]["first"] if name in ("tiles", "who")] == [seen]


def test_a_lost_connection_is_said_and_healed_with_the_choice_kept(server):
    page = server.open()
    page.get_by_text("Family").first.click()
    server.gone = True
    page.get_by_role("checkbox", name="SMB").check()
    expect(page.get_by_text("The connection to the server is lost")).to_be_visible()
    server.gone = False
    expect(finding(page)).to_have_text("SMB")
    expect(page.get_by_text("The connection is back.")).to_be_visible()
    expect(page.get_by_text("The connection to the server is lost")).to_have_count(0)
    assert segments(page) == ["SMB"]


def test_an_answer_leaves_focus_and_open_details_where_they_are(server):
    page = server.open()
    page.get_by_label("About Win rate").click()
    count = page.get_by_role("button", name="0 rows")
    page.evaluate("document.querySelector('[data-kpi] [data-records]').marked = 1")
    page.evaluate("kpiSession.change({segment: ['SMB']})")
    expect(page.get_by_role("button", name="1 rows")).to_be_visible()
    assert page.evaluate("document.querySelector('[data-kpi] [data-records]').marked") == 1
    expect(count).to_have_count(0)
    expect(page.locator(".kpi-info")).to_have_attribute("open", "")
    expect(page.get_by_label("About Win rate")).to_be_focused()


def test_the_focus_goes_to_the_next_chip_when_one_is_removed(server):
    page = server.open("?segment=Enterprise&segment=SMB")
    page.evaluate("kpiSession.ask()")
    page.get_by_role("button", name="Enterprise").click()
    expect(page.get_by_role("button", name="SMB", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Reset")).to_be_focused()
    assert segments(page) == []


def test_records_are_searched_and_sorted_and_a_hostile_name_does_nothing(server):
    page = server.open()
    page.get_by_text("Family").first.click()
    page.get_by_role("checkbox", name=HOSTILE).check()
    expect(finding(page)).to_have_text(HOSTILE)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="1 rows").click()
    page.locator("dialog[data-ready]").wait_for()
    cells = page.locator("dialog tbody td:first-child")
    expect(cells).to_have_text([HOSTILE, "R&D"])
    page.get_by_role("columnheader", name="Days").click()
    expect(cells).to_have_text(["R&D", HOSTILE])  # 9 before 1,000: as numbers
    page.get_by_label("Search:").fill("r&d")
    expect(cells).to_have_text(["R&D"])
    page.get_by_label("Search:").fill("<img")
    expect(cells).to_have_text([HOSTILE])
    assert page.evaluate("[window.hacked, document.querySelectorAll('img').length]") == [None, 0]
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="1 rows")).to_be_focused()
    assert server.errors == []


def test_a_piece_that_failed_says_so_in_its_place_and_the_page_goes_on(server):
    page = server.open()
    page.evaluate("kpiSession.apply({kind: 'failed', piece: 'who', said: 'Something went wrong (ref 1a2b3c4d).'})")
    expect(finding(page)).to_have_text("Something went wrong (ref 1a2b3c4d).")
    page.evaluate("kpiSession.change({segment: ['SMB']})")
    expect(finding(page)).to_have_text("SMB")


def test_newer_data_are_offered_and_shown_when_the_reader_wants_them(server):
    page = server.open()
    page.evaluate("kpiSession.connection.seen('f2')")
    page.get_by_role("button", name="Show them").click()
    page.locator("body[data-live]").wait_for()
    expect(page.get_by_role("button", name="Show them")).to_have_count(0)


def test_the_theme_chosen_by_hand_stays_on_the_next_page(server):
    page = server.open()
    button = page.get_by_role("button", name="Colours: as the system")
    button.click()
    page.get_by_role("button", name="Colours: light").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    server.open()
    expect(page.get_by_role("button", name="Colours: dark")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_part_of_the_interface_breaks_a_rule_of_accessibility(server, theme):
    server.page.emulate_media(color_scheme=theme)
    page = server.open("?segment=SMB")
    page.evaluate("kpiSession.ask()")
    page.get_by_text("Family").first.click()
    broken = Axe().run(page).response["violations"]
    page.keyboard.press("Escape")
    page.get_by_role("button", name="1 rows").click()
    page.locator("dialog[data-ready]").wait_for()
    broken += Axe().run(page).response["violations"]
    assert [(rule["id"], [node["html"][:120] for node in rule["nodes"]]) for rule in broken] == []


KERNEL = """async ([loader, html, lines, script, sheet]) => {
  // Two outputs of one page, and a kernel that counts what it is asked.
  const kernel = { asked: [] };
  const answers = {
    now: () => [{ lines: [], turn: 0 }, []],
    answer: ({ query }) => [{ turn: 1, lines: [
      { ...lines[0], query }, { ...lines[2], slots: { finding: query.segment[0] } }, { kind: "end" }] }, []],
  };
  const model = (piece) => {
    const heard = new Set(), front = piece === "filters" ? { script, sheet, strings: {} } : {};
    const held = { page_id: "p", html: html[piece], first: "[]", turn: 0, code: "c", language: "en", front };
    return {
      get: (name) => held[name],
      on: (what, act) => what === "msg:custom" && heard.add(act),
      off: (_, act) => heard.delete(act),
      send(message) {
        kernel.asked.push(message.name ?? message.do);
        const [answer, buffers] = answers[message.do](message);
        queueMicrotask(() => [...heard].forEach((act) => act({ id: message.id, ...answer }, buffers)));
      },
    };
  };
  const { default: widget } = await import(URL.createObjectURL(new Blob([loader], { type: "text/javascript" })));
  for (const piece of ["filters", "who"]) {
    const el = document.body.appendChild(document.createElement("div"));
    const made = model(piece);
    await widget.initialize({ model: made });
    await widget.render({ model: made, el });
  }
  globalThis.kernel = kernel;
}"""


def test_in_jupyterlab_the_first_output_brings_the_script_and_one_choice_reaches_all_outputs(server):
    page = server.page
    whole = server.html({})
    section = '<section[^>]*data-piece="{}".*?</section>'
    html = {name: re.search(section.format(name), whole, re.DOTALL)[0] for name in ("filters", "who")}
    page.route("**/*", lambda route: route.fulfill(body="<title>Lab</title>", content_type="text/html"))
    page.goto(HOST)
    sheet = web.asset("kpi.css")[0].decode()
    page.evaluate(KERNEL, [web.LOADER, html, lines({}), web.bundle(), sheet])
    page.get_by_text("Family").first.click()
    page.get_by_role("checkbox", name="SMB").check()
    expect(finding(page)).to_have_text("SMB")
    assert page.evaluate("kernel.asked") == ["now", "answer"]
    assert server.errors == []
