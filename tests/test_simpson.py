"""When the parts say the opposite of the whole, the guard says so; and it is silent otherwise."""

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from change_books import REVERSED, SHIFT, book

import kpilib
from kpilib.change.compare import compared
from kpilib.change.explain import explained
from kpilib.change.simpson import HIDDEN, OPPOSITE, Turn, hidden, opposite, reversal, told, turn, warning
from kpilib.demo.company import make
from kpilib.errors import UnknownName
from kpilib.show import View, against
from kpilib.show.standing import standing
from kpilib.show.words import Words
from kpilib.stats.decomposition import Sums, kitagawa

TOP = Path(__file__).resolve().parents[1]
JANUARY, FEBRUARY = "2026-01", "2026-02"
ALL = "2023-07 – 2026-06"


@pytest.fixture(scope="module")
def turned():
    return book(REVERSED)


def test_a_whole_that_falls_while_every_part_rises_is_a_reversal(turned):
    assert reversal(turned, "win_rate", JANUARY, FEBRUARY) == "segment"
    assert reversal(turned, "win_rate", FEBRUARY, JANUARY) == "segment"


def test_only_the_dimensions_asked_for_are_looked_at(turned):
    assert reversal(turned, "win_rate", JANUARY, FEBRUARY, dimensions=["owner"]) == ""


def test_within_one_family_there_is_nothing_to_turn_round(turned):
    assert reversal(turned, "win_rate", JANUARY, FEBRUARY, {"segment": ["SMB"]}) == ""


def test_parts_that_agree_with_the_whole_or_differ_by_chance_are_no_reversal():
    assert reversal(book(SHIFT), "win_rate", JANUARY, FEBRUARY) == ""  # −2.0 and +3.3 points of 100 deals
    both = {
        month: {"SMB": (30 + 20 * late, 100), "Key": (20 + 20 * late, 100)}
        for late, month in enumerate((JANUARY, FEBRUARY))
    }
    assert reversal(book(both), "win_rate", JANUARY, FEBRUARY) == ""


def test_what_has_no_mix_or_no_rows_is_never_turned_round(turned, demo):
    assert reversal(turned, "won_amount", JANUARY, FEBRUARY) == ""
    assert reversal(turned, "win_rate", "2024-01", FEBRUARY) == ""
    assert reversal(demo, "sales_velocity", "2025Q2", "2026Q2") == ""


def test_a_name_that_does_not_exist_is_an_error_all_the_same(turned):
    with pytest.raises(UnknownName, match="Did you mean 'win_rate'"):
        reversal(turned, "win_rte", JANUARY, FEBRUARY)


def test_the_guard_and_the_explanation_agree(turned):
    assert explained(turned, "win_rate", JANUARY, FEBRUARY, by="segment").reversed
    assert not explained(book(SHIFT), "win_rate", JANUARY, FEBRUARY, by="segment").reversed


def test_partners_beat_the_web_in_every_family_and_lose_on_the_whole(demo):
    """Planted in the baseline: two slices of the same period, turned round by the customer families."""
    web, partner = {"source": ["Website"]}, {"source": ["Partner"]}
    assert reversal(demo, "win_rate", ALL, ALL, web, against=partner) == "segment"
    sources, families = ("Website", "Partner"), ("SMB", "Mid-market", "Enterprise")
    parts = demo.kpi("win_rate", by=["source", "segment"]).set_index(["source", "segment"])["value"]
    whole = demo.kpi("win_rate", by="source").set_index("group")["value"]
    assert whole["Website"] > whole["Partner"]
    assert all(parts[sources[0], family] < parts[sources[1], family] for family in families)


def test_sources_that_are_compared_are_not_among_the_parts(demo):
    assert reversal(demo, "win_rate", ALL, ALL, {"segment": ["SMB"]}, against={"segment": ["Enterprise"]}) != "segment"


@pytest.mark.slow
def test_where_nothing_is_true_nothing_is_turned_round():
    asked, found = 0, 0
    for seed in (31, 32):
        calm = kpilib.open(make(seed=seed, scale=0.1, scenario="null"))
        for key in ("win_rate", "csat", "nps", "average_deal", "margin_rate", "on_time_payment", "response_rate"):
            for before, now in (("2025Q1", "2025Q2"), ("2025Q4", "2026Q1"), ("2026Q1", "2026Q2")):
                asked, found = asked + 1, found + (turn(calm, key, before, now) is not None)
    assert asked == 42
    assert found <= 1


#: Both families are won more often, .6 to .7 and .2 to .3; there are more of the hard ones, and the whole stays at .52.
KEPT_LEVEL = {
    "2026-01": {"SMB": (480, 800), "Key": (40, 200)},
    "2026-02": {"SMB": (385, 550), "Key": (135, 450)},
}


@pytest.fixture(scope="module")
def level():
    return book(KEPT_LEVEL)


def test_parts_that_all_rose_while_the_whole_stayed_are_told_though_nothing_is_turned_round(level):
    assert turn(level, "win_rate", JANUARY, FEBRUARY) == Turn("segment", HIDDEN, 1)
    assert turn(level, "win_rate", FEBRUARY, JANUARY) == Turn("segment", HIDDEN, -1)
    assert reversal(level, "win_rate", JANUARY, FEBRUARY) == ""
    one = compared(level, "win_rate", FEBRUARY, guard=True)[0]
    assert (one.difference, one.verdict, one.reversed, one.hidden_by) == (0, "same", False, "segment")
    assert one.said().startswith("Take care: compared like with like by customer family, win rate is higher in most")
    assert level.compare("win_rate", FEBRUARY).attrs["hidden_by"] == "segment"


def test_a_tile_says_that_its_mix_hides_a_change(level):
    found = standing(View(level, {}, FEBRUARY, FEBRUARY), level.kpis["win_rate"])
    said = against.change(found, Words("EUR", "en"))
    assert said.text.startswith("Beware: within customer family most are higher, beyond chance; the mix hides it.")
    assert said.direction == "none"


def test_a_reversal_comes_before_what_is_hidden(turned):
    assert turn(turned, "win_rate", JANUARY, FEBRUARY) == Turn("segment", OPPOSITE, 1)


def test_most_parts_must_have_moved_beyond_chance_each_by_itself():
    still = (0.0, -0.03, 0.03)
    assert hidden(still, split([0.10, 0.10, 0.10])) == 1
    assert hidden(still, split([-0.10, -0.10, -0.10])) == -1
    assert hidden(still, split([0.10, 0.10, 0.001])) == 1
    assert hidden(still, split([0.30, 0.001, 0.001])) == 0  # one part alone
    assert hidden(still, split([0.01, 0.01, 0.01])) == 0
    assert hidden((0.05, 0.02, 0.08), split([0.10, 0.10, 0.10])) == 0  # the whole shows it
    assert hidden((np.nan,) * 3, split([0.10, 0.10, 0.10])) == 0
    assert hidden(still, split([0.10])) == 0


def test_the_more_dimensions_are_tried_the_more_is_asked_of_each():
    just = split([0.08, 0.08, 0.08], 400)  # each 2.3 standard errors from none, all together 4.0
    assert hidden((0.0, -0.03, 0.03), just) == 1
    assert hidden((0.0, -0.03, 0.03), just, tried=1000) == 0


def test_no_turn_says_nothing():
    assert told(None, "NPS") == ""
    assert "is lower in most of them" in told(Turn("region", HIDDEN, -1), "NPS")


def split(rates: list[float], many: float = 1000):
    """Parts of so many deals each: half of them won before; rows of 0 and 1."""
    size = np.full(len(rates), many)
    sides = (0.5 * size, (0.5 + np.array(rates)) * size)
    return kitagawa(*(Sums.of(won, size, won, won, size) for won in sides))


def test_a_whole_within_chance_is_turned_round_only_by_parts_that_all_disagree():
    unsure, rate = (-0.01, -0.05, 0.03), (0.04, 0.01, 0.07)
    assert opposite(unsure, rate, split([0.05, 0.03]))
    assert not opposite(unsure, rate, split([0.15, -0.07]))
    assert opposite((-0.05, -0.08, -0.02), rate, split([0.15, -0.07]))


def test_parts_within_chance_turn_nothing_round():
    assert not opposite((-0.05, -0.08, -0.02), (0.04, -0.01, 0.09), split([0.05, 0.03]))
    assert not opposite((np.nan,) * 3, (0.04, 0.01, 0.09), split([0.05, 0.03]))


def test_the_warning_names_the_kpi_and_the_dimension():
    assert warning("NPS", "region") == (
        "Take care: compared like with like by region, NPS goes the other way; how many there are of each turns the "
        "whole round."
    )


def test_the_guard_looks_at_all_dimensions_in_a_few_milliseconds(demo):
    times = []
    for _ in range(7):
        start = time.process_time()
        reversal(demo, "win_rate", "2025Q2", "2026Q2")
        times.append(time.process_time() - start)
    assert sorted(times)[3] < 0.03


def test_the_guard_of_a_book_without_cubes_gives_the_same(turned):
    assert turned.cubes is not None
    kept, turned.cubes = turned.cubes, None
    try:
        assert reversal(turned, "win_rate", JANUARY, FEBRUARY) == "segment"
    finally:
        turned.cubes = kept
    assert isinstance(turned.kpi("win_rate"), pd.DataFrame)
