"""Whether all that is said is a message: each says dots for its letters, and what letters are left were not said so."""

import re
from string import Formatter

import pytest

from kpilib import language

LETTERS = r"[^\W\d_]"


def mask(patch: pytest.MonkeyPatch) -> None:
    """Let every message say dots for its letters; what is filled in keeps its own."""
    filled = language._filled

    def masked(message, values):
        if not values:
            return re.sub(LETTERS, "·", message)
        parts = ((re.sub(LETTERS, "·", text), name) for text, name, _, _ in Formatter().parse(message))
        return filled("".join(text + (f"{{{name}}}" if name else "") for text, name in parts), values)

    patch.setattr(language, "_filled", masked)


def unsaid(text: str, members=()) -> str:
    """The letters of a text that are no message, no member of a dimension, and no part of a number."""
    for member in sorted(members, key=len, reverse=True):
        text = text.replace(member, "")
    return "".join(re.findall(LETTERS, re.sub(r"\b(to|points?)\b|Q(?=\d)|[KM]\b", "", text)))
