"""How good data are: fields that matter, keys that point nowhere, accounts alike, the worklist; planted faults."""

import io
import re
import tomllib
from collections import Counter

import pandas as pd
import pytest

import kpilib
from kpilib.analysis.duplicates import duplicates
from kpilib.analysis.quality import data_faults
from kpilib.analysis.worklist import COLUMNS, whole, worklist
from kpilib.catalogue import CATALOGUE
from kpilib.demo.write import write
from kpilib.errors import BadInput, UnknownName
from kpilib.figures import quality
from kpilib.model.panels import panel
from kpilib.model.quality import MATTERS, MAY_BE_EMPTY, RECORDED
from kpilib.model.tables import TABLES
from kpilib.show import View
from kpilib.show.worklist import written

DEALS = pd.DataFrame(
    [
        # Wanted of an open deal: 8 fields; of a won one: 6; of a lost one: 7.
        ("o1", "c1", "s1", "Web", "2026-01-05", "2026-08-01", None, "Talk", "open", 10.0, 0.5, None),
        ("o2", "c1", "s1", None, "2026-01-05", None, None, "Talk", "open", 10.0, 0.5, None),  # source, expected
        ("o3", "c9", "s1", "Web", "2026-02-05", None, "2026-03-01", None, "won", None, None, None),  # amount
        ("o4", None, "s2", "Web", "2026-02-05", None, "2026-01-01", None, "lost", 5.0, None, None),  # customer, reason
    ],
    columns=["opportunity_id", "customer_id", "owner_id", "source", "created_on", "expected_close_on", "closed_on",
             "stage",
             "status", "amount", "probability", "reason"],
)  # fmt: skip


@pytest.fixture(scope="module")
def book():
    customers = pd.DataFrame(
        {"customer_id": ["c1", "c2", "c3"], "name": ["Café Noir", "CAFE-NOIR", "Blanc"],
         "city": ["Lyon", "lyon", "Lyon"],
         "segment": ["Key", None, "Key"], "industry": "Food", "region": "Rhône", "owner_id": ["s1", "s1", "s2"],
         "acquired_on": "2025-01-01"}
    )  # fmt: skip
    people = pd.DataFrame({"owner_id": ["s1", "s2"], "owner": ["Ada", "=1+1"], "team": ["A", "B"]})
    calls = pd.DataFrame({"activity_id": ["a1"], "opportunity_id": ["o1"], "owner_id": ["s1"], "kind": ["call"],
                          "done_on": ["2026-06-20"]})  # fmt: skip
    given = {"customers": customers, "salespeople": people, "opportunities": DEALS, "activities": calls}
    return kpilib.open(given, as_of="2026-06-30")


def sums(book, key, **how):
    return book.kpi(key, **how)[["numerator", "denominator"]].iloc[0].tolist()


def test_completeness_counts_the_fields_that_each_record_should_have(book):
    where = {"where": {"table_name": ["opportunities"]}}
    fields = data_faults(book)["fields"].query("table == 'opportunities'")
    assert sums(book, "completeness", **where) == [fields["filled"].sum(), fields["wanted"].sum()]
    missing = fields.assign(gone=fields["wanted"] - fields["filled"]).set_index("field")["gone"]
    assert missing[missing > 0].to_dict() == {
        "customer_id": 1, "source": 1, "amount": 1, "expected_close_on": 1, "reason": 1,
    }  # fmt: skip


def test_pandas_finds_the_same_completeness(book):
    """The rules by a second hand: conditions as pandas, field by field."""
    status = DEALS["status"]
    rules = {"stage": status == "open", "expected_close_on": status == "open", "probability": status == "open",
             "closed_on": status != "open", "reason": status == "lost"}  # fmt: skip
    always = status.notna()
    wanted = sum(int(rules.get(name, always).sum()) for name in MATTERS["opportunities"])
    filled = sum(int((rules.get(name, always) & DEALS[name].notna()).sum()) for name in MATTERS["opportunities"])
    assert sums(book, "completeness", where={"table_name": ["opportunities"]}) == [filled, wanted]


def test_a_key_that_points_nowhere_is_an_orphan_and_an_empty_one_is_not(book):
    # Deals: three customers and four salespeople are named, one of them unknown.
    assert sums(book, "orphan_rate", where={"table_name": ["opportunities"]}) == [1, 7]
    fields = data_faults(book)["fields"].query("orphans > 0")
    assert fields[["table", "field", "orphans", "pointing"]].to_numpy().tolist() == [
        ["opportunities", "customer_id", 1, 3]
    ]


def test_two_accounts_of_one_name_in_one_city_are_duplicates_whatever_their_accents(book):
    assert sums(book, "duplicate_rate") == [2, 3]


def test_fresh_deals_were_touched_within_thirty_days(book):
    assert sums(book, "freshness", since="2026-06") == [1, 2]


def test_the_worklist_names_record_field_problem_owner_and_since_when(book):
    rows = whole(book)
    assert list(rows.columns) == COLUMNS
    told = {(r.owner, r.problem, r.record, r.field) for r in rows.itertuples()}
    assert {
        ("Ada", "missing", "o2", "source"),
        ("Ada", "missing", "o2", "expected_close_on"), ("Ada", "missing", "o3", "amount"),
        ("=1+1", "missing", "o4", "customer_id"),
        ("=1+1", "missing", "o4", "reason"), ("Ada", "missing", "c2", "segment"),
        ("Ada", "orphan", "o3", "customer_id"),
        ("=1+1", "contradiction", "o4", "closed_on"), ("Ada", "still", "o2", ""),
        ("Ada", "duplicate", "c1", "name"),
    } == told  # fmt: skip
    line = rows.set_index(["record", "problem"]).loc[("o3", "orphan")]
    assert (line["detail"], line["since"]) == ("c9 → customers", "2026-02-05")
    assert rows["owner"].is_monotonic_increasing


def test_the_finding_counts_what_the_list_has(book):
    found, rows = worklist(book), whole(book)
    assert found["all"] == len(rows)
    assert found["counts"].groupby("problem")["records"].sum().to_dict() == rows["problem"].value_counts().to_dict()


def test_the_file_of_the_worklist_has_its_cells_defused(book, tmp_path):
    assert written(book, tmp_path / "list.csv") == len(whole(book))
    text = (tmp_path / "list.csv").read_text(encoding="utf-8-sig")
    assert "'=1+1" in text
    assert not re.search(r"(^|,)=", text, re.MULTILINE)
    assert written(book, tmp_path / "ada.xlsx", owner="Ada") == 7
    read = pd.read_excel(io.BytesIO((tmp_path / "ada.xlsx").read_bytes()), engine="openpyxl")
    assert set(read["Salesperson"]) == {"Ada"}
    with pytest.raises(BadInput, match=r"\.csv or \.xlsx"):
        written(book, tmp_path / "list.pdf")
    with pytest.raises(UnknownName, match="Did you mean 'Ada'"):
        written(book, tmp_path / "list.csv", owner="Adam")


def test_every_field_that_a_figure_reads_matters_or_has_a_reason_to_be_empty():
    read = set()
    for main in CATALOGUE.values():
        for kpi in (main, *main.variants):
            base = TABLES.get(panel(kpi.table).base) if kpi.table else None
            if base is None or kpi.table in ("records", "accounts"):
                continue
            words = re.sub(r"'[^']*'", "", f"{kpi.numerator} {kpi.denominator} {kpi.when}")
            read |= {(base.name, c.name) for c in base.columns if c.empty and re.search(rf"\b{c.name}\b", words)}
    gaps = {
        f"{table}.{column}"
        for table, column in read
        if column not in MATTERS.get(table, {}) and f"{table}.{column}" not in MAY_BE_EMPTY
    }
    counted = {
        "campaigns.sent",
        "campaigns.delivered",
        "campaigns.opened",
        "campaigns.clicked",
        "campaigns.unsubscribed",
    }
    assert gaps <= counted  # e-mail alone has them


def test_what_matters_and_when_records_were_made_are_columns_of_the_model():
    assert {f"{t}.{c}" for t, columns in MATTERS.items() for c in columns if c not in TABLES[t].names} == set()
    assert {t for t, c in RECORDED.items() if c not in TABLES[t].names} == set()


def test_every_figure_answers_ten_rows_and_data_without_the_tables(book):
    view = View(book, {}, "2026-01", "2026-06")
    for figure in (quality.breakdown, quality.trend, quality.still, quality.fields, quality.orphans, quality.twins,
                   quality.effect, quality.for_whom, quality.to_do):  # fmt: skip
        assert len(figure(view).finding) > 20, figure.__name__
    assert quality.effect_by(view, by="team").table["Records missing"].sum() == 1
    bare = kpilib.open({"opportunities": DEALS.drop(columns=["customer_id", "owner_id"])}, as_of="2026-06-30")
    alone = View(bare, {}, "2026-01", "2026-06")
    assert quality.orphans(alone).finding == "No table here has keys of another one."
    assert "Overdue" in quality.still(alone).finding
    assert len(quality.to_do(alone).table) > 0


@pytest.mark.slow
def test_every_fault_of_the_dirty_company_is_found_at_its_planted_share(tmp_path):
    folder = tmp_path / "dirty"
    write(folder, seed=5, scale=0.1, scenario="dirty")
    dirty = kpilib.open(folder, as_of="2026-06-30")
    fields = data_faults(dirty)["fields"]
    # Every key column bears one orphan in twenty rows, shared out over the columns of its table that can bear it.
    keys = fields[fields["pointing"] >= 400].assign(columns=lambda f: f.groupby("table")["pointing"].transform("size"))
    assert len(keys) >= 8
    assert (keys["orphans"] > 0).all()
    by_table = fields[fields["pointing"] > 0].groupby("table")["orphans"].sum()
    rates = dirty.kpi("orphan_rate", by="table_name").set_index("group")
    assert rates["numerator"].sum() <= by_table.sum()  # the future is left out of the KPI's time
    checks = data_faults(dirty)["checks"]
    assert (checks.loc[checks["read"] >= 400, "share"] < 0.06).all()  # a row of twelve is more
    assert {"refused", "emptied", "kept"} == set(checks["action"])
    found = worklist(dirty)["counts"].groupby("problem")["records"].sum()
    assert found["orphan"] == by_table.sum()
    assert found["refused"] == checks.loc[checks["action"] == "refused", "rows"].sum()
    assert found["contradiction"] > 0
    # Accounts entered twice are found, each for the reason for which it was planted, and hardly any besides.
    planted = tomllib.loads((folder / "answers.toml").read_text(encoding="utf-8"))["twins"]
    assert Counter(pair["kind"] for pair in planted) == dict.fromkeys(("same", "form", "order", "spelling"), 4)
    pairs = duplicates(dirty)["pairs"]
    listed = {frozenset((row.one, row.other)): row.why for row in pairs.itertuples()}
    given = pd.read_csv(folder / "customers.csv", dtype=str, on_bad_lines="skip")
    future = set(given.loc[given["acquired_on"] > "2026-06-30", "customer_id"])  # another fault: not an account yet
    seen = {frozenset((p["one"], p["other"])): p["kind"] for p in planted if not {p["one"], p["other"]} & future}
    assert len(seen) >= 12
    assert listed == seen
    # The KPI sees those that differ in capitals and accents alone, both accounts of a pair.
    assert dirty.kpi("duplicate_rate")["numerator"].item() == 8


def test_the_clean_company_has_no_orphan_no_duplicate_and_nothing_refused(demo):
    for key in ("orphan_rate", "duplicate_rate", "refused_rate"):
        assert demo.kpi(key)["value"].item() == 0, key
    assert demo.kpi("completeness")["value"].item() > 0.999
