"""A KPI against its target: summed, averaged, reached, missed, absent, zero. Counted by hand."""

from datetime import date, timedelta
from math import isnan

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kpilib
from kpilib.catalogue import CATALOGUE
from kpilib.change.compare import compared
from kpilib.compute.comparing import target, targets_of
from kpilib.errors import CannotAnswer
from kpilib.show.standing import standing
from kpilib.show.view import View
from kpilib.stats.intervals import wilson

MONTHS = ["2026-01", "2026-02", "2026-03", "2026-04", "2026-05"]
#: Won and lost in each month, and the targets of its share and of its amount; a won deal is worth 10.
WON, LOST = [30, 10, 20, 8, 1], [20, 10, 20, 2, 1]
SHARE, AMOUNT = [0.5, 0.8, 0.6, 0.7, 0.7], [250.0, 150.0, 200.0, 0.0, 100.0]


def deals():
    rows = []
    for month, won, lost in zip(MONTHS, WON, LOST, strict=True):
        day = date.fromisoformat(f"{month}-03")
        rows += [{"status": s, "closed_on": day} for s in ["won"] * won + ["lost"] * lost]
    made = pd.DataFrame(rows).assign(amount=10.0, currency="EUR", customer_id="c1")
    made["opportunity_id"] = [f"o{i}" for i in range(len(made))]
    return made.assign(created_on=made["closed_on"] - timedelta(9))


def aims():
    lines = [("win_rate", f"{m}-01", v, None, None) for m, v in zip(MONTHS, SHARE, strict=True)]
    lines += [("won_amount", f"{m}-01", v, None, None) for m, v in zip(MONTHS, AMOUNT, strict=True)]
    lines += [("won_amount", f"{m}-01", 100.0, "region", region) for m in MONTHS[:3] for region in ("East", "West")]
    lines += [("open_opportunities", f"{m}-01", 5.0 + i, None, None) for i, m in enumerate(MONTHS)]
    table = pd.DataFrame(lines, columns=["kpi", "month", "value", "dimension", "member"])
    return table.assign(month=pd.to_datetime(table["month"]).dt.date)


def opened(as_of):
    who = pd.DataFrame({"customer_id": ["c1", "c2"], "name": ["One", "Two"], "region": ["East", "West"]})
    return kpilib.open({"opportunities": deals(), "targets": aims(), "customers": who}, as_of=as_of)


@pytest.fixture(scope="module")
def book():
    return opened("2026-05-31")


def reached(book, key, period, **how):
    (found,) = compared(book, key, period, to="target", **how)
    return found


def test_a_total_is_held_against_the_sum_of_its_months(book):
    found = reached(book, "won_amount", "2026Q1")  # 600 won, 250 + 150 + 200 aimed at
    assert (found.now.value, found.before.value, found.difference) == (600, 600, 0)
    assert (found.verdict, found.attainment) == ("same", 1.0)
    assert "Won amount is on its target" in found.said()
    short = reached(book, "won_amount", "2026-02")
    assert (short.verdict, short.difference) == ("worse", -50)
    assert short.attainment == pytest.approx(100 / 150)
    assert "(66.7% of it reached)" in short.said()


def test_a_share_is_held_against_the_mean_of_its_months_by_what_they_divide_by(book):
    found = reached(book, "win_rate", "2026Q1")
    # 50, 20 and 40 deals were closed: (50 × 0.5 + 20 × 0.8 + 40 × 0.6) ÷ 110.
    assert found.before.value == pytest.approx((25 + 16 + 24) / 110)
    assert found.difference == pytest.approx(60 / 110 - 65 / 110)
    low, high = (float(end) for end in wilson(60, 110))
    assert (found.low, found.high) == pytest.approx((low - 65 / 110, high - 65 / 110))
    assert found.verdict == "same"
    assert found.p > 0.05
    assert "within chance of its target" in found.said()


def test_a_tile_holds_a_share_against_the_same_target(book):
    view = View(book, since="2026-01", until="2026-03")
    found = standing(view, CATALOGUE["win_rate"])
    assert (found.aim.value, found.aim.month) == (reached(book, "win_rate", "2026Q1").before.value, None)
    assert found.aim.value == pytest.approx(65 / 110)


@given(st.lists(st.tuples(st.integers(1, 99), st.integers(1, 50)), min_size=3, max_size=3))
def test_who_reaches_the_target_of_every_month_reaches_that_of_the_quarter(months):
    """Rates hit exactly month by month, whatever the deals of each: the weighted target is the quarter's own rate."""
    first = 2026 * 12
    rates = [won / (won + lost) for won, lost in months]
    targets = {"win_rate||": {str(first + i): rate for i, rate in enumerate(rates)}}
    weights = {first + i: won + lost for i, (won, lost) in enumerate(months)}
    found = target(CATALOGUE["win_rate"], targets, {}, (first, first + 2), weights)
    whole = sum(won for won, _ in months) / sum(weights.values())
    assert found.value == pytest.approx(whole)
    assert found.month is None


def test_without_weights_or_with_a_month_that_has_no_target_the_latest_is_named(book):
    first = 2026 * 12
    targets = {"win_rate||": {str(first): 0.5, str(first + 1): 0.6}}
    assert target(CATALOGUE["win_rate"], targets, {}, (first, first + 1)).month == first + 1
    part = target(CATALOGUE["win_rate"], targets, {}, (first, first + 2), {first: 1, first + 1: 1, first + 2: 1})
    assert (part.value, part.month) == (0.6, first + 1)


def test_a_share_beyond_its_target_by_more_than_noise_is_better(book):
    found = reached(book, "win_rate", "2026-01", where={"region": "East"})
    # 30 of 50 against 0.5, the whole company's: within chance. 8 of 10 against 0.7: too.
    assert found.verdict == "same"
    assert "against the whole company's target of 50.0%" in found.said()


def test_a_target_of_zero_has_a_gap_and_no_share_reached(book):
    found = reached(book, "won_amount", "2026-04")
    assert (found.before.value, found.difference, found.verdict) == (0, 80, "better")
    assert isnan(found.attainment)
    assert "what starts at zero or below has no percentage" in found.said()


def test_a_target_without_sales_is_told_as_nothing_observed_and_not_as_zero(book):
    found = reached(book, "won_amount", "2026Q1", where={"region": "West"})
    assert (found.now.rows, found.before.value, found.verdict) == (0, 300, "unknown")
    assert isnan(found.now.value)
    assert "nothing was observed in 2026Q1 (2026-01-01 to 2026-03-31); the target was €300" in found.said()


def test_sales_without_a_target_are_told_with_the_figure(book):
    found = reached(book, "average_deal", "2026Q1")
    assert (found.now.value, found.verdict, found.aim) == (10, "unknown", None)
    assert "has no target for 2026Q1" in found.said()
    assert isnan(found.difference)
    # A total of which one month has no target has none either.
    assert reached(book, "won_amount", "2025-12 – 2026-01").aim is None


def test_each_member_is_held_against_its_own_target(book):
    (east,) = compared(book, "won_amount", "2026Q1", to="target", by="region")
    assert (east.group, east.now.value, east.before.value) == ("East", 600, 300)


def test_a_level_has_the_target_of_its_month(book):
    found = reached(book, "open_opportunities", "2026Q1")
    assert (found.before.value, found.now.window.label) == (7.0, "2026-03")


def test_a_month_that_is_not_over_is_so_much_of_its_target_so_far():
    early = opened("2026-05-12")
    found = reached(early, "won_amount", "2026-05")
    assert (found.mark, found.verdict, found.attainment) == ("so_far", "unknown", 0.1)
    assert "10.0% of the target of €100 for 2026-05, which is not over" in found.said()
    quarter = reached(early, "won_amount", "2026Q2")
    assert (quarter.now.window.label, quarter.before.value, quarter.mark) == ("2026-04", 0, "months")
    assert "2026-05 is not over, and left out." in quarter.said()
    assert reached(early, "win_rate", "2026-05").mark == "not_over"
    assert reached(early, "won_amount", "2026-06").mark == "not_begun"


def test_a_week_has_no_target_for_targets_are_set_by_month(book):
    with pytest.raises(CannotAnswer, match="Targets are set by month"):
        compared(book, "won_amount", "2026-W07", to="target")


def test_the_frame_says_the_share_reached(book):
    found = book.compare("won_amount", "2026-02", to="target")
    assert found["attainment"][0] == pytest.approx(2 / 3)
    assert found.attrs["to"] == "target"


def test_the_teams_own_file_stands_above_the_table(tmp_path, monkeypatch):
    file = tmp_path / "workbook.toml"
    file.write_text("[targets]\naverage_deal = 8\nwon_amount = 90\n")
    monkeypatch.setenv("KPILIB_WORKBOOK", str(file))
    own = opened("2026-05-31")
    assert reached(own, "average_deal", "2026Q1").before.value == 8
    assert reached(own, "won_amount", "2026Q1").before.value == 270
    assert targets_of(own, {"won_amount||": {str(2026 * 12): 7.0}})["won_amount||"][str(2026 * 12)] == 7.0
