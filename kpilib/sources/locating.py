"""After an import: the department of every customer in France whose export does not say it.

By its postal code where there is one, else by its latitude and longitude. Nothing is guessed from a city's name; who
has neither stays without a department.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kpilib.model import places
from kpilib.stats.geography import located

#: A point in no outline belongs to the nearest one within so many kilometres: the outlines are simplified.
COAST = 5.0
#: A point whose customer names a region belongs to that region if it is no further away: a street on a border.
BORDER = 10.0
_WANTED = """SELECT customer_id, department, country, region, postal_code, latitude, longitude FROM made.customers
WHERE department IS NOT NULL OR postal_code IS NOT NULL OR (latitude IS NOT NULL AND longitude IS NOT NULL)"""


def departments(con: duckdb.DuckDBPyConnection, have: Collection[str]) -> list[str]:
    """Write the departments that are not given, and those given as people write them in one way: "69 Rhône".

    Parameters
    ----------
    con : DuckDBPyConnection
        With the imported tables in the attached database `made`.
    have : collection of str
        The tables that were imported.

    Returns
    -------
    list of str
        A note of how many were found and how; empty where none was.
    """
    if "customers" not in have:
        return []
    rows = con.execute(_WANTED).df()
    if rows.empty:
        return []
    by_code, by_place = _by_postal_code(rows), _by_place(rows)
    given = _each(rows["department"], places.department_of)
    found = np.where(given != "", given, np.where(by_code != "", by_code, by_place))
    written = rows["department"].notna().to_numpy()
    told = pd.DataFrame({"customer_id": rows["customer_id"], "department": [places.label(one) for one in found]})
    told = told[found != ""]
    if told.empty:
        return []
    con.register("told", told)
    con.execute(
        "UPDATE made.customers SET department = told.department FROM told "
        "WHERE told.customer_id = customers.customer_id"
    )
    con.unregister("told")
    codes, points = int((~written & (by_code != "")).sum()), int((~written & (by_code == "") & (by_place != "")).sum())
    said = [f"{codes:,} by postal code"] if codes else []
    said += [f"{points:,} by latitude and longitude"] if points else []
    return [f"customers: the department was found {' and '.join(said)}"] if said else []


def _by_postal_code(rows: pd.DataFrame) -> NDArray[Any]:
    """By postal code, for customers who are in France: five digits are a postal code elsewhere too."""
    french = _each(rows["country"], places.is_france).astype(bool)
    nowhere = rows["country"].isna().to_numpy() & (_each(rows["region"], places.region_of) != "")
    codes = _each(rows["postal_code"], places.of_postal_code)
    return np.where(french | nowhere, codes, "")


def _by_place(rows: pd.DataFrame) -> NDArray[Any]:
    """By point in polygon; of two departments at a border, the one in the region that the customer names."""
    areas = places.areas("department")
    lat, lon = (pd.to_numeric(rows[name]).to_numpy(float) for name in ("latitude", "longitude"))
    codes = np.array([*(area.code for area in areas), ""], object)
    found = codes[located(lat, lon, [area.rings for area in areas], COAST)]
    region_of = {area.code: area.region for area in areas} | {"": ""}
    named = _each(rows["region"], places.region_of)
    for region in set(named) - {""}:
        off = np.flatnonzero((named == region) & (found != "") & ([region_of[one] != region for one in found]))
        within = [area for area in areas if area.region == region]
        own = located(lat[off], lon[off], [area.rings for area in within], BORDER)
        found[off] = [within[at].code if at >= 0 else before for at, before in zip(own, found[off], strict=True)]
    return found


def _each(column: pd.Series[Any], of: Callable[[object], object]) -> NDArray[Any]:
    """A function of each text, asked once a different text; of an empty cell, empty text."""
    texts = column.astype(object)
    known = {text: of(text) for text in texts.dropna().unique()}
    return np.array([known.get(text, "") for text in texts], object)
