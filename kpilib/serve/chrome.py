"""What stands around the cells of every page: its title, its neighbours, its data, and the words of the template."""

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from kpilib.language import LANGUAGES, of, say
from kpilib.serve.facts import DataFacts
from kpilib.serve.gallery import Card, cards

TEMPLATES = Path(__file__).parent / "templates" / "kpi"
HOME = "Key figures of the customer relation"


def around(path: str, folder: Path | str, data: DataFacts, locale: str = "en") -> dict[str, Any]:
    """What the templates write around the cells.

    Parameters
    ----------
    path : str
        The notebook's path relative to the folder; empty for the gallery and the messages.
    folder : path
        The notebooks' folder.
    data : DataFacts
        For the foot.
    locale : str
        The reader's language.

    Returns
    -------
    dict
        title, question, section, path, lang, languages, nav (a dictionary a card), data, texts (message → translation).
    """
    known = cards(folder)
    here = next((card for card in known if card.path == path), Card(path, HOME, ""))
    return {
        "title": say(here.title, locale),
        "question": say(here.question, locale) if here.question else "",
        "section": say(here.section, locale) if here.section else "",
        "path": path,
        "lang": of(locale),
        "languages": LANGUAGES,
        "nav": [told(card, locale) for card in known],
        "data": data.said(locale),
        "texts": texts(of(locale)),
    }


def told(card: Card, locale: str) -> dict[str, Any]:
    """A card in a reader's language."""
    return {
        "path": card.path,
        "title": say(card.title, locale),
        "question": say(card.question, locale) if card.question else "",
        "section": say(card.section, locale) if card.section else "",
    }


@lru_cache(maxsize=8)
def texts(language: str) -> Mapping[str, str]:
    """The templates' own messages: English → the reader's language. Voilà's template engine knows no translation."""
    found = (re.findall(r'_\("([^"]+)"\)', file.read_text(encoding="utf-8")) for file in TEMPLATES.iterdir())
    return {message: say(message, language) for messages in found for message in messages}
