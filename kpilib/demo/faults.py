"""Faults for the scenario `dirty`: of every one that an import looks for, in 5 % of the rows of each table.

No row bears two. What makes an import refuse a row stands in a spoiled copy, added below the good rows, so that the
good ones stay and no key is lost; what makes it empty or flag a value is written over the value itself.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from kpilib.demo.days import Window
from kpilib.demo.draws import Draws, Flag, Whole
from kpilib.model.columns import Column, Table
from kpilib.model.tables import table

Cells = dict[str, list[str]]

#: One row in so many bears each fault.
ONE_IN = 20
_UNKNOWN, _UNREADABLE, _OFF_LIST, _OFF_SCALE, _FOREIGN = "Z99999", "unreadable", "unheard-of", "42", "USD"


@dataclass(frozen=True)
class Fault:
    """One check failed: the column it is about and what is written there.

    `added` tells a spoiled copy from a spoiled row. `filled`, `empty` and `member` say which rows can bear it. `also`
    is written into other columns; `after` is a date column and the days from it, instead of a fixed text.
    """

    check: str
    column: str
    text: str = ""
    added: bool = False
    filled: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()
    member: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    also: Mapping[str, str] = field(default_factory=dict)
    after: tuple[str, int] | None = None


def faults_of(of: Table, last: dt.date) -> list[Fault]:
    """Every fault that a table can have; `last` is the day the company is seen from."""
    found = [fault for column in of.columns for fault in _of_column(of, column)]
    found += [*_DECLARED.get(of.name, ()), *_future(of, last)]
    found += [Fault("duplicate", of.key, added=True), Fault("unparsed", "", added=True)]
    return found


def _of_column(of: Table, column: Column) -> Iterable[Fault]:
    """What the column's own declaration forbids."""
    name, refuses = column.name, not column.empty
    if refuses and not column.default:
        yield Fault("missing_key" if name == of.key else "missing", name, added=True)
    if column.type != "text":
        member = {"status": ("open",)} if (of.name, name) == ("opportunities", "closed_on") else {}
        yield Fault("unreadable", name, _UNREADABLE, added=refuses, member=member)
    if column.values:
        yield Fault("not_in_list", name, _OFF_LIST, added=refuses)
    if (column.low is not None or column.high is not None) and (of.name, name) != ("surveys", "score"):
        text = f"{column.low - 1:g}" if column.low is not None else f"{(column.high or 0) + 1:g}"
        yield Fault("out_of_bounds", name, text, added=refuses)
    if column.refers:
        yield Fault("orphan", name, _UNKNOWN)
    if name == "currency":
        yield Fault("other_currency", name, _FOREIGN, added=True)
        yield Fault("no_currency", name)


def _before(check: str, column: str, other: str) -> Fault:
    return Fault(check, column, filled=(column, other), after=(other, -3))


def _over(check: str, column: str, other: str) -> Fault:
    return Fault(check, column, filled=(column, other), after=(other, 10))


_DECLARED: dict[str, tuple[Fault, ...]] = {
    "customers": (Fault("lost_before_acquired", "churned_on", filled=("acquired_on",), after=("acquired_on", -3)),),
    "opportunities": (
        _before("close_before_creation", "closed_on", "created_on"),
        Fault("closed_without_date", "closed_on", member={"status": ("won", "lost")}),
        Fault("open_with_date", "closed_on", member={"status": ("open",)}, after=("created_on", 0)),
    ),
    "order_lines": (
        Fault("negative_quantity", "quantity", "-5", added=True, also={"revenue": "100"}),
        _before("delivered_before_order", "delivered_on", "ordered_on"),
    ),
    "invoices": (
        _before("paid_before_issue", "paid_on", "issued_on"),
        _before("due_before_issue", "due_on", "issued_on"),
    ),
    "surveys": (
        Fault("score_off_scale", "score", _OFF_SCALE, added=True, filled=("score",)),
        _before("answered_before_sent", "answered_on", "sent_on"),
    ),
    "tickets": (
        _before("replied_before_opened", "first_reply_at", "opened_at"),
        _before("resolved_before_opened", "resolved_at", "opened_at"),
    ),
    "leads": (_before("converted_before_created", "converted_on", "created_on"),),
    "campaigns": (
        _over("delivered_over_sent", "delivered", "sent"),
        _over("opened_over_delivered", "opened", "delivered"),
        _over("clicked_over_opened", "clicked", "opened"),
        _over("unsubscribed_over_delivered", "unsubscribed", "delivered"),
    ),
    "actions": (
        _before("ended_before_begun", "until", "done_on"),
        Fault("unknown_kpi", "kpi", _OFF_LIST, filled=("kpi",)),
        Fault("half_a_slice", "member", filled=("dimension", "member")),
    ),
}

#: Columns that may not lie in the future; what else a row must be, or must lose, to bear that fault and no other.
_PAST: dict[str, tuple[Fault, ...]] = {
    "customers": (Fault("future", "acquired_on", empty=("churned_on",)),),
    "opportunities": (
        Fault("future", "created_on", member={"status": ("open",)}),
        Fault("future", "closed_on", filled=("closed_on",)),
        Fault("future", "updated_on"),
    ),
    "stage_changes": (Fault("future", "entered_on"),),
    "opportunity_changes": (Fault("future", "changed_on"),),
    "activities": (Fault("future", "done_on"),),
    "order_lines": (Fault("future", "ordered_on", also={"delivered_on": ""}), Fault("future", "delivered_on")),
    "invoices": (Fault("future", "issued_on", also={"due_on": "", "paid_on": ""}), Fault("future", "paid_on")),
    "surveys": (
        Fault("future", "sent_on", empty=("answered_on",)),
        Fault("future", "answered_on", filled=("answered_on",)),
    ),
    "tickets": (
        Fault("future", "opened_at", also={"first_reply_at": "", "resolved_at": ""}),
        Fault("future", "first_reply_at"),
        Fault("future", "resolved_at"),
    ),
    "reviews": (Fault("future", "published_on"),),
    "leads": (Fault("future", "created_on", empty=("converted_on",)), Fault("future", "converted_on")),
}


def _future(of: Table, last: dt.date) -> Iterable[Fault]:
    day = (last + dt.timedelta(184)).isoformat()
    for fault in _PAST.get(of.name, ()):
        text = day + ("T09:00:00" if of.column(fault.column).type == "time" else "")
        also = {name: day if name == "due_on" else value for name, value in fault.also.items()}
        yield Fault(**{**vars(fault), "text": text, "also": also})


def spoiled(name: str, cells: list[list[str]], span: Window, draws: Draws) -> tuple[list[str], Counter[str]]:
    """The rows of a table as CSV lines, faults among them, and how many rows bear each, by `check|column`.

    `cells` holds the texts of each column, quoted as CSV wants them.
    """
    of = table(name)
    rows: Cells = dict(zip(of.names, cells, strict=True))
    last = dt.date(1970, 1, 1) + dt.timedelta(span.last)
    size, free = len(cells[0]), np.full(len(cells[0]), True)
    kinds: dict[str, list[Fault]] = defaultdict(list)
    for fault in faults_of(of, last):
        kinds[fault.check].append(fault)
    planned = [(fault, _quota(size, place, len(some))) for some in kinds.values() for place, fault in enumerate(some)]
    added: list[str] = []
    counted: Counter[str] = Counter()
    for fault, wanted in sorted(planned, key=lambda one: (not one[0].added, not _picky(one[0]))):
        at = _chosen(fault, wanted, rows, free, draws)
        added += [_copy(fault, rows, i) for i in at.tolist() if fault.added]
        if not fault.added:
            free[at] = False
            for i in at.tolist():
                for column, text in _texts(fault, rows, i).items():
                    rows[column][i] = text
        counted[f"{fault.check}|{fault.column}"] += len(at)
    return [*(",".join(row) + "\n" for row in zip(*rows.values(), strict=True)), *added], counted


def _quota(size: int, place: int, count: int) -> int:
    """The rows of one fault: those of its check shared out over the columns that can bear it, one at least."""
    whole = max(round(size / ONE_IN), 1) if size else 0
    return max(whole // count + (place < whole % count), 1) if size else 0


def _picky(fault: Fault) -> bool:
    return bool(fault.filled or fault.empty or fault.member)


def _chosen(fault: Fault, wanted: int, rows: Cells, free: Flag, draws: Draws) -> Whole:
    """Rows that can bear the fault; fewer than wanted where there are no more."""
    able = free.copy() if not fault.added else np.full(len(free), True)
    for column in fault.filled:
        able &= np.array([cell != "" for cell in rows[column]])
    for column in fault.empty:
        able &= np.array([cell == "" for cell in rows[column]])
    for column, members in fault.member.items():
        able &= np.array([cell in members for cell in rows[column]])
    found = np.flatnonzero(able)
    return np.sort(found[draws.shuffle(len(found))][:wanted])


def _texts(fault: Fault, rows: Cells, i: int) -> dict[str, str]:
    """What one row reads instead."""
    text = fault.text if fault.after is None else _moved(rows[fault.after[0]][i], fault.after[1])
    return {**({fault.column: text} if fault.column else {}), **fault.also}


def _moved(given: str, step: int) -> str:
    """So many days, or units, later."""
    if "-" not in given[1:]:
        return str(int(given) + step)
    day, _, time = given.partition("T")
    moved = (dt.date.fromisoformat(day) + dt.timedelta(step)).isoformat()
    return f"{moved}T{time}" if time else moved


def _copy(fault: Fault, rows: Cells, i: int) -> str:
    """A copy of a row with the fault in it, as a line of CSV."""
    row = {name: column[i] for name, column in rows.items()}
    if fault.check not in ("duplicate", "unparsed"):
        row.update(_texts(fault, rows, i))
    return ",".join([*row.values(), *(["surplus"] if fault.check == "unparsed" else [])]) + "\n"
