"""What every page promises its reader: the link is the state, language and colours stay, nothing leaves the host."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from browser.reading import Reader, same

DEALS, SALES = "01_opportunities", "02_sales"
WINS, BROUGHT = "where-do-we-win-more-often-and-where-less", "what-brings-the-revenue-and-what-does-it-leave"
YEAR = {"since": "2025-07", "until": "2026-06"}
LINK = "?segment=SMB&segment=Enterprise&period=2026Q2"
LINKED = {"where": {"segment": ["SMB", "Enterprise"]}, "since": "2026-04", "until": "2026-06"}


# --- the address ------------------------------------------------------------------------------------------------


def test_a_link_opens_the_view_it_was_copied_from(server, visit, demo):
    reader = Reader(visit, server, DEALS, LINK)
    reader.shows(demo, **LINKED)
    expect(reader.page.locator(".kpi-chips button")).to_have_count(3)
    assert reader.box("SMB").is_checked()
    assert not reader.box("Mid-market").is_checked()
    expect(reader.page.locator("[data-slot=pick-segment]")).to_have_text("2 chosen")
    expect(reader.page.locator("[data-slot=shown]")).to_contain_text("2026-04 to 2026-06")


def test_a_link_shows_its_numbers_before_any_script(server, visit, demo):
    seen = visit(server.url, java_script_enabled=False).open(f"/voila/render/{DEALS}.ipynb{LINK}")
    seen.page.locator("footer").wait_for()
    said = seen.page.locator(".kpi-tile[data-kpi=win_rate]")
    answer = demo.kpi("win_rate", **LINKED).iloc[0]
    assert same(said.locator(".kpi-value").inner_text(), answer["value"])
    assert same(said.locator(".kpi-rows").inner_text(), answer["rows"])


def test_a_choice_is_in_the_address_and_a_reload_keeps_it(server, visit, demo):
    reader = Reader(visit, server, DEALS)
    assert reader.query == {}
    for member in LINKED["where"]["segment"]:
        reader.choose("segment", member)
    reader.months("2026-04", "2026-06")
    reader.choose_list(WINS, "by", "region")
    assert reader.query == {
        "segment": ["Enterprise", "SMB"], "period": ["2026-04..2026-06"], f"{WINS}.by": ["region"],
    }  # fmt: skip
    reader.shows(demo, **LINKED)
    reader.page.reload(wait_until="commit")
    reader.seen.alive()
    reader.shows(demo, **LINKED)
    expect(reader.piece(WINS).locator("[data-list=by]")).to_have_value("region")
    reader.reset()
    assert reader.query == {}
    reader.shows(demo, **YEAR)


def test_back_and_forward_show_what_was(server, visit, demo):
    reader = Reader(visit, server, DEALS)
    reader.choose("segment", "SMB")
    reader.choose("region", "Occitanie")
    wheres = [{"segment": ["SMB"], "region": ["Occitanie"]}, {"segment": ["SMB"]}, {}]
    reader.shows(demo, where=wheres[0], **YEAR)
    for where in wheres[1:]:
        reader.page.go_back()
        expect(reader.page.locator(".kpi-chips button")).to_have_count(len(where))
        reader.seen.settled()
        reader.shows(demo, where=where, **YEAR)
    reader.page.go_forward()
    expect(reader.page.locator(".kpi-chips button")).to_have_count(1)
    reader.seen.settled()
    reader.shows(demo, where=wheres[1], **YEAR)
    assert reader.box("SMB").is_checked()
    assert not reader.box("Occitanie").is_checked()


def test_two_tabs_with_different_choices_do_not_mix(server, visit, demo):
    one = Reader(visit, server, DEALS)
    other = Reader(visit, server, DEALS, beside=one.seen)
    one.choose("segment", "SMB")
    other.choose("segment", "Enterprise")
    one.choose("region", "Occitanie")
    one.shows(demo, where={"segment": ["SMB"], "region": ["Occitanie"]}, **YEAR)
    other.shows(demo, where={"segment": ["Enterprise"]}, **YEAR)
    other.page.reload(wait_until="commit")
    other.seen.alive()
    other.shows(demo, where={"segment": ["Enterprise"]}, **YEAR)


def test_the_choice_goes_along_to_the_other_pages_and_the_gallery(server, visit, demo):
    reader = Reader(visit, server, DEALS)
    reader.choose("segment", "SMB")
    reader.choose_list(WINS, "by", "region")
    reader.page.get_by_text("Other pages").click()
    reader.page.get_by_role("navigation", name="Pages").get_by_role("link", name="Sales").click()
    expect(reader.page).to_have_title(re.compile("^Sales"))
    reader.seen.alive()
    assert reader.query == {"segment": ["SMB"]}, "a figure's own list stays with its page"
    reader.shows(demo, "revenue", where={"segment": ["SMB"]}, **YEAR)
    reader.page.get_by_role("link", name="Key figures").first.click()
    reader.page.locator(".kpi-card a", has_text="Opportunities").click()
    expect(reader.page).to_have_title(re.compile("^Opportunities"))
    reader.seen.alive()
    reader.shows(demo, where={"segment": ["SMB"]}, **YEAR)


WRONG = f"?segment=Nobody&segment=SMB&period=2031Q1&colour=red&{WINS}.by=moon"


@pytest.mark.parametrize("script", [True, False])
def test_what_a_link_asks_in_vain_is_said_and_the_rest_is_shown(server, visit, demo, script):
    seen = visit(server.url, java_script_enabled=script).open(f"/voila/render/{DEALS}.ipynb{WRONG}")
    said = seen.page.locator("[data-slot=problems]")
    for part in ("“Nobody” is not in these data", "2031Q1", "“colour”", "“moon”"):
        expect(said).to_contain_text(part)
    shown = seen.page.locator(".kpi-tile[data-kpi=win_rate] .kpi-value").inner_text()
    assert same(shown, demo.kpi("win_rate", where={"segment": ["SMB"]}, **YEAR)["value"].item())


def test_a_wrong_link_is_put_right_in_the_address(server, visit):
    reader = Reader(visit, server, DEALS, WRONG)
    assert reader.query == {"segment": ["SMB"]}
    expect(reader.page.locator("[data-slot=problems]")).to_contain_text("Nobody")
    reader.choose("segment", "Enterprise")
    expect(reader.page.locator("[data-slot=problems]")).to_be_empty()


# --- the reader's language and colours ------------------------------------------------------------------------------


def test_the_language_is_the_browsers_until_one_is_chosen_by_hand_which_stays(server, visit, demo):
    reader = Reader(visit, server, DEALS, "?segment=SMB", locale="fr-FR")
    language = reader.page.locator("html")
    expect(language).to_have_attribute("lang", "fr")
    reader.shows(demo, locale="fr", where={"segment": ["SMB"]}, **YEAR)
    reader.page.locator("a[data-lang=en]").click()
    expect(language).to_have_attribute("lang", "en")
    reader.seen.alive()
    reader.shows(demo, where={"segment": ["SMB"]}, **YEAR)
    assert reader.query["segment"] == ["SMB"]
    reader.page.goto(f"{server.url}/")
    expect(language).to_have_attribute("lang", "en")
    reader.page.goto(f"{server.url}/voila/render/{SALES}.ipynb")
    expect(language).to_have_attribute("lang", "en")


def ground(page) -> int:
    """How light the page's ground is, of 255."""
    return max(page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number)"))


def test_the_colours_are_the_systems_until_chosen_by_hand_and_stay(server, visit):
    reader = Reader(visit, server, DEALS, color_scheme="dark")
    assert ground(reader.page) < 60
    reader.page.emulate_media(color_scheme="light")
    assert ground(reader.page) > 200
    reader.page.locator("[data-do=theme]").click()
    reader.page.locator("[data-do=theme]").click()
    expect(reader.page.locator("html")).to_have_attribute("data-theme", "dark")
    assert ground(reader.page) < 60
    reader.page.goto(f"{server.url}/", wait_until="domcontentloaded")
    assert ground(reader.page) < 60
    reader.page.goto(f"{server.url}/voila/render/{SALES}.ipynb", wait_until="domcontentloaded")
    assert ground(reader.page) < 60


# --- the host -----------------------------------------------------------------------------------------------------


def test_no_request_of_a_whole_visit_leaves_the_host(server, visit):
    """Gallery, both pages, a definition, records, a file, the language, the colours: the network elsewhere is cut."""
    seen = visit(server.url)
    blocked: list[str] = []
    host = urlsplit(server.url).netloc
    seen.page.context.route(
        lambda url: urlsplit(url).scheme in ("http", "https", "ws") and urlsplit(url).netloc != host,
        lambda route: (blocked.append(route.request.url), route.abort()),
    )
    seen.gallery()
    for stem, slug in ((DEALS, WINS), (SALES, BROUGHT)):
        seen.page.goto(f"{server.url}/")
        seen.page.locator(f".kpi-card a[href*='{stem}']").click()
        seen.alive()
        reader = Reader.of(seen)
        reader.choose("segment", "SMB")
        seen.page.locator(".kpi-info summary").first.click()
        expect(seen.page.locator(".kpi-about").first).to_contain_text("SELECT")
        seen.page.keyboard.press("Escape")
        reader.mark(slug, 0)
        reader.click()
        reader.records()
        seen.page.keyboard.press("Escape")
        reader.save(slug, "csv")
        seen.page.locator("[data-do=theme]").click()
        seen.page.locator("a[data-lang=fr]").click()
        expect(seen.page.locator("html")).to_have_attribute("lang", "fr")
        seen.alive()
    assert blocked == []
    assert seen.elsewhere() == []
    assert seen.errors == []
    assert len(seen.requests) > 10, "the visit was watched"


def test_the_page_may_speak_to_its_own_host_alone(server, visit):
    """The policy holds even where a script of a stranger would run."""
    seen = Reader(visit, server, DEALS).seen
    refused = "() => fetch('http://elsewhere.example/').then(() => 'went', () => 'refused')"
    assert seen.page.evaluate(refused) == "refused"
    assert any("Content Security Policy" in said for said in seen.errors)
    handler = """() => {
      const trap = document.body.appendChild(document.createElement("div"));
      trap.innerHTML = '<img src="x" onerror="window.hacked = 1">';
      const tried = (done) => trap.firstChild.addEventListener("error", () => done(window.hacked ?? "nothing ran"));
      return new Promise(tried);
    }"""
    assert seen.page.evaluate(handler) == "nothing ran"
