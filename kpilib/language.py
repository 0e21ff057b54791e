"""What the interface says, in the reader's language: English in the code, other languages in a message catalogue.

``kpilib/locale/fr.po`` is a gettext catalogue, read by Babel; `tools/messages.py` collects what is to be translated. A
text that has no translation yet is said in English, never left out.
"""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

LOCALES = Path(__file__).parent / "locale"
#: The languages of the interface, each called by its own name.
LANGUAGES = {"en": "English", "fr": "Français"}


@lru_cache(maxsize=8)
def catalogue(language: str) -> "Catalog":
    """The messages of a language; an empty catalogue where there is no file for it."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import read_po

    file = LOCALES / f"{language}.po"
    if not file.exists():
        return Catalog(locale=language if language in LANGUAGES else None)
    with file.open("rb") as opened:
        return read_po(opened, locale=language)


def of(locale: str) -> str:
    """The language of a locale: "fr" of "fr_CH"; English where the interface does not have it.

    Examples
    --------
    >>> of("fr-CA"), of("pt_BR")
    ('fr', 'en')
    """
    language = locale.replace("-", "_").split("_")[0].lower()
    return language if language in LANGUAGES else "en"


def say(message: str, locale: str = "en", /, **values: object) -> str:
    """The message in a language, its ``{names}`` filled in.

    Examples
    --------
    >>> say("{won} of {all} deals", "en", won=3, all=5)
    '3 of 5 deals'
    """
    return _filled(_translated(message, of(locale)), values)


def plural(count: float, one: str, other: str, locale: str = "en", /, **values: object) -> str:
    """The message for one, or for another number; English has one for 1 alone, French for 0 and 1.

    Examples
    --------
    >>> plural(1, "{n} row", "{n} rows", "en", n=1), plural(0, "{n} row", "{n} rows", "en", n=0)
    ('1 row', '0 rows')
    """
    language = of(locale)
    if language == "en":
        return _filled(one if count == 1 else other, values)
    found = catalogue(language).get((one, other))
    forms = found.string if found is not None and not found.fuzzy and isinstance(found.string, tuple) else ()
    forms = forms if len(forms) == 2 and all(forms) else (one, other)
    # Of the languages of the interface, all but English count 0 and fractions below 2 as one.
    return _filled(forms[0] if abs(count) < 2 else forms[1], values)


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for a message that is said elsewhere
    """The message itself, marked for translation: what a table or a constant holds and `say` says later."""
    return message


@lru_cache(maxsize=4096)
def _translated(message: str, language: str) -> str:
    if language == "en":
        return message
    found = catalogue(language).get(message)
    return str(found.string) if found is not None and found.string and not found.fuzzy else message


def _filled(message: str, values: dict[str, object]) -> str:
    return message.format(**values) if values else message
