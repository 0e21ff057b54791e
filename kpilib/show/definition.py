"""What exactly a KPI is, behind the "i" of its tile: question, definition, other definitions, SQL, caveat."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from kpilib.errors import KpilibError
from kpilib.language import N_

from .figure import counted_said
from .markup import Html, element, join
from .words import Words, missing

if TYPE_CHECKING:
    from .view import View

_QUESTION, _SQL, _BEWARE = N_("Question"), N_("As SQL, for the rows shown"), N_("Beware")
_OTHERS, _SOURCE, _WORDS = N_("Other definitions"), N_("Source"), N_("In words")
_UNKNOWN = N_("What is not known")
#: The page on which every KPI has an entry, with its key as the anchor.
GLOSSARY = "90_glossary.ipynb"


@lru_cache(maxsize=512)
def folded(kpi: Any, words: Words) -> Html:
    """The "i" that opens what is told of a KPI.

    What takes time (its SQL, the values of its other definitions) is left out: `told` has all of it, and takes the
    place of what stands in ``.kpi-about`` when it is opened. The empty ``<pre data-sql>`` says that it has not yet.
    """
    label = words.say("About {kpi}", kpi=words.say(kpi.name))
    summary = element("summary", "i", aria_label=label, title=label)
    pending = element("pre", data_sql=kpi.key)
    about = element("div", _described(kpi, words, None), pending, class_="kpi-about", data_about=kpi.key)
    return element("details", summary, about, class_="kpi-info", data_menu=True)


def told(view: "View", key: str) -> Html:
    """All that is told of a KPI for a view: what stands in ``.kpi-about`` once it is opened."""
    kpi, words = view.book.kpis[key], view.words
    try:
        sql = view.book.sql(key, where=dict(view.where) or None, since=view.since, until=view.until)
    except KpilibError as error:
        return join(_described(kpi, words, view), element("p", str(error), class_="kpi-why"))
    return join(_described(kpi, words, view), element("h4", words.say(_SQL)), element("pre", sql, class_="kpi-sql"))


def _described(kpi: Any, words: Words, view: "View | None") -> Html:
    """The list of what is known of a KPI; with the values of its other definitions where a view is given."""
    others = [_variant(one, words, view) for one in kpi.variants]
    entries = [
        (_QUESTION, words.say(kpi.question)),
        (_WORDS, kpi.words and words.say(kpi.words)),
        *_computed(kpi),
        (_OTHERS, element("ul", *others) if others else ""),
        (_BEWARE, kpi.caveat and words.say(kpi.caveat)),
        (_UNKNOWN, kpi.undecided and words.say(kpi.undecided.why)),
        (_SOURCE, kpi.source),
    ]
    parts = [part for term, what in entries if what for part in (element("dt", words.say(term)), element("dd", what))]
    return join(element("dl", *parts), _entry(kpi, words))


def _entry(kpi: Any, words: Words) -> Html:
    """The way to the glossary's entry; the page's script writes the choice in force into it."""
    said = words.say("“{kpi}” in the glossary, with an example", kpi=words.say(kpi.name))
    link = element("a", said, href=f"{GLOSSARY}#{kpi.key}", data_shared=True)
    return element("p", link, class_="kpi-deeper")


def _computed(kpi: Any) -> list[tuple[str, object]]:
    """How the number comes about: a ratio of sums, a product of other KPIs, or an estimate."""
    if kpi.discount:
        return [(N_("Worked out as"), element("code", kpi.formula))]
    if kpi.powers:
        times = " × ".join(f"{part}{'' if power == 1 else f'^{power}'}" for part, power in kpi.powers)
        return [(N_("Product of"), element("code", times))]
    if kpi.estimator:
        return [(N_("Estimated by"), element("code", kpi.estimator)), (N_("Over"), element("code", kpi.table))]
    below = element("code", kpi.denominator) if kpi.denominator else ""
    return [
        (N_("Sum of"), element("code", kpi.numerator)),
        (N_("Divided by the sum of"), below),
        (N_("Over"), element("code", kpi.table)),
    ]


def _variant(kpi: Any, words: Words, view: "View | None") -> Html:
    """Another definition: its name, its value on the rows shown, its question and formula, where it comes from."""
    value = None if view is None else element("span", _value(kpi, view), class_="kpi-variant-value")
    parts = [
        element("strong", words.say(kpi.name)),
        None if value is None else join(": ", value),
        element("br"),
        join(words.say(kpi.question), " ", element("code", kpi.formula)),
        join(" ", words.say(kpi.caveat)) if kpi.caveat else None,
        join(" ", words.say("Source: {source}", source=kpi.source)) if kpi.source else None,
    ]
    return element("li", *parts, data_variant=kpi.path)


def _value(kpi: Any, view: "View") -> str:
    try:
        row = view.kpi(kpi.of, variant=kpi.key).iloc[0]
    except KpilibError as error:
        return str(error)
    words = view.words
    if not row["rows"] or missing(row["value"]):
        return words.text(None, kpi.unit)
    value, rows = words.text(row["value"], kpi.unit), counted_said(kpi, int(row["rows"]), view)
    between = words.interval(row["low"], row["high"], kpi.unit)
    if between:
        return words.say("{value} ({interval}), {rows}", value=value, interval=between, rows=rows)
    return words.say("{value}, {rows}", value=value, rows=rows)
