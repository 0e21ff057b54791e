"""The glossary as it is used: a reader searches, follows a name, comes from a tile, and prints it."""

import pytest
from playwright.sync_api import expect

from browser.reading import Reader
from kpilib.catalogue import CATALOGUE

STEM = "90_glossary"
PAGE = f"/voila/render/{STEM}.ipynb"


@pytest.fixture
def reader(visit, server):
    return Reader(visit, server, STEM)


def test_a_reader_finds_an_entry_by_its_name_in_the_other_language(reader):
    page = reader.page
    entries, field = page.locator(".kpi-entry:visible"), page.locator("input[data-find]")
    expect(entries).to_have_count(len(CATALOGUE))
    field.fill("taux de reussite")  # without its accent
    expect(entries).to_have_count(1)
    expect(entries.first).to_have_attribute("id", "win_rate")
    expect(page.locator(".kpi-find [role=status]")).to_have_text(f"1 of {len(CATALOGUE)}")
    assert page.locator(".kpi-prose:visible").count() == 2, "only what stands above the filters"
    reader.choose("segment", "SMB")  # an answer does not bring the others back
    expect(entries).to_have_count(1)
    field.fill("")
    expect(entries).to_have_count(len(CATALOGUE))


def test_an_entry_has_an_address_and_its_value_follows_the_filters(visit, server, demo):
    page = visit(server.url).open(f"{PAGE}?segment=SMB&period=2026Q1#churn_rate").alive().page
    entry = page.locator("#churn_rate")
    expect(entry).to_be_in_viewport()
    value = demo.kpi("churn_rate", where={"segment": ["SMB"]}, since="2026-01", until="2026-03")["value"].item()
    expect(entry.locator(".kpi-now strong")).to_have_text(f"{value:.1%}")
    entry.get_by_text("On your fingers").click()
    expect(entry.locator(".kpi-counted")).to_contain_text("120 ÷ 1,000 = 12.0%")
    expect(entry.locator(".kpi-few tbody tr")).to_have_count(4)


def test_the_i_of_a_tile_leads_to_the_entry_with_the_choice_in_force(visit, server):
    reader = Reader(visit, server, "02_sales", "?segment=SMB")
    tile = reader.page.locator("[data-kpi=margin_rate]")
    tile.locator(".kpi-info summary").click()
    tile.locator(".kpi-info .kpi-deeper a").click()
    reader.page.wait_for_url(f"**/{STEM}.ipynb?*segment=SMB*#margin_rate")
    expect(reader.page.locator("#margin_rate")).to_be_in_viewport()


def test_on_paper_the_examples_are_open_and_neither_the_search_nor_the_sql_is_there(reader):
    page = reader.page
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    expect(page.locator("#nps .kpi-counted")).to_be_visible()
    expect(page.locator("#nps .kpi-query")).to_be_hidden()
    expect(page.locator(".kpi-finder")).to_be_hidden()
