"""What every page promises its reader: the link is the state, a number opens its records, nothing leaves the host."""

import io
import re
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pandas as pd
import pytest
from playwright.sync_api import expect

import kpilib
from browser.reading import Reader, none, number, same

DEALS, SALES = "01_opportunities", "02_sales"
WINS, MOVING, BROUGHT = (
    "where-do-we-win-more-often-and-where-less",
    "is-the-win-rate-moving",
    "what-brings-the-revenue-and-what-does-it-leave",
)
YEAR = {"since": "2025-07", "until": "2026-06"}
LINK = "?segment=SMB&segment=Enterprise&period=2026Q2"
LINKED = {"where": {"segment": ["SMB", "Enterprise"]}, "since": "2026-04", "until": "2026-06"}


@pytest.fixture(scope="module")
def demo(top):
    return kpilib.open(top / "data" / "demo")


def shows(reader, book, key="win_rate", locale="en", **how):
    """The tile shows what the book answers to this choice, and to no other of the test."""
    answer = book.kpi(key, **how).iloc[0]
    value, rows = reader.tiles()[key]
    assert same(value, answer["value"], locale), (value, answer["value"])
    assert same(rows, answer["rows"], locale), (rows, answer["rows"])


# --- the address ------------------------------------------------------------------------------------------------


def test_a_link_opens_the_view_it_was_copied_from(server, visit, demo):
    reader = Reader(visit, server, DEALS, LINK)
    shows(reader, demo, **LINKED)
    expect(reader.page.locator(".kpi-chips button")).to_have_count(3)
    assert reader.box("SMB").is_checked()
    assert not reader.box("Mid-market").is_checked()
    expect(reader.page.locator("[data-slot=pick-segment]")).to_have_text("2 chosen")
    expect(reader.page.locator("[data-slot=shown]")).to_contain_text("2026-04 to 2026-06")


def test_a_link_shows_its_numbers_before_any_script(server, visit, demo):
    seen = visit(server.url, java_script_enabled=False).open(f"/voila/render/{DEALS}.ipynb{LINK}")
    reader = object.__new__(Reader)
    reader.seen, reader.page = seen, seen.page
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
    shows(reader, demo, **LINKED)
    reader.page.reload(wait_until="commit")
    reader.seen.alive()
    shows(reader, demo, **LINKED)
    expect(reader.piece(WINS).locator("[data-list=by]")).to_have_value("region")
    reader.reset()
    assert reader.query == {}
    shows(reader, demo, **YEAR)


def test_back_and_forward_show_what_was(server, visit, demo):
    reader = Reader(visit, server, DEALS)
    reader.choose("segment", "SMB")
    reader.choose("region", "Occitanie")
    wheres = [{"segment": ["SMB"], "region": ["Occitanie"]}, {"segment": ["SMB"]}, {}]
    shows(reader, demo, where=wheres[0], **YEAR)
    for where in wheres[1:]:
        reader.page.go_back()
        expect(reader.page.locator(".kpi-chips button")).to_have_count(len(where))
        reader.seen.settled()
        shows(reader, demo, where=where, **YEAR)
    reader.page.go_forward()
    expect(reader.page.locator(".kpi-chips button")).to_have_count(1)
    reader.seen.settled()
    shows(reader, demo, where=wheres[1], **YEAR)
    assert reader.box("SMB").is_checked()
    assert not reader.box("Occitanie").is_checked()


def test_two_tabs_with_different_choices_do_not_mix(server, visit, demo):
    one = Reader(visit, server, DEALS)
    other = Reader(visit, server, DEALS, beside=one.seen)
    one.choose("segment", "SMB")
    other.choose("segment", "Enterprise")
    one.choose("region", "Occitanie")
    shows(one, demo, where={"segment": ["SMB"], "region": ["Occitanie"]}, **YEAR)
    shows(other, demo, where={"segment": ["Enterprise"]}, **YEAR)
    other.page.reload(wait_until="commit")
    other.seen.alive()
    shows(other, demo, where={"segment": ["Enterprise"]}, **YEAR)


def test_the_choice_goes_along_to_the_other_pages_and_the_gallery(server, visit, demo):
    reader = Reader(visit, server, DEALS)
    reader.choose("segment", "SMB")
    reader.choose_list(WINS, "by", "region")
    reader.page.get_by_text("Other pages").click()
    reader.page.get_by_role("navigation", name="Pages").get_by_role("link", name="Sales").click()
    expect(reader.page).to_have_title(re.compile("^Sales"))
    reader.seen.alive()
    assert reader.query == {"segment": ["SMB"]}, "a figure's own list stays with its page"
    shows(reader, demo, "revenue", where={"segment": ["SMB"]}, **YEAR)
    reader.page.get_by_role("link", name="Key figures").first.click()
    reader.page.locator(".kpi-card a", has_text="Opportunities").click()
    expect(reader.page).to_have_title(re.compile("^Opportunities"))
    reader.seen.alive()
    shows(reader, demo, where={"segment": ["SMB"]}, **YEAR)


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


# --- what stands behind a number ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stem", "slug", "key", "field"),
    [(DEALS, WINS, "win_rate", "owner"), (DEALS, MOVING, "win_rate", "period"), (SALES, BROUGHT, "revenue", "product")],
)
def test_a_click_on_a_mark_opens_its_records(server, visit, demo, stem, slug, key, field):
    reader = Reader(visit, server, stem, "?segment=SMB")
    member = reader.mark(slug, 1)
    reader.click()
    expect(reader.records()).to_contain_text(member)
    where, how = {"segment": ["SMB"]}, dict(YEAR)
    if field == "period":
        how = {"since": member, "until": member}
    else:
        where[field] = [member]
    behind = demo.rows(key, limit=None, where=where, **how)
    said = reader.page.locator("dialog .kpi-note").inner_text()
    assert number(said.split(" · ")[1])[0] == len(behind) > 0
    expect(reader.page.locator("dialog .dt-info")).to_contain_text(f"of {len(behind):,}")
    first = reader.page.locator("dialog tbody tr").first.locator("td").first.inner_text()
    assert first in set(behind.iloc[:, 0].astype(str))


def test_a_mark_becomes_a_filter(server, visit, demo):
    reader = Reader(visit, server, DEALS)
    member = reader.mark(WINS, 2)
    reader.click()
    reader.records().get_by_role("button", name=f"Filter by {member}").click()
    none(reader.page.locator("dialog"))
    reader.seen.settled()
    assert reader.query == {"owner": [member]}
    shows(reader, demo, where={"owner": [member]}, **YEAR)
    assert reader.box(member).is_checked()


@pytest.mark.parametrize(
    ("stem", "keys"),
    [(DEALS, ("win_rate", "open_opportunities", "sales_cycle")), (SALES, ("repeat_rate", "average_basket"))],
)
def test_the_count_of_a_tile_opens_the_rows_it_counts(server, visit, demo, stem, keys):
    reader = Reader(visit, server, stem, "?segment=Enterprise")
    for key in keys:
        tile = reader.page.locator(f".kpi-tile[data-kpi={key}]")
        tile.locator(".kpi-rows button").click()
        said = reader.records().locator(".kpi-note").inner_text()
        behind = demo.rows(key, limit=None, where={"segment": ["Enterprise"]}, **YEAR)
        assert f"{len(behind):,} record" in said
        reader.page.keyboard.press("Escape")
        none(reader.page.locator("dialog"))
        expect(tile.locator(".kpi-rows button")).to_be_focused()


def test_records_are_searched_sorted_and_paged(server, visit, demo):
    reader = Reader(visit, server, SALES, "?segment=SMB&period=2026Q2")
    reader.page.locator(".kpi-tile[data-kpi=revenue] .kpi-rows button").click()
    dialog = reader.records()
    how = {"where": {"segment": ["SMB"]}, "since": "2026-04", "until": "2026-06"}
    behind = demo.rows("revenue", limit=None, **how)
    heads = dialog.locator("thead th")
    at = [head.strip() for head in heads.all_inner_texts()].index("Revenue")
    rows, cells = dialog.locator("tbody tr"), dialog.locator(f"tbody td:nth-child({at + 1})")
    expect(rows).to_have_count(25)
    heads.nth(at).click()
    expect(heads.nth(at)).to_have_attribute("aria-sort", "ascending")
    heads.nth(at).click()
    expect(heads.nth(at)).to_have_attribute("aria-sort", "descending")
    largest = behind["revenue"].sort_values(ascending=False)
    assert [number(text)[0] for text in cells.all_inner_texts()] == pytest.approx(largest[:25], abs=0.5)
    dialog.get_by_label("Next page").click()
    expect(dialog.locator(".dt-info")).to_contain_text("26 to 50")
    assert [number(text)[0] for text in cells.all_inner_texts()] == pytest.approx(largest[25:50], abs=0.5)
    product = behind["product"].iloc[0]
    dialog.get_by_label("Search:").fill(product)
    matching = int((behind["product"] == product).sum())
    expect(dialog.locator(".dt-info")).to_contain_text(f"of {matching} ")
    assert product in rows.first.inner_text()


# --- files --------------------------------------------------------------------------------------------------------


def test_the_table_of_a_figure_is_saved_as_csv_and_excel(server, visit, demo):
    reader = Reader(visit, server, SALES, "?segment=SMB")
    answer = demo.kpi("revenue", by="product", where={"segment": ["SMB"]}, **YEAR).set_index("group")["value"]
    name, content = reader.save(BROUGHT, "csv")
    assert name == f"{BROUGHT}.csv"
    saved = pd.read_csv(io.BytesIO(content)).set_index("Product")["Revenue"]
    assert '\'=HYPERLINK("http://example.invalid")' in saved.index, "a formula is defused"
    saved.index = saved.index.str.removeprefix("'")
    assert saved.to_dict() == pytest.approx(answer.to_dict())
    name, content = reader.save(BROUGHT, "xlsx")
    assert name == f"{BROUGHT}.xlsx"
    sheets = pd.read_excel(io.BytesIO(content), sheet_name=None, engine="openpyxl")
    assert sheets["Data"].set_index("Product")["Revenue"].to_dict() == pytest.approx(answer.to_dict())
    assert "Customer family SMB" in sheets["About"].to_string()


def test_a_chart_is_saved_as_a_drawing_and_a_picture(server, visit, demo):
    reader = Reader(visit, server, DEALS)
    name, content = reader.save(WINS, "svg")
    assert name == f"{WINS}.svg"
    drawn = "".join(ElementTree.fromstring(content).itertext())
    assert demo.members("owner")["member"].iloc[0] in drawn
    name, content = reader.save(WINS, "png")
    assert name == f"{WINS}.png"
    assert content.startswith(b"\x89PNG\r\n")
    width, height = (int.from_bytes(content[at : at + 4], "big") for at in (16, 20))
    assert width > 600
    assert height > 400


def test_all_records_are_saved_though_a_page_shows_the_first_thousand(server, visit, demo):
    reader = Reader(visit, server, SALES)
    reader.page.locator(".kpi-tile[data-kpi=revenue] .kpi-rows button").click()
    dialog = reader.records()
    behind = demo.rows("revenue", limit=None, **YEAR)
    expect(dialog).to_contain_text(f"The first 1,000 of {len(behind):,} records")
    _, content = reader.saved(dialog.get_by_role("button", name="Save all records as CSV"))
    saved = pd.read_csv(io.BytesIO(content))
    assert len(saved) == len(behind)
    assert saved["Revenue"].sum() == pytest.approx(behind["revenue"].sum())


# --- the reader's language and colours ------------------------------------------------------------------------------


def test_the_language_is_the_browsers_until_one_is_chosen_by_hand_which_stays(server, visit, demo):
    reader = Reader(visit, server, DEALS, "?segment=SMB", locale="fr-FR")
    language = reader.page.locator("html")
    expect(language).to_have_attribute("lang", "fr")
    shows(reader, demo, locale="fr", where={"segment": ["SMB"]}, **YEAR)
    reader.page.locator("a[data-lang=en]").click()
    expect(language).to_have_attribute("lang", "en")
    reader.seen.alive()
    shows(reader, demo, where={"segment": ["SMB"]}, **YEAR)
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
        reader = object.__new__(Reader)
        reader.seen, reader.page = seen, seen.page
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


def test_what_a_number_is_stands_behind_its_i_with_its_sql_and_its_other_definitions(server, visit, demo):
    reader = Reader(visit, server, DEALS, "?segment=SMB")
    tile = reader.page.locator(".kpi-tile[data-kpi=win_rate]")
    tile.locator(".kpi-info summary").click()
    about = tile.locator(".kpi-about")
    expect(about).to_contain_text(demo.kpis["win_rate"].question)
    expect(about).to_contain_text(demo.kpis["win_rate"].caveat)
    expect(about).to_contain_text("segment IN ('SMB')")
    by_value = demo.kpi("win_rate", variant="by_value", where={"segment": ["SMB"]}, **YEAR)["value"].item()
    assert f"{by_value:.1%}" in about.inner_text()
