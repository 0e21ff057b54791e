"""Keeping the customers' lives and what each brought in each month: what any period's churn is counted from.

One number for the month in which a customer came, one for that in which it left, its dimensions, and one row a customer
and month in which it bought. `lives` counts from what is written here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from kpilib.compute.store import smallest
from kpilib.model.panels import panel

if TYPE_CHECKING:
    from kpilib.compute.build import Builder

#: Of more customers than this the engine is asked.
MOST_LIVES = 5_000_000
#: Months of customers who came before the data, and of those who have not left.
EARLY, NEVER = -(2**30), 2**30
#: The dimensions that all others of a customer follow from.
OWN = ("customer", "owner", "source")


def keep_lives(builder: Builder) -> dict[str, Any]:
    """Write the lives; empty where there are none, or too many.

    Returns
    -------
    dict
        `customers`: how many; `acquired`, `churned` (month numbers) and `own` (by dimension): places of arrays, one
        entry a customer; `sold`: places of `month` (ascending), `customer` (its entry) and `revenue`.
    """
    listed = panel("customer_lives").sql(builder.scope, OWN)
    rows = builder.engine.arrow(f"SELECT COUNT(*) AS n FROM (\n{listed}\n) AS l")["n"][0].as_py()
    if not 0 < rows <= MOST_LIVES:
        return {}
    table = builder.engine.arrow(f"SELECT * FROM (\n{listed}\n) AS l ORDER BY customer_id")
    put, labels = builder.writer.put, builder.labels
    codes = {name: builder.codes(name, table[name]) for name in OWN}
    return {
        "customers": table.num_rows,
        "acquired": put(_months(table["acquired_on"], EARLY)),
        "churned": put(_months(table["churned_on"], NEVER)),
        "own": {name: put(smallest(one, len(labels[name]))) for name, one in codes.items()},
        "sold": _sold(builder, table["customer_id"]),
    }


def _sold(builder: Builder, customers: pa.ChunkedArray) -> dict[str, Any]:
    """What each customer brought in each month in which it bought, by month."""
    lines = builder.scope.source("order_lines")
    month = "CAST(date_trunc('month', ordered_on) AS DATE)"
    table = builder.engine.arrow(
        f"SELECT customer_id, {month} AS month, SUM(revenue) AS revenue FROM {lines} AS order_lines "
        f"WHERE ordered_on <= {builder.scope.today()} GROUP BY customer_id, {month} ORDER BY 2, 1"
    )
    place = pa.compute.index_in(table["customer_id"], value_set=customers.combine_chunks())
    known = place.is_valid().to_numpy(zero_copy_only=False)
    where = np.nan_to_num(place.to_numpy().astype(float)).astype(np.int32)
    revenue = np.nan_to_num(table["revenue"].cast(pa.float64()).to_numpy().astype(float))
    put = builder.writer.put
    return {
        "month": put(_months(table["month"], 0)[known]), "customer": put(where[known]), "revenue": put(revenue[known]),
    }  # fmt: skip


def _months(days: pa.ChunkedArray, nothing: int) -> np.ndarray:
    """The month number of each day; `nothing` where there is none."""
    empty = days.is_null().to_numpy(zero_copy_only=False)
    read = np.nan_to_num(days.cast(pa.date32()).cast(pa.int32()).to_numpy().astype(float)).astype(np.int64)
    months = read.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + 1970 * 12
    return np.where(empty, nothing, months).astype(np.int32)
