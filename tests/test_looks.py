"""The ledger of looks: each comparison once, and those that stand when all are counted."""

from math import isnan, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from published import BENJAMINI_HOCHBERG

from kpilib.change.looks import Look, Looks, _named
from kpilib.errors import BadInput
from kpilib.stats.discovery import false_discovery


def ledger(*ps):
    looks = Looks()
    for number, p in enumerate(ps):
        looks.add("win_rate", f"region=R{number}", "2026Q2", "2026Q1", 0.01, p)
    return looks


def test_the_same_comparison_looked_at_again_counts_once():
    looks = ledger(0.2)
    looks.add("win_rate", "region=R0", "2026Q2", "2026Q1", 0.01, 0.2)
    looks.add("win_rate", "region=R0", "2026Q2", "2025Q2", 0.01, 0.2)
    assert looks.count == 2


def test_one_look_below_five_per_cent_stands_and_one_in_twenty_does_not():
    assert ledger(0.04).stands() == [True]
    assert ledger(0.04, *[0.5] * 19).stands() == [False] * 20


def test_the_published_example_of_benjamini_and_hochberg():
    ps = BENJAMINI_HOCHBERG
    assert ledger(*ps).stands() == [True] * 4 + [False] * 11


@given(st.lists(st.one_of(st.floats(0, 1), st.just(nan)), max_size=30))
def test_what_stands_is_what_the_statistics_say(ps):
    assert ledger(*ps).stands() == np.asarray(false_discovery(ps)[1], bool).tolist()


def test_a_total_is_counted_and_never_stands():
    looks = ledger(0.001, nan)
    assert looks.count == 2
    assert looks.stands() == [True, False]


def test_the_frame_says_what_stands_in_the_order_of_the_looks():
    found = ledger(0.6, 0.001).frame()
    assert list(found) == ["kpi", "slice", "window", "to", "difference", "p", "stands"]
    assert found["stands"].tolist() == [False, True]
    assert found["slice"].tolist() == ["region=R0", "region=R1"]
    assert len(Looks().frame()) == 0
    assert list(Looks().frame())[-1] == "stands"


def test_a_ledger_goes_through_json_and_comes_back():
    looks = ledger(0.001, nan, 0.7)
    again = Looks.from_json(looks.to_json())
    assert again.to_json() == looks.to_json()
    assert again.stands() == looks.stands()
    assert isnan(again.looks[1].p)


@pytest.mark.parametrize("text", ["", "{", "[1]", '[{"kpi": "x"}]', '{"kpi": 1}', "3"])
def test_what_is_no_ledger_is_refused(text):
    with pytest.raises(BadInput, match="no ledger of looks"):
        Looks.from_json(text)


def test_a_p_value_outside_zero_to_one_is_refused():
    with pytest.raises(BadInput, match="between 0 and 1"):
        ledger(1.2)


def test_a_ledger_can_be_begun_anew_and_from_looks():
    looks = Looks([Look("nps", "all", "2026Q2", "2026Q1", 3.0, 0.01)])
    assert "1 comparisons, 1 stand" in repr(looks)
    looks.clear()
    assert looks.count == 0


def test_a_dimension_of_which_nothing_is_chosen_is_not_named():
    """A page keeps an empty list for what its reader has taken back: it is the same look as before."""
    assert _named({"region": (), "segment": ("SMB", "Key")}) == "segment=Key, SMB"
    assert _named({"region": ()}) == "all"
