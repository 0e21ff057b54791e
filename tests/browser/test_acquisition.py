"""The acquisition page as it is seen and used: its lists, its filters, the leads behind a source."""

from playwright.sync_api import expect

from browser.reading import Reader, none

STEM = "05_acquisition"
WHERE, COST = "where-do-more-of-them-convert", "what-do-they-cost-and-what-are-they-worth"
YEAR = {"since": "2025-07", "until": "2026-06"}


def test_a_family_narrows_the_leads_and_leaves_the_costs(server, visit, demo):
    reader = Reader(visit, server, STEM)
    costs, sources = reader.table(COST), reader.table(WHERE)
    reader.choose("segment", "Enterprise")
    reader.shows(demo, "conversion_rate", where={"segment": ["Enterprise"]}, **YEAR)
    assert reader.table(COST) == costs
    assert reader.table(WHERE) != sources
    expect(reader.page.locator("[data-kpi=cac]")).to_contain_text("is not known by customer family")
    none(reader.page.locator(".kpi-pick[data-dimension=owner]"))


def test_what_is_set_against_the_cost_is_the_readers_choice(server, visit):
    reader = Reader(visit, server, STEM)
    reader.choose_list(COST, "measure", "Payback")
    assert all("month" in row[1] for row in reader.table(COST))
