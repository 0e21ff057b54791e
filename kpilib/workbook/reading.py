"""The values of a TOML table, each checked as it is taken; what is wrong is said with file, line and key."""

import re
import tomllib
from collections.abc import Mapping
from typing import Any

from kpilib.catalogue import CATALOGUE
from kpilib.errors import BadInput, UnknownName, unknown
from kpilib.model.dimensions import DIMENSIONS
from kpilib.periods import parse


def parsed(text: str, file: str) -> dict[str, Any]:
    """The tables of a TOML text; `BadInput` says where it is not TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{file} is not TOML: {error}.") from error


class Reading:
    """One table of a TOML file.

    Parameters
    ----------
    table : mapping
        Its keys and values.
    file, text : str
        The file's name and what stands in it: for the line of a key.
    place : str
        The table's name: "alerts.mail"; "" for the whole file.
    """

    def __init__(self, table: Mapping[str, Any], file: str, text: str, place: str = "") -> None:
        self._table, self._file, self._text, self._place = table, file, text, place

    def __contains__(self, key: str) -> bool:
        return key in self._table

    @property
    def given(self) -> list[str]:
        """The keys that the table has."""
        return list(self._table)

    # --- what is wrong ------------------------------------------------------------------------------------------

    def where(self, key: str) -> str:
        """A key with its file, line and table: "workbook.toml, line 3, alerts.minimum"."""
        name = f"{self._place}.{key}" if self._place else key
        line = self._line(key)
        return f"{self._file}, line {line}, {name}" if line else f"{self._file}, {name}"

    def bad(self, key: str, said: str) -> BadInput:
        """The error for a value: `said` goes on from "workbook.toml, line 3, alerts.minimum"."""
        return BadInput(f"{self.where(key)} {said}.")

    def only(self, *known: str, what: str = "") -> None:
        """Refuse a key that is not one of these."""
        for key in self._table:
            if key not in known:
                raise self._unknown(key, what or "key", key, known)

    def needed(self, *keys: str) -> None:
        """Refuse a table that lacks one of these, or has it empty."""
        for key in keys:
            if self._table.get(key) in (None, "", []):
                raise BadInput(f"{self._file}: [{self._place}] needs '{key}'.")

    # --- values -------------------------------------------------------------------------------------------------

    def table(self, key: str) -> "Reading":
        value = self._table.get(key, {})
        if not isinstance(value, dict):
            raise self.bad(key, f"must be a table, [{key}]; it is {value!r}")
        return Reading(value, self._file, self._text, f"{self._place}.{key}" if self._place else key)

    def tables(self, key: str) -> list["Reading"]:
        value = self._table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise self.bad(key, f"must be tables, [[{key}]] each")
        return [Reading(one, self._file, self._text, key) for one in value]

    def whole(self, key: str, otherwise: int, least: int, most: int | None = None) -> int:
        value = self._table.get(key, otherwise)
        if type(value) is not int or value < least or (most is not None and value > most):
            span = f"{least} or more" if most is None else f"{least} to {most}"
            raise self.bad(key, f"must be a whole number, {span}; it is {value!r}")
        return value

    def number(self, key: str) -> float:
        value = self._table[key]
        if isinstance(value, bool) or not isinstance(value, int | float) or value - value != 0:
            raise self.bad(key, f"must be a number; it is {value!r}")
        return float(value)

    def share(self, key: str, otherwise: float) -> float:
        """A fraction above 0 and below 1."""
        value = self.number(key) if key in self else otherwise
        if not 0 < value < 1:
            raise self.bad(key, f"must be a fraction between 0 and 1, 0.05 for 5%; it is {value!r}")
        return value

    def flag(self, key: str, otherwise: bool) -> bool:
        value = self._table.get(key, otherwise)
        if not isinstance(value, bool):
            raise self.bad(key, f"must be true or false; it is {value!r}")
        return value

    def text(self, key: str) -> str:
        value = self._table.get(key, "")
        if not isinstance(value, str):
            raise self.bad(key, f"must be a text in quotes; it is {value!r}")
        return value.strip()

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._table.get(key, [])
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
            raise self.bad(key, f"must be a list of texts; it is {value!r}")
        return tuple(dict.fromkeys(one.strip() for one in listed))

    def month(self, key: str) -> int | None:
        """The number of a month, written "2026-06" or as a TOML date; None where it is left out."""
        value = self._table.get(key)
        if value is None:
            return None
        try:
            first, last = parse(value)
        except BadInput as error:
            raise self.bad(key, f"must be a month, '2026-06'; it is {value!r}") from error
        if first != last:
            raise self.bad(key, f"must be one month, '2026-06'; it is {value!r}")
        return first

    def kpi(self, key: str, given: str) -> str:
        if given not in CATALOGUE:
            raise self._unknown(key, "KPI", given, CATALOGUE)
        return given

    def kpis(self, key: str) -> tuple[str, ...]:
        return tuple(self.kpi(key, one) for one in self.texts(key))

    def dimension(self, key: str) -> str:
        given = self.text(key)
        if given and given not in DIMENSIONS:
            raise self._unknown(key, "dimension", given, DIMENSIONS)
        return given

    def dimensions(self, key: str) -> tuple[str, ...]:
        listed = self.texts(key)
        for given in listed:
            if given not in DIMENSIONS:
                raise self._unknown(key, "dimension", given, DIMENSIONS)
        return listed

    # --- how it works -------------------------------------------------------------------------------------------

    def _unknown(self, key: str, what: str, given: str, known: Any) -> UnknownName:
        return UnknownName(f"{self.where(key)}: {unknown(what, given, known)}")

    def _line(self, key: str) -> int | None:
        """The line of a key, where it stands there once in its table; None where the text does not show it plainly."""
        header, found = "", []
        assigned = re.compile(rf"""\s*["']?{re.escape(key)}["']?\s*=""")
        for number, line in enumerate(self._text.splitlines(), 1):
            if opened := re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", line):
                header = opened[1]
                if header in (key, f"{self._place}.{key}"):
                    found.append(number)
            elif header == self._place and assigned.match(line):
                found.append(number)
        return found[0] if len(found) == 1 else None
