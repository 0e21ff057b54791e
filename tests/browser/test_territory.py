"""The territory page as it is used: a click on an area of the map opens it or filters by it, by mouse and by list."""

from playwright.sync_api import Locator, expect

from browser.reading import Reader, none

STEM = "07_territory"
MAP = "where-are-our-customers-and-what-do-they-bring"


def areas(reader: Reader) -> Locator:
    """The outlines of the map."""
    return reader.piece(MAP).locator("g.mark-shape").first.locator("path")


def pointed(reader: Reader, at: int) -> str:
    """Point at the middle of an area; the head of what it says there, "" where it is another's or nobody's."""
    area = areas(reader).nth(at)
    area.evaluate("area => area.scrollIntoView({block: 'center'})")
    box = area.bounding_box()
    reader.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    tip = reader.page.locator(".kpi-tip > div").first
    return tip.text_content() if tip.count() else ""


def test_a_click_on_a_region_opens_its_customers_and_filters_the_page_by_it(server, visit, demo):
    reader = Reader(visit, server, STEM)
    regions = set(demo.members("region")["member"])
    region = next(name for at in range(areas(reader).count()) if (name := pointed(reader, at)) in regions)
    reader.click()
    records = reader.records()
    expect(records).to_contain_text(region)
    records.get_by_role("button", name=f"Filter by {region}").click()
    none(reader.page.locator("dialog"))
    reader.seen.settled()
    assert reader.query == {"region": [region]}
    reader.shows(demo, "active_customers", where={"region": [region]}, since="2025-07", until="2026-06")


def test_the_map_of_departments_shades_them_and_its_table_has_them_all(server, visit, demo):
    reader = Reader(visit, server, STEM)
    assert areas(reader).count() == 13
    reader.choose_list(MAP, "by", "department")
    expect(areas(reader)).to_have_count(96)
    named = {row[0] for row in reader.table(MAP)}
    assert any("Paris" in one for one in named)
