"""Names that attack are names: in every place of a page, at the pointer, in the address and in files, nothing runs."""

import csv
import io
from urllib.parse import quote

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from browser.hostile import ARITHMETIC, FORMULA, IMAGE, QUOTES, SCRIPT, hostile
from browser.reading import Reader, none

BROUGHT, WINS = "what-brings-the-revenue-and-what-does-it-leave", "where-do-we-win-more-often-and-where-less"
#: What a page never has: an element or a handler that came from the data.
FOREIGN = "img, svg[onload], [onerror], [onload], script:not([src], [type='application/json'])"


@pytest.fixture(scope="module")
def attacked(start_app, tmp_path_factory):
    return start_app("--data", str(hostile(tmp_path_factory.mktemp("hostile"))))


@pytest.fixture
def watched(attacked, visit):
    """Opens a page and at the end sees to it that nothing ran, nothing was asked and no dialog came."""
    readers, dialogs = [], []

    def open_page(stem: str, search: str = "") -> Reader:
        reader = Reader(visit, attacked, stem, search)
        reader.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        readers.append(reader)
        return reader

    yield open_page
    for reader in readers:
        untouched(reader)
    assert dialogs == []


def untouched(reader: Reader) -> None:
    assert reader.page.evaluate("window.hacked ?? null") is None
    none(reader.page.locator(FOREIGN))
    assert [url for url in reader.seen.requests if url.endswith("/x")] == []
    assert reader.seen.elsewhere() == []
    assert reader.seen.errors == []


def test_names_on_the_page_in_its_lists_and_at_the_pointer_are_text(watched):
    reader = watched("02_sales", "?period=all")
    body = reader.page.locator("main")
    for name in (IMAGE, FORMULA):
        expect(body).to_contain_text(name)
    for slug in (BROUGHT, "how-few-customers-make-up-most-of-it"):
        said = [reader.mark(slug, at) for at in range(reader.marks(slug))]
        assert {IMAGE, SCRIPT, FORMULA} & set(said)
    untouched(reader)
    for dimension, member in (("segment", IMAGE), ("industry", SCRIPT), ("region", QUOTES), ("category", FORMULA)):
        reader.choose(dimension, member)
        expect(reader.page.locator(".kpi-chips")).to_contain_text(member)
        expect(reader.page.locator("[data-slot=shown]")).to_contain_text(member)
        assert reader.query[dimension] == [member]
        untouched(reader)
        reader.page.mouse.wheel(0, -20_000)  # chips are hidden where the bar is held at the top
        reader.page.locator(f".kpi-chips [data-drop={dimension}]").click()
        reader.seen.settled()
    assert "segment" not in reader.query


def test_the_lists_of_figures_and_the_language_change_nothing_of_it(watched):
    reader = watched("01_opportunities", "?period=all&lang=fr")
    for by in ("segment", "region", "source", "category"):
        reader.choose_list(WINS, "by", by)
        untouched(reader)
    reader.choose("owner", IMAGE)
    expect(reader.piece(WINS).locator("[data-slot=foot]")).to_contain_text(IMAGE)


def test_records_of_an_attacking_name_are_text_and_filter_by_it(watched):
    reader = watched("01_opportunities", "?period=all")
    members = [reader.mark(WINS, at) for at in range(reader.marks(WINS))]
    assert IMAGE in members
    reader.mark(WINS, members.index(IMAGE))
    reader.click()
    dialog = reader.records()
    expect(dialog).to_contain_text(IMAGE)
    untouched(reader)
    dialog.get_by_label("Search:").fill("<img")
    expect(dialog.locator("tbody")).to_contain_text(IMAGE)
    untouched(reader)
    dialog.locator("[data-do=filter]").click()
    reader.seen.settled()
    assert reader.query["owner"] == [IMAGE]


def test_files_hold_the_names_and_no_formula(watched):
    reader = watched("02_sales", "?period=all")
    _, content = reader.save(BROUGHT, "csv")
    cells = {cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))) for cell in row}
    assert f"'{FORMULA}" in cells
    assert IMAGE in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]
    _, content = reader.save(BROUGHT, "xlsx")
    sheet = load_workbook(io.BytesIO(content))["Data"]
    found = {cell.value: cell.data_type for row in sheet.iter_rows() for cell in row}
    assert found[FORMULA] == "s"
    assert "f" not in found.values()
    _, content = reader.save(BROUGHT, "svg")
    assert b"<img" not in content
    assert b"&lt;img" in content
    reader.page.locator(".kpi-tile[data-kpi=revenue] .kpi-rows button").click()
    _, content = reader.saved(reader.records().get_by_role("button", name="Save all records as CSV"))
    cells = {cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))) for cell in row}
    assert f"'{ARITHMETIC}" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]


@pytest.mark.parametrize("attack", [IMAGE, SCRIPT, QUOTES, "javascript:alert(1)", "%00\x07<b>"])
def test_an_address_that_attacks_is_said_as_text(watched, attack):
    reader = watched("02_sales", f"?segment={quote(attack + '!')}&period={quote(attack)}&{quote(attack)}=1")
    expect(reader.page.locator("[data-slot=problems]")).to_contain_text("is not in these data")
    assert reader.query == {}
