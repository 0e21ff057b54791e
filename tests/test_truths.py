"""What must hold of every KPI, over random slices, filters and groupings of random companies."""

import numpy as np
import pandas as pd
import pytest
from companies import COLUMNS, as_for_millions, company
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import kpilib
from kpilib.catalogue import CATALOGUE
from kpilib.model.panels import panel

pytestmark = pytest.mark.slow

SUMMED = [(key, v) for key, kpi in CATALOGUE.items() if not kpi.derived and kpi.when
          for v in (None, *(one.key for one in kpi.variants if not one.estimator))]  # fmt: skip


@pytest.fixture(scope="module")
def small():
    return kpilib.open(company(1))


@pytest.fixture(scope="module")
def large():
    """The same company, its cubes built the way they are for millions of rows: filters, breakdowns, roll-ups."""
    with as_for_millions("built as for millions of rows"):
        return kpilib.open(company(1))


@pytest.fixture(scope="module")
def doubled():
    return kpilib.open(company(1, copies=2))


@pytest.fixture(scope="module")
def shuffled():
    return kpilib.open(company(1, shuffled=True))


GROUPS = [
    "segment", "industry", "region", "owner", "team", "product", "category", "tier", "source", "stage", "kind",
    "customer", "metric", "touchpoint", "service", "channel", "site",
]  # fmt: skip


@st.composite
def questions(draw):
    """A KPI with a random slice of it."""
    key, variant = draw(st.sampled_from(SUMMED))
    offered = panel(CATALOGUE[key].variant(variant).table).dimensions
    asked = [name for name in GROUPS if name in offered]
    by = draw(st.lists(st.sampled_from(asked), max_size=2, unique=True))
    narrowing = [name for name in ("segment", "region", "owner", "category") if name in offered]
    narrowing = narrowing or [name for name in ("source",) if name in offered]
    filtered = draw(st.lists(st.sampled_from(narrowing), max_size=3, unique=True))
    members = {
        "segment": ["SMB", "Key", "(not given)"],
        "region": ["North", "O'West"],
        "owner": ["Seller 1", "Seller 2"],
        "category": ["Door", "Light"],
        "source": ["Web", "Fair"],
    }
    where = {name: draw(st.lists(st.sampled_from(members[name]), min_size=1, unique=True)) for name in filtered}
    since = draw(st.sampled_from([None, "2024-05", "2024Q4", "2025"]))
    until = draw(st.sampled_from([None, "2025-01", "2025Q2", "2025"]))
    period = draw(st.sampled_from([None, "month", "quarter", "year", "ttm"]))
    return key, {
        "by": by or None,
        "where": where or None,
        "since": since,
        "until": until,
        "period": period,
        "variant": variant,
    }


def asked(book, key: str, how: dict, columns=COLUMNS) -> pd.DataFrame:
    return book.kpi(key, **how).set_index(["group", "period"])[columns].astype(float)


def by_sql(book, key: str, how: dict) -> pd.DataFrame:
    """The same by SQL on the tables, no cube."""
    kpi = CATALOGUE[key].variant(how["variant"])
    cut = book._cut(kpi, how["by"], how["period"], how["where"], how["since"], how["until"])
    from kpilib.compute import measure

    answer = measure.frame(kpi, cut, book.ask_engine(kpi, cut), book._start, book.as_of)
    return answer.set_index(["group", "period"])[COLUMNS].astype(float)


@settings(max_examples=settings.default.max_examples * 3 // 2)
@given(questions())
def test_a_cube_answers_as_sql_on_the_tables_does(small, question):
    key, how = question
    pd.testing.assert_frame_equal(asked(small, key, how), by_sql(small, key, how), rtol=1e-9, atol=1e-9)


@settings(max_examples=settings.default.max_examples * 3 // 2)
@given(questions())
def test_rolled_up_cubes_answer_as_sql_on_the_tables_does(large, question):
    key, how = question
    pd.testing.assert_frame_equal(asked(large, key, how), by_sql(large, key, how), rtol=1e-9, atol=1e-9)


def test_most_questions_are_answered_from_cubes(small, large):
    """Else the two tests above would compare the engine with itself."""
    for book in (small, large):
        for key, variant in SUMMED:
            offered = panel(CATALOGUE[key].variant(variant).table).dimensions
            cut = {"by": next(name for name in ("category", "team", "source") if name in offered)}
            members = {"segment": ["SMB", "Key"], "category": ["Door", "Light"], "source": ["Web", "Fair"]}
            where = next({name: kept} for name, kept in members.items() if name in offered)
            for how in ({}, cut, {"period": "month"}, {"period": "ttm"}, {"where": where}):
                if how.get("period") == "ttm" and not panel(CATALOGUE[key].table).spanned:
                    continue
                assert book.kpi(key, variant=variant, **how).attrs["from"] == "cube", (key, variant, how)


@given(questions())
def test_doubling_every_row_leaves_rates_and_doubles_totals(small, doubled, question):
    key, how = question
    assume(CATALOGUE[key].table != "records")  # salespeople and products, whom the copies share, are records too
    if "customer" in (how["by"] or ()):
        how = {**how, "by": None}  # twins bear one name, so their keys are added to it
    kpi = CATALOGUE[key].variant(how["variant"])
    once, twice = asked(small, key, how), asked(doubled, key, how)
    factor = 2 if kpi.total else 1
    pd.testing.assert_series_equal(twice["value"], once["value"] * factor, rtol=1e-9)
    pd.testing.assert_series_equal(twice["rows"], once["rows"] * 2)


@given(questions())
def test_the_order_of_rows_never_matters(small, shuffled, question):
    key, how = question
    pd.testing.assert_frame_equal(asked(small, key, how), asked(shuffled, key, how), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("key", "variant"), SUMMED)
@pytest.mark.parametrize("which", [0, 1])
def test_groups_add_up_to_the_total_and_the_ratio_is_that_of_the_sums(small, key, variant, which):
    offered = panel(CATALOGUE[key].variant(variant).table).dimensions
    able = [name for name in ("segment", "region", "category", "site", "source", "campaign") if name in offered]
    dimension = able[which % len(able)]
    groups = small.kpi(key, by=dimension, variant=variant, since="2025-04")
    whole = small.kpi(key, variant=variant, since="2025-04").iloc[0]
    for column in ("numerator", "denominator", "rows"):
        if not np.isnan(whole[column]):
            assert groups[column].sum() == pytest.approx(whole[column])
    if whole["rows"] and whole["denominator"] and not CATALOGUE[key].variant(variant).total:
        assert whole["value"] == pytest.approx(groups["numerator"].sum() / groups["denominator"].sum())


def test_the_ratio_is_never_the_mean_of_the_ratios(small):
    groups = small.kpi("win_rate", by="region")
    assert small.kpi("win_rate")["value"].iloc[0] != pytest.approx(groups["value"].mean())


@given(questions())
def test_an_empty_slice_is_nan_and_says_so(small, question):
    key, how = question
    answer = small.kpi(key, **{**how, "since": "2019-01", "until": "2019-12", "period": None})
    assert len(answer) == (0 if how["by"] else 1)
    assert answer["rows"].sum() == 0
    assert answer["value"].isna().all()


def test_pandas_counts_the_same_win_rate(small):
    """A second method, from the frames themselves: no SQL, no cube."""
    frames = company(1)
    deals = frames["opportunities"].merge(frames["customers"][["customer_id", "region"]], how="left", on="customer_id")
    closed = deals[deals["status"].isin(["won", "lost"])]
    closed = closed[pd.to_datetime(closed["closed_on"]) <= pd.Timestamp(small.as_of)]
    known = closed[
        pd.to_datetime(closed["created_on"]).isna()
        | (pd.to_datetime(closed["created_on"]) <= pd.Timestamp(small.as_of))
    ]
    rates = known.groupby(known["region"].fillna("(not given)"))["status"].apply(lambda s: (s == "won").mean())
    answer = small.kpi("win_rate", by="region").set_index("group")["value"]
    assert answer.to_dict() == pytest.approx(rates.to_dict())


def test_the_orders_panel_tells_what_the_distinct_counts_tell(small):
    orders = small.panel("orders")
    answer = small.kpi("average_order").iloc[0]
    assert (len(orders), orders["revenue"].sum()) == (answer["denominator"], pytest.approx(answer["numerator"]))
    assert orders["bought_before"].mean() == pytest.approx(small.kpi("repeat_rate")["value"].iloc[0])


def test_the_kind_of_sale_is_what_a_walk_through_each_customers_orders_finds(small):
    """The derivation again, in plain Python, one customer at a time."""
    frames = company(1)
    products = frames["products"].set_index("product_id")
    lines = frames["order_lines"].merge(small.panel("sales")[["line_id", "kind"]], on="line_id")
    expected = {}
    for _, bought in lines.sort_values("ordered_on").groupby("customer_id"):
        seen: dict[str, int] = {}
        for n, (_, day) in enumerate(bought.groupby("ordered_on")):
            before = dict(seen)
            for line in day.itertuples():
                known = line.product_id in products.index
                category = products["category"].get(line.product_id) if known else None
                category = "(not given)" if pd.isna(category) else category
                tier = int(products["tier"].get(line.product_id)) if known else 0
                if n == 0:
                    kind = "new"
                elif category not in before:
                    kind = "cross_sell"
                else:
                    kind = "up_sell" if tier > before[category] else "repeat"
                expected[line.line_id] = kind
                seen[category] = max(seen.get(category, 0), tier)
    assert lines.set_index("line_id")["kind"].to_dict() == expected


def test_a_trailing_window_is_the_same_wherever_the_range_begins(small, large):
    """Its first months lie before the range: cubes and SQL must look back for them."""
    for book in (small, large):
        for key, variant in SUMMED:
            how = {"by": None, "where": None, "until": None, "period": "ttm", "variant": variant}
            whole, late = (by_sql(book, key, how | {"since": since}) for since in (None, "2025-06"))
            pd.testing.assert_frame_equal(late, whole.loc[late.index])
            pd.testing.assert_frame_equal(asked(book, key, how | {"since": "2025-06"}), late, rtol=1e-9, atol=1e-9)
