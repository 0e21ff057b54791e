"""The panel of the invoices: what fell due, what was paid on time, how late the rest was or is."""

from __future__ import annotations

from kpilib.model.scope import CUSTOMER, OWNER, Scope, dimension_columns, select

INVOICE_DIMENSIONS = (*CUSTOMER, *OWNER, "source", "currency")


def invoices(scope: Scope, need: frozenset[str]) -> str:
    """One row an invoice; what was paid after `as_of` is not paid yet.

    `days_from_due` is negative where it was paid before it was due; `days_late` is then 0. Both are empty until it is
    paid. `days_so_far` counts an unpaid one's days past due until today.
    """
    keys = {"customers": "i.customer_id", "salespeople": "c.owner_id"}
    own = {"source": "c.source", "currency": "i.currency"}
    asked = need | {"+customers"} if "source" in need else need
    dimensions, joins = dimension_columns(scope, asked, INVOICE_DIMENSIONS, keys, own)
    days = "date_diff('day', i.due_on, i.paid_on)"
    waited = f"date_diff('day', i.due_on, {scope.today()})"
    columns = [
        "i.invoice_id", "i.customer_id", "i.issued_on", "i.due_on", "i.paid_on", "i.amount",
        f"i.due_on < {scope.today()} AS fell_due",
        "(i.paid_on IS NOT NULL AND i.paid_on <= i.due_on) AS on_time",
        f"{days} AS days_from_due",
        f"CASE WHEN {days} < 0 THEN 0 ELSE {days} END AS days_late",
        f"CASE WHEN i.paid_on IS NULL THEN (CASE WHEN {waited} > 0 THEN {waited} ELSE 0 END) "
        f"WHEN {days} < 0 THEN 0 ELSE {days} END AS days_so_far",
    ]  # fmt: skip
    rows = (
        "(SELECT invoice_id, customer_id, issued_on, due_on, amount, currency, "
        f"CASE WHEN paid_on <= {scope.today()} THEN paid_on END AS paid_on "
        f"FROM {scope.source('invoices')} AS invoices WHERE issued_on <= {scope.today()}) AS i"
    )
    return select([*columns, *dimensions], f"  FROM {rows}{joins}")
