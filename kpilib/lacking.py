"""What some data lack of a KPI, said in a sentence: a table, a column, a word of a column; the glossary with it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from kpilib.about import About
from kpilib.catalogue import Kpi, get
from kpilib.errors import CannotAnswer
from kpilib.language import N_, say
from kpilib.model.panels import panel

_NO_TABLE = N_("{kpi} needs the table '{table}', which these data do not have.")
_NO_TABLES = N_("{kpi} needs the table '{table}' or '{other}', which these data do not have.")
_EMPTY = N_("{kpi} needs the column '{column}' of '{table}', which is empty in these data.")
_NO_WORD = N_("{kpi} needs rows of '{table}' whose '{column}' is '{word}', which these data do not have.")
_STAY = N_(
    "{kpi} cannot be given: in none of the {rows} customer-months did a customer leave, so they may stay for good. "
    "Take a longer period or more customers."
)
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
    if base and not rows.get(base):
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


def glossary(kpis: Mapping[str, Kpi], about: About) -> pd.DataFrame:
    """Every definition, one a line, variants after their main one; `missing` says what these data lack of it."""
    lines = []
    for key, main in kpis.items():
        missing = why_not(main, kpis, about)
        for kpi in (main, *main.variants):
            lines.append(
                {
                    "key": key, "variant": kpi.key if kpi.of else "", "name": kpi.name, "question": kpi.question,
                    "words": kpi.words, "formula": kpi.formula, "table": kpi.table, "when": kpi.when, "unit": kpi.unit,
                    "better": kpi.better, "caveat": kpi.caveat, "source": kpi.source, "axis": kpi.axis,
                    "missing": missing,
                }
            )  # fmt: skip
    return pd.DataFrame(lines)


def refuse_stayers(kpi: Kpi, leaving: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
    """A value over a lifetime is none where nobody left: `CannotAnswer` says so where it is none of any group."""
    rows = int(np.nansum(leaving["rows"]))
    if rows and np.isnan(answer["value"]).all() and not np.nansum(leaving["numerator"]):
        counted = f"{rows:,}"
        raise CannotAnswer(_stays(kpi, counted, "en"), kpi.key, partial(_stays, kpi, counted))


def _stays(kpi: Kpi, rows: str, locale: str) -> str:
    return say(_STAY, locale, kpi=say(kpi.name, locale), rows=rows)
