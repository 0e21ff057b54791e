"""What a glossary says of a KPI, in one language, apart from its value: lines of text, in the order of reading.

The page, its plain text and ``kpi list`` say the same.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from kpilib.catalogue.worked import Answer, Example, examples
from kpilib.language import LANGUAGES, N_, of
from kpilib.show.words import Words

FORMULA, SUMS, BEWARE, SOURCE, GOOD, ASKED = (
    N_("In words"), N_("As sums"), N_("Beware"), N_("Source"), N_("Unit"), N_("Question"),
)  # fmt: skip
EXAMPLE, OTHERS, SQL, NOW = N_("On your fingers"), N_("Other definitions"), N_("As SQL"), N_("Now")
#: What the axes of the customer relation are called.
AXES = {
    "opportunities": N_("Opportunities"), "sales": N_("Sales"), "satisfaction": N_("Satisfaction"),
    "service": N_("Service"), "loyalty": N_("Loyalty"), "acquisition": N_("Acquisition"),
    "quality": N_("Data quality"), "territory": N_("Territory"),
}  # fmt: skip
_UNITS = {
    "count": N_("a count"), "money": N_("money"), "share": N_("a share"), "days": N_("days"), "hours": N_("hours"),
    "score": N_("points"), "ratio": N_("a ratio"), "money/day": N_("money a day"),
    "months": N_("months"),
}  # fmt: skip
_HIGHER, _LOWER = N_("{unit}; higher is better"), N_("{unit}; lower is better")
_START, _END = N_("taken at the period's start"), N_("taken at the period's end")
_YOUNG = N_("a row is judged after {days} days")
_LINE = N_("{n} ÷ {d} = {value}")
_SAID = N_("{why} {line}")


class Entry(NamedTuple):
    """What is told of one definition: pairs of term and text, in the reader's language."""

    name: str
    other_name: str
    question: str
    lines: tuple[tuple[str, str], ...]


def entry(kpi: Any, words: Words) -> Entry:
    """A definition in the reader's language; its name in the other one beside it, where that differs."""
    say = words.say
    lines = [
        (say(FORMULA), say(kpi.words) if kpi.words else ""),
        (say(SUMS), kpi.formula),
        (say(GOOD), unit(kpi, words)),
        (say(BEWARE), say(kpi.caveat) if kpi.caveat else ""),
        (say(SOURCE), kpi.source),
    ]
    return Entry(
        say(kpi.name), other(kpi.name, words), say(kpi.question), tuple((term, text) for term, text in lines if text)
    )


def other(message: str, words: Words) -> str:
    """A message in the other language of the interface; empty text where it is the same there."""
    mine = of(words.locale)
    found = Words(words.currency, next(one for one in LANGUAGES if one != mine)).say(message)
    return "" if found == words.say(message) else found


def other_language(words: Words) -> str:
    """The other language's code."""
    return next(one for one in LANGUAGES if one != of(words.locale))


def unit(kpi: Any, words: Words) -> str:
    """The unit, which way is good, when it is taken, when a row has told what it has to tell."""
    say = words.say
    said = [say(_HIGHER if kpi.better == "higher" else _LOWER, unit=say(_UNITS.get(kpi.unit, kpi.unit)))]
    if kpi.at != "flow":
        said.append(say(_START if kpi.at == "start" else _END))
    if kpi.matures:
        said.append(say(_YOUNG, days=words.count(kpi.matures)))
    return "; ".join(said)


def worked(key: str) -> Example | None:
    """The example of a KPI; None where nobody has written one."""
    return examples().get(key)


def counted(kpi: Any, answer: Answer, words: Words) -> str:
    """How one counts, and the line: "30 of the 80 are won. 30 ÷ 80 = 37.5%"."""
    return words.say(_SAID, why=words.say(answer.why), line=line(kpi, answer, words))


def line(kpi: Any, answer: Answer, words: Words) -> str:
    """The division: "30 ÷ 80 = 37.5%"; the value alone where nothing is divided."""
    value = words.text(answer.value, kpi.unit)
    if answer.n is None or answer.d is None:
        return f"= {value}"
    return words.say(_LINE, n=number(answer.n, words), d=number(answer.d, words), value=value)


def number(value: float, words: Words) -> str:
    """A number of an example, with the decimals that it has."""
    return words.count(value) if value == round(value) else words.text(value, "score")


def plain(kpi: Any, words: Words) -> str:
    """An entry as lines of text: the main definition, the others, the example."""
    told = entry(kpi, words)
    head = f"{told.name} · {told.other_name}" if told.other_name else told.name
    lines = [f"{head} ({kpi.key})", told.question, *(f"  {term}: {text}" for term, text in told.lines)]
    example = worked(kpi.key)
    if example is not None and "main" in example.answers:
        lines.append(f"  {words.say(EXAMPLE)}: {counted(kpi, example.answers['main'], words)}")
    for variant in kpi.variants:
        lines += _variant(variant, example, words)
    return "\n".join(lines)


def _variant(kpi: Any, example: Example | None, words: Words) -> list[str]:
    told = entry(kpi, words)
    lines = [f"  {kpi.path} – {told.name}: {told.question}", *(f"    {term}: {text}" for term, text in told.lines)]
    if example is not None and kpi.key in example.answers:
        lines.append(f"    {words.say(EXAMPLE)}: {counted(kpi, example.answers[kpi.key], words)}")
    return lines
