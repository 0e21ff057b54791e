"""A glossary's entry as HTML: what is told, the value now, the example as tables, the SQL."""

from __future__ import annotations

from typing import Any

from kpilib.catalogue.worked import TIMES, Example
from kpilib.language import N_
from kpilib.model.tables import TABLES
from kpilib.show.live import slot
from kpilib.show.markup import Html, element, join
from kpilib.show.words import Words

from . import told

_LINK = N_("Link to {kpi}")
_REPEATED = N_("Times")
_ROWS_OF = N_("Rows of “{table}”")


def article(kpi: Any, now: dict[str, Html], sql: Html, words: Words) -> Html:
    """One KPI: its names, question, value now, definition, other definitions, example and SQL."""
    entry = told.entry(kpi, words)
    return element(
        "article",
        _heading(kpi, entry, words),
        element("p", entry.question, _aside(told.other(kpi.question, words), words), class_="kpi-asks"),
        slot("div", f"{kpi.key}-now", now[f"{kpi.key}-now"], class_="kpi-now"),
        _terms(entry.lines, words),
        _others(kpi, now, words),
        _folded(words.say(told.EXAMPLE), _example(kpi, words)),
        _folded(words.say(told.SQL), sql, "kpi-query"),
        class_="kpi-entry",
        id=kpi.key,
        data_entry=_searched(kpi, entry, words),
        aria_labelledby=f"{kpi.key}-name",
    )


def _heading(kpi: Any, entry: told.Entry, words: Words) -> Html:
    link = element("a", "#", href=f"#{kpi.key}", class_="kpi-anchor", aria_label=words.say(_LINK, kpi=entry.name))
    name = element("h3", entry.name, class_="kpi-question", id=f"{kpi.key}-name")
    return element("div", name, _aside(entry.other_name, words), element("code", kpi.key), link, class_="kpi-head")


def _aside(text: str, words: Words) -> Html | None:
    """A text in the other language, marked as such for those who hear it."""
    return join(" ", element("span", text, lang=told.other_language(words), class_="kpi-other")) if text else None


def _terms(lines: tuple[tuple[str, str], ...], words: Words) -> Html:
    sums = words.say(told.SUMS)
    said = [(term, element("code", text) if term == sums else text) for term, text in lines]
    return element("dl", *(part for term, text in said for part in (element("dt", term), element("dd", text))))


def _others(kpi: Any, now: dict[str, Html], words: Words) -> Html | None:
    """The other definitions, each with its own value."""
    if not kpi.variants:
        return None
    listed = [_variant(variant, now[f"{variant.path}-now"], words) for variant in kpi.variants]
    return join(element("h4", words.say(told.OTHERS)), element("ul", *listed, class_="kpi-variants"))


def _variant(kpi: Any, now: Html, words: Words) -> Html:
    entry = told.entry(kpi, words)
    name = join(element("strong", entry.name), _aside(entry.other_name, words))
    value = slot("span", f"{kpi.path}-now", now, class_="kpi-variant-value")
    asks = element("p", entry.question)
    terms = _terms(entry.lines, words)
    return element("li", name, ": ", value, asks, terms, id=kpi.path, data_variant=kpi.path)


def _example(kpi: Any, words: Words) -> Html | None:
    """The rows, then how each definition counts them."""
    example = told.worked(kpi.key)
    if example is None:
        return None
    lines = []
    for definition in (kpi, *kpi.variants):
        answer = example.answers.get(definition.key if definition.of else "main")
        if answer is not None:
            name = element("strong", words.say(definition.name))
            lines.append(element("li", name, ": ", told.counted(definition, answer, words)))
    return join(*_tables(example, words), element("ul", *lines, class_="kpi-counted"))


def _tables(example: Example, words: Words) -> list[Html]:
    return [_table(name, rows, words) for name, rows in example.tables.items()]


def _table(name: str, rows: tuple[dict[str, str], ...], words: Words) -> Html:
    """The rows as they would stand in a file: the model's own column names, empty cells empty."""
    columns = list(rows[0])
    head = [element("th", words.say(_REPEATED) if one == TIMES else one, scope="col") for one in columns]
    body = [element("tr", *(element("td", row[one]) for one in columns)) for row in rows]
    caption = element("caption", words.say(_ROWS_OF, table=name))
    table = element("table", caption, element("thead", element("tr", *head)), element("tbody", *body),
                    class_="kpi-table kpi-few")  # fmt: skip
    said = words.say(_ROWS_OF, table=name)
    title = element("p", said, " – ", words.say(TABLES[name].label) if name in TABLES else "", class_="kpi-note")
    return join(title, element("div", table, class_="kpi-scroll", tabindex="0", role="group", aria_label=said))


def _folded(title: str, inside: Html | None, kind: str | None = None) -> Html | None:
    return element("details", element("summary", title), inside, class_=kind) if inside else None


def _searched(kpi: Any, entry: told.Entry, words: Words) -> str:
    """What the search field looks into: names, questions and keys in both languages, other definitions too."""
    texts = [kpi.key.replace("_", " "), kpi.key, entry.name, entry.other_name, entry.question]
    texts += [told.other(kpi.question, words), words.say(told.AXES.get(kpi.axis, kpi.axis))]
    for variant in kpi.variants:
        texts += [words.say(variant.name), told.other(variant.name, words)]
    return " ".join(text for text in texts if text)
