"""The churn page as it is seen and used: its looks, its lists, its filters, the records behind a customer at risk."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from browser.reading import Reader, none, number

STEM, PAGE = "04_churn_drivers", "/voila/render/04_churn_drivers.ipynb"
DARK = {"color_scheme": "dark"}
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
RULES = {"resultTypes": ["violations"]}
WHERE, RISK, DRIVERS, DEFINED = (
    "where-do-more-of-them-leave", "which-customers-are-most-at-risk-now",
    "what-goes-with-leaving-and-is-it-in-our-hands", "how-many-leave-by-each-definition-of-churn",
)  # fmt: skip
OVER = """() => [...document.querySelectorAll(".kpi > :not(style)")]
  .filter((one) => one.getClientRects().length)
  .filter((one) => one.getBoundingClientRect().right > one.closest(".kpi").getBoundingClientRect().right + 1)
  .map((one) => one.className)"""
YEAR = {"since": "2025-07", "until": "2026-06"}


@pytest.fixture
def read(server, visit):
    """A function that opens the page and waits until it lives."""

    def start(query="", **options):
        return visit(server.url, **options).open(PAGE + query).alive()

    return start


@pytest.mark.parametrize(
    ("query", "options"), [("", {}), ("", PHONE), ("?lang=fr", DARK)], ids=["light", "phone", "dark"]
)
def test_axe_finds_nothing(read, query, options):
    found = Axe().run(read(query, **options).page, options=RULES).response["violations"]
    assert [f"{one['id']}: {[node['target'] for node in one['nodes'][:3]]}" for one in found] == []


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_nothing_hangs_over_the_edge_of_its_card(read, width):
    page = read(viewport={"width": width, "height": 900}).page
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(OVER) == []


def test_every_figure_has_an_answer_and_every_chart_its_words(read):
    page = read().page
    assert page.locator(".kpi-figure").count() == 13
    expect(page.locator(".kpi-refused")).to_have_count(0)
    assert [said for said in page.locator(".kpi-figure .kpi-finding").all_inner_texts() if len(said) < 40] == []
    for chart in page.locator("[data-slot=chart]:has(svg)").all():
        assert len(chart.get_attribute("aria-label")) > 30


def test_a_filter_narrows_the_numbers_and_the_list_and_leaves_the_models(server, visit, demo):
    reader = Reader(visit, server, STEM)
    models, listed = reader.piece(DRIVERS).inner_text(), reader.table(RISK)
    reader.choose("segment", "Enterprise")
    reader.shows(demo, "churn_rate", where={"segment": ["Enterprise"]}, **YEAR)
    assert reader.piece(DRIVERS).inner_text() == models
    assert reader.table(RISK) != listed
    none(reader.page.locator(".kpi-pick[data-dimension=category]"))


def test_the_list_of_customers_is_ordered_by_what_the_reader_chooses(server, visit):
    reader = Reader(visit, server, STEM)
    staked = [number(row[5])[0] for row in reader.table(RISK)]
    assert staked == sorted(staked, reverse=True)
    reader.choose_list(RISK, "measure", "Risk of leaving")
    risks = [number(row[2])[0] for row in reader.table(RISK)]
    assert risks == sorted(risks, reverse=True)


def test_a_click_on_a_customer_at_risk_opens_what_it_bought(server, visit, demo):
    reader = Reader(visit, server, STEM)
    customer = reader.mark(RISK, 0)
    assert customer == reader.table(RISK)[0][0]
    reader.click()
    expect(reader.records()).to_contain_text(customer)
    behind = demo.rows("revenue", limit=None, where={"customer": [customer]}, **YEAR)
    expect(reader.page.locator("dialog .dt-info")).to_contain_text(f"of {len(behind):,}")


def test_a_click_on_a_group_opens_its_customers(server, visit, demo):
    reader = Reader(visit, server, STEM)
    group = reader.mark(WHERE, 2)  # the smallest: no more than a page lists
    reader.click()
    behind = demo.rows("churn_rate", limit=None, where={"segment": [group]}, **YEAR)
    expect(reader.records()).to_contain_text(group)
    expect(reader.page.locator("dialog .dt-info")).to_contain_text(f"of {len(behind):,}")


def test_a_definition_says_its_value_when_it_is_pointed_at(server, visit):
    reader = Reader(visit, server, STEM)
    assert reader.mark(DEFINED, 0).startswith("Churn rate: ")
    assert reader.marks(DEFINED) >= 4
