"""How dates and decimals are written: what a column proves, what its neighbours prove, what was said; else a question.

03/04/2026 alone proves nothing; 23/04/2026 in any row does, for its column, and then for the other columns of its file.
The same holds for 1.234 and 1,234.
"""

from typing import Any

import duckdb

from kpilib.errors import BadInput
from kpilib.model.columns import Type
from kpilib.model.tables import TABLES
from kpilib.sources import values
from kpilib.sources.matching import Match, Place, label
from kpilib.sources.parts import Choice
from kpilib.sources.values import Decision

#: What a decision's words prove.
_PROOF = {"day first": "dmy", "month first": "mdy", "decimal comma": ",", "decimal point": "."}
_DATES: tuple[Type, ...] = ("date", "time")
_HOW = {True: "--dates dmy or --dates mdy (dates='dmy')", False: "--decimal , or --decimal . (decimal=',')"}
_NAMED = {"dmy": "day first", "mdy": "month first", ",": "with a decimal comma", ".": "with a decimal point"}


class Orders:
    """How the columns of an import are read, decided once each; `notes` says where a neighbour had to help.

    Parameters
    ----------
    dates, decimal : str
        What to use where nothing in the file proves it ('' for nothing).
    """

    def __init__(self, dates: str, decimal: str) -> None:
        self.said = {True: dates, False: decimal}
        self.notes: list[str] = []
        self._proof: dict[tuple[str, bool], dict[str, str]] = {}
        self._seen: dict[tuple[str, str, str, str], Decision] = {}

    def learn(self, con: duckdb.DuckDBPyConnection, found: list[Match]) -> None:
        """Look at every column before any is read: what is proved, and by which column of which file."""
        for match in found:
            for column in TABLES[match.source.table].columns:
                for choice, place in match.choices(column.name):
                    kind = read_as(column.type, choice, place, match) if place else "text"
                    if place is not None and kind != "text" and not _said(choice, match, kind in _DATES):
                        staged = match.lookups[place.lookup][1] if place.lookup else match.staged
                        looked = self._look(con, staged.table, place.column, kind, "")
                        self._remember(staged, place.column, kind, looked)

    def _remember(self, staged: Any, column: str, kind: Type, decided: Decision) -> None:
        for words, sign in _PROOF.items():
            if words in decided.format.split("; ") and not decided.question:
                self._proof.setdefault((staged.table, kind in _DATES), {}).setdefault(sign, f"{label(staged)}.{column}")

    def decide(
        self, con: duckdb.DuckDBPyConnection, staged: Any, column: str, kind: Type, choice: Choice, match: Match
    ) -> Decision:
        """How a column is read.

        Raises
        ------
        BadInput
            Where its dates or decimals may be read in two ways and nothing tells which.
        """
        is_date = kind in _DATES
        decided = self._look(con, staged.table, column, kind, _said(choice, match, is_date))
        if not decided.question:
            return decided
        sign, by = self._proved(staged.table, is_date)
        if not sign:
            raise BadInput(f"{label(staged)}, {decided.question} On the command line: {_HOW[is_date]}.")
        note = f"{label(staged)}, column {column!r}: its rows do not prove how it is read; read {_NAMED[sign]}, {by}"
        if note not in self.notes:
            self.notes.append(note)
        return self._look(con, staged.table, column, kind, sign)

    def _proved(self, table: str, is_date: bool) -> tuple[str, str]:
        """What the file proves, else what was said, else what all the other files prove."""
        mine = self._proof.get((table, is_date), {})
        if len(mine) == 1:
            sign, column = next(iter(mine.items()))
            return sign, f"as {column} proves"
        if self.said[is_date]:
            return self.said[is_date], "as was said"
        others = {sign: c for (_, dated), proof in self._proof.items() if dated == is_date for sign, c in proof.items()}
        if len(others) == 1:
            sign, column = next(iter(others.items()))
            return sign, f"as {column} proves"
        return "", ""

    def _look(self, con: duckdb.DuckDBPyConnection, table: str, column: str, kind: Type, sign: str) -> Decision:
        key = (table, column, kind, sign)
        if key not in self._seen:
            answer = {"order": sign} if kind in _DATES else {"decimal": sign}
            given = answer if sign and kind != "text" else {}
            self._seen[key] = values.decide(con, table, column, kind, **given)
        return self._seen[key]


def read_as(kind: Type, choice: Choice, place: Place, match: Match) -> Type:
    """As what a place is read for a column of that type: what is counted as text, what is scaled as a number."""
    if choice.take == "count" or (place.lookup and match.lookups[place.lookup][0].take == "count"):
        return "text"
    return "number" if choice.scale != 1 or choice.months_before else kind


def _said(choice: Choice, match: Match, is_date: bool) -> str:
    """What the dialect says of this very column or file."""
    return (choice.dates or match.source.dates) if is_date else match.source.decimal
