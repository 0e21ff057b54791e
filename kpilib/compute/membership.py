"""The members of a dimension: which there are, and how many rows each has. What a `Book` knows of its dimensions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import cached_property
from typing import Any

import pandas as pd

from kpilib.compute.cube import Cubes
from kpilib.errors import unknown
from kpilib.model.dimensions import DIMENSIONS, NOT_GIVEN
from kpilib.model.panels import panel
from kpilib.sources.engine import Engine, frame


class Membership:
    """The part of a book that names members: from its cubes where they have counted them, else from its engine."""

    about: Any  # kpilib.about.About, which stands above this part
    cubes: Cubes | None
    _connect: Callable[[], Engine]
    _listed: dict[tuple[str, tuple[str, ...]], pd.DataFrame]

    @cached_property
    def engine(self) -> Engine:
        """The database behind the book, opened when it is first needed."""
        return self._connect()

    def members(self, dimension: str, panel_name: str | None = None) -> pd.DataFrame:
        """The members of a dimension, each with its rows; columns member, rows.

        The rows are those of one panel, or of deals, order lines and activities together; where these have none, of
        answers, requests and customers. In alphabetical order, "(not given)" last. Empty where the data have no rows.
        """
        if dimension not in DIMENSIONS:
            raise unknown("dimension", dimension, DIMENSIONS)
        names = (panel(panel_name).name,) if panel_name else ("deals", "sales", "activities")
        if (dimension, names) not in self._listed:
            counts = self._rows_of(dimension, names)
            if not counts and not panel_name:
                counts = self._rows_of(dimension, ("answers", "tickets", "customer_lives"))
            ordered = sorted(counts, key=lambda m: (m == NOT_GIVEN, m))
            self._listed[dimension, names] = pd.DataFrame({"member": ordered, "rows": [counts[m] for m in ordered]})
        return self._listed[dimension, names].copy()

    def _known(self, dimension: str, members: Iterable[str]) -> None:
        known = self._member_names(dimension)
        for member in members:
            if member not in known:
                raise unknown(f"member of {dimension!r}", member, known)

    def _member_names(self, dimension: str) -> Collection[str]:
        if self.cubes is not None and dimension in self.cubes.index:
            return self.cubes.index[dimension]
        return {NOT_GIVEN, *(str(member) for member in self.members(dimension)["member"])}

    def _rows_of(self, dimension: str, names: Iterable[str]) -> dict[str, int]:
        """The rows of each member in these panels together."""
        counts: dict[str, int] = {}
        for name in names:
            for member, rows in self._members_of(name, dimension).items():
                counts[member] = counts.get(member, 0) + rows
        return counts

    def _members_of(self, name: str, dimension: str) -> dict[str, int]:
        one = panel(name)
        if dimension not in one.dimensions or (one.base and not self.about.rows.get(one.base)):
            return {}
        counted = self.cubes.members(name, dimension) if self.cubes is not None else None
        if counted is not None:
            return counted
        source = one.sql(self.about.scope, {dimension})
        table = frame(self.engine, f"SELECT {dimension} AS member, COUNT(*) AS n FROM ({source}) AS p GROUP BY 1")
        return {str(m): int(n) for m, n in zip(table["member"], table["n"], strict=True)}
