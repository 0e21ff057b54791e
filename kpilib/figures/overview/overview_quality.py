"""How good the data are: what was read, refused and left empty, up to when, and which questions they leave open."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from kpilib.compute.arrivals import arrivals_of
from kpilib.figures import company
from kpilib.figures.drivers import listed
from kpilib.language import N_
from kpilib.model.tables import TABLES
from kpilib.show.figure import Drawn
from kpilib.show.view import View
from kpilib.show.words import NOTHING, Words, low

_TABLE, _ROWS, _REFUSED, _NEWEST, _EMPTY = (
    N_("Table"), N_("Rows"), N_("Refused"), N_("Newest row"), N_("Wholly empty columns"),
)  # fmt: skip
_REFUSED_SAID = N_("Of {read} rows that were read, {refused} were refused ({share}).")
_ALL_TAKEN = N_("All {read} rows that were read were taken.")
_UNKNOWN = N_("These data were not imported here, so that nobody counted what was refused; they hold {rows} rows.")
_FULL = N_("Every figure of this page can be answered.")
_LACKING = N_("For want of tables or columns these figures cannot be answered: {names}.")
_AGE = N_("The data end on {day}.")
_NOTE = N_("A row that was taken is not thereby true. The filters do not change this.")


def quality(view: View, keys: Sequence[str]) -> Drawn:
    """What is known of the data: rows taken and refused by table, the newest row, empty columns, questions left open.

    Parameters
    ----------
    keys : sequence of str
        The KPIs of the page: those that these data cannot answer are named.
    """
    words, book = view.words, view.book
    read = _read(book)
    said = [_taken(book, read, words), words.say(_AGE, day=book.as_of.isoformat()), _answered(book, keys, words)]
    rows = sum(book.about.rows[name] for name in book.tables)
    return Drawn(" ".join(said), None, _table(book, read, words), rows, words.say(_NOTE), company.slice_(view))


def _taken(book: Any, read: Mapping[str, tuple[float, float]], words: Words) -> str:
    """How many rows were read, and how many of them refused."""
    if not read:
        return words.say(_UNKNOWN, rows=words.count(sum(book.about.rows[name] for name in book.tables)))
    every, refused = (sum(one[place] for one in read.values()) for place in (0, 1))
    if not refused:
        return words.say(_ALL_TAKEN, read=words.count(every))
    share = words.text(refused / every, "share")
    return words.say(_REFUSED_SAID, read=words.count(every), refused=words.count(refused), share=share)


def _answered(book: Any, keys: Sequence[str], words: Words) -> str:
    lacking = [low(words.say(book.kpis[key].name)) for key in keys if book.why_not(key)]
    return words.say(_LACKING, names=listed(lacking, words, 6)) if lacking else words.say(_FULL)


def _read(book: Any) -> dict[str, tuple[float, float]]:
    """Rows read and refused by table; empty where no import counted them."""
    return {table: (read, refused) for table, (read, refused) in arrivals_of(book)["refused"].items() if read}


def _table(book: Any, read: Mapping[str, tuple[float, float]], words: Words) -> pd.DataFrame:
    """A line a table of the model that these data have."""
    tables = [name for name in TABLES if name in book.tables]
    newest = arrivals_of(book)["tables"]
    frame = pd.DataFrame(
        {
            _TABLE: tables,
            _ROWS: [book.about.rows[name] for name in tables],
            _REFUSED: [words.count(read[name][1]) if name in read else NOTHING for name in tables],
            _NEWEST: [_day(newest.get(name)) for name in tables],
            _EMPTY: [_empty(book, name) for name in tables],
        }
    )
    frame.attrs["units"] = {_ROWS: "count"}
    return frame


def _day(arrived: Mapping[str, Any] | None) -> str:
    return date.fromisoformat(arrived["newest"]).isoformat() if arrived else NOTHING


def _empty(book: Any, name: str) -> str:
    """The model's columns of a table in which nothing stands."""
    columns = (column.name for column in TABLES[name].columns)
    return ", ".join(one for one in columns if book.about.filled.get(f"{name}.{one}") == 0) or NOTHING
