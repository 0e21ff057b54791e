"""What a manager reads on the pages is what the book answers: every filter, on the demo company and on real exports."""

import re

import pytest
from playwright.sync_api import expect

from browser.reading import Reader, same
from kpilib.units import short

PANELS = {"01_opportunities": "deals", "02_sales": "sales"}
FILTERS = ("segment", "industry", "region", "owner", "category")
YEAR = ("2025-07", "2026-06")
WINS, MARGINS, REPEATS, BROUGHT = (
    "where-do-we-win-more-often-and-where-less",
    "of-each-euro-sold-where-is-most-left",
    "who-buys-again",
    "what-brings-the-revenue-and-what-does-it-leave",
)
#: Figures with a table by their list: page, figure, KPI, what it is broken down by, column → part of the answer.
TABLES = [
    ("01_opportunities", WINS, "win_rate", ["owner", "region"], {1: "numerator", 2: "value", 4: "rows"}),
    ("02_sales", MARGINS, "margin_rate", ["product", "category"], {1: "value", 3: "rows"}),
    ("02_sales", REPEATS, "repeat_rate", ["segment", "industry"], {1: "value", 3: "rows"}),
    ("02_sales", BROUGHT, "revenue", ["product", "region"], {1: "value", 6: "rows"}),
]


@pytest.fixture(scope="module")
def maven_app(start_app, shared_data):
    """`make app DATA=…` on the sample exports of a CRM."""
    return start_app("--data", str(shared_data / "maven_crm"))


def tiles_agree(reader, book, since, until, locale="en", **where):
    """Every tile shows value and rows as the book answers them to the same choice."""
    shown = reader.tiles()
    assert len(shown) >= 3
    for key in shown:
        reader.shows(book, key, locale, where=where, since=since, until=until)


def table_agrees(reader, book, slug, key, by, columns, locale="en", **how):
    """Every row of a figure's table shows what the book answers of its group."""
    shown = reader.table(slug)
    answer = book.kpi(key, by=by, **how).set_index("group")
    assert len(shown) >= min(3, len(answer))
    for row in shown:
        for column, part in columns.items():
            assert same(row[column], answer.loc[row[0], part], locale), (row, part, answer.loc[row[0], part])


@pytest.mark.parametrize("stem", PANELS)
def test_each_filter_changes_every_number_to_what_the_book_answers(server, visit, demo, stem):
    reader = Reader(visit, server, stem)
    tiles_agree(reader, demo, *YEAR)
    start = reader.tiles()
    for name in FILTERS:
        member = demo.members(name, PANELS[stem])["member"].iloc[0]
        reader.choose(name, member)
        tiles_agree(reader, demo, *YEAR, **{name: [member]})
        assert all(reader.tiles().get(key) != shown for key, shown in start.items() if key in reader.tiles())
        reader.reset()
    assert reader.tiles() == start
    assert reader.seen.errors == []


@pytest.mark.parametrize("stem", PANELS)
def test_two_filters_and_a_period_together(server, visit, demo, stem):
    reader = Reader(visit, server, stem)
    where = {"segment": ["SMB", "Enterprise"], "region": ["Île-de-France"]}
    for name, members in where.items():
        for member in members:
            reader.choose(name, member)
    reader.period("this-quarter")
    tiles_agree(reader, demo, "2026-04", "2026-06", **where)
    reader.months("2025-03", "2026-01")
    tiles_agree(reader, demo, "2025-03", "2026-01", **where)
    reader.choose("segment", "SMB", on=False)
    tiles_agree(reader, demo, "2025-03", "2026-01", **{**where, "segment": ["Enterprise"]})


@pytest.mark.parametrize("locale", ["en", "fr"])
@pytest.mark.parametrize(("stem", "slug", "key", "lists", "columns"), TABLES)
def test_the_table_of_a_figure_follows_its_list_and_the_filters(
    server, visit, demo, stem, slug, key, lists, columns, locale
):
    reader = Reader(visit, server, stem, f"?lang={locale}")
    first, second = lists
    how = {"since": YEAR[0], "until": YEAR[1]}
    table_agrees(reader, demo, slug, key, first, columns, locale, **how)
    reader.choose("category", "Fire safety")
    how["where"] = {"category": ["Fire safety"]}
    table_agrees(reader, demo, slug, key, first, columns, locale, **how)
    reader.choose_list(slug, "by", second)
    table_agrees(reader, demo, slug, key, second, columns, locale, **how)
    assert reader.query[f"{slug}.by"] == [second]


@pytest.mark.parametrize("stem", PANELS)
def test_in_french_the_numbers_are_the_same_and_written_in_french(server, visit, demo, stem):
    reader = Reader(visit, server, stem, locale="fr-FR")
    tiles_agree(reader, demo, *YEAR, locale="fr")
    reader.choose("segment", "SMB")
    tiles_agree(reader, demo, *YEAR, locale="fr", segment=["SMB"])
    for key, (value, _) in reader.tiles().items():
        assert "." not in value, f"{key} is written {value}"


def test_a_tile_shows_its_value_in_few_characters_and_in_full_when_pointed_at(server, visit, demo):
    reader = Reader(visit, server, "02_sales")
    for key in ("revenue", "margin_rate"):
        value = demo.kpi(key, since=YEAR[0], until=YEAR[1]).iloc[0]["value"]
        shown = reader.page.locator(f".kpi-tile[data-kpi={key}] .kpi-value")
        expect(shown).to_have_text(short(value, demo.kpis[key].unit, demo.currency))


def test_the_choice_can_be_read_as_sql(server, visit):
    reader = Reader(visit, server, "01_opportunities")
    reader.choose("segment", "SMB")
    sql = reader.page.locator("[data-slot=sql]").text_content()
    assert "segment IN ('SMB')" in sql
    assert "closed_on >= " in sql
    assert "2025-07-01" in sql


def test_every_figure_states_its_question_its_slice_and_its_rows(server, visit):
    for stem in PANELS:
        reader = Reader(visit, server, stem)
        said = reader.page.locator(".kpi-figure").evaluate_all(
            "all => all.map(f => ['.kpi-question', '.kpi-foot'].map(s => f.querySelector(s)?.textContent))"
        )
        assert len(said) >= 8
        for question, foot in said:
            assert question.endswith("?")
            assert re.search(r"20\d\d-\d\d", foot or ""), (question, foot)


@pytest.mark.parametrize("stem", PANELS)
def test_what_we_found_is_the_finding_of_every_figure_for_the_choice_in_force(server, visit, stem):
    reader = Reader(visit, server, stem)
    for step in (lambda: None, lambda: reader.choose("segment", "Enterprise")):
        step()
        findings = reader.page.locator(".kpi-figure [data-slot=finding]").all_text_contents()
        told = reader.page.locator("[data-slot=found]").text_content()
        assert len([one for one in findings if one and one in told]) == len(findings)


def test_the_page_shows_the_true_values_of_real_exports(maven_app, visit, maven):
    reader = Reader(visit, maven_app, "01_opportunities")
    reader.period("all")
    shown = reader.tiles()
    assert shown["win_rate"][0] == "63.2%"
    assert shown["open_opportunities"][0] == "2,089"
    assert shown["won_amount"][0] == "$10,005,534"
    assert shown["sales_cycle"][0].startswith("51.8 days")
    tiles_agree(reader, maven, None, None)
    for name, member in (("region", "West"), ("industry", "retail"), ("owner", "Darcel Schlecht")):
        reader.choose(name, member)
        tiles_agree(reader, maven, None, None, **{name: [member]})
        reader.choose(name, member, on=False)
    table_agrees(reader, maven, WINS, "win_rate", "owner", {1: "numerator", 2: "value", 4: "rows"})
    assert reader.seen.errors == []


def test_a_page_whose_tables_are_missing_says_which(maven_app, visit):
    reader = Reader(visit, maven_app, "02_sales")
    expect(reader.page.get_by_text("needs the table 'order_lines'").first).to_be_visible()
    assert reader.tiles() == {}
    assert "Traceback" not in reader.page.content()
