"""A change is explained by its parts: they add up, they are the right ones, and nothing is claimed where nothing is."""

import importlib.util
import subprocess
import sys
from datetime import date
from math import isnan
from pathlib import Path

import pandas as pd
import pytest
from change_books import MERGED, MERGER, REVERSED, SHIFT, book

import kpilib
from kpilib.change import merged, search
from kpilib.change.explain import explained
from kpilib.change.window import Window
from kpilib.demo.company import make
from kpilib.errors import BadInput, CannotAnswer, UnknownName
from kpilib.stats.intervals import newcombe

TOP = Path(__file__).resolve().parents[1]
JANUARY, FEBRUARY = "2026-01", "2026-02"


@pytest.fixture(scope="module")
def shifted():
    return book(SHIFT)


# A ratio by hand


def test_a_change_of_win_rate_falls_into_mix_and_rate_as_by_hand(shifted):
    found = explained(shifted, "win_rate", JANUARY, FEBRUARY, by="segment")
    assert (found.before_value, found.now_value) == (0.5, 0.48)
    assert (found.total, found.mix, found.rate) == pytest.approx((-0.02, -0.0525, 0.0325))
    key, smb = found.parts
    assert (key.member, key.weight_before, key.weight_now) == ("Key", 0.5, 0.8)
    assert (key.rate_before, key.rate_now, smb.rate_before, smb.rate_now) == (0.4, 0.45, 0.6, 0.6)
    assert (key.mix, key.rate) == pytest.approx((0.3 * (0.425 - 0.49), 0.05 * 0.65))
    assert (key.without, smb.without) == pytest.approx((0, 0.05))


def test_the_interval_of_the_change_is_newcombes(shifted):
    found = explained(shifted, "win_rate", JANUARY, FEBRUARY, by="segment")
    assert (found.low, found.high) == pytest.approx(tuple(map(float, newcombe(48, 100, 50, 100))))


def test_the_sentence_says_the_change_its_pieces_and_that_chance_may_do_it(shifted):
    assert explained(shifted, "win_rate", JANUARY, FEBRUARY, by="segment").said() == (
        "Win rate changed by −2.0 points from 2026-01 to 2026-02, which chance alone may do (−15.5 to +11.6 points): "
        "−5.2 points from the mix by customer family, +3.2 points from the rates themselves. The parts changed no more "
        "unlike each other than by chance (p = 0.089)."
    )


def test_a_reversal_is_said_before_anything_else():
    found = explained(book(REVERSED), "win_rate", JANUARY, FEBRUARY, by="segment")
    assert found.reversed
    assert (found.total, found.rate) == pytest.approx((-0.14, 0.10))
    said = found.said()
    assert said.startswith("Take care: compared like with like by customer family, win rate goes the other way")
    assert "Win rate fell 14.0 points" in said
    assert "−24.0 points from the mix by customer family (more of Key), +10.0 points from the rates themselves" in said
    assert "Without Key it would have risen 10.0 points." in said


def test_a_member_on_one_side_only_is_all_mix():
    found = explained(
        book({JANUARY: {"SMB": (30, 50)}, FEBRUARY: {"SMB": (30, 50), "New": (40, 50)}}),
        "win_rate", JANUARY, FEBRUARY, by="segment",
    )  # fmt: skip
    new = found.parts[0]
    assert (new.member, new.weight_before, new.rate) == ("New", 0, 0)
    assert isnan(new.rate_before)
    assert found.mix == pytest.approx(found.total) == pytest.approx(0.1)


def test_the_frame_has_the_largest_part_first_and_carries_the_sentence(shifted):
    frame = explained(shifted, "win_rate", JANUARY, FEBRUARY, by="segment").frame()
    assert frame["member"].tolist() == ["SMB", "Key"]  # −3.30 and +1.30 points
    assert frame["contribution"].sum() == pytest.approx(-0.02)
    assert frame.attrs["said"].startswith("Win rate changed by")
    assert (frame.attrs["unit"], frame.attrs["dimension"], frame.attrs["searched"]) == (
        "share",
        "segment",
        ("segment",),
    )


# The other kinds of KPI


def test_a_total_is_split_into_what_each_member_has_more_or_less(shifted):
    found = explained(shifted, "won_amount", JANUARY, FEBRUARY, by="segment")
    assert (found.total, found.mix, found.rate) == (-200, 0, -200)
    assert [(part.member, part.rate, part.without) for part in found.parts] == [
        ("Key", 1600, -1800),
        ("SMB", -1800, 1600),
    ]
    assert isnan(found.low)
    assert (
        "Won amount fell €200 (4.0%) from 2026-01 to 2026-02; by customer family, SMB did most: −€1,800."
        in found.said()
    )
    assert "Without SMB it would have risen €1,600." in found.said()


def test_a_product_of_kpis_is_split_by_factor(demo):
    found = explained(demo, "sales_velocity", "2026Q1", "2026Q2")
    assert found.dimension == "factors"
    assert [part.member for part in found.parts] == ["open_opportunities", "win_rate", "average_deal", "sales_cycle"]
    assert sum(part.rate for part in found.parts) == pytest.approx(found.now_value - found.before_value)
    for side, months in ((found.before_value, "2026Q1"), (found.now_value, "2026Q2")):
        assert side == pytest.approx(demo.kpi("sales_velocity", since=months, until=months)["value"].item())
    assert found.low < found.total < found.high


def test_where_nobody_left_a_value_over_a_lifetime_has_no_change_to_split(demo):
    kept = {"city": ["Limoges"]}
    lost = demo.kpi("lost_customers", period="month", since="2023-09", where=kept).set_index("period")["value"]
    calm = lost.index[lost.fillna(0) == 0]
    with pytest.raises(CannotAnswer, match="no value where nobody can be said to leave"):
        explained(demo, "clv", calm[0], calm[-1], where=kept)


def test_a_value_over_a_lifetime_is_split_with_its_discount(demo):
    found = explained(demo, "clv", "2025Q2", "2026Q2")
    assert found.total == pytest.approx(
        demo.kpi("clv", since="2026Q2", until="2026Q2")["value"].item()
        - demo.kpi("clv", since="2025Q2", until="2025Q2")["value"].item()
    )


@pytest.mark.parametrize("key", [
    "win_rate", "sales_cycle", "nps", "csat", "ces", "margin_rate", "revenue", "average_order", "churn_rate",
    "open_pipeline", "stalled_share", "active_customers", "net_revenue_retention", "service_effort",
])  # fmt: skip
def test_the_parts_add_up_to_the_difference_of_the_kpi_itself(demo, key):
    found = explained(demo, key, "2025Q2", "2026Q2")
    now, before = (demo.kpi(key, since=months, until=months)["value"].item() for months in ("2026Q2", "2025Q2"))
    assert found.total == pytest.approx(now - before, rel=1e-9, abs=1e-9 * abs(now))
    assert sum(part.contribution for part in found.parts) == pytest.approx(found.total, rel=1e-9, abs=1e-12)


def test_the_split_is_that_of_pandas_on_the_files(demo):
    """Second method: the rows of the files, grouped by pandas, and the textbook formula."""
    deals = pd.read_csv(TOP / "data/demo/opportunities.csv", parse_dates=["closed_on"])
    deals = deals[deals["status"].isin(["won", "lost"])].merge(
        pd.read_csv(TOP / "data/demo/customers.csv"), on="customer_id"
    )
    deals["won"], deals["quarter"] = deals["status"] == "won", deals["closed_on"].dt.to_period("Q").astype(str)
    both = (
        deals[deals["quarter"].isin(["2025Q2", "2026Q2"])].groupby(["segment", "quarter"])["won"].agg(["mean", "size"])
    )
    rate, size = both["mean"].unstack(), both["size"].unstack()
    share = size / size.sum()
    middle = (rate * share).sum().mean()
    mix = (share["2026Q2"] - share["2025Q2"]) * (rate.mean(axis=1) - middle)
    found = explained(demo, "win_rate", "2025Q2", "2026Q2", by="segment").frame().set_index("member")
    assert found["mix"].reindex(mix.index).to_numpy() == pytest.approx(mix.to_numpy())
    assert found["rate"].sum() == pytest.approx(((rate["2026Q2"] - rate["2025Q2"]) * share.mean(axis=1)).sum())


def test_what_is_no_sum_of_parts_says_so(demo, shifted):
    with pytest.raises(CannotAnswer, match="estimated from all rows at once"):
        explained(demo, "sales_cycle", "2025Q2", "2026Q2", variant="median")
    with pytest.raises(CannotAnswer, match="Average order by product does not add up"):
        explained(demo, "average_order", "2025Q2", "2026Q2", by="product")
    with pytest.raises(CannotAnswer, match=r"has 3,\d{3} members of customer here; at most 500"):
        explained(demo, "revenue", "2025Q2", "2026Q2", by="customer")
    with pytest.raises(CannotAnswer, match="has no rows in 2025-03"):
        explained(shifted, "win_rate", "2025-03", FEBRUARY)
    with pytest.raises(CannotAnswer, match="explained by its factors"):
        explained(demo, "sales_velocity", "2025Q2", "2026Q2", by="segment")


def test_names_that_do_not_exist_are_refused_with_the_closest(shifted):
    with pytest.raises(UnknownName, match="Did you mean 'segment'"):
        explained(shifted, "win_rate", JANUARY, FEBRUARY, by="segmet")
    with pytest.raises(UnknownName, match="Did you mean 'win_rate'"):
        explained(shifted, "win_rat", JANUARY, FEBRUARY)
    with pytest.raises(UnknownName, match="Did you mean 'SMB'"):
        explained(shifted, "win_rate", JANUARY, FEBRUARY, by="owner", where={"segment": ["SNB"]})
    with pytest.raises(BadInput, match="is no period"):
        explained(shifted, "win_rate", "last month", FEBRUARY)


# Windows


def test_months_that_are_not_over_are_left_out_of_both_sides():
    months = {month: {"SMB": (5, 10)} for month in ("2025-10", "2025-11", "2025-12", "2026-01", "2026-02")}
    found = explained(book(months, as_of=date(2026, 2, 15)), "win_rate", "2025Q4", "2026Q1", by="segment")
    assert (found.before.label, found.now.label) == ("2025-10", "2026-01")
    assert not found.now.whole
    with pytest.raises(CannotAnswer, match="2026-02 has no month that is over on 2026-02-15"):
        explained(book(months, as_of=date(2026, 2, 15)), "win_rate", JANUARY, FEBRUARY, by="segment")


def test_a_period_may_be_a_text_its_months_or_a_window(shifted):
    months = [(2026 * 12, 2026 * 12), (2026 * 12 + 1, 2026 * 12 + 1)]
    windows = [Window(date(2026, m, 1), date(2026, m, 28), f"month {m}", True, months[m - 1]) for m in (1, 2)]
    by_text = explained(shifted, "win_rate", JANUARY, FEBRUARY, by="segment")
    assert explained(shifted, "win_rate", *months, by="segment").parts == by_text.parts
    named = explained(shifted, "win_rate", *windows, by="segment")
    assert (named.parts, named.now.label) == (by_text.parts, "month 2")
    with pytest.raises(CannotAnswer, match="not made of whole months"):
        explained(shifted, "win_rate", Window(date(2026, 1, 1), date(2026, 1, 9), "nine days"), FEBRUARY)


def test_a_slice_is_explained_within_itself(demo):
    found = explained(demo, "win_rate", "2025Q2", "2026Q2", where={"segment": ["SMB"]})
    kept = demo.kpi("win_rate", where={"segment": ["SMB"]}, since="2026Q2", until="2026Q2")["value"].item()
    assert found.now_value == pytest.approx(kept)
    assert "segment" not in found.searched


# The search


def test_outcomes_and_what_defines_a_kpi_are_not_searched(demo):
    tried = search.dimensions(demo.kpis["win_rate"])
    assert not {"status", "stage", "reason", "competitor", "customer", "currency"} & set(tried)
    assert {"segment", "region", "owner", "product", "source"} <= set(tried)
    assert "kind" not in search.dimensions(demo.kpis["cross_sell_rate"])
    assert "metric" not in search.dimensions(demo.kpis["nps"])


def test_trying_many_dimensions_makes_the_claim_harder(demo):
    alone = explained(demo, "win_rate", "2025Q2", "2026Q2", by="segment")
    found = explained(demo, "win_rate", "2025Q2", "2026Q2")
    assert found.p == pytest.approx(alone.p * len(found.searched))
    assert len(found.searched) > 8


def test_the_size_of_families_explains_what_the_baseline_s_mix_hides(demo):
    """Planted: deals of Enterprise come later (mix_tilt), and all are won more often each year (win_a_year)."""
    found = explained(demo, "win_rate", "2023-07 – 2024-06", "2025-07 – 2026-06")
    assert found.dimension == "segment"
    assert found.proposed
    assert found.mix_high < 0 < found.rate_low
    assert found.said().count("customer family") == 2


@pytest.mark.slow
def test_the_mix_shift_that_hides_an_improvement_is_found_with_its_size():
    """The size is that of another, larger company with the same truths, by pandas."""
    years = ("2023-07 – 2024-06", "2025-07 – 2026-06")
    found = explained(kpilib.open(make(seed=1, scenario="mix-shift")), "win_rate", *years)
    assert (found.dimension, found.proposed) == ("segment", True)
    tables = make(seed=2, scale=2, scenario="mix-shift")
    deals = tables["opportunities"].query("status != 'open'").merge(tables["customers"][["customer_id", "segment"]])
    year = (deals["closed_on"] - pd.DateOffset(months=6)).dt.year
    both = (deals["status"] == "won").groupby([deals["segment"], year]).agg(["mean", "size"])
    rate, size = both["mean"].unstack(), both["size"].unstack()
    share, (first, last) = size / size.sum(), (2023, 2025)
    like = ((rate[last] - rate[first]) * (share[first] + share[last]) / 2).sum()
    whole = (rate * share).sum()
    assert found.mix_high < 0 < found.rate_low
    # The other company is a draw as well, of twice the rows: its error is about .7 of ours.
    wider = 1.25
    for truth, value, low, high in (
        (like, found.rate, found.rate_low, found.rate_high),
        (whole[last] - whole[first] - like, found.mix, found.mix_low, found.mix_high),
    ):
        assert abs(truth - value) < wider * (high - low) / 2


def bench():
    spec = importlib.util.spec_from_file_location("bench_explain", TOP / "bench" / "explain.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(TOP / "bench")  # benches share modules
        spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_where_nothing_explains_a_change_hardly_any_dimension_is_proposed():
    """Three companies here; bench/explain.py asks a hundred."""
    asked = bench()
    said = [one for seed in (21, 22, 23) for one in asked.company(seed).values() if one is not None]
    assert len(said) > 60
    assert sum(said) <= asked.most(len(said))


def test_a_company_that_could_not_be_asked_is_not_counted():
    asked = bench()
    none = dict.fromkeys((key, now) for key in asked.KPIS for _, now in asked.WINDOWS)
    first = next(iter(none))
    row = asked.counted([{**none, first: True}, {**none, first: False}, none])[0]
    assert row[:5] == ["win_rate", "2026Q2", "2", "1", "50%"]


# Mergers


@pytest.fixture(scope="module")
def territories():
    return book(MERGED, "owner", events=MERGER)


def test_without_the_event_the_customers_that_moved_look_like_a_change_of_rate():
    found = explained(book(MERGED, "owner"), "win_rate", JANUARY, FEBRUARY, by="sales_region")
    assert found.p < 1e-6
    assert [round(part.rate, 3) for part in found.parts] == [0, -0.1, 0.1]


@pytest.mark.parametrize("by", ["sales_region", "owner"])
def test_a_merger_of_territories_is_not_taken_for_a_change_of_rate(territories, by):
    found = explained(territories, "win_rate", JANUARY, FEBRUARY, by=by)
    assert [part.member for part in found.parts] == ["East", "North + South"]
    assert [part.rate for part in found.parts] == pytest.approx([0, 0])
    assert not found.proposed
    assert found.said().endswith("Merged in between and taken together: North + South.")


def test_nor_does_a_total_move_by_it(territories):
    found = explained(territories, "won_amount", JANUARY, FEBRUARY, by="sales_region")
    assert [(part.member, part.rate) for part in found.parts] == [("East", 0), ("North + South", 0)]


def test_a_merger_before_both_windows_changes_nothing():
    early = MERGER.assign(happened_on=date(2025, 12, 1))
    found = explained(book(MERGED, "owner", events=early), "win_rate", JANUARY, FEBRUARY, by="sales_region")
    assert len(found.parts) == 3
    assert found.together == ()


def test_an_event_that_joins_nothing_leaves_its_members_apart():
    rise = MERGER.assign(event="Price rise")
    assert merged.mergers(book(MERGED, "owner", events=rise)) == ()


def test_in_the_demo_salespeople_of_the_merged_territories_changed_customers_and_not_their_orders(demo, monkeypatch):
    years = ("2025-01 – 2025-09", "2025-10 – 2026-06")
    assert explained(demo, "average_order", *years, by="owner").p > 0.05
    assert explained(demo, "revenue", *years, by="sales_region").p > 0.05
    monkeypatch.setattr(merged, "between", lambda *asked: [])
    assert explained(demo, "average_order", *years, by="owner").p < 0.01
    assert explained(demo, "revenue", *years, by="sales_region").p < 0.001


def test_a_page_explains_without_a_database_or_the_heavy_libraries(demo):
    code = (
        "import sys, kpilib; from kpilib.change.explain import explained; book = kpilib.open('data/demo');"
        "print(explained(book, 'win_rate', '2025Q2', '2026Q2').dimension);"
        "print(sorted({'duckdb', 'scipy.stats', 'scipy.optimize', 'statsmodels'} & set(sys.modules)))"
    )
    assert demo.cubes is not None  # made by now, so that the other process only reads
    done = subprocess.run([sys.executable, "-c", code], check=True, cwd=TOP, capture_output=True, text=True)
    assert done.stdout.split("\n")[:2] == ["segment", "[]"]
