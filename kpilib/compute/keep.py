"""Keeping the rows of the small panels beside the cubes, column by column, so that a page needs no database for them.

Texts and days become small numbers and a list of what they stand for; numbers stay as they are. The rows are in the
order in which `Book.panel` gives them. `kept` reads what is written here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa

from kpilib.compute.store import Writer, smallest
from kpilib.model.panels import PANELS, Panel
from kpilib.model.scope import Scope
from kpilib.model.tables import TABLES
from kpilib.sources.engine import Engine

#: Panels of order lines grow with the lines: their pages read cubes.
LARGE = ("sales", "orders", "support", "service")
#: A panel of more rows than this is not kept; the engine is asked for it.
MOST = 2_000_000


def keep(engine: Engine, scope: Scope, writer: Writer, coded: Callable[[str], str]) -> dict[str, Any]:
    """Write the columns of every panel that is small enough.

    Parameters
    ----------
    engine : Engine
        Where the tables are.
    scope : Scope
        Which tables exist, and the day.
    writer : Writer
        Takes the arrays.
    coded : callable
        A dimension as it stands in a SELECT: as a small number, where the engine can.

    Returns
    -------
    dict
        By panel: `rows`, and `columns` with the places of each one's arrays. A panel is left out where it is too large,
        where its base is no table, or where a column is of a type that is not known here.
    """
    kept, known = {}, {*TABLES, *scope.tables}
    for name, panel in PANELS.items():
        if name not in LARGE and not panel.spanned and panel.base in known and _rows(engine, scope, panel) <= MOST:
            table = engine.arrow(_sql(engine, scope, panel, coded))
            columns = {column: _column(table[column].combine_chunks(), writer) for column in table.column_names}
            if all(columns.values()):
                kept[name] = {"rows": table.num_rows, "columns": columns}
    return kept


def _rows(engine: Engine, scope: Scope, panel: Panel) -> int:
    counted = engine.arrow(f"SELECT COUNT(*) AS n FROM (\n{panel.sql(scope, {'-'})}\n) AS p")
    return int(counted["n"][0].as_py())


def _sql(engine: Engine, scope: Scope, panel: Panel, coded: Callable[[str], str]) -> str:
    source = panel.sql(scope, panel.everything)
    names = engine.arrow(f"SELECT * FROM (\n{source}\n) AS p LIMIT 0").column_names
    listed = ", ".join(coded(name) if name in panel.dimensions else name for name in names)
    return f"SELECT {listed} FROM (\n{source}\n) AS p ORDER BY {panel.order}"


def _column(values: Any, writer: Writer) -> dict[str, Any]:
    """Where a column's arrays are and what they mean; empty for a type that is not kept."""
    kind = values.type
    if pa.types.is_dictionary(kind) or pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _text(values, writer)
    if pa.types.is_date(kind):
        return _days(values, writer)
    if pa.types.is_timestamp(kind) and kind.tz is None:
        instants = values.to_numpy(zero_copy_only=False)
        return {"kind": "time", "unit": kind.unit, "values": writer.put(instants.view(np.int64))}
    empty = values.is_null().to_numpy(zero_copy_only=False)
    if pa.types.is_boolean(kind):
        flags = np.where(empty, 2, values.fill_null(False).to_numpy(zero_copy_only=False)).astype(np.uint8)
        return {"kind": "flag", "values": writer.put(flags)}
    if pa.types.is_floating(kind):
        return {"kind": "number", "values": writer.put(values.to_numpy(zero_copy_only=False))}
    if pa.types.is_integer(kind):
        whole = {"kind": "whole", "values": writer.put(values.fill_null(0).to_numpy(zero_copy_only=False))}
        return {**whole, "empty": writer.put(empty.view(np.uint8))} if empty.any() else whole
    return {}


def _text(values: Any, writer: Writer) -> dict[str, Any]:
    """Each text as the number of its label; an empty cell has the number after the last one."""
    coded = values if pa.types.is_dictionary(values.type) else values.dictionary_encode()
    labels = [str(label).encode() for label in coded.dictionary.to_pylist()]
    codes = coded.indices.fill_null(len(labels)).to_numpy(zero_copy_only=False)
    ends = np.cumsum([len(label) for label in labels], dtype=np.int64)
    return {
        "kind": "text", "codes": writer.put(smallest(codes, len(labels) + 1)), "ends": writer.put(ends),
        "labels": writer.put(np.frombuffer(b"".join(labels), np.uint8)),
    }  # fmt: skip


def _days(values: Any, writer: Writer) -> dict[str, Any]:
    """Each day as its place among the days that occur; an empty cell has the place after the last one."""
    empty = values.is_null().to_numpy(zero_copy_only=False)
    numbers = values.cast(pa.date32()).cast(pa.int32()).fill_null(0).to_numpy(zero_copy_only=False)
    days = np.unique(numbers[~empty])
    codes = np.where(empty, len(days), np.searchsorted(days, numbers))
    return {"kind": "date", "codes": writer.put(smallest(codes, len(days) + 1)), "days": writer.put(days)}
