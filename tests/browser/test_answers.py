"""What a manager reads on the pages is what the book answers: every filter, on the demo company and on real exports."""

import re

import pytest
from playwright.sync_api import expect

import kpilib
from kpilib.units import short

PAGES = {"01_opportunities": "deals", "02_sales": "sales"}
FILTERS = ("segment", "industry", "region", "owner", "category")


@pytest.fixture(scope="module")
def demo(top):
    return kpilib.open(top / "data" / "demo")


@pytest.fixture(scope="module")
def maven_app(start_app, shared_data):
    """`make app DATA=…` on the sample exports of a CRM."""
    return start_app("--data", str(shared_data / "maven_crm"))


@pytest.fixture(scope="module")
def maven(shared_data):
    return kpilib.open(shared_data / "maven_crm")


class Reader:
    """A page as its reader sees it."""

    def __init__(self, visit, app, stem: str, book):
        self.seen = visit(app.url).open(f"/voila/render/{stem}.ipynb").until("ready")
        self.page, self.book = self.seen.page, book
        self.choice: dict = {}
        expect(self.page.locator(".kpi-choice-text")).to_be_visible()

    def filter(self, name: str):
        return self.page.locator(f".kpi-filter-{name} select")

    def choose(self, name: str, member: str) -> None:
        """Pick one member of a filter and wait until the page says so."""
        values = self.filter(name).locator("option").evaluate_all("options => options.map(o => o.value)")
        self.filter(name).select_option(value=next(value for value in values if value.startswith(f"{member} (")))
        self.choice[name] = [member]
        expect(self.page.locator(".kpi-choice-text")).to_contain_text(member)

    def reset(self) -> None:
        self.page.locator("button.kpi-reset").click()
        expect(self.page.locator(".kpi-filter select[multiple] option:checked")).to_have_count(0)
        self.choice = {}

    def tiles(self) -> dict[str, str]:
        """The value of every tile that has one, by its KPI."""
        return dict(
            self.page.locator(".kpi-tile[data-kpi]:has(.kpi-value)").evaluate_all(
                "tiles => tiles.map(t => [t.dataset.kpi, t.querySelector('.kpi-value').textContent])"
            )
        )

    def expected(self, keys, since, until) -> dict[str, str]:
        """What the book answers to the same choice, written as a tile writes it."""
        written = {}
        for key in keys:
            answer = self.book.kpi(key, where=self.choice, since=since, until=until).iloc[0]
            written[key] = short(answer["value"], self.book.kpis[key].unit, self.book.currency)
        return written

    def agrees(self, since, until) -> None:
        """Wait until every tile shows what the book answers."""
        keys = list(self.tiles())
        assert len(keys) >= 3
        for key, value in self.expected(keys, since, until).items():
            expect(self.page.locator(f".kpi-tile[data-kpi={key}] .kpi-value")).to_have_text(value)


YEAR = ("2025-07", "2026-06")


@pytest.mark.parametrize("stem", PAGES)
def test_each_filter_changes_every_number_to_what_the_book_answers(server, visit, demo, stem):
    reader = Reader(visit, server, stem, demo)
    reader.agrees(*YEAR)
    for name in FILTERS:
        before = reader.tiles()
        member = demo.members(name, PAGES[stem])["member"].iloc[0]
        reader.choose(name, member)
        reader.agrees(*YEAR)
        assert reader.tiles() != before
        reader.reset()
    reader.agrees(*YEAR)
    assert reader.seen.errors == []
    assert reader.seen.elsewhere() == []


@pytest.mark.parametrize("stem", PAGES)
def test_two_filters_and_a_period_together(server, visit, demo, stem):
    reader = Reader(visit, server, stem, demo)
    reader.choose("segment", "SMB")
    reader.choose("region", "Île-de-France")
    reader.filter("period").select_option(label="This quarter")
    reader.agrees("2026-04", "2026-06")


def test_the_choice_can_be_read_as_sql(server, visit, demo):
    reader = Reader(visit, server, "01_opportunities", demo)
    reader.choose("segment", "SMB")
    expect(reader.page.locator(".kpi-choice code").first).to_contain_text("segment IN ('SMB')")


def test_every_figure_states_its_question_its_slice_and_its_rows(server, visit, demo):
    for stem in PAGES:
        reader = Reader(visit, server, stem, demo)
        figures = reader.page.locator(".kpi-figure")
        assert figures.count() >= 8
        for text in figures.evaluate_all(
            "all => all.map(f => ['.kpi-question', '.kpi-foot'].map(s => f.querySelector(s)?.textContent))"
        ):
            assert text[0]
            assert text[0].endswith("?")
            assert re.search(r"20\d\d-\d\d", text[1] or ""), text


def test_a_hostile_name_is_text_on_the_page(server, visit, demo):
    reader = Reader(visit, server, "02_sales", demo)
    assert "=HYPERLINK(" in reader.page.locator("main").inner_text()
    reader.choose("segment", "SMB")  # the family of the customer whose name is a tag
    reader.agrees(*YEAR)
    assert reader.page.locator("img[src='x']").count() == 0
    assert reader.seen.errors == []


def test_the_page_shows_the_true_values_of_real_exports(maven_app, visit, maven):
    reader = Reader(visit, maven_app, "01_opportunities", maven)
    reader.filter("period").select_option(label="All")
    expect(reader.page.locator(".kpi-tile[data-kpi=win_rate] .kpi-value")).to_have_text("63.2%")
    expect(reader.page.locator(".kpi-tile[data-kpi=open_opportunities] .kpi-value")).to_have_text("2,089")
    won = reader.page.locator(".kpi-tile[data-kpi=won_amount] .kpi-value")
    expect(won).to_have_attribute("title", "$10,005,534")
    expect(reader.page.locator(".kpi-tile[data-kpi=sales_cycle] .kpi-value")).to_have_text(re.compile(r"^51\.8 days"))
    reader.agrees(None, None)
    for name, member in (("region", "West"), ("industry", "retail"), ("owner", "Darcel Schlecht")):
        reader.choose(name, member)
        reader.agrees(None, None)
        reader.reset()
        reader.filter("period").select_option(label="All")
    assert reader.seen.errors == []
    assert reader.seen.elsewhere() == []


def test_a_page_whose_tables_are_missing_says_which(maven_app, visit, maven):
    reader = Reader(visit, maven_app, "02_sales", maven)
    expect(reader.page.get_by_text("needs the table 'order_lines'").first).to_be_visible()
    assert reader.tiles() == {}
    assert "Traceback" not in reader.page.content()
