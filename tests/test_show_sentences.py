"""Sentences: what they say, and that none claims what the intervals do not support."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from speaking import mask, unsaid

from kpilib.show import sentences, tables
from kpilib.show.sentences import Measure, gap, some
from kpilib.show.words import Words
from kpilib.stats.intervals import newcombe, wilson

WIN_RATE = Measure("win rate", "share", "closed deals")
AMOUNT = Measure("won amount", "money", "deals")
NAN = float("nan")


def frame(*groups):
    """(name, won, closed) → the frame of a share."""
    rows = []
    for name, won, closed in groups:
        low, high = (float(end) for end in wilson(won, closed)) if closed else (NAN, NAN)
        rows.append([name, won / closed if closed else NAN, low, high, closed])
    return pd.DataFrame(rows, columns=["group", "value", "low", "high", "rows"])


def months(*periods):
    """(name, won, closed, complete) → a trend."""
    made = frame(*(period[:3] for period in periods)).rename(columns={"group": "period"})
    return made.assign(complete=[period[3] for period in periods])


def test_a_gap_within_chance_is_said_to_be_one():
    said = sentences.best_and_worst(frame(("West", 1355, 2114), ("Central", 632, 1010)), WIN_RATE)
    assert said == (
        "West has the highest win rate: 64.1% of 2,114 closed deals (62.0% to 66.1%); "
        "the gap to Central, the lowest (62.6%) is not distinguishable from chance."
    )


def test_a_gap_beyond_chance_carries_its_interval():
    said = sentences.best_and_worst(frame(("West", 700, 1000), ("East", 500, 1000)), WIN_RATE)
    assert "The gap of 20.0 points is more than chance explains (95% interval: 15.8 points to 24.1 points)" in said


def test_the_best_of_many_pairs_needs_a_wider_gap():
    pair = [("A", 60, 100), ("B", 45, 100)]
    others = [(f"G{i}", 52, 100) for i in range(8)]
    assert "more than chance explains" in sentences.best_and_worst(frame(*pair), WIN_RATE)
    assert "not distinguishable from chance" in sentences.best_and_worst(frame(*pair, *others), WIN_RATE)


def test_the_first_is_the_lowest_where_lower_is_better():
    measure = Measure("overdue share", "share", "deals", better="lower")
    assert sentences.best_and_worst(frame(("A", 10, 100), ("B", 90, 100)), measure).startswith(
        "A has the lowest overdue"
    )


def test_small_groups_are_not_ranked():
    said = sentences.best_and_worst(frame(("Tiny", 9, 9), ("West", 60, 100), ("East", 50, 100)), WIN_RATE)
    assert "Tiny" not in said


def test_a_single_group_is_said_to_be_the_only_one():
    said = sentences.best_and_worst(frame(("West", 60, 100), ("Tiny", 1, 2)), WIN_RATE)
    assert said.startswith("Only West has 10 closed deals or more: 60.0% of 100 closed deals (")


def test_without_a_large_enough_group_none_is_ranked():
    assert sentences.best_and_worst(frame(("Tiny", 1, 2)), WIN_RATE) == (
        "No group has 10 closed deals or more; none is ranked."
    )


@pytest.mark.parametrize("empty", [frame(), frame(("West", 0, 0))])
def test_nothing_is_said_to_be_nothing(empty):
    assert sentences.best_and_worst(empty, WIN_RATE) == sentences.EMPTY
    assert sentences.one_value(empty, WIN_RATE) == sentences.EMPTY


def test_alike_groups_are_said_to_be_alike():
    said = sentences.best_and_worst(frame(("A", 50, 100), ("B", 50, 100)), WIN_RATE)
    assert said == "All 2 groups have the same win rate: 50.0%."


def test_a_figure_without_an_interval_claims_no_difference():
    sums = pd.DataFrame({"group": ["A", "B"], "value": [9e6, 1e3], "low": NAN, "high": NAN, "rows": [50, 50]})
    assert "chance cannot be told from a difference" in sentences.best_and_worst(sums, AMOUNT)


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(10, 400)), min_size=2, max_size=6).map(
        lambda groups: [(f"G{i}", min(won, n), n) for i, (won, n) in enumerate(groups)]
    )
)
def test_no_sentence_claims_what_newcombes_interval_of_the_two_does_not_support(groups):
    made = frame(*groups)
    if "more than chance explains" in sentences.best_and_worst(made, WIN_RATE):
        best, worst = (max(groups, key=lambda g: g[1] / g[2]), min(groups, key=lambda g: g[1] / g[2]))
        low, _ = newcombe(best[1], best[2], worst[1], worst[2])
        assert float(low) > 0


def test_the_gap_of_two_shares_is_newcombes():
    # Newcombe 1998, Statistics in Medicine 17: 873–890, table II (a), method 10: 56/70 against 48/80.
    made = frame(("a", 56, 70), ("b", 48, 80))
    found = gap(made.iloc[0], made.iloc[1])
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_a_trend_speaks_of_complete_periods_only():
    said = sentences.trend(
        months(("2026-04", 40, 100, True), ("2026-05", 45, 100, True), ("2026-06", 9, 10, False)), WIN_RATE
    )
    assert said == (
        "Win rate was 40.0% in 2026-04 and 45.0% in 2026-05; the change is not distinguishable from chance. "
        "2026-06 is not over, and left out."
    )


def test_a_fall_beyond_chance_is_called_a_fall():
    said = sentences.trend(months(("2025", 700, 1000, True), ("2026", 500, 1000, True)), WIN_RATE)
    assert "the fall of 20.0 points is more than chance explains" in said


def test_one_period_is_no_trend():
    assert "two complete periods" in sentences.trend(months(("2025", 7, 10, True)), WIN_RATE)


def test_shares_of_a_total_are_said_of_the_first_and_of_the_first_few():
    parts = tables.with_shares(pd.DataFrame({"group": list("ABCD"), "value": [10.0, 50.0, 30.0, 10.0]}))
    assert sentences.share_of_total(parts, AMOUNT) == (
        "B makes up 50.0% of the won amount of €100; the first 3 of 4 groups, 90.0%."
    )


def test_parts_that_do_not_add_up_have_no_shares():
    parts = tables.with_shares(pd.DataFrame({"group": list("AB"), "value": [10.0, -5.0]}))
    assert "has no shares" in sentences.share_of_total(parts, AMOUNT)


def test_flags_are_said_with_their_rate_of_false_alarms():
    assert sentences.discoveries(["A", "B"], 14) == (
        "2 of 14 groups stand out (A, B); on average no more than 10.0% of such flags are false alarms."
    )
    assert sentences.discoveries([], 14) == (
        "None of the 14 groups stands out: their differences are no larger than chance can make among 14 alike groups."
    )
    assert sentences.discoveries([], 0) == sentences.EMPTY


def test_one_value_says_what_it_rests_on():
    assert sentences.one_value(frame(("all", 50, 100)), WIN_RATE).startswith(
        "The win rate is 50.0% of 100 closed deals ("
    )


def test_a_share_of_money_is_said_over_its_rows_and_not_of_them():
    class Margin:
        name, unit, better, binary = "Margin rate", "share", "higher", False

    said = sentences.one_value(frame(("all", 50, 100)), Measure.of_kpi(Margin(), of="order lines"))
    assert said.startswith("The margin rate is 50.0% over 100 order lines (")


def test_initials_keep_their_capitals_inside_a_sentence():
    class Nps:
        name, unit, better, binary = "NPS", "score", "higher", False

    assert Measure.of_kpi(Nps()).name == "NPS"


HALVES = months(("2026-04", 40, 100, True), ("2026-05", 45, 100, True), ("2026-06", 9, 10, False))
SUMS = pd.DataFrame({"group": ["A", "B"], "value": [9e6, 1e3], "low": NAN, "high": NAN, "rows": [50, 50]})
SHARES = tables.with_shares(pd.DataFrame({"group": list("ABCD"), "value": [10.0, 50.0, 30.0, 10.0]}))


@pytest.mark.parametrize(
    "said",
    [
        lambda m: sentences.best_and_worst(frame(), m),
        lambda m: sentences.best_and_worst(frame(("A", 1, 2)), m),
        lambda m: sentences.best_and_worst(frame(("A", 60, 100), ("B", 1, 2)), m),
        lambda m: sentences.best_and_worst(frame(("A", 50, 100), ("B", 50, 100)), m),
        lambda m: sentences.best_and_worst(frame(("A", 50, 100), ("B", 51, 100)), m),
        lambda m: sentences.best_and_worst(frame(("A", 700, 1000), ("B", 500, 1000)), m),
        lambda m: sentences.best_and_worst(frame(("A", 700, 1000), ("B", 500, 1000), ("C", 6, 10)), m),
        lambda m: sentences.best_and_worst(SUMS, m),
        lambda m: sentences.share_of_total(SHARES, m),
        lambda m: sentences.share_of_total(SHARES.head(2), m),
        lambda m: sentences.share_of_total(SHARES.assign(share=NAN), m),
        lambda m: sentences.share_of_total(SHARES.head(0), m),
        lambda m: sentences.trend(HALVES, m),
        lambda m: sentences.trend(HALVES.assign(complete=False), m),
        lambda m: sentences.trend(HALVES.assign(low=NAN, high=NAN), m),
        lambda m: sentences.trend(months(("2025", 700, 1000, True), ("2026", 500, 1000, True)), m),
        lambda m: sentences.trend(months(("2025", 500, 1000, True), ("2026", 700, 1000, True)), m),
        lambda m: sentences.trend(frame(), m),
        lambda m: sentences.one_value(frame(("all", 50, 100)), m),
        lambda m: sentences.one_value(SUMS, m),
        lambda m: sentences.one_value(frame(), m),
        lambda m: sentences.discoveries(["A"], 4, words=m.words),
        lambda m: sentences.discoveries(list("ABCDAB"), 14, words=m.words),
        lambda m: sentences.discoveries([], 14, words=m.words),
        lambda m: sentences.discoveries([], 0, words=m.words),
    ],
)
@pytest.mark.parametrize("better", ["higher", "lower"])
def test_every_sentence_is_a_message(said, better, monkeypatch):
    for binary in (True, False):
        measure = Measure("win rate", "share", "closed deals", better, binary=binary)
        with monkeypatch.context() as patch:
            mask(patch)
            assert unsaid(said(measure), list("ABCD")) == ""
        assert unsaid(said(measure), list("ABCD")) != ""  # the mask is what hides the letters


def test_a_list_that_is_cut_says_how_many_are_left():
    assert some(list("ABC"), Words(), 3) == "A, B, C"
    assert some(list("ABCDE"), Words(), 3) == "A, B, C and 2 more"
