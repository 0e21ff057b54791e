"""What the interface says in French: all of it, with the same values filled in."""

import re
import sys
from pathlib import Path

from kpilib import language

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
import messages

FIELD = re.compile(r"\{(\w*)[^}]*\}")
WRITTEN = {message.id: message.string for message in messages.written() if message.id}


def test_every_message_has_a_translation_and_none_is_left_over():
    assert messages.untranslated() == []
    assert set(WRITTEN) == set(messages.messages())


def test_a_translation_fills_in_the_same_values():
    for message, said in WRITTEN.items():
        if isinstance(message, tuple):
            assert {*FIELD.findall(said[1])} == {*FIELD.findall(message[1])}, message
            assert {*FIELD.findall(said[0])} <= {*FIELD.findall(message[1])}, message
        elif "\n" not in message:  # prose of a notebook has no fields
            assert sorted(FIELD.findall(said)) == sorted(FIELD.findall(message)), message


def test_a_language_that_is_not_there_is_said_in_english():
    assert language.say("Period", "pt_BR") == "Period"
    assert language.plural(2, "{n} row", "{n} rows", "pt_BR", n=2) == "2 rows"


def test_french_counts_nothing_as_one():
    assert language.plural(0, "{n} row", "{n} rows", "fr", n=0) == language.plural(1, "{n} row", "{n} rows", "fr", n=0)
    assert language.plural(2, "{n} row", "{n} rows", "fr", n=2) != language.plural(1, "{n} row", "{n} rows", "fr", n=2)


def test_a_value_may_hold_braces():
    assert language.say("{value}", "fr", value="{x}") == "{x}"
