"""What the interface says, collected for translation: from the code, the templates, the catalogue and the notebooks.

`make messages` writes the new ones into ``kpilib/locale/fr.po``, keeps what is translated, and takes out what nobody
says any more. A translator fills in the empty `msgstr`; a test fails while one is left.
"""

import ast
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "kpilib" / "locale" / "fr.po"
#: A message, or its singular and plural; and where it is said.
Message = tuple[str | tuple[str, str], str]


def messages() -> dict[str | tuple[str, str], list[str]]:
    """Every message with the places that say it, in the order of the places."""
    found: dict[str | tuple[str, str], list[str]] = {}
    for message, place in (*_code(), *_templates(), *_catalogue(), *_model(), *_notebooks()):
        places = found.setdefault(message, [])
        if message and place not in places:
            places.append(place)
    return {message: places for message, places in found.items() if message}


def _code() -> Iterator[Message]:
    for file in sorted((ROOT / "kpilib").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                for message in _said(node):
                    yield message, file.relative_to(ROOT).as_posix()


def _said(call: ast.Call) -> Iterator[str | tuple[str, str]]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    texts = [arg.value if isinstance(arg, ast.Constant) and isinstance(arg.value, str) else None for arg in call.args]
    if name in ("say", "N_", "_") and texts and texts[0]:
        yield texts[0]
    elif name == "plural" and len(texts) >= 3 and texts[1] and texts[2]:
        yield texts[1], texts[2]


def _templates() -> Iterator[Message]:
    for file in sorted((ROOT / "kpilib" / "serve" / "templates").rglob("*")):
        if file.suffix in (".html", ".j2"):
            options = {"silent": "false", "newstyle_gettext": "true"}
            for _, message, *_rest in extract_from_file("jinja2.ext:babel_extract", str(file), options=options):
                yield str(message), file.relative_to(ROOT).as_posix()


def _catalogue() -> Iterator[Message]:
    from kpilib.catalogue import CATALOGUE, worked

    for key, main in CATALOGUE.items():
        for kpi in (main, *main.variants):
            for text in (kpi.name, kpi.question, kpi.caveat):
                yield text, f"catalogue: {key}"
            if kpi.undecided is not None:
                yield (kpi.undecided.one, kpi.undecided.many), f"catalogue: {key}"
                yield kpi.undecided.why, f"catalogue: {key}"
        yield from ((text, f"catalogue: {key}, example") for text in worked.texts(key))


def _model() -> Iterator[Message]:
    from kpilib.model.dimensions import CALLED, DIMENSIONS, NOT_GIVEN
    from kpilib.model.tables import TABLES

    yield NOT_GIVEN, "model"
    for dimension in DIMENSIONS.values():
        yield dimension.label, "model: dimensions"
    for words in CALLED.values():
        yield from ((word, "model: dimensions") for word in words.values())
    for table in TABLES.values():
        for column in table.columns:
            yield column.label, f"model: {table.name}"


def _notebooks() -> Iterator[Message]:
    from kpilib.serve.gallery import cards

    folder = ROOT / "notebooks"
    for card in cards(folder):
        yield from ((text, f"notebooks/{card.path}") for text in (card.title, card.question) if text)
        for cell in json.loads((folder / card.path).read_text(encoding="utf-8"))["cells"]:
            source = "".join(cell["source"])
            if "lab" in cell["metadata"].get("tags", []):
                continue
            if cell["cell_type"] == "markdown":
                yield source, f"notebooks/{card.path}"
            else:
                yield from ((question, f"notebooks/{card.path}") for question in _questions(source))


def _questions(source: str) -> Iterator[str]:
    """The headings that a cell gives its figures."""
    plain = re.sub(r"^\s*[%!].*$", "", source, flags=re.MULTILINE)
    for node in ast.walk(ast.parse(plain)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("figure", "found")
        ):
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def written() -> Catalog:
    """The French catalogue as it is."""
    if not FILE.exists():
        return Catalog(locale="fr", project="kpilib", charset="utf-8")
    with FILE.open("rb") as opened:
        return read_po(opened, locale="fr")


def merged() -> Catalog:
    """The French catalogue with every message of today, the translations it has, and nothing else."""
    old, new = written(), Catalog(locale="fr", project="kpilib", charset="utf-8", fuzzy=False)
    for message, places in messages().items():
        known = old.get(message)
        new.add(message, known.string if known is not None else None, locations=[(place, None) for place in places[:3]])
    new.revision_date = new.creation_date = old.creation_date
    return new


def untranslated() -> list[str]:
    """The messages that have no French yet."""
    catalogue = merged()
    return [
        str(message.id)
        for message in catalogue
        if message.id and not (all(message.string) if isinstance(message.string, tuple) else message.string)
    ]


def main() -> int:
    """Write the catalogue; say what is left to translate."""
    catalogue = merged()  # reads the file, so before it is opened for writing
    with FILE.open("wb") as opened:
        write_po(opened, catalogue, width=118, omit_header=False, sort_by_file=False)
    left = untranslated()
    print(f"{FILE.relative_to(ROOT)}: {len(messages())} messages, {len(left)} without a translation.")
    for message in left:
        print(" ", message.splitlines()[0][:110] if message else "")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
