"""Every check that an import makes, each declared once: a sentence, a condition in SQL, and what is done.

A row check is a condition over one row; it is computed while the row is read. What needs other rows or other tables
(a second row with the same key, an unknown key) is named here and counted in `rows.py`. Nothing here touches data.
"""

from dataclasses import dataclass
from typing import Literal

from kpilib.catalogue import CATALOGUE
from kpilib.model.columns import Column, Table
from kpilib.model.shared import SCALES
from kpilib.model.tables import TABLES

#: refused: the row is left out; emptied: the row stays, the value does not; kept: both stay and the row is flagged.
Action = Literal["refused", "emptied", "kept"]


@dataclass(frozen=True)
class Check:
    """One check of one table.

    `bad` is true of a row that fails it. It is written over the row's typed columns; a column that ends in `_given`
    says whether the source wrote anything there, and `_read` is the value before checks emptied it.
    """

    name: str
    sentence: str
    table: str
    column: str
    bad: str
    action: Action


#: Dates and times that tell of something that has happened: the latest of them is "today" unless one is given.
FACTS: dict[str, tuple[str, ...]] = {
    "customers": ("acquired_on",),
    "opportunities": ("created_on", "closed_on", "updated_on"),
    "stage_changes": ("entered_on",),
    "opportunity_changes": ("changed_on",),
    "activities": ("done_on",),
    "order_lines": ("ordered_on", "delivered_on"),
    "invoices": ("issued_on", "paid_on"),
    "surveys": ("sent_on", "answered_on"),
    "tickets": ("opened_at", "first_reply_at", "resolved_at"),
    "reviews": ("published_on",),
    "leads": ("created_on", "converted_on"),
}

DUPLICATE = "a second row with the same key"
ORPHAN = "an unknown key: no row of {table} has it"
UNPARSED = "a line that could not be split into its columns"
FUTURE = "later than the day of the figures"
NO_CURRENCY = "no currency given: taken as {currency}"
OTHER_CURRENCY = "another currency than {currency}, and no rate for it: give one, e.g. --rate USD=0.92"

_OFF_SCALE = " OR ".join(
    f"(metric = '{metric}' AND NOT score_read BETWEEN {low} AND {high})" for metric, (low, high) in SCALES.items()
)


_KEYS = ", ".join(f"'{key}'" for key in CATALOGUE)


def _kept(name: str, sentence: str, table: str, column: str, bad: str) -> Check:
    return Check(name, sentence, table, column, bad, "kept")


def _refused(name: str, sentence: str, table: str, column: str, bad: str) -> Check:
    return Check(name, sentence, table, column, bad, "refused")


#: The checks that are about a meaning, not about a column's type.
DECLARED: tuple[Check, ...] = (
    _refused("score_off_scale", "a score off its scale", "surveys", "score", _OFF_SCALE),
    _refused("negative_quantity", "a negative quantity that is not a return", "order_lines", "quantity",
             "quantity < 0 AND revenue > 0"),
    _kept("lost_before_acquired", "lost before it was acquired", "customers", "churned_on", "churned_on < acquired_on"),
    _kept("close_before_creation", "closed before it was created", "opportunities", "closed_on",
          "closed_on < created_on"),
    _kept("closed_without_date", "won or lost without a closing date", "opportunities", "closed_on",
          "status IN ('won', 'lost') AND closed_on IS NULL"),
    _kept("open_with_date", "open but with a closing date", "opportunities", "closed_on",
          "status = 'open' AND closed_on IS NOT NULL"),
    _kept("delivered_before_order", "delivered before it was ordered", "order_lines", "delivered_on",
          "delivered_on::DATE < ordered_on"),
    _kept("paid_before_issue", "paid before it was issued", "invoices", "paid_on", "paid_on < issued_on"),
    _kept("due_before_issue", "due before it was issued", "invoices", "due_on", "due_on < issued_on"),
    _kept("answered_before_sent", "answered before it was sent", "surveys", "answered_on", "answered_on < sent_on"),
    _kept("replied_before_opened", "answered before it was opened", "tickets", "first_reply_at",
          "first_reply_at < opened_at"),
    _kept("resolved_before_opened", "resolved before it was opened", "tickets", "resolved_at",
          "resolved_at < opened_at"),
    _kept("converted_before_created", "converted before it was created", "leads", "converted_on",
          "converted_on < created_on"),
    _kept("delivered_over_sent", "more e-mails delivered than sent", "campaigns", "delivered", "delivered > sent"),
    _kept("opened_over_delivered", "more e-mails opened than delivered", "campaigns", "opened", "opened > delivered"),
    _kept("clicked_over_opened", "more e-mails clicked than opened", "campaigns", "clicked", "clicked > opened"),
    _kept("unsubscribed_over_delivered", "more unsubscribed than delivered", "campaigns", "unsubscribed",
          "unsubscribed > delivered"),
    _kept("ended_before_begun", "ended before it was begun", "actions", "until", "until < done_on"),
    _kept("unknown_kpi", "no KPI of the catalogue", "actions", "kpi", f"kpi NOT IN ({_KEYS})"),
    _kept("half_a_slice", "a dimension without a member, or a member without its dimension", "actions", "member",
          "(dimension IS NULL) <> (member IS NULL)"),
)  # fmt: skip


def row_checks(table: Table, currency: str, as_of: str = "") -> list[Check]:
    """All row checks of a table: those of its columns' types, those declared, refusals first.

    Parameters
    ----------
    table : Table
    currency : str
        The reporting currency; rows of another one without a rate come with an empty `rate` column.
    as_of : str, optional
        The day of the figures (ISO). Without it nothing is later than it, since it is then the latest day there is.
    """
    found = [check for column in table.columns for check in _of_column(table, column)]
    found += [check for check in DECLARED if check.table == table.name]
    if "currency" in table.names:
        found += _of_currency(table, currency)
    if as_of:
        found += [
            _kept("future", FUTURE, table.name, c, f"{c}::DATE > DATE '{as_of}'") for c in FACTS.get(table.name, ())
        ]
    return sorted(found, key=lambda check: check.action != "refused")


def _of_currency(table: Table, currency: str) -> list[Check]:
    other = OTHER_CURRENCY.format(currency=currency)
    none = NO_CURRENCY.format(currency=currency)
    return [
        _refused("other_currency", other, table.name, "currency", "rate IS NULL"),
        _kept("no_currency", none, table.name, "currency", "currency_wanted AND NOT currency_given"),
    ]


def _of_column(table: Table, column: Column) -> list[Check]:
    """Missing, unreadable, not in the list, out of bounds: what the column's own declaration says."""
    name, action = column.name, "emptied" if column.empty else "refused"
    is_key = name == table.key
    found = []
    if not column.empty:
        sentence = "a missing key" if is_key else f"no {name}, which may not be empty"
        found.append(_refused("missing_key" if is_key else "missing", sentence, table.name, name,
                              f"{name} IS NULL AND NOT {name}_given"))  # fmt: skip
    if column.type != "text":
        sentence = f"not readable as {_WORDS[column.type]}"
        bad = f"{name}_read IS NULL AND {name}_given"
        found.append(Check("unreadable", sentence, table.name, name, bad, action))  # type: ignore[arg-type]
    if column.values:
        sentence = f"not one of {', '.join(column.values)}"
        bad = f"{name}_read NOT IN ({', '.join(_quoted(v) for v in column.values)})"
        found.append(Check("not_in_list", sentence, table.name, name, bad, action))  # type: ignore[arg-type]
    if bounds(column) and not (table.name == "surveys" and name == "score"):
        sentence = f"outside {_range(column)}"
        found.append(Check("out_of_bounds", sentence, table.name, name, bounds(column), action))  # type: ignore[arg-type]
    return found


_WORDS = {
    "date": "a date",
    "time": "a time",
    "whole": "a whole number",
    "number": "a number",
    "money": "an amount",
    "share": "a share",
}


def bounds(column: Column) -> str:
    """The condition that a value is out of the column's bounds ('' where it has none)."""
    sides = []
    if column.low is not None:
        sides.append(f"{column.name}_read < {column.low}")
    if column.high is not None:
        sides.append(f"{column.name}_read > {column.high}")
    return " OR ".join(sides)


def _range(column: Column) -> str:
    if column.high is None:
        return f"its range ({column.low:g} or more)"
    return f"its range ({column.low:g} to {column.high:g})"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def all_checks() -> list[Check]:
    """Every row check of every table, for the documentation and the tests."""
    return [check for table in TABLES.values() for check in row_checks(table, "EUR", "2026-01-01")]
