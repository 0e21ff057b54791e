"""Members whose words are the model's own are said in words, in explanations, comparisons and alerts."""

import re
from pathlib import Path

import pytest

from kpilib.alerts.alert import Alert
from kpilib.change.compare import compared
from kpilib.model.dimensions import CALLED, DIMENSIONS, NOT_GIVEN, called
from kpilib.model.shared import SALES
from kpilib.report.parts import member
from kpilib.show.words import Words

WORDS = Words("EUR", "en")


def test_every_kind_of_sale_and_every_fate_has_words():
    assert all(called("kind", kind) for kind in SALES)
    assert [called("status", one) for one in ("open", "won", "lost")] == ["Open", "Won", "Lost"]
    assert set(CALLED) <= set(DIMENSIONS)


def test_what_data_name_keeps_its_name():
    assert WORDS.member("region", "up_sell") == "up_sell"
    assert WORDS.member("kind", "Barter") == "Barter"
    assert WORDS.member("customer", NOT_GIVEN) == "(not given)"
    assert WORDS.member("severity", "CRITICAL") == "Critical"


def test_an_explanation_and_its_table_say_kinds_in_words(demo):
    found = demo.explain("revenue", "2025Q2", "2026Q2", by="kind")
    assert not re.search(r"cross_sell|up_sell", found.said())
    assert {member(part, found, WORDS) for part in found.parts} >= {"Cross-sell", "Up-sell"}


def test_a_comparison_by_kind_says_it_in_words(demo):
    said = [one.said() for one in compared(demo, "revenue", "2026Q2", by="kind")]
    assert any("Up-sell" in one for one in said)
    assert not any("up_sell" in one for one in said)


def test_an_alert_of_a_kind_is_titled_in_words():
    alert = Alert("outside", "worse", "2026-06", "2026-06", 1, 2, 3, 2, "revenue", "kind", "up_sell", "below")
    assert alert.title() == "Revenue, Up-sell"
    assert alert.where == {"kind": ("up_sell",)}  # the slice keeps the data's word


@pytest.mark.parametrize("word", ["Cross-sell", "Critical", "Meeting"])
def test_the_words_are_collected_for_translation(word):
    tool = (Path(__file__).resolve().parents[1] / "tools" / "messages.py").read_text(encoding="utf-8")
    assert "CALLED" in tool
    assert any(word in words.values() for words in CALLED.values())
