"""What stands behind a number: its records, searched, sorted and paged; its files; its definition."""

import io
from xml.etree import ElementTree

import pandas as pd
import pytest
from playwright.sync_api import expect

from browser.reading import Reader, none, number

DEALS, SALES = "01_opportunities", "02_sales"
WINS, MOVING, BROUGHT = (
    "where-do-we-win-more-often-and-where-less",
    "is-the-win-rate-moving",
    "what-brings-the-revenue-and-what-does-it-leave",
)
YEAR = {"since": "2025-07", "until": "2026-06"}


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
    reader.shows(demo, where={"owner": [member]}, **YEAR)
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
    reader = Reader(visit, server, SALES, "?segment=Enterprise&period=2026-06")
    reader.page.locator(".kpi-tile[data-kpi=revenue] .kpi-rows button").click()
    dialog = reader.records()
    how = {"where": {"segment": ["Enterprise"]}, "since": "2026-06", "until": "2026-06"}
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
    rates = demo.kpi("win_rate", by="owner", **YEAR).query("rows >= 10").set_index("group")["value"]
    assert rates.idxmax() in drawn
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
