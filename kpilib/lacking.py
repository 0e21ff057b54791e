"""What some data lack of a KPI, said in a sentence: a table, a column, a word of a column."""

from __future__ import annotations

from collections.abc import Mapping

from kpilib.about import About
from kpilib.catalogue import Kpi, get
from kpilib.language import N_, say
from kpilib.model.panels import panel

_NO_TABLE = N_("{kpi} needs the table '{table}', which these data do not have.")
_NO_TABLES = N_("{kpi} needs the table '{table}' or '{other}', which these data do not have.")
_EMPTY = N_("{kpi} needs the column '{column}' of '{table}', which is empty in these data.")
_NO_WORD = N_("{kpi} needs rows of '{table}' whose '{column}' is '{word}', which these data do not have.")
_WORTH = N_("It would say: {question}")


def why_not(kpi: Kpi, among: Mapping[str, Kpi], about: About, locale: str = "en", variant: str | None = None) -> str:
    """Why a KPI, or a variant of it, cannot be answered on these data; "" where it can.

    Parameters
    ----------
    kpi : Kpi
        The main definition; a variant needs what it needs, and what the variant needs beside that.
    among : mapping
        The KPIs that a derived one is made of, by key.
    about : About
        What the data have.
    locale, variant : str
        The reader's language; the name of the variant.
    """
    if kpi.derived:
        parts = (why_not(get(part, among=dict(among)), among, about, locale) for part, _ in kpi.powers)
        return next((reason for reason in parts if reason), "")
    said, named = _lacking(kpi, about)
    if not said and variant:
        kpi = kpi.variant(variant)
        said, named = _lacking(kpi, about)
    if not said:
        return ""
    reason = say(said, locale, kpi=say(kpi.name, locale), **named)
    return f"{reason} {say(_WORTH, locale, question=say(kpi.question, locale))}"


def _lacking(kpi: Kpi, about: About) -> tuple[str, dict[str, str]]:
    """The sentence for what these data lack of a KPI, and what it names; empty text where they lack nothing."""
    base, rows = panel(kpi.table).base, about.rows
    if not rows.get(base):
        return _NO_TABLE, {"table": base}
    if kpi.needs and not any(rows.get(name) for name in kpi.needs):
        first, *others = kpi.needs
        return (_NO_TABLES, {"table": first, "other": others[0]}) if others else (_NO_TABLE, {"table": first})
    for field in kpi.fields:
        if not about.filled.get(field):
            table, column = field.split(".")
            column, _, word = column.partition("=")
            return (_NO_WORD if word else _EMPTY), {"column": column, "table": table, "word": word}
    return "", {}
