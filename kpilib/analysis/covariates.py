"""The terms of the models of leaving: what each is, of which kind, who can act on it, which table it is made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """One covariate, known before the month.

    `kind` is "flag" (0 or 1), "number" or "level"; `group` says what it is about; `under_control`, whether the company
    itself can act on it; `table`, the table without which it cannot be known.
    """

    key: str
    kind: str
    group: str
    under_control: bool
    table: str


_ALL = (
    Term("below", "flag", "experience", True, "surveys"),
    Term("incidents", "number", "experience", True, "tickets"),
    Term("tickets", "number", "experience", True, "tickets"),
    Term("slow", "flag", "experience", True, "tickets"),
    Term("late", "number", "payment", False, "invoices"),
    Term("new_owner", "flag", "life_cycle", False, "customer_changes"),
    Term("new_salesperson", "flag", "life_cycle", True, "customer_changes"),
    Term("first_renewal", "flag", "life_cycle", False, "customer_changes"),
    Term("segment", "level", "profile", False, "customers"),
    Term("no_score", "flag", "experience", False, "surveys"),
    Term("last_score", "number", "experience", True, "surveys"),
    Term("score_fall", "number", "experience", True, "surveys"),
    Term("tenure", "number", "profile", False, "customers"),
    Term("recency", "number", "orders", False, "order_lines"),
    Term("trend", "number", "orders", False, "order_lines"),
    Term("industry", "level", "profile", False, "customers"),
    Term("region", "level", "profile", False, "customers"),
)

#: Every term by key, the one that is given up last first: with few losses the last ones are left out.
TERMS: dict[str, Term] = {term.key: term for term in _ALL}

#: A score up to this one is low: the lower half of 0 to 10.
LOW = 5
#: Serious incidents beyond which one more counts no more.
MOST_INCIDENTS = 3
#: Months that tickets and changes of salesperson are looked back on; invoices and changes of owner.
SHORT, LONG = 3, 6
