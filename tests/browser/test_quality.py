"""What the page on data quality has of its own: the badge of a tile, and a worklist that follows the salesperson."""

from playwright.sync_api import expect

from browser.reading import Reader

STEM = "08_data_quality"
TO_DO = "what-is-to-be-put-right"


def test_a_tile_that_suffers_says_so_and_the_list_follows_the_salesperson(server, visit, demo):
    reader = Reader(visit, server, STEM)
    badges = reader.page.locator("[data-kpi=win_rate] .kpi-doubt")
    expect(badges).to_have_count(1)
    expect(badges).to_contain_text("deals undecided")
    expect(reader.page.locator("[data-kpi=completeness] .kpi-doubt")).to_have_count(0)
    owner = reader.table(TO_DO)[0][0]
    reader.choose("owner", owner)
    assert {row[0] for row in reader.table(TO_DO)} == {owner}
