"""The churn page as it is seen and used: its lists, its filters, the records behind a customer at risk."""

from playwright.sync_api import expect

from browser.reading import Reader, none, number

STEM = "04_churn_drivers"
WHERE, RISK, DRIVERS, DEFINED = (
    "where-do-more-of-them-leave", "which-customers-are-most-at-risk-now",
    "what-goes-with-leaving-and-is-it-in-our-hands", "how-many-leave-by-each-definition-of-churn",
)  # fmt: skip
YEAR = {"since": "2025-07", "until": "2026-06"}


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
