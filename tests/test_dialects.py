"""Dialects: what a TOML file may say, what is refused in it, and which one fits a folder."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from kpilib.errors import BadInput, UnknownName
from kpilib.model.tables import TABLES
from kpilib.sources import dialects, matching, proposing
from kpilib.sources.dialects import Choice, Condition

SMALL = """
title = "A small system"
dates = "dmy"
decimal = ","
stages = ["Hot", "Cold"]
[currency]
reporting = "eur"
rates = { usd = 0.92 }

[opportunities]
files = ["Deal", "deals_*"]
skip = { Deleted = [1, "true"] }
[opportunities.columns]
opportunity_id = "Id"
source = ["Source", "Lead Source"]
status = [{ value = "won", when = { Won = "1" } }, { value = "open" }]
probability = { column = "Chance", scale = 0.01 }
[opportunities.values.product_id]
GTXPro = "GTX Pro"
"""


@dataclass
class Header:
    """A staged file of which only the names are known."""

    table: str
    file: str
    columns: tuple[str, ...]
    sheet: str = ""
    rows: int = 1
    rejected: int = 0
    notes: tuple[str, ...] = ()


def test_a_dialect_reads_as_it_is_written() -> None:
    small = dialects.parse(SMALL, "small", "small.toml")
    source = small.sources[0]
    assert (small.title, small.dates, small.decimal, small.stages) == ("A small system", "dmy", ",", ("Hot", "Cold"))
    assert (small.currency, dict(small.rates)) == ("EUR", {"USD": 0.92})
    assert source.skip == (Condition("Deleted", ("1", "true")),)
    assert source.columns["source"] == (Choice("Source"), Choice("Lead Source"))
    assert source.columns["status"][0] == Choice(value="won", when=(Condition("Won", ("1",)),))
    assert source.columns["probability"][0].scale == 0.01
    assert source.values["product_id"] == {"GTXPro": "GTX Pro"}


@pytest.mark.parametrize("name", dialects.names())
def test_every_dialect_that_comes_along_gives_the_key_of_each_table_it_maps(name: str) -> None:
    for source in dialects.load(name).sources:
        assert TABLES[source.table].key in source.columns or TABLES[source.table].columns[0].default


def test_the_models_own_dialect_knows_every_column_of_the_model() -> None:
    mapped = {s.table: set(s.columns) for s in dialects.load("model").sources}
    assert mapped == {name: set(table.names) for name, table in TABLES.items()}


def test_an_extension_replaces_only_what_it_names() -> None:
    text = 'extends = "maven"\n[products]\nfiles = ["articles"]\n[products.columns]\nunit_cost = "cost"\n'
    mine = {s.table: s for s in dialects.parse(text, "mine", "mine.toml").sources}
    maven = {s.table: s for s in dialects.load("maven").sources}
    assert mine["products"].files == ("articles",)
    assert mine["products"].columns == {**maven["products"].columns, "unit_cost": (Choice("cost"),)}
    assert mine["opportunities"] == maven["opportunities"]


def test_an_extension_can_be_extended_in_turn(tmp_path: Path) -> None:
    first = tmp_path / "first.toml"
    first.write_text('extends = "maven"\ntitle = "First"\n')
    second = dialects.parse(f'extends = "{first.as_posix()}"\ndates = "dmy"\n', "second", "second.toml")
    assert (second.title, second.dates, len(second.sources)) == ("First", "dmy", 4)


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("[custmers]\n", UnknownName, r"No key or table of d\.toml is called 'custmers'. Did you mean 'customers'"),
        (
            "[customers]\nfile = 'x'\n",
            UnknownName,
            r"No key of d\.toml, \[customers\] is called 'file'. Did you mean 'files'",
        ),
        (
            "[customers]\nfiles = 'a'\n[customers.columns]\nregoin = 'x'\n",
            UnknownName,
            r"d\.toml, \[customers\]: No column of 'customers' is called 'regoin'. Did you mean 'region'",
        ),
        (
            "[customers]\nfiles = 'a'\n[customers.columns]\nname = {colum = 'x'}\n",
            UnknownName,
            r"columns\.name is called 'colum'. Did you mean 'column'",
        ),
        ("[customers]\nfiles = 'a'\n", BadInput, r"\[customers\] needs both 'files' .* and 'columns'"),
        ("title = 'x'\n", BadInput, r"d\.toml maps no table"),
        ("title = \n", BadInput, r"d\.toml is not TOML: .*line 1"),
        ("dates = 'ymd'\n[customers]\nfiles='a'\ncolumns={name='n'}", BadInput, "dates = 'ymd' is not an order"),
        ("decimal = ';'\n[customers]\nfiles='a'\ncolumns={name='n'}", BadInput, "decimal = ';' is not a decimal mark"),
        (
            "[customers]\nfiles='a'\ncolumns={name={column='a', value='b'}}",
            BadInput,
            "exactly one of column, joined, value or row",
        ),
        ("[customers]\nfiles=[['a']]\ncolumns={name='n'}", BadInput, "must be a text or a list of texts"),
        ("customers = 3\n", BadInput, r"\[customers\] must be a table"),
        (
            "[currency]\nrates={USD=0}\n[customers]\nfiles='a'\ncolumns={name='n'}",
            BadInput,
            "the rate of USD is 0; it must be a number above 0",
        ),
        (
            "[customers]\nfiles='a'\ncolumns={name='n'}\nlookup={x={files='b'}}",
            BadInput,
            r"lookup\.x lacks by, key",
        ),
        (
            "[customers]\nfiles='a'\ngather=['region']\ncolumns={customer_id='n'}",
            BadInput,
            "gather: the column 'region' is not mapped",
        ),
        (
            "[customers]\nfiles='a'\ncolumns={customer_id={column='n', take='max'}}",
            BadInput,
            r"customer_id: take needs rows to take from\. Say which are one",
        ),
        (
            "[customers]\nfiles='a'\ncolumns={name='n'}\nlookup={x={files='b', key='k', by='c', take='mode'}}",
            UnknownName,
            r"No take of d\.toml, \[customers\] lookup\.x is called 'mode'",
        ),
        (
            "[customers]\nfiles='a'\ncolumns={name='n'}\n"
            "lookup={x={files='b', key='k', by='y.c'}, y={files='c', key='k', by='c'}}",
            BadInput,
            r"lookup\.x: by = 'y\.c' needs the lookup 'y'; write that above it",
        ),
    ],
)
def test_what_is_wrong_in_a_dialect_is_named_with_its_place(text: str, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        dialects.parse(text, "d", "d.toml")


def test_an_unknown_dialect_is_answered_with_the_closest_one() -> None:
    with pytest.raises(UnknownName, match=r"No dialect is called 'salesforse'. Did you mean 'salesforce'"):
        dialects.load("salesforse")


def test_a_dialect_file_that_is_not_there_says_so() -> None:
    with pytest.raises(BadInput, match=r"The dialect 'nowhere\.toml' cannot be read: .*No such file"):
        dialects.load("nowhere.toml")


def test_columns_are_found_no_matter_the_case_accents_blanks_or_underscores() -> None:
    columns = ("Date de clôture", "CUSTOMER  ID", "amount")
    assert matching.find_column(columns, "date_de_cloture") == "Date de clôture"
    assert matching.find_column(columns, "customer_id") == "CUSTOMER  ID"
    assert matching.find_column(columns, "Amount") == "amount"
    assert matching.find_column(columns, "currency") is None


def test_a_sheet_counts_as_a_file_and_the_workbooks_name_does_not_where_it_has_several() -> None:
    book = [
        Header("s1", "customers.xlsx", ("product_id",), sheet="Products"),
        Header("s2", "customers.xlsx", ("x",), sheet="Notes"),
    ]
    found = matching.match(dialects.load("model"), book)
    assert [(m.source.table, m.label) for m in found] == [("products", "customers.xlsx [Products]")]


def test_files_of_the_same_shape_feed_one_table_and_one_file_may_feed_two() -> None:
    text = """
    [customers]
    files = "pipe*"
    columns = { customer_id = "account" }
    [opportunities]
    files = "pipe*"
    columns = { opportunity_id = "id", status = "status" }
    """
    staged = [
        Header("s1", "pipe_2025.csv", ("id", "account", "status")),
        Header("s2", "Pipe 2026.csv", ("ID", "Account", "Status")),
    ]
    found = matching.match(dialects.parse(text, "d", "d.toml"), staged)
    assert [(m.source.table, m.staged.table) for m in found] == [
        ("customers", "s1"), ("customers", "s2"), ("opportunities", "s1"), ("opportunities", "s2"),
    ]  # fmt: skip


def test_the_field_history_is_left_where_the_full_history_is_there() -> None:
    field = Header("s1", "OpportunityFieldHistory.csv", ("Id", "OpportunityId", "Field", "NewValue", "CreatedDate"))
    full = Header("s2", "OpportunityHistory.csv", ("Id", "OpportunityId", "StageName", "CreatedDate"))
    salesforce = dialects.load("salesforce")
    read = [(m.source.table, m.staged.table) for m in matching.match(salesforce, [field, full])]
    assert read == [("stage_changes", "s2"), ("opportunity_changes", "s2")]
    assert [m.staged.table for m in matching.match(salesforce, [field])] == ["s1"]


def test_the_proposal_says_what_it_would_map_and_what_it_would_leave() -> None:
    staged = [Header("s1", "accounts.csv", ("account", "sector", "employees")), Header("s2", "readme.txt", ("x",))]
    proposal = proposing.propose(staged)
    assert proposal.clear
    assert proposal.best.dialect.name == "maven"
    assert proposal.best.maps[0] == "accounts.csv.account → customers.customer_id"
    assert proposal.best.left == {"accounts.csv": ("employees",)}
    assert proposal.best.left_files == ("readme.txt",)
    assert "The best fit is clear: maven." in proposal.text()


def test_where_no_dialect_knows_a_file_the_proposal_says_how_to_go_on() -> None:
    with pytest.raises(
        BadInput, match=r"No dialect knows any of these files: x\.csv\. There is: dynamics, hubspot, maven, model"
    ):
        _ = proposing.propose([Header("s1", "x.csv", ("a",))]).best


def test_where_two_dialects_fit_alike_the_candidates_are_listed() -> None:
    products = Header("s1", "products.csv", ("product_id", "product", "sales_price", "series", "price", "category"))
    proposal = proposing.propose([products])
    assert not proposal.clear
    with pytest.raises(BadInput, match=r"More than one dialect may fit: maven .* model .*Say which: --dialect maven"):
        _ = proposal.best


def test_a_file_under_another_name_is_recognised_by_its_columns() -> None:
    export = Header(
        "s1", "export (3).csv", ("Id", "AccountId", "StageName", "Amount", "CloseDate", "IsClosed", "IsWon")
    )
    said = r"export \(3\)\.csv has the columns of opportunities in the dialect 'salesforce': name it 'Opportunity'"
    with pytest.raises(BadInput, match=said):
        _ = proposing.propose([export]).best
    assert matching.looks_like(Header("s2", "x.csv", ("Id", "Name")), [dialects.load("salesforce")]) == ""


def test_months_before_a_day_must_name_a_day_and_a_column_of_days() -> None:
    start = '[customers]\nfiles = ["a"]\n[customers.columns]\ncustomer_id = "id"\n'
    with pytest.raises(BadInput, match=r"acquired_on: months_before = 'June' is not a day\. Write it as 2026-06-30"):
        dialects.parse(start + 'acquired_on = { column = "t", months_before = "June" }', "x", "x.toml")
    with pytest.raises(BadInput, match=r"months_before gives a day, and 'city' holds none"):
        dialects.parse(start + 'city = { column = "t", months_before = "2026-06-30" }', "x", "x.toml")


def test_a_file_is_of_a_shape_only_with_the_columns_that_the_shape_has() -> None:
    text = "[[customers]]\nfiles='d*'\nhaving=['Deal Name']\ncolumns={customer_id='Company'}\n"
    shaped = dialects.parse(text, "d", "d.toml")
    files = [Header("s1", "deals.csv", ("Company", "deal_name")), Header("s2", "data.csv", ("Company", "Name"))]
    assert [m.staged.table for m in matching.match(shaped, files)] == ["s1"]


def test_a_lookup_whose_key_is_not_there_gives_nothing_instead_of_failing() -> None:
    text = """
    [customers]
    files = "a"
    columns = { customer_id = "id", region = "place.state" }
    lookup = { place = { files = "zips", key = "zip", by = "zip" } }
    """
    customers = Header("s1", "a.csv", ("id", "zip"))
    parsed = dialects.parse(text, "d", "d.toml")
    for columns, given in [(("zip", "state"), ["place.state"]), (("code", "state"), [])]:
        (found,) = matching.match(parsed, [customers, Header("s2", "zips.csv", columns)])
        assert [theirs for theirs, ours in found.mapped if ours == "region"] == given


def test_the_page_on_dialects_names_every_one_and_its_examples_are_dialects() -> None:
    page = (Path(__file__).parents[1] / "docs" / "dialects.md").read_text(encoding="utf-8")
    table = page.split("## What comes along")[1].split("## ")[0]
    assert all(f"`{name}`" in table for name in dialects.names())
    whole = [b.split("```")[0] for b in page.split("```toml")[1:]]
    parsed = [
        dialects.parse(text, "page", "dialects.md") for text in whole if "[opportunities]" in text or "gather" in text
    ]
    assert [d.sources[0].table for d in parsed] == ["opportunities", "campaigns"]
